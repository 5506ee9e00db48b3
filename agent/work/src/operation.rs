//! One entry of the log of work.

use proto_ids::{OperationId, PreviewId, ShapeId};
use proto_instruction::{Answer, Presence};

use crate::Shape;

/// What an annotator did, named by the client so that sending it twice does no harm.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub id: OperationId,
    /// The revision that the client built on; the operation makes the next one.
    pub base_revision: u64,
    pub kind: OperationKind,
}

/// What was done.
#[derive(Debug, Clone, PartialEq)]
pub enum OperationKind {
    /// Slices in rising order of `k`.
    Paint { tool: Tool, slices: Vec<SliceDelta> },
    /// Draws a shape, or puts it in the place of the one with its id.
    PutShape { shape: Shape },
    /// Takes a shape away.
    RemoveShape { shape: ShapeId },
    /// Takes back the newest stroke or shape operation that stands.
    Undo { operation: OperationId },
    /// Does again what was taken back last.
    Redo { operation: OperationId },
    /// None takes the answer away.
    Answer { question_id: u32, answer: Option<Answer> },
    /// Says whether an object is there; None takes back what was said.
    State { object_id: u32, presence: Option<Presence> },
}

/// With what was painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Sets a label in one slice.
    Brush,
    /// Sets label 0.
    Eraser,
    /// Sets a label, or 0, in a ball.
    Sphere,
    /// Sets a label where the value of the image lies in a range.
    Threshold,
    /// Sets a label, or 0, inside or outside of an outline.
    Scissors,
    /// Seeds that grew; computed at the agent, accepted by a person.
    Grow,
    /// Filled between slices; computed at the agent, accepted by a person.
    Fill,
    /// Components kept or removed; computed at the agent, accepted by a person.
    Islands,
    /// Smoothed; computed at the agent, accepted by a person.
    Smooth,
    /// A region that grew, a level that was traced, values in a range; computed at the agent, accepted by a person.
    Region,
    /// A margin or a shell; computed at the agent, accepted by a person.
    Margin,
    /// Objects put together, or holes filled; computed at the agent, accepted by a person.
    Combine,
    /// The answer of a model, accepted by a person.
    Assist {
        /// Names the answer among those that the site has kept.
        preview: PreviewId,
    },
}

impl Tool {
    /// Whether a stroke of this tool may set a voxel to `label`.
    pub(crate) const fn sets(self, label: u16) -> bool {
        match self {
            Self::Brush => label != 0,
            Self::Eraser => label == 0,
            Self::Sphere
            | Self::Threshold
            | Self::Scissors
            | Self::Grow
            | Self::Fill
            | Self::Islands
            | Self::Smooth
            | Self::Region
            | Self::Margin
            | Self::Combine
            | Self::Assist { .. } => true,
        }
    }
}

/// Changes of one slice of the label map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SliceDelta {
    /// Index of the slice.
    pub k: u32,
    /// Rising, disjoint.
    pub runs: Vec<RunChange>,
}

/// `length` voxels from offset `start` (`j * size_i + i`) go from label `old` to `new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunChange {
    pub start: u32,
    pub length: u32,
    pub old: u16,
    pub new: u16,
}

/// The labels of one slice: rising, disjoint runs of labels other than 0; touching runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    pub k: u32,
    pub runs: Vec<Run>,
}

/// `length` voxels from offset `start` (`j * size_i + i`) have this label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub start: u32,
    pub length: u32,
    pub label: u16,
}
