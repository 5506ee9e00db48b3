//! Answers that may leave: options, and steps of a grid. Texts stay.

use std::collections::BTreeMap;

use agent_uplink::{AnswerCode, CodedAnswer};
use proto_instruction::{Answer, Instruction, QuestionKind, grid_step};

/// The codes of answers that an instruction's questions take; what they do not take has none.
pub(super) fn coded(instruction: &Instruction, answers: &BTreeMap<u32, Answer>) -> Vec<CodedAnswer> {
    let code = |(question_id, answer): (&u32, &Answer)| {
        let kind = &instruction.question(*question_id)?.kind;
        Some(CodedAnswer { question_id: *question_id, code: code(kind, answer)? })
    };
    answers.iter().filter_map(code).collect()
}

fn code(kind: &QuestionKind, answer: &Answer) -> Option<AnswerCode> {
    match answer {
        Answer::Option(option) => kind.option_ids()?.contains(option).then_some(AnswerCode::Option(*option)),
        Answer::Number(value) => grid_step(&kind.grid()?, *value).map(AnswerCode::GridStep),
        Answer::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use proto_instruction::{ChoiceOption, NO, NumberGrid, Question, Scale};

    use super::*;

    fn instruction() -> Instruction {
        let question = |(id, kind)| Question {
            id,
            prompt: "Prompt".into(),
            help: String::new(),
            required: false,
            parent: None,
            visible_when: None,
            kind,
        };
        let option = |id| ChoiceOption { id, text: "Option".into() };
        let scale =
            Scale { minimum: -2, maximum: 5, minimum_text: String::new(), maximum_text: String::new() };
        let number = NumberGrid { minimum: 10.0, maximum: 20.0, step: 0.5, unit: "mm".into() };
        let kinds = [
            (1, QuestionKind::Choice { options: vec![option(4), option(7)] }),
            (2, QuestionKind::YesNo),
            (3, QuestionKind::Scale(scale)),
            (4, QuestionKind::Number(number)),
            (5, QuestionKind::Text { max_length: 100 }),
        ];
        Instruction {
            title: "Title".into(),
            body: Vec::new(),
            objects: Vec::new(),
            questions: kinds.into_iter().map(question).collect(),
            rules: Vec::new(),
        }
    }

    #[test]
    fn options_and_steps_leave_and_texts_stay() {
        let answers = BTreeMap::from([
            (1, Answer::Option(7)),
            (2, Answer::Option(NO)),
            (3, Answer::Number(1.0)),
            (4, Answer::Number(12.5)),
            (5, Answer::Text("Doe, Jane".into())),
        ]);
        let coded = coded(&instruction(), &answers);
        let codes: Vec<(u32, AnswerCode)> = coded.iter().map(|one| (one.question_id, one.code)).collect();
        assert_eq!(
            codes,
            [
                (1, AnswerCode::Option(7)),
                (2, AnswerCode::Option(NO)),
                (3, AnswerCode::GridStep(3)),
                (4, AnswerCode::GridStep(5)),
            ]
        );
    }

    #[test]
    fn what_a_question_does_not_take_stays() {
        let answers = BTreeMap::from([
            (1, Answer::Option(5)),
            (2, Answer::Option(3)),
            (3, Answer::Number(1.5)),
            (4, Answer::Option(1)),
            (5, Answer::Option(1)),
            (6, Answer::Option(1)),
        ]);
        assert_eq!(coded(&instruction(), &answers), []);
    }
}
