//! Region growing from seeds through values that are alike, with two gates against leaks.

use super::Over;
use super::ball::Ball;
use super::bits::Bits;
use super::block::Block;
use super::flood::{Touch, flood};
use super::progress::{Cancelled, Pace, Progress};
use super::region::{Region, VoxelBox};
use super::sphere::sphere;
use super::values::{Spread, in_range};
use crate::mask::{LabelMap, SliceDelta};
use crate::volume::Volume;

/// The most voxels of a box: 512 × 512 × 1024.
pub const REGION_MOST_VOXELS: u64 = 1 << 28;
/// The most rounds of [`GrowRange::Confidence`].
pub const REGION_MOST_ROUNDS: u32 = 20;
/// The widest gate, in voxels along any axis.
pub const REGION_MOST_GATE: usize = 40;

/// Which values belong to the region.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GrowRange {
    /// Those of a closed range.
    Fixed {
        /// The lowest value.
        lower: f64,
        /// The highest value.
        upper: f64,
    },
    /// Those within some standard deviations of a mean, as in ITK's ConfidenceConnected: first of the voxels around
    /// the seeds, then of what was reached, some times over. The range is widened to hold the values of the seeds.
    Confidence {
        /// How many standard deviations on each side; at least 0.
        deviations: f64,
        /// How far around the seeds the first mean is taken, in millimetres; at least 0.
        around_mm: f64,
        /// How many times the range is taken anew.
        rounds: u32,
    },
}

/// A region to be grown.
#[derive(Debug, Clone, PartialEq)]
pub struct RegionGrow {
    /// Where it begins.
    pub seeds: Region,
    /// Which values belong to it.
    pub range: GrowRange,
    /// Nothing leads through a passage that a ball of this radius in millimetres does not fit through; 0 for none.
    pub gate_mm: f64,
    /// The least share of the box around it that it fills, 0 to 1; 0 asks nothing. A ball fills 0.52, what has leaked
    /// fills little.
    pub compactness: f64,
    /// The box that it stays in; the whole volume without one.
    pub inside: Option<VoxelBox>,
    /// The label that it gets.
    pub label: u16,
}

