//! The stored form of a question. Older stores know no help, no conditions, no yes/no and no scale.

use proto_instruction::{ChoiceOption, NumberGrid, Parent, Question, QuestionKind, Scale};
use serde::{Deserialize, Serialize};

use super::conditions::ConditionRecord;

#[derive(Serialize, Deserialize)]
pub(super) struct QuestionRecord {
    id: u32,
    prompt: String,
    #[serde(default)]
    help: String,
    required: bool,
    /// Question, option.
    #[serde(default)]
    parent: Option<(u32, u32)>,
    #[serde(default)]
    visible_when: Option<ConditionRecord>,
    kind: QuestionKindRecord,
}

#[derive(Serialize, Deserialize)]
enum QuestionKindRecord {
    Choice(Vec<(u32, String)>),
    Number { minimum: f64, maximum: f64, step: f64, unit: String },
    YesNo,
    Scale { minimum: i32, maximum: i32, minimum_text: String, maximum_text: String },
    Text { max_length: u32 },
}

impl QuestionRecord {
    pub(super) fn of(question: &Question) -> Self {
        Self {
            id: question.id,
            prompt: question.prompt.clone(),
            help: question.help.clone(),
            required: question.required,
            parent: question.parent.map(|parent| (parent.question_id, parent.option_id)),
            visible_when: question.visible_when.as_ref().map(ConditionRecord::of),
            kind: QuestionKindRecord::of(&question.kind),
        }
    }

    pub(super) fn read(self) -> Question {
        Question {
            id: self.id,
            prompt: self.prompt,
            help: self.help,
            required: self.required,
            parent: self.parent.map(|(question_id, option_id)| Parent { question_id, option_id }),
            visible_when: self.visible_when.map(ConditionRecord::read),
            kind: self.kind.read(),
        }
    }
}

impl QuestionKindRecord {
    fn of(kind: &QuestionKind) -> Self {
        match kind {
            QuestionKind::Choice { options } => {
                Self::Choice(options.iter().map(|option| (option.id, option.text.clone())).collect())
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

    fn read(self) -> QuestionKind {
        match self {
            Self::Choice(options) => QuestionKind::Choice {
                options: options.into_iter().map(|(id, text)| ChoiceOption { id, text }).collect(),
            },
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
