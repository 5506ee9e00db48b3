//! Everything that a site keeps: studies, work, outbox, ledger and audit on disk.
//!
//! Four journals are the record, each with its own index that can be deleted and rebuilt. What came out of an
//! image, or was drawn or said about one, is encrypted under a key of its study; deleting the study destroys
//! that key. Talks to no network but to the object store of its own closed segments, where the settings name one
//! (`segments/`); parses no image, makes no wire message. All calls block. Start reading at [`Archive`], then
//! `studies/` for images and `work/` for what is drawn on them.

mod assets;
mod audit;
mod dicomweb;
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
mod segments;
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
pub use dicomweb::{DicomwebToken, ProjectSecret, TokenView};
pub use error::{KeyError, OpenError, SegmentError, StorageError};
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
pub use segments::{
    Directory, S3, S3Secrets, S3Settings, SegmentPlace, SegmentProgress, SegmentRow, SegmentStore,
    SegmentStoreError, Segmentation, SegmentsMoved,
};
pub use sessions::Session;
pub use studies::{
    DateRange, DayCounts, InstanceFile, InstancePlace, InstanceRow, Keeping, NewInstance, SeriesContent,
    SeriesFilter, SeriesKind, SeriesRow, StoreError, Stored, StudiesChanged, StudyFilter, StudyHeader,
    StudyInstance, StudyOverview, StudyRow,
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

/// The journal of images, whose closed segments may be elsewhere.
const IMAGES: &str = "archive";
/// The journals, by the names of their directories.
const JOURNALS: [&str; 4] = [IMAGES, "work", "ledger", "audit"];

type Listener = Box<dyn Fn() + Send + Sync>;

/// What a site keeps. Share it as `Arc<Archive>`; all calls block.
pub struct Archive {
    images: Tables,
    shelf: segments::Shelf,
    work: Tables,
    ledger: Tables,
    audit: Tables,
    keys: keys::Keys,
    anchoring: ledger::Anchoring,
    files: ledger::Files,
    clock: Arc<dyn Clock>,
    arrivals: studies::Arrivals,
    changes: studies::Changes,
    opened: studies::OpenedHeaders,
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
        Self::open_segmented(directory, io, clock, Segmentation::default())
    }

    /// Opens the store as [`Archive::open`] does, with the segments of images kept as told. What was moved is not
    /// asked for, unless the index has to be built from it.
    ///
    /// # Errors
    /// As [`Archive::open`].
    pub fn open_segmented(
        directory: &Path,
        io: Arc<dyn Io>,
        clock: Arc<dyn Clock>,
        segmentation: Segmentation,
    ) -> Result<Self, OpenError> {
        let failed = |cause| OpenError::Io { path: directory.to_path_buf(), cause };
        std::fs::create_dir_all(directory).map_err(failed)?;
        let lock = lock::Lock::take(directory)?;
        let keys = keys::Keys::open(&directory.join("keys")).map_err(OpenError::Keys)?;
        let shelf = open_shelf(directory, &io, segmentation.store, true)?;
        let shelved: Arc<dyn Io> = Arc::new(shelf.clone());
        let options = Options { segment_bytes: segmentation.segment_bytes };
        let tables = |name| open_tables(directory, &io, name, Options::default());
        let archive = Self {
            images: open_tables(directory, &shelved, IMAGES, options)?,
            shelf,
            work: tables("work")?,
            ledger: tables("ledger")?,
            audit: tables("audit")?,
            keys,
            anchoring: ledger::Anchoring::default(),
            files: ledger::Files::new(directory, &io),
            clock,
            arrivals: studies::Arrivals::default(),
            changes: studies::Changes::default(),
            opened: studies::OpenedHeaders::default(),
            works: work::Works::default(),
            messages: OnceLock::new(),
            outbox_listener: OnceLock::new(),
            _lock: lock,
        };
        archive.deletions_finish().map_err(OpenError::Rows)?;
        archive.quarantine_begin().map_err(OpenError::Rows)?;
        archive.study_values_build().map_err(OpenError::Rows)?;
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

/// Reads every byte of all journals, also of segments that were moved to `store`, and recomputes their chains: name of
/// the journal, what was found. Needs no running program and no key.
///
/// # Errors
/// When files cannot be read, or the store does not answer. Damage is not an error but a finding.
pub fn verify_all(
    io: Arc<dyn Io>,
    directory: &Path,
    store: Option<Arc<dyn SegmentStore>>,
) -> Result<Vec<(&'static str, Verified)>, OpenError> {
    let shelf = open_shelf(directory, &io, store, false)?;
    let verify = |name| {
        let io: &dyn Io = if name == IMAGES { &shelf } else { io.as_ref() };
        let found = proto_journal::verify(io, &journal_directory(directory, name));
        found.map(|found| (name, found)).map_err(|cause| OpenError::Journal { name, cause })
    };
    JOURNALS.into_iter().map(verify).collect()
}

fn open_shelf(
    directory: &Path,
    io: &Arc<dyn Io>,
    store: Option<Arc<dyn SegmentStore>>,
    tidy: bool,
) -> Result<segments::Shelf, OpenError> {
    let path = journal_directory(directory, IMAGES);
    segments::Shelf::open(Arc::clone(io), &path, store, tidy).map_err(|cause| OpenError::Io { path, cause })
}

fn open_tables(
    directory: &Path,
    io: &Arc<dyn Io>,
    name: &'static str,
    options: Options,
) -> Result<Tables, OpenError> {
    let journal = journal_directory(directory, name);
    let index = index_directory(directory, name);
    let (tables, report) = Tables::open(Arc::clone(io), &journal, &index, options)
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
