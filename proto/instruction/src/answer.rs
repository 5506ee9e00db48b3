//! Answers, and whether a question takes them.

use crate::{Limits, NO, NumberGrid, Question, QuestionKind, YES};

/// What was said to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The id of the chosen option.
    Option(u32),
    Number(f64),
    /// Stays at the hospital.
    Text(String),
}

/// Why a question does not take an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum AnswerProblem {
    #[error("the answer is of another kind than the question")]
    WrongKind,
    #[error("the question has no such option")]
    UnknownOption,
    #[error("the number is not between minimum and maximum")]
    OutOfRange,
    #[error("the number is not a step of the question")]
    OffGrid,
    #[error("the text is empty")]
    Empty,
    #[error("the text is too long")]
    TooLong,
}

impl AnswerProblem {
    /// Short name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongKind => "wrong-kind",
            Self::UnknownOption => "unknown-option",
            Self::OutOfRange => "out-of-range",
            Self::OffGrid => "off-grid",
            Self::Empty => "empty",
            Self::TooLong => "too-long",
        }
    }
}

/// Whether `question` takes `answer`.
///
/// # Errors
/// [`AnswerProblem`] says why not.
pub fn check_answer(question: &Question, answer: &Answer) -> Result<(), AnswerProblem> {
    match (&question.kind, answer) {
        (QuestionKind::Choice { options }, Answer::Option(id)) => {
            if options.iter().any(|option| option.id == *id) {
                Ok(())
            } else {
                Err(AnswerProblem::UnknownOption)
            }
        }
        (QuestionKind::YesNo, Answer::Option(YES | NO)) => Ok(()),
        (QuestionKind::YesNo, Answer::Option(_)) => Err(AnswerProblem::UnknownOption),
        (QuestionKind::Number(grid), Answer::Number(value)) => check_number(grid, *value),
        (QuestionKind::Scale(scale), Answer::Number(value)) => check_number(&scale.grid(), *value),
        (QuestionKind::Text { max_length }, Answer::Text(text)) => check_text(*max_length, text),
        (
            QuestionKind::Choice { .. }
            | QuestionKind::YesNo
            | QuestionKind::Number(_)
            | QuestionKind::Scale(_)
            | QuestionKind::Text { .. },
            _,
        ) => Err(AnswerProblem::WrongKind),
    }
}

/// The place of `value` on the grid of a number question, 0 for the minimum; none when it is not on it.
///
/// A value counts as on the grid within a millionth of a step, since 0.1 + 0.2 is not 0.3 in binary.
pub fn grid_step(grid: &NumberGrid, value: f64) -> Option<u32> {
    if !value.is_finite() {
        return None;
    }
    let steps = (value - grid.minimum) / grid.step;
    let nearest = steps.round();
    let values = grid.values()?;
    let on_grid = (steps - nearest).abs() <= 1e-6 && nearest >= 0.0 && nearest < f64::from(values);
    on_grid.then_some(nearest as u32)
}

impl NumberGrid {
    /// How many values the grid has; none when it is no grid or has more than the limit.
    pub fn values(&self) -> Option<u32> {
        let finite = self.minimum.is_finite() && self.maximum.is_finite() && self.step.is_finite();
        if !finite || self.step <= 0.0 || self.maximum <= self.minimum {
            return None;
        }
        // A millionth of a step makes up for the rounding of the division.
        let steps = ((self.maximum - self.minimum) / self.step + 1e-6).floor();
        (steps < f64::from(Limits::GRID_VALUES)).then(|| steps as u32 + 1)
    }
}

fn check_number(grid: &NumberGrid, value: f64) -> Result<(), AnswerProblem> {
    if !(grid.minimum..=grid.maximum).contains(&value) {
        return Err(AnswerProblem::OutOfRange);
    }
    grid_step(grid, value).map(|_| ()).ok_or(AnswerProblem::OffGrid)
}

fn check_text(max_length: u32, text: &str) -> Result<(), AnswerProblem> {
    if text.trim().is_empty() {
        return Err(AnswerProblem::Empty);
    }
    let length = text.chars().count();
    if length > max_length as usize { Err(AnswerProblem::TooLong) } else { Ok(()) }
}
