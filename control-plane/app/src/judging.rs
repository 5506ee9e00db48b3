//! What happens when the last piece of a task is in: it is judged, and its order goes down anew.

use std::collections::BTreeMap;

use control_plane_domain::{
    Decision, Evidence, Progress, Project, ReceivedSubmission, Slot, Submission, Task, WorkRole,
    asked_of_all, consensus_rules, judge,
};
use proto_ids::{ProjectId, Timestamp};
use proto_instruction::Instruction;

use crate::projects::project_of;
use crate::{AppError, Reader, Tx};

/// Judges a task if nothing is missing and it was not judged before. Accepted: the rules of its
/// consensus go down. Disputed: an arbiter is asked for, if there is one.
pub(crate) fn judge_task(
    tx: &mut dyn Tx,
    task: Task,
    progress: &Progress,
    now: Timestamp,
) -> Result<(), AppError> {
    if task.gold || task.withdrawn || !progress.complete() || tx.judgement_get(task.id)?.is_some() {
        return Ok(());
    }
    let project = project_of(tx, task.project)?;
    let received = submissions_of(tx, progress)?;
    let annotated: Vec<Submission> = received
        .iter()
        .map(|received| received.facts.clone())
        .filter(|facts| facts.role == WorkRole::Annotator)
        .collect();
    let Some(instruction) = asked(tx, project.id, &annotated)? else { return Ok(()) };
    let (patterns, shapes) = (tx.pattern_list(task.id)?, tx.shape_agreement_list(task.id)?);
    let evidence = Evidence {
        task: &task,
        progress,
        instruction: &instruction,
        submissions: &annotated,
        patterns: &patterns,
        shapes: &shapes,
    };
    let Some(judgement) = judge(&evidence, project.policy.minimum_agreement, now) else { return Ok(()) };
    tx.judgement_put(&judgement)?;
    match judgement.decision {
        Decision::Accepted if progress.slots.len() > 1 => {
            let consensus = consensus_rules(project.policy.rule, &instruction, &patterns);
            if !consensus.is_empty() {
                tx.task_put(&Task { consensus, ..task })?;
            }
        }
        Decision::Accepted => {}
        Decision::Disputed => {
            if arbitrable(&project, &received) {
                tx.task_put(&Task { arbitration: true, ..task })?;
            }
        }
    }
    Ok(())
}

/// Brings the tasks of a project in line with its policy: what waits to be judged is judged; disputes
/// that nobody works on are given to arbiters or taken back from them.
pub(crate) fn settle_tasks(tx: &mut dyn Tx, project: &Project, now: Timestamp) -> Result<(), AppError> {
    for task in tx.task_list(project.id)? {
        let Some(progress) = tx.progress_get(task.id)?.filter(|_| !task.withdrawn) else { continue };
        match tx.judgement_get(task.id)?.map(|judgement| judgement.decision) {
            None => judge_task(tx, task, &progress, now)?,
            Some(Decision::Accepted) => {}
            Some(Decision::Disputed) => settle_dispute(tx, project, task, &progress)?,
        }
    }
    Ok(())
}

/// Asks for an arbiter, or no longer, as the project now has one who may settle the task; where somebody is at
/// it, not before they end.
fn settle_dispute(
    tx: &mut dyn Tx,
    project: &Project,
    task: Task,
    progress: &Progress,
) -> Result<(), AppError> {
    let arbitration = arbitrable(project, &submissions_of(tx, progress)?);
    if arbitration != task.arbitration && progress.arbiter == Slot::Free {
        tx.task_put(&Task { arbitration, ..task })?;
    }
    Ok(())
}

/// What was settled while an arbiter was at a task comes into force when they let go of it.
pub(crate) fn arbiter_ended(tx: &mut dyn Tx, task: Task, progress: &Progress) -> Result<(), AppError> {
    let decision = tx.judgement_get(task.id)?.map(|judgement| judgement.decision);
    if task.withdrawn || decision != Some(Decision::Disputed) {
        return Ok(());
    }
    let project = project_of(tx, task.project)?;
    settle_dispute(tx, &project, task, progress)
}

/// Everything that was handed in for a task.
pub(crate) fn submissions_of(
    reader: &dyn Reader,
    progress: &Progress,
) -> Result<Vec<ReceivedSubmission>, AppError> {
    let mut received = Vec::new();
    for submission in progress.submissions() {
        received.extend(reader.submission_get(submission)?);
    }
    Ok(received)
}

/// Whether there is an arbiter who handed in nothing.
fn arbitrable(project: &Project, received: &[ReceivedSubmission]) -> bool {
    let wrote = |person| received.iter().any(|received| received.facts.person == person);
    project.policy.arbitration && project.arbiters.iter().any(|arbiter| !wrote(*arbiter))
}

/// What was asked of everybody who handed in one of these.
fn asked(
    reader: &dyn Reader,
    project: ProjectId,
    submissions: &[Submission],
) -> Result<Option<Instruction>, AppError> {
    let mut versions = BTreeMap::new();
    for number in submissions.iter().map(|facts| facts.instruction_version) {
        if !versions.contains_key(&number)
            && let Some(version) = reader.instruction_get(project, number)?
        {
            versions.insert(number, version.instruction);
        }
    }
    let oldest_first: Vec<&Instruction> = versions.values().collect();
    Ok(asked_of_all(&oldest_first))
}
