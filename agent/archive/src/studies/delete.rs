//! Deleting a study: its rows go, its key is destroyed, and the ciphertext in the journals stays unreadable.

use proto_ids::{InstanceToken, SeriesToken, StudyToken};
use proto_journal::Tx;

use super::records::{
    ArrivalsRecord, DeletionRecord, InstanceOfSeries, InstanceRecord, InstancesByUid, SeriesByUid,
    SeriesOfStudy, SeriesRecord, StudyByUid, StudyRecord,
};
use super::values;
use crate::record::{Record, Rows, id_in_key, joined, load, load_all, remove, save};
use crate::{Archive, StorageError};

impl Archive {
    /// Deletes a study with everything drawn on it. Nobody can read any of it when this returns.
    /// Gives false when there is no such study.
    ///
    /// # Errors
    /// When the store cannot be written; calling again, or opening the store, goes on where it stopped.
    pub fn study_delete(&self, study: StudyToken) -> Result<bool, StorageError> {
        let series = self.images.write(|tx| {
            if load::<StudyRecord>(tx, study.bytes())?.is_none() {
                return Ok::<_, StorageError>(None);
            }
            save(tx, study.bytes(), &DeletionRecord {})?;
            remove_rows(tx, study).map(Some)
        })?;
        let found = series.is_some();
        if found {
            self.changes.changed(study);
        }
        for series in series.into_iter().flatten() {
            self.arrivals.closed(series);
            self.opened.forget_series(series);
        }
        self.opened.forget_study(study);
        if load::<DeletionRecord>(&self.images, study.bytes())?.is_some() {
            self.deletion_finish(study)?;
        }
        Ok(found)
    }

    /// Finishes deletions that a crash has interrupted.
    pub(crate) fn deletions_finish(&self) -> Result<(), StorageError> {
        for (key, _) in load_all::<DeletionRecord>(&self.images, &[])? {
            self.deletion_finish(StudyToken::from_bytes(id_in_key(DeletionRecord::TABLE, &key, 0)?))?;
        }
        Ok(())
    }

    fn deletion_finish(&self, study: StudyToken) -> Result<(), StorageError> {
        self.keys.study_destroy(study)?;
        self.study_work_remove(study)?;
        self.images.write(|tx| {
            remove::<DeletionRecord>(tx, study.bytes());
            Ok(())
        })
    }
}

fn remove_rows(tx: &mut Tx<'_>, study: StudyToken) -> Result<Vec<SeriesToken>, StorageError> {
    let mut arrived_at = 0;
    if let Some(record) = load::<StudyRecord>(tx, study.bytes())? {
        remove::<StudyByUid>(tx, record.lookup.as_slice());
        arrived_at = record.arrived_at;
        values::remove(tx, study.bytes(), arrived_at, &record.values);
    }
    remove::<StudyRecord>(tx, study.bytes());
    let mut removed = Vec::new();
    for (key, _) in tx.rows(SeriesOfStudy::TABLE, study.bytes())? {
        let series = SeriesToken::from_bytes(id_in_key(SeriesOfStudy::TABLE, &key, 16)?);
        if let Some(record) = load::<SeriesRecord>(tx, series.bytes())? {
            remove::<SeriesByUid>(tx, record.lookup.as_slice());
            values::remove(tx, study.bytes(), arrived_at, record.modality_value.as_slice());
        }
        for (key, entry) in load_all::<InstanceOfSeries>(tx, series.bytes())? {
            remove_instance(tx, InstanceToken::from_bytes(*entry.instance))?;
            remove::<InstanceOfSeries>(tx, &key);
        }
        remove::<ArrivalsRecord>(tx, series.bytes());
        remove::<SeriesRecord>(tx, series.bytes());
        remove::<SeriesOfStudy>(tx, &joined(study.bytes(), series.bytes()));
        removed.push(series);
    }
    Ok(removed)
}

fn remove_instance(tx: &mut Tx<'_>, instance: InstanceToken) -> Result<(), StorageError> {
    if let Some(record) = load::<InstanceRecord>(tx, instance.bytes())? {
        let lookup = record.lookup.as_slice();
        let mut known = load::<InstancesByUid>(tx, lookup)?.unwrap_or_default();
        known.instances.retain(|other| *other.instance != *instance.bytes());
        if known.instances.is_empty() {
            remove::<InstancesByUid>(tx, lookup);
        } else {
            save(tx, lookup, &known)?;
        }
    }
    remove::<InstanceRecord>(tx, instance.bytes());
    Ok(())
}
