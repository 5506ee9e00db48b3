//! Outbox, ledger, audit: numbered once, in order, and a flipped byte of the ledger is found.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use agent_archive::{
    AuditAction, AuditActor, AuditOutcome, AuditSubject, Direction, MessageKind, NewAuditEvent,
    NewLedgerEntry, verify_ledger,
};
use agent_phi::Purpose;
use proto_journal::DiskIo;
use support::{open, person, task, text};

#[test]
fn messages_keep_their_numbers_whatever_becomes_of_them() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let told = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&told);
    archive.outbox_listen(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    for (number, text) in (1..).zip(["a", "b", "c"]) {
        assert_eq!(archive.outbox_push(text.into()).expect("pushed"), number);
    }
    assert_eq!(told.load(Ordering::SeqCst), 3);
    assert!(archive.outbox_shelve(2, 1, "asset.plane").expect("shelved"));
    assert!(!archive.outbox_shelve(2, 1, "asset.plane").expect("on the shelf already"));
    archive.outbox_done(2).expect("done");
    archive.outbox_done(1).expect("an older receipt changes nothing");
    drop(archive);
    let archive = open(directory.path());
    assert_eq!(archive.outbox_done_up_to().expect("a mark"), 2);
    let counts = archive.outbox_counts().expect("counts");
    assert_eq!((counts.waiting, counts.shelved), (1, 1));
    let sequences = |after| -> Vec<u64> {
        archive.outbox_peek(after, 10).expect("a peek").iter().map(|row| row.sequence).collect()
    };
    assert_eq!(sequences(2), [3]);
    assert_eq!(sequences(0), [1, 3]);
    let shelved = archive.outbox_shelved().expect("the shelf");
    assert_eq!((shelved[0].bytes.as_slice(), shelved[0].field.as_str()), (b"b".as_slice(), "asset.plane"));
    assert!(archive.outbox_unshelve(2).expect("taken off"));
    assert_eq!(archive.outbox_push(b"d".to_vec()).expect("pushed"), 4);
}

#[test]
fn messages_from_many_threads_are_numbered_without_gaps() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    archive.outbox_push(b"x".to_vec()).expect("pushed");
                }
            });
        }
    });
    assert_eq!(support::messages(&archive).len(), 40);
}

#[test]
fn the_newest_line_of_the_ledger_is_known_where_one_record_holds_many() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    assert_eq!(archive.ledger_last().expect("a number"), 0);
    let entry = |number: u8| NewLedgerEntry {
        direction: Direction::Sent,
        kind: MessageKind::Health,
        outbox_sequence: u64::from(number),
        bytes: vec![number],
    };
    archive.ledger_append((1..=5).map(entry).collect()).expect("appended");
    archive.ledger_append(vec![entry(6)]).expect("appended");
    assert_eq!(archive.ledger_last().expect("a number"), 6);
    let newest = archive.ledger_list(4, 10).expect("lines");
    assert_eq!(newest.iter().map(|line| line.sequence).collect::<Vec<_>>(), [5, 6]);
}

#[test]
fn every_flipped_byte_of_the_ledger_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let entry = |sequence: u64, text: &str| NewLedgerEntry {
        direction: Direction::Sent,
        kind: MessageKind::Asset,
        outbox_sequence: sequence,
        bytes: text.into(),
    };
    assert_eq!(archive.ledger_append(vec![entry(1, "one"), entry(2, "two")]).expect("written"), 2);
    let receipt =
        NewLedgerEntry { direction: Direction::Receipt, kind: MessageKind::Receipt, ..entry(2, "") };
    assert_eq!(archive.ledger_append(vec![receipt]).expect("written"), 3);
    let lines = archive.ledger_list(1, 10).expect("lines");
    assert_eq!(lines.iter().map(|line| line.sequence).collect::<Vec<_>>(), [2, 3]);
    let shown = archive.ledger_show(1).expect("read").expect("there");
    assert_eq!((shown.bytes.as_slice(), shown.kind), (b"one".as_slice(), MessageKind::Asset));
    let whole = verify_ledger(&DiskIo, directory.path()).expect("verified");
    assert_eq!((whole.records, whole.head, whole.findings.len()), (2, archive.ledger_head(), 0));
    drop(archive);
    let segments = directory.path().join("ledger/segments");
    let segment = std::fs::read_dir(&segments).expect("a listing").next().expect("one").expect("one").path();
    let original = std::fs::read(&segment).expect("bytes");
    for at in 0..original.len() {
        let mut flipped = original.clone();
        flipped[at] ^= 0x10;
        std::fs::write(&segment, &flipped).expect("written");
        let found = verify_ledger(&DiskIo, directory.path());
        assert!(found.is_err() || found.is_ok_and(|found| !found.findings.is_empty()), "byte {at}");
    }
}

#[test]
fn the_audit_trail_keeps_who_what_and_when_and_seals_the_rest() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    let subjects = [AuditSubject::Nothing, AuditSubject::Task(task(1)), AuditSubject::Person(person(1))];
    for (action, subject) in AuditAction::ALL.iter().zip(subjects.into_iter().cycle()) {
        let event = NewAuditEvent {
            actor: AuditActor::Person(person(2)),
            action: *action,
            subject,
            outcome: AuditOutcome::Done,
            detail: text("CANARY"),
        };
        archive.audit_append(&event).expect("written");
    }
    drop(archive);
    let archive = open(directory.path());
    let events = archive.audit_list(0, 100).expect("events");
    let actions: Vec<AuditAction> = events.iter().map(|event| event.event.action).collect();
    assert_eq!(actions, AuditAction::ALL);
    let detail = events[1].event.detail.as_ref().expect("a detail");
    assert_eq!(detail.expose(Purpose::HospitalScreen), "CANARY");
    assert_eq!(events[1].event.subject, AuditSubject::Task(task(1)));
    let segments = directory.path().join("audit/segments");
    for entry in std::fs::read_dir(segments).expect("a listing") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("bytes");
        assert!(!bytes.windows(6).any(|window| window == b"CANARY"));
    }
}
