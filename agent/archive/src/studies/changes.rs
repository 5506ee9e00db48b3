//! Which studies have changed, so that whoever keeps an index of them need not read all of them again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use proto_ids::StudyToken;

use crate::Archive;

/// Begins empty at each start, and so do the indexes that are kept up by it.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    state: Mutex<State>,
}

/// Each study once, under the number of its last change.
#[derive(Debug, Default)]
struct State {
    number: u64,
    by_number: BTreeMap<u64, StudyToken>,
    last: HashMap<StudyToken, u64>,
}

/// Studies that have come, grown or gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StudiesChanged {
    pub studies: Vec<StudyToken>,
    /// What to ask with the next time.
    pub number: u64,
}

impl Changes {
    fn state(&self) -> MutexGuard<'_, State> {
        // Each study is in both maps or, after a panic between, told of once too often.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be called after the change can be read.
    pub(crate) fn changed(&self, study: StudyToken) {
        let mut state = self.state();
        state.number += 1;
        let number = state.number;
        if let Some(before) = state.last.insert(study, number) {
            state.by_number.remove(&before);
        }
        state.by_number.insert(number, study);
    }

    fn after(&self, number: u64) -> StudiesChanged {
        let state = self.state();
        let studies = state.by_number.range(number.saturating_add(1)..).map(|(_, study)| *study).collect();
        StudiesChanged { studies, number: state.number }
    }
}

impl Archive {
    /// The studies that have changed since the answer with this number; with 0, since the store was opened.
    pub fn studies_changed(&self, after: u64) -> StudiesChanged {
        self.changes.after(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_told_once_and_the_last_of_a_study_is_enough() {
        let changes = Changes::default();
        let [first, second] = [1, 2].map(|byte| StudyToken::from_bytes([byte; 16]));
        assert_eq!(changes.after(0), StudiesChanged { studies: Vec::new(), number: 0 });
        for study in [first, second, first] {
            changes.changed(study);
        }
        assert_eq!(changes.after(0), StudiesChanged { studies: vec![second, first], number: 3 });
        assert_eq!(changes.after(2), StudiesChanged { studies: vec![first], number: 3 });
        assert_eq!(changes.after(3), StudiesChanged { studies: Vec::new(), number: 3 });
    }
}
