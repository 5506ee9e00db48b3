//! The viewer's own files, built into the program.

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;

use crate::headers::StyleNonce;
use crate::problem::Problem;

#[derive(Debug, Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../viewer/dist"]
#[allow_missing = true]
struct Files;

const INDEX: &str = "index.html";
/// Where the index has the nonce of its answer.
const NONCE_PLACE: &str = "__CSP_NONCE__";

/// A file, or the index for a path of the viewer's own routes.
pub(crate) async fn file(method: Method, uri: Uri, Extension(nonce): Extension<StyleNonce>) -> Response {
    let path = uri.path().trim_start_matches('/');
    let api = path.starts_with("api/") || path.starts_with("dicom-web/");
    if api || !(method == Method::GET || method == Method::HEAD) {
        return Problem::not_found().into_response();
    }
    // A route of the viewer has no dot; a missing file must not look like a page.
    let wanted = if path.is_empty() || !path.contains('.') { INDEX } else { path };
    let Some(found) = Files::get(wanted) else {
        return Problem::not_found().into_response();
    };
    if wanted == INDEX {
        return index(&found.data, &nonce);
    }
    // The build names what is below assets/ after its content.
    let caching =
        if wanted.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, content_type(wanted)), (header::CACHE_CONTROL, caching)];
    (headers, Body::from(found.data)).into_response()
}

fn index(data: &[u8], nonce: &StyleNonce) -> Response {
    let page = String::from_utf8_lossy(data).replace(NONCE_PLACE, &nonce.0);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    ([(header::CONTENT_TYPE, html)], page).into_response()
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
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_index_carries_the_nonce_of_its_answer() {
        let nonce = StyleNonce("abc".into());
        let response = index(b"<style nonce=\"__CSP_NONCE__\"></style>", &nonce);
        let page = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        assert_eq!(page, "<style nonce=\"abc\"></style>");
    }
}
