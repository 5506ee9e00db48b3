//! Grow from seeds: GrowCut, as shortest paths.
//!
//! In GrowCut (Vezhnevets and Konouchine, GraphiCon 2005) a labelled voxel q conquers its neighbour p
//! when its strength times g = 1 - |I(p) - I(q)| / (greatest - least value of the box) is more than the
//! strength of p; seeds have strength 1. What the automaton settles on is, for each voxel, the label of
//! the seed with the greatest product of g along a path, that is the shortest path with lengths -ln g.
//! One run of Dijkstra's algorithm from all seeds at once finds it (Zhu, Kolesov, Gao, Kikinis,
//! Tannenbaum, An effective interactive medical image segmentation method using fast GrowCut, MICCAI IMIC
//! 2014). Voxels neighbour each other by face (the von Neumann neighbourhood), so that nothing slips through
//! a wall that is one voxel thin and oblique.

use super::block::{Block, labels_in_order};
use super::progress::{Cancelled, Pace, Progress};
use super::queue::CostQueue;
use super::region::{Region, VoxelBox};
use crate::mask::{LabelMap, SliceDelta};
use crate::volume::Volume;

/// The most voxels of a box: 512 × 512 × 256, which takes about a gigabyte.
pub const GROW_MOST_VOXELS: u64 = 1 << 26;

/// The seeds' box grows on each side by this share of its length and [`MARGIN_MM`].
const MARGIN_SHARE: f64 = 0.1;
const MARGIN_MM: f64 = 5.0;
/// Seeds on so few layers say nothing of how far the object reaches across them. It is taken to be as deep as the
/// seeds are long.
const FLAT_VOXELS: usize = 2;

/// A cost has 40 bits for -ln g, in units of 2^-20, and below them 24 bits for the length in units of
/// 1/1024 of the smallest spacing. Paths of equal strength, as in a flat image, are so told apart by
/// their length in millimetres.
const STRENGTH_UNIT: f64 = 1_048_576.0;
const LENGTH_BITS: u32 = 24;
const LENGTH_UNIT: f64 = 1024.0;

/// The owner of voxels that no seed has reached, and of the rim of work space around the box.
const NOBODY: u16 = 0;

/// Why seeds were not grown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GrowRefusal {
    /// Volume, map and scribbles are not of one size.
    #[error("volume, labels and scribbles are not on one grid")]
    GridMismatch,
    /// No voxel of the box has a label.
    #[error("no voxel of the box has a label to grow from")]
    NoSeeds,
    /// The box has more than [`GROW_MOST_VOXELS`].
    #[error("the box has {voxels} voxels; {GROW_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels of the box.
        voxels: u64,
    },
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for GrowRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// The box that seeds grow in when none is named: around all labels and background scribbles, enlarged
/// on each side by a tenth of its length and 5 mm, cut at the grid. Across seeds on one or two layers it is
/// enlarged on each side by half of its greatest length and 5 mm. `None` without a label.
pub fn grow_box(map: &LabelMap, background: &Region) -> Option<VoxelBox> {
    let seeds = VoxelBox::around_labels(map, |_| true)?;
    let seeds = background.bounds().map_or(seeds, |scribbles| seeds.around(&scribbles));
    let (size, spacing_mm) = (seeds.size(), map.grid().spacing_mm());
    let length_mm = |axis: usize| size[axis] as f64 * spacing_mm[axis];
    let longest_mm = length_mm(0).max(length_mm(1)).max(length_mm(2));
    let margin = [0, 1, 2].map(|axis| {
        let flat = size[axis] <= FLAT_VOXELS;
        let share_mm = if flat { longest_mm / 2.0 } else { length_mm(axis) * MARGIN_SHARE };
        ((share_mm + MARGIN_MM) / spacing_mm[axis]).ceil() as u32
    });
    Some(seeds.grown(map.grid(), margin))
}

