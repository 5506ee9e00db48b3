//! Everything that a site keeps: studies, work, outbox, ledger and audit on disk.
//!
//! Four journals are the record, each with its own index that can be deleted and rebuilt. What came out of an
//! image, or was drawn or said about one, is encrypted under a key of its study; deleting the study destroys
//! that key. Never talks to a network, parses no image, makes no wire message. All calls block. Start reading
//! at [`Archive`], then `studies/` for images and `work/` for what is drawn on them.

mod assets;
mod audit;
mod error;
mod imports;
mod instruction_record;
mod keys;
mod ledger;
mod lock;
mod messages;
mod models;
mod outbox;
mod people;
mod quarantine;
mod record;
mod sessions;
mod studies;
mod voxel_layout;
mod work;
mod worklist;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use proto_ids::Clock;
pub use proto_journal::{DiskIo, Head, OpenError as JournalError, ReadOnlyIo};
use proto_journal::{Io, OpenReport, Options, Tables, Verified};

pub use assets::{AssetPut, AssetRow};
pub use audit::{AuditAction, AuditActor, AuditEvent, AuditOutcome, AuditSubject, NewAuditEvent};
pub use error::{KeyError, OpenError, StorageError};
pub use imports::{ImportRefusal, ImportReport, ImportSource};
pub use ledger::{
    Direction, LedgerAnchor, LedgerEntry, LedgerFinding, LedgerVerified, MessageKind, NewLedgerEntry,
    ledger_lines, read_ledger, verify_ledger,
};
pub use messages::{LeaseChange, LeaseChangeState, Messages, ModelChange, PersonChange};
pub use models::{ModelError, ModelProvider, ModelRow, NewModel};
pub use outbox::{OutboxCounts, OutboxRow, ShelvedRow};
pub use people::{AccountError, NewAccount, PersonRow, PersonState, RedeemError, Role, SignIn};
pub use quarantine::{
    AtRisk, Device, DeviceRule, DeviceRuleError, DeviceRuleRemoved, NOT_EXAMINED, QuarantineCounts,
    QuarantineError, QuarantineRow, QuarantineState, Rectangle, Showing,
};
pub use sessions::{DicomwebToken, Session};
pub use studies::{
    DateRange, DayCounts, InstanceFile, InstancePlace, InstanceRow, Keeping, NewInstance, SeriesContent,
    SeriesFilter, SeriesKind, SeriesRow, StoreError, Stored, StudyFilter, StudyHeader, StudyRow,
};
pub use voxel_layout::VoxelLayout;
pub use work::{
    AppendError, AssistOffer, BatchCounts, BatchReport, BatchState, Consensus, ConsensusError, ConsensusRow,
    ConsensusWaiting, Gold, GoldError, GoldSource, HandIn, Holder, LeaseError, NewConsensus, NewGold,
    NewProposal, OtherSubmission, OtherWork, PaintRule, Prepared, Proposal, ProposalError,
    ReversibleOperation, Submission, SubmissionReceipt, SubmissionRow, SubmissionVerdict, SubmitError,
    ToRecheck, VersionError, WorkCounts, WorkView,
};
pub use worklist::{
    ConsensusKind, ConsensusRuleCopy, InstructionCopy, Invitation, PersonCopy, PreannotationOrder,
    ProjectCopy, TaskCopy, WorklistCursor, WorklistItem,
};

/// The journals, by the names of their directories.
const JOURNALS: [&str; 4] = ["archive", "work", "ledger", "audit"];

type Listener = Box<dyn Fn() + Send + Sync>;

/// What a site keeps. Share it as `Arc<Archive>`; all calls block.
pub struct Archive {
    images: Tables,
    work: Tables,
    ledger: Tables,
    audit: Tables,
    keys: keys::Keys,
    anchoring: ledger::Anchoring,
    files: ledger::Files,
    clock: Arc<dyn Clock>,
    arrivals: studies::Arrivals,
    works: work::Works,
    messages: OnceLock<Arc<dyn Messages>>,
    outbox_listener: OnceLock<Listener>,
    _lock: lock::Lock,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Archive(..)")
    }
}

