//! From work to numbers: on submit the agent measures and scores what was drawn, and only numbers leave.
//!
//! Everything is computed outside of any transaction; submission and messages are kept in one. If
//! somebody else handed in work on the task meanwhile, it is computed again. What is said of a single
//! submission is in `facts.rs` and `answers.rs`, what compares it in `scores.rs` and `patterns.rs`.

mod answers;
mod assists;
mod facts;
mod patterns;
mod scores;

use std::sync::Arc;

use agent_archive::{
    Archive, Gold, HandIn, Holder, OtherSubmission, Prepared, SubmissionVerdict, SubmitError,
};
use agent_imaging::LabelMap;
use agent_imaging::metrics::{Depth, ENGINE};
use agent_uplink as out;
use agent_uplink::Outbound;
use agent_viewer_api::{SubmissionReceipt, SubmitRefusal, SubmitRequest, Submitter, label_map};
use agent_work::{Override, Role, SubmitProblem, needed_overrides, submit_problems};
use proto_instruction::{Facts, Instruction};
use tokio::sync::Notify;

use crate::facts::role;
use patterns::Vote;

/// How often work is scored again because others handed in theirs at the same time.
const ATTEMPTS: u32 = 5;

/// Scores and keeps submissions of one archive.
#[derive(Debug)]
pub(crate) struct ScoringSubmitter {
    archive: Arc<Archive>,
    changed: Arc<Notify>,
}

/// Why an attempt did not end with a submission.
#[derive(Debug)]
enum Stopped {
    Incomplete(Vec<SubmitProblem>),
    Refused(SubmitError),
}

impl<E: Into<SubmitError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

impl Submitter for ScoringSubmitter {
    fn submit(&self, request: SubmitRequest) -> Result<SubmissionReceipt, SubmitRefusal> {
        let mut refusal = SubmitRefusal::Unavailable;
        for _ in 0..ATTEMPTS {
            match self.attempt(&request) {
                Ok(receipt) => return Ok(receipt),
                Err(Stopped::Incomplete(problems)) => return Err(SubmitRefusal::Incomplete { problems }),
                Err(Stopped::Refused(SubmitError::Changed)) => {}
                Err(Stopped::Refused(error)) => {
                    refusal = self.refusal(&request, error)?;
                    break;
                }
            }
        }
        // A lost receipt is asked for again by handing in again.
        let before = self.archive.submission_of(request.task, request.person);
        match before.map_err(|_| SubmitRefusal::Unavailable)? {
            Some(receipt) if matches!(refusal, SubmitRefusal::Fencing(_)) => Ok(receipt),
            Some(_) | None => Err(refusal),
        }
    }
}

impl ScoringSubmitter {
    /// Wakes `changed` after each submission.
    pub(crate) const fn new(archive: Arc<Archive>, changed: Arc<Notify>) -> Self {
        Self { archive, changed }
    }

    /// Where submissions are kept.
    pub(crate) const fn archive(&self) -> &Arc<Archive> {
        &self.archive
    }

    fn attempt(&self, request: &SubmitRequest) -> Result<SubmissionReceipt, Stopped> {
        let holder = Holder { task: request.task, person: request.person, fencing: request.fencing };
        let prepared = self.archive.submission_prepare(holder, request.revision, request.now)?;
        let hand_in = self.hand_in(&prepared, request)?;
        let receipt = self.archive.submission_commit(&prepared, hand_in, request.now)?;
        self.changed.notify_one();
        ::metrics::counter!("ringfence_submissions_total").increment(1);
        Ok(receipt)
    }

    /// Checks work against its instruction, with measures of the agent's own, and computes what is told.
    fn hand_in(&self, prepared: &Prepared, request: &SubmitRequest) -> Result<HandIn, Stopped> {
        let (drawn, instruction) = (&prepared.drawn, &prepared.instruction);
        let facts =
            agent_viewer_api::facts(instruction, &prepared.asset.space(), &drawn.slices, &drawn.shapes);
        let problems = submit_problems(drawn, instruction, &facts, &request.overrides);
        if !problems.is_empty() {
            return Err(Stopped::Incomplete(problems));
        }
        let verdicts = prepared.verdicts(&request.verdicts).map_err(SubmitError::Verdicts)?;
        let overrides = needed_overrides(drawn, instruction, &facts, &request.overrides);
        let answers = drawn.asked_answers(instruction, &facts);
        let candidate = label_map(prepared.asset.grid, &drawn.slices);
        let (task, person) = (prepared.holder.task, prepared.holder.person);
        let offers = self.archive.assist_offers(task, person).map_err(SubmitError::Storage)?;
        let assists = if offers.is_empty() {
            Vec::new()
        } else {
            let log = self.archive.operations(task, person).map_err(SubmitError::Storage)?;
            assists::uses(&offers, &log, prepared.asset.grid, &candidate)
        };
        let submission = out::Submission {
            answers: answers::coded(instruction, &answers),
            assists,
            ..told(prepared, &facts, &candidate, &overrides, &verdicts)
        };
        let agreements = self.agreements(prepared, &candidate)?;
        let messages = std::iter::once(Outbound::Submission(submission)).chain(agreements);
        let messages = messages.map(|message| message.encode()).collect();
        Ok(HandIn { answers, overrides, verdicts: request.verdicts.clone(), messages })
    }

