//! Previews that are being computed or wait for their person. They live in memory: a preview that is lost
//! with a restart is computed again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use agent_imaging::mask::SliceDelta;
use agent_imaging::ops::Progress;
use proto_ids::{ModelToken, PersonId, PreviewId, TaskId, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long a preview waits for its person.
const KEPT_MS: i64 = 30 * 60 * 1000;
/// A smaller step of progress is not told.
const STEP: f64 = 0.01;

/// What computed a preview.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) kind: &'static str,
    pub(crate) model: Option<ModelToken>,
    pub(crate) name: String,
}

/// How far a preview is.
#[derive(Debug, Clone)]
pub(crate) enum State {
    Running { share: f64, doing: &'static str },
    Done { deltas: Arc<Vec<SliceDelta>>, source: Source },
    Failed { code: &'static str, title: String },
    Cancelled,
}

impl State {
    pub(crate) const fn running(&self) -> bool {
        matches!(self, Self::Running { .. })
    }
}

/// One preview.
#[derive(Debug)]
pub(crate) struct Preview {
    pub(crate) task: TaskId,
    pub(crate) person: PersonId,
    begun: Timestamp,
    state: watch::Sender<State>,
    cancel: CancellationToken,
}

impl Preview {
    pub(crate) fn follow(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    pub(crate) const fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Says how far it is, unless it has ended.
    pub(crate) fn tell(&self, doing: &'static str, share: f64) {
        self.state.send_if_modified(|state| match state {
            State::Running { share: before, doing: what } => {
                let news = *what != doing || share >= *before + STEP;
                if news {
                    (*before, *what) = (share.clamp(*before, 1.0), doing);
                }
                news
            }
            State::Done { .. } | State::Failed { .. } | State::Cancelled => false,
        });
    }

    /// Ends it; what came first counts. What was cancelled stays cancelled.
    pub(crate) fn end(&self, end: State) {
        let end = if self.cancel.is_cancelled() { State::Cancelled } else { end };
        self.state.send_if_modified(|state| {
            let running = state.running();
            if running {
                *state = end;
            }
            running
        });
    }

    fn stop(&self) {
        self.cancel.cancel();
        self.end(State::Cancelled);
    }
}

/// A preview as an operation's watcher.
#[derive(Debug)]
pub(crate) struct Watching<'a> {
    pub(crate) preview: &'a Preview,
    pub(crate) doing: &'static str,
}

impl Progress for Watching<'_> {
    fn tell(&self, share: f64) {
        self.preview.tell(self.doing, share);
    }

    fn cancelled(&self) -> bool {
        self.preview.cancel.is_cancelled()
    }
}

/// All previews of the site.
#[derive(Debug, Default)]
pub(crate) struct Previews {
    kept: Mutex<HashMap<PreviewId, Arc<Preview>>>,
}

impl Previews {
    /// Begins one. A person looks at one thing at a time: what they had before is stopped and dropped.
    pub(crate) fn begin(
        &self,
        id: PreviewId,
        task: TaskId,
        person: PersonId,
        now: Timestamp,
    ) -> Arc<Preview> {
        let (state, _) = watch::channel(State::Running { share: 0.0, doing: "waiting for a place" });
        let preview = Arc::new(Preview { task, person, begun: now, state, cancel: CancellationToken::new() });
        self.lock(|kept| {
            kept.retain(|_, other| {
                let stays = other.person != person && now.millis_since(other.begun) < KEPT_MS;
                if !stays {
                    other.stop();
                }
                stays
            });
            kept.insert(id, Arc::clone(&preview));
        });
        preview
    }

    /// A preview that this person began on this task.
    pub(crate) fn get(&self, id: PreviewId, task: TaskId, person: PersonId) -> Option<Arc<Preview>> {
        self.lock(|kept| kept.get(&id).cloned())
            .filter(|preview| preview.task == task && preview.person == person)
    }

    /// Stops and drops one.
    pub(crate) fn remove(&self, id: PreviewId) {
        if let Some(preview) = self.lock(|kept| kept.remove(&id)) {
            preview.stop();
        }
    }

    fn lock<R>(&self, act: impl FnOnce(&mut HashMap<PreviewId, Arc<Preview>>) -> R) -> R {
        act(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(number: u8) -> (PreviewId, TaskId, PersonId) {
        let bits = [number; 16];
        (PreviewId::from_random(bits), TaskId::from_random(bits), PersonId::from_random(bits))
    }

    fn done() -> State {
        let source = Source { kind: "smooth", model: None, name: "Smooth".into() };
        State::Done { deltas: Arc::default(), source }
    }

    #[test]
    fn a_person_has_one_preview_and_others_keep_theirs() {
        let previews = Previews::default();
        let now = Timestamp::from_millis(0);
        let ((first, task, anna), (second, _, _), (third, _, ben)) = (ids(1), ids(2), ids(3));
        let older = previews.begin(first, task, anna, now);
        previews.begin(third, task, ben, now);
        previews.begin(second, task, anna, now);
        assert!(previews.get(first, task, anna).is_none());
        assert!(older.cancel().is_cancelled());
        assert!(previews.get(second, task, anna).is_some());
        assert!(previews.get(third, task, ben).is_some());
        assert!(previews.get(third, task, anna).is_none(), "another's preview is not there");
        assert!(previews.get(second, ids(9).1, anna).is_none(), "another task's preview is not there");
    }

    #[test]
    fn what_nobody_came_for_is_dropped() {
        let previews = Previews::default();
        let ((first, task, anna), (second, _, ben)) = (ids(1), ids(2));
        let kept = previews.begin(first, task, anna, Timestamp::from_millis(0));
        kept.end(done());
        previews.begin(second, task, ben, Timestamp::from_millis(KEPT_MS));
        assert!(previews.get(first, task, anna).is_none());
    }

    #[test]
    fn progress_never_falls_and_an_end_is_final() {
        let previews = Previews::default();
        let (id, task, person) = ids(1);
        let preview = previews.begin(id, task, person, Timestamp::from_millis(0));
        let follow = preview.follow();
        preview.tell("growing", 0.5);
        preview.tell("growing", 0.2);
        assert!(matches!(&*follow.borrow(), State::Running { share, .. } if (*share - 0.5).abs() < 1e-9));
        previews.remove(id);
        preview.end(done());
        assert!(matches!(&*follow.borrow(), State::Cancelled));
    }
}
