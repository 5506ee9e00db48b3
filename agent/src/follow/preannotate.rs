//! Pre-annotation: lets a model answer for every task of a project before anybody opens it.
//!
//! The order comes down with the project. What is done is what has a proposal of this run, so a run goes on
//! where it was after a restart, and a new run begins anew.

use std::collections::HashMap;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use agent_archive::{
    Archive, BatchCounts, BatchReport, NewProposal, PreannotationOrder, ProposalError, Showing, StorageError,
    TaskCopy,
};
use agent_uplink::{Outbound, PreannotationProgress};
use agent_viewer_api::{Assist, AssistRefusal, AssistRequest, AssistRetry, AssistWatch};
use proto_ids::{Clock, ProjectId, TaskId};
use tokio_util::sync::CancellationToken;

use super::slices_of;

/// How often a model may fail at a task before the task is given up. A server that cannot be asked fails at none.
const TRIES: u32 = 3;

/// What a run works with.
pub(crate) struct Runner {
    archive: Arc<Archive>,
    assist: Arc<dyn Assist>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    /// How often models failed at tasks of a run.
    failures: HashMap<(TaskId, u32), u32>,
}

/// Why a task got no proposal.
#[derive(Debug, thiserror::Error)]
enum PrepareError {
    #[error("the task, its images or its instruction are not here any more")]
    Gone,
    #[error("the images are in quarantine")]
    KeptBack,
    #[error("the images cannot be decoded")]
    Undecodable,
    #[error("a room stumbled over the images")]
    Stumbled,
    #[error("the model cannot be asked now")]
    Resting,
    #[error("the model gave no answer: {}", .0.code)]
    Model(AssistRefusal),
    #[error("the store cannot be read")]
    Storage(#[from] StorageError),
}

/// What became of a task.
enum Prepared {
    /// It has a proposal.
    Drawn,
    /// The model cannot answer it.
    Failed,
    /// Its images went while the model was computing: the run has one task less.
    Gone,
    /// No model may have its images yet: it waits, and others go on.
    KeptBack,
    /// The model cannot be asked now, or failed for once: it waits.
    Later,
}

impl Runner {
    pub(crate) fn new(archive: Arc<Archive>, assist: Arc<dyn Assist>, clock: Arc<dyn Clock>) -> Self {
        Self { archive, assist, clock, stop: CancellationToken::new(), failures: HashMap::new() }
    }

    /// Ends the work between two tasks, and the call under way.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Prepares the tasks that wait of every project that has an order, and tells how far each run is. What waits
    /// for a model is left for the next time.
    ///
    /// # Errors
    /// When the store cannot be read or written. What was done stays done.
    pub(crate) fn pass(&mut self) -> Result<(), StorageError> {
        for project in self.archive.projects()? {
            if let Some(order) = self.order(project.project)? {
                self.run(project.project, order)?;
            }
        }
        Ok(())
    }

    /// The order in force.
    fn order(&self, project: ProjectId) -> Result<Option<PreannotationOrder>, StorageError> {
        let open = self.archive.project(project)?.filter(|project| !project.closed);
        Ok(open.and_then(|project| project.preannotation))
    }

    fn run(&mut self, project: ProjectId, order: PreannotationOrder) -> Result<(), StorageError> {
        let state = self.archive.batch_state(project, order.run)?;
        let mut counts = state.counts();
        report(project, order, counts, |report| self.archive.batch_tell(report))?;
        for task in state.waiting {
            if self.stop.is_cancelled() || self.order(project)? != Some(order) {
                return Ok(());
            }
            let Some(task) = self.archive.task(task.task)?.filter(|task| !task.withdrawn) else { continue };
            match self.prepare(project, order, &task, counts)? {
                Prepared::Drawn => counts = after(counts, true),
                Prepared::Failed => counts = after(counts, false),
                Prepared::Gone | Prepared::KeptBack => {}
                Prepared::Later => return Ok(()),
            }
        }
        // Tasks that went meanwhile wait no more.
        let counts = self.archive.batch_state(project, order.run)?.counts();
        report(project, order, counts, |report| self.archive.batch_tell(report))
    }