/// Grows all labels of a box over its unlabelled voxels.
///
/// Seeds are the labelled voxels of the box; background seeds are the unlabelled voxels of `background`
/// and of the rim of the box, which is its outermost layer along each axis that has at least three
/// voxels, without the layers at the end of the volume that hold a label: there the image ends and not
/// the object. Each other voxel takes the label of the seed that reaches it along the strongest path (see
/// above), or stays unlabelled when that is background or when none reaches it. Of equally strong paths the shortest in mm
/// wins, then the label that comes first in storage order, background last, so that the answer depends
/// neither on the numbers of labels nor on the order of work. A voxel that had a label keeps it.
///
/// Values are first evened out along each axis with weights 1, 2, 1, because the cost of a path through
/// noise adds up to that of an edge, and then taken in 65,535 even steps of their range. `inside` defaults
/// to [`grow_box`]. Memory: 12 bytes a voxel of the box and the front.
///
/// # Errors
/// [`GrowRefusal`] says why.
pub fn grow_from_seeds(
    volume: &Volume,
    map: &LabelMap,
    inside: Option<VoxelBox>,
    background: &Region,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, GrowRefusal> {
    let grid = map.grid();
    if !volume.grid().same_as(grid) || background.grid_size() != grid.size() {
        return Err(GrowRefusal::GridMismatch);
    }
    let inside = inside.or_else(|| grow_box(map, background)).ok_or(GrowRefusal::NoSeeds)?;
    if inside.voxels() > GROW_MOST_VOXELS {
        return Err(GrowRefusal::TooLarge { voxels: inside.voxels() });
    }
    let block = Block::new(grid, inside);
    let before = block.labels(map);
    let labels = labels_in_order(&before);
    if labels.is_empty() {
        return Err(GrowRefusal::NoSeeds);
    }
    let mut values = block.values(volume, &mut Pace::new(progress, [0.0, 0.04], inside.voxels()))?;
    let mut pace = Pace::new(progress, [0.04, 0.08], inside.voxels());
    block.even_out(&mut values, &mut pace)?;
    let mut front = Front::new(&block, &levels(&values, &pace)?, &pace)?;
    drop(values);
    front.sow(&before, &labels, &pace)?;
    front.sow_background(&block, &before, background, labels.len() as u16 + 1);
    front.spread(progress)?;
    Ok(block.changes(&before, progress, |at| match (before[at], front.owner_of(at)) {
        (0, NOBODY) => 0,
        (0, owner) => labels.get(usize::from(owner) - 1).copied().unwrap_or(0),
        (label, _) => label,
    })?)
}

/// Values in 65,535 even steps from the least to the greatest.
fn levels(values: &[f32], pace: &Pace<'_>) -> Result<Vec<u16>, Cancelled> {
    let least = values.iter().copied().fold(f32::INFINITY, f32::min);
    let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let range = greatest - least;
    let scale = if range > 0.0 { f32::from(u16::MAX) / range } else { 0.0 };
    let mut levels = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        pace.glance(at)?;
        levels.push(((value - least) * scale).round() as u16);
    }
    Ok(levels)
}

/// How far each seed has come. The arrays have one voxel more on each side than the box; that rim costs
/// nothing to reach, so nothing ever spreads into it.
struct Front {
    box_size: [usize; 3],
    size: [usize; 3],
    levels: Vec<u16>,
    cost: Vec<u64>,
    owner: Vec<u16>,
    /// Offset of each neighbour and what the step there costs for its length.
    steps: [(isize, u64); 6],
    /// What a step costs for the difference of levels.
    fall: Vec<u64>,
    queue: CostQueue,
}

impl Front {
    fn new(block: &Block, levels: &[u16], pace: &Pace<'_>) -> Result<Self, Cancelled> {
        let size = block.size.map(|length| length + 2);
        let voxels = size[0] * size[1] * size[2];
        let mut front = Self {
            box_size: block.size,
            size,
            levels: vec![0; voxels],
            cost: vec![0; voxels],
            owner: vec![NOBODY; voxels],
            steps: steps(size, block.grid.spacing_mm()),
            fall: fall(levels.iter().copied().max().unwrap_or(0)),
            queue: CostQueue::new(),
        };
        for (row, values) in levels.chunks_exact(block.size[0]).enumerate() {
            let at = front.padded(row * block.size[0]);
            if row % block.size[1] == 0 {
                pace.look()?;
            }
            front.levels[at..at + values.len()].copy_from_slice(values);
            front.cost[at..at + values.len()].fill(u64::MAX);
        }
        Ok(front)
    }

    /// Where a voxel of the box is in the padded arrays.
    const fn padded(&self, at: usize) -> usize {
        let [width, height, _] = self.box_size;
        let (i, j, k) = (at % width, at / width % height, at / (width * height));
        ((k + 1) * self.size[1] + j + 1) * self.size[0] + i + 1
    }

    fn owner_of(&self, at: usize) -> u16 {
        self.owner[self.padded(at)]
    }

    fn seed(&mut self, at: usize, owner: u16) {
        let at = self.padded(at);
        if self.cost[at] != 0 {
            self.cost[at] = 0;
            self.owner[at] = owner;
        }
    }

    fn sow(&mut self, before: &[u16], labels: &[u16], pace: &Pace<'_>) -> Result<(), Cancelled> {
        let mut owner_of = vec![NOBODY; usize::from(u16::MAX) + 1];
        for (&label, owner) in labels.iter().zip(1..) {
            owner_of[usize::from(label)] = owner;
        }
        for (at, &label) in before.iter().enumerate() {
            pace.glance(at)?;
            if label != 0 {
                self.seed(at, owner_of[usize::from(label)]);
            }
        }
        Ok(())
    }

