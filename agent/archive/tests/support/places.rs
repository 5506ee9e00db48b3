//! What every place for closed segments has to do, whichever engine is behind it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of a test fail as the test does")]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use agent_archive::{
    Archive, DiskIo, InstanceFile, SegmentPlace, SegmentStore, SegmentStoreError, Segmentation,
};
use proto_ids::InstanceToken;
use proto_journal::{Io, IoFile};

use super::{HandClock, NOON, instance};

/// Small enough that a few instances close several segments.
const SEGMENT_BYTES: u64 = 64 << 10;

/// Bytes that nothing compresses away and that differ from place to place.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

/// A file with these bytes.
pub(crate) fn file(directory: &Path, bytes: &[u8]) -> Arc<dyn IoFile> {
    let path = directory.join("source");
    std::fs::write(&path, bytes).unwrap();
    DiskIo.open(&path).unwrap()
}

fn read(
    store: &dyn SegmentStore,
    name: &str,
    offset: u64,
    length: usize,
) -> Result<Vec<u8>, SegmentStoreError> {
    let mut buffer = vec![0; length];
    store.read_at(name, &mut buffer, offset).map(|()| buffer)
}

/// What a place promises, on one that is empty and stays so.
pub(crate) fn a_place_keeps_what_was_put(store: &dyn SegmentStore) {
    let work = tempfile::tempdir().unwrap();
    let none = |name: &str| assert_eq!(store.length(name).unwrap(), None);
    assert_eq!(store.list().unwrap(), []);
    none("a.segment");
    assert!(matches!(read(store, "a.segment", 0, 1), Err(SegmentStoreError::Missing { .. })));
    store.remove("a.segment").unwrap();

    // Several parts and pieces, and an odd rest.
    let large = noise(1, (40 << 20) + 12_345);
    for (name, bytes) in [("b.segment", &large[..100]), ("a.segment", &large[..])] {
        let mut steps = Vec::new();
        let source = file(work.path(), bytes);
        store.put(name, source.as_ref(), bytes.len() as u64, &mut |done| steps.push(done)).unwrap();
        assert!(steps.is_sorted() && steps.last() == Some(&(bytes.len() as u64)), "{steps:?}");
    }
    let lengths = vec![("a.segment".to_owned(), large.len() as u64), ("b.segment".to_owned(), 100)];
    assert_eq!(store.list().unwrap(), lengths);
    assert_eq!(store.length("a.segment").unwrap(), Some(large.len() as u64));
    assert!(read(store, "a.segment", 0, large.len()).unwrap() == large, "all of it");
    for (offset, length) in [(0, 1), (16 << 20, 3), ((16 << 20) - 1, 2), (7, 9 << 20), (large.len() - 5, 5)] {
        let found = read(store, "a.segment", offset as u64, length).unwrap();
        assert!(found == large[offset..offset + length], "{length} bytes at {offset}");
    }
    for (offset, length) in [(large.len() - 5, 6), (large.len(), 1), (large.len() + 1000, 1)] {
        let refused = read(store, "a.segment", offset as u64, length);
        assert!(matches!(refused, Err(SegmentStoreError::Damaged { .. })), "{length} bytes at {offset}");
    }

    let other = noise(2, 300);
    store.put("a.segment", file(work.path(), &other).as_ref(), 300, &mut |_| ()).unwrap();
    assert_eq!(read(store, "a.segment", 0, 300).unwrap(), other);
    assert_eq!(store.length("a.segment").unwrap(), Some(300));
    for name in ["a.segment", "b.segment"] {
        store.remove(name).unwrap();
        none(name);
    }
    assert_eq!(store.list().unwrap(), []);
}

/// Opens the store on the real disk.
pub(crate) fn open_on_disk(directory: &Path, store: &Arc<dyn SegmentStore>) -> Archive {
    open_with(directory, Arc::new(DiskIo), Some(store)).expect("a store")
}

pub(crate) fn open_with(
    directory: &Path,
    io: Arc<dyn Io>,
    store: Option<&Arc<dyn SegmentStore>>,
) -> Result<Archive, agent_archive::OpenError> {
    let segmentation = Segmentation { segment_bytes: SEGMENT_BYTES, store: store.cloned() };
    Archive::open_segmented(directory, io, HandClock::at(NOON), segmentation)
}

