//! The log of work: accepts operations, counts revisions, keeps what stands.

use std::collections::BTreeMap;

use proto_ids::OperationId;
use proto_instruction::{Answer, AnswerProblem, Instruction, check_answer};

use crate::{Operation, OperationKind, Run, RunChange, Slice, SliceDelta, Tool, runs};

/// What operations are checked against.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// Voxels along i, j, k.
    pub size: [u32; 3],
    pub instruction: &'a Instruction,
}

/// What became of an operation that was not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// It is in the log now, and makes this revision.
    Accepted { revision: u64 },
    /// It was in the log already; nothing changed.
    AlreadySeen,
}

/// What became of a list of operations.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// New in the log, in order; what has to be stored before anything is acknowledged.
    pub accepted: Vec<Operation>,
    /// The first that was refused; it and all after it changed nothing.
    pub refused: Option<(OperationId, OperationRefusal)>,
}

/// Why an operation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OperationRefusal {
    #[error("the operation builds on another revision than {revision}")]
    RevisionConflict { revision: u64 },
    #[error("the id belongs to another operation")]
    IdReused,
    #[error("a paint operation has at least one run")]
    EmptyPaint,
    #[error("slices and runs rise and do not overlap")]
    Unordered,
    #[error("slice {k} or a run in it lies outside of the volume")]
    OutOfVolume { k: u32 },
    #[error("the instruction has no label {label}")]
    UnknownLabel { label: u16 },
    #[error("the brush sets a label and the eraser sets 0")]
    WrongTool,
    #[error("slice {k} has other labels than the operation says")]
    OutOfStep { k: u32 },
    #[error("only the newest operation that stands can be undone")]
    NotNewest,
    #[error("only the operation that was undone last can be redone")]
    NotUndone,
    #[error("the instruction has no question {question_id}")]
    UnknownQuestion { question_id: u32 },
    #[error("question {question_id} does not take the answer")]
    InvalidAnswer {
        question_id: u32,
        #[source]
        problem: AnswerProblem,
    },
}

impl OperationRefusal {
    /// Short name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::RevisionConflict { .. } => "revision-conflict",
            Self::IdReused => "id-reused",
            Self::EmptyPaint => "empty-paint",
            Self::Unordered => "unordered",
            Self::OutOfVolume { .. } => "out-of-volume",
            Self::UnknownLabel { .. } => "unknown-label",
            Self::WrongTool => "wrong-tool",
            Self::OutOfStep { .. } => "out-of-step",
            Self::NotNewest => "not-newest",
            Self::NotUndone => "not-undone",
            Self::UnknownQuestion { .. } => "unknown-question",
            Self::InvalidAnswer { .. } => "invalid-answer",
        }
    }
}

/// The work of one person on one task: the log, and what follows from it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    revision: u64,
    operations: BTreeMap<OperationId, Operation>,
    slices: BTreeMap<u32, Vec<Run>>,
    answers: BTreeMap<u32, Answer>,
    undo: Vec<OperationId>,
    redo: Vec<OperationId>,
}

impl Work {
    /// Nothing drawn, nothing said, revision 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The work that follows from a stored log.
    ///
    /// # Errors
    /// The first operation that could not have been accepted, and why.
    pub fn replay(
        operations: impl IntoIterator<Item = Operation>,
        terms: &Terms<'_>,
    ) -> Result<Self, (OperationId, OperationRefusal)> {
        let mut work = Self::new();
        for operation in operations {
            let id = operation.id;
            work.accept(operation, terms).map_err(|refusal| (id, refusal))?;
        }
        Ok(work)
    }

    /// Takes one operation, wholly or not at all.
    ///
    /// # Errors
    /// [`OperationRefusal`]; the work is as it was.
    pub fn accept(
        &mut self,
        operation: Operation,
        terms: &Terms<'_>,
    ) -> Result<Acceptance, OperationRefusal> {
        if let Some(seen) = self.operations.get(&operation.id) {
            return if *seen == operation {
                Ok(Acceptance::AlreadySeen)
            } else {
                Err(OperationRefusal::IdReused)
            };
        }
        if operation.base_revision != self.revision {
            return Err(OperationRefusal::RevisionConflict { revision: self.revision });
        }
        match &operation.kind {
            OperationKind::Paint { tool, slices } => {
                check_paint(*tool, slices, terms)?;
                let changed = self.painted(slices, Direction::Forward)?;
                self.put(changed);
                self.undo.push(operation.id);
                self.redo.clear();
            }
            OperationKind::Undo { operation } => self.undo(*operation)?,
            OperationKind::Redo { operation } => self.redo(*operation)?,
            OperationKind::Answer { question_id, answer } => {
                check_question(*question_id, answer.as_ref(), terms.instruction)?;
                match answer {
                    Some(answer) => self.answers.insert(*question_id, answer.clone()),
                    None => self.answers.remove(question_id),
                };
            }
        }
        self.revision += 1;
        self.operations.insert(operation.id, operation);
        Ok(Acceptance::Accepted { revision: self.revision })
    }

    /// Takes operations in order up to the first that is refused.
    pub fn accept_batch(&mut self, operations: Vec<Operation>, terms: &Terms<'_>) -> Batch {
        let mut accepted = Vec::new();
        for operation in operations {
            let id = operation.id;
            match self.accept(operation.clone(), terms) {
                Ok(Acceptance::Accepted { .. }) => accepted.push(operation),
                Ok(Acceptance::AlreadySeen) => {}
                Err(refusal) => return Batch { accepted, refused: Some((id, refusal)) },
            }
        }
        Batch { accepted, refused: None }
    }

