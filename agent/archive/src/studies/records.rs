//! Stored forms of studies, series and instances. What came out of a header is inside `sealed`.

use agent_phi::{HeaderText, PatientId, Purpose};
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::{SeriesKind, StudyHeader};
use crate::StorageError;
use crate::record::{IdBytes, Record};

/// `study_by_uid`: HMAC of the Study Instance UID → the study.
#[derive(Serialize, Deserialize)]
pub(crate) struct StudyByUid {
    pub(crate) study: IdBytes,
}

impl Record for StudyByUid {
    const TABLE: &'static str = "study_by_uid";
}

/// `study`: token → what is kept of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct StudyRecord {
    pub(crate) lookup: ByteArray<32>,
    pub(crate) arrived_at: i64,
    /// A [`SealedStudy`].
    pub(crate) sealed: ByteBuf,
    /// Hashes of the values that it can be asked for exactly; none for NIfTI.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<ByteArray<32>>,
}

impl Record for StudyRecord {
    const TABLE: &'static str = "study";
}

/// Sealed under the study's key.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedStudy {
    /// None for NIfTI.
    pub(crate) uid: Option<String>,
    pub(crate) header: HeaderRecord,
}

impl Record for SealedStudy {
    const TABLE: &'static str = "study";
}

/// `series_by_uid`: HMAC of study token and Series Instance UID → the series.
#[derive(Serialize, Deserialize)]
pub(crate) struct SeriesByUid {
    pub(crate) series: IdBytes,
}

impl Record for SeriesByUid {
    const TABLE: &'static str = "series_by_uid";
}

/// `series`: token → what is kept of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct SeriesRecord {
    pub(crate) study: IdBytes,
    pub(crate) lookup: ByteArray<32>,
    pub(crate) kind: u8,
    pub(crate) arrived_at: i64,
    /// A [`SealedSeries`].
    pub(crate) sealed: ByteBuf,
    /// Hash of its modality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) modality_value: Option<ByteArray<32>>,
}

impl Record for SeriesRecord {
    const TABLE: &'static str = "series";
}

/// Sealed under the study's key.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedSeries {
    /// None for NIfTI.
    pub(crate) uid: Option<String>,
    pub(crate) header: HeaderRecord,
}

impl Record for SealedSeries {
    const TABLE: &'static str = "series";
}

/// `series_of_study`: study and series → nothing more.
#[derive(Serialize, Deserialize)]
pub(crate) struct SeriesOfStudy {}

impl Record for SeriesOfStudy {
    const TABLE: &'static str = "series_of_study";
}

/// `arrivals`: series → how many instances, and when the last one came.
#[derive(Serialize, Deserialize, Default, Clone, Copy)]
pub(crate) struct ArrivalsRecord {
    pub(crate) count: u32,
    /// Of them, kept beside others.
    pub(crate) beside: u32,
    pub(crate) last_at: i64,
}

impl Record for ArrivalsRecord {
    const TABLE: &'static str = "arrivals";
}

/// `instance_of_series`: series and number of arrival → the instance.
#[derive(Serialize, Deserialize)]
pub(crate) struct InstanceOfSeries {
    pub(crate) instance: IdBytes,
    pub(crate) beside: bool,
}

impl Record for InstanceOfSeries {
    const TABLE: &'static str = "instance_of_series";
}

/// `instance_by_uid`: HMAC of the SOP Instance UID → everything that arrived under it.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct InstancesByUid {
    pub(crate) instances: Vec<KnownInstance>,
}

/// One of them.
#[derive(Serialize, Deserialize)]
pub(crate) struct KnownInstance {
    pub(crate) study: IdBytes,
    pub(crate) series: IdBytes,
    pub(crate) instance: IdBytes,
    /// Keyed: it means nothing outside this store.
    pub(crate) digest: ByteArray<32>,
}

impl Record for InstancesByUid {
    const TABLE: &'static str = "instance_by_uid";
}

/// `instance`: token → what is kept of it; the file is the row's blob, sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct InstanceRecord {
    pub(crate) study: IdBytes,
    pub(crate) series: IdBytes,
    pub(crate) lookup: ByteArray<32>,
    pub(crate) arrived_at: i64,
    pub(crate) blob_nonce: ByteArray<12>,
    /// A [`SealedInstance`].
    pub(crate) sealed: ByteBuf,
}

