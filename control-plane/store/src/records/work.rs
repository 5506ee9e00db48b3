//! Records of assets, datasets, tasks, submissions and voting patterns.

use control_plane_domain::{
    Asset, AssetCard, BodyRegion, CodedAnswer, CodedValue, Contrast, Dataset, Dimensionality, LabelScore,
    MetricValue, Modality, PatternCount, Plane, Progress, ReceivedSubmission, Slot, Submission, Task,
    Undefined, VotingPattern,
};
use proto_ids::{AssetToken, DatasetId, PersonId, ProjectId, SiteId, SubmissionId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Id, Record};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AssetV1 {
    asset: Id,
    site: Id,
    modality: u32,
    region: u32,
    plane: u32,
    dimensionality: u32,
    contrast: u32,
    slices_up_to: u32,
    size_up_to: u32,
    spacing_tenths_mm: u32,
    thickness_halves_mm: u32,
    frames_up_to: u32,
    gold: bool,
    received_at: i64,
}

impl Record for AssetV1 {
    type Thing = Asset;
    const TABLE: &'static str = "asset";

    fn of(asset: &Asset) -> Self {
        let card = &asset.card;
        Self {
            asset: Id(*card.asset.bytes()),
            site: Id(*asset.site.bytes()),
            modality: card.modality.code(),
            region: card.region.code(),
            plane: card.plane.code(),
            dimensionality: card.dimensionality.code(),
            contrast: card.contrast.code(),
            slices_up_to: card.slices_up_to,
            size_up_to: card.size_up_to,
            spacing_tenths_mm: card.spacing_tenths_mm,
            thickness_halves_mm: card.thickness_halves_mm,
            frames_up_to: card.frames_up_to,
            gold: asset.gold,
            received_at: asset.received_at.millis(),
        }
    }

