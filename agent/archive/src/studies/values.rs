//! Which studies have a value, so that a question for a patient, a number or a day looks at no other study.
//!
//! A row's key is a keyed hash of the value, the time of arrival and the study: it tells nothing outside this store, and
//! the studies of a value stand in the order of arrival.

use std::ops::ControlFlow;

use agent_phi::{HeaderText, PatientId, Purpose};
use proto_ids::StudyToken;
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::records::{SealedSeries, SealedStudy, SeriesRecord, StudyRecord};
use super::{DateRange, StudyHeader};
use crate::keys::{Keys, Place, open_sealed};
use crate::record::{Record, Rows, decode, id_in_key, joined, load, load_all, save};
use crate::{Archive, StorageError};

/// How many rows are read at a time.
const PAGE: usize = 256;
/// More days than these are not asked for one by one.
const DAYS_MOST: usize = 366;
/// How many studies one transaction takes when an older store is opened.
const STUDIES_AT_ONCE: usize = 500;

/// `study_by_value`: value, arrival and study → nothing more.
#[derive(Serialize, Deserialize)]
struct StudyByValue {}

impl Record for StudyByValue {
    const TABLE: &'static str = "study_by_value";
}

/// `study_values`: there once the studies of an older store have their rows above.
#[derive(Serialize, Deserialize)]
struct StudyValues {}

impl Record for StudyValues {
    const TABLE: &'static str = "study_values";
}

/// Whether to go on.
pub(super) type Flow = Result<ControlFlow<()>, StorageError>;

/// The keyed hash of a value.
pub(super) type ValueHash = [u8; 32];

/// Every DICOM study has this one.
pub(super) fn any_study(keys: &Keys) -> ValueHash {
    keys.lookup("every study", &[])
}

pub(super) fn patient(keys: &Keys, id: &PatientId) -> ValueHash {
    keys.lookup("study of patient", id.expose(Purpose::Store).as_bytes())
}

pub(super) fn accession(keys: &Keys, number: &HeaderText) -> ValueHash {
    keys.lookup("study of accession number", number.expose(Purpose::Store).as_bytes())
}

pub(super) fn modality(keys: &Keys, modality: &HeaderText) -> ValueHash {
    keys.lookup("study with modality", modality.expose(Purpose::Store).as_bytes())
}

fn day(keys: &Keys, day: &str) -> ValueHash {
    keys.lookup("study of day", day.as_bytes())
}

/// The days of a range one by one; none when it is open, or too long for that.
pub(super) fn days(keys: &Keys, range: &DateRange) -> Option<Vec<ValueHash>> {
    let text = |bound: &Option<HeaderText>| bound.as_ref().map(|text| text.expose(Purpose::Store).to_owned());
    let (from, to) = (text(&range.from)?, text(&range.to)?);
    let mut found = Vec::new();
    let mut at = Day::read(&from)?;
    let last = Day::read(&to)?;
    while at <= last {
        if found.len() == DAYS_MOST {
            return None;
        }
        found.push(day(keys, &at.text()));
        at = at.next();
    }
    Some(found)
}

/// A day of the calendar, or a day that no calendar has and that no study will be found on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Day(u32, u32, u32);

impl Day {
    fn read(text: &str) -> Option<Self> {
        let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
        let part = |at: std::ops::Range<usize>| text.get(at).and_then(|digits| digits.parse().ok());
        digits.then(|| Some(Self(part(0..4)?, part(4..6)?, part(6..8)?)))?
    }

    fn text(self) -> String {
        format!("{:04}{:02}{:02}", self.0, self.1, self.2)
    }

    /// Days up to the 31st in every month: those that are none cost a look each and find nothing.
    const fn next(self) -> Self {
        match self {
            Self(year, 12.., 31..) => Self(year + 1, 1, 1),
            Self(year, month, 31..) => Self(year, month + 1, 1),
            Self(year, month, day) => Self(year, month, day + 1),
        }
    }
}

/// All that a study can be asked for exactly.
pub(super) fn of_study(keys: &Keys, header: &StudyHeader) -> Vec<ByteArray<32>> {
    let date = header.study_date.as_ref().map(|date| day(keys, date.expose(Purpose::Store)));
    let found = [
        Some(any_study(keys)),
        header.patient_id.as_ref().map(|id| patient(keys, id)),
        header.accession_number.as_ref().map(|number| accession(keys, number)),
        date,
    ];
    found.into_iter().flatten().map(ByteArray::new).collect()
}

