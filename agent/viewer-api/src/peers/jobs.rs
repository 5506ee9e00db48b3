//! Work with peers that takes long: it is started, watched, cancelled and, for a while, remembered.
//!
//! Jobs live in memory. A restart ends those under way; what has come is in the archive, and what was asked for is
//! in the audit trail.

use std::sync::{Arc, Mutex, PoisonError};

use agent_phi::{SeriesUid, StudyUid};
use proto_ids::{AssetToken, Timestamp};
use tokio_util::sync::CancellationToken;

use super::port::{PeerCounts, PeerFault, PeerRefusal};

/// How many jobs that have ended are remembered.
const REMEMBERED: usize = 50;
/// More jobs than this that have not ended are a mistake.
const UNDER_WAY: usize = 50;

/// What a job moves.
#[derive(Debug, Clone)]
pub(crate) enum Moved {
    /// From the peer to this agent.
    Pull { study: StudyUid, series: Option<SeriesUid> },
    /// From this agent to the peer.
    Send { asset: AssetToken },
}

/// What is asked for, of whom, by whom.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) peer: String,
    pub(crate) moved: Moved,
    /// The person's name, as others know them.
    pub(crate) by: String,
}

/// How far a job is.
#[derive(Debug, Clone)]
pub(crate) enum State {
    /// Other jobs are under way.
    Waiting,
    Running {
        done: u64,
        of: u64,
    },
    Ended {
        at: Timestamp,
        end: Result<PeerCounts, PeerRefusal>,
    },
}

/// One job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) order: Order,
    pub(crate) begun_at: Timestamp,
    pub(crate) cancel: CancellationToken,
    state: Mutex<State>,
}

impl Job {
    pub(crate) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn tell(&self, done: u64, of: u64) {
        self.set(State::Running { done, of });
    }

    pub(crate) fn end(&self, at: Timestamp, end: Result<PeerCounts, PeerRefusal>) {
        self.set(State::Ended { at, end });
    }

    fn set(&self, next: State) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // The last word about a job stands.
        if !matches!(*state, State::Ended { .. }) {
            *state = next;
        }
    }

    fn ended(&self) -> bool {
        matches!(self.state(), State::Ended { .. })
    }
}

/// What a job ends with that nobody wanted any more before it began.
pub(crate) fn never_begun() -> PeerRefusal {
    PeerRefusal {
        fault: PeerFault::Cancelled,
        code: "cancelled",
        title: "The job was cancelled before it began.",
        advice: String::new(),
    }
}

/// All jobs since the agent started.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<Vec<Arc<Job>>>);

impl Jobs {
    /// Begins a job; none when too many are under way.
    pub(crate) fn begin(&self, order: Order, now: Timestamp) -> Option<Arc<Job>> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.iter().filter(|job| !job.ended()).count() >= UNDER_WAY {
            return None;
        }
        let ended = jobs.iter().filter(|job| job.ended()).count();
        if ended >= REMEMBERED
            && let Some(oldest) = jobs.iter().position(|job| job.ended())
        {
            jobs.remove(oldest);
        }
        // From the clock, so that a page that is older than the agent names no job of another start.
        let after = jobs.last().map_or(0, |job| job.id + 1);
        let job = Arc::new(Job {
            id: after.max(u64::try_from(now.millis()).unwrap_or_default()),
            order,
            begun_at: now,
            cancel: CancellationToken::new(),
            state: Mutex::new(State::Waiting),
        });
        jobs.push(Arc::clone(&job));
        Some(job)
    }

    /// Forgets a job that never came about.
    pub(crate) fn withdraw(&self, id: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|job| job.id != id);
    }

    /// The newest first.
    pub(crate) fn list(&self) -> Vec<Arc<Job>> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().rev().cloned().collect()
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Job>> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.iter().find(|job| job.id == id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        let moved = Moved::Send { asset: AssetToken::from_bytes([1; 16]) };
        Order { peer: "pacs".into(), moved, by: "IT".into() }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    #[test]
    fn the_last_word_about_a_job_stands() {
        let jobs = Jobs::default();
        let job = jobs.begin(order(), at(1000)).unwrap();
        job.tell(1, 3);
        job.end(at(2000), Ok(PeerCounts { completed: 3, ..PeerCounts::default() }));
        job.tell(2, 3);
        job.end(at(3000), Err(never_begun()));
        let State::Ended { at: ended, end: Ok(counts) } = job.state() else { panic!("{job:?}") };
        assert_eq!((ended, counts.completed), (at(2000), 3));
    }

    #[test]
    fn jobs_of_one_moment_have_numbers_of_their_own_and_old_ones_are_forgotten() {
        let jobs = Jobs::default();
        for _ in 0..=REMEMBERED {
            jobs.begin(order(), at(7000)).unwrap().end(at(7000), Ok(PeerCounts::default()));
        }
        let ids: Vec<u64> = jobs.list().iter().map(|job| job.id).collect();
        assert_eq!(ids, (7001..=7050).rev().collect::<Vec<u64>>());
        assert!(jobs.get(7000).is_none() && jobs.get(7050).is_some());
    }

    #[test]
    fn a_job_too_many_is_not_begun() {
        let jobs = Jobs::default();
        let begun: Vec<_> = (0..UNDER_WAY).filter_map(|_| jobs.begin(order(), at(1))).collect();
        assert_eq!(begun.len(), UNDER_WAY);
        assert!(jobs.begin(order(), at(1)).is_none());
        begun[3].end(at(2), Err(never_begun()));
        assert!(jobs.begin(order(), at(2)).is_some());
    }
}
