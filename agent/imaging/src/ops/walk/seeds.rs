//! What is known before the walk.

use super::super::block::Block;
use super::super::progress::{Cancelled, Pace};
use super::WalkPrompt;
use super::image::{Image, half_place, half_size};

/// How many standard deviations a value may be from the middle of the positive seeds and be like them. Of
/// a whole side of a box hardly one voxel is beyond by chance, and one would do harm.
const ALIKE: f32 = 8.0;

/// The standard deviation of a normal distribution, over its median deviation from the median.
const NORMAL: f32 = 1.4826;

/// What is known of a voxel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seed {
    Unknown,
    Positive,
    Negative,
    /// Both were said of it.
    Disputed,
}

/// What is known of each voxel of a box.
#[derive(Debug, Clone)]
pub(super) struct Seeds(pub(super) Vec<Seed>);

impl Seeds {
    /// `None` when there is no positive place in the box and the box was not given either.
    pub(super) fn new(
        block: &Block,
        prompt: &WalkPrompt,
        image: &Image,
        pace: &Pace<'_>,
    ) -> Result<Option<Self>, Cancelled> {
        let mut seeds = Self(vec![Seed::Unknown; block.voxels()]);
        block.each_of(&prompt.positive, |from, to| seeds.0[from..to].fill(Seed::Positive));
        if !seeds.0.contains(&Seed::Positive) {
            if prompt.inside.is_none() {
                return Ok(None);
            }
            seeds.sow_middle(block.size);
        }
        let alike = match prompt.inside {
            Some(_) => None,
            None => seeds.values_alike(image, pace)?,
        };
        block.each_of(&prompt.negative, |from, to| seeds.0[from..to].iter_mut().for_each(Seed::deny));
        let beyond = [0, 1, 2].map(|axis| {
            let (lower, upper) = (block.inside.lower()[axis], block.inside.upper()[axis]);
            [lower > 0, upper + 1 < block.grid.size()[axis]]
        });
        let unlike = |at: usize| alike.is_none_or(|[low, high]| !(low..=high).contains(&image.values[at]));
        seeds.sow_rim(block.size, beyond, unlike);
        if !seeds.0.contains(&Seed::Negative) {
            seeds.sow_rim(block.size, [[true; 2]; 3], |_| true);
        }
        // A voxel in dispute is as unknown as any other.
        for seed in seeds.0.iter_mut().filter(|seed| **seed == Seed::Disputed) {
            *seed = Seed::Unknown;
        }
        Ok(Some(seeds))
    }

    /// The lowest and the highest value that are like those of the positive seeds.
    fn values_alike(&self, image: &Image, pace: &Pace<'_>) -> Result<Option<[f32; 2]>, Cancelled> {
        let seeds = self.0.iter().zip(&image.values).filter(|(seed, _)| **seed == Seed::Positive);
        let mut values: Vec<f32> = seeds.map(|(_, &value)| value).collect();
        let Some(middle) = median(&mut values) else { return Ok(None) };
        let mut apart: Vec<f32> = values.iter().map(|value| (value - middle).abs()).collect();
        let spread = NORMAL * median(&mut apart).unwrap_or(0.0);
        let usual = image.usual_square(pace)?.map_or(0.0, |usual| usual.sqrt() as f32);
        let reach = ALIKE * spread.max(usual);
        Ok(Some([middle - reach, middle + reach]))
    }

    /// The ellipsoid in the middle, a fifth as long as the box is; at least one voxel.
    fn sow_middle(&mut self, size: [usize; 3]) {
        let from_middle = |axis: usize, at: usize| {
            // Half a voxel is the least, so that the middle voxel is always part of it.
            let radius = (size[axis] as f64 / 10.0).max(0.5);
            (at as f64 - (size[axis] as f64 - 1.0) / 2.0) / radius
        };
        let middle = size.map(|length| (length - 1) / 2);
        for (at, seed) in self.0.iter_mut().enumerate() {
            let place = [at % size[0], at / size[0] % size[1], at / (size[0] * size[1])];
            let square: f64 = (0..3).map(|axis| from_middle(axis, place[axis]).powi(2)).sum();
            if square <= 1.0 || place == middle {
                *seed = Seed::Positive;
            }
        }
    }

    /// Makes the unknown voxels of the outermost layer negative: on the sides, lower and upper along each
    /// axis, that are `rim`, along axes with at least three voxels, where `is` says so.
    fn sow_rim(&mut self, size: [usize; 3], rim: [[bool; 2]; 3], is: impl Fn(usize) -> bool) {
        for (at, seed) in self.0.iter_mut().enumerate().filter(|(_, seed)| **seed == Seed::Unknown) {
            let place = [at % size[0], at / size[0] % size[1], at / (size[0] * size[1])];
            let on_rim = |axis: usize| {
                let [low, high] = rim[axis];
                size[axis] >= 3 && (low && place[axis] == 0 || high && place[axis] + 1 == size[axis])
            };
            if (0..3).any(on_rim) && is(at) {
                *seed = Seed::Negative;
            }
        }
    }

    /// What is known of the blocks of voxels that become one. Of a block with both kinds nothing is
    /// known, unless one kind would have no voxel left.
    pub(super) fn halved(&self, image: &Image, axes: [bool; 3], pace: &Pace<'_>) -> Result<Self, Cancelled> {
        let size = half_size(image.size, axes);
        let mut halved = vec![Seed::Unknown; size[0] * size[1] * size[2]];
        for (at, &seed) in self.0.iter().enumerate() {
            pace.glance(at)?;
            halved[half_place(image.place(at), axes, size)].hear(seed);
        }
        let kinds = [Seed::Positive, Seed::Negative];
        let lost = kinds.into_iter().find(|kind| self.0.contains(kind) && !halved.contains(kind));
        for seed in halved.iter_mut().filter(|seed| **seed == Seed::Disputed) {
            *seed = lost.unwrap_or(Seed::Unknown);
        }
        Ok(Self(halved))
    }
}

impl Seed {
    /// Hears that the voxel is negative.
    fn deny(&mut self) {
        self.hear(Self::Negative);
    }

    fn hear(&mut self, other: Self) {
        *self = match (*self, other) {
            (own, Self::Unknown) => own,
            (Self::Unknown, other) => other,
            (own, other) if own == other => own,
            _ => Self::Disputed,
        };
    }

    /// The probability that is known.
    pub(super) const fn probability(self) -> Option<f32> {
        match self {
            Self::Positive => Some(1.0),
            Self::Negative => Some(0.0),
            Self::Unknown | Self::Disputed => None,
        }
    }
}

fn median(values: &mut [f32]) -> Option<f32> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f32::total_cmp).1)
}
