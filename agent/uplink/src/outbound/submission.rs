//! Work that was handed in: its times, scores, answers, and what was said about it.

use proto::agent::v1 as wire;
use proto::agent::v1::coded_answer::Of;
use proto::agent::v1::r#override::Subject;
use proto_ids::{PersonId, SubmissionId, TaskId};

use super::assistance::AssistUse;
use super::facts::Role;
use super::read::{below, id, list, short_list, slot, wire_id};
use super::score::{LabelScore, ObjectPresence, ShapeScore};
use super::{GRID_STEPS, InvalidOutbound, LONGEST_DURATION_SECONDS, closed};

/// Overrides of one submission; an object has ten checks.
const MOST_OVERRIDES: usize = 4096;
/// Verdicts of one arbiter: 16 submissions, 255 objects and the answers.
const MOST_VERDICTS: usize = 16 * 256;
/// Proposals of models that one submission tells of.
const MOST_ASSISTS: usize = 1024;

closed! {
    /// What was not as the instruction wants it.
    CheckCode = wire::CheckCode {
        TooFew, TooMany, DiameterTooSmall, DiameterTooLarge, VolumeTooSmall, VolumeTooLarge, TooFewSlices,
        TooManySlices, TooElongated, Cavities, RuleBroken,
    }
}
closed! {
    /// Why work was handed in all the same.
    OverrideReason = wire::OverrideReason { UnusualAnatomy, ImageQuality, InstructionUnclear, Other }
}
closed! {
    /// What an arbiter says of another submission.
    VerdictKind = wire::VerdictKind { Right, Acceptable, Wrong, NotDecidable }
}

/// What was answered, as a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerCode {
    /// Option number of the instruction.
    Option(u32),
    /// Step on the grid that the question declares; the answer is min + step size × step.
    GridStep(u32),
}

/// One answer that may leave. Text answers stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodedAnswer {
    /// Question number of the instruction.
    pub question_id: u32,
    /// The answer.
    pub code: AnswerCode,
}

impl CodedAnswer {
    fn wire(&self) -> wire::CodedAnswer {
        let of = match self.code {
            AnswerCode::Option(option) => Of::OptionId(option),
            AnswerCode::GridStep(step) => Of::GridStep(step),
        };
        wire::CodedAnswer { question_id: self.question_id, of: Some(of) }
    }
}

impl TryFrom<wire::CodedAnswer> for CodedAnswer {
    type Error = InvalidOutbound;

    fn try_from(answer: wire::CodedAnswer) -> Result<Self, InvalidOutbound> {
        let code = match answer.of {
            Some(Of::OptionId(option)) => AnswerCode::Option(option),
            Some(Of::GridStep(step)) => AnswerCode::GridStep(below(step, GRID_STEPS + 1, "grid_step")?),
            None => return Err(InvalidOutbound::Field { field: "answers" }),
        };
        Ok(Self { question_id: answer.question_id, code })
    }
}

/// That work was handed in, and its scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Random token, drawn for this submission.
    pub submission: SubmissionId,
    /// The task.
    pub task: TaskId,
    /// The annotator or arbiter.
    pub person: PersonId,
    /// Number of the place, 0 to 15; 0 for an arbiter.
    pub slot: u32,
    /// Annotator or arbiter.
    pub role: Role,
    /// Version of the instruction that the work followed.
    pub instruction_version: u32,
    /// Time from lease to submission; what leaves is capped at 4 hours.
    pub duration_seconds: u32,
    /// Time with the hand at work; what leaves is capped at 4 hours.
    pub active_seconds: u32,
    /// Time of looking without drawing; what leaves is capped at 4 hours.
    pub reading_seconds: u32,
    /// The rest of the time; what leaves is capped at 4 hours.
    pub idle_seconds: u32,
    /// Version of the measures' definitions.
    pub engine: u32,
    /// Against gold; empty where the task has none.
    pub scores: Vec<LabelScore>,
    /// Coded answers.
    pub answers: Vec<CodedAnswer>,
    /// Which objects are there, and how often.
    pub objects: Vec<ObjectPresence>,
    /// Shapes against gold; empty where the task has none.
    pub shapes: Vec<ShapeScore>,
    /// Warnings that were handed in with a reason.
    pub overrides: Vec<Override>,
    /// What an arbiter says of the others; empty for an annotator.
    pub verdicts: Vec<Verdict>,
    /// What became of the proposals of models; what leaves are the first 1,024.
    pub assists: Vec<AssistUse>,
}

