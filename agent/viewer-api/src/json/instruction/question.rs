//! Questions of an instruction as JSON.

use proto_instruction::{ChoiceOption, Question, QuestionKind};
use serde::Serialize;
use utoipa::ToSchema;

use super::condition::ConditionJson;

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuestionJson {
    id: u32,
    prompt: String,
    /// Shown below the prompt; may be empty.
    help: String,
    required: bool,
    /// Asked only when this option of an earlier question was chosen.
    #[schema(required = true)]
    parent: Option<ParentJson>,
    #[schema(required = true)]
    visible_when: Option<ConditionJson>,
    kind: QuestionKindJson,
}

#[derive(Debug, Serialize, ToSchema)]
struct ParentJson {
    question_id: u32,
    /// Of a yes/no question: 1 for yes, 2 for no.
    option_id: u32,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum QuestionKindJson {
    Choice { options: Vec<OptionJson> },
    Number { minimum: f64, maximum: f64, step: f64, unit: String },
    YesNo {},
    Scale { minimum: i32, maximum: i32, minimum_text: String, maximum_text: String },
    Text { max_length: u32 },
}

#[derive(Debug, Serialize, ToSchema)]
struct OptionJson {
    id: u32,
    text: String,
}

impl From<&Question> for QuestionJson {
    fn from(question: &Question) -> Self {
        let parent = question
            .parent
            .map(|parent| ParentJson { question_id: parent.question_id, option_id: parent.option_id });
        Self {
            id: question.id,
            prompt: question.prompt.clone(),
            help: question.help.clone(),
            required: question.required,
            parent,
            visible_when: question.visible_when.as_ref().map(ConditionJson::from),
            kind: (&question.kind).into(),
        }
    }
}

impl From<&QuestionKind> for QuestionKindJson {
    fn from(kind: &QuestionKind) -> Self {
        match kind {
            QuestionKind::Choice { options } => {
                let option = |option: &ChoiceOption| OptionJson { id: option.id, text: option.text.clone() };
                Self::Choice { options: options.iter().map(option).collect() }
            }
            QuestionKind::Number(grid) => Self::Number {
                minimum: grid.minimum,
                maximum: grid.maximum,
                step: grid.step,
                unit: grid.unit.clone(),
            },
            QuestionKind::YesNo => Self::YesNo {},
            QuestionKind::Scale(scale) => Self::Scale {
                minimum: scale.minimum,
                maximum: scale.maximum,
                minimum_text: scale.minimum_text.clone(),
                maximum_text: scale.maximum_text.clone(),
            },
            QuestionKind::Text { max_length } => Self::Text { max_length: *max_length },
        }
    }
}
