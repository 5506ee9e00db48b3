//! Volumes, masks and measures.
//!
//! What an image volume is once its header is gone: a grid in the patient, voxels, label maps
//! and shapes drawn on them, and the numbers that measure and compare them. This room does no I/O, reads no
//! clock, draws no random number, and knows nothing of DICOM, NIfTI, patients or people.
//!
//! Start at [`geometry::Grid`]; then [`mask::LabelMap`], [`metrics::compare`] and [`measure::label`].

pub mod consensus;
pub mod contours;
pub mod geometry;
pub mod mask;
pub mod measure;
pub mod metrics;
pub mod ops;
pub mod regrid;
pub mod shapes;
pub mod surface_mesh;
pub mod volume;
pub mod window;

pub use geometry::{Grid, ImageSpace, PatientMm, Picture, Plane, VoxelIndex};
pub use mask::{DeltaRun, LabelMap, Run, SliceDelta};
pub use volume::{Volume, VoxelType, Voxels};
