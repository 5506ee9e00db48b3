//! Closed segments: a place of their own, power that goes in the middle of a move, and a place that is away.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of a test fail as the test does")]

mod support;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use agent_archive::{
    Archive, Directory, DiskIo, SegmentError, SegmentPlace, SegmentStore, SegmentStoreError,
};
use proto_ids::InstanceToken;
use proto_journal::IoFile;
use proto_journal::faults::FaultyIo;
use support::places::{
    a_place_keeps_what_was_put, all_there, an_archive_serves_from_a_place, fill, local_segments, move_all,
    open_on_disk, open_with,
};

fn directory_place(path: &Path) -> Arc<dyn SegmentStore> {
    Arc::new(Directory::new(Arc::new(DiskIo), path.to_path_buf()))
}

#[test]
fn a_directory_keeps_what_was_put() {
    let place = tempfile::tempdir().unwrap();
    a_place_keeps_what_was_put(directory_place(place.path()).as_ref());
}

#[test]
fn an_archive_serves_from_another_directory() {
    let place = tempfile::tempdir().unwrap();
    an_archive_serves_from_a_place(&directory_place(place.path()));
}

/// A place that can be switched off, and that counts what is read.
#[derive(Debug)]
struct Switch {
    place: Arc<dyn SegmentStore>,
    off: AtomicBool,
    asked: AtomicBool,
}

impl Switch {
    fn over(place: Arc<dyn SegmentStore>) -> Arc<Self> {
        Arc::new(Self { place, off: AtomicBool::new(false), asked: AtomicBool::new(false) })
    }

    fn on(&self) -> Result<&dyn SegmentStore, SegmentStoreError> {
        self.asked.store(true, Ordering::SeqCst);
        if self.off.load(Ordering::SeqCst) {
            let cause = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
            return Err(SegmentStoreError::Away {
                endpoint: "http://store".to_owned(),
                cause: Box::new(cause),
            });
        }
        Ok(self.place.as_ref())
    }
}

impl SegmentStore for Switch {
    fn length(&self, name: &str) -> Result<Option<u64>, SegmentStoreError> {
        self.on()?.length(name)
    }

    fn read_at(&self, name: &str, buffer: &mut [u8], offset: u64) -> Result<(), SegmentStoreError> {
        self.on()?.read_at(name, buffer, offset)
    }

    fn put(
        &self,
        name: &str,
        source: &dyn IoFile,
        length: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SegmentStoreError> {
        self.on()?.put(name, source, length, progress)
    }

    fn remove(&self, name: &str) -> Result<(), SegmentStoreError> {
        self.on()?.remove(name)
    }

    fn list(&self) -> Result<Vec<(String, u64)>, SegmentStoreError> {
        self.on()?.list()
    }
}

#[test]
fn a_place_that_is_away_refuses_its_images_by_name_and_nothing_else() {
    let (directory, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let switch = Switch::over(directory_place(place.path()));
    let store: Arc<dyn SegmentStore> = Arc::<Switch>::clone(&switch);
    let archive = open_on_disk(directory.path(), &store);
    let kept = fill(&archive, 20, 10_000);
    move_all(&archive, SegmentPlace::Store);
    drop(archive);

    switch.off.store(true, Ordering::SeqCst);
    switch.asked.store(false, Ordering::SeqCst);
    let archive = open_on_disk(directory.path(), &store);
    assert!(!switch.asked.load(Ordering::SeqCst), "a start asks the place nothing");
    let (first, last) = (kept[0].0, kept[19].0);
    let error = archive.instance_bytes(first).unwrap_err();
    assert!(error.away(), "{error:?}");
    assert!(chain(&error).ends_with("the object store at http://store does not answer: connection refused"));
    let uid = &support::instance(1, 1, 1, "").instance_uid;
    let kept_or_not = archive.instance_keeping("1.2.840.10008.5.1.4.1.1.2", uid);
    assert!(kept_or_not.unwrap_err().away(), "what cannot be read now is not called damaged");
    assert!(archive.instance_bytes(last).unwrap().is_some(), "what is local is served");
    assert_eq!(archive.studies_find(&Default::default()).unwrap().len(), 1);
    assert_eq!(fill(&archive, 40, 10_000).len(), 40, "what arrives is taken");
    let refused = archive.segments_move(SegmentPlace::Store, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(SegmentError::Segment { cause: SegmentStoreError::Away { .. }, .. })));
    let refused = archive.segments_move(SegmentPlace::Directory, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(SegmentError::Segment { cause: SegmentStoreError::Away { .. }, .. })));

