//! The only door to the file system, so that tests can put a failing one in its place.

use std::fmt::Debug;
use std::fs;
use std::io::Result;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// A file system as far as a journal needs one.
pub trait Io: Send + Sync + Debug {
    /// Makes a directory and its parents, if they are missing, durably and for their owner alone.
    ///
    /// # Errors
    /// What the system said.
    fn create_dir_all(&self, directory: &Path) -> Result<()>;
    /// Names of the directory's entries, in no order.
    ///
    /// # Errors
    /// What the system said.
    fn list(&self, directory: &Path) -> Result<Vec<String>>;
    /// Opens an existing file for reading and writing.
    ///
    /// # Errors
    /// What the system said.
    fn open(&self, path: &Path) -> Result<Arc<dyn IoFile>>;
    /// Creates a file that must not exist yet, readable by its owner alone.
    ///
    /// # Errors
    /// What the system said.
    fn create(&self, path: &Path) -> Result<Arc<dyn IoFile>>;
    /// Removes a file.
    ///
    /// # Errors
    /// What the system said.
    fn remove(&self, path: &Path) -> Result<()>;
    /// Makes the directory's entries durable.
    ///
    /// # Errors
    /// What the system said.
    fn sync_directory(&self, directory: &Path) -> Result<()>;
}

/// An open file as far as a journal needs one.
pub trait IoFile: Send + Sync + Debug {
    /// Length in bytes.
    ///
    /// # Errors
    /// What the system said.
    fn length(&self) -> Result<u64>;
    /// Reads what is there at `offset`, up to the buffer's length; gives the count.
    ///
    /// # Errors
    /// What the system said.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize>;
    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// What the system said; part of the bytes may be written.
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()>;
    /// Makes what was written durable (`fdatasync`).
    ///
    /// # Errors
    /// What the system said; what is durable is then unknown.
    fn sync_data(&self) -> Result<()>;
    /// Cuts the file to `length`.
    ///
    /// # Errors
    /// What the system said.
    fn truncate(&self, length: u64) -> Result<()>;
}

/// The real file system.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiskIo;

impl Io for DiskIo {
    fn create_dir_all(&self, directory: &Path) -> Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        if directory.as_os_str().is_empty() || directory.is_dir() {
            return Ok(());
        }
        let parent = directory.parent().unwrap_or(Path::new(""));
        self.create_dir_all(parent)?;
        match fs::DirBuilder::new().mode(0o700).create(directory) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        // A directory whose entry is lost takes every synced file in it along.
        self.sync_directory(if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
    }

    fn list(&self, directory: &Path) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(directory)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        let file = fs::OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn create(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        Ok(Arc::new(DiskFile(file)))
    }

    fn remove(&self, path: &Path) -> Result<()> {
        fs::remove_file(path)
    }

    fn sync_directory(&self, directory: &Path) -> Result<()> {
        fs::File::open(directory)?.sync_all()
    }
}

/// The real file system, for those who only look: it opens files for reading, and changes none.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadOnlyIo;

fn refused<T>() -> Result<T> {
    Err(std::io::ErrorKind::PermissionDenied.into())
}

impl Io for ReadOnlyIo {
    fn create_dir_all(&self, _directory: &Path) -> Result<()> {
        refused()
    }

    fn list(&self, directory: &Path) -> Result<Vec<String>> {
        DiskIo.list(directory)
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn IoFile>> {
        Ok(Arc::new(DiskFile(fs::File::open(path)?)))
    }

    fn create(&self, _path: &Path) -> Result<Arc<dyn IoFile>> {
        refused()
    }

    fn remove(&self, _path: &Path) -> Result<()> {
        refused()
    }

    fn sync_directory(&self, _directory: &Path) -> Result<()> {
        refused()
    }
}

#[derive(Debug)]
struct DiskFile(fs::File);

impl IoFile for DiskFile {
    fn length(&self) -> Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read_at(&mut buffer[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> Result<()> {
        self.0.sync_data()
    }

    fn truncate(&self, length: u64) -> Result<()> {
        self.0.set_len(length)
    }
}