impl Archive {
    /// Opens the store in `directory`, or makes it. Interrupted deletions are finished.
    ///
    /// # Errors
    /// [`OpenError::InUse`] when another process has it open; otherwise what could not be used.
    pub fn open(directory: &Path, io: Arc<dyn Io>, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let failed = |cause| OpenError::Io { path: directory.to_path_buf(), cause };
        std::fs::create_dir_all(directory).map_err(failed)?;
        let lock = lock::Lock::take(directory)?;
        let keys = keys::Keys::open(&directory.join("keys")).map_err(OpenError::Keys)?;
        let tables = |name| open_tables(directory, &io, name);
        let archive = Self {
            images: tables("archive")?,
            work: tables("work")?,
            ledger: tables("ledger")?,
            audit: tables("audit")?,
            keys,
            anchoring: ledger::Anchoring::default(),
            files: ledger::Files::new(directory, &io),
            clock,
            arrivals: studies::Arrivals::default(),
            works: work::Works::default(),
            messages: OnceLock::new(),
            outbox_listener: OnceLock::new(),
            _lock: lock,
        };
        archive.deletions_finish().map_err(OpenError::Rows)?;
        archive.quarantine_begin().map_err(OpenError::Rows)?;
        archive.arrivals_load().map_err(OpenError::Rows)?;
        Ok(archive)
    }

    /// Opens the store on the disk of this machine.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn open_on_disk(directory: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        Self::open(directory, Arc::new(DiskIo), clock)
    }

    /// Joins in what turns changes into messages. Only the first one counts.
    pub fn messages_join(&self, messages: Arc<dyn Messages>) {
        // A second one is a mistake of the program's wiring that harms nobody.
        drop(self.messages.set(messages));
    }

    /// Joins in what is called after messages were put into the outbox. Only the first one counts.
    pub fn outbox_listen(&self, listener: impl Fn() + Send + Sync + 'static) {
        drop(self.outbox_listener.set(Box::new(listener)));
    }

    /// Whether all journals still take records. After a failed sync one takes none until the store is opened again.
    pub fn takes_records(&self) -> bool {
        [&self.images, &self.work, &self.ledger, &self.audit].into_iter().all(Tables::takes_writes)
    }

    /// A digest over all rows of all journals: two stores with the same digest look the same.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn state_digest(&self) -> Result<[u8; 32], StorageError> {
        let mut hasher = blake3::Hasher::new();
        for tables in [&self.images, &self.work, &self.ledger, &self.audit] {
            hasher.update(&tables.state_digest()?);
        }
        Ok(*hasher.finalize().as_bytes())
    }

    fn messages(&self) -> &dyn Messages {
        self.messages.get().map_or(&messages::NoMessages, Arc::as_ref)
    }

    fn outbox_tell(&self) {
        if let Some(listener) = self.outbox_listener.get() {
            listener();
        }
    }
}

/// Deletes the indexes of a store that nobody has open; the next opening builds them from the journals.
///
/// # Errors
/// [`OpenError::InUse`] when a process has it open; otherwise what could not be deleted.
pub fn reindex(directory: &Path) -> Result<(), OpenError> {
    let _lock = lock::Lock::take(directory)?;
    for name in JOURNALS {
        let path = index_directory(directory, name);
        proto_journal::remove_index(&path).map_err(|cause| OpenError::Io { path, cause })?;
    }
    Ok(())
}

/// Reads every byte of all journals and recomputes their chains: name of the journal, what was found.
/// Needs no running program and no key.
///
/// # Errors
/// When files cannot be read. Damage is not an error but a finding.
pub fn verify_all(io: &dyn Io, directory: &Path) -> Result<Vec<(&'static str, Verified)>, OpenError> {
    let verify = |name| {
        let found = proto_journal::verify(io, &journal_directory(directory, name));
        found.map(|found| (name, found)).map_err(|cause| OpenError::Journal { name, cause })
    };
    JOURNALS.into_iter().map(verify).collect()
}

fn open_tables(directory: &Path, io: &Arc<dyn Io>, name: &'static str) -> Result<Tables, OpenError> {
    let journal = journal_directory(directory, name);
    let index = index_directory(directory, name);
    let (tables, report) = Tables::open(Arc::clone(io), &journal, &index, Options::default())
        .map_err(|cause| OpenError::Journal { name, cause })?;
    let OpenReport { cut_bytes, rebuilt, replayed } = report;
    tracing::info!(journal = name, cut_bytes, rebuilt, replayed, "journal opened");
    Ok(tables)
}

fn journal_directory(directory: &Path, name: &str) -> PathBuf {
    directory.join(name).join("segments")
}

fn index_directory(directory: &Path, name: &str) -> PathBuf {
    directory.join("index").join(name)
}
