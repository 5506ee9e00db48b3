//! Messages that wait to be sent, numbered in the transaction that makes them, and those that were refused.
//!
//! The bytes hold no sequence number; whoever sends adds it. Nothing in them is PHI. Does not send.

use proto_ids::Timestamp;
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::record::{Record, Rows, load, load_all, remove, save};
use crate::{Archive, StorageError};

/// A message that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// From 1, one more for each message, never used again.
    pub sequence: u64,
    pub bytes: Vec<u8>,
}

/// A message that the control plane refused, kept for hospital IT to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelvedRow {
    pub sequence: u64,
    pub bytes: Vec<u8>,
    /// The refusal's code in the schema.
    pub reason: u32,
    /// The field of the schema that was refused.
    pub field: String,
    pub shelved_at: Timestamp,
}

/// How many messages there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxCounts {
    pub waiting: u64,
    pub shelved: u64,
}

/// Waiting messages are raw bytes behind a version byte: the sender reads many of them.
const WAITING: &str = "outbox";
const WAITING_VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct LastSequence {
    sequence: u64,
}

impl Record for LastSequence {
    const TABLE: &'static str = "outbox_last";
}

#[derive(Serialize, Deserialize)]
struct DoneMark {
    up_to: u64,
}

impl Record for DoneMark {
    const TABLE: &'static str = "outbox_done";
}

#[derive(Serialize, Deserialize)]
struct ShelvedRecord {
    bytes: ByteBuf,
    reason: u32,
    field: String,
    shelved_at: i64,
}

impl Record for ShelvedRecord {
    const TABLE: &'static str = "shelf";
}

/// Numbers a message and puts it into the outbox as part of a transaction.
pub(crate) fn outbox_put(tx: &mut Tx<'_>, bytes: Vec<u8>) -> Result<u64, StorageError> {
    let last = load::<LastSequence>(tx, &[])?.map_or(0, |last| last.sequence);
    let sequence = last + 1;
    save(tx, &[], &LastSequence { sequence })?;
    let mut value = vec![WAITING_VERSION];
    value.extend_from_slice(&bytes);
    tx.put(WAITING, &sequence.to_be_bytes(), value);
    Ok(sequence)
}

impl Archive {
    /// Puts a message into the outbox and gives its number.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn outbox_push(&self, bytes: Vec<u8>) -> Result<u64, StorageError> {
        let sequence = self.work.write(|tx| outbox_put(tx, bytes))?;
        self.outbox_tell();
        Ok(sequence)
    }

    /// At most `limit` messages with a number above `after`, in order; those that are dealt with too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_peek(&self, after: u64, limit: usize) -> Result<Vec<OutboxRow>, StorageError> {
        let malformed = || StorageError::Record { table: WAITING };
        let from = after.saturating_add(1).to_be_bytes();
        let rows = self.work.scan_range(WAITING, &from, limit)?;
        // A message can be read an instant before it is durable; what is not durable must not be sent.
        self.work.write(|_| Ok::<_, StorageError>(()))?;
        rows.into_iter()
            .map(|(key, row)| match row.value.split_first() {
                Some((&WAITING_VERSION, bytes)) => {
                    Ok(OutboxRow { sequence: sequence_of(WAITING, &key)?, bytes: bytes.to_vec() })
                }
                Some(_) | None => Err(malformed()),
            })
            .collect()
    }

    /// The messages up to and with this number are dealt with. They are kept, since a control plane that was
    /// restored from a backup asks for them again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn outbox_done(&self, up_to: u64) -> Result<(), StorageError> {
        self.work.write(|tx| {
            let last = load::<LastSequence>(tx, &[])?.map_or(0, |last| last.sequence);
            let done = load::<DoneMark>(tx, &[])?.map_or(0, |done| done.up_to);
            let up_to = up_to.min(last);
            if up_to > done { save(tx, &[], &DoneMark { up_to }) } else { Ok(()) }
        })
    }

    /// The highest number that is dealt with; 0 before the first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_done_up_to(&self) -> Result<u64, StorageError> {
        Ok(load::<DoneMark>(&self.work, &[])?.map_or(0, |done| done.up_to))
    }

    /// Puts a refused message on the shelf, so that it is not sent for ever. Gives false when it does not wait.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn outbox_shelve(&self, sequence: u64, reason: u32, field: &str) -> Result<bool, StorageError> {
        let shelved_at = self.clock.now().millis();
        self.work.write(|tx| {
            let key = sequence.to_be_bytes();
            let Some(row) = tx.row(WAITING, &key)? else { return Ok::<_, StorageError>(false) };
            let bytes = ByteBuf::from(row.value.get(1..).unwrap_or_default());
            let field = field.chars().take(200).collect();
            save(tx, &key, &ShelvedRecord { bytes, reason, field, shelved_at })?;
            tx.delete(WAITING, &key);
            Ok(true)
        })
    }

    /// The refused messages, in the order of their numbers.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_shelved(&self) -> Result<Vec<ShelvedRow>, StorageError> {
        let rows = load_all::<ShelvedRecord>(&self.work, &[])?;
        rows.into_iter()
            .map(|(key, record)| {
                Ok(ShelvedRow {
                    sequence: sequence_of(ShelvedRecord::TABLE, &key)?,
                    bytes: record.bytes.into_vec(),
                    reason: record.reason,
                    field: record.field,
                    shelved_at: Timestamp::from_millis(record.shelved_at),
                })
            })
            .collect()
    }

    /// How many messages wait and how many are on the shelf.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_counts(&self) -> Result<OutboxCounts, StorageError> {
        let done = self.outbox_done_up_to()?;
        let shelved = self.work.rows(ShelvedRecord::TABLE, &[])?;
        let mut shelved_ahead = 0;
        for (key, _) in &shelved {
            shelved_ahead += u64::from(sequence_of(ShelvedRecord::TABLE, key)? > done);
        }
        let waiting = self.outbox_last()?.saturating_sub(done).saturating_sub(shelved_ahead);
        Ok(OutboxCounts { waiting, shelved: shelved.len() as u64 })
    }

    /// The highest number that was ever given; 0 before the first message.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox_last(&self) -> Result<u64, StorageError> {
        Ok(load::<LastSequence>(&self.work, &[])?.map_or(0, |last| last.sequence))
    }

    /// Takes a message off the shelf for good. Gives false when it is not there.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn outbox_unshelve(&self, sequence: u64) -> Result<bool, StorageError> {
        self.work.write(|tx| {
            let key = sequence.to_be_bytes();
            let there = load::<ShelvedRecord>(tx, &key)?.is_some();
            remove::<ShelvedRecord>(tx, &key);
            Ok(there)
        })
    }
}

/// A number out of a key of eight bytes.
pub(crate) fn sequence_of(table: &'static str, key: &[u8]) -> Result<u64, StorageError> {
    key.try_into().map(u64::from_be_bytes).map_err(|_| StorageError::Record { table })
}
