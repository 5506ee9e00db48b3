//! Work as it stands, as the viewer reads it: one's own, and for an arbiter that of the others.

use agent_archive::WorkView;
use agent_work::{Drawn, Shape, Slice};
use proto_ids::{OperationId, ShapeId};
use serde::Serialize;
use utoipa::ToSchema;

use super::answer::{QuestionAnswerJson, answers};
use super::operation::DoneOperationJson;
use super::shape::{ShapeJson, StatementJson, statements};

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkJson {
    revision: u64,
    slices: Vec<SliceJson>,
    shapes: Vec<ShapeJson>,
    statements: Vec<StatementJson>,
    /// Operations that can be undone, the newest last.
    undo: Vec<OperationIdJson>,
    /// Operations that can be redone, the next one last.
    redo: Vec<OperationIdJson>,
    answers: Vec<QuestionAnswerJson>,
    /// The last operations on the two lists above, in the order in which they were done.
    operations: Vec<DoneOperationJson>,
}

/// What somebody else handed in, without a word about who.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OtherWorkJson {
    slices: Vec<SliceJson>,
    shapes: Vec<ShapeJson>,
    statements: Vec<StatementJson>,
    answers: Vec<QuestionAnswerJson>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SliceJson {
    k: u32,
    /// `[start, length, label]`.
    runs: Vec<(u32, u32, u16)>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationIdJson {
    operation_id: String,
}

fn slices_json(slices: &[Slice]) -> Vec<SliceJson> {
    let slices = slices.iter().map(|slice| SliceJson {
        k: slice.k,
        runs: slice.runs.iter().map(|run| (run.start, run.length, run.label)).collect(),
    });
    slices.collect()
}

fn shapes_json(shapes: &[Shape]) -> Vec<ShapeJson> {
    shapes.iter().map(ShapeJson::from).collect()
}

impl From<&WorkView> for WorkJson {
    fn from(work: &WorkView) -> Self {
        let ids = |stack: &[OperationId]| -> Vec<OperationIdJson> {
            stack.iter().map(|id| OperationIdJson { operation_id: id.to_string() }).collect()
        };
        let done = work.operations.iter();
        Self {
            revision: work.revision,
            slices: slices_json(&work.slices),
            shapes: shapes_json(&work.shapes),
            statements: statements(&work.statements),
            undo: ids(&work.undo),
            redo: ids(&work.redo),
            answers: answers(&work.answers),
            operations: done
                .filter_map(|done| DoneOperationJson::new(&done.operation, done.before.as_ref()))
                .collect(),
        }
    }
}

impl From<&Drawn> for OtherWorkJson {
    fn from(drawn: &Drawn) -> Self {
        Self {
            slices: slices_json(&drawn.slices),
            shapes: shapes_json(&renamed(&drawn.shapes)),
            statements: statements(&drawn.statements),
            answers: answers(&drawn.answers),
        }
    }
}

/// The shapes under ids that say nothing: those that a client chose could sign the work.
fn renamed(shapes: &[Shape]) -> Vec<Shape> {
    let named = |(shape, number): (&Shape, u64)| Shape { id: ShapeId::from_halves(0, number), ..*shape };
    shapes.iter().zip(1..).map(named).collect()
}
