//! Places that are held: prolonged, let go of, run out. Each change and its message are one transaction.

use agent_work::{FencingRefusal, Grant, Held, Occupancy, TaskSlots};
use proto_ids::{PersonId, TaskId, Timestamp};
use proto_journal::Tx;

use super::Holder;
use super::slots::{SlotsRecord, slots_in, slots_save};
use crate::messages::{LeaseChange, LeaseChangeState};
use crate::outbox::outbox_put;
use crate::record::{Record, id_in_key, load_all};
use crate::worklist::{instruction_in, task_in};
use crate::{Archive, StorageError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How much a person has done and has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkCounts {
    /// Handed in on the day of the question, UTC.
    pub submitted_today: u64,
    /// Slots held, also those whose lease ran out and that were not given on.
    pub open: u64,
}

/// Why a lease does not move to another version of its instruction.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    #[error("the site has no such task")]
    UnknownTask,
    #[error("version {newest} of the instruction is the newest")]
    NotNewest {
        /// The version of the order, or that of the lease until the order's is here.
        newest: u32,
    },
    #[error("the slot is not held")]
    Fencing(#[source] FencingRefusal),
    #[error("cannot keep the lease")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for VersionError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// Why a lease is not what was presented.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    #[error("the site has no such task")]
    UnknownTask,
    #[error("the slot is not held")]
    Fencing(#[source] FencingRefusal),
    #[error("cannot keep the lease")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for LeaseError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl Archive {
    /// The place on a task that a person holds; its lease may have run out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lease(&self, task: TaskId, person: PersonId) -> Result<Option<Held>, StorageError> {
        Ok(self.task_slots(task)?.and_then(|slots| slots.lease_of(person)))
    }

    /// The slots of a task; none when the site has no such task.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn task_slots(&self, task: TaskId) -> Result<Option<TaskSlots>, StorageError> {
        match task_in(&self.work, task)? {
            Some(task) => slots_in(&self.work, &task).map(Some),
            None => Ok(None),
        }
    }

    /// Prolongs a lease.
    ///
    /// # Errors
    /// [`LeaseError`]; nothing changed.
    pub fn lease_renew(&self, holder: Holder, now: Timestamp) -> Result<Grant, LeaseError> {
        let grant = self.work.write(|tx| {
            let task = task_in(tx, holder.task)?.ok_or(LeaseError::UnknownTask)?;
            let mut slots = slots_in(tx, &task)?;
            let grant = self.lease_renew_in(tx, &mut slots, holder, now)?;
            Ok::<_, LeaseError>(grant)
        })?;
        self.outbox_tell();
        Ok(grant)
    }

    /// Lets go of a slot: somebody else gets it.
    ///
    /// # Errors
    /// [`LeaseError`]; nothing changed.
    pub fn lease_release(&self, holder: Holder) -> Result<(), LeaseError> {
        self.work.write(|tx| {
            let task = task_in(tx, holder.task)?.ok_or(LeaseError::UnknownTask)?;
            let mut slots = slots_in(tx, &task)?;
            let ended = slots.release(holder.person, holder.fencing).map_err(LeaseError::Fencing)?;
            slots_save(tx, &slots)?;
            self.lease_told(
                tx,
                LeaseChange {
                    task: task.task,
                    person: ended.person,
                    role: ended.role,
                    slot: ended.slot,
                    state: LeaseChangeState::Released,
                },
            )?;
            Ok::<_, LeaseError>(())
        })?;
        self.outbox_tell();
        Ok(())
    }

    /// Moves a lease to the version of the instruction that is in force, and prolongs it. The work stays as it
    /// is; what the version does not know counts no more.
    ///
    /// # Errors
    /// [`VersionError`]; nothing changed.
    pub fn version_accept(&self, holder: Holder, version: u32, now: Timestamp) -> Result<Held, VersionError> {
        let held = self.work.write(|tx| {
            let task = task_in(tx, holder.task)?.ok_or(VersionError::UnknownTask)?;
            let mut slots = slots_in(tx, &task)?;
            let held = slots.check(holder.person, holder.fencing).map_err(VersionError::Fencing)?;
            let newest = match instruction_in(tx, task.project, task.instruction_version)? {
                Some(_) => task.instruction_version,
                None => held.lease.instruction_version,
            };
            if version != newest {
                return Err(VersionError::NotNewest { newest });
            }
            let moved = slots.follow_version(holder.person, holder.fencing, version);
            moved.map_err(VersionError::Fencing)?;
            match self.lease_renew_in(tx, &mut slots, holder, now) {
                Ok(_) => {}
                Err(LeaseError::UnknownTask) => return Err(VersionError::UnknownTask),
                Err(LeaseError::Fencing(refusal)) => return Err(VersionError::Fencing(refusal)),
                Err(LeaseError::Storage(error)) => return Err(VersionError::Storage(error)),
            }
            slots.check(holder.person, holder.fencing).map_err(VersionError::Fencing)
        })?;
        self.outbox_tell();
        Ok(held)
    }

    /// Tells of the leases that have run out, each once. Gives how many there were.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn leases_expire(&self, now: Timestamp) -> Result<usize, StorageError> {
        let ended = self.work.write(|tx| {
            let mut ended = 0;
            for (key, record) in load_all::<SlotsRecord>(tx, &[])? {
                let mut slots = record.read(TaskId::from_bytes(id_in_key(SlotsRecord::TABLE, &key, 0)?));
                let count = self.slots_expire(tx, &mut slots, now)?;
                if count > 0 {
                    slots_save(tx, &slots)?;
                }
                ended += count;
            }
            Ok::<_, StorageError>(ended)
        })?;
        self.outbox_tell();
        Ok(ended)
    }

    /// How much a person has done on the day of `now`, and what they hold.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn work_counts(&self, person: PersonId, now: Timestamp) -> Result<WorkCounts, StorageError> {
        let today = now.millis().div_euclid(DAY_MS);
        let mut counts = WorkCounts::default();
        for (key, record) in load_all::<SlotsRecord>(&self.work, &[])? {
            let slots = record.read(TaskId::from_bytes(id_in_key(SlotsRecord::TABLE, &key, 0)?));
            for slot in slots.slots.iter().chain([&slots.arbiter]) {
                match slot.occupancy {
                    Occupancy::Submitted { person: who, at, .. } if who == person => {
                        counts.submitted_today += u64::from(at.millis().div_euclid(DAY_MS) == today);
                    }
                    Occupancy::Leased(lease) if lease.person == person => counts.open += 1,
                    Occupancy::Free | Occupancy::Leased(_) | Occupancy::Submitted { .. } => {}
                }
            }
        }
        Ok(counts)
    }

    /// Prolongs a lease as part of a transaction, and tells of one that was taken up again.
    pub(super) fn lease_renew_in(
        &self,
        tx: &mut Tx<'_>,
        slots: &mut TaskSlots,
        holder: Holder,
        now: Timestamp,
    ) -> Result<Grant, LeaseError> {
        let grant = slots.renew(holder.person, holder.fencing, now).map_err(LeaseError::Fencing)?;
        slots_save(tx, slots)?;
        if grant.new {
            self.lease_granted(tx, &grant, holder.person)?;
        }
        Ok(grant)
    }

    pub(super) fn slots_expire(
        &self,
        tx: &mut Tx<'_>,
        slots: &mut TaskSlots,
        now: Timestamp,
    ) -> Result<usize, StorageError> {
        let ended = slots.expire(now);
        for lease in &ended {
            self.lease_told(
                tx,
                LeaseChange {
                    task: slots.task,
                    person: lease.person,
                    role: lease.role,
                    slot: lease.slot,
                    state: LeaseChangeState::Expired,
                },
            )?;
        }
        Ok(ended.len())
    }

    /// Tells of a lease that began.
    pub(super) fn lease_granted(
        &self,
        tx: &mut Tx<'_>,
        grant: &Grant,
        person: PersonId,
    ) -> Result<(), StorageError> {
        let Grant { task, role, slot, .. } = *grant;
        self.lease_told(tx, LeaseChange { task, person, role, slot, state: LeaseChangeState::Granted })
    }

    fn lease_told(&self, tx: &mut Tx<'_>, change: LeaseChange) -> Result<(), StorageError> {
        if let Some(bytes) = self.messages().lease(change) {
            outbox_put(tx, bytes)?;
        }
        Ok(())
    }
}
