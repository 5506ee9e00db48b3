//! Handing work in, and why it is not taken.

use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject, SubmissionReceipt};
use agent_work::{FencingRefusal, Override, SubmitProblem, Verdict, VerdictProblem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_ids::{PersonId, TaskId, Timestamp};
use serde_json::json;

use crate::access::{Annotator, Body, Named};
use crate::app::App;
use crate::held::member;
use crate::json::finding::{FindingJson, IncompleteJson, MissingFieldJson};
use crate::json::submit::{SubmitJson, SubmittedJson};
use crate::json::time_text;
use crate::lease::fencing_problem;
use crate::ports::{SubmitRefusal, SubmitRequest};
use crate::problem::Problem;

/// More reasons than this are refused: an instruction has at most 255 objects with 10 checks, and its rules.
const OVERRIDES: usize = 5_000;
/// 16 letters, each with 255 objects and the answers.
const VERDICTS: usize = 16 * 256;

/// Hands the work in.
#[utoipa::path(post, path = "/tasks/{id}/submit", params(("id" = String, Path)), request_body = SubmitJson,
    responses((status = 201, body = SubmittedJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422, body = IncompleteJson)))]
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    Body(body): Body<SubmitJson>,
) -> Result<(StatusCode, Json<SubmittedJson>), Problem> {
    let person = actor.id();
    let request = request(task, person, body, app.now())?;
    let receipt = app.blocking(move |app| {
        member(app, task, person)?;
        let receipt = match app.submitter.submit(request) {
            Ok(receipt) => receipt,
            Err(refusal) => return receipt_again(app, task, person, refusal),
        };
        let subject = AuditSubject::Submission(receipt.submission);
        app.audit(AuditActor::Person(person), AuditAction::WorkSubmitted, subject, AuditOutcome::Done)?;
        Ok::<_, Problem>(receipt)
    });
    let receipt = receipt.await??;
    let body = SubmittedJson {
        submission_id: receipt.submission.to_string(),
        submitted_at: time_text(receipt.submitted_at),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

fn request(
    task: TaskId,
    person: PersonId,
    body: SubmitJson,
    now: Timestamp,
) -> Result<SubmitRequest, Problem> {
    if body.overrides.len() > OVERRIDES {
        return Err(Problem::invalid("there are more than 5,000 overrides"));
    }
    if body.verdicts.len() > VERDICTS {
        return Err(Problem::invalid("there are more than 4,096 verdicts"));
    }
    let verdicts = body.verdicts.into_iter().map(Verdict::try_from).collect::<Result<_, _>>()?;
    let overrides = body.overrides.into_iter().map(Override::from).collect();
    let (fencing, revision) = (body.fencing, body.revision);
    Ok(SubmitRequest { task, person, fencing, revision, overrides, verdicts, now })
}

/// The receipt of work that was handed in before, for whoever lost it; else the refusal. Blocks.
fn receipt_again(
    app: &App,
    task: TaskId,
    person: PersonId,
    refusal: SubmitRefusal,
) -> Result<SubmissionReceipt, Problem> {
    if refusal != SubmitRefusal::Fencing(FencingRefusal::Submitted) {
        return Err(submit_problem(refusal));
    }
    let receipt = app.archive.submission_of(task, person).map_err(|cause| Problem::ours(&cause))?;
    receipt.ok_or_else(|| submit_problem(refusal))
}

fn submit_problem(refusal: SubmitRefusal) -> Problem {
    match refusal {
        SubmitRefusal::UnknownTask => Problem::not_found(),
        SubmitRefusal::Withdrawn => {
            Problem::new(StatusCode::CONFLICT, "withdrawn", "This task was withdrawn.")
        }
        SubmitRefusal::Fencing(refusal) => fencing_problem(refusal),
        SubmitRefusal::RevisionConflict { revision } => Problem::revision_conflict(revision),
        SubmitRefusal::Incomplete { problems } => incomplete(&problems),
        SubmitRefusal::Verdicts(problem) => verdict_problem(problem),
        SubmitRefusal::Unavailable => Problem::unavailable(),
    }
}

fn verdict_problem(problem: VerdictProblem) -> Problem {
    let refused =
        |code, title| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title).detail(problem.to_string());
    let (refused, letter, object_id) = match problem {
        VerdictProblem::NotArbiter => return refused("not-arbiter", "Only an arbiter judges others."),
        VerdictProblem::Missing { letter, object_id } => {
            (refused("verdict-missing", "A verdict is missing."), letter, object_id)
        }
        VerdictProblem::Unknown { letter, object_id } => {
            (refused("verdict-unknown", "There is a verdict on nothing."), letter, object_id)
        }
        VerdictProblem::Twice { letter, object_id } => {
            (refused("verdict-twice", "There are two verdicts on one thing."), letter, object_id)
        }
    };
    refused.with("letter", json!(letter.to_string())).with("object_id", json!(object_id))
}

/// All that stands in the way; and the questions among it, for the form.
fn incomplete(problems: &[SubmitProblem]) -> Problem {
    let found = problems.iter().map(SubmitProblem::finding);
    let IncompleteJson { fields, findings } = IncompleteJson {
        fields: found.clone().filter_map(|finding| MissingFieldJson::new(&finding)).collect(),
        findings: found.map(|finding| FindingJson::from(&finding)).collect(),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "incomplete", "Something is missing.")
        .with("fields", json!(fields))
        .with("findings", json!(findings))
}
