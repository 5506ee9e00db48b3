//! Structure sets of radiotherapy: contours on the slices of a series to label maps and back (PS3.3 §A.19).
//!
//! Written contours follow the edges of voxels, so that reading them gives back the voxels. Contours of others are
//! filled slice by slice: a voxel belongs to a region when its centre lies within an odd number of its contours, or on
//! one. Points and open lines have no inside, and are counted but not read.
//!
//! Start at [`read()`] and [`write()`].

mod found;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use read::{Structures, read};
pub use write::{RtWriteError, write};

use crate::attributes::AttributeError;
use crate::prescan::PrescanError;
use crate::seg::SegError;

/// RT Structure Set Storage.
pub const STRUCTURE_SET_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.481.3";

/// Why a structure set was not read.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RtError {
    #[error("the data set cannot be walked safely")]
    Unreadable {
        #[source]
        cause: PrescanError,
    },
    #[error("the object is no structure set")]
    NotAStructureSet,
    #[error(transparent)]
    Attribute {
        #[from]
        cause: AttributeError,
    },
    #[error("more regions than labels can tell apart")]
    TooManyRegions,
    #[error("contour {contour} of region {region} does not lie in one slice of the grid")]
    NotPlanar { region: usize, contour: usize },
    #[error("contour {contour} of region {region} lies beyond the slices of the grid")]
    OffGrid { region: usize, contour: usize },
    #[error("contours belong to a region that is not described")]
    UnknownRegion,
    #[error("the contours have more points than are accepted")]
    TooComplex,
    #[error("the regions cannot be kept as label maps")]
    Layers {
        #[source]
        cause: SegError,
    },
}
