//! Starts every room, joins them, and stops them in order.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agent_archive::{Archive, AuditAction, AuditActor, AuditOutcome, AuditSubject, NewAuditEvent};
use agent_uplink::Status;
use agent_viewer_api::ViewerState;
use anyhow::Context;
use proto_ids::{Clock, Timestamp};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::assist::AssistRoom;
use crate::config::Config;
use crate::egress::WireSchema;
use crate::examine::catch_up;
use crate::follow::follow;
use crate::follow::preannotate::Runner;
use crate::import::watch::{After, Watched};
use crate::ingest::ingest;
use crate::peers::{Dicom, DicomListeners, PeersOfPages};
use crate::ports::{ArchiveInbound, ArchiveLedger, ArchiveOutbox};
use crate::segments::keep_moving;
use crate::site::{Site, socket};
use crate::status::{Surroundings, health};
use crate::submit::ScoringSubmitter;
use crate::tls;
use crate::well::Serving;
use proto_program::SystemClock;
use proto_program::{Ready, asked_to_stop, commands, metrics_recorder, serve_ops, until};

/// How often quiet series are looked for.
const INGEST_EVERY: Duration = Duration::from_millis(500);
/// How often an agent that is not enrolled looks whether it is now.
const ENROLLED_EVERY: Duration = Duration::from_secs(1);
/// How often rejected callers are added to the day's refusals.
const COUNT_EVERY: Duration = Duration::from_secs(1);
/// How often the agent reports on itself.
const HEALTH_EVERY: Duration = Duration::from_secs(60);
/// How long changes are gathered before the site looks at what they ask for.
const FOLLOW_PAUSE: Duration = Duration::from_millis(200);
/// How often it is looked whether tasks are to be prepared by a model.
const PREANNOTATE_EVERY: Duration = Duration::from_secs(10);
/// How often leases and sessions that ended are cleared away.
const SWEEP_EVERY: Duration = Duration::from_secs(30);

/// Where the uplink keeps its keys and certificates.
pub(crate) fn identity_directory(directory: &Path) -> PathBuf {
    directory.join("identity")
}

/// Runs the agent until it is told to stop.
///
/// # Errors
/// When an address is taken, the store is not usable, or a room ended by itself.
pub(crate) async fn serve(config: Config) -> anyhow::Result<()> {
    let metrics = metrics_recorder()?;
    let ready = Ready::default();
    let site = Arc::new(Site::open(&config)?);
    let archive = Arc::clone(site.archive());
    let listeners = Listeners::bind(&config)?;
    let (stop, stopped) = watch::channel(false);
    let (status, status_now) = watch::channel(Status::default());
    let surroundings = Arc::new(Surroundings::new(&config.dir, status_now.clone()));

    let mut rooms = JoinSet::new();
    let published = metrics.clone();
    rooms.spawn(keep_counting(Arc::clone(&archive), move || published.render()));
    rooms.spawn(serve_ops(listeners.ops, metrics, ready.clone(), until(stopped.clone())));
    let dicom = Arc::new(Dicom::open(&config, &archive, SystemClock.now(), stopped.clone())?);
    let asked = (Arc::clone(&site), Arc::clone(&dicom));
    let serving = Serving::new(asked, &config, ready.clone(), status_now.clone());
    rooms.spawn(serve_commands(socket(&config.dir), serving));
    let changed = Arc::new(Notify::new());
    let submitter = ScoringSubmitter::new(Arc::clone(&archive), Arc::clone(&changed));
    let assist = Arc::new(AssistRoom::open(
        Arc::clone(&archive),
        tls::model_trust(&config)?,
        Handle::current(),
        SystemClock.now(),
    )?);
    let ordered = Arc::new(Notify::new());
    let runner = Runner::new(Arc::clone(&archive), Arc::clone(&assist) as _, Arc::new(SystemClock));
    rooms.spawn(keep_preannotating(runner, Arc::clone(&ordered), stopped.clone()));
    let peers = Arc::new(PeersOfPages(Arc::clone(&dicom)));
    let behind = Behind { submitter, surroundings, assist, peers };
    rooms.spawn(serve_viewer(&config, listeners.viewer, behind, stopped.clone())?);
    rooms.spawn(dicom.serve(listeners.dicom));
    keep_house(&mut rooms, &config, &archive, &stopped)?;
    rooms.spawn(keep_following(Arc::clone(&archive), Arc::clone(&changed)));
    let ports = agent_uplink::Ports {
        outbox: Arc::new(ArchiveOutbox::listening(Arc::clone(&archive))),
        ledger: Arc::new(ArchiveLedger(Arc::clone(&archive))),
        inbound: Arc::new(ArchiveInbound::new(Arc::clone(&archive), vec![changed, ordered])),
        clock: Arc::new(SystemClock),
    };
    rooms.spawn(keep_connected(config.dir.clone(), ports, status, stopped.clone()));
    rooms.spawn(keep_reporting(config.dir.clone(), Arc::clone(&archive), status_now));
    ready.set(true);
    audit(&archive, AuditAction::AgentStarted);
    tracing::info!(viewer = %config.viewer_listen, dicom = %config.dicom_listen, "the agent is up");

    let ended = tokio::select! {
        () = asked_to_stop() => Ok(()),
        Some(room) = rooms.join_next() => room?.and_then(|()| anyhow::bail!("a room ended by itself")),
    };
    ready.set(false);
    let _ = stop.send(true);
    drain(rooms).await;
    if let Err(error) = archive.ledger_anchor() {
        tracing::error!(error = &error as &dyn std::error::Error, "the ledger's head cannot be anchored");
    }
    audit(&archive, AuditAction::AgentStopped);
    ended
}

