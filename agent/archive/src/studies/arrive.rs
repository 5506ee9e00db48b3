//! The hot path: an instance is sealed, and its bytes and rows become one record and one sync.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_phi::Purpose;
use proto_ids::{InstanceToken, SeriesToken, StudyToken, Timestamp};
use proto_journal::Tx;
use serde_bytes::{ByteArray, ByteBuf};

use super::records::{
    ArrivalsRecord, DayRecord, HeaderRecord, InstanceOfSeries, InstanceRecord, InstancesByUid, KnownInstance,
    SealedInstance, SealedSeries, SealedStudy, SeriesByUid, SeriesOfStudy, SeriesRecord, StudyByUid,
    StudyRecord, kind_code, stored_text,
};
use super::{DayCounts, InstancePlace, NewInstance, SeriesKind, StoreError, Stored, StudyHeader, values};
use crate::keys::{Place, SealKey};
use crate::record::{Record, encode, joined, load, load_all, save};
use crate::{Archive, StorageError};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is known of arrivals without asking the tables; built again at each start.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    state: Mutex<ArrivalsState>,
    /// Held while a study that was not there before gets its key and row.
    opening: Mutex<()>,
}

#[derive(Debug, Default)]
struct ArrivalsState {
    /// Series with arrivals that are not claimed, and when the last one came.
    open: BTreeMap<SeriesToken, Timestamp>,
    refused_day: i64,
    refused: u64,
}

impl Arrivals {
    fn state(&self) -> MutexGuard<'_, ArrivalsState> {
        // Each change is one call, so the state is whole after any panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn arrived(&self, series: SeriesToken, at: Timestamp) {
        self.state().open.insert(series, at);
    }

    pub(crate) fn closed(&self, series: SeriesToken) {
        self.state().open.remove(&series);
    }

    pub(super) fn quiet(&self, now: Timestamp, quiet_ms: i64) -> Vec<SeriesToken> {
        let state = self.state();
        let quiet = state.open.iter().filter(|(_, last)| now.millis_since(**last) >= quiet_ms);
        quiet.map(|(series, _)| *series).collect()
    }
}

/// An instance of either kind, ready to be sealed.
struct Incoming {
    kind: SeriesKind,
    study_lookup: [u8; 32],
    instance_lookup: [u8; 32],
    study_uid: Option<String>,
    /// What tells a series from the others of its study.
    series_uid: Option<String>,
    sealed: SealedInstance,
    header: StudyHeader,
    digest: [u8; 32],
    bytes: Vec<u8>,
}

/// The series of an instance: known, or to be put with it.
struct SeriesPlan {
    token: SeriesToken,
    lookup: [u8; 32],
    new: Option<SeriesRecord>,
}

/// Where an instance goes, and the key that it is sealed under.
struct Target {
    study: StudyToken,
    series: SeriesToken,
    key: SealKey,
}

/// An instance, sealed.
struct InstancePlan {
    token: InstanceToken,
    lookup: [u8; 32],
    digest: [u8; 32],
    record: InstanceRecord,
    blob: Vec<u8>,
}

impl Archive {
    /// Keeps a DICOM instance. It is durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was kept.
    pub fn instance_store(&self, new: NewInstance) -> Result<Stored, StoreError> {
        let NewInstance { study_uid, series_uid, instance_uid, header, bytes, .. } = new;
        let [study_uid, series_uid, instance_uid] = [
            study_uid.expose(Purpose::Store).to_owned(),
            series_uid.expose(Purpose::Store).to_owned(),
            instance_uid.expose(Purpose::Store).to_owned(),
        ];
        self.arrive(Incoming {
            kind: SeriesKind::Dicom,
            study_lookup: self.keys.lookup("study", study_uid.as_bytes()),
            instance_lookup: self.keys.lookup("instance", instance_uid.as_bytes()),
            study_uid: Some(study_uid),
            series_uid: Some(series_uid),
            sealed: SealedInstance {
                uid: Some(instance_uid),
                sop_class_uid: Some(new.sop_class_uid),
                transfer_syntax_uid: Some(new.transfer_syntax_uid),
                calling_ae: stored_text(new.calling_ae.as_ref()),
                number: stored_text(header.instance_number.as_ref()),
            },
            header,
            digest: self.keys.digest(&bytes),
            bytes,
        })
    }

    /// Keeps a NIfTI file as a study of its own. It is durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was kept.
    pub fn nifti_store(&self, bytes: Vec<u8>) -> Result<Stored, StoreError> {
        let digest = self.keys.digest(&bytes);
        self.arrive(Incoming {
            kind: SeriesKind::Nifti,
            study_lookup: self.keys.lookup("nifti study", &digest),
            instance_lookup: self.keys.lookup("nifti", &digest),
            study_uid: None,
            series_uid: None,
            sealed: SealedInstance {
                uid: None,
                sop_class_uid: None,
                transfer_syntax_uid: None,
                calling_ae: None,
                number: None,
            },
            header: StudyHeader::default(),
            digest,
            bytes,
        })
    }

