//! Work that was handed in, as numbers: scores against gold, coded answers, times.

use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, SubmissionId, TaskId, Timestamp};

use crate::assistance::check_assists;
use crate::closed::closed_enum;
use crate::parts::{check_objects, check_overrides, check_shapes, check_verdicts};
use crate::report::check_place;
use crate::{AssistUse, ObjectPresence, Override, Refusal, ShapeScore, Verdict, WorkRole};

/// Durations are capped here before they leave a site: 4 hours.
const MAX_DURATION_SECONDS: u32 = 4 * 3600;
/// A label map has at most 255 labels.
const MAX_SCORES: usize = 255;
/// An instruction has fewer questions than this.
const MAX_ANSWERS: usize = 1024;

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
    /// In which place of the task, from 0; an arbiter's place is number 0 of its own.
    pub slot: u32,
    /// In which role.
    pub role: WorkRole,
    /// The instruction version that it was done under.
    pub instruction_version: u32,
    /// From lease to submission, capped at 4 hours.
    pub duration_seconds: u32,
    /// Of that time, with the hand at work; capped at 4 hours.
    pub active_seconds: u32,
    /// Of that time, looking without drawing; capped at 4 hours.
    pub reading_seconds: u32,
    /// The rest of that time; capped at 4 hours.
    pub idle_seconds: u32,
    /// Version of the measures' definitions.
    pub engine: u32,
    /// Against gold, one for each object; empty where the task has none.
    pub scores: Vec<LabelScore>,
    /// Coded answers.
    pub answers: Vec<CodedAnswer>,
    /// Which objects are there; each at most once.
    pub objects: Vec<ObjectPresence>,
    /// Shapes against gold, one for each object that has shapes; empty where the task has no gold.
    pub shapes: Vec<ShapeScore>,
    /// Warnings that were handed in with a reason.
    pub overrides: Vec<Override>,
    /// An arbiter's, of the other submissions of the task.
    pub verdicts: Vec<Verdict>,
    /// What became of the proposals of models.
    pub assists: Vec<AssistUse>,
}

impl Submission {
    /// Checks ranges, and that no object, question or subject comes twice.
    ///
    /// # Errors
    /// The first field that has a value it cannot have.
    pub fn check(&self) -> Result<(), Refusal> {
        check_place(self.role, self.slot, "submission.slot")?;
        let times = [
            (self.duration_seconds, "duration_seconds"),
            (self.active_seconds, "active_seconds"),
            (self.reading_seconds, "reading_seconds"),
            (self.idle_seconds, "idle_seconds"),
        ];
        for (seconds, name) in times {
            if seconds > MAX_DURATION_SECONDS {
                return Err(Refusal::invalid(format!("submission.{name}")));
            }
        }
        self.check_scores()?;
        self.check_answers()?;
        check_objects(&self.objects)?;
        check_shapes(&self.shapes)?;
        check_overrides(&self.overrides)?;
        check_verdicts(&self.verdicts, self.role)?;
        check_assists(&self.assists)
    }

    fn check_scores(&self) -> Result<(), Refusal> {
        if self.scores.len() > MAX_SCORES {
            return Err(Refusal::invalid("submission.scores"));
        }
        for (index, score) in self.scores.iter().enumerate() {
            if self.scores[..index].iter().any(|earlier| earlier.object_id == score.object_id) {
                return Err(Refusal::invalid(format!("submission.scores[{index}].object_id")));
            }
            score.check(index)?;
        }
        Ok(())
    }

    fn check_answers(&self) -> Result<(), Refusal> {
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
            role: WorkRole::Annotator,
            instruction_version: 1,
            duration_seconds: 60,
            active_seconds: 30,
            reading_seconds: 20,
            idle_seconds: 10,
            engine: 1,
            scores,
            answers: Vec::new(),
            objects: Vec::new(),
            shapes: Vec::new(),
            overrides: Vec::new(),
            verdicts: Vec::new(),
            assists: Vec::new(),
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
    fn a_time_beyond_the_cap_is_refused() {
        let base = submission(1, Vec::new());
        let over = MAX_DURATION_SECONDS + 1;
        for (facts, field) in [
            (Submission { duration_seconds: over, ..base.clone() }, "submission.duration_seconds"),
            (Submission { active_seconds: over, ..base.clone() }, "submission.active_seconds"),
            (Submission { reading_seconds: over, ..base.clone() }, "submission.reading_seconds"),
            (Submission { idle_seconds: over, ..base.clone() }, "submission.idle_seconds"),
        ] {
            assert_eq!(facts.check(), Err(Refusal::invalid(field)));
        }
    }

    #[test]
    fn an_arbiter_has_place_zero_and_only_an_arbiter_gives_verdicts() {
        let verdict = Verdict {
            submission: SubmissionId::from_random([9; 16]),
            object_id: 0,
            verdict: crate::VerdictKind::Right,
        };
        let base = Submission { verdicts: vec![verdict], ..submission(1, Vec::new()) };
        assert_eq!(base.check(), Err(Refusal::invalid("submission.verdicts")));
        let arbiter = Submission { role: WorkRole::Arbiter, ..base };
        assert_eq!(arbiter.check(), Ok(()));
        let elsewhere = Submission { slot: 1, ..arbiter.clone() };
        assert_eq!(elsewhere.check(), Err(Refusal::invalid("submission.slot")));
        let twice = Submission { verdicts: vec![verdict, verdict], ..arbiter };
        assert_eq!(twice.check(), Err(Refusal::invalid("submission.verdicts[1].object_id")));
    }

    #[test]
    fn counts_fit_what_is_said() {
        use crate::{CheckCode, OverrideReason, OverrideSubject, StatedPresence};
        let base = submission(1, Vec::new());
        let there = |presence, count| ObjectPresence { object_id: 1, presence, count };
        let shape = |reference_count, candidate_count, matched| ShapeScore {
            object_id: 1,
            reference_count,
            candidate_count,
            matched,
        };
        let with = |objects: Vec<ObjectPresence>| Submission { objects, ..base.clone() }.check();
        let refused = |field: &str| Err(Refusal::invalid(field));
        assert_eq!(with(vec![there(StatedPresence::Present, 1000)]), Ok(()));
        let twice = vec![there(StatedPresence::Present, 1), there(StatedPresence::Absent, 0)];
        assert_eq!(with(twice), refused("submission.objects[1].object_id"));
        for wrong in [there(StatedPresence::Present, 1001), there(StatedPresence::Absent, 1)] {
            assert_eq!(with(vec![wrong]), refused("submission.objects[0].count"));
        }
        let with = |shapes: Vec<ShapeScore>| Submission { shapes, ..base.clone() }.check();
        assert_eq!(with(vec![shape(2, 3, 2)]), Ok(()));
        assert_eq!(with(vec![shape(2, 3, 3)]), refused("submission.shapes[0].matched"));
        assert_eq!(with(vec![shape(1001, 3, 3)]), refused("submission.shapes[0].reference_count"));
        let said = |subject, check| Override { subject, check, reason: OverrideReason::Other };
        let with = |overrides: Vec<Override>| Submission { overrides, ..base.clone() }.check();
        assert_eq!(with(vec![said(OverrideSubject::Rule(1), CheckCode::RuleBroken)]), Ok(()));
        let wrong = said(OverrideSubject::Object(1), CheckCode::RuleBroken);
        assert_eq!(with(vec![wrong]), refused("submission.overrides[0].check"));
    }
}