    /// Seeds what is not a seed yet.
    fn sow_background(&mut self, block: &Block, before: &[u16], scribbles: &Region, owner: u16) {
        block.each_of(scribbles, |from, to| (from..to).for_each(|at| self.seed(at, owner)));
        let [width, height, depth] = block.size;
        let rim = rim(block, before);
        let on_rim = |at: usize, axis: usize| {
            let [first, last] = rim[axis];
            (first && at == 0) || (last && at + 1 == block.size[axis])
        };
        for k in 0..depth {
            for j in 0..height {
                let whole = on_rim(k, 2) || on_rim(j, 1);
                let row = (k * height + j) * width;
                for i in (0..width).filter(|&i| whole || on_rim(i, 0)) {
                    self.seed(row + i, owner);
                }
            }
        }
    }

    fn spread(&mut self, progress: &dyn Progress) -> Result<(), Cancelled> {
        let [width, height, depth] = self.box_size;
        let voxels = (width * height * depth) as u64;
        // A voxel offers itself to its neighbours, which takes as long as some steps.
        let mut pace = Pace::new(progress, [0.08, 0.98], 9 * voxels);
        for row in 0..height * depth {
            pace.step(width as u64)?;
            let from = self.padded(row * width);
            for at in from..from + width {
                if self.cost[at] == 0 {
                    self.relax(at);
                }
            }
        }
        while let Some((cost, at)) = self.queue.pop() {
            let at = at as usize;
            if cost == self.cost[at] {
                pace.step(8)?;
                self.relax(at);
            }
        }
        Ok(())
    }

    /// Offers the owner of a voxel to its neighbours.
    fn relax(&mut self, at: usize) {
        let (cost, level, owner) = (self.cost[at], self.levels[at], self.owner[at]);
        for (offset, length) in self.steps {
            let to = at.wrapping_add_signed(offset);
            let known = self.cost[to];
            if cost >= known {
                continue;
            }
            let fall = self.fall[usize::from(self.levels[to].abs_diff(level))];
            let offer = cost.saturating_add(length).saturating_add(fall);
            if offer < known {
                self.cost[to] = offer;
                self.owner[to] = owner;
                self.queue.push(offer, to as u32);
            } else if offer == known && owner < self.owner[to] {
                // Each step costs something, so `to` still waits in the queue with this cost.
                self.owner[to] = owner;
            }
        }
    }
}

/// Whether the first and the last layer along each axis are background where they have no label.
fn rim(block: &Block, before: &[u16]) -> [[bool; 2]; 3] {
    let grid = block.grid.size();
    let (lower, upper) = (block.inside.lower(), block.inside.upper());
    let mut labelled = [[false; 2]; 3];
    let [width, height, _] = block.size;
    for (at, _) in before.iter().enumerate().filter(|(_, label)| **label != 0) {
        let voxel = [at % width, at / width % height, at / (width * height)];
        for axis in 0..3 {
            labelled[axis][0] |= voxel[axis] == 0;
            labelled[axis][1] |= voxel[axis] + 1 == block.size[axis];
        }
    }
    [0, 1, 2].map(|axis| {
        let ends = [lower[axis] == 0, upper[axis] + 1 == grid[axis]];
        [0, 1].map(|side| block.size[axis] >= 3 && !(ends[side] && labelled[axis][side]))
    })
}

/// The neighbours of a voxel of an array, and the lengths of the steps.
fn steps(size: [usize; 3], spacing_mm: [f64; 3]) -> [(isize, u64); 6] {
    let unit_mm = spacing_mm.into_iter().fold(f64::INFINITY, f64::min) / LENGTH_UNIT;
    let [i, j, k] = spacing_mm.map(|mm| (mm / unit_mm).round() as u64);
    let (row, plane) = (size[0] as isize, (size[0] * size[1]) as isize);
    // In the order of memory.
    [(-plane, k), (-row, j), (-1, i), (1, i), (row, j), (plane, k)]
}

/// -ln g for each difference of levels. A difference of the whole range has no strength left.
fn fall(greatest: u16) -> Vec<u64> {
    let mut fall = vec![u64::MAX; usize::from(greatest) + 1];
    for (difference, cost) in fall.iter_mut().enumerate().take(usize::from(greatest).max(1)) {
        let share = difference as f64 / f64::from(greatest.max(1));
        *cost = ((-(1.0 - share).ln() * STRENGTH_UNIT).round() as u64) << LENGTH_BITS;
    }
    fall
}
