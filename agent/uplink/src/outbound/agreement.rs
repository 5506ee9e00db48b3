//! How the submissions of one task agree, and what was painted from them: counts, without place.

use proto::agent::v1 as agent;
use proto::types::v1 as wire;
use proto_ids::{SubmissionId, TaskId};

use super::read::{id, list, wire_id};
use super::score::HIGHEST_COUNT;
use super::{InvalidOutbound, closed};

/// A pattern has a bit for each submission.
const MOST_SUBMISSIONS: usize = 16;

closed! {
    /// By which rule a consensus was painted.
    RuleKind = agent::RuleKind { Majority, Staple, Arbiter }
}

fn wire_ids(submissions: &[SubmissionId]) -> Vec<wire::Id> {
    submissions.iter().filter_map(|submission| wire_id(submission.halves())).collect()
}

fn submissions(ids: &[wire::Id]) -> Result<Vec<SubmissionId>, InvalidOutbound> {
    if !(1..=MOST_SUBMISSIONS).contains(&ids.len()) {
        return Err(InvalidOutbound::Field { field: "submissions" });
    }
    Ok(ids.iter().map(|id| SubmissionId::from_halves(id.high, id.low)).collect())
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
    /// Voxels of the box around all that was marked, grown by 10 mm and cut at the edge of the grid.
    pub region_voxels: u64,
}

impl VotingPattern {
    pub(crate) fn wire(&self) -> wire::VotingPattern {
        let count =
            |count: &PatternCount| wire::PatternCount { marked_by: count.marked_by, voxels: count.voxels };
        wire::VotingPattern {
            task: wire_id(self.task.halves()),
            object_id: self.object_id,
            submissions: wire_ids(&self.submissions),
            counts: self.counts.iter().map(count).collect(),
            region_voxels: self.region_voxels,
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
        let submissions = submissions(&pattern.submissions)?;
        let counts: Vec<PatternCount> = list(pattern.counts, (1 << submissions.len()) - 1, "counts")?;
        if counts.iter().any(|count| count.marked_by >> submissions.len() != 0) {
            return Err(InvalidOutbound::Field { field: "marked_by" });
        }
        let marked = counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(count.voxels));
        // A message of an earlier version does not say how large the region is.
        let region = Some(pattern.region_voxels).filter(|region| *region > 0).unwrap_or(u64::MAX);
        if marked.is_none_or(|marked| marked > region) {
            return Err(InvalidOutbound::Field { field: "region_voxels" });
        }
        Ok(Self {
            task: id(pattern.task, TaskId::from_halves, "task")?,
            object_id: pattern.object_id,
            submissions,
            counts,
            region_voxels: pattern.region_voxels,
        })
    }
}

/// How many shapes of two submissions fit each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapePair {
    /// Place in the list of submissions.
    pub first: u32,
    /// Place in the list of submissions, after `first`.
    pub second: u32,
    /// Shapes that fit each other, each at most once.
    pub matched: u32,
}

/// How the shapes of one object fit each other over the submissions of one task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeAgreement {
    /// The task.
    pub task: TaskId,
    /// Object number of the instruction.
    pub object_id: u32,
    /// The submissions, in the order of the counts; at most 16.
    pub submissions: Vec<SubmissionId>,
    /// Shapes of each submission; what leaves is capped at 1,000, as what matches.
    pub counts: Vec<u32>,
    /// Every pair of submissions, at most once.
    pub pairs: Vec<ShapePair>,
}

impl ShapeAgreement {
    pub(crate) fn wire(&self) -> wire::ShapeAgreement {
        let pair = |pair: &ShapePair| wire::ShapePair {
            first: pair.first,
            second: pair.second,
            matched: pair.matched.min(HIGHEST_COUNT),
        };
        wire::ShapeAgreement {
            task: wire_id(self.task.halves()),
            object_id: self.object_id,
            submissions: wire_ids(&self.submissions),
            counts: self.counts.iter().map(|count| *count.min(&HIGHEST_COUNT)).collect(),
            pairs: self.pairs.iter().map(pair).collect(),
        }
    }
}

impl TryFrom<wire::ShapeAgreement> for ShapeAgreement {
    type Error = InvalidOutbound;

    fn try_from(shapes: wire::ShapeAgreement) -> Result<Self, InvalidOutbound> {
        let submissions = submissions(&shapes.submissions)?;
        let known = shapes.counts.iter().all(|count| *count <= HIGHEST_COUNT);
        if shapes.counts.len() != submissions.len() || !known {
            return Err(InvalidOutbound::Field { field: "counts" });
        }
        if shapes.pairs.len() > submissions.len() * (submissions.len() - 1) / 2 {
            return Err(InvalidOutbound::Field { field: "pairs" });
        }
        let pairs: Result<_, _> = shapes.pairs.iter().map(|pair| shape_pair(pair, &shapes.counts)).collect();
        Ok(Self {
            task: id(shapes.task, TaskId::from_halves, "task")?,
            object_id: shapes.object_id,
            submissions,
            pairs: pairs?,
            counts: shapes.counts,
        })
    }
}

fn shape_pair(pair: &wire::ShapePair, counts: &[u32]) -> Result<ShapePair, InvalidOutbound> {
    let count = |at: u32, field| counts.get(at as usize).ok_or(InvalidOutbound::Field { field });
    let most = count(pair.first, "first")?.min(count(pair.second, "second")?);
    if pair.first >= pair.second {
        return Err(InvalidOutbound::Field { field: "second" });
    }
    if pair.matched > *most {
        return Err(InvalidOutbound::Field { field: "matched" });
    }
    Ok(ShapePair { first: pair.first, second: pair.second, matched: pair.matched })
}

/// A consensus of one object that the agent painted; the mask stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusPainted {
    /// The task.
    pub task: TaskId,
    /// Object number of the instruction.
    pub object_id: u32,
    /// The submissions that it was painted from, in the order of the rule; the arbiter's alone where
    /// an arbiter settled the task. At most 16.
    pub submissions: Vec<SubmissionId>,
    /// By which rule.
    pub rule: RuleKind,
    /// Number of painted voxels.
    pub voxels: u64,
}

impl ConsensusPainted {
    pub(crate) fn wire(&self) -> agent::ConsensusPainted {
        agent::ConsensusPainted {
            task: wire_id(self.task.halves()),
            object_id: self.object_id,
            submissions: wire_ids(&self.submissions),
            rule: self.rule.wire(),
            voxels: self.voxels,
        }
    }
}

impl TryFrom<agent::ConsensusPainted> for ConsensusPainted {
    type Error = InvalidOutbound;

    fn try_from(painted: agent::ConsensusPainted) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            task: id(painted.task, TaskId::from_halves, "task")?,
            object_id: painted.object_id,
            submissions: submissions(&painted.submissions)?,
            rule: RuleKind::read(painted.rule, "rule")?,
            voxels: painted.voxels,
        })
    }
}
