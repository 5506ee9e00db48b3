//! NIfTI-1 and NIfTI-2 in one file, plain or gzipped, to volumes and label maps and back.
//!
//! Three dimensions only; header-and-image pairs, time series, sheared grids and files without an orientation are
//! refused by name. Header texts are neither read nor written: they may say who the patient is.

mod affine;
mod header;
mod read;
mod write;

pub use read::{inflated, read_grid, read_labels, read_volume};
pub use write::{write_labels, write_volume, write_voxels};

/// More voxels than this are refused before anything is allocated.
pub const VOXELS_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// A file that inflates beyond this is refused.
pub const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;

/// Why a NIfTI file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NiftiError {
    #[error("not a NIfTI-1 or NIfTI-2 file")]
    NotNifti,
    #[error("the image is in another file: only single-file NIfTI is read")]
    HeaderPair,
    #[error("the gzip stream is damaged")]
    Gzip,
    #[error("the file ends before its voxels do")]
    Truncated,
    #[error("{field} has no valid value")]
    Invalid { field: &'static str },
    #[error("more than three dimensions are not supported")]
    MoreThanThreeDimensions,
    #[error("voxels of data type {code} are not supported")]
    DataType { code: i16 },
    #[error("the image has more voxels or bytes than are accepted")]
    TooLarge,
    #[error("neither sform nor qform says where the image lies in the patient")]
    NoOrientation,
    #[error("the axes are not at right angles")]
    Sheared,
    #[error("a voxel of the label map is no whole number from 0 to 65,535")]
    NotALabel,
}

/// Why a NIfTI file was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NiftiWriteError {
    #[error("the grid has {expected} voxels and {found} labels came")]
    Count { expected: u64, found: u64 },
    #[error("the voxels cannot be compressed")]
    Gzip,
}

#[cfg(test)]
mod tests;
