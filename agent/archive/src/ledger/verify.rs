//! Reads a ledger from its files alone: each byte, the chain, the lines, and the anchors in the audit trail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use proto_journal::{Damage, Head, Io, OpenError, PutRow, Verified, put_rows, verify_each};
use ring::digest::{SHA256, digest};

use super::anchor::{AnchorRecord, LedgerAnchor, read_anchor};
use super::{EntryRecord, LedgerEntry};
use crate::outbox::sequence_of;
use crate::record::{Record, decode};
use crate::{Archive, StorageError, journal_directory, lock};

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerFinding {
    /// Bytes of the ledger.
    Damaged(Damage),
    /// Bytes of the audit trail, in which the anchors stand.
    AnchorsDamaged(Damage),
    /// The record that was anchored is not there, or is another one: the end was cut off, or the ledger
    /// was written anew.
    NotAnchored(LedgerAnchor),
    /// The record that somebody noted down is not there, or is another one.
    NotAsNoted(Head),
    /// A line is missing, stands in the wrong place, or is not what its digest says.
    Line {
        /// Its number.
        sequence: u64,
    },
}

/// What a full check of a ledger found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerVerified {
    /// Records that are intact and in their place in the chain.
    pub records: u64,
    /// Lines in them.
    pub lines: u64,
    /// The last record.
    pub head: Head,
    /// Heads that stand in the audit trail and were compared.
    pub anchors: u64,
    /// Empty when each byte is as it was written.
    pub findings: Vec<LedgerFinding>,
}

/// Checks every byte of the ledger of the store in `directory`, whether or not a program has it open, and
/// whether it still holds what was anchored.
///
/// # Errors
/// When its files cannot be read. Damage is not an error but a finding.
pub fn verify_ledger(io: &dyn Io, directory: &Path) -> Result<LedgerVerified, OpenError> {
    read_ledger(io, directory, None, &mut |_| ())
}

/// As [`verify_ledger`], and shows each intact line in order. `noted` is a head that somebody wrote down
/// elsewhere.
///
/// # Errors
/// As [`verify_ledger`].
pub fn read_ledger(
    io: &dyn Io,
    directory: &Path,
    noted: Option<Head>,
    visit: &mut dyn FnMut(LedgerEntry),
) -> Result<LedgerVerified, OpenError> {
    let mut findings = Vec::new();
    let anchors = anchors(io, directory, &mut findings)?;
    let compared = anchors.values().map(Vec::len).sum::<usize>() as u64;
    let wanted = Wanted { anchors, noted };
    let mut walk = Walk { wanted, lines: 0, last: 0, odd: Vec::new(), visit };
    let segments = journal_directory(directory, "ledger");
    let mut found = verify_each(io, &segments, &mut |record| walk.record(record.head, record.body))?;
    forgive_a_write_in_progress(io, directory, "ledger", &mut found)?;
    let whole = found.damage.is_empty();
    findings.extend(found.damage.into_iter().map(LedgerFinding::Damaged));
    let Walk { wanted, lines, odd, .. } = walk;
    // Behind damage lines are missing as a matter of course.
    findings.extend(odd.into_iter().filter(|_| whole).map(|sequence| LedgerFinding::Line { sequence }));
    findings.extend(wanted.anchors.into_values().flatten().map(LedgerFinding::NotAnchored));
    findings.extend(wanted.noted.map(LedgerFinding::NotAsNoted));
    Ok(LedgerVerified { records: found.records, lines, head: found.head, anchors: compared, findings })
}

/// The lines in a record of the ledger's journal.
///
/// # Errors
/// When it is no record of a ledger.
pub fn ledger_lines(body: &[u8]) -> Result<Vec<LedgerEntry>, StorageError> {
    let malformed = StorageError::Record { table: EntryRecord::TABLE };
    let line =
        |row: PutRow| decode::<EntryRecord>(&row.value)?.read(sequence_of(EntryRecord::TABLE, &row.key)?);
    let rows = put_rows(body).ok_or(malformed)?;
    rows.into_iter().filter(|row| row.table == EntryRecord::TABLE).map(line).collect()
}