    fn prepare(
        &mut self,
        project: ProjectId,
        order: PreannotationOrder,
        task: &TaskCopy,
        before: BatchCounts,
    ) -> Result<Prepared, StorageError> {
        // A file that a reader stumbles over must not end the agent, now and at each start.
        let drawn = catch_unwind(AssertUnwindSafe(|| self.drawn(order, task)));
        let drawn = match drawn.unwrap_or(Err(PrepareError::Stumbled)) {
            Ok(slices) => Some(slices),
            Err(PrepareError::Storage(error)) => return Err(error),
            // The run was stopped, not the model: the task waits for the next start.
            Err(_) if self.stop.is_cancelled() => return Ok(Prepared::Later),
            Err(PrepareError::Resting) => return Ok(Prepared::Later),
            Err(PrepareError::KeptBack) => return Ok(Prepared::KeptBack),
            Err(PrepareError::Model(refusal)) if self.again(order, task, &refusal) => {
                return Ok(Prepared::Later);
            }
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
        match self.keep(project, order, &new, before) {
            // What does not fit the images is no answer.
            Err(ProposalError::OutOfGrid { .. }) => {
                self.keep(project, order, &NewProposal { slices: None, ..new }, before)
            }
            kept => kept,
        }
        .or_else(|refusal| match refusal {
            ProposalError::Storage(error) => Err(error),
            ProposalError::UnknownTask | ProposalError::OutOfGrid { .. } => Ok(Prepared::Gone),
        })
    }

    /// Whether a task waits for another try.
    fn again(&mut self, order: PreannotationOrder, task: &TaskCopy, refusal: &AssistRefusal) -> bool {
        match refusal.retry {
            AssistRetry::No => false,
            AssistRetry::Yes => true,
            AssistRetry::Perhaps => {
                let failures = self.failures.entry((task.task, order.run)).or_default();
                *failures += 1;
                *failures < TRIES
            }
        }
    }

    /// Keeps a proposal, and tells how far the run is with it.
    fn keep(
        &self,
        project: ProjectId,
        order: PreannotationOrder,
        new: &NewProposal,
        before: BatchCounts,
    ) -> Result<Prepared, ProposalError> {
        let drawn = new.slices.is_some();
        let now = self.clock.now();
        report(project, order, after(before, drawn), |report| self.archive.proposal_put(new, report, now))?;
        Ok(if drawn { Prepared::Drawn } else { Prepared::Failed })
    }

    /// What the model draws on a task that nobody has drawn on.
    fn drawn(
        &self,
        order: PreannotationOrder,
        task: &TaskCopy,
    ) -> Result<Vec<agent_work::Slice>, PrepareError> {
        let known = self.assist.models(None).into_iter().find(|known| known.model == order.model);
        if known.is_some_and(|known| !known.available) {
            return Err(PrepareError::Resting);
        }
        let asset = self.archive.asset(task.asset)?.ok_or(PrepareError::Gone)?;
        if self.archive.asset_showing(asset.token)? == Showing::Held {
            return Err(PrepareError::KeptBack);
        }
        let instruction = self.archive.instruction(task.project, task.instruction_version)?;
        let instruction = instruction.ok_or(PrepareError::Gone)?;
        let volume =
            agent_viewer_api::decoded(&self.archive, &asset).map_err(|_| PrepareError::Undecodable)?;
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

/// How far a run is when one more task was dealt with.
const fn after(before: BatchCounts, drawn: bool) -> BatchCounts {
    BatchCounts {
        waiting: before.waiting.saturating_sub(1),
        done: before.done + drawn as u32,
        failed: before.failed + !drawn as u32,
    }
}

/// Hands on the report of a run to what keeps it.
fn report<R>(
    project: ProjectId,
    order: PreannotationOrder,
    counts: BatchCounts,
    keep: impl FnOnce(&BatchReport<'_>) -> R,
) -> R {
    let BatchCounts { waiting, done, failed } = counts;
    let message = |report| {
        let progress = PreannotationProgress { project, run: order.run, waiting, done, failed, report };
        Outbound::Preannotation(progress).encode()
    };
    keep(&BatchReport { project, run: order.run, counts, message: &message })
}

#[cfg(test)]
mod tests;
