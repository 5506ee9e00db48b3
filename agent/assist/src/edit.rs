//! What an annotator made of a model's answer, in voxels.

use std::collections::BTreeMap;

use agent_imaging::{LabelMap, Run};

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

/// The two maps do not lie on one grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proposal and the final map do not lie on one grid")]
pub struct GridsDiffer;

/// Compares a proposal with what was made of it, label by label; a label that is in neither is not in the result.
///
/// # Errors
/// [`GridsDiffer`].
pub fn edit_distance(proposal: &LabelMap, made: &LabelMap) -> Result<BTreeMap<u16, Edit>, GridsDiffer> {
    if !proposal.grid().same_as(made.grid()) {
        return Err(GridsDiffer);
    }
    let mut edits: BTreeMap<u16, Edit> = BTreeMap::new();
    for label in proposal.labels().union(&made.labels()) {
        let unedited = shared(proposal, made, *label);
        let edit = Edit {
            added: made.count(*label) - unedited,
            removed: proposal.count(*label) - unedited,
            unedited,
        };
        edits.insert(*label, edit);
    }
    Ok(edits)
}

/// How many voxels have the label in both.
fn shared(a: &LabelMap, b: &LabelMap, label: u16) -> u64 {
    a.slices().map(|(k, runs)| shared_in_slice(runs, b.slice(k), label)).sum()
}

fn shared_in_slice(a: &[Run], b: &[Run], label: u16) -> u64 {
    let of_label = |runs: &[Run]| -> Vec<(u32, u32)> {
        let found = runs.iter().filter(|run| run.label == label);
        found.map(|run| (run.start, run.start + run.length)).collect()
    };
    let (a, b) = (of_label(a), of_label(b));
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut voxels = 0;
    while let (Some((a_start, a_end)), Some((b_start, b_end))) = (a.peek(), b.peek()) {
        voxels += u64::from(a_end.min(b_end).saturating_sub(*a_start.max(b_start)));
        if a_end <= b_end {
            a.next()
        } else {
            b.next()
        };
    }
    voxels
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
        assert_eq!(compared, Err(GridsDiffer));
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
