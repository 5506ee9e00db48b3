//! Facts about measures that no other implementation decides.

use super::*;
use crate::mask::Run;
use proptest::prelude::*;

const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

fn grid() -> Grid {
    Grid::new([6, 5, 4], [0.7, 1.1, 2.5], [0.0; 3], AXES).unwrap()
}

fn marked(start: u32, length: u32, label: u16) -> LabelMap {
    LabelMap::from_slices(grid(), [(1, vec![Run { start, length, label }])]).unwrap()
}

fn measure(reference: &LabelMap, candidate: &LabelMap, depth: Depth) -> LabelScore {
    let target = LabelTarget { label: 1, tolerance_mm: 1.0 };
    compare(reference, candidate, &[target], depth).unwrap()[0]
}

#[test]
fn two_empty_masks_have_no_measure() {
    let empty = LabelMap::empty(grid());
    let score = measure(&empty, &marked(3, 2, 2), Depth::Volume);
    for value in [score.dice, score.intersection_over_union, score.nsd, score.hd95_mm, score.assd_mm] {
        assert_eq!(value, Err(Undefined::BothEmpty));
    }
}

#[test]
fn one_empty_mask_has_no_overlap_and_no_distance() {
    let (empty, drawn) = (LabelMap::empty(grid()), marked(3, 2, 1));
    for score in [measure(&empty, &drawn, Depth::Volume), measure(&drawn, &empty, Depth::Volume)] {
        for value in [score.dice, score.intersection_over_union, score.nsd] {
            assert_eq!(value, Ok(0.0));
        }
        for value in [score.hd95_mm, score.hd_mm, score.assd_mm, score.signed_bias_mm] {
            assert_eq!(value, Err(Undefined::OneEmpty));
        }
    }
}

#[test]
fn nothing_is_measured_across_the_slices_of_a_stack() {
    let drawn = marked(3, 2, 1);
    let score = measure(&drawn, &drawn, Depth::Stack);
    assert_eq!(score.dice, Ok(1.0));
    assert_eq!((score.nsd, score.hd95_mm), (Err(Undefined::OutOfScope), Err(Undefined::OutOfScope)));
    let score = measure(&drawn, &LabelMap::empty(grid()), Depth::Stack);
    assert_eq!((score.nsd, score.hd95_mm), (Ok(0.0), Err(Undefined::OneEmpty)));
}

#[test]
fn what_is_drawn_too_large_has_a_positive_bias_and_too_small_a_negative_one() {
    let (small, large) = (marked(13, 1, 1), marked(12, 3, 1));
    let score = |reference, candidate| measure(reference, candidate, Depth::Volume).signed_bias_mm.unwrap();
    assert!(score(&small, &large) > 0.0 && score(&large, &small) < 0.0);
    assert!((score(&small, &large) + score(&large, &small)).abs() < 1e-12);
    assert_eq!(score(&small, &small), 0.0);
    // Moved by one voxel, it is too large on one side and too small on the other.
    assert!(score(&marked(13, 2, 1), &marked(14, 2, 1)).abs() < 1e-12);
}

#[test]
fn maps_on_two_grids_are_not_compared() {
    let other = Grid::new([6, 5, 4], [0.7, 1.1, 2.6], [0.0; 3], AXES).unwrap();
    let refused = compare(&LabelMap::empty(grid()), &LabelMap::empty(other), &[], Depth::Volume);
    assert_eq!(refused, Err(GridMismatch));
}

#[test]
fn volumes_are_in_cubic_millimetres() {
    let score = measure(&marked(3, 2, 1), &marked(4, 5, 1), Depth::Volume);
    assert!((score.reference_mm3 - 2.0 * 0.7 * 1.1 * 2.5).abs() < 1e-12);
    assert_eq!((score.reference_voxels, score.candidate_voxels), (2, 5));
    assert_eq!(score.dice, Ok(2.0 / 7.0));
    assert_eq!(score.intersection_over_union, Ok(1.0 / 6.0));
}

proptest! {
    #[test]
    fn measures_are_symmetric_and_perfect_for_equal_masks(
        a in prop::collection::vec(0..3_u16, 120),
        b in prop::collection::vec(0..3_u16, 120),
    ) {
        let a = LabelMap::from_dense(grid(), &a).unwrap();
        let b = LabelMap::from_dense(grid(), &b).unwrap();
        prop_assume!(a.count(1) > 0 && b.count(1) > 0);
        let (there, back) = (measure(&a, &b, Depth::Volume), measure(&b, &a, Depth::Volume));
        prop_assert_eq!(there.dice, back.dice);
        prop_assert_eq!(there.hd95_mm, back.hd95_mm);
        prop_assert!((there.nsd.unwrap() - back.nsd.unwrap()).abs() < 1e-12);
        prop_assert!(there.hd95_mm.unwrap() <= there.hd_mm.unwrap());
        let same = measure(&a, &a, Depth::Volume);
        prop_assert_eq!((same.dice, same.hd_mm, same.assd_mm), (Ok(1.0), Ok(0.0), Ok(0.0)));
        prop_assert!((same.nsd.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn overlap_counts_the_voxels_of_both(
        a in prop::collection::vec(0..3_u16, 120),
        b in prop::collection::vec(0..3_u16, 120),
    ) {
        let both = a.iter().zip(&b).filter(|&(&x, &y)| x == 2 && y == 2).count() as u64;
        let a = LabelMap::from_dense(grid(), &a).unwrap();
        let b = LabelMap::from_dense(grid(), &b).unwrap();
        prop_assert_eq!(MaskPair::new(&a, &b).unwrap().overlap(2).both_voxels, both);
    }
}
