//! Questions as wire messages.

use proto::types::v1 as types;
use proto::types::v1::question::Kind;
use proto_instruction::{ChoiceOption, Question, QuestionKind};

use super::condition::condition;

pub(super) fn question(question: &Question) -> types::Question {
    let parent = question
        .parent
        .map(|parent| types::Parent { question_id: parent.question_id, option_id: parent.option_id });
    types::Question {
        id: question.id,
        prompt: question.prompt.clone(),
        help: question.help.clone(),
        required: question.required,
        parent,
        visible_when: question.visible_when.as_ref().map(condition),
        kind: Some(kind(&question.kind)),
    }
}

fn kind(kind: &QuestionKind) -> Kind {
    match kind {
        QuestionKind::Choice { options } => {
            let option = |option: &ChoiceOption| types::Option { id: option.id, text: option.text.clone() };
            Kind::Choice(types::Choice { options: options.iter().map(option).collect() })
        }
        QuestionKind::Number(grid) => Kind::Number(types::Number {
            min: grid.minimum,
            max: grid.maximum,
            step: grid.step,
            unit: grid.unit.clone(),
        }),
        QuestionKind::YesNo => Kind::YesNo(types::YesNo {}),
        QuestionKind::Scale(scale) => Kind::Scale(types::Scale {
            minimum: scale.minimum,
            maximum: scale.maximum,
            minimum_text: scale.minimum_text.clone(),
            maximum_text: scale.maximum_text.clone(),
        }),
        QuestionKind::Text { max_length } => Kind::Text(types::Text { max_length: *max_length }),
    }
}
