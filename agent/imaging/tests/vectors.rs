//! The reference vectors of surface measures: numbers that surface-distance and MONAI have in their own tests, and one
//! pair of boxes on flat voxels.

#![expect(clippy::unwrap_used, reason = "helpers of a test build masks of their own")]

use agent_imaging::metrics::{
    BorderDistances, Depth, LabelScore, LabelTarget, MaskPair, Undefined, compare, compare_slice,
};
use agent_imaging::{Grid, LabelMap, Run};

const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// Sizes, spacings and places come as the sources have them, (k, j, i).
fn grid([planes, rows, columns]: [u32; 3], [k_mm, j_mm, i_mm]: [f64; 3]) -> Grid {
    Grid::new([columns, rows, planes], [i_mm, j_mm, k_mm], [0.0; 3], AXES).unwrap()
}

fn marked(grid: Grid, inside: impl Fn([u32; 3]) -> bool) -> LabelMap {
    let [columns, rows, planes] = grid.size();
    let plane = |k: u32| {
        let runs = (0..rows * columns).filter(|at| inside([k, at / columns, at % columns]));
        (k, runs.map(|start| Run { start, length: 1, label: 1 }).collect::<Vec<_>>())
    };
    LabelMap::from_slices(grid, (0..planes).map(plane)).unwrap()
}

fn cuboid(grid: Grid, from: [u32; 3], to: [u32; 3]) -> LabelMap {
    marked(grid, |place| (0..3).all(|axis| (from[axis]..to[axis]).contains(&place[axis])))
}

fn measured(reference: &LabelMap, candidate: &LabelMap, tolerance_mm: f64) -> LabelScore {
    compare(reference, candidate, &[LabelTarget { label: 1, tolerance_mm }], Depth::Volume).unwrap()[0]
}

fn near(found: f64, expect: f64, tolerance: f64) {
    assert!((found - expect).abs() <= tolerance, "{found} is not {expect}");
}

#[test]
fn v13_two_pixels_have_the_contour_distances_of_surface_distance() {
    let grid = grid([1, 128, 128], [7.0, 2.0, 1.0]);
    let pixel = |j, i| cuboid(grid, [0, j, i], [1, j + 1, i + 1]);
    let (a, b) = (pixel(50, 70), pixel(50, 72));
    let contours = MaskPair::new(&a, &b).unwrap().contours(1, 0).unwrap();
    // Four pieces of half the diagonal of a pixel.
    near(contours.reference_area_mm2(), 2.0 * 5.0_f64.sqrt(), 1e-12);
    assert_eq!(contours.directed_average_mm(), [1.5, 1.5]);
    assert_eq!(contours.directed_within(1.0), [0.5, 0.5]);
    let score = compare_slice(&a, &b, &[LabelTarget { label: 1, tolerance_mm: 1.0 }], 0).unwrap()[0];
    assert_eq!((score.dice, score.nsd), (Ok(0.0), Ok(0.5)));
    assert_eq!((score.hd95_mm, score.hd_mm, score.assd_mm), (Ok(2.0), Ok(2.0), Ok(1.5)));
}

#[test]
fn v13_two_voxels_have_the_surface_distances_of_surface_distance() {
    let grid = grid([128; 3], [3.0, 2.0, 1.0]);
    let voxel = |i| cuboid(grid, [50, 60, i], [51, 61, i + 1]);
    let (a, b) = (voxel(70), voxel(72));
    let surfaces = MaskPair::new(&a, &b).unwrap().surfaces(1).unwrap();
    assert_eq!(surfaces.directed_within(1.0), [0.5, 0.5]);
    for average_mm in surfaces.directed_average_mm() {
        near(average_mm, 1.5, 1e-12);
    }
    let score = measured(&a, &b, 1.0);
    assert_eq!((score.dice, score.hd95_mm, score.hd_mm), (Ok(0.0), Ok(2.0), Ok(2.0)));
    near(score.nsd.unwrap(), 0.5, 1e-12);
}

#[test]
fn v13_two_cubes_at_the_edge_of_the_image_have_the_numbers_of_surface_distance() {
    let grid = grid([100; 3], [2.0, 1.0, 1.0]);
    let (a, b) = (cuboid(grid, [0; 3], [50, 100, 100]), cuboid(grid, [0; 3], [51, 100, 100]));
    let surfaces = MaskPair::new(&a, &b).unwrap().surfaces(1).unwrap();
    // The source has three decimals.
    for (found, expect) in surfaces.directed_average_mm().into_iter().zip([0.322, 0.339]) {
        near(found, expect, 5e-4);
    }
    for (found, expect) in surfaces.directed_within(1.0).into_iter().zip([0.842, 0.830]) {
        near(found, expect, 5e-4);
    }
    let score = measured(&a, &b, 1.0);
    near(score.nsd.unwrap(), 0.836, 5e-4);
    near(score.dice.unwrap(), 0.990, 5e-4);
    assert_eq!((score.hd95_mm, score.hd_mm), (Ok(2.0), Ok(2.0)));
}

/// The source has infinity and NaN where we have the reason.
#[test]
fn v13_where_a_mask_is_empty_the_reason_stands_for_the_number() {
    let grid = grid([8; 3], [3.0, 2.0, 1.0]);
    let (empty, one) = (LabelMap::empty(grid), cuboid(grid, [2; 3], [3; 3]));
    let score = measured(&one, &empty, 1.0);
    assert_eq!((score.dice, score.nsd, score.hd_mm), (Ok(0.0), Ok(0.0), Err(Undefined::OneEmpty)));
    let score = measured(&empty, &empty, 1.0);
    let none = Err(Undefined::BothEmpty);
    assert_eq!((score.dice, score.nsd, score.hd_mm), (none, none, none));
}