    fn thing(self) -> Option<Asset> {
        let card = AssetCard {
            asset: AssetToken::from_bytes(self.asset.0),
            modality: Modality::from_code(self.modality)?,
            region: BodyRegion::from_code(self.region)?,
            plane: Plane::from_code(self.plane)?,
            dimensionality: Dimensionality::from_code(self.dimensionality)?,
            contrast: Contrast::from_code(self.contrast)?,
            slices_up_to: self.slices_up_to,
            size_up_to: self.size_up_to,
            spacing_tenths_mm: self.spacing_tenths_mm,
            thickness_halves_mm: self.thickness_halves_mm,
            frames_up_to: self.frames_up_to,
        };
        let received_at = Timestamp::from_millis(self.received_at);
        Some(Asset { site: SiteId::from_bytes(self.site.0), card, gold: self.gold, received_at })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DatasetV1 {
    id: Id,
    project: Id,
    name: String,
    version: u32,
    assets: Vec<Id>,
    created_at: i64,
}

impl Record for DatasetV1 {
    type Thing = Dataset;
    const TABLE: &'static str = "dataset";

    fn of(dataset: &Dataset) -> Self {
        Self {
            id: Id(*dataset.id.bytes()),
            project: Id(*dataset.project.bytes()),
            name: dataset.name.clone(),
            version: dataset.version,
            assets: dataset.assets.iter().map(|asset| Id(*asset.bytes())).collect(),
            created_at: dataset.created_at.millis(),
        }
    }

    fn thing(self) -> Option<Dataset> {
        Some(Dataset {
            id: DatasetId::from_bytes(self.id.0),
            project: ProjectId::from_bytes(self.project.0),
            name: self.name,
            version: self.version,
            assets: self.assets.into_iter().map(|id| AssetToken::from_bytes(id.0)).collect(),
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

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
            created_at: Timestamp::from_millis(self.created_at),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProgressV1 {
    task: Id,
    slots: Vec<SlotV1>,
    surplus: Vec<Id>,
}

#[derive(Debug, Serialize, Deserialize)]
enum SlotV1 {
    Free,
    Leased { person: Id },
    Submitted { person: Id, submission: Id },
}

impl Record for ProgressV1 {
    type Thing = Progress;
    const TABLE: &'static str = "progress";

    fn of(progress: &Progress) -> Self {
        let slot = |slot: &Slot| match slot {
            Slot::Free => SlotV1::Free,
            Slot::Leased { person } => SlotV1::Leased { person: Id(*person.bytes()) },
            Slot::Submitted { person, submission } => {
                SlotV1::Submitted { person: Id(*person.bytes()), submission: Id(*submission.bytes()) }
            }
        };
        Self {
            task: Id(*progress.task.bytes()),
            slots: progress.slots.iter().map(slot).collect(),
            surplus: progress.surplus.iter().map(|submission| Id(*submission.bytes())).collect(),
        }
    }

    fn thing(self) -> Option<Progress> {
        let slot = |slot| match slot {
            SlotV1::Free => Slot::Free,
            SlotV1::Leased { person } => Slot::Leased { person: PersonId::from_bytes(person.0) },
            SlotV1::Submitted { person, submission } => Slot::Submitted {
                person: PersonId::from_bytes(person.0),
                submission: SubmissionId::from_bytes(submission.0),
            },
        };
        Some(Progress {
            task: TaskId::from_bytes(self.task.0),
            slots: self.slots.into_iter().map(slot).collect(),
            surplus: self.surplus.into_iter().map(|id| SubmissionId::from_bytes(id.0)).collect(),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum MetricV1 {
    Value(f64),
    Undefined(u32),
}

impl MetricV1 {
    fn of(value: MetricValue) -> Self {
        match value {
            MetricValue::Value(value) => Self::Value(value),
            MetricValue::Undefined(why) => Self::Undefined(why.code()),
        }
    }

    fn thing(self) -> Option<MetricValue> {
        match self {
            Self::Value(value) => Some(MetricValue::Value(value)),
            Self::Undefined(why) => Undefined::from_code(why).map(MetricValue::Undefined),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct ScoreV1 {
    object_id: u32,
    dice: MetricV1,
    nsd: MetricV1,
    hd95_mm: MetricV1,
    reference_voxels: u64,
    candidate_voxels: u64,
}

#[derive(Debug, Serialize, Deserialize)]
enum AnswerV1 {
    Option { question_id: u32, option_id: u32 },
    GridStep { question_id: u32, step: u32 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SubmissionV1 {
    id: Id,
    task: Id,
    person: Id,
    slot: u32,
    instruction_version: u32,
    duration_seconds: u32,
    engine: u32,
    scores: Vec<ScoreV1>,
    answers: Vec<AnswerV1>,
    site: Id,
    project: Id,
    asset: Id,
    surplus: bool,
    received_at: i64,
}

impl Record for SubmissionV1 {
    type Thing = ReceivedSubmission;
    const TABLE: &'static str = "submission";

    fn of(received: &ReceivedSubmission) -> Self {
        let facts = &received.facts;
        Self {
            id: Id(*facts.id.bytes()),
            task: Id(*facts.task.bytes()),
            person: Id(*facts.person.bytes()),
            slot: facts.slot,
            instruction_version: facts.instruction_version,
            duration_seconds: facts.duration_seconds,
            engine: facts.engine,
            scores: facts.scores.iter().map(ScoreV1::of).collect(),
            answers: facts.answers.iter().map(AnswerV1::of).collect(),
            site: Id(*received.site.bytes()),
            project: Id(*received.project.bytes()),
            asset: Id(*received.asset.bytes()),
            surplus: received.surplus,
            received_at: received.received_at.millis(),
        }
    }

    fn thing(self) -> Option<ReceivedSubmission> {
        let facts = Submission {
            id: SubmissionId::from_bytes(self.id.0),
            task: TaskId::from_bytes(self.task.0),
            person: PersonId::from_bytes(self.person.0),
            slot: self.slot,
            instruction_version: self.instruction_version,
            duration_seconds: self.duration_seconds,
            engine: self.engine,
            scores: self.scores.into_iter().map(ScoreV1::thing).collect::<Option<_>>()?,
            answers: self.answers.into_iter().map(AnswerV1::thing).collect(),
        };
        Some(ReceivedSubmission {
            facts,
            site: SiteId::from_bytes(self.site.0),
            project: ProjectId::from_bytes(self.project.0),
            asset: AssetToken::from_bytes(self.asset.0),
            surplus: self.surplus,
            received_at: Timestamp::from_millis(self.received_at),
        })
    }
}

impl ScoreV1 {
    fn of(score: &LabelScore) -> Self {
        Self {
            object_id: score.object_id,
            dice: MetricV1::of(score.dice),
            nsd: MetricV1::of(score.nsd),
            hd95_mm: MetricV1::of(score.hd95_mm),
            reference_voxels: score.reference_voxels,
            candidate_voxels: score.candidate_voxels,
        }
    }

    fn thing(self) -> Option<LabelScore> {
        Some(LabelScore {
            object_id: self.object_id,
            dice: self.dice.thing()?,
            nsd: self.nsd.thing()?,
            hd95_mm: self.hd95_mm.thing()?,
            reference_voxels: self.reference_voxels,
            candidate_voxels: self.candidate_voxels,
        })
    }
}

impl AnswerV1 {
    fn of(answer: &CodedAnswer) -> Self {
        let question_id = answer.question_id;
        match answer.value {
            CodedValue::Option(option_id) => Self::Option { question_id, option_id },
            CodedValue::GridStep(step) => Self::GridStep { question_id, step },
        }
    }

    fn thing(self) -> CodedAnswer {
        match self {
            Self::Option { question_id, option_id } => {
                CodedAnswer { question_id, value: CodedValue::Option(option_id) }
            }
            Self::GridStep { question_id, step } => {
                CodedAnswer { question_id, value: CodedValue::GridStep(step) }
            }
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PatternV1 {
    task: Id,
    object_id: u32,
    submissions: Vec<Id>,
    counts: Vec<(u32, u64)>,
}

impl Record for PatternV1 {
    type Thing = VotingPattern;
    const TABLE: &'static str = "pattern";

    fn of(pattern: &VotingPattern) -> Self {
        Self {
            task: Id(*pattern.task.bytes()),
            object_id: pattern.object_id,
            submissions: pattern.submissions.iter().map(|submission| Id(*submission.bytes())).collect(),
            counts: pattern.counts.iter().map(|count| (count.marked_by, count.voxels)).collect(),
        }
    }

    fn thing(self) -> Option<VotingPattern> {
        let count = |(marked_by, voxels)| PatternCount { marked_by, voxels };
        Some(VotingPattern {
            task: TaskId::from_bytes(self.task.0),
            object_id: self.object_id,
            submissions: self.submissions.into_iter().map(|id| SubmissionId::from_bytes(id.0)).collect(),
            counts: self.counts.into_iter().map(count).collect(),
        })
    }
}
