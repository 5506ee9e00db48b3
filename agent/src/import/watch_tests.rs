//! Facts about a watched folder.

use proto_ids::Clock;
use proto_program::SystemClock;

use super::super::tests::{Place, dicom};
use super::*;

fn watched(place: &Place, after: After) -> Watched {
    Watched::open(place.folder.path(), after).unwrap()
}

fn look(watched: &mut Watched, place: &Place) -> Option<ImportReport> {
    watched.look(&place.archive, SystemClock.now()).unwrap()
}

#[test]
fn a_file_is_taken_when_two_looks_find_it_the_same() {
    let place = Place::new();
    let mut watched = watched(&place, After::Leave);
    place.put("a", &dicom(1)[..200]);
    assert!(look(&mut watched, &place).is_none(), "seen for the first time");
    place.put("a", &dicom(1));
    assert!(look(&mut watched, &place).is_none(), "it has grown");
    let report = look(&mut watched, &place).unwrap();
    assert_eq!((report.taken, report.source), (1, ImportSource::WatchedFolder));
    assert!(look(&mut watched, &place).is_none(), "it was dealt with");
    assert_eq!(place.archive.import_reports().unwrap(), [report]);
}

#[test]
fn a_restart_takes_nothing_twice() {
    let place = Place::new();
    place.put("a", &dicom(1));
    for expected in [(1, 0), (0, 1)] {
        let mut watched = watched(&place, After::Leave);
        assert!(look(&mut watched, &place).is_none());
        let report = look(&mut watched, &place).unwrap();
        assert_eq!((report.taken, report.skipped), expected);
    }
}

#[test]
fn taken_files_are_deleted_and_refused_ones_stay() {
    let place = Place::new();
    let (good, bad) = (place.put("in/good", &dicom(1)), place.put("in/bad", b"letter"));
    let mut watched = watched(&place, After::Delete);
    assert!(look(&mut watched, &place).is_none());
    let report = look(&mut watched, &place).unwrap();
    assert_eq!((report.taken, report.refused, report.refusals[0].file.as_str()), (1, 1, "in/bad"));
    assert!(!good.exists() && bad.exists());
    assert!(look(&mut watched, &place).is_none(), "a refused file is refused once");
}

#[test]
fn files_are_moved_beside_others_of_their_name() {
    let place = Place::new();
    let to = tempfile::tempdir().unwrap();
    std::fs::write(to.path().join("good"), "was here before").unwrap();
    place.put("good", &dicom(1));
    place.put("deep/bad", b"letter");
    let mut watched = watched(&place, After::Move(to.path().to_path_buf()));
    assert!(look(&mut watched, &place).is_none());
    assert!(look(&mut watched, &place).is_some());
    assert_eq!(std::fs::read(to.path().join("good")).unwrap(), b"was here before");
    assert_eq!(std::fs::read(to.path().join("good.1")).unwrap(), dicom(1));
    assert_eq!(std::fs::read(to.path().join("refused/deep/bad")).unwrap(), b"letter");
    assert_eq!(std::fs::read_dir(place.folder.path()).unwrap().count(), 1, "the folder `deep` stays");
}

#[test]
fn no_link_is_followed_out_of_the_folder() {
    let place = Place::new();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("secret"), dicom(1)).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret"), place.folder.path().join("file")).unwrap();
    std::os::unix::fs::symlink(outside.path(), place.folder.path().join("folder")).unwrap();
    let mut watched = watched(&place, After::Delete);
    assert!(look(&mut watched, &place).is_none() && look(&mut watched, &place).is_none());
    // A folder that becomes a link between the look and the opening.
    let look = Look::of(&std::fs::metadata(outside.path().join("secret")).unwrap());
    assert!(watched.beneath(Path::new("folder/secret"), look).is_none());
    assert!(watched.beneath(Path::new("file"), look).is_none());
    assert!(outside.path().join("secret").exists());
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    let to = tempfile::tempdir().unwrap();
    assert!(After::of(WatchAfter::Move, None).is_err());
    assert!(After::of(WatchAfter::Delete, Some(to.path())).is_err());
    assert_eq!(After::of(WatchAfter::Leave, None).unwrap(), After::Leave);
    assert!(Watched::open(to.path(), After::Move(to.path().join("done"))).is_err());
}
