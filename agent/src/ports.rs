//! Joins the uplink, the DICOM room and the viewer's API to the archive, through the ports that
//! they declare.

use std::sync::Arc;

use agent_archive::{
    Archive, ConsensusKind, ConsensusRuleCopy, Direction, InstructionCopy, Invitation, MessageKind,
    NewLedgerEntry, PersonCopy, PreannotationOrder, ProjectCopy, Stored, TaskCopy, WorklistCursor,
    WorklistItem,
};
use agent_dicom::{ReceivedInstance, StoreOutcome, StoreRefusal};
use agent_uplink as uplink;
use agent_uplink::{
    Cursor, InboundError, InboundItem, Leaving, LedgerError, OutboxError, Refusal, RefusalReason, Waiting,
};
use agent_viewer_api::new_instance;
use proto_ids::EpochId;
use tokio::sync::{Notify, watch};

/// The archive's outbox, as the uplink drains it.
#[derive(Debug)]
pub(crate) struct ArchiveOutbox {
    archive: Arc<Archive>,
    changes: watch::Sender<u64>,
}

impl ArchiveOutbox {
    /// Listens to the archive's outbox; there is one of these for each archive.
    pub(crate) fn listening(archive: Arc<Archive>) -> Self {
        let (changes, _) = watch::channel(0);
        let tell = changes.clone();
        archive.outbox_listen(move || tell.send_modify(|count| *count += 1));
        Self { archive, changes }
    }
}

fn outbox_error(error: impl std::error::Error + Send + Sync + 'static) -> OutboxError {
    OutboxError(Box::new(error))
}

impl uplink::Outbox for ArchiveOutbox {
    fn peek(&self, after: u64, limit: usize) -> Result<Vec<Waiting>, OutboxError> {
        let rows = self.archive.outbox_peek(after, limit).map_err(outbox_error)?;
        Ok(rows.into_iter().map(|row| Waiting { sequence: row.sequence, report: row.bytes }).collect())
    }

    fn dealt_with(&self, up_to: u64) -> Result<(), OutboxError> {
        self.archive.outbox_done(up_to).map_err(outbox_error)
    }

    fn shelve(&self, refusal: &Refusal) -> Result<(), OutboxError> {
        let reason = match refusal.reason {
            RefusalReason::MayNotLeave => 1,
            RefusalReason::InvalidField => 2,
            RefusalReason::UnknownField => 3,
            RefusalReason::UnknownThing => 4,
            RefusalReason::ForeignSite => 5,
            RefusalReason::Other => 0,
        };
        self.archive.outbox_shelve(refusal.sequence, reason, &refusal.field).map(|_| ()).map_err(outbox_error)
    }

