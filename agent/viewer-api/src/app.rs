//! What all calls share.

use std::sync::{Arc, Mutex, PoisonError};

use agent_archive::{Archive, AuditAction, AuditActor, AuditOutcome, AuditSubject, NewAuditEvent};
use proto_ids::{Clock, Timestamp};
use tokio::sync::Semaphore;

use crate::assist::Assist;
use crate::dicomweb;
use crate::ledger::{Egress, EgressSchema};
use crate::peers::PeerRoom;
use crate::peers::port::Peers;
use crate::ports::{AgentStatus, Submitter};
use crate::previews::Previews;
use crate::problem::Problem;
use crate::throttle::Throttle;
use crate::volumes::VolumeCache;

/// Two gibibytes of decoded volumes are kept.
const CACHE_BYTES: u64 = 2 << 30;
/// How many passwords are hashed at a time; each takes 19 MiB.
const HASHERS: usize = 4;
/// How many drawings are measured at a time: each keeps a processor busy.
const MEASURERS: usize = 2;
/// How many previews are computed at a time: each keeps a processor busy and may take a gigabyte.
const COMPUTERS: usize = 2;
/// How many large volumes are decoded on their way to browsers at a time: each holds a thread and some slices.
const SENDERS: usize = 32;

/// What this room works with.
#[derive(Clone)]
pub struct ViewerState {
    pub archive: Arc<Archive>,
    pub submitter: Arc<dyn Submitter>,
    pub status: Arc<dyn AgentStatus>,
    pub schema: Arc<dyn EgressSchema>,
    pub assist: Arc<dyn Assist>,
    pub peers: Arc<dyn Peers>,
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for ViewerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ViewerState(..)")
    }
}

pub(crate) struct App {
    pub(crate) archive: Arc<Archive>,
    pub(crate) submitter: Arc<dyn Submitter>,
    pub(crate) status: Arc<dyn AgentStatus>,
    pub(crate) schema: Arc<dyn EgressSchema>,
    pub(crate) egress: Egress,
    pub(crate) assist: Arc<dyn Assist>,
    pub(crate) peers: PeerRoom,
    pub(crate) previews: Previews,
    clock: Arc<dyn Clock>,
    pub(crate) volumes: VolumeCache,
    throttle: Mutex<Throttle>,
    hashers: Arc<Semaphore>,
    measurers: Arc<Semaphore>,
    computers: Arc<Semaphore>,
    pub(crate) senders: Arc<Semaphore>,
    pub(crate) dicomweb: dicomweb::Shared,
}

impl App {
    pub(crate) fn new(state: ViewerState) -> Arc<Self> {
        Arc::new(Self {
            archive: state.archive,
            submitter: state.submitter,
            status: state.status,
            schema: state.schema,
            egress: Egress::default(),
            assist: state.assist,
            peers: PeerRoom::new(state.peers),
            previews: Previews::default(),
            clock: state.clock,
            volumes: VolumeCache::new(CACHE_BYTES),
            throttle: Mutex::default(),
            hashers: Arc::new(Semaphore::new(HASHERS)),
            measurers: Arc::new(Semaphore::new(MEASURERS)),
            computers: Arc::new(Semaphore::new(COMPUTERS)),
            senders: Arc::new(Semaphore::new(SENDERS)),
            dicomweb: dicomweb::Shared::default(),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn throttled<R>(&self, act: impl FnOnce(&mut Throttle) -> R) -> R {
        act(&mut self.throttle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs what blocks on a thread of its own. It runs to its end even if the caller goes away.
    pub(crate) async fn blocking<R, F>(self: &Arc<Self>, act: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: FnOnce(&Self) -> R + Send + 'static,
    {
        let app = Arc::clone(self);
        tokio::task::spawn_blocking(move || act(&app)).await.map_err(|cause| Problem::ours(&cause))
    }

    /// As [`App::blocking`], for the hashing of a password.
    pub(crate) async fn hashing<R, F>(self: &Arc<Self>, act: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: FnOnce(&Self) -> R + Send + 'static,
    {
        self.in_turn(&self.hashers, act).await
    }

    /// As [`App::blocking`], for the measuring of what was drawn.
    pub(crate) async fn measuring<R, F>(self: &Arc<Self>, act: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: FnOnce(&Self) -> R + Send + 'static,
    {
        self.in_turn(&self.measurers, act).await
    }

    /// As [`App::blocking`], for what is computed for somebody to accept.
    pub(crate) async fn computing<R, F>(self: &Arc<Self>, act: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: FnOnce(&Self) -> R + Send + 'static,
    {
        self.in_turn(&self.computers, act).await
    }

    async fn in_turn<R, F>(self: &Arc<Self>, places: &Arc<Semaphore>, act: F) -> Result<R, Problem>
    where
        R: Send + 'static,
        F: FnOnce(&Self) -> R + Send + 'static,
    {
        let permit = Arc::clone(places).acquire_owned().await.map_err(|cause| Problem::ours(&cause))?;
        self.blocking(move |app| {
            let result = act(app);
            drop(permit);
            result
        })
        .await
    }

    /// Writes a line of the audit trail; without it nothing is shown or done. Blocks.
    pub(crate) fn audit(
        &self,
        actor: AuditActor,
        action: AuditAction,
        subject: AuditSubject,
        outcome: AuditOutcome,
    ) -> Result<(), Problem> {
        let event = NewAuditEvent { actor, action, subject, outcome, detail: None };
        self.archive.audit_append(&event).map(|_| ()).map_err(|cause| Problem::ours(&cause))
    }
}
