//! What tools mark: the definitions that every tool of the product is held to, and the operations that
//! the agent computes.
//!
//! Each operation is a function of a volume, a label map and its own few numbers. It answers with the
//! changes of slices that it would make, never a changed map, or with a refusal by name; nothing is
//! changed by a cancelled one. Long ones are watched through [`Progress`] and work in a box of voxels
//! as small as they can. Lengths are in millimetres, places are voxels (i, j, k). What an operation
//! answers never depends on the numbers that labels happen to have.

mod block;
pub mod brush;
mod components;
mod fill;
mod grow;
mod islands;
mod progress;
mod queue;
mod region;
mod smooth;
mod sphere;
mod take_over;
mod threshold;
mod walk;

pub use components::Connectivity;
pub use fill::{Axis, FILL_MOST_VOXELS, FillRefusal, fill_between_slices};
pub use grow::{GROW_MOST_VOXELS, GrowRefusal, grow_box, grow_from_seeds};
pub use islands::{IslandRefusal, IslandRule, islands};
pub use progress::{Progress, Unwatched};
pub use region::{InvalidRegion, Region, VoxelBox};
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
