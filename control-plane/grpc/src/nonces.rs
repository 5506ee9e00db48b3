//! Nonces of enrolments that have begun. Memory is bounded, and nobody can push another's nonce out.
//!
//! A nonce for a join token is kept here, a few for each token; a slot that no token has gets one that
//! is kept nowhere. A nonce for joining again is kept nowhere either: it carries its own end and a
//! code that only this process can make, and is remembered once it was used.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use proto_ids::Timestamp;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

const LIFETIME_MS: i64 = 60 * 1000;
/// Tries that may be under way for one join token.
const MOST_FOR_A_SLOT: usize = 8;
/// More than the join tokens that anybody makes within a minute.
const MOST_SLOTS: usize = 4096;

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub(crate) struct NoRandomness;

pub(crate) struct Nonces {
    random: SystemRandom,
    key: hmac::Key,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    slots: BTreeMap<u64, VecDeque<([u8; 32], Timestamp)>>,
    used: BTreeMap<[u8; 32], Timestamp>,
}

impl Nonces {
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        let random = SystemRandom::new();
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &random).map_err(|_| NoRandomness)?;
        Ok(Self { random, key, kept: Mutex::default() })
    }

    /// A nonce that is kept nowhere and carries its own end.
    pub(crate) fn passing(&self, now: Timestamp) -> Result<[u8; 32], NoRandomness> {
        let mut nonce = [0; 32];
        nonce[..8].copy_from_slice(&now.plus_millis(LIFETIME_MS).millis().to_be_bytes());
        self.random.fill(&mut nonce[8..16]).map_err(|_| NoRandomness)?;
        let code = hmac::sign(&self.key, &nonce[..16]);
        nonce[16..].copy_from_slice(&code.as_ref()[..16]);
        Ok(nonce)
    }

    /// A nonce for a join token that is open.
    pub(crate) fn for_slot(&self, slot: u64, now: Timestamp) -> Result<[u8; 32], NoRandomness> {
        let mut nonce = [0; 32];
        self.random.fill(&mut nonce).map_err(|_| NoRandomness)?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget(now);
        if kept.slots.len() < MOST_SLOTS || kept.slots.contains_key(&slot) {
            let nonces = kept.slots.entry(slot).or_default();
            if nonces.len() >= MOST_FOR_A_SLOT {
                nonces.pop_front();
            }
            nonces.push_back((nonce, now.plus_millis(LIFETIME_MS)));
        }
        Ok(nonce)
    }

    /// The nonces of a join token that are still good.
    pub(crate) fn of_slot(&self, slot: u64, now: Timestamp) -> Vec<[u8; 32]> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget(now);
        kept.slots.get(&slot).into_iter().flatten().map(|(nonce, _)| *nonce).collect()
    }

    /// Whether a passing nonce is this process's own, still good, and not used yet.
    pub(crate) fn good(&self, nonce: &[u8], now: Timestamp) -> bool {
        let Ok(nonce) = <[u8; 32]>::try_from(nonce) else { return false };
        let (said, code) = nonce.split_at(16);
        let own = hmac::sign(&self.key, said);
        // Compared as digests, so that the time it takes tells nothing of where they differ.
        let same = hmac::verify(&self.key, code, hmac::sign(&self.key, &own.as_ref()[..16]).as_ref()).is_ok();
        let mut end = [0; 8];
        end.copy_from_slice(&said[..8]);
        let good_until = Timestamp::from_millis(i64::from_be_bytes(end));
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        same && good_until > now && !kept.used.contains_key(&nonce)
    }

    /// Remembers that a passing nonce let somebody in.
    pub(crate) fn use_up(&self, nonce: &[u8], now: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.forget(now);
        if let Ok(nonce) = nonce.try_into() {
            kept.used.insert(nonce, now.plus_millis(LIFETIME_MS));
        }
    }
}

impl Kept {
    fn forget(&mut self, now: Timestamp) {
        self.slots.retain(|_, nonces| {
            nonces.retain(|(_, end)| *end > now);
            !nonces.is_empty()
        });
        self.used.retain(|_, end| *end > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn a_nonce_is_good_for_a_minute() {
        let nonces = Nonces::new().unwrap();
        let nonce = nonces.for_slot(7, NOW).unwrap();
        assert_eq!(nonces.of_slot(7, NOW.plus_millis(59_999)), [nonce]);
        assert!(nonces.of_slot(8, NOW).is_empty());
        assert!(nonces.of_slot(7, NOW.plus_millis(60_000)).is_empty());
    }

    #[test]
    fn a_slot_keeps_a_few_nonces_and_no_more() {
        let nonces = Nonces::new().unwrap();
        for _ in 0..100 {
            nonces.for_slot(7, NOW).unwrap();
        }
        assert_eq!(nonces.of_slot(7, NOW).len(), MOST_FOR_A_SLOT);
    }

    #[test]
    fn a_passing_nonce_is_good_once_and_only_where_it_was_made() {
        let (nonces, others) = (Nonces::new().unwrap(), Nonces::new().unwrap());
        let nonce = nonces.passing(NOW).unwrap();
        assert!(nonces.good(&nonce, NOW));
        assert!(!others.good(&nonce, NOW));
        assert!(!nonces.good(&nonce, NOW.plus_millis(60_000)));
        let mut later = nonce;
        later[0] ^= 1;
        assert!(!nonces.good(&later, NOW));
        nonces.use_up(&nonce, NOW);
        assert!(!nonces.good(&nonce, NOW));
    }
}
