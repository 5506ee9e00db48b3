//! Fills index tables that a store of an earlier version does not have.

use control_plane_app::StoreError;
use proto_journal::Tables;

use super::Abort;
use super::rows::{Committed, INDEXES, InTransaction, Rows as _, pair, table};
use crate::records::{DatasetV1, TaskV1, decode};

/// The set of index tables that this version keeps: the second added tasks by asset and the project
/// of a dataset.
pub(crate) const NEWEST: u64 = 2;

/// Fills what is missing, once.
pub(crate) fn fill(tables: &Tables) -> Result<(), StoreError> {
    if Committed(tables).number(INDEXES)? >= NEWEST {
        return Ok(());
    }
    let filled = tables.write(|tx| fill_in(&mut InTransaction(tx)).map_err(|cause| Abort::App(cause.into())));
    filled.map_err(|abort| match abort {
        Abort::App(cause) => StoreError::Read(Box::new(cause)),
        Abort::Write(cause) => StoreError::Write(Box::new(cause)),
    })
}

fn fill_in(rows: &mut InTransaction<'_, '_>) -> Result<(), StoreError> {
    for (_, bytes) in rows.scan(table::TASK, &[])? {
        let task = decode::<TaskV1>(&bytes)?;
        rows.0.put(table::TASK_BY_ASSET, &pair(task.asset.bytes(), task.id.bytes()), Vec::new());
    }
    for (_, bytes) in rows.scan(table::DATASET, &[])? {
        let dataset = decode::<DatasetV1>(&bytes)?;
        rows.0.put(table::PROJECT_BY_DATASET, dataset.id.bytes(), dataset.project.bytes().to_vec());
    }
    rows.0.put(table::META, INDEXES, NEWEST.to_be_bytes().to_vec());
    Ok(())
}
