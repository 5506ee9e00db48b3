//! Shapes: what is drawn without a brush. They live in the index space of the voxels.

use proto_ids::ShapeId;
use proto_instruction::Geometry;

/// The most shapes that one person's work may have.
pub const MAX_SHAPES: usize = 10_000;

/// One drawn shape of an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    pub id: ShapeId,
    pub object_id: u32,
    pub form: Form,
}

/// Where a shape is. The centre of a voxel has whole indices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// Continuous indices i, j, k: -0.5 to size - 0.5.
    Point { at: [f64; 3] },
    /// Continuous indices of both ends.
    Line { from: [f64; 3], to: [f64; 3] },
    /// Whole voxels, both corners included.
    Box { lower: [u32; 3], upper: [u32; 3] },
}

impl Form {
    /// Whether an object of this geometry is drawn so.
    pub const fn fits(&self, geometry: Geometry) -> bool {
        match self {
            Self::Point { .. } => matches!(geometry, Geometry::Point),
            Self::Line { .. } => matches!(geometry, Geometry::Line),
            Self::Box { .. } => matches!(geometry, Geometry::Box),
        }
    }

    /// Whether it lies in a volume of `size` voxels. What is not finite lies nowhere.
    pub fn inside(&self, size: [u32; 3]) -> bool {
        let place =
            |at: &[f64; 3]| at.iter().zip(size).all(|(at, size)| (-0.5..=f64::from(size) - 0.5).contains(at));
        match self {
            Self::Point { at } => place(at),
            Self::Line { from, to } => place(from) && place(to),
            Self::Box { lower, upper } => {
                let sides = lower.iter().zip(upper).zip(size);
                sides.into_iter().all(|((lower, upper), size)| lower <= upper && *upper < size)
            }
        }
    }
}