    /// Counts instances, files or callers that were refused before they came here.
    pub fn arrivals_refused(&self, count: u64) {
        let day = self.clock.now().millis().div_euclid(DAY_MS);
        let mut state = self.arrivals.state();
        if state.refused_day != day {
            state.refused_day = day;
            state.refused = 0;
        }
        state.refused += count;
    }

    /// What came in on the day of `now`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn day_counts(&self, now: Timestamp) -> Result<DayCounts, StorageError> {
        let day = now.millis().div_euclid(DAY_MS);
        let record = load::<DayRecord>(&self.images, &day.to_be_bytes())?.unwrap_or_default();
        let state = self.arrivals.state();
        let refused = if state.refused_day == day { state.refused } else { 0 };
        Ok(DayCounts { instances: record.instances, refused })
    }

    /// Finds the series with arrivals that no asset has claimed; done once at the start.
    pub(crate) fn arrivals_load(&self) -> Result<(), StorageError> {
        for (key, arrivals) in load_all::<ArrivalsRecord>(&self.images, &[])? {
            let series = SeriesToken::from_bytes(crate::record::id_in_key(ArrivalsRecord::TABLE, &key, 0)?);
            if arrivals.count > self.series_claimed(series)? {
                self.arrivals.arrived(series, Timestamp::from_millis(arrivals.last_at));
            }
        }
        Ok(())
    }

    fn arrive(&self, incoming: Incoming) -> Result<Stored, StoreError> {
        let now = self.clock.now();
        let known = load::<InstancesByUid>(&self.images, &incoming.instance_lookup)?.unwrap_or_default();
        if let Some(place) = same_content(&known, &incoming.digest) {
            // The tables answer an instant before the record is durable; an empty transaction waits for it.
            self.images.write(|_| Ok::<_, StorageError>(()))?;
            return Ok(Stored::Duplicate(place));
        }
        let study = self.study_open(&incoming, now)?;
        let key = self.keys.study(study).map_err(|error| match error {
            crate::KeyError::Destroyed => StoreError::StudyDeleted,
            crate::KeyError::Io { .. }
            | crate::KeyError::Malformed { .. }
            | crate::KeyError::NoRandomness => StoreError::Storage(error.into()),
        })?;
        let series = self.series_plan(study, &key, &incoming, now)?;
        let target = Target { study, series: series.token, key };
        let instance = self.instance_plan(&target, incoming, now)?;
        let stored = self.images.write(|tx| keep(tx, study, series, instance, now))?;
        match stored {
            Stored::New(place) | Stored::KeptBeside(place) => {
                self.arrivals.arrived(place.series, now);
                self.changes.changed(place.study);
            }
            Stored::Duplicate(_) => {}
        }
        Ok(stored)
    }

    /// The study of an instance. A new one has its key on disk before its row, and its row before any instance.
    fn study_open(&self, incoming: &Incoming, now: Timestamp) -> Result<StudyToken, StorageError> {
        let find = || load::<StudyByUid>(&self.images, &incoming.study_lookup);
        if let Some(found) = find()? {
            return Ok(StudyToken::from_bytes(*found.study));
        }
        let _opening = self.arrivals.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = find()? {
            return Ok(StudyToken::from_bytes(*found.study));
        }
        let study = StudyToken::from_random(self.keys.random_id()?);
        self.keys.study_create(study)?;
        let key = self.keys.study(study)?;
        let content =
            SealedStudy { uid: incoming.study_uid.clone(), header: HeaderRecord::of(&incoming.header) };
        let place = Place { table: StudyRecord::TABLE, key: study.bytes() };
        let record = StudyRecord {
            lookup: ByteArray::new(incoming.study_lookup),
            arrived_at: now.millis(),
            sealed: ByteBuf::from(self.keys.seal(&key, place, encode(&content)?)?),
            values: match incoming.kind {
                SeriesKind::Dicom => values::of_study(&self.keys, &incoming.header),
                SeriesKind::Nifti => Vec::new(),
            },
        };
        self.images.write(|tx| {
            values::save_study(tx, study, &record)?;
            save(tx, study.bytes(), &record)?;
            save(tx, &incoming.study_lookup, &StudyByUid { study: ByteArray::new(*study.bytes()) })
        })?;
        Ok(study)
    }

    fn series_plan(
        &self,
        study: StudyToken,
        key: &SealKey,
        incoming: &Incoming,
        now: Timestamp,
    ) -> Result<SeriesPlan, StorageError> {
        let uid = incoming.series_uid.as_deref().unwrap_or_default();
        let lookup = self.keys.lookup("series", &joined(study.bytes(), uid.as_bytes()));
        if let Some(found) = load::<SeriesByUid>(&self.images, &lookup)? {
            return Ok(SeriesPlan { token: SeriesToken::from_bytes(*found.series), lookup, new: None });
        }
        let token = SeriesToken::from_random(self.keys.random_id()?);
        let content =
            SealedSeries { uid: incoming.series_uid.clone(), header: HeaderRecord::of(&incoming.header) };
        let place = Place { table: SeriesRecord::TABLE, key: token.bytes() };
        let record = SeriesRecord {
            study: ByteArray::new(*study.bytes()),
            lookup: ByteArray::new(lookup),
            kind: kind_code(incoming.kind),
            arrived_at: now.millis(),
            sealed: ByteBuf::from(self.keys.seal(key, place, encode(&content)?)?),
            modality_value: incoming
                .header
                .modality
                .as_ref()
                .map(|modality| ByteArray::new(values::modality(&self.keys, modality))),
        };
        Ok(SeriesPlan { token, lookup, new: Some(record) })
    }

    fn instance_plan(
        &self,
        target: &Target,
        incoming: Incoming,
        now: Timestamp,
    ) -> Result<InstancePlan, StorageError> {
        let token = InstanceToken::from_random(self.keys.random_id()?);
        let mut blob = incoming.bytes;
        let blob_place = Place { table: "instance blob", key: token.bytes() };
        let blob_nonce = self.keys.seal_blob(&target.key, blob_place, &mut blob)?;
        let place = Place { table: InstanceRecord::TABLE, key: token.bytes() };
        let record = InstanceRecord {
            study: ByteArray::new(*target.study.bytes()),
            series: ByteArray::new(*target.series.bytes()),
            lookup: ByteArray::new(incoming.instance_lookup),
            arrived_at: now.millis(),
            blob_nonce: ByteArray::new(blob_nonce),
            sealed: ByteBuf::from(self.keys.seal(&target.key, place, encode(&incoming.sealed)?)?),
        };
        Ok(InstancePlan { token, lookup: incoming.instance_lookup, digest: incoming.digest, record, blob })
    }
}

