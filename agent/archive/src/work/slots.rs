//! The stored form of a task's slots.

use agent_work::{Lease, Occupancy, SlotState, TaskSlots};
use proto_ids::{PersonId, SubmissionId, TaskId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::ground::{WorkRecord, work_key};
use crate::StorageError;
use crate::record::{IdBytes, Record, Rows, load, save};
use crate::worklist::TaskCopy;

/// `slots`: task → its slots.
#[derive(Serialize, Deserialize)]
pub(crate) struct SlotsRecord {
    slots: Vec<SlotRecord>,
    skipped_by: Vec<IdBytes>,
    /// None in older stores.
    #[serde(default)]
    arbiter: Option<SlotRecord>,
    #[serde(default)]
    blinded: Vec<IdBytes>,
    #[serde(default)]
    arbitrated_by: Vec<IdBytes>,
}

impl Record for SlotsRecord {
    const TABLE: &'static str = "slots";
}

#[derive(Serialize, Deserialize)]
struct SlotRecord {
    last_fencing: u64,
    occupancy: OccupancyRecord,
}

#[derive(Serialize, Deserialize)]
enum OccupancyRecord {
    Free,
    Leased {
        person: IdBytes,
        fencing: u64,
        granted_at: i64,
        expires_at: i64,
        lapsed: bool,
        /// 0 in older stores.
        #[serde(default)]
        instruction_version: u32,
    },
    Submitted {
        person: IdBytes,
        submission: IdBytes,
        at: i64,
    },
}

/// The slots of a task, as they were left or untouched.
pub(super) fn slots_in(rows: &impl Rows, order: &TaskCopy) -> Result<TaskSlots, StorageError> {
    let record = load::<SlotsRecord>(rows, order.task.bytes())?;
    let mut slots =
        record.map_or_else(|| TaskSlots::new(order.task, order.overlap), |record| record.read(order.task));
    slots.arbitration = order.arbitration;
    for place in slots.slots.iter_mut().chain([&mut slots.arbiter]) {
        if let Occupancy::Leased(lease) = &mut place.occupancy
            && lease.instruction_version == 0
        {
            // An older store kept the version with the work, once it was begun.
            let begun = load::<WorkRecord>(rows, &work_key(order.task, lease.person))?;
            lease.instruction_version =
                begun.map_or(order.instruction_version, |work| work.instruction_version);
        }
    }
    Ok(slots)
}

pub(super) fn slots_save(tx: &mut Tx<'_>, slots: &TaskSlots) -> Result<(), StorageError> {
    save(tx, slots.task.bytes(), &SlotsRecord::of(slots))
}

/// Follows an order that gives a task another number of slots.
pub(crate) fn slots_follow_order(tx: &mut Tx<'_>, task: &TaskCopy) -> Result<(), StorageError> {
    let Some(record) = load::<SlotsRecord>(tx, task.task.bytes())? else { return Ok(()) };
    let mut slots = record.read(task.task);
    slots.set_overlap(task.overlap);
    slots_save(tx, &slots)
}

fn id(bytes: &[u8; 16]) -> IdBytes {
    ByteArray::new(*bytes)
}

impl SlotsRecord {
    fn of(slots: &TaskSlots) -> Self {
        let people = |people: &std::collections::BTreeSet<PersonId>| {
            people.iter().map(|person| id(person.bytes())).collect()
        };
        Self {
            slots: slots.slots.iter().map(SlotRecord::of).collect(),
            skipped_by: people(&slots.skipped_by),
            arbiter: Some(SlotRecord::of(&slots.arbiter)),
            blinded: slots.blinded.iter().map(|submission| id(submission.bytes())).collect(),
            arbitrated_by: people(&slots.arbitrated_by),
        }
    }

    pub(super) fn read(self, task: TaskId) -> TaskSlots {
        let people = |ids: &[IdBytes]| ids.iter().map(|bytes| PersonId::from_bytes(**bytes)).collect();
        TaskSlots {
            task,
            slots: self.slots.into_iter().map(SlotRecord::read).collect(),
            arbiter: self.arbiter.map_or(TaskSlots::arbiter_untouched(), SlotRecord::read),
            arbitration: false,
            blinded: self.blinded.iter().map(|bytes| SubmissionId::from_bytes(**bytes)).collect(),
            arbitrated_by: people(&self.arbitrated_by),
            skipped_by: people(&self.skipped_by),
        }
    }
}

impl SlotRecord {
    fn of(slot: &SlotState) -> Self {
        let occupancy = match slot.occupancy {
            Occupancy::Free => OccupancyRecord::Free,
            Occupancy::Leased(lease) => OccupancyRecord::Leased {
                person: id(lease.person.bytes()),
                fencing: lease.fencing,
                granted_at: lease.granted_at.millis(),
                expires_at: lease.expires_at.millis(),
                lapsed: lease.lapsed,
                instruction_version: lease.instruction_version,
            },
            Occupancy::Submitted { person, submission, at } => OccupancyRecord::Submitted {
                person: id(person.bytes()),
                submission: id(submission.bytes()),
                at: at.millis(),
            },
        };
        Self { last_fencing: slot.last_fencing, occupancy }
    }

    fn read(self) -> SlotState {
        let occupancy = match self.occupancy {
            OccupancyRecord::Free => Occupancy::Free,
            OccupancyRecord::Leased {
                person,
                fencing,
                granted_at,
                expires_at,
                lapsed,
                instruction_version,
            } => Occupancy::Leased(Lease {
                person: PersonId::from_bytes(*person),
                fencing,
                granted_at: Timestamp::from_millis(granted_at),
                expires_at: Timestamp::from_millis(expires_at),
                lapsed,
                instruction_version,
            }),
            OccupancyRecord::Submitted { person, submission, at } => Occupancy::Submitted {
                person: PersonId::from_bytes(*person),
                submission: SubmissionId::from_bytes(*submission),
                at: Timestamp::from_millis(at),
            },
        };
        SlotState { last_fencing: self.last_fencing, occupancy }
    }
}

#[cfg(test)]
mod tests {
    use agent_work::Role;

    use super::*;
    use crate::record::without;

    #[test]
    fn slots_of_an_older_store_have_an_arbiters_place_that_nobody_had() {
        let (task, now) = (TaskId::from_bytes([1; 16]), Timestamp::from_millis(1));
        let person = PersonId::from_bytes([2; 16]);
        let mut slots = TaskSlots::new(task, 2);
        slots.grant(person, Role::Annotator, 3, now).unwrap();
        let record = SlotsRecord::of(&slots);
        let new = ["arbiter", "blinded", "arbitrated_by", "instruction_version"];
        let older = without(&record, &new).read(task);
        assert_eq!(older.arbiter, TaskSlots::arbiter_untouched());
        assert_eq!(older.lease_of(person).map(|held| held.lease.instruction_version), Some(0));
        assert_eq!(record.read(task), slots);
    }
}
