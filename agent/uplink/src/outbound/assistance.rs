//! What models of assistance did: that the site has them, how far a run has come, and what became of
//! their proposals. A model is a random token; what hospital IT calls it stays.

use proto::agent::v1 as wire;
use proto_ids::{ModelToken, ProjectId};

use super::read::{id, wire_id};
use super::{InvalidOutbound, closed};

closed! {
    /// Through which interface a model is asked.
    ModelProvider = wire::ModelProvider { BuiltIn, MonaiLabel, KserveV2 }
}
closed! {
    /// What a person did with a proposal.
    AssistOutcome = wire::AssistOutcome { Accepted, Rejected, Unused }
}

/// A model of assistance of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelState {
    /// Random token, drawn when hospital IT registered the model.
    pub model: ModelToken,
    /// Through which interface it is asked.
    pub provider: ModelProvider,
    /// Whether it can be asked now; false also once it was removed.
    pub available: bool,
}

impl ModelState {
    pub(crate) fn wire(&self) -> wire::ModelState {
        wire::ModelState {
            model: wire_id(self.model.halves()),
            provider: self.provider.wire(),
            available: self.available,
        }
    }
}

impl TryFrom<wire::ModelState> for ModelState {
    type Error = InvalidOutbound;

    fn try_from(state: wire::ModelState) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            model: id(state.model, ModelToken::from_halves, "model")?,
            provider: ModelProvider::read(state.provider, "provider")?,
            available: state.available,
        })
    }
}

/// How far a run of pre-annotation has come at this site, in tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreannotationProgress {
    /// The project.
    pub project: ProjectId,
    /// Number of the run, as it was ordered; from 1.
    pub run: u32,
    /// Tasks that are not prepared yet.
    pub waiting: u32,
    /// Tasks that have a proposal.
    pub done: u32,
    /// Tasks that the model could not answer.
    pub failed: u32,
    /// Counts up with each report of the run, from 1.
    pub report: u32,
}

impl PreannotationProgress {
    pub(crate) fn wire(&self) -> wire::PreannotationProgress {
        wire::PreannotationProgress {
            project: wire_id(self.project.halves()),
            run: self.run,
            waiting: self.waiting,
            done: self.done,
            failed: self.failed,
            report: self.report,
        }
    }
}

impl TryFrom<wire::PreannotationProgress> for PreannotationProgress {
    type Error = InvalidOutbound;

    fn try_from(progress: wire::PreannotationProgress) -> Result<Self, InvalidOutbound> {
        if progress.run == 0 {
            return Err(InvalidOutbound::Field { field: "run" });
        }
        Ok(Self {
            project: id(progress.project, ProjectId::from_halves, "project")?,
            run: progress.run,
            waiting: progress.waiting,
            done: progress.done,
            failed: progress.failed,
            report: progress.report,
        })
    }
}

/// What became of one proposal of a model in the work that was handed in. Voxels are counted where
/// the proposal or the work has a label, without their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssistUse {
    /// The model.
    pub model: ModelToken,
    /// What the person did with it.
    pub outcome: AssistOutcome,
    /// Voxels of the proposal.
    pub proposed_voxels: u64,
    /// Of an accepted proposal: voxels of the work handed in that the proposal did not have; else 0.
    pub added_voxels: u64,
    /// Of an accepted proposal: voxels of it that the work handed in does not have; else 0.
    /// With `added_voxels` 0 as well, it was accepted unedited.
    pub removed_voxels: u64,
}

impl AssistUse {
    pub(crate) fn wire(&self) -> wire::AssistUse {
        wire::AssistUse {
            model: wire_id(self.model.halves()),
            outcome: self.outcome.wire(),
            proposed_voxels: self.proposed_voxels,
            added_voxels: self.added_voxels,
            removed_voxels: self.removed_voxels,
        }
    }
}

impl TryFrom<wire::AssistUse> for AssistUse {
    type Error = InvalidOutbound;

    fn try_from(said: wire::AssistUse) -> Result<Self, InvalidOutbound> {
        let outcome = AssistOutcome::read(said.outcome, "outcome")?;
        if said.removed_voxels > said.proposed_voxels {
            return Err(InvalidOutbound::Field { field: "removed_voxels" });
        }
        // Only what was accepted is part of the work, so only there is something to compare.
        if outcome != AssistOutcome::Accepted && (said.added_voxels, said.removed_voxels) != (0, 0) {
            return Err(InvalidOutbound::Field { field: "added_voxels" });
        }
        Ok(Self {
            model: id(said.model, ModelToken::from_halves, "model")?,
            outcome,
            proposed_voxels: said.proposed_voxels,
            added_voxels: said.added_voxels,
            removed_voxels: said.removed_voxels,
        })
    }
}