/// What nobody asks for: arrivals become assets, the watched folder is emptied, closed segments move.
fn keep_house(
    rooms: &mut JoinSet<anyhow::Result<()>>,
    config: &Config,
    archive: &Arc<Archive>,
    stopped: &watch::Receiver<bool>,
) -> anyhow::Result<()> {
    rooms.spawn(keep_ingesting(Arc::clone(archive), i64::from(config.series_quiet_seconds) * 1000));
    rooms.spawn(keep_watching(watched(config)?, config.watch_seconds, Arc::clone(archive)));
    rooms.spawn(keep_sweeping(Arc::clone(archive)));
    rooms.spawn(keep_moving(Arc::clone(archive), config.segment_store, stopped.clone()));
    Ok(())
}

/// Lets the rooms that were told to stop end what they have begun; ends the others.
async fn drain(mut rooms: JoinSet<anyhow::Result<()>>) {
    const GRACE: Duration = Duration::from_secs(5);
    let _ = tokio::time::timeout(GRACE, async {
        // The endless loops never end by themselves; what listens does.
        for _ in 0..3 {
            rooms.join_next().await;
        }
    })
    .await;
    rooms.shutdown().await;
}

struct Listeners {
    viewer: TcpListener,
    dicom: DicomListeners,
    ops: TcpListener,
}

impl Listeners {
    fn bind(config: &Config) -> anyhow::Result<Self> {
        let bind = |address: SocketAddr, what: &str| {
            let listener = TcpListener::bind(address)
                .with_context(|| format!("cannot listen on {address} for {what}"))?;
            listener.set_nonblocking(true)?;
            Ok::<_, anyhow::Error>(listener)
        };
        Ok(Self {
            viewer: bind(config.viewer_listen, "the viewer")?,
            dicom: DicomListeners {
                plain: bind(config.dicom_listen, "DICOM")?,
                tls: config.dicom_tls_listen.map(|address| bind(address, "DICOM over TLS")).transpose()?,
            },
            ops: bind(config.ops_listen, "operations")?,
        })
    }
}

async fn serve_commands(socket: PathBuf, serving: Serving) -> anyhow::Result<()> {
    commands::serve(&socket, Arc::new(serving)).await
}

/// What the viewer's API works with.
struct Behind {
    submitter: ScoringSubmitter,
    surroundings: Arc<Surroundings>,
    assist: Arc<AssistRoom>,
    peers: Arc<PeersOfPages>,
}

fn serve_viewer(
    config: &Config,
    listener: TcpListener,
    behind: Behind,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<impl Future<Output = anyhow::Result<()>> + Send + 'static> {
    let tls = tls::viewer_tls(config, SystemClock.now())?;
    let state = ViewerState {
        archive: Arc::clone(behind.submitter.archive()),
        submitter: Arc::new(behind.submitter),
        status: behind.surroundings,
        schema: Arc::new(WireSchema),
        assist: behind.assist,
        peers: behind.peers,
        clock: Arc::new(SystemClock),
    };
    let router = agent_viewer_api::router(state);
    Ok(async move {
        Ok(agent_viewer_api::serve(listener, Arc::unwrap_or_clone(tls), router, until(stopped)).await?)
    })
}

