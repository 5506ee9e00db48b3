//! Where a NIfTI image lies in the patient, in our coordinates, and the way back.
//!
//! NIfTI counts millimetres towards right, anterior, superior (RAS); we count towards left, posterior, superior
//! (LPS), as DICOM does. Only the affine changes sign: voxels stay in their order.

use super::NiftiError;
use super::header::Header;
use agent_imaging::Grid;
use agent_imaging::geometry::InvalidGrid;

/// Three axis vectors (voxel to mm, unnormalised) and the centre of voxel (0, 0, 0), RAS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Affine {
    pub(crate) axes: [[f64; 3]; 3],
    pub(crate) origin: [f64; 3],
}

const RAS_TO_LPS: [f64; 3] = [-1.0, -1.0, 1.0];

fn flip(vector: [f64; 3]) -> [f64; 3] {
    let [x, y, z] = vector;
    let [flip_x, flip_y, flip_z] = RAS_TO_LPS;
    [x * flip_x, y * flip_y, z * flip_z]
}

/// The grid of a file. The sform wins over the qform (nifti1.h, method 3 over method 2).
pub(crate) fn grid(header: &Header) -> Result<Grid, NiftiError> {
    let affine = if header.sform_code > 0 {
        sform(header)
    } else if header.qform_code > 0 {
        qform(header)?
    } else {
        return Err(NiftiError::NoOrientation);
    };
    let unit = header.unit_mm;
    let lengths = affine.axes.map(|axis| axis.iter().map(|part| part * part).sum::<f64>().sqrt());
    let field = if header.sform_code > 0 { "srow" } else { "pixdim" };
    if lengths.iter().any(|length| !(length.is_finite() && *length > 1e-9)) {
        return Err(NiftiError::Invalid { field });
    }
    let mut direction = affine.axes;
    for (axis, length) in direction.iter_mut().zip(lengths) {
        *axis = flip(axis.map(|part| part / length));
    }
    let origin = flip(affine.origin).map(|part| part * unit);
    let grid = Grid::new(header.size, lengths.map(|length| length * unit), origin, direction);
    grid.map_err(|cause| match cause {
        InvalidGrid::Size => NiftiError::Invalid { field: "dim" },
        InvalidGrid::Spacing => NiftiError::Invalid { field },
        InvalidGrid::Origin => NiftiError::Invalid { field: "offset" },
        InvalidGrid::Direction => NiftiError::Sheared,
    })
}

fn sform(header: &Header) -> Affine {
    let [x, y, z] = header.rows;
    let [x0, x1, x2, x_origin] = x;
    let [y0, y1, y2, y_origin] = y;
    let [z0, z1, z2, z_origin] = z;
    Affine { axes: [[x0, y0, z0], [x1, y1, z1], [x2, y2, z2]], origin: [x_origin, y_origin, z_origin] }
}

/// nifti1.h, method 2.
fn qform(header: &Header) -> Result<Affine, NiftiError> {
    let [b, c, d] = header.quaternion;
    let [handedness, spacing @ ..] = header.pixel_dimensions;
    let norm = b * b + c * c + d * d;
    if !norm.is_finite() || norm > 1.01 {
        return Err(NiftiError::Invalid { field: "quatern" });
    }
    if spacing.iter().any(|length| !(length.is_finite() && *length > 0.0)) {
        return Err(NiftiError::Invalid { field: "pixdim" });
    }
    // A norm a rounding error above 1 is half a turn.
    let (a, shrink) = if norm < 1.0 { ((1.0 - norm).sqrt(), 1.0) } else { (0.0, 1.0 / norm.sqrt()) };
    let (b, c, d) = (b * shrink, c * shrink, d * shrink);
    let [first, second, third] = spacing;
    let third = if handedness < 0.0 { -third } else { third };
    let axes = [
        [a * a + b * b - c * c - d * d, 2.0 * (b * c + a * d), 2.0 * (b * d - a * c)]
            .map(|part| part * first),
        [2.0 * (b * c - a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d + a * b)]
            .map(|part| part * second),
        [2.0 * (b * d + a * c), 2.0 * (c * d - a * b), a * a + d * d - c * c - b * b]
            .map(|part| part * third),
    ];
    Ok(Affine { axes, origin: header.quaternion_offset })
}

/// The affine of a grid, RAS, millimetres.
pub(crate) fn of_grid(grid: &Grid) -> Affine {
    let mut axes = grid.direction();
    for (axis, spacing) in axes.iter_mut().zip(grid.spacing_mm()) {
        *axis = flip(axis.map(|part| part * spacing));
    }
    Affine { axes, origin: flip(grid.origin_mm()) }
}

/// The quaternion (b, c, d) and handedness of unit axes, RAS. Source: nifti1_io.c, `nifti_mat44_to_quatern`.
pub(crate) fn quaternion(unit_axes: [[f64; 3]; 3]) -> ([f64; 3], f64) {
    let [i, j, mut k] = unit_axes;
    let [ix, iy, iz] = i;
    let [jx, jy, jz] = j;
    let cross = [iy * jz - iz * jy, iz * jx - ix * jz, ix * jy - iy * jx];
    let handedness = if cross.iter().zip(k).map(|(a, b)| a * b).sum::<f64>() < 0.0 { -1.0 } else { 1.0 };
    k = k.map(|part| part * handedness);
    let [kx, ky, kz] = k;
    // Squared parts, each from the trace; the largest is the safest to divide by.
    let squares = [1.0 + ix + jy + kz, 1.0 + ix - jy - kz, 1.0 - ix + jy - kz, 1.0 - ix - jy + kz]
        .map(|part| part.max(0.0) / 4.0);
    let [a2, b2, c2, d2] = squares;
    let largest = squares.iter().copied().fold(0.0, f64::max);
    let parts = if a2 == largest {
        let a = a2.sqrt();
        [a, (jz - ky) / (4.0 * a), (kx - iz) / (4.0 * a), (iy - jx) / (4.0 * a)]
    } else if b2 == largest {
        let b = b2.sqrt();
        [(jz - ky) / (4.0 * b), b, (jx + iy) / (4.0 * b), (kx + iz) / (4.0 * b)]
    } else if c2 == largest {
        let c = c2.sqrt();
        [(kx - iz) / (4.0 * c), (jx + iy) / (4.0 * c), c, (ky + jz) / (4.0 * c)]
    } else {
        let d = d2.sqrt();
        [(iy - jx) / (4.0 * d), (kx + iz) / (4.0 * d), (ky + jz) / (4.0 * d), d]
    };
    let [a, b, c, d] = parts;
    // The file has no room for a; it is taken to be positive.
    let sign = if a < 0.0 { -1.0 } else { 1.0 };
    ([b * sign, c * sign, d * sign], handedness)
}
