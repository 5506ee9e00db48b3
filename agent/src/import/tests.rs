//! Facts about imports: what is taken, skipped and refused, of folders, media and files without a preamble.

use std::path::Path;
use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditSubject, ImportSource};
use agent_formats::TransferSyntax;
use agent_formats::part10::{FileMeta, file_meta};

use super::*;

pub(super) const CLASS: &str = "1.2.840.10008.5.1.4.1.1.4";

/// Elements of explicit VR, little endian.
pub(crate) fn elements(elements: &[((u16, u16), &str, &str)]) -> Vec<u8> {
    let mut set = Vec::new();
    for ((group, element), vr, value) in elements {
        let padded = value.len().next_multiple_of(2);
        set.extend(group.to_le_bytes());
        set.extend(element.to_le_bytes());
        set.extend(vr.as_bytes());
        set.extend(u16::try_from(padded).unwrap().to_le_bytes());
        set.extend(value.as_bytes());
        set.resize(set.len() + padded - value.len(), if *vr == "UI" { 0 } else { b' ' });
    }
    set
}

/// A data set that names itself and holds no picture.
pub(super) fn data_set(number: u32) -> Vec<u8> {
    let uid = format!("1.2.3.1.{number}");
    elements(&[
        ((0x0008, 0x0016), "UI", CLASS),
        ((0x0008, 0x0018), "UI", &uid),
        ((0x0008, 0x0060), "CS", "MR"),
        ((0x0020, 0x000D), "UI", "1.2.3"),
        ((0x0020, 0x000E), "UI", "1.2.3.1"),
    ])
}

pub(super) fn dicom(number: u32) -> Vec<u8> {
    let uid = format!("1.2.3.1.{number}");
    let meta =
        FileMeta { sop_class_uid: CLASS, sop_instance_uid: &uid, syntax: TransferSyntax::ExplicitLittle };
    let mut file = file_meta(&meta).unwrap();
    file.extend(data_set(number));
    file
}

/// A directory of a medium that lists these references.
fn dicomdir(references: &[&str]) -> Vec<u8> {
    let meta = FileMeta {
        sop_class_uid: "1.2.840.10008.1.3.10",
        sop_instance_uid: "1.2.3.9",
        syntax: TransferSyntax::ExplicitLittle,
    };
    let mut items = Vec::new();
    for reference in references {
        let record = elements(&[((0x0004, 0x1500), "CS", reference)]);
        items.extend([0xFE, 0xFF, 0x00, 0xE0]);
        items.extend(u32::try_from(record.len()).unwrap().to_le_bytes());
        items.extend(record);
    }
    let mut file = file_meta(&meta).unwrap();
    file.extend([0x04, 0x00, 0x20, 0x12, b'S', b'Q', 0, 0]);
    file.extend(u32::try_from(items.len()).unwrap().to_le_bytes());
    file.extend(items);
    file
}

pub(super) struct Place {
    pub(super) folder: tempfile::TempDir,
    pub(super) archive: Archive,
    _store: tempfile::TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let store = tempfile::tempdir().unwrap();
        let archive = Archive::open_on_disk(store.path(), Arc::new(SystemClock)).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), archive, _store: store }
    }

    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn import(&self, path: &Path) -> Value {
        import(&self.archive, &[path.to_path_buf()], &mut |_| ()).unwrap()
    }
}

