//! Named tables of rows over one journal: a transaction is one record and one sync.
//!
//! Transactions are serialised: each sees all that went before. A transaction's rows can be read
//! by others an instant before they are durable, but nobody's own write returns before it and all
//! that it could have seen are.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{OpenError, ReadError, WriteError};
use crate::index::{BlobArea, Index, decode_row, remove_index};
use crate::io::Io;
use crate::journal::{Head, Journal, Options};
use crate::scan::Found;
use crate::transaction::{Action, Change, PREFIX_BYTES, decode_list, decode_prefix, encode, row_key};

/// Where a blob stands in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRef {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) checksum: u32,
}

impl BlobRef {
    /// Length in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }
}

/// A row: its value, and a blob where it was put with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The bytes that were put.
    pub value: Vec<u8>,
    /// The blob that was put beside it; read it with [`Tables::blob`].
    pub blob: Option<BlobRef>,
}

/// What opening had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenReport {
    /// Bytes of a torn tail that were cut off; nobody had been told they were safe.
    pub cut_bytes: u64,
    /// Whether the index was built anew.
    pub rebuilt: bool,
    /// Records that the index had to catch up on.
    pub replayed: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Tables {
    journal: Journal,
    index: Index,
    /// Held while a transaction decides and is appended. True once an index write has failed.
    writing: Mutex<bool>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A closure that panicked has changed nothing: its writes were only buffered.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn rows_of(table: &str, prefix: &[u8]) -> Result<Vec<u8>, ReadError> {
    row_key(table, prefix).ok_or(ReadError::MalformedRow)
}

impl Tables {
    /// Opens the journal and brings its index up to it; a missing, stale or damaged index is
    /// built anew.
    ///
    /// # Errors
    /// When files cannot be used or synced records are damaged.
    pub fn open(
        io: Arc<dyn Io>,
        journal_directory: &Path,
        index_directory: &Path,
        options: Options,
    ) -> Result<(Self, OpenReport), OpenError> {
        let (journal, cut_bytes) = Journal::open(io, journal_directory, options)?;
        let usable = Index::open(index_directory);
        let (index, from, rebuilt) = match usable {
            Some(index) => match known_place(&journal, &index)? {
                Some(sequence) => (index, sequence, false),
                None => {
                    drop(index);
                    (anew(index_directory)?, 0, true)
                }
            },
            None => (anew(index_directory)?, 0, true),
        };
        let mut replayed = 0;
        journal.replay(from, |segment, found| {
            replayed += 1;
            replay_into(&journal, &index, segment, found)
        })?;
        let rebuilt = rebuilt || (from == 0 && replayed > 0);
        let report = OpenReport { cut_bytes, rebuilt, replayed };
        Ok((Self { journal, index, writing: Mutex::new(false) }, report))
    }

    /// The row at `key`.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn get(&self, table: &str, key: &[u8]) -> Result<Option<Row>, ReadError> {
        let bytes = self.index.get(&rows_of(table, key)?).map_err(ReadError::Index)?;
        bytes.map(|bytes| decode_row(&bytes).ok_or(ReadError::MalformedRow)).transpose()
    }

    /// Rows whose key begins with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn scan(&self, table: &str, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Row)>, ReadError> {
        self.index.scan_prefix(&rows_of(table, prefix)?).map(|entry| key_and_row(entry, table)).collect()
    }

    /// At most `limit` rows from the key `from` on, in the order of their keys.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn scan_range(
        &self,
        table: &str,
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Row)>, ReadError> {
        let inside = rows_of(table, &[])?;
        self.index
            .range_from(&rows_of(table, from)?)
            .take_while(|entry| entry.as_ref().map_or(true, |(key, _)| key.starts_with(&inside)))
            .take(limit)
            .map(|entry| key_and_row(entry, table))
            .collect()
    }

    /// Runs one transaction. What `decide` puts and deletes becomes one record, which is durable
    /// when this returns; on an error nothing happens. A transaction without writes costs no sync.
    ///
    /// # Errors
    /// What `decide` gave, or that the record could not be written.
    pub fn write<R, E: From<WriteError>>(
        &self,
        decide: impl FnOnce(&mut Tx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut poisoned = locked(&self.writing);
        if *poisoned {
            return Err(WriteError::Poisoned.into());
        }
        let mut tx = Tx { index: &self.index, writes: BTreeMap::new(), failed: false };
        let answer = decide(&mut tx)?;
        if tx.failed {
            return Err(WriteError::KeyTooLong.into());
        }
        let writes = tx.writes;
        if writes.is_empty() {
            // What was read may have been appended by another and not be durable yet.
            drop(poisoned);
            self.journal.sync(self.journal.head().sequence).map_err(WriteError::from)?;
            return Ok(answer);
        }
        let sequence = self.commit(writes, &mut poisoned)?;
        drop(poisoned);
        self.journal.sync(sequence).map_err(WriteError::from)?;
        Ok(answer)
    }

    fn commit(&self, writes: BTreeMap<Vec<u8>, Pending>, poisoned: &mut bool) -> Result<u64, WriteError> {
        let (changes, blobs) = changes_of(writes);
        let list = encode(&changes);
        let mut parts: Vec<&[u8]> = vec![&list];
        parts.extend(blobs.iter().map(Vec::as_slice));
        let appended = self.journal.append(&parts)?;
        let area = BlobArea { segment: appended.segment, at: appended.body_at + list.len() as u64 };
        let head = appended.head;
        if let Err(cause) = self.index.apply(&changes, area, head.sequence, &head.link) {
            *poisoned = true;
            return Err(WriteError::Read(ReadError::Index(cause)));
        }
        Ok(head.sequence)
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    /// When they cannot be read or are not what was written.
    pub fn blob(&self, blob: &BlobRef) -> Result<Vec<u8>, ReadError> {
        let bytes = self.journal.read(blob.segment, blob.offset, blob.length)?;
        if crc32c::crc32c(&bytes) == blob.checksum {
            Ok(bytes)
        } else {
            Err(ReadError::Damaged { segment: blob.segment, offset: blob.offset })
        }
    }

    /// First sequences of the journal's closed segments, in order; see [`Journal::closed_segments`].
    ///
    /// # Errors
    /// When the journal's directory cannot be read.
    pub fn closed_segments(&self) -> Result<Vec<u64>, OpenError> {
        self.journal.closed_segments()
    }

    /// See [`Journal::forget_reader`].
    pub fn forget_reader(&self, segment: u64) {
        self.journal.forget_reader(segment);
    }

    /// Makes the index durable as it stands, so that the next opening needs no older record.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn index_persist(&self) -> Result<(), ReadError> {
        self.index.persist().map_err(ReadError::Index)
    }

    /// Whether they can still be written; see [`Journal::takes_records`].
    pub fn takes_writes(&self) -> bool {
        self.journal.takes_records()
    }

    /// The last record.
    pub fn head(&self) -> Head {
        self.journal.head()
    }

    /// BLAKE3 over all rows: two stores with the same digest look the same.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn state_digest(&self) -> Result<[u8; 32], ReadError> {
        let mut hasher = blake3::Hasher::new();
        for entry in self.index.all() {
            let (key, row) = entry.map_err(ReadError::Index)?;
            for part in [key, row] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(&part);
            }
        }
        Ok(*hasher.finalize().as_bytes())
    }
}

