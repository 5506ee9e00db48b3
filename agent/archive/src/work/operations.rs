//! The log of work: each operation is sealed, numbered by its revision, and durable before it is acknowledged.
//!
//! The replayed work of those who are working is kept in memory; whatever fails throws it away, and the next
//! call replays what the store has.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_work::{FencingRefusal, Operation, OperationRefusal, Work};
use proto_ids::{OperationId, PersonId, TaskId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::Holder;
use super::ground::{Ground, GroundError, WorkRecord, work_key};
use super::leases::LeaseError;
use super::records::OperationRecord;
use super::slots::slots_in;
use crate::keys::{Place, SealKey, open_sealed};
use crate::record::{Record, Rows, decode, encode, joined, load, save};
use crate::worklist::{ProjectCopy, projects_in, task_in};
use crate::{Archive, StorageError};

/// How many works are kept replayed.
const KEPT: usize = 64;

/// Why operations were not taken.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    #[error("the site has no such task")]
    UnknownTask,
    /// The task's asset or instruction is not at the site any more.
    #[error("the task cannot be worked on")]
    NotWorkable,
    /// The lease was given on. The operations are kept apart.
    #[error("the lease is over; the work is kept apart")]
    StaleLease,
    #[error("the person does not hold the slot")]
    NotHeld,
    #[error("the work was handed in")]
    Submitted,
    /// Those before it were taken; it and those after it were not.
    #[error("operation {operation} is refused")]
    Refused {
        operation: OperationId,
        /// The revision after those that were taken.
        revision: u64,
        #[source]
        refusal: OperationRefusal,
    },
    #[error("cannot keep the work")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for AppendError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// None when the work has to be replayed.
type Replayed = Arc<Mutex<Option<Work>>>;

/// Replayed work, by task and person.
#[derive(Debug, Default)]
pub(crate) struct Works(Mutex<HashMap<(TaskId, PersonId), Replayed>>);

/// Operations as they came in.
struct Delivery {
    holder: Holder,
    operations: Vec<Operation>,
    at: Timestamp,
}

impl Works {
    pub(super) fn slot(&self, task: TaskId, person: PersonId) -> Replayed {
        let mut works = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if works.len() >= KEPT {
            // Whatever nobody is using at this moment can be replayed again.
            works.retain(|_, work| Arc::strong_count(work) > 1);
        }
        Arc::clone(works.entry((task, person)).or_default())
    }

    pub(super) fn forget_task(&self, task: TaskId) {
        let mut works = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        works.retain(|(of, _), _| *of != task);
    }
}

impl Archive {
    /// Takes operations in order, up to the first that is refused, and prolongs the lease. What was taken is
    /// durable when this returns. Sending an operation again does no harm. Gives the revision.
    ///
    /// # Errors
    /// [`AppendError`]; see there for what was kept.
    pub fn operations_append(
        &self,
        holder: Holder,
        operations: Vec<Operation>,
        now: Timestamp,
    ) -> Result<u64, AppendError> {
        let ground = self.ground(holder.task, holder.person)?;
        let slot = self.works.slot(holder.task, holder.person);
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out: after a failure it is not put back, and the next call replays.
        let mut work = self.work_take(&mut kept, &ground, holder.person)?;
        let delivery = Delivery { holder, operations, at: now };
        let appended = self.work.write(|tx| self.append_in(tx, &mut work, &ground, delivery))?;
        self.outbox_tell();
        let revision = work.revision();
        *kept = Some(work);
        match appended {
            Appended::Taken => Ok(revision),
            Appended::KeptApart => Err(AppendError::StaleLease),
            Appended::Refused(operation, refusal) => {
                Err(AppendError::Refused { operation, revision, refusal })
            }
        }
    }

    pub(super) fn work_take(
        &self,
        kept: &mut MutexGuard<'_, Option<Work>>,
        ground: &Ground,
        person: PersonId,
    ) -> Result<Work, StorageError> {
        if let Some(work) = kept.take() {
            return Ok(work);
        }
        let operations = self.operations_in(&ground.key, ground.task.task, person)?;
        Work::replay(operations, ground.asset.grid.size())
            .map_err(|_| StorageError::Record { table: OperationRecord::TABLE })
    }

    fn append_in(
        &self,
        tx: &mut Tx<'_>,
        work: &mut Work,
        ground: &Ground,
        delivery: Delivery,
    ) -> Result<Appended, AppendError> {
        let Delivery { holder, operations, at } = delivery;
        let mut slots = slots_in(tx, &ground.task)?;
        match self.lease_renew_in(tx, &mut slots, holder, at) {
            Ok(_) => {}
            Err(LeaseError::UnknownTask) => return Err(AppendError::UnknownTask),
            Err(LeaseError::Storage(error)) => return Err(AppendError::Storage(error)),
            Err(LeaseError::Fencing(FencingRefusal::NotHeld)) => return Err(AppendError::NotHeld),
            Err(LeaseError::Fencing(FencingRefusal::Submitted)) => return Err(AppendError::Submitted),
            Err(LeaseError::Fencing(FencingRefusal::Stale)) => {
                // A number alone proves nothing: only who may work on the task can have held it.
                let project = projects_in(tx)?.into_iter().find(|one| one.project == ground.task.project);
                let of_it = |project: ProjectCopy| {
                    project.annotators.contains(&holder.person) || project.arbiters.contains(&holder.person)
                };
                if !project.is_some_and(of_it) {
                    return Err(AppendError::NotHeld);
                }
                self.keep_apart(tx, ground, holder, &operations)?;
                return Ok(Appended::KeptApart);
            }
        }
        let first = work.revision();
        let batch = work.accept_batch(operations, &ground.terms());
        let key = work_key(holder.task, holder.person);
        let before = load::<WorkRecord>(tx, &key)?;
        let mut log_digest = before.map_or(ByteArray::new([0; 32]), |before| before.log_digest);
        for (revision, operation) in (first + 1..).zip(&batch.accepted) {
            let plain = encode(&OperationRecord::of(operation))?;
            log_digest = ByteArray::new(self.keys.digest(&joined(log_digest.as_slice(), &plain)));
            let key = joined(&key, &revision.to_be_bytes());
            let place = Place { table: OperationRecord::TABLE, key: &key };
            let sealed = self.keys.seal(&ground.key, place, plain)?;
            tx.put(OperationRecord::TABLE, &key, sealed);
        }
        if !batch.accepted.is_empty() {
            let instruction_version = ground.instruction_version;
            save(tx, &key, &WorkRecord { instruction_version, revision: work.revision(), log_digest })?;
        }
        Ok(batch
            .refused
            .map_or(Appended::Taken, |(operation, refusal)| Appended::Refused(operation, refusal)))
    }

    /// Keeps what came too late, so that nothing that was drawn is lost.
    fn keep_apart(
        &self,
        tx: &mut Tx<'_>,
        ground: &Ground,
        holder: Holder,
        operations: &[Operation],
    ) -> Result<(), StorageError> {
        for operation in operations {
            let key = joined(&work_key(holder.task, holder.person), operation.id.bytes());
            let place = Place { table: APART, key: &key };
            let record = ApartRecord {
                fencing: holder.fencing,
                operation: ByteBuf::from(encode(&OperationRecord::of(operation))?),
            };
            tx.put(APART, &key, self.keys.seal(&ground.key, place, encode(&record)?)?);
        }
        Ok(())
    }

    /// The log of somebody's work on a task, in order; empty when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn operations(&self, task: TaskId, person: PersonId) -> Result<Vec<Operation>, StorageError> {
        let Some(task) = task_in(&self.work, task)? else { return Ok(Vec::new()) };
        let Some(asset) = self.asset(task.asset)? else { return Ok(Vec::new()) };
        let Some(seal) = self.study_key(asset.study)? else { return Ok(Vec::new()) };
        self.operations_in(&seal, task.task, person)
    }

    fn operations_in(
        &self,
        seal: &SealKey,
        task: TaskId,
        person: PersonId,
    ) -> Result<Vec<Operation>, StorageError> {
        let mut operations = Vec::new();
        for (key, row) in self.work.rows(OperationRecord::TABLE, &work_key(task, person))? {
            let place = Place { table: OperationRecord::TABLE, key: &key };
            let record: OperationRecord = decode(&open_sealed(seal, place, &row.value)?)?;
            operations.push(record.read());
        }
        Ok(operations)
    }

    /// Operations that came after their lease was given on, with the fencing number that they came under.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn operations_apart(
        &self,
        task: TaskId,
        person: PersonId,
    ) -> Result<Vec<(u64, Operation)>, StorageError> {
        let Some(task) = task_in(&self.work, task)? else { return Ok(Vec::new()) };
        let Some(asset) = self.asset(task.asset)? else { return Ok(Vec::new()) };
        let Some(seal) = self.study_key(asset.study)? else { return Ok(Vec::new()) };
        let mut apart = Vec::new();
        for (key, row) in self.work.rows(APART, &work_key(task.task, person))? {
            let record: ApartRecord =
                decode(&open_sealed(&seal, Place { table: APART, key: &key }, &row.value)?)?;
            apart.push((record.fencing, decode::<OperationRecord>(&record.operation)?.read()));
        }
        apart.sort_by_key(|(fencing, operation)| (*fencing, operation.base_revision));
        Ok(apart)
    }
}

/// `operation_apart`: task, person and operation → what came too late, sealed.
pub(super) const APART: &str = "operation_apart";

#[derive(Serialize, Deserialize)]
struct ApartRecord {
    fencing: u64,
    operation: ByteBuf,
}

impl Record for ApartRecord {
    const TABLE: &'static str = APART;
}

enum Appended {
    Taken,
    KeptApart,
    Refused(OperationId, OperationRefusal),
}

impl From<GroundError> for AppendError {
    fn from(error: GroundError) -> Self {
        match error {
            GroundError::UnknownTask => Self::UnknownTask,
            GroundError::NotWorkable => Self::NotWorkable,
            GroundError::Storage(error) => Self::Storage(error),
        }
    }
}
