//! The values that the walker sees, on one level of the pyramid.

use super::super::progress::{Cancelled, Pace};

/// The share of the range of values that is no difference.
const NO_DIFFERENCE: f32 = 1e-4;

/// A quarter of normally distributed numbers lies within this many standard deviations of the mean.
const QUARTILE: f64 = 0.318_639_363_964_375_2;

/// Values of a box: i fastest, then j, then k.
#[derive(Debug, Clone)]
pub(super) struct Image {
    pub(super) size: [usize; 3],
    pub(super) spacing_mm: [f64; 3],
    pub(super) values: Vec<f32>,
}

impl Image {
    pub(super) const fn strides(&self) -> [usize; 3] {
        [1, self.size[0], self.size[0] * self.size[1]]
    }

    /// The place (i, j, k) of a voxel.
    pub(super) const fn place(&self, at: usize) -> [usize; 3] {
        [at % self.size[0], at / self.size[0] % self.size[1], at / (self.size[0] * self.size[1])]
    }

    /// The square of the difference that neighbours by face usually have: what a normal distribution with
    /// the lower quartile of the differences has as its mean square. Edges of objects are among the
    /// largest differences and have no part in it. `None` when all values are alike.
    ///
    /// Differences below a ten-thousandth of the range are none: such images have parts that were filled
    /// with one value. Looks at some 2¹⁸ voxels, evenly over the image.
    pub(super) fn usual_square(&self, pace: &Pace<'_>) -> Result<Option<f64>, Cancelled> {
        let least = self.values.iter().copied().fold(f32::INFINITY, f32::min);
        let greatest = self.values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let none = (greatest - least) * NO_DIFFERENCE;
        let strides = self.strides();
        let mut found = Vec::new();
        // An odd step does not fall on the same column of every row.
        for at in (0..self.values.len()).step_by((self.values.len() >> 18) | 1) {
            pace.glance(found.len())?;
            let place = self.place(at);
            for axis in (0..3).filter(|&axis| place[axis] + 1 < self.size[axis]) {
                let difference = (self.values[at + strides[axis]] - self.values[at]).abs();
                if difference > none {
                    found.push(difference);
                }
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        let quartile = found.len() / 4;
        let (_, quartile, _) = found.select_nth_unstable_by(quartile, f32::total_cmp);
        Ok(Some((f64::from(*quartile) / QUARTILE).powi(2)))
    }

    /// Which axes are halved on the next level: those whose spacing is not much more than the smallest,
    /// so that voxels become more alike.
    pub(super) fn halved_axes(&self) -> [bool; 3] {
        // An axis of few voxels is left alone.
        let long = |axis: usize| self.size[axis] >= 8;
        let smallest = (0..3).filter(|&axis| long(axis)).map(|axis| self.spacing_mm[axis]);
        let smallest = smallest.fold(f64::INFINITY, f64::min);
        [0, 1, 2].map(|axis| long(axis) && self.spacing_mm[axis] < 1.5 * smallest)
    }

    /// The mean of each block of voxels that becomes one.
    pub(super) fn halved(&self, axes: [bool; 3], pace: &Pace<'_>) -> Result<Self, Cancelled> {
        let size = half_size(self.size, axes);
        let mut sums = vec![0.0_f32; size[0] * size[1] * size[2]];
        let mut counts = vec![0_u8; sums.len()];
        for (at, &value) in self.values.iter().enumerate() {
            pace.glance(at)?;
            let to = half_place(self.place(at), axes, size);
            sums[to] += value;
            counts[to] += 1;
        }
        let values = sums.iter().zip(&counts).map(|(sum, &count)| sum / f32::from(count)).collect();
        let spacing_mm = [0, 1, 2].map(|axis| self.spacing_mm[axis] * if axes[axis] { 2.0 } else { 1.0 });
        Ok(Self { size, spacing_mm, values })
    }
}

pub(super) fn half_size(size: [usize; 3], axes: [bool; 3]) -> [usize; 3] {
    [0, 1, 2].map(|axis| if axes[axis] { size[axis].div_ceil(2) } else { size[axis] })
}

/// Where a voxel goes on the next level.
pub(super) fn half_place(place: [usize; 3], axes: [bool; 3], size: [usize; 3]) -> usize {
    let [i, j, k] = [0, 1, 2].map(|axis| if axes[axis] { place[axis] / 2 } else { place[axis] });
    (k * size[1] + j) * size[0] + i
}
