//! The stored forms of what the control plane said.

use proto_ids::{AssetToken, EpochId, ModelToken, PersonId, ProjectId, SubmissionId, TaskId};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{
    ConsensusKind, ConsensusRuleCopy, PersonCopy, PreannotationOrder, ProjectCopy, TaskCopy, WorklistCursor,
};
use crate::StorageError;
use crate::people::AccountRecord;
use crate::record::{IdBytes, Record, load, save};

#[derive(Serialize, Deserialize)]
pub(super) struct CursorRecord {
    pub(super) epoch: IdBytes,
    pub(super) sequence: u64,
}

impl Record for CursorRecord {
    const TABLE: &'static str = "cursor";
}

#[derive(Serialize, Deserialize)]
pub(super) struct ProjectRecord {
    title: String,
    instruction_version: u32,
    annotators: Vec<IdBytes>,
    closed: bool,
    #[serde(default)]
    arbiters: Vec<IdBytes>,
    #[serde(default)]
    gold_percent: u32,
    #[serde(default)]
    gold_seed: u64,
    #[serde(default)]
    preannotation: Option<PreannotationRecord>,
}

#[derive(Serialize, Deserialize)]
struct PreannotationRecord {
    model: IdBytes,
    run: u32,
}

impl Record for ProjectRecord {
    const TABLE: &'static str = "project";
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PersonRecord {
    pub(crate) user_name: String,
    pub(crate) display_name: String,
    pub(crate) invitation_sha256: Option<ByteArray<32>>,
    pub(crate) invitation_expires_at: i64,
    pub(crate) suspended: bool,
}

impl Record for PersonRecord {
    const TABLE: &'static str = "person";
}

#[derive(Serialize, Deserialize)]
pub(super) struct TaskRecord {
    project: IdBytes,
    asset: IdBytes,
    instruction_version: u32,
    overlap: u32,
    gold: bool,
    withdrawn: bool,
    /// Place in the worklist when it was first ordered.
    pub(super) ordered: u64,
    #[serde(default)]
    consensus: Vec<RuleRecord>,
    #[serde(default)]
    arbitration: bool,
}

#[derive(Serialize, Deserialize)]
struct RuleRecord {
    object_id: u32,
    submissions: Vec<IdBytes>,
    kind: KindRecord,
    truth_table: ByteBuf,
}

#[derive(Serialize, Deserialize)]
enum KindRecord {
    Majority,
    Staple,
}

impl Record for TaskRecord {
    const TABLE: &'static str = "task";
}

pub(super) fn project_put(tx: &mut Tx<'_>, project: &ProjectCopy) -> Result<(), StorageError> {
    let people = |people: &[PersonId]| people.iter().map(|person| ByteArray::new(*person.bytes())).collect();
    let record = ProjectRecord {
        title: project.title.clone(),
        instruction_version: project.instruction_version,
        annotators: people(&project.annotators),
        closed: project.closed,
        arbiters: people(&project.arbiters),
        gold_percent: project.gold_percent,
        gold_seed: project.gold_seed,
        preannotation: project
            .preannotation
            .map(|order| PreannotationRecord { model: ByteArray::new(*order.model.bytes()), run: order.run }),
    };
    save(tx, project.project.bytes(), &record)
}

pub(super) fn person_put(tx: &mut Tx<'_>, person: &PersonCopy) -> Result<(), StorageError> {
    // A code that was redeemed here is spent, also while the control plane does not know it yet.
    let spent = load::<AccountRecord>(tx, person.person.bytes())?.and_then(|account| account.redeemed_sha256);
    let invitation =
        person.invitation.filter(|invitation| spent.is_none_or(|spent| *spent != invitation.sha256));
    let record = PersonRecord {
        user_name: person.user_name.clone(),
        display_name: person.display_name.clone(),
        invitation_sha256: invitation.map(|invitation| ByteArray::new(invitation.sha256)),
        invitation_expires_at: invitation.map_or(0, |invitation| invitation.expires_at.millis()),
        suspended: person.suspended,
    };
    save(tx, person.person.bytes(), &record)
}

pub(super) fn task_put(tx: &mut Tx<'_>, task: &TaskCopy, sequence: u64) -> Result<(), StorageError> {
    let ordered = load::<TaskRecord>(tx, task.task.bytes())?.map_or(sequence, |record| record.ordered);
    let record = TaskRecord {
        project: ByteArray::new(*task.project.bytes()),
        asset: ByteArray::new(*task.asset.bytes()),
        instruction_version: task.instruction_version,
        overlap: task.overlap,
        gold: task.gold,
        withdrawn: task.withdrawn,
        ordered,
        consensus: task.consensus.iter().map(RuleRecord::of).collect(),
        arbitration: task.arbitration,
    };
    save(tx, task.task.bytes(), &record)?;
    crate::work::slots_follow_order(tx, task)
}

impl CursorRecord {
    pub(super) fn read(&self) -> WorklistCursor {
        WorklistCursor { epoch: EpochId::from_bytes(*self.epoch), sequence: self.sequence }
    }
}

impl ProjectRecord {
    pub(super) fn read(self, project: ProjectId) -> ProjectCopy {
        let people = |bytes: &[IdBytes]| bytes.iter().map(|bytes| PersonId::from_bytes(**bytes)).collect();
        ProjectCopy {
            project,
            title: self.title,
            instruction_version: self.instruction_version,
            annotators: people(&self.annotators),
            closed: self.closed,
            arbiters: people(&self.arbiters),
            gold_percent: self.gold_percent,
            gold_seed: self.gold_seed,
            preannotation: self.preannotation.map(|order| PreannotationOrder {
                model: ModelToken::from_bytes(*order.model),
                run: order.run,
            }),
        }
    }
}

impl TaskRecord {
    pub(super) fn read(self, task: TaskId) -> TaskCopy {
        TaskCopy {
            task,
            project: ProjectId::from_bytes(*self.project),
            asset: AssetToken::from_bytes(*self.asset),
            instruction_version: self.instruction_version,
            overlap: self.overlap,
            gold: self.gold,
            withdrawn: self.withdrawn,
            consensus: self.consensus.into_iter().map(RuleRecord::read).collect(),
            arbitration: self.arbitration,
        }
    }
}

impl RuleRecord {
    fn of(rule: &ConsensusRuleCopy) -> Self {
        Self {
            object_id: rule.object_id,
            submissions: rule.submissions.iter().map(|id| ByteArray::new(*id.bytes())).collect(),
            kind: match rule.kind {
                ConsensusKind::Majority => KindRecord::Majority,
                ConsensusKind::Staple => KindRecord::Staple,
            },
            truth_table: ByteBuf::from(rule.truth_table.clone()),
        }
    }

