//! What reviewers see: submissions of the site, to make gold of them.

use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject, GoldSource, StorageError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use proto_ids::SubmissionId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Body, Named, Reviewer};
use crate::admin::gold_problem;
use crate::app::App;
use crate::json::time_text;
use crate::problem::Problem;
use crate::session::NothingJson;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SubmissionsJson {
    submissions: Vec<SubmissionJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SubmissionJson {
    id: String,
    asset_id: String,
    task_id: String,
    /// Display name.
    annotator: String,
    submitted_at: String,
    promoted: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PromotedJson {
    /// From 1; the newest is the one that counts.
    gold_version: u32,
}

/// All submissions of the site, the newest first.
#[utoipa::path(get, path = "/review/submissions",
    responses((status = 200, body = SubmissionsJson), (status = 401), (status = 403)))]
pub(crate) async fn submissions(
    State(app): State<Arc<App>>,
    _reviewer: Reviewer,
) -> Result<Json<SubmissionsJson>, Problem> {
    let submissions = app.blocking(|app| {
        let mut submissions = Vec::new();
        for row in app.archive.submissions()? {
            let annotator = app.archive.person(row.person)?.map(|person| person.display_name);
            let gold = app.archive.gold_source(row.asset)?;
            submissions.push(SubmissionJson {
                id: row.submission.to_string(),
                asset_id: row.asset.to_string(),
                task_id: row.task.to_string(),
                annotator: annotator.unwrap_or_default(),
                submitted_at: time_text(row.submitted_at),
                promoted: gold == Some(GoldSource::Promoted(row.submission)),
            });
        }
        Ok::<_, StorageError>(submissions)
    });
    let submissions = submissions.await?.map_err(|cause| Problem::ours(&cause))?;
    Ok(Json(SubmissionsJson { submissions }))
}

/// Makes a submission the gold annotation of its asset.
#[utoipa::path(post, path = "/review/submissions/{id}/promote", params(("id" = String, Path)),
    request_body = NothingJson,
    responses((status = 201, body = PromotedJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn promote(
    State(app): State<Arc<App>>,
    Reviewer(actor): Reviewer,
    Named(submission): Named<SubmissionId>,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<(StatusCode, Json<PromotedJson>), Problem> {
    let (person, now) = (actor.id(), app.now());
    let promoted = app.blocking(move |app| {
        let version = app.archive.submission_promote(submission, person, now).map_err(gold_problem)?;
        let subject = AuditSubject::Submission(submission);
        app.audit(AuditActor::Person(person), AuditAction::SubmissionPromoted, subject, AuditOutcome::Done)?;
        Ok::<_, Problem>(version)
    });
    let gold_version = promoted.await??;
    Ok((StatusCode::CREATED, Json(PromotedJson { gold_version })))
}
