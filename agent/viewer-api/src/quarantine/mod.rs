//! What reviewers and hospital IT decide about assets whose pixels may carry text.
//!
//! Each decision and each look is in the audit trail before it has an effect.

mod picture;
pub(crate) mod rules;

use std::sync::Arc;

use agent_archive::{
    AuditAction, AuditActor, AuditOutcome, AuditSubject, QuarantineError, QuarantineRow, QuarantineState,
    StorageError,
};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proto_ids::{AssetToken, PersonId};
use serde::Deserialize;

use crate::access::{Body, Named, QuarantineKeeper};
use crate::app::App;
use crate::json::quarantine::{QuarantineJson, QuarantineStateJson, QuarantinedJson};
use crate::problem::Problem;
use crate::session::NothingJson;
use crate::voxels;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateQuery {
    /// Only assets in this state; all when it is left out.
    state: Option<QuarantineStateJson>,
}

/// Assets whose pixels may carry text, and what was decided about them.
#[utoipa::path(get, path = "/quarantine", operation_id = "quarantine_list",
    params(("state" = Option<QuarantineStateJson>, Query)),
    responses((status = 200, body = QuarantineJson), (status = 400), (status = 401), (status = 403)))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    _keeper: QuarantineKeeper,
    Query(query): Query<StateQuery>,
) -> Result<Json<QuarantineJson>, Problem> {
    let wanted = move |row: &QuarantineRow| query.state.is_none_or(|state| state == (&row.state).into());
    let assets = app.blocking(move |app| {
        let rows = app.archive.quarantine()?.into_iter().filter(wanted);
        rows.map(|row| quarantined(app, row)).collect::<Result<_, StorageError>>()
    });
    Ok(Json(QuarantineJson { assets: assets.await?.map_err(ours)? }))
}

/// Lets annotators and models have an asset as it is.
#[utoipa::path(post, path = "/quarantine/{id}/release", operation_id = "quarantine_release",
    params(("id" = String, Path)), request_body = NothingJson,
    responses((status = 200, body = QuarantinedJson), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(crate) async fn release(
    State(app): State<Arc<App>>,
    QuarantineKeeper(actor): QuarantineKeeper,
    Named(asset): Named<AssetToken>,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<Json<QuarantinedJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let released = app.blocking(move |app| {
        let action = AuditAction::QuarantineReleased;
        let row = app.archive.quarantined(asset).map_err(ours)?.ok_or(QuarantineError::NotQuarantined);
        let allowed = row.and_then(|row| match row.state {
            QuarantineState::Waiting | QuarantineState::Released => Ok(()),
            QuarantineState::Blanked { .. } => Err(QuarantineError::Blanked),
            QuarantineState::Withheld => Err(QuarantineError::Withheld),
        });
        audit(app, person, action, asset, outcome(allowed.is_ok()))?;
        allowed.and_then(|()| app.archive.quarantine_release(asset, person, now)).map_err(refused)?;
        now_json(app, asset)
    });
    released.await?.map(Json)
}

/// Keeps an asset from annotators and models for good, at risk or not.
#[utoipa::path(post, path = "/quarantine/{id}/withhold", operation_id = "quarantine_withhold",
    params(("id" = String, Path)), request_body = NothingJson,
    responses((status = 200, body = QuarantinedJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn withhold(
    State(app): State<Arc<App>>,
    QuarantineKeeper(actor): QuarantineKeeper,
    Named(asset): Named<AssetToken>,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<Json<QuarantinedJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let withheld = app.blocking(move |app| {
        let known = app.archive.asset(asset).map_err(ours)?.is_some();
        audit(app, person, AuditAction::QuarantineWithheld, asset, outcome(known))?;
        app.archive.quarantine_withhold(asset, person, now).map_err(refused)?;
        now_json(app, asset)
    });
    withheld.await?.map(Json)
}

/// A picture of an asset at risk, as it came.
#[utoipa::path(get, path = "/quarantine/{id}/pictures/{number}", operation_id = "quarantine_picture",
    params(("id" = String, Path), ("number" = u32, Path, description = "From 0, in the order of the asset")),
    responses((status = 200, content_type = "image/png"), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn picture(
    State(app): State<Arc<App>>,
    QuarantineKeeper(actor): QuarantineKeeper,
    Path((asset, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let asset: AssetToken = asset.parse().map_err(|_| Problem::not_found())?;
    let number: usize = number.parse().map_err(|_| Problem::not_found())?;
    let person = actor.id();
    let png = app.computing(move |app| {
        let row = app.archive.quarantined(asset).map_err(ours)?.ok_or_else(Problem::not_found)?;
        audit(app, person, AuditAction::QuarantineViewed, asset, AuditOutcome::Done)?;
        let (slice, description) = voxels::original_slice(&app.archive, &row.asset, number)?;
        let size = row.asset.pictures.get(number).map(|picture| [picture.columns, picture.rows]);
        picture::png(&slice, &description, size)
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, png.await??).into_response())
}

fn quarantined(app: &App, row: QuarantineRow) -> Result<QuarantinedJson, StorageError> {
    let by = row.decided_by.map(|by| app.archive.person(by)).transpose()?.flatten();
    Ok(QuarantinedJson::new(row, by.map(|person| person.display_name)))
}

fn now_json(app: &App, asset: AssetToken) -> Result<QuarantinedJson, Problem> {
    let row = app.archive.quarantined(asset).map_err(ours)?.ok_or_else(Problem::not_found)?;
    quarantined(app, row).map_err(ours)
}

fn refused(error: QuarantineError) -> Problem {
    let conflict = |code, title| Problem::new(StatusCode::CONFLICT, code, title);
    match error {
        QuarantineError::UnknownAsset | QuarantineError::NotQuarantined => Problem::not_found(),
        QuarantineError::Blanked => {
            conflict("blanked", "A rule for its device has released this already, painted over.")
        }
        QuarantineError::Withheld => conflict("withheld", "This was withheld for good."),
        QuarantineError::Storage(cause) => ours(cause),
    }
}

const fn outcome(done: bool) -> AuditOutcome {
    if done { AuditOutcome::Done } else { AuditOutcome::Refused }
}

fn audit(
    app: &App,
    person: PersonId,
    action: AuditAction,
    asset: AssetToken,
    outcome: AuditOutcome,
) -> Result<(), Problem> {
    app.audit(AuditActor::Person(person), action, AuditSubject::Asset(asset), outcome)
}

fn ours(cause: StorageError) -> Problem {
    Problem::ours(&cause)
}
