//! Where voxels lie in the patient: one regular grid, and how a series of slices becomes one.
//!
//! Patient space is LPS in millimetres, as in DICOM (PS3.3 C.7.6.2.1.1): x grows to the
//! patient's left, y to the back, z to the head. Resampling is not done here or anywhere.

mod grid;
mod series;
mod space;

pub use grid::{Grid, InvalidGrid, MAX_AXIS, PatientMm, Plane, VoxelIndex};
pub use series::{Reason, SeriesGeometry, SlicePlacement, series_geometry};
pub use space::{ImageSpace, Picture};

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(crate) fn subtract(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn scale(a: [f64; 3], by: f64) -> [f64; 3] {
    [a[0] * by, a[1] * by, a[2] * by]
}

pub(crate) fn length(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}
