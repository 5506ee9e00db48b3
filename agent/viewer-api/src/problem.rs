//! Refusals as problem documents (RFC 9457), for every answer that is not a success.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal that a person or a program can act on. Holds nothing that the caller did not send.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<String>,
    more: Map<String, Value>,
    retry_after_s: Option<u64>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self { status, code, title, detail: None, more: Map::new(), retry_after_s: None }
    }

    pub(crate) fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed-out", "Sign in first.")
    }

    pub(crate) fn not_yours() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not-yours", "You have no right to this.")
    }

    /// Somebody of the hospital has not let the images out.
    pub(crate) fn quarantined() -> Self {
        Self::new(StatusCode::FORBIDDEN, "quarantined", "The images are kept in quarantine.")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here.")
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request says something impossible.")
            .detail(detail)
    }

    /// A field of the request says something impossible.
    pub(crate) fn invalid_field(field: impl Into<String>, problem: &str) -> Self {
        Self::invalid(problem).with("fields", json!([{"field": field.into(), "problem": problem}]))
    }

    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "The request cannot be read.").detail(detail)
    }

    pub(crate) fn stale_lease() -> Self {
        Self::new(StatusCode::CONFLICT, "stale-lease", "The task was given on; this work is kept apart.")
    }

    pub(crate) fn revision_conflict(revision: u64) -> Self {
        Self::new(StatusCode::CONFLICT, "revision-conflict", "The work has another revision.")
            .with("revision", json!(revision))
    }

    pub(crate) fn slow_down(seconds: u64) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "slow-down", "Too many tries; wait.");
        problem.retry_after_s = Some(seconds);
        problem
    }

    /// The fault is ours. The cause goes to the log, not to the caller.
    pub(crate) fn ours(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %Chain(cause), "a request failed");
        Self::unavailable()
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "This failed here; try again later.")
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// For a request that was refused before it was read.
    pub(crate) fn of_rejection(status: StatusCode) -> Self {
        Self::of_status(status)
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            400 => Self::new(status, "malformed", "The request cannot be read."),
            401 => Self::signed_out(),
            403 => Self::not_yours(),
            404 => Self::not_found(),
            405 => Self::new(status, "method-not-allowed", "This address does not take this method."),
            408 | 504 => Self::new(status, "too-slow", "This took too long."),
            413 => Self::new(status, "too-large", "The request is too large."),
            415 => Self::new(status, "unsupported-media-type", "The content type is not taken here."),
            422 => Self::new(status, "invalid", "The request says something impossible."),
            _ => Self::new(status, "failed", "This failed."),
        }
    }
}

/// An error and its causes on one line.
struct Chain<'a>(&'a dyn std::error::Error);

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(inner) = cause {
            write!(f, ": {inner}")?;
            cause = inner.source();
        }
        Ok(())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut document = Map::new();
        document.insert("type".into(), json!(format!("about:blank#{}", self.code)));
        document.insert("title".into(), json!(self.title));
        document.insert("status".into(), json!(self.status.as_u16()));
        document.insert("code".into(), json!(self.code));
        if let Some(detail) = self.detail {
            document.insert("detail".into(), json!(detail));
        }
        document.extend(self.more);
        let mut response = (self.status, Json(Value::Object(document))).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        metrics::counter!("ringfence_viewer_refusals_total", "code" => self.code).increment(1);
        response
    }
}

/// Gives every failure that is no problem document yet the form of one.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    if !failed || content_type.is_some_and(|value| value == PROBLEM_JSON) {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut problem: Response<Body> = Problem::of_status(status).into_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}
