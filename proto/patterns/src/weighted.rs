//! A vote in which each submission counts as much as it is trusted.

use crate::{InvalidHistogram, MAX_SUBMISSIONS, Staple, truth_table};

/// How well a submission is taken to mark, from earlier work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skill {
    /// Share of the object that it marks, above 0 and below 1.
    pub sensitivity: f64,
    /// Share of the rest that it leaves out, above 0 and below 1.
    pub specificity: f64,
}

/// Why skills are not a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVote {
    /// There are no submissions, or more than [`MAX_SUBMISSIONS`].
    #[error("a vote has 1 to {MAX_SUBMISSIONS} submissions")]
    Submissions,
    /// A share is not above 0 and below 1.
    #[error("a sensitivity, a specificity or the prior is not above 0 and below 1")]
    Share,
}

impl From<InvalidHistogram> for InvalidVote {
    fn from(_: InvalidHistogram) -> Self {
        Self::Submissions
    }
}

/// The truth table of a weighted vote: a submission that marks adds ln(p / (1 - q)) of its sensitivity p and
/// specificity q, one that does not adds ln((1 - p) / q), the prior adds its log odds, and what comes to 0 or more is
/// painted. With the skills and the prior that STAPLE found it paints what STAPLE paints.
///
/// # Errors
/// [`InvalidVote`].
pub fn weighted_table(skills: &[Skill], prior: f64) -> Result<Vec<u8>, InvalidVote> {
    if skills.is_empty() || skills.len() > usize::from(MAX_SUBMISSIONS) {
        return Err(InvalidVote::Submissions);
    }
    let inside = |share: f64| share > 0.0 && share < 1.0;
    if !inside(prior) || skills.iter().any(|skill| !inside(skill.sensitivity) || !inside(skill.specificity)) {
        return Err(InvalidVote::Share);
    }
    let log_odds = |pattern: u16| {
        let votes = skills.iter().enumerate().map(|(at, skill)| {
            if pattern >> at & 1 == 1 {
                (skill.sensitivity / (1.0 - skill.specificity)).ln()
            } else {
                ((1.0 - skill.sensitivity) / skill.specificity).ln()
            }
        });
        votes.fold((prior / (1.0 - prior)).ln(), |sum, vote| sum + vote)
    };
    Ok(truth_table(skills.len(), |pattern| log_odds(pattern) >= 0.0))
}

impl Staple {
    /// What STAPLE found, as skills for a weighted vote; none where a share is missing.
    pub fn skills(&self) -> Option<Vec<Skill>> {
        let skill = |rater: &crate::Rater| {
            Some(Skill { sensitivity: rater.sensitivity?, specificity: rater.specificity? })
        };
        self.raters.iter().map(skill).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Histogram, StapleSettings, TruthTable};
    use proptest::prelude::*;

    #[test]
    fn one_who_is_trusted_outvotes_two_who_are_not() {
        let skill = |share| Skill { sensitivity: share, specificity: share };
        let table =
            |skills: &[Skill]| TruthTable::new(weighted_table(skills, 0.5).unwrap(), skills.len()).unwrap();
        let trusted = table(&[skill(0.99), skill(0.6), skill(0.6)]);
        assert!(trusted.paints(0b001) && !trusted.paints(0b110));
        let alike = table(&[skill(0.9); 3]);
        assert_eq!((0..8).filter(|&pattern| alike.paints(pattern)).collect::<Vec<_>>(), [3, 5, 6, 7]);
        assert_eq!(weighted_table(&[], 0.5), Err(InvalidVote::Submissions));
        assert_eq!(weighted_table(&[skill(0.9); 17], 0.5), Err(InvalidVote::Submissions));
        for (share, prior) in [(1.0, 0.5), (0.0, 0.5), (f64::NAN, 0.5), (0.9, 0.0), (0.9, f64::NAN)] {
            assert_eq!(weighted_table(&[skill(share)], prior), Err(InvalidVote::Share));
        }
    }

    proptest! {
        #[test]
        fn with_the_skills_of_staple_it_paints_what_staple_paints(
            counts in prop::collection::btree_map(1..16_u32, 1..10_000_u64, 4..14), nobody in 1..100_000_u64,
        ) {
            let histogram = Histogram::from_pairs(4, counts).unwrap();
            let settings = StapleSettings { rounds: 5, ..StapleSettings::default() };
            let staple = histogram.staple(histogram.total() + nobody, settings).unwrap();
            prop_assume!(!staple.inverted());
            let Some(Ok(table)) = staple.skills().map(|skills| weighted_table(&skills, staple.prior)) else {
                return Ok(());
            };
            let table = TruthTable::new(table, 4).unwrap();
            for &(pattern, _, weight) in staple.weights.iter().filter(|&&(pattern, _, _)| pattern != 0) {
                // Two ways of rounding may differ at one half.
                prop_assume!((weight - 0.5).abs() > 1e-9);
                prop_assert_eq!(table.paints(pattern), staple.paints(pattern));
            }
        }
    }
}
