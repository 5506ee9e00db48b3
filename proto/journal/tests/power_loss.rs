//! What the journal promises when power is lost, disks fail and bytes decay.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, as it should")]

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proto_journal::faults::FaultyIo;
use proto_journal::{AppendError, Io, Journal, OpenError, Options, Tables, WriteError, verify};

const DIRECTORY: &str = "/journal";

fn small() -> Options {
    Options { segment_bytes: 700 }
}

fn open(io: &FaultyIo) -> Result<Journal, OpenError> {
    let io: Arc<dyn Io> = Arc::new(io.clone());
    Journal::open(io, Path::new(DIRECTORY), small()).map(|(journal, _)| journal)
}

fn body(number: u64) -> Vec<u8> {
    vec![number as u8; 20 + (number as usize * 37) % 300]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_synced_record_survives_the_loss_of_power(
        steps in prop::collection::vec(any::<bool>(), 1..40),
        seed in any::<u64>(),
    ) {
        let io = FaultyIo::default();
        let journal = open(&io).unwrap();
        let mut synced = 0;
        for (index, sync) in steps.iter().enumerate() {
            let appended = journal.append(&[&body(index as u64), b"tail"]).unwrap();
            if *sync {
                journal.sync(appended.head.sequence).unwrap();
                synced = appended.head.sequence;
            }
        }
        let after = io.crash(seed);
        let journal = open(&after).unwrap();
        prop_assert!(journal.head().sequence >= synced);
        let found = verify(&after, Path::new(DIRECTORY)).unwrap();
        prop_assert!(found.damage.is_empty());
        prop_assert_eq!(found.records, journal.head().sequence);
        // And the journal goes on from there.
        let appended = journal.append(&[b"more"]).unwrap();
        journal.sync(appended.head.sequence).unwrap();
        prop_assert_eq!(open(&after.crash(seed)).unwrap().head(), appended.head);
    }

    #[test]
    fn a_flipped_byte_of_what_was_synced_is_found(place in any::<prop::sample::Index>(), file in any::<prop::sample::Index>()) {
        let io = FaultyIo::default();
        let journal = open(&io).unwrap();
        for number in 0..12 {
            let appended = journal.append(&[&body(number)]).unwrap();
            journal.sync(appended.head.sequence).unwrap();
        }
        let files = io.files();
        let (path, length) = &files[file.index(files.len())];
        let offset = place.index(*length);
        // Bytes 48 to 60 of a segment header are padding that the header's checksum covers.
        io.flip(path, offset);
        prop_assert!(!verify(&io, Path::new(DIRECTORY)).unwrap().damage.is_empty());
    }
}

#[test]
fn what_is_found_after_a_kill_is_durable_before_anybody_is_told_of_it() {
    for seed in 0..50 {
        let io = FaultyIo::default();
        open(&io).unwrap().append(&[&body(1)]).unwrap();
        let journal = open(&io).unwrap();
        assert_eq!(journal.head().sequence, 1);
        // A sender that repeats what it sent is told that it is there.
        journal.sync(1).unwrap();
        assert_eq!(open(&io.crash(seed)).unwrap().head().sequence, 1, "seed {seed}");
    }
}

#[test]
fn a_full_disk_refuses_the_record_and_keeps_the_rest() {
    let io = FaultyIo::default();
    let journal = open(&io).unwrap();
    journal.append(&[b"first"]).unwrap();
    io.fail_once(io.operations());
    assert!(matches!(journal.append(&[b"second"]), Err(AppendError::Io(_))));
    let third = journal.append(&[b"third"]).unwrap();
    assert_eq!(third.head.sequence, 2);
    journal.sync(2).unwrap();
    assert_eq!(open(&io.crash(7)).unwrap().head(), third.head);
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_any_more() {
    let io = FaultyIo::default();
    let journal = open(&io).unwrap();
    let first = journal.append(&[b"first"]).unwrap();
    io.fail_once(io.operations());
    assert!(matches!(journal.sync(first.head.sequence), Err(AppendError::Io(_))));
    assert!(matches!(journal.sync(first.head.sequence), Err(AppendError::Poisoned)));
    assert!(matches!(journal.append(&[b"second"]), Err(AppendError::Poisoned)));
}

#[test]
fn a_lost_acknowledged_record_is_named_and_not_skipped() {
    let io = FaultyIo::default();
    let journal = open(&io).unwrap();
    for _ in 0..3 {
        let appended = journal.append(&[b"a record that was acknowledged"]).unwrap();
        journal.sync(appended.head.sequence).unwrap();
    }
    let (path, _) = io.files().remove(0);
    io.flip(&path, 64 + 64 + 5);
    assert!(matches!(open(&io), Err(OpenError::Damaged { segment: 1, offset: 64 })));
}

/// Every write, sync, create and removal fails once, at each place where it happens.
#[test]
fn no_fault_anywhere_loses_an_acknowledged_transaction() {
    let mut place = 0;
    loop {
        let io = FaultyIo::default();
        io.fail_once(place);
        let acknowledged = write_until_refused(&io, 12);
        if io.operations() <= place {
            assert!(place > 30, "the walk was too short to mean anything");
            return;
        }
        let index = tempfile::tempdir().unwrap();
        let after: Arc<dyn Io> = Arc::new(io.crash(place));
        let (tables, _) = Tables::open(after, Path::new(DIRECTORY), index.path(), small()).unwrap();
        for number in acknowledged {
            let row = tables.get("rows", &[number]).unwrap();
            assert_eq!(row.map(|row| row.value), Some(body(u64::from(number))), "fault at {place}");
        }
        place += 1;
    }
}

fn write_until_refused(io: &FaultyIo, rows: u8) -> Vec<u8> {
    let index = tempfile::tempdir().unwrap();
    let shared: Arc<dyn Io> = Arc::new(io.clone());
    let Ok((tables, _)) = Tables::open(shared, Path::new(DIRECTORY), index.path(), small()) else {
        return Vec::new();
    };
    let mut acknowledged = Vec::new();
    for number in 0..rows {
        let outcome: Result<(), WriteError> = tables.write(|tx| {
            tx.put("rows", &[number], body(u64::from(number)));
            Ok(())
        });
        if outcome.is_ok() {
            acknowledged.push(number);
        }
    }
    acknowledged
}
