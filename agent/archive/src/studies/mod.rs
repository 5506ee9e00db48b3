//! Studies on disk: keeps what arrived, byte for byte, encrypted under a key of its study.
//!
//! Never talks to a network, never parses an image, never de-identifies. `arrive.rs` is the hot path,
//! `find.rs`, `overview.rs` and `instances.rs` answer queries, `delete.rs` makes a study unreadable, `records.rs` holds the stored forms.

mod arrive;
mod changes;
mod delete;
mod find;
mod instances;
mod opened;
mod overview;
mod pattern;
mod records;
mod series;
mod values;

use agent_phi::{HeaderText, InstanceUid, PatientId, SeriesUid, StudyUid};
use proto_ids::{InstanceToken, SeriesToken, StudyToken, Timestamp};

use crate::StorageError;

pub(crate) use arrive::Arrivals;
pub(crate) use changes::Changes;
pub use changes::StudiesChanged;
pub use find::{DateRange, SeriesFilter, StudyFilter};
pub use instances::{InstanceRow, Keeping};
pub(crate) use opened::OpenedHeaders;
pub use overview::{StudyInstance, StudyOverview};
pub use series::InstanceFile;

/// What a header says of the study, the series and the instance, as far as queries need it. All of it is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StudyHeader {
    /// (0010,0010)
    pub patient_name: Option<HeaderText>,
    /// (0010,0020)
    pub patient_id: Option<PatientId>,
    /// (0010,0030)
    pub patient_birth_date: Option<HeaderText>,
    /// (0010,0040)
    pub patient_sex: Option<HeaderText>,
    /// (0008,0020), eight digits.
    pub study_date: Option<HeaderText>,
    /// (0008,0030)
    pub study_time: Option<HeaderText>,
    /// (0020,0010)
    pub study_id: Option<HeaderText>,
    /// (0008,0050)
    pub accession_number: Option<HeaderText>,
    /// (0008,1030)
    pub study_description: Option<HeaderText>,
    /// (0008,0090)
    pub referring_physician: Option<HeaderText>,
    /// (0008,0060)
    pub modality: Option<HeaderText>,
    /// (0020,0011)
    pub series_number: Option<HeaderText>,
    /// (0008,103E)
    pub series_description: Option<HeaderText>,
    /// (0018,0015)
    pub body_part: Option<HeaderText>,
    /// (0020,0013); kept with the instance alone.
    pub instance_number: Option<HeaderText>,
}

/// A DICOM instance that came in: a complete Part 10 file, and what was read out of it.
#[derive(Debug, Clone)]
pub struct NewInstance {
    pub study_uid: StudyUid,
    pub series_uid: SeriesUid,
    pub instance_uid: InstanceUid,
    pub sop_class_uid: String,
    pub transfer_syntax_uid: String,
    /// Who sent it; none when it was imported from a file.
    pub calling_ae: Option<HeaderText>,
    pub header: StudyHeader,
    /// The file, byte for byte.
    pub bytes: Vec<u8>,
}

/// Where an instance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstancePlace {
    pub study: StudyToken,
    pub series: SeriesToken,
    pub instance: InstanceToken,
}

/// What became of an instance. In each case it is safe on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    New(InstancePlace),
    /// The very same bytes were there already; nothing was written.
    Duplicate(InstancePlace),
    /// Its UID was taken by other content. Both are kept, and this one is flagged.
    KeptBeside(InstancePlace),
}

impl Stored {
    /// Where it stands.
    pub const fn place(&self) -> InstancePlace {
        match self {
            Self::New(place) | Self::Duplicate(place) | Self::KeptBeside(place) => *place,
        }
    }
}

/// Why an instance was not stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Its study was deleted again and again while it was being stored.
    #[error("the study was deleted meanwhile")]
    StudyDeleted,
    /// The store cannot be written.
    #[error("cannot store the instance")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// What kind of files a series is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesKind {
    Dicom,
    /// One file, a volume of its own.
    Nifti,
}

/// The instances of a series, as far as they have arrived.
#[derive(Debug, Clone)]
pub struct SeriesContent {
    pub study: StudyToken,
    pub series: SeriesToken,
    pub kind: SeriesKind,
    pub header: StudyHeader,
    /// In the order of arrival. Instances that were kept beside others are left out.
    pub instances: Vec<InstanceToken>,
    /// How many arrivals this answer has seen; what is claimed with [`crate::AssetRow::arrivals_seen`].
    pub arrivals: u32,
    pub last_arrival_at: Timestamp,
}

/// A study as queries see it.
#[derive(Debug, Clone)]
pub struct StudyRow {
    pub study: StudyToken,
    pub study_uid: StudyUid,
    /// Of the first instance that arrived; the fields of a series are empty.
    pub header: StudyHeader,
    /// Each modality once, in the order of arrival of the series.
    pub modalities: Vec<HeaderText>,
    pub series: u32,
    pub instances: u32,
}

/// A series as queries see it.
#[derive(Debug, Clone)]
pub struct SeriesRow {
    pub study: StudyToken,
    pub series: SeriesToken,
    pub study_uid: StudyUid,
    pub series_uid: SeriesUid,
    /// Of the first instance that arrived.
    pub header: StudyHeader,
    pub instances: u32,
}

/// What came in on one day, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCounts {
    pub instances: u64,
    /// Instances, files and callers, since the program started.
    pub refused: u64,
}
