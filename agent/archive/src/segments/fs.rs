//! Segments as files of one directory.

use std::path::PathBuf;
use std::sync::Arc;

use proto_journal::{Io, IoFile};

use super::{CHUNK_BYTES, SegmentStore, SegmentStoreError, in_chunks, read_file};

/// A directory that holds segments under their names.
#[derive(Debug, Clone)]
pub struct Directory {
    io: Arc<dyn Io>,
    path: PathBuf,
}

impl Directory {
    /// The directory at `path`, which must be there.
    pub fn new(io: Arc<dyn Io>, path: PathBuf) -> Self {
        Self { io, path }
    }

    fn open(&self, name: &str) -> Result<Option<Arc<dyn IoFile>>, SegmentStoreError> {
        match self.io.open(&self.path.join(name)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SegmentStoreError::Local(error)),
        }
    }
}

impl SegmentStore for Directory {
    fn length(&self, name: &str) -> Result<Option<u64>, SegmentStoreError> {
        let Some(file) = self.open(name)? else { return Ok(None) };
        file.length().map(Some).map_err(SegmentStoreError::Local)
    }

    fn read_at(&self, name: &str, buffer: &mut [u8], offset: u64) -> Result<(), SegmentStoreError> {
        let file = self.open(name)?.ok_or_else(|| SegmentStoreError::Missing { name: name.to_owned() })?;
        let count = file.read_at(buffer, offset).map_err(SegmentStoreError::Local)?;
        if count == buffer.len() { Ok(()) } else { Err(SegmentStoreError::Damaged { name: name.to_owned() }) }
    }

    fn put(
        &self,
        name: &str,
        source: &dyn IoFile,
        length: u64,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), SegmentStoreError> {
        self.remove(name)?;
        let file = self.io.create(&self.path.join(name)).map_err(SegmentStoreError::Local)?;
        in_chunks(length, CHUNK_BYTES, |chunk, offset| {
            read_file(source, chunk, offset)?;
            file.write_at(chunk, offset).map_err(SegmentStoreError::Local)?;
            progress(offset + chunk.len() as u64);
            Ok(())
        })?;
        file.sync_data().map_err(SegmentStoreError::Local)?;
        self.io.sync_directory(&self.path).map_err(SegmentStoreError::Local)
    }

    fn remove(&self, name: &str) -> Result<(), SegmentStoreError> {
        match self.io.remove(&self.path.join(name)) {
            Ok(()) => self.io.sync_directory(&self.path).map_err(SegmentStoreError::Local),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(SegmentStoreError::Local(error)),
        }
    }

    fn list(&self) -> Result<Vec<(String, u64)>, SegmentStoreError> {
        let mut names = self.io.list(&self.path).map_err(SegmentStoreError::Local)?;
        names.sort_unstable();
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            if let Some(length) = self.length(&name)? {
                found.push((name, length));
            }
        }
        Ok(found)
    }
}
