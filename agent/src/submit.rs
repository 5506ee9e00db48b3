//! From work to numbers: on submit the agent scores what was drawn, and only the scores leave.
//!
//! Scores are computed outside of any transaction; submission and messages are kept in one. If
//! somebody else handed in work on the task meanwhile, the numbers are computed again.

use std::sync::Arc;

use agent_archive::{Archive, Gold, Holder, OtherSubmission, Prepared, SubmitError};
use agent_imaging::metrics::{self, Depth, ENGINE, LabelTarget, MetricValue, Undefined};
use agent_imaging::{Grid, LabelMap, consensus, mask};
use agent_uplink as out;
use agent_uplink::{AnswerCode, CodedAnswer, Outbound};
use agent_viewer_api::{SubmissionReceipt, SubmitRefusal, SubmitRequest, Submitter};
use agent_work::Slice;
use proto_ids::Timestamp;
use proto_instruction::{Answer, Instruction, Object, QuestionKind, grid_step};

/// How often work is scored again because others handed in theirs at the same time.
const ATTEMPTS: u32 = 5;
/// Voting patterns have a bit for each submission, and 16 bits.
const RATERS: usize = 16;

/// Scores and keeps submissions of one archive.
#[derive(Debug)]
pub(crate) struct ScoringSubmitter(pub(crate) Arc<Archive>);

impl Submitter for ScoringSubmitter {
    fn submit(&self, request: SubmitRequest) -> Result<SubmissionReceipt, SubmitRefusal> {
        let mut refusal = SubmitRefusal::Unavailable;
        for _ in 0..ATTEMPTS {
            match self.attempt(&request) {
                Ok(receipt) => return Ok(receipt),
                Err(SubmitError::Changed) => {}
                Err(error) => {
                    refusal = self.refusal(&request, error)?;
                    break;
                }
            }
        }
        // A lost receipt is asked for again by handing in again.
        let before = self.0.submission_of(request.task, request.person);
        match before.map_err(|_| SubmitRefusal::Unavailable)? {
            Some(receipt) if matches!(refusal, SubmitRefusal::Fencing(_)) => {
                Ok(SubmissionReceipt { submission: receipt.submission, submitted_at: receipt.submitted_at })
            }
            Some(_) | None => Err(refusal),
        }
    }
}

impl ScoringSubmitter {
    fn attempt(&self, request: &SubmitRequest) -> Result<SubmissionReceipt, SubmitError> {
        let holder = Holder { task: request.task, person: request.person, fencing: request.fencing };
        let prepared = self.0.submission_prepare(holder, request.revision)?;
        let messages = messages(&prepared, request.now);
        let receipt = self.0.submission_commit(&prepared, messages, request.now)?;
        ::metrics::counter!("ringfence_submissions_total").increment(1);
        Ok(SubmissionReceipt { submission: receipt.submission, submitted_at: receipt.submitted_at })
    }

    fn refusal(&self, request: &SubmitRequest, error: SubmitError) -> Result<SubmitRefusal, SubmitRefusal> {
        if let SubmitError::Storage(cause) = &error {
            tracing::error!(task = %request.task, error = cause as &dyn std::error::Error, "a submission failed");
        }
        let refusal = SubmitRefusal::from(error);
        if matches!(refusal, SubmitRefusal::Fencing(_)) { Ok(refusal) } else { Err(refusal) }
    }
}

/// Everything that the control plane is told of a submission.
fn messages(prepared: &Prepared, now: Timestamp) -> Vec<Vec<u8>> {
    let grid = prepared.asset.grid;
    let candidate = label_map(grid, &prepared.slices);
    let depth = if prepared.asset.reasons.is_empty() { Depth::Volume } else { Depth::Stack };
    let scores = prepared.gold.as_ref().map(|gold| scores(&prepared.instruction, gold, &candidate, depth));
    let submission = Outbound::Submission(out::Submission {
        submission: prepared.submission,
        task: prepared.holder.task,
        person: prepared.holder.person,
        slot: prepared.slot,
        instruction_version: prepared.instruction_version,
        duration_seconds: duration_seconds(prepared.granted_at, now),
        engine: ENGINE,
        scores: scores.unwrap_or_default(),
        answers: coded_answers(prepared),
    });
    let patterns = voting_patterns(prepared, grid, &candidate);
    std::iter::once(submission).chain(patterns).map(|message| message.encode()).collect()
}

fn duration_seconds(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.millis_since(from).max(0) / 1000).unwrap_or(u32::MAX)
}

/// The archive checked every run against the asset's grid when it was saved.
fn label_map(grid: Grid, slices: &[Slice]) -> LabelMap {
    let runs = |slice: &Slice| -> Vec<mask::Run> {
        let run =
            |run: &agent_work::Run| mask::Run { start: run.start, length: run.length, label: run.label };
        slice.runs.iter().map(run).collect()
    };
    let map = LabelMap::from_slices(grid, slices.iter().map(|slice| (slice.k, runs(slice))));
    map.unwrap_or_else(|_| LabelMap::empty(grid))
}

