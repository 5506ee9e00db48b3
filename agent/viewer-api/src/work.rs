//! Saving work, handing it in, and the lease on it.

use std::sync::Arc;

use agent_archive::{
    AppendError, AuditAction, AuditActor, AuditOutcome, AuditSubject, Holder, LeaseError, SubmissionReceipt,
};
use agent_work::{FencingRefusal, Operation, OperationRefusal, SubmitProblem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_ids::{SubmissionId, TaskId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::access::{Annotator, Body, Named};
use crate::app::App;
use crate::json::time_text;
use crate::json::work::{OperationsJson, WorkJson};
use crate::ports::{SubmitRefusal, SubmitRequest};
use crate::problem::Problem;
use crate::tasks::{held, member};

/// More operations than this in one call are refused; the viewer sends what it has in several.
const OPERATIONS: usize = 1_000;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RevisionJson {
    revision: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FencingJson {
    fencing: u64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SubmitJson {
    fencing: u64,
    revision: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubmittedJson {
    submission_id: String,
    submitted_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenewedJson {
    expires_at: String,
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

/// Hands the work in.
#[utoipa::path(post, path = "/tasks/{id}/submit", params(("id" = String, Path)), request_body = SubmitJson,
    responses((status = 201, body = SubmittedJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    Body(SubmitJson { fencing, revision }): Body<SubmitJson>,
) -> Result<(StatusCode, Json<SubmittedJson>), Problem> {
    let (person, now) = (actor.id(), app.now());
    let request = SubmitRequest { task, person, fencing, revision, now };
    let receipt = app.blocking(move |app| {
        member(app, task, person)?;
        let receipt = match app.submitter.submit(request) {
            Ok(receipt) => receipt,
            Err(refusal) => return receipt_again(app, request, refusal),
        };
        let subject = AuditSubject::Submission(receipt.submission);
        app.audit(AuditActor::Person(person), AuditAction::WorkSubmitted, subject, AuditOutcome::Done)?;
        Ok::<_, Problem>(receipt)
    });
    let receipt = receipt.await??;
    let submission: SubmissionId = receipt.submission;
    let body = SubmittedJson {
        submission_id: submission.to_string(),
        submitted_at: time_text(receipt.submitted_at),
    };
    Ok((StatusCode::CREATED, Json(body)))
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

/// The receipt of work that was handed in before, for whoever lost it; else the refusal. Blocks.
fn receipt_again(
    app: &App,
    request: SubmitRequest,
    refusal: SubmitRefusal,
) -> Result<SubmissionReceipt, Problem> {
    if refusal != SubmitRefusal::Fencing(FencingRefusal::Submitted) {
        return Err(submit_problem(refusal));
    }
    let receipt =
        app.archive.submission_of(request.task, request.person).map_err(|cause| Problem::ours(&cause))?;
    receipt.ok_or_else(|| submit_problem(refusal))
}

fn lease_problem(error: LeaseError) -> Problem {
    match error {
        LeaseError::UnknownTask => Problem::not_found(),
        LeaseError::Fencing(refusal) => fencing_problem(refusal),
        LeaseError::Storage(cause) => Problem::ours(&cause),
    }
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

fn fencing_problem(refusal: FencingRefusal) -> Problem {
    match refusal {
        FencingRefusal::Stale => Problem::stale_lease(),
        FencingRefusal::NotHeld => Problem::not_yours(),
        FencingRefusal::Submitted => {
            Problem::new(StatusCode::CONFLICT, "already-submitted", "This work was handed in.")
        }
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
        | OperationRefusal::UnknownLabel { .. }
        | OperationRefusal::WrongTool
        | OperationRefusal::NotNewest
        | OperationRefusal::NotUndone
        | OperationRefusal::UnknownQuestion { .. }
        | OperationRefusal::InvalidAnswer { .. } => {
            Problem::invalid(refusal.to_string()).with("problem", json!(refusal.code()))
        }
    }
}

fn submit_problem(refusal: SubmitRefusal) -> Problem {
    match refusal {
        SubmitRefusal::UnknownTask => Problem::not_found(),
        SubmitRefusal::Withdrawn => {
            Problem::new(StatusCode::CONFLICT, "withdrawn", "This task was withdrawn.")
        }
        SubmitRefusal::Fencing(refusal) => fencing_problem(refusal),
        SubmitRefusal::RevisionConflict { revision } => Problem::revision_conflict(revision),
        SubmitRefusal::Incomplete { problems } => {
            let fields: Vec<Value> = problems.into_iter().map(missing_field).collect();
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "incomplete", "Something is missing.")
                .with("fields", json!(fields))
        }
        SubmitRefusal::Unavailable => Problem::unavailable(),
    }
}

fn missing_field(problem: SubmitProblem) -> Value {
    match problem {
        SubmitProblem::AnswerMissing { question_id } => {
            json!({"question_id": question_id, "problem": "required"})
        }
        SubmitProblem::AnswerInvalid { question_id, problem } => {
            json!({"question_id": question_id, "problem": problem.code()})
        }
        SubmitProblem::UnknownQuestion { question_id } => {
            json!({"question_id": question_id, "problem": "unknown-question"})
        }
        SubmitProblem::UnknownLabel { label } => json!({"label": label, "problem": "unknown-label"}),
    }
}
