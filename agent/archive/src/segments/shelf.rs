//! The segments of one journal wherever they are: local files first, and what was moved out of its place.
//!
//! Opening asks the place nothing: the notes in the directory say what was moved and how long it is. Only reading
//! what is in a moved segment does.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use proto_journal::{Away, Io, IoFile, segment_name, segment_of_name};

use super::note::{self, Kind, Note};
use super::{SegmentStore, SegmentStoreError};

/// See the module. Clones share one shelf.
#[derive(Debug, Clone)]
pub(crate) struct Shelf(Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) io: Arc<dyn Io>,
    pub(super) directory: PathBuf,
    pub(super) store: Option<Arc<dyn SegmentStore>>,
    moved: RwLock<BTreeMap<u64, Note>>,
    /// Held while a segment is being moved.
    moving: Mutex<()>,
}

impl Shelf {
    /// Reads the notes. With `tidy`, what an interrupted move has left behind is removed.
    ///
    /// # Errors
    /// When the directory cannot be used, or a note is damaged and nothing else says where its segment is.
    pub(crate) fn open(
        io: Arc<dyn Io>,
        directory: &Path,
        store: Option<Arc<dyn SegmentStore>>,
        tidy: bool,
    ) -> Result<Self> {
        let names = match io.list(directory) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let noted = |wanted| {
            names.iter().filter_map(|name| note::of_name(name)).filter(move |(_, kind)| *kind == wanted)
        };
        let mut moved = BTreeMap::new();
        for (first, _) in noted(Kind::Moved) {
            let local = names.contains(&segment_name(first));
            match note::read(io.as_ref(), directory, first, Kind::Moved)? {
                Some(note) => drop(moved.insert(first, note)),
                // The segment goes only after its note is durable, so this note was never finished.
                None if local && tidy => note::remove(io.as_ref(), directory, first, Kind::Moved)?,
                None if local => {}
                None => {
                    let said = format!("the note of moved segment {first} is damaged");
                    return Err(Error::new(ErrorKind::InvalidData, said));
                }
            }
        }
        for (first, _) in noted(Kind::Returned) {
            match note::read(io.as_ref(), directory, first, Kind::Returned)? {
                Some(_) => drop(moved.remove(&first)),
                None if tidy => note::remove(io.as_ref(), directory, first, Kind::Returned)?,
                None => {}
            }
        }
        if tidy {
            for first in moved.keys().filter(|first| names.contains(&segment_name(**first))) {
                io.remove(&directory.join(segment_name(*first)))?;
                io.sync_directory(directory)?;
            }
        }
        let directory = directory.to_path_buf();
        Ok(Self(Arc::new(Inner {
            io,
            directory,
            store,
            moved: RwLock::new(moved),
            moving: Mutex::default(),
        })))
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.0
    }

    /// One move at a time.
    pub(super) fn moving(&self) -> MutexGuard<'_, ()> {
        self.0.moving.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note_of(&self, first: u64) -> Option<Note> {
        self.0.note_of(first)
    }

    pub(super) fn set_moved(&self, note: Note) {
        self.0.moved.write().unwrap_or_else(PoisonError::into_inner).insert(note.first, note);
    }

    pub(super) fn set_local(&self, first: u64) {
        self.0.moved.write().unwrap_or_else(PoisonError::into_inner).remove(&first);
    }

    fn remote(&self, note: Note) -> RemoteFile {
        RemoteFile { shelf: Arc::clone(&self.0), name: note.object(), note, window: Mutex::default() }
    }

    pub(super) fn open_remote(&self, note: Note) -> Arc<dyn IoFile> {
        Arc::new(self.remote(note))
    }
}

impl Inner {
    fn note_of(&self, first: u64) -> Option<Note> {
        self.moved.read().unwrap_or_else(PoisonError::into_inner).get(&first).copied()
    }

