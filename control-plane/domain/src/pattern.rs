//! How the submissions of one task overlap: voting patterns of voxels, matches of shapes.

use std::collections::BTreeSet;

use proto_ids::{SubmissionId, TaskId};
use proto_patterns::Histogram;

use crate::Refusal;
use crate::parts::MAX_COUNT;

/// Bits of a voting pattern; as many as a task can have slots.
const MAX_PATTERN_SUBMISSIONS: usize = 16;

/// How many voxels were marked by exactly one set of the submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternCount {
    /// Bit i is the i-th submission.
    pub marked_by: u32,
    /// How many voxels.
    pub voxels: u64,
}

/// How the submissions of a task overlap, for one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VotingPattern {
    /// The task.
    pub task: TaskId,
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// The submissions, in the order of the bits; at most 16.
    pub submissions: Vec<SubmissionId>,
    /// Voxels of each pattern but the empty one.
    pub counts: Vec<PatternCount>,
    /// Voxels of the box around all that was marked, grown by 10 mm; 0 where the site did not say.
    pub region_voxels: u64,
}

impl VotingPattern {
    /// Checks that the patterns fit the submissions and the region, and that none comes twice.
    ///
    /// # Errors
    /// The first field that has a value it cannot have.
    pub fn check(&self) -> Result<(), Refusal> {
        check_submissions(&self.submissions, "pattern")?;
        let raters = self.submissions.len();
        let mut seen = BTreeSet::new();
        let mut total = 0_u64;
        for (index, count) in self.counts.iter().enumerate() {
            let fits = count.marked_by != 0 && u64::from(count.marked_by) < 1_u64 << raters;
            if !fits || !seen.insert(count.marked_by) {
                return Err(Refusal::invalid(format!("pattern.counts[{index}].marked_by")));
            }
            if count.voxels == 0 {
                return Err(Refusal::invalid(format!("pattern.counts[{index}].voxels")));
            }
            total = total
                .checked_add(count.voxels)
                .ok_or_else(|| Refusal::invalid(format!("pattern.counts[{index}].voxels")))?;
        }
        if self.region_voxels != 0 && self.region_voxels < total {
            return Err(Refusal::invalid("pattern.region_voxels"));
        }
        Ok(())
    }

    /// The counts, to compute with; none when they do not fit the submissions.
    pub fn histogram(&self) -> Option<Histogram> {
        let pairs = self.counts.iter().map(|count| (count.marked_by, count.voxels));
        Histogram::from_pairs(self.submissions.len(), pairs).ok()
    }
}

/// How many shapes of two submissions fit each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapePair {
    /// Place in the list of submissions.
    pub first: u32,
    /// A later place in the list.
    pub second: u32,
    /// How many fit.
    pub matched: u32,
}

/// How the shapes of one object fit each other over the submissions of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeAgreement {
    /// The task.
    pub task: TaskId,
    /// The object, by its number in the instruction.
    pub object_id: u32,
    /// The submissions; at most 16.
    pub submissions: Vec<SubmissionId>,
    /// Shapes of each submission.
    pub counts: Vec<u32>,
    /// Pairs of submissions; a pair that is left out has no shapes that fit.
    pub pairs: Vec<ShapePair>,
}

impl ShapeAgreement {
    /// Checks that counts and pairs fit the submissions, and that no pair comes twice.
    ///
    /// # Errors
    /// The first field that has a value it cannot have.
    pub fn check(&self) -> Result<(), Refusal> {
        check_submissions(&self.submissions, "shapes")?;
        if self.counts.len() != self.submissions.len() {
            return Err(Refusal::invalid("shapes.counts"));
        }
        if let Some(index) = self.counts.iter().position(|count| *count > MAX_COUNT) {
            return Err(Refusal::invalid(format!("shapes.counts[{index}]")));
        }
        let mut seen = BTreeSet::new();
        for (index, pair) in self.pairs.iter().enumerate() {
            let field = |name| Refusal::invalid(format!("shapes.pairs[{index}].{name}"));
            let first = self.count(pair.first).ok_or_else(|| field("first"))?;
            let second = self.count(pair.second).ok_or_else(|| field("second"))?;
            if pair.first >= pair.second || !seen.insert((pair.first, pair.second)) {
                return Err(field("second"));
            }
            if pair.matched > first.min(second) {
                return Err(field("matched"));
            }
        }
        Ok(())
    }

    /// Every pair of submissions by their places, first below second: their counts and how many fit.
    pub fn all_pairs(&self) -> Vec<(usize, usize, [u32; 2], u32)> {
        let mut all = Vec::new();
        for (second, &of_second) in self.counts.iter().enumerate() {
            for (first, &of_first) in self.counts[..second].iter().enumerate() {
                let said = self.pairs.iter().find(|pair| {
                    usize::try_from(pair.first) == Ok(first) && usize::try_from(pair.second) == Ok(second)
                });
                all.push((first, second, [of_first, of_second], said.map_or(0, |pair| pair.matched)));
            }
        }
        all
    }

    fn count(&self, place: u32) -> Option<u32> {
        self.counts.get(usize::try_from(place).ok()?).copied()
    }
}

