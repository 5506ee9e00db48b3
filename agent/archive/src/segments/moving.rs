//! Moving closed segments between their directory and an object store, so that a crash at any step loses nothing.
//!
//! Out: note that there will be a copy, copy, read the copy back, compare, note that it was moved, remove the local
//! file. Back: copy, read the copy back, compare, note that it returned, remove the object, remove the notes. At each
//! moment one of the two copies is whole and synced, and the notes in the directory say which, and where a part of
//! another may be.

use std::ops::ControlFlow;
use std::sync::Arc;

use proto_journal::{IoFile, segment_name};

use super::note::{self, Kind, Note};
use super::{Directory, SegmentStore, SegmentStoreError, Shelf, digest_of, read_file};
use crate::{Archive, SegmentError};

/// Where a closed segment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentPlace {
    /// In the journal's own directory.
    Directory,
    /// In the object store of the settings.
    Store,
}

/// A closed segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentRow {
    /// First sequence number.
    pub segment: u64,
    /// Length.
    pub bytes: u64,
    /// Where it is.
    pub place: SegmentPlace,
}

/// How far a move has come, in bytes of all segments that it has to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentProgress {
    /// Bytes that are copied.
    pub done: u64,
    /// Bytes in all.
    pub of: u64,
}

/// What a move did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SegmentsMoved {
    /// Segments that are now where they should be and were not before.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Segments that were not reached, since the move was told to stop.
    pub left: u64,
}

impl Archive {
    /// The closed segments of images, in order. The place of moved ones is not asked.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn segments_list(&self) -> Result<Vec<SegmentRow>, SegmentError> {
        let closed = self.images.closed_segments().map_err(SegmentError::Journal)?;
        closed.into_iter().map(|segment| self.shelf.row(segment)).collect()
    }

    /// Moves closed segments of images to `to`, one after the other, those that are not there yet. Whoever reads them
    /// meanwhile is not disturbed. `report` is told how far it is and can stop it between two segments; calling again
    /// goes on where it stopped.
    ///
    /// # Errors
    /// [`SegmentError`]; the segments before that one are moved.
    pub fn segments_move(
        &self,
        to: SegmentPlace,
        report: &mut dyn FnMut(SegmentProgress) -> ControlFlow<()>,
    ) -> Result<SegmentsMoved, SegmentError> {
        let _moving = self.shelf.moving();
        self.shelf.finish(to)?;
        let rows = self.segments_list()?;
        let wanted: Vec<SegmentRow> = rows.into_iter().filter(|row| row.place != to).collect();
        let mut moved = SegmentsMoved { left: wanted.len() as u64, ..SegmentsMoved::default() };
        if wanted.is_empty() {
            return Ok(moved);
        }
        // What the index does not hold yet would have to be fetched at the next start.
        self.images.index_persist().map_err(|cause| SegmentError::Storage(cause.into()))?;
        let of = wanted.iter().map(|row| row.bytes).sum();
        for row in wanted {
            if report(SegmentProgress { done: moved.bytes, of }).is_break() {
                break;
            }
            let before = moved.bytes;
            let mut progress = |done| {
                // Nothing is stopped inside a segment: what is copied by then would have to be copied again.
                let _ = report(SegmentProgress { done: before + done, of });
            };
            match to {
                SegmentPlace::Store => self.shelf.move_out(row.segment, &mut progress)?,
                SegmentPlace::Directory => self.shelf.move_back(row.segment, &mut progress)?,
            }
            self.images.forget_reader(row.segment);
            moved.segments += 1;
            moved.bytes += row.bytes;
            moved.left -= 1;
        }
        let _ = report(SegmentProgress { done: moved.bytes, of });
        Ok(moved)
    }
}

impl Shelf {
    fn row(&self, segment: u64) -> Result<SegmentRow, SegmentError> {
        if let Some(note) = self.note_of(segment) {
            return Ok(SegmentRow { segment, bytes: note.length, place: SegmentPlace::Store });
        }
        let bytes = self.local(segment).and_then(|file| file.length().map_err(SegmentStoreError::Local));
        let bytes = bytes.map_err(|cause| SegmentError::Segment { segment, cause })?;
        Ok(SegmentRow { segment, bytes, place: SegmentPlace::Directory })
    }

    fn local(&self, segment: u64) -> Result<Arc<dyn IoFile>, SegmentStoreError> {
        let path = self.inner().directory.join(segment_name(segment));
        self.inner().io.open(&path).map_err(SegmentStoreError::Local)
    }

    fn local_place(&self) -> Directory {
        Directory::new(Arc::clone(&self.inner().io), self.inner().directory.clone())
    }

    fn move_out(&self, segment: u64, progress: &mut dyn FnMut(u64)) -> Result<(), SegmentError> {
        self.try_move_out(segment, progress).map_err(|cause| SegmentError::Segment { segment, cause })
    }

