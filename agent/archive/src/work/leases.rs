//! Giving slots out and taking them back. Each change and its message are one transaction.

use std::collections::BTreeSet;

use agent_work::{Candidate, FencingRefusal, Grant, Lease, Occupancy, TaskSlots, next_task};
use proto_ids::{PersonId, ProjectId, TaskId, Timestamp};
use proto_journal::Tx;

use super::Holder;
use super::slots::{SlotsRecord, slots_in, slots_save};
use crate::messages::{LeaseChange, LeaseChangeState};
use crate::outbox::outbox_put;
use crate::people::{PersonState, person_in};
use crate::record::{Record, Rows, id_in_key, load, load_all};
use crate::worklist::{TaskCopy, instruction_key, projects_in, task_in, tasks_in};
use crate::{Archive, StorageError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A slot that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldLease {
    /// From 0.
    pub slot: u32,
    /// May have run out; see [`Lease::live`].
    pub lease: Lease,
}

/// How much a person has done and has open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WorkCounts {
    /// Handed in on the day of the question, UTC.
    pub submitted_today: u64,
    /// Slots held, also those whose lease ran out and that were not given on.
    pub open: u64,
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
    /// Gives a person the slot that they hold, or the next one there is for them.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn task_next(&self, person: PersonId, now: Timestamp) -> Result<Option<Grant>, StorageError> {
        let grant = self.work.write(|tx| {
            let tasks = tasks_for(tx, person)?;
            let mut slots = Vec::with_capacity(tasks.len());
            for (task, ordered) in &tasks {
                slots.push((slots_in(tx, task.task, task.overlap)?, *ordered));
            }
            let candidates = slots.iter().map(|(slots, ordered)| Candidate { slots, ordered: *ordered });
            let Some(task) = next_task(candidates, person, now) else { return Ok::<_, StorageError>(None) };
            let chosen = slots.into_iter().map(|(slots, _)| slots).find(|slots| slots.task == task);
            let Some(mut slots) = chosen else { return Ok(None) };
            self.slots_expire(tx, &mut slots, now)?;
            // The choice was made on the very same slots, so a refusal means that there is nothing to give.
            let Ok(grant) = slots.grant(person, now) else { return Ok(None) };
            if grant.new {
                slots_save(tx, &slots)?;
                self.lease_told(
                    tx,
                    LeaseChange { task, person, slot: grant.slot, state: LeaseChangeState::Granted },
                )?;
            }
            Ok(Some(grant))
        })?;
        self.outbox_tell();
        Ok(grant)
    }

    /// The slot of a task that a person holds; its lease may have run out.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lease(&self, task: TaskId, person: PersonId) -> Result<Option<HeldLease>, StorageError> {
        let Some(record) = load::<SlotsRecord>(&self.work, task.bytes())? else { return Ok(None) };
        Ok(record.read(task).lease_of(person).map(|(slot, lease)| HeldLease { slot, lease }))
    }

    /// The slots of a task; none when the site has no such task.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn task_slots(&self, task: TaskId) -> Result<Option<TaskSlots>, StorageError> {
        match task_in(&self.work, task)? {
            Some(task) => slots_in(&self.work, task.task, task.overlap).map(Some),
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
            let mut slots = slots_in(tx, task.task, task.overlap)?;
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
            let mut slots = slots_in(tx, task.task, task.overlap)?;
            let ended = slots.release(holder.person, holder.fencing).map_err(LeaseError::Fencing)?;
            slots_save(tx, &slots)?;
            self.lease_told(
                tx,
                LeaseChange {
                    task: task.task,
                    person: ended.person,
                    slot: ended.slot,
                    state: LeaseChangeState::Released,
                },
            )?;
            Ok::<_, LeaseError>(())
        })?;
        self.outbox_tell();
        Ok(())
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
            for slot in &slots.slots {
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
            self.lease_told(
                tx,
                LeaseChange {
                    task: grant.task,
                    person: holder.person,
                    slot: grant.slot,
                    state: LeaseChangeState::Granted,
                },
            )?;
        }
        Ok(grant)
    }

    fn slots_expire(
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
                    slot: lease.slot,
                    state: LeaseChangeState::Expired,
                },
            )?;
        }
        Ok(ended.len())
    }

    fn lease_told(&self, tx: &mut Tx<'_>, change: LeaseChange) -> Result<(), StorageError> {
        if let Some(bytes) = self.messages().lease(change) {
            outbox_put(tx, bytes)?;
        }
        Ok(())
    }
}

/// The tasks that a person may work on: in force, of their projects, with asset and instruction at the site.
fn tasks_for(rows: &impl Rows, person: PersonId) -> Result<Vec<(TaskCopy, u64)>, StorageError> {
    let active = person_in(rows, person)?.is_some_and(|row| row.state == PersonState::Active);
    if !active {
        return Ok(Vec::new());
    }
    let open = projects_in(rows)?.into_iter();
    let projects: BTreeSet<ProjectId> = open
        .filter(|project| !project.closed && project.annotators.contains(&person))
        .map(|project| project.project)
        .collect();
    let mut found = Vec::new();
    for (task, ordered) in tasks_in(rows)? {
        let wanted = projects.contains(&task.project) && !task.withdrawn;
        if wanted
            && rows.row("asset", task.asset.bytes())?.is_some()
            && rows.row("instruction", &instruction_key(task.project, task.instruction_version))?.is_some()
        {
            found.push((task, ordered));
        }
    }
    Ok(found)
}