    switch.off.store(false, Ordering::SeqCst);
    all_there(&archive, &kept);
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    said
}

#[test]
fn without_the_settings_moved_images_are_refused_by_name() {
    let (directory, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archive = open_on_disk(directory.path(), &directory_place(place.path()));
    let kept = fill(&archive, 20, 10_000);
    move_all(&archive, SegmentPlace::Store);
    drop(archive);
    let archive = open_with(directory.path(), Arc::new(DiskIo), None).expect("a store");
    let error = archive.instance_bytes(kept[0].0).unwrap_err();
    assert!(error.away());
    assert!(chain(&error).ends_with("the segment is in an object store that the settings do not name"));
}

#[test]
fn an_object_that_decayed_or_is_gone_is_damage_and_is_found_by_a_check() {
    let (directory, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = directory_place(place.path());
    let archive = open_on_disk(directory.path(), &store);
    let kept = fill(&archive, 20, 10_000);
    move_all(&archive, SegmentPlace::Store);
    let objects = store.list().unwrap();
    let path = |number: usize| place.path().join(&objects[number].0);
    let decayed: Vec<u8> = std::fs::read(path(0)).unwrap().iter().map(|byte| byte ^ 1).collect();
    std::fs::write(path(0), decayed).unwrap();
    std::fs::remove_file(path(1)).unwrap();
    for at in [0, 6] {
        let error = archive.instance_bytes(kept[at].0).unwrap_err();
        assert!(!error.away(), "{error:?}");
    }
    assert!(archive.instance_bytes(kept[19].0).unwrap().is_some());
    let checked = agent_archive::verify_all(Arc::new(DiskIo), directory.path(), Some(store)).unwrap();
    let damaged: Vec<u64> = checked[0].1.damage.iter().map(|damage| damage.segment).collect();
    let rows = archive.segments_list().unwrap();
    assert!(damaged.contains(&rows[0].segment) && damaged.contains(&rows[1].segment), "{damaged:?}");
}

#[test]
fn a_move_that_is_told_to_stop_goes_on_later() {
    let (directory, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archive = open_on_disk(directory.path(), &directory_place(place.path()));
    let kept = fill(&archive, 20, 10_000);
    let closed = archive.segments_list().unwrap().len() as u64;
    let mut asked = 0;
    let stopped = archive.segments_move(SegmentPlace::Store, &mut |progress| {
        assert!(progress.done <= progress.of);
        asked += u64::from(progress.done > 0);
        if progress.done > 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let stopped = stopped.unwrap();
    assert!(asked > 0);
    assert_eq!((stopped.segments, stopped.left), (1, closed - 1));
    all_there(&archive, &kept);
    assert_eq!(move_all(&archive, SegmentPlace::Store).segments, closed - 1);
    assert_eq!(local_segments(directory.path()).len(), 1);
    all_there(&archive, &kept);
}

#[test]
fn readers_are_not_disturbed_by_moves() {
    let (directory, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let archive = open_on_disk(directory.path(), &directory_place(place.path()));
    let kept = fill(&archive, 20, 10_000);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::SeqCst) {
                all_there(&archive, &kept);
            }
        });
        for _ in 0..5 {
            move_all(&archive, SegmentPlace::Store);
            move_all(&archive, SegmentPlace::Directory);
        }
        done.store(true, Ordering::SeqCst);
    });
}

/// A store and its place on one file system in memory, which loses power.
struct Powered {
    directory: tempfile::TempDir,
    io: FaultyIo,
    kept: Vec<(InstanceToken, Vec<u8>)>,
}

fn place_on(io: &FaultyIo) -> Arc<dyn SegmentStore> {
    Arc::new(Directory::new(Arc::new(io.clone()), PathBuf::from("/place")))
}

impl Powered {
    fn new() -> (Self, Archive) {
        let (directory, io) = (tempfile::tempdir().unwrap(), FaultyIo::default());
        let archive =
            open_with(directory.path(), Arc::new(io.clone()), Some(&place_on(&io))).expect("a store");
        let kept = fill(&archive, 8, 20_000);
        (Self { directory, io, kept }, archive)
    }

    /// What is found when power is back; then the move is made once more.
    fn check(&self, seed: u64, to: SegmentPlace) {
        let io = self.io.crash(seed);
        let store = place_on(&io);
        let archive = open_with(self.directory.path(), Arc::new(io.clone()), Some(&store)).expect("a store");
        all_there(&archive, &self.kept);
        move_all(&archive, to);
        all_there(&archive, &self.kept);
        assert!(archive.segments_list().unwrap().iter().all(|row| row.place == to));
        let objects = store.list().unwrap().len();
        let closed = archive.segments_list().unwrap().len();
        assert_eq!(objects, if to == SegmentPlace::Store { closed } else { 0 });
        let left: Vec<_> = io.files().into_iter().map(|(path, _)| path).collect();
        let ending = |wanted: &str| {
            left.iter().filter(|path| path.extension().is_some_and(|ending| ending == wanted)).count()
        };
        assert_eq!((ending("moved"), ending("returned"), ending("copying")), (objects, 0, 0), "{left:?}");
    }
}

#[test]
fn power_that_goes_in_the_middle_of_a_move_loses_nothing() {
    let mut ended = 0;
    for point in (0..).step_by(2) {
        let (powered, archive) = Powered::new();
        powered.io.fail_from(powered.io.operations() + point);
        let moved = archive.segments_move(SegmentPlace::Store, &mut |_| ControlFlow::Continue(()));
        ended += u64::from(moved.is_ok());
        drop(archive);
        for seed in [1, 2] {
            powered.check(point * 7 + seed, SegmentPlace::Store);
        }
        powered.check(point, SegmentPlace::Directory);
        if ended > 0 {
            assert!(point > 15, "a move has many steps: {point}");
            break;
        }
    }
}

#[test]
fn power_that_goes_in_the_middle_of_a_move_back_loses_nothing() {
    let mut ended = 0;
    for point in (0..).step_by(2) {
        let (powered, archive) = Powered::new();
        move_all(&archive, SegmentPlace::Store);
        powered.io.fail_from(powered.io.operations() + point);
        let moved = archive.segments_move(SegmentPlace::Directory, &mut |_| ControlFlow::Continue(()));
        ended += u64::from(moved.is_ok());
        drop(archive);
        for seed in [1, 2] {
            powered.check(point * 7 + seed, SegmentPlace::Directory);
        }
        powered.check(point, SegmentPlace::Store);
        if ended > 0 {
            assert!(point > 15, "a move back has many steps: {point}");
            break;
        }
    }
}

#[test]
fn one_write_that_fails_in_a_move_is_told_and_disturbs_nobody() {
    for point in (0..).step_by(3) {
        let (powered, archive) = Powered::new();
        let before = powered.io.operations();
        powered.io.fail_once(before + point);
        let moved = archive.segments_move(SegmentPlace::Store, &mut |_| ControlFlow::Continue(()));
        all_there(&archive, &powered.kept);
        move_all(&archive, SegmentPlace::Store);
        all_there(&archive, &powered.kept);
        assert_eq!(fill(&archive, 8, 20_000).len(), 8, "it still takes what arrives");
        if moved.is_ok() {
            assert!(point > 15, "a move has many steps: {point}");
            break;
        }
    }
}
