//! Operations, as the viewer sends them and reads them again.

use agent_work::{Operation, OperationKind, RunChange, Shape, SliceDelta, Tool};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::AnswerJson;
use super::instruction::PresenceJson;
use super::shape::{ShapeJson, digits};
use crate::problem::Problem;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationsJson {
    pub(crate) fencing: u64,
    pub(crate) operations: Vec<OperationJson>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum OperationJson {
    Paint {
        id: String,
        base_revision: u64,
        tool: ToolJson,
        slices: Vec<SliceDeltaJson>,
        /// What of the agent's was accepted; needed for `assist`.
        #[serde(default)]
        preview: Option<String>,
    },
    /// Draws a shape, or puts it in the place of the one with its id.
    PutShape {
        id: String,
        base_revision: u64,
        shape: ShapeJson,
    },
    RemoveShape {
        id: String,
        base_revision: u64,
        shape_id: String,
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
    /// Says whether an object is there.
    State {
        id: String,
        base_revision: u64,
        object_id: u32,
        /// Null takes back what was said.
        #[schema(required = true)]
        presence: Option<PresenceJson>,
    },
}

/// An operation that can be undone or redone, with all that the browser needs for it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum DoneOperationJson {
    Paint {
        id: String,
        base_revision: u64,
        tool: ToolJson,
        slices: Vec<SliceDeltaJson>,
        #[serde(skip_serializing_if = "Option::is_none")]
        preview: Option<String>,
    },
    PutShape {
        id: String,
        base_revision: u64,
        shape: ShapeJson,
        /// The shape that it replaced.
        #[schema(required = true)]
        before: Option<ShapeJson>,
    },
    RemoveShape {
        id: String,
        base_revision: u64,
        shape_id: String,
        /// The shape that it took away.
        #[schema(required = true)]
        before: Option<ShapeJson>,
    },
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ToolJson {
    Brush,
    Eraser,
    Sphere,
    Threshold,
    Scissors,
    Grow,
    Fill,
    Islands,
    Smooth,
    Region,
    Margin,
    Combine,
    Assist,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SliceDeltaJson {
    k: u32,
    /// `[start, length, old, new]`.
    runs: Vec<(u32, u32, u16, u16)>,
}

impl TryFrom<OperationJson> for Operation {
    type Error = Problem;

    fn try_from(json: OperationJson) -> Result<Self, Problem> {
        let (id, base_revision, kind) = match json {
            OperationJson::Paint { id, base_revision, tool, slices, preview } => {
                let slices = slices.into_iter().map(SliceDelta::from).collect();
                let tool = tool.read(preview.as_deref())?;
                (id, base_revision, OperationKind::Paint { tool, slices })
            }
            OperationJson::PutShape { id, base_revision, shape } => {
                (id, base_revision, OperationKind::PutShape { shape: shape.try_into()? })
            }
            OperationJson::RemoveShape { id, base_revision, shape_id } => {
                (id, base_revision, OperationKind::RemoveShape { shape: id_of(&shape_id, "shape_id")? })
            }
            OperationJson::Undo { id, base_revision, operation_id } => {
                (id, base_revision, OperationKind::Undo { operation: id_of(&operation_id, "operation_id")? })
            }
            OperationJson::Redo { id, base_revision, operation_id } => {
                (id, base_revision, OperationKind::Redo { operation: id_of(&operation_id, "operation_id")? })
            }
            OperationJson::Answer { id, base_revision, question_id, answer } => {
                (id, base_revision, OperationKind::Answer { question_id, answer: answer.map(Into::into) })
            }
            OperationJson::State { id, base_revision, object_id, presence } => {
                (id, base_revision, OperationKind::State { object_id, presence: presence.map(Into::into) })
            }
        };
        Ok(Self { id: id_of(&id, "id")?, base_revision, kind })
    }
}

fn id_of<T: std::str::FromStr>(text: &str, field: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::invalid(format!("operations: {field} is not an id")))
}

impl DoneOperationJson {
    /// None for what is on no stack. `before` is what a shape operation replaced or took away.
    pub(crate) fn new(operation: &Operation, before: Option<&Shape>) -> Option<Self> {
        let (id, base_revision) = (operation.id.to_string(), operation.base_revision);
        let before = before.map(ShapeJson::from);
        match &operation.kind {
            OperationKind::Paint { tool, slices } => {
                let slices = slices.iter().map(SliceDeltaJson::from).collect();
                let preview = if let Tool::Assist { preview } = tool { Some(digits(preview)) } else { None };
                Some(Self::Paint { id, base_revision, tool: (*tool).into(), slices, preview })
            }
            OperationKind::PutShape { shape } => {
                Some(Self::PutShape { id, base_revision, shape: shape.into(), before })
            }
            OperationKind::RemoveShape { shape } => {
                Some(Self::RemoveShape { id, base_revision, shape_id: digits(shape), before })
            }
            OperationKind::Undo { .. }
            | OperationKind::Redo { .. }
            | OperationKind::Answer { .. }
            | OperationKind::State { .. } => None,
        }
    }
}

impl ToolJson {
    fn read(self, preview: Option<&str>) -> Result<Tool, Problem> {
        Ok(match self {
            Self::Brush => Tool::Brush,
            Self::Eraser => Tool::Eraser,
            Self::Sphere => Tool::Sphere,
            Self::Threshold => Tool::Threshold,
            Self::Scissors => Tool::Scissors,
            Self::Grow => Tool::Grow,
            Self::Fill => Tool::Fill,
            Self::Islands => Tool::Islands,
            Self::Smooth => Tool::Smooth,
            Self::Region => Tool::Region,
            Self::Margin => Tool::Margin,
            Self::Combine => Tool::Combine,
            Self::Assist => Tool::Assist { preview: id_of(preview.unwrap_or_default(), "preview")? },
        })
    }
}

impl From<Tool> for ToolJson {
    fn from(tool: Tool) -> Self {
        match tool {
            Tool::Brush => Self::Brush,
            Tool::Eraser => Self::Eraser,
            Tool::Sphere => Self::Sphere,
            Tool::Threshold => Self::Threshold,
            Tool::Scissors => Self::Scissors,
            Tool::Grow => Self::Grow,
            Tool::Fill => Self::Fill,
            Tool::Islands => Self::Islands,
            Tool::Smooth => Self::Smooth,
            Tool::Region => Self::Region,
            Tool::Margin => Self::Margin,
            Tool::Combine => Self::Combine,
            Tool::Assist { .. } => Self::Assist,
        }
    }
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
