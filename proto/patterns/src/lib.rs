//! Voting-pattern histograms: how many voxels were marked by exactly which submissions.
//!
//! One histogram stands for one label of one task. It has no shape and no place, and yet gives
//! every pairwise overlap and every vote exactly. Bit r of a pattern is the r-th submission. The
//! pattern that nobody marked is left out: its count says only how large the image is. What
//! the submissions mean together is in `staple.rs`, for label maps in `labels.rs`; which patterns are
//! painted, in `table.rs` and `weighted.rs`; how far they agree beyond chance, in `agreement.rs`.

mod agreement;
mod labels;
mod staple;
mod table;
mod weighted;

use std::collections::BTreeMap;

pub use agreement::Agreement;
pub use labels::{InvalidTuples, LabelTuples};
pub use staple::{InvalidStaple, Rater, Staple, StapleSettings};
pub use table::{InvalidTruthTable, TruthTable, truth_table};
pub use weighted::{InvalidVote, Skill, weighted_table};

/// The most submissions that one histogram covers.
pub const MAX_SUBMISSIONS: u8 = 16;

/// Why pairs of pattern and count are not a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHistogram {
    /// There are no submissions, or more than [`MAX_SUBMISSIONS`].
    #[error("a histogram has 1 to {MAX_SUBMISSIONS} submissions")]
    Submissions,
    /// A pattern is empty or names a submission that is not there.
    #[error("a voting pattern is empty or names a submission that is not there")]
    Pattern,
    /// A pattern comes twice.
    #[error("a voting pattern comes twice")]
    Repeated,
    /// A count is zero.
    #[error("a voting pattern has no voxels")]
    Count,
    /// The counts together do not fit 64 bits.
    #[error("the counts of a histogram are too large")]
    TooLarge,
}

/// How many voxels were marked by exactly each set of submissions. Counts are never zero, and
/// together fit 64 bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    submissions: u8,
    counts: BTreeMap<u16, u64>,
}

impl Histogram {
    /// A histogram in which nobody has marked anything.
    ///
    /// # Errors
    /// [`InvalidHistogram::Submissions`] when the number is not 1 to 16.
    pub fn empty(submissions: usize) -> Result<Self, InvalidHistogram> {
        let number = u8::try_from(submissions).map_err(|_| InvalidHistogram::Submissions)?;
        if number == 0 || number > MAX_SUBMISSIONS {
            return Err(InvalidHistogram::Submissions);
        }
        Ok(Self { submissions: number, counts: BTreeMap::new() })
    }

    /// From pairs of pattern and voxel count, as they travel.
    ///
    /// # Errors
    /// [`InvalidHistogram`] says which rule a pair breaks.
    pub fn from_pairs(
        submissions: usize,
        pairs: impl IntoIterator<Item = (u32, u64)>,
    ) -> Result<Self, InvalidHistogram> {
        let mut histogram = Self::empty(submissions)?;
        for (pattern, voxels) in pairs {
            let pattern = u16::try_from(pattern).map_err(|_| InvalidHistogram::Pattern)?;
            if voxels == 0 {
                return Err(InvalidHistogram::Count);
            }
            if histogram.counts.contains_key(&pattern) {
                return Err(InvalidHistogram::Repeated);
            }
            histogram.add(pattern, voxels)?;
        }
        Ok(histogram)
    }

    /// Adds voxels with one pattern; none is no change.
    ///
    /// # Errors
    /// [`InvalidHistogram::Pattern`] when the pattern is empty or names a submission that is not
    /// there, [`InvalidHistogram::TooLarge`] when the counts no longer fit 64 bits.
    pub fn add(&mut self, pattern: u16, voxels: u64) -> Result<(), InvalidHistogram> {
        if pattern == 0 || u32::from(pattern) >> self.submissions != 0 {
            return Err(InvalidHistogram::Pattern);
        }
        if self.total().checked_add(voxels).is_none() {
            return Err(InvalidHistogram::TooLarge);
        }
        if voxels > 0 {
            *self.counts.entry(pattern).or_insert(0) += voxels;
        }
        Ok(())
    }

