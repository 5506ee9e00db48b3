//! A file system in memory that fails on demand and forgets what was not synced.
//!
//! For tests of both planes. `crash` gives the file system as a machine finds it after losing
//! power: synced bytes and synced directory entries are there, and of everything else an
//! arbitrary part, chosen by the seed.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::io::{Io, IoFile};

#[derive(Debug, Clone, Default)]
struct Node {
    now: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<(u64, Vec<u8>)>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Arc<Mutex<Node>>>,
    durable_names: BTreeMap<PathBuf, Arc<Mutex<Node>>>,
    operations: u64,
    fail_at: Option<u64>,
    fail_on: Vec<u64>,
}

/// See the module. Clones share one file system.
#[derive(Debug, Clone, Default)]
pub struct FaultyIo(Arc<Mutex<State>>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FaultyIo {
    /// How many writing operations (create, write, sync, truncate, remove) were asked for so far.
    pub fn operations(&self) -> u64 {
        locked(&self.0).operations
    }

    /// Every writing operation from number `operation` on fails, as on a disk that is gone.
    pub fn fail_from(&self, operation: u64) {
        locked(&self.0).fail_at = Some(operation);
    }

    /// Just the writing operation number `operation` fails; a failing write leaves its first half.
    pub fn fail_once(&self, operation: u64) {
        locked(&self.0).fail_on.push(operation);
    }

    /// What is on the disk after a loss of power now. Same seed, same result.
    pub fn crash(&self, seed: u64) -> Self {
        let state = locked(&self.0);
        let mut chance = Chance(seed | 1);
        let mut files = BTreeMap::new();
        let mut names: Vec<PathBuf> = state.durable_names.keys().cloned().collect();
        names.extend(state.files.keys().filter(|name| !state.durable_names.contains_key(*name)).cloned());
        for name in names {
            let durable = state.durable_names.get(&name);
            if durable.is_none() && chance.next().is_multiple_of(2) {
                continue;
            }
            let Some(node) = durable.or_else(|| state.files.get(&name)) else { continue };
            let bytes = after_crash(&locked(node), &mut chance);
            let node = Node { now: bytes.clone(), durable: bytes, pending: Vec::new() };
            files.insert(name, Arc::new(Mutex::new(node)));
        }
        let durable_names = files.clone();
        Self(Arc::new(Mutex::new(State { files, durable_names, ..State::default() })))
    }

    /// Changes a byte of a file in place, as a decaying disk does.
    pub fn flip(&self, path: &Path, offset: usize) {
        if let Some(node) = locked(&self.0).files.get(path)
            && let Some(byte) = locked(node).now.get_mut(offset)
        {
            *byte ^= 0x10;
        }
    }

    /// All file names and their lengths.
    pub fn files(&self) -> Vec<(PathBuf, usize)> {
        locked(&self.0).files.iter().map(|(path, node)| (path.clone(), locked(node).now.len())).collect()
    }

    fn operation(&self) -> Result<()> {
        let mut state = locked(&self.0);
        let number = state.operations;
        state.operations += 1;
        let fails = state.fail_at.is_some_and(|from| number >= from) || state.fail_on.contains(&number);
        if fails { Err(Error::new(ErrorKind::StorageFull, "injected fault")) } else { Ok(()) }
    }
}

fn after_crash(node: &Node, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = node.durable.clone();
    for (offset, data) in &node.pending {
        let kept = match chance.next() % 3 {
            0 => 0,
            1 => data.len(),
            _ => chance.next() as usize % (data.len() + 1),
        };
        write_into(&mut bytes, *offset, &data[..kept]);
    }
    bytes
}

fn write_into(bytes: &mut Vec<u8>, offset: u64, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    let start = offset as usize;
    if bytes.len() < start + data.len() {
        bytes.resize(start + data.len(), 0);
    }
    bytes[start..start + data.len()].copy_from_slice(data);
}

/// xorshift64*, so that a seed gives the same crash everywhere.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8
    }
}

impl Io for FaultyIo {
    fn create_dir_all(&self, _directory: &Path) -> Result<()> {
        Ok(())
    }

    fn list(&self, directory: &Path) -> Result<Vec<String>> {
        let state = locked(&self.0);
        let names = state.files.keys().filter(|path| path.parent() == Some(directory));
        Ok(names
            .filter_map(|path| path.file_name())
            .map(|name| name.to_string_lossy().into_owned())
            .collect())
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        let node = locked(&self.0).files.get(path).cloned().ok_or(ErrorKind::NotFound)?;
        Ok(Arc::new(FaultyFile { io: self.clone(), node }))
    }

    fn create(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        self.operation()?;
        let mut state = locked(&self.0);
        if state.files.contains_key(path) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let node = Arc::new(Mutex::new(Node::default()));
        state.files.insert(path.to_path_buf(), Arc::clone(&node));
        Ok(Arc::new(FaultyFile { io: self.clone(), node }))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.operation()?;
        locked(&self.0).files.remove(path).map(|_| ()).ok_or_else(|| ErrorKind::NotFound.into())
    }

    fn sync_directory(&self, directory: &Path) -> Result<()> {
        self.operation()?;
        let mut state = locked(&self.0);
        let inside: Vec<_> = state
            .files
            .iter()
            .filter(|(path, _)| path.parent() == Some(directory))
            .map(|(p, n)| (p.clone(), Arc::clone(n)))
            .collect();
        state.durable_names.retain(|path, _| path.parent() != Some(directory));
        state.durable_names.extend(inside);
        Ok(())
    }
}

#[derive(Debug)]
struct FaultyFile {
    io: FaultyIo,
    node: Arc<Mutex<Node>>,
}

impl IoFile for FaultyFile {
    fn length(&self) -> Result<u64> {
        Ok(locked(&self.node).now.len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let node = locked(&self.node);
        let rest = node.now.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        let outcome = self.io.operation();
        let written = if outcome.is_ok() { bytes } else { &bytes[..bytes.len() / 2] };
        let mut node = locked(&self.node);
        write_into(&mut node.now, offset, written);
        node.pending.push((offset, written.to_vec()));
        outcome
    }

    fn sync_data(&self) -> Result<()> {
        self.io.operation()?;
        let mut node = locked(&self.node);
        node.durable = node.now.clone();
        node.pending.clear();
        Ok(())
    }

    fn truncate(&self, length: u64) -> Result<()> {
        self.io.operation()?;
        let mut node = locked(&self.node);
        node.now.truncate(length as usize);
        // A cut is treated as durable at once: what was behind it was never acknowledged.
        node.durable.truncate(length as usize);
        node.pending.retain(|(offset, _)| *offset < length);
        Ok(())
    }
}
