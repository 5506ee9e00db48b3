//! Measures on what was drawn: comparisons and counts, without shape or place.

use proto::types::v1 as wire;
use proto::types::v1::metric_value::Of;

use super::read::below;
use super::{InvalidOutbound, closed};

/// Shapes or connected parts of an object that are told apart; more count as so many.
pub(crate) const HIGHEST_COUNT: u32 = 1_000;

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

closed! {
    /// Whether an object is there.
    Presence = wire::Presence { Present, Absent, NotAssessable, NotStated }
}

/// Whether an object is there in a submission, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectPresence {
    /// Object number of the instruction.
    pub object_id: u32,
    /// Drawn or stated.
    pub presence: Presence,
    /// Shapes or connected parts; what leaves is capped at 1,000.
    pub count: u32,
}

impl ObjectPresence {
    pub(crate) fn wire(&self) -> wire::ObjectPresence {
        wire::ObjectPresence {
            object_id: self.object_id,
            presence: self.presence.wire(),
            count: self.count.min(HIGHEST_COUNT),
        }
    }
}

impl TryFrom<wire::ObjectPresence> for ObjectPresence {
    type Error = InvalidOutbound;

    fn try_from(object: wire::ObjectPresence) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            object_id: object.object_id,
            presence: Presence::read(object.presence, "presence")?,
            count: below(object.count, HIGHEST_COUNT + 1, "count")?,
        })
    }
}

/// Boxes, points or lines of a submission against those of the gold annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapeScore {
    /// Object number of the instruction.
    pub object_id: u32,
    /// Shapes of the gold annotation; what leaves is capped at 1,000, as all counts here.
    pub reference_count: u32,
    /// Shapes of the submission.
    pub candidate_count: u32,
    /// Shapes that fit each other, each at most once.
    pub matched: u32,
}

impl ShapeScore {
    pub(crate) fn wire(&self) -> wire::ShapeScore {
        wire::ShapeScore {
            object_id: self.object_id,
            reference_count: self.reference_count.min(HIGHEST_COUNT),
            candidate_count: self.candidate_count.min(HIGHEST_COUNT),
            matched: self.matched.min(HIGHEST_COUNT),
        }
    }
}

impl TryFrom<wire::ShapeScore> for ShapeScore {
    type Error = InvalidOutbound;

    fn try_from(score: wire::ShapeScore) -> Result<Self, InvalidOutbound> {
        if score.matched > score.reference_count.min(score.candidate_count) {
            return Err(InvalidOutbound::Field { field: "matched" });
        }
        Ok(Self {
            object_id: score.object_id,
            reference_count: below(score.reference_count, HIGHEST_COUNT + 1, "reference_count")?,
            candidate_count: below(score.candidate_count, HIGHEST_COUNT + 1, "candidate_count")?,
            matched: score.matched,
        })
    }
}
