//! Smoothing of labels, in millimetres.
//!
//! Voxels beyond the volume are not known and count for nothing: every share is a share of the voxels
//! that there are, so that a label that is cut by the end of the volume is not worn away there.

mod ball;
mod gaussian;

use super::block::{Block, labels_in_order};
use super::progress::{Cancelled, Pace, Progress};
use super::region::VoxelBox;
use crate::mask::{LabelMap, SliceDelta};
use ball::{Ball, Rule};
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
/// Time grows with the square of the radius in voxels, for the Gaussian with the radius. Memory: up to 8
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
    let grid = map.grid();
    let ball = Ball::new(grid.spacing_mm(), radius_mm).ok_or(SmoothRefusal::Radius)?;
    let gaussian = Gaussian::new(grid.spacing_mm(), radius_mm);
    let reach = match method {
        SmoothMethod::Median | SmoothMethod::Open | SmoothMethod::Close => ball.reach,
        SmoothMethod::Gaussian => gaussian.reach(),
    };
    let block = work_box(map, |found| label != 0 && found == label, reach)?;
    let marked = block.marked(map, label);
    let (whole, halves) = ([0.0, 1.0], [[0.0, 0.5], [0.5, 1.0]]);
    let by_ball = |marked: &[bool], rule: Rule, stage: [f64; 2]| {
        let mut pace = Pace::new(progress, stage, ball.steps(&block));
        ball.each_voxel(&block, marked, rule, &mut pace)
    };
    let after = match method {
        SmoothMethod::Median => by_ball(&marked, Rule::Most, whole)?,
        SmoothMethod::Open => by_ball(&by_ball(&marked, Rule::All, halves[0])?, Rule::Any, halves[1])?,
        SmoothMethod::Close => by_ball(&by_ball(&marked, Rule::Any, halves[0])?, Rule::All, halves[1])?,
        SmoothMethod::Gaussian => {
            let mut pace = Pace::new(progress, whole, gaussian.steps(&block));
            at_least_half(&gaussian, &block, &marked, &mut pace)?
        }
    };
    let before = block.labels(map);
    Ok(block.changes(&before, progress, |at| match before[at] {
        0 if after[at] => label,
        found if found == label && !after[at] => 0,
        old => old,
    })?)
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
    Ball::new(grid.spacing_mm(), radius_mm).ok_or(SmoothRefusal::Radius)?;
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
        _ if !inside[at] => 0,
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
) -> Result<Vec<bool>, Cancelled> {
    let mut after = Vec::with_capacity(marked.len());
    gaussian.average(block, marked, pace, |_, averages| {
        after.extend(averages.iter().map(|&average| average >= 0.5));
    })?;
    Ok(after)
}
