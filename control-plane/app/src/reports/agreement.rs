//! How submissions of a task agree, what was painted from them, and how finished work fits a new
//! version.

use control_plane_domain::{
    AgentIdentity, ConsensusPainted, Progress, ReceivedConsensus, Recheck, Refusal, RuleKind, ShapeAgreement,
    SiteRecheck, Task, VotingPattern, WorkRole,
};
use proto_ids::{SubmissionId, Timestamp};
use proto_instruction::Object;

use super::{Effect, own_task};
use crate::judging::judge_task;
use crate::{AppError, Tx};

pub(super) fn take_pattern(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    pattern: &VotingPattern,
    now: Timestamp,
) -> Effect {
    let (task, progress) = match own_task(tx, agent, pattern.task, "pattern.task")? {
        Ok(own) => own,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let drawn = |object: &Object| object.label().is_some();
    let of = Compared { report: "pattern", object_id: pattern.object_id, role: WorkRole::Annotator };
    if let Some(refusal) = of.unknown(tx, &task, &pattern.submissions, drawn)? {
        return Ok(Err(refusal));
    }
    tx.pattern_put(pattern)?;
    judged(tx, task, &progress, now)
}

pub(super) fn take_shapes(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    shapes: &ShapeAgreement,
    now: Timestamp,
) -> Effect {
    let (task, progress) = match own_task(tx, agent, shapes.task, "shapes.task")? {
        Ok(own) => own,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let of = Compared { report: "shapes", object_id: shapes.object_id, role: WorkRole::Annotator };
    if let Some(refusal) = of.unknown(tx, &task, &shapes.submissions, Object::has_shapes)? {
        return Ok(Err(refusal));
    }
    tx.shape_agreement_put(shapes)?;
    judged(tx, task, &progress, now)
}

pub(super) fn take_consensus(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    painted: &ConsensusPainted,
    now: Timestamp,
) -> Effect {
    let task = match own_task(tx, agent, painted.task, "consensus.task")? {
        Ok((task, _)) => task,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let role = match painted.rule {
        RuleKind::Majority | RuleKind::Staple => WorkRole::Annotator,
        RuleKind::Arbiter => WorkRole::Arbiter,
    };
    let drawn = |object: &Object| object.label().is_some();
    let of = Compared { report: "consensus", object_id: painted.object_id, role };
    if let Some(refusal) = of.unknown(tx, &task, &painted.submissions, drawn)? {
        return Ok(Err(refusal));
    }
    tx.consensus_painted_put(&ReceivedConsensus { facts: painted.clone(), received_at: now })?;
    Ok(Ok(()))
}

pub(super) fn take_recheck(
    tx: &mut dyn Tx,
    agent: AgentIdentity,
    recheck: &Recheck,
    now: Timestamp,
) -> Effect {
    if tx.project_get(recheck.project)?.is_none() {
        return Ok(Err(Refusal::unknown("recheck.project")));
    }
    // A site may speak only of projects that it has tasks of.
    if !tx.task_list(recheck.project)?.iter().any(|task| task.site == agent.site) {
        return Ok(Err(Refusal::foreign("recheck.project")));
    }
    if tx.instruction_get(recheck.project, recheck.instruction_version)?.is_none() {
        return Ok(Err(Refusal::unknown("recheck.instruction_version")));
    }
    tx.recheck_put(&SiteRecheck { site: agent.site, facts: *recheck, received_at: now })?;
    Ok(Ok(()))
}

fn judged(tx: &mut dyn Tx, task: Task, progress: &Progress, now: Timestamp) -> Effect {
    judge_task(tx, task, progress, now)?;
    Ok(Ok(()))
}

/// What a report compares: one object of submissions of one role.
struct Compared {
    report: &'static str,
    object_id: u32,
    role: WorkRole,
}

impl Compared {
    /// The submissions are of the task and the role, and one of their versions has such an object.
    fn unknown(
        &self,
        tx: &mut dyn Tx,
        task: &Task,
        submissions: &[SubmissionId],
        fits: impl Fn(&Object) -> bool,
    ) -> Result<Option<Refusal>, AppError> {
        let mut versions = std::collections::BTreeSet::new();
        for (index, submission) in submissions.iter().enumerate() {
            let known = tx.submission_get(*submission)?;
            let own = known.filter(|known| known.facts.task == task.id && known.facts.role == self.role);
            let Some(own) = own else {
                return Ok(Some(Refusal::unknown(format!("{}.submissions[{index}]", self.report))));
            };
            versions.insert(own.facts.instruction_version);
        }
        for version in versions {
            let version = tx.instruction_get(task.project, version)?;
            let object = version.as_ref().and_then(|version| version.instruction.object(self.object_id));
            if object.is_some_and(&fits) {
                return Ok(None);
            }
        }
        Ok(Some(Refusal::unknown(format!("{}.object_id", self.report))))
    }
}