    /// How an annotator's work overlaps with that of the others. An arbiter has seen the others' work,
    /// so theirs agrees with nobody's.
    fn agreements(&self, prepared: &Prepared, candidate: &LabelMap) -> Result<Vec<Outbound>, SubmitError> {
        if prepared.role == Role::Arbiter {
            return Ok(Vec::new());
        }
        let space = prepared.asset.space();
        let mut votes: Vec<(&OtherSubmission, Arc<Instruction>, LabelMap)> = Vec::new();
        for other in &prepared.others {
            // Without its instruction nobody can say what was drawn.
            if let Some(instruction) =
                self.archive.instruction(prepared.project, other.instruction_version)?
            {
                votes.push((other, instruction, label_map(*space.grid(), &other.drawn.slices)));
            }
        }
        let others = votes.iter().map(|(other, instruction, map)| Vote {
            submission: other.submission,
            instruction,
            map,
            shapes: &other.drawn.shapes,
        });
        let own = Vote {
            submission: prepared.submission,
            instruction: &prepared.instruction,
            map: candidate,
            shapes: &prepared.drawn.shapes,
        };
        let votes: Vec<Vote<'_>> = others.chain([own]).collect();
        Ok(patterns::agreements(prepared.holder.task, &votes, &space))
    }

    fn refusal(&self, request: &SubmitRequest, error: SubmitError) -> Result<SubmitRefusal, SubmitRefusal> {
        if let SubmitError::Storage(cause) = &error {
            tracing::error!(task = %request.task, error = cause as &dyn std::error::Error, "a submission failed");
        }
        let refusal = SubmitRefusal::from(error);
        if matches!(refusal, SubmitRefusal::Fencing(_)) { Ok(refusal) } else { Err(refusal) }
    }
}

/// What the control plane is told of a submission by itself, but for its answers.
fn told(
    prepared: &Prepared,
    facts: &Facts,
    candidate: &LabelMap,
    overrides: &[Override],
    verdicts: &[SubmissionVerdict],
) -> out::Submission {
    let (labels, shapes) = prepared.gold.as_ref().map_or_else(Default::default, |gold| {
        (label_scores(prepared, gold, candidate), shape_scores(prepared, gold))
    });
    let verdict = |given: &SubmissionVerdict| out::Verdict {
        submission: given.submission,
        object_id: given.object_id,
        verdict: facts::verdict(given.verdict),
    };
    out::Submission {
        submission: prepared.submission,
        task: prepared.holder.task,
        person: prepared.holder.person,
        slot: prepared.slot,
        role: role(prepared.role),
        instruction_version: prepared.instruction_version,
        duration_seconds: prepared.time.wall_seconds,
        active_seconds: prepared.time.active_seconds,
        reading_seconds: prepared.time.reading_seconds,
        idle_seconds: prepared.time.idle_seconds,
        engine: ENGINE,
        scores: labels,
        answers: Vec::new(),
        objects: facts::objects(&prepared.instruction, facts, &prepared.drawn.statements),
        shapes,
        overrides: facts::overrides(overrides),
        verdicts: verdicts.iter().map(verdict).collect(),
        assists: Vec::new(),
    }
}

fn label_scores(prepared: &Prepared, gold: &Gold, candidate: &LabelMap) -> Vec<out::LabelScore> {
    let depth = if prepared.asset.reasons.is_empty() { Depth::Volume } else { Depth::Stack };
    let reference = label_map(prepared.asset.grid, &gold.drawn.slices);
    scores::labels(&prepared.instruction, (&reference, &gold.labels), candidate, depth)
}

fn shape_scores(prepared: &Prepared, gold: &Gold) -> Vec<out::ShapeScore> {
    let reference = (gold.drawn.shapes.as_slice(), gold.objects.as_slice());
    scores::shapes(&prepared.instruction, reference, &prepared.drawn.shapes, &prepared.asset.space())
}

#[cfg(test)]
mod tests;