    fn read(self) -> ConsensusRuleCopy {
        ConsensusRuleCopy {
            object_id: self.object_id,
            submissions: self.submissions.iter().map(|bytes| SubmissionId::from_bytes(**bytes)).collect(),
            kind: match self.kind {
                KindRecord::Majority => ConsensusKind::Majority,
                KindRecord::Staple => ConsensusKind::Staple,
            },
            truth_table: self.truth_table.into_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::without;

    #[test]
    fn orders_and_projects_of_an_older_store_want_no_arbiter_no_draw_and_no_model() {
        let id = ByteArray::new([1; 16]);
        let task = TaskRecord {
            project: id,
            asset: id,
            instruction_version: 1,
            overlap: 2,
            gold: true,
            withdrawn: false,
            ordered: 3,
            consensus: vec![RuleRecord {
                object_id: 1,
                submissions: vec![id],
                kind: KindRecord::Staple,
                truth_table: ByteBuf::from(vec![2]),
            }],
            arbitration: true,
        };
        let older = without(&task, &["consensus", "arbitration"]).read(TaskId::from_bytes([2; 16]));
        assert!(older.consensus.is_empty() && !older.arbitration && older.gold);
        let project = ProjectRecord {
            title: "Nodules".to_owned(),
            instruction_version: 1,
            annotators: vec![id],
            closed: false,
            arbiters: vec![id],
            gold_percent: 10,
            gold_seed: u64::MAX,
            preannotation: Some(PreannotationRecord { model: id, run: 2 }),
        };
        let older = without(&project, &["arbiters", "gold_percent", "gold_seed", "preannotation"]);
        let older = older.read(ProjectId::from_bytes([3; 16]));
        assert_eq!((older.annotators.len(), older.arbiters.len(), older.gold_percent), (1, 0, 0));
        assert_eq!(older.preannotation, None);
        let newer = project.read(ProjectId::from_bytes([3; 16]));
        assert_eq!(newer.gold_seed, u64::MAX);
        let order = PreannotationOrder { model: ModelToken::from_bytes([1; 16]), run: 2 };
        assert_eq!(newer.preannotation, Some(order));
    }
}
