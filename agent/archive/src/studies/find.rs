//! Queries over studies and series, for QIDO-RS and C-FIND. What leaves this file are protected types.

use std::ops::ControlFlow;

use agent_phi::{HeaderText, PatientId, Purpose, SeriesUid, StudyUid};
use proto_ids::StudyToken;

use super::pattern::matches;
use super::records::{ArrivalsRecord, SealedStudy, SeriesRecord, StudyByUid, StudyRecord};
use super::{SeriesRow, StudyHeader, StudyRow};
use crate::keys::{Place, open_sealed};
use crate::record::{Record, decode, id_in_key, load, load_all};
use crate::{Archive, StorageError};

/// Days from one to another, both included and both eight digits; an open end is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DateRange {
    pub from: Option<HeaderText>,
    pub to: Option<HeaderText>,
}

/// Which studies are asked for; what is none is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StudyFilter {
    pub study_uid: Option<StudyUid>,
    pub patient_id: Option<PatientId>,
    /// May hold `*` and `?`.
    pub patient_name: Option<HeaderText>,
    pub study_date: Option<DateRange>,
    pub accession_number: Option<HeaderText>,
    /// Studies that have a series of it.
    pub modality: Option<HeaderText>,
    /// How many matches are left out before the first.
    pub offset: usize,
    /// The most that are given; none for all.
    pub limit: Option<usize>,
}

/// Which series are asked for; what is none is not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeriesFilter {
    pub study_uid: Option<StudyUid>,
    pub series_uid: Option<SeriesUid>,
    pub modality: Option<HeaderText>,
    /// How many matches are left out before the first.
    pub offset: usize,
    /// The most that are given; none for all.
    pub limit: Option<usize>,
}

/// A study whose header was opened.
pub(super) struct Opened {
    token: StudyToken,
    uid: StudyUid,
    header: StudyHeader,
}

