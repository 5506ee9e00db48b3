//! Measures on masks: comparisons and voxel counts, without shape or place.

use proto::types::v1 as wire;
use proto::types::v1::metric_value::Of;
use proto_ids::{SubmissionId, TaskId};

use super::read::{id, list, wire_id};
use super::{InvalidOutbound, closed};

closed! {
    /// Why a measure does not exist.
    Undefined = wire::Undefined { BothEmpty, OneEmpty, NotMeasured, OutOfScope }
}

/// A measure, or the reason why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricValue {
    /// The measure. Finite; a value that is not counts as `NotMeasured` when it is encoded.
    Value(f64),
    /// Why it does not exist.
    Undefined(Undefined),
}

impl MetricValue {
    fn wire(self) -> Option<wire::MetricValue> {
        let of = match self {
            Self::Value(value) if value.is_finite() && value >= 0.0 => Of::Value(value),
            Self::Value(_) => Of::Undefined(Undefined::NotMeasured.wire()),
            Self::Undefined(reason) => Of::Undefined(reason.wire()),
        };
        Some(wire::MetricValue { of: Some(of) })
    }

    fn read(
        metric: Option<wire::MetricValue>,
        highest: f64,
        field: &'static str,
    ) -> Result<Self, InvalidOutbound> {
        match metric.and_then(|metric| metric.of) {
            Some(Of::Value(value)) if value.is_finite() && (0.0..=highest).contains(&value) => {
                Ok(Self::Value(value))
            }
            Some(Of::Undefined(reason)) => Undefined::read(reason, field).map(Self::Undefined),
            Some(Of::Value(_)) | None => Err(InvalidOutbound::Field { field }),
        }
    }
}

/// One label of a submission against the gold annotation of its asset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelScore {
    /// Object number of the instruction.
    pub object_id: u32,
    /// Overlap, 0 to 1.
    pub dice: MetricValue,
    /// Share of surface within the object's tolerance, 0 to 1.
    pub nsd: MetricValue,
    /// 95th percentile of the distance between the surfaces, in millimetres.
    pub hd95_mm: MetricValue,
    /// Voxels of the gold annotation.
    pub reference_voxels: u64,
    /// Voxels of the submission.
    pub candidate_voxels: u64,
}

impl LabelScore {
    pub(crate) fn wire(&self) -> wire::LabelScore {
        wire::LabelScore {
            object_id: self.object_id,
            dice: self.dice.wire(),
            nsd: self.nsd.wire(),
            hd95_mm: self.hd95_mm.wire(),
            reference_voxels: self.reference_voxels,
            candidate_voxels: self.candidate_voxels,
        }
    }
}

impl TryFrom<wire::LabelScore> for LabelScore {
    type Error = InvalidOutbound;

    fn try_from(score: wire::LabelScore) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            object_id: score.object_id,
            dice: MetricValue::read(score.dice, 1.0, "dice")?,
            nsd: MetricValue::read(score.nsd, 1.0, "nsd")?,
            hd95_mm: MetricValue::read(score.hd95_mm, f64::MAX, "hd95_mm")?,
            reference_voxels: score.reference_voxels,
            candidate_voxels: score.candidate_voxels,
        })
    }
}

/// How many voxels exactly one set of the submissions marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternCount {
    /// Bit i stands for the i-th submission of the pattern. Never 0.
    pub marked_by: u32,
    /// Number of voxels.
    pub voxels: u64,
}

/// The voting patterns of one label over the submissions of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VotingPattern {
    /// The task.
    pub task: TaskId,
    /// Object number of the instruction.
    pub object_id: u32,
    /// The submissions, in the order of the bits; at most 16.
    pub submissions: Vec<SubmissionId>,
    /// Counts for each pattern but the empty one.
    pub counts: Vec<PatternCount>,
}

impl VotingPattern {
    pub(crate) fn wire(&self) -> wire::VotingPattern {
        let count =
            |count: &PatternCount| wire::PatternCount { marked_by: count.marked_by, voxels: count.voxels };
        wire::VotingPattern {
            task: wire_id(self.task.halves()),
            object_id: self.object_id,
            submissions: self
                .submissions
                .iter()
                .filter_map(|submission| wire_id(submission.halves()))
                .collect(),
            counts: self.counts.iter().map(count).collect(),
        }
    }
}

impl TryFrom<wire::PatternCount> for PatternCount {
    type Error = InvalidOutbound;

    fn try_from(count: wire::PatternCount) -> Result<Self, InvalidOutbound> {
        if count.marked_by == 0 {
            return Err(InvalidOutbound::Field { field: "marked_by" });
        }
        Ok(Self { marked_by: count.marked_by, voxels: count.voxels })
    }
}

impl TryFrom<wire::VotingPattern> for VotingPattern {
    type Error = InvalidOutbound;

    fn try_from(pattern: wire::VotingPattern) -> Result<Self, InvalidOutbound> {
        let submissions = pattern.submissions.len();
        if !(1..=16).contains(&submissions) {
            return Err(InvalidOutbound::Field { field: "submissions" });
        }
        let counts: Vec<PatternCount> = list(pattern.counts, (1 << submissions) - 1, "counts")?;
        if counts.iter().any(|count| count.marked_by >> submissions != 0) {
            return Err(InvalidOutbound::Field { field: "marked_by" });
        }
        Ok(Self {
            task: id(pattern.task, TaskId::from_halves, "task")?,
            object_id: pattern.object_id,
            submissions: pattern
                .submissions
                .iter()
                .map(|id| SubmissionId::from_halves(id.high, id.low))
                .collect(),
            counts,
        })
    }
}
