//! Rules that a consensus is painted by: truth tables over voting patterns.

use proto_instruction::{Geometry, Instruction};
use proto_patterns::{Staple, StapleSettings};

use crate::{ConsensusKind, ConsensusRule, VotingPattern};

/// The rule of each label map that there is a voting pattern of, over the submissions of the pattern.
/// STAPLE that is inverted, did not converge or cannot be computed gives the majority, and the rule
/// says so by its kind.
pub fn consensus_rules(
    kind: ConsensusKind,
    instruction: &Instruction,
    patterns: &[VotingPattern],
) -> Vec<ConsensusRule> {
    let drawn =
        instruction.objects.iter().filter(|object| matches!(object.geometry, Geometry::LabelMap { .. }));
    drawn
        .filter_map(|object| patterns.iter().find(|pattern| pattern.object_id == object.id))
        .filter_map(|pattern| rule(kind, pattern))
        .collect()
}

fn rule(wanted: ConsensusKind, pattern: &VotingPattern) -> Option<ConsensusRule> {
    let staple = match wanted {
        ConsensusKind::Staple => sound_staple(pattern),
        ConsensusKind::Majority => None,
    };
    let (kind, truth_table) = match staple {
        Some(staple) => (ConsensusKind::Staple, staple.table()),
        None => (ConsensusKind::Majority, pattern.histogram()?.majority_table()),
    };
    let (object_id, submissions) = (pattern.object_id, pattern.submissions.clone());
    Some(ConsensusRule { object_id, submissions, kind, truth_table })
}

/// STAPLE of a pattern; none when it cannot be computed, is inverted or did not converge.
pub fn sound_staple(pattern: &VotingPattern) -> Option<Staple> {
    let staple = pattern.histogram()?.staple(pattern.region_voxels, StapleSettings::default()).ok()?;
    (staple.converged && !staple.inverted()).then_some(staple)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proto_patterns::{Histogram, TruthTable};

    use super::*;
    use crate::pattern::tests::pattern;
    use crate::quality::samples::{instruction, label_map};

    fn painted(rule: &ConsensusRule, votes: u32) -> bool {
        let table = TruthTable::new(rule.truth_table.clone(), rule.submissions.len()).unwrap();
        table.paints(u16::try_from(votes).unwrap())
    }

    fn one(kind: ConsensusKind, pattern: VotingPattern) -> ConsensusRule {
        let instruction = instruction(vec![label_map(1)], Vec::new());
        let mut rules = consensus_rules(kind, &instruction, &[pattern]);
        assert_eq!(rules.len(), 1);
        rules.remove(0)
    }

    #[test]
    fn the_majority_of_three_is_two_and_a_tie_is_not_painted() {
        let three = one(ConsensusKind::Majority, pattern(1, &[1, 2, 3], &[(1, 5), (3, 5)]));
        assert_eq!(three.truth_table, [0b1110_1000]);
        let two = one(ConsensusKind::Majority, pattern(1, &[1, 2], &[(1, 5)]));
        assert_eq!(two.truth_table, [0b0000_1000]);
        let five = one(ConsensusKind::Majority, pattern(1, &[1, 2, 3, 4, 5], &[]));
        assert_eq!(five.truth_table.len(), 4);
    }

    /// Two good raters and a poor one: STAPLE follows the two where they are alone against the third.
    #[test]
    fn staple_paints_what_is_as_likely_as_not() {
        let counts = [(0b011, 50), (0b111, 40), (0b100, 60), (0b001, 2), (0b010, 2)];
        let pattern = VotingPattern { region_voxels: 2000, ..pattern(1, &[1, 2, 3], &counts) };
        let rule = one(ConsensusKind::Staple, pattern.clone());
        assert_eq!(rule.kind, ConsensusKind::Staple);
        let staple = sound_staple(&pattern).unwrap();
        for votes in 1..8 {
            assert_eq!(painted(&rule, votes), staple.paints(u16::try_from(votes).unwrap()), "{votes}");
        }
        assert!(painted(&rule, 0b011) && painted(&rule, 0b111) && !painted(&rule, 0b100));
    }

    #[test]
    fn staple_without_a_region_or_without_votes_is_the_majority_and_says_so() {
        let unknown = one(ConsensusKind::Staple, pattern(1, &[1, 2, 3], &[(3, 5)]));
        assert_eq!((unknown.kind, unknown.truth_table), (ConsensusKind::Majority, vec![0b1110_1000]));
        let empty = one(ConsensusKind::Staple, pattern(1, &[1, 2, 3], &[]));
        assert_eq!(empty.kind, ConsensusKind::Majority);
    }

    #[test]
    fn only_label_maps_are_painted() {
        let instruction = instruction(vec![label_map(1)], Vec::new());
        let patterns = [pattern(1, &[1, 2], &[(3, 1)]), pattern(9, &[1, 2], &[(3, 1)])];
        let rules = consensus_rules(ConsensusKind::Majority, &instruction, &patterns);
        assert_eq!(rules.iter().map(|rule| rule.object_id).collect::<Vec<_>>(), [1]);
    }

    proptest! {
        #[test]
        fn a_rule_paints_what_its_kind_says_and_never_where_nobody_marked(
            raters in 1_u8..=6,
            counts in proptest::collection::btree_map(1_u32..64, 1_u64..1000, 0..12),
            outside in 0_u64..5000,
        ) {
            let submissions: Vec<u8> = (1..=raters).collect();
            let counts: Vec<(u32, u64)> = counts.into_iter().filter(|(votes, _)| *votes < 1 << raters).collect();
            let total: u64 = counts.iter().map(|(_, voxels)| voxels).sum();
            let pattern = VotingPattern { region_voxels: total + outside, ..pattern(1, &submissions, &counts) };
            for kind in [ConsensusKind::Majority, ConsensusKind::Staple] {
                let rule = one(kind, pattern.clone());
                prop_assert!(!painted(&rule, 0));
                if rule.kind == ConsensusKind::Majority {
                    let histogram = Histogram::from_pairs(submissions.len(), counts.iter().copied()).unwrap();
                    let voxels: u64 =
                        counts.iter().filter(|(votes, _)| painted(&rule, *votes)).map(|(_, voxels)| voxels).sum();
                    prop_assert_eq!(voxels, histogram.majority());
                }
            }
        }
    }
}
