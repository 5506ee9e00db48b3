//! Signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

use crate::Console;
use crate::extract::{Body, COOKIE, SignedIn, blocking, session_token};
use crate::json::{Credentials, Empty, SessionJson};
use crate::problem::Problem;

/// How many passwords are hashed at a time: each takes 19 MiB, and anybody may ask.
const HASHERS: u32 = 4;
static HASHING: Semaphore = Semaphore::const_new(HASHERS as usize);

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", operation_id = "session_read", responses((status = 200, body = SessionJson), (status = 401, body = Problem)))]
pub(crate) async fn read(signed_in: SignedIn) -> Json<SessionJson> {
    Json(SessionJson::of(&signed_in.person))
}

/// Signs in; the answer sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/session", operation_id = "session_begin", request_body = Credentials, responses(
    (status = 200, body = SessionJson), (status = 401, body = Problem), (status = 403, body = Problem), (status = 429, body = Problem)))]
pub(crate) async fn begin(
    State(console): State<Console>,
    headers: HeaderMap,
    Body(credentials): Body<Credentials>,
) -> Result<Response, Problem> {
    let permit = HASHING.acquire().await.map_err(|_| Problem::ours())?;
    let signed_in = blocking(&console, move |app| {
        let signed_in = app.sign_in(&credentials.user_name, &credentials.password);
        // The permit went along: a caller that gave up does not free the place of a hash at work.
        drop(permit);
        signed_in
    })
    .await?;
    // A session that was there before ends: its cookie is about to be replaced.
    if let Some(former) = session_token(&headers) {
        blocking(&console, move |app| app.sign_out(&former)).await?;
    }
    let cookie = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict", signed_in.token);
    Ok(([(header::SET_COOKIE, cookie)], Json(SessionJson::of(&signed_in.person))).into_response())
}

/// Signs out.
#[utoipa::path(post, path = "/api/v1/session/end", operation_id = "session_end", request_body = Empty, responses((status = 204)))]
pub(crate) async fn end(
    State(console): State<Console>,
    headers: HeaderMap,
    _empty: Body<Empty>,
) -> Result<Response, Problem> {
    if let Some(token) = session_token(&headers) {
        blocking(&console, move |app| app.sign_out(&token)).await?;
    }
    let cookie = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    let clear =
        (HeaderName::from_static("clear-site-data"), "\"cache\", \"cookies\", \"storage\"".to_owned());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie), clear]).into_response())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::Request;
    use control_plane_app::{App, Presence};
    use control_plane_store::Embedded;
    use proto_ids::{Clock, Timestamp};
    use tower::ServiceExt;

    use super::*;
    use crate::JoinPoint;

    #[derive(Debug)]
    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(1_800_000_000_000)
        }
    }

    async fn sign_in(console: &Console) -> StatusCode {
        let request = Request::post("/api/v1/session")
            .header("x-ringfence", "1")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/json")
            .body(r#"{"user_name": "nobody", "password": "none at all"}"#.to_owned())
            .unwrap();
        crate::router(console.clone()).oneshot(request).await.unwrap().status()
    }

    // The clock stands still as long as anything works; it jumps to the request's time-out when all wait.
    #[tokio::test(start_paused = true)]
    async fn no_more_passwords_are_hashed_at_once_than_memory_allows() {
        let place = tempfile::tempdir().unwrap();
        let store = Embedded::open_on_disk(place.path(), [1; 16]).unwrap().store;
        let join = JoinPoint { authority_spki_sha256: [3; 32], endpoint: "localhost:7443".to_owned() };
        let app = App::new(Arc::new(store), Arc::new(Still), Presence::default());
        let console = Console { app, join: Arc::new(join) };
        let all = HASHING.acquire_many(HASHERS).await.unwrap();
        assert_eq!(sign_in(&console).await, StatusCode::SERVICE_UNAVAILABLE);
        drop(all);
        assert_eq!(sign_in(&console).await, StatusCode::UNAUTHORIZED);
    }
}