    /// Adds the counts of another histogram over the same submissions, for example of another part
    /// of the image.
    ///
    /// # Errors
    /// [`InvalidHistogram::Submissions`] when the other is over another number of submissions,
    /// [`InvalidHistogram::TooLarge`] when the counts no longer fit 64 bits. This one is unchanged then.
    pub fn merge(&mut self, other: &Self) -> Result<(), InvalidHistogram> {
        if self.submissions != other.submissions {
            return Err(InvalidHistogram::Submissions);
        }
        if self.total().checked_add(other.total()).is_none() {
            return Err(InvalidHistogram::TooLarge);
        }
        for (&pattern, &voxels) in &other.counts {
            *self.counts.entry(pattern).or_insert(0) += voxels;
        }
        Ok(())
    }

    /// The histogram of some of the submissions, in the order of `keep`: place r of it is submission
    /// `keep[r]` of this one. What none of them marked is left out.
    ///
    /// # Errors
    /// [`InvalidHistogram::Submissions`] when `keep` is empty, or names one twice or one that is not
    /// there.
    pub fn select(&self, keep: &[usize]) -> Result<Self, InvalidHistogram> {
        let distinct = keep.iter().enumerate().all(|(at, one)| !keep[..at].contains(one));
        if !distinct || keep.iter().any(|&one| one >= self.submissions()) {
            return Err(InvalidHistogram::Submissions);
        }
        let mut selected = Self::empty(keep.len())?;
        for (pattern, voxels) in self.pairs() {
            let votes = keep.iter().enumerate().filter(|&(_, &one)| has(pattern, one));
            let kept = votes.fold(0, |kept, (place, _)| kept | 1 << place);
            if kept != 0 {
                selected.add(kept, voxels)?;
            }
        }
        Ok(selected)
    }

    /// How many submissions vote.
    pub fn submissions(&self) -> usize {
        usize::from(self.submissions)
    }

    /// Patterns and their voxel counts, by pattern.
    pub fn pairs(&self) -> impl Iterator<Item = (u16, u64)> {
        self.counts.iter().map(|(&pattern, &voxels)| (pattern, voxels))
    }

    /// Voxels that at least one submission marked.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Voxels that a submission marked; 0 for one that is not there.
    pub fn marked(&self, submission: usize) -> u64 {
        self.count(|pattern| has(pattern, submission))
    }

    /// Voxels that two submissions both marked.
    pub fn marked_by_both(&self, first: usize, second: usize) -> u64 {
        self.count(|pattern| has(pattern, first) && has(pattern, second))
    }

    /// Dice of two submissions; `None` when neither marked a voxel, where it is undefined.
    pub fn dice(&self, first: usize, second: usize) -> Option<f64> {
        dice(self.marked_by_both(first, second), self.marked(first), self.marked(second))
    }

    /// Intersection over union of two submissions; `None` when neither marked a voxel.
    pub fn intersection_over_union(&self, first: usize, second: usize) -> Option<f64> {
        let either = self.count(|pattern| has(pattern, first) || has(pattern, second));
        ratio(self.marked_by_both(first, second), either)
    }

    /// Dice of every pair of submissions, (first, second, value) with first < second.
    pub fn pairwise_dice(&self) -> Vec<(usize, usize, Option<f64>)> {
        let number = self.submissions();
        let pairs = (0..number).flat_map(|first| (first + 1..number).map(move |second| (first, second)));
        pairs.map(|(first, second)| (first, second, self.dice(first, second))).collect()
    }

    /// Voxels that more than half of the submissions marked. A tie is no majority.
    pub fn majority(&self) -> u64 {
        self.count(|pattern| majority(pattern, self.submissions.into()))
    }

    /// Voxels that at least `quorum` submissions marked.
    pub fn marked_by_at_least(&self, quorum: u32) -> u64 {
        self.count(|pattern| pattern.count_ones() >= quorum)
    }

    /// Dice of a submission to the majority of the others, so that nobody is measured against their
    /// own vote. `None` when there are no others, or neither side marked a voxel.
    pub fn dice_to_majority_of_others(&self, submission: usize) -> Option<f64> {
        let [both, others] = self.majority_of_others(submission)?;
        dice(both, self.marked(submission), others)
    }

