//! Headers that every answer carries: what the browser may load, run, keep and tell.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::problem::Problem;
use crate::secrets;

/// The random value of one answer that lets its own style elements through.
#[derive(Debug, Clone)]
pub(crate) struct StyleNonce(pub(crate) String);

const FIXED: [(HeaderName, &str); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), bluetooth=()",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
    // A year, as the preload lists ask for.
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
];

/// Draws the nonce and sets the headers. `Cache-Control` is `no-store` unless the answer says otherwise.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let nonce = match secrets::random::<16>() {
        Ok(bytes) => STANDARD.encode(bytes),
        Err(cause) => return axum::response::IntoResponse::into_response(Problem::ours(&cause)),
    };
    let policy = content_security_policy(&nonce);
    request.extensions_mut().insert(StyleNonce(nonce));
    let mut response = next.run(request).await;
    set(response.headers_mut(), &policy);
    response
}

fn set(headers: &mut HeaderMap, policy: &str) {
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; \
         img-src 'self' blob:; style-src 'self' 'nonce-{nonce}'; font-src 'self'; frame-ancestors 'none'; \
         base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
    )
}
