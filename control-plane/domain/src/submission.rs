//! Work that was handed in, as numbers: scores against gold, coded answers, voting patterns.

use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId, Timestamp};

use crate::Refusal;
use crate::closed::closed_enum;
use crate::report::check_slot;

/// Durations are capped here before they leave a site: 4 hours.
const MAX_DURATION_SECONDS: u32 = 4 * 3600;
/// A label map has at most 255 labels.
const MAX_SCORES: usize = 255;
/// An instruction has fewer questions than this.
const MAX_ANSWERS: usize = 1024;
/// Bits of a voting pattern; as many as a task can have slots.
const MAX_PATTERN_SUBMISSIONS: usize = 16;

closed_enum! {
    /// Why a measure does not exist.
    Undefined {
        /// Both masks are empty.
        BothEmpty = 1 "both_empty",
        /// One mask is empty, so there is no distance.
        OneEmpty = 2 "one_empty",
        /// It was not computed.
        NotMeasured = 3 "not_measured",
        /// The object is not asked for.
        OutOfScope = 4 "out_of_scope",
    }
}

/// A measure, or the reason why there is none. Never a number that stands for a reason.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MetricValue {
    /// The measure.
    Value(f64),
    /// Why there is none.
    Undefined(Undefined),
}

impl MetricValue {
    /// The measure, if there is one.
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(value),
            Self::Undefined(_) => None,
        }
    }
}

/// One object of a submission against the gold annotation of its asset.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelScore {
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// Overlap, 0 to 1.
    pub dice: MetricValue,
    /// Share of surface within the object's tolerance, 0 to 1.
    pub nsd: MetricValue,
    /// 95th percentile of the distance between the surfaces, in millimetres.
    pub hd95_mm: MetricValue,
    /// Voxels of the gold annotation.
    pub reference_voxels: u64,
    /// Voxels of the submission.
    pub candidate_voxels: u64,
}

/// A coded answer: an option's number, or a step of the question's grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodedValue {
    /// The chosen option.
    Option(u32),
    /// The number is `minimum + step × this`.
    GridStep(u32),
}

/// An answer that may leave the site. Text answers never do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodedAnswer {
    /// The question, by its number in the instruction.
    pub question_id: u32,
    /// What was answered.
    pub value: CodedValue,
}

/// What a site says of work that was handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Random token of the submission.
    pub id: SubmissionId,
    /// The task.
    pub task: TaskId,
    /// Who did it.
    pub person: PersonId,
    /// In which place of the task, from 0.
    pub slot: u32,
    /// The instruction version that it was done under.
    pub instruction_version: u32,
    /// From lease to submission, capped at 4 hours.
    pub duration_seconds: u32,
    /// Version of the measures' definitions.
    pub engine: u32,
    /// Against gold, one for each object; empty where the task has none.
    pub scores: Vec<LabelScore>,
    /// Coded answers.
    pub answers: Vec<CodedAnswer>,
}

impl Submission {
    /// Checks ranges, and that no object or question comes twice.
    ///
    /// # Errors
    /// The first field that has a value it cannot have.
    pub fn check(&self) -> Result<(), Refusal> {
        check_slot(self.slot, "submission.slot")?;
        if self.duration_seconds > MAX_DURATION_SECONDS {
            return Err(Refusal::invalid("submission.duration_seconds"));
        }
        if self.scores.len() > MAX_SCORES {
            return Err(Refusal::invalid("submission.scores"));
        }
        for (index, score) in self.scores.iter().enumerate() {
            if self.scores[..index].iter().any(|earlier| earlier.object_id == score.object_id) {
                return Err(Refusal::invalid(format!("submission.scores[{index}].object_id")));
            }
            score.check(index)?;
        }
        if self.answers.len() > MAX_ANSWERS {
            return Err(Refusal::invalid("submission.answers"));
        }
        for (index, answer) in self.answers.iter().enumerate() {
            if self.answers[..index].iter().any(|earlier| earlier.question_id == answer.question_id) {
                return Err(Refusal::invalid(format!("submission.answers[{index}].question_id")));
            }
        }
        Ok(())
    }
}

impl LabelScore {
    fn check(&self, index: usize) -> Result<(), Refusal> {
        let shares = [(self.dice, "dice"), (self.nsd, "nsd")];
        for (share, name) in shares {
            if share.value().is_some_and(|value| !(0.0..=1.0).contains(&value)) {
                return Err(Refusal::invalid(format!("submission.scores[{index}].{name}")));
            }
        }
        if self.hd95_mm.value().is_some_and(|value| !value.is_finite() || value < 0.0) {
            return Err(Refusal::invalid(format!("submission.scores[{index}].hd95_mm")));
        }
        Ok(())
    }
}

