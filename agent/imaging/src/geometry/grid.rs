//! One regular grid of voxels in patient space.

use super::{cross, dot, length};

/// The longest axis: a DICOM row or column count is 16 bits wide. One less than 65,536 lets a
/// distance in slices and "none" share 16 bits.
pub const MAX_AXIS: u32 = 65_534;

/// How far direction vectors may be from orthonormal. Headers carry six digits.
const DIRECTION_TOLERANCE: f64 = 1e-4;

/// How far two grids may differ and still be the same, in millimetres at the far corner.
const SAME_GRID_MM: f64 = 1e-2;

/// A place in the grid, in voxels; whole numbers are voxel centres. Axes (i, j, k): column, row, slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoxelIndex(pub [f64; 3]);

/// A place in the patient, LPS, in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PatientMm(pub [f64; 3]);

/// Which way the slices of a grid face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plane {
    /// Slices seen from the feet.
    Axial,
    /// Slices seen from the side.
    Sagittal,
    /// Slices seen from the front.
    Coronal,
    /// More than 15 degrees off all three.
    Oblique,
}

/// Why numbers do not describe a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGrid {
    /// An axis has no voxels or more than [`MAX_AXIS`].
    #[error("an axis of the grid has no voxels or more than {MAX_AXIS}")]
    Size,
    /// Spacing is not a positive number of millimetres below one metre.
    #[error("the spacing of the grid is not a positive number of millimetres below 1000")]
    Spacing,
    /// The origin is not finite.
    #[error("the origin of the grid is not finite")]
    Origin,
    /// The axes are not unit vectors at right angles.
    #[error("the axes of the grid are not unit vectors at right angles")]
    Direction,
}

/// A regular grid: `size` voxels along (i, j, k), at `spacing_mm`, the centre of voxel (0, 0, 0)
/// at `origin_mm`; `direction[axis]` is the unit vector of that axis. Voxels are stored i fastest,
/// then j, then k. The axes may be left-handed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    size: [u32; 3],
    spacing_mm: [f64; 3],
    origin_mm: [f64; 3],
    direction: [[f64; 3]; 3],
}

impl Grid {
    /// Checks the numbers and builds the grid.
    ///
    /// # Errors
    /// [`InvalidGrid`] names the first part that is wrong.
    pub fn new(
        size: [u32; 3],
        spacing_mm: [f64; 3],
        origin_mm: [f64; 3],
        direction: [[f64; 3]; 3],
    ) -> Result<Self, InvalidGrid> {
        if size.iter().any(|&length| length == 0 || length > MAX_AXIS) {
            return Err(InvalidGrid::Size);
        }
        if spacing_mm.iter().any(|&mm| !(mm > 0.0 && mm < 1000.0)) {
            return Err(InvalidGrid::Spacing);
        }
        if origin_mm.iter().any(|mm| !mm.is_finite()) {
            return Err(InvalidGrid::Origin);
        }
        if !orthonormal(&direction) {
            return Err(InvalidGrid::Direction);
        }
        Ok(Self { size, spacing_mm, origin_mm, direction })
    }

    /// Voxels along (i, j, k).
    pub const fn size(&self) -> [u32; 3] {
        self.size
    }

    /// Distance of neighbouring voxel centres along (i, j, k), in millimetres.
    pub const fn spacing_mm(&self) -> [f64; 3] {
        self.spacing_mm
    }

    /// The centre of voxel (0, 0, 0), LPS, in millimetres.
    pub const fn origin_mm(&self) -> [f64; 3] {
        self.origin_mm
    }

    /// The unit vectors of the i, j and k axes.
    pub const fn direction(&self) -> [[f64; 3]; 3] {
        self.direction
    }

    /// Voxels in one slice. Two 16-bit axes fit 32 bits.
    pub const fn slice_voxels(&self) -> u32 {
        self.size[0] * self.size[1]
    }

    /// Voxels in the whole grid. Three 16-bit axes fit 64 bits.
    pub const fn voxels(&self) -> u64 {
        self.slice_voxels() as u64 * self.size[2] as u64
    }

    /// The volume of one voxel in cubic millimetres.
    pub fn voxel_mm3(&self) -> f64 {
        self.spacing_mm.iter().product()
    }

    /// Where a place in the grid lies in the patient.
    pub fn to_patient(&self, index: VoxelIndex) -> PatientMm {
        let mut place = self.origin_mm;
        for axis in 0..3 {
            let along_mm = index.0[axis] * self.spacing_mm[axis];
            for (coordinate, unit) in place.iter_mut().zip(self.direction[axis]) {
                *coordinate += unit * along_mm;
            }
        }
        PatientMm(place)
    }

    /// Where a place in the patient lies in the grid; it may be outside.
    pub fn to_voxel(&self, place: PatientMm) -> VoxelIndex {
        let offset = super::subtract(place.0, self.origin_mm);
        VoxelIndex([0, 1, 2].map(|axis| dot(offset, self.direction[axis]) / self.spacing_mm[axis]))
    }

