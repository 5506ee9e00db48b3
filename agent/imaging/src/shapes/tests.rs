//! Facts about shapes and how they are matched.

use super::*;
use crate::geometry::{Grid, ImageSpace, Picture};
use proptest::prelude::*;

fn grid(spacing_mm: [f64; 3]) -> ImageSpace {
    // Turned by 30 degrees about z, and left-handed.
    let (sine, cosine) = (0.5, 0.75_f64.sqrt());
    let direction = [[cosine, sine, 0.0], [sine, -cosine, 0.0], [0.0, 0.0, 1.0]];
    ImageSpace::volume(Grid::new([64; 3], spacing_mm, [10.0, -20.0, 30.0], direction).unwrap())
}

fn cube(lower: [u32; 3], side: u32) -> Shape {
    Shape::Box(lower, lower.map(|index| index + side - 1))
}

/// Intersection over union [[.60, .55], [.58, .10]] at 0.5: the best pair first leaves one pair only.
#[test]
fn the_largest_matching_beats_the_greedy_one() {
    let overlap = [[0.60, 0.55], [0.58, 0.10]];
    let pairs = matching::largest(2, 2, |a, b| overlap[a][b] >= 0.5);
    assert_eq!(pairs, [(0, 1), (1, 0)]);
}

#[test]
fn a_pair_below_the_threshold_is_ruled_out_before_it_is_sought() {
    // The largest sum of overlaps would take both pairs of .49; at 0.5 only one pair fits.
    let overlap = [[0.55, 0.49], [0.49, 0.0]];
    assert_eq!(matching::largest(2, 2, |a, b| overlap[a][b] >= 0.5), [(0, 0)]);
}

#[test]
fn boxes_fit_from_half_of_their_union() {
    let of = |a: Shape, b: Shape| a.intersection_over_union(&b);
    assert_eq!(of(cube([0; 3], 4), cube([0; 3], 4)), 1.0);
    assert_eq!(of(cube([0; 3], 4), cube([4, 0, 0], 4)), 0.0);
    // 2 of 3 slabs in common: 32 of 64 + 32 voxels.
    let (one, two) = (Shape::Box([0; 3], [3, 3, 2]), Shape::Box([0, 0, 1], [3, 3, 3]));
    assert_eq!(of(one, two), 0.5);
    let grid = grid([1.0; 3]);
    assert!(one.fits(&two, &grid, &Fit::default()));
    assert!(!one.fits(&Shape::Box([0, 0, 2], [3, 3, 3]), &grid, &Fit::default()));
}

#[test]
fn distances_are_in_millimetres_of_the_patient() {
    let grid = grid([0.5, 2.0, 5.0]);
    let fits = |a: [f64; 3], b: [f64; 3]| Shape::Point(a).fits(&Shape::Point(b), &grid, &Fit::default());
    assert!(fits([0.0; 3], [19.9, 0.0, 0.0]) && !fits([0.0; 3], [20.1, 0.0, 0.0]));
    assert!(fits([0.0; 3], [0.0, 4.99, 0.0]) && !fits([0.0; 3], [0.0, 5.01, 0.0]));
    assert!(fits([0.0; 3], [0.0, 0.0, 1.99]) && !fits([0.0; 3], [0.0, 0.0, 2.01]));
    assert!(fits([0.0; 3], [12.0, 4.0, 0.0]) && !fits([0.0; 3], [12.1, 4.0, 0.0]));
}

#[test]
fn a_line_fits_from_either_end_and_only_with_both() {
    let grid = grid([1.0; 3]);
    let line = |from: f64, to: f64| Shape::Line([from, 0.0, 0.0], [to, 0.0, 0.0]);
    let fits = |a: Shape, b: Shape| a.fits(&b, &grid, &Fit::default());
    assert!(fits(line(0.0, 40.0), line(9.0, 31.0)));
    assert!(fits(line(0.0, 40.0), line(31.0, 9.0)));
    assert!(!fits(line(0.0, 40.0), line(0.0, 51.0)));
    assert!(!fits(line(0.0, 40.0), Shape::Point([0.0; 3])));
}

#[test]
fn measures_of_shapes_are_those_of_the_patient() {
    let grid = grid([0.5, 2.0, 5.0]);
    let near = |found: f64, expect: f64| assert!((found - expect).abs() < 1e-9, "{found} is not {expect}");
    let line = Shape::Line([0.0, 0.0, 0.6], [6.0, 2.0, 3.4]).measures(&grid);
    near(line.diameter_mm.unwrap(), (9.0_f64 + 16.0 + 14.0 * 14.0).sqrt());
    assert_eq!((line.volume_mm3, line.slices), (Some(0.0), 3));
    let cuboid = Shape::Box([1, 1, 1], [6, 2, 2]).measures(&grid);
    near(cuboid.diameter_mm.unwrap(), (9.0_f64 + 16.0 + 100.0).sqrt());
    near(cuboid.volume_mm3.unwrap(), 24.0 * 5.0);
    assert_eq!(cuboid.slices, 2);
    let point = Shape::Point([3.2, 1.0, 7.0]).measures(&grid);
    assert_eq!((point.diameter_mm, point.volume_mm3, point.slices), (Some(0.0), Some(0.0), 1));
}

