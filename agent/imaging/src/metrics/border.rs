//! Distances between the border voxels of two masks: the definition of MONAI, MetricsReloaded and medpy.
//!
//! Our own numbers weigh surface by its area (`surface.rs`). These are for comparison with numbers that other tools
//! gave: they count each border voxel once, however much surface it has, so that they depend on the spacing, and one
//! voxel of a thin object is border from both sides. On one pair of boxes with voxels of 3 by 0.75 by 0.75 mm, NSD
//! at 1 mm is 0.29 by border voxels and 0.43 by area.

use super::Undefined;
use super::bits::Bits;
use super::nearest::nearest_mm;
use super::surface::around;
use crate::mask::LabelMap;
use crate::measure::bounds;

/// For each border voxel of two masks the distance to the nearest of the other mask, in millimetres, nearest first.
/// A border voxel shares a face with one that is not marked; beyond the edge of the grid nothing is marked.
#[derive(Debug, Clone, PartialEq)]
pub struct BorderDistances {
    reference: Vec<f64>,
    candidate: Vec<f64>,
}

impl BorderDistances {
    /// The distances from the reference's border voxels, nearest first, and from the candidate's.
    pub fn directed_mm(&self) -> [&[f64]; 2] {
        [&self.reference, &self.candidate]
    }

    /// The percentile of the distances from the reference's border and from the candidate's, by linear interpolation
    /// between ranks, in millimetres. 100 gives the directed Hausdorff distances.
    pub fn directed_hausdorff_mm(&self, percent: f64) -> [f64; 2] {
        [&self.reference, &self.candidate].map(|distances| percentile(distances, percent))
    }

    /// The larger of both directions.
    pub fn hausdorff_mm(&self, percent: f64) -> f64 {
        let [there, back] = self.directed_hausdorff_mm(percent);
        there.max(back)
    }

    /// The share of all border voxels that lie within a tolerance in millimetres of the other border.
    pub fn within(&self, tolerance_mm: f64) -> f64 {
        let near = |distances: &[f64]| distances.partition_point(|&distance| distance <= tolerance_mm);
        let all = self.reference.len() + self.candidate.len();
        (near(&self.reference) + near(&self.candidate)) as f64 / all as f64
    }

    /// Average symmetric distance over the border voxels of both, in millimetres.
    pub fn average_mm(&self) -> f64 {
        let sum: f64 = self.reference.iter().chain(&self.candidate).sum();
        sum / (self.reference.len() + self.candidate.len()) as f64
    }

    /// The mean of the mean distances in both directions, in millimetres.
    pub fn mean_average_mm(&self) -> f64 {
        let mean = |distances: &[f64]| distances.iter().sum::<f64>() / distances.len() as f64;
        (mean(&self.reference) + mean(&self.candidate)) / 2.0
    }
}

/// As numpy's percentile: the place between the two nearest ranks.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let at = last as f64 * (percent / 100.0).clamp(0.0, 1.0);
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * at.fract()
}

pub(super) fn distances(
    reference: &LabelMap,
    candidate: &LabelMap,
    label: u16,
) -> Result<BorderDistances, Undefined> {
    let (lower, upper) = around(bounds(reference, label), bounds(candidate, label))?;
    let [i_mm, j_mm, k_mm] = reference.grid().spacing_mm();
    let of = |map: &LabelMap| border(&Bits::of_label(map, label, lower, upper));
    let borders = [of(reference), of(candidate)];
    let from = |one: &Bits, other: &Bits| {
        let mut found = nearest_mm(other, &one.places(), [k_mm, j_mm, i_mm]);
        found.sort_unstable_by(f64::total_cmp);
        found
    };
    Ok(BorderDistances {
        reference: from(&borders[0], &borders[1]),
        candidate: from(&borders[1], &borders[0]),
    })
}

/// The marked voxels of which one of the six neighbours is not marked. The outermost voxels are not marked.
fn border(voxels: &Bits) -> Bits {
    let mut border = Bits::new(voxels.size);
    for k in 1..voxels.size[0] - 1 {
        for j in 1..voxels.size[1] - 1 {
            let row = voxels.row(k, j);
            let beside =
                [voxels.row(k - 1, j), voxels.row(k + 1, j), voxels.row(k, j - 1), voxels.row(k, j + 1)];
            for (word, out) in border.row_mut(k, j).iter_mut().enumerate() {
                let along = Bits::next(row, word) & Bits::previous(row, word);
                let inner = beside.iter().fold(along, |inner, row| inner & row[word]);
                *out = row[word] & !inner;
            }
        }
    }
    border
}
