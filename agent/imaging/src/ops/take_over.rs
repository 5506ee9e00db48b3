//! Takes over what somebody else drew: the answer of a model, on what is drawn already.

use std::collections::BTreeSet;

use super::block::Changes;
use super::walk::Answer;
use crate::mask::{LabelMap, SliceDelta, pieces};
use crate::metrics::{GridMismatch, MaskPair};

/// The changes that lead from what is drawn to an answer for the objects with the labels `answered`.
///
/// Only voxels that are unlabelled or have one of these labels change; other labels of the answer count as none.
/// With [`Answer::Add`] what is drawn of the objects stays where the answer leaves it out, with
/// [`Answer::Replace`] it goes.
///
/// # Errors
/// [`GridMismatch`] when the maps are not on one grid.
pub fn take_over(
    drawn: &LabelMap,
    answer: &LabelMap,
    answered: &BTreeSet<u16>,
    rule: Answer,
) -> Result<Vec<SliceDelta>, GridMismatch> {
    let grid = *MaskPair::new(drawn, answer)?.grid();
    let after = |old: u16, said: u16| {
        let new = if answered.contains(&said) { said } else { 0 };
        let own = old == 0 || answered.contains(&old);
        if !own || (new == 0 && rule == Answer::Add) { old } else { new }
    };
    let slices: BTreeSet<u32> = drawn.slices().chain(answer.slices()).map(|(k, _)| k).collect();
    let deltas = slices.into_iter().filter_map(|k| {
        let mut changes = Changes::default();
        pieces(drawn.slice(k), 0, grid.slice_voxels(), |start, end, old| {
            pieces(answer.slice(k), start, end, |start, end, said| {
                changes.push_run(start, end, old, after(old, said));
            });
        });
        changes.finish(k)
    });
    Ok(deltas.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::geometry::Grid;

    fn map(labels: &[u16]) -> LabelMap {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let slices = u32::try_from(labels.len() / 8).unwrap();
        let grid = Grid::new([8, 1, slices], [1.0; 3], [0.0; 3], direction).unwrap();
        LabelMap::from_dense(grid, labels).unwrap()
    }

    fn after(drawn: &[u16], answer: &[u16], answered: &[u16], rule: Answer) -> Vec<u16> {
        let mut drawn = map(drawn);
        let answered = answered.iter().copied().collect();
        let deltas = take_over(&drawn, &map(answer), &answered, rule).unwrap();
        drawn.apply_all(&deltas).unwrap();
        drawn.to_dense()
    }

    #[test]
    fn an_answer_adds_and_never_writes_over_another_object() {
        let drawn = [1, 1, 2, 2, 0, 0, 0, 1];
        assert_eq!(after(&drawn, &[0, 1, 1, 0, 1, 0, 0, 0], &[1], Answer::Add), [1, 1, 2, 2, 1, 0, 0, 1]);
    }

    #[test]
    fn a_refined_object_is_what_the_answer_says() {
        let drawn = [1, 1, 2, 2, 0, 0, 0, 1];
        assert_eq!(after(&drawn, &[0, 1, 1, 0, 1, 0, 0, 0], &[1], Answer::Replace), [0, 1, 2, 2, 1, 0, 0, 0]);
    }

    #[test]
    fn several_objects_may_change_places_and_unasked_labels_count_for_nothing() {
        let drawn = [1, 1, 2, 2, 0, 0, 0, 0];
        let answer = [2, 2, 1, 3, 3, 2, 0, 0];
        assert_eq!(after(&drawn, &answer, &[1, 2], Answer::Add), [2, 2, 1, 2, 0, 2, 0, 0]);
        assert!(take_over(&map(&drawn), &map(&drawn), &[1, 2].into(), Answer::Replace).unwrap().is_empty());
    }

    #[test]
    fn an_answer_on_another_grid_is_refused() {
        assert_eq!(take_over(&map(&[0; 8]), &map(&[0; 16]), &[1].into(), Answer::Add), Err(GridMismatch));
    }

    proptest! {
        #[test]
        fn it_does_to_each_voxel_what_its_definition_says(
            drawn in prop::collection::vec(0..4_u16, 24),
            answer in prop::collection::vec(0..4_u16, 24),
            replace in any::<bool>(),
        ) {
            let rule = if replace { Answer::Replace } else { Answer::Add };
            let expected: Vec<u16> = drawn.iter().zip(&answer).map(|(&old, &said)| {
                let new = if said == 1 || said == 2 { said } else { 0 };
                match (old, new, rule) {
                    (3, _, _) | (_, 0, Answer::Add) => old,
                    _ => new,
                }
            }).collect();
            prop_assert_eq!(after(&drawn, &answer, &[1, 2], rule), expected);
        }
    }
}
