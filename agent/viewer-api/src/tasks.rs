//! Tasks as annotators get and see them. Nothing here looks at gold.

use std::convert::Infallible;
use std::sync::Arc;

use agent_archive::{
    Archive, AssetRow, AuditAction, AuditActor, AuditOutcome, AuditSubject, SeriesKind, StorageError,
    TaskCopy,
};
use agent_formats::{header as formats_header, nifti, series};
use agent_imaging::Volume;
use agent_imaging::window::windows;
use agent_work::Lease;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use proto_ids::{InstanceToken, PersonId, TaskId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Annotator, Body as JsonBody, Named};
use crate::app::App;
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

/// A task whose lease the caller holds.
pub(crate) struct Held {
    pub(crate) task: TaskCopy,
    pub(crate) asset: AssetRow,
    pub(crate) lease: Lease,
    pub(crate) person: PersonId,
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

/// The task, if `person` holds a live lease on it and it is still in force. Blocks.
pub(crate) fn held(app: &App, task: TaskId, person: PersonId, now: Timestamp) -> Result<Held, Problem> {
    let ours = |cause: StorageError| Problem::ours(&cause);
    let copy = app.archive.task(task).map_err(ours)?.ok_or_else(Problem::not_found)?;
    let held = app.archive.lease(task, person).map_err(ours)?;
    let live = held.map(|held| held.lease).filter(|lease| lease.live(now) && !copy.withdrawn);
    let Some(lease) = live else { return Err(Problem::not_yours()) };
    in_project(app, &copy, person)?;
    let asset = app.archive.asset(copy.asset).map_err(ours)?.ok_or_else(Problem::not_found)?;
    Ok(Held { task: copy, asset, lease, person })
}

/// Whether `person` still annotates in the task's project; their lease is another matter. Blocks.
pub(crate) fn member(app: &App, task: TaskId, person: PersonId) -> Result<(), Problem> {
    let copy =
        app.archive.task(task).map_err(|cause| Problem::ours(&cause))?.ok_or_else(Problem::not_found)?;
    in_project(app, &copy, person)
}

fn in_project(app: &App, task: &TaskCopy, person: PersonId) -> Result<(), Problem> {
    let project = app.archive.project(task.project).map_err(|cause| Problem::ours(&cause))?;
    let member = project.is_some_and(|project| !project.closed && project.annotators.contains(&person));
    if member { Ok(()) } else { Err(Problem::not_yours()) }
}

async fn task_json(app: &Arc<App>, held: Held) -> Result<TaskJson, Problem> {
    let Held { task, asset, lease, person } = held;
    let described = app.blocking(move |app| {
        let project = app.archive.project(task.project)?;
        // Work is judged by the version that it was begun under.
        let begun = app.archive.work_view(task.task, person)?;
        let version = begun.map_or(task.instruction_version, |work| work.instruction_version);
        let instruction = app.archive.instruction(task.project, version)?;
        Ok::<_, StorageError>(
            project.zip(instruction).map(|(project, instruction)| (project, instruction, version)),
        )
    });
    let described = described.await?.map_err(|cause| Problem::ours(&cause))?;
    let (project, instruction, instruction_version) = described.ok_or_else(Problem::not_found)?;
    let prepared = prepared(app, asset.clone()).await?;
    Ok(TaskJson {
        id: task.task.to_string(),
        project_title: project.title,
        lease: LeaseJson { fencing: lease.fencing, expires_at: time_text(lease.expires_at) },
        volume: VolumeJson::new(&prepared, asset.modality, &asset.reasons),
        instruction: instruction.as_ref().into(),
        instruction_version,
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
