//! The largest distance between two voxel centres of a label.
//!
//! Only corners of the convex hull can be the two farthest voxels, and a corner of the hull is one of
//! the hull of every plane through it. So the planes of all three directions thin the voxels out, in
//! whole numbers, before any distance is measured.

use super::parts::Rows;
use crate::geometry::{Grid, VoxelIndex, dot, scale, subtract};

/// A voxel, (i, j, k).
type Voxel = [i32; 3];

/// The largest distance, in millimetres; 0 for one voxel.
pub(super) fn largest_mm(grid: &Grid, rows: &Rows) -> f64 {
    let mut voxels = ends(rows);
    for axis in [2, 1, 0] {
        voxels = corners(voxels, axis);
    }
    let place = |voxel: &Voxel| grid.to_patient(VoxelIndex(voxel.map(f64::from))).0;
    farthest(voxels.iter().map(place).collect())
}

/// The corners of the convex hull of some voxels (i, j) of one slice, in the order in which they lie around it.
pub(super) fn slice_hull(voxels: Vec<[u32; 2]>) -> Vec<[u32; 2]> {
    // An axis has fewer than 65,536 voxels.
    let flat = voxels.into_iter().map(|[i, j]| [i as i32, j as i32, 0]).collect();
    corners(flat, 2).into_iter().map(|[i, j, _]| [i as u32, j as u32]).collect()
}

/// First and last voxel of every row.
fn ends(rows: &Rows) -> Vec<Voxel> {
    let mut voxels = Vec::new();
    for number in 0..rows.count() {
        if let [first, .., last] | [first @ last] = rows.row(number) {
            let j = rows.first[0] as i32 + (number % rows.height) as i32;
            let k = rows.first[1] as i32 + (number / rows.height) as i32;
            // An axis has fewer than 65,536 voxels.
            voxels.push([first.from as i32, j, k]);
            if last.to != first.from {
                voxels.push([last.to as i32, j, k]);
            }
        }
    }
    voxels
}

/// The voxels that are corners of the convex hull of their plane across `axis`.
fn corners(mut voxels: Vec<Voxel>, axis: usize) -> Vec<Voxel> {
    let (a, b) = ((axis + 1) % 3, (axis + 2) % 3);
    voxels.sort_unstable_by_key(|voxel| (voxel[axis], voxel[a], voxel[b]));
    voxels.dedup();
    let turn = |o: &Voxel, p: &Voxel, q: &Voxel| {
        let part = |from: i32, to: i32| i64::from(to) - i64::from(from);
        part(o[a], p[a]) * part(o[b], q[b]) - part(o[b], p[b]) * part(o[a], q[a])
    };
    let mut kept = Vec::new();
    for plane in voxels.chunk_by(|first, second| first[axis] == second[axis]) {
        let mut half = |plane: &mut dyn Iterator<Item = &Voxel>| {
            let begin = kept.len();
            for voxel in plane {
                while kept.len() >= begin + 2
                    && turn(&kept[kept.len() - 2], &kept[kept.len() - 1], voxel) <= 0
                {
                    kept.pop();
                }
                kept.push(*voxel);
            }
            // The last one begins the other half.
            kept.pop();
        };
        if let [only] = plane {
            kept.push(*only);
        } else {
            half(&mut plane.iter());
            half(&mut plane.iter().rev());
        }
    }
    kept
}

/// The largest distance of two places.
fn farthest(places: Vec<[f64; 3]>) -> f64 {
    let count = places.len() as f64;
    let sum = places.iter().fold([0.0; 3], |sum, place| [0, 1, 2].map(|axis| sum[axis] + place[axis]));
    let middle = scale(sum, 1.0 / count.max(1.0));
    let squared = |a: [f64; 3], b: [f64; 3]| dot(subtract(a, b), subtract(a, b));
    let mut places: Vec<(f64, [f64; 3])> =
        places.into_iter().map(|place| (squared(place, middle).sqrt(), place)).collect();
    places.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut best = 0.0_f64;
    for (number, (radius, place)) in places.iter().enumerate() {
        // Two places are at most as far apart as both are from the middle. Farther ones were looked at.
        let reach = best.sqrt() * (1.0 - 1e-9);
        let others = places[number + 1..].iter().take_while(|(other, _)| radius + other >= reach);
        best = others.fold(best, |best, (_, other)| best.max(squared(*place, *other)));
    }
    best.sqrt()
}
