//! What goes down to sites: a table of changes by revision, one row for each thing.

use control_plane_app::StoreError;
use control_plane_domain::{Change, Changes, Role, WorklistItem};
use proto_ids::SiteId;
use proto_journal::Tables;

use super::rows::{Committed, InTransaction, REVISION, Rows, number_of, pair, table};
use crate::records::{InstructionVersionV1, PersonV1, ProjectV1, TaskV1, decode};

const PROJECT: u8 = 1;
const INSTRUCTION: u8 = 2;
const PERSON: u8 = 3;
const TASK: u8 = 4;

/// A thing that goes down, by the key of its own table.
pub(crate) enum Thing<'a> {
    Project(&'a [u8]),
    Instruction(&'a [u8]),
    Person(&'a [u8]),
    Task(&'a [u8]),
}

impl Thing<'_> {
    fn key(&self) -> Vec<u8> {
        let (kind, key) = match self {
            Self::Project(key) => (PROJECT, key),
            Self::Instruction(key) => (INSTRUCTION, key),
            Self::Person(key) => (PERSON, key),
            Self::Task(key) => (TASK, key),
        };
        [&[kind], *key].concat()
    }
}

/// Gives a thing the next revision and forgets its last one.
pub(crate) fn note(rows: &mut InTransaction<'_, '_>, thing: &Thing<'_>) -> Result<(), StoreError> {
    let key = thing.key();
    if let Some(last) = rows.get(table::CHANGE_BY_THING, &key)? {
        rows.0.delete(table::CHANGE, &last);
    }
    let revision = (rows.number(REVISION)? + 1).to_be_bytes();
    rows.0.put(table::CHANGE, &revision, key.clone());
    rows.0.put(table::CHANGE_BY_THING, &key, revision.to_vec());
    rows.0.put(table::META, REVISION, revision.to_vec());
    Ok(())
}

/// The changes after a revision that concern a site, up to the newest durable revision.
pub(crate) fn changes_since(
    tables: &Tables,
    site: SiteId,
    after: u64,
    limit: usize,
    durable: u64,
) -> Result<Changes, StoreError> {
    let from = after.saturating_add(1);
    let found = tables
        .scan_range(table::CHANGE, &from.to_be_bytes(), limit.max(1))
        .map_err(|cause| StoreError::Read(Box::new(cause)))?;
    let full = found.len() >= limit.max(1);
    let rows = Committed(tables);
    let mut changes = Vec::new();
    let mut last = after;
    for (key, row) in found {
        let revision = number_of(table::CHANGE, &key)?;
        if revision > durable {
            return Ok(Changes { changes, up_to: last.max(after), more: false });
        }
        last = revision;
        if let Some(item) = item(&rows, site, &row.value)? {
            changes.push(Change { revision, item });
        }
    }
    // When everything was looked at, what was forgotten in between was looked at too.
    let up_to = if full { last } else { durable.max(after) };
    Ok(Changes { changes, up_to, more: full && last < durable })
}

/// The thing of a row of changes as a site has to know it; none when it does not concern the site.
fn item(rows: &Committed<'_>, site: SiteId, thing: &[u8]) -> Result<Option<WorklistItem>, StoreError> {
    let damaged = || StoreError::Record { table: table::CHANGE };
    let (kind, key) = thing.split_first().ok_or_else(damaged)?;
    match *kind {
        PROJECT if concerns(rows, site, key)? => {
            let Some(bytes) = rows.get(table::PROJECT, key)? else { return Ok(None) };
            Ok(decode::<ProjectV1>(&bytes)?.order_for(site).map(WorklistItem::Project))
        }
        INSTRUCTION if concerns(rows, site, key.get(..16).ok_or_else(damaged)?)? => {
            let Some(bytes) = rows.get(table::INSTRUCTION, key)? else { return Ok(None) };
            Ok(Some(WorklistItem::Instruction(decode::<InstructionVersionV1>(&bytes)?)))
        }
        PERSON => {
            let Some(bytes) = rows.get(table::PERSON, key)? else { return Ok(None) };
            let person = decode::<PersonV1>(&bytes)?;
            let annotator = person.roles.contains(&Role::Annotator);
            Ok(annotator.then(|| WorklistItem::Person(person.order_for(site))))
        }
        TASK => {
            let Some(bytes) = rows.get(table::TASK, key)? else { return Ok(None) };
            let task = decode::<TaskV1>(&bytes)?;
            Ok((task.site == site).then(|| WorklistItem::Task(task.order())))
        }
        PROJECT | INSTRUCTION => Ok(None),
        _ => Err(damaged()),
    }
}

fn concerns(rows: &Committed<'_>, site: SiteId, project: &[u8]) -> Result<bool, StoreError> {
    Ok(rows.get(table::PROJECT_BY_SITE, &pair(site.bytes(), project))?.is_some())
}
