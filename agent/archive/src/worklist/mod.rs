//! The downward copy: projects, instruction versions, people and task orders as the control plane said them.
//!
//! Each event is one transaction with the cursor, so that nothing is lost or taken twice. The control plane
//! is the authority; nothing here judges what it says beyond what its own types demand.

mod records;

use std::sync::Arc;

use proto_ids::{AssetToken, EpochId, ModelToken, PersonId, ProjectId, SubmissionId, TaskId, Timestamp};
use proto_instruction::Instruction;
use serde_bytes::ByteArray;

use crate::instruction_record::InstructionRecord;
use crate::record::{Record, Rows, decode, id_in_key, joined, load, load_all, save};
pub(crate) use records::PersonRecord;
use records::{CursorRecord, ProjectRecord, TaskRecord, person_put, project_put, task_put};

use crate::{Archive, StorageError};

/// How far the site has followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorklistCursor {
    /// Which start of the control plane's store.
    pub epoch: EpochId,
    pub sequence: u64,
}

/// One thing that the control plane says. It replaces what was said before of the same thing.
#[derive(Debug, Clone, PartialEq)]
pub enum WorklistItem {
    Project(ProjectCopy),
    Instruction(InstructionCopy),
    Person(PersonCopy),
    Task(TaskCopy),
    /// Nothing but that the cursor has moved.
    Nothing,
}

/// A project of this site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectCopy {
    pub project: ProjectId,
    pub title: String,
    /// The version that new work follows; 0 before the first.
    pub instruction_version: u32,
    /// Who may annotate.
    pub annotators: Vec<PersonId>,
    /// Whether nothing more is given out.
    pub closed: bool,
    /// Who may settle disputes, whether or not they annotate.
    pub arbiters: Vec<PersonId>,
    /// How many of a hundred tasks are hidden tests, 0 to 50.
    pub gold_percent: u32,
    /// Seed of the draw of hidden tests.
    pub gold_seed: u64,
    /// What to prepare the tasks of this site with; none: nothing, and a run that goes on is stopped.
    pub preannotation: Option<PreannotationOrder>,
}

/// A run of pre-annotation by a model of this site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreannotationOrder {
    pub model: ModelToken,
    /// Counts up with each start, from 1.
    pub run: u32,
}

/// One version of a project's instruction.
#[derive(Debug, Clone, PartialEq)]
pub struct InstructionCopy {
    pub project: ProjectId,
    pub version: u32,
    pub instruction: Instruction,
}

/// A one-time invitation that waits to be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// SHA-256 of the code.
    pub sha256: [u8; 32],
    pub expires_at: Timestamp,
}

/// A person as the manager invited them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonCopy {
    pub person: PersonId,
    pub user_name: String,
    pub display_name: String,
    /// Until it was redeemed or withdrawn.
    pub invitation: Option<Invitation>,
    pub suspended: bool,
}

/// One asset to be annotated in one project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskCopy {
    pub task: TaskId,
    pub project: ProjectId,
    pub asset: AssetToken,
    pub instruction_version: u32,
    /// How many annotators, 1 to 16.
    pub overlap: u32,
    /// Whether submissions are scored against gold. No annotator may be able to tell.
    pub gold: bool,
    pub withdrawn: bool,
    /// Painted as soon as the submissions are here.
    pub consensus: Vec<ConsensusRuleCopy>,
    /// Whether the submissions differ, so that an arbiter has to settle the task.
    pub arbitration: bool,
}

/// How the control plane came to a consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsensusKind {
    Majority,
    Staple,
}

/// Which voxels of one object are painted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusRuleCopy {
    pub object_id: u32,
    /// In the order of the bits of a pattern; at most 16.
    pub submissions: Vec<SubmissionId>,
    pub kind: ConsensusKind,
    /// Bit p % 8 of byte p / 8 says whether pattern p is painted; a bit for each pattern of the submissions.
    pub truth_table: Vec<u8>,
}

