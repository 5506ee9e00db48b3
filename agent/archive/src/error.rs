//! What can go wrong below every operation: opening, reading, writing, sealing. No error holds a stored value.

use std::path::PathBuf;

/// The store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("the store in {directory} is in use by another process")]
    InUse {
        /// The store's directory.
        directory: PathBuf,
    },
    /// The file system refused.
    #[error("cannot use {path}")]
    Io {
        /// Directory or file.
        path: PathBuf,
        #[source]
        /// What the system said.
        cause: std::io::Error,
    },
    /// One of the journals cannot be opened.
    #[error("cannot open the {name} journal")]
    Journal {
        /// Which of the four.
        name: &'static str,
        #[source]
        /// What the journal said.
        cause: proto_journal::OpenError,
    },
    /// The keys cannot be used.
    #[error("cannot use the keys of the store")]
    Keys(#[source] KeyError),
    /// A row that is needed at the start cannot be read.
    #[error("cannot read the store")]
    Rows(#[source] StorageError),
}

/// A key cannot be made, read or destroyed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refused.
    #[error("cannot use key file {path}")]
    Io {
        /// The key file; its name is a random token of ours.
        path: PathBuf,
        #[source]
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is no key of this store.
    #[error("key file {path} is not a key of this store")]
    Malformed {
        /// The key file; its name is a random token of ours.
        path: PathBuf,
    },
    /// The key was destroyed with its study.
    #[error("the study's key does not exist any more")]
    Destroyed,
    /// The operating system gave no random bytes.
    #[error("no random bytes to be had")]
    NoRandomness,
}

/// Listing or moving closed segments failed. Each segment is whole where it was, or where it was to go.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// The segments cannot be listed.
    #[error("cannot list the segments")]
    Journal(#[source] proto_journal::OpenError),
    /// The index cannot be made durable.
    #[error("cannot make the index durable")]
    Storage(#[source] StorageError),
    /// One of them cannot be moved.
    #[error("cannot move segment {segment}")]
    Segment {
        /// Its first sequence number.
        segment: u64,
        #[source]
        /// What its old or its new place said.
        cause: crate::SegmentStoreError,
    },
}

/// Reading or writing the store failed. Nothing was acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// A row or blob cannot be read.
    #[error("cannot read the store")]
    Read(#[from] proto_journal::ReadError),
    /// A transaction cannot be written.
    #[error("cannot write the store")]
    Write(#[from] proto_journal::WriteError),
    /// A key cannot be used.
    #[error("cannot use a key of the store")]
    Key(#[from] KeyError),
    /// A record does not have a form that this version reads.
    #[error("a record of table {table} has an unknown form")]
    Record {
        /// The table.
        table: &'static str,
    },
    /// A record cannot be opened with its key: it was not written by this store.
    #[error("a record of table {table} does not match its key")]
    Seal {
        /// The table.
        table: &'static str,
    },
}

impl StorageError {
    /// Whether only the place where a moved segment is kept does not give it now: nothing is lost, and asking again
    /// later can help.
    pub const fn away(&self) -> bool {
        matches!(self, Self::Read(proto_journal::ReadError::Away { .. }))
    }
}
