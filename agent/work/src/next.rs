//! Which task an annotator gets next.

use proto_ids::{PersonId, TaskId, Timestamp};

use crate::TaskSlots;

/// A task that the person may work on: in force, of their project, its asset at this site.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub slots: &'a TaskSlots,
    /// Place of the order in the worklist; smaller is older.
    pub ordered: u64,
}

/// The task that `person` gets: the one they hold, then one they left unfinished, then the one
/// with the fewest free slots, so that tasks are completed, then the oldest. Tasks they skipped
/// come last. None when no task has a slot for them.
pub fn next_task<'a>(
    candidates: impl IntoIterator<Item = Candidate<'a>>,
    person: PersonId,
    now: Timestamp,
) -> Option<TaskId> {
    candidates
        .into_iter()
        .filter_map(|candidate| rank(&candidate, person, now).map(|rank| (rank, candidate.slots.task)))
        .min()
        .map(|(_, task)| task)
}

fn rank(candidate: &Candidate<'_>, person: PersonId, now: Timestamp) -> Option<(u8, usize, u64)> {
    let slots = candidate.slots;
    if slots.submitted_by(person) {
        return None;
    }
    let free = slots.free(now);
    let group = match slots.lease_of(person) {
        Some((_, lease)) if lease.live(now) => 0,
        Some(_) => 1,
        None if free == 0 => return None,
        None if slots.skipped_by.contains(&person) => 3,
        None => 2,
    };
    Some((group, free, candidate.ordered))
}
