//! Gaussian averages of a label.

use super::super::block::Block;
use super::super::progress::{Cancelled, Pace};

/// The standard deviation as a share of the radius, and where the weights end in standard deviations.
const DEVIATION: f64 = 0.5;
const CUT: f64 = 3.0;

/// Multiplications that take as long as a step of [`Pace`].
const MULTIPLICATIONS: u64 = 32;

/// The weights along each axis, for distances of 0, 1, … voxels.
#[derive(Debug)]
pub(super) struct Gaussian {
    weights: [Vec<f32>; 3],
}

impl Gaussian {
    pub(super) fn new(spacing_mm: [f64; 3], radius_mm: f64) -> Self {
        let deviation_mm = radius_mm * DEVIATION;
        let weights = spacing_mm.map(|mm| {
            // The cut keeps whole voxels only.
            let last = (CUT * deviation_mm / mm).floor() as usize;
            (0..=last).map(|at| (-0.5 * (at as f64 * mm / deviation_mm).powi(2)).exp() as f32).collect()
        });
        Self { weights }
    }

    /// Voxels that it reaches over along (i, j, k).
    pub(super) fn reach(&self) -> [usize; 3] {
        self.weights.each_ref().map(|weights| weights.len() - 1)
    }

    /// Steps that [`Self::average`] takes at most.
    pub(super) fn steps(&self, block: &Block) -> u64 {
        let multiplications = |axis: usize| 2 * self.weights[axis].len() as u64;
        let of_voxel = multiplications(0) + multiplications(1) + multiplications(2);
        block.voxels() as u64 * of_voxel / MULTIPLICATIONS + 1
    }

    /// Calls `each(k, averages)` for the planes of a block, in order. Nothing is marked outside the
    /// block; voxels outside the grid have no part. Memory: 4 bytes a voxel.
    pub(super) fn average(
        &self,
        block: &Block,
        marked: &[bool],
        pace: &mut Pace<'_>,
        mut each: impl FnMut(usize, &[f32]),
    ) -> Result<(), Cancelled> {
        let [width, height, depth] = block.size;
        let plane = block.plane();
        let shares: [Vec<f32>; 3] = [0, 1, 2].map(|axis| self.shares(block, axis));
        let mut planes = vec![0.0; block.voxels()];
        let mut filled = vec![false; depth];
        for k in 0..depth {
            let marked = &marked[k * plane..(k + 1) * plane];
            filled[k] = marked.contains(&true);
            if filled[k] {
                self.average_plane([width, height], marked, &mut planes[k * plane..(k + 1) * plane], pace)?;
            }
        }
        let mut sum = vec![0.0; plane];
        for k in 0..depth {
            pace.step(plane as u64 * 2 * self.weights[2].len() as u64 / MULTIPLICATIONS)?;
            sum.fill(0.0);
            for (from, weight) in around(&self.weights[2], k, depth).filter(|(from, _)| filled[*from]) {
                add(&planes[from * plane..(from + 1) * plane], weight, &mut sum);
            }
            for (row, values) in sum.chunks_exact_mut(width).enumerate() {
                let share = shares[1][row] * shares[2][k];
                for (value, along) in values.iter_mut().zip(&shares[0]) {
                    *value /= share * along;
                }
            }
            each(k, &sum);
        }
        Ok(())
    }

    /// Weighted sums along i and j of one plane.
    fn average_plane(
        &self,
        [width, height]: [usize; 2],
        marked: &[bool],
        plane: &mut [f32],
        pace: &mut Pace<'_>,
    ) -> Result<(), Cancelled> {
        let mut rows = vec![0.0; width * height];
        let mut filled = vec![false; height];
        let reach = self.weights[0].len() - 1;
        let mut padded = vec![0.0; width + 2 * reach];
        for j in 0..height {
            let marked = &marked[j * width..(j + 1) * width];
            filled[j] = marked.contains(&true);
            if !filled[j] {
                continue;
            }
            for (value, &marked) in padded[reach..].iter_mut().zip(marked) {
                *value = f32::from(u8::from(marked));
            }
            let row = &mut rows[j * width..(j + 1) * width];
            for (at, &weight) in self.weights[0].iter().enumerate() {
                add(&padded[reach + at..], weight, row);
                if at > 0 {
                    add(&padded[reach - at..], weight, row);
                }
            }
        }
        for (j, out) in plane.chunks_exact_mut(width).enumerate() {
            let weights = self.weights[0].len() + self.weights[1].len();
            pace.step((2 * width * weights) as u64 / MULTIPLICATIONS)?;
            for (from, weight) in around(&self.weights[1], j, height).filter(|(from, _)| filled[*from]) {
                add(&rows[from * width..(from + 1) * width], weight, out);
            }
        }
        Ok(())
    }

    /// The sum of the weights of the voxels of the grid around each place of the block along an axis.
    fn shares(&self, block: &Block, axis: usize) -> Vec<f32> {
        let lower = block.inside.lower()[axis] as usize;
        let length = block.grid.size()[axis] as usize;
        let places = lower..lower + block.size[axis];
        places.map(|at| around(&self.weights[axis], at, length).map(|(_, weight)| weight).sum()).collect()
    }
}

/// The places around one of an axis of `length`, with their weights.
fn around(weights: &[f32], at: usize, length: usize) -> impl Iterator<Item = (usize, f32)> {
    let reach = weights.len() - 1;
    (at.saturating_sub(reach)..(at + reach + 1).min(length))
        .map(move |from| (from, weights[at.abs_diff(from)]))
}

fn add(from: &[f32], weight: f32, to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += weight * from;
    }
}