/// A submission as the control plane keeps it; immutable.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceivedSubmission {
    /// What the site said.
    pub facts: Submission,
    /// The site, from the certificate.
    pub site: SiteId,
    /// The project of its task.
    pub project: ProjectId,
    /// The asset of its task.
    pub asset: AssetToken,
    /// Whether its slot had been given on: it counts in agreement, not in the overlap.
    pub surplus: bool,
    /// When it came here.
    pub received_at: Timestamp,
}

/// How many voxels were marked by exactly one set of the submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternCount {
    /// Bit i is the i-th submission.
    pub marked_by: u32,
    /// How many voxels.
    pub voxels: u64,
}

/// How the submissions of a task overlap, for one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VotingPattern {
    /// The task.
    pub task: TaskId,
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// The submissions, in the order of the bits; at most 16.
    pub submissions: Vec<SubmissionId>,
    /// Voxels of each pattern but the empty one.
    pub counts: Vec<PatternCount>,
}

impl VotingPattern {
    /// Checks that the patterns fit the submissions and that none comes twice.
    ///
    /// # Errors
    /// The first field that has a value it cannot have.
    pub fn check(&self) -> Result<(), Refusal> {
        let raters = self.submissions.len();
        if raters == 0 || raters > MAX_PATTERN_SUBMISSIONS {
            return Err(Refusal::invalid("pattern.submissions"));
        }
        for (index, submission) in self.submissions.iter().enumerate() {
            if self.submissions[..index].contains(submission) {
                return Err(Refusal::invalid(format!("pattern.submissions[{index}]")));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut total = 0_u64;
        for (index, count) in self.counts.iter().enumerate() {
            let fits = count.marked_by != 0 && u64::from(count.marked_by) < 1_u64 << raters;
            if !fits || !seen.insert(count.marked_by) {
                return Err(Refusal::invalid(format!("pattern.counts[{index}].marked_by")));
            }
            if count.voxels == 0 {
                return Err(Refusal::invalid(format!("pattern.counts[{index}].voxels")));
            }
            total = total
                .checked_add(count.voxels)
                .ok_or_else(|| Refusal::invalid(format!("pattern.counts[{index}].voxels")))?;
        }
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn score(object_id: u32, dice: f64) -> LabelScore {
        LabelScore {
            object_id,
            dice: MetricValue::Value(dice),
            nsd: MetricValue::Value(1.0),
            hd95_mm: MetricValue::Value(0.0),
            reference_voxels: 10,
            candidate_voxels: 10,
        }
    }

    pub(crate) fn submission(byte: u8, scores: Vec<LabelScore>) -> Submission {
        Submission {
            id: SubmissionId::from_random([byte; 16]),
            task: TaskId::from_random([1; 16]),
            person: PersonId::from_random([byte; 16]),
            slot: 0,
            instruction_version: 1,
            duration_seconds: 60,
            engine: 1,
            scores,
            answers: Vec::new(),
        }
    }

    #[test]
    fn a_share_outside_zero_to_one_is_refused() {
        for value in [1.5, -0.1, f64::NAN, f64::INFINITY] {
            let refused = submission(1, vec![score(1, value)]).check();
            assert_eq!(refused, Err(Refusal::invalid("submission.scores[0].dice")), "{value}");
        }
        assert_eq!(submission(1, vec![score(1, 1.0)]).check(), Ok(()));
    }

    #[test]
    fn an_object_scored_twice_is_refused() {
        let refused = submission(1, vec![score(1, 0.5), score(1, 0.5)]).check();
        assert_eq!(refused, Err(Refusal::invalid("submission.scores[1].object_id")));
    }

    #[test]
    fn a_pattern_of_a_submission_that_is_not_listed_is_refused() {
        let mut pattern = VotingPattern {
            task: TaskId::from_random([1; 16]),
            object_id: 1,
            submissions: vec![SubmissionId::from_random([1; 16]), SubmissionId::from_random([2; 16])],
            counts: vec![PatternCount { marked_by: 4, voxels: 1 }],
        };
        assert_eq!(pattern.check(), Err(Refusal::invalid("pattern.counts[0].marked_by")));
        pattern.counts[0].marked_by = 3;
        assert_eq!(pattern.check(), Ok(()));
        pattern.counts.push(PatternCount { marked_by: 1, voxels: u64::MAX });
        assert_eq!(pattern.check(), Err(Refusal::invalid("pattern.counts[1].voxels")));
    }
}
