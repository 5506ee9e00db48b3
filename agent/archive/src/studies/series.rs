//! Reading back: series that are quiet, their instances, and the files as they came.

use proto_ids::{InstanceToken, SeriesToken, StudyToken, Timestamp};

use super::records::{ArrivalsRecord, InstanceOfSeries, InstanceRecord, SealedSeries, SeriesRecord, kind_of};
use super::{SeriesContent, SeriesKind};
use crate::keys::{Place, open_blob, open_sealed};
use crate::record::{Record, Rows, decode, load, load_all};
use crate::{Archive, StorageError};

/// A file as it came in.
#[derive(Clone)]
pub struct InstanceFile {
    pub kind: SeriesKind,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for InstanceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstanceFile").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Archive {
    /// Series with instances that no asset has claimed, and with no arrival for `quiet_ms`.
    pub fn series_quiet(&self, now: Timestamp, quiet_ms: i64) -> Vec<SeriesToken> {
        self.arrivals.quiet(now, quiet_ms)
    }

    /// Whether a series has arrivals that no asset has claimed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn series_unclaimed(&self, series: SeriesToken) -> Result<bool, StorageError> {
        let arrivals = load::<ArrivalsRecord>(&self.images, series.bytes())?.unwrap_or_default();
        Ok(arrivals.count > self.series_claimed(series)?)
    }

    /// The instances of a series, as far as they have arrived; none when there is no such series.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn series_instances(&self, series: SeriesToken) -> Result<Option<SeriesContent>, StorageError> {
        let Some(record) = load::<SeriesRecord>(&self.images, series.bytes())? else { return Ok(None) };
        let study = StudyToken::from_bytes(*record.study);
        let sealed = self.series_unsealed(study, series, &record)?;
        let arrivals = load::<ArrivalsRecord>(&self.images, series.bytes())?.unwrap_or_default();
        let listed = load_all::<InstanceOfSeries>(&self.images, series.bytes())?;
        let instances = listed
            .into_iter()
            .take(arrivals.count as usize)
            .filter(|(_, entry)| !entry.beside)
            .map(|(_, entry)| InstanceToken::from_bytes(*entry.instance))
            .collect();
        Ok(Some(SeriesContent {
            study,
            series,
            kind: kind_of(record.kind)?,
            header: sealed.header.read()?,
            instances,
            arrivals: arrivals.count,
            last_arrival_at: Timestamp::from_millis(arrivals.last_at),
        }))
    }

    /// The file of an instance, byte for byte as it came; none when there is no such instance.
    ///
    /// # Errors
    /// When the store cannot be read, or the file is not what was written.
    pub fn instance_bytes(&self, instance: InstanceToken) -> Result<Option<InstanceFile>, StorageError> {
        let Some(row) = self.images.row(InstanceRecord::TABLE, instance.bytes())? else { return Ok(None) };
        let record: InstanceRecord = decode(&row.value)?;
        let malformed = || StorageError::Record { table: InstanceRecord::TABLE };
        let blob = self.images.blob(&row.blob.ok_or_else(malformed)?)?;
        let key = self.keys.study(StudyToken::from_bytes(*record.study))?;
        let place = Place { table: "instance blob", key: instance.bytes() };
        let bytes = open_blob(&key, place, record.blob_nonce.as_slice(), blob)?;
        let series = load::<SeriesRecord>(&self.images, record.series.as_slice())?.ok_or_else(malformed)?;
        Ok(Some(InstanceFile { kind: kind_of(series.kind)?, bytes }))
    }

    pub(super) fn series_unsealed(
        &self,
        study: StudyToken,
        series: SeriesToken,
        record: &SeriesRecord,
    ) -> Result<SealedSeries, StorageError> {
        let key = self.keys.study(study)?;
        let place = Place { table: SeriesRecord::TABLE, key: series.bytes() };
        decode(&open_sealed(&key, place, &record.sealed)?)
    }

    pub(super) fn study_series(
        &self,
        study: StudyToken,
    ) -> Result<Vec<(SeriesToken, SeriesRecord)>, StorageError> {
        let keys = self.images.rows("series_of_study", study.bytes())?;
        let mut found = Vec::with_capacity(keys.len());
        for (key, _) in keys {
            let series = SeriesToken::from_bytes(crate::record::id_in_key("series_of_study", &key, 16)?);
            if let Some(record) = load::<SeriesRecord>(&self.images, series.bytes())? {
                found.push((series, record));
            }
        }
        found.sort_by_key(|(series, record)| (record.arrived_at, *series));
        Ok(found)
    }

    /// Whether there is a series of this key.
    pub(crate) fn series_there(&self, key: &[u8]) -> Result<bool, StorageError> {
        Ok(load::<SeriesRecord>(&self.images, key)?.is_some())
    }

    /// How many arrivals of a series are claimed.
    pub(crate) fn series_claimed(&self, series: SeriesToken) -> Result<u32, StorageError> {
        let claim = load::<crate::assets::ClaimRecord>(&self.work, series.bytes())?;
        Ok(claim.map_or(0, |claim| claim.arrivals))
    }
}
