//! The ledger's head, written down in the audit trail as well, so that a ledger whose end was cut off, or
//! that was written anew, can be told from the one that was kept.

use std::sync::{Mutex, MutexGuard, PoisonError};

use proto_ids::Timestamp;
use proto_journal::Head;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::LastEntry;
use crate::outbox::sequence_of;
use crate::record::{Record, decode, load, save};
use crate::{Archive, StorageError};

/// An anchor is due after so many lines,
const EVERY_LINES: u64 = 1000;
/// or after so long, whichever comes first.
const EVERY_MS: i64 = 10 * 60 * 1000;

/// What the ledger's head was at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerAnchor {
    /// Number and chain value of the ledger's last record.
    pub head: Head,
    /// The last line in it.
    pub line: u64,
    pub at: Timestamp,
}

/// A row of the audit trail's journal; its key is the number of the record.
#[derive(Serialize, Deserialize)]
pub(super) struct AnchorRecord {
    at: i64,
    line: u64,
    link: ByteArray<32>,
}

impl Record for AnchorRecord {
    const TABLE: &'static str = "ledger_anchor";
}

/// Which anchor is the newest.
#[derive(Serialize, Deserialize)]
struct NewestAnchor {
    record: u64,
}

impl Record for NewestAnchor {
    const TABLE: &'static str = "ledger_anchor_newest";
}

/// Up to where the ledger was anchored since the store was opened; nothing before the first time.
#[derive(Debug, Default)]
pub(crate) struct Anchoring(Mutex<Option<(u64, Timestamp)>>);

impl Anchoring {
    fn locked(&self) -> MutexGuard<'_, Option<(u64, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn read_anchor(key: &[u8], value: &[u8]) -> Result<LedgerAnchor, StorageError> {
    let AnchorRecord { at, line, link } = decode::<AnchorRecord>(value)?;
    let head = Head { sequence: sequence_of(AnchorRecord::TABLE, key)?, link: *link };
    Ok(LedgerAnchor { head, line, at: Timestamp::from_millis(at) })
}

impl Archive {
    /// Writes the ledger's head into the audit trail, unless it stands there. None while the ledger is empty.
    ///
    /// # Errors
    /// When the ledger or the audit trail cannot be written.
    pub fn ledger_anchor(&self) -> Result<Option<LedgerAnchor>, StorageError> {
        let at = self.clock.now();
        // Nobody writes meanwhile, and what was read is durable when this returns: a loss of power must not
        // take a record away that is anchored.
        let (line, head) = self.ledger.write(|tx| {
            let line = load::<LastEntry>(tx, &[])?.map_or(0, |last| last.sequence);
            Ok::<_, StorageError>((line, self.ledger.head()))
        })?;
        if head.sequence == 0 {
            return Ok(None);
        }
        self.audit.write(|tx| {
            let key = head.sequence.to_be_bytes();
            if load::<AnchorRecord>(tx, &key)?.is_none_or(|known| *known.link != head.link) {
                save(tx, &key, &AnchorRecord { at: at.millis(), line, link: ByteArray::new(head.link) })?;
                save(tx, &[], &NewestAnchor { record: head.sequence })?;
            }
            Ok::<_, StorageError>(())
        })?;
        *self.anchoring.locked() = Some((line, at));
        Ok(Some(LedgerAnchor { head, line, at }))
    }

    /// The newest anchor, if there is any.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ledger_anchored(&self) -> Result<Option<LedgerAnchor>, StorageError> {
        let Some(newest) = load::<NewestAnchor>(&self.audit, &[])? else { return Ok(None) };
        let key = newest.record.to_be_bytes();
        let row = self.audit.get(AnchorRecord::TABLE, &key)?;
        row.map(|row| read_anchor(&key, &row.value)).transpose()
    }

    /// Before the first line that is written since the store was opened: what was found then.
    pub(super) fn ledger_anchor_first(&self, now: Timestamp) {
        let known = *self.anchoring.locked();
        if known.is_none() {
            *self.anchoring.locked() = Some((0, now));
            self.anchor_or_tell();
        }
    }

    pub(super) fn ledger_anchor_when_due(&self, last: u64, now: Timestamp) {
        let due = self.anchoring.locked().is_none_or(|(line, at)| {
            last.saturating_sub(line) >= EVERY_LINES || now.millis_since(at).abs() >= EVERY_MS
        });
        if due {
            self.anchor_or_tell();
        }
    }

    /// The lines themselves are safe, so a missing anchor stops nothing; the next one covers them as well.
    fn anchor_or_tell(&self) {
        if let Err(error) = self.ledger_anchor() {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the ledger's head cannot be anchored in the audit trail");
        }
    }
}