/// Checks that there are 1 to 16 submissions, each once.
pub(crate) fn check_submissions(submissions: &[SubmissionId], report: &str) -> Result<(), Refusal> {
    if submissions.is_empty() || submissions.len() > MAX_PATTERN_SUBMISSIONS {
        return Err(Refusal::invalid(format!("{report}.submissions")));
    }
    for (index, submission) in submissions.iter().enumerate() {
        if submissions[..index].contains(submission) {
            return Err(Refusal::invalid(format!("{report}.submissions[{index}]")));
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn id(byte: u8) -> SubmissionId {
        SubmissionId::from_random([byte; 16])
    }

    pub(crate) fn pattern(object_id: u32, submissions: &[u8], counts: &[(u32, u64)]) -> VotingPattern {
        VotingPattern {
            task: TaskId::from_random([1; 16]),
            object_id,
            submissions: submissions.iter().copied().map(id).collect(),
            counts: counts.iter().map(|&(marked_by, voxels)| PatternCount { marked_by, voxels }).collect(),
            region_voxels: 0,
        }
    }

    pub(crate) fn shapes(
        object_id: u32,
        submissions: &[u8],
        counts: &[u32],
        pairs: &[(u32, u32, u32)],
    ) -> ShapeAgreement {
        ShapeAgreement {
            task: TaskId::from_random([1; 16]),
            object_id,
            submissions: submissions.iter().copied().map(id).collect(),
            counts: counts.to_vec(),
            pairs: pairs
                .iter()
                .map(|&(first, second, matched)| ShapePair { first, second, matched })
                .collect(),
        }
    }

    #[test]
    fn a_pattern_of_a_submission_that_is_not_listed_is_refused() {
        let check = |counts: &[(u32, u64)]| pattern(1, &[1, 2], counts).check();
        assert_eq!(check(&[(4, 1)]), Err(Refusal::invalid("pattern.counts[0].marked_by")));
        assert_eq!(check(&[(3, 1)]), Ok(()));
        assert_eq!(check(&[(3, 1), (1, u64::MAX)]), Err(Refusal::invalid("pattern.counts[1].voxels")));
        assert_eq!(pattern(1, &[1, 1], &[]).check(), Err(Refusal::invalid("pattern.submissions[1]")));
    }

    #[test]
    fn a_region_holds_what_was_marked() {
        let with = |region_voxels| VotingPattern { region_voxels, ..pattern(1, &[1, 2], &[(1, 3), (3, 4)]) };
        assert_eq!(with(6).check(), Err(Refusal::invalid("pattern.region_voxels")));
        assert_eq!(with(7).check(), Ok(()));
        assert_eq!(with(0).check(), Ok(()), "a site of an earlier version does not say");
    }

    #[test]
    fn no_more_shapes_fit_than_there_are() {
        let check = |counts: &[u32], pairs: &[(u32, u32, u32)]| shapes(1, &[1, 2, 3], counts, pairs).check();
        assert_eq!(check(&[2, 3, 0], &[(0, 1, 2), (0, 2, 0), (1, 2, 0)]), Ok(()));
        for (counts, pairs, field) in [
            ([2, 3, 0].as_slice(), [(0, 1, 3)].as_slice(), "shapes.pairs[0].matched"),
            (&[2, 3], &[], "shapes.counts"),
            (&[2, 3, 1001], &[], "shapes.counts[2]"),
            (&[2, 3, 0], &[(0, 3, 0)], "shapes.pairs[0].second"),
            (&[2, 3, 0], &[(3, 0, 0)], "shapes.pairs[0].first"),
            (&[2, 3, 0], &[(1, 0, 0)], "shapes.pairs[0].second"),
            (&[2, 3, 0], &[(0, 1, 0), (0, 1, 0)], "shapes.pairs[1].second"),
        ] {
            assert_eq!(check(counts, pairs), Err(Refusal::invalid(field)), "{counts:?} {pairs:?}");
        }
    }

    #[test]
    fn a_pair_that_is_left_out_has_no_match() {
        let all = shapes(1, &[1, 2, 3], &[2, 1, 0], &[(0, 1, 1)]).all_pairs();
        assert_eq!(all, [(0, 1, [2, 1], 1), (0, 2, [2, 0], 0), (1, 2, [1, 0], 0)]);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_checked_without_a_panic(
            counts in proptest::collection::vec(0_u32..1200, 0..5),
            pairs in proptest::collection::vec((0_u32..6, 0_u32..6, 0_u32..1200), 0..6),
            voxels in proptest::collection::vec((0_u32..70_000, any::<u64>()), 0..6),
            region_voxels in any::<u64>(),
        ) {
            let agreement = shapes(1, &[1, 2, 3], &counts, &pairs);
            if agreement.check().is_ok() {
                prop_assert_eq!(agreement.all_pairs().len(), 3);
            }
            let pattern = VotingPattern { region_voxels, ..pattern(1, &[1, 2, 3], &voxels) };
            if pattern.check().is_ok() {
                prop_assert!(pattern.histogram().is_some());
            }
        }
    }
}
