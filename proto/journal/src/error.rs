//! What can go wrong, one enum per kind of operation. No error holds bytes of a record.

use std::path::PathBuf;

/// Opening a journal or its tables failed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file system refused.
    #[error("cannot use journal directory {path}")]
    Io {
        /// Directory or file.
        path: PathBuf,
        #[source]
        /// What the system said.
        cause: std::io::Error,
    },
    /// A segment file does not begin as one of ours.
    #[error("segment {segment} does not have a valid header")]
    SegmentHeader {
        /// First sequence number, as the file name gives it.
        segment: u64,
    },
    /// Records that had been synced are not readable any more.
    #[error("segment {segment} is damaged at byte {offset}")]
    Damaged {
        /// First sequence number of the segment.
        segment: u64,
        /// Where the damage begins.
        offset: u64,
    },
    /// Segment files are not contiguous: one is missing or stands twice.
    #[error("the segment before {segment} is missing")]
    MissingSegment {
        /// The segment whose predecessor is missing.
        segment: u64,
    },
    /// The index could not be rebuilt.
    #[error("cannot rebuild the index")]
    Index(#[source] sled::Error),
    /// A record's content is not a transaction of this version.
    #[error("record {sequence} is not a transaction")]
    NotATransaction {
        /// Sequence number of the record.
        sequence: u64,
    },
}

/// Appending or syncing failed; nothing was acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The file system refused the write, and the file was put back as it was.
    #[error("cannot append to the journal")]
    Io(#[source] std::io::Error),
    /// A sync failed before. What the disk holds is unknown until the store is opened again.
    #[error("the journal takes no more records until it is opened again")]
    Poisoned,
    /// A record may have 1 GiB at most.
    #[error("a record of {bytes} bytes is too large")]
    TooLarge {
        /// Length of the refused record.
        bytes: u64,
    },
}

/// A closed segment is kept in another place, which does not give it now. An [`crate::Io`] that keeps segments
/// elsewhere wraps this in its errors, so that a read can tell that the bytes are not lost.
#[derive(Debug, thiserror::Error)]
#[error("the place where the segment is kept does not give it")]
pub struct Away(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Reading a row or a blob failed.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The segment is kept elsewhere and cannot be had now; see [`Away`].
    #[error("segment {segment} cannot be had now from where it is kept")]
    Away {
        /// First sequence number of the segment.
        segment: u64,
        #[source]
        /// What the place said.
        cause: std::io::Error,
    },
    /// The file system refused.
    #[error("cannot read segment {segment}")]
    Io {
        /// First sequence number of the segment.
        segment: u64,
        #[source]
        /// What the system said.
        cause: std::io::Error,
    },
    /// The bytes do not match their checksum.
    #[error("segment {segment} is damaged at byte {offset}")]
    Damaged {
        /// First sequence number of the segment.
        segment: u64,
        /// Where the blob begins.
        offset: u64,
    },
    /// The index refused.
    #[error("cannot read the index")]
    Index(#[source] sled::Error),
    /// A row of the index does not have the form that this version writes.
    #[error("a row of the index is malformed; rebuild it")]
    MalformedRow,
}

impl ReadError {
    pub(crate) fn of_segment(segment: u64, cause: std::io::Error) -> Self {
        if cause.get_ref().is_some_and(|inner| inner.is::<Away>()) {
            Self::Away { segment, cause }
        } else {
            Self::Io { segment, cause }
        }
    }
}

/// A transaction failed; nothing of it happened.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A read inside the transaction failed.
    #[error("cannot read inside the transaction")]
    Read(#[from] ReadError),
    /// The record could not be appended or synced.
    #[error("cannot write the transaction")]
    Append(#[source] AppendError),
    /// An earlier write left the tables in an unknown state; open them again.
    #[error("the store takes no more writes until it is opened again")]
    Poisoned,
    /// A table name has 1 to 255 bytes, a key at most 65,535.
    #[error("a table name or key is too long")]
    KeyTooLong,
}

impl From<AppendError> for WriteError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Poisoned => Self::Poisoned,
            AppendError::Io(_) | AppendError::TooLarge { .. } => Self::Append(error),
        }
    }
}
