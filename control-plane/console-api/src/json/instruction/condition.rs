//! Conditions as JSON.

use proto_instruction::{Comparison, Condition, Presence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What has to hold.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum ConditionJson {
    All {
        #[schema(no_recursion)]
        of: Vec<ConditionJson>,
    },
    Any {
        #[schema(no_recursion)]
        of: Vec<ConditionJson>,
    },
    Not {
        #[schema(no_recursion)]
        of: Box<ConditionJson>,
    },
    Answered {
        question_id: u32,
    },
    Option {
        question_id: u32,
        option_id: u32,
    },
    Number {
        question_id: u32,
        comparison: ComparisonJson,
        value: f64,
    },
    Presence {
        object_id: u32,
        presence: PresenceTestJson,
    },
    Count {
        object_id: u32,
        comparison: ComparisonJson,
        value: u32,
    },
    #[serde(rename = "volume_mm3")]
    Volume {
        object_id: u32,
        comparison: ComparisonJson,
        value: f64,
    },
    #[serde(rename = "diameter_mm")]
    Diameter {
        object_id: u32,
        comparison: ComparisonJson,
        value: f64,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ComparisonJson {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PresenceTestJson {
    Present,
    Absent,
    NotAssessable,
}

impl ConditionJson {
    pub(super) fn of(condition: &Condition) -> Self {
        let all = |conditions: &[Condition]| conditions.iter().map(Self::of).collect();
        match condition {
            Condition::All(conditions) => Self::All { of: all(conditions) },
            Condition::Any(conditions) => Self::Any { of: all(conditions) },
            Condition::Not(condition) => Self::Not { of: Box::new(Self::of(condition)) },
            Condition::Answered { question_id } => Self::Answered { question_id: *question_id },
            Condition::Option { question_id, option_id } => {
                Self::Option { question_id: *question_id, option_id: *option_id }
            }
            Condition::Number { question_id, comparison, value } => {
                Self::Number { question_id: *question_id, comparison: (*comparison).into(), value: *value }
            }
            Condition::Presence { object_id, presence } => {
                Self::Presence { object_id: *object_id, presence: (*presence).into() }
            }
            Condition::Count { object_id, comparison, value } => {
                Self::Count { object_id: *object_id, comparison: (*comparison).into(), value: *value }
            }
            Condition::Volume { object_id, comparison, value_mm3 } => {
                Self::Volume { object_id: *object_id, comparison: (*comparison).into(), value: *value_mm3 }
            }
            Condition::Diameter { object_id, comparison, value_mm } => {
                Self::Diameter { object_id: *object_id, comparison: (*comparison).into(), value: *value_mm }
            }
        }
    }

    pub(super) fn condition(self) -> Condition {
        let all = |of: Vec<Self>| of.into_iter().map(Self::condition).collect();
        match self {
            Self::All { of } => Condition::All(all(of)),
            Self::Any { of } => Condition::Any(all(of)),
            Self::Not { of } => Condition::Not(Box::new(of.condition())),
            Self::Answered { question_id } => Condition::Answered { question_id },
            Self::Option { question_id, option_id } => Condition::Option { question_id, option_id },
            Self::Number { question_id, comparison, value } => {
                Condition::Number { question_id, comparison: comparison.into(), value }
            }
            Self::Presence { object_id, presence } => {
                Condition::Presence { object_id, presence: presence.into() }
            }
            Self::Count { object_id, comparison, value } => {
                Condition::Count { object_id, comparison: comparison.into(), value }
            }
            Self::Volume { object_id, comparison, value } => {
                Condition::Volume { object_id, comparison: comparison.into(), value_mm3: value }
            }
            Self::Diameter { object_id, comparison, value } => {
                Condition::Diameter { object_id, comparison: comparison.into(), value_mm: value }
            }
        }
    }
}

impl From<Comparison> for ComparisonJson {
    fn from(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Equal => Self::Eq,
            Comparison::NotEqual => Self::Ne,
            Comparison::Less => Self::Lt,
            Comparison::LessOrEqual => Self::Le,
            Comparison::Greater => Self::Gt,
            Comparison::GreaterOrEqual => Self::Ge,
        }
    }
}

impl From<ComparisonJson> for Comparison {
    fn from(comparison: ComparisonJson) -> Self {
        match comparison {
            ComparisonJson::Eq => Self::Equal,
            ComparisonJson::Ne => Self::NotEqual,
            ComparisonJson::Lt => Self::Less,
            ComparisonJson::Le => Self::LessOrEqual,
            ComparisonJson::Gt => Self::Greater,
            ComparisonJson::Ge => Self::GreaterOrEqual,
        }
    }
}

impl From<Presence> for PresenceTestJson {
    fn from(presence: Presence) -> Self {
        match presence {
            Presence::Present => Self::Present,
            Presence::Absent => Self::Absent,
            Presence::NotAssessable => Self::NotAssessable,
        }
    }
}

impl From<PresenceTestJson> for Presence {
    fn from(presence: PresenceTestJson) -> Self {
        match presence {
            PresenceTestJson::Present => Self::Present,
            PresenceTestJson::Absent => Self::Absent,
            PresenceTestJson::NotAssessable => Self::NotAssessable,
        }
    }
}
