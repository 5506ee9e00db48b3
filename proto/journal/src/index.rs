//! The sled index over one journal. It holds nothing that the journal does not hold.
//!
//! sled may lose what it was told last, may refuse to open after a crash and may panic on damaged
//! files (its own documentation calls it beta), so it is never the record: whenever it is not
//! exactly at a place of the journal's chain, it is thrown away and built anew.

use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::format::Link;
use crate::tables::{BlobRef, Row};
use crate::transaction::{Action, Change, Reader};

/// Sorts before every row, since a row begins with the length of its table's name.
const PLACE: &[u8] = &[0];

#[derive(Debug)]
pub(crate) struct Index {
    rows: sled::Db,
    directory: PathBuf,
}

/// Where a blob area begins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlobArea {
    pub(crate) segment: u64,
    pub(crate) at: u64,
}

/// Removes an index directory, so that the next opening builds it anew.
///
/// # Errors
/// What the system said.
pub fn remove_index(directory: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

impl Index {
    /// Opens what is there; `None` when it is unusable and has to be removed.
    pub(crate) fn open(directory: &Path) -> Option<Self> {
        // The rows hold hashes of passwords, and sled makes its files readable by anybody.
        DirBuilder::new().recursive(true).mode(0o700).create(directory).ok()?;
        std::fs::set_permissions(directory, Permissions::from_mode(0o700)).ok()?;
        let config = sled::Config::new().path(directory).cache_capacity(64 << 20).flush_every_ms(Some(1000));
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()));
        opened.ok()?.ok().map(|rows| Self { rows, directory: directory.to_path_buf() })
    }

    pub(crate) fn persist(&self) -> Result<(), sled::Error> {
        self.rows.flush()?;
        // sled's own flush ends in sync_file_range, which does not outlast a loss of power.
        std::fs::File::open(self.directory.join("db"))?.sync_data()?;
        Ok(())
    }

    /// Sequence and link of the last record that the index contains.
    pub(crate) fn place(&self) -> Result<Option<(u64, Link)>, sled::Error> {
        let Some(bytes) = self.rows.get(PLACE)? else { return Ok(None) };
        let (sequence, link) = bytes.split_at_checked(8).unwrap_or_default();
        Ok(sequence.try_into().ok().map(u64::from_le_bytes).zip(link.try_into().ok()))
    }

    pub(crate) fn apply(
        &self,
        changes: &[Change],
        blobs: BlobArea,
        sequence: u64,
        link: &Link,
    ) -> Result<(), sled::Error> {
        let mut batch = sled::Batch::default();
        for change in changes {
            match &change.action {
                Action::Put(value) => batch.insert(change.row.as_slice(), encode_row(value, None)),
                Action::PutWithBlob { value, offset, length, checksum } => {
                    let blob = BlobRef {
                        segment: blobs.segment,
                        offset: blobs.at + offset,
                        length: *length,
                        checksum: *checksum,
                    };
                    batch.insert(change.row.as_slice(), encode_row(value, Some(&blob)));
                }
                Action::Delete => batch.remove(change.row.as_slice()),
            }
        }
        let mut place = sequence.to_le_bytes().to_vec();
        place.extend_from_slice(link);
        batch.insert(PLACE, place);
        self.rows.apply_batch(batch)
    }

    pub(crate) fn get(&self, row: &[u8]) -> Result<Option<Vec<u8>>, sled::Error> {
        Ok(self.rows.get(row)?.map(|value| value.to_vec()))
    }

    pub(crate) fn scan_prefix(
        &self,
        prefix: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), sled::Error>> {
        self.rows.scan_prefix(prefix).map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())))
    }

    pub(crate) fn range_from(
        &self,
        from: &[u8],
    ) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), sled::Error>> {
        self.rows.range(from.to_vec()..).map(|entry| entry.map(|(key, value)| (key.to_vec(), value.to_vec())))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), sled::Error>> {
        self.range_from(&[1])
    }
}

/// Flag (1), then with a blob segment, offset, length (8 each) and checksum (4), then the value.
pub(crate) fn encode_row(value: &[u8], blob: Option<&BlobRef>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len() + 29);
    bytes.push(u8::from(blob.is_some()));
    if let Some(blob) = blob {
        bytes.extend_from_slice(&blob.segment.to_le_bytes());
        bytes.extend_from_slice(&blob.offset.to_le_bytes());
        bytes.extend_from_slice(&blob.length.to_le_bytes());
        bytes.extend_from_slice(&blob.checksum.to_le_bytes());
    }
    bytes.extend_from_slice(value);
    bytes
}

pub(crate) fn decode_row(bytes: &[u8]) -> Option<Row> {
    let mut reader = Reader(bytes);
    let blob = match reader.byte()? {
        0 => None,
        1 => Some(BlobRef {
            segment: reader.u64()?,
            offset: reader.u64()?,
            length: reader.u64()?,
            checksum: reader.u32()?,
        }),
        _ => return None,
    };
    Some(Row { value: reader.0.to_vec(), blob })
}
