//! Label maps as NRRD: plain ones, and those of 3D Slicer, `.seg.nrrd`, with names, colours and coded terms.
//!
//! One file with its data behind the header, raw or gzipped. Detached data, other encodings, and files that do not say
//! where they lie in the patient are refused by name. Source: teem.sourceforge.net/nrrd/format.html, and
//! vtkMRMLSegmentationStorageNode.cxx of 3D Slicer for the keys of segments.

mod header;
mod read;
mod slicer;
mod write;

pub use read::{Nrrd, read};
pub use write::{Encoding, NrrdWriteError, write};

/// More voxels than this are refused, of all layers together.
pub const VOXELS_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// A header longer than this is refused.
pub const HEADER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// More layers than this are refused.
pub const LAYERS_MAX: u32 = 256;

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NrrdError {
    #[error("not an NRRD file")]
    NotNrrd,
    #[error("the header does not end, or is longer than {HEADER_BYTES_MAX} bytes")]
    Header,
    #[error("{field} is missing")]
    Missing { field: &'static str },
    #[error("{field} has no valid value")]
    Invalid { field: &'static str },
    #[error("the voxels are in another file: only data behind the header is read")]
    Detached,
    #[error("voxels in this encoding are not read, only raw and gzip")]
    Encoding,
    #[error("voxels of this type are not supported")]
    Type,
    #[error("only three dimensions, or a list of layers and three dimensions, are supported")]
    Dimensions,
    #[error("the file does not say where it lies in the patient")]
    NoOrientation,
    #[error("the axes are not at right angles")]
    Sheared,
    #[error("more voxels than are accepted")]
    TooLarge,
    #[error("the gzip stream is damaged")]
    Gzip,
    #[error("the file ends before its voxels do")]
    Truncated,
    #[error("a voxel is no whole number from 0 to 65,535")]
    NotALabel,
    #[error("segment {number} is described twice, or on a layer that is not there")]
    Segment { number: usize },
    #[error("more segments and layers than labels can tell apart")]
    TooManySegments,
    #[error("more runs of voxels than are accepted")]
    TooManyRuns,
}

#[cfg(test)]
mod tests;
