//! Fill between slices: what it promises.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod ops_support;

use agent_imaging::LabelMap;
use agent_imaging::ops::{Axis, FillRefusal, Unwatched, fill_between_slices};
use ops_support::{after, grid, map_of, voxels};
use proptest::prelude::*;

/// Puts slice numbers and pixels of an axis into a voxel.
fn voxel(axis: Axis, slice: u32, [u, v]: [u32; 2]) -> [u32; 3] {
    match axis {
        Axis::I => [slice, u, v],
        Axis::J => [u, slice, v],
        Axis::K => [u, v, slice],
    }
}

/// Slice number and pixels of a voxel.
fn pixel(axis: Axis, [i, j, k]: [u32; 3]) -> (u32, [u32; 2]) {
    match axis {
        Axis::I => (i, [j, k]),
        Axis::J => (j, [i, k]),
        Axis::K => (k, [i, j]),
    }
}

/// A map of label 5 with `length` slices of 24 × 20 pixels along an axis.
fn drawn(axis: Axis, length: u32, is: impl Fn(u32, [u32; 2]) -> bool) -> LabelMap {
    let size = voxel(axis, length, [24, 20]);
    let spacing = match axis {
        Axis::I => [3.0, 0.7, 1.1],
        Axis::J => [0.7, 3.0, 1.1],
        Axis::K => [0.7, 1.1, 3.0],
    };
    map_of(grid(size, spacing), |at| {
        let (slice, at) = pixel(axis, at);
        if is(slice, at) { 5 } else { 0 }
    })
}

fn filled(map: &LabelMap, axis: Axis) -> LabelMap {
    after(map, &fill_between_slices(map, 5, axis, &Unwatched).unwrap())
}

fn axes() -> impl Strategy<Value = Axis> {
    prop_oneof![Just(Axis::I), Just(Axis::J), Just(Axis::K)]
}

/// Whether a pixel lies in a disc around a pixel, in mm.
fn disc([u, v]: [u32; 2], centre: [f64; 2], radius_mm: f64) -> bool {
    let mm = [(f64::from(u) - centre[0]) * 0.7, (f64::from(v) - centre[1]) * 1.1];
    mm[0].hypot(mm[1]) <= radius_mm
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn between_equal_slices_every_slice_is_equal(
        axis in axes(), pixels in prop::collection::vec(any::<bool>(), 24 * 20), gap in 1..6_u32,
    ) {
        prop_assume!(pixels.contains(&true));
        let is = |[u, v]: [u32; 2]| pixels[(v * 24 + u) as usize];
        let map = drawn(axis, gap + 2, |slice, at| (slice == 0 || slice == gap + 1) && is(at));
        prop_assert_eq!(filled(&map, axis), drawn(axis, gap + 2, |_, at| is(at)));
    }

    #[test]
    fn a_shape_that_only_moves_is_the_same_shape_on_the_way(
        axis in axes(), from in prop::array::uniform2(4..9_u32), to in prop::array::uniform2(9..15_u32),
        radius in 0.5..3.0_f64, gap in 1..7_u32,
    ) {
        // With a disc of whole pixels around a pixel, the centre of gravity is that pixel.
        let at = |slice: u32| [0, 1].map(|axis| {
            let way = f64::from(slice) / f64::from(gap + 1);
            f64::from(from[axis]) + (way * (f64::from(to[axis]) - f64::from(from[axis]))).round()
        });
        let map = drawn(axis, gap + 2, |slice, pixel| {
            (slice == 0 || slice == gap + 1) && disc(pixel, at(slice), radius)
        });
        prop_assert_eq!(filled(&map, axis), drawn(axis, gap + 2, |slice, pixel| disc(pixel, at(slice), radius)));
    }

    #[test]
    fn drawn_slices_stay_and_no_other_label_is_written_over(
        axis in axes(), seed in prop::collection::vec(0..7_u8, 3 * 24 * 20), blobs in 1..4_usize,
        centres in prop::collection::vec((2.0..22.0_f64, 2.0..18.0_f64, 1.0..4.0_f64), 9),
    ) {
        let is = |slice: u32, at: [u32; 2]| {
            slice.is_multiple_of(4) && (0..blobs).any(|blob| {
                let (u, v, radius) = centres[(slice / 4) as usize * 3 + blob];
                disc(at, [u, v], radius)
            })
        };
        let only = drawn(axis, 9, is);
        // Some voxels beside have another label.
        let map = map_of(*only.grid(), |at| match only.label_at(at).unwrap() {
            0 if seed[(at[0] + 5 * at[1] + 11 * at[2]) as usize % seed.len()] == 0 => 2,
            label => label,
        });
        let found = filled(&map, axis);
        for at in voxels(map.grid().size()) {
            let (old, new) = (map.label_at(at).unwrap(), found.label_at(at).unwrap());
            prop_assert!(old == new || (old == 0 && new == 5 && !pixel(axis, at).0.is_multiple_of(4)), "{:?}", at);
        }
        // Each slice between two drawn ones has something when nothing is in the way.
        let alone = filled(&only, axis);
        for slice in 0..9 {
            let any = voxels(map.grid().size())
                .any(|at| pixel(axis, at).0 == slice && alone.label_at(at) == Some(5));
            prop_assert!(any, "{}", slice);
        }
    }

    #[test]
    fn a_matched_pair_stays_within_its_box_and_is_never_lost(
        axis in axes(), gap in 1..6_u32,
        first in prop::collection::vec((0..8_u32, 0..8_u32), 1..30),
        second in prop::collection::vec((3..11_u32, 4..12_u32), 1..30),
    ) {
        // A trail of pixels that are joined along u and v is one part.
        let trail = |ends: &[(u32, u32)]| {
            let mut pixels = vec![ends[0]];
            for &(u, v) in ends {
                while *pixels.last().unwrap() != (u, v) {
                    let (x, y) = *pixels.last().unwrap();
                    let step = |from: u32, to: u32| if from < to { from + 1 } else { from - u32::from(from > to) };
                    pixels.push(if x == u { (x, step(y, v)) } else { (step(x, u), y) });
                }
            }
            pixels
        };
        let trails = [trail(&first), trail(&second)];
        let map = drawn(axis, gap + 2, |slice, [u, v]| {
            slice == 0 && trails[0].contains(&(u, v)) || slice == gap + 1 && trails[1].contains(&(u, v))
        });
        let found = filled(&map, axis);
        let pixels = || trails.iter().flatten();
        let range = |of: fn(&(u32, u32)) -> u32| pixels().map(of).min().unwrap()..=pixels().map(of).max().unwrap();
        let (us, vs) = (range(|pixel| pixel.0), range(|pixel| pixel.1));
        let mut seen = vec![false; gap as usize + 2];
        for at in voxels(map.grid().size()).filter(|&at| found.label_at(at) == Some(5)) {
            let (slice, [u, v]) = pixel(axis, at);
            seen[slice as usize] = true;
            prop_assert!(us.contains(&u) && vs.contains(&v));
        }
        prop_assert!(seen.iter().all(|&seen| seen), "{:?}", seen);
    }
}

