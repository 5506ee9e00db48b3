//! Objects of an instruction as JSON.

use proto_instruction::{Code, CountLimits, Geometry, Object, ObjectCodes, ObjectLimits, Severity};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
enum GeometryJson {
    LabelMap {
        /// Value in the label map, 1 to 255.
        label: u8,
        /// Tolerance of the surface measure.
        tolerance_mm: f64,
    },
    Box {},
    Point {},
    Line {},
    Classification {},
}

#[derive(Debug, Serialize, ToSchema)]
struct CountJson {
    minimum: u32,
    #[schema(required = true)]
    maximum: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SeverityJson {
    Warn,
    Refuse,
}

#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
struct CodeJson {
    value: String,
    scheme: String,
    meaning: String,
}

impl From<&Object> for ObjectJson {
    fn from(object: &Object) -> Self {
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            help: object.help.clone(),
            colour: object.colour.to_string(),
            hotkey: object.hotkey.map(String::from).unwrap_or_default(),
            geometry: object.geometry.into(),
            count: object.count.into(),
            limits: object.limits.into(),
            severity: object.severity.into(),
            must_state: object.must_state,
            codes: (&object.codes).into(),
        }
    }
}

impl From<Geometry> for GeometryJson {
    fn from(geometry: Geometry) -> Self {
        match geometry {
            Geometry::LabelMap { label, tolerance_mm } => Self::LabelMap { label, tolerance_mm },
            Geometry::Box => Self::Box {},
            Geometry::Point => Self::Point {},
            Geometry::Line => Self::Line {},
            Geometry::Classification => Self::Classification {},
        }
    }
}

impl From<CountLimits> for CountJson {
    fn from(count: CountLimits) -> Self {
        Self { minimum: count.minimum, maximum: count.maximum }
    }
}

impl From<ObjectLimits> for LimitsJson {
    fn from(limits: ObjectLimits) -> Self {
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
}

impl From<Severity> for SeverityJson {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Warn => Self::Warn,
            Severity::Refuse => Self::Refuse,
        }
    }
}

impl From<&ObjectCodes> for CodesJson {
    fn from(codes: &ObjectCodes) -> Self {
        Self {
            category: codes.category.as_ref().map(CodeJson::from),
            kind: codes.kind.as_ref().map(CodeJson::from),
            anatomy: codes.anatomy.as_ref().map(CodeJson::from),
        }
    }
}

impl From<&Code> for CodeJson {
    fn from(code: &Code) -> Self {
        Self { value: code.value.clone(), scheme: code.scheme.clone(), meaning: code.meaning.clone() }
    }
}
