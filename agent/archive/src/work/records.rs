//! Stored forms of the log of work and of label maps. All of it is sealed where it is kept.

use std::collections::BTreeMap;

use agent_work::{Operation, OperationKind, Run, RunChange, Slice, SliceDelta, Tool};
use proto_ids::OperationId;
use proto_instruction::Answer;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::instruction_record::AnswerRecord;
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
}

/// Slice, and its runs as start, length, old, new.
type DeltaRecord = (u32, Vec<(u32, u32, u16, u16)>);

/// A label map: slice, and its runs as start, length, label.
type SliceRecord = (u32, Vec<(u32, u32, u16)>);

/// What was drawn and said; the sealed blob of a submission or of gold.
#[derive(Serialize, Deserialize)]
pub(super) struct DrawnRecord {
    slices: Vec<SliceRecord>,
    answers: Vec<(u32, AnswerRecord)>,
}

impl Record for DrawnRecord {
    const TABLE: &'static str = "drawn";
}

impl OperationRecord {
    pub(super) fn of(operation: &Operation) -> Self {
        let id = |id: &OperationId| ByteArray::new(*id.bytes());
        let kind = match &operation.kind {
            OperationKind::Paint { tool: Tool::Brush, slices } => KindRecord::Brush(delta_records(slices)),
            OperationKind::Paint { tool: Tool::Eraser, slices } => KindRecord::Eraser(delta_records(slices)),
            OperationKind::Undo { operation } => KindRecord::Undo(id(operation)),
            OperationKind::Redo { operation } => KindRecord::Redo(id(operation)),
            OperationKind::Answer { question_id, answer } => {
                KindRecord::Answer(*question_id, answer.as_ref().map(AnswerRecord::of))
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
            KindRecord::Undo(id) => OperationKind::Undo { operation: OperationId::from_bytes(*id) },
            KindRecord::Redo(id) => OperationKind::Redo { operation: OperationId::from_bytes(*id) },
            KindRecord::Answer(question_id, answer) => {
                OperationKind::Answer { question_id, answer: answer.map(AnswerRecord::read) }
            }
        };
        Operation { id: OperationId::from_bytes(*self.id), base_revision: self.base_revision, kind }
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

impl DrawnRecord {
    pub(super) fn of(slices: &[Slice], answers: &BTreeMap<u32, Answer>) -> Self {
        let run = |run: &Run| (run.start, run.length, run.label);
        Self {
            slices: slices.iter().map(|slice| (slice.k, slice.runs.iter().map(run).collect())).collect(),
            answers: answers.iter().map(|(id, answer)| (*id, AnswerRecord::of(answer))).collect(),
        }
    }

    pub(super) fn read(self) -> (Vec<Slice>, BTreeMap<u32, Answer>) {
        let run = |(start, length, label)| Run { start, length, label };
        let slice = |(k, runs): SliceRecord| Slice { k, runs: runs.into_iter().map(run).collect() };
        let answers = self.answers.into_iter().map(|(id, answer)| (id, answer.read())).collect();
        (self.slices.into_iter().map(slice).collect(), answers)
    }
}
