//! The embedded engine: the suite, and what only a journal with an index has.

use std::path::Path;
use std::sync::Arc;

use control_plane_app::{Reader, read, transact};
use proto_journal::faults::FaultyIo;

use super::*;
use crate::{conformance, samples};

struct Kept {
    store: Embedded,
    _directory: tempfile::TempDir,
}

fn empty() -> Kept {
    let directory = tempfile::tempdir().unwrap();
    let store = Embedded::open_on_disk(directory.path(), [1; 16]).unwrap().store;
    Kept { store, _directory: directory }
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.store.fmt(f)
    }
}

impl Store for Kept {
    fn transact(&self, decide: &mut dyn FnMut(&mut dyn Tx) -> Result<(), AppError>) -> Result<(), AppError> {
        self.store.transact(decide)
    }
    fn read(&self, look: &mut dyn FnMut(&dyn Reader) -> Result<(), AppError>) -> Result<(), AppError> {
        self.store.read(look)
    }
    fn changes_since(&self, site: SiteId, after: u64, limit: usize) -> Result<Changes, StoreError> {
        self.store.changes_since(site, after, limit)
    }
    fn epoch(&self) -> EpochId {
        self.store.epoch()
    }
    fn revisions(&self) -> watch::Receiver<u64> {
        self.store.revisions()
    }
}

#[test]
fn the_embedded_engine_passes_the_suite() {
    conformance::all(empty);
}

fn some_writes(store: &Embedded) {
    for millis in 0..20 {
        transact(store, |tx| {
            let row = control_plane_domain::AuditRow { at: samples::at(millis), ..samples::audit_row() };
            tx.audit_put(&row)?;
            tx.task_put(&samples::task())?;
            tx.submission_put(&samples::submission())?;
            tx.session_put(&samples::session())?;
            Ok(tx.session_delete(&samples::session().token_sha256)?)
        })
        .unwrap();
    }
}

#[test]
fn a_rebuilt_index_is_the_same_state() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Embedded::open_on_disk(directory.path(), [1; 16]).unwrap();
    let store = open().store;
    some_writes(&store);
    let seen = |store: &Embedded| {
        let changes = store.changes_since(samples::site().id, 0, 100).unwrap();
        (store.state_digest().unwrap(), store.epoch(), *store.revisions().borrow(), changes)
    };
    let before = seen(&store);
    drop(store);
    Embedded::forget_index(directory.path()).unwrap();
    let opened = open();
    assert!(opened.report.rebuilt);
    assert_eq!(seen(&opened.store), before);
    assert_eq!(Embedded::verify(directory.path()).unwrap(), 21);
}

#[test]
fn a_store_is_open_once() {
    let directory = tempfile::tempdir().unwrap();
    let first = Embedded::open_on_disk(directory.path(), [1; 16]).unwrap();
    assert!(matches!(Embedded::open_on_disk(directory.path(), [2; 16]), Err(OpenError::InUse)));
    assert!(matches!(Embedded::forget_index(directory.path()), Err(OpenError::InUse)));
    let epoch = first.store.epoch();
    drop(first);
    let again = Embedded::open_on_disk(directory.path(), [2; 16]).unwrap();
    assert_eq!(again.store.epoch(), epoch, "the epoch is of the store, not of the start");
}

#[test]
fn what_could_not_be_synced_is_not_told_to_sites() {
    let directory = tempfile::tempdir().unwrap();
    let io = FaultyIo::default();
    let store = Embedded::open(directory.path(), Arc::new(io.clone()), [1; 16]).unwrap().store;
    transact(&store, |tx| Ok(tx.person_put(&samples::person())?)).unwrap();
    let told = store.changes_since(samples::site().id, 0, 100).unwrap();
    io.fail_from(io.operations());
    let mut person = samples::person();
    person.id = proto_ids::PersonId::from_random([55; 16]);
    let failed = transact(&store, |tx| Ok(tx.person_put(&person)?));
    assert!(matches!(failed, Err(AppError::Store(_))));
    assert_eq!(store.changes_since(samples::site().id, 0, 100).unwrap(), told);
}

#[test]
fn the_index_can_go_and_nothing_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let path: &Path = directory.path();
    let store = Embedded::open_on_disk(path, [1; 16]).unwrap().store;
    some_writes(&store);
    drop(store);
    std::fs::remove_dir_all(path.join("index")).unwrap();
    let store = Embedded::open_on_disk(path, [1; 16]).unwrap().store;
    let rows = read(&store, |rows| Ok(rows.audit_list(100)?)).unwrap();
    assert_eq!(rows.len(), 20);
}

#[test]
fn a_store_without_the_newest_indexes_gets_them() {
    let directory = tempfile::tempdir().unwrap();
    let store = Embedded::open_on_disk(directory.path(), [1; 16]).unwrap().store;
    transact(&store, |tx| {
        tx.task_put(&samples::task())?;
        Ok(tx.dataset_put(&samples::dataset())?)
    })
    .unwrap();
    let forget = store.tables.write(|tx| {
        tx.delete(table::META, rows::INDEXES);
        tx.delete(table::PROJECT_BY_DATASET, samples::dataset().id.bytes());
        let (asset, task) = (samples::asset().card.asset, samples::task().id);
        tx.delete(table::TASK_BY_ASSET, &rows::pair(asset.bytes(), task.bytes()));
        Ok::<(), WriteError>(())
    });
    forget.unwrap();
    let found = |store: &Embedded| {
        read(store, |rows| {
            let tasks = rows.task_list_of_asset(samples::asset().card.asset)?;
            Ok((rows.dataset_get(samples::dataset().id)?, tasks))
        })
        .unwrap()
    };
    assert_eq!(found(&store), (None, Vec::new()));
    drop(store);
    let store = Embedded::open_on_disk(directory.path(), [1; 16]).unwrap().store;
    assert_eq!(found(&store), (Some(samples::dataset()), vec![samples::task()]));
}
