//! Slows down the guessing of passwords. Pure: times are arguments.

use std::collections::HashMap;

use proto_ids::Timestamp;

use crate::secrets::secret_hash;

/// Failed sign-ins by digest of the user name. Forgets at a restart; the names may belong to nobody.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    names: HashMap<[u8; 32], Failures>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    blocked_until: Timestamp,
}

const FREE_TRIES: u32 = 5;
/// The longest wait is 15 minutes, so that nobody can lock somebody else out for good.
const LONGEST_WAIT_S: i64 = 15 * 60;
/// Failures are forgotten a while after the wait is over.
const FORGET_AFTER_MS: i64 = 60 * 60 * 1000;
const MOST_NAMES: usize = 10_000;

impl Throttle {
    /// Seconds to wait before the next try; none when it may go on. A try counts as failed until
    /// [`Throttle::succeeded`], so that many at once cannot slip through.
    pub(crate) fn try_now(&mut self, name: &str, now: Timestamp) -> Option<u64> {
        self.make_room(now);
        let failures = self.names.entry(key(name)).or_insert(Failures { count: 0, blocked_until: now });
        let wait_ms = failures.blocked_until.millis_since(now);
        if failures.count >= FREE_TRIES && wait_ms > 0 {
            return Some(wait_ms.unsigned_abs().div_ceil(1000));
        }
        failures.count = failures.count.saturating_add(1);
        if failures.count >= FREE_TRIES {
            let doublings = (failures.count - FREE_TRIES).min(20);
            let wait_s = (1_i64 << doublings).min(LONGEST_WAIT_S);
            failures.blocked_until = now.plus_seconds(wait_s);
        }
        None
    }

    pub(crate) fn succeeded(&mut self, name: &str) {
        self.names.remove(&key(name));
    }

    fn make_room(&mut self, now: Timestamp) {
        if self.names.len() < MOST_NAMES {
            return;
        }
        self.names.retain(|_, failures| now.millis_since(failures.blocked_until) < FORGET_AFTER_MS);
        if self.names.len() >= MOST_NAMES {
            // A flood of names: those with the fewest failures are the flood.
            self.names.retain(|_, failures| failures.count >= FREE_TRIES);
        }
        if self.names.len() >= MOST_NAMES {
            self.names.clear();
        }
    }
}

/// One for each account: the archive finds an account by its name without white space around it and without
/// regard to letter case. A digest, since anybody may send names of any length.
fn key(name: &str) -> [u8; 32] {
    secret_hash(&name.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_around_a_name_gives_no_further_tries() {
        let mut throttle = Throttle::default();
        let now = Timestamp::from_millis(0);
        for name in ["anna", " anna", "anna ", "\tANNA", "anna\u{2003}"] {
            assert_eq!(throttle.try_now(name, now), None);
        }
        assert_eq!(throttle.try_now("  Anna\n", now), Some(1));
    }

    #[test]
    fn the_wait_doubles_after_five_tries_and_ends_with_success() {
        let mut throttle = Throttle::default();
        let mut now = Timestamp::from_millis(0);
        for _ in 0..5 {
            assert_eq!(throttle.try_now("Anna", now), None);
        }
        assert_eq!(throttle.try_now("anna", now), Some(1));
        for wait in [1, 2, 4, 8] {
            assert_eq!(throttle.try_now("ANNA", now), Some(wait));
            now = now.plus_seconds(i64::try_from(wait).unwrap());
            assert_eq!(throttle.try_now("anna", now), None);
        }
        assert_eq!(throttle.try_now("ben", now), None);
        throttle.succeeded("anna");
        assert_eq!(throttle.try_now("anna", now), None);
    }

    #[test]
    fn the_wait_never_exceeds_a_quarter_of_an_hour() {
        let mut throttle = Throttle::default();
        let mut now = Timestamp::from_millis(0);
        for _ in 0..100 {
            throttle.try_now("anna", now);
            now = now.plus_seconds(LONGEST_WAIT_S);
        }
        throttle.try_now("anna", now);
        assert_eq!(throttle.try_now("anna", now), Some(900));
    }

    #[test]
    fn a_long_name_takes_no_more_room_than_a_short_one() {
        let mut throttle = Throttle::default();
        throttle.try_now(&"a".repeat(60_000), Timestamp::from_millis(0));
        assert_eq!(throttle.names.keys().map(|name| name.len()).sum::<usize>(), 32);
    }

    #[test]
    fn a_flood_of_names_is_bounded() {
        let mut throttle = Throttle::default();
        for number in 0..25_000 {
            throttle.try_now(&number.to_string(), Timestamp::from_millis(number));
        }
        assert!(throttle.names.len() <= MOST_NAMES);
    }
}
