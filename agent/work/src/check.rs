//! What has to be right before work may be handed in.

use std::collections::BTreeSet;

use proto_instruction::{AnswerProblem, Instruction, check_answer, missing_answers};

use crate::Work;

/// Why work cannot be handed in yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitProblem {
    #[error("question {question_id} needs an answer")]
    AnswerMissing { question_id: u32 },
    #[error("question {question_id} does not take its answer")]
    AnswerInvalid {
        question_id: u32,
        #[source]
        problem: AnswerProblem,
    },
    #[error("the instruction has no question {question_id}")]
    UnknownQuestion { question_id: u32 },
    #[error("the instruction has no label {label}")]
    UnknownLabel { label: u16 },
}

/// Everything that stands in the way of handing in `work`; empty when nothing does.
///
/// An object that is nowhere drawn is no problem: it may be absent from the exam.
pub fn submit_problems(work: &Work, instruction: &Instruction) -> Vec<SubmitProblem> {
    let mut problems: Vec<SubmitProblem> = missing_answers(instruction, work.answers())
        .into_iter()
        .map(|question_id| SubmitProblem::AnswerMissing { question_id })
        .collect();
    for (&question_id, answer) in work.answers() {
        match instruction.question(question_id) {
            None => problems.push(SubmitProblem::UnknownQuestion { question_id }),
            Some(question) => {
                if let Err(problem) = check_answer(question, answer) {
                    problems.push(SubmitProblem::AnswerInvalid { question_id, problem });
                }
            }
        }
    }
    let labels: BTreeSet<u16> =
        work.slices().iter().flat_map(|slice| slice.runs.iter().map(|run| run.label)).collect();
    let unknown = labels.into_iter().filter(|label| instruction.object_of_label(*label).is_none());
    problems.extend(unknown.map(|label| SubmitProblem::UnknownLabel { label }));
    problems
}
