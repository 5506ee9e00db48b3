//! The hospital's side: the real uplink and the real ledger, and an outbox with as many reports as wanted.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use agent::rooms::Rooms;
use agent_archive::{Archive, MessageKind};
use agent_uplink::{
    AssetCard, BodyRegion, Config, Contrast, CountBucket, Cursor, Dimensionality, EnrolError, GoldPresence,
    Health, Inbound, InboundError, InboundItem, JoinString, LeaseEvent, LeaseState, Modality, Outbound,
    Outbox, OutboxError, PatternCount, PersonState, PersonStateKind, Plane, Ports, Recheck, Refusal, Role,
    SizeClass, SpacingTenths, Status, ThicknessHalves, VotingPattern, Waiting,
};
use proto_ids::{AssetToken, EpochId, PersonId, ProjectId, SubmissionId, TaskId};
use tokio::sync::{oneshot, watch};

use super::Turned;
use super::watched::{Durable, WatchedIo};

/// Far more than anything takes here, on a machine that does other work, too.
const PATIENCE: Duration = Duration::from_secs(300);

/// See the module.
pub(crate) struct Hospital {
    identity: PathBuf,
    rooms: Rooms,
    io: WatchedIo,
    clock: Arc<Turned>,
    reports: Arc<Reports>,
}

impl Hospital {
    pub(crate) fn open(directory: &Path, clock: &Arc<Turned>) -> Self {
        let store = directory.join("store");
        let io = WatchedIo::of_store(&store);
        let archive = Archive::open(&store, Arc::new(io.clone()), Arc::<Turned>::clone(clock)).unwrap();
        Self {
            identity: directory.join("identity"),
            rooms: Rooms::join(archive),
            io,
            clock: Arc::clone(clock),
            reports: Arc::new(Reports::new()),
        }
    }

    pub(crate) fn durable(&self) -> Durable {
        self.io.durable.clone()
    }

    pub(crate) fn break_disk(&self) {
        self.io.break_ledger();
    }

    pub(crate) async fn try_enrol(&self, join_string: &str) -> Result<agent_uplink::Enrolled, EnrolError> {
        let join: JoinString = join_string.parse().unwrap();
        agent_uplink::enrol(&join, &self.identity, self.rooms.ledger(), self.clock.clone()).await
    }

    pub(crate) async fn enrol(&self, join_string: &str) {
        self.try_enrol(join_string).await.unwrap();
    }

    /// Runs the uplink until the control plane has dealt with so many reports.
    pub(crate) async fn run_until(&self, reports: u64) {
        let (status, mut watched) = watch::channel(Status::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let ports = Ports {
            outbox: self.reports.clone(),
            ledger: self.rooms.ledger(),
            inbound: Arc::new(Nothing),
            clock: self.clock.clone(),
        };
        let config = Config { directory: self.identity.clone() };
        let running = tokio::spawn(agent_uplink::run(config, ports, status, async {
            let _ = stopped.await;
        }));
        self.reports.allow(reports);
        let mut dealt = self.reports.dealt.subscribe();
        let all = dealt.wait_for(|dealt| *dealt >= reports);
        tokio::time::timeout(PATIENCE, all).await.expect("in time").unwrap();
        let caught_up = watched.wait_for(|status| status.caught_up);
        tokio::time::timeout(PATIENCE, caught_up).await.expect("in time").unwrap();
        stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, running).await.expect("in time").unwrap().unwrap();
    }

    /// The kinds of messages that are durable.
    pub(crate) fn kinds(&self) -> HashSet<MessageKind> {
        self.io.durable.lines().iter().map(|line| line.kind).collect()
    }
}

/// An outbox that has a report for every number up to a limit.
struct Reports {
    forms: Vec<Vec<u8>>,
    allowed: watch::Sender<u64>,
    dealt: watch::Sender<u64>,
}

impl Reports {
    fn new() -> Self {
        let forms = forms().iter().map(Outbound::encode).collect();
        Self { forms, allowed: watch::Sender::new(0), dealt: watch::Sender::new(0) }
    }

    fn allow(&self, up_to: u64) {
        self.allowed.send_replace(up_to);
    }
}

impl Outbox for Reports {
    fn peek(&self, after: u64, limit: usize) -> Result<Vec<Waiting>, OutboxError> {
        let allowed = *self.allowed.borrow();
        let report = |sequence: u64| Waiting {
            sequence,
            report: self.forms[usize::try_from(sequence).unwrap() % self.forms.len()].clone(),
        };
        Ok((after + 1..=allowed).take(limit).map(report).collect())
    }

    fn dealt_with(&self, up_to: u64) -> Result<(), OutboxError> {
        self.dealt.send_modify(|dealt| *dealt = (*dealt).max(up_to));
        Ok(())
    }

    fn shelve(&self, refusal: &Refusal) -> Result<(), OutboxError> {
        panic!("nothing is refused here: {refusal:?}")
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.allowed.subscribe()
    }
}

/// Nothing comes down that has to be kept.
struct Nothing;

impl Inbound for Nothing {
    fn cursor(&self) -> Result<Cursor, InboundError> {
        Ok(Cursor { epoch: Some(EpochId::from_random([5; 16])), sequence: 9 })
    }

    fn apply(&self, _: EpochId, _: u64, _: InboundItem) -> Result<(), InboundError> {
        Ok(())
    }
}

fn card() -> AssetCard {
    AssetCard {
        asset: AssetToken::from_random([1; 16]),
        modality: Modality::Ct,
        region: BodyRegion::Abdomen,
        plane: Plane::Axial,
        dimensionality: Dimensionality::Volume,
        contrast: Contrast::Unknown,
        slices: CountBucket::of(300),
        size: SizeClass::of(512),
        spacing: SpacingTenths::of_mm(0.7),
        thickness: ThicknessHalves::of_mm(1.0),
        frames: CountBucket::of(1),
    }
}

fn forms() -> Vec<Outbound> {
    let (task, person) = (TaskId::from_random([2; 16]), PersonId::from_random([3; 16]));
    let submissions: Vec<SubmissionId> = (1..=4).map(|byte| SubmissionId::from_random([byte; 16])).collect();
    let counts = (1..16).map(|marked_by| PatternCount { marked_by, voxels: u64::from(marked_by) * 1000 });
    let pattern =
        VotingPattern { task, object_id: 1, submissions, counts: counts.collect(), region_voxels: 1_000_000 };
    let (state, role) = (LeaseState::Granted, Role::Annotator);
    vec![
        Outbound::Asset(card()),
        Outbound::Lease(LeaseEvent { task, person, slot: 1, state, role }),
        Outbound::Pattern(pattern),
        Outbound::Gold(GoldPresence { asset: AssetToken::from_random([1; 16]), present: true }),
        Outbound::Person(PersonState { person, state: PersonStateKind::Redeemed }),
        Outbound::Recheck(Recheck {
            project: ProjectId::from_random([4; 16]),
            instruction_version: 2,
            checked: 40,
            failing: 3,
        }),
        Outbound::Health(Health {
            version: 1000,
            queue_depth: 12,
            disk_free_percent: 60,
            certificate_days_left: 5,
        }),
    ]
}
