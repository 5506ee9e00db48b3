//! Facts about measures: numbers worked out by hand, and what looking at every voxel finds.

use super::*;
use crate::geometry::{Grid, VoxelIndex, length, subtract};
use crate::mask::Run;
use proptest::prelude::*;

const SIZE: [u32; 3] = [7, 6, 5];

fn grid(spacing_mm: [f64; 3]) -> Grid {
    // Turned by 30 degrees about x: lengths do not depend on it.
    let (sine, cosine) = (0.5, 0.75_f64.sqrt());
    let direction = [[1.0, 0.0, 0.0], [0.0, cosine, sine], [0.0, -sine, cosine]];
    Grid::new(SIZE, spacing_mm, [5.0, -3.0, 88.0], direction).unwrap()
}

/// A map with label 3 on the given voxels.
fn of(spacing_mm: [f64; 3], voxels: &[[u32; 3]]) -> LabelMeasures {
    let mut labels = vec![0; 210];
    for [i, j, k] in voxels {
        labels[(k * 42 + j * 7 + i) as usize] = 3;
    }
    label(&LabelMap::from_dense(grid(spacing_mm), &labels).unwrap(), 3).unwrap()
}

fn near(found: f64, expect: f64) {
    assert!((found - expect).abs() < 1e-9 * expect.max(1.0), "{found} is not {expect}");
}

fn cube(from: u32, to: u32) -> Vec<[u32; 3]> {
    let range = || from..=to;
    range().flat_map(|k| range().flat_map(move |j| range().map(move |i| [i, j, k]))).collect()
}

#[test]
fn one_voxel_has_no_length_and_no_axis() {
    let found = of([0.5, 2.0, 5.0], &[[6, 5, 4]]);
    assert_eq!((found.voxels, found.components, found.cavities, found.slices), (1, 1, 0, 1));
    assert_eq!((found.diameter_mm, found.elongation), (0.0, None));
    near(found.volume_mm3, 5.0);
}

#[test]
fn a_label_that_nothing_has_is_not_measured() {
    assert_eq!(label(&LabelMap::empty(grid([1.0; 3])), 3), None);
}

#[test]
fn lengths_follow_the_spacing_of_each_axis() {
    let corners = [[0, 0, 0], [6, 0, 0], [0, 2, 0], [0, 0, 1]];
    // Largest: 6 columns at 0.5 mm and one slice at 5 mm, or 2 rows at 2 mm and that slice.
    near(of([0.5, 2.0, 5.0], &corners).diameter_mm, (16.0_f64 + 25.0).sqrt());
    near(of([0.5, 0.1, 5.0], &corners).diameter_mm, (9.0_f64 + 25.0).sqrt());
    near(of([0.5, 2.0, 0.1], &corners).diameter_mm, 5.0);
}

#[test]
fn parts_that_touch_by_a_corner_are_one() {
    assert_eq!(of([1.0; 3], &[[0, 0, 0], [1, 1, 1]]).components, 1);
    assert_eq!(of([1.0; 3], &[[1, 0, 0], [0, 1, 1]]).components, 1);
    assert_eq!(of([1.0; 3], &[[0, 0, 0], [2, 0, 0]]).components, 2);
    // The end of a row and the beginning of the next follow each other in a run, and do not touch.
    assert_eq!(of([1.0; 3], &[[6, 1, 2], [0, 2, 2]]).components, 2);
    // Two arms that meet only at their far end.
    let arms = [[0, 0, 0], [0, 1, 0], [0, 2, 0], [1, 3, 0], [2, 2, 0], [2, 1, 0], [2, 0, 0]];
    assert_eq!(of([1.0; 3], &arms).components, 1);
}

#[test]
fn a_hollow_cube_has_one_cavity_and_a_hole_in_its_wall_opens_it() {
    let mut hollow = cube(0, 4);
    hollow.retain(|voxel| *voxel != [2, 2, 2]);
    assert_eq!(of([1.0; 3], &hollow).cavities, 1);
    // A way out by an edge is none for what touches by face.
    hollow.retain(|voxel| *voxel != [1, 1, 2] && *voxel != [0, 0, 2]);
    assert_eq!(of([1.0; 3], &hollow).cavities, 2);
    hollow.retain(|voxel| *voxel != [2, 2, 1] && *voxel != [2, 2, 0]);
    assert_eq!(of([1.0; 3], &hollow).cavities, 1);
}

