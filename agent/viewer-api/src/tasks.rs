//! Tasks as annotators get and see them. Nothing here looks at gold.

use std::sync::Arc;

use agent_archive::{AssetRow, AuditAction, AuditActor, AuditOutcome, AuditSubject, Showing, StorageError};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proto_ids::TaskId;
use proto_instruction::Instruction;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Annotator, Body as JsonBody, Named};
use crate::app::App;
use crate::arbitration::letters;
use crate::held::{Held, held};
use crate::json::instruction::NewerJson;
use crate::json::task::{LeaseJson, TaskJson, VolumeJson};
use crate::json::time_text;
use crate::problem::Problem;
use crate::session::NothingJson;
use crate::slice_stream::{self, outward};
use crate::volumes::{AssetVersion, Description, Prepared, voxel_bytes};
use crate::voxels;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MineJson {
    submitted_today: u64,
    open: u64,
}

/// Gives the next task, or again the one that is held.
#[utoipa::path(post, path = "/tasks/next", request_body = NothingJson,
    responses((status = 200, body = TaskJson), (status = 204), (status = 401), (status = 403)))]
pub(crate) async fn next(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    JsonBody(NothingJson {}): JsonBody<NothingJson>,
) -> Result<Response, Problem> {
    let (person, now) = (actor.id(), app.now());
    let given = app.blocking(move |app| {
        let grant = app.archive.task_next(person, now).map_err(|cause| Problem::ours(&cause))?;
        let Some(grant) = grant else { return Ok(None) };
        if grant.new {
            let subject = AuditSubject::Task(grant.task);
            app.audit(AuditActor::Person(person), AuditAction::TaskGiven, subject, AuditOutcome::Done)?;
        }
        held(app, grant.task, person, now).map(Some)
    });
    match given.await?? {
        Some(held) => Ok(Json(task_json(&app, held).await?).into_response()),
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// How much the caller has done and has left.
#[utoipa::path(get, path = "/tasks/mine", responses((status = 200, body = MineJson), (status = 401), (status = 403)))]
pub(crate) async fn mine(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
) -> Result<Json<MineJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let counts = app.blocking(move |app| app.archive.work_counts(person, now)).await?;
    let counts = counts.map_err(|cause| Problem::ours(&cause))?;
    Ok(Json(MineJson { submitted_today: counts.submitted_today, open: counts.open }))
}

/// A task that the caller holds.
#[utoipa::path(get, path = "/tasks/{id}", operation_id = "task_read", params(("id" = String, Path)),
    responses((status = 200, body = TaskJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
) -> Result<Json<TaskJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let held = app.blocking(move |app| held(app, task, person, now)).await??;
    task_json(&app, held).await.map(Json)
}

/// The voxels of a task that the caller holds: little endian, i fastest, then j; slice after slice, in rising order
/// or from `focus` outward. A colour is three bytes: red, green, blue.
#[utoipa::path(get, path = "/tasks/{id}/volume/pixels", params(("id" = String, Path),
    ("focus" = Option<u32>, Query)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn pixels(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (person, now) = (actor.id(), app.now());
    let focus = focus(query.as_deref())?;
    let held = app.blocking(move |app| {
        let held = held(app, task, person, now)?;
        let subject = AuditSubject::Asset(held.asset.token);
        app.audit(AuditActor::Person(person), AuditAction::VolumeRead, subject, AuditOutcome::Done)?;
        Ok::<_, Problem>(held)
    });
    let asset = held.await??.asset;
    let count = asset.grid.size()[2] as usize;
    let order = focus.map_or_else(|| (0..count).collect(), |focus| outward(focus as usize, count));
    let (length, body) = match voxels::known_bytes(&asset).filter(|_| voxels::is_large(&asset)) {
        Some(length) => (length, slice_stream::of_files(&app, asset, order).await?),
        None => {
            let prepared = prepared(&app, asset).await?;
            (voxel_bytes(&prepared.volume), slice_stream::of_volume(prepared, order))
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    Ok((headers, body).into_response())
}

/// The slice that all others come outward from.
fn focus(query: Option<&str>) -> Result<Option<u32>, Problem> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(None) };
    let number = query.strip_prefix("focus=").and_then(|number| number.parse().ok());
    number.map(Some).ok_or_else(|| Problem::invalid("the query is not focus and the number of a slice"))
}

pub(crate) async fn task_json(app: &Arc<App>, held: Held) -> Result<TaskJson, Problem> {
    let asset = held.asset.clone();
    let (held, terms) = app
        .blocking(move |app| {
            let terms = terms(app, &held)?;
            Ok::<_, Problem>((held, terms))
        })
        .await??;
    let description = described(app, asset.clone()).await?;
    Ok(TaskJson {
        id: held.task.task.to_string(),
        project_title: terms.project_title,
        role: held.role.into(),
        lease: LeaseJson { fencing: held.lease.fencing, expires_at: time_text(held.lease.expires_at) },
        volume: VolumeJson::new(&description, &asset),
        instruction: terms.instruction.as_ref().into(),
        instruction_version: held.lease.instruction_version,
        newer: terms.newer,
        others: terms.letters,
    })
}

/// What the work on a held task follows.
struct Terms {
    project_title: String,
    instruction: Arc<Instruction>,
    newer: Option<NewerJson>,
    letters: Vec<String>,
}

/// Blocks.
fn terms(app: &App, held: &Held) -> Result<Terms, Problem> {
    let ours = |cause: StorageError| Problem::ours(&cause);
    let project = app.archive.project(held.task.project).map_err(ours)?.ok_or_else(Problem::not_found)?;
    let of_version = |version| app.archive.instruction(held.task.project, version).map_err(ours);
    // Work is judged by the version that its lease follows.
    let instruction = of_version(held.lease.instruction_version)?.ok_or_else(Problem::not_found)?;
    let version = held.task.instruction_version;
    let newer = if version > held.lease.instruction_version { of_version(version)? } else { None };
    Ok(Terms {
        project_title: project.title,
        newer: newer.map(|newer| NewerJson::new(&instruction, version, &newer)),
        instruction,
        letters: letters(app, held)?,
    })
}

/// All voxels of an asset.
pub(crate) async fn prepared(app: &Arc<App>, asset: AssetRow) -> Result<Arc<Prepared>, Problem> {
    let version = version(app, &asset).await?;
    let archive = Arc::clone(&app.archive);
    app.volumes.get(version, move || voxels::whole(&archive, &asset)).await
}

/// What is shown of an asset now.
async fn version(app: &Arc<App>, asset: &AssetRow) -> Result<AssetVersion, Problem> {
    let token = asset.token;
    let showing = app.blocking(move |app| app.archive.asset_showing(token)).await?;
    match showing.map_err(|cause| Problem::ours(&cause))? {
        Showing::Held => Err(Problem::quarantined()),
        showing @ (Showing::AsIs | Showing::Blanked(_)) => Ok(AssetVersion::of(asset, &showing)),
    }
}

/// What a viewer has to know of the voxels of an asset.
async fn described(app: &Arc<App>, asset: AssetRow) -> Result<Arc<Description>, Problem> {
    if !voxels::is_large(&asset) {
        return prepared(app, asset).await.map(|prepared| Arc::clone(&prepared.description));
    }
    let version = version(app, &asset).await?;
    let archive = Arc::clone(&app.archive);
    app.volumes.described(version, move || voxels::sampled(&archive, &asset)).await
}
