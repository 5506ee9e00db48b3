//! Signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::Console;
use crate::extract::{Body, COOKIE, SignedIn, blocking, session_token};
use crate::json::{Credentials, Empty, SessionJson};
use crate::problem::Problem;

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
    Body(credentials): Body<Credentials>,
) -> Result<Response, Problem> {
    let signed_in =
        blocking(&console, move |app| app.sign_in(&credentials.user_name, &credentials.password)).await?;
    let cookie = format!("{COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict", signed_in.token);
    Ok(([(header::SET_COOKIE, cookie)], Json(SessionJson::of(&signed_in.person))).into_response())
}

/// Signs out.
#[utoipa::path(post, path = "/api/v1/session/end", operation_id = "session_end", request_body = Empty, responses((status = 204)))]
pub(crate) async fn end(
    State(console): State<Console>,
    parts: Parts,
    _empty: Body<Empty>,
) -> Result<Response, Problem> {
    if let Some(token) = session_token(&parts) {
        blocking(&console, move |app| app.sign_out(&token)).await?;
    }
    let cookie = format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    let clear =
        (HeaderName::from_static("clear-site-data"), "\"cache\", \"cookies\", \"storage\"".to_owned());
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie), clear]).into_response())
}
