//! Paints consensus masks: what the control plane's truth tables say of the submissions of a task, and
//! what an arbiter handed in. The masks stay; that they are painted, and how large, is told.

use std::error::Error;

use agent_archive::{Archive, ConsensusError, ConsensusWaiting, NewConsensus, PaintRule, StorageError};
use agent_imaging::LabelMap;
use agent_imaging::consensus::{self, PatternsRefusal};
use agent_uplink::{ConsensusPainted, Outbound, RuleKind};
use agent_viewer_api::label_map;
use proto_ids::Timestamp;
use proto_patterns::{InvalidTruthTable, TruthTable};

use super::slices_of;

/// Why a consensus cannot be painted.
#[derive(Debug, thiserror::Error)]
enum PaintError {
    #[error("a submission or its instruction is not here any more")]
    Gone,
    #[error("the submissions did not draw the object by the same label")]
    Label,
    #[error("the rule has no table of the patterns of its submissions")]
    Table(#[source] InvalidTruthTable),
    #[error("the submissions cannot be counted together")]
    Patterns(#[source] PatternsRefusal),
    #[error("the consensus cannot be kept")]
    Keep(#[from] ConsensusError),
    #[error("a submission cannot be read")]
    Storage(#[from] StorageError),
}

/// Paints what waits, each by itself.
///
/// # Errors
/// When it cannot be read what waits.
pub(super) fn paint_all(archive: &Archive, now: Timestamp) -> Result<(), StorageError> {
    for waiting in archive.consensus_waiting()? {
        if let Err(error) = paint(archive, &waiting, now) {
            let (task, object) = (waiting.task, waiting.object_id);
            tracing::warn!(%task, object, error = &error as &dyn Error, "a consensus cannot be painted");
        }
    }
    Ok(())
}

fn paint(archive: &Archive, waiting: &ConsensusWaiting, now: Timestamp) -> Result<(), PaintError> {
    let (maps, label) = votes(archive, waiting)?;
    let maps: Vec<&LabelMap> = maps.iter().collect();
    let painted = match waiting.rule {
        PaintRule::Arbiter => consensus::paint(&maps, label, |_| true),
        PaintRule::Majority | PaintRule::Staple => {
            let table =
                TruthTable::new(waiting.truth_table.clone(), maps.len()).map_err(PaintError::Table)?;
            consensus::paint(&maps, label, |pattern| table.paints(pattern))
        }
    };
    let painted = painted.map_err(PaintError::Patterns)?;
    let voxels = painted.count(label);
    let message = Outbound::Consensus(ConsensusPainted {
        task: waiting.task,
        object_id: waiting.object_id,
        submissions: waiting.submissions.clone(),
        rule: rule(waiting.rule),
        voxels,
    });
    let new = NewConsensus {
        task: waiting.task,
        object_id: waiting.object_id,
        rule: waiting.rule,
        submissions: waiting.submissions.clone(),
        truth_table: waiting.truth_table.clone(),
        slices: slices_of(&painted),
        voxels,
    };
    archive.consensus_put(&new, vec![message.encode()], now)?;
    Ok(())
}

/// The label maps of the submissions, and the label by which all of them drew the object.
fn votes(archive: &Archive, waiting: &ConsensusWaiting) -> Result<(Vec<LabelMap>, u16), PaintError> {
    let mut maps = Vec::new();
    let mut label = None;
    for submission in &waiting.submissions {
        let submission = archive.submission(*submission)?.ok_or(PaintError::Gone)?;
        let instruction = archive.instruction(waiting.project, submission.row.instruction_version)?;
        let object = instruction.as_ref().ok_or(PaintError::Gone)?.object(waiting.object_id);
        let own = object.and_then(proto_instruction::Object::label).ok_or(PaintError::Label)?;
        if *label.get_or_insert(own) != own {
            return Err(PaintError::Label);
        }
        maps.push(label_map(waiting.asset.grid, &submission.drawn.slices));
    }
    Ok((maps, u16::from(label.ok_or(PaintError::Gone)?)))
}

const fn rule(rule: PaintRule) -> RuleKind {
    match rule {
        PaintRule::Majority => RuleKind::Majority,
        PaintRule::Staple => RuleKind::Staple,
        PaintRule::Arbiter => RuleKind::Arbiter,
    }
}

#[cfg(test)]
mod tests;
