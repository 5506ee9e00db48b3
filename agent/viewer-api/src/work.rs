//! Work on a task: reading it, measuring it, saving it.

use std::sync::Arc;

use agent_archive::{AppendError, Holder};
use agent_work::{FencingRefusal, Operation, OperationRefusal};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_ids::TaskId;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::access::{Annotator, Body, Named};
use crate::app::App;
use crate::facts::facts;
use crate::held::{held, member};
use crate::json::facts::{FactsJson, WorkFactsJson};
use crate::json::operation::OperationsJson;
use crate::json::work::WorkJson;
use crate::lease::fencing_problem;
use crate::problem::Problem;

/// More operations than this in one call are refused; the viewer sends what it has in several.
const OPERATIONS: usize = 1_000;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevisionJson {
    revision: u64,
}

/// The caller's work on a task that they hold.
#[utoipa::path(get, path = "/tasks/{id}/work", operation_id = "work_read", params(("id" = String, Path)),
    responses((status = 200, body = WorkJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
) -> Result<Json<WorkJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let work = app.blocking(move |app| {
        held(app, task, person, now)?;
        let work = app.archive.work_view(task, person).map_err(|cause| Problem::ours(&cause))?;
        work.as_ref().map(WorkJson::from).ok_or_else(Problem::not_found)
    });
    work.await?.map(Json)
}

/// Measures of the caller's saved work, in terms of the version of the instruction that it follows.
#[utoipa::path(get, path = "/tasks/{id}/facts", operation_id = "work_facts", params(("id" = String, Path)),
    responses((status = 200, body = WorkFactsJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn measured(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
) -> Result<Json<WorkFactsJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let measured = app.measuring(move |app| {
        let held = held(app, task, person, now)?;
        let work = app.archive.work_view(task, person).map_err(|cause| Problem::ours(&cause))?;
        let work = work.ok_or_else(Problem::not_found)?;
        let version = held.lease.instruction_version;
        let instruction = app.archive.instruction(held.task.project, version);
        let instruction =
            instruction.map_err(|cause| Problem::ours(&cause))?.ok_or_else(Problem::not_found)?;
        let facts = facts(&instruction, &held.asset.space(), &work.slices, &work.shapes);
        Ok::<_, Problem>(WorkFactsJson { revision: work.revision, facts: FactsJson::from(&facts) })
    });
    measured.await?.map(Json)
}

/// Saves operations. They are durable when this answers.
#[utoipa::path(post, path = "/tasks/{id}/operations", params(("id" = String, Path)), request_body = OperationsJson,
    responses((status = 200, body = RevisionJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub(crate) async fn operations(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    Body(body): Body<OperationsJson>,
) -> Result<Json<RevisionJson>, Problem> {
    if body.operations.len() > OPERATIONS {
        return Err(Problem::invalid("there are more than 1,000 operations in one call"));
    }
    let (person, now) = (actor.id(), app.now());
    let fencing = body.fencing;
    let operations = body.operations.into_iter().map(Operation::try_from).collect::<Result<Vec<_>, _>>()?;
    let holder = Holder { task, person, fencing };
    let appended = app.blocking(move |app| {
        member(app, task, person)?;
        app.archive.operations_append(holder, operations, now).map_err(append_problem)
    });
    let revision = appended.await??;
    Ok(Json(RevisionJson { revision }))
}

fn append_problem(error: AppendError) -> Problem {
    match error {
        AppendError::UnknownTask | AppendError::NotWorkable => Problem::not_found(),
        AppendError::StaleLease => fencing_problem(FencingRefusal::Stale),
        AppendError::NotHeld => fencing_problem(FencingRefusal::NotHeld),
        AppendError::Submitted => fencing_problem(FencingRefusal::Submitted),
        AppendError::Refused { operation, revision, refusal } => operation_problem(refusal)
            .with("operation_id", json!(operation.to_string()))
            .with("revision", json!(revision)),
        AppendError::Storage(cause) => Problem::ours(&cause),
    }
}

fn operation_problem(refusal: OperationRefusal) -> Problem {
    match refusal {
        OperationRefusal::RevisionConflict { revision } => Problem::revision_conflict(revision),
        OperationRefusal::OutOfStep { .. } => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "out-of-step",
            "The labels here are others than the operation says.",
        )
        .detail(refusal.to_string()),
        OperationRefusal::IdReused
        | OperationRefusal::EmptyPaint
        | OperationRefusal::Unordered
        | OperationRefusal::OutOfVolume { .. }
        | OperationRefusal::OutOfPicture { .. }
        | OperationRefusal::UnknownLabel { .. }
        | OperationRefusal::WrongTool
        | OperationRefusal::UnknownObject { .. }
        | OperationRefusal::WrongForm { .. }
        | OperationRefusal::ShapeOutOfVolume
        | OperationRefusal::TooManyShapes
        | OperationRefusal::UnknownShape
        | OperationRefusal::NotStated { .. }
        | OperationRefusal::NotNewest
        | OperationRefusal::NotUndone
        | OperationRefusal::UnknownQuestion { .. }
        | OperationRefusal::InvalidAnswer { .. } => {
            Problem::invalid(refusal.to_string()).with("problem", json!(refusal.code()))
        }
    }
}
