//! The ledger as evidence: each changed byte, each cut end and each rewritten ledger is found from its files.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a helper of tests fails by panicking")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agent_archive::{
    Archive, Direction, LedgerFinding, LedgerVerified, MessageKind, NewLedgerEntry, read_ledger,
    verify_ledger,
};
use proto_ids::Timestamp;
use proto_journal::faults::FaultyIo;
use proto_journal::{Head, Io, OpenError};
use support::{HandClock, NOON};

/// Bytes before the first record of a segment, and before each body.
const HEADER_BYTES: usize = 64;
const TAMPERS: usize = 10_000;

/// xorshift64*, so that a seed gives the same ledger and the same tampers everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16).expect("48 bits") % bound
    }
}

struct Kept {
    directory: tempfile::TempDir,
    io: FaultyIo,
    archive: Archive,
    clock: Arc<HandClock>,
}

impl Kept {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (io, clock) = (FaultyIo::default(), HandClock::at(NOON));
        let archive = Archive::open(directory.path(), Arc::new(io.clone()), clock.clone()).expect("a store");
        Self { directory, io, archive, clock }
    }

    /// Opens the files as they are.
    fn reopened(self) -> Self {
        let Self { directory, io, archive, clock } = self;
        drop(archive);
        let archive = Archive::open(directory.path(), Arc::new(io.clone()), clock.clone()).expect("a store");
        Self { directory, io, archive, clock }
    }

    /// Appends so many records of one to seven messages.
    fn append(&self, chance: &mut Chance, records: usize) {
        for _ in 0..records {
            let entry = |kind| NewLedgerEntry {
                direction: Direction::Sent,
                kind,
                outbox_sequence: 3,
                bytes: (0..10 + chance.below(200)).map(|_| chance.below(256).to_le_bytes()[0]).collect(),
            };
            let kinds = [MessageKind::Asset, MessageKind::Renew, MessageKind::Lease, MessageKind::Follow];
            let count = 1 + self.io.operations() as usize % 7;
            let entries = kinds.into_iter().cycle().take(count).map(entry).collect();
            self.archive.ledger_append(entries).expect("appended");
        }
    }

    fn store(&self) -> &Path {
        self.directory.path()
    }

    fn segment(&self, journal: &str) -> (PathBuf, usize) {
        let inside = self.store().join(journal);
        self.io.files().into_iter().find(|(path, _)| path.starts_with(&inside)).expect("a segment")
    }

    fn verify(&self) -> Result<LedgerVerified, OpenError> {
        verify_ledger(&self.io, self.store())
    }

    fn bytes(&self, path: &Path) -> Vec<u8> {
        let file = self.io.open(path).expect("a file");
        let mut bytes = vec![0; usize::try_from(file.length().expect("a length")).expect("it fits")];
        file.read_at(&mut bytes, 0).expect("read");
        bytes
    }

    /// Where each record of the ledger ends, in order.
    fn ends(&self) -> Vec<usize> {
        let bytes = self.bytes(&self.segment("ledger").0);
        let mut ends = Vec::new();
        let mut at = HEADER_BYTES;
        while at < bytes.len() {
            let length: [u8; 4] = bytes[at + 4..at + 8].try_into().expect("four bytes");
            at += HEADER_BYTES + u32::from_le_bytes(length) as usize;
            ends.push(at);
        }
        ends
    }

    fn cut(&self, length: usize) {
        let file = self.io.open(&self.segment("ledger").0).expect("a file");
        file.truncate(length as u64).expect("cut");
    }
}

fn found(verified: &Result<LedgerVerified, OpenError>) -> bool {
    verified.as_ref().map_or(true, |verified| !verified.findings.is_empty())
}

#[test]
fn each_of_ten_thousand_changed_bytes_is_found() {
    let kept = Kept::new();
    let mut chance = Chance(0x5eed);
    kept.append(&mut chance, 20);
    kept.archive.ledger_anchor().expect("anchored");
    kept.append(&mut chance, 10);
    let whole = kept.verify().expect("verified");
    assert_eq!((whole.findings.as_slice(), whole.anchors, whole.records), ([].as_slice(), 1, 30));
    // Nobody writes any more: damage at the end is no write in progress.
    std::fs::remove_file(kept.store().join("lock")).expect("removed");
    let files = [kept.segment("ledger"), kept.segment("audit")];
    let sizes: usize = files.iter().map(|(_, size)| size).sum();
    for round in 0..TAMPERS {
        let mut at = chance.below(sizes);
        let (path, _) = files
            .iter()
            .find(|(_, size)| {
                let inside = at < *size;
                at -= if inside { 0 } else { *size };
                inside
            })
            .expect("one of them");
        let file = kept.io.open(path).expect("a file");
        let mut before = [0];
        file.read_at(&mut before, at as u64).expect("read");
        let change = 1 + chance.below(255).to_le_bytes()[0];
        file.write_at(&[before[0] ^ change], at as u64).expect("tampered");
        let verified = kept.verify();
        assert!(found(&verified), "round {round}: byte {at} of {}", path.display());
        named(&verified, at, path == &files[0].0);
        file.write_at(&before, at as u64).expect("put back");
    }
    assert_eq!(kept.verify().expect("verified"), whole);
}

