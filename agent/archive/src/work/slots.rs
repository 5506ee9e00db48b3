//! The stored form of a task's slots.

use agent_work::{Lease, Occupancy, SlotState, TaskSlots};
use proto_ids::{PersonId, SubmissionId, TaskId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use crate::StorageError;
use crate::record::{IdBytes, Record, Rows, load, save};
use crate::worklist::TaskCopy;

/// `slots`: task → its slots.
#[derive(Serialize, Deserialize)]
pub(crate) struct SlotsRecord {
    slots: Vec<SlotRecord>,
    skipped_by: Vec<IdBytes>,
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
    Leased { person: IdBytes, fencing: u64, granted_at: i64, expires_at: i64, lapsed: bool },
    Submitted { person: IdBytes, submission: IdBytes, at: i64 },
}

/// The slots of a task, as they were left or untouched.
pub(super) fn slots_in(rows: &impl Rows, task: TaskId, overlap: u32) -> Result<TaskSlots, StorageError> {
    let record = load::<SlotsRecord>(rows, task.bytes())?;
    Ok(record.map_or_else(|| TaskSlots::new(task, overlap), |record| record.read(task)))
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

impl SlotsRecord {
    fn of(slots: &TaskSlots) -> Self {
        let id = |bytes: &[u8; 16]| ByteArray::new(*bytes);
        let slot = |slot: &SlotState| SlotRecord {
            last_fencing: slot.last_fencing,
            occupancy: match slot.occupancy {
                Occupancy::Free => OccupancyRecord::Free,
                Occupancy::Leased(lease) => OccupancyRecord::Leased {
                    person: id(lease.person.bytes()),
                    fencing: lease.fencing,
                    granted_at: lease.granted_at.millis(),
                    expires_at: lease.expires_at.millis(),
                    lapsed: lease.lapsed,
                },
                Occupancy::Submitted { person, submission, at } => OccupancyRecord::Submitted {
                    person: id(person.bytes()),
                    submission: id(submission.bytes()),
                    at: at.millis(),
                },
            },
        };
        Self {
            slots: slots.slots.iter().map(slot).collect(),
            skipped_by: slots.skipped_by.iter().map(|person| id(person.bytes())).collect(),
        }
    }

    pub(super) fn read(self, task: TaskId) -> TaskSlots {
        let slot = |record: SlotRecord| SlotState {
            last_fencing: record.last_fencing,
            occupancy: match record.occupancy {
                OccupancyRecord::Free => Occupancy::Free,
                OccupancyRecord::Leased { person, fencing, granted_at, expires_at, lapsed } => {
                    Occupancy::Leased(Lease {
                        person: PersonId::from_bytes(*person),
                        fencing,
                        granted_at: Timestamp::from_millis(granted_at),
                        expires_at: Timestamp::from_millis(expires_at),
                        lapsed,
                    })
                }
                OccupancyRecord::Submitted { person, submission, at } => Occupancy::Submitted {
                    person: PersonId::from_bytes(*person),
                    submission: SubmissionId::from_bytes(*submission),
                    at: Timestamp::from_millis(at),
                },
            },
        };
        TaskSlots {
            task,
            slots: self.slots.into_iter().map(slot).collect(),
            skipped_by: self.skipped_by.iter().map(|bytes| PersonId::from_bytes(**bytes)).collect(),
        }
    }
}
