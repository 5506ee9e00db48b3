//! Conditions and rules as wire messages.

use proto::types::v1 as types;
use proto_instruction::{Comparison, Condition, Presence, Rule};

use super::object::severity;

pub(super) fn rule(rule: &Rule) -> types::Rule {
    types::Rule {
        id: rule.id,
        message: rule.message.clone(),
        severity: severity(rule.severity).into(),
        must_hold: Some(condition(&rule.must_hold)),
    }
}

pub(super) fn condition(of: &Condition) -> types::Condition {
    use types::condition::Of;
    let all = |of: &[Condition]| types::Conditions { of: of.iter().map(condition).collect() };
    let measure = |object_id: u32, compared: Comparison, value: f64| types::MeasureTest {
        object_id,
        comparison: comparison(compared).into(),
        value,
    };
    let of = match of {
        Condition::All(of) => Of::All(all(of)),
        Condition::Any(of) => Of::Any(all(of)),
        Condition::Not(of) => Of::Not(Box::new(condition(of))),
        Condition::Answered { question_id } => {
            Of::Answered(types::AnsweredTest { question_id: *question_id })
        }
        Condition::Option { question_id, option_id } => {
            Of::Option(types::OptionTest { question_id: *question_id, option_id: *option_id })
        }
        Condition::Number { question_id, comparison: compared, value } => Of::Number(types::NumberTest {
            question_id: *question_id,
            comparison: comparison(*compared).into(),
            value: *value,
        }),
        Condition::Presence { object_id, presence: stated } => {
            Of::Presence(types::PresenceTest { object_id: *object_id, presence: presence(*stated).into() })
        }
        Condition::Count { object_id, comparison: compared, value } => Of::Count(types::CountTest {
            object_id: *object_id,
            comparison: comparison(*compared).into(),
            value: *value,
        }),
        Condition::Volume { object_id, comparison, value_mm3 } => {
            Of::VolumeMm3(measure(*object_id, *comparison, *value_mm3))
        }
        Condition::Diameter { object_id, comparison, value_mm } => {
            Of::DiameterMm(measure(*object_id, *comparison, *value_mm))
        }
    };
    types::Condition { of: Some(of) }
}

fn comparison(comparison: Comparison) -> types::Comparison {
    match comparison {
        Comparison::Equal => types::Comparison::Equal,
        Comparison::NotEqual => types::Comparison::NotEqual,
        Comparison::Less => types::Comparison::Less,
        Comparison::LessOrEqual => types::Comparison::LessOrEqual,
        Comparison::Greater => types::Comparison::Greater,
        Comparison::GreaterOrEqual => types::Comparison::GreaterOrEqual,
    }
}

fn presence(presence: Presence) -> types::Presence {
    match presence {
        Presence::Present => types::Presence::Present,
        Presence::Absent => types::Presence::Absent,
        Presence::NotAssessable => types::Presence::NotAssessable,
    }
}