/// Names below the folder, and why they were refused.
fn refused(outcome: &Value, folder: &Path) -> Vec<(String, String)> {
    let refused = outcome["refused"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let below =
        |file: String| file.strip_prefix(&format!("{}/", folder.display())).unwrap_or(&file).to_owned();
    refused.iter().map(|one| (below(text(&one["file"])), text(&one["reason"]))).collect()
}

#[test]
fn a_refused_file_is_one_of_the_refusals_of_the_day_and_named_in_the_report() {
    let place = Place::new();
    let file = place.put("letter.txt", b"no image");
    let outcome = place.import(&file);
    assert_eq!(outcome["refused"][0]["reason"], "neither DICOM nor NIfTI");
    assert_eq!(place.archive.day_counts(SystemClock.now()).unwrap().refused, 1);
    let reports = place.archive.import_reports().unwrap();
    assert_eq!((reports.len(), reports[0].source, reports[0].refused), (1, ImportSource::Command, 1));
    assert_eq!(reports[0].refusals[0].file, file.display().to_string());
}

#[test]
fn what_an_import_brings_is_in_the_audit_trail_once_a_study_and_what_was_there_is_not() {
    let place = Place::new();
    place.put("1", &dicom(1));
    place.put("2", &dicom(2));
    place.import(place.folder.path());
    place.import(place.folder.path());
    let events = place.archive.audit_list(0, 10).unwrap();
    let study = place.archive.study_tokens().unwrap()[0];
    let told: Vec<_> =
        events.iter().map(|line| (line.event.actor, line.event.action, line.event.subject)).collect();
    assert_eq!(told, [(AuditActor::Operator, AuditAction::InstanceImported, AuditSubject::Study(study))]);
}

#[test]
fn what_is_there_already_is_skipped_whatever_its_file_is_called() {
    let place = Place::new();
    place.put("a/1", &dicom(1));
    place.put("a/2", &dicom(2));
    let first = place.import(place.folder.path());
    assert_eq!((&first["taken"], &first["skipped"]), (&json!(2), &json!(0)));
    place.put("b/again", &dicom(2));
    place.put("b/new", &dicom(3));
    let second = place.import(place.folder.path());
    assert_eq!(
        (&second["taken"], &second["skipped"], &second["kept_beside"]),
        (&json!(1), &json!(3), &json!(0))
    );
}

#[test]
fn a_file_without_a_preamble_is_the_same_object_each_time() {
    let place = Place::new();
    place.put("bare", &data_set(1));
    place.put("cut", &data_set(2)[..60]);
    let outcome = place.import(place.folder.path());
    assert_eq!(outcome["taken"], 1);
    let expected = ("cut".to_owned(), "neither DICOM nor NIfTI".to_owned());
    assert_eq!(refused(&outcome, place.folder.path()), [expected]);
    assert_eq!(place.import(place.folder.path())["skipped"], 1);
}

#[test]
fn a_dicomdir_leads_to_its_files_and_names_those_that_are_missing() {
    let place = Place::new();
    let medium = place.folder.path().join("medium");
    let references = ["IMAGES\\IM1", "IMAGES\\IM2", "IMAGES\\GONE", "..\\SECRET", "LINK\\IM1"];
    let directory = place.put("medium/DICOMDIR", &dicomdir(&references));
    place.put("medium/IMAGES/IM1", &dicom(1));
    place.put("medium/images/im2;1", &dicom(9));
    place.put("medium/IMAGES/im2;1", &dicom(2));
    place.put("SECRET", &dicom(8));
    place.put("elsewhere/IM1", &dicom(7));
    std::os::unix::fs::symlink(place.folder.path().join("elsewhere"), medium.join("LINK")).unwrap();
    let outcome = place.import(&directory);
    assert_eq!(outcome["taken"], 2);
    let refused = refused(&outcome, &medium);
    let reasons: Vec<(&str, &str)> =
        refused.iter().map(|(file, why)| (file.as_str(), why.as_str())).collect();
    assert_eq!(
        reasons,
        [
            ("IMAGES/GONE", "is listed in the DICOMDIR and missing"),
            (
                "DICOMDIR",
                "a reference is not followed: a component is empty, leads out of the directory or is no name of a file"
            ),
            ("LINK", "is listed in the DICOMDIR and is no file of it"),
        ]
    );
    // The folder as a whole holds one file more; each is taken once.
    assert_eq!(place.import(&medium)["taken"], 1);
}

#[test]
fn a_pipe_is_refused_and_not_waited_for() {
    let place = Place::new();
    let pipe = place.folder.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let outcome = place.import(place.folder.path());
    let expected = ("pipe".to_owned(), "is not a regular file".to_owned());
    assert_eq!(refused(&outcome, place.folder.path()), [expected]);
}
