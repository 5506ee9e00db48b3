//! The log of work: accepts operations, counts revisions, keeps what stands.

use std::collections::BTreeMap;

use proto_ids::{OperationId, ShapeId};
use proto_instruction::{Answer, Presence};

use crate::terms::{check_paint, check_shape};
use crate::{
    MAX_SHAPES, Operation, OperationKind, OperationRefusal, Run, RunChange, Shape, Slice, SliceDelta, Terms,
    runs,
};

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

/// The work of one person on one task: the log, and what follows from it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Work {
    revision: u64,
    operations: BTreeMap<OperationId, Operation>,
    slices: BTreeMap<u32, Vec<Run>>,
    shapes: BTreeMap<ShapeId, Shape>,
    /// What stood in the place of a shape before a shape operation.
    before: BTreeMap<OperationId, Option<Shape>>,
    answers: BTreeMap<u32, Answer>,
    statements: BTreeMap<u32, Presence>,
    undo: Vec<OperationId>,
    redo: Vec<OperationId>,
}

impl Work {
    /// Nothing drawn, nothing said, revision 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// The work that follows from a stored log on a volume of `size` voxels. The instruction is not
    /// asked: each operation was accepted under the version of its time.
    ///
    /// # Errors
    /// The first operation that could not have been accepted, and why.
    pub fn replay(
        operations: impl IntoIterator<Item = Operation>,
        size: [u32; 3],
    ) -> Result<Self, (OperationId, OperationRefusal)> {
        let mut work = Self::new();
        for operation in operations {
            let id = operation.id;
            work.take(operation, size, None).map_err(|refusal| (id, refusal))?;
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
        self.take(operation, terms.size, Some(terms))
    }

    fn take(
        &mut self,
        operation: Operation,
        size: [u32; 3],
        terms: Option<&Terms<'_>>,
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
            OperationKind::Paint { tool, slices } => check_paint(*tool, slices, size)?,
            OperationKind::PutShape { shape } => check_shape(shape, size)?,
            OperationKind::RemoveShape { .. }
            | OperationKind::Undo { .. }
            | OperationKind::Redo { .. }
            | OperationKind::Answer { .. }
            | OperationKind::State { .. } => {}
        }
        terms.map_or(Ok(()), |terms| terms.allow(&operation.kind))?;
        self.enter(&operation)?;
        self.revision += 1;
        self.operations.insert(operation.id, operation);
        Ok(Acceptance::Accepted { revision: self.revision })
    }

    /// Does what a sound operation says, wholly or not at all.
    fn enter(&mut self, operation: &Operation) -> Result<(), OperationRefusal> {
        match &operation.kind {
            OperationKind::Paint { slices, .. } => {
                let changed = self.painted(slices, Direction::Forward)?;
                self.put(changed);
                self.done(operation.id);
            }
            OperationKind::PutShape { shape } => {
                if self.shapes.len() >= MAX_SHAPES && !self.shapes.contains_key(&shape.id) {
                    return Err(OperationRefusal::TooManyShapes);
                }
                self.before.insert(operation.id, self.shapes.insert(shape.id, *shape));
                self.done(operation.id);
            }
            OperationKind::RemoveShape { shape } => {
                let before = self.shapes.remove(shape).ok_or(OperationRefusal::UnknownShape)?;
                self.before.insert(operation.id, Some(before));
                self.done(operation.id);
            }
            OperationKind::Undo { operation } => self.undo(*operation)?,
            OperationKind::Redo { operation } => self.redo(*operation)?,
            OperationKind::Answer { question_id, answer } => {
                match answer {
                    Some(answer) => self.answers.insert(*question_id, answer.clone()),
                    None => self.answers.remove(question_id),
                };
            }
            OperationKind::State { object_id, presence } => {
                match presence {
                    Some(presence) => self.statements.insert(*object_id, *presence),
                    None => self.statements.remove(object_id),
                };
            }
        }
        Ok(())
    }

    /// Puts a new operation on top of those that can be undone.
    fn done(&mut self, id: OperationId) {
        self.undo.push(id);
        self.redo.clear();
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

    /// The shapes as they stand, by id.
    pub fn shapes(&self) -> Vec<Shape> {
        self.shapes.values().copied().collect()
    }

    /// What was said of objects, by object.
    pub const fn statements(&self) -> &BTreeMap<u32, Presence> {
        &self.statements
    }

    /// The answers as they stand, by question.
    pub const fn answers(&self) -> &BTreeMap<u32, Answer> {
        &self.answers
    }

    /// Stroke and shape operations that stand, oldest first.
    pub fn undo_stack(&self) -> &[OperationId] {
        &self.undo
    }

    /// Stroke and shape operations that were undone and can be redone, the next to be redone last.
    pub fn redo_stack(&self) -> &[OperationId] {
        &self.redo
    }

    /// An operation of the log.
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.get(&id)
    }

    /// The newest `limit` operations that can be undone or redone, in the order in which they were
    /// made; for shape operations with what stood there before.
    pub fn reversible(&self, limit: usize) -> Vec<(&Operation, Option<&Shape>)> {
        let mut found: Vec<&Operation> =
            self.undo.iter().chain(&self.redo).filter_map(|id| self.operations.get(id)).collect();
        found.sort_by_key(|operation| operation.base_revision);
        let newest = found.split_off(found.len().saturating_sub(limit));
        let before = |id| self.before.get(&id).and_then(Option::as_ref);
        newest.into_iter().map(|operation| (operation, before(operation.id))).collect()
    }

    fn undo(&mut self, id: OperationId) -> Result<(), OperationRefusal> {
        if self.undo.last() != Some(&id) {
            return Err(OperationRefusal::NotNewest);
        }
        self.step(id, Direction::Backward)?;
        self.undo.pop();
        self.redo.push(id);
        Ok(())
    }

    fn redo(&mut self, id: OperationId) -> Result<(), OperationRefusal> {
        if self.redo.last() != Some(&id) {
            return Err(OperationRefusal::NotUndone);
        }
        self.step(id, Direction::Forward)?;
        self.redo.pop();
        self.undo.push(id);
        Ok(())
    }

    /// Does an operation of the log again, or takes it back.
    fn step(&mut self, id: OperationId, direction: Direction) -> Result<(), OperationRefusal> {
        match self.operations.get(&id).map(|operation| &operation.kind) {
            Some(OperationKind::Paint { slices, .. }) => {
                let changed = self.painted(slices, direction)?;
                self.put(changed);
            }
            Some(OperationKind::PutShape { shape }) => {
                let shape = *shape;
                self.shape_step(id, shape.id, Some(shape), direction);
            }
            Some(OperationKind::RemoveShape { shape }) => {
                let shape = *shape;
                self.shape_step(id, shape, None, direction);
            }
            // Only strokes and shape operations are ever put on a stack.
            Some(
                OperationKind::Undo { .. }
                | OperationKind::Redo { .. }
                | OperationKind::Answer { .. }
                | OperationKind::State { .. },
            )
            | None => {}
        }
        Ok(())
    }

    fn shape_step(&mut self, id: OperationId, place: ShapeId, after: Option<Shape>, direction: Direction) {
        let stands = match direction {
            Direction::Forward => after,
            Direction::Backward => self.before.get(&id).copied().flatten(),
        };
        match stands {
            Some(shape) => self.shapes.insert(place, shape),
            None => self.shapes.remove(&place),
        };
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
