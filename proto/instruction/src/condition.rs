//! Conditions: closed, typed and total; there are no scripts.
//!
//! The browser evaluates the same conditions in `proto/web`; the vectors in `vectors/` hold both to
//! the same results.

use std::collections::BTreeMap;

use crate::{Answer, Facts, Presence};

/// What has to hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every one of these; true when there are none.
    All(Vec<Condition>),
    /// At least one of these; false when there are none.
    Any(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// The question has an answer.
    Answered { question_id: u32 },
    /// The question was answered with this option. Yes and no are options, too.
    Option { question_id: u32, option_id: u32 },
    /// The question was answered with a number that compares so.
    Number { question_id: u32, comparison: Comparison, value: f64 },
    /// The object is there, absent or not assessable. What is drawn is there.
    Presence { object_id: u32, presence: Presence },
    /// How many are drawn.
    Count { object_id: u32, comparison: Comparison, value: u32 },
    /// The volume of all that is drawn. False when nothing is drawn.
    Volume { object_id: u32, comparison: Comparison, value_mm3: f64 },
    /// The largest diameter of what is drawn. False when nothing is drawn.
    Diameter { object_id: u32, comparison: Comparison, value_mm: f64 },
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Numbers closer than this are the same, as a share of the larger one where that is above 1: an
/// answer on a grid is not exact in binary, and neither is a measure.
const SAME: f64 = 1e-9;

impl Comparison {
    /// Whether `left` compares so to `right`.
    pub fn holds(self, left: f64, right: f64) -> bool {
        let same = (left - right).abs() <= SAME * left.abs().max(right.abs()).max(1.0);
        match self {
            Self::Equal => same,
            Self::NotEqual => !same,
            Self::Less => left < right && !same,
            Self::LessOrEqual => left < right || same,
            Self::Greater => left > right && !same,
            Self::GreaterOrEqual => left > right || same,
        }
    }
}

/// What conditions look at.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    /// By question id.
    pub answers: &'a BTreeMap<u32, Answer>,
    /// By object id.
    pub statements: &'a BTreeMap<u32, Presence>,
    pub facts: &'a Facts,
}

impl Condition {
    /// Whether this holds for what was said and drawn. Answers that may not count have to be left
    /// out of `said` before.
    pub fn holds(&self, said: &Said<'_>) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(said)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(said)),
            Self::Not(condition) => !condition.holds(said),
            Self::Answered { question_id } => said.answers.contains_key(question_id),
            Self::Option { question_id, option_id } => {
                said.answers.get(question_id) == Some(&Answer::Option(*option_id))
            }
            Self::Number { question_id, comparison, value } => match said.answers.get(question_id) {
                Some(Answer::Number(number)) => comparison.holds(*number, *value),
                Some(Answer::Option(_) | Answer::Text(_)) | None => false,
            },
            Self::Presence { object_id, presence } => said.presence(*object_id) == Some(*presence),
            Self::Count { object_id, comparison, value } => {
                comparison.holds(f64::from(said.facts.count(*object_id)), f64::from(*value))
            }
            Self::Volume { object_id, comparison, value_mm3 } => {
                said.facts.volume_mm3(*object_id).is_some_and(|volume| comparison.holds(volume, *value_mm3))
            }
            Self::Diameter { object_id, comparison, value_mm } => said
                .facts
                .diameter_mm(*object_id)
                .is_some_and(|diameter| comparison.holds(diameter, *value_mm)),
        }
    }

    /// How deep it nests: 1 for a single test, one more for each level around it.
    pub fn depth(&self) -> usize {
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                1 + conditions.iter().map(Self::depth).max().unwrap_or(0)
            }
            Self::Not(condition) => 1 + condition.depth(),
            Self::Answered { .. }
            | Self::Option { .. }
            | Self::Number { .. }
            | Self::Presence { .. }
            | Self::Count { .. }
            | Self::Volume { .. }
            | Self::Diameter { .. } => 1,
        }
    }

    /// Calls `look` with this condition and every one inside it.
    pub fn each(&self, look: &mut impl FnMut(&Self)) {
        look(self);
        match self {
            Self::All(conditions) | Self::Any(conditions) => {
                for condition in conditions {
                    condition.each(look);
                }
            }
            Self::Not(condition) => condition.each(look),
            Self::Answered { .. }
            | Self::Option { .. }
            | Self::Number { .. }
            | Self::Presence { .. }
            | Self::Count { .. }
            | Self::Volume { .. }
            | Self::Diameter { .. } => {}
        }
    }
}

impl Said<'_> {
    /// Whether an object is there: what is drawn is there, else what was stated. None when nothing
    /// was said.
    pub fn presence(&self, object_id: u32) -> Option<Presence> {
        if self.facts.count(object_id) > 0 {
            return Some(Presence::Present);
        }
        self.statements.get(&object_id).copied()
    }
}