    /// The voxel whose centre is nearest to a place, if it is inside the grid.
    pub fn nearest(&self, place: PatientMm) -> Option<[u32; 3]> {
        let index = self.to_voxel(place).0;
        let mut voxel = [0; 3];
        for axis in 0..3 {
            let rounded = index[axis].round();
            if !(rounded >= 0.0 && rounded < f64::from(self.size[axis])) {
                return None;
            }
            voxel[axis] = rounded as u32;
        }
        Some(voxel)
    }

    /// Which way the slices face, by the axis that they are stacked along.
    pub fn plane(&self) -> Plane {
        let normal = cross(self.direction[0], self.direction[1]).map(f64::abs);
        // Cosine of 15 degrees.
        let facing = normal.iter().position(|&cosine| cosine > 0.965_925_826_289_068_3);
        match facing {
            Some(0) => Plane::Sagittal,
            Some(1) => Plane::Coronal,
            Some(_) => Plane::Axial,
            None => Plane::Oblique,
        }
    }

    /// Whether two grids have the same voxels at the same places, up to the digits that files keep.
    pub fn same_as(&self, other: &Self) -> bool {
        if self.size != other.size {
            return false;
        }
        (0..8_u8).all(|corner| {
            let index = VoxelIndex(
                [0, 1, 2].map(
                    |axis| {
                        if corner >> axis & 1 == 1 { f64::from(self.size[axis] - 1) } else { 0.0 }
                    },
                ),
            );
            let apart = super::subtract(self.to_patient(index).0, other.to_patient(index).0);
            length(apart) <= SAME_GRID_MM
        })
    }
}

fn orthonormal(direction: &[[f64; 3]; 3]) -> bool {
    (0..3).all(|a| {
        (a..3).all(|b| {
            let expected = if a == b { 1.0 } else { 0.0 };
            // A comparison with a NaN is false.
            (dot(direction[a], direction[b]) - expected).abs() <= DIRECTION_TOLERANCE
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    fn turned(degrees: f64) -> [[f64; 3]; 3] {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        [[1.0, 0.0, 0.0], [0.0, cosine, sine], [0.0, -sine, cosine]]
    }

    #[test]
    fn numbers_that_are_not_a_grid_are_refused_by_part() {
        let good = |size, spacing, origin, direction| Grid::new(size, spacing, origin, direction);
        assert_eq!(good([0, 1, 1], [1.0; 3], [0.0; 3], AXES), Err(InvalidGrid::Size));
        assert_eq!(good([1, 65_535, 1], [1.0; 3], [0.0; 3], AXES), Err(InvalidGrid::Size));
        assert_eq!(good([1; 3], [1.0, 0.0, 1.0], [0.0; 3], AXES), Err(InvalidGrid::Spacing));
        assert_eq!(good([1; 3], [1.0, f64::NAN, 1.0], [0.0; 3], AXES), Err(InvalidGrid::Spacing));
        assert_eq!(good([1; 3], [1.0; 3], [0.0, f64::INFINITY, 0.0], AXES), Err(InvalidGrid::Origin));
        assert_eq!(good([1; 3], [1.0; 3], [0.0; 3], [AXES[0]; 3]), Err(InvalidGrid::Direction));
        assert_eq!(good([1; 3], [1.0; 3], [0.0; 3], [[f64::NAN; 3]; 3]), Err(InvalidGrid::Direction));
    }

    #[test]
    fn the_plane_is_the_nearest_within_fifteen_degrees() {
        let grid = |direction| Grid::new([2; 3], [1.0; 3], [0.0; 3], direction).unwrap();
        assert_eq!(grid(AXES).plane(), Plane::Axial);
        assert_eq!(grid(turned(12.0)).plane(), Plane::Axial);
        assert_eq!(grid(turned(45.0)).plane(), Plane::Oblique);
        assert_eq!(grid(turned(90.0)).plane(), Plane::Coronal);
        assert_eq!(grid([AXES[1], AXES[2], AXES[0]]).plane(), Plane::Sagittal);
    }

    #[test]
    fn a_grid_is_the_same_only_at_the_same_place() {
        let grid = |origin| Grid::new([64; 3], [1.0; 3], origin, AXES).unwrap();
        assert!(grid([0.0; 3]).same_as(&grid([0.001, 0.0, 0.0])));
        assert!(!grid([0.0; 3]).same_as(&grid([0.5, 0.0, 0.0])));
        assert_eq!(grid([0.0; 3]).nearest(PatientMm([1.4, 2.6, 63.4])), Some([1, 3, 63]));
        assert_eq!(grid([0.0; 3]).nearest(PatientMm([-0.6, 0.0, 0.0])), None);
    }

    proptest! {
        #[test]
        fn a_place_comes_back_from_the_patient(
            index in prop::array::uniform3(-100.0..600.0_f64),
            spacing in prop::array::uniform3(0.1..5.0_f64),
            degrees in 0.0..360.0_f64,
        ) {
            let grid = Grid::new([512, 512, 300], spacing, [-120.0, 33.0, 7.5], turned(degrees)).unwrap();
            let back = grid.to_voxel(grid.to_patient(VoxelIndex(index))).0;
            for axis in 0..3 {
                prop_assert!((back[axis] - index[axis]).abs() < 1e-6);
            }
        }
    }
}
