//! What tools mark: the definitions that every tool of the product is held to, and the operations that
//! the agent computes.
//!
//! Each operation is a function of a volume, a label map and its own few numbers. It answers with the
//! changes of slices that it would make, never a changed map, or with a refusal by name; nothing is
//! changed by a cancelled one. Long ones are watched through [`Progress`] and work in a box of voxels
//! as small as they can. Lengths are in millimetres, places are voxels (i, j, k). What an operation
//! answers never depends on the numbers that labels happen to have.
//!
//! [`Operation`] names them all: one door, through which each obeys a masking [`Policy`].

mod ball;
mod bits;
mod block;
pub mod brush;
mod components;
mod fill;
mod flood;
mod grow;
mod holes;
mod islands;
mod level;
mod logical;
mod margin;
mod operation;
mod policy;
mod progress;
mod queue;
mod region;
mod region_grow;
mod scissors;
mod smooth;
mod sphere;
mod take_over;
mod threshold;
mod values;
mod walk;

pub use components::Connectivity;
pub use fill::{Axis, FILL_MOST_VOXELS, FillRefusal, fill_between_slices};
pub use grow::{GROW_MOST_VOXELS, GrowRefusal, grow_box, grow_from_seeds};
pub use holes::{HOLES_MOST_VOXELS, Holes, HolesRefusal, fill_holes};
pub use islands::{IslandRefusal, IslandRule, islands};
pub use level::{LevelRefusal, LevelSide, LevelTrace, level_trace};
pub use logical::{Logic, LogicRefusal, Operand, logic};
pub use margin::{MARGIN_MOST_VOXELS, MarginRefusal, Shell, margin, shell};
pub use operation::{Operation, OperationKind, OperationRefusal, Subject};
pub use policy::{EditableArea, EditableRange, Overwrite, Policy, PolicyRefusal};
pub use progress::{Progress, Unwatched};
pub use region::{InvalidRegion, Region, VoxelBox};
pub use region_grow::{
    GrowRange, REGION_MOST_GATE, REGION_MOST_ROUNDS, REGION_MOST_VOXELS, RegionGrow, RegionGrowRefusal,
    region_grow,
};
pub use scissors::{
    CutAction, CutDepth, CutSide, SCISSORS_MOST_CORNERS, SCISSORS_MOST_VOXELS, Scissors, ScissorsRefusal,
    scissors,
};
pub use smooth::{SMOOTH_MOST_REACH, SMOOTH_MOST_VOXELS, SmoothMethod, SmoothRefusal, smooth, smooth_joint};
pub use sphere::{paint, sphere};
pub use take_over::take_over;
pub use threshold::{Threshold, ThresholdRefusal, threshold};
pub use walk::{
    Answer, WALK_MOST_VOXELS, WALK_POINT_MM, WalkPrompt, WalkRefusal, random_walker, walk_probability,
};

/// What a tool may write over, besides the label that it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// Unlabelled voxels only; an eraser then erases nothing.
    Unlabelled,
    /// Every label.
    Everything,
}

impl Over {
    const fn allows(self, old: u16, new: u16) -> bool {
        old != new && matches!((self, old), (Self::Everything, _) | (Self::Unlabelled, 0))
    }
}
