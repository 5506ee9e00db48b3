//! DICOM Segmentation objects: segments on a grid to bytes and back (PS3.3 §A.51 and, for label maps, §A.104 of
//! Supplement 243).
//!
//! All three kinds are read and written: binary, fractional, and label maps of 8 or 16 bits. What a segment is comes
//! as coded terms, which are kept as they are; labels and descriptions are texts of a header, and protected like
//! them. Reading and writing of functional groups is by this room's own walk and writer: it goes over the bytes once,
//! and keeps of each frame no more than where it lies and whose it is.
//!
//! Start at [`read()`] and [`write()`].

mod bits;
mod describe;
mod found;
pub(crate) mod layers;
mod place;
mod read;
mod segment;
mod write;

pub use place::PlaceError;
pub use read::{Fractions, Options, fractions, read};
pub use segment::{Algorithm, Code, InvalidSegment, Segment, Tracking};
pub use write::{Content, FractionalType, NewObject, SegWriteError, write};

use crate::attributes::AttributeError;
use crate::pixels::PixelError;
use crate::prescan::PrescanError;
use agent_imaging::{Grid, LabelMap};

/// Segmentation Storage.
pub const SEGMENTATION_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.66.4";
/// Label Map Segmentation Storage.
pub const LABEL_MAP_STORAGE: &str = "1.2.840.10008.5.1.4.1.1.66.7";

/// More frames than this are refused: a hundred segments of two thousand slices have fewer.
pub const FRAMES_MAX: u32 = 262_144;
/// A deflated segmentation that inflates beyond this is refused. Masks deflate by the hundred.
pub const INFLATED_BYTES_MAX: usize = 1024 * 1024 * 1024;
/// More runs of voxels than this are refused: noise in every voxel, not what anybody drew. They take 600 MB.
pub const RUNS_MAX: usize = 50_000_000;

/// How the voxels were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One bit for each voxel of each segment.
    Binary,
    /// A share from 0 to a maximum for each voxel of each segment.
    Fractional,
    /// The number of a segment for each voxel.
    LabelMap,
}

/// Why an object was not read.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SegError {
    #[error("the data set cannot be walked safely")]
    Unreadable {
        #[source]
        cause: PrescanError,
    },
    #[error("the object is no segmentation")]
    NotASegmentation,
    #[error(transparent)]
    Attribute {
        #[from]
        cause: AttributeError,
    },
    #[error("the pixel data cannot be used")]
    Pixels {
        #[source]
        cause: PixelError,
    },
    #[error("more than {FRAMES_MAX} frames")]
    TooManyFrames,
    #[error("the object has {expected} frames and functional groups of {found}")]
    Frames { expected: u32, found: usize },
    #[error("the frames do not lie on one grid")]
    Place {
        #[source]
        cause: PlaceError,
    },
    #[error("frame {frame} belongs to a segment that is not described")]
    UnknownSegment { frame: usize },
    #[error("segment {segment} has more than one frame on slice {k}")]
    Twice { segment: u16, k: u32 },
    #[error("segment {number} is described twice")]
    SameNumber { number: u16 },
    #[error("segments {first} and {second} overlap, so that no single label map can hold them")]
    Overlap { first: u16, second: u16 },
    #[error("more than {RUNS_MAX} runs of voxels")]
    TooManyRuns,
    #[error("the object holds no shares of segment {segment}")]
    NoFractions { segment: u16 },
}

/// What an object holds.
#[derive(Debug, Clone)]
pub struct Segmentation {
    pub kind: Kind,
    /// By their numbers.
    pub segments: Vec<Segment>,
    /// Label maps on one grid, whose labels are the numbers of the segments; more than one where segments overlap.
    /// Never empty.
    pub layers: Vec<LabelMap>,
    /// Two segments that overlap, where any do.
    pub overlap: Option<(u16, u16)>,
}

impl Segmentation {
    /// Where the voxels lie.
    #[must_use]
    pub fn grid(&self) -> Option<&Grid> {
        self.layers.first().map(LabelMap::grid)
    }

    /// All segments as one label map.
    ///
    /// # Errors
    /// `Overlap` when two segments share a voxel.
    pub fn label_map(mut self) -> Result<(LabelMap, Vec<Segment>), SegError> {
        if let Some((first, second)) = self.overlap {
            return Err(SegError::Overlap { first, second });
        }
        // Without overlap there is one layer.
        self.layers.pop().map(|map| (map, self.segments)).ok_or(SegError::NotASegmentation)
    }
}

#[cfg(test)]
pub(crate) mod tests;
