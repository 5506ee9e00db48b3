//! What an annotator made of a model's answer, in voxels.

use std::collections::BTreeMap;

use agent_imaging::LabelMap;
use agent_imaging::metrics::{GridMismatch, MaskPair, Overlap};

/// For one label: how the final map differs from the proposal. Unit: voxels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Edit {
    /// Have the label in the final map and had not in the proposal.
    pub added: u64,
    /// Had the label in the proposal and have not in the final map.
    pub removed: u64,
    /// Have it in both.
    pub unedited: u64,
}

impl Edit {
    /// Whether the label was accepted as it was proposed.
    #[must_use]
    pub const fn accepted_unedited(&self) -> bool {
        self.added == 0 && self.removed == 0
    }
}

/// Compares a proposal with what was made of it, label by label; a label that is in neither is not in the result.
///
/// # Errors
/// [`GridMismatch`].
pub fn edit_distance(proposal: &LabelMap, made: &LabelMap) -> Result<BTreeMap<u16, Edit>, GridMismatch> {
    let pair = MaskPair::new(proposal, made)?;
    let edit = |label: u16| {
        let Overlap { reference_voxels, candidate_voxels, both_voxels, .. } = pair.overlap(label);
        Edit {
            added: candidate_voxels - both_voxels,
            removed: reference_voxels - both_voxels,
            unedited: both_voxels,
        }
    };
    Ok(proposal.labels().union(&made.labels()).map(|label| (*label, edit(*label))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use agent_imaging::Grid;
    use proptest::prelude::*;

    fn grid(origin: f64) -> Grid {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([6, 5, 4], [1.0; 3], [origin, 0.0, 0.0], direction).unwrap()
    }

    #[test]
    fn maps_on_two_grids_are_not_compared() {
        let compared = edit_distance(&LabelMap::empty(grid(0.0)), &LabelMap::empty(grid(1.0)));
        assert_eq!(compared, Err(GridMismatch));
    }

    #[test]
    fn an_answer_that_was_left_alone_is_accepted_unedited() {
        let mut labels = vec![0; 120];
        labels[7..11].fill(3);
        let map = LabelMap::from_dense(grid(0.0), &labels).unwrap();
        let edits = edit_distance(&map, &map).unwrap();
        assert_eq!(edits, BTreeMap::from([(3, Edit { added: 0, removed: 0, unedited: 4 })]));
        assert!(edits[&3].accepted_unedited());
        assert_eq!(
            edit_distance(&LabelMap::empty(grid(0.0)), &LabelMap::empty(grid(0.0))),
            Ok(BTreeMap::new())
        );
    }

    proptest! {
        #[test]
        fn it_counts_what_counting_voxels_counts(
            before in prop::collection::vec(0..4_u16, 120),
            after in prop::collection::vec(0..4_u16, 120),
        ) {
            let map = |labels: &[u16]| LabelMap::from_dense(grid(0.0), labels).unwrap();
            let edits = edit_distance(&map(&before), &map(&after)).unwrap();
            for label in 1..4_u16 {
                let count = |old: bool, new: bool| {
                    let pairs = before.iter().zip(&after);
                    pairs.filter(|(a, b)| (**a == label) == old && (**b == label) == new).count() as u64
                };
                let expect = Edit { added: count(false, true), removed: count(true, false), unedited: count(true, true) };
                prop_assert_eq!(edits.get(&label).copied().unwrap_or_default(), expect);
            }
            prop_assert!(!edits.contains_key(&0));
        }
    }
}