/// Why no region was grown.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RegionGrowRefusal {
    /// Volume, map and seeds are not on one grid.
    #[error("volume, labels and seeds are not on one grid")]
    GridMismatch,
    /// There is no seed in the box that has a value.
    #[error("there is no seed in the box that has a value")]
    NoSeeds,
    /// A number is out of its range or not a number.
    #[error("{what} is out of its range or not a number")]
    Number {
        /// What it is.
        what: &'static str,
    },
    /// The label is 0, which is no label.
    #[error("the label is 0, which is no label")]
    Label,
    /// No value of a seed is in the range, or no seed is near a place that the gate fits in.
    #[error(
        "nothing is reached from the seeds: their values are out of range, or the gate is too wide there"
    )]
    Nothing,
    /// The region fills less of the box around it than it must.
    #[error("the region has leaked: it fills {share:.3} of the box around it")]
    Leaked {
        /// The share that it fills.
        share: f64,
    },
    /// The box has more than [`REGION_MOST_VOXELS`].
    #[error("the box has {voxels} voxels; {REGION_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels of the box.
        voxels: u64,
    },
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for RegionGrowRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Gives a label to the voxels that are reached from seeds, from face to face, over values of a range.
///
/// With a gate of g mm the way leads only over voxels whose ball of radius g has values of the range throughout, as
/// far as it lies in the box; it begins at those within g of a seed, and the region is all that the balls of the way
/// cover. So a leak through a passage thinner than the ball is closed. The region is refused as leaked when it is
/// less compact than asked. The label is given over every other; [`super::Policy`] says which may be written over.
/// Memory: up to five bits for each voxel of the box.
///
/// # Errors
/// [`RegionGrowRefusal`] says why.
pub fn region_grow(
    volume: &Volume,
    map: &LabelMap,
    grow: &RegionGrow,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, RegionGrowRefusal> {
    let grid = map.grid();
    if !volume.grid().same_as(grid) || grow.seeds.grid_size() != grid.size() {
        return Err(RegionGrowRefusal::GridMismatch);
    }
    let gate = checked(grow, grid.spacing_mm())?;
    let inside = grow.inside.unwrap_or_else(|| VoxelBox::whole(grid));
    if inside.voxels() > REGION_MOST_VOXELS {
        return Err(RegionGrowRefusal::TooLarge { voxels: inside.voxels() });
    }
    let block = Block::new(grid, inside);
    let mut seeds = Bits::none(block.size);
    block.each_of(&grow.seeds, |from, to| seeds.set(from / block.size[0], from % block.size[0], to - from));
    let bench = Bench { block: &block, volume, seeds, gate };
    let rounds = match grow.range {
        GrowRange::Fixed { .. } => 1,
        GrowRange::Confidence { rounds, .. } => rounds + 1,
    };
    let mut range = bench.first_range(&grow.range, &grow.seeds)?;
    let mut found = Bits::none(block.size);
    for round in 0..rounds {
        let stage = [round, round + 1].map(|at| f64::from(at) / f64::from(rounds));
        found = bench.reached(range, progress, stage)?;
        if let (GrowRange::Confidence { deviations, .. }, true) = (grow.range, round + 1 < rounds) {
            range = bench.range_of(&found, deviations)?;
        }
    }
    if found.is_empty() {
        return Err(RegionGrowRefusal::Nothing);
    }
    let share = found.count() as f64 / box_around(&found);
    if share < grow.compactness {
        return Err(RegionGrowRefusal::Leaked { share });
    }
    Ok(found.changes(&block, map, progress, |old, found| {
        if found && Over::Everything.allows(old, grow.label) { grow.label } else { old }
    })?)
}

/// The gate, if there is one, and whether the numbers can be used.
fn checked(grow: &RegionGrow, spacing_mm: [f64; 3]) -> Result<Option<Ball>, RegionGrowRefusal> {
    let number = |what| Err(RegionGrowRefusal::Number { what });
    if grow.label == 0 {
        return Err(RegionGrowRefusal::Label);
    }
    if !(0.0..=1.0).contains(&grow.compactness) {
        return number("the compactness");
    }
    // A comparison with a NaN is false.
    match grow.range {
        GrowRange::Fixed { lower, upper } if lower <= upper => {}
        GrowRange::Fixed { .. } => return number("the range of values"),
        GrowRange::Confidence { deviations, around_mm, rounds } => {
            if !(deviations >= 0.0 && deviations.is_finite()) {
                return number("the number of standard deviations");
            }
            let reach = spacing_mm.map(|mm| around_mm / mm);
            if !(around_mm >= 0.0 && reach.iter().all(|&voxels| voxels <= REGION_MOST_GATE as f64)) {
                return number("the radius around the seeds");
            }
            if rounds > REGION_MOST_ROUNDS {
                return number("the number of rounds");
            }
        }
    }
    if grow.gate_mm == 0.0 {
        return Ok(None);
    }
    let gate = Ball::new(spacing_mm, grow.gate_mm, REGION_MOST_GATE);
    gate.map(Some).ok_or(RegionGrowRefusal::Number { what: "the gate" })
}

/// What a region grows on.
struct Bench<'a> {
    block: &'a Block,
    volume: &'a Volume,
    seeds: Bits,
    gate: Option<Ball>,
}

