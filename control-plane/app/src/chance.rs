//! Randomness of the operating system, and digests.

use ring::rand::{SecureRandom, SystemRandom};

use crate::AppError;

/// The operating system's generator.
#[derive(Debug, Clone)]
pub struct Chance(SystemRandom);

impl Default for Chance {
    fn default() -> Self {
        Self(SystemRandom::new())
    }
}

impl Chance {
    /// `N` random bytes.
    ///
    /// # Errors
    /// [`AppError::NoRandomness`] when the operating system has none.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], AppError> {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes).map_err(|_| AppError::NoRandomness)?;
        Ok(bytes)
    }
}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    digest
}