impl Record for InstanceRecord {
    const TABLE: &'static str = "instance";
}

/// Sealed under the study's key.
#[derive(Serialize, Deserialize)]
pub(crate) struct SealedInstance {
    /// None for NIfTI.
    pub(crate) uid: Option<String>,
    pub(crate) sop_class_uid: Option<String>,
    pub(crate) transfer_syntax_uid: Option<String>,
    pub(crate) calling_ae: Option<String>,
    /// None in what was stored before it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<String>,
}

impl Record for SealedInstance {
    const TABLE: &'static str = "instance";
}

/// `day`: number of the day since 1970 → what came in.
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct DayRecord {
    pub(crate) instances: u64,
}

impl Record for DayRecord {
    const TABLE: &'static str = "day";
}

/// `deletion`: a study that is being deleted; gone when it is done.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeletionRecord {}

impl Record for DeletionRecord {
    const TABLE: &'static str = "deletion";
}

/// The stored form of a [`StudyHeader`].
#[derive(Serialize, Deserialize, Default)]
pub(crate) struct HeaderRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patient_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patient_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patient_birth_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    patient_sex: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    study_date: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    study_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    study_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accession_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    study_description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    referring_physician: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modality: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series_description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_part: Option<String>,
}

pub(crate) fn stored_text(text: Option<&HeaderText>) -> Option<String> {
    text.map(|text| text.expose(Purpose::Store).to_owned())
}

pub(super) fn read_text(text: Option<String>) -> Result<Option<HeaderText>, StorageError> {
    text.map(HeaderText::new).transpose().map_err(|_| StorageError::Record { table: "study" })
}

impl HeaderRecord {
    pub(crate) fn of(header: &StudyHeader) -> Self {
        Self {
            patient_name: stored_text(header.patient_name.as_ref()),
            patient_id: header.patient_id.as_ref().map(|id| id.expose(Purpose::Store).to_owned()),
            patient_birth_date: stored_text(header.patient_birth_date.as_ref()),
            patient_sex: stored_text(header.patient_sex.as_ref()),
            study_date: stored_text(header.study_date.as_ref()),
            study_time: stored_text(header.study_time.as_ref()),
            study_id: stored_text(header.study_id.as_ref()),
            accession_number: stored_text(header.accession_number.as_ref()),
            study_description: stored_text(header.study_description.as_ref()),
            referring_physician: stored_text(header.referring_physician.as_ref()),
            modality: stored_text(header.modality.as_ref()),
            series_number: stored_text(header.series_number.as_ref()),
            series_description: stored_text(header.series_description.as_ref()),
            body_part: stored_text(header.body_part.as_ref()),
        }
    }

    pub(crate) fn read(self) -> Result<StudyHeader, StorageError> {
        let patient_id = self.patient_id.map(PatientId::new).transpose();
        Ok(StudyHeader {
            patient_name: read_text(self.patient_name)?,
            patient_id: patient_id.map_err(|_| StorageError::Record { table: "study" })?,
            patient_birth_date: read_text(self.patient_birth_date)?,
            patient_sex: read_text(self.patient_sex)?,
            study_date: read_text(self.study_date)?,
            study_time: read_text(self.study_time)?,
            study_id: read_text(self.study_id)?,
            accession_number: read_text(self.accession_number)?,
            study_description: read_text(self.study_description)?,
            referring_physician: read_text(self.referring_physician)?,
            modality: read_text(self.modality)?,
            series_number: read_text(self.series_number)?,
            series_description: read_text(self.series_description)?,
            body_part: read_text(self.body_part)?,
            instance_number: None,
        })
    }
}

pub(crate) const fn kind_code(kind: SeriesKind) -> u8 {
    match kind {
        SeriesKind::Dicom => 0,
        SeriesKind::Nifti => 1,
    }
}

pub(crate) fn kind_of(code: u8) -> Result<SeriesKind, StorageError> {
    match code {
        0 => Ok(SeriesKind::Dicom),
        1 => Ok(SeriesKind::Nifti),
        _ => Err(StorageError::Record { table: SeriesRecord::TABLE }),
    }
}
