//! Who asks: the holder of a token of hospital IT. A session of the viewer opens nothing here.

use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject, NewAuditEvent, StorageError};
use agent_phi::HeaderText;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::view::View;
use crate::app::App;
use crate::problem::Problem;
use crate::secrets;

/// A caller with a token.
#[derive(Debug, Clone)]
pub(super) struct Holder {
    pub(super) view: Arc<View>,
    may_store: bool,
    /// What hospital IT calls the token.
    name: Option<HeaderText>,
}

impl Holder {
    /// Whether objects are taken from this caller: a token of the original view that was made for it.
    pub(super) fn may_store(&self) -> bool {
        self.may_store && self.view.original()
    }

    /// Writes a line of the audit trail; without it nothing is shown or done. Blocks.
    pub(super) fn audit(
        &self,
        app: &App,
        action: AuditAction,
        subject: AuditSubject,
        outcome: AuditOutcome,
    ) -> Result<(), Problem> {
        let detail = self.name.clone();
        let event = NewAuditEvent { actor: AuditActor::Peer, action, subject, outcome, detail };
        app.archive.audit_append(&event).map(|_| ()).map_err(|cause| Problem::ours(&cause))
    }
}

impl FromRequestParts<Arc<App>> for Holder {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.split_once(' ')).and_then(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer").then(|| secrets::secret_hash(token.trim()))
        });
        let Some(hash) = token else { return Err(unauthorised()) };
        match app.blocking(move |app| holder(app, &hash)).await {
            Ok(Ok(Some(holder))) => Ok(holder),
            Ok(Ok(None)) => Err(unauthorised()),
            Ok(Err(cause)) => Err(Problem::ours(&cause).into_response()),
            Err(problem) => Err(problem.into_response()),
        }
    }
}

fn holder(app: &App, hash: &[u8; 32]) -> Result<Option<Holder>, StorageError> {
    let Some(token) = app.archive.dicomweb_token(hash)? else { return Ok(None) };
    let view = Arc::new(View::of(&token, &app.archive)?);
    Ok(Some(Holder { view, may_store: token.may_store, name: HeaderText::new(token.name).ok() }))
}

fn unauthorised() -> Response {
    let mut response =
        Problem::new(StatusCode::UNAUTHORIZED, "token-refused", "The token is missing or unknown.")
            .into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
