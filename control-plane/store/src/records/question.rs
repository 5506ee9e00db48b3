//! Records of questions, conditions and rules.

use proto_instruction::{
    ChoiceOption, Comparison, Condition, NumberGrid, Parent, Presence, Question, QuestionKind, Rule, Scale,
};
use serde::{Deserialize, Serialize};

use super::object::{severity_code, severity_of};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct QuestionV1 {
    id: u32,
    prompt: String,
    required: bool,
    kind: QuestionKindV1,
    #[serde(default)]
    help: String,
    /// Question and option.
    #[serde(default)]
    parent: Option<(u32, u32)>,
    #[serde(default)]
    visible_when: Option<ConditionV1>,
}

#[derive(Debug, Serialize, Deserialize)]
enum QuestionKindV1 {
    Choice { options: Vec<(u32, String)> },
    Number { minimum: f64, maximum: f64, step: f64, unit: String },
    Text { max_length: u32 },
    YesNo,
    Scale { minimum: i32, maximum: i32, minimum_text: String, maximum_text: String },
}

#[derive(Debug, Serialize, Deserialize)]
enum ConditionV1 {
    All(Vec<ConditionV1>),
    Any(Vec<ConditionV1>),
    Not(Box<ConditionV1>),
    Answered { question_id: u32 },
    Option { question_id: u32, option_id: u32 },
    Number { question_id: u32, comparison: u32, value: f64 },
    Presence { object_id: u32, presence: u32 },
    Count { object_id: u32, comparison: u32, value: u32 },
    Volume { object_id: u32, comparison: u32, value_mm3: f64 },
    Diameter { object_id: u32, comparison: u32, value_mm: f64 },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RuleV1 {
    id: u32,
    message: String,
    severity: u32,
    must_hold: ConditionV1,
}

impl QuestionV1 {
    pub(super) fn of(question: &Question) -> Self {
        Self {
            id: question.id,
            prompt: question.prompt.clone(),
            required: question.required,
            kind: QuestionKindV1::of(&question.kind),
            help: question.help.clone(),
            parent: question.parent.map(|parent| (parent.question_id, parent.option_id)),
            visible_when: question.visible_when.as_ref().map(ConditionV1::of),
        }
    }

    pub(super) fn thing(self) -> Option<Question> {
        Some(Question {
            id: self.id,
            prompt: self.prompt,
            help: self.help,
            required: self.required,
            parent: self.parent.map(|(question_id, option_id)| Parent { question_id, option_id }),
            visible_when: match self.visible_when {
                Some(condition) => Some(condition.thing()?),
                None => None,
            },
            kind: self.kind.thing(),
        })
    }
}

impl QuestionKindV1 {
    fn of(kind: &QuestionKind) -> Self {
        match kind {
            QuestionKind::Choice { options } => {
                let options = options.iter().map(|option| (option.id, option.text.clone()));
                Self::Choice { options: options.collect() }
            }
            QuestionKind::Number(grid) => Self::Number {
                minimum: grid.minimum,
                maximum: grid.maximum,
                step: grid.step,
                unit: grid.unit.clone(),
            },
            QuestionKind::YesNo => Self::YesNo,
            QuestionKind::Scale(scale) => Self::Scale {
                minimum: scale.minimum,
                maximum: scale.maximum,
                minimum_text: scale.minimum_text.clone(),
                maximum_text: scale.maximum_text.clone(),
            },
            QuestionKind::Text { max_length } => Self::Text { max_length: *max_length },
        }
    }

    fn thing(self) -> QuestionKind {
        match self {
            Self::Choice { options } => {
                let options = options.into_iter().map(|(id, text)| ChoiceOption { id, text });
                QuestionKind::Choice { options: options.collect() }
            }
            Self::Number { minimum, maximum, step, unit } => {
                QuestionKind::Number(NumberGrid { minimum, maximum, step, unit })
            }
            Self::YesNo => QuestionKind::YesNo,
            Self::Scale { minimum, maximum, minimum_text, maximum_text } => {
                QuestionKind::Scale(Scale { minimum, maximum, minimum_text, maximum_text })
            }
            Self::Text { max_length } => QuestionKind::Text { max_length },
        }
    }
}

impl RuleV1 {
    pub(super) fn of(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            message: rule.message.clone(),
            severity: severity_code(rule.severity),
            must_hold: ConditionV1::of(&rule.must_hold),
        }
    }