fn scores(
    instruction: &Instruction,
    gold: &Gold,
    candidate: &LabelMap,
    depth: Depth,
) -> Vec<out::LabelScore> {
    let reference = label_map(*candidate.grid(), &gold.slices);
    let targets: Vec<LabelTarget> = instruction
        .objects
        .iter()
        .map(|object| LabelTarget { label: u16::from(object.label), tolerance_mm: object.tolerance_mm })
        .collect();
    let measured = metrics::compare(&reference, candidate, &targets, depth).unwrap_or_default();
    let pairs = instruction.objects.iter().zip(measured);
    pairs.map(|(object, measured)| score(object, &measured, gold)).collect()
}

fn score(object: &Object, measured: &metrics::LabelScore, gold: &Gold) -> out::LabelScore {
    // Gold that says nothing about an object is no reference for it.
    let in_scope = gold.labels.contains(&u16::from(object.label));
    let value = |measure: MetricValue| if in_scope { measure } else { Err(Undefined::OutOfScope) };
    out::LabelScore {
        object_id: object.id,
        dice: metric(value(measured.dice)),
        nsd: metric(value(measured.nsd)),
        hd95_mm: metric(value(measured.hd95_mm)),
        reference_voxels: measured.reference_voxels,
        candidate_voxels: measured.candidate_voxels,
    }
}

fn metric(measure: MetricValue) -> out::MetricValue {
    match measure {
        Ok(value) => out::MetricValue::Value(value),
        Err(Undefined::BothEmpty) => out::MetricValue::Undefined(out::Undefined::BothEmpty),
        Err(Undefined::OneEmpty) => out::MetricValue::Undefined(out::Undefined::OneEmpty),
        Err(Undefined::NotMeasured) => out::MetricValue::Undefined(out::Undefined::NotMeasured),
        Err(Undefined::OutOfScope) => out::MetricValue::Undefined(out::Undefined::OutOfScope),
    }
}

/// One histogram for each object over all submissions of the task, this one last.
fn voting_patterns(prepared: &Prepared, grid: Grid, candidate: &LabelMap) -> Vec<Outbound> {
    let others: Vec<&OtherSubmission> = prepared.others.iter().take(RATERS - 1).collect();
    if others.is_empty() {
        return Vec::new();
    }
    let maps: Vec<LabelMap> = others.iter().map(|other| label_map(grid, &other.slices)).collect();
    let maps: Vec<&LabelMap> = maps.iter().chain([candidate]).collect();
    let submissions: Vec<_> =
        others.iter().map(|other| other.submission).chain([prepared.submission]).collect();
    let pattern = |object: &Object| {
        let histogram = consensus::patterns(&maps, u16::from(object.label)).ok()?;
        let count = |(marked_by, voxels)| out::PatternCount { marked_by: u32::from(marked_by), voxels };
        Some(Outbound::Pattern(out::VotingPattern {
            task: prepared.holder.task,
            object_id: object.id,
            submissions: submissions.clone(),
            counts: histogram.pairs().map(count).collect(),
        }))
    };
    prepared.instruction.objects.iter().filter_map(pattern).collect()
}

/// Answers that may leave: options and steps of a grid. Texts stay.
fn coded_answers(prepared: &Prepared) -> Vec<CodedAnswer> {
    let code = |(question_id, answer): (&u32, &Answer)| {
        let question = prepared.instruction.question(*question_id)?;
        let code = match (answer, &question.kind) {
            (Answer::Option(option), QuestionKind::Choice { .. }) => AnswerCode::Option(*option),
            (Answer::Number(value), QuestionKind::Number(grid)) => {
                AnswerCode::GridStep(grid_step(grid, *value)?)
            }
            (Answer::Option(_) | Answer::Number(_) | Answer::Text(_), _) => return None,
        };
        Some(CodedAnswer { question_id: *question_id, code })
    };
    prepared.answers.iter().filter_map(code).collect()
}

#[cfg(test)]
mod tests {
    use proto_ids::{Clock, PersonId, TaskId};
    use proto_program::SystemClock;

    use super::*;

    #[test]
    fn work_on_a_withdrawn_task_is_refused_as_that() {
        let place = tempfile::tempdir().unwrap();
        let archive = Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap();
        let (task, person) = (TaskId::from_random([1; 16]), PersonId::from_random([2; 16]));
        let request = SubmitRequest { task, person, fencing: 1, revision: 0, now: SystemClock.now() };
        let refused = ScoringSubmitter(Arc::new(archive)).refusal(&request, SubmitError::Withdrawn);
        assert_eq!(refused, Err(SubmitRefusal::Withdrawn));
    }
}
