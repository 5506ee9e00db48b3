//! What handlers take out of a request: who is signed in, a JSON body, an id of the path.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use control_plane_app::{App, AppError, FieldProblem};
use control_plane_domain::{Actor, Person};
use serde::de::DeserializeOwned;

use crate::Console;
use crate::problem::Problem;

pub(crate) const COOKIE: &str = "__Host-console";

/// Whoever is signed in.
pub(crate) struct SignedIn {
    pub(crate) person: Person,
    pub(crate) actor: Actor,
}

impl FromRequestParts<Console> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Problem> {
        let token = session_token(&parts.headers).ok_or(Problem::from(AppError::SignedOut))?;
        let (person, actor) = blocking(console, move |app| app.session_person(&token)).await?;
        Ok(Self { person, actor })
    }
}

/// The value of the session's cookie.
pub(crate) fn session_token(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Console> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Problem> {
        let bytes = axum::body::Bytes::from_request(request, console).await.map_err(|rejection| {
            let title = "The body is too large or did not come whole.";
            Problem::new(rejection.status(), "body-refused", title)
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            // The message names fields and places of the sender's own JSON.
            let title = "The body is not the JSON that is wanted here.";
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title).detail(error.to_string())
        })
    }
}

/// Runs a use case on a thread that may block.
pub(crate) async fn blocking<R: Send + 'static>(
    console: &Console,
    work: impl FnOnce(&App) -> Result<R, AppError> + Send + 'static,
) -> Result<R, Problem> {
    let app = console.app.clone();
    match tokio::task::spawn_blocking(move || work(&app)).await {
        Ok(result) => result.map_err(Problem::from),
        Err(_) => Err(Problem::ours()),
    }
}

/// An id in the path; what is no id names nothing.
pub(crate) fn path_id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// An id in a query or body.
pub(crate) fn field_id<T: FromStr>(text: &str, field: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| AppError::Invalid(vec![FieldProblem::new(field, "not an id")]).into())
}

/// The ids of a list in a body.
pub(crate) fn field_ids<T: FromStr>(texts: &[String], field: &str) -> Result<Vec<T>, Problem> {
    texts.iter().enumerate().map(|(index, text)| field_id(text, &format!("{field}[{index}]"))).collect()
}
