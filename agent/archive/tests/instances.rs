//! Instances by UID: what a series holds, and whether an object is still what arrived.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use std::ops::ControlFlow;
use std::path::Path;

use agent_archive::{Archive, Keeping, NewInstance, StudyHeader};
use agent_phi::{InstanceUid, Purpose, SeriesUid, StudyUid};
use support::{instance, open, text};

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";

fn numbered(number: u32, content: &str) -> NewInstance {
    let new = instance(1, 1, number, content);
    let header = StudyHeader { instance_number: text(&number.to_string()), ..new.header };
    NewInstance { header, ..new }
}

fn rows(archive: &Archive, study: &str, series: &str) -> Vec<(String, Option<String>)> {
    let (study, series) = (StudyUid::new(study).expect("a uid"), SeriesUid::new(series).expect("a uid"));
    let rows = archive.instances_find(&study, &series).expect("rows").into_iter();
    let shown = |text: &agent_phi::HeaderText| text.expose(Purpose::DicomPeer).to_owned();
    rows.map(|row| (row.instance_uid.expose(Purpose::DicomPeer).to_owned(), row.number.as_ref().map(shown)))
        .collect()
}

fn keeping(archive: &Archive, class: &str, uid: &str) -> Keeping {
    archive.instance_keeping(class, &InstanceUid::new(uid).expect("a uid")).expect("an answer")
}

/// Changes one byte of the last object that was stored; it is the last thing in its segment.
fn damage(directory: &Path) {
    let listed = std::fs::read_dir(directory.join("archive/segments")).expect("segments");
    let last = listed.map(|entry| entry.expect("an entry").path()).max().expect("a segment");
    let mut bytes = std::fs::read(&last).expect("readable");
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    std::fs::write(&last, bytes).expect("written");
}

#[test]
fn a_series_lists_each_uid_once_with_its_number_also_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    for (number, content) in [(1, "first"), (2, "second"), (1, "another of the same UID")] {
        archive.instance_store(numbered(number, content)).expect("stored");
    }
    let expect = [("1.1.1.1", "1"), ("1.1.1.2", "2")];
    let expect = expect.map(|(uid, number)| (uid.to_owned(), Some(number.to_owned())));
    assert_eq!(rows(&archive, "1.1", "1.1.1"), expect);
    drop(archive);
    let archive = open(directory.path());
    assert_eq!(rows(&archive, "1.1", "1.1.1"), expect);
    assert_eq!(rows(&archive, "1.1", "1.1.9"), []);
    assert_eq!(rows(&archive, "1.9", "1.1.1"), []);
}

#[test]
fn studies_are_visited_until_the_visitor_has_enough() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    for study in [1, 2, 3] {
        archive.instance_store(instance(study, 1, 1, "a")).expect("stored");
    }
    let visit = |only: &[StudyUid], most: usize| {
        let mut seen = Vec::new();
        let visited = archive.studies_visit(only, &mut |row| {
            seen.push(row.study_uid.expose(Purpose::DicomPeer).to_owned());
            if seen.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        visited.expect("visited");
        seen.sort();
        seen
    };
    assert_eq!(visit(&[], 10), ["1.1", "1.2", "1.3"]);
    assert_eq!(visit(&[], 2).len(), 2);
    let uid = |text: &str| StudyUid::new(text).expect("a uid");
    assert_eq!(visit(&[uid("1.3"), uid("1.9"), uid("1.1"), uid("1.3")], 10), ["1.1", "1.3"]);
}

#[test]
fn an_object_is_kept_only_while_its_bytes_are_those_that_arrived() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    archive.instance_store(numbered(1, "first")).expect("stored");
    assert_eq!(keeping(&archive, CT, "1.1.1.1"), Keeping::Kept);
    assert_eq!(keeping(&archive, CT, "1.1.1.2"), Keeping::Unknown);
    assert_eq!(keeping(&archive, "1.2.840.10008.5.1.4.1.1.4", "1.1.1.1"), Keeping::OtherClass);
    damage(directory.path());
    assert_eq!(keeping(&archive, CT, "1.1.1.1"), Keeping::Damaged);
}

#[test]
fn a_deleted_study_is_neither_listed_nor_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let stored = archive.instance_store(numbered(1, "first")).expect("stored");
    archive.study_delete(stored.place().study).expect("deleted");
    assert_eq!(rows(&archive, "1.1", "1.1.1"), []);
    assert_eq!(keeping(&archive, CT, "1.1.1.1"), Keeping::Unknown);
}
