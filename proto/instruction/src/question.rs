//! Questions about the exam.

use crate::{Condition, Limits};

/// The option of a yes/no question that says yes.
pub const YES: u32 = 1;
/// The option of a yes/no question that says no.
pub const NO: u32 = 2;

/// What is asked about the exam.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Never used again for another question.
    pub id: u32,
    pub prompt: String,
    /// Shown below the prompt; may be empty.
    pub help: String,
    /// Counts only while the question is asked.
    pub required: bool,
    /// Asked only when this was chosen; stands indented below it.
    pub parent: Option<Parent>,
    /// Asked only when this holds, too.
    pub visible_when: Option<Condition>,
    pub kind: QuestionKind,
}

/// The answer that a nested question hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// An earlier choice or yes/no question.
    pub question_id: u32,
    /// One of its options; [`YES`] or [`NO`].
    pub option_id: u32,
}

/// What may be answered.
#[derive(Debug, Clone, PartialEq)]
pub enum QuestionKind {
    /// One of these.
    Choice { options: Vec<ChoiceOption> },
    /// A value on a grid of at most 10,000 values; only its place on the grid leaves the hospital.
    Number(NumberGrid),
    /// Answered with option [`YES`] or [`NO`].
    YesNo,
    /// A whole number, answered as a number.
    Scale(Scale),
    /// Stays at the hospital. `max_length` counts characters.
    Text { max_length: u32 },
}

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceOption {
    /// Unique in its question, never used again for another option.
    pub id: u32,
    pub text: String,
}

/// The values `minimum + n * step` up to `maximum`, in `unit` (UCUM; may be empty).
#[derive(Debug, Clone, PartialEq)]
pub struct NumberGrid {
    pub minimum: f64,
    pub maximum: f64,
    pub step: f64,
    pub unit: String,
}

/// Whole numbers from `minimum` to `maximum`, 2 to 11 of them, with words for both ends (may be empty).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scale {
    pub minimum: i32,
    pub maximum: i32,
    pub minimum_text: String,
    pub maximum_text: String,
}

impl Scale {
    /// Whether it has as many values as a scale may have.
    pub fn sound(&self) -> bool {
        let points = i64::from(self.maximum) - i64::from(self.minimum) + 1;
        Limits::SCALE_POINTS.contains(&points)
    }

    /// The grid of its values.
    pub fn grid(&self) -> NumberGrid {
        NumberGrid {
            minimum: f64::from(self.minimum),
            maximum: f64::from(self.maximum),
            step: 1.0,
            unit: String::new(),
        }
    }
}

impl QuestionKind {
    /// The ids that an answer may choose from; none when the question is not answered by an option.
    pub fn option_ids(&self) -> Option<Vec<u32>> {
        match self {
            Self::Choice { options } => Some(options.iter().map(|option| option.id).collect()),
            Self::YesNo => Some(vec![YES, NO]),
            Self::Number(_) | Self::Scale(_) | Self::Text { .. } => None,
        }
    }

    /// The grid that a number answer lies on; none when the question is not answered by a number.
    pub fn grid(&self) -> Option<NumberGrid> {
        match self {
            Self::Number(grid) => Some(grid.clone()),
            Self::Scale(scale) => Some(scale.grid()),
            Self::Choice { .. } | Self::YesNo | Self::Text { .. } => None,
        }
    }
}