fn row_key(value: &[u8], arrived_at: i64, study: &[u8]) -> Vec<u8> {
    // Sorts times before 1970, which a clock that is wrong gives, before the others.
    let order = (arrived_at as u64 ^ (1 << 63)).to_be_bytes();
    [value, &order, study].concat()
}

/// The study out of what stands behind the value in a row's key.
pub(super) fn study_of(arrival: &[u8]) -> Result<StudyToken, StorageError> {
    id_in_key(StudyByValue::TABLE, arrival, 8).map(StudyToken::from_bytes)
}

/// Puts the rows of a study's values.
pub(super) fn save_study(
    tx: &mut Tx<'_>,
    study: StudyToken,
    record: &StudyRecord,
) -> Result<(), StorageError> {
    record.values.iter().try_for_each(|value| {
        save(tx, &row_key(value.as_slice(), record.arrived_at, study.bytes()), &StudyByValue {})
    })
}

/// Puts the row of a series' value.
pub(super) fn save_series(
    tx: &mut Tx<'_>,
    study_arrived_at: i64,
    record: &SeriesRecord,
) -> Result<(), StorageError> {
    let Some(value) = &record.modality_value else { return Ok(()) };
    save(tx, &row_key(value.as_slice(), study_arrived_at, record.study.as_slice()), &StudyByValue {})
}

/// Removes the rows of a study's and its series' values.
pub(super) fn remove(tx: &mut Tx<'_>, study: &[u8], arrived_at: i64, values: &[ByteArray<32>]) {
    for value in values {
        crate::record::remove::<StudyByValue>(tx, &row_key(value.as_slice(), arrived_at, study));
    }
}

impl Archive {
    /// The arrivals of studies that have a value, in their order, until `visit` breaks off.
    pub(super) fn studies_with(
        &self,
        value: &ValueHash,
        visit: &mut dyn FnMut(&[u8]) -> Flow,
    ) -> Result<(), StorageError> {
        let mut from = value.to_vec();
        loop {
            let page = self.images.scan_range(StudyByValue::TABLE, &from, PAGE)?;
            let full = page.len() == PAGE;
            for (key, _) in page {
                let Some(arrival) = key.strip_prefix(value) else { return Ok(()) };
                if visit(arrival)?.is_break() {
                    return Ok(());
                }
                from = joined(&key, &[0]);
            }
            if !full {
                return Ok(());
            }
        }
    }

