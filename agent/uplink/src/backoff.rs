//! How long to wait before trying again: exponential, with full jitter, up to a limit.

use ring::rand::SecureRandom;
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);

/// Waiting times of one series of failures.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Forgets the failures.
    pub(crate) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// How long to wait after one more failure: `chance`, 0 to 1, of the doubled time and at least
    /// a tenth of it, so that many agents do not return at once.
    pub(crate) fn failed(&mut self, chance: f64) -> Duration {
        let longest = FIRST.saturating_mul(2_u32.saturating_pow(self.failures.min(16))).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        longest.mul_f64(0.1 + 0.9 * chance.clamp(0.0, 1.0))
    }
}

/// A number from 0 to 1 out of the operating system's generator.
pub(crate) fn chance() -> f64 {
    let mut bytes = [0; 4];
    match ring::rand::SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX),
        // Without randomness the longest wait is the safe one.
        Err(ring::error::Unspecified) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_to_a_limit_and_starts_again_after_success() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..10).map(|_| backoff.failed(1.0).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000]);
        backoff.succeeded();
        assert_eq!(backoff.failed(0.0), Duration::from_millis(50));
    }
}
