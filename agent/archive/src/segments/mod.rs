//! Where closed segments of images live: in the journal's own directory, or in an object store inside the hospital.
//!
//! The open segment is always local. A closed one may be moved: it is copied, read back and compared, and only then
//! does a note in the directory say where it is and the local copy go. What is in a segment is sealed already, so a
//! place sees ciphertext. Start reading at [`SegmentStore`], then `shelf.rs` (reading wherever a segment is), then
//! `moving.rs`; `fs.rs` and `s3.rs` are the two engines.

mod fs;
mod moving;
mod note;
mod s3;
mod shelf;

use std::fmt::Debug;
use std::sync::Arc;

use proto_journal::{Away, IoFile};

pub use fs::Directory;
pub use moving::{SegmentPlace, SegmentProgress, SegmentRow, SegmentsMoved};
pub use s3::{S3, S3Secrets, S3Settings};
pub(crate) use shelf::Shelf;

/// How many bytes are copied and compared at a time.
const CHUNK_BYTES: usize = 8 << 20;

/// A place for whole closed segments, by name. All calls block; a place is shared by all threads.
pub trait SegmentStore: Send + Sync + Debug {
    /// Length in bytes of what is there under `name`; none when nothing is.
    ///
    /// # Errors
    /// [`SegmentStoreError`].
    fn length(&self, name: &str) -> Result<Option<u64>, SegmentStoreError>;

    /// Fills `buffer` with what stands at `offset`.
    ///
    /// # Errors
    /// [`SegmentStoreError::Missing`] when there is no such segment, [`SegmentStoreError::Damaged`] when it ends before.
    fn read_at(&self, name: &str, buffer: &mut [u8], offset: u64) -> Result<(), SegmentStoreError>;

    /// Puts the first `length` bytes of `source` under `name`, in the place of what was there. They are durable when this
    /// returns. One that was interrupted leaves nothing, or less than the whole. `progress` gets how many bytes are done.
    ///
    /// # Errors
    /// [`SegmentStoreError`]; what was there under that name may be gone.
    fn put(
        &self,
        name: &str,
        source: &dyn IoFile,
        length: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SegmentStoreError>;

    /// Removes what is there under `name`. Removing what is not there is not an error.
    ///
    /// # Errors
    /// [`SegmentStoreError`].
    fn remove(&self, name: &str) -> Result<(), SegmentStoreError>;

    /// Names and lengths of all that is there, in the order of their names.
    ///
    /// # Errors
    /// [`SegmentStoreError`].
    fn list(&self) -> Result<Vec<(String, u64)>, SegmentStoreError>;
}

/// Why a place for segments did not do what it was asked. No variant holds a byte of a segment or a secret.
#[derive(Debug, thiserror::Error)]
pub enum SegmentStoreError {
    /// It does not answer, or says that it cannot now.
    #[error("the object store at {endpoint} does not answer")]
    Away {
        /// Where it should be.
        endpoint: String,
        #[source]
        /// What was seen instead of an answer.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It knows the access key not, or its secret is wrong, or it may not do this.
    #[error("the object store refused the access key ({code})")]
    Refused {
        /// The store's own word for it.
        code: String,
    },
    /// The bucket of the settings is not there.
    #[error("the object store has no bucket '{bucket}'")]
    NoBucket {
        /// The bucket's name.
        bucket: String,
    },
    /// There is no such segment.
    #[error("segment object {name} is missing")]
    Missing {
        /// The segment's name.
        name: String,
    },
    /// It is not what was put there.
    #[error("segment object {name} is not what was put there")]
    Damaged {
        /// The segment's name.
        name: String,
    },
    /// It answered what no store of this kind answers.
    #[error("the object store answered what is not understood ({code})")]
    NotUnderstood {
        /// The store's own word, or the HTTP status.
        code: String,
    },
    /// Segments were moved, and the settings do not say where to.
    #[error("the segment is in an object store that the settings do not name")]
    Unconfigured,
    /// The settings cannot be used.
    #[error("the object store's setting {setting} is not usable")]
    Setting {
        /// Which of them.
        setting: &'static str,
    },
    /// The local file system refused.
    #[error("cannot use a local segment")]
    Local(#[source] std::io::Error),
}

impl SegmentStoreError {
    /// What a segment's file said, which can be a place's own word.
    fn of_read(cause: std::io::Error) -> Self {
        match cause.downcast::<Away>().map(|away| away.0.downcast::<Self>()) {
            Ok(Ok(said)) => *said,
            Ok(Err(other)) => Self::Local(std::io::Error::other(other)),
            Err(cause) => Self::Local(cause),
        }
    }

    /// Whether the bytes may be had later, without anybody restoring them. No `_` arm: a new variant must choose.
    pub const fn away(&self) -> bool {
        match self {
            Self::Away { .. }
            | Self::Refused { .. }
            | Self::NoBucket { .. }
            | Self::NotUnderstood { .. }
            | Self::Unconfigured
            | Self::Setting { .. } => true,
            Self::Missing { .. } | Self::Damaged { .. } | Self::Local(_) => false,
        }
    }
}

/// How the segments of images are kept.
#[derive(Debug, Clone)]
pub struct Segmentation {
    /// A new segment begins when the current one would grow beyond this.
    pub segment_bytes: u64,
    /// Where closed segments may be moved to, and are read from when they were.
    pub store: Option<Arc<dyn SegmentStore>>,
}

impl Default for Segmentation {
    fn default() -> Self {
        Self { segment_bytes: proto_journal::Options::default().segment_bytes, store: None }
    }
}

/// BLAKE3 of the first `length` bytes that `read` gives, chunk by chunk.
fn digest_of(
    length: u64,
    mut read: impl FnMut(&mut [u8], u64) -> Result<(), SegmentStoreError>,
) -> Result<[u8; 32], SegmentStoreError> {
    let mut hasher = blake3::Hasher::new();
    in_chunks(length, CHUNK_BYTES, |chunk, offset| {
        read(chunk, offset)?;
        hasher.update(chunk);
        Ok(())
    })?;
    Ok(*hasher.finalize().as_bytes())
}

/// Calls `visit` with a buffer for each piece of `length` bytes, and with the piece's offset.
fn in_chunks(
    length: u64,
    chunk_bytes: usize,
    mut visit: impl FnMut(&mut [u8], u64) -> Result<(), SegmentStoreError>,
) -> Result<(), SegmentStoreError> {
    let mut buffer = vec![0; chunk_bytes.min(usize::try_from(length).unwrap_or(chunk_bytes))];
    let mut offset = 0;
    while offset < length {
        let count = usize::try_from(length - offset).unwrap_or(chunk_bytes).min(chunk_bytes);
        visit(&mut buffer[..count], offset)?;
        offset += count as u64;
    }
    Ok(())
}

/// Fills `buffer` from an open file.
fn read_file(file: &dyn IoFile, buffer: &mut [u8], offset: u64) -> Result<(), SegmentStoreError> {
    let count = file.read_at(buffer, offset).map_err(SegmentStoreError::of_read)?;
    if count == buffer.len() {
        Ok(())
    } else {
        Err(SegmentStoreError::Local(std::io::ErrorKind::UnexpectedEof.into()))
    }
}
