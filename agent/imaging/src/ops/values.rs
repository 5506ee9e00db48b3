//! Which voxels of a box have values in a range.

use super::bits::Bits;
use super::block::Block;
use super::progress::{Cancelled, Pace};
use crate::volume::{Volume, Voxels};

/// The voxels of a block whose value is finite and lies in a closed range. A colour has no value.
pub(super) fn in_range(
    block: &Block,
    volume: &Volume,
    range: [f64; 2],
    pace: &mut Pace<'_>,
) -> Result<Bits, Cancelled> {
    let mut bits = Bits::none(block.size);
    let width = block.size[0];
    let within = Within::new(volume, range);
    for (row, start) in block.row_starts().enumerate() {
        pace.step(width as u64 / 4)?;
        for (word, from) in bits.row_mut(row).iter_mut().zip((0..width).step_by(WORD)) {
            *word = within.word(start + from, start + width.min(from + WORD));
        }
    }
    Ok(bits)
}

const WORD: usize = 64;

/// Which values lie in a closed range.
pub(super) struct Within<'a> {
    voxels: &'a Voxels,
    range: [f64; 2],
    /// The range in whole numbers; none when there is no whole number in it.
    whole: Option<[i16; 2]>,
}

impl<'a> Within<'a> {
    pub(super) fn new(volume: &'a Volume, range: [f64; 2]) -> Self {
        let [lower, upper] =
            [range[0].ceil().max(f64::from(i16::MIN)), range[1].floor().min(f64::from(i16::MAX))];
        // Both are whole and within 16 bits, if they are in order.
        let whole = (lower <= upper).then_some([lower as i16, upper as i16]);
        Self { voxels: volume.voxels(), range, whole }
    }

    /// Calls `each(from, to)` for the stretches of `from..to`, in storage order, whose values are finite and lie in
    /// the range.
    pub(super) fn each(&self, from: usize, to: usize, mut each: impl FnMut(usize, usize)) {
        for first in (from..to).step_by(WORD) {
            let mut rest = self.word(first, to.min(first + WORD));
            let mut at = first;
            while rest != 0 {
                at += rest.trailing_zeros() as usize;
                rest >>= rest.trailing_zeros();
                let ones = rest.trailing_ones();
                each(at, at + ones as usize);
                at += ones as usize;
                rest = rest.checked_shr(ones).unwrap_or(0);
            }
        }
    }

    /// A bit for each of at most 64 values.
    fn word(&self, from: usize, to: usize) -> u64 {
        let [lower, upper] = self.range;
        match (self.voxels, self.whole) {
            (Voxels::Int16(values), Some([low, high])) => {
                pack(&values[from..to], |&value| value >= low && value <= high)
            }
            (Voxels::Float32(values), _) => pack(&values[from..to], |&value| {
                value.is_finite() && f64::from(value) >= lower && f64::from(value) <= upper
            }),
            (Voxels::Int16(_), None) | (Voxels::Rgb8(_), _) => 0,
        }
    }
}

fn pack<T>(values: &[T], is: impl Fn(&T) -> bool) -> u64 {
    values.iter().rev().fold(0, |word, value| word << 1 | u64::from(is(value)))
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
