//! Work and operations, as the viewer sends and reads them.

use agent_archive::WorkView;
use agent_work::{Operation, OperationKind, RunChange, SliceDelta, Tool};
use proto_ids::OperationId;
use proto_instruction::Answer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Problem;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationsJson {
    pub(crate) fencing: u64,
    pub(crate) operations: Vec<OperationJson>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum OperationJson {
    Paint {
        id: String,
        base_revision: u64,
        tool: ToolJson,
        slices: Vec<SliceDeltaJson>,
    },
    Undo {
        id: String,
        base_revision: u64,
        operation_id: String,
    },
    Redo {
        id: String,
        base_revision: u64,
        operation_id: String,
    },
    Answer {
        id: String,
        base_revision: u64,
        question_id: u32,
        /// Null takes the answer back.
        #[schema(required = true)]
        answer: Option<AnswerJson>,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ToolJson {
    Brush,
    Eraser,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SliceDeltaJson {
    k: u32,
    /// `[start, length, old, new]`.
    runs: Vec<(u32, u32, u16, u16)>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SliceJson {
    k: u32,
    /// `[start, length, label]`.
    runs: Vec<(u32, u32, u16)>,
}

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
pub(crate) struct WorkJson {
    revision: u64,
    slices: Vec<SliceJson>,
    /// Operations that can be undone, the newest last.
    undo: Vec<OperationIdJson>,
    /// Operations that can be redone, the next one last.
    redo: Vec<OperationIdJson>,
    answers: Vec<QuestionAnswerJson>,
    /// The last paint operations on the two lists above, in the order of painting.
    operations: Vec<OperationJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationIdJson {
    operation_id: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuestionAnswerJson {
    question_id: u32,
    answer: AnswerJson,
}

impl TryFrom<OperationJson> for Operation {
    type Error = Problem;
    fn try_from(json: OperationJson) -> Result<Self, Problem> {
        let (id, base_revision, kind) = match json {
            OperationJson::Paint { id, base_revision, tool, slices } => {
                let tool = match tool {
                    ToolJson::Brush => Tool::Brush,
                    ToolJson::Eraser => Tool::Eraser,
                };
                let slices = slices.into_iter().map(SliceDelta::from).collect();
                (id, base_revision, OperationKind::Paint { tool, slices })
            }
            OperationJson::Undo { id, base_revision, operation_id } => (
                id,
                base_revision,
                OperationKind::Undo { operation: operation_id_of(&operation_id, "operation_id")? },
            ),
            OperationJson::Redo { id, base_revision, operation_id } => (
                id,
                base_revision,
                OperationKind::Redo { operation: operation_id_of(&operation_id, "operation_id")? },
            ),
            OperationJson::Answer { id, base_revision, question_id, answer } => {
                let answer = answer.map(Answer::from);
                (id, base_revision, OperationKind::Answer { question_id, answer })
            }
        };
        Ok(Self { id: operation_id_of(&id, "id")?, base_revision, kind })
    }
}

fn operation_id_of(text: &str, field: &str) -> Result<OperationId, Problem> {
    text.parse().map_err(|_| Problem::invalid(format!("operations: {field} is not an id")))
}

impl From<SliceDeltaJson> for SliceDelta {
    fn from(json: SliceDeltaJson) -> Self {
        let runs = json.runs.into_iter();
        Self {
            k: json.k,
            runs: runs.map(|(start, length, old, new)| RunChange { start, length, old, new }).collect(),
        }
    }
}

impl From<&SliceDelta> for SliceDeltaJson {
    fn from(delta: &SliceDelta) -> Self {
        let runs = delta.runs.iter().map(|run| (run.start, run.length, run.old, run.new)).collect();
        Self { k: delta.k, runs }
    }
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

impl From<&Operation> for OperationJson {
    fn from(operation: &Operation) -> Self {
        let (id, base_revision) = (operation.id.to_string(), operation.base_revision);
        match &operation.kind {
            OperationKind::Paint { tool, slices } => {
                let tool = match tool {
                    Tool::Brush => ToolJson::Brush,
                    Tool::Eraser => ToolJson::Eraser,
                };
                let slices = slices.iter().map(SliceDeltaJson::from).collect();
                Self::Paint { id, base_revision, tool, slices }
            }
            OperationKind::Undo { operation } => {
                Self::Undo { id, base_revision, operation_id: operation.to_string() }
            }
            OperationKind::Redo { operation } => {
                Self::Redo { id, base_revision, operation_id: operation.to_string() }
            }
            OperationKind::Answer { question_id, answer } => Self::Answer {
                id,
                base_revision,
                question_id: *question_id,
                answer: answer.as_ref().map(AnswerJson::from),
            },
        }
    }
}

impl From<&WorkView> for WorkJson {
    fn from(work: &WorkView) -> Self {
        let slices = work.slices.iter().map(|slice| SliceJson {
            k: slice.k,
            runs: slice.runs.iter().map(|run| (run.start, run.length, run.label)).collect(),
        });
        let ids = |stack: &[OperationId]| -> Vec<OperationIdJson> {
            stack.iter().map(|id| OperationIdJson { operation_id: id.to_string() }).collect()
        };
        let answers = work.answers.iter().map(|(question_id, answer)| QuestionAnswerJson {
            question_id: *question_id,
            answer: AnswerJson::from(answer),
        });
        Self {
            revision: work.revision,
            slices: slices.collect(),
            undo: ids(&work.undo),
            redo: ids(&work.redo),
            answers: answers.collect(),
            operations: work.paints.iter().map(OperationJson::from).collect(),
        }
    }
}