    pub(super) fn thing(self) -> Option<Rule> {
        Some(Rule {
            id: self.id,
            message: self.message,
            severity: severity_of(self.severity)?,
            must_hold: self.must_hold.thing()?,
        })
    }
}

impl ConditionV1 {
    fn of(condition: &Condition) -> Self {
        let all = |conditions: &[Condition]| conditions.iter().map(Self::of).collect();
        match condition {
            Condition::All(conditions) => Self::All(all(conditions)),
            Condition::Any(conditions) => Self::Any(all(conditions)),
            Condition::Not(condition) => Self::Not(Box::new(Self::of(condition))),
            &Condition::Answered { question_id } => Self::Answered { question_id },
            &Condition::Option { question_id, option_id } => Self::Option { question_id, option_id },
            &Condition::Number { question_id, comparison, value } => {
                Self::Number { question_id, comparison: comparison_code(comparison), value }
            }
            &Condition::Presence { object_id, presence } => {
                Self::Presence { object_id, presence: presence_code(presence) }
            }
            &Condition::Count { object_id, comparison, value } => {
                Self::Count { object_id, comparison: comparison_code(comparison), value }
            }
            &Condition::Volume { object_id, comparison, value_mm3 } => {
                Self::Volume { object_id, comparison: comparison_code(comparison), value_mm3 }
            }
            &Condition::Diameter { object_id, comparison, value_mm } => {
                Self::Diameter { object_id, comparison: comparison_code(comparison), value_mm }
            }
        }
    }

    fn thing(self) -> Option<Condition> {
        let all = |conditions: Vec<Self>| conditions.into_iter().map(Self::thing).collect::<Option<Vec<_>>>();
        Some(match self {
            Self::All(conditions) => Condition::All(all(conditions)?),
            Self::Any(conditions) => Condition::Any(all(conditions)?),
            Self::Not(condition) => Condition::Not(Box::new(condition.thing()?)),
            Self::Answered { question_id } => Condition::Answered { question_id },
            Self::Option { question_id, option_id } => Condition::Option { question_id, option_id },
            Self::Number { question_id, comparison, value } => {
                Condition::Number { question_id, comparison: comparison_of(comparison)?, value }
            }
            Self::Presence { object_id, presence } => {
                Condition::Presence { object_id, presence: presence_of(presence)? }
            }
            Self::Count { object_id, comparison, value } => {
                Condition::Count { object_id, comparison: comparison_of(comparison)?, value }
            }
            Self::Volume { object_id, comparison, value_mm3 } => {
                Condition::Volume { object_id, comparison: comparison_of(comparison)?, value_mm3 }
            }
            Self::Diameter { object_id, comparison, value_mm } => {
                Condition::Diameter { object_id, comparison: comparison_of(comparison)?, value_mm }
            }
        })
    }
}

const COMPARISONS: [Comparison; 6] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
];

const fn comparison_code(comparison: Comparison) -> u32 {
    match comparison {
        Comparison::Equal => 1,
        Comparison::NotEqual => 2,
        Comparison::Less => 3,
        Comparison::LessOrEqual => 4,
        Comparison::Greater => 5,
        Comparison::GreaterOrEqual => 6,
    }
}

fn comparison_of(code: u32) -> Option<Comparison> {
    COMPARISONS.into_iter().find(|comparison| comparison_code(*comparison) == code)
}

const fn presence_code(presence: Presence) -> u32 {
    match presence {
        Presence::Present => 1,
        Presence::Absent => 2,
        Presence::NotAssessable => 3,
    }
}

fn presence_of(code: u32) -> Option<Presence> {
    let all = [Presence::Present, Presence::Absent, Presence::NotAssessable];
    all.into_iter().find(|presence| presence_code(*presence) == code)
}