#[test]
fn what_another_label_fills_is_no_cavity() {
    let mut labels = vec![0; 210];
    for [i, j, k] in cube(0, 4) {
        labels[(k * 42 + j * 7 + i) as usize] = 3;
    }
    let at = |i: usize| 2 * 42 + 2 * 7 + i;
    labels[at(2)] = 1;
    let cavities =
        |labels: &[u16]| label(&LabelMap::from_dense(grid([1.0; 3]), labels).unwrap(), 3).unwrap().cavities;
    assert_eq!(cavities(&labels), 0);
    labels[at(3)] = 0;
    assert_eq!(cavities(&labels), 1);
}

#[test]
fn a_box_is_as_long_as_its_sides_say() {
    // Variances of n voxels in a row are (n² - 1) / 12 of the spacing squared.
    let voxels: Vec<[u32; 3]> =
        (0..6).flat_map(|i| (0..3).flat_map(move |j| (0..2).map(move |k| [i, j, k]))).collect();
    let found = of([1.0; 3], &voxels);
    near(found.elongation.unwrap(), (35.0_f64 / 8.0).sqrt());
    near(of([1.0, 1.0, 5.0], &voxels).elongation.unwrap(), (75.0_f64 / 35.0).sqrt());
    assert_eq!((found.voxels, found.slices), (36, 2));
    near(of([1.0; 3], &cube(1, 4)).elongation.unwrap(), 1.0);
}

#[test]
fn voxels_on_one_line_have_no_elongation() {
    assert_eq!(of([1.0; 3], &[[0, 0, 0], [1, 1, 1], [2, 2, 2], [4, 4, 4]]).elongation, None);
    assert_eq!(of([0.7, 0.7, 3.3], &[[0, 5, 0], [3, 3, 2]]).elongation, None);
}

#[test]
fn eigenvalues_keep_trace_and_determinant() {
    let matrix = [[4.0, 1.0, -2.0], [1.0, 3.0, 0.5], [-2.0, 0.5, 5.0]];
    let [a, b, c] = axes::eigenvalues(matrix);
    near(a + b + c, 12.0);
    near(a * b * c, 4.0 * (15.0 - 0.25) - (5.0 + 1.0) - 2.0 * (0.5 + 6.0));
    assert!(a >= b && b >= c);
}

/// A ball of 150 voxels across in a full-size grid, hollow and with three notches.
#[test]
fn an_organ_in_a_large_volume_is_measured_exactly() {
    let grid = Grid::new([512, 512, 300], [0.7, 0.7, 1.0], [0.0; 3], grid([1.0; 3]).direction()).unwrap();
    let (middle, radius) = ([256.0, 250.0, 150.0], 100.0_f64);
    let mut slices = Vec::new();
    for k in 0..300_u32 {
        let mut runs = Vec::new();
        for j in 0..512_u32 {
            let off = (f64::from(k) - middle[2]).powi(2) + (f64::from(j) - middle[1]).powi(2);
            let half = (radius * radius - off).sqrt().floor();
            if half.is_finite() {
                let from = (middle[0] - half) as u32;
                runs.push(Run { start: j * 512 + from, length: half as u32 * 2 + 1, label: 1 });
            }
        }
        slices.push((k, runs));
    }
    let map = LabelMap::from_slices(grid, slices).unwrap();
    let found = label(&map, 1).unwrap();
    assert_eq!((found.components, found.cavities, found.slices), (1, 0, 201));
    near(found.diameter_mm, 200.0);
    near(found.volume_mm3, map.count(1) as f64 * 0.49);
    assert!((found.elongation.unwrap() - 1.0 / 0.7).abs() < 1e-2);
}

/// Parts of the voxels where `is`, touching by face, or also by edge and corner.
fn flood(labels: &[u16], size: [i64; 3], corners: bool, is: impl Fn(u16) -> bool) -> Vec<Vec<[i64; 3]>> {
    let index = |[i, j, k]: [i64; 3]| (k * size[1] * size[0] + j * size[0] + i) as usize;
    let inside = |voxel: [i64; 3]| (0..3).all(|axis| (0..size[axis]).contains(&voxel[axis]));
    let mut seen = vec![false; labels.len()];
    let mut parts = Vec::new();
    for start in 0..labels.len() as i64 {
        let first = [start % size[0], start / size[0] % size[1], start / size[0] / size[1]];
        let mut part = Vec::new();
        let mut open = vec![first];
        while let Some(voxel) = open.pop() {
            if !inside(voxel) || seen[index(voxel)] || !is(labels[index(voxel)]) {
                continue;
            }
            seen[index(voxel)] = true;
            part.push(voxel);
            for step in 0..27_i64 {
                let step = [step % 3 - 1, step / 3 % 3 - 1, step / 9 - 1];
                if corners || step.iter().map(|part| part.abs()).sum::<i64>() == 1 {
                    open.push([0, 1, 2].map(|axis| voxel[axis] + step[axis]));
                }
            }
        }
        if !part.is_empty() {
            parts.push(part);
        }
    }
    parts
}

