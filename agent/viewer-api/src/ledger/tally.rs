//! How much left on each of the last days, counted field by field as messages are added to the ledger.

use std::collections::{BTreeMap, BTreeSet};

use agent_archive::{Archive, LedgerEntry, StorageError};
use proto_ids::{AssetToken, TaskId, Timestamp};

use super::schema::{EgressContent, EgressField, EgressSchema};

/// Days that are counted; today is one of them.
pub(super) const DAYS: i64 = 7;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Lines that are read at once.
const BLOCK: u64 = 2048;

/// The day of a time, counted from 1970 in UTC.
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.millis().div_euclid(DAY_MS)
}

/// What left on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) kinds: BTreeMap<&'static str, Counts>,
    /// Assets that messages were about, whether they name them or a task of theirs.
    pub(super) assets: BTreeSet<AssetToken>,
    /// First and last line.
    pub(super) lines: Option<(u64, u64)>,
}

/// What the messages of one kind held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) messages: u64,
    pub(super) numbers: u64,
    /// Messages with keys or proofs of the enrolment.
    pub(super) credentials: u64,
    /// Fields of text. The schema has none; this is counted, not assumed.
    pub(super) texts: u64,
    /// Messages that this version cannot read.
    pub(super) unread: u64,
}

/// The last days, and up to which line they are counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    up_to: Option<u64>,
    days: BTreeMap<i64, Day>,
}

impl Tally {
    /// Counts what was added since the last time. The first time reads the last days.
    pub(super) fn update(
        &mut self,
        archive: &Archive,
        schema: &dyn EgressSchema,
        today: i64,
    ) -> Result<&BTreeMap<i64, Day>, StorageError> {
        let oldest = today - DAYS + 1;
        let mut up_to = match self.up_to {
            Some(up_to) => up_to,
            None => before_day(archive, oldest)?,
        };
        loop {
            let lines = archive.ledger_list(up_to, BLOCK as usize)?;
            let Some(last) = lines.last().map(|line| line.sequence) else { break };
            for line in lines.iter().filter(|line| day_of(line.at) >= oldest) {
                self.count(archive, schema, line)?;
            }
            up_to = last;
            self.up_to = Some(last);
        }
        self.days.retain(|day, _| (oldest..=today).contains(day));
        Ok(&self.days)
    }

    fn count(
        &mut self,
        archive: &Archive,
        schema: &dyn EgressSchema,
        line: &LedgerEntry,
    ) -> Result<(), StorageError> {
        let day = self.days.entry(day_of(line.at)).or_default();
        let first = day.lines.map_or(line.sequence, |(first, _)| first);
        day.lines = Some((first, line.sequence));
        let counts = day.kinds.entry(line.kind.code()).or_default();
        counts.messages += 1;
        let Some(fields) = schema.fields(line.kind, &line.bytes) else {
            counts.unread += 1;
            return Ok(());
        };
        let holding = |content| fields.iter().filter(|field| field.content == content).count() as u64;
        counts.numbers += holding(EgressContent::Number);
        counts.texts += holding(EgressContent::Text);
        counts.credentials += u64::from(holding(EgressContent::Credential) > 0);
        if let Some(asset) = asset_of(archive, &fields)? {
            day.assets.insert(asset);
        }
        Ok(())
    }
}

/// The asset that a message names, or that a task which it names is about.
fn asset_of(archive: &Archive, fields: &[EgressField]) -> Result<Option<AssetToken>, StorageError> {
    let tokens = || fields.iter().filter(|field| field.content == EgressContent::Token);
    let named = |name: &str| {
        tokens().find(|field| field.path.rsplit('.').next() == Some(name)).map(|field| field.value.clone())
    };
    if let Some(asset) = named("asset").and_then(|asset| asset.parse().ok()) {
        return Ok(Some(asset));
    }
    let task: Option<TaskId> = named("task").and_then(|task| task.parse().ok());
    match task {
        Some(task) => Ok(archive.task(task)?.map(|task| task.asset)),
        None => Ok(None),
    }
}

/// The last line before `day`, or a little before it.
fn before_day(archive: &Archive, day: i64) -> Result<u64, StorageError> {
    let mut from = archive.ledger_last()?;
    while from > 0 {
        let before = from.saturating_sub(BLOCK);
        let first = archive.ledger_list(before, 1)?.first().map(|line| day_of(line.at));
        if first.is_some_and(|first| first < day) {
            return Ok(before);
        }
        from = before;
    }
    Ok(0)
}

/// All kinds that were counted, with their sums.
pub(super) fn kinds_of<'a>(days: impl Iterator<Item = &'a Day>) -> BTreeMap<&'static str, Counts> {
    let mut sums: BTreeMap<&'static str, Counts> = BTreeMap::new();
    for (kind, counts) in days.flat_map(|day| &day.kinds) {
        let sum = sums.entry(kind).or_default();
        sum.messages += counts.messages;
        sum.numbers += counts.numbers;
        sum.credentials += counts.credentials;
        sum.texts += counts.texts;
        sum.unread += counts.unread;
    }
    sums
}