/// Pictures with 0.1 mm, with 1 mm and with no known distance between pixels.
fn set() -> ImageSpace {
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let picture = |columns, rows, spacing_mm| Picture { columns, rows, spacing_mm };
    let pictures =
        vec![picture(1000, 500, Some([0.1; 2])), picture(800, 600, Some([1.0; 2])), picture(300, 400, None)];
    ImageSpace::stack(Grid::new([1000, 600, 3], [1.0; 3], [0.0; 3], axes).unwrap(), pictures)
}

#[test]
fn on_a_stack_shapes_fit_within_their_own_picture() {
    let space = set();
    let fits = |a: [f64; 3], b: [f64; 3]| Shape::Point(a).fits(&Shape::Point(b), &space, &Fit::default());
    assert!(fits([0.0; 3], [99.0, 0.0, 0.0]) && !fits([0.0; 3], [101.0, 0.0, 0.0]));
    assert!(fits([0.0, 0.0, 1.0], [9.9, 0.0, 1.0]) && !fits([0.0, 0.0, 1.0], [11.0, 0.0, 1.0]));
    // 2 % of a diagonal of 500 pixels are 10 pixels.
    assert!(fits([0.0, 0.0, 2.0], [9.9, 0.0, 2.0]) && !fits([0.0, 0.0, 2.0], [10.1, 0.0, 2.0]));
    assert!(!fits([0.0, 0.0, 0.0], [0.0, 0.0, 1.0]));
}

#[test]
fn on_a_stack_shapes_have_the_millimetres_of_their_picture_or_none() {
    let space = set();
    let line = |k: f64, to: f64| Shape::Line([0.0, 0.0, k], [30.0, 40.0, to]).measures(&space).diameter_mm;
    let near = |found: Option<f64>, expect: f64| assert!(found.is_some_and(|mm| (mm - expect).abs() < 1e-9));
    near(line(0.0, 0.0), 5.0);
    near(line(1.0, 1.0), 50.0);
    assert_eq!((line(2.0, 2.0), line(0.0, 1.0)), (None, None));
    let boxed = |from: u32, to: u32| Shape::Box([0, 0, from], [29, 39, to]).measures(&space);
    near(boxed(0, 0).diameter_mm, 5.0);
    near(boxed(0, 1).diameter_mm, 50.0);
    assert_eq!((boxed(1, 2).diameter_mm, boxed(0, 0).volume_mm3, boxed(0, 1).slices), (None, None, 2));
}

/// The largest number of pairs, by trying every one.
fn most(fits: &[Vec<bool>], from: usize, taken: u32) -> usize {
    if from == fits.len() {
        return 0;
    }
    let free = (0..fits[from].len()).filter(|&b| fits[from][b] && taken >> b & 1 == 0);
    let with = free.map(|b| 1 + most(fits, from + 1, taken | 1 << b)).max().unwrap_or(0);
    with.max(most(fits, from + 1, taken))
}

proptest! {
    #[test]
    fn the_matching_is_as_large_as_trying_every_one_finds(
        fits in (0..6_usize, 0..6_usize).prop_flat_map(|(first, second)| {
            prop::collection::vec(prop::collection::vec(any::<bool>(), second), first)
        }),
    ) {
        let second = fits.first().map_or(0, Vec::len);
        let pairs = matching::largest(fits.len(), second, |a, b| fits[a][b]);
        prop_assert_eq!(pairs.len(), most(&fits, 0, 0));
        prop_assert!(pairs.iter().all(|&(a, b)| fits[a][b]));
        for (at, pair) in pairs.iter().enumerate() {
            prop_assert!(pairs[..at].iter().all(|other| other.0 != pair.0 && other.1 != pair.1));
        }
    }

    #[test]
    fn matching_does_not_depend_on_which_side_is_which(
        first in prop::collection::vec((0..30_u32, 1..9_u32), 0..8),
        second in prop::collection::vec((0..30_u32, 1..9_u32), 0..8),
    ) {
        let boxes = |of: Vec<(u32, u32)>| -> Vec<Shape> {
            of.into_iter().map(|(at, side)| cube([at, at / 2, 3], side)).collect()
        };
        let (first, second) = (boxes(first), boxes(second));
        let (grid, fit) = (grid([1.0; 3]), Fit::default());
        let there = matched(&first, &second, &grid, &fit).len();
        prop_assert_eq!(there, matched(&second, &first, &grid, &fit).len());
    }
}
