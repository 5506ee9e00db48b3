//! What the tables promise, on a real disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed, as it should")]

use std::path::Path;
use std::sync::Arc;

use proto_journal::{DiskIo, Head, Options, ReadError, Tables, WriteError, remove_index, verify};

fn open(directory: &Path) -> (Tables, proto_journal::OpenReport) {
    let options = Options { segment_bytes: 4096 };
    Tables::open(Arc::new(DiskIo), &directory.join("journal"), &directory.join("index"), options).unwrap()
}

fn fill(tables: &Tables) {
    for number in 0..100u8 {
        let put: Result<(), WriteError> = tables.write(|tx| {
            tx.put("plain", &[number], vec![number; 10]);
            tx.put_with_blob("large", &[number], b"row".to_vec(), vec![number; 500]);
            if number.is_multiple_of(3) {
                tx.delete("plain", &[number / 2]);
            }
            Ok(())
        });
        put.unwrap();
    }
}

#[test]
fn a_deleted_index_changes_nothing_that_can_be_seen() {
    let directory = tempfile::tempdir().unwrap();
    let (tables, _) = open(directory.path());
    fill(&tables);
    let before = (tables.state_digest().unwrap(), tables.head());
    drop(tables);
    remove_index(&directory.path().join("index")).unwrap();
    let (tables, report) = open(directory.path());
    assert!(report.rebuilt);
    assert_eq!((tables.state_digest().unwrap(), tables.head()), before);
    let row = tables.get("large", &[42]).unwrap().unwrap();
    assert_eq!(tables.blob(&row.blob.unwrap()).unwrap(), vec![42; 500]);
}

#[test]
fn rows_and_records_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("index")).unwrap();
    fill(&open(directory.path()).0);
    for name in ["journal", "index"] {
        let mode = std::fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{name}");
    }
}

#[test]
fn an_index_of_another_history_is_thrown_away() {
    let directory = tempfile::tempdir().unwrap();
    let (tables, _) = open(directory.path());
    fill(&tables);
    let digest = tables.state_digest().unwrap();
    drop(tables);
    let other = tempfile::tempdir().unwrap();
    let (tables, _) = open(other.path());
    let put: Result<(), WriteError> = tables.write(|tx| {
        tx.put("plain", b"foreign", Vec::new());
        Ok(())
    });
    put.unwrap();
    drop(tables);
    remove_index(&directory.path().join("index")).unwrap();
    std::fs::rename(other.path().join("index"), directory.path().join("index")).unwrap();
    let (tables, report) = open(directory.path());
    assert!(report.rebuilt);
    assert_eq!(tables.state_digest().unwrap(), digest);
}

#[test]
fn a_damaged_index_is_built_anew() {
    let directory = tempfile::tempdir().unwrap();
    let (tables, _) = open(directory.path());
    fill(&tables);
    let digest = tables.state_digest().unwrap();
    drop(tables);
    for entry in std::fs::read_dir(directory.path().join("index")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::write(path, b"not an index").unwrap();
        }
    }
    let (tables, _) = open(directory.path());
    assert_eq!(tables.state_digest().unwrap(), digest);
}

#[test]
fn a_refused_transaction_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (tables, _) = open(directory.path());
    #[derive(Debug, PartialEq)]
    struct Refused;
    impl From<WriteError> for Refused {
        fn from(_: WriteError) -> Self {
            Self
        }
    }
    let outcome: Result<(), Refused> = tables.write(|tx| {
        tx.put("plain", b"key", b"value".to_vec());
        assert_eq!(tx.get("plain", b"key").unwrap().unwrap().value, b"value");
        Err(Refused)
    });
    assert_eq!(outcome, Err(Refused));
    assert_eq!(tables.get("plain", b"key").unwrap(), None);
    assert_eq!(tables.head(), Head { sequence: 0, link: [0; 32] });
}

#[test]
fn a_scan_sees_one_table_in_the_order_of_its_keys() {
    let directory = tempfile::tempdir().unwrap();
    let (tables, _) = open(directory.path());
    let put: Result<Vec<Vec<u8>>, WriteError> = tables.write(|tx| {
        for key in ["b", "a", "ab", "c"] {
            tx.put("letters", key.as_bytes(), Vec::new());
        }
        tx.put("letters2", b"a", Vec::new());
        tx.delete("letters", b"c");
        Ok(tx.scan("letters", b"")?.into_iter().map(|(key, _)| key).collect())
    });
    let expected = vec![b"a".to_vec(), b"ab".to_vec(), b"b".to_vec()];
    assert_eq!(put.unwrap(), expected);
    let keys = |rows: Vec<(Vec<u8>, _)>| rows.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(keys(tables.scan("letters", b"").unwrap()), expected);
    assert_eq!(keys(tables.scan("letters", b"a").unwrap()), expected[..2]);
    assert_eq!(keys(tables.scan_range("letters", b"ab", 5).unwrap()), expected[1..]);
}

#[test]
fn writers_on_many_threads_lose_nothing_and_share_syncs() {
    let directory = tempfile::tempdir().unwrap();
    let (tables, _) = open(directory.path());
    std::thread::scope(|scope| {
        for thread in 0..8u8 {
            let tables = &tables;
            scope.spawn(move || {
                for number in 0..25u8 {
                    let put: Result<(), WriteError> = tables.write(|tx| {
                        tx.put("rows", &[thread, number], vec![1]);
                        Ok(())
                    });
                    put.unwrap();
                }
            });
        }
    });
    assert_eq!(tables.head().sequence, 200);
    assert_eq!(tables.scan("rows", b"").unwrap().len(), 200);
    let checked = verify(&DiskIo, &directory.path().join("journal")).unwrap();
    assert_eq!((checked.records, checked.damage.len()), (200, 0));
}

#[test]
fn a_blob_that_decayed_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (tables, _) = open(directory.path());
    fill(&tables);
    let row = tables.get("large", &[3]).unwrap().unwrap();
    for entry in std::fs::read_dir(directory.path().join("journal")).unwrap() {
        let path = entry.unwrap().path();
        let bytes: Vec<u8> =
            std::fs::read(&path).unwrap().iter().map(|byte| byte ^ u8::from(*byte == 3)).collect();
        std::fs::write(path, bytes).unwrap();
    }
    assert!(matches!(tables.blob(&row.blob.unwrap()), Err(ReadError::Damaged { .. })));
}
