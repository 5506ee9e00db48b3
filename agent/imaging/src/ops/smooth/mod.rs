//! Smoothing of labels, in millimetres.
//!
//! Voxels beyond the volume are not known and count for nothing: every share is a share of the voxels
//! that there are, so that a label that is cut by the end of the volume is not worn away there.

mod gaussian;

use super::Over;
use super::ball::Ball;
use super::bits::Bits;
use super::block::{Block, labels_in_order};
use super::progress::{Cancelled, Pace, Progress};
use super::region::VoxelBox;
use crate::mask::{LabelMap, SliceDelta};
use gaussian::Gaussian;

/// The most voxels of a box to be smoothed: 512 × 512 × 512, which takes up to 1.6 gigabytes.
pub const SMOOTH_MOST_VOXELS: u64 = 1 << 27;

/// The longest radius, in voxels along any axis.
pub const SMOOTH_MOST_REACH: usize = 64;

/// How one label is smoothed, with a radius r.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SmoothMethod {
    /// A voxel has the label when more than half of the voxels whose centres lie within r mm have it; at
    /// exactly half it stays as it is.
    Median,
    /// The union of all balls of radius r inside the label stays: thin parts go.
    Open,
    /// What no ball of radius r outside the label covers is added: gaps and notches are filled.
    Close,
    /// A voxel has the label when the average of the label, weighted by a Gaussian with a standard
    /// deviation of r / 2 and cut at 1.5 r along each axis, is at least one half.
    Gaussian,
}