fn spheres(spacing: [f64; 3], first: ([f64; 3], f64), second: ([f64; 3], f64)) -> BorderDistances {
    let grid = grid([99; 3], spacing);
    let sphere = |(centre, radius): ([f64; 3], f64)| {
        marked(grid, |place| {
            let along = |axis: usize| f64::from(place[axis]) * spacing[axis] - centre[axis];
            along(0).powi(2) + along(1).powi(2) + along(2).powi(2) <= radius * radius
        })
    };
    MaskPair::new(&sphere(first), &sphere(second)).unwrap().borders(1).unwrap()
}

#[test]
fn v14_spheres_have_the_hausdorff_distances_of_monai_between_their_border_voxels() {
    let apart = spheres([1.0; 3], ([20.0; 3], 20.0), ([19.0; 3], 20.0));
    near(apart.hausdorff_mm(100.0), 1.732_050_8, 1e-6);
    let larger = spheres([1.0; 3], ([20.0, 33.0, 22.0], 20.0), ([20.0, 33.0, 22.0], 40.0));
    near(larger.directed_hausdorff_mm(100.0)[0], 20.099_751_2, 1e-6);
    near(larger.hausdorff_mm(100.0), 20.223_748_4, 1e-6);
    near(larger.directed_hausdorff_mm(95.0)[0], 19.924_858_8, 1e-6);
    near(larger.hausdorff_mm(95.0), 20.099_751_2, 1e-6);
}

#[test]
fn v14_spheres_on_oblong_voxels_have_the_hausdorff_distances_of_monai() {
    let spacing = [0.85, 1.2, 0.9];
    let apart = spheres(spacing, ([20.0; 3], 20.0), ([19.0; 3], 20.0));
    near(apart.directed_hausdorff_mm(100.0)[0], 2.080_865_1, 1e-6);
    near(apart.hausdorff_mm(100.0), 2.267_156_8, 1e-6);
    let larger = spheres(spacing, ([20.0, 33.0, 22.0], 15.0), ([20.0, 33.0, 22.0], 30.0));
    near(larger.directed_hausdorff_mm(100.0)[0], 15.439_640_6, 1e-6);
    near(larger.hausdorff_mm(100.0), 15.625_940_0, 1e-6);
}

#[test]
fn v15_two_columns_have_the_surface_dice_of_monai_between_their_border_pixels() {
    let grid = grid([1, 10, 10], [1.0; 3]);
    let (drawn, label) = (cuboid(grid, [0, 1, 1], [1, 4, 2]), cuboid(grid, [0, 5, 6], [1, 8, 7]));
    let borders = MaskPair::new(&label, &drawn).unwrap().borders(1).unwrap();
    for (tolerance_mm, expect) in [(0.0, 0.0), (5.5, 1.0 / 3.0), (6.0, 2.0 / 3.0), (6.5, 1.0)] {
        near(borders.within(tolerance_mm), expect, 1e-12);
    }
}

fn boxes(spacing: [f64; 3]) -> (LabelMap, LabelMap) {
    let grid = grid([24, 64, 64], spacing);
    (cuboid(grid, [6, 20, 20], [16, 44, 44]), cuboid(grid, [7, 22, 20], [17, 46, 44]))
}

#[test]
fn v16_boxes_on_flat_voxels_have_their_distances_by_area() {
    let (a, b) = boxes([3.0, 0.75, 0.75]);
    let surfaces = MaskPair::new(&a, &b).unwrap().surfaces(1).unwrap();
    near(surfaces.reference_area_mm2(), 2_732.002_7, 1e-4);
    near(surfaces.candidate_area_mm2(), 2_732.002_7, 1e-4);
    let score = measured(&a, &b, 1.0);
    near(score.dice.unwrap(), 0.825, 1e-12);
    near(score.hd95_mm.unwrap(), 3.0, 1e-6);
    near(score.hd_mm.unwrap(), 3.354_102, 1e-6);
    near(score.assd_mm.unwrap(), 1.222_834, 1e-6);
    near(score.masd_mm.unwrap(), 1.222_834, 1e-6);
    let shares = [(0.5, 0.379_266), (0.75, 0.426_672), (1.0, 0.426_672), (1.5, 0.777_114), (2.0, 0.777_114)];
    for (tolerance_mm, expect) in shares.into_iter().chain([(3.0, 0.984_357)]) {
        near(surfaces.within(tolerance_mm), expect, 1e-6);
    }
    let (a, b) = boxes([1.0; 3]);
    near(measured(&a, &b, 1.0).hd95_mm.unwrap(), 2.0, 1e-12);
}

#[test]
fn v16_boxes_on_flat_voxels_have_their_distances_between_border_voxels() {
    let (a, b) = boxes([3.0, 0.75, 0.75]);
    let borders = MaskPair::new(&a, &b).unwrap().borders(1).unwrap();
    assert_eq!(borders.directed_mm().map(<[f64]>::len), [1888, 1888]);
    near(borders.hausdorff_mm(95.0), 3.0, 1e-6);
    near(borders.hausdorff_mm(100.0), 3.354_102, 1e-6);
    near(borders.within(1.0), 0.294_492, 1e-6);
    near(borders.average_mm(), 1.798_048, 1e-6);
}
