//! Conditions and rules as they come down.

use proto::types::v1 as wire;
use proto_instruction::{Comparison, Condition, Limits, Presence, Rule};

use super::{LONGEST_TEXT, list, refuse, severity};
use crate::inbound::{InvalidInbound, text};

pub(super) fn rule(rule: wire::Rule) -> Result<Rule, InvalidInbound> {
    Ok(Rule {
        id: rule.id,
        message: text(rule.message, LONGEST_TEXT, "message")?,
        severity: severity(rule.severity)?,
        must_hold: condition(rule.must_hold.ok_or(refuse("must_hold"))?, "must_hold")?,
    })
}

/// A condition of the field of that name, refused when it nests too deep.
pub(super) fn condition(
    condition: wire::Condition,
    field: &'static str,
) -> Result<Condition, InvalidInbound> {
    read(condition, field, Limits::CONDITION_DEPTH)
}

/// `levels` is how many more levels there may be, this one included.
fn read(condition: wire::Condition, field: &'static str, levels: usize) -> Result<Condition, InvalidInbound> {
    use wire::condition::Of;
    let inside = levels.checked_sub(1).ok_or(refuse(field))?;
    Ok(match condition.of.ok_or(refuse(field))? {
        Of::All(all) => Condition::All(list(all.of, field, |one| read(one, field, inside))?),
        Of::Any(any) => Condition::Any(list(any.of, field, |one| read(one, field, inside))?),
        Of::Not(not) => Condition::Not(Box::new(read(*not, field, inside)?)),
        Of::Answered(test) => Condition::Answered { question_id: test.question_id },
        Of::Option(test) => Condition::Option { question_id: test.question_id, option_id: test.option_id },
        Of::Number(test) => Condition::Number {
            question_id: test.question_id,
            comparison: comparison(test.comparison)?,
            value: finite(test.value)?,
        },
        Of::Presence(test) => {
            Condition::Presence { object_id: test.object_id, presence: presence(test.presence)? }
        }
        Of::Count(test) => Condition::Count {
            object_id: test.object_id,
            comparison: comparison(test.comparison)?,
            value: test.value,
        },
        Of::VolumeMm3(test) => Condition::Volume {
            object_id: test.object_id,
            comparison: comparison(test.comparison)?,
            value_mm3: finite(test.value)?,
        },
        Of::DiameterMm(test) => Condition::Diameter {
            object_id: test.object_id,
            comparison: comparison(test.comparison)?,
            value_mm: finite(test.value)?,
        },
    })
}

fn finite(value: f64) -> Result<f64, InvalidInbound> {
    if value.is_finite() { Ok(value) } else { Err(refuse("value")) }
}

fn comparison(number: i32) -> Result<Comparison, InvalidInbound> {
    match wire::Comparison::try_from(number) {
        Ok(wire::Comparison::Equal) => Ok(Comparison::Equal),
        Ok(wire::Comparison::NotEqual) => Ok(Comparison::NotEqual),
        Ok(wire::Comparison::Less) => Ok(Comparison::Less),
        Ok(wire::Comparison::LessOrEqual) => Ok(Comparison::LessOrEqual),
        Ok(wire::Comparison::Greater) => Ok(Comparison::Greater),
        Ok(wire::Comparison::GreaterOrEqual) => Ok(Comparison::GreaterOrEqual),
        Ok(wire::Comparison::Unspecified) | Err(_) => Err(refuse("comparison")),
    }
}

fn presence(number: i32) -> Result<Presence, InvalidInbound> {
    match wire::Presence::try_from(number) {
        Ok(wire::Presence::Present) => Ok(Presence::Present),
        Ok(wire::Presence::Absent) => Ok(Presence::Absent),
        Ok(wire::Presence::NotAssessable) => Ok(Presence::NotAssessable),
        Ok(wire::Presence::NotStated | wire::Presence::Unspecified) | Err(_) => Err(refuse("presence")),
    }
}
