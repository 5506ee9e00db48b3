//! Images: kept once, found again, made unreadable by deletion, and nowhere on disk in clear.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_archive::{
    Archive, AssetPut, AtRisk, DateRange, OpenError, SeriesFilter, SeriesKind, StoreError, Stored,
    StudyFilter, reindex,
};
use agent_phi::{PatientId, Purpose, StudyUid};
use proto_journal::faults::FaultyIo;
use support::{HandClock, NOON, asset, instance, open, text};

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a listing") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn bytes_of(archive: &Archive, stored: Stored) -> Vec<u8> {
    let file = archive.instance_bytes(stored.place().instance).expect("readable").expect("there");
    file.bytes
}

#[test]
fn an_instance_comes_back_byte_for_byte_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let stored = archive.instance_store(instance(1, 1, 1, "a")).expect("stored");
    drop(archive);
    let archive = open(directory.path());
    assert_eq!(bytes_of(&archive, stored), b"CANARYPIXELS a");
}

#[test]
fn the_same_bytes_are_kept_once_and_other_content_is_kept_beside() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let first = archive.instance_store(instance(1, 1, 1, "a")).expect("stored");
    assert!(matches!(first, Stored::New(_)));
    let again = archive.instance_store(instance(1, 1, 1, "a")).expect("stored");
    assert_eq!(again, Stored::Duplicate(first.place()));
    let other = archive.instance_store(instance(1, 1, 1, "b")).expect("stored");
    assert!(matches!(other, Stored::KeptBeside(_)));
    assert_eq!(bytes_of(&archive, first), b"CANARYPIXELS a");
    assert_eq!(bytes_of(&archive, other), b"CANARYPIXELS b");
    let content = archive.series_instances(first.place().series).expect("read").expect("there");
    assert_eq!(content.instances, [first.place().instance]);
    assert_eq!(content.arrivals, 2);
    archive.arrivals_refused(1);
    let counts = archive.day_counts(NOON).expect("counts");
    assert_eq!((counts.instances, counts.refused), (2, 1));
}

#[test]
fn a_nifti_file_is_a_study_of_its_own_and_answers_no_query() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let stored = archive.nifti_store(b"nifti".to_vec()).expect("stored");
    assert_eq!(archive.nifti_store(b"nifti".to_vec()).expect("stored"), Stored::Duplicate(stored.place()));
    let content = archive.series_instances(stored.place().series).expect("read").expect("there");
    assert_eq!(content.kind, SeriesKind::Nifti);
    assert!(archive.studies_find(&StudyFilter::default()).expect("found").is_empty());
}

#[test]
fn a_series_is_quiet_until_it_is_claimed_and_again_when_more_arrives() {
    let directory = tempfile::tempdir().expect("a directory");
    let clock = HandClock::at(NOON);
    let archive = Archive::open_on_disk(directory.path(), clock.clone()).expect("a store");
    let row = {
        archive.instance_store(instance(2, 1, 1, "x")).expect("stored");
        assert!(archive.series_quiet(NOON.plus_millis(4_999), 5_000).is_empty());
        assert_eq!(archive.series_quiet(NOON.plus_millis(5_000), 5_000).len(), 1);
        let series = archive.series_quiet(NOON.plus_millis(5_000), 5_000)[0];
        archive.series_claim(series, 1, None).expect("claimed");
        asset(&archive, 1)
    };
    let later = NOON.plus_seconds(60);
    assert!(archive.series_quiet(later, 5_000).is_empty());
    assert_eq!(archive.asset_put(&row, &AtRisk::default(), |_| None).expect("put"), AssetPut::AlreadyClaimed);
    assert_eq!(archive.assets().expect("assets"), std::slice::from_ref(&row));
    archive.instance_store(instance(1, 1, 2, "late")).expect("stored");
    drop(archive);
    let archive = Archive::open_on_disk(directory.path(), clock).expect("a store");
    assert_eq!(archive.series_quiet(later, 5_000), [row.series]);
}

