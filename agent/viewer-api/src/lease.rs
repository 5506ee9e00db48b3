//! The lease on a task: prolonging it, letting go of it, the version it follows, the time it took.

use std::sync::Arc;

use agent_archive::{Holder, LeaseError, VersionError};
use agent_work::{FencingRefusal, Span};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use proto_ids::TaskId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::access::{Annotator, Body, Named, Use, person_of, session_in};
use crate::app::App;
use crate::held::{held, member};
use crate::json::span::TimeJson;
use crate::json::task::TaskJson;
use crate::json::time_text;
use crate::problem::Problem;
use crate::tasks::task_json;

/// More spans than this in one call are refused.
const SPANS: usize = 500;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FencingJson {
    fencing: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptedVersionJson {
    fencing: u64,
    version: u32,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenewedJson {
    expires_at: String,
}

/// Lets go of a task.
#[utoipa::path(post, path = "/tasks/{id}/release", params(("id" = String, Path)), request_body = FencingJson,
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    Body(FencingJson { fencing }): Body<FencingJson>,
) -> Result<StatusCode, Problem> {
    let holder = Holder { task, person: actor.id(), fencing };
    let released = app.blocking(move |app| app.archive.lease_release(holder)).await?;
    released.map_err(lease_problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Prolongs the lease.
#[utoipa::path(post, path = "/tasks/{id}/renew", params(("id" = String, Path)), request_body = FencingJson,
    responses((status = 200, body = RenewedJson), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(crate) async fn renew(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    Body(FencingJson { fencing }): Body<FencingJson>,
) -> Result<Json<RenewedJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let holder = Holder { task, person, fencing };
    let renewed = app.blocking(move |app| {
        member(app, task, person)?;
        app.archive.lease_renew(holder, now).map_err(lease_problem)
    });
    let grant = renewed.await??;
    Ok(Json(RenewedJson { expires_at: time_text(grant.expires_at) }))
}

/// Moves the work to the newest version of the instruction. What was drawn and said stays.
#[utoipa::path(post, path = "/tasks/{id}/version", params(("id" = String, Path)), request_body = AcceptedVersionJson,
    responses((status = 200, body = TaskJson), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(crate) async fn version(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    Body(AcceptedVersionJson { fencing, version }): Body<AcceptedVersionJson>,
) -> Result<Json<TaskJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let holder = Holder { task, person, fencing };
    let moved = app.blocking(move |app| {
        member(app, task, person)?;
        app.archive.version_accept(holder, version, now).map_err(version_problem)?;
        held(app, task, person, now)
    });
    task_json(&app, moved.await??).await.map(Json)
}

/// Takes down what the caller was doing, and when. Sending it twice does no harm.
#[utoipa::path(post, path = "/tasks/{id}/time", params(("id" = String, Path)), request_body = TimeJson,
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(crate) async fn time(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    headers: HeaderMap,
    Body(TimeJson { fencing, spans }): Body<TimeJson>,
) -> Result<StatusCode, Problem> {
    if spans.len() > SPANS {
        return Err(Problem::invalid("there are more than 500 spans in one call"));
    }
    let (person, now) = (actor.id(), app.now());
    let spans = spans.iter().filter_map(|span| span.before(now).transpose());
    let spans = spans.collect::<Result<Vec<Span>, _>>()?;
    let (holder, session) = (Holder { task, person, fencing }, session_in(&headers));
    let taken = app.blocking(move |app| {
        member(app, task, person)?;
        app.archive.time_add(holder, &spans, now).map_err(lease_problem)?;
        // Whoever was looking or drawing is there, also when nothing else was called meanwhile.
        if let Some(session) = session.filter(|_| !spans.is_empty()) {
            person_of(app, &session, Use::Activity, now).map_err(|cause| Problem::ours(&cause))?;
        }
        Ok::<_, Problem>(())
    });
    taken.await??;
    Ok(StatusCode::NO_CONTENT)
}

fn lease_problem(error: LeaseError) -> Problem {
    match error {
        LeaseError::UnknownTask => Problem::not_found(),
        LeaseError::Fencing(refusal) => fencing_problem(refusal),
        LeaseError::Storage(cause) => Problem::ours(&cause),
    }
}

fn version_problem(error: VersionError) -> Problem {
    match error {
        VersionError::UnknownTask => Problem::not_found(),
        VersionError::NotNewest { newest } => Problem::new(
            StatusCode::CONFLICT,
            "not-newest",
            "Another version of the instruction is in force.",
        )
        .with("version", json!(newest)),
        VersionError::Fencing(refusal) => fencing_problem(refusal),
        VersionError::Storage(cause) => Problem::ours(&cause),
    }
}

pub(crate) fn fencing_problem(refusal: FencingRefusal) -> Problem {
    match refusal {
        FencingRefusal::Stale => Problem::stale_lease(),
        FencingRefusal::NotHeld => Problem::not_yours(),
        FencingRefusal::Submitted => {
            Problem::new(StatusCode::CONFLICT, "already-submitted", "This work was handed in.")
        }
    }
}
