//! Tasks as annotators get and see them. Nothing here looks at gold.

use std::convert::Infallible;
use std::sync::Arc;

use agent_archive::{
    Archive, AssetRow, AuditAction, AuditActor, AuditOutcome, AuditSubject, SeriesKind, StorageError,
};
use agent_formats::{header as formats_header, nifti, series};
use agent_imaging::Volume;
use agent_imaging::window::windows;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proto_ids::{InstanceToken, TaskId};
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
use crate::volumes::{AssetVersion, Prepared, voxel_bytes};

/// Voxels of one piece of the stream: one or two mebibytes.
const PIECE_VOXELS: usize = 512 * 1024;

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

/// The voxels of a task that the caller holds, little endian, i fastest, then j, then k.
#[utoipa::path(get, path = "/tasks/{id}/volume/pixels", params(("id" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn pixels(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
) -> Result<Response, Problem> {
    let (person, now) = (actor.id(), app.now());
    let held = app.blocking(move |app| {
        let held = held(app, task, person, now)?;
        let subject = AuditSubject::Asset(held.asset.token);
        app.audit(AuditActor::Person(person), AuditAction::VolumeRead, subject, AuditOutcome::Done)?;
        Ok::<_, Problem>(held)
    });
    let prepared = prepared(&app, held.await??.asset).await?;
    let length = voxel_bytes(&prepared.volume);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_LENGTH, HeaderValue::from(length)),
    ];
    Ok((headers, voxel_stream(prepared)).into_response())
}

fn voxel_stream(prepared: Arc<Prepared>) -> Body {
    let count = prepared.volume.voxels().len();
    let pieces = (0..count).step_by(PIECE_VOXELS).map(move |from| {
        let bytes = prepared.volume.voxels().little_endian(from, PIECE_VOXELS);
        Ok::<_, Infallible>(Bytes::from(bytes))
    });
    Body::from_stream(futures::stream::iter(pieces))
}

pub(crate) async fn task_json(app: &Arc<App>, held: Held) -> Result<TaskJson, Problem> {
    let asset = held.asset.clone();
    let (held, terms) = app
        .blocking(move |app| {
            let terms = terms(app, &held)?;
            Ok::<_, Problem>((held, terms))
        })
        .await??;
    let prepared = prepared(app, asset.clone()).await?;
    Ok(TaskJson {
        id: held.task.task.to_string(),
        project_title: terms.project_title,
        role: held.role.into(),
        lease: LeaseJson { fencing: held.lease.fencing, expires_at: time_text(held.lease.expires_at) },
        volume: VolumeJson::new(&prepared, asset.modality, &asset.reasons),
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

async fn prepared(app: &Arc<App>, asset: AssetRow) -> Result<Arc<Prepared>, Problem> {
    let archive = Arc::clone(&app.archive);
    let version = AssetVersion { token: asset.token, arrivals_seen: asset.arrivals_seen };
    app.volumes.get(version, move || prepare(&archive, &asset)).await
}

/// Decodes the voxels of an asset. Blocks, for seconds.
fn prepare(archive: &Archive, asset: &AssetRow) -> Result<Prepared, Problem> {
    let ours = |cause: StorageError| Problem::ours(&cause);
    let content = archive.series_instances(asset.series).map_err(ours)?.ok_or_else(Problem::not_found)?;
    let (volume, from_header, inverted) = match content.kind {
        SeriesKind::Nifti => (nifti_volume(archive, asset)?, Vec::new(), false),
        SeriesKind::Dicom => dicom_volume(archive, asset)?,
    };
    if !volume.grid().same_as(&asset.grid) {
        tracing::error!(asset = %asset.token, "the decoded volume has another grid than its asset");
        return Err(Problem::unavailable());
    }
    let windows = windows(asset.modality, &volume, &from_header);
    Ok(Prepared { volume, windows, inverted })
}

fn nifti_volume(archive: &Archive, asset: &AssetRow) -> Result<Volume, Problem> {
    let instance = asset.instances.first().ok_or_else(Problem::not_found)?;
    nifti::read_volume(&file(archive, *instance)?).map_err(|cause| Problem::ours(&cause))
}

type DicomVolume = (Volume, Vec<(f64, f64)>, bool);

fn dicom_volume(archive: &Archive, asset: &AssetRow) -> Result<DicomVolume, Problem> {
    let mut headers = Vec::with_capacity(asset.instances.len());
    let mut files = Vec::with_capacity(asset.instances.len());
    for instance in &asset.instances {
        let bytes = file(archive, *instance)?;
        headers.push(formats_header::read(&bytes).map_err(|cause| Problem::ours(&cause))?);
        files.push(Some(bytes));
    }
    let series = series::assemble(&headers).map_err(|cause| Problem::ours(&cause))?;
    // Each file is let go of as it is decoded; one that is asked for again is read again.
    let mut give = |index: usize| {
        let kept = files.get_mut(index).and_then(Option::take);
        kept.or_else(|| asset.instances.get(index).and_then(|instance| file(archive, *instance).ok()))
    };
    let volume = series::volume(&series, &mut give).map_err(|cause| Problem::ours(&cause))?;
    let windows = series.windows.iter().map(|window| (window.centre, window.width)).collect();
    Ok((volume, windows, series.inverted))
}

fn file(archive: &Archive, instance: InstanceToken) -> Result<Vec<u8>, Problem> {
    let found = archive.instance_bytes(instance).map_err(|cause| Problem::ours(&cause))?;
    found.map(|file| file.bytes).ok_or_else(Problem::not_found)
}
