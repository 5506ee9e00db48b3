//! The hospital's other DICOM systems, for hospital IT: who they are, what they hold, and objects to and from them.
//!
//! What they answer names patients, so it goes to sessions of hospital IT alone, in bodies and never in addresses.

pub(crate) mod jobs;
pub(crate) mod port;

use std::sync::Arc;

use agent_phi::{HeaderText, SeriesUid, StudyUid};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tokio::sync::Semaphore;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Body, HospitalAdmin, Named};
use crate::app::App;
use crate::json::peer::{
    PeerEchoJson, PeerJobJson, PeerJobsJson, PeerKeyJson, PeerMatchesJson, PeerNamedJson, PeerPullJson,
    PeerQueryJson, PeerSendJson, PeersJson,
};
use crate::problem::Problem;
use crate::session::NothingJson;
use jobs::{Job, Jobs, Moved, Order, never_begun};
use port::{PeerFault, PeerPull, PeerQuery, PeerRefusal, PeerWatch, PeerWork, Peers};

/// More matches than this are no answer but a reason to ask more narrowly.
const MOST_MATCHES: usize = 500;
/// How many jobs are under way at a time: each holds a thread and an association.
const AT_A_TIME: usize = 3;

/// The port, and the work that goes through it.
pub(crate) struct PeerRoom {
    port: Arc<dyn Peers>,
    jobs: Jobs,
    places: Arc<Semaphore>,
}

impl PeerRoom {
    pub(crate) fn new(port: Arc<dyn Peers>) -> Self {
        Self { port, jobs: Jobs::default(), places: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

/// The addresses of this room.
pub(crate) fn described() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(echo))
        .routes(routes!(find))
        .routes(routes!(pull))
        .routes(routes!(send))
        .routes(routes!(list_jobs))
        .routes(routes!(cancel))
}

/// The peers of the settings.
#[utoipa::path(get, path = "/admin/peers", operation_id = "peers_list",
    responses((status = 200, body = PeersJson), (status = 401), (status = 403)))]
async fn list(State(app): State<Arc<App>>, _admin: HospitalAdmin) -> Json<PeersJson> {
    Json(PeersJson::from(app.peers.port.list()))
}

/// Asks whether a peer is there and knows this agent (C-ECHO).
#[utoipa::path(post, path = "/admin/peers/echo", operation_id = "peer_echo", request_body = PeerNamedJson,
    responses((status = 200, body = PeerEchoJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 502), (status = 504)))]
async fn echo(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Body(PeerNamedJson { peer }): Body<PeerNamedJson>,
) -> Result<Json<PeerEchoJson>, Problem> {
    let (by, asked_at) = (actor.id(), app.now());
    app.blocking(move |app| app.peers.port.echo(&peer, by)).await?.map_err(Problem::from)?;
    let took_ms = u64::try_from(app.now().millis_since(asked_at)).unwrap_or_default();
    Ok(Json(PeerEchoJson { took_ms }))
}

/// Asks what a peer holds (C-FIND). A query about series names one study.
#[utoipa::path(post, path = "/admin/peers/find", operation_id = "peer_find", request_body = PeerQueryJson,
    responses((status = 200, body = PeerMatchesJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422), (status = 502), (status = 504)))]
async fn find(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Body(asked): Body<PeerQueryJson>,
) -> Result<Json<PeerMatchesJson>, Problem> {
    if !(1..=MOST_MATCHES).contains(&asked.limit) {
        return Err(Problem::invalid_field("limit", "a limit is a number from 1 to 500"));
    }
    let keys = asked.keys.into_iter().map(key).collect::<Result<_, _>>()?;
    let query = PeerQuery { level: asked.level.into(), keys, limit: asked.limit };
    let by = actor.id();
    let found = app.blocking(move |app| app.peers.port.find(&asked.peer, &query, by));
    Ok(Json(found.await?.map_err(Problem::from)?.into()))
}

fn key(PeerKeyJson { keyword, value }: PeerKeyJson) -> Result<(String, HeaderText), Problem> {
    match HeaderText::new(value) {
        Ok(value) => Ok((keyword, value)),
        Err(_) => Err(Problem::invalid_field(keyword, "this is empty or no text of a header")),
    }
}

/// Starts to pull a study, or one series of it.
#[utoipa::path(post, path = "/admin/peers/pull", operation_id = "peer_pull", request_body = PeerPullJson,
    responses((status = 202, body = PeerJobJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422), (status = 429)))]
async fn pull(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Body(asked): Body<PeerPullJson>,
) -> Result<(StatusCode, Json<PeerJobJson>), Problem> {
    let not_a_uid = |field: &str| Problem::invalid_field(field, "this is no UID");
    let study = StudyUid::new(asked.study_uid).map_err(|_| not_a_uid("study_uid"))?;
    let series = asked.series_uid.map(SeriesUid::new).transpose().map_err(|_| not_a_uid("series_uid"))?;
    let wanted = PeerPull { study, series, way: asked.way.into() };
    let moved = Moved::Pull { study: wanted.study.clone(), series: wanted.series.clone() };
    let order = Order { peer: asked.peer, moved, by: actor.person.display_name.clone() };
    let by = actor.id();
    start(&app, order, move |peers, peer| peers.pull(peer, &wanted, by)).await
}