impl Archive {
    /// How far the site has followed; none before the first event.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn worklist_cursor(&self) -> Result<Option<WorklistCursor>, StorageError> {
        Ok(load::<CursorRecord>(&self.work, &[])?.map(|record| record.read()))
    }

    /// Takes an event and moves the cursor, in one transaction. An event at or before the cursor of the same
    /// epoch changes nothing and gives false.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn worklist_apply(&self, cursor: WorklistCursor, item: &WorklistItem) -> Result<bool, StorageError> {
        self.work.write(|tx| {
            let before = load::<CursorRecord>(tx, &[])?.map(|record| record.read());
            let seen = before
                .is_some_and(|before| before.epoch == cursor.epoch && before.sequence >= cursor.sequence);
            if seen {
                return Ok(false);
            }
            match item {
                WorklistItem::Project(project) => project_put(tx, project)?,
                WorklistItem::Instruction(version) => {
                    let key = instruction_key(version.project, version.version);
                    save(tx, &key, &InstructionRecord::of(&version.instruction))?;
                }
                WorklistItem::Person(person) => person_put(tx, person)?,
                WorklistItem::Task(task) => task_put(tx, task, cursor.sequence)?,
                WorklistItem::Nothing => {}
            }
            let record =
                CursorRecord { epoch: ByteArray::new(*cursor.epoch.bytes()), sequence: cursor.sequence };
            save(tx, &[], &record)?;
            Ok(true)
        })
    }

    /// A project of the site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn project(&self, project: ProjectId) -> Result<Option<ProjectCopy>, StorageError> {
        Ok(load::<ProjectRecord>(&self.work, project.bytes())?.map(|record| record.read(project)))
    }

    /// All projects of the site, by title.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn projects(&self) -> Result<Vec<ProjectCopy>, StorageError> {
        let mut projects = projects_in(&self.work)?;
        projects.sort_by(|first, second| (&first.title, first.project).cmp(&(&second.title, second.project)));
        Ok(projects)
    }

    /// One version of a project's instruction.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instruction(
        &self,
        project: ProjectId,
        version: u32,
    ) -> Result<Option<Arc<Instruction>>, StorageError> {
        instruction_in(&self.work, project, version)
    }

    /// The order for a task, also when it is withdrawn.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn task(&self, task: TaskId) -> Result<Option<TaskCopy>, StorageError> {
        task_in(&self.work, task)
    }

    /// All task orders, in the order in which they came.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn tasks(&self) -> Result<Vec<TaskCopy>, StorageError> {
        let mut tasks = tasks_in(&self.work)?;
        tasks.sort_by_key(|(task, ordered)| (*ordered, task.task));
        Ok(tasks.into_iter().map(|(task, _)| task).collect())
    }
}

pub(crate) fn instruction_key(project: ProjectId, version: u32) -> Vec<u8> {
    joined(project.bytes(), &version.to_be_bytes())
}

pub(crate) fn instruction_in(
    rows: &impl Rows,
    project: ProjectId,
    version: u32,
) -> Result<Option<Arc<Instruction>>, StorageError> {
    let record = load::<InstructionRecord>(rows, &instruction_key(project, version))?;
    record.map(|record| record.read().map(Arc::new)).transpose()
}

/// The versions of a project's instruction that are here.
pub(crate) fn instruction_versions(rows: &impl Rows, project: ProjectId) -> Result<Vec<u32>, StorageError> {
    let prefix = project.bytes();
    let found = rows.rows(InstructionRecord::TABLE, prefix)?;
    let version = |(key, _): (Vec<u8>, _)| key.get(prefix.len()..)?.try_into().ok().map(u32::from_be_bytes);
    Ok(found.into_iter().filter_map(version).collect())
}

pub(crate) fn projects_in(rows: &impl Rows) -> Result<Vec<ProjectCopy>, StorageError> {
    let records = load_all::<ProjectRecord>(rows, &[])?;
    records
        .into_iter()
        .map(|(key, record)| {
            Ok(record.read(ProjectId::from_bytes(id_in_key(ProjectRecord::TABLE, &key, 0)?)))
        })
        .collect()
}

pub(crate) fn task_in(rows: &impl Rows, task: TaskId) -> Result<Option<TaskCopy>, StorageError> {
    Ok(load::<TaskRecord>(rows, task.bytes())?.map(|record| record.read(task)))
}

pub(crate) fn tasks_in(rows: &impl Rows) -> Result<Vec<(TaskCopy, u64)>, StorageError> {
    let found = rows.rows(TaskRecord::TABLE, &[])?;
    found
        .into_iter()
        .map(|(key, row)| {
            let record: TaskRecord = decode(&row.value)?;
            let ordered = record.ordered;
            Ok((record.read(TaskId::from_bytes(id_in_key(TaskRecord::TABLE, &key, 0)?)), ordered))
        })
        .collect()
}
