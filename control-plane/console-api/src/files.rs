//! The console's own files, built into the program.

use axum::Extension;
use axum::body::Body;
use axum::http::{Method, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

use crate::headers::StyleNonce;
use crate::problem::Problem;

#[derive(Debug, Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../console/dist"]
#[allow_missing = true]
struct Files;

const INDEX: &str = "index.html";
/// Stands in the index where the nonce of its answer goes.
const NONCE_PLACE: &str = "__CSP_NONCE__";

/// A file, or the index for the pages of the console.
pub(crate) async fn file(method: Method, uri: Uri, Extension(nonce): Extension<StyleNonce>) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || !matches!(method, Method::GET | Method::HEAD) {
        return Problem::not_found().into_response();
    }
    // A page has no dot in its path; a missing file must not look like a page.
    let wanted = if path.contains('.') { path } else { INDEX };
    let Some(found) = Files::get(wanted) else { return Problem::not_found().into_response() };
    if wanted == INDEX {
        let page = String::from_utf8_lossy(&found.data).replace(NONCE_PLACE, &nonce.0);
        return ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
    }
    // What is below assets/ is named after its content.
    let caching =
        if wanted.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, content_type(wanted)), (header::CACHE_CONTROL, caching)];
    (headers, Body::from(found.data)).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" | "map" => "application/json",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