    fn try_move_out(&self, first: u64, progress: &mut dyn FnMut(u64)) -> Result<(), SegmentStoreError> {
        let store = self.inner().store()?;
        let file = self.local(first)?;
        let length = file.length().map_err(SegmentStoreError::Local)?;
        let digest = digest_of(length, |chunk, offset| read_file(file.as_ref(), chunk, offset))?;
        let note = Note { first, length, digest };
        // A move that was cut off behind its copy left a whole one, which needs only to be compared.
        let (io, directory) = (self.inner().io.as_ref(), &self.inner().directory);
        note::write(io, directory, &note, Kind::Copying).map_err(SegmentStoreError::Local)?;
        if !holds(store, &note.object(), &note)? {
            store.put(&note.object(), file.as_ref(), length, progress)?;
            if !holds(store, &note.object(), &note)? {
                return Err(SegmentStoreError::Damaged { name: note.object() });
            }
        }
        note::write(io, directory, &note, Kind::Moved).map_err(SegmentStoreError::Local)?;
        self.set_moved(note);
        note::remove(io, directory, first, Kind::Copying).map_err(SegmentStoreError::Local)?;
        self.local_place().remove(&segment_name(first))
    }

    fn move_back(&self, segment: u64, progress: &mut dyn FnMut(u64)) -> Result<(), SegmentError> {
        self.try_move_back(segment, progress).map_err(|cause| SegmentError::Segment { segment, cause })
    }

    fn try_move_back(&self, first: u64, progress: &mut dyn FnMut(u64)) -> Result<(), SegmentStoreError> {
        let Some(note) = self.note_of(first) else { return Ok(()) };
        let (place, name) = (self.local_place(), segment_name(first));
        let object = self.open_remote(note);
        if !holds(&place, &name, &note)? {
            place.put(&name, object.as_ref(), note.length, progress)?;
            if !holds(&place, &name, &note)? {
                return Err(SegmentStoreError::Damaged { name: note.object() });
            }
        }
        let (io, directory) = (self.inner().io.as_ref(), &self.inner().directory);
        note::write(io, directory, &note, Kind::Returned).map_err(SegmentStoreError::Local)?;
        self.set_local(first);
        self.finish_return(first)
    }

    /// Ends what moves that were cut off have left, so far as a move to `to` does not go on with it.
    fn finish(&self, to: SegmentPlace) -> Result<(), SegmentError> {
        let names = self.inner().io.list(&self.inner().directory);
        let failed = |cause| SegmentError::Segment { segment: 0, cause: SegmentStoreError::Local(cause) };
        for (segment, kind) in names.map_err(failed)?.iter().filter_map(|name| note::of_name(name)) {
            let finished = match kind {
                Kind::Moved => Ok(()),
                Kind::Returned => self.finish_return(segment),
                Kind::Copying => self.finish_copy(segment, to),
            };
            finished.map_err(|cause| SegmentError::Segment { segment, cause })?;
        }
        Ok(())
    }

    fn finish_copy(&self, first: u64, to: SegmentPlace) -> Result<(), SegmentStoreError> {
        let (io, directory) = (self.inner().io.as_ref(), &self.inner().directory);
        if self.note_of(first).is_none() {
            if to == SegmentPlace::Store {
                return Ok(());
            }
            // A torn note was never followed by a copy.
            if let Some(note) =
                note::read(io, directory, first, Kind::Copying).map_err(SegmentStoreError::Local)?
            {
                self.inner().store()?.remove(&note.object())?;
            }
        }
        note::remove(io, directory, first, Kind::Copying).map_err(SegmentStoreError::Local)
    }

    fn finish_return(&self, first: u64) -> Result<(), SegmentStoreError> {
        let (io, directory) = (self.inner().io.as_ref(), &self.inner().directory);
        let read = note::read(io, directory, first, Kind::Returned).map_err(SegmentStoreError::Local)?;
        // A torn note says nothing: the segment is where it was.
        if let Some(note) = read {
            note::remove(io, directory, first, Kind::Moved).map_err(SegmentStoreError::Local)?;
            self.inner().store()?.remove(&note.object())?;
        }
        note::remove(io, directory, first, Kind::Returned).map_err(SegmentStoreError::Local)
    }
}

/// Whether what is there under `name` is, byte for byte, what the note tells of.
fn holds(store: &dyn SegmentStore, name: &str, note: &Note) -> Result<bool, SegmentStoreError> {
    if store.length(name)? != Some(note.length) {
        return Ok(false);
    }
    let digest = digest_of(note.length, |chunk, offset| store.read_at(name, chunk, offset))?;
    Ok(digest == note.digest)
}
