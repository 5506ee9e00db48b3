//! Conditions as JSON.

use proto_instruction::{Comparison, Condition, Presence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What has to hold.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ConditionJson {
    #[schema(no_recursion)]
    All {
        of: Vec<ConditionJson>,
    },
    #[schema(no_recursion)]
    Any {
        of: Vec<ConditionJson>,
    },
    #[schema(no_recursion)]
    Not {
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
        presence: PresenceJson,
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

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
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
pub(crate) enum PresenceJson {
    Present,
    Absent,
    NotAssessable,
}

impl From<&Condition> for ConditionJson {
    fn from(condition: &Condition) -> Self {
        let all = |conditions: &[Condition]| conditions.iter().map(Self::from).collect();
        match condition {
            Condition::All(conditions) => Self::All { of: all(conditions) },
            Condition::Any(conditions) => Self::Any { of: all(conditions) },
            Condition::Not(condition) => Self::Not { of: Box::new(Self::from(condition.as_ref())) },
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

impl From<Presence> for PresenceJson {
    fn from(presence: Presence) -> Self {
        match presence {
            Presence::Present => Self::Present,
            Presence::Absent => Self::Absent,
            Presence::NotAssessable => Self::NotAssessable,
        }
    }
}

impl From<PresenceJson> for Presence {
    fn from(presence: PresenceJson) -> Self {
        match presence {
            PresenceJson::Present => Self::Present,
            PresenceJson::Absent => Self::Absent,
            PresenceJson::NotAssessable => Self::NotAssessable,
        }
    }
}
