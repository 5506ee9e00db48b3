//! Truth tables: which patterns are painted. The control plane makes one out of what it judges, the
//! agent paints by it.
//!
//! Bit p % 8 of byte p / 8 stands for pattern p: 2^n bits for n submissions, at least one byte. What
//! nobody marked is never painted.

use crate::{Histogram, MAX_SUBMISSIONS, Staple, majority};

/// Which patterns of so many submissions are painted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruthTable {
    bytes: Vec<u8>,
    submissions: u8,
}

/// Why bytes are not a truth table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTruthTable {
    /// There are no submissions, or more than [`MAX_SUBMISSIONS`].
    #[error("a truth table has 1 to {MAX_SUBMISSIONS} submissions")]
    Submissions,
    /// There are fewer or more bytes than the submissions have patterns.
    #[error("a truth table has one bit for each pattern")]
    Length,
    /// The bit of the empty pattern, or one beyond the last pattern, is set.
    #[error("a truth table paints a pattern that nobody marked, or that is not there")]
    Pattern,
}

impl TruthTable {
    /// From bytes, as they travel.
    ///
    /// # Errors
    /// [`InvalidTruthTable`] says which rule they break.
    pub fn new(bytes: Vec<u8>, submissions: usize) -> Result<Self, InvalidTruthTable> {
        let number = u8::try_from(submissions).map_err(|_| InvalidTruthTable::Submissions)?;
        if number == 0 || number > MAX_SUBMISSIONS {
            return Err(InvalidTruthTable::Submissions);
        }
        if bytes.len() != length(number) {
            return Err(InvalidTruthTable::Length);
        }
        let table = Self { bytes, submissions: number };
        // With fewer than three submissions the only byte has bits to spare.
        let spare = (1_u16 << number.min(4)..8).any(|pattern| table.bit(pattern));
        if table.bit(0) || spare { Err(InvalidTruthTable::Pattern) } else { Ok(table) }
    }

    /// Whether voxels of a pattern are painted; not for a pattern that is not there.
    pub fn paints(&self, pattern: u16) -> bool {
        self.bit(pattern)
    }

    /// How many submissions vote.
    pub fn submissions(&self) -> usize {
        usize::from(self.submissions)
    }

    fn bit(&self, pattern: u16) -> bool {
        self.bytes.get(usize::from(pattern / 8)).is_some_and(|byte| byte >> (pattern % 8) & 1 == 1)
    }
}

/// The bytes of the table in which `paints` says which patterns are painted; it is not asked for the
/// empty one. Submissions beyond [`MAX_SUBMISSIONS`] have no part in it.
pub fn truth_table(submissions: usize, paints: impl Fn(u16) -> bool) -> Vec<u8> {
    let number = u8::try_from(submissions).unwrap_or(MAX_SUBMISSIONS).min(MAX_SUBMISSIONS);
    let last = u16::MAX >> (MAX_SUBMISSIONS - number).min(15);
    let mut bytes = vec![0; length(number)];
    for pattern in (1..=last).filter(|&pattern| number > 0 && paints(pattern)) {
        if let Some(byte) = bytes.get_mut(usize::from(pattern / 8)) {
            *byte |= 1 << (pattern % 8);
        }
    }
    bytes
}

/// How many bytes the table of so many submissions has.
fn length(submissions: u8) -> usize {
    ((1_usize << submissions) / 8).max(1)
}

impl Histogram {
    /// The table that paints what more than half of the submissions marked. A tie is not painted.
    pub fn majority_table(&self) -> Vec<u8> {
        truth_table(self.submissions(), |pattern| majority(pattern, u32::from(self.submissions)))
    }
}

impl Staple {
    /// The table that paints what [`Staple::paints`] says.
    pub fn table(&self) -> Vec<u8> {
        truth_table(self.raters.len(), |pattern| self.paints(pattern))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::StapleSettings;

    fn painted(bytes: Vec<u8>, submissions: usize) -> Vec<u16> {
        let table = TruthTable::new(bytes, submissions).unwrap();
        (0..=u16::MAX).filter(|&pattern| table.paints(pattern)).collect()
    }

    #[test]
    fn more_than_half_are_painted_and_a_tie_is_not() {
        let table = |submissions| Histogram::empty(submissions).unwrap().majority_table();
        assert_eq!(painted(table(1), 1), [1]);
        assert_eq!(painted(table(2), 2), [0b11]);
        assert_eq!(painted(table(3), 3), [0b011, 0b101, 0b110, 0b111]);
        assert_eq!(painted(table(4), 4), [0b0111, 0b1011, 0b1101, 0b1110, 0b1111]);
        assert_eq!(table(3), [0b1110_1000]);
        assert_eq!(table(16).len(), 8192);
        assert!(TruthTable::new(table(16), 16).unwrap().paints(u16::MAX));
    }

    #[test]
    fn what_nobody_marked_is_never_painted() {
        for submissions in 1..=16 {
            let bytes = truth_table(submissions, |_| true);
            assert_eq!(painted(bytes, submissions).len(), (1 << submissions) - 1);
        }
    }

    #[test]
    fn bytes_that_are_no_table_are_refused() {
        let check = |bytes: &[u8], submissions, expect| {
            assert_eq!(TruthTable::new(bytes.to_vec(), submissions), Err(expect));
        };
        check(&[0], 0, InvalidTruthTable::Submissions);
        check(&[0; 8192], 17, InvalidTruthTable::Submissions);
        check(&[], 1, InvalidTruthTable::Length);
        check(&[0, 0], 3, InvalidTruthTable::Length);
        check(&[0], 4, InvalidTruthTable::Length);
        check(&[0b0000_0001], 3, InvalidTruthTable::Pattern);
        check(&[0b0000_0100], 1, InvalidTruthTable::Pattern);
        check(&[0b0001_0000], 2, InvalidTruthTable::Pattern);
        assert!(TruthTable::new(vec![0b1000_0000], 3).is_ok());
        assert!(TruthTable::new(vec![0, 0b1000_0000], 4).unwrap().paints(15));
        assert!(!TruthTable::new(vec![0b1110], 2).unwrap().paints(300));
    }

    proptest! {
        #[test]
        fn the_table_of_a_rule_says_what_the_rule_says(submissions in 1..=16_usize, seed in any::<u64>()) {
            let rule = |pattern: u16| (seed ^ u64::from(pattern)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 1;
            let table = TruthTable::new(truth_table(submissions, rule), submissions).unwrap();
            for pattern in 1..=u16::MAX {
                let there = u32::from(pattern) >> submissions == 0;
                prop_assert_eq!(table.paints(pattern), there && rule(pattern));
            }
        }

        #[test]
        fn tables_paint_what_majority_and_staple_count(
            counts in prop::collection::btree_map(1..64_u32, 1..10_000_u64, 1..20), nobody in 0..100_000_u64,
        ) {
            let histogram = Histogram::from_pairs(6, counts).unwrap();
            let voxels = |bytes| -> u64 {
                let table = TruthTable::new(bytes, 6).unwrap();
                histogram.pairs().filter(|&(pattern, _)| table.paints(pattern)).map(|(_, voxels)| voxels).sum()
            };
            prop_assert_eq!(voxels(histogram.majority_table()), histogram.majority());
            let staple = histogram.staple(histogram.total() + nobody, StapleSettings::default()).unwrap();
            let table = TruthTable::new(staple.table(), 6).unwrap();
            for pattern in 0..64 {
                prop_assert_eq!(table.paints(pattern), staple.paints(pattern));
            }
            prop_assert_eq!(voxels(staple.table()), staple.painted());
        }
    }
}
