//! Identifiers that are read, and answers that are written.

use super::*;
use crate::catalogue::{SeriesEntry, StudyEntry};
use crate::query::{Row, Writer, answer};
use agent_formats::StudyText;
use agent_phi::{HeaderText, PatientId};
use dicom_core::VR;
use proptest::prelude::*;

const LITTLE: Encoding = Encoding::EXPLICIT_LITTLE;

fn identifier(encoding: Encoding, level: &str, keys: &[(Tag, VR, &str)]) -> Vec<u8> {
    let mut writer = Writer::new(encoding);
    writer.text(tags::QUERY_RETRIEVE_LEVEL, VR::CS, level);
    for (tag, vr, value) in keys {
        writer.text(*tag, *vr, value);
    }
    writer.finish()
}

fn study() -> StudyEntry {
    StudyEntry {
        uid: StudyUid::new("1.2").unwrap(),
        text: StudyText {
            patient_id: PatientId::new("4711").ok(),
            patient_name: HeaderText::new("Müller^Änne").ok(),
            ..StudyText::default()
        },
        modalities: ["CT", "SR"].map(|code| HeaderText::new(code).unwrap()).to_vec(),
        series: 2,
        instances: 300,
    }
}

#[test]
fn an_answer_has_every_key_that_was_asked_in_any_plain_encoding() {
    let keys = [
        (tags::MODALITIES_IN_STUDY, VR::CS, ""),
        (tags::PATIENT_NAME, VR::PN, "*"),
        (tags::PATIENT_ID, VR::LO, "47*"),
        (tags::PATIENT_SEX, VR::CS, ""),
        (tags::STUDY_INSTANCE_UID, VR::UI, ""),
        (tags::NUMBER_OF_STUDY_RELATED_INSTANCES, VR::IS, ""),
    ];
    for encoding in [LITTLE, Encoding::IMPLICIT_LITTLE, Encoding::EXPLICIT_BIG] {
        let query = Identifier::read(&identifier(encoding, "STUDY", &keys), encoding).unwrap();
        assert!(!query.unsupported);
        let study = study();
        let row = Row { study: &study, series: None, instance: None };
        let bytes = answer(&query, row, encoding, "RINGFENCE");
        let answered = Found::read(&bytes, encoding).unwrap();
        assert_eq!(answered.plain(tags::SPECIFIC_CHARACTER_SET), Some("ISO_IR 192"));
        assert_eq!(answered.plain(tags::MODALITIES_IN_STUDY), Some("CT\\SR"));
        assert_eq!(answered.plain(tags::PATIENT_NAME), Some("Müller^Änne"));
        assert_eq!(answered.plain(tags::PATIENT_ID), Some("4711"));
        assert_eq!(answered.plain(tags::PATIENT_SEX), Some(""));
        assert_eq!(answered.plain(tags::STUDY_INSTANCE_UID), Some("1.2"));
        assert_eq!(answered.plain(tags::NUMBER_OF_STUDY_RELATED_INSTANCES), Some("300"));
        assert_eq!(answered.plain(tags::RETRIEVE_AE_TITLE), Some("RINGFENCE"));
        assert!(answered.values.is_sorted_by_key(|(tag, _)| *tag));
    }
}

#[test]
fn a_key_that_is_not_looked_at_is_told() {
    let query =
        |keys: &[(Tag, VR, &str)]| Identifier::read(&identifier(LITTLE, "STUDY", keys), LITTLE).unwrap();
    assert!(query(&[(tags::OTHER_PATIENT_NAMES, VR::PN, "")]).unsupported);
    assert!(query(&[(tags::SERIES_NUMBER, VR::IS, "1")]).unsupported);
    assert!(!query(&[(tags::RETRIEVE_AE_TITLE, VR::AE, "")]).unsupported);
    let mut with_sequence = Writer::new(LITTLE);
    with_sequence.text(tags::QUERY_RETRIEVE_LEVEL, VR::CS, "STUDY");
    let mut item = Writer::new(LITTLE);
    item.text(tags::CODE_VALUE, VR::SH, "T-D1100");
    with_sequence.sequence(tags::PROCEDURE_CODE_SEQUENCE, vec![item]);
    assert!(Identifier::read(&with_sequence.finish(), LITTLE).unwrap().unsupported);
}