/// Why nothing was smoothed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SmoothRefusal {
    /// No voxel has the label, or one of the labels.
    #[error("no voxel has the label")]
    NothingDrawn,
    /// The radius is not a positive number of millimetres, or reaches over more than
    /// [`SMOOTH_MOST_REACH`] voxels.
    #[error("the radius is not a positive number of millimetres or reaches over {SMOOTH_MOST_REACH} voxels")]
    Radius,
    /// The box around the label has more than [`SMOOTH_MOST_VOXELS`].
    #[error("the box around the label has {voxels} voxels; {SMOOTH_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels of the box.
        voxels: u64,
    },
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for SmoothRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Smooths one label. Only unlabelled voxels get the label; voxels that lose it become unlabelled.
///
/// Time grows with the square of the radius in voxels, for the Gaussian with the radius. Memory: up to 6
/// bytes for each voxel of the box around the label and the radius.
///
/// # Errors
/// [`SmoothRefusal`] says why.
pub fn smooth(
    map: &LabelMap,
    label: u16,
    method: SmoothMethod,
    radius_mm: f64,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, SmoothRefusal> {
    smooth_over(map, label, (method, radius_mm), Over::Unlabelled, progress)
}

/// As [`smooth`]; says what the label may be given over.
pub(super) fn smooth_over(
    map: &LabelMap,
    label: u16,
    (method, radius_mm): (SmoothMethod, f64),
    over: Over,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, SmoothRefusal> {
    let spacing_mm = map.grid().spacing_mm();
    let ball = Ball::new(spacing_mm, radius_mm, SMOOTH_MOST_REACH).ok_or(SmoothRefusal::Radius)?;
    let gaussian = Gaussian::new(spacing_mm, radius_mm);
    let reach = match method {
        SmoothMethod::Median | SmoothMethod::Open => ball.reach,
        // One more, so that the ball around what was added finds the outside.
        SmoothMethod::Close => ball.reach.map(|voxels| voxels + 1),
        SmoothMethod::Gaussian => gaussian.reach(),
    };
    let block = work_box(map, |found| label != 0 && found == label, reach)?;
    let marked = Bits::of_labels(&block, map, |found| found == label);
    let stage = |stage: [f64; 2], steps: u64| Pace::new(progress, stage, steps);
    let half = |number: u8| {
        let ends = [[0.0, 0.5], [0.5, 1.0]];
        stage(ends[usize::from(number)], ball.steps(block.size))
    };
    let after = match method {
        SmoothMethod::Median => {
            ball.most(&block, &marked, &mut stage([0.0, 1.0], ball.steps_of_most(block.size)))?
        }
        SmoothMethod::Open => ball.dilate(&ball.erode(&marked, &mut half(0))?, &mut half(1))?,
        SmoothMethod::Close => ball.erode(&ball.dilate(&marked, &mut half(0))?, &mut half(1))?,
        SmoothMethod::Gaussian => {
            let mut pace = stage([0.0, 1.0], gaussian.steps(&block));
            at_least_half(&gaussian, &block, &block.marked(map, label), &mut pace)?
        }
    };
    Ok(after.give(&block, map, (label, over), progress)?)
}

/// Smooths several labels together, so that no gap opens between those that touch.
///
/// Each label is averaged by the Gaussian of [`SmoothMethod::Gaussian`]. A voxel is inside when the
/// averages add up to at least one half, that is where the Gaussian smoothing of all of them as one label
/// has it; it then takes the label with the greatest average, its own among equals, or else the one that
/// comes first in storage order. So the union of the labels is smoothed as one label would be, each
/// voxel inside it has one of them whatever the others are, and nothing opens where they touch. (The
/// greatest of softmax weights is the greatest average; deciding the outer edge by the sum and not by
/// the single averages is what keeps the places where three labels meet closed.) A voxel with another
/// label keeps it. Labels that nobody drew, and 0, have no part.
///
/// Memory: 12 bytes for each voxel of the box around the labels.
///
/// # Errors
/// [`SmoothRefusal`] says why.
pub fn smooth_joint(
    map: &LabelMap,
    labels: &[u16],
    radius_mm: f64,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, SmoothRefusal> {
    let grid = map.grid();
    Ball::new(grid.spacing_mm(), radius_mm, SMOOTH_MOST_REACH).ok_or(SmoothRefusal::Radius)?;
    let gaussian = Gaussian::new(grid.spacing_mm(), radius_mm);
    let mut group = vec![false; usize::from(u16::MAX) + 1];
    labels.iter().for_each(|&label| group[usize::from(label)] = label != 0);
    let wanted = |label: u16| group[usize::from(label)];
    let block = work_box(map, wanted, gaussian.reach())?;
    let before = block.labels(map);
    let marked: Vec<bool> = before.iter().map(|&label| wanted(label)).collect();
    let mut pace = Pace::new(progress, [0.0, 0.3], gaussian.steps(&block));
    let inside = at_least_half(&gaussian, &block, &marked, &mut pace)?;
    drop(marked);
    let order = labels_in_order(&before).into_iter().filter(|&label| wanted(label));
    let around = |label| work_box(map, |found| found == label, gaussian.reach()).map(|block| (label, block));
    let parts = order.map(around).collect::<Result<Vec<_>, _>>()?;
    let steps = parts.iter().map(|(_, part)| gaussian.steps(part)).sum();
    let mut pace = Pace::new(progress, [0.3, 1.0], steps);
    let mut leader = Leader::new(&block, &before);
    for (label, part) in &parts {
        let marked = part.marked(map, *label);
        gaussian.average(part, &marked, &mut pace, |k, averages| leader.hear(*label, part, k, averages))?;
    }
    Ok(block.changes(&before, progress, |at| match before[at] {
        old if old != 0 && !wanted(old) => old,
        _ if !inside.has(at) => 0,
        old if leader.label[at] == 0 => old,
        _ => leader.label[at],
    })?)
}

/// The label with the greatest average so far, for each voxel of a block.
struct Leader<'a> {
    block: &'a Block,
    before: &'a [u16],
    best: Vec<f32>,
    label: Vec<u16>,
}

impl<'a> Leader<'a> {
    fn new(block: &'a Block, before: &'a [u16]) -> Self {
        Self { block, before, best: vec![0.0; block.voxels()], label: vec![0; block.voxels()] }
    }

    /// Takes the averages of a label in plane k of its own block into account. Labels come in storage
    /// order, so that among equals the first stays, unless the voxel had the label that comes.
    fn hear(&mut self, label: u16, part: &Block, k: usize, averages: &[f32]) {
        for (j, row) in averages.chunks_exact(part.size[0]).enumerate() {
            let at = self.block.place_of(part, [0, j, k]);
            for (at, &average) in (at..).zip(row) {
                let own = average == self.best[at] && self.before[at] == label && average > 0.0;
                if average > self.best[at] || own {
                    self.best[at] = average;
                    self.label[at] = label;
                }
            }
        }
    }
}

/// The box around labels and what is within reach.
fn work_box(map: &LabelMap, wanted: impl Fn(u16) -> bool, reach: [usize; 3]) -> Result<Block, SmoothRefusal> {
    let around = VoxelBox::around_labels(map, wanted).ok_or(SmoothRefusal::NothingDrawn)?;
    let inside = around.grown(map.grid(), reach.map(|voxels| voxels as u32));
    if inside.voxels() > SMOOTH_MOST_VOXELS {
        return Err(SmoothRefusal::TooLarge { voxels: inside.voxels() });
    }
    Ok(Block::new(map.grid(), inside))
}

/// Where the average of what is marked is at least one half.
fn at_least_half(
    gaussian: &Gaussian,
    block: &Block,
    marked: &[bool],
    pace: &mut Pace<'_>,
) -> Result<Bits, Cancelled> {
    let mut after = Bits::none(block.size);
    let [width, height, _] = block.size;
    gaussian.average(block, marked, pace, |k, averages| {
        for (j, row) in averages.chunks_exact(width).enumerate() {
            for (i, _) in row.iter().enumerate().filter(|(_, average)| **average >= 0.5) {
                after.set(k * height + j, i, 1);
            }
        }
    })?;
    Ok(after)
}
