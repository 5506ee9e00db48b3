//! A folder that is looked at again and again: what lies still in it is taken into the archive.
//!
//! A file lies still when two looks find the same size and time of change. Links are never followed: every file is
//! opened below the folder (openat2, RESOLVE_BENEATH), so that none leads out of it. What was taken is known to the
//! archive by its digest, so that a restart takes nothing twice.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use agent_archive::{Archive, ImportReport, ImportSource};
use anyhow::{Context, bail};
use proto_ids::Timestamp;
use rustix::fs::{Mode, OFlags, ResolveFlags};

use super::run::Run;
use crate::config::WatchAfter;

/// Where refused files go below the folder that taken ones are moved to.
const REFUSED: &str = "refused";

/// What becomes of files that were looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum After {
    Leave,
    /// Those that were refused stay.
    Delete,
    /// Into this folder; those that were refused into `refused` below it.
    Move(PathBuf),
}

impl After {
    /// What the settings say.
    ///
    /// # Errors
    /// When they contradict each other.
    pub(crate) fn of(after: WatchAfter, to: Option<&Path>) -> anyhow::Result<Self> {
        match (after, to) {
            (WatchAfter::Leave, None) => Ok(Self::Leave),
            (WatchAfter::Delete, None) => Ok(Self::Delete),
            (WatchAfter::Move, Some(to)) => Ok(Self::Move(to.to_path_buf())),
            (WatchAfter::Move, None) => bail!("watch_after is move, and watch_move_to names no folder"),
            (WatchAfter::Leave | WatchAfter::Delete, Some(_)) => {
                bail!("watch_move_to has a meaning only where watch_after is move")
            }
        }
    }
}

/// How a file looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    size: u64,
    changed_s: i64,
    changed_ns: i64,
    file: (u64, u64),
}

impl Look {
    fn of(metadata: &std::fs::Metadata) -> Self {
        Self {
            size: metadata.len(),
            changed_s: metadata.mtime(),
            changed_ns: metadata.mtime_nsec(),
            file: (metadata.dev(), metadata.ino()),
        }
    }
}

/// What is known of a file from the look before.
#[derive(Debug, Clone, Copy)]
struct Known {
    look: Look,
    /// It was dealt with as it looks, and stays.
    done: bool,
}

/// A folder and what was seen in it.
#[derive(Debug)]
pub(crate) struct Watched {
    folder: PathBuf,
    root: OwnedFd,
    after: After,
    /// By the path below the folder.
    known: BTreeMap<PathBuf, Known>,
}

impl Watched {
    /// Opens the folder.
    ///
    /// # Errors
    /// When it is no folder, or files would be moved to where they are found again.
    pub(crate) fn open(folder: &Path, after: After) -> anyhow::Result<Self> {
        let named = || format!("cannot watch {}", folder.display());
        let folder = folder.canonicalize().with_context(named)?;
        if let After::Move(to) = &after {
            std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
            if to.canonicalize()?.starts_with(&folder) {
                bail!("watch_move_to lies inside of watch_folder");
            }
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(&folder, flags, Mode::empty()).with_context(named)?;
        Ok(Self { folder, root, after, known: BTreeMap::new() })
    }

    /// Takes what lies still since the look before. None where there was nothing to take.
    ///
    /// # Errors
    /// When the folder cannot be listed, or the store cannot be read or written. What was taken is kept.
    pub(crate) fn look(&mut self, archive: &Archive, now: Timestamp) -> anyhow::Result<Option<ImportReport>> {
        let still = self.still()?;
        let mut run = Run::begin(archive, ImportSource::WatchedFolder, now)?;
        let mut dealt_with = Vec::new();
        for (path, look) in still {
            let shown = path.display().to_string();
            let Some(file) = self.beneath(&path, look) else { continue };
            let all_taken = run.opened(&shown, file)?;
            dealt_with.push((path, look, all_taken));
        }
        if run.empty() {
            return Ok(None);
        }
        // What was taken is durable before a file goes.
        let report = run.end(now)?;
        for (path, look, all_taken) in dealt_with {
            if let Some(known) = self.known.get_mut(&path) {
                known.done = true;
            }
            self.put_away(&path, look, all_taken);
        }
        Ok(Some(report))
    }

    /// The files that look as they did before and were not dealt with.
    fn still(&mut self) -> anyhow::Result<Vec<(PathBuf, Look)>> {
        let mut found = Vec::new();
        list(&self.folder, Path::new(""), &mut found)
            .with_context(|| format!("cannot list {}", self.folder.display()))?;
        let mut known = BTreeMap::new();
        let mut still = Vec::new();
        for (path, look) in found {
            let before = self.known.get(&path).filter(|before| before.look == look);
            let done = before.is_some_and(|before| before.done);
            if before.is_some() && !done {
                still.push((path.clone(), look));
            }
            known.insert(path, Known { look, done });
        }
        self.known = known;
        Ok(still)
    }

    /// Opens a file below the folder, if no link is on the way and it still looks the same.
    fn beneath(&self, path: &Path, look: Look) -> Option<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let opened = rustix::fs::openat2(&self.root, path, flags, Mode::empty(), resolve).ok()?;
        let file = File::from(opened);
        let metadata = file.metadata().ok()?;
        (metadata.is_file() && Look::of(&metadata) == look).then_some(file)
    }

    /// Deletes or moves a file that was dealt with, unless another one has come in its place.
    fn put_away(&self, path: &Path, look: Look, all_taken: bool) {
        let unchanged = self.beneath(path, look).is_some();
        let done = match &self.after {
            After::Leave => Ok(()),
            After::Delete if !all_taken => Ok(()),
            After::Delete | After::Move(_) if !unchanged => Ok(()),
            After::Delete => std::fs::remove_file(self.folder.join(path)),
            After::Move(to) => moved(&self.folder.join(path), &target(to, path, all_taken)),
        };
        if let Err(error) = done {
            metrics::counter!("ringfence_watch_left_total").increment(1);
            tracing::warn!(error = %error.kind(), "a file of the watched folder cannot be put away");
        }
    }
}

/// Every regular file below a folder, by its path below it; what is no file or folder is left out.
fn list(root: &Path, below: &Path, found: &mut Vec<(PathBuf, Look)>) -> std::io::Result<()> {
    let mut entries: Vec<_> = std::fs::read_dir(root.join(below))?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = below.join(entry.file_name());
        // Of the entry itself, not of what a link names. What goes meanwhile is seen no more.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            list(root, &path, found)?;
        } else if metadata.is_file() {
            found.push((path, Look::of(&metadata)));
        }
    }
    Ok(())
}

fn target(to: &Path, path: &Path, all_taken: bool) -> PathBuf {
    let folder = if all_taken { to.to_path_buf() } else { to.join(REFUSED) };
    let names = path.components().filter(|component| matches!(component, Component::Normal(_)));
    folder.join(names.collect::<PathBuf>())
}

/// Moves a file, over file systems where need be, and never over another one.
fn moved(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let to = free(to);
    match std::fs::hard_link(from, &to) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let mut source = File::open(from)?;
            let mut copy = File::create_new(&to)?;
            std::io::copy(&mut source, &mut copy)?;
            copy.sync_all()?;
        }
        Err(error) => return Err(error),
    }
    std::fs::remove_file(from)
}

/// The path, or one with a number behind it where there is something already.
fn free(path: &Path) -> PathBuf {
    let numbered = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    if path.symlink_metadata().is_err() {
        return path.to_path_buf();
    }
    (1..).map(numbered).find(|path| path.symlink_metadata().is_err()).unwrap_or_else(|| path.to_path_buf())
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
