//! Facts about work, people and the agent itself.

use proto::agent::v1 as wire;
use proto::agent::v1::coded_answer::Of;
use proto_ids::{AssetToken, PersonId, SubmissionId, TaskId};

use super::read::{below, id, short_list, wire_id};
use super::score::LabelScore;
use super::{GRID_STEPS, InvalidOutbound, LONGEST_DURATION_SECONDS, SLOTS, closed};

closed! {
    /// What happened to a lease.
    LeaseState = wire::LeaseState { Granted, Released, Expired }
}
closed! {
    /// What became of a person at the site.
    PersonStateKind = wire::PersonStateKind { Redeemed, Suspended, Resumed }
}

/// Who holds which slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseEvent {
    /// The task.
    pub task: TaskId,
    /// The annotator.
    pub person: PersonId,
    /// Number of the place, 0 to 15.
    pub slot: u32,
    /// What happened.
    pub state: LeaseState,
}

impl LeaseEvent {
    pub(crate) fn wire(&self) -> wire::LeaseEvent {
        wire::LeaseEvent {
            task: wire_id(self.task.halves()),
            person: wire_id(self.person.halves()),
            slot: self.slot,
            state: self.state.wire(),
        }
    }
}

impl TryFrom<wire::LeaseEvent> for LeaseEvent {
    type Error = InvalidOutbound;

    fn try_from(event: wire::LeaseEvent) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            task: id(event.task, TaskId::from_halves, "task")?,
            person: id(event.person, PersonId::from_halves, "person")?,
            slot: below(event.slot, SLOTS, "slot")?,
            state: LeaseState::read(event.state, "state")?,
        })
    }
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
    /// The annotator.
    pub person: PersonId,
    /// Number of the place, 0 to 15.
    pub slot: u32,
    /// Version of the instruction that the work followed.
    pub instruction_version: u32,
    /// Time from lease to submission; what leaves is capped at 4 hours.
    pub duration_seconds: u32,
    /// Version of the measures' definitions.
    pub engine: u32,
    /// Against gold; empty where the task has none.
    pub scores: Vec<LabelScore>,
    /// Coded answers.
    pub answers: Vec<CodedAnswer>,
}

impl Submission {
    pub(crate) fn wire(&self) -> wire::Submission {
        wire::Submission {
            submission: wire_id(self.submission.halves()),
            task: wire_id(self.task.halves()),
            person: wire_id(self.person.halves()),
            slot: self.slot,
            instruction_version: self.instruction_version,
            duration_seconds: self.duration_seconds.min(LONGEST_DURATION_SECONDS),
            engine: self.engine,
            scores: self.scores.iter().map(LabelScore::wire).collect(),
            answers: self.answers.iter().map(CodedAnswer::wire).collect(),
        }
    }
}

impl TryFrom<wire::Submission> for Submission {
    type Error = InvalidOutbound;

    fn try_from(submission: wire::Submission) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            submission: id(submission.submission, SubmissionId::from_halves, "submission")?,
            task: id(submission.task, TaskId::from_halves, "task")?,
            person: id(submission.person, PersonId::from_halves, "person")?,
            slot: below(submission.slot, SLOTS, "slot")?,
            instruction_version: submission.instruction_version,
            duration_seconds: below(
                submission.duration_seconds,
                LONGEST_DURATION_SECONDS + 1,
                "duration_seconds",
            )?,
            engine: submission.engine,
            scores: short_list(submission.scores, "scores")?,
            answers: short_list(submission.answers, "answers")?,
        })
    }
}

/// That an asset has a gold annotation, or no longer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoldPresence {
    /// The asset.
    pub asset: AssetToken,
    /// Whether there is one.
    pub present: bool,
}

impl GoldPresence {
    pub(crate) fn wire(&self) -> wire::GoldPresence {
        wire::GoldPresence { asset: wire_id(self.asset.halves()), present: self.present }
    }
}

impl TryFrom<wire::GoldPresence> for GoldPresence {
    type Error = InvalidOutbound;

    fn try_from(gold: wire::GoldPresence) -> Result<Self, InvalidOutbound> {
        Ok(Self { asset: id(gold.asset, AssetToken::from_halves, "asset")?, present: gold.present })
    }
}

/// What became of a person at the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonState {
    /// The person.
    pub person: PersonId,
    /// What became of them.
    pub state: PersonStateKind,
}

impl PersonState {
    pub(crate) fn wire(&self) -> wire::PersonState {
        wire::PersonState { person: wire_id(self.person.halves()), state: self.state.wire() }
    }
}

impl TryFrom<wire::PersonState> for PersonState {
    type Error = InvalidOutbound;

    fn try_from(person: wire::PersonState) -> Result<Self, InvalidOutbound> {
        Ok(Self {
            person: id(person.person, PersonId::from_halves, "person")?,
            state: PersonStateKind::read(person.state, "state")?,
        })
    }
}

/// The state of the agent itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Version of the program: major × 1,000,000 + minor × 1,000 + patch.
    pub version: u32,
    /// How many messages wait.
    pub queue_depth: u32,
    /// Free space; what leaves is rounded down to steps of 5.
    pub disk_free_percent: u32,
    /// Whole days until the certificate expires.
    pub certificate_days_left: u32,
}

impl Health {
    pub(crate) fn wire(&self) -> wire::Health {
        wire::Health {
            version: self.version,
            queue_depth: self.queue_depth,
            disk_free_percent: self.disk_free_percent.min(100) / 5 * 5,
            certificate_days_left: self.certificate_days_left,
        }
    }
}

impl TryFrom<wire::Health> for Health {
    type Error = InvalidOutbound;

    fn try_from(health: wire::Health) -> Result<Self, InvalidOutbound> {
        if health.disk_free_percent > 100 || !health.disk_free_percent.is_multiple_of(5) {
            return Err(InvalidOutbound::Field { field: "disk_free_percent" });
        }
        Ok(Self {
            version: health.version,
            queue_depth: health.queue_depth,
            disk_free_percent: health.disk_free_percent,
            certificate_days_left: health.certificate_days_left,
        })
    }
}
