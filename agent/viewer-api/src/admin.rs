//! What hospital IT sees and does.

use std::sync::Arc;

use agent_archive::{
    AuditAction, AuditActor, AuditOutcome, AuditSubject, GoldError, GoldSource, NewGold, StorageError,
};
use agent_formats::{Drawn, DrawnError};
use agent_imaging::{Grid, LabelMap};
use agent_work::{Run, Slice};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use proto_ids::{AssetToken, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Body, HospitalAdmin, Named};
use crate::app::App;
use crate::json::person::{PersonStateJson, RoleJson};
use crate::json::time_text;
use crate::problem::Problem;
use crate::session::NothingJson;

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewJson {
    agent: AgentJson,
    today: TodayJson,
    outbox: OutboxJson,
    disk_free_percent: u8,
    assets: usize,
    quarantine: QuarantineCountsJson,
    /// Series that arrived and could not become an asset.
    left: Vec<LeftJson>,
}

/// What is kept from annotators because its pixels may carry text.
#[derive(Debug, Serialize, ToSchema)]
struct QuarantineCountsJson {
    /// Assets that wait for a reviewer or a rule for their device.
    waiting: u64,
    /// Assets that are kept back for good.
    withheld: u64,
    /// Tasks on these assets: nobody is given one until its asset is released.
    tasks: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct LeftJson {
    /// A short code, such as `no-image`.
    reason: String,
    count: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct AgentJson {
    version: String,
    enrolled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    site_id: Option<String>,
    connected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    certificate_expires_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TodayJson {
    instances: u64,
    refused: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct OutboxJson {
    waiting: u64,
    shelved: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PeopleJson {
    people: Vec<PersonJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonJson {
    id: String,
    user_name: String,
    display_name: String,
    state: PersonStateJson,
    roles: Vec<RoleJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AssetsJson {
    assets: Vec<AssetJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AssetJson {
    id: String,
    modality: &'static str,
    #[schema(value_type = (u32, u32, u32))]
    dimensions: [u32; 3],
    gold: bool,
    tools_3d: bool,
    reasons: Vec<&'static str>,
    received_at: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct GoldQuery {
    /// The labels that the map may have, with commas between; all when it is left out.
    labels: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GoldJson {
    asset_id: String,
    labels: Vec<u16>,
}

/// The state of the agent.
#[utoipa::path(get, path = "/admin/overview", responses((status = 200, body = OverviewJson), (status = 401), (status = 403)))]
pub(crate) async fn overview(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
) -> Result<Json<OverviewJson>, Problem> {
    let now = app.now();
    let overview = app.blocking(move |app| {
        let status = app.status.now();
        let outbox = app.archive.outbox_counts()?;
        let agent = AgentJson {
            version: status.version,
            enrolled: status.site.is_some(),
            site_id: status.site.map(|site| site.to_string()),
            connected: status.connected,
            certificate_expires_at: status.certificate_expires_at.map(time_text),
        };
        let today = app.archive.day_counts(now)?;
        let left = app.archive.series_left()?;
        let kept_back = app.archive.quarantine_counts()?;
        let (waiting, withheld, tasks) = (kept_back.waiting, kept_back.withheld, kept_back.tasks);
        Ok::<_, StorageError>(OverviewJson {
            agent,
            today: TodayJson { instances: today.instances, refused: today.refused },
            outbox: OutboxJson { waiting: outbox.waiting, shelved: outbox.shelved },
            disk_free_percent: status.disk_free_percent,
            assets: app.archive.assets()?.len(),
            quarantine: QuarantineCountsJson { waiting, withheld, tasks },
            left: left.into_iter().map(|(reason, count)| LeftJson { reason, count }).collect(),
        })
    });
    overview.await?.map(Json).map_err(|cause| Problem::ours(&cause))
}

/// Everybody who may sign in here.
#[utoipa::path(get, path = "/admin/people", responses((status = 200, body = PeopleJson), (status = 401), (status = 403)))]
pub(crate) async fn people(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
) -> Result<Json<PeopleJson>, Problem> {
    let people = app.blocking(|app| app.archive.people()).await?.map_err(|cause| Problem::ours(&cause))?;
    let people = people.into_iter().map(|person| PersonJson {
        id: person.person.to_string(),
        user_name: person.user_name,
        display_name: person.display_name,
        state: person.state.into(),
        roles: person.roles.iter().copied().map(RoleJson::from).collect(),
    });
    Ok(Json(PeopleJson { people: people.collect() }))
}

/// Shuts a person out of this site at once.
#[utoipa::path(post, path = "/admin/people/{id}/suspend", params(("id" = String, Path)), request_body = NothingJson,
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(crate) async fn suspend(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Named(person): Named<PersonId>,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<StatusCode, Problem> {
    if person == actor.id() {
        let title = "Nobody can suspend their own account.";
        return Err(Problem::new(StatusCode::CONFLICT, "own-account", title));
    }
    let by = AuditActor::Person(actor.id());
    let known = app.blocking(move |app| {
        let known = app.archive.person_suspend(person).map_err(|cause| Problem::ours(&cause))?;
        app.audit(by, AuditAction::PersonSuspended, AuditSubject::Person(person), done(known))?;
        Ok::<_, Problem>(known)
    });
    if known.await?? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

/// Lets a person in again.
#[utoipa::path(post, path = "/admin/people/{id}/resume", params(("id" = String, Path)), request_body = NothingJson,
    responses((status = 204), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Named(person): Named<PersonId>,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<StatusCode, Problem> {
    let by = AuditActor::Person(actor.id());
    let known = app.blocking(move |app| {
        let known = app.archive.person_resume(person).map_err(|cause| Problem::ours(&cause))?;
        app.audit(by, AuditAction::PersonResumed, AuditSubject::Person(person), done(known))?;
        Ok::<_, Problem>(known)
    });
    if known.await?? { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::not_found()) }
}

const fn done(known: bool) -> AuditOutcome {
    if known { AuditOutcome::Done } else { AuditOutcome::Refused }
}

/// All assets of the site.
#[utoipa::path(get, path = "/admin/assets", responses((status = 200, body = AssetsJson), (status = 401), (status = 403)))]
pub(crate) async fn assets(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
) -> Result<Json<AssetsJson>, Problem> {
    let assets = app.blocking(|app| {
        let mut assets = Vec::new();
        for asset in app.archive.assets()? {
            assets.push(AssetJson {
                id: asset.token.to_string(),
                modality: asset.modality.code(),
                dimensions: asset.grid.size(),
                gold: app.archive.gold_source(asset.token)?.is_some(),
                tools_3d: asset.tools_3d(),
                reasons: asset.reasons.iter().map(|reason| reason.code()).collect(),
                received_at: time_text(asset.received_at),
            });
        }
        Ok::<_, StorageError>(assets)
    });
    let assets = assets.await?.map_err(|cause| Problem::ours(&cause))?;
    Ok(Json(AssetsJson { assets }))
}

/// Brings in a gold annotation: a label map on the asset's own voxels, as NIfTI, NRRD, DICOM SEG or RTSTRUCT.
#[utoipa::path(post, path = "/admin/assets/{id}/gold", params(("id" = String, Path), ("labels" = Option<String>, Query)),
    request_body(content_type = "application/octet-stream"),
    responses((status = 201, body = GoldJson), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(crate) async fn gold(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Named(asset): Named<AssetToken>,
    Query(query): Query<GoldQuery>,
    file: Bytes,
) -> Result<(StatusCode, Json<GoldJson>), Problem> {
    let allowed = query.labels.as_deref().filter(|list| !list.is_empty()).map(labels_of).transpose()?;
    let (person, now) = (actor.id(), app.now());
    let put = app.blocking(move |app| {
        let row = app
            .archive
            .asset(asset)
            .map_err(|cause| Problem::ours(&cause))?
            .ok_or_else(Problem::not_found)?;
        let labels = label_map(&file, row.grid, allowed.as_deref())?;
        // Without a list, the map speaks of the labels that are drawn in it.
        let stated = allowed.unwrap_or_else(|| labels.labels().into_iter().collect());
        let gold = NewGold {
            asset,
            slices: slices_of(&labels),
            labels: stated.clone(),
            source: GoldSource::Upload,
            person: Some(person),
        };
        app.archive.gold_put(&gold, now).map_err(gold_problem)?;
        let by = AuditActor::Person(person);
        app.audit(by, AuditAction::GoldPut, AuditSubject::Asset(asset), AuditOutcome::Done)?;
        Ok::<_, Problem>(stated)
    });
    let labels = put.await??;
    Ok((StatusCode::CREATED, Json(GoldJson { asset_id: asset.to_string(), labels })))
}

fn slices_of(map: &LabelMap) -> Vec<Slice> {
    let runs = |runs: &[agent_imaging::Run]| {
        runs.iter().map(|run| Run { start: run.start, length: run.length, label: run.label }).collect()
    };
    map.slices().map(|(k, of_slice)| Slice { k, runs: runs(of_slice) }).collect()
}

pub(crate) fn gold_problem(error: GoldError) -> Problem {
    match error {
        GoldError::UnknownAsset | GoldError::UnknownSubmission => Problem::not_found(),
        GoldError::OutOfGrid { .. } => Problem::invalid(error.to_string()),
        GoldError::Storage(cause) => Problem::ours(&cause),
    }
}

fn labels_of(list: &str) -> Result<Vec<u16>, Problem> {
    let refused = || Problem::invalid("labels are numbers from 1 to 255 with commas between");
    let labels: Result<Vec<u16>, _> = list.split(',').map(|label| label.trim().parse()).collect();
    let labels = labels.map_err(|_| refused())?;
    if labels.iter().all(|label| (1..=255).contains(label)) { Ok(labels) } else { Err(refused()) }
}

/// The label map in a file, on the voxels of the asset: NIfTI, NRRD, or a segmentation or structure set of DICOM.
fn label_map(file: &[u8], grid: Grid, allowed: Option<&[u16]>) -> Result<LabelMap, Problem> {
    let refused = |code, title| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, title);
    let not_one = |cause: DrawnError| {
        if matches!(cause, DrawnError::Grid(_)) {
            refused("grid-mismatch", "The label map lies on another grid than the asset.")
        } else {
            refused("not-a-label-map", "This is no label map.").detail(cause.to_string())
        }
    };
    let drawn = Drawn::read(file, Some(&grid)).map_err(not_one)?;
    let map = drawn.label_map().map_err(not_one)?.clone();
    let unknown = |label: &u16| *label > 255 || allowed.is_some_and(|allowed| !allowed.contains(label));
    if map.labels().iter().any(unknown) {
        return Err(refused("unknown-label", "The label map has a label that is not expected."));
    }
    Ok(map)
}
