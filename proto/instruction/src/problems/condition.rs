//! What is wrong with conditions.

use super::object::{has_size, has_volume};
use super::{Checker, Problem};
use crate::{Comparison, Condition, Geometry, Instruction, Limits, NumberGrid, Question};

impl Checker {
    /// Looks at a condition that may ask about these questions, and any object. Says whether it is sound.
    pub(super) fn condition(
        &mut self,
        field: &str,
        condition: &Condition,
        instruction: &Instruction,
        questions: &[Question],
    ) -> bool {
        let before = self.problems.len();
        if condition.depth() > Limits::CONDITION_DEPTH {
            self.say(field, "conditions may be nested at most 8 deep");
            return false;
        }
        let mut parts = 0;
        condition.each(&mut |_| parts += 1);
        self.count(field, parts, Limits::CONDITION_PARTS);
        if parts > Limits::CONDITION_PARTS {
            return false;
        }
        condition.each(&mut |part| {
            if let Err(problem) = test(part, instruction, questions) {
                let problem = Problem::new(field, problem);
                if !self.problems[before..].contains(&problem) {
                    self.problems.push(problem);
                }
            }
        });
        self.problems.len() == before
    }
}

/// One condition, without those inside it.
fn test(
    condition: &Condition,
    instruction: &Instruction,
    questions: &[Question],
) -> Result<(), &'static str> {
    let asked = |id: &u32| {
        let earlier = questions.iter().find(|question| question.id == *id);
        earlier.ok_or("this asks about a question that is not there, or not asked before")
    };
    let drawn = |id: &u32, fits: fn(Geometry) -> bool| match instruction.object(*id) {
        None => Err(NO_OBJECT),
        Some(object) if !fits(object.geometry) => {
            Err("this asks for a measure that the object does not have")
        }
        Some(_) => Ok(()),
    };
    match condition {
        Condition::All(of) | Condition::Any(of) if of.is_empty() => Err("a group of conditions is empty"),
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => Ok(()),
        Condition::Answered { question_id } => asked(question_id).map(|_| ()),
        Condition::Option { question_id, option_id } => {
            let options = asked(question_id)?.kind.option_ids();
            let options = options.ok_or("this asks for an option of a question that has none")?;
            let there = options.contains(option_id);
            if there { Ok(()) } else { Err("this asks for an option that is not there") }
        }
        Condition::Number { question_id, comparison, value } => {
            let grid = asked(question_id)?.kind.grid();
            let grid = grid.ok_or("this asks for a number of a question that has none")?;
            let holds = values(&grid).any(|number| comparison.holds(number, *value));
            if holds { Ok(()) } else { Err("no answer to the question can be such a number") }
        }
        Condition::Presence { object_id, .. } => instruction.object(*object_id).map(|_| ()).ok_or(NO_OBJECT),
        Condition::Count { object_id, comparison, value } => {
            drawn(object_id, |geometry| geometry != Geometry::Classification)?;
            let never = *comparison == Comparison::Less && *value == 0;
            if never { Err("there are never fewer than none") } else { Ok(()) }
        }
        Condition::Volume { object_id, value_mm3: value, .. } => {
            drawn(object_id, has_volume)?;
            measure(*value)
        }
        Condition::Diameter { object_id, value_mm: value, .. } => {
            drawn(object_id, has_size)?;
            measure(*value)
        }
    }
}

const NO_OBJECT: &str = "this asks about an object that is not there";

fn measure(value: f64) -> Result<(), &'static str> {
    if value.is_finite() && value > 0.0 { Ok(()) } else { Err("a measure is compared with a number above 0") }
}

/// Every value of a grid; none for one that is no grid.
pub(super) fn values(grid: &NumberGrid) -> impl Iterator<Item = f64> {
    (0..grid.values().unwrap_or(0)).map(|step| grid.minimum + grid.step * f64::from(step))
}
