//! The stored form of a condition.

use proto_instruction::{Comparison, Condition};
use serde::{Deserialize, Serialize};

use super::PresenceRecord;

#[derive(Serialize, Deserialize)]
pub(super) enum ConditionRecord {
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
    Answered(u32),
    /// Question, option.
    Option(u32, u32),
    Number(u32, ComparisonRecord, f64),
    Presence(u32, PresenceRecord),
    Count(u32, ComparisonRecord, u32),
    Volume(u32, ComparisonRecord, f64),
    Diameter(u32, ComparisonRecord, f64),
}

#[derive(Serialize, Deserialize, Clone, Copy)]
pub(super) enum ComparisonRecord {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl ConditionRecord {
    pub(super) fn of(condition: &Condition) -> Self {
        let all = |conditions: &[Condition]| conditions.iter().map(Self::of).collect();
        let compared = |comparison: &Comparison| ComparisonRecord::of(*comparison);
        match condition {
            Condition::All(conditions) => Self::All(all(conditions)),
            Condition::Any(conditions) => Self::Any(all(conditions)),
            Condition::Not(condition) => Self::Not(Box::new(Self::of(condition))),
            Condition::Answered { question_id } => Self::Answered(*question_id),
            Condition::Option { question_id, option_id } => Self::Option(*question_id, *option_id),
            Condition::Number { question_id, comparison, value } => {
                Self::Number(*question_id, compared(comparison), *value)
            }
            Condition::Presence { object_id, presence } => {
                Self::Presence(*object_id, PresenceRecord::of(*presence))
            }
            Condition::Count { object_id, comparison, value } => {
                Self::Count(*object_id, compared(comparison), *value)
            }
            Condition::Volume { object_id, comparison, value_mm3 } => {
                Self::Volume(*object_id, compared(comparison), *value_mm3)
            }
            Condition::Diameter { object_id, comparison, value_mm } => {
                Self::Diameter(*object_id, compared(comparison), *value_mm)
            }
        }
    }

    pub(super) fn read(self) -> Condition {
        let all = |records: Vec<Self>| records.into_iter().map(Self::read).collect();
        match self {
            Self::All(records) => Condition::All(all(records)),
            Self::Any(records) => Condition::Any(all(records)),
            Self::Not(record) => Condition::Not(Box::new(record.read())),
            Self::Answered(question_id) => Condition::Answered { question_id },
            Self::Option(question_id, option_id) => Condition::Option { question_id, option_id },
            Self::Number(question_id, comparison, value) => {
                Condition::Number { question_id, comparison: comparison.read(), value }
            }
            Self::Presence(object_id, presence) => {
                Condition::Presence { object_id, presence: presence.read() }
            }
            Self::Count(object_id, comparison, value) => {
                Condition::Count { object_id, comparison: comparison.read(), value }
            }
            Self::Volume(object_id, comparison, value_mm3) => {
                Condition::Volume { object_id, comparison: comparison.read(), value_mm3 }
            }
            Self::Diameter(object_id, comparison, value_mm) => {
                Condition::Diameter { object_id, comparison: comparison.read(), value_mm }
            }
        }
    }
}

impl ComparisonRecord {
    const fn of(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Equal => Self::Equal,
            Comparison::NotEqual => Self::NotEqual,
            Comparison::Less => Self::Less,
            Comparison::LessOrEqual => Self::LessOrEqual,
            Comparison::Greater => Self::Greater,
            Comparison::GreaterOrEqual => Self::GreaterOrEqual,
        }
    }

    const fn read(self) -> Comparison {
        match self {
            Self::Equal => Comparison::Equal,
            Self::NotEqual => Comparison::NotEqual,
            Self::Less => Comparison::Less,
            Self::LessOrEqual => Comparison::LessOrEqual,
            Self::Greater => Comparison::Greater,
            Self::GreaterOrEqual => Comparison::GreaterOrEqual,
        }
    }
}