    pub(super) fn store(&self) -> std::result::Result<&dyn SegmentStore, SegmentStoreError> {
        self.store.as_deref().ok_or(SegmentStoreError::Unconfigured)
    }
}

impl Io for Shelf {
    fn create_dir_all(&self, directory: &Path) -> Result<()> {
        self.0.io.create_dir_all(directory)
    }

    fn list(&self, directory: &Path) -> Result<Vec<String>> {
        let mut names = self.0.io.list(directory)?;
        if directory == self.0.directory {
            let moved = self.0.moved.read().unwrap_or_else(PoisonError::into_inner);
            names.retain(|name| segment_of_name(name).is_none_or(|first| !moved.contains_key(&first)));
            names.extend(moved.keys().map(|first| segment_name(*first)));
        }
        Ok(names)
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        let first = path.file_name().and_then(|name| name.to_str()).and_then(segment_of_name);
        let note = || first.and_then(|first| self.note_of(first));
        if let Some(note) = note() {
            return Ok(self.open_remote(note));
        }
        match self.0.io.open(path) {
            // It was moved between the two questions.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                note().map(|note| self.open_remote(note)).ok_or(error)
            }
            other => other,
        }
    }

    fn create(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        self.0.io.create(path)
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.0.io.remove(path)
    }

    fn sync_directory(&self, directory: &Path) -> Result<()> {
        self.0.io.sync_directory(directory)
    }
}

/// The headers and rows of a record are small and stand one after the other: a rebuilt index takes them in one
/// request of this size instead of three.
const WINDOW_BYTES: usize = 64 << 10;

/// A moved segment, read piece by piece.
#[derive(Debug)]
struct RemoteFile {
    shelf: Arc<Inner>,
    note: Note,
    name: String,
    /// Offset of the bytes that were fetched last, and they.
    window: Mutex<(u64, Vec<u8>)>,
}

impl RemoteFile {
    fn fetch(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        let read = self.shelf.store().and_then(|store| store.read_at(&self.name, buffer, offset));
        match read {
            Ok(()) => Ok(()),
            // It came back between the opening and this read, and its object is gone.
            Err(SegmentStoreError::Missing { .. }) if self.shelf.note_of(self.note.first).is_none() => {
                let path = self.shelf.directory.join(segment_name(self.note.first));
                let count = self.shelf.io.open(&path)?.read_at(buffer, offset)?;
                if count == buffer.len() { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
            }
            Err(SegmentStoreError::Local(cause)) => Err(cause),
            Err(error) if error.away() => Err(Error::new(ErrorKind::NotConnected, Away(Box::new(error)))),
            Err(error) => Err(Error::new(ErrorKind::NotFound, error)),
        }
    }

    fn through_window(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = |window: &(u64, Vec<u8>)| {
            let from = usize::try_from(offset.checked_sub(window.0)?).ok()?;
            window.1.get(from..from.checked_add(buffer.len())?).map(<[u8]>::to_vec)
        };
        if inside(&window).is_none() {
            let count = usize::try_from(self.note.length - offset).unwrap_or(WINDOW_BYTES).min(WINDOW_BYTES);
            let mut bytes = vec![0; count];
            self.fetch(&mut bytes, offset)?;
            *window = (offset, bytes);
        }
        let bytes = inside(&window).ok_or(ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(&bytes);
        Ok(())
    }
}

impl IoFile for RemoteFile {
    fn length(&self) -> Result<u64> {
        Ok(self.note.length)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let left = self.note.length.saturating_sub(offset);
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = &mut buffer[..count];
        match count {
            0 => {}
            1..WINDOW_BYTES => self.through_window(buffer, offset)?,
            WINDOW_BYTES.. => self.fetch(buffer, offset)?,
        }
        Ok(count)
    }

    fn write_at(&self, _bytes: &[u8], _offset: u64) -> Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_data(&self) -> Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }

    fn truncate(&self, _length: u64) -> Result<()> {
        Err(ErrorKind::ReadOnlyFilesystem.into())
    }
}
