//! Objects of an instruction as JSON.

use proto_instruction::{
    Code, CountLimits, DraftGeometry, DraftObject, Geometry, Object, ObjectCodes, ObjectLimits, Severity,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectJson {
    id: u32,
    key: String,
    name: String,
    /// Shown beside the object; may be empty.
    help: String,
    /// `#rrggbb`.
    colour: String,
    /// One letter or digit, or empty.
    hotkey: String,
    geometry: GeometryJson,
    count: CountJson,
    limits: LimitsJson,
    /// What happens when a count or a limit is broken.
    severity: SeverityJson,
    must_state: bool,
    codes: CodesJson,
}

/// How an object is drawn.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum GeometryJson {
    LabelMap {
        /// Value in the label map, 1 to 255.
        label: u32,
        /// Tolerance of the surface measure.
        tolerance_mm: f64,
    },
    Box {},
    Point {},
    Line {},
    Classification {},
}

/// The name of a geometry alone.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GeometryNameJson {
    LabelMap,
    Box,
    Point,
    Line,
    Classification,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CountJson {
    minimum: u32,
    #[schema(required = true)]
    maximum: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LimitsJson {
    #[schema(required = true)]
    minimum_diameter_mm: Option<f64>,
    #[schema(required = true)]
    maximum_diameter_mm: Option<f64>,
    #[schema(required = true)]
    minimum_volume_mm3: Option<f64>,
    #[schema(required = true)]
    maximum_volume_mm3: Option<f64>,
    #[schema(required = true)]
    minimum_slices: Option<u32>,
    #[schema(required = true)]
    maximum_slices: Option<u32>,
    /// Longest over second longest principal axis.
    #[schema(required = true)]
    maximum_elongation: Option<f64>,
    no_cavities: bool,
}

/// What happens when something is broken: a reason is asked for, or work cannot be handed in.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum SeverityJson {
    Warn,
    Refuse,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodesJson {
    /// Segmented Property Category.
    #[schema(required = true)]
    category: Option<CodeJson>,
    /// Segmented Property Type.
    #[schema(required = true)]
    kind: Option<CodeJson>,
    /// Anatomic Region.
    #[schema(required = true)]
    anatomy: Option<CodeJson>,
}

/// A coded term (PS3.3 8.1 to 8.3).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeJson {
    value: String,
    scheme: String,
    meaning: String,
}

impl ObjectJson {
    pub(super) fn of(object: &Object) -> Self {
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            help: object.help.clone(),
            colour: object.colour.to_string(),
            hotkey: object.hotkey.map(String::from).unwrap_or_default(),
            geometry: GeometryJson::of(object.geometry),
            count: CountJson::of(object.count),
            limits: LimitsJson::of(&object.limits),
            severity: object.severity.into(),
            must_state: object.must_state,
            codes: CodesJson::of(&object.codes),
        }
    }

    pub(super) fn of_draft(object: &DraftObject) -> Self {
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            help: object.help.clone(),
            colour: object.colour.clone(),
            hotkey: object.hotkey.clone(),
            geometry: GeometryJson::of_draft(object.geometry),
            count: CountJson::of(object.count),
            limits: LimitsJson::of(&object.limits),
            severity: object.severity.into(),
            must_state: object.must_state,
            codes: CodesJson::of(&object.codes),
        }
    }

    pub(super) fn draft(self) -> DraftObject {
        DraftObject {
            id: self.id,
            key: self.key,
            name: self.name,
            help: self.help,
            colour: self.colour,
            hotkey: self.hotkey,
            geometry: self.geometry.draft(),
            count: CountLimits { minimum: self.count.minimum, maximum: self.count.maximum },
            limits: self.limits.limits(),
            severity: self.severity.into(),
            must_state: self.must_state,
            codes: self.codes.codes(),
        }
    }
}