/// Starts to send the objects of an asset to a peer, as they were received.
#[utoipa::path(post, path = "/admin/peers/send", operation_id = "peer_send", request_body = PeerSendJson,
    responses((status = 202, body = PeerJobJson), (status = 401), (status = 403), (status = 404), (status = 409),
        (status = 422), (status = 429)))]
async fn send(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Body(asked): Body<PeerSendJson>,
) -> Result<(StatusCode, Json<PeerJobJson>), Problem> {
    let asset = asked.asset_id.parse();
    let asset = asset.map_err(|_| Problem::invalid_field("asset_id", "this is no id of an asset"))?;
    let order =
        Order { peer: asked.peer, moved: Moved::Send { asset }, by: actor.person.display_name.clone() };
    let by = actor.id();
    start(&app, order, move |peers, peer| peers.send(peer, asset, by)).await
}

/// The jobs since the agent started.
#[utoipa::path(get, path = "/admin/peers/jobs", operation_id = "peer_jobs",
    responses((status = 200, body = PeerJobsJson), (status = 401), (status = 403)))]
async fn list_jobs(State(app): State<Arc<App>>, _admin: HospitalAdmin) -> Json<PeerJobsJson> {
    Json(PeerJobsJson::new(app.peers.jobs.list().iter().map(Arc::as_ref)))
}

/// Ends a job before it is done. What has come or gone stays; a job that has ended is left as it is.
#[utoipa::path(post, path = "/admin/peers/jobs/{id}/cancel", operation_id = "peer_job_cancel",
    params(("id" = u64, Path)), request_body = NothingJson,
    responses((status = 200, body = PeerJobJson), (status = 401), (status = 403), (status = 404)))]
async fn cancel(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
    Named(id): Named<u64>,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<Json<PeerJobJson>, Problem> {
    let job = app.peers.jobs.get(id).ok_or_else(Problem::not_found)?;
    job.cancel.cancel();
    Ok(Json(PeerJobJson::from(job.as_ref())))
}

/// Makes work ready, and lets it run when there is a place.
async fn start(
    app: &Arc<App>,
    order: Order,
    ready: impl FnOnce(&dyn Peers, &str) -> Result<PeerWork, PeerRefusal> + Send + 'static,
) -> Result<(StatusCode, Json<PeerJobJson>), Problem> {
    let job = app.peers.jobs.begin(order, app.now()).ok_or_else(too_many)?;
    let of_job = Arc::clone(&job);
    let ready = app.blocking(move |app| ready(app.peers.port.as_ref(), &of_job.order.peer)).await;
    match ready.and_then(|ready| ready.map_err(Problem::from)) {
        Ok(work) => run(Arc::clone(app), Arc::clone(&job), work),
        Err(problem) => {
            app.peers.jobs.withdraw(job.id);
            return Err(problem);
        }
    }
    Ok((StatusCode::ACCEPTED, Json(PeerJobJson::from(job.as_ref()))))
}

fn too_many() -> Problem {
    let title = "Too many jobs are under way; wait until some have ended, or cancel them.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-jobs", title)
}

fn run(app: Arc<App>, job: Arc<Job>, work: PeerWork) {
    tokio::task::spawn(async move {
        let place = tokio::select! {
            place = Arc::clone(&app.peers.places).acquire_owned() => place.ok(),
            () = job.cancel.cancelled() => None,
        };
        let end = match place {
            None => Err(never_begun()),
            Some(_place) => {
                let watched = Arc::clone(&job);
                app.blocking(move |_| work(&watch(&watched))).await.unwrap_or_else(|_| Err(stumbled()))
            }
        };
        job.end(app.now(), end);
    });
}

fn watch(job: &Arc<Job>) -> PeerWatch {
    let told = Arc::clone(job);
    job.tell(0, 0);
    PeerWatch { tell: Box::new(move |done, of| told.tell(done, of)), cancel: job.cancel.clone() }
}

fn stumbled() -> PeerRefusal {
    PeerRefusal {
        fault: PeerFault::Ours,
        code: "failed",
        title: "This failed here.",
        advice: "The agent's log has the cause; what has come is kept.".to_owned(),
    }
}

impl From<PeerRefusal> for Problem {
    fn from(refusal: PeerRefusal) -> Self {
        let status = match refusal.fault {
            PeerFault::NotFound => StatusCode::NOT_FOUND,
            PeerFault::Settings | PeerFault::Cancelled => StatusCode::CONFLICT,
            PeerFault::Question => StatusCode::UNPROCESSABLE_ENTITY,
            PeerFault::Peer => StatusCode::BAD_GATEWAY,
            PeerFault::Time => StatusCode::GATEWAY_TIMEOUT,
            PeerFault::Ours => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, refusal.code, refusal.title).detail(refusal.advice)
    }
}
