//! Objects: things to find, how they are drawn, and what limits hold for them.

use crate::Colour;

/// A thing to find.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Never used again for another object.
    pub id: u32,
    /// `[a-z][a-z0-9_]*`, unique.
    pub key: String,
    pub name: String,
    /// Shown beside the object; may be empty.
    pub help: String,
    pub colour: Colour,
    /// One letter or digit, unique.
    pub hotkey: Option<char>,
    pub geometry: Geometry,
    /// How many there may be: shapes, or connected parts of a label map.
    pub count: CountLimits,
    pub limits: ObjectLimits,
    /// What happens when a count or a limit is broken.
    pub severity: Severity,
    /// Whether an object that is not drawn has to be stated absent or not assessable. A
    /// classification always has to be stated.
    pub must_state: bool,
    pub codes: ObjectCodes,
}

/// How an object is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Geometry {
    /// Voxels of a label map.
    LabelMap {
        /// Value in the label map, 1 to 255, unique.
        label: u8,
        /// Tolerance of the surface measure.
        tolerance_mm: f64,
    },
    /// Boxes along the axes of the voxel grid.
    Box,
    /// Single places.
    Point,
    /// Straight lines between two places.
    Line,
    /// Nothing is drawn; it is stated whether the object is there.
    Classification,
}

/// How many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CountLimits {
    pub minimum: u32,
    pub maximum: Option<u32>,
}

/// Limits of size and shape. They hold for a label map as a whole, and for each box or line by itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ObjectLimits {
    pub minimum_diameter_mm: Option<f64>,
    pub maximum_diameter_mm: Option<f64>,
    pub minimum_volume_mm3: Option<f64>,
    pub maximum_volume_mm3: Option<f64>,
    pub minimum_slices: Option<u32>,
    pub maximum_slices: Option<u32>,
    /// Longest over second longest principal axis; 1 for a ball. Label maps only.
    pub maximum_elongation: Option<f64>,
    /// Whether enclosed empty space is refused. Label maps only.
    pub no_cavities: bool,
}

/// What happens when a rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Work may be handed in with a reason.
    Warn,
    /// Work cannot be handed in.
    Refuse,
}

/// Coded terms, as DICOM segments carry them (PS3.3 C.8.20.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectCodes {
    /// Segmented Property Category.
    pub category: Option<Code>,
    /// Segmented Property Type.
    pub kind: Option<Code>,
    /// Anatomic Region.
    pub anatomy: Option<Code>,
}

/// A coded term (PS3.3 8.1 to 8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// 1 to 16 characters.
    pub value: String,
    /// Coding scheme designator, such as SCT; 1 to 16 characters.
    pub scheme: String,
    /// 1 to 64 characters.
    pub meaning: String,
}

impl Object {
    /// Its value in the label map; none when it is not drawn into one.
    pub const fn label(&self) -> Option<u8> {
        match self.geometry {
            Geometry::LabelMap { label, .. } => Some(label),
            Geometry::Box | Geometry::Point | Geometry::Line | Geometry::Classification => None,
        }
    }

    /// Whether its presence has to be said where nothing is drawn.
    pub const fn states(&self) -> bool {
        self.must_state || matches!(self.geometry, Geometry::Classification)
    }

    /// Whether shapes of it are drawn: boxes, points or lines.
    pub const fn has_shapes(&self) -> bool {
        matches!(self.geometry, Geometry::Box | Geometry::Point | Geometry::Line)
    }
}
