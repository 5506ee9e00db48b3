//! The stored forms of answers and statements; always inside a sealed record or an instruction.

use proto_instruction::{Answer, Presence};
use serde::{Deserialize, Serialize};

/// The stored form of an answer; always inside a sealed record.
#[derive(Serialize, Deserialize, Clone)]
pub(crate) enum AnswerRecord {
    Option(u32),
    Number(f64),
    Text(String),
}

impl AnswerRecord {
    pub(crate) fn of(answer: &Answer) -> Self {
        match answer {
            Answer::Option(id) => Self::Option(*id),
            Answer::Number(value) => Self::Number(*value),
            Answer::Text(text) => Self::Text(text.clone()),
        }
    }

    pub(crate) fn read(self) -> Answer {
        match self {
            Self::Option(id) => Answer::Option(id),
            Self::Number(value) => Answer::Number(value),
            Self::Text(text) => Answer::Text(text),
        }
    }
}

/// Whether an object is there.
#[derive(Serialize, Deserialize, Clone, Copy)]
pub(crate) enum PresenceRecord {
    Present,
    Absent,
    NotAssessable,
}

impl PresenceRecord {
    pub(crate) const fn of(presence: Presence) -> Self {
        match presence {
            Presence::Present => Self::Present,
            Presence::Absent => Self::Absent,
            Presence::NotAssessable => Self::NotAssessable,
        }
    }

    pub(crate) const fn read(self) -> Presence {
        match self {
            Self::Present => Presence::Present,
            Self::Absent => Presence::Absent,
            Self::NotAssessable => Presence::NotAssessable,
        }
    }
}