#[test]
fn queries_match_as_pacs_do() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    for study in 1..=3 {
        archive.instance_store(instance(study, 1, 1, &format!("{study} a"))).expect("stored");
    }
    archive.instance_store(instance(2, 2, 1, "2 b")).expect("stored");
    let check = |filter: StudyFilter, expect: &[&str]| {
        let found = archive.studies_find(&filter).expect("found");
        let mut uids: Vec<&str> = found.iter().map(|row| row.study_uid.expose(Purpose::DicomPeer)).collect();
        uids.sort_unstable();
        assert_eq!(uids, expect, "{filter:?}");
    };
    let any = StudyFilter::default;
    check(any(), &["1.1", "1.2", "1.3"]);
    check(StudyFilter { study_uid: StudyUid::new("1.2").ok(), ..any() }, &["1.2"]);
    check(StudyFilter { patient_id: PatientId::new("CANARYID3").ok(), ..any() }, &["1.3"]);
    check(StudyFilter { patient_name: text("canary?^*"), ..any() }, &["1.1", "1.2", "1.3"]);
    check(StudyFilter { patient_name: text("canary2*"), ..any() }, &["1.2"]);
    check(StudyFilter { accession_number: text("CANARYACC1"), ..any() }, &["1.1"]);
    check(StudyFilter { modality: text("MR"), ..any() }, &["1.2"]);
    let from = DateRange { from: text("20260102"), to: None };
    check(StudyFilter { study_date: Some(from), ..any() }, &["1.2", "1.3"]);
    let day = DateRange { from: text("20260101"), to: text("20260101") };
    check(StudyFilter { study_date: Some(day), ..any() }, &["1.1"]);
    let page = archive.studies_find(&StudyFilter { offset: 1, limit: Some(1), ..any() }).expect("found");
    assert_eq!(page.len(), 1);
    let filter = SeriesFilter { study_uid: StudyUid::new("1.2").ok(), ..SeriesFilter::default() };
    let series = archive.series_find(&filter).expect("found");
    assert_eq!(series.len(), 2);
    let filter = SeriesFilter { modality: text("MR"), ..SeriesFilter::default() };
    assert_eq!(archive.series_find(&filter).expect("found").len(), 1);
}

#[test]
fn a_deleted_study_cannot_be_read_by_anybody_and_may_come_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let first = archive.instance_store(instance(1, 1, 1, "a")).expect("stored");
    let kept = archive.instance_store(instance(2, 1, 1, "b")).expect("stored");
    let key_files = || std::fs::read_dir(directory.path().join("keys")).expect("a listing").count();
    assert_eq!(key_files(), 3);
    assert!(archive.study_delete(first.place().study).expect("deleted"));
    assert_eq!(key_files(), 2);
    assert!(!archive.study_delete(first.place().study).expect("not there"));
    assert!(archive.instance_bytes(first.place().instance).expect("readable").is_none());
    assert_eq!(archive.studies_find(&StudyFilter::default()).expect("found").len(), 1);
    assert_eq!(bytes_of(&archive, kept), b"CANARYPIXELS b");
    let again = archive.instance_store(instance(1, 1, 1, "a")).expect("stored");
    assert!(matches!(again, Stored::New(_)));
    assert_ne!(again.place().study, first.place().study);
    drop(archive);
    let archive = open(directory.path());
    assert_eq!(bytes_of(&archive, again), b"CANARYPIXELS a");
}

#[test]
fn nothing_of_a_header_or_image_is_on_disk_in_clear_or_in_a_file_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    asset(&archive, 7);
    drop(archive);
    for path in files(directory.path()) {
        let content = std::fs::read(&path).expect("a file");
        for canary in ["CANARY", "Canary", "Jane", "1.7.1.1"] {
            let found = content.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "{canary} in {}", path.display());
            assert!(!path.to_string_lossy().contains(canary));
        }
    }
}

#[test]
fn without_its_index_the_store_is_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let row = asset(&archive, 1);
    archive.instance_store(instance(2, 1, 1, "b")).expect("stored");
    archive.study_delete(row.study).expect("deleted");
    let digest = archive.state_digest().expect("a digest");
    assert!(matches!(reindex(directory.path()), Err(OpenError::InUse { .. })));
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    assert_eq!(open(directory.path()).state_digest().expect("a digest"), digest);
    std::fs::remove_dir_all(directory.path().join("index")).expect("removed");
    assert_eq!(open(directory.path()).state_digest().expect("a digest"), digest);
}

#[test]
fn a_store_is_opened_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let second = Archive::open_on_disk(directory.path(), HandClock::at(NOON));
    assert!(matches!(second, Err(OpenError::InUse { .. })));
    drop(archive);
    open(directory.path());
}

#[test]
fn what_was_acknowledged_before_a_loss_of_power_is_there_after_it() {
    for seed in 0..20 {
        let directory = tempfile::tempdir().expect("a directory");
        let io = FaultyIo::default();
        let open = |io: &FaultyIo| Archive::open(directory.path(), Arc::new(io.clone()), HandClock::at(NOON));
        let archive = open(&io).expect("a store");
        let mut acknowledged = Vec::new();
        io.fail_from(io.operations() + 5 + seed);
        for number in 0..20 {
            match archive.instance_store(instance(1, 1, number, &number.to_string())) {
                Ok(stored) => acknowledged.push((number, stored)),
                Err(StoreError::Storage(_)) => break,
                Err(error @ StoreError::StudyDeleted) => panic!("{error}"),
            }
        }
        drop(archive);
        assert!(seed < 10 || !acknowledged.is_empty());
        let archive = open(&io.crash(seed)).expect("a store");
        for (number, stored) in acknowledged {
            assert_eq!(bytes_of(&archive, stored), format!("CANARYPIXELS {number}").into_bytes());
        }
    }
}
