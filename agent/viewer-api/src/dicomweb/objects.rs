//! Objects as a view shows them, kept for the next request: frames and pictures of one object are mostly asked for one
//! after the other, and each would read, unseal and check all of it again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_archive::StudiesChanged;
use axum::body::Bytes;
use proto_ids::{InstanceToken, StudyToken};

use super::release::Showings;
use super::retrieve::object;
use super::view::{View, ViewKey};
use crate::app::App;
use crate::problem::Problem;

/// Held altogether; a larger object is read each time.
const KEPT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The objects that were asked for last.
#[derive(Debug, Default)]
pub(super) struct Objects {
    kept: Mutex<Kept>,
}

type Key = (ViewKey, InstanceToken);

#[derive(Debug, Default)]
struct Kept {
    of: HashMap<Key, Entry>,
    bytes: usize,
    uses: u64,
    /// The change of a study that was seen last.
    number: u64,
}

#[derive(Debug)]
struct Entry {
    study: StudyToken,
    file: Bytes,
    used: u64,
}

/// The file of an object as a view shows it. Blocks.
pub(super) fn kept(
    app: &App,
    view: &View,
    showings: &Showings,
    (study, instance): (StudyToken, InstanceToken),
) -> Result<Bytes, Problem> {
    // What is painted over changes with its rule, and is seldom asked for.
    if !showings.regions(instance).is_empty() {
        return object(app, view, showings, instance).map(Bytes::from);
    }
    let objects = &app.dicomweb.objects;
    let key = (view.key(), instance);
    let before = {
        let mut kept = objects.kept();
        let changed = app.archive.studies_changed(kept.number);
        kept.keep_up(changed);
        if let Some(file) = kept.get(&key) {
            return Ok(file);
        }
        kept.number
    };
    let file = Bytes::from(object(app, view, showings, instance)?);
    // A study that was deleted while it was read must not stay here.
    if !app.archive.studies_changed(before).studies.contains(&study) {
        objects.kept().put(key, study, file.clone());
    }
    Ok(file)
}

impl Objects {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A sum that a panic left wrong empties it too early, no more.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Lets go of what has changed or was deleted.
    fn keep_up(&mut self, changed: StudiesChanged) {
        self.number = changed.number;
        if !changed.studies.is_empty() {
            self.of.retain(|_, entry| !changed.studies.contains(&entry.study));
            self.bytes = self.of.values().map(|entry| entry.file.len()).sum();
        }
    }

    fn get(&mut self, key: &Key) -> Option<Bytes> {
        self.uses += 1;
        let entry = self.of.get_mut(key)?;
        entry.used = self.uses;
        Some(entry.file.clone())
    }

    fn put(&mut self, key: Key, study: StudyToken, file: Bytes) {
        if file.len() > KEPT_BYTES_MAX {
            return;
        }
        self.uses += 1;
        self.bytes += file.len();
        if let Some(before) = self.of.insert(key, Entry { study, file, used: self.uses }) {
            self.bytes = self.bytes.saturating_sub(before.file.len());
        }
        while self.bytes > KEPT_BYTES_MAX {
            let oldest = self.of.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key);
            let Some(entry) = oldest.and_then(|key| self.of.remove(&key)) else { break };
            self.bytes = self.bytes.saturating_sub(entry.file.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        (None, InstanceToken::from_bytes([byte; 16]))
    }

    fn study(byte: u8) -> StudyToken {
        StudyToken::from_bytes([byte; 16])
    }

    #[test]
    fn what_was_not_asked_for_longest_goes_first_and_what_is_too_large_is_not_kept() {
        let mut kept = Kept::default();
        for byte in 1..=3 {
            kept.put(key(byte), study(1), vec![byte; KEPT_BYTES_MAX / 3].into());
        }
        assert!(kept.get(&key(1)).is_some());
        kept.put(key(4), study(1), vec![4; KEPT_BYTES_MAX / 3].into());
        kept.put(key(5), study(1), vec![5; KEPT_BYTES_MAX + 1].into());
        let there: Vec<bool> = (1..=5).map(|byte| kept.get(&key(byte)).is_some()).collect();
        assert_eq!(there, [true, false, true, true, false]);
        assert!(kept.bytes <= KEPT_BYTES_MAX);
    }

    #[test]
    fn a_study_that_changed_or_was_deleted_is_let_go() {
        let mut kept = Kept::default();
        kept.put(key(1), study(1), vec![1; 10].into());
        kept.put(key(2), study(2), vec![2; 20].into());
        kept.keep_up(StudiesChanged { studies: vec![study(1)], number: 7 });
        assert_eq!((kept.get(&key(1)), kept.number, kept.bytes), (None, 7, 20));
        assert!(kept.get(&key(2)).is_some());
    }
}
