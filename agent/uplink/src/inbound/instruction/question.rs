//! Questions as they come down.

use proto::types::v1 as wire;
use proto::types::v1::question::Kind;
use proto_instruction::{ChoiceOption, NumberGrid, Parent, Question, QuestionKind, Scale};

use super::condition::condition;
use super::{LONGEST_TEXT, distinct, list, refuse};
use crate::inbound::{InvalidInbound, text};

pub(super) fn question(question: wire::Question) -> Result<Question, InvalidInbound> {
    let parent =
        |parent: wire::Parent| Parent { question_id: parent.question_id, option_id: parent.option_id };
    Ok(Question {
        id: question.id,
        prompt: text(question.prompt, LONGEST_TEXT, "prompt")?,
        help: text(question.help, LONGEST_TEXT, "help")?,
        required: question.required,
        parent: question.parent.map(parent),
        visible_when: question.visible_when.map(|of| condition(of, "visible_when")).transpose()?,
        kind: kind(question.kind.ok_or(refuse("kind"))?)?,
    })
}

fn kind(kind: Kind) -> Result<QuestionKind, InvalidInbound> {
    Ok(match kind {
        Kind::Choice(choice) => {
            let options = list(choice.options, "options", |option| {
                Ok(ChoiceOption { id: option.id, text: text(option.text, LONGEST_TEXT, "text")? })
            })?;
            distinct(options.iter().map(|option| option.id), "options")?;
            QuestionKind::Choice { options }
        }
        Kind::Number(number) => QuestionKind::Number(grid(number)?),
        Kind::YesNo(wire::YesNo {}) => QuestionKind::YesNo,
        Kind::Scale(of) => QuestionKind::Scale(scale(of)?),
        Kind::Text(limits) => QuestionKind::Text { max_length: limits.max_length },
    })
}

fn grid(number: wire::Number) -> Result<NumberGrid, InvalidInbound> {
    let unit = text(number.unit, LONGEST_TEXT, "unit")?;
    let grid = NumberGrid { minimum: number.min, maximum: number.max, step: number.step, unit };
    // An answer leaves as its place on the grid: a finer grid would let more out.
    if grid.values().is_none() { Err(refuse("step")) } else { Ok(grid) }
}

fn scale(scale: wire::Scale) -> Result<Scale, InvalidInbound> {
    let scale = Scale {
        minimum: scale.minimum,
        maximum: scale.maximum,
        minimum_text: text(scale.minimum_text, LONGEST_TEXT, "minimum_text")?,
        maximum_text: text(scale.maximum_text, LONGEST_TEXT, "maximum_text")?,
    };
    if scale.sound() { Ok(scale) } else { Err(refuse("maximum")) }
}
