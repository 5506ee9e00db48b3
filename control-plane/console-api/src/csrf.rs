//! Refuses changes that another site's page could have caused.
//!
//! The cookie is `SameSite=Strict`; beyond that a change needs a header and a content type that a
//! plain form cannot send, and must come from this very origin.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::Problem;

const HEADER: &str = "x-ringfence";

pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !reads && let Err(problem) = check(request.headers(), request.uri()) {
        return problem.into_response();
    }
    next.run(request).await
}

fn check(headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let foreign =
        |why| Problem::new(StatusCode::FORBIDDEN, "cross-site", "This came from another site.").detail(why);
    if text(HEADER) != Some("1") {
        return Err(foreign("the header x-ringfence is missing"));
    }
    let (fetch_site, origin) = (text("sec-fetch-site"), text("origin"));
    if fetch_site.is_some_and(|site| site != "same-origin") {
        return Err(foreign("sec-fetch-site is not same-origin"));
    }
    if fetch_site.is_none() && origin.is_none() {
        return Err(foreign("neither origin nor sec-fetch-site is there"));
    }
    if origin.is_some_and(|origin| !own(origin, headers, uri)) {
        return Err(foreign("the origin is not this site"));
    }
    let essence = text("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let title = "Changes are sent as application/json.";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", title))
}

/// Whether an origin is the host that was asked; HTTP/2 has the host in the URI.
fn own(origin: &str, headers: &HeaderMap, uri: &Uri) -> bool {
    let from_header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = uri.authority().map(|authority| authority.as_str()).or(from_header) else {
        return false;
    };
    origin.strip_prefix("https://").is_some_and(|named| named.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(pairs: &[(&'static str, &str)]) -> u16 {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        match check(&headers, &Uri::from_static("/api/v1/session")) {
            Ok(()) => 200,
            Err(problem) => problem.into_response().status().as_u16(),
        }
    }

    #[test]
    fn only_this_sites_own_pages_change_things() {
        let (header, json) = (("x-ringfence", "1"), ("content-type", "application/json"));
        let (host, origin) = (("host", "localhost:8444"), ("origin", "https://localhost:8444"));
        assert_eq!(status(&[header, json, host, origin]), 200);
        assert_eq!(status(&[header, json, host, ("sec-fetch-site", "same-origin")]), 200);
        assert_eq!(status(&[json, host, origin]), 403);
        assert_eq!(status(&[header, json, host]), 403);
        assert_eq!(status(&[header, json, host, origin, ("sec-fetch-site", "same-site")]), 403);
        assert_eq!(status(&[header, json, host, ("origin", "https://localhost:8443")]), 403);
        assert_eq!(status(&[header, json, host, ("origin", "http://localhost:8444")]), 403);
        assert_eq!(status(&[header, ("content-type", "text/plain"), host, origin]), 415);
    }
}
