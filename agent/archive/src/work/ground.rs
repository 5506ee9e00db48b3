//! What work on a task is judged by, and the work as the viewer needs it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use agent_work::{Operation, Shape, Slice, Terms, Work};
use proto_ids::{OperationId, PersonId, StudyToken, TaskId};
use proto_instruction::{Answer, Instruction, Presence};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::slots::slots_in;
use crate::assets::AssetRow;
use crate::keys::SealKey;
use crate::record::{Record, joined, load};
use crate::worklist::{TaskCopy, instruction_in, instruction_versions, task_in};
use crate::{Archive, StorageError};

/// How many operations a view holds, so that they can be undone and redone.
const VIEWED_OPERATIONS: usize = 200;

/// Work as the viewer needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkView {
    pub revision: u64,
    /// The version of the instruction that the work follows.
    pub instruction_version: u32,
    /// The label map as it stands.
    pub slices: Vec<Slice>,
    /// The shapes as they stand, by id.
    pub shapes: Vec<Shape>,
    pub answers: BTreeMap<u32, Answer>,
    pub statements: BTreeMap<u32, Presence>,
    /// Oldest first.
    pub undo: Vec<OperationId>,
    /// The next to be redone last.
    pub redo: Vec<OperationId>,
    /// The newest operations that can be undone or redone, in the order in which they were made.
    pub operations: Vec<ReversibleOperation>,
}

/// An operation that can be undone or redone.
#[derive(Debug, Clone, PartialEq)]
pub struct ReversibleOperation {
    pub operation: Operation,
    /// For shape operations: what stood in the place of the shape before.
    pub before: Option<Shape>,
}

/// `work`: task and person → where their log stands.
#[derive(Serialize, Deserialize, Clone, Copy)]
pub(super) struct WorkRecord {
    /// The version that the newest operations were made under.
    pub(super) instruction_version: u32,
    pub(super) revision: u64,
    /// Keyed digest of the one before and of the operation.
    pub(super) log_digest: ByteArray<32>,
}

impl Record for WorkRecord {
    const TABLE: &'static str = "work";
}

/// What work on a task is judged by.
pub(super) struct Ground {
    pub(super) task: TaskCopy,
    pub(super) asset: AssetRow,
    /// Columns and rows of each picture of the asset.
    pictures: Vec<[u32; 2]>,
    pub(super) instruction: Arc<Instruction>,
    pub(super) instruction_version: u32,
    pub(super) key: SealKey,
}

impl Ground {
    pub(super) fn terms(&self) -> Terms<'_> {
        Terms { size: self.asset.grid.size(), pictures: &self.pictures, instruction: &self.instruction }
    }
}

/// Why there is nothing to judge work by.
pub(super) enum GroundError {
    UnknownTask,
    NotWorkable,
    Storage(StorageError),
}

impl<E: Into<StorageError>> From<E> for GroundError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

pub(super) fn work_key(task: TaskId, person: PersonId) -> Vec<u8> {
    joined(task.bytes(), person.bytes())
}

impl Archive {
    /// The work of a person on a task as it stands; nothing drawn when they have not begun. None when the task
    /// cannot be worked on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn work_view(&self, task: TaskId, person: PersonId) -> Result<Option<WorkView>, StorageError> {
        let ground = match self.ground(task, person) {
            Ok(ground) => ground,
            Err(GroundError::UnknownTask | GroundError::NotWorkable) => return Ok(None),
            Err(GroundError::Storage(error)) => return Err(error),
        };
        let reversible = |(operation, before): (&Operation, Option<&Shape>)| ReversibleOperation {
            operation: operation.clone(),
            before: before.copied(),
        };
        let view = self.work_with(&ground, person, |work| WorkView {
            revision: work.revision(),
            instruction_version: ground.instruction_version,
            slices: work.slices(),
            shapes: work.shapes(),
            answers: work.answers().clone(),
            statements: work.statements().clone(),
            undo: work.undo_stack().to_vec(),
            redo: work.redo_stack().to_vec(),
            operations: work.reversible(VIEWED_OPERATIONS).into_iter().map(reversible).collect(),
        })?;
        Ok(Some(view))
    }

    /// Looks at the work of a person as it stands.
    pub(super) fn work_with<R>(
        &self,
        ground: &Ground,
        person: PersonId,
        look: impl FnOnce(&Work) -> R,
    ) -> Result<R, StorageError> {
        let slot = self.works.slot(ground.task.task, person);
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let work = self.work_take(&mut kept, ground, person)?;
        let seen = look(&work);
        *kept = Some(work);
        Ok(seen)
    }

    /// What a person's work on a task is judged by: the version of their lease, or else the one that they began
    /// under, or else that of the order as far as it is here.
    pub(super) fn ground(&self, task: TaskId, person: PersonId) -> Result<Ground, GroundError> {
        let task = task_in(&self.work, task)?.ok_or(GroundError::UnknownTask)?;
        let asset = self.asset(task.asset)?.ok_or(GroundError::NotWorkable)?;
        let begun = match slots_in(&self.work, &task)?.lease_of(person) {
            Some(held) => Some(held.lease.instruction_version),
            None => load::<WorkRecord>(&self.work, &work_key(task.task, person))?
                .map(|work| work.instruction_version),
        };
        let found = match begun {
            Some(version) => {
                instruction_in(&self.work, task.project, version)?.map(|instruction| (version, instruction))
            }
            None => self.newest_instruction(&task)?,
        };
        let (instruction_version, instruction) = found.ok_or(GroundError::NotWorkable)?;
        let key = self.study_key(asset.study)?.ok_or(GroundError::NotWorkable)?;
        let pictures = asset.pictures.iter().map(|picture| [picture.columns, picture.rows]).collect();
        Ok(Ground { task, asset, pictures, instruction, instruction_version, key })
    }

    /// The version of an order, or the newest before it while that one is still on its way: what comes late must
    /// find a ground meanwhile.
    fn newest_instruction(&self, task: &TaskCopy) -> Result<Option<(u32, Arc<Instruction>)>, StorageError> {
        let newest = instruction_versions(&self.work, task.project)?;
        let newest = newest.into_iter().filter(|version| *version <= task.instruction_version).max();
        let Some(version) = newest else { return Ok(None) };
        Ok(instruction_in(&self.work, task.project, version)?.map(|instruction| (version, instruction)))
    }

    /// The key of a study; none when it was destroyed.
    pub(crate) fn study_key(&self, study: StudyToken) -> Result<Option<SealKey>, StorageError> {
        match self.keys.study(study) {
            Ok(key) => Ok(Some(key)),
            Err(crate::KeyError::Destroyed) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