#[test]
fn a_disc_that_grows_has_the_radius_between() {
    let map = drawn(Axis::K, 5, |slice, at| match slice {
        0 => disc(at, [12.0, 10.0], 2.0),
        4 => disc(at, [12.0, 10.0], 6.0),
        _ => false,
    });
    let found = filled(&map, Axis::K);
    for (slice, radius_mm) in [(1, 3.0), (2, 4.0), (3, 5.0)] {
        for at in voxels(map.grid().size()).filter(|at| at[2] == slice) {
            let marked = found.label_at(at) == Some(5);
            // Within a pixel of the edge it may be either.
            let (u, v) = (at[0], at[1]);
            assert!(marked || !disc([u, v], [12.0, 10.0], radius_mm - 1.0), "{at:?}");
            assert!(!marked || disc([u, v], [12.0, 10.0], radius_mm + 1.0), "{at:?}");
        }
    }
}

#[test]
fn one_part_becomes_two_and_a_part_without_a_match_tapers_off() {
    let map = drawn(Axis::K, 7, |slice, at| match slice {
        0 => at[0] >= 4 && at[0] < 16 && at[1] >= 8 && at[1] < 12,
        6 => at[1] >= 8 && at[1] < 12 && ((4..8).contains(&at[0]) || (12..16).contains(&at[0])),
        _ => false,
    });
    let found = filled(&map, Axis::K);
    assert_eq!(found.label_at([5, 9, 3]), Some(5));
    assert_eq!(found.label_at([14, 9, 3]), Some(5));
    assert_eq!((found.label_at([10, 9, 1]), found.label_at([10, 9, 5])), (Some(5), Some(0)));
    // A second part far away that ends somewhere before the next drawn slice.
    let map = drawn(Axis::K, 7, |slice, at| {
        (slice == 0 || slice == 6) && disc(at, [4.0, 4.0], 2.0) || slice == 0 && disc(at, [18.0, 14.0], 4.0)
    });
    let found = filled(&map, Axis::K);
    let sizes: Vec<usize> = (0..7)
        .map(|k| {
            voxels(map.grid().size())
                .filter(|at| at[2] == k && at[0] > 10)
                .filter(|&at| found.label_at(at) == Some(5))
                .count()
        })
        .collect();
    assert!(sizes[0] > sizes[2] && sizes[2] > sizes[4] && sizes[5] > 0 && sizes[6] == 0, "{sizes:?}");
}

#[test]
fn a_disc_that_moves_far_is_followed() {
    let map = drawn(Axis::K, 5, |slice, at| match slice {
        0 => disc(at, [5.0, 5.0], 2.0),
        4 => disc(at, [13.0, 9.0], 2.0),
        _ => false,
    });
    let expect =
        drawn(Axis::K, 5, |slice, at| disc(at, [5.0 + 2.0 * f64::from(slice), 5.0 + f64::from(slice)], 2.0));
    assert_eq!(filled(&map, Axis::K), expect);
}

#[test]
fn a_label_without_a_gap_is_refused() {
    let map = drawn(Axis::J, 4, |slice, at| slice < 2 && disc(at, [9.0, 9.0], 3.0));
    let refused = |label, axis| fill_between_slices(&map, label, axis, &Unwatched);
    assert_eq!(refused(5, Axis::J), Err(FillRefusal::NoGap));
    assert_eq!(refused(6, Axis::J), Err(FillRefusal::NothingDrawn));
    assert_eq!(refused(0, Axis::J), Err(FillRefusal::NothingDrawn));
    assert_eq!(Axis::from_index(3), None);
}