    /// How many operations are in the log.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// The label map as it stands: the slices that have a label other than 0, rising.
    pub fn slices(&self) -> Vec<Slice> {
        self.slices.iter().map(|(k, runs)| Slice { k: *k, runs: runs.clone() }).collect()
    }

    /// The answers as they stand, by question.
    pub const fn answers(&self) -> &BTreeMap<u32, Answer> {
        &self.answers
    }

    /// Paint operations that stand, oldest first.
    pub fn undo_stack(&self) -> &[OperationId] {
        &self.undo
    }

    /// Paint operations that were undone and can be redone, the next to be redone last.
    pub fn redo_stack(&self) -> &[OperationId] {
        &self.redo
    }

    /// An operation of the log.
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.get(&id)
    }

    /// The newest `limit` paint operations that can be undone or redone, in the order in which
    /// they were painted.
    pub fn paints(&self, limit: usize) -> Vec<&Operation> {
        let mut paints: Vec<&Operation> =
            self.undo.iter().chain(&self.redo).filter_map(|id| self.operations.get(id)).collect();
        paints.sort_by_key(|operation| operation.base_revision);
        paints.split_off(paints.len().saturating_sub(limit))
    }

    fn undo(&mut self, id: OperationId) -> Result<(), OperationRefusal> {
        if self.undo.last() != Some(&id) {
            return Err(OperationRefusal::NotNewest);
        }
        let changed = self.painted(self.deltas(id), Direction::Backward)?;
        self.put(changed);
        self.undo.pop();
        self.redo.push(id);
        Ok(())
    }

    fn redo(&mut self, id: OperationId) -> Result<(), OperationRefusal> {
        if self.redo.last() != Some(&id) {
            return Err(OperationRefusal::NotUndone);
        }
        let changed = self.painted(self.deltas(id), Direction::Forward)?;
        self.put(changed);
        self.redo.pop();
        self.undo.push(id);
        Ok(())
    }

    fn deltas(&self, id: OperationId) -> &[SliceDelta] {
        match self.operations.get(&id).map(|operation| &operation.kind) {
            Some(OperationKind::Paint { slices, .. }) => slices,
            // Only paint operations are ever put on a stack.
            Some(OperationKind::Undo { .. } | OperationKind::Redo { .. } | OperationKind::Answer { .. })
            | None => &[],
        }
    }

    /// The changed slices after `deltas`; this work is not touched.
    fn painted(
        &self,
        deltas: &[SliceDelta],
        direction: Direction,
    ) -> Result<Vec<(u32, Vec<Run>)>, OperationRefusal> {
        deltas
            .iter()
            .map(|delta| {
                let before = self.slices.get(&delta.k).map_or(&[][..], Vec::as_slice);
                let changes = delta.runs.iter().map(|run| direction.of(*run));
                let after = runs::apply(before, changes);
                after.map(|runs| (delta.k, runs)).map_err(|_| OperationRefusal::OutOfStep { k: delta.k })
            })
            .collect()
    }

    fn put(&mut self, changed: Vec<(u32, Vec<Run>)>) {
        for (k, runs) in changed {
            if runs.is_empty() {
                self.slices.remove(&k);
            } else {
                self.slices.insert(k, runs);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

impl Direction {
    const fn of(self, run: RunChange) -> RunChange {
        match self {
            Self::Forward => run,
            Self::Backward => RunChange { old: run.new, new: run.old, ..run },
        }
    }
}

fn check_paint(tool: Tool, slices: &[SliceDelta], terms: &Terms<'_>) -> Result<(), OperationRefusal> {
    if slices.is_empty() || slices.iter().any(|slice| slice.runs.is_empty()) {
        return Err(OperationRefusal::EmptyPaint);
    }
    if slices.windows(2).any(|pair| matches!(pair, [first, second] if first.k >= second.k)) {
        return Err(OperationRefusal::Unordered);
    }
    let [size_i, size_j, size_k] = terms.size;
    let voxels_in_slice = u64::from(size_i) * u64::from(size_j);
    for slice in slices {
        if slice.k >= size_k {
            return Err(OperationRefusal::OutOfVolume { k: slice.k });
        }
        let mut at = 0;
        for run in &slice.runs {
            if u64::from(run.start) < at || run.length == 0 {
                return Err(OperationRefusal::Unordered);
            }
            at = u64::from(run.start) + u64::from(run.length);
            if at > voxels_in_slice || at > u64::from(u32::MAX) {
                return Err(OperationRefusal::OutOfVolume { k: slice.k });
            }
            check_label(tool, run.new, terms.instruction)?;
        }
    }
    Ok(())
}

fn check_label(tool: Tool, label: u16, instruction: &Instruction) -> Result<(), OperationRefusal> {
    let erases = label == 0;
    if erases != matches!(tool, Tool::Eraser) {
        return Err(OperationRefusal::WrongTool);
    }
    if erases || instruction.object_of_label(label).is_some() {
        Ok(())
    } else {
        Err(OperationRefusal::UnknownLabel { label })
    }
}

fn check_question(
    question_id: u32,
    answer: Option<&Answer>,
    instruction: &Instruction,
) -> Result<(), OperationRefusal> {
    let question =
        instruction.question(question_id).ok_or(OperationRefusal::UnknownQuestion { question_id })?;
    answer
        .map_or(Ok(()), |answer| check_answer(question, answer))
        .map_err(|problem| OperationRefusal::InvalidAnswer { question_id, problem })
}
