//! Facts about instances: published numbers, and small pictures counted by hand.

use super::*;
use proptest::prelude::*;

const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

fn picture<const VOXELS: usize>(size: [u32; 3], labels: [u16; VOXELS]) -> LabelMap {
    let grid = Grid::new(size, [1.0, 2.0, 5.0], [0.0; 3], AXES).unwrap();
    LabelMap::from_dense(grid, &labels).unwrap()
}

/// The two pictures of MONAI's tests of the panoptic quality.
fn monai() -> (Instances, Instances) {
    let candidate = picture([4, 4, 1], [0, 1, 1, 1, 0, 0, 0, 0, 2, 0, 3, 3, 4, 2, 2, 0]);
    let reference = picture([4, 4, 1], [1, 1, 2, 1, 0, 0, 0, 0, 1, 3, 0, 0, 4, 3, 3, 3]);
    (Instances::labels_of(&reference), Instances::labels_of(&candidate))
}

#[test]
fn v17_the_panoptic_quality_is_that_of_monai() {
    let (reference, candidate) = monai();
    let matched = |above| Matching::new(&reference, &candidate, Criterion::OverlapAbove(above)).unwrap();
    assert!((matched(0.5).panoptic_quality().unwrap() - 0.25).abs() < 1e-12);
    let matched = matched(0.3);
    assert!((matched.segmentation_quality().unwrap() - 0.6).abs() < 1e-12);
    assert!((matched.detection().f1().unwrap() - 0.75).abs() < 1e-12);
    assert!((matched.panoptic_quality().unwrap() - 0.45).abs() < 1e-12);
}

#[test]
fn v18_a_pair_that_is_not_allowed_takes_no_place() {
    // Two rows of 20 voxels: the overlaps are 12 and 8 of 20, and 8 and none.
    let rows = |first: [usize; 2], second: [usize; 2]| {
        let mut labels = [0; 40];
        labels[first[0]..first[1]].fill(1);
        labels[second[0]..second[1]].fill(2);
        Instances::labels_of(&picture([40, 1, 1], labels))
    };
    let (reference, candidate) = (rows([0, 20], [25, 30]), rows([0, 12], [12, 30]));
    let overlaps = |a: usize, b: usize| {
        let both = reference.shared(&candidate).get(&(a, b)).copied().unwrap_or(0);
        both as f64 / (reference.all()[a].voxels + candidate.all()[b].voxels - both) as f64
    };
    assert!(overlaps(0, 0) > overlaps(0, 1) && overlaps(0, 1) > 0.25 && overlaps(1, 1) > 0.25);
    let matched = Matching::new(&reference, &candidate, Criterion::Overlap(0.25)).unwrap();
    assert_eq!(matched.detection().true_positives, 2);
    let matched = Matching::new(&reference, &candidate, Criterion::Overlap(0.6)).unwrap();
    let found = Detection { true_positives: 1, false_positives: 1, false_negatives: 1 };
    assert_eq!((matched.detection(), matched.missed, matched.extra), (found, vec![1], vec![1]));
}

#[test]
fn centres_are_compared_in_millimetres() {
    let one = Instances::parts_of(&picture([6, 2, 2], dots([0, 5])), 1);
    // Two columns of 1 mm further, and one slice of 5 mm further.
    let other = Instances::parts_of(&picture([6, 2, 2], dots([2, 17])), 1);
    let found = |most| Matching::new(&one, &other, Criterion::CentreMm(most)).unwrap();
    assert_eq!(found(1.9).pairs.len(), 0);
    assert_eq!(found(2.0).pairs.len(), 1);
    let all = found(5.0);
    assert_eq!(all.pairs.iter().map(|pair| pair.centres_mm).collect::<Vec<_>>(), [2.0, 5.0]);
    assert_eq!(all.pairs[0].intersection_over_union, 0.0);
}

fn dots(at: [usize; 2]) -> [u16; 24] {
    let mut labels = [0; 24];
    labels[at[0]] = 1;
    labels[at[1]] = 1;
    labels
}

