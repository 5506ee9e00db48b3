//! Smoothing against its definitions, computed voxel by voxel.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use agent_imaging::LabelMap;
use agent_imaging::ops::{SmoothMethod, SmoothRefusal, Unwatched, smooth, smooth_joint};
use ops_support::{after, grid, map_of, square_mm, voxels};
use proptest::prelude::*;

const SIZE: [u32; 3] = [8, 7, 6];

fn labels() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(prop_oneof![3 => Just(0_u16), 3 => Just(1), 1 => Just(2), 1 => Just(3)], 336)
}

fn spacing() -> impl Strategy<Value = [f64; 3]> {
    prop::array::uniform3(0.5..2.5_f64)
}

/// What is in the ball around a voxel, inside the grid.
fn ball(at: [u32; 3], spacing_mm: [f64; 3], radius_mm: f64) -> impl Iterator<Item = [u32; 3]> {
    voxels(SIZE).filter(move |&other| square_mm(at, other, spacing_mm) <= radius_mm * radius_mm)
}

/// One label after a rule that sees which voxels are marked.
fn check(map: &LabelMap, method: SmoothMethod, radius_mm: f64, expect: &[bool]) {
    let found = after(map, &smooth(map, 1, method, radius_mm, &Unwatched).unwrap());
    for (voxel, &marked) in voxels(SIZE).zip(expect) {
        let expect = match (map.label_at(voxel).unwrap(), marked) {
            (0, true) => 1,
            (1, false) => 0,
            (old, _) => old,
        };
        assert_eq!(found.label_at(voxel), Some(expect), "{method:?} {voxel:?}");
    }
}

fn number(voxel: [u32; 3]) -> usize {
    ((voxel[2] * SIZE[1] + voxel[1]) * SIZE[0] + voxel[0]) as usize
}

/// The Gaussian average of what is marked, summed in three dimensions at once.
fn average(marked: &[bool], at: [u32; 3], spacing_mm: [f64; 3], radius_mm: f64) -> f64 {
    let deviation = radius_mm / 2.0;
    let near = |other: [u32; 3]| {
        (0..3).all(|axis| f64::from(at[axis].abs_diff(other[axis])) * spacing_mm[axis] <= 3.0 * deviation)
    };
    let (mut sum, mut all) = (0.0, 0.0);
    for other in voxels(SIZE).filter(|&other| near(other)) {
        let weight = (-0.5 * square_mm(at, other, spacing_mm) / (deviation * deviation)).exp();
        all += weight;
        sum += if marked[number(other)] { weight } else { 0.0 };
    }
    sum / all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn median_open_and_close_are_those_of_their_definitions(
        labels in labels(), spacing_mm in spacing(), radius_mm in 0.3..4.0_f64,
    ) {
        prop_assume!(labels.contains(&1));
        let map = LabelMap::from_dense(grid(SIZE, spacing_mm), &labels).unwrap();
        let marked: Vec<bool> = labels.iter().map(|&label| label == 1).collect();
        let median: Vec<bool> = voxels(SIZE).map(|at| {
            let (set, all) = ball(at, spacing_mm, radius_mm)
                .fold((0, 0), |(set, all), other| (set + u32::from(marked[number(other)]), all + 1));
            2 * set > all || 2 * set == all && marked[number(at)]
        }).collect();
        check(&map, SmoothMethod::Median, radius_mm, &median);
        let any = |marked: &[bool]| -> Vec<bool> {
            voxels(SIZE).map(|at| ball(at, spacing_mm, radius_mm).any(|other| marked[number(other)])).collect()
        };
        let all = |marked: &[bool]| -> Vec<bool> {
            voxels(SIZE).map(|at| ball(at, spacing_mm, radius_mm).all(|other| marked[number(other)])).collect()
        };
        let (open, close) = (any(&all(&marked)), all(&any(&marked)));
        check(&map, SmoothMethod::Open, radius_mm, &open);
        check(&map, SmoothMethod::Close, radius_mm, &close);
        prop_assert!((0..336).all(|at| (!open[at] || marked[at]) && (!marked[at] || close[at])));
    }

    #[test]
    fn the_gaussian_keeps_what_is_at_least_half(
        labels in labels(), spacing_mm in spacing(), radius_mm in 0.3..5.0_f64,
    ) {
        prop_assume!(labels.contains(&1));
        let map = LabelMap::from_dense(grid(SIZE, spacing_mm), &labels).unwrap();
        let marked: Vec<bool> = labels.iter().map(|&label| label == 1).collect();
        let found = after(&map, &smooth(&map, 1, SmoothMethod::Gaussian, radius_mm, &Unwatched).unwrap());
        for at in voxels(SIZE) {
            let average = average(&marked, at, spacing_mm, radius_mm);
            let expect = match labels[number(at)] {
                0 if average >= 0.5 => 1,
                1 if average < 0.5 => 0,
                old => old,
            };
            // Single precision may decide a tie.
            prop_assert!((average - 0.5).abs() < 1e-5 || found.label_at(at) == Some(expect), "{:?}", at);
        }
    }

    #[test]
    fn labels_that_are_smoothed_together_open_no_gap(
        labels in labels(), spacing_mm in spacing(), radius_mm in 0.3..5.0_f64,
    ) {
        prop_assume!(labels.contains(&1));
        let map = LabelMap::from_dense(grid(SIZE, spacing_mm), &labels).unwrap();
        let found = after(&map, &smooth_joint(&map, &[2, 1, 0, 9], radius_mm, &Unwatched).unwrap());
        // As one label, the two cover exactly what they cover together.
        let one: Vec<u16> = labels.iter().map(|&label| if label == 2 { 1 } else { label }).collect();
        let one = LabelMap::from_dense(grid(SIZE, spacing_mm), &one).unwrap();
        let union = after(&one, &smooth(&one, 1, SmoothMethod::Gaussian, radius_mm, &Unwatched).unwrap());
        let marked = [1, 2].map(|label| labels.iter().map(|&found| found == label).collect::<Vec<bool>>());
        for at in voxels(SIZE) {
            let label = found.label_at(at).unwrap();
            prop_assert_eq!(label.min(1), union.label_at(at).unwrap().min(1), "{:?}", at);
            prop_assert_eq!(label == 3, labels[number(at)] == 3);
            let averages = marked.each_ref().map(|marked| average(marked, at, spacing_mm, radius_mm));
            if (label == 1 || label == 2) && (averages[0] - averages[1]).abs() > 1e-5 {
                prop_assert_eq!(label == 1, averages[0] > averages[1], "{:?} {:?}", at, averages);
            }
        }
    }
}

