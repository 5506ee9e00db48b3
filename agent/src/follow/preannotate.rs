//! Pre-annotation: lets a model answer for every task of a project before anybody opens it.
//!
//! The order comes down with the project. What is done is what has a proposal of this run, so a run goes on
//! where it was after a restart, and a new run begins anew.

use std::error::Error;
use std::sync::Arc;

use agent_archive::{
    Archive, NewProposal, PreannotationOrder, ProjectCopy, ProposalError, StorageError, TaskCopy,
};
use agent_uplink::{Outbound, PreannotationProgress};
use agent_viewer_api::{Assist, AssistRefusal, AssistRequest, AssistWatch};
use proto_ids::Timestamp;
use tokio_util::sync::CancellationToken;

use super::slices_of;

/// What a run works with.
pub(crate) struct Runner<'a> {
    pub(crate) archive: &'a Archive,
    pub(crate) assist: &'a dyn Assist,
    /// Ends the work between two tasks, and the call under way.
    pub(crate) stop: CancellationToken,
}

/// Why a task got no proposal.
#[derive(Debug, thiserror::Error)]
enum PrepareError {
    #[error("the task, its images or its instruction are not here any more")]
    Gone,
    #[error("the images cannot be decoded")]
    Undecodable,
    #[error("the model gave no answer: {}", .0.code)]
    Model(AssistRefusal),
    #[error("the proposal cannot be kept")]
    Keep(#[from] ProposalError),
    #[error("the store cannot be read")]
    Storage(#[from] StorageError),
}

impl Runner<'_> {
    /// Prepares one task of each project that has an order and tasks that wait. Gives whether more waits.
    ///
    /// # Errors
    /// When the store cannot be read or written. What was done stays done.
    pub(crate) fn step(&self, now: Timestamp) -> Result<bool, StorageError> {
        let mut more = false;
        for project in self.archive.projects()? {
            let Some(order) = project.preannotation.filter(|_| !project.closed) else { continue };
            let state = self.archive.batch_state(project.project, order.run)?;
            let Some(task) = state.waiting.first() else { continue };
            if self.stop.is_cancelled() {
                return Ok(false);
            }
            self.prepare(&project, order, task, now)?;
            more |= state.waiting.len() > 1;
        }
        Ok(more)
    }

    fn prepare(
        &self,
        project: &ProjectCopy,
        order: PreannotationOrder,
        task: &TaskCopy,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let drawn = match self.drawn(order, task) {
            Ok(slices) => Some(slices),
            Err(PrepareError::Storage(error)) => return Err(error),
            // The run was stopped, not the model: the task waits for the next start.
            Err(_) if self.stop.is_cancelled() => return Ok(()),
            Err(error) => {
                let task = task.task;
                tracing::warn!(%task, error = &error as &dyn Error, "a task was not prepared");
                None
            }
        };
        let new = NewProposal {
            task: task.task,
            preview: self.archive.preview_id()?,
            model: order.model,
            run: order.run,
            slices: drawn,
        };
        let kept = match self.keep(project, order, &new, now) {
            // What does not fit the images is no answer.
            Err(ProposalError::OutOfGrid { .. }) => {
                self.keep(project, order, &NewProposal { slices: None, ..new }, now)
            }
            kept => kept,
        };
        match kept {
            Err(ProposalError::Storage(error)) => Err(error),
            // The images went while the model was computing: the run has one task less.
            Ok(()) | Err(ProposalError::UnknownTask | ProposalError::OutOfGrid { .. }) => Ok(()),
        }
    }

    /// Keeps a proposal, and tells how far the run is with it.
    fn keep(
        &self,
        project: &ProjectCopy,
        order: PreannotationOrder,
        new: &NewProposal,
        now: Timestamp,
    ) -> Result<(), ProposalError> {
        let mut state = self.archive.batch_state(project.project, order.run)?;
        state.waiting.retain(|waiting| waiting.task != new.task);
        let drawn = u32::from(new.slices.is_some());
        let told = Outbound::Preannotation(PreannotationProgress {
            project: project.project,
            run: order.run,
            waiting: u32::try_from(state.waiting.len()).unwrap_or(u32::MAX),
            done: state.done + drawn,
            failed: state.failed + 1 - drawn,
        });
        self.archive.proposal_put(new, vec![told.encode()], now)
    }

    /// What the model draws on a task that nobody has drawn on.
    fn drawn(
        &self,
        order: PreannotationOrder,
        task: &TaskCopy,
    ) -> Result<Vec<agent_work::Slice>, PrepareError> {
        let asset = self.archive.asset(task.asset)?.ok_or(PrepareError::Gone)?;
        let instruction = self.archive.instruction(task.project, task.instruction_version)?;
        let instruction = instruction.ok_or(PrepareError::Gone)?;
        let volume =
            agent_viewer_api::decoded(self.archive, &asset).map_err(|_| PrepareError::Undecodable)?;
        let painted = instruction
            .objects
            .iter()
            .filter_map(|object| object.label().map(|label| (object.key.clone(), u16::from(label))));
        let objects: Vec<(String, u16)> = painted.collect();
        // A model without labels of its own marks one thing. Which of several objects that is, nobody has
        // said; the model then refuses for want of a target.
        let only = |objects: &[(String, u16)]| match objects {
            [(_, label)] => Some(*label),
            [] | [_, ..] => None,
        };
        let mapped = self.archive.model(order.model)?.is_some_and(|row| !row.is.labels.is_empty());
        let request = AssistRequest {
            model: order.model,
            volume,
            modality: asset.modality,
            points: Vec::new(),
            inside: None,
            scribbles: Vec::new(),
            mask: None,
            target: if mapped { None } else { only(&objects) },
            objects,
        };
        let watch = AssistWatch { tell: Arc::new(|_, _| ()), cancel: self.stop.clone() };
        let answer = self.assist.infer(request, watch).map_err(PrepareError::Model)?;
        Ok(slices_of(&answer.labels))
    }
}
