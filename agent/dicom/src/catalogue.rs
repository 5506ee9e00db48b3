//! The port through which peers see what is held: studies, series, instances, and the objects as they came.

use agent_formats::StudyText;
use agent_phi::{HeaderText, InstanceUid, SeriesUid, StudyUid};
use std::ops::ControlFlow;

/// A study that is held.
#[derive(Debug, Clone)]
pub struct StudyEntry {
    pub uid: StudyUid,
    /// Of the first instance that arrived.
    pub text: StudyText,
    /// Each modality of its series once.
    pub modalities: Vec<HeaderText>,
    pub series: u32,
    pub instances: u32,
}

/// A series of a study.
#[derive(Debug, Clone)]
pub struct SeriesEntry {
    pub uid: SeriesUid,
    /// Of the first instance that arrived.
    pub text: StudyText,
    pub instances: u32,
}

/// What the archive calls one object by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ObjectHandle(pub [u8; 16]);

/// An instance of a series. Of several objects with one UID, only the first that arrived is shown.
#[derive(Debug, Clone)]
pub struct InstanceEntry {
    pub uid: InstanceUid,
    /// Digits and full stops; says what kind of object it is, nothing of the patient.
    pub sop_class_uid: String,
    pub transfer_syntax_uid: String,
    /// (0020,0013), where it was read when the object arrived.
    pub number: Option<HeaderText>,
    pub handle: ObjectHandle,
}

/// Whether an object is safe. Values: PS3.4 §J.3.2.1.1, PS3.3 §C.14, Failure Reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commitment {
    /// It is on disk; its bytes were read again and have the digest that they had on arrival.
    Kept,
    /// Nothing of this UID is held.
    NoSuchInstance,
    /// It is held as an object of another class.
    OtherClass,
    /// It cannot be read, or is no longer what arrived.
    Damaged,
}

/// What a peer did, for the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerAct {
    /// Was told of studies, series or instances.
    Queried,
    /// Was given objects, or had us give them to another peer.
    Retrieved,
    /// Was told whether objects are safe.
    CommitmentAnswered,
}

/// The archive failed; what it knows of the reason is in its own log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the archive cannot be read")]
pub struct CatalogueError;

/// What is told of one entry, and whether the next one is wanted.
pub type Each<'a, T> = &'a mut dyn FnMut(T) -> ControlFlow<()>;

/// What is held. All calls may block.
pub trait Catalogue: Send + Sync {
    /// Studies, in the order of arrival: those of these UIDs, or all where none is named.
    ///
    /// # Errors
    /// `CatalogueError`.
    fn studies(&self, only: &[StudyUid], each: Each<'_, StudyEntry>) -> Result<(), CatalogueError>;

    /// The series of one study; nothing when there is no such study.
    ///
    /// # Errors
    /// `CatalogueError`.
    fn series(&self, study: &StudyUid, each: Each<'_, SeriesEntry>) -> Result<(), CatalogueError>;

    /// The instances of one series; nothing when there is no such series.
    ///
    /// # Errors
    /// `CatalogueError`.
    fn instances(
        &self,
        study: &StudyUid,
        series: &SeriesUid,
        each: Each<'_, InstanceEntry>,
    ) -> Result<(), CatalogueError>;

    /// A whole Part 10 file, byte for byte as it came; none when it is there no longer.
    ///
    /// # Errors
    /// `CatalogueError`, also when the bytes are not what arrived.
    fn object(&self, handle: ObjectHandle) -> Result<Option<Vec<u8>>, CatalogueError>;

    /// Whether an object is safe: reads it again.
    ///
    /// # Errors
    /// `CatalogueError` when it cannot be told.
    fn committed(&self, sop_class_uid: &str, instance: &InstanceUid) -> Result<Commitment, CatalogueError>;

    /// Writes down what a peer does, before it is done.
    ///
    /// # Errors
    /// `CatalogueError`; then it is not done.
    fn note(&self, ae_title: &str, act: PeerAct) -> Result<(), CatalogueError>;
}