    /// The studies that have one of the values, in the order of arrival, until `look` breaks off.
    pub(super) fn studies_with_any(
        &self,
        values: &[ValueHash],
        look: &mut dyn FnMut(StudyToken) -> Flow,
    ) -> Result<(), StorageError> {
        let mut arrivals = Vec::new();
        for value in values {
            self.studies_with(value, &mut |arrival| {
                arrivals.push(arrival.to_vec());
                Ok(ControlFlow::Continue(()))
            })?;
        }
        arrivals.sort_unstable();
        for arrival in arrivals {
            if look(study_of(&arrival)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Gives the studies of a store that an older version wrote their rows; done once, at an opening.
    pub(crate) fn study_values_build(&self) -> Result<(), StorageError> {
        if load::<StudyValues>(&self.images, &[])?.is_some() {
            return Ok(());
        }
        let studies = load_all::<StudyRecord>(&self.images, &[])?;
        for some in studies.chunks(STUDIES_AT_ONCE) {
            self.images.write(|tx| {
                some.iter().try_for_each(|(key, _)| {
                    self.values_of_older(tx, StudyToken::from_bytes(id_in_key(StudyRecord::TABLE, key, 0)?))
                })
            })?;
        }
        self.images.write(|tx| save(tx, &[], &StudyValues {}))
    }

    fn values_of_older(&self, tx: &mut Tx<'_>, study: StudyToken) -> Result<(), StorageError> {
        let Some(mut record) = load::<StudyRecord>(tx, study.bytes())? else { return Ok(()) };
        let key = self.keys.study(study)?;
        let place = Place { table: StudyRecord::TABLE, key: study.bytes() };
        let sealed: SealedStudy = decode(&open_sealed(&key, place, &record.sealed)?)?;
        if sealed.uid.is_none() {
            return Ok(());
        }
        record.values = of_study(&self.keys, &sealed.header.read()?);
        save(tx, study.bytes(), &record)?;
        save_study(tx, study, &record)?;
        for (row, _) in tx.rows("series_of_study", study.bytes())? {
            let series = id_in_key("series_of_study", &row, 16)?;
            let Some(mut of_series) = load::<SeriesRecord>(tx, &series)? else { continue };
            let place = Place { table: SeriesRecord::TABLE, key: &series };
            let sealed: SealedSeries = decode(&open_sealed(&key, place, &of_series.sealed)?)?;
            let named = sealed.header.read()?.modality;
            of_series.modality_value = named.map(|named| ByteArray::new(modality(&self.keys, &named)));
            save(tx, &series, &of_series)?;
            save_series(tx, record.arrived_at, &of_series)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_asked_for_day_by_day() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::open(directory.path()).unwrap();
        let text = |text: &str| Some(HeaderText::new(text).unwrap());
        let count = |from, to| {
            let range = DateRange { from: text(from), to: text(to) };
            days(&keys, &range).map(|days| days.len())
        };
        assert_eq!(count("20260102", "20260102"), Some(1));
        assert_eq!(count("20251231", "20260101"), Some(2));
        // 28 days and the three that February never has.
        assert_eq!(count("20260201", "20260301"), Some(32));
        assert_eq!(count("20260102", "20260101"), Some(0));
        assert_eq!(count("20200101", "20260101"), None);
        assert_eq!(count("2026", "20260101"), None);
        assert_eq!(days(&keys, &DateRange { from: text("20260101"), to: None }), None);
        let range = DateRange { from: text("20251231"), to: text("20260101") };
        assert_eq!(days(&keys, &range).unwrap(), [day(&keys, "20251231"), day(&keys, "20260101")]);
    }

    #[derive(Debug)]
    struct Noon;

    impl proto_ids::Clock for Noon {
        fn now(&self) -> proto_ids::Timestamp {
            proto_ids::Timestamp::from_millis(1_795_435_200_000)
        }
    }

    fn instance() -> crate::NewInstance {
        crate::NewInstance {
            study_uid: agent_phi::StudyUid::new("1.2").unwrap(),
            series_uid: agent_phi::SeriesUid::new("1.2.3").unwrap(),
            instance_uid: agent_phi::InstanceUid::new("1.2.3.4").unwrap(),
            sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
            transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
            calling_ae: None,
            header: StudyHeader {
                patient_id: PatientId::new("P1").ok(),
                modality: HeaderText::new("CT").ok(),
                ..StudyHeader::default()
            },
            bytes: b"image".to_vec(),
        }
    }

    #[test]
    fn a_store_of_an_older_version_answers_as_a_new_one() {
        let directory = tempfile::tempdir().unwrap();
        let open = || Archive::open_on_disk(directory.path(), std::sync::Arc::new(Noon)).unwrap();
        let archive = open();
        let study = archive.instance_store(instance()).unwrap().place().study;
        archive.nifti_store(b"volume".to_vec()).unwrap();
        let before = archive.state_digest().unwrap();
        let filters = || {
            let any = crate::StudyFilter::default;
            [
                any(),
                crate::StudyFilter { patient_id: PatientId::new("P1").ok(), ..any() },
                crate::StudyFilter { modality: HeaderText::new("CT").ok(), ..any() },
            ]
        };
        let found = |archive: &Archive| {
            filters()
                .map(|filter| archive.studies_find(&filter).unwrap().iter().map(|row| row.study).collect())
        };
        // What an older version would have written, and nothing of this one.
        let older: Result<(), StorageError> = archive.images.write(|tx| {
            for (key, record) in load_all::<StudyRecord>(tx, &[])? {
                save(tx, &key, &crate::record::without(&record, &["values"]))?;
            }
            for (key, record) in load_all::<SeriesRecord>(tx, &[])? {
                save(tx, &key, &crate::record::without(&record, &["modality_value"]))?;
            }
            for (key, _) in tx.rows(StudyByValue::TABLE, &[])? {
                crate::record::remove::<StudyByValue>(tx, &key);
            }
            crate::record::remove::<StudyValues>(tx, &[]);
            Ok(())
        });
        older.unwrap();
        let none: [Vec<StudyToken>; 3] = found(&archive);
        assert_eq!(none, [vec![], vec![], vec![]]);
        drop(archive);
        let archive = open();
        assert_eq!(found(&archive), [vec![study], vec![study], vec![study]]);
        assert_eq!(archive.state_digest().unwrap(), before);
    }

    #[test]
    fn studies_of_a_value_stand_in_the_order_of_arrival() {
        let keys: Vec<Vec<u8>> = [-5, 0, 7, 300].map(|at| row_key(&[1; 32], at, &[9; 16])).to_vec();
        assert!(keys.is_sorted());
    }
}
