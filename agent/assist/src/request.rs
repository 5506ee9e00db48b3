//! The one internal request: an image, prompts in its voxels, and what they are for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use agent_formats::Modality;
use agent_imaging::{Grid, LabelMap, Volume, Voxels};

use crate::error::AssistError;

/// A model of the register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(pub String);

/// Whether a prompt says "this is it" or "this is not".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sign {
    Positive,
    Negative,
}

/// One click. `at`: voxel (i, j, k).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Point {
    pub at: [u32; 3],
    pub sign: Sign,
}

/// A box of voxels, both corners included: `lower[axis] <= upper[axis]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VoxelBox {
    pub lower: [u32; 3],
    pub upper: [u32; 3],
}

impl VoxelBox {
    /// Whether a voxel is inside.
    #[must_use]
    pub fn contains(&self, voxel: [u32; 3]) -> bool {
        let sides = voxel.iter().zip(self.lower.iter().zip(&self.upper));
        sides.into_iter().all(|(at, (lower, upper))| lower <= at && at <= upper)
    }
}

/// A stretch of a scribble within slice `k`: `start` counts j * columns + i.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScribbleRun {
    pub k: u32,
    pub start: u32,
    pub length: u32,
    pub sign: Sign,
}

/// What the annotator showed. All in voxels of the request's volume.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prompts {
    pub points: Vec<Point>,
    pub region: Option<VoxelBox>,
    pub scribbles: Vec<ScribbleRun>,
    /// What is drawn already, to be refined; labels are those of the request's objects.
    pub mask: Option<LabelMap>,
}

/// An object of the task: the key by which model registrations name it, and its label on the task's map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    pub label: u16,
}

/// Asks a model for a label map.
///
/// Of all this only voxels, spacing, direction and prompts reach a model server. Keys of objects do not.
#[derive(Debug, Clone)]
pub struct Request {
    pub model: ModelId,
    pub volume: Arc<Volume>,
    pub modality: Modality,
    pub prompts: Prompts,
    /// The objects of the task that may be marked.
    pub objects: Vec<Object>,
    /// The label of the object that the answer is for. None: the model's label mapping decides.
    pub target: Option<u16>,
    /// Ends the call earlier than the broker's own limit.
    pub deadline: Option<Duration>,
}

impl Request {
    /// # Errors
    /// `InvalidPrompt` names the part that is outside the image or contradicts itself; `ColourImage`.
    pub(crate) fn check(&self) -> Result<(), AssistError> {
        let invalid = |field| Err(AssistError::InvalidPrompt { field });
        let grid = self.volume.grid();
        if matches!(self.volume.voxels(), Voxels::Rgb8(_)) {
            return Err(AssistError::ColourImage);
        }
        if self.target.is_some_and(|target| self.objects.iter().all(|object| object.label != target)) {
            return invalid("object");
        }
        let labels: BTreeSet<u16> = self.objects.iter().map(|object| object.label).collect();
        if labels.len() != self.objects.len() || labels.contains(&0) {
            return invalid("objects");
        }
        if self.prompts.points.iter().any(|point| !inside(grid, point.at)) {
            return invalid("points");
        }
        if self.prompts.region.is_some_and(|region| !fits(grid, &region)) {
            return invalid("box");
        }
        if self.prompts.scribbles.iter().any(|run| !run_fits(grid, run)) {
            return invalid("scribbles");
        }
        if self.prompts.mask.as_ref().is_some_and(|mask| !mask.grid().same_as(grid)) {
            return invalid("mask");
        }
        Ok(())
    }
}

fn inside(grid: &Grid, voxel: [u32; 3]) -> bool {
    voxel.iter().zip(grid.size()).all(|(at, size)| *at < size)
}

fn fits(grid: &Grid, region: &VoxelBox) -> bool {
    inside(grid, region.upper) && region.lower.iter().zip(region.upper).all(|(lower, upper)| *lower <= upper)
}

fn run_fits(grid: &Grid, run: &ScribbleRun) -> bool {
    let end = run.start.checked_add(run.length);
    let [_, _, slices] = grid.size();
    run.k < slices && run.length > 0 && end.is_some_and(|end| end <= grid.slice_voxels())
}