#[test]
fn below_the_study_each_level_above_names_one_thing() {
    let read = |level: &str, keys: &[(Tag, VR, &str)]| {
        Identifier::read(&identifier(LITTLE, level, keys), LITTLE).map(|query| query.level)
    };
    let missing = IdentifierError::Missing { keyword: "StudyInstanceUID" };
    assert_eq!(read("SERIES", &[]), Err(missing));
    let study = (tags::STUDY_INSTANCE_UID, VR::UI, "1.2");
    assert_eq!(read("SERIES", &[study]), Ok(Level::Series));
    let two = (tags::STUDY_INSTANCE_UID, VR::UI, "1.2\\1.3");
    assert_eq!(read("SERIES", &[two]), Err(IdentifierError::Invalid { keyword: "StudyInstanceUID" }));
    let missing = IdentifierError::Missing { keyword: "SeriesInstanceUID" };
    assert_eq!(read("IMAGE", &[study]), Err(missing));
    assert_eq!(read("PATIENT", &[study]), Err(IdentifierError::Level));
    let none = Identifier::read(&[], LITTLE).unwrap_err();
    assert_eq!(none, IdentifierError::Missing { keyword: "QueryRetrieveLevel" });
}

#[test]
fn a_retrieval_names_one_thing_above_and_a_list_at_its_level() {
    let read =
        |level: &str, keys: &[(Tag, VR, &str)]| Retrieval::read(&identifier(LITTLE, level, keys), LITTLE);
    let uid = |text: &str| StudyUid::new(text).unwrap();
    let two = (tags::STUDY_INSTANCE_UID, VR::UI, "1.2\\1.3");
    assert_eq!(read("STUDY", &[two]), Ok(Retrieval::Studies(vec![uid("1.2"), uid("1.3")])));
    let study = (tags::STUDY_INSTANCE_UID, VR::UI, "1.2");
    let series = (tags::SERIES_INSTANCE_UID, VR::UI, "1.2.1\\1.2.2");
    let both = ["1.2.1", "1.2.2"].map(|text| SeriesUid::new(text).unwrap()).to_vec();
    assert_eq!(read("SERIES", &[study, series]), Ok(Retrieval::Series(uid("1.2"), both)));
    assert_eq!(read("SERIES", &[two, series]), Err(IdentifierError::Invalid { keyword: "StudyInstanceUID" }));
    assert_eq!(read("STUDY", &[]), Err(IdentifierError::Missing { keyword: "StudyInstanceUID" }));
    let path = (tags::STUDY_INSTANCE_UID, VR::UI, "../x");
    assert_eq!(read("STUDY", &[path]), Err(IdentifierError::Invalid { keyword: "StudyInstanceUID" }));
}

#[test]
fn a_series_tells_of_itself_and_of_its_study() {
    let keys = [
        (tags::MODALITY, VR::CS, ""),
        (tags::PATIENT_ID, VR::LO, ""),
        (tags::STUDY_INSTANCE_UID, VR::UI, "1.2"),
        (tags::SERIES_INSTANCE_UID, VR::UI, ""),
    ];
    let query = Identifier::read(&identifier(LITTLE, "SERIES", &keys), LITTLE).unwrap();
    let modality = HeaderText::new("CT").ok();
    let series = SeriesEntry {
        uid: SeriesUid::new("1.2.1").unwrap(),
        text: StudyText { modality, ..StudyText::default() },
        instances: 7,
    };
    let study = study();
    let row = Row { study: &study, series: Some(&series), instance: None };
    let answered = Found::read(&answer(&query, row, LITTLE, "RINGFENCE"), LITTLE).unwrap();
    assert_eq!(answered.plain(tags::MODALITY), Some("CT"));
    assert_eq!(answered.plain(tags::PATIENT_ID), Some("4711"));
    assert_eq!(answered.plain(tags::SERIES_INSTANCE_UID), Some("1.2.1"));
    assert_eq!(answered.plain(tags::SPECIFIC_CHARACTER_SET), None);
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Identifier::read(&bytes, LITTLE);
        let _ = Retrieval::read(&bytes, Encoding::IMPLICIT_LITTLE);
    }
}
