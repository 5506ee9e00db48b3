//! Queries over studies and series, for QIDO-RS and C-FIND. What leaves this file are protected types.

use std::ops::ControlFlow;
use std::sync::Arc;

use agent_phi::{HeaderText, PatientId, Purpose, SeriesUid, StudyUid};
use proto_ids::{SeriesToken, StudyToken};

use super::opened::{OpenedSeries, OpenedStudy};
use super::pattern::matches;
use super::records::{ArrivalsRecord, SealedStudy, SeriesRecord, StudyByUid, StudyRecord};
use super::{SeriesRow, StudyHeader, StudyRow, values};
use crate::keys::{Place, open_sealed};
use crate::record::{Record, decode, id_in_key, load};
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

impl Archive {
    /// DICOM studies that match, in the order of arrival.
    ///
    /// A study UID, an accession number, a patient's id, days from one to another or a modality narrow down what is
    /// looked at, in this order; a limit ends the look.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn studies_find(&self, filter: &StudyFilter) -> Result<Vec<StudyRow>, StorageError> {
        let (mut found, mut left_out) = (Vec::new(), 0);
        let mut look = |study| {
            if filter.limit.is_some_and(|limit| found.len() >= limit) {
                return Ok(ControlFlow::Break(()));
            }
            let Some(study) = self.study_opened(study)? else { return Ok(ControlFlow::Continue(())) };
            if !study_matches(&study.header, filter)
                || !self.has_modality(&study, filter.modality.as_ref())?
            {
                return Ok(ControlFlow::Continue(()));
            }
            if left_out < filter.offset {
                left_out += 1;
            } else {
                found.push(self.study_row(&study)?);
            }
            Ok(ControlFlow::Continue(()))
        };
        self.studies_narrowed(filter, &mut look)?;
        Ok(found)
    }

    /// DICOM series that match, in the order of arrival of their studies, then of their own.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn series_find(&self, filter: &SeriesFilter) -> Result<Vec<SeriesRow>, StorageError> {
        let (mut found, mut left_out) = (Vec::new(), 0);
        let above = StudyFilter {
            study_uid: filter.study_uid.clone(),
            modality: filter.modality.clone(),
            ..StudyFilter::default()
        };
        let mut look = |study| {
            let Some(study) = self.study_opened(study)? else { return Ok(ControlFlow::Continue(())) };
            for row in self.series_rows(&study)? {
                if !series_matches(&row, filter) {
                    continue;
                }
                if left_out < filter.offset {
                    left_out += 1;
                    continue;
                }
                if filter.limit.is_some_and(|limit| found.len() >= limit) {
                    return Ok(ControlFlow::Break(()));
                }
                found.push(row);
            }
            Ok(ControlFlow::Continue(()))
        };
        self.studies_narrowed(&above, &mut look)?;
        Ok(found)
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
        let mut look = |study| match self.study_opened(study)? {
            Some(study) => Ok(visit(self.study_row(&study)?)),
            None => Ok(ControlFlow::Continue(())),
        };
        if only.is_empty() {
            return self.studies_narrowed(&StudyFilter::default(), &mut look);
        }
        let mut records = Vec::new();
        for uid in only {
            records.extend(self.study_of_uid(uid)?);
        }
        records.sort_by(|(a_key, a), (b_key, b)| (a.arrived_at, a_key).cmp(&(b.arrived_at, b_key)));
        records.dedup_by(|(a, _), (b, _)| a == b);
        for (key, _) in records {
            if look(StudyToken::from_bytes(id_in_key(StudyRecord::TABLE, &key, 0)?))?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The studies that can match, in the order of arrival: as few as the filter's exact values leave.
    fn studies_narrowed(&self, filter: &StudyFilter, look: Look<'_>) -> Result<(), StorageError> {
        if let Some(uid) = &filter.study_uid {
            let Some((key, _)) = self.study_of_uid(uid)? else { return Ok(()) };
            let study = StudyToken::from_bytes(id_in_key(StudyRecord::TABLE, &key, 0)?);
            return look(study).map(|_| ());
        }
        let keys = &self.keys;
        let one = None
            .or_else(|| filter.accession_number.as_ref().map(|number| values::accession(keys, number)))
            .or_else(|| filter.patient_id.as_ref().map(|id| values::patient(keys, id)));
        let days = || filter.study_date.as_ref().and_then(|range| values::days(keys, range));
        if one.is_none()
            && let Some(days) = days()
        {
            return self.studies_with_any(&days, look);
        }
        let modality = || filter.modality.as_ref().map(|modality| values::modality(keys, modality));
        let value = one.or_else(modality).unwrap_or_else(|| values::any_study(keys));
        self.studies_with(&value, &mut |arrival| look(values::study_of(arrival)?))
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
    pub(super) fn study_opened(&self, token: StudyToken) -> Result<Option<Arc<OpenedStudy>>, StorageError> {
        if let Some(opened) = self.opened.study(token) {
            return Ok(Some(opened));
        }
        let there = || load::<StudyRecord>(&self.images, token.bytes());
        let Some(record) = there()? else { return Ok(None) };
        let key = match self.keys.study(token) {
            Ok(key) => key,
            Err(crate::KeyError::Destroyed) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let place = Place { table: StudyRecord::TABLE, key: token.bytes() };
        let sealed: SealedStudy = decode(&open_sealed(&key, place, &record.sealed)?)?;
        let Some(uid) = sealed.uid else { return Ok(None) };
        let uid = StudyUid::new(uid).map_err(|_| StorageError::Record { table: StudyRecord::TABLE })?;
        let opened = Arc::new(OpenedStudy { token, uid, header: sealed.header.read()? });
        self.opened.keep_study(&opened);
        // A study that is deleted meanwhile must not come back into memory.
        if there()?.is_none() {
            self.opened.forget_study(token);
            return Ok(None);
        }
        Ok(Some(opened))
    }

    fn has_modality(&self, study: &OpenedStudy, wanted: Option<&HeaderText>) -> Result<bool, StorageError> {
        let Some(wanted) = wanted else { return Ok(true) };
        for (token, record) in self.study_series(study.token)? {
            if self.series_opened(study.token, token, &record)?.header.modality.as_ref() == Some(wanted) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn study_row(&self, study: &OpenedStudy) -> Result<StudyRow, StorageError> {
        let series = self.series_rows(study)?;
        Ok(study_row(study, &series))
    }

    pub(super) fn series_rows(&self, study: &OpenedStudy) -> Result<Vec<SeriesRow>, StorageError> {
        let mut rows = Vec::new();
        for (token, record) in self.study_series(study.token)? {
            let opened = self.series_opened(study.token, token, &record)?;
            let arrivals = load::<ArrivalsRecord>(&self.images, token.bytes())?.unwrap_or_default();
            rows.push(SeriesRow {
                study: study.token,
                series: token,
                study_uid: study.uid.clone(),
                series_uid: opened.uid.clone(),
                header: opened.header.clone(),
                instances: arrivals.count.saturating_sub(arrivals.beside),
            });
        }
        Ok(rows)
    }

    fn series_opened(
        &self,
        study: StudyToken,
        token: SeriesToken,
        record: &SeriesRecord,
    ) -> Result<Arc<OpenedSeries>, StorageError> {
        if let Some(opened) = self.opened.series(token) {
            return Ok(opened);
        }
        let sealed = self.series_unsealed(study, token, record)?;
        let malformed = || StorageError::Record { table: SeriesRecord::TABLE };
        let uid = SeriesUid::new(sealed.uid.ok_or_else(malformed)?).map_err(|_| malformed())?;
        let opened = Arc::new(OpenedSeries { uid, header: sealed.header.read()? });
        self.opened.keep_series(token, &opened);
        if !self.series_there(token.bytes())? {
            self.opened.forget_series(token);
        }
        Ok(opened)
    }
}

/// Looks at a study, and says whether to go on.
type Look<'a> = &'a mut dyn FnMut(StudyToken) -> values::Flow;

fn series_matches(row: &SeriesRow, filter: &SeriesFilter) -> bool {
    let uid = filter.series_uid.as_ref().is_none_or(|wanted| *wanted == row.series_uid);
    let modality = filter.modality.as_ref().is_none_or(|wanted| row.header.modality.as_ref() == Some(wanted));
    uid && modality
}

/// A study with the sums over its series.
pub(super) fn study_row(study: &OpenedStudy, series: &[SeriesRow]) -> StudyRow {
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
        ..study.header.clone()
    };
    StudyRow {
        study: study.token,
        study_uid: study.uid.clone(),
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
