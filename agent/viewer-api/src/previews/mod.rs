//! What the agent computes for a person at work, and the person then accepts or rejects: operations of the
//! mask engine, and answers of models. Nothing of it is part of the work before it is saved as an operation.

mod check;
mod compute;
mod operations;
mod registry;

use std::sync::Arc;
use std::time::Duration;

use agent_archive::{AssistOffer, WorkView};
use agent_imaging::LabelMap;
use agent_imaging::mask::SliceDelta;
use agent_work::FencingRefusal;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use proto_ids::{PersonId, PreviewId, TaskId};
use proto_instruction::Instruction;

use self::check::Bench;
use self::compute::{Work, compute};
pub(crate) use self::registry::Previews;
use self::registry::{Preview, Source, State as PreviewState};
use crate::access::{Annotator, Body, Named};
use crate::app::App;
use crate::facts::label_map;
use crate::held::{Held, held};
use crate::json::preview::{
    BeginPreviewJson, PreviewIdJson, PreviewJson, PreviewSliceJson, ProposalJson, SourceJson,
};
use crate::json::shape::digits;
use crate::lease::fencing_problem;
use crate::problem::Problem;
use crate::tasks::prepared;

/// How long an answer waits for news of a preview that is being computed.
const NEWS: Duration = Duration::from_millis(500);

/// Begins to compute what an operation would change. One that the caller had before is dropped.
#[utoipa::path(post, path = "/tasks/{id}/previews", operation_id = "preview_begin", params(("id" = String, Path)),
    request_body = BeginPreviewJson,
    responses((status = 202, body = PreviewIdJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422)))]
pub(crate) async fn begin(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
    Body(body): Body<BeginPreviewJson>,
) -> Result<(StatusCode, Json<PreviewIdJson>), Problem> {
    let (person, now) = (actor.id(), app.now());
    let BeginPreviewJson { fencing, revision, operation, masking } = body;
    let loaded = app.blocking(move |app| load(app, task, person, fencing, revision));
    let loaded = loaded.await??;
    let asset = loaded.held.asset;
    let (grid, modality) = (asset.grid, asset.modality);
    let values = masking.as_ref().is_some_and(|masking| masking.values.is_some());
    let prepared = if values || operation.needs_voxels() { Some(prepared(&app, asset).await?) } else { None };
    let drawn = label_map(grid, &loaded.work.slices);
    let bench = Bench {
        instruction: &loaded.instruction,
        drawn: &drawn,
        volume: prepared.as_ref().map(|prepared| &prepared.volume),
        modality,
    };
    let work = bench.work(operation, masking)?;
    let preview = app.previews.begin(loaded.id, task, person, now);
    run(&app, loaded.id, preview, drawn, work);
    Ok((StatusCode::ACCEPTED, Json(PreviewIdJson { id: digits(loaded.id) })))
}

/// What a preview is computed from.
struct Loaded {
    id: PreviewId,
    held: Held,
    work: WorkView,
    instruction: Arc<Instruction>,
}

/// Blocks.
fn load(app: &App, task: TaskId, person: PersonId, fencing: u64, revision: u64) -> Result<Loaded, Problem> {
    let held = held(app, task, person, app.now())?;
    if held.lease.fencing != fencing {
        return Err(fencing_problem(FencingRefusal::Stale));
    }
    let ours = |cause| Problem::ours(&cause);
    let work = app.archive.work_view(task, person).map_err(ours)?.ok_or_else(Problem::not_found)?;
    if work.revision != revision {
        return Err(Problem::revision_conflict(work.revision));
    }
    let instruction = app.archive.instruction(held.task.project, held.lease.instruction_version);
    let instruction = instruction.map_err(ours)?.ok_or_else(Problem::not_found)?;
    Ok(Loaded { id: app.archive.preview_id().map_err(ours)?, held, work, instruction })
}