async fn keep_ingesting(archive: Arc<Archive>, quiet_ms: i64) -> anyhow::Result<()> {
    let mut behind = true;
    let mut tick = tokio::time::interval(INGEST_EVERY);
    loop {
        tick.tick().await;
        let archive = Arc::clone(&archive);
        let caught_up = tokio::task::spawn_blocking(move || {
            let caught_up = !behind || caught_up(&archive);
            for series in archive.series_quiet(SystemClock.now(), quiet_ms) {
                if let Err(error) = ingest(&archive, series) {
                    tracing::error!(%series, error = &error as &dyn std::error::Error, "a series cannot be looked at");
                }
            }
            caught_up
        })
        .await?;
        behind = !caught_up;
    }
}

/// Whether every asset of an earlier version has been examined.
fn caught_up(archive: &Archive) -> bool {
    catch_up(archive).map(|more| !more).unwrap_or_else(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "assets in quarantine cannot be examined");
        true
    })
}

/// The watched folder, if the settings name one.
fn watched(config: &Config) -> anyhow::Result<Option<Watched>> {
    let after = After::of(config.watch_after, config.watch_move_to.as_deref())?;
    config.watch_folder.as_deref().map(|folder| Watched::open(folder, after)).transpose()
}

/// Takes what lies still in the watched folder. One that cannot be listed now is tried again: it may be on a share
/// that is away.
async fn keep_watching(watched: Option<Watched>, seconds: u32, archive: Arc<Archive>) -> anyhow::Result<()> {
    let Some(mut watched) = watched else { return std::future::pending().await };
    let mut tick = tokio::time::interval(Duration::from_secs(u64::from(seconds.max(1))));
    loop {
        tick.tick().await;
        let archive = Arc::clone(&archive);
        let looked = tokio::task::spawn_blocking(move || {
            let looked = watched.look(&archive, SystemClock.now());
            (watched, looked)
        });
        let report;
        (watched, report) = looked.await?;
        match report {
            Ok(Some(report)) => {
                tracing::info!(
                    taken = report.taken,
                    skipped = report.skipped,
                    refused = report.refused,
                    "the watched folder was looked at"
                );
            }
            Ok(None) => {}
            Err(error) => {
                // The path may hold a name, so the log has the kind of failure alone.
                let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
                tracing::error!(?kind, "the watched folder cannot be taken from");
            }
        }
    }
}

/// Adds the callers that the DICOM listener rejects to the day's refusals, each once.
async fn keep_counting(archive: Arc<Archive>, published: impl Fn() -> String) -> anyhow::Result<()> {
    let mut tick = tokio::time::interval(COUNT_EVERY);
    let mut counted = 0;
    loop {
        tick.tick().await;
        counted = count_rejected(&archive, &published(), counted);
    }
}

/// Adds what is beyond `counted` and gives what is counted now.
fn count_rejected(archive: &Archive, published: &str, counted: u64) -> u64 {
    let rejected = callers_rejected(published);
    archive.arrivals_refused(rejected.saturating_sub(counted));
    rejected
}

/// How many callers were rejected since the start, as the DICOM listener publishes it.
fn callers_rejected(published: &str) -> u64 {
    let count = |outcome| {
        let name = format!("ringfence_dicom_associations_total{{outcome=\"{outcome}\"}} ");
        let line = published.lines().find_map(|line| line.strip_prefix(&name));
        line.and_then(|count| count.parse::<u64>().ok()).unwrap_or(0)
    };
    agent_dicom::rejection_codes().map(count).sum()
}

/// Paints and checks what submissions and the worklist ask for: at the start, and after every change.
async fn keep_following(archive: Arc<Archive>, changed: Arc<Notify>) -> anyhow::Result<()> {
    loop {
        let site = Arc::clone(&archive);
        tokio::task::spawn_blocking(move || follow(&site, SystemClock.now())).await?;
        changed.notified().await;
        tokio::time::sleep(FOLLOW_PAUSE).await;
    }
}