impl Bench<'_> {
    fn first_range(&self, range: &GrowRange, seeds: &Region) -> Result<[f64; 2], RegionGrowRefusal> {
        match *range {
            GrowRange::Fixed { lower, upper } => Ok([lower, upper]),
            GrowRange::Confidence { deviations, around_mm, .. } => {
                let columns = self.block.grid.size()[0];
                let mut around = Bits::none(self.block.size);
                seeds.each(|k, start, end| {
                    for at in start..end {
                        let centre = [at % columns, at / columns, k].map(f64::from);
                        let near = sphere(&self.block.grid, centre, around_mm);
                        self.block.each_of(&near, |from, to| {
                            around.set(from / self.block.size[0], from % self.block.size[0], to - from);
                        });
                    }
                });
                self.range_of(&around, deviations)
            }
        }
    }

    /// Some standard deviations around the mean of a set, widened to hold the seeds.
    fn range_of(&self, set: &Bits, deviations: f64) -> Result<[f64; 2], RegionGrowRefusal> {
        let mut spread = Spread::default();
        self.each_value(set, |value| spread.add(value));
        let [mean, deviation] = spread.mean_and_deviation().ok_or(RegionGrowRefusal::NoSeeds)?;
        let mut range = [mean - deviations * deviation, mean + deviations * deviation];
        self.each_value(&self.seeds, |value| range = [range[0].min(value), range[1].max(value)]);
        Ok(range)
    }

    /// Calls `each` for the finite values of a set.
    fn each_value(&self, set: &Bits, mut each: impl FnMut(f64)) {
        for (row, start) in self.block.row_starts().enumerate() {
            set.stretches(row, [0, self.block.size[0]], true, |from, to| {
                let values = (start + from..start + to).filter_map(|at| self.volume.voxels().value(at));
                values.filter(|value| value.is_finite()).for_each(&mut each);
            });
        }
    }

    /// What is reached from the seeds over values of a range.
    fn reached(
        &self,
        range: [f64; 2],
        progress: &dyn Progress,
        [begin, end]: [f64; 2],
    ) -> Result<Bits, Cancelled> {
        let part = |from: f64, to: f64| [begin + from * (end - begin), begin + to * (end - begin)];
        let voxels = self.block.voxels() as u64;
        let mut pace = Pace::new(progress, part(0.0, 0.3), voxels / 4);
        let inside = in_range(self.block, self.volume, range, &mut pace)?;
        let rows = inside.row_count() as u64;
        let Some(gate) = &self.gate else {
            let mut pace = Pace::new(progress, part(0.3, 1.0), rows * 8);
            return flood(&inside, stretches(&self.seeds), Touch::Faces, &mut pace);
        };
        let pace = |from, to| Pace::new(progress, part(from, to), gate.steps(self.block.size));
        let way = gate.erode(&inside, &mut pace(0.3, 0.6))?;
        let begin = gate.dilate(&self.seeds, &mut pace(0.6, 0.65))?;
        let mut begin_on_way = begin;
        begin_on_way.keep(&way);
        let mut flooding = Pace::new(progress, part(0.65, 0.8), rows * 8);
        // Only stretches of the way that hold a voxel of the beginning count.
        let way = flood(&way, stretches(&begin_on_way), Touch::Faces, &mut flooding)?;
        gate.dilate(&way, &mut pace(0.8, 1.0))
    }
}

/// All stretches of a set, as seeds.
fn stretches(set: &Bits) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    for row in 0..set.row_count() {
        set.stretches(row, [0, set.size[0]], true, |from, to| found.push((row, from, to)));
    }
    found
}

/// How many voxels the box around a set has.
fn box_around(set: &Bits) -> f64 {
    let (mut lower, mut upper) = ([usize::MAX; 3], [0; 3]);
    for (row, from, to) in stretches(set) {
        let (j, k) = (row % set.size[1], row / set.size[1]);
        for (axis, range) in [[from, to - 1], [j, j], [k, k]].into_iter().enumerate() {
            lower[axis] = lower[axis].min(range[0]);
            upper[axis] = upper[axis].max(range[1]);
        }
    }
    (0..3).map(|axis| (upper[axis] + 1).saturating_sub(lower[axis]) as f64).product()
}
