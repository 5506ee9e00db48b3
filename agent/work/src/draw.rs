//! The draw of hidden tests: anybody who has the seed can draw again and find the same.

use proto_ids::{PersonId, ProjectId};
use ring::digest::{Context, SHA256};

/// What was drawn when a task was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GoldDraw {
    pub project: ProjectId,
    /// How many draws there were before for the person in the project.
    pub number: u64,
    /// What [`gold_draw`] gave, 0 to 1.
    pub drawn: f64,
    /// How many of a hundred tasks were to be tests.
    pub percent: u32,
    /// Whether the task that was given is a test.
    pub gold: bool,
}

/// The draw with `number` of a person: a number from 0 to 1, uniform over the seeds.
///
/// The first 8 bytes, as a fraction, of SHA-256 over `"ringfence gold draw"`, the seed, the 16 bytes of the
/// person and the number; all big endian.
pub fn gold_draw(seed: u64, person: PersonId, number: u64) -> f64 {
    let mut context = Context::new(&SHA256);
    context.update(b"ringfence gold draw");
    context.update(&seed.to_be_bytes());
    context.update(person.bytes());
    context.update(&number.to_be_bytes());
    let digest = context.finish();
    let first = digest.as_ref().iter().take(8).fold(0u64, |bits, byte| (bits << 8) | u64::from(*byte));
    // 2^64 is exact in binary.
    first as f64 / 18_446_744_073_709_551_616.0
}