/// Stores instances of `length` bytes and gives what has to be read back.
pub(crate) fn fill(archive: &Archive, count: u32, length: usize) -> Vec<(InstanceToken, Vec<u8>)> {
    let store = |number| {
        let bytes = noise(u64::from(number) + 1, length);
        let new = agent_archive::NewInstance { bytes: bytes.clone(), ..instance(1, 1, number, "") };
        (archive.instance_store(new).expect("stored").place().instance, bytes)
    };
    (1..=count).map(store).collect()
}

pub(crate) fn all_there(archive: &Archive, kept: &[(InstanceToken, Vec<u8>)]) {
    for (number, (instance, bytes)) in kept.iter().enumerate() {
        let file: InstanceFile = archive.instance_bytes(*instance).expect("readable").expect("there");
        assert!(file.bytes == *bytes, "instance {number}");
    }
}

pub(crate) fn move_all(archive: &Archive, to: SegmentPlace) -> agent_archive::SegmentsMoved {
    archive.segments_move(to, &mut |_| ControlFlow::Continue(())).expect("moved")
}

/// Names of the segment files that are left in the directory of images.
pub(crate) fn local_segments(directory: &Path) -> Vec<String> {
    let names = DiskIo.list(&directory.join("archive/segments")).expect("a listing");
    names.into_iter().filter(|name| name.ends_with(".segment")).collect()
}

/// Out and back, with everything that reads segments in between.
pub(crate) fn an_archive_serves_from_a_place(store: &Arc<dyn SegmentStore>) {
    let directory = tempfile::tempdir().unwrap();
    let archive = open_on_disk(directory.path(), store);
    // Smaller than a window of the reader, and larger than a segment.
    let mut kept = fill(&archive, 20, 10_000);
    let large = agent_archive::NewInstance { bytes: noise(99, 300_000), ..instance(2, 1, 1, "") };
    let bytes = large.bytes.clone();
    kept.push((archive.instance_store(large).expect("stored").place().instance, bytes));
    kept.extend(fill_more(&archive));
    let rows = archive.segments_list().unwrap();
    assert!(rows.len() >= 4 && rows.iter().all(|row| row.place == SegmentPlace::Directory), "{rows:?}");
    let digest = archive.state_digest().unwrap();

    let moved = move_all(&archive, SegmentPlace::Store);
    assert_eq!((moved.segments, moved.left), (rows.len() as u64, 0));
    assert_eq!(moved.bytes, rows.iter().map(|row| row.bytes).sum::<u64>());
    assert_eq!(local_segments(directory.path()).len(), 1, "the open one stays");
    assert_eq!(store.list().unwrap().len(), rows.len());
    all_there(&archive, &kept);
    assert_eq!(move_all(&archive, SegmentPlace::Store).segments, 0, "they are there already");
    drop(archive);

    let archive = open_on_disk(directory.path(), store);
    all_there(&archive, &kept);
    drop(archive);
    agent_archive::reindex(directory.path()).unwrap();
    let archive = open_on_disk(directory.path(), store);
    assert_eq!(archive.state_digest().unwrap(), digest);
    all_there(&archive, &kept);
    let verify =
        || agent_archive::verify_all(Arc::new(DiskIo), directory.path(), Some(Arc::clone(store))).unwrap();
    let before = verify();
    assert!(before.iter().all(|(_, found)| found.damage.is_empty()));

    let back = move_all(&archive, SegmentPlace::Directory);
    assert_eq!((back.segments, back.bytes), (moved.segments, moved.bytes));
    assert_eq!(store.list().unwrap(), []);
    assert_eq!(local_segments(directory.path()).len(), rows.len() + 1);
    all_there(&archive, &kept);
    assert_eq!(verify(), before);
    drop(archive);
    // Nothing points to the place any more.
    all_there(&open_with(directory.path(), Arc::new(DiskIo), None).expect("a store"), &kept);
}

/// One more, so that the open segment is not empty.
fn fill_more(archive: &Archive) -> Vec<(InstanceToken, Vec<u8>)> {
    let bytes = noise(100, 500);
    let new = agent_archive::NewInstance { bytes: bytes.clone(), ..instance(3, 1, 1, "") };
    vec![(archive.instance_store(new).expect("stored").place().instance, bytes)]
}