    fn changed(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// The archive's ledger, into which the uplink's gate writes what is about to leave.
#[derive(Debug)]
pub(crate) struct ArchiveLedger(pub(crate) Arc<Archive>);

/// A kind of message that the ledger has no name for. It must not leave.
#[derive(Debug, thiserror::Error)]
#[error("the ledger has no name for messages of the kind {0}")]
struct NamelessKind(&'static str);

impl uplink::Ledger for ArchiveLedger {
    fn append(&self, rows: &[Leaving]) -> Result<(), LedgerError> {
        let entries = rows.iter().map(|row| {
            let kind = MessageKind::from_code(row.kind());
            let kind = kind.ok_or_else(|| LedgerError(Box::new(NamelessKind(row.kind()))))?;
            Ok(NewLedgerEntry {
                direction: Direction::Sent,
                kind,
                outbox_sequence: row.number(),
                bytes: row.bytes().to_vec(),
            })
        });
        let entries = entries.collect::<Result<_, LedgerError>>()?;
        self.0.ledger_append(entries).map(|_| ()).map_err(|error| LedgerError(Box::new(error)))
    }
}

/// The archive, as received instances are kept in it.
#[derive(Debug)]
pub(crate) struct ArchiveStorage(pub(crate) Arc<Archive>);

impl agent_dicom::Storage for ArchiveStorage {
    fn store(&self, received: ReceivedInstance) -> Result<StoreOutcome, StoreRefusal> {
        let mut new = new_instance(received.identity, received.bytes);
        new.calling_ae = received.calling_ae;
        match self.0.instance_store(new) {
            Ok(Stored::New(_)) => Ok(StoreOutcome::New),
            Ok(Stored::Duplicate(_)) => Ok(StoreOutcome::Duplicate),
            Ok(Stored::KeptBeside(_)) => Ok(StoreOutcome::KeptBeside),
            Err(error) => {
                self.0.arrivals_refused(1);
                tracing::error!(error = &error as &dyn std::error::Error, "an instance cannot be stored");
                Err(StoreRefusal::OutOfResources)
            }
        }
    }
}

/// The archive's copy of what the control plane says.
#[derive(Debug)]
pub(crate) struct ArchiveInbound {
    archive: Arc<Archive>,
    followers: Vec<Arc<Notify>>,
}

impl ArchiveInbound {
    /// Wakes `followers` after each thing that was taken.
    pub(crate) const fn new(archive: Arc<Archive>, followers: Vec<Arc<Notify>>) -> Self {
        Self { archive, followers }
    }
}

fn inbound_error(error: impl std::error::Error + Send + Sync + 'static) -> InboundError {
    InboundError(Box::new(error))
}

impl uplink::Inbound for ArchiveInbound {
    fn cursor(&self) -> Result<Cursor, InboundError> {
        let cursor = self.archive.worklist_cursor().map_err(inbound_error)?;
        Ok(Cursor {
            epoch: cursor.map(|cursor| cursor.epoch),
            sequence: cursor.map_or(0, |cursor| cursor.sequence),
        })
    }

    fn apply(&self, epoch: EpochId, sequence: u64, item: InboundItem) -> Result<(), InboundError> {
        let cursor = WorklistCursor { epoch, sequence };
        self.archive.worklist_apply(cursor, &worklist_item(item)).map_err(inbound_error)?;
        self.followers.iter().for_each(|follower| follower.notify_one());
        Ok(())
    }
}

fn worklist_item(item: InboundItem) -> WorklistItem {
    match item {
        InboundItem::Project(project) => WorklistItem::Project(ProjectCopy {
            project: project.project,
            title: project.title,
            instruction_version: project.instruction_version,
            annotators: project.annotators,
            closed: project.closed,
            arbiters: project.arbiters,
            gold_percent: u32::from(project.gold_percent),
            gold_seed: project.gold_seed,
            preannotation: project
                .preannotation
                .map(|order| PreannotationOrder { model: order.model, run: order.run }),
        }),
        InboundItem::Instruction(version) => WorklistItem::Instruction(InstructionCopy {
            project: version.project,
            version: version.version,
            instruction: version.instruction,
        }),
        InboundItem::Person(person) => WorklistItem::Person(PersonCopy {
            person: person.person,
            user_name: person.user_name,
            display_name: person.display_name,
            invitation: person
                .invitation
                .map(|one| Invitation { sha256: one.sha256, expires_at: one.expires_at }),
            suspended: person.suspended,
        }),
        InboundItem::Task(task) => WorklistItem::Task(TaskCopy {
            task: task.task,
            project: task.project,
            asset: task.asset,
            instruction_version: task.instruction_version,
            overlap: u32::from(task.overlap),
            gold: task.gold,
            withdrawn: task.withdrawn,
            consensus: task.consensus.into_iter().map(rule).collect(),
            arbitration: task.arbitration,
        }),
    }
}

fn rule(rule: uplink::ConsensusRule) -> ConsensusRuleCopy {
    ConsensusRuleCopy {
        object_id: rule.object_id,
        submissions: rule.submissions,
        kind: match rule.kind {
            uplink::ConsensusKind::Majority => ConsensusKind::Majority,
            uplink::ConsensusKind::Staple => ConsensusKind::Staple,
        },
        truth_table: rule.truth_table,
    }
}

#[cfg(test)]
mod tests {
    use agent_uplink::{
        ConsensusPainted, ModelProvider, ModelState, Outbound, PreannotationProgress, Recheck, RuleKind,
        ShapeAgreement,
    };
    use proto_ids::{ModelToken, ProjectId, SubmissionId, TaskId};

    use super::*;
    use crate::samples::{Place, instruction, label_map};

    fn agreements() -> [Outbound; 3] {
        let (task, submissions) = (TaskId::from_random([1; 16]), vec![SubmissionId::from_random([2; 16])]);
        let rule = RuleKind::Arbiter;
        [
            Outbound::Shapes(ShapeAgreement {
                task,
                object_id: 1,
                submissions: submissions.clone(),
                counts: vec![0],
                pairs: Vec::new(),
            }),
            Outbound::Consensus(ConsensusPainted { task, object_id: 1, submissions, rule, voxels: 0 }),
            Outbound::Recheck(Recheck {
                project: ProjectId::from_random([3; 16]),
                instruction_version: 1,
                checked: 0,
                failing: 0,
            }),
        ]
    }

    #[test]
    fn the_ledger_has_a_name_for_what_is_told_of_agreement_and_models() {
        let model = ModelToken::from_random([4; 16]);
        let project = ProjectId::from_random([3; 16]);
        let models = [
            Outbound::Model(ModelState { model, provider: ModelProvider::BuiltIn, available: true }),
            Outbound::Preannotation(PreannotationProgress {
                project,
                run: 1,
                waiting: 0,
                done: 0,
                failed: 0,
                report: 1,
            }),
        ];
        for outbound in agreements().into_iter().chain(models) {
            let kind = MessageKind::from_code(outbound.kind()).unwrap();
            assert_eq!(kind.code(), outbound.kind());
        }
    }

    #[test]
    fn what_comes_down_is_kept_and_tells_the_followers() {
        let place = Place::new(&instruction(&[(1, label_map(1))]));
        let followers = Arc::new(Notify::new());
        let inbound = ArchiveInbound::new(Arc::clone(&place.archive), vec![Arc::clone(&followers)]);
        let project = ProjectId::from_random([9; 16]);
        let arbiter = proto_ids::PersonId::from_random([8; 16]);
        let model = ModelToken::from_random([6; 16]);
        let item = InboundItem::Project(uplink::Project {
            project,
            title: "Kidneys".into(),
            instruction_version: 3,
            annotators: Vec::new(),
            closed: false,
            arbiters: vec![arbiter],
            gold_percent: 20,
            gold_seed: u64::MAX,
            preannotation: Some(uplink::PreannotationOrder { model, run: 2 }),
        });
        uplink::Inbound::apply(&inbound, EpochId::from_random([7; 16]), 1, item).unwrap();
        let kept = place.archive.project(project).unwrap().unwrap();
        assert_eq!((kept.arbiters, kept.gold_percent, kept.gold_seed), (vec![arbiter], 20, u64::MAX));
        assert_eq!(kept.preannotation, Some(PreannotationOrder { model, run: 2 }));
        // A permit is there for whoever waits next.
        let waits = std::pin::pin!(followers.notified());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waits.poll(&mut context).is_ready());
    }
}
