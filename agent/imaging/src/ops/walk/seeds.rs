//! What is known before the walk.

use super::super::block::Block;
use super::super::progress::{Cancelled, Pace};
use super::WalkPrompt;
use super::image::{Image, half_place, half_size};
use crate::geometry::Grid;

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
    pub(super) fn new(block: &Block, grid: &Grid, prompt: &WalkPrompt) -> Option<Self> {
        let mut seeds = Self(vec![Seed::Unknown; block.voxels()]);
        block.each_of(&prompt.positive, |from, to| seeds.0[from..to].fill(Seed::Positive));
        if !seeds.0.contains(&Seed::Positive) {
            prompt.inside?;
            seeds.sow_middle(block.size);
        }
        block.each_of(&prompt.negative, |from, to| seeds.0[from..to].iter_mut().for_each(Seed::deny));
        seeds.sow_rim(block, grid);
        // A voxel in dispute is as unknown as any other.
        for seed in seeds.0.iter_mut().filter(|seed| **seed == Seed::Disputed) {
            *seed = Seed::Unknown;
        }
        Some(seeds)
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

    /// The rim: sides of the box that are not the end of the volume, or all when nothing else is negative.
    fn sow_rim(&mut self, block: &Block, grid: &Grid) {
        let (lower, upper) = (block.inside.lower(), block.inside.upper());
        let wide = |axis: usize| block.size[axis] >= 3;
        let mut low = [0, 1, 2].map(|axis| wide(axis) && lower[axis] > 0);
        let mut high = [0, 1, 2].map(|axis| wide(axis) && upper[axis] + 1 < grid.size()[axis]);
        if low == [false; 3] && high == [false; 3] && !self.0.contains(&Seed::Negative) {
            low = [0, 1, 2].map(wide);
            high = low;
        }
        let size = block.size;
        for (at, seed) in self.0.iter_mut().enumerate().filter(|(_, seed)| **seed == Seed::Unknown) {
            let place = [at % size[0], at / size[0] % size[1], at / (size[0] * size[1])];
            let on_rim =
                |axis: usize| low[axis] && place[axis] == 0 || high[axis] && place[axis] + 1 == size[axis];
            if (0..3).any(on_rim) {
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
