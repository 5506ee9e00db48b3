//! Headers that were opened a while ago: a search with wildcards looks at every one of them again and again.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_phi::{SeriesUid, StudyUid};
use lru::LruCache;
use proto_ids::{SeriesToken, StudyToken};

use super::StudyHeader;

/// About half a kilobyte each.
const STUDIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add((1 << 15) - 1);
const SERIES: NonZeroUsize = NonZeroUsize::MIN.saturating_add((1 << 15) - 1);

/// A study whose header was opened.
#[derive(Clone)]
pub(super) struct OpenedStudy {
    pub(super) token: StudyToken,
    pub(super) uid: StudyUid,
    pub(super) header: StudyHeader,
}

/// A series whose header was opened.
#[derive(Clone)]
pub(super) struct OpenedSeries {
    pub(super) uid: SeriesUid,
    pub(super) header: StudyHeader,
}

/// See the module. A header never changes; it goes with its study.
pub(crate) struct OpenedHeaders {
    studies: Mutex<LruCache<StudyToken, Arc<OpenedStudy>>>,
    series: Mutex<LruCache<SeriesToken, Arc<OpenedSeries>>>,
}

impl Default for OpenedHeaders {
    fn default() -> Self {
        Self { studies: Mutex::new(LruCache::new(STUDIES)), series: Mutex::new(LruCache::new(SERIES)) }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one call, so a map is whole after any panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl OpenedHeaders {
    pub(super) fn study(&self, study: StudyToken) -> Option<Arc<OpenedStudy>> {
        locked(&self.studies).get(&study).cloned()
    }

    pub(super) fn keep_study(&self, opened: &Arc<OpenedStudy>) {
        locked(&self.studies).put(opened.token, Arc::clone(opened));
    }

    pub(super) fn series(&self, series: SeriesToken) -> Option<Arc<OpenedSeries>> {
        locked(&self.series).get(&series).cloned()
    }

    pub(super) fn keep_series(&self, series: SeriesToken, opened: &Arc<OpenedSeries>) {
        locked(&self.series).put(series, Arc::clone(opened));
    }

    pub(super) fn forget_study(&self, study: StudyToken) {
        locked(&self.studies).pop(&study);
    }

    pub(super) fn forget_series(&self, series: SeriesToken) {
        locked(&self.series).pop(&series);
    }
}
