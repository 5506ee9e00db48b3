//! Records of how submissions agree, what was decided and painted, and of checks under a new version.

use control_plane_domain::{
    ConsensusPainted, Decision, DisputeReason, DisputeSubject, Judgement, PatternCount, ReceivedConsensus,
    Recheck, RuleKind, ShapeAgreement, ShapePair, SiteRecheck, VotingPattern,
};
use proto_ids::{ProjectId, SiteId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Id, Record, ids_of, submissions_of};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PatternV1 {
    task: Id,
    object_id: u32,
    submissions: Vec<Id>,
    counts: Vec<(u32, u64)>,
    #[serde(default)]
    region_voxels: u64,
}

impl Record for PatternV1 {
    type Thing = VotingPattern;
    const TABLE: &'static str = "pattern";

    fn of(pattern: &VotingPattern) -> Self {
        Self {
            task: Id(*pattern.task.bytes()),
            object_id: pattern.object_id,
            submissions: ids_of(&pattern.submissions),
            counts: pattern.counts.iter().map(|count| (count.marked_by, count.voxels)).collect(),
            region_voxels: pattern.region_voxels,
        }
    }

    fn thing(self) -> Option<VotingPattern> {
        let count = |(marked_by, voxels)| PatternCount { marked_by, voxels };
        Some(VotingPattern {
            task: TaskId::from_bytes(self.task.0),
            object_id: self.object_id,
            submissions: submissions_of(self.submissions),
            counts: self.counts.into_iter().map(count).collect(),
            region_voxels: self.region_voxels,
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ShapeAgreementV1 {
    task: Id,
    object_id: u32,
    submissions: Vec<Id>,
    counts: Vec<u32>,
    pairs: Vec<(u32, u32, u32)>,
}

impl Record for ShapeAgreementV1 {
    type Thing = ShapeAgreement;
    const TABLE: &'static str = "shape_agreement";

    fn of(shapes: &ShapeAgreement) -> Self {
        Self {
            task: Id(*shapes.task.bytes()),
            object_id: shapes.object_id,
            submissions: ids_of(&shapes.submissions),
            counts: shapes.counts.clone(),
            pairs: shapes.pairs.iter().map(|pair| (pair.first, pair.second, pair.matched)).collect(),
        }
    }

    fn thing(self) -> Option<ShapeAgreement> {
        let pair = |(first, second, matched)| ShapePair { first, second, matched };
        Some(ShapeAgreement {
            task: TaskId::from_bytes(self.task.0),
            object_id: self.object_id,
            submissions: submissions_of(self.submissions),
            counts: self.counts,
            pairs: self.pairs.into_iter().map(pair).collect(),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JudgementV1 {
    task: Id,
    decision: u32,
    reasons: Vec<ReasonV1>,
    judged_at: i64,
}

#[derive(Debug, Serialize, Deserialize)]
enum ReasonV1 {
    Object { id: u32, measure: Option<f64>, target: Option<f64> },
    Question { id: u32, measure: Option<f64>, target: Option<f64> },
}

impl ReasonV1 {
    fn of(reason: &DisputeReason) -> Self {
        let (measure, target) = (reason.measure, reason.target);
        match reason.subject {
            DisputeSubject::Object(id) => Self::Object { id, measure, target },
            DisputeSubject::Question(id) => Self::Question { id, measure, target },
        }
    }

    fn thing(self) -> DisputeReason {
        match self {
            Self::Object { id, measure, target } => {
                DisputeReason { subject: DisputeSubject::Object(id), measure, target }
            }
            Self::Question { id, measure, target } => {
                DisputeReason { subject: DisputeSubject::Question(id), measure, target }
            }
        }
    }
}

impl Record for JudgementV1 {
    type Thing = Judgement;
    const TABLE: &'static str = "judgement";

    fn of(judgement: &Judgement) -> Self {
        Self {
            task: Id(*judgement.task.bytes()),
            decision: judgement.decision.code(),
            reasons: judgement.reasons.iter().map(ReasonV1::of).collect(),
            judged_at: judgement.judged_at.millis(),
        }
    }

    fn thing(self) -> Option<Judgement> {
        Some(Judgement {
            task: TaskId::from_bytes(self.task.0),
            decision: Decision::from_code(self.decision)?,
            reasons: self.reasons.into_iter().map(ReasonV1::thing).collect(),
            judged_at: Timestamp::from_millis(self.judged_at),
        })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ConsensusPaintedV1 {
    task: Id,
    object_id: u32,
    submissions: Vec<Id>,
    rule: u32,
    voxels: u64,
    received_at: i64,
}

impl Record for ConsensusPaintedV1 {
    type Thing = ReceivedConsensus;
    const TABLE: &'static str = "consensus_painted";

    fn of(painted: &ReceivedConsensus) -> Self {
        let facts = &painted.facts;
        Self {
            task: Id(*facts.task.bytes()),
            object_id: facts.object_id,
            submissions: ids_of(&facts.submissions),
            rule: facts.rule.code(),
            voxels: facts.voxels,
            received_at: painted.received_at.millis(),
        }
    }

    fn thing(self) -> Option<ReceivedConsensus> {
        let facts = ConsensusPainted {
            task: TaskId::from_bytes(self.task.0),
            object_id: self.object_id,
            submissions: submissions_of(self.submissions),
            rule: RuleKind::from_code(self.rule)?,
            voxels: self.voxels,
        };
        Some(ReceivedConsensus { facts, received_at: Timestamp::from_millis(self.received_at) })
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RecheckV1 {
    project: Id,
    instruction_version: u32,
    site: Id,
    checked: u32,
    failing: u32,
    received_at: i64,
}

impl Record for RecheckV1 {
    type Thing = SiteRecheck;
    const TABLE: &'static str = "recheck";

    fn of(recheck: &SiteRecheck) -> Self {
        Self {
            project: Id(*recheck.facts.project.bytes()),
            instruction_version: recheck.facts.instruction_version,
            site: Id(*recheck.site.bytes()),
            checked: recheck.facts.checked,
            failing: recheck.facts.failing,
            received_at: recheck.received_at.millis(),
        }
    }

    fn thing(self) -> Option<SiteRecheck> {
        let facts = Recheck {
            project: ProjectId::from_bytes(self.project.0),
            instruction_version: self.instruction_version,
            checked: self.checked,
            failing: self.failing,
        };
        let received_at = Timestamp::from_millis(self.received_at);
        Some(SiteRecheck { site: SiteId::from_bytes(self.site.0), facts, received_at })
    }
}