#[test]
fn where_three_labels_meet_nothing_opens() {
    // Three wedges that meet in a line, in a block whose voxels all have one of them.
    let grid = grid([21, 21, 9], [1.0, 1.0, 1.0]);
    let map = map_of(grid, |[i, j, _]| {
        let (x, y) = (f64::from(i) - 10.0, f64::from(j) - 10.0);
        1 + (((y.atan2(x) + std::f64::consts::PI) / (2.0 * std::f64::consts::PI) * 3.0) as u16).min(2)
    });
    let joint = after(&map, &smooth_joint(&map, &[1, 2, 3], 6.0, &Unwatched).unwrap());
    assert!(voxels(grid.size()).all(|at| joint.label_at(at).unwrap() != 0));
    // One after the other they leave the line to nobody.
    let alone = [1, 2, 3].map(|label| {
        let deltas = smooth(&map, label, SmoothMethod::Gaussian, 6.0, &Unwatched).unwrap();
        after(&map, &deltas).count(label)
    });
    assert!(alone.iter().sum::<u64>() < grid.voxels());
}

#[test]
fn what_cannot_be_smoothed_is_refused_by_name() {
    let map = map_of(grid(SIZE, [1.0; 3]), |at| u16::from(at == [3, 3, 3]));
    let refused = |label, radius| smooth(&map, label, SmoothMethod::Median, radius, &Unwatched);
    assert_eq!(refused(2, 1.0), Err(SmoothRefusal::NothingDrawn));
    for radius_mm in [0.0, -1.0, f64::NAN, f64::INFINITY, 64.5] {
        assert_eq!(refused(1, radius_mm), Err(SmoothRefusal::Radius));
        assert_eq!(smooth_joint(&map, &[1], radius_mm, &Unwatched), Err(SmoothRefusal::Radius));
    }
    assert_eq!(smooth_joint(&map, &[0, 7], 1.0, &Unwatched), Err(SmoothRefusal::NothingDrawn));
    // A ball smaller than a voxel holds nothing but the voxel.
    assert_eq!(refused(1, 0.5).unwrap(), []);
}