pub(super) fn same_content(known: &InstancesByUid, digest: &[u8; 32]) -> Option<InstancePlace> {
    known.instances.iter().find(|instance| *instance.digest == *digest).map(|instance| InstancePlace {
        study: StudyToken::from_bytes(*instance.study),
        series: SeriesToken::from_bytes(*instance.series),
        instance: InstanceToken::from_bytes(*instance.instance),
    })
}

/// Puts an instance and all rows about it. What was looked up before is looked up again: others wrote meanwhile.
fn keep(
    tx: &mut Tx<'_>,
    study: StudyToken,
    series: SeriesPlan,
    mut instance: InstancePlan,
    now: Timestamp,
) -> Result<Stored, StoreError> {
    let Some(of_study) = load::<StudyRecord>(tx, study.bytes())? else {
        return Err(StoreError::StudyDeleted);
    };
    let mut known = load::<InstancesByUid>(tx, &instance.lookup)?.unwrap_or_default();
    if let Some(place) = same_content(&known, &instance.digest) {
        return Ok(Stored::Duplicate(place));
    }
    let series = keep_series(tx, (study, of_study.arrived_at), series)?;
    instance.record.series = ByteArray::new(*series.bytes());
    let beside = !known.instances.is_empty();
    let mut arrivals = load::<ArrivalsRecord>(tx, series.bytes())?.unwrap_or_default();
    let number = arrivals.count;
    arrivals.count += 1;
    arrivals.beside += u32::from(beside);
    arrivals.last_at = now.millis();
    save(tx, series.bytes(), &arrivals)?;
    let token = ByteArray::new(*instance.token.bytes());
    save(tx, &joined(series.bytes(), &number.to_be_bytes()), &InstanceOfSeries { instance: token, beside })?;
    known.instances.push(KnownInstance {
        study: ByteArray::new(*study.bytes()),
        series: ByteArray::new(*series.bytes()),
        instance: token,
        digest: ByteArray::new(instance.digest),
    });
    save(tx, &instance.lookup, &known)?;
    let day = now.millis().div_euclid(DAY_MS).to_be_bytes();
    let mut counts = load::<DayRecord>(tx, &day)?.unwrap_or_default();
    counts.instances += 1;
    save(tx, &day, &counts)?;
    let value = encode(&instance.record)?;
    tx.put_with_blob(InstanceRecord::TABLE, instance.token.bytes(), value, instance.blob);
    let place = InstancePlace { study, series, instance: instance.token };
    Ok(if beside { Stored::KeptBeside(place) } else { Stored::New(place) })
}

fn keep_series(
    tx: &mut Tx<'_>,
    (study, study_arrived_at): (StudyToken, i64),
    plan: SeriesPlan,
) -> Result<SeriesToken, StorageError> {
    if let Some(found) = load::<SeriesByUid>(tx, &plan.lookup)? {
        return Ok(SeriesToken::from_bytes(*found.series));
    }
    let Some(record) = plan.new else {
        // It was there before and went away with its study, which the caller has just looked at.
        return Err(StorageError::Record { table: SeriesRecord::TABLE });
    };
    values::save_series(tx, study_arrived_at, &record)?;
    save(tx, plan.token.bytes(), &record)?;
    save(tx, &plan.lookup, &SeriesByUid { series: ByteArray::new(*plan.token.bytes()) })?;
    save(tx, &joined(study.bytes(), plan.token.bytes()), &SeriesOfStudy {})?;
    Ok(plan.token)
}
