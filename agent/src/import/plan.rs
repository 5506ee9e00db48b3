//! Which files an import is about: what lies under the paths, and what a DICOMDIR lists beside it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use agent_formats::dicomdir;
use anyhow::Context;

/// A directory of 250,000 records has less.
const LARGEST_DICOMDIR_BYTES: u64 = 128 << 20;

/// The files of an import, each once.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// With their sizes in bytes.
    pub(super) files: Vec<(PathBuf, u64)>,
    pub(super) bytes: u64,
    /// What is refused before it is opened: its name, and why.
    pub(super) refused: Vec<(String, String)>,
    seen: BTreeSet<PathBuf>,
}

impl Plan {
    /// What lies under the paths. Links inside of folders are not followed.
    ///
    /// # Errors
    /// When a path is not there or a folder cannot be listed.
    pub(super) fn of(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut plan = Self::default();
        for path in paths {
            plan.list(path)?;
        }
        Ok(plan)
    }

    fn list(&mut self, path: &Path) -> anyhow::Result<()> {
        let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if !metadata.is_dir() {
            return self.file(path);
        }
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
        let mut inside = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A link could lead in a circle, or out of what the person named.
            if !entry.file_type()?.is_symlink() {
                inside.push(entry.path());
            }
        }
        inside.sort();
        inside.iter().try_for_each(|path| self.list(path))
    }

    fn file(&mut self, path: &Path) -> anyhow::Result<()> {
        let named_so = path.file_name().is_some_and(|name| name.eq_ignore_ascii_case("DICOMDIR"));
        if let Some(bytes) = named_so.then(|| directory(path)).flatten() {
            self.listed(path, &bytes);
            return Ok(());
        }
        let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if !metadata.is_file() {
            // A pipe or a device would be read for ever.
            self.refused.push((path.display().to_string(), "is not a regular file".to_owned()));
        } else if self.seen.insert(path.to_path_buf()) {
            self.bytes += metadata.len();
            self.files.push((path.to_path_buf(), metadata.len()));
        }
        Ok(())
    }

    /// Adds what a DICOMDIR lists, and names what is not there.
    fn listed(&mut self, path: &Path, bytes: &[u8]) {
        let root = path.parent().unwrap_or(Path::new("."));
        let references = match dicomdir::references(bytes) {
            Ok(references) => references,
            Err(error) => {
                let reason = format!("not a usable DICOMDIR: {error}");
                return self.refused.push((path.display().to_string(), reason));
            }
        };
        for reference in references {
            let found = match reference {
                Ok(components) => resolve(root, &components),
                Err(error) => {
                    let reason = format!("a reference is not followed: {error}");
                    self.refused.push((path.display().to_string(), reason));
                    continue;
                }
            };
            match found {
                Ok((file, size)) => {
                    if self.seen.insert(file.clone()) {
                        self.bytes += size;
                        self.files.push((file, size));
                    }
                }
                Err((file, reason)) => self.refused.push((file.display().to_string(), reason.to_owned())),
            }
        }
    }
}

/// The bytes of a file that is a DICOMDIR.
fn directory(path: &Path) -> Option<Vec<u8>> {
    let file = std::fs::File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST_DICOMDIR_BYTES).read_to_end(&mut bytes).ok()?;
    dicomdir::is_dicomdir(&bytes).then_some(bytes)
}

type Found = Result<(PathBuf, u64), (PathBuf, &'static str)>;

/// The file of a reference, step by step, so that no link leads out of the directory.
fn resolve(root: &Path, components: &[String]) -> Found {
    let mut path = root.to_path_buf();
    let mut size = 0;
    for (place, component) in components.iter().enumerate() {
        let step = path.join(component);
        let step =
            if step.symlink_metadata().is_ok() { step } else { other_case(&path, component).unwrap_or(step) };
        let Ok(metadata) = step.symlink_metadata() else {
            return Err((step, "is listed in the DICOMDIR and missing"));
        };
        let last = place + 1 == components.len();
        if metadata.is_symlink() || last != metadata.is_file() {
            return Err((step, "is listed in the DICOMDIR and is no file of it"));
        }
        (path, size) = (step, metadata.len());
    }
    Ok((path, size))
}

/// Media are mounted with names in lower case, or with the version that ISO 9660 has behind a name.
fn other_case(folder: &Path, component: &str) -> Option<PathBuf> {
    let same = |name: &str| {
        let name = name.strip_suffix(";1").unwrap_or(name);
        name.strip_suffix('.').unwrap_or(name).eq_ignore_ascii_case(component)
    };
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let mut found = entries.filter(|entry| entry.file_name().to_str().is_some_and(same));
    found.next().map(|entry| entry.path())
}
