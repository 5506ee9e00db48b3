//! The record under both planes' stores: append-only segments, and tables over them.
//!
//! [`Journal`] keeps opaque records in numbered segment files: each has a length, a checksum, a
//! sequence number and a link in a hash chain, and is synced before it is acknowledged (one
//! `fdatasync` serves all that wait). [`Tables`] is the rebuildable index over one journal: each
//! record is a transaction of puts and deletes, and sled holds the current rows. Deleting the
//! index directory changes nothing that can be seen.
//!
//! Knows bytes only: no types of either plane, no encryption, no clock. All file I/O of the
//! journal goes through [`Io`], which tests replace by [`faults::FaultyIo`]. Start reading at
//! `tables.rs`, then `journal.rs`, then `format.rs`.

mod error;
pub mod faults;
mod format;
mod index;
mod io;
mod journal;
mod scan;
mod tables;
mod transaction;

pub use error::{AppendError, Away, OpenError, ReadError, WriteError};
pub use format::{segment_name, segment_of_name};
pub use index::remove_index;
pub use io::{DiskIo, Io, IoFile, ReadOnlyIo};
pub use journal::{Appended, Head, Journal, Options};
pub use scan::{Damage, Intact, Verified, verify, verify_each};
pub use tables::{BlobRef, OpenReport, Row, Tables, Tx};
pub use transaction::{PutRow, put_rows};