/// The finding says in which journal and at or before which byte.
fn named(verified: &Result<LedgerVerified, OpenError>, at: usize, in_ledger: bool) {
    let Ok(verified) = verified else { return };
    let named = verified.findings.iter().any(|finding| match finding {
        LedgerFinding::Damaged(damage) => in_ledger && damage.offset <= at as u64,
        LedgerFinding::AnchorsDamaged(damage) => !in_ledger && damage.offset <= at as u64,
        LedgerFinding::NotAnchored(_) | LedgerFinding::NotAsNoted(_) | LedgerFinding::Line { .. } => false,
    });
    assert!(named, "byte {at}: {:?}", verified.findings);
}

#[test]
fn an_end_that_was_cut_off_is_found_against_the_anchor() {
    let kept = Kept::new();
    let mut chance = Chance(7);
    kept.append(&mut chance, 12);
    let anchor = kept.archive.ledger_anchor().expect("anchored").expect("not empty");
    let ends = kept.ends();
    assert_eq!(anchor.head.sequence, 12);
    for kept_records in (0..12).rev() {
        let end = if kept_records == 0 { HEADER_BYTES } else { ends[kept_records - 1] };
        kept.cut(end);
        let findings = kept.verify().expect("verified").findings;
        // The chain itself is whole: nothing but the anchor tells.
        assert!(findings.contains(&LedgerFinding::NotAnchored(anchor)), "{kept_records}: {findings:?}");
        assert!(findings.iter().all(|finding| matches!(finding, LedgerFinding::NotAnchored(_))));
    }
    kept.io.remove(&kept.segment("ledger").0).expect("removed");
    assert!(found(&kept.verify()), "a ledger without a file");
}

#[test]
fn a_cut_ledger_that_goes_on_growing_is_still_found() {
    let kept = Kept::new();
    let mut chance = Chance(8);
    kept.append(&mut chance, 6);
    let anchor = kept.archive.ledger_anchor().expect("anchored").expect("not empty");
    let ends = kept.ends();
    kept.cut(ends[2]);
    let kept = kept.reopened();
    kept.append(&mut chance, 6);
    kept.archive.ledger_anchor().expect("anchored");
    assert_eq!(kept.verify().expect("verified").findings, [LedgerFinding::NotAnchored(anchor)]);
}

#[test]
fn what_was_written_behind_the_last_anchor_is_held_by_a_head_that_was_noted_down() {
    let kept = Kept::new();
    let mut chance = Chance(9);
    kept.append(&mut chance, 5);
    kept.archive.ledger_anchor().expect("anchored");
    kept.append(&mut chance, 2);
    let noted = kept.archive.ledger_head();
    let read = |noted| read_ledger(&kept.io, kept.store(), Some(noted), &mut |_| ()).expect("read").findings;
    assert_eq!(read(noted), []);
    let other = Head { link: [1; 32], ..noted };
    assert_eq!(read(other), [LedgerFinding::NotAsNoted(other)]);
    let ends = kept.ends();
    kept.cut(ends[5]);
    assert_eq!(kept.verify().expect("verified").findings, [], "the anchor stands before the cut");
    assert_eq!(read(noted), [LedgerFinding::NotAsNoted(noted)]);
}

#[test]
fn a_ledger_that_was_written_anew_is_not_the_anchored_one() {
    let (kept, other) = (Kept::new(), Kept::new());
    kept.append(&mut Chance(1), 5);
    let anchor = kept.archive.ledger_anchor().expect("anchored").expect("not empty");
    other.append(&mut Chance(2), 5);
    let (path, _) = kept.segment("ledger");
    let forged = other.bytes(&other.segment("ledger").0);
    let file = kept.io.open(&path).expect("a file");
    file.truncate(0).expect("emptied");
    file.write_at(&forged, 0).expect("forged");
    assert!(kept.verify().expect("verified").findings.contains(&LedgerFinding::NotAnchored(anchor)));
}

#[test]
fn the_head_is_anchored_every_thousand_lines_and_every_ten_minutes() {
    let kept = Kept::new();
    let mut chance = Chance(4);
    let anchors = || kept.verify().expect("verified").anchors;
    let many = |count: usize| {
        let entry = NewLedgerEntry {
            direction: Direction::Sent,
            kind: MessageKind::Health,
            outbox_sequence: 1,
            bytes: vec![1],
        };
        kept.archive.ledger_append(vec![entry; count]).expect("appended");
    };
    many(999);
    assert_eq!(anchors(), 0);
    many(1);
    assert_eq!(anchors(), 1);
    many(500);
    assert_eq!(anchors(), 1);
    kept.clock.set(Timestamp::from_millis(NOON.millis() + 10 * 60 * 1000));
    kept.append(&mut chance, 1);
    assert_eq!(anchors(), 2);
    let newest = kept.archive.ledger_anchored().expect("read").expect("there");
    assert_eq!(
        (newest.head, newest.line),
        (kept.archive.ledger_head(), kept.archive.ledger_last().expect("read"))
    );
}

#[test]
fn a_ledger_is_read_line_by_line_from_its_files() {
    let kept = Kept::new();
    kept.append(&mut Chance(3), 4);
    let mut lines = Vec::new();
    let verified = kept.archive.ledger_read(&mut |line| lines.push(line)).expect("read");
    assert_eq!(lines, kept.archive.ledger_list(0, 1000).expect("lines"));
    assert_eq!((verified.lines, verified.head), (lines.len() as u64, kept.archive.ledger_head()));
}
