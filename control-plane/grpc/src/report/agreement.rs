//! How submissions of one task agree, and what was painted from them, off the wire.

use control_plane_domain::{
    ConsensusPainted, PatternCount, Refusal, RuleKind, ShapeAgreement, ShapePair, VotingPattern,
};
use proto::agent::v1 as agent;
use proto::types::v1 as types;
use proto_ids::{SubmissionId, TaskId};

use super::{code, id};

fn submissions(ids: &[types::Id]) -> Vec<SubmissionId> {
    ids.iter().map(|id| SubmissionId::from_halves(id.high, id.low)).collect()
}

/// Voting patterns of one object of a task.
pub(super) fn pattern(pattern: types::VotingPattern) -> Result<VotingPattern, Refusal> {
    let count =
        |count: types::PatternCount| PatternCount { marked_by: count.marked_by, voxels: count.voxels };
    Ok(VotingPattern {
        task: id(pattern.task, TaskId::from_halves, "pattern.task")?,
        object_id: pattern.object_id,
        submissions: submissions(&pattern.submissions),
        counts: pattern.counts.into_iter().map(count).collect(),
        region_voxels: pattern.region_voxels,
    })
}

/// How the shapes of one object fit each other.
pub(super) fn shapes(shapes: types::ShapeAgreement) -> Result<ShapeAgreement, Refusal> {
    let pair =
        |pair: types::ShapePair| ShapePair { first: pair.first, second: pair.second, matched: pair.matched };
    Ok(ShapeAgreement {
        task: id(shapes.task, TaskId::from_halves, "shapes.task")?,
        object_id: shapes.object_id,
        submissions: submissions(&shapes.submissions),
        counts: shapes.counts,
        pairs: shapes.pairs.into_iter().map(pair).collect(),
    })
}

/// A consensus that was painted.
pub(super) fn painted(painted: agent::ConsensusPainted) -> Result<ConsensusPainted, Refusal> {
    Ok(ConsensusPainted {
        task: id(painted.task, TaskId::from_halves, "consensus.task")?,
        object_id: painted.object_id,
        submissions: submissions(&painted.submissions),
        rule: code(painted.rule, RuleKind::from_code, "consensus.rule")?,
        voxels: painted.voxels,
    })
}
