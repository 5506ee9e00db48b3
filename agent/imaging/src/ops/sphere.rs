//! The sphere brush: the reference for what a dab in three dimensions marks.

use super::block::Changes;
use super::region::Region;
use crate::geometry::Grid;
use crate::mask::{LabelMap, SliceDelta, pieces};

/// The voxels of one dab.
///
/// A dab at (i, j, k), in voxels, with radius `radius_mm` marks each voxel whose centre lies within the
/// radius, and the voxel under the cursor if it is in the grid, so that no dab marks nothing. Unit:
/// millimetres along the axes of the grid, whose spacing may differ; distances are taken in mm, never in
/// voxels. A centre or radius that is not finite marks nothing; a negative radius counts as 0.
pub fn sphere(grid: &Grid, centre: [f64; 3], radius_mm: f64) -> Region {
    let mut region = Region::empty(grid);
    let radius_mm = radius_mm.max(0.0);
    if !centre.iter().chain([&radius_mm]).all(|number| number.is_finite()) {
        return region;
    }
    let (size, spacing_mm) = (grid.size(), grid.spacing_mm());
    let offset_mm = |axis: usize, at: u32| (f64::from(at) - centre[axis]) * spacing_mm[axis];
    let reach = |axis: usize| reach(centre[axis], radius_mm / spacing_mm[axis], size[axis]);
    for k in reach(2) {
        for j in reach(1) {
            let within = |i: &u32| {
                let square = [offset_mm(0, *i), offset_mm(1, j), offset_mm(2, k)].map(|mm| mm * mm);
                square[0] + square[1] + square[2] <= radius_mm * radius_mm
            };
            // Along a row the voxels within the radius follow each other.
            let (first, last) = (reach(0).find(within), reach(0).rev().find(within));
            if let (Some(first), Some(last)) = (first, last) {
                region.push(k, j * size[0] + first, j * size[0] + last + 1);
            }
        }
    }
    let under = centre.map(f64::round);
    if (0..3).all(|axis| under[axis] >= 0.0 && under[axis] < f64::from(size[axis])) {
        let [i, j, k] = under.map(|at| at as u32);
        region.push(k, j * size[0] + i, j * size[0] + i + 1);
    }
    region.tidy();
    region
}

/// The indices within `voxels` of `centre`, cut at the ends of the axis.
fn reach(centre: f64, voxels: f64, size: u32) -> std::ops::Range<u32> {
    // Casts from float saturate, so a place far outside gives an empty range.
    let first = (centre - voxels).floor().max(0.0) as u32;
    first..((centre + voxels).ceil().max(-1.0) + 1.0).min(f64::from(size)) as u32
}

/// The change that gives a label to all voxels of a region, whatever they had; label 0 erases.
pub fn paint(map: &LabelMap, region: &Region, label: u16) -> Vec<SliceDelta> {
    let mut deltas = Vec::new();
    for (k, runs) in region.slices().filter(|(k, _)| *k < map.grid().size()[2]) {
        let mut changes = Changes::default();
        for [start, length] in runs {
            pieces(map.slice(k), start, start + length, |from, to, old| {
                changes.push_run(from, to, old, label);
            });
        }
        deltas.extend(changes.finish(k));
    }
    deltas
}