impl GeometryJson {
    fn of(geometry: Geometry) -> Self {
        match geometry {
            Geometry::LabelMap { label, tolerance_mm } => {
                Self::LabelMap { label: u32::from(label), tolerance_mm }
            }
            Geometry::Box => Self::Box {},
            Geometry::Point => Self::Point {},
            Geometry::Line => Self::Line {},
            Geometry::Classification => Self::Classification {},
        }
    }

    fn of_draft(geometry: DraftGeometry) -> Self {
        match geometry {
            DraftGeometry::LabelMap { label, tolerance_mm } => Self::LabelMap { label, tolerance_mm },
            DraftGeometry::Box => Self::Box {},
            DraftGeometry::Point => Self::Point {},
            DraftGeometry::Line => Self::Line {},
            DraftGeometry::Classification => Self::Classification {},
        }
    }

    fn draft(self) -> DraftGeometry {
        match self {
            Self::LabelMap { label, tolerance_mm } => DraftGeometry::LabelMap { label, tolerance_mm },
            Self::Box {} => DraftGeometry::Box,
            Self::Point {} => DraftGeometry::Point,
            Self::Line {} => DraftGeometry::Line,
            Self::Classification {} => DraftGeometry::Classification,
        }
    }
}

impl From<Geometry> for GeometryNameJson {
    fn from(geometry: Geometry) -> Self {
        match geometry {
            Geometry::LabelMap { .. } => Self::LabelMap,
            Geometry::Box => Self::Box,
            Geometry::Point => Self::Point,
            Geometry::Line => Self::Line,
            Geometry::Classification => Self::Classification,
        }
    }
}

impl CountJson {
    fn of(count: CountLimits) -> Self {
        Self { minimum: count.minimum, maximum: count.maximum }
    }
}

impl LimitsJson {
    fn of(limits: &ObjectLimits) -> Self {
        Self {
            minimum_diameter_mm: limits.minimum_diameter_mm,
            maximum_diameter_mm: limits.maximum_diameter_mm,
            minimum_volume_mm3: limits.minimum_volume_mm3,
            maximum_volume_mm3: limits.maximum_volume_mm3,
            minimum_slices: limits.minimum_slices,
            maximum_slices: limits.maximum_slices,
            maximum_elongation: limits.maximum_elongation,
            no_cavities: limits.no_cavities,
        }
    }

    fn limits(self) -> ObjectLimits {
        ObjectLimits {
            minimum_diameter_mm: self.minimum_diameter_mm,
            maximum_diameter_mm: self.maximum_diameter_mm,
            minimum_volume_mm3: self.minimum_volume_mm3,
            maximum_volume_mm3: self.maximum_volume_mm3,
            minimum_slices: self.minimum_slices,
            maximum_slices: self.maximum_slices,
            maximum_elongation: self.maximum_elongation,
            no_cavities: self.no_cavities,
        }
    }
}

impl From<Severity> for SeverityJson {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Warn => Self::Warn,
            Severity::Refuse => Self::Refuse,
        }
    }
}

impl From<SeverityJson> for Severity {
    fn from(severity: SeverityJson) -> Self {
        match severity {
            SeverityJson::Warn => Self::Warn,
            SeverityJson::Refuse => Self::Refuse,
        }
    }
}

impl CodesJson {
    fn of(codes: &ObjectCodes) -> Self {
        Self {
            category: codes.category.as_ref().map(CodeJson::of),
            kind: codes.kind.as_ref().map(CodeJson::of),
            anatomy: codes.anatomy.as_ref().map(CodeJson::of),
        }
    }

    fn codes(self) -> ObjectCodes {
        ObjectCodes {
            category: self.category.map(CodeJson::code),
            kind: self.kind.map(CodeJson::code),
            anatomy: self.anatomy.map(CodeJson::code),
        }
    }
}

impl CodeJson {
    fn of(code: &Code) -> Self {
        Self { value: code.value.clone(), scheme: code.scheme.clone(), meaning: code.meaning.clone() }
    }

    fn code(self) -> Code {
        Code { value: self.value, scheme: self.scheme, meaning: self.meaning }
    }
}
