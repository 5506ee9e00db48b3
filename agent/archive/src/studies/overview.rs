//! One study with its series, and one series with its instances, by token: what an index of queries is made of.

use agent_phi::{InstanceUid, Purpose};
use proto_ids::{InstanceToken, SeriesToken, StudyToken, Timestamp};

use super::records::{InstanceOfSeries, InstancesByUid, StudyRecord};
use super::{InstancePlace, InstanceRow, SeriesRow, StudyRow};
use crate::record::{Record, id_in_key, load, load_all};
use crate::{Archive, StorageError};

/// A DICOM study with all of its series.
#[derive(Debug, Clone)]
pub struct StudyOverview {
    pub arrived_at: Timestamp,
    pub study: StudyRow,
    /// In the order of arrival.
    pub series: Vec<SeriesRow>,
}

/// Where an instance of a UID is, and what queries see of it.
#[derive(Debug, Clone)]
pub struct StudyInstance {
    pub place: InstancePlace,
    pub row: InstanceRow,
}

impl Archive {
    /// All studies, in the order of their arrival.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn study_tokens(&self) -> Result<Vec<StudyToken>, StorageError> {
        let mut found = Vec::new();
        for (key, record) in load_all::<StudyRecord>(&self.images, &[])? {
            let token = StudyToken::from_bytes(id_in_key(StudyRecord::TABLE, &key, 0)?);
            found.push((record.arrived_at, token));
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, token)| token).collect())
    }

    /// A study; none when there is none, when it is NIfTI, or when it is being deleted at this moment.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn study_overview(&self, study: StudyToken) -> Result<Option<StudyOverview>, StorageError> {
        let Some(record) = load::<StudyRecord>(&self.images, study.bytes())? else { return Ok(None) };
        let Some(opened) = self.study_opened(study)? else { return Ok(None) };
        let series = self.series_rows(&opened)?;
        let study = super::find::study_row(&opened, &series);
        Ok(Some(StudyOverview { arrived_at: Timestamp::from_millis(record.arrived_at), study, series }))
    }

    /// The DICOM instances of a series in the order of arrival, without those that were kept beside others.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn series_instance_rows(&self, series: SeriesToken) -> Result<Vec<InstanceRow>, StorageError> {
        let listed = load_all::<InstanceOfSeries>(&self.images, series.bytes())?;
        let mut rows = Vec::with_capacity(listed.len());
        for (_, entry) in listed.into_iter().filter(|(_, entry)| !entry.beside) {
            rows.extend(self.instance_row(InstanceToken::from_bytes(*entry.instance))?);
        }
        Ok(rows)
    }

    /// The instances of a UID, the one that arrived first before those that were kept beside it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn instances_of_uid(&self, uid: &InstanceUid) -> Result<Vec<StudyInstance>, StorageError> {
        let lookup = self.keys.lookup("instance", uid.expose(Purpose::Store).as_bytes());
        let known = load::<InstancesByUid>(&self.images, &lookup)?.unwrap_or_default();
        let mut found = Vec::with_capacity(known.instances.len());
        for one in known.instances {
            let place = InstancePlace {
                study: StudyToken::from_bytes(*one.study),
                series: SeriesToken::from_bytes(*one.series),
                instance: InstanceToken::from_bytes(*one.instance),
            };
            found.extend(self.instance_row(place.instance)?.map(|row| StudyInstance { place, row }));
        }
        Ok(found)
    }
}