impl Submission {
    pub(crate) fn wire(&self) -> wire::Submission {
        wire::Submission {
            submission: wire_id(self.submission.halves()),
            task: wire_id(self.task.halves()),
            person: wire_id(self.person.halves()),
            slot: self.slot,
            instruction_version: self.instruction_version,
            duration_seconds: capped(self.duration_seconds),
            engine: self.engine,
            scores: self.scores.iter().map(LabelScore::wire).collect(),
            answers: self.answers.iter().map(CodedAnswer::wire).collect(),
            role: self.role.wire(),
            active_seconds: capped(self.active_seconds),
            reading_seconds: capped(self.reading_seconds),
            idle_seconds: capped(self.idle_seconds),
            objects: self.objects.iter().map(ObjectPresence::wire).collect(),
            shapes: self.shapes.iter().map(ShapeScore::wire).collect(),
            overrides: self.overrides.iter().map(Override::wire).collect(),
            verdicts: self.verdicts.iter().map(Verdict::wire).collect(),
            assists: self.assists.iter().take(MOST_ASSISTS).map(AssistUse::wire).collect(),
        }
    }
}

impl TryFrom<wire::Submission> for Submission {
    type Error = InvalidOutbound;

    fn try_from(submission: wire::Submission) -> Result<Self, InvalidOutbound> {
        let role = Role::read_or_annotator(submission.role)?;
        let verdicts: Vec<Verdict> = list(submission.verdicts, MOST_VERDICTS, "verdicts")?;
        if role == Role::Annotator && !verdicts.is_empty() {
            return Err(InvalidOutbound::Field { field: "verdicts" });
        }
        Ok(Self {
            submission: id(submission.submission, SubmissionId::from_halves, "submission")?,
            task: id(submission.task, TaskId::from_halves, "task")?,
            person: id(submission.person, PersonId::from_halves, "person")?,
            slot: slot(submission.slot, role)?,
            role,
            instruction_version: submission.instruction_version,
            duration_seconds: duration(submission.duration_seconds, "duration_seconds")?,
            active_seconds: duration(submission.active_seconds, "active_seconds")?,
            reading_seconds: duration(submission.reading_seconds, "reading_seconds")?,
            idle_seconds: duration(submission.idle_seconds, "idle_seconds")?,
            engine: submission.engine,
            scores: short_list(submission.scores, "scores")?,
            answers: short_list(submission.answers, "answers")?,
            objects: short_list(submission.objects, "objects")?,
            shapes: short_list(submission.shapes, "shapes")?,
            overrides: list(submission.overrides, MOST_OVERRIDES, "overrides")?,
            verdicts,
            assists: list(submission.assists, MOST_ASSISTS, "assists")?,
        })
    }
}

fn capped(seconds: u32) -> u32 {
    seconds.min(LONGEST_DURATION_SECONDS)
}

fn duration(seconds: u32, field: &'static str) -> Result<u32, InvalidOutbound> {
    below(seconds, LONGEST_DURATION_SECONDS + 1, field)
}

/// What a warning was about, by its number in the instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideSubject {
    /// An object.
    Object(u32),
    /// A rule.
    Rule(u32),
}

/// A warning that was handed in with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Override {
    /// What it was about.
    pub subject: OverrideSubject,
    /// What was warned of.
    pub check: CheckCode,
    /// Why the work was handed in all the same.
    pub reason: OverrideReason,
}

impl Override {
    fn wire(&self) -> wire::Override {
        let subject = match self.subject {
            OverrideSubject::Object(object) => Subject::ObjectId(object),
            OverrideSubject::Rule(rule) => Subject::RuleId(rule),
        };
        wire::Override { subject: Some(subject), check: self.check.wire(), reason: self.reason.wire() }
    }
}

impl TryFrom<wire::Override> for Override {
    type Error = InvalidOutbound;

    fn try_from(said: wire::Override) -> Result<Self, InvalidOutbound> {
        let subject = match said.subject {
            Some(Subject::ObjectId(object)) => OverrideSubject::Object(object),
            Some(Subject::RuleId(rule)) => OverrideSubject::Rule(rule),
            None => return Err(InvalidOutbound::Field { field: "overrides" }),
        };
        Ok(Self {
            subject,
            check: CheckCode::read(said.check, "check")?,
            reason: OverrideReason::read(said.reason, "reason")?,
        })
    }
}

/// What an arbiter says of one object of another submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The other submission.
    pub submission: SubmissionId,
    /// Object number of the instruction; 0 for the answers.
    pub object_id: u32,
    /// What is said of it.
    pub verdict: VerdictKind,
}

impl Verdict {
    fn wire(&self) -> wire::Verdict {
        wire::Verdict {
            submission: wire_id(self.submission.halves()),
            object_id: self.object_id,
            verdict: self.verdict.wire(),
        }
    }
}

impl TryFrom<wire::Verdict> for Verdict {
    type Error = InvalidOutbound;

    fn try_from(said: wire::Verdict) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            submission: id(said.submission, SubmissionId::from_halves, "submission")?,
            object_id: said.object_id,
            verdict: VerdictKind::read(said.verdict, "verdict")?,
        })
    }
}
