//! Answers, as the viewer sends and reads them.

use std::collections::BTreeMap;

use proto_instruction::Answer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) enum AnswerJson {
    #[serde(rename = "option_id")]
    Option(u32),
    #[serde(rename = "number")]
    Number(f64),
    #[serde(rename = "text")]
    Text(String),
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuestionAnswerJson {
    question_id: u32,
    answer: AnswerJson,
}

impl From<AnswerJson> for Answer {
    fn from(json: AnswerJson) -> Self {
        match json {
            AnswerJson::Option(id) => Self::Option(id),
            AnswerJson::Number(value) => Self::Number(value),
            AnswerJson::Text(text) => Self::Text(text),
        }
    }
}

impl From<&Answer> for AnswerJson {
    fn from(answer: &Answer) -> Self {
        match answer {
            Answer::Option(id) => Self::Option(*id),
            Answer::Number(value) => Self::Number(*value),
            Answer::Text(text) => Self::Text(text.clone()),
        }
    }
}

/// What was answered, by question.
pub(crate) fn answers(answers: &BTreeMap<u32, Answer>) -> Vec<QuestionAnswerJson> {
    let answers = answers.iter();
    answers
        .map(|(question_id, answer)| QuestionAnswerJson {
            question_id: *question_id,
            answer: AnswerJson::from(answer),
        })
        .collect()
}