/// The sequence at which the index stands, if the journal's chain goes through that very place.
fn known_place(journal: &Journal, index: &Index) -> Result<Option<u64>, OpenError> {
    let Ok(place) = index.place() else { return Ok(None) };
    let Some((sequence, link)) = place else {
        return Ok(index.all().next().is_none().then_some(0));
    };
    let known = journal.link_of(sequence)?;
    Ok((known == Some(link)).then_some(sequence))
}

fn anew(directory: &Path) -> Result<Index, OpenError> {
    remove_index(directory).map_err(|cause| OpenError::Io { path: directory.to_path_buf(), cause })?;
    Index::open(directory).ok_or_else(|| {
        let cause = std::io::Error::other("the index cannot be created");
        OpenError::Io { path: directory.to_path_buf(), cause }
    })
}

fn replay_into(journal: &Journal, index: &Index, segment: u64, found: &Found) -> Result<(), OpenError> {
    let sequence = found.header.sequence;
    let malformed = || OpenError::NotATransaction { sequence };
    let unread = |_: ReadError| OpenError::Damaged { segment, offset: found.body_at };
    let prefix = journal.read(segment, found.body_at, PREFIX_BYTES as u64).map_err(unread)?;
    let (length, checksum) = decode_prefix(&prefix).ok_or_else(malformed)?;
    let list_at = found.body_at + PREFIX_BYTES as u64;
    let list = journal.read(segment, list_at, u64::from(length)).map_err(unread)?;
    if crc32c::crc32c(&list) != checksum {
        return Err(OpenError::Damaged { segment, offset: list_at });
    }
    let changes = decode_list(&list).ok_or_else(malformed)?;
    let area = BlobArea { segment, at: list_at + u64::from(length) };
    index.apply(&changes, area, sequence, &found.header.link).map_err(OpenError::Index)
}

