//! Stored forms of the log of work and of what was drawn. All of it is sealed where it is kept.

use agent_work::{Drawn, Form, Operation, OperationKind, Run, RunChange, Shape, Slice, SliceDelta, Tool};
use proto_ids::{OperationId, PreviewId, ShapeId};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::instruction_record::{AnswerRecord, PresenceRecord};
use crate::record::{IdBytes, Record};

/// `operation`: task, person and revision → one entry of the log, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct OperationRecord {
    id: IdBytes,
    base_revision: u64,
    kind: KindRecord,
}

impl Record for OperationRecord {
    const TABLE: &'static str = "operation";
}

#[derive(Serialize, Deserialize)]
enum KindRecord {
    Brush(Vec<DeltaRecord>),
    Eraser(Vec<DeltaRecord>),
    Undo(IdBytes),
    Redo(IdBytes),
    Answer(u32, Option<AnswerRecord>),
    PutShape(ShapeRecord),
    RemoveShape(IdBytes),
    State(u32, Option<PresenceRecord>),
    Tool(ToolRecord, Vec<DeltaRecord>),
}

/// Brush and eraser have kinds of their own, which are older.
#[derive(Serialize, Deserialize)]
enum ToolRecord {
    Sphere,
    Threshold,
    Scissors,
    Grow,
    Fill,
    Islands,
    Smooth,
    Assist(IdBytes),
    Region,
    Margin,
    Combine,
}

/// Shape, object, form.
type ShapeRecord = (IdBytes, u32, FormRecord);

#[derive(Serialize, Deserialize)]
enum FormRecord {
    Point([f64; 3]),
    Line([f64; 3], [f64; 3]),
    Box([u32; 3], [u32; 3]),
}

/// Slice, and its runs as start, length, old, new.
type DeltaRecord = (u32, Vec<(u32, u32, u16, u16)>);

/// A label map: slice, and its runs as start, length, label.
type SliceRecord = (u32, Vec<(u32, u32, u16)>);

/// What was drawn and said; the sealed blob of a submission, of gold or of a consensus.
#[derive(Serialize, Deserialize)]
pub(super) struct DrawnRecord {
    slices: Vec<SliceRecord>,
    answers: Vec<(u32, AnswerRecord)>,
    #[serde(default)]
    shapes: Vec<ShapeRecord>,
    #[serde(default)]
    statements: Vec<(u32, PresenceRecord)>,
}

impl Record for DrawnRecord {
    const TABLE: &'static str = "drawn";
}

impl OperationRecord {
    pub(super) fn of(operation: &Operation) -> Self {
        let id = |id: &OperationId| ByteArray::new(*id.bytes());
        let kind = match &operation.kind {
            OperationKind::Paint { tool, slices } => paint_record(*tool, delta_records(slices)),
            OperationKind::Undo { operation } => KindRecord::Undo(id(operation)),
            OperationKind::Redo { operation } => KindRecord::Redo(id(operation)),
            OperationKind::Answer { question_id, answer } => {
                KindRecord::Answer(*question_id, answer.as_ref().map(AnswerRecord::of))
            }
            OperationKind::PutShape { shape } => KindRecord::PutShape(shape_record(shape)),
            OperationKind::RemoveShape { shape } => KindRecord::RemoveShape(ByteArray::new(*shape.bytes())),
            OperationKind::State { object_id, presence } => {
                KindRecord::State(*object_id, presence.map(PresenceRecord::of))
            }
        };
        Self { id: id(&operation.id), base_revision: operation.base_revision, kind }
    }

    pub(super) fn read(self) -> Operation {
        let kind = match self.kind {
            KindRecord::Brush(slices) => {
                OperationKind::Paint { tool: Tool::Brush, slices: deltas_of(slices) }
            }
            KindRecord::Eraser(slices) => {
                OperationKind::Paint { tool: Tool::Eraser, slices: deltas_of(slices) }
            }
            KindRecord::Tool(tool, slices) => {
                OperationKind::Paint { tool: tool.read(), slices: deltas_of(slices) }
            }
            KindRecord::Undo(id) => OperationKind::Undo { operation: OperationId::from_bytes(*id) },
            KindRecord::Redo(id) => OperationKind::Redo { operation: OperationId::from_bytes(*id) },
            KindRecord::Answer(question_id, answer) => {
                OperationKind::Answer { question_id, answer: answer.map(AnswerRecord::read) }
            }
            KindRecord::PutShape(record) => OperationKind::PutShape { shape: shape_of(record) },
            KindRecord::RemoveShape(id) => OperationKind::RemoveShape { shape: ShapeId::from_bytes(*id) },
            KindRecord::State(object_id, presence) => {
                OperationKind::State { object_id, presence: presence.map(PresenceRecord::read) }
            }
        };
        Operation { id: OperationId::from_bytes(*self.id), base_revision: self.base_revision, kind }
    }
}