    /// Intersection over union of a submission and the majority of the others. None as there.
    pub fn intersection_over_union_to_majority_of_others(&self, submission: usize) -> Option<f64> {
        let [both, others] = self.majority_of_others(submission)?;
        ratio(both, (self.marked(submission) - both).checked_add(others)?)
    }

    /// Voxels that a submission shares with the majority of the others, and voxels of that majority.
    fn majority_of_others(&self, submission: usize) -> Option<[u64; 2]> {
        let others = u32::from(self.submissions).checked_sub(1).filter(|&others| others > 0)?;
        if submission >= self.submissions() {
            return None;
        }
        let voted = |pattern: u16| majority(pattern & !(1 << submission), others);
        let both = self.count(|pattern| has(pattern, submission) && voted(pattern));
        Some([both, self.count(voted)])
    }

    fn count(&self, counts: impl Fn(u16) -> bool) -> u64 {
        self.pairs().filter(|&(pattern, _)| counts(pattern)).map(|(_, voxels)| voxels).sum()
    }
}

fn has(pattern: u16, submission: usize) -> bool {
    submission < usize::from(MAX_SUBMISSIONS) && pattern >> submission & 1 == 1
}

fn majority(pattern: u16, voters: u32) -> bool {
    2 * pattern.count_ones() > voters
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn dice(both: u64, first: u64, second: u64) -> Option<f64> {
    // Each count fits 64 bits; their sum may not.
    let sum = u128::from(first) + u128::from(second);
    (sum > 0).then(|| 2.0 * both as f64 / sum as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Three masks on a 6 by 6 image: A rows 1-3 columns 1-3, B rows 1-3 columns 1-4,
    /// C rows 2-4 columns 1-3.
    fn three() -> Histogram {
        Histogram::from_pairs(3, [(0b010, 3), (0b011, 3), (0b100, 3), (0b111, 6)]).unwrap()
    }

    fn near(found: Option<f64>, expect: f64) {
        assert!((found.unwrap() - expect).abs() < 1e-6, "{found:?} is not {expect}");
    }

    #[test]
    fn v1_three_masks_give_their_pairwise_overlaps_and_majority() {
        let histogram = three();
        near(histogram.dice(0, 1), 0.857_143);
        near(histogram.dice(0, 2), 0.666_667);
        near(histogram.dice(1, 2), 0.571_429);
        near(histogram.intersection_over_union(0, 1), 0.75);
        assert_eq!((histogram.marked(0), histogram.marked(1), histogram.marked(2)), (9, 12, 9));
        assert_eq!(histogram.majority(), 9);
        assert_eq!(histogram.marked_by_at_least(1), 15);
        assert_eq!(histogram.marked_by_at_least(3), 6);
        assert_eq!(histogram.pairwise_dice().len(), 3);
    }

    #[test]
    fn nobody_is_measured_against_their_own_vote() {
        // Two others: only what both marked is their majority.
        near(three().dice_to_majority_of_others(0), 12.0 / 15.0);
        near(three().intersection_over_union_to_majority_of_others(0), 6.0 / 9.0);
        assert_eq!(Histogram::from_pairs(1, [(1, 5)]).unwrap().dice_to_majority_of_others(0), None);
        assert_eq!(three().dice_to_majority_of_others(3), None);
    }

    #[test]
    fn two_empty_masks_have_no_overlap_measure() {
        let histogram = Histogram::from_pairs(3, [(0b100, 4)]).unwrap();
        assert_eq!(histogram.dice(0, 1), None);
        assert_eq!(histogram.dice(0, 2), Some(0.0));
        assert_eq!(histogram.marked(99), 0);
    }

    #[test]
    fn pairs_that_are_no_histogram_are_refused() {
        let check = |number, pairs: &[(u32, u64)], expect| {
            assert_eq!(Histogram::from_pairs(number, pairs.iter().copied()), Err(expect));
        };
        check(0, &[], InvalidHistogram::Submissions);
        check(17, &[], InvalidHistogram::Submissions);
        check(2, &[(0, 1)], InvalidHistogram::Pattern);
        check(2, &[(0b100, 1)], InvalidHistogram::Pattern);
        check(16, &[(0x1_0000, 1)], InvalidHistogram::Pattern);
        check(2, &[(1, 0)], InvalidHistogram::Count);
        check(2, &[(1, 1), (1, 1)], InvalidHistogram::Repeated);
        check(2, &[(1, u64::MAX), (2, 1)], InvalidHistogram::TooLarge);
        assert!(Histogram::from_pairs(16, [(0xffff, 1)]).is_ok());
    }

    #[test]
    fn some_of_the_submissions_have_their_own_histogram() {
        let selected = three().select(&[2, 0]).unwrap();
        // C alone marked 3 voxels, A alone 3, and both 6; what only B marked is left out.
        assert_eq!(selected, Histogram::from_pairs(2, [(0b01, 3), (0b10, 3), (0b11, 6)]).unwrap());
        assert_eq!(three().select(&[0, 1, 2]), Ok(three()));
        for keep in [vec![], vec![0, 0], vec![3]] {
            assert_eq!(three().select(&keep), Err(InvalidHistogram::Submissions));
        }
    }

    #[test]
    fn histograms_over_other_submissions_do_not_merge() {
        let mut histogram = three();
        let before = histogram.clone();
        let other = Histogram::empty(2).unwrap();
        assert_eq!(histogram.merge(&other), Err(InvalidHistogram::Submissions));
        let large = Histogram::from_pairs(3, [(1, u64::MAX)]).unwrap();
        assert_eq!(histogram.merge(&large), Err(InvalidHistogram::TooLarge));
        assert_eq!(histogram, before);
    }

    fn counted(votes: &[u16]) -> Histogram {
        let mut histogram = Histogram::empty(5).unwrap();
        for &pattern in votes.iter().filter(|&&pattern| pattern != 0) {
            histogram.add(pattern, 1).unwrap();
        }
        histogram
    }

    proptest! {
        #[test]
        fn measures_are_those_of_the_voxels(votes in prop::collection::vec(0..32_u16, 0..200)) {
            let histogram = counted(&votes);
            let marked = |who: usize| votes.iter().filter(|&&p| p >> who & 1 == 1).count() as f64;
            for (first, second, value) in histogram.pairwise_dice() {
                let both = votes.iter().filter(|&&p| p >> first & 1 == 1 && p >> second & 1 == 1).count();
                let sum = marked(first) + marked(second);
                prop_assert_eq!(value, (sum > 0.0).then(|| 2.0 * both as f64 / sum));
            }
            let majority = votes.iter().filter(|p| p.count_ones() >= 3).count() as u64;
            prop_assert_eq!(histogram.majority(), majority);
        }

        #[test]
        fn what_is_selected_is_counted_anew(
            votes in prop::collection::vec(0..32_u16, 0..200),
            keep in Just(vec![0_usize, 1, 2, 3, 4]).prop_shuffle(), number in 1..=5_usize,
        ) {
            let keep = &keep[..number];
            let selected = counted(&votes).select(keep).unwrap();
            for (place, &one) in keep.iter().enumerate() {
                prop_assert_eq!(selected.marked(place), counted(&votes).marked(one));
            }
            for (first, second, value) in selected.pairwise_dice() {
                prop_assert_eq!(value, counted(&votes).dice(keep[first], keep[second]));
            }
            let marked = votes.iter().filter(|&&vote| keep.iter().any(|&one| has(vote, one))).count();
            prop_assert_eq!(selected.total(), marked as u64);
        }

        #[test]
        fn parts_merge_into_the_whole(votes in prop::collection::vec(0..32_u16, 0..200), at in 0..200_usize) {
            let (left, right) = votes.split_at(at.min(votes.len()));
            let mut merged = counted(left);
            merged.merge(&counted(right)).unwrap();
            prop_assert_eq!(&merged, &counted(&votes));
            let pairs = merged.pairs().map(|(pattern, voxels)| (u32::from(pattern), voxels));
            prop_assert_eq!(Histogram::from_pairs(5, pairs).unwrap(), merged.clone());
        }
    }
}