fn key_and_row(
    entry: Result<(Vec<u8>, Vec<u8>), sled::Error>,
    table: &str,
) -> Result<(Vec<u8>, Row), ReadError> {
    let (key, row) = entry.map_err(ReadError::Index)?;
    let key = key.get(1 + table.len()..).ok_or(ReadError::MalformedRow)?.to_vec();
    Ok((key, decode_row(&row).ok_or(ReadError::MalformedRow)?))
}

#[derive(Debug)]
enum Pending {
    Put { value: Vec<u8>, blob: Option<Vec<u8>> },
    Delete,
}

fn changes_of(writes: BTreeMap<Vec<u8>, Pending>) -> (Vec<Change>, Vec<Vec<u8>>) {
    let mut changes = Vec::with_capacity(writes.len());
    let mut blobs = Vec::new();
    let mut offset = 0;
    for (row, pending) in writes {
        let action = match pending {
            Pending::Delete => Action::Delete,
            Pending::Put { value, blob: None } => Action::Put(value),
            Pending::Put { value, blob: Some(blob) } => {
                let length = blob.len() as u64;
                let action = Action::PutWithBlob { value, offset, length, checksum: crc32c::crc32c(&blob) };
                offset += length;
                blobs.push(blob);
                action
            }
        };
        changes.push(Change { row, action });
    }
    (changes, blobs)
}

/// What a transaction may do. Its own writes are seen by its own reads.
#[derive(Debug)]
pub struct Tx<'a> {
    index: &'a Index,
    writes: BTreeMap<Vec<u8>, Pending>,
    /// Whether a table name or a key was too long; told when the transaction ends.
    failed: bool,
}

impl Tx<'_> {
    /// The row at `key`. The blob of a row that this transaction put is not readable yet.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn get(&self, table: &str, key: &[u8]) -> Result<Option<Row>, WriteError> {
        let row = rows_of(table, key)?;
        match self.writes.get(&row) {
            Some(Pending::Delete) => Ok(None),
            Some(Pending::Put { value, .. }) => Ok(Some(Row { value: value.clone(), blob: None })),
            None => {
                let bytes = self.index.get(&row).map_err(ReadError::Index)?;
                Ok(bytes.map(|bytes| decode_row(&bytes).ok_or(ReadError::MalformedRow)).transpose()?)
            }
        }
    }

    /// Rows whose key begins with `prefix`, in the order of their keys.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn scan(&self, table: &str, prefix: &[u8]) -> Result<Vec<(Vec<u8>, Row)>, WriteError> {
        let from = rows_of(table, prefix)?;
        let mut rows = BTreeMap::new();
        for entry in self.index.scan_prefix(&from) {
            let (key, row) = key_and_row(entry, table)?;
            rows.insert(key, row);
        }
        let skip = 1 + table.len();
        for (row, pending) in self.writes.range(from.clone()..).take_while(|(row, _)| row.starts_with(&from))
        {
            let key = row[skip..].to_vec();
            match pending {
                Pending::Delete => rows.remove(&key),
                Pending::Put { value, .. } => rows.insert(key, Row { value: value.clone(), blob: None }),
            };
        }
        Ok(rows.into_iter().collect())
    }

    /// Puts a row in the place of what was there.
    pub fn put(&mut self, table: &str, key: &[u8], value: Vec<u8>) {
        self.change(table, key, Pending::Put { value, blob: None });
    }

    /// Puts a row with a blob beside it. The blob stands only in the journal, not in the index.
    pub fn put_with_blob(&mut self, table: &str, key: &[u8], value: Vec<u8>, blob: Vec<u8>) {
        self.change(table, key, Pending::Put { value, blob: Some(blob) });
    }

    /// Deletes a row. Deleting what is not there is not an error.
    pub fn delete(&mut self, table: &str, key: &[u8]) {
        self.change(table, key, Pending::Delete);
    }

    fn change(&mut self, table: &str, key: &[u8], pending: Pending) {
        match row_key(table, key) {
            Some(row) => drop(self.writes.insert(row, pending)),
            None => self.failed = true,
        }
    }
}