#[test]
fn parts_that_touch_by_a_corner_are_one_instance() {
    let map = picture([3, 3, 2], [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0]);
    let parts = Instances::parts_of(&map, 1);
    assert_eq!(parts.all().len(), 1);
    assert_eq!((parts.all()[0].voxels, parts.all()[0].volume_mm3), (3, 30.0));
    assert_eq!(parts.map_of(0), map);
    assert!(parts.map_of(1).is_empty() && Instances::parts_of(&map, 2).all().is_empty());
}

#[test]
fn no_instances_have_no_measure_and_one_side_without_any_has_none_right() {
    let empty = Instances::parts_of(&picture([6, 2, 2], [0; 24]), 1);
    let two = Instances::parts_of(&picture([6, 2, 2], dots([0, 5])), 1);
    let none = Matching::new(&empty, &empty, Criterion::Overlap(0.5)).unwrap();
    assert_eq!(none.detection().f1(), Err(Undefined::BothEmpty));
    assert_eq!((none.panoptic_quality(), none.segmentation_quality()), (Err(Undefined::BothEmpty), None));
    let one = Matching::new(&two, &empty, Criterion::Overlap(0.5)).unwrap();
    assert_eq!((one.detection().f1(), one.panoptic_quality()), (Ok(0.0), Ok(0.0)));
    assert_eq!(one.detection().precision(), Err(Undefined::OneEmpty));
    assert_eq!(one.detection().sensitivity(), Ok(0.0));
}

#[test]
fn each_instance_counts_in_the_band_of_its_volume() {
    // Volumes of 10, 20 and 30 mm³ and one of 10 mm³ that only the candidate has.
    let reference = picture([10, 2, 1], [1, 0, 2, 2, 0, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let candidate = picture([10, 2, 1], [0, 0, 2, 2, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    let (reference, candidate) = (Instances::labels_of(&reference), Instances::labels_of(&candidate));
    let matched = Matching::new(&reference, &candidate, Criterion::Overlap(0.5)).unwrap();
    let detection = |true_positives, false_positives, false_negatives| Detection {
        true_positives,
        false_positives,
        false_negatives,
    };
    let expect = [detection(0, 1, 1), detection(1, 0, 0), detection(1, 0, 0)];
    assert_eq!(matched.by_band(&reference, &candidate, &[20.0, 30.0]), expect);
    assert_eq!(matched.by_band(&reference, &candidate, &[]), [matched.detection()]);
}

#[test]
fn instances_on_two_grids_are_not_matched() {
    let one = Instances::parts_of(&picture([6, 2, 2], [0; 24]), 1);
    let other = Instances::parts_of(&picture([12, 2, 1], [0; 24]), 1);
    let refused = Matching::new(&one, &other, Criterion::Overlap(0.5));
    assert_eq!(refused, Err(InstanceRefusal::Grid(GridMismatch)));
}

proptest! {
    #[test]
    fn shared_voxels_and_centres_are_those_counted_one_by_one(
        a in prop::collection::vec(0..4_u16, 60), b in prop::collection::vec(0..4_u16, 60),
    ) {
        let grid = Grid::new([5, 4, 3], [0.5, 2.0, 3.0], [1.0, 2.0, 3.0], AXES).unwrap();
        let maps = [&a, &b].map(|labels| LabelMap::from_dense(grid, labels).unwrap());
        let [one, other] = maps.map(|map| Instances::labels_of(&map));
        for (first, instance) in one.all().iter().enumerate() {
            let of: Vec<usize> = (0..60).filter(|&at| a[at] == instance.label).collect();
            prop_assert_eq!(instance.voxels, of.len() as u64);
            let mean = |place: &dyn Fn(usize) -> usize| -> f64 {
                of.iter().map(|&at| place(at) as f64).sum::<f64>() / of.len() as f64
            };
            let centre = [
                1.0 + 0.5 * mean(&|at| at % 5), 2.0 + 2.0 * mean(&|at| at / 5 % 4), 3.0 + 3.0 * mean(&|at| at / 20),
            ];
            for (found, expect) in instance.centre.0.iter().zip(centre) {
                prop_assert!((found - expect).abs() < 1e-9);
            }
            for (second, partner) in other.all().iter().enumerate() {
                let both = of.iter().filter(|&&at| b[at] == partner.label).count() as u64;
                let found = one.shared(&other).get(&(first, second)).copied();
                prop_assert_eq!(found.unwrap_or(0), both);
            }
        }
    }
}
