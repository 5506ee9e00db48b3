//! The time that work takes: what the viewer tells of it, folded for each lease.

use agent_work::{Span, Spans};
use proto_ids::{PersonId, TaskId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};

use super::Holder;
use super::ground::work_key;
use super::leases::LeaseError;
use super::slots::slots_in;
use crate::record::{Record, Rows, joined, load, save};
use crate::worklist::task_in;
use crate::{Archive, StorageError};

/// `time`: task, person and fencing number → stretches of doing and of looking, from and to a millisecond.
#[derive(Serialize, Deserialize)]
pub(super) struct TimeRecord {
    active: Vec<(i64, i64)>,
    reading: Vec<(i64, i64)>,
}

impl Record for TimeRecord {
    const TABLE: &'static str = "time";
}

impl Archive {
    /// Keeps what somebody did under their lease. Sending a span again does no harm.
    ///
    /// # Errors
    /// [`LeaseError`]; nothing was kept.
    pub fn time_add(&self, holder: Holder, spans: &[Span], now: Timestamp) -> Result<(), LeaseError> {
        self.work.write(|tx| {
            let task = task_in(tx, holder.task)?.ok_or(LeaseError::UnknownTask)?;
            let slots = slots_in(tx, &task)?;
            let held = slots.check(holder.person, holder.fencing).map_err(LeaseError::Fencing)?;
            let before = spans_in(tx, holder)?;
            let mut after = before.clone();
            after.add(spans, held.lease.granted_at, now);
            if after != before {
                save(tx, &time_key(holder), &TimeRecord::of(&after))?;
            }
            Ok(())
        })
    }
}

/// What was kept for a lease.
pub(super) fn spans_in(rows: &impl Rows, holder: Holder) -> Result<Spans, StorageError> {
    let record = load::<TimeRecord>(rows, &time_key(holder))?;
    Ok(record.map_or_else(Spans::new, TimeRecord::read))
}

/// Removes what was kept for the leases of a person on a task.
pub(super) fn spans_remove(tx: &mut Tx<'_>, task: TaskId, person: PersonId) -> Result<(), StorageError> {
    for (key, _) in tx.rows(TimeRecord::TABLE, &work_key(task, person))? {
        tx.delete(TimeRecord::TABLE, &key);
    }
    Ok(())
}

fn time_key(holder: Holder) -> Vec<u8> {
    joined(&work_key(holder.task, holder.person), &holder.fencing.to_be_bytes())
}

impl TimeRecord {
    fn of(spans: &Spans) -> Self {
        let stretches = |stretches: &[(Timestamp, Timestamp)]| {
            stretches.iter().map(|(began, ended)| (began.millis(), ended.millis())).collect()
        };
        Self { active: stretches(spans.active()), reading: stretches(spans.reading()) }
    }

    fn read(self) -> Spans {
        let stretches = |stretches: Vec<(i64, i64)>| {
            let stretch = |(began, ended)| (Timestamp::from_millis(began), Timestamp::from_millis(ended));
            stretches.into_iter().map(stretch).collect()
        };
        Spans::from_stretches(stretches(self.active), stretches(self.reading))
    }
}
