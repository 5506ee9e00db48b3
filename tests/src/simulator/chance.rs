//! Chance out of a seed, and a clock that moves by it.

use std::sync::atomic::{AtomicI64, Ordering};

use proto_ids::{Clock, Timestamp};

/// SplitMix64.
#[derive(Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`; 0 for 0.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        if end == 0 { 0 } else { self.next() % end }
    }

    /// An index below `end`.
    pub(super) fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end as u64)).unwrap_or(0)
    }

    /// True `share` times in a thousand.
    pub(super) const fn happens(&mut self, share: u64) -> bool {
        self.below(1000) < share
    }

    /// Bits of an id.
    pub(super) fn id(&mut self) -> [u8; 16] {
        let (high, low) = (u128::from(self.next()), u128::from(self.next()));
        ((high << 64) | low).to_be_bytes()
    }
}

/// A clock that both planes read and that moves when it is told to.
#[derive(Debug)]
pub(super) struct HandClock(AtomicI64);

impl HandClock {
    pub(super) const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.millis()))
    }

    pub(super) fn turn(&self, seconds: u64) {
        let millis = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(0);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
