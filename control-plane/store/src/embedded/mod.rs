//! The store on one machine: a journal that is the record, and sled as an index over it.

mod feed;
mod indexes;
mod rows;
#[cfg(test)]
mod tests;
mod view;

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

use control_plane_app::{AppError, Reader, Store, StoreError, Tx};
use control_plane_domain::Changes;
use proto_ids::{EpochId, SiteId};
use proto_journal::{DiskIo, Io, OpenReport, Options, Tables, WriteError};
use tokio::sync::watch;

use rows::{Committed, InTransaction, Rows as _, table};
use view::View;

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program has the store open.
    #[error("the store is in use by another program")]
    InUse,
    /// The directory cannot be used.
    #[error("the directory of the store cannot be used")]
    Directory(#[source] std::io::Error),
    /// Records are damaged.
    #[error("{damaged} places of the journal are damaged")]
    Damaged {
        /// How many.
        damaged: usize,
    },
    /// The journal could not be opened.
    #[error("the journal of the store could not be opened")]
    Journal(#[source] proto_journal::OpenError),
    /// A new store could not write its first record, or an old one its first row be read.
    #[error("the store could not be used")]
    Store(#[source] StoreError),
}

/// The store and what opening it found.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Embedded,
    /// Torn bytes cut, whether the index was rebuilt.
    pub report: OpenReport,
}

/// The embedded engine.
#[derive(Debug)]
pub struct Embedded {
    tables: Tables,
    epoch: EpochId,
    revisions: watch::Sender<u64>,
    /// Held as long as the store is open: two programs on one journal would end it.
    _lock: File,
}

impl Embedded {
    /// Opens the store below `directory` (`journal/` and `index/`), making it when it is not there.
    /// A new store's epoch is made of `epoch_bits`, 128 bits of the operating system's generator.
    ///
    /// # Errors
    /// The journal is damaged or cannot be read or written.
    pub fn open(directory: &Path, io: Arc<dyn Io>, epoch_bits: [u8; 16]) -> Result<Opened, OpenError> {
        let lock = lock(directory)?;
        let (journal, index) = (directory.join("journal"), directory.join("index"));
        let (tables, report) =
            Tables::open(io, &journal, &index, Options::default()).map_err(OpenError::Journal)?;
        let epoch = epoch_of(&tables, epoch_bits).map_err(OpenError::Store)?;
        indexes::fill(&tables).map_err(OpenError::Store)?;
        let revision = Committed(&tables).number(rows::REVISION).map_err(OpenError::Store)?;
        let store = Self { tables, epoch, revisions: watch::Sender::new(revision), _lock: lock };
        Ok(Opened { store, report })
    }

    /// [`Embedded::open`] on the real file system.
    ///
    /// # Errors
    /// As [`Embedded::open`].
    pub fn open_on_disk(directory: &Path, epoch_bits: [u8; 16]) -> Result<Opened, OpenError> {
        Self::open(directory, Arc::new(DiskIo), epoch_bits)
    }

    /// Deletes the index, so that the next opening builds it anew from the journal.
    ///
    /// # Errors
    /// The store is in use, or the files cannot be removed.
    pub fn forget_index(directory: &Path) -> Result<(), OpenError> {
        let _lock = lock(directory)?;
        proto_journal::remove_index(&directory.join("index")).map_err(OpenError::Directory)
    }

    /// Reads every byte of the journal and recomputes its chain; answers with the number of records.
    ///
    /// # Errors
    /// Records are damaged or cannot be read.
    pub fn verify(directory: &Path) -> Result<u64, OpenError> {
        let verified =
            proto_journal::verify(&DiskIo, &directory.join("journal")).map_err(OpenError::Journal)?;
        match verified.damage.len() {
            0 => Ok(verified.records),
            damaged => Err(OpenError::Damaged { damaged }),
        }
    }

    /// Whether it still takes writes. After a failed sync it takes none until it is opened again.
    pub fn takes_writes(&self) -> bool {
        self.tables.takes_writes()
    }

    /// A digest over all rows, the same for the same state.
    ///
    /// # Errors
    /// A row could not be read.
    pub fn state_digest(&self) -> Result<[u8; 32], StoreError> {
        self.tables.state_digest().map_err(|cause| StoreError::Read(Box::new(cause)))
    }
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    std::fs::create_dir_all(directory).map_err(OpenError::Directory)?;
    let path = directory.join("lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(OpenError::Directory)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse),
        Err(TryLockError::Error(cause)) => Err(OpenError::Directory(cause)),
    }
}

fn epoch_of(tables: &Tables, bits: [u8; 16]) -> Result<EpochId, StoreError> {
    if let Some(known) = Committed(tables).get(table::META, rows::EPOCH)? {
        let bytes = known.try_into().map_err(|_| StoreError::Record { table: table::META })?;
        return Ok(EpochId::from_bytes(bytes));
    }
    let epoch = EpochId::from_random(bits);
    let written = tables.write(|tx| {
        tx.put(table::META, rows::EPOCH, epoch.bytes().to_vec());
        tx.put(table::META, rows::INDEXES, indexes::NEWEST.to_be_bytes().to_vec());
        Ok::<(), WriteError>(())
    });
    written.map_err(|cause| StoreError::Write(Box::new(cause)))?;
    Ok(epoch)
}

/// What ends a transaction: the use case's own refusal, or the journal's failure.
enum Abort {
    App(AppError),
    Write(WriteError),
}

impl From<WriteError> for Abort {
    fn from(cause: WriteError) -> Self {
        Self::Write(cause)
    }
}

impl Store for Embedded {
    fn transact(&self, decide: &mut dyn FnMut(&mut dyn Tx) -> Result<(), AppError>) -> Result<(), AppError> {
        let written = self.tables.write(|tx| {
            let mut view = View(InTransaction(tx));
            decide(&mut view).map_err(Abort::App)?;
            view.0.number(rows::REVISION).map_err(|cause| Abort::App(cause.into()))
        });
        match written {
            Ok(revision) => {
                // Several transactions are synced together and may return in any order.
                self.revisions.send_if_modified(|newest| {
                    let newer = revision > *newest;
                    *newest = revision.max(*newest);
                    newer
                });
                Ok(())
            }
            Err(Abort::App(refusal)) => Err(refusal),
            Err(Abort::Write(cause)) => Err(StoreError::Write(Box::new(cause)).into()),
        }
    }

    fn read(&self, look: &mut dyn FnMut(&dyn Reader) -> Result<(), AppError>) -> Result<(), AppError> {
        look(&View(Committed(&self.tables)))
    }

    fn changes_since(&self, site: SiteId, after: u64, limit: usize) -> Result<Changes, StoreError> {
        feed::changes_since(&self.tables, site, after, limit, *self.revisions.borrow())
    }

    fn epoch(&self) -> EpochId {
        self.epoch
    }

    fn revisions(&self) -> watch::Receiver<u64> {
        self.revisions.subscribe()
    }
}
