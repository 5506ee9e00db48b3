//! Margin and shell, by exact Euclidean distances of voxel centres.

use super::Over;
use super::ball::Ball;
use super::bits::Bits;
use super::block::Block;
use super::progress::{Cancelled, Pace, Progress};
use super::region::VoxelBox;
use crate::mask::{LabelMap, SliceDelta};
use crate::metrics::distance::{Block as Corners, to_nearest};

/// The most voxels of a box in which a margin is taken: 512 × 512 × 1024.
pub const MARGIN_MOST_VOXELS: u64 = 1 << 28;

/// A length is exceeded only by more than a millionth of it: headers keep spacings in single precision, and four voxels
/// of 0.6 mm shall be 2.4 mm.
const ROUNDING: f64 = 1.0 + 1e-6;
/// A ball that reaches further than this is slower than distances.
const FAR_VOXELS: usize = 40;
/// Planes whose distances are found at once.
const PLANES: usize = 16;

/// On which side of the surface of a label its shell lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shell {
    /// Inside: the surface becomes the outer surface of the shell.
    Inward,
    /// Half inside and half outside.
    Medial,
    /// Outside: the surface becomes the inner surface of the shell.
    Outward,
}

/// Why there is no margin or shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarginRefusal {
    /// No voxel has the label.
    #[error("no voxel has the label")]
    NothingDrawn,
    /// The margin is not a number of millimetres, or it is 0, or the thickness of a shell is not above 0.
    #[error("the length is not a number of millimetres that makes a margin or a shell")]
    Length,
    /// The box around the label and the margin has more than [`MARGIN_MOST_VOXELS`].
    #[error("the box around the label has {voxels} voxels; {MARGIN_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels of the box.
        voxels: u64,
    },
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for MarginRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Grows a label by a margin in millimetres, or shrinks it by a negative one.
///
/// With a margin r > 0 a voxel has the label when the centre of a voxel that had it lies within r; with r < 0 it
/// keeps the label when the centre of no voxel without it lies within -r. Distances are Euclidean, in millimetres on
/// voxels of any shape; one that exceeds r by no more than a millionth of it is
/// within. Voxels beyond the volume are not
/// known and count for nothing: a label that the end of the volume cuts does not shrink there. So growing by r and
/// then shrinking by r is the closing by a ball of radius r, which holds the label, and the other order is the
/// opening, which the label holds.
///
/// As the label grows it is given over every other label; [`super::Policy`] says which may be written over. Memory:
/// three bits for each voxel of the box; for margins of more than 40 voxels two bytes for each voxel of a part of it.
///
/// # Errors
/// [`MarginRefusal`] says why.
pub fn margin(
    map: &LabelMap,
    label: u16,
    by_mm: f64,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, MarginRefusal> {
    if by_mm == 0.0 || !by_mm.is_finite() {
        return Err(MarginRefusal::Length);
    }
    let block = work_box(map, label, by_mm.max(0.0))?;
    let marked = Bits::of_labels(&block, map, |found| found == label);
    let after = moved(&block, &marked, by_mm, (progress, [0.0, 1.0]))?;
    Ok(after.give(&block, map, (label, Over::Everything), progress)?)
}

/// Makes a label hollow: what stays of it is a shell along its surface, as thick as is said, in millimetres.
///
/// With the margins of [`margin`]: [`Shell::Inward`] keeps the label without what it shrinks to by the thickness,
/// [`Shell::Outward`] is what it grows to without itself, and [`Shell::Medial`] what it grows to by half the thickness
/// without what it shrinks to by half. 3D Slicer's Hollow calls the three outside, inside and medial surface.
///
/// # Errors
/// [`MarginRefusal`] says why.
pub fn shell(
    map: &LabelMap,
    label: u16,
    side: Shell,
    thickness_mm: f64,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, MarginRefusal> {
    // A comparison with a NaN is false.
    if !(thickness_mm > 0.0 && thickness_mm.is_finite()) {
        return Err(MarginRefusal::Length);
    }
    let [out_mm, in_mm] = match side {
        Shell::Inward => [0.0, thickness_mm],
        Shell::Medial => [thickness_mm / 2.0; 2],
        Shell::Outward => [thickness_mm, 0.0],
    };
    let block = work_box(map, label, out_mm)?;
    let marked = Bits::of_labels(&block, map, |found| found == label);
    let inner = moved(&block, &marked, -in_mm, (progress, [0.0, 0.5]))?;
    let mut after = moved(&block, &marked, out_mm, (progress, [0.5, 1.0]))?;
    after.take_away(&inner);
    Ok(after.give(&block, map, (label, Over::Everything), progress)?)
}

/// The box around a label and its margin, and one voxel more: the outside that is nearest to a voxel of the label
/// lies in it.
fn work_box(map: &LabelMap, label: u16, out_mm: f64) -> Result<Block, MarginRefusal> {
    let around = VoxelBox::around_labels(map, |found| label != 0 && found == label);
    let around = around.ok_or(MarginRefusal::NothingDrawn)?;
    // Casts from float saturate, and so does the box at the grid.
    let reach = map.grid().spacing_mm().map(|mm| ((out_mm * ROUNDING / mm).floor() as u32).saturating_add(1));
    let inside = around.grown(map.grid(), reach);
    if inside.voxels() > MARGIN_MOST_VOXELS {
        return Err(MarginRefusal::TooLarge { voxels: inside.voxels() });
    }
    Ok(Block::new(map.grid(), inside))
}

/// What is within a margin of a set, or what a negative one leaves of it.
fn moved(
    block: &Block,
    set: &Bits,
    by_mm: f64,
    (progress, stage): (&dyn Progress, [f64; 2]),
) -> Result<Bits, Cancelled> {
    if by_mm == 0.0 {
        return Ok(set.clone());
    }
    let from = if by_mm > 0.0 { set } else { &set.complement() };
    let radius_mm = by_mm.abs() * ROUNDING;
    let near = match Ball::new(block.grid.spacing_mm(), radius_mm, FAR_VOXELS) {
        Some(ball) => ball.dilate(from, &mut Pace::new(progress, stage, ball.steps(block.size)))?,
        None => within(block, from, radius_mm, &mut Pace::new(progress, stage, block.voxels() as u64))?,
    };
    Ok(if by_mm > 0.0 { near } else { near.complement() })
}

/// The voxels within a radius of a set, by their distances to it; a few planes at a time, each time with the planes
/// that are within reach.
fn within(block: &Block, set: &Bits, radius_mm: f64, pace: &mut Pace<'_>) -> Result<Bits, Cancelled> {
    let [width, height, depth] = block.size;
    let [i_mm, j_mm, k_mm] = block.grid.spacing_mm();
    let reach = (radius_mm / k_mm).floor().min(depth as f64) as usize;
    let mut after = set.clone();
    for first in (0..depth).step_by(PLANES) {
        pace.step((PLANES.min(depth - first) * block.plane()) as u64)?;
        let last = (first + PLANES).min(depth);
        let (from, to) = (first.saturating_sub(reach), (last + reach).min(depth));
        let corners = Corners { size: [to - from, height, width], spacing_mm: [k_mm, j_mm, i_mm] };
        let offset = from * block.plane();
        let held = offset..to * block.plane();
        if !held.clone().any(|at| set.has(at)) {
            continue;
        }
        let own = first * block.plane()..last * block.plane();
        let asked = |at: usize| own.contains(&at) && !set.has(at);
        let found = to_nearest(&corners, |at| set.has(offset + at), |at| asked(offset + at));
        for (at, mm) in own.clone().filter(|&at| asked(at)).zip(found) {
            if mm <= radius_mm {
                after.set(at / width, at % width, 1);
            }
        }
    }
    Ok(after)
}
