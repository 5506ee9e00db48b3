//! Which voxels of a box have values in a range.

use super::bits::Bits;
use super::block::Block;
use super::progress::{Cancelled, Pace};
use crate::volume::{Volume, Voxels};

/// The voxels of a block whose value is finite and lies in a closed range. A colour has no value.
pub(super) fn in_range(
    block: &Block,
    volume: &Volume,
    [lower, upper]: [f64; 2],
    pace: &mut Pace<'_>,
) -> Result<Bits, Cancelled> {
    let mut bits = Bits::none(block.size);
    let width = block.size[0];
    // Of whole numbers, in their own arithmetic: casts from float saturate, so that the ends stay what they are.
    let ends = [lower.ceil().max(f64::from(i16::MIN)), upper.floor().min(f64::from(i16::MAX))];
    let none = ends[0] > ends[1];
    let [low, high] = ends.map(|end| end as i16);
    for (row, start) in block.row_starts().enumerate() {
        pace.step(width as u64 / 4)?;
        let row = bits.row_mut(row);
        match volume.voxels() {
            Voxels::Int16(values) if !none => {
                pack(row, &values[start..start + width], |&value| value >= low && value <= high);
            }
            Voxels::Float32(values) => pack(row, &values[start..start + width], |&value| {
                let value = f64::from(value);
                value.is_finite() && value >= lower && value <= upper
            }),
            Voxels::Int16(_) | Voxels::Rgb8(_) => {}
        }
    }
    Ok(bits)
}

fn pack<T>(row: &mut [u64], values: &[T], is: impl Fn(&T) -> bool) {
    for (word, values) in row.iter_mut().zip(values.chunks(64)) {
        *word = values.iter().rev().fold(0, |word, value| word << 1 | u64::from(is(value)));
    }
}

/// How many values there are, their mean and their standard deviation (of a sample, with n - 1; 0 for one).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Spread {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Spread {
    /// Takes a value into account (Welford, Technometrics 4 (1962) 419).
    pub(super) fn add(&mut self, value: f64) {
        self.count += 1.0;
        let from = value - self.mean;
        self.mean += from / self.count;
        self.squares += from * (value - self.mean);
    }

    /// The mean and the standard deviation; none of nothing.
    pub(super) fn mean_and_deviation(&self) -> Option<[f64; 2]> {
        let squares = if self.count > 1.0 { self.squares / (self.count - 1.0) } else { 0.0 };
        (self.count > 0.0).then_some([self.mean, squares.sqrt()])
    }
}
