//! Refusals as `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use control_plane_app::{AppError, FieldProblem};
use serde::Serialize;
use utoipa::ToSchema;

/// A refusal as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `about:blank#CODE`.
    #[serde(rename = "type")]
    kind: String,
    /// For people.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// For programs.
    code: &'static str,
    /// More about this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
    /// Fields that cannot be taken as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
    #[serde(skip)]
    retry_after_seconds: Option<u32>,
}

/// A field that cannot be taken as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Field {
    /// As `objects[0].name`.
    field: String,
    /// For people.
    problem: String,
}

impl From<FieldProblem> for Field {
    fn from(problem: FieldProblem) -> Self {
        Self { field: problem.field, problem: problem.problem }
    }
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            kind: format!("about:blank#{code}"),
            title,
            status: status.as_u16(),
            code,
            detail: None,
            fields: Vec::new(),
            retry_after_seconds: None,
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn fields(mut self, fields: Vec<FieldProblem>) -> Self {
        self.fields = fields.into_iter().map(Field::from).collect();
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here.")
    }

    pub(crate) fn ours() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server could not do this.")
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let text = error.to_string();
        match error {
            AppError::SignedOut => Self::new(StatusCode::UNAUTHORIZED, "signed-out", "Nobody is signed in."),
            AppError::WrongCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "wrong-credentials", "User name or password is wrong.")
            }
            AppError::SlowDown { retry_after_seconds } => {
                let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "slow-down", "Too many tries.");
                problem.retry_after_seconds = Some(u32::try_from(retry_after_seconds).unwrap_or(u32::MAX));
                problem.detail(text)
            }
            AppError::Suspended => Self::new(StatusCode::FORBIDDEN, "suspended", "The person is suspended."),
            AppError::Denied => Self::new(StatusCode::FORBIDDEN, "not-yours", "Not allowed for this person."),
            AppError::NotFound(_) => Self::not_found().detail(text),
            AppError::Exists(_) => {
                Self::new(StatusCode::CONFLICT, "exists", "There is one of this name already.").detail(text)
            }
            AppError::Invalid(fields) => {
                let title = "Some fields cannot be taken as they are.";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", title).fields(fields)
            }
            AppError::NotPublished => {
                Self::new(StatusCode::CONFLICT, "not-published", "The project has no published instruction.")
            }
            AppError::AssetHasNoGold { field } => {
                let title = "An asset has no gold annotation.";
                let fields = vec![FieldProblem::new(field, "this asset has no gold annotation")];
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "asset-has-no-gold", title).fields(fields)
            }
            AppError::Closed => Self::new(StatusCode::CONFLICT, "closed", "The project is closed."),
            AppError::Revoked => Self::new(StatusCode::CONFLICT, "revoked", "The site is revoked."),
            AppError::NoRandomness | AppError::Store(_) => {
                tracing::error!(error = %text, "a use case failed");
                Self::ours()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        metrics::counter!("ringfence_console_refusals_total", "code" => self.code).increment(1);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let content_type = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        if let Some(seconds) = self.retry_after_seconds {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