fn paint_record(tool: Tool, slices: Vec<DeltaRecord>) -> KindRecord {
    let other = match tool {
        Tool::Brush => return KindRecord::Brush(slices),
        Tool::Eraser => return KindRecord::Eraser(slices),
        Tool::Sphere => ToolRecord::Sphere,
        Tool::Threshold => ToolRecord::Threshold,
        Tool::Scissors => ToolRecord::Scissors,
        Tool::Grow => ToolRecord::Grow,
        Tool::Fill => ToolRecord::Fill,
        Tool::Islands => ToolRecord::Islands,
        Tool::Smooth => ToolRecord::Smooth,
        Tool::Region => ToolRecord::Region,
        Tool::Margin => ToolRecord::Margin,
        Tool::Combine => ToolRecord::Combine,
        Tool::Assist { preview } => ToolRecord::Assist(ByteArray::new(*preview.bytes())),
    };
    KindRecord::Tool(other, slices)
}

impl ToolRecord {
    fn read(self) -> Tool {
        match self {
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
            Self::Assist(preview) => Tool::Assist { preview: PreviewId::from_bytes(*preview) },
        }
    }
}

fn delta_records(slices: &[SliceDelta]) -> Vec<DeltaRecord> {
    let run = |run: &RunChange| (run.start, run.length, run.old, run.new);
    slices.iter().map(|slice| (slice.k, slice.runs.iter().map(run).collect())).collect()
}

fn deltas_of(records: Vec<DeltaRecord>) -> Vec<SliceDelta> {
    let run = |(start, length, old, new)| RunChange { start, length, old, new };
    records.into_iter().map(|(k, runs)| SliceDelta { k, runs: runs.into_iter().map(run).collect() }).collect()
}

fn shape_record(shape: &Shape) -> ShapeRecord {
    let form = match shape.form {
        Form::Point { at } => FormRecord::Point(at),
        Form::Line { from, to } => FormRecord::Line(from, to),
        Form::Box { lower, upper } => FormRecord::Box(lower, upper),
    };
    (ByteArray::new(*shape.id.bytes()), shape.object_id, form)
}

fn shape_of((id, object_id, form): ShapeRecord) -> Shape {
    let form = match form {
        FormRecord::Point(at) => Form::Point { at },
        FormRecord::Line(from, to) => Form::Line { from, to },
        FormRecord::Box(lower, upper) => Form::Box { lower, upper },
    };
    Shape { id: ShapeId::from_bytes(*id), object_id, form }
}

impl DrawnRecord {
    pub(super) fn of(drawn: &Drawn) -> Self {
        let answers = drawn.answers.iter().map(|(id, answer)| (*id, AnswerRecord::of(answer)));
        let statements = drawn.statements.iter().map(|(id, presence)| (*id, PresenceRecord::of(*presence)));
        Self {
            answers: answers.collect(),
            shapes: drawn.shapes.iter().map(shape_record).collect(),
            statements: statements.collect(),
            ..Self::of_slices(&drawn.slices)
        }
    }

    /// A label map and nothing else.
    pub(super) fn of_slices(slices: &[Slice]) -> Self {
        let run = |run: &Run| (run.start, run.length, run.label);
        let slice = |slice: &Slice| (slice.k, slice.runs.iter().map(run).collect());
        Self {
            slices: slices.iter().map(slice).collect(),
            answers: Vec::new(),
            shapes: Vec::new(),
            statements: Vec::new(),
        }
    }

    pub(super) fn read(self) -> Drawn {
        let run = |(start, length, label)| Run { start, length, label };
        let slice = |(k, runs): SliceRecord| Slice { k, runs: runs.into_iter().map(run).collect() };
        let statements = self.statements.into_iter().map(|(id, presence)| (id, presence.read()));
        Drawn {
            slices: self.slices.into_iter().map(slice).collect(),
            shapes: self.shapes.into_iter().map(shape_of).collect(),
            answers: self.answers.into_iter().map(|(id, answer)| (id, answer.read())).collect(),
            statements: statements.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::without;

    #[test]
    fn every_tool_comes_back_from_the_log() {
        let preview = PreviewId::from_random([7; 16]);
        for tool in [
            Tool::Brush,
            Tool::Eraser,
            Tool::Sphere,
            Tool::Threshold,
            Tool::Scissors,
            Tool::Grow,
            Tool::Fill,
            Tool::Islands,
            Tool::Smooth,
            Tool::Region,
            Tool::Margin,
            Tool::Combine,
            Tool::Assist { preview },
        ] {
            let slices =
                vec![SliceDelta { k: 1, runs: vec![RunChange { start: 2, length: 3, old: 0, new: 4 }] }];
            let operation = Operation {
                id: OperationId::from_random([1; 16]),
                base_revision: 5,
                kind: OperationKind::Paint { tool, slices },
            };
            let stored = crate::record::encode(&OperationRecord::of(&operation)).unwrap();
            let read: OperationRecord = crate::record::decode(&stored).unwrap();
            assert_eq!(read.read(), operation);
        }
    }

    #[test]
    fn what_an_older_store_drew_has_no_shapes() {
        let shape =
            Shape { id: ShapeId::from_bytes([1; 16]), object_id: 1, form: Form::Point { at: [0.5; 3] } };
        let slices = vec![Slice { k: 1, runs: vec![Run { start: 2, length: 3, label: 4 }] }];
        let statements = [(5, proto_instruction::Presence::Absent)].into();
        let drawn = Drawn { slices, shapes: vec![shape], statements, ..Drawn::default() };
        let record = DrawnRecord::of(&drawn);
        let older = without(&record, &["shapes", "statements"]).read();
        assert_eq!(older, Drawn { slices: drawn.slices.clone(), ..Drawn::default() });
        assert_eq!(record.read(), drawn);
    }
}
