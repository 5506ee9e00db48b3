//! Instances by UID: the rows of a series, and whether an object is still what arrived.

use agent_phi::{HeaderText, InstanceUid, Purpose, SeriesUid, StudyUid};
use proto_ids::{InstanceToken, StudyToken};

use super::InstancePlace;
use super::records::{
    InstanceOfSeries, InstanceRecord, InstancesByUid, SealedInstance, SeriesByUid, read_text,
};
use crate::keys::{Place, open_sealed};
use crate::record::{Record, decode, joined, load, load_all};
use crate::{Archive, StorageError};

/// An instance as queries see it.
#[derive(Debug, Clone)]
pub struct InstanceRow {
    pub instance: InstanceToken,
    pub instance_uid: InstanceUid,
    pub sop_class_uid: String,
    pub transfer_syntax_uid: String,
    /// (0020,0013), where it was read when the object arrived.
    pub number: Option<HeaderText>,
}

/// Whether an object is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Its bytes were read from the disk and have the digest that they had on arrival.
    Kept,
    Unknown,
    /// Everything of this UID is of another class.
    OtherClass,
    /// It cannot be read, or is no longer what arrived.
    Damaged,
}

impl Archive {
    /// Where these very bytes are kept under this UID; none when they are not. They may not be durable yet: see
    /// [`Archive::arrivals_settle`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instance_known(
        &self,
        instance: &InstanceUid,
        bytes: &[u8],
    ) -> Result<Option<InstancePlace>, StorageError> {
        let lookup = self.keys.lookup("instance", instance.expose(Purpose::Store).as_bytes());
        self.known(&lookup, &self.keys.digest(bytes))
    }

    /// As [`Archive::instance_known`], for a NIfTI file.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn nifti_known(&self, bytes: &[u8]) -> Result<Option<InstancePlace>, StorageError> {
        let digest = self.keys.digest(bytes);
        self.known(&self.keys.lookup("nifti", &digest), &digest)
    }

    fn known(&self, lookup: &[u8; 32], digest: &[u8; 32]) -> Result<Option<InstancePlace>, StorageError> {
        let known = load::<InstancesByUid>(&self.images, lookup)?.unwrap_or_default();
        Ok(super::arrive::same_content(&known, digest))
    }

    /// Waits until everything that the tables answer for is durable.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn arrivals_settle(&self) -> Result<(), StorageError> {
        self.images.write(|_| Ok::<_, StorageError>(()))
    }

    /// The instances of a series in the order of arrival, without those that were kept beside others; none when
    /// there is no such series.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instances_find(
        &self,
        study: &StudyUid,
        series: &SeriesUid,
    ) -> Result<Vec<InstanceRow>, StorageError> {
        let Some((study, _)) = self.study_of_uid(study)? else { return Ok(Vec::new()) };
        let series = series.expose(Purpose::Store).as_bytes();
        let lookup = self.keys.lookup("series", &joined(&study, series));
        let Some(found) = load::<SeriesByUid>(&self.images, &lookup)? else { return Ok(Vec::new()) };
        let listed = load_all::<InstanceOfSeries>(&self.images, found.series.as_slice())?;
        let mut rows = Vec::with_capacity(listed.len());
        for (_, entry) in listed.into_iter().filter(|(_, entry)| !entry.beside) {
            rows.extend(self.instance_row(InstanceToken::from_bytes(*entry.instance))?);
        }
        Ok(rows)
    }

    /// An instance; none when there is no such DICOM instance, or its study is being deleted at this moment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instance_row(&self, instance: InstanceToken) -> Result<Option<InstanceRow>, StorageError> {
        let malformed = || StorageError::Record { table: InstanceRecord::TABLE };
        let Some(record) = load::<InstanceRecord>(&self.images, instance.bytes())? else { return Ok(None) };
        let Some(sealed) = self.instance_unsealed(instance, &record)? else { return Ok(None) };
        // NIfTI has no UID.
        let Some(uid) = sealed.uid else { return Ok(None) };
        Ok(Some(InstanceRow {
            instance,
            instance_uid: InstanceUid::new(uid).map_err(|_| malformed())?,
            sop_class_uid: sealed.sop_class_uid.ok_or_else(malformed)?,
            transfer_syntax_uid: sealed.transfer_syntax_uid.ok_or_else(malformed)?,
            number: read_text(sealed.number)?,
        }))
    }

    fn instance_unsealed(
        &self,
        instance: InstanceToken,
        record: &InstanceRecord,
    ) -> Result<Option<SealedInstance>, StorageError> {
        let key = match self.keys.study(StudyToken::from_bytes(*record.study)) {
            Ok(key) => key,
            Err(crate::KeyError::Destroyed) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let place = Place { table: InstanceRecord::TABLE, key: instance.bytes() };
        decode(&open_sealed(&key, place, &record.sealed)?).map(Some)
    }

    /// Whether an object of this class and UID is kept: reads its bytes again and compares their digest. What is
    /// stored was synced before its arrival was acknowledged, so what is read here is what a power cut leaves.
    ///
    /// # Errors
    /// When the index cannot be read, or the object is in a place that is away. Another object that cannot be read is
    /// [`Keeping::Damaged`].
    pub fn instance_keeping(
        &self,
        sop_class_uid: &str,
        instance: &InstanceUid,
    ) -> Result<Keeping, StorageError> {
        let lookup = self.keys.lookup("instance", instance.expose(Purpose::Store).as_bytes());
        let known = load::<InstancesByUid>(&self.images, &lookup)?.unwrap_or_default();
        let mut keeping = Keeping::Unknown;
        for one in known.instances {
            let token = InstanceToken::from_bytes(*one.instance);
            let Some(record) = load::<InstanceRecord>(&self.images, token.bytes())? else { continue };
            let class = match self.instance_unsealed(token, &record) {
                Ok(Some(sealed)) => sealed.sop_class_uid,
                Ok(None) => continue,
                Err(_) => {
                    keeping = Keeping::Damaged;
                    continue;
                }
            };
            if class.as_deref() != Some(sop_class_uid) {
                if keeping == Keeping::Unknown {
                    keeping = Keeping::OtherClass;
                }
                continue;
            }
            match self.instance_bytes(token) {
                Ok(Some(file)) if self.keys.digest(&file.bytes) == *one.digest => return Ok(Keeping::Kept),
                // Whether it is whole is not known now, and neither answer would be true.
                Err(error) if error.away() => return Err(error),
                Ok(_) | Err(_) => keeping = Keeping::Damaged,
            }
        }
        Ok(keeping)
    }
}
