//! The real disk, and what of the ledger is durable on it at any moment: read back after each sync.

use std::collections::BTreeMap;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use agent_archive::{LedgerEntry, ledger_lines};
use agent_uplink::Call;
use proto_journal::{DiskIo, Io, IoFile};

/// Bytes of a segment's header, and of the one before each record.
const HEADER_BYTES: u64 = 64;

/// The messages that a sync has made durable, in the order of the ledger, by call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Durable(Arc<Mutex<BTreeMap<&'static str, Vec<LedgerEntry>>>>);

impl Durable {
    /// The plain bytes of the message `number` of a call, counted from 0, if they are durable.
    pub(crate) fn message(&self, call: &str, number: usize) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(call)?.get(number).map(|line| line.bytes.clone())
    }

    pub(crate) fn lines(&self) -> Vec<LedgerEntry> {
        self.0.lock().unwrap().values().flatten().cloned().collect()
    }

    fn add(&self, lines: Vec<LedgerEntry>) {
        let mut durable = self.0.lock().unwrap();
        for line in lines {
            durable.entry(Call::of_kind(line.kind.code()).name()).or_default().push(line);
        }
    }
}

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct WatchedIo {
    ledger: PathBuf,
    pub(crate) durable: Durable,
    broken: Arc<AtomicBool>,
}

impl WatchedIo {
    pub(crate) fn of_store(store: &Path) -> Self {
        Self { ledger: store.join("ledger"), durable: Durable::default(), broken: Arc::default() }
    }

    /// From now on nothing of the ledger can be synced.
    pub(crate) fn break_ledger(&self) {
        self.broken.store(true, Ordering::SeqCst);
    }

    fn watched(&self, path: &Path, file: Arc<dyn IoFile>) -> Arc<dyn IoFile> {
        if !path.starts_with(&self.ledger) {
            return file;
        }
        let (durable, broken) = (self.durable.clone(), Arc::clone(&self.broken));
        Arc::new(WatchedFile { file, durable, broken, read: Mutex::new(HEADER_BYTES) })
    }
}

impl Io for WatchedIo {
    fn create_dir_all(&self, directory: &Path) -> Result<()> {
        DiskIo.create_dir_all(directory)
    }

    fn list(&self, directory: &Path) -> Result<Vec<String>> {
        DiskIo.list(directory)
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        Ok(self.watched(path, DiskIo.open(path)?))
    }

    fn create(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        Ok(self.watched(path, DiskIo.create(path)?))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        DiskIo.remove(path)
    }

    fn sync_directory(&self, directory: &Path) -> Result<()> {
        DiskIo.sync_directory(directory)
    }
}

#[derive(Debug)]
struct WatchedFile {
    file: Arc<dyn IoFile>,
    durable: Durable,
    broken: Arc<AtomicBool>,
    /// Up to where the durable records were read.
    read: Mutex<u64>,
}

impl WatchedFile {
    /// Reads the records that end before `end`, which were on disk before the sync returned.
    fn read_up_to(&self, end: u64) -> Result<()> {
        let mut at = self.read.lock().unwrap();
        while *at + HEADER_BYTES <= end {
            let mut length = [0; 4];
            self.file.read_at(&mut length, *at + 4)?;
            let length = u64::from(u32::from_le_bytes(length));
            if *at + HEADER_BYTES + length > end {
                break;
            }
            let mut body = vec![0; usize::try_from(length).unwrap()];
            self.file.read_at(&mut body, *at + HEADER_BYTES)?;
            self.durable.add(ledger_lines(&body).expect("a record of the ledger"));
            *at += HEADER_BYTES + length;
        }
        Ok(())
    }
}

impl IoFile for WatchedFile {
    fn length(&self) -> Result<u64> {
        self.file.length()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        self.file.write_at(bytes, offset)
    }

    fn sync_data(&self) -> Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(std::io::Error::other("a broken disk"));
        }
        // What is appended while this syncs is not known to be durable.
        let end = self.file.length()?;
        self.file.sync_data()?;
        self.read_up_to(end)
    }

    fn truncate(&self, length: u64) -> Result<()> {
        self.file.truncate(length)
    }
}