impl Archive {
    /// DICOM studies that match, in the order of arrival.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn studies_find(&self, filter: &StudyFilter) -> Result<Vec<StudyRow>, StorageError> {
        let mut found = Vec::new();
        let mut left_out = 0;
        for study in self.studies_opened(filter.study_uid.as_ref())? {
            if !study_matches(&study.header, filter) {
                continue;
            }
            let row = self.study_row(study)?;
            if !filter.modality.as_ref().is_none_or(|wanted| row.modalities.contains(wanted)) {
                continue;
            }
            if left_out < filter.offset {
                left_out += 1;
                continue;
            }
            if filter.limit.is_some_and(|limit| found.len() >= limit) {
                break;
            }
            found.push(row);
        }
        Ok(found)
    }

    /// DICOM series that match, in the order of arrival of their studies, then of their own.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn series_find(&self, filter: &SeriesFilter) -> Result<Vec<SeriesRow>, StorageError> {
        let mut found = Vec::new();
        for study in self.studies_opened(filter.study_uid.as_ref())? {
            for row in self.series_rows(&study)? {
                let uid = filter.series_uid.as_ref().is_none_or(|wanted| *wanted == row.series_uid);
                let modality = filter
                    .modality
                    .as_ref()
                    .is_none_or(|wanted| row.header.modality.as_ref() == Some(wanted));
                if uid && modality {
                    found.push(row);
                }
            }
        }
        let limit = filter.limit.unwrap_or(usize::MAX);
        Ok(found.into_iter().skip(filter.offset).take(limit).collect())
    }

    /// DICOM studies one after the other, in the order of arrival, until `visit` breaks off: those of these UIDs, or
    /// all where none is named.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn studies_visit(
        &self,
        only: &[StudyUid],
        visit: &mut dyn FnMut(StudyRow) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        let mut records = match only {
            [] => load_all::<StudyRecord>(&self.images, &[])?,
            named => {
                let mut found = Vec::new();
                for uid in named {
                    found.extend(self.study_of_uid(uid)?);
                }
                found
            }
        };
        records.sort_by(|(a_key, a), (b_key, b)| (a.arrived_at, a_key).cmp(&(b.arrived_at, b_key)));
        records.dedup_by(|(a, _), (b, _)| a == b);
        for (key, record) in records {
            let token = StudyToken::from_bytes(id_in_key(StudyRecord::TABLE, &key, 0)?);
            let Some(opened) = self.study_opened(token, &record)? else { continue };
            if visit(self.study_row(opened)?).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn studies_opened(&self, only: Option<&StudyUid>) -> Result<Vec<Opened>, StorageError> {
        let mut records = match only {
            None => load_all::<StudyRecord>(&self.images, &[])?,
            Some(uid) => self.study_of_uid(uid)?.into_iter().collect(),
        };
        records.sort_by_key(|(_, record)| record.arrived_at);
        let mut opened = Vec::with_capacity(records.len());
        for (key, record) in records {
            let token = StudyToken::from_bytes(id_in_key(StudyRecord::TABLE, &key, 0)?);
            opened.extend(self.study_opened(token, &record)?);
        }
        Ok(opened)
    }

    pub(super) fn study_of_uid(
        &self,
        uid: &StudyUid,
    ) -> Result<Option<(Vec<u8>, StudyRecord)>, StorageError> {
        let lookup = self.keys.lookup("study", uid.expose(Purpose::Store).as_bytes());
        let Some(found) = load::<StudyByUid>(&self.images, &lookup)? else { return Ok(None) };
        let record = load::<StudyRecord>(&self.images, found.study.as_slice())?;
        Ok(record.map(|record| (found.study.to_vec(), record)))
    }

    /// None for NIfTI, which has no UIDs, and for a study that is deleted at this moment.
    pub(super) fn study_opened(
        &self,
        token: StudyToken,
        record: &StudyRecord,
    ) -> Result<Option<Opened>, StorageError> {
        let key = match self.keys.study(token) {
            Ok(key) => key,
            Err(crate::KeyError::Destroyed) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let place = Place { table: StudyRecord::TABLE, key: token.bytes() };
        let sealed: SealedStudy = decode(&open_sealed(&key, place, &record.sealed)?)?;
        let Some(uid) = sealed.uid else { return Ok(None) };
        let uid = StudyUid::new(uid).map_err(|_| StorageError::Record { table: StudyRecord::TABLE })?;
        Ok(Some(Opened { token, uid, header: sealed.header.read()? }))
    }

    fn study_row(&self, study: Opened) -> Result<StudyRow, StorageError> {
        let series = self.series_rows(&study)?;
        Ok(study_row(study, &series))
    }

    pub(super) fn series_rows(&self, study: &Opened) -> Result<Vec<SeriesRow>, StorageError> {
        let mut rows = Vec::new();
        for (token, record) in self.study_series(study.token)? {
            let sealed = self.series_unsealed(study.token, token, &record)?;
            let malformed = || StorageError::Record { table: SeriesRecord::TABLE };
            let uid = sealed.uid.ok_or_else(malformed)?;
            let arrivals = load::<ArrivalsRecord>(&self.images, token.bytes())?.unwrap_or_default();
            rows.push(SeriesRow {
                study: study.token,
                series: token,
                study_uid: study.uid.clone(),
                series_uid: SeriesUid::new(uid).map_err(|_| malformed())?,
                header: sealed.header.read()?,
                instances: arrivals.count.saturating_sub(arrivals.beside),
            });
        }
        Ok(rows)
    }
}

/// A study with the sums over its series.
pub(super) fn study_row(study: Opened, series: &[SeriesRow]) -> StudyRow {
    let mut modalities: Vec<HeaderText> = Vec::new();
    for modality in series.iter().filter_map(|row| row.header.modality.clone()) {
        if !modalities.contains(&modality) {
            modalities.push(modality);
        }
    }
    let header = StudyHeader {
        modality: None,
        series_number: None,
        series_description: None,
        body_part: None,
        instance_number: None,
        ..study.header
    };
    StudyRow {
        study: study.token,
        study_uid: study.uid,
        header,
        modalities,
        series: u32::try_from(series.len()).unwrap_or(u32::MAX),
        instances: series.iter().map(|row| row.instances).sum(),
    }
}

fn study_matches(header: &StudyHeader, filter: &StudyFilter) -> bool {
    let exact = |wanted: Option<&HeaderText>, value: Option<&HeaderText>| {
        wanted.is_none_or(|wanted| value == Some(wanted))
    };
    let name = filter.patient_name.as_ref().is_none_or(|pattern| {
        let value = header.patient_name.as_ref().map_or("", |name| name.expose(Purpose::Store));
        matches(pattern.expose(Purpose::Store), value)
    });
    let id = filter.patient_id.as_ref().is_none_or(|wanted| header.patient_id.as_ref() == Some(wanted));
    let date = filter.study_date.as_ref().is_none_or(|range| in_range(range, header.study_date.as_ref()));
    name && id && date && exact(filter.accession_number.as_ref(), header.accession_number.as_ref())
}

/// Eight digits compare as text as they do as days.
fn in_range(range: &DateRange, date: Option<&HeaderText>) -> bool {
    date.is_some_and(|date| {
        range.from.as_ref().is_none_or(|from| date >= from) && range.to.as_ref().is_none_or(|to| date <= to)
    })
}
