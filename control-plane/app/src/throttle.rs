//! Slows down guessing: after five wrong tries for a name each further one waits twice as long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use proto_ids::Timestamp;

use crate::sha256;

/// Wrong tries before the first wait.
const FREE_TRIES: u32 = 5;
/// Longest wait: 15 minutes.
const MAX_WAIT_MS: i64 = 15 * 60 * 1000;
/// Names that are remembered; the oldest is forgotten first.
const MAX_NAMES: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Tries {
    wrong: u32,
    last_at: Timestamp,
}

impl Tries {
    fn wait_until(self) -> Timestamp {
        if self.wrong < FREE_TRIES {
            return self.last_at;
        }
        let doublings = (self.wrong - FREE_TRIES).min(20);
        self.last_at.plus_millis((1000_i64 << doublings).min(MAX_WAIT_MS))
    }
}

/// Wrong tries in memory only, by digest of the name: anybody may send names of any length.
#[derive(Debug, Clone, Default)]
pub(crate) struct Throttle(Arc<Mutex<HashMap<[u8; 32], Tries>>>);

impl Throttle {
    /// Milliseconds until a try for this name is looked at; none when it is now. Counts the try as
    /// wrong beforehand, so that tries at the same time cannot share one permission.
    pub(crate) fn begin(&self, name: &str, now: Timestamp) -> Option<i64> {
        let name = sha256(name.as_bytes());
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = names.get(&name) {
            let wait = tries.wait_until().millis_since(now);
            if wait > 0 {
                return Some(wait);
            }
        }
        if names.len() >= MAX_NAMES && !names.contains_key(&name) {
            let oldest = names.iter().min_by_key(|(_, tries)| tries.last_at).map(|(name, _)| *name);
            if let Some(oldest) = oldest {
                names.remove(&oldest);
            }
        }
        let tries = names.entry(name).or_insert(Tries { wrong: 0, last_at: now });
        *tries = Tries { wrong: tries.wrong.saturating_add(1), last_at: now };
        None
    }

    /// The try was right.
    pub(crate) fn right(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&sha256(name.as_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_try_waits_and_waiting_doubles() {
        let throttle = Throttle::default();
        let mut now = Timestamp::from_millis(0);
        for _ in 0..5 {
            assert_eq!(throttle.begin("ada", now), None);
        }
        assert_eq!(throttle.begin("ada", now), Some(1000));
        assert_eq!(throttle.begin("eve", now), None, "another name is not slowed down");
        now = now.plus_millis(1000);
        assert_eq!(throttle.begin("ada", now), None);
        assert_eq!(throttle.begin("ada", now), Some(2000));
        throttle.right("ada");
        assert_eq!(throttle.begin("ada", now), None);
    }

    #[test]
    fn a_long_name_takes_no_more_room_than_a_short_one() {
        let throttle = Throttle::default();
        throttle.begin(&"a".repeat(1_000_000), Timestamp::from_millis(0));
        let names = throttle.0.lock().unwrap();
        assert_eq!(names.keys().map(|name| name.len()).sum::<usize>(), 32);
    }

    #[test]
    fn a_wait_has_an_end() {
        let tries = Tries { wrong: u32::MAX, last_at: Timestamp::from_millis(0) };
        assert_eq!(tries.wait_until().millis(), MAX_WAIT_MS);
    }
}
