//! Random walker: which voxels belong to what somebody pointed at. The model of assistance that is there
//! when there is no model server.
//!
//! Grady, Random walks for image segmentation, IEEE Trans. Pattern Anal. Mach. Intell. 28 (2006) 1768:
//! the probability that a walker who starts at a voxel, and crosses the edge between two voxels the less
//! likely the more they differ, meets the object before he meets what is not the object. It is the
//! harmonic function of the weighted graph with 1 at positive and 0 at negative seeds, the solution of a
//! sparse, symmetric, positive definite system.

mod image;
mod pyramid;
mod seeds;
mod solve;
mod system;

use super::block::Block;
use super::progress::{Cancelled, Pace, Progress};
use super::region::{Region, VoxelBox};
use crate::mask::{LabelMap, SliceDelta};
use crate::volume::Volume;
use image::Image;
use seeds::Seeds;
use solve::SolveFailure;

/// The most voxels of a box: 256 × 256 × 256, which takes about half a gigabyte.
pub const WALK_MOST_VOXELS: u64 = 1 << 24;

/// A point that somebody sets stands for the [`super::sphere`] of this radius around it: in three
/// dimensions a walker seldom meets a single voxel.
pub const WALK_POINT_MM: f64 = 2.0;

/// How far around the prompts the object is looked for when no box is given.
const MARGIN_MM: f64 = 30.0;

/// What becomes of voxels of the box that have the label already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// They keep it.
    Add,
    /// They keep it only where the answer has them too; the others become unlabelled.
    Replace,
}

/// What somebody said about an object. Voxels that are both positive and negative count as neither.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkPrompt {
    /// Voxels that belong to the object; points as spheres of [`WALK_POINT_MM`].
    pub positive: Region,
    /// Voxels that do not.
    pub negative: Region,
    /// The box that the object lies in.
    pub inside: Option<VoxelBox>,
    /// The label that it gets.
    pub label: u16,
    /// What becomes of what has the label.
    pub answer: Answer,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WalkRefusal {
    /// Volume, map and prompts are not of one size.
    #[error("volume, labels and prompts are not on one grid")]
    GridMismatch,
    /// There is neither a positive place in the box nor a box.
    #[error("there is neither a positive place in the box nor a box")]
    NoPrompt,
    /// The label is 0.
    #[error("the label is 0")]
    Label,
    /// The box has more than [`WALK_MOST_VOXELS`].
    #[error("the box has {voxels} voxels; {WALK_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels of the box.
        voxels: u64,
    },
    /// The equations were not solved to the tolerance in the stated number of rounds.
    #[error("the equations were not solved to the tolerance")]
    NotConverged,
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for WalkRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<SolveFailure> for WalkRefusal {
    fn from(failure: SolveFailure) -> Self {
        match failure {
            SolveFailure::NotConverged => Self::NotConverged,
            SolveFailure::Cancelled => Self::Cancelled,
        }
    }
}

/// The box that the object is looked for in: the one given, or 30 mm around the prompts.
fn walk_box(map: &LabelMap, prompt: &WalkPrompt) -> Option<VoxelBox> {
    let spacing_mm = map.grid().spacing_mm();
    let margin = spacing_mm.map(|mm| (MARGIN_MM / mm).ceil() as u32);
    let positive = prompt.positive.bounds();
    let around = positive.map(|positive| {
        let both = prompt.negative.bounds().map_or(positive, |negative| positive.around(&negative));
        both.grown(map.grid(), margin)
    });
    prompt.inside.or(around)
}

/// Marks the object that prompts point at: the voxels of the box whose [`walk_probability`] is at least
/// one half. Only unlabelled voxels and voxels of the label change.
///
/// # Errors
/// [`WalkRefusal`] says why.
pub fn random_walker(
    volume: &Volume,
    map: &LabelMap,
    prompt: &WalkPrompt,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, WalkRefusal> {
    if prompt.label == 0 {
        return Err(WalkRefusal::Label);
    }
    let (inside, probability) = walk_probability(volume, map, prompt, progress)?;
    let block = Block::new(map.grid(), inside);
    let before = block.labels(map);
    Ok(block.changes(&before, progress, |at| {
        let marked = probability[at] >= 0.5;
        match (before[at], prompt.answer) {
            (0, _) if marked => prompt.label,
            (old, Answer::Replace) if old == prompt.label && !marked => 0,
            (old, _) => old,
        }
    })?)
}

/// The box, and for each of its voxels (i fastest, then j, then k) the probability that it belongs to the
/// object, 0 to 1.
///
/// Values are first evened out along each axis with weights 1, 2, 1. Neighbours by face at a distance of
/// h, in units of the smallest spacing, are joined by the weight (exp(-β d² / m) + 10⁻⁴) / h², where d is
/// the difference of their values, β is 1, and m the square of the usual difference: (q / 0.3186)² with
/// the lower quartile q of |d| in the box, which is the mean of d² where there is only noise. So neither
/// the unit nor the noise of the image has a part, nor how strong the edges in the box are.
///
/// Positive seeds are the positive voxels of the box, or when it has none the ellipsoid in its middle
/// that is a fifth as long as the box is. Negative seeds are the negative voxels and the rim of the box:
/// the outermost layer, along axes with at least three voxels. The object may well go on beyond the end
/// of the volume and beyond a box that nobody set. Therefore the rim leaves out the sides that are the
/// end of the volume, and when no box was given the voxels whose values are within 8 standard deviations
/// of the positive seeds' (of their median, by their median deviation or the usual difference, whichever
/// is more); if that leaves no negative seed, the whole rim is.
///
/// The system is solved by conjugate gradients, preconditioned by modified incomplete Cholesky, until the
/// residual in the norm of the preconditioner has fallen to 10⁻⁶ of the right side's. A box of more than 2¹⁷ voxels is
/// halved, along the axes of fine spacing first, until it has not more; there it is solved, and on the way back
/// only the voxels within one coarse voxel of the edge of the object are solved again, to 10⁻⁴, between
/// the others as they were found. Memory: about 30 bytes a voxel.
///
/// # Errors
/// [`WalkRefusal`] says why.
pub fn walk_probability(
    volume: &Volume,
    map: &LabelMap,
    prompt: &WalkPrompt,
    progress: &dyn Progress,
) -> Result<(VoxelBox, Vec<f32>), WalkRefusal> {
    let grid = map.grid();
    let sizes = [prompt.positive.grid_size(), prompt.negative.grid_size()];
    if !volume.grid().same_as(grid) || sizes != [grid.size(); 2] {
        return Err(WalkRefusal::GridMismatch);
    }
    let inside = walk_box(map, prompt).ok_or(WalkRefusal::NoPrompt)?;
    if inside.voxels() > WALK_MOST_VOXELS {
        return Err(WalkRefusal::TooLarge { voxels: inside.voxels() });
    }
    let block = Block::new(grid, inside);
    let mut values = block.values(volume, &mut Pace::new(progress, [0.0, 0.02], inside.voxels()))?;
    block.even_out(&mut values, &mut Pace::new(progress, [0.02, 0.05], inside.voxels()))?;
    let image = Image { size: block.size, spacing_mm: grid.spacing_mm(), values };
    let pace = Pace::new(progress, [0.05; 2], 1);
    let seeds = Seeds::new(&block, prompt, &image, &pace)?.ok_or(WalkRefusal::NoPrompt)?;
    Ok((inside, pyramid::probability(image, seeds, progress)?))
}