/// Computes on a thread of its own, when there is a place.
fn run(app: &Arc<App>, id: PreviewId, preview: Arc<Preview>, drawn: LabelMap, work: Work) {
    let app = Arc::clone(app);
    tokio::task::spawn(async move {
        let cancelled = preview.cancel().clone();
        let computing = {
            let preview = Arc::clone(&preview);
            app.computing(move |app| {
                if preview.cancel().is_cancelled() {
                    return;
                }
                let end = compute(&preview, &drawn, work, app.assist.as_ref());
                // What a person sees of a model is kept before they see it.
                preview.end(match offer(app, id, &end).filter(|_| !preview.cancel().is_cancelled()) {
                    Some(offer) => kept(app, &preview, offer, end),
                    None => end,
                });
            })
        };
        tokio::select! {
            () = cancelled.cancelled() => {}
            ended = computing => if ended.is_err() {
                preview.end(failed_here());
            },
        }
    });
}

fn failed_here() -> PreviewState {
    PreviewState::Failed { code: "failed", title: "This failed here; try again later.".to_owned() }
}

/// What a model offers; nothing where there is nothing to accept or reject.
fn offer(app: &App, id: PreviewId, end: &PreviewState) -> Option<AssistOffer> {
    let PreviewState::Done { deltas, source: Source { model: Some(model), .. } } = end else { return None };
    let voxels = deltas.iter().map(SliceDelta::voxels).sum();
    (voxels > 0).then(|| AssistOffer {
        preview: id,
        model: *model,
        voxels,
        offered_at: app.now(),
        rejected: false,
    })
}

/// Keeps what a model offered, so that it is known what became of it, and gives how the preview ends then. Blocks.
fn kept(app: &App, preview: &Preview, offer: AssistOffer, end: PreviewState) -> PreviewState {
    match app.archive.assist_offered(preview.task, preview.person, offer) {
        Ok(()) => end,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "an offer of a model cannot be kept");
            failed_here()
        }
    }
}

/// Task and preview in the address; what are no ids are not found.
pub(crate) struct Place(TaskId, PreviewId);

impl FromRequestParts<Arc<App>> for Place {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, app).await;
        let Path((task, preview)) = path.map_err(|_| Problem::not_found())?;
        let unknown = |_| Problem::not_found();
        Ok(Self(task.parse().map_err(unknown)?, preview.parse().map_err(unknown)?))
    }
}

/// How far a preview is, and when it is done what it would change.
#[utoipa::path(get, path = "/tasks/{id}/previews/{preview}", operation_id = "preview_read",
    params(("id" = String, Path), ("preview" = String, Path)),
    responses((status = 200, body = PreviewJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn read(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Place(task, preview): Place,
) -> Result<Json<PreviewJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    app.blocking(move |app| held(app, task, person, now).map(|_| ())).await??;
    let preview = app.previews.get(preview, task, person).ok_or_else(Problem::not_found)?;
    let mut follow = preview.follow();
    // An end comes at once; a step on the way is told with the next one that asks.
    let _ = tokio::time::timeout(NEWS, follow.wait_for(|state| !state.running())).await;
    let state = follow.borrow().clone();
    Ok(Json(match state {
        PreviewState::Running { share, doing } => {
            PreviewJson::Running { progress: share, doing: doing.to_owned() }
        }
        PreviewState::Done { deltas, source } => PreviewJson::Done {
            slices: deltas.iter().map(PreviewSliceJson::from).collect(),
            voxels: deltas.iter().map(SliceDelta::voxels).sum(),
            source: SourceJson { kind: source.kind, model_id: source.model.map(digits), name: source.name },
        },
        PreviewState::Failed { code, title } => PreviewJson::Failed { code: code.to_owned(), title },
        PreviewState::Cancelled => PreviewJson::Cancelled,
    }))
}

/// How a person ends a preview.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PreviewOutcome {
    /// They looked at it and do not want it.
    #[default]
    Rejected,
    /// They did not judge it: they went on, or asked again.
    Ended,
}