/// The same labels with one voxel of none around.
fn padded(labels: &[u16]) -> (Vec<u16>, [i64; 3]) {
    let size = SIZE.map(|length| i64::from(length) + 2);
    let voxels = (0..size.iter().product()).map(|at: i64| {
        let place = [at % size[0] - 1, at / size[0] % size[1] - 1, at / size[0] / size[1] - 1];
        let inside = (0..3).all(|axis| (0..i64::from(SIZE[axis])).contains(&place[axis]));
        if inside { labels[(place[2] * 42 + place[1] * 7 + place[0]) as usize] } else { 0 }
    });
    (voxels.collect(), size)
}

fn check(labels: &[u16], spacing_mm: [f64; 3]) {
    let grid = grid(spacing_mm);
    let found = label(&LabelMap::from_dense(grid, labels).unwrap(), 1);
    let size = SIZE.map(i64::from);
    let voxels: Vec<[i64; 3]> = flood(labels, size, true, |label| label == 1).into_iter().flatten().collect();
    let Some(found) = found else { return assert!(voxels.is_empty()) };
    assert_eq!(found.voxels, voxels.len() as u64);
    assert_eq!(found.components as usize, flood(labels, size, true, |label| label == 1).len());
    let (around, padded_size) = padded(labels);
    let open = flood(&around, padded_size, false, |label| label != 1);
    let empty = |part: &&Vec<[i64; 3]>| {
        let index =
            |[i, j, k]: [i64; 3]| (k * padded_size[1] * padded_size[0] + j * padded_size[0] + i) as usize;
        part.iter().any(|&voxel| around[index(voxel)] == 0)
    };
    // The part of the first voxel is the outside.
    assert_eq!(found.cavities as usize, open[1..].iter().filter(empty).count());
    let places: Vec<[f64; 3]> =
        voxels.iter().map(|voxel| grid.to_patient(VoxelIndex(voxel.map(|index| index as f64))).0).collect();
    let all = places.iter().flat_map(|a| places.iter().map(move |b| length(subtract(*a, *b))));
    near(found.diameter_mm, all.fold(0.0, f64::max));
    elongation(&places, found.elongation);
    let slices: std::collections::BTreeSet<i64> = voxels.iter().map(|voxel| voxel[2]).collect();
    assert_eq!(found.slices as usize, slices.len());
}

/// By the covariance of the places in the patient.
fn elongation(places: &[[f64; 3]], found: Option<f64>) {
    let count = places.len() as f64;
    let middle = [0, 1, 2].map(|axis: usize| places.iter().map(|place| place[axis]).sum::<f64>() / count);
    let covariance = [0, 1, 2].map(|a: usize| {
        [0, 1, 2].map(|b: usize| {
            places.iter().map(|place| (place[a] - middle[a]) * (place[b] - middle[b])).sum::<f64>() / count
        })
    });
    let [longest, second, _] = axes::eigenvalues(covariance);
    match found {
        Some(found) => assert!((found - (longest / second).sqrt()).abs() < 1e-6 * found, "{found}"),
        None => assert!(second <= longest * 1e-9),
    }
}

proptest! {
    #[test]
    fn measures_are_what_looking_at_every_voxel_finds(
        labels in prop::collection::vec(prop_oneof![3 => Just(0_u16), 2 => Just(1), 1 => Just(2)], 210),
        spacing in prop::array::uniform3(0.3..6.0_f64),
    ) {
        check(&labels, spacing);
    }

    #[test]
    fn measures_of_nearly_full_volumes_are_what_looking_at_every_voxel_finds(
        labels in prop::collection::vec(prop_oneof![1 => Just(0_u16), 7 => Just(1), 1 => Just(2)], 210),
        spacing in prop::array::uniform3(0.3..6.0_f64),
    ) {
        check(&labels, spacing);
    }

    #[test]
    fn measures_of_a_few_voxels_are_what_looking_at_every_voxel_finds(
        voxels in prop::collection::vec(0..210_usize, 1..6),
        spacing in prop::array::uniform3(0.3..6.0_f64),
    ) {
        let mut labels = vec![0; 210];
        for voxel in voxels {
            labels[voxel] = 1;
        }
        check(&labels, spacing);
    }
}
