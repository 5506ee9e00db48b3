//! Records of tasks and their progress.

use control_plane_domain::{ConsensusKind, ConsensusRule, Progress, Slot, Task};
use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{Id, Record, ids_of, submissions_of};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TaskV1 {
    id: Id,
    project: Id,
    site: Id,
    asset: Id,
    instruction_version: u32,
    overlap: u32,
    gold: bool,
    withdrawn: bool,
    created_at: i64,
    #[serde(default)]
    consensus: Vec<ConsensusRuleV1>,
    #[serde(default)]
    arbitration: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct ConsensusRuleV1 {
    object_id: u32,
    submissions: Vec<Id>,
    kind: u32,
    truth_table: ByteBuf,
}

impl ConsensusRuleV1 {
    fn of(rule: &ConsensusRule) -> Self {
        Self {
            object_id: rule.object_id,
            submissions: ids_of(&rule.submissions),
            kind: rule.kind.code(),
            truth_table: ByteBuf::from(rule.truth_table.clone()),
        }
    }

    fn thing(self) -> Option<ConsensusRule> {
        Some(ConsensusRule {
            object_id: self.object_id,
            submissions: submissions_of(self.submissions),
            kind: ConsensusKind::from_code(self.kind)?,
            truth_table: self.truth_table.into_vec(),
        })
    }
}

impl Record for TaskV1 {
    type Thing = Task;
    const TABLE: &'static str = "task";

    fn of(task: &Task) -> Self {
        Self {
            id: Id(*task.id.bytes()),
            project: Id(*task.project.bytes()),
            site: Id(*task.site.bytes()),
            asset: Id(*task.asset.bytes()),
            instruction_version: task.instruction_version,
            overlap: task.overlap,
            gold: task.gold,
            withdrawn: task.withdrawn,
            consensus: task.consensus.iter().map(ConsensusRuleV1::of).collect(),
            arbitration: task.arbitration,
            created_at: task.created_at.millis(),
        }
    }

    fn thing(self) -> Option<Task> {
        Some(Task {
            id: TaskId::from_bytes(self.id.0),
            project: ProjectId::from_bytes(self.project.0),
            site: SiteId::from_bytes(self.site.0),
            asset: AssetToken::from_bytes(self.asset.0),
            instruction_version: self.instruction_version,
            overlap: self.overlap,
            gold: self.gold,
            withdrawn: self.withdrawn,
            consensus: self.consensus.into_iter().map(ConsensusRuleV1::thing).collect::<Option<_>>()?,
            arbitration: self.arbitration,
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProgressV1 {
    task: Id,
    slots: Vec<SlotV1>,
    surplus: Vec<Id>,
    #[serde(default)]
    arbiter: SlotV1,
}

#[derive(Debug, Default, Serialize, Deserialize)]
enum SlotV1 {
    #[default]
    Free,
    Leased {
        person: Id,
    },
    Submitted {
        person: Id,
        submission: Id,
    },
}

impl SlotV1 {
    fn of(slot: &Slot) -> Self {
        match slot {
            Slot::Free => Self::Free,
            Slot::Leased { person } => Self::Leased { person: Id(*person.bytes()) },
            Slot::Submitted { person, submission } => {
                Self::Submitted { person: Id(*person.bytes()), submission: Id(*submission.bytes()) }
            }
        }
    }

    fn thing(self) -> Slot {
        match self {
            Self::Free => Slot::Free,
            Self::Leased { person } => Slot::Leased { person: PersonId::from_bytes(person.0) },
            Self::Submitted { person, submission } => Slot::Submitted {
                person: PersonId::from_bytes(person.0),
                submission: SubmissionId::from_bytes(submission.0),
            },
        }
    }
}

impl Record for ProgressV1 {
    type Thing = Progress;
    const TABLE: &'static str = "progress";

    fn of(progress: &Progress) -> Self {
        Self {
            task: Id(*progress.task.bytes()),
            slots: progress.slots.iter().map(SlotV1::of).collect(),
            surplus: ids_of(&progress.surplus),
            arbiter: SlotV1::of(&progress.arbiter),
        }
    }

    fn thing(self) -> Option<Progress> {
        Some(Progress {
            task: TaskId::from_bytes(self.task.0),
            slots: self.slots.into_iter().map(SlotV1::thing).collect(),
            surplus: submissions_of(self.surplus),
            arbiter: self.arbiter.thing(),
        })
    }
}