#[derive(Debug, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndQuery {
    #[serde(default)]
    #[param(inline)]
    outcome: PreviewOutcome,
}

/// Ends a preview. What a model offered counts as rejected, unless it is said that it was not judged.
#[utoipa::path(delete, path = "/tasks/{id}/previews/{preview}", operation_id = "preview_end",
    params(("id" = String, Path), ("preview" = String, Path), EndQuery),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(crate) async fn end(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Place(task, preview): Place,
    query: Result<Query<EndQuery>, QueryRejection>,
) -> Result<StatusCode, Problem> {
    let refused = |_| Problem::invalid_field("outcome", "it is rejected or ended");
    let Query(EndQuery { outcome }) = query.map_err(refused)?;
    let (person, now) = (actor.id(), app.now());
    let ended = app.blocking(move |app| {
        held(app, task, person, now)?;
        if app.previews.get(preview, task, person).is_some() {
            app.previews.remove(preview);
        }
        match outcome {
            PreviewOutcome::Rejected => {
                let rejected = app.archive.assist_rejected(task, person, preview);
                rejected.map(|_| ()).map_err(|cause| Problem::ours(&cause))
            }
            PreviewOutcome::Ended => Ok(()),
        }
    });
    ended.await??;
    Ok(StatusCode::NO_CONTENT)
}

/// What a batch prepared for a task that the caller holds.
#[utoipa::path(get, path = "/tasks/{id}/proposal", operation_id = "proposal_read", params(("id" = String, Path)),
    responses((status = 200, body = ProposalJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn proposal(
    State(app): State<Arc<App>>,
    Annotator(actor): Annotator,
    Named(task): Named<TaskId>,
) -> Result<Json<ProposalJson>, Problem> {
    let (person, now) = (actor.id(), app.now());
    let found = app.blocking(move |app| {
        let held = held(app, task, person, now)?;
        proposed(app, &held, person)?.ok_or_else(Problem::not_found)
    });
    found.await?.map(Json)
}

/// What a batch drew of the objects that the work's instruction paints, offered to this person; none when
/// they have decided on it. Blocks.
fn proposed(app: &App, held: &Held, person: PersonId) -> Result<Option<ProposalJson>, Problem> {
    let ours = |cause| Problem::ours(&cause);
    let task = held.task.task;
    let Some(proposal) = app.archive.proposal(task).map_err(ours)? else { return Ok(None) };
    let offers = app.archive.assist_offers(task, person).map_err(ours)?;
    if offers.iter().any(|offer| offer.preview == proposal.preview && offer.rejected) {
        return Ok(None);
    }
    let version = held.lease.instruction_version;
    let instruction = app.archive.instruction(held.task.project, version).map_err(ours)?;
    let instruction = instruction.ok_or_else(Problem::not_found)?;
    let mut slices = proposal.slices;
    for slice in &mut slices {
        slice.runs.retain(|run| instruction.object_of_label(run.label).is_some());
    }
    slices.retain(|slice| !slice.runs.is_empty());
    let voxels = slices.iter().flat_map(|slice| &slice.runs).map(|run| u64::from(run.length)).sum();
    let offer = AssistOffer {
        preview: proposal.preview,
        model: proposal.model,
        voxels,
        offered_at: app.now(),
        rejected: false,
    };
    app.archive.assist_offered(task, person, offer).map_err(ours)?;
    let name = app.archive.model(proposal.model).map_err(ours)?.map(|row| row.is.name);
    Ok(Some(ProposalJson {
        id: digits(proposal.preview),
        source: SourceJson {
            kind: "assist",
            model_id: Some(digits(proposal.model)),
            name: name.unwrap_or_else(|| "A model".to_owned()),
        },
        slices: slices.iter().map(PreviewSliceJson::from).collect(),
    }))
}