/// Lets models answer for the tasks of projects with such an order, one task after the other: at the start,
/// after every change of the worklist, and now and then for models that were away.
async fn keep_preannotating(
    mut runner: Runner,
    changed: Arc<Notify>,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let stop = runner.stop();
    loop {
        let pass = tokio::task::spawn_blocking(move || {
            let passed = runner.pass();
            (runner, passed)
        });
        let passed;
        tokio::select! {
            ended = pass => (runner, passed) = ended?,
            () = until(stopped.clone()) => {
                // The call under way ends, and its task waits for the next start.
                stop.cancel();
                return std::future::pending().await;
            }
        }
        if let Err(error) = passed {
            tracing::error!(error = &error as &dyn std::error::Error, "pre-annotation cannot go on");
        }
        let _ = tokio::time::timeout(PREANNOTATE_EVERY, changed.notified()).await;
    }
}

async fn keep_sweeping(archive: Arc<Archive>) -> anyhow::Result<()> {
    let mut tick = tokio::time::interval(SWEEP_EVERY);
    loop {
        tick.tick().await;
        let archive = Arc::clone(&archive);
        tokio::task::spawn_blocking(move || sweep(&archive, SystemClock.now())).await?;
    }
}

fn sweep(archive: &Archive, now: Timestamp) {
    const IDLE_SECONDS: i64 = 15 * 60;
    const LONGEST_SECONDS: i64 = 12 * 60 * 60;
    let swept = archive.sessions_sweep(now.plus_seconds(-IDLE_SECONDS), now.plus_seconds(-LONGEST_SECONDS));
    if let Err(error) = swept.and_then(|_| archive.leases_expire(now)) {
        tracing::error!(
            error = &error as &dyn std::error::Error,
            "ended leases and sessions cannot be cleared"
        );
    }
}

/// Waits until the agent is enrolled, then keeps it connected.
async fn keep_connected(
    directory: PathBuf,
    ports: agent_uplink::Ports,
    status: watch::Sender<Status>,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let config = agent_uplink::Config { directory: identity_directory(&directory) };
    loop {
        match agent_uplink::run(config.clone(), ports.clone(), status.clone(), until(stopped.clone())).await {
            Ok(()) => {
                until(stopped).await;
                return Ok(());
            }
            Err(agent_uplink::RunError::NotEnrolled) => tokio::time::sleep(ENROLLED_EVERY).await,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn keep_reporting(
    directory: PathBuf,
    archive: Arc<Archive>,
    mut status: watch::Receiver<Status>,
) -> anyhow::Result<()> {
    let mut tick = tokio::time::interval(HEALTH_EVERY);
    loop {
        status.wait_for(|status| status.connected).await?;
        tick.tick().await;
        let (archive, directory, now) = (Arc::clone(&archive), directory.clone(), status.borrow().clone());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = health(&directory, &archive, &now, SystemClock.now()).map(|_| ()) {
                tracing::error!(
                    error = &*error as &dyn std::error::Error,
                    "the state of the agent cannot be reported"
                );
            }
        })
        .await?;
    }
}

fn audit(archive: &Archive, action: AuditAction) {
    let event = NewAuditEvent {
        actor: AuditActor::Agent,
        action,
        subject: AuditSubject::Nothing,
        outcome: AuditOutcome::Done,
        detail: None,
    };
    if let Err(error) = archive.audit_append(&event) {
        tracing::error!(error = &error as &dyn std::error::Error, "the audit trail cannot be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejected_callers_are_counted_and_busy_or_released_ones_are_not() {
        let published = "# TYPE ringfence_dicom_associations_total counter\n\
            ringfence_dicom_associations_total{outcome=\"calling-ae\"} 3\n\
            ringfence_dicom_associations_total{outcome=\"called-ae\"} 1\n\
            ringfence_dicom_associations_total{outcome=\"turned-away\"} 7\n\
            ringfence_dicom_associations_total{outcome=\"released\"} 20\n";
        assert_eq!(callers_rejected(published), 4);
        assert_eq!(callers_rejected(""), 0);
    }

    #[test]
    fn each_rejected_caller_is_added_once_to_the_refusals_of_the_day() {
        let place = tempfile::tempdir().unwrap();
        let archive = Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap();
        let published =
            |callers| format!("ringfence_dicom_associations_total{{outcome=\"calling-ae\"}} {callers}");
        let counted = [2, 2, 3]
            .iter()
            .fold(0, |counted, callers| count_rejected(&archive, &published(callers), counted));
        assert_eq!((counted, archive.day_counts(SystemClock.now()).unwrap().refused), (3, 3));
    }
}