/// Where the store's files are, so that they can be read as whoever has nothing else reads them.
#[derive(Debug)]
pub(crate) struct Files {
    directory: PathBuf,
    io: Arc<dyn Io>,
}

impl Files {
    pub(crate) fn new(directory: &Path, io: &Arc<dyn Io>) -> Self {
        Self { directory: directory.to_path_buf(), io: Arc::clone(io) }
    }
}

impl Archive {
    /// Checks every byte of the ledger on the disk, as [`read_ledger`] does, and shows each line.
    ///
    /// # Errors
    /// When its files cannot be read. Damage is not an error but a finding.
    pub fn ledger_read(&self, visit: &mut dyn FnMut(LedgerEntry)) -> Result<LedgerVerified, OpenError> {
        read_ledger(self.files.io.as_ref(), &self.files.directory, None, visit)
    }
}

/// Heads that the ledger must still have, by their number.
struct Wanted {
    anchors: BTreeMap<u64, Vec<LedgerAnchor>>,
    noted: Option<Head>,
}

struct Walk<'a> {
    wanted: Wanted,
    lines: u64,
    last: u64,
    /// Lines out of place or not what their digest says.
    odd: Vec<u64>,
    visit: &'a mut dyn FnMut(LedgerEntry),
}

impl Walk<'_> {
    fn record(&mut self, head: Head, body: &[u8]) {
        if self.wanted.noted == Some(head) {
            self.wanted.noted = None;
        }
        if let Some(anchors) = self.wanted.anchors.get_mut(&head.sequence) {
            anchors.retain(|anchor| anchor.head != head);
        }
        let Ok(lines) = ledger_lines(body) else {
            self.odd.push(self.last + 1);
            return;
        };
        for line in lines {
            let intact = digest(&SHA256, &line.bytes).as_ref() == line.sha256.as_slice();
            if !intact || line.sequence != self.last + 1 {
                self.odd.push(self.last + 1);
            }
            self.last = line.sequence;
            self.lines += 1;
            (self.visit)(line);
        }
    }
}

/// The anchors in the audit trail, by the number of their record: where a ledger was written anew, one number
/// has several. A ledger that was copied without its audit trail has none.
fn anchors(
    io: &dyn Io,
    directory: &Path,
    findings: &mut Vec<LedgerFinding>,
) -> Result<BTreeMap<u64, Vec<LedgerAnchor>>, OpenError> {
    let segments = journal_directory(directory, "audit");
    let mut anchors: BTreeMap<u64, Vec<LedgerAnchor>> = BTreeMap::new();
    if io.list(&segments).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(anchors);
    }
    let mut found = verify_each(io, &segments, &mut |record| {
        let rows = put_rows(record.body).unwrap_or_default().into_iter();
        for row in rows.filter(|row| row.table == AnchorRecord::TABLE) {
            if let Ok(anchor) = read_anchor(&row.key, &row.value) {
                anchors.entry(anchor.head.sequence).or_default().push(anchor);
            }
        }
    })?;
    forgive_a_write_in_progress(io, directory, "audit", &mut found)?;
    findings.extend(found.damage.into_iter().map(LedgerFinding::AnchorsDamaged));
    Ok(anchors)
}

/// Where a program has the store open, the end of a journal may have been read while it was written. What
/// is intact a moment later was never damaged.
fn forgive_a_write_in_progress(
    io: &dyn Io,
    directory: &Path,
    name: &str,
    found: &mut Verified,
) -> Result<(), OpenError> {
    const TRIES: u32 = 5;
    const MOMENT: Duration = Duration::from_millis(50);
    let at_the_end = |damage: &Damage| damage.sequence == found.head.sequence + 1;
    if !found.damage.last().is_some_and(at_the_end) || !lock::held(directory) {
        return Ok(());
    }
    for _ in 0..TRIES {
        std::thread::sleep(MOMENT);
        let again = proto_journal::verify(io, &journal_directory(directory, name))?;
        let gone = found.damage.last().is_some_and(|damage| {
            again.head.sequence >= damage.sequence
                && again.damage.iter().all(|other| other.sequence > damage.sequence)
        });
        if gone {
            found.damage.pop();
            return Ok(());
        }
    }
    Ok(())
}
