//! Leases and submissions of a site's own tasks.

use control_plane_domain::{
    AgentIdentity, CodedAnswer, CodedValue, LeaseEvent, LeaseState, OverrideSubject, Progress,
    ReceivedSubmission, Refusal, Submission, WorkRole,
};
use proto_ids::{PersonId, Timestamp};
use proto_instruction::Instruction;

use super::{Effect, assistance, own_task};
use crate::judging::{arbiter_ended, judge_task, submissions_of};
use crate::{AppError, Reader, Tx};

pub(super) fn take_lease(tx: &mut dyn Tx, agent: AgentIdentity, event: &LeaseEvent) -> Effect {
    let (task, mut progress) = match own_task(tx, agent, event.task, "lease.task")? {
        Ok(own) => own,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if tx.person_get(event.person)?.is_none() {
        return Ok(Err(Refusal::unknown("lease.person")));
    }
    let arbitrates = event.role == WorkRole::Arbiter && event.state == LeaseState::Granted;
    if arbitrates && annotated(tx, &progress, event.person)? {
        return Ok(Err(Refusal::invalid("lease.person")));
    }
    if let Err(refusal) = progress.lease(event) {
        return Ok(Err(refusal));
    }
    tx.progress_put(&progress)?;
    if event.role == WorkRole::Arbiter && event.state != LeaseState::Granted {
        arbiter_ended(tx, task, &progress)?;
    }
    Ok(Ok(()))
}

/// Whether somebody handed in work of a task in a slot or as surplus: they cannot settle it.
fn annotated(reader: &dyn Reader, progress: &Progress, person: PersonId) -> Result<bool, AppError> {
    let received = submissions_of(reader, progress)?;
    Ok(received.iter().any(|one| one.facts.role == WorkRole::Annotator && one.facts.person == person))
}

pub(super) fn take_submission(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    facts: &Submission,
    now: Timestamp,
) -> Effect {
    let (task, mut progress) = match own_task(tx, agent, facts.task, "submission.task")? {
        Ok(own) => own,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(known) = tx.submission_get(facts.id)? {
        // The same submission under another number, as after a new enrolment: once is enough.
        let same = known.site == agent.site && known.facts == *facts;
        return Ok(if same { Ok(()) } else { Err(Refusal::invalid("submission.submission")) });
    }
    if tx.person_get(facts.person)?.is_none() {
        return Ok(Err(Refusal::unknown("submission.person")));
    }
    // Work may be done under an older version than the task's, or a newer one that came meanwhile.
    let Some(version) = tx.instruction_get(task.project, facts.instruction_version)? else {
        return Ok(Err(Refusal::unknown("submission.instruction_version")));
    };
    if let Some(refusal) = unknown_to_instruction(&version.instruction, facts) {
        return Ok(Err(refusal));
    }
    if let Some(refusal) = assistance::unknown_model(tx, agent, &facts.assists)? {
        return Ok(Err(refusal));
    }
    if let Some(refusal) = unknown_verdict(tx, &version.instruction, facts)? {
        return Ok(Err(refusal));
    }
    let surplus = match progress.submit(facts.role, facts.slot, facts.person, facts.id) {
        Ok(surplus) => surplus,
        Err(refusal) => return Ok(Err(refusal)),
    };
    tx.progress_put(&progress)?;
    tx.submission_put(&ReceivedSubmission {
        facts: facts.clone(),
        site: agent.site,
        project: task.project,
        asset: task.asset,
        surplus,
        received_at: now,
    })?;
    judge_task(tx, task, &progress, now)?;
    Ok(Ok(()))
}

/// Everything but verdicts that echoes a number of the instruction; other numbers are refused.
fn unknown_to_instruction(instruction: &Instruction, facts: &Submission) -> Option<Refusal> {
    let unknown = |list: &str, index: usize, field: &str| {
        Some(Refusal::unknown(format!("submission.{list}[{index}]{field}")))
    };
    let has_object = |id: u32| instruction.object(id).is_some();
    if let Some(index) = facts.scores.iter().position(|score| !has_object(score.object_id)) {
        return unknown("scores", index, ".object_id");
    }
    if let Some(index) = facts.answers.iter().position(|answer| !takes(instruction, answer)) {
        return unknown("answers", index, "");
    }
    if let Some(index) = facts.objects.iter().position(|object| !has_object(object.object_id)) {
        return unknown("objects", index, ".object_id");
    }
    let has_shapes = |id: u32| instruction.object(id).is_some_and(|object| object.has_shapes());
    if let Some(index) = facts.shapes.iter().position(|score| !has_shapes(score.object_id)) {
        return unknown("shapes", index, ".object_id");
    }
    let has_subject = |subject: OverrideSubject| match subject {
        OverrideSubject::Object(id) => has_object(id),
        OverrideSubject::Rule(id) => instruction.rules.iter().any(|rule| rule.id == id),
    };
    if let Some(index) = facts.overrides.iter().position(|said| !has_subject(said.subject)) {
        return unknown("overrides", index, ".subject");
    }
    None
}

/// A verdict is on an annotator's submission of the same task, and on an object or on the answers.
fn unknown_verdict(
    reader: &dyn Reader,
    instruction: &Instruction,
    facts: &Submission,
) -> Result<Option<Refusal>, AppError> {
    for (index, said) in facts.verdicts.iter().enumerate() {
        let unknown = |field: &str| Refusal::unknown(format!("submission.verdicts[{index}].{field}"));
        let judged = reader.submission_get(said.submission)?;
        let of_task =
            |one: &ReceivedSubmission| one.facts.task == facts.task && one.facts.role == WorkRole::Annotator;
        if !judged.is_some_and(|judged| of_task(&judged)) {
            return Ok(Some(unknown("submission")));
        }
        if said.object_id != 0 && instruction.object(said.object_id).is_none() {
            return Ok(Some(unknown("object_id")));
        }
    }
    Ok(None)
}

fn takes(instruction: &Instruction, answer: &CodedAnswer) -> bool {
    let Some(question) = instruction.question(answer.question_id) else { return false };
    match answer.value {
        CodedValue::Option(id) => question.kind.option_ids().is_some_and(|ids| ids.contains(&id)),
        CodedValue::GridStep(step) => {
            let values = question.kind.grid().and_then(|grid| grid.values());
            values.is_some_and(|values| step < values)
        }
    }
}
