//! The egress ledger: every message that left the site, written and synced before it was sent.
//!
//! Append-only, in a journal of its own whose hash chain covers each byte. A cut-off end breaks no chain, so
//! the head is anchored in the audit trail (`anchor.rs`); `verify.rs` compares both and needs no running
//! program and no key. Does not send, and does not judge what may leave.

mod anchor;
mod verify;

use proto_ids::Timestamp;
use proto_journal::Head;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use crate::outbox::sequence_of;
use crate::record::{Record, decode, load, save};
use crate::{Archive, StorageError};

pub(crate) use anchor::Anchoring;
pub use anchor::LedgerAnchor;
pub(crate) use verify::Files;
pub use verify::{LedgerFinding, LedgerVerified, ledger_lines, read_ledger, verify_ledger};

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It left the site.
    Sent,
    /// The control plane's receipt for what left.
    Receipt,
}

/// What kind of message it is. A closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    Asset,
    Lease,
    Submission,
    Pattern,
    Shapes,
    Consensus,
    Recheck,
    Model,
    Preannotation,
    Gold,
    Person,
    Health,
    /// A placeholder for a number whose message is on the shelf.
    Empty,
    Receipt,
    /// Opens an enrolment or a re-join.
    Begin,
    /// Proves the join secret and asks for a certificate.
    Enrol,
    /// Proves the identity key and asks for a certificate.
    Rejoin,
    /// Asks for the next certificate.
    Renew,
    /// The question for the worklist.
    Follow,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Asset,
        Self::Lease,
        Self::Submission,
        Self::Pattern,
        Self::Shapes,
        Self::Consensus,
        Self::Recheck,
        Self::Model,
        Self::Preannotation,
        Self::Gold,
        Self::Person,
        Self::Health,
        Self::Empty,
        Self::Receipt,
        Self::Begin,
        Self::Enrol,
        Self::Rejoin,
        Self::Renew,
        Self::Follow,
    ];

    /// The name in the schema, in the ledger and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Lease => "lease",
            Self::Submission => "submission",
            Self::Pattern => "pattern",
            Self::Shapes => "shapes",
            Self::Consensus => "consensus",
            Self::Recheck => "recheck",
            Self::Model => "model",
            Self::Preannotation => "preannotation",
            Self::Gold => "gold",
            Self::Person => "person",
            Self::Health => "health",
            Self::Empty => "empty",
            Self::Receipt => "receipt",
            Self::Begin => "begin",
            Self::Enrol => "enrol",
            Self::Rejoin => "rejoin",
            Self::Renew => "renew",
            Self::Follow => "follow",
        }
    }

    /// The kind with this name, if there is one.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A message to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLedgerEntry {
    pub direction: Direction,
    pub kind: MessageKind,
    /// The number of the message in the outbox, 0 where it has none; for a receipt the highest number it covers.
    pub outbox_sequence: u64,
    /// The canonical bytes, exactly as they go onto the wire.
    pub bytes: Vec<u8>,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// From 1, without gaps.
    pub sequence: u64,
    pub at: Timestamp,
    pub direction: Direction,
    pub kind: MessageKind,
    pub outbox_sequence: u64,
    pub bytes: Vec<u8>,
    pub sha256: [u8; 32],
}

#[derive(Serialize, Deserialize)]
struct EntryRecord {
    at: i64,
    direction: u8,
    kind: String,
    outbox_sequence: u64,
    bytes: ByteBuf,
    sha256: ByteArray<32>,
}

impl Record for EntryRecord {
    const TABLE: &'static str = "entry";
}

#[derive(Serialize, Deserialize)]
struct LastEntry {
    sequence: u64,
}

impl Record for LastEntry {
    const TABLE: &'static str = "entry_last";
}

impl Archive {
    /// Writes messages down. They are durable when this returns, and only then may they be sent.
    /// Gives the number of the last line. Lines of several callers share a sync.
    ///
    /// # Errors
    /// When the ledger cannot be written; then nothing may be sent.
    pub fn ledger_append(&self, entries: Vec<NewLedgerEntry>) -> Result<u64, StorageError> {
        let now = self.clock.now();
        self.ledger_anchor_first(now);
        let last = self.ledger_write(entries, now.millis())?;
        self.ledger_anchor_when_due(last, now);
        Ok(last)
    }

    fn ledger_write(&self, entries: Vec<NewLedgerEntry>, at: i64) -> Result<u64, StorageError> {
        self.ledger.write(|tx| {
            let mut sequence = load::<LastEntry>(tx, &[])?.map_or(0, |last| last.sequence);
            for entry in entries {
                sequence += 1;
                let mut sha256 = [0; 32];
                sha256.copy_from_slice(digest(&SHA256, &entry.bytes).as_ref());
                let record = EntryRecord {
                    at,
                    direction: direction_code(entry.direction),
                    kind: entry.kind.code().to_owned(),
                    outbox_sequence: entry.outbox_sequence,
                    bytes: ByteBuf::from(entry.bytes),
                    sha256: ByteArray::new(sha256),
                };
                save(tx, &sequence.to_be_bytes(), &record)?;
            }
            save(tx, &[], &LastEntry { sequence })?;
            Ok(sequence)
        })
    }

    /// At most `limit` lines with a number above `after`, in order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ledger_list(&self, after: u64, limit: usize) -> Result<Vec<LedgerEntry>, StorageError> {
        let from = after.saturating_add(1).to_be_bytes();
        let rows = self.ledger.scan_range(EntryRecord::TABLE, &from, limit)?;
        rows.into_iter()
            .map(|(key, row)| decode::<EntryRecord>(&row.value)?.read(sequence_of(EntryRecord::TABLE, &key)?))
            .collect()
    }

    /// One line; none when there is no such number.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ledger_show(&self, sequence: u64) -> Result<Option<LedgerEntry>, StorageError> {
        let record = load::<EntryRecord>(&self.ledger, &sequence.to_be_bytes())?;
        record.map(|record| record.read(sequence)).transpose()
    }

    /// The number of the newest line; 0 for an empty ledger. Several lines may be one record of the
    /// journal, so this is not the number of the head.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn ledger_last(&self) -> Result<u64, StorageError> {
        Ok(load::<LastEntry>(&self.ledger, &[])?.map_or(0, |last| last.sequence))
    }

    /// Number and chain value of the ledger's last record: what is anchored elsewhere.
    pub fn ledger_head(&self) -> Head {
        self.ledger.head()
    }
}

const fn direction_code(direction: Direction) -> u8 {
    match direction {
        Direction::Sent => 0,
        Direction::Receipt => 1,
    }
}

impl EntryRecord {
    fn read(self, sequence: u64) -> Result<LedgerEntry, StorageError> {
        let malformed = || StorageError::Record { table: Self::TABLE };
        let direction = match self.direction {
            0 => Direction::Sent,
            1 => Direction::Receipt,
            _ => return Err(malformed()),
        };
        Ok(LedgerEntry {
            sequence,
            at: Timestamp::from_millis(self.at),
            direction,
            kind: MessageKind::from_code(&self.kind).ok_or_else(malformed)?,
            outbox_sequence: self.outbox_sequence,
            bytes: self.bytes.into_vec(),
            sha256: *self.sha256,
        })
    }
}
