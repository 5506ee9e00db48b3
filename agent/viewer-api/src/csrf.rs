//! Refuses state changes that another site's page could have caused.
//!
//! The cookie is `SameSite=Strict`; this asks for a header that a plain form cannot send, a content
//! type that a plain form cannot send, and an origin that is ours.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

const HEADER: &str = "x-ringfence";

pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let safe = request.method() == Method::GET || request.method() == Method::HEAD;
    if !safe && let Err(problem) = check(request.method(), request.headers(), request.uri()) {
        return problem.into_response();
    }
    next.run(request).await
}

fn check(method: &Method, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let refused = |why: &str| {
        Problem::new(StatusCode::FORBIDDEN, "cross-site", "This came from another site.").detail(why)
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text(HEADER) != Some("1") {
        return Err(refused("the header x-ringfence is missing"));
    }
    let fetch_site = text("sec-fetch-site");
    if fetch_site.is_some_and(|site| site != "same-origin") {
        return Err(refused("sec-fetch-site is not same-origin"));
    }
    match text("origin") {
        Some(origin) if !same_origin(origin, headers, uri) => {
            return Err(refused("the origin is not this site"));
        }
        None if fetch_site.is_none() => return Err(refused("neither origin nor sec-fetch-site is there")),
        Some(_) | None => {}
    }
    // No form can send this method, and it has no body to have a type.
    if method == Method::DELETE {
        return Ok(());
    }
    let content_type = text("content-type").unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if matches!(essence, "application/json" | "application/octet-stream") {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "The content type is not taken here.",
        ))
    }
}

/// Whether an origin names the host that the request was sent to. HTTP/2 has the host in its URI.
fn same_origin(origin: &str, headers: &HeaderMap, uri: &Uri) -> bool {
    let in_header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(|authority| authority.as_str()).or(in_header);
    let Some(host) = host else { return false };
    origin.strip_prefix("https://").is_some_and(|named| named.eq_ignore_ascii_case(host))
}
