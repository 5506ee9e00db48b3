//! Records of objects, as they are drafted and as they are published.

use proto_instruction::{
    Code, Colour, CountLimits, DraftGeometry, DraftObject, Geometry, Object, ObjectCodes, ObjectLimits,
    Severity,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DraftObjectV1 {
    id: u32,
    key: String,
    name: String,
    colour: String,
    hotkey: String,
    /// 0 where there is no label map.
    label: u32,
    tolerance_mm: f64,
    #[serde(flatten)]
    more: MoreV1,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ObjectV1 {
    id: u32,
    key: String,
    name: String,
    colour: u32,
    hotkey: Option<char>,
    /// 0 where there is no label map.
    label: u8,
    tolerance_mm: f64,
    #[serde(flatten)]
    more: MoreV1,
}

/// What the first objects did not have: they were label maps without limits.
#[derive(Debug, Serialize, Deserialize)]
#[serde(default)]
struct MoreV1 {
    help: String,
    geometry: u32,
    minimum: u32,
    maximum: Option<u32>,
    limits: LimitsV1,
    severity: u32,
    must_state: bool,
    category: Option<CodeV1>,
    kind: Option<CodeV1>,
    anatomy: Option<CodeV1>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct LimitsV1 {
    minimum_diameter_mm: Option<f64>,
    maximum_diameter_mm: Option<f64>,
    minimum_volume_mm3: Option<f64>,
    maximum_volume_mm3: Option<f64>,
    minimum_slices: Option<u32>,
    maximum_slices: Option<u32>,
    maximum_elongation: Option<f64>,
    no_cavities: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct CodeV1 {
    value: String,
    scheme: String,
    meaning: String,
}

const LABEL_MAP: u32 = 1;
const BOX: u32 = 2;
const POINT: u32 = 3;
const LINE: u32 = 4;
const CLASSIFICATION: u32 = 5;

const WARN: u32 = 1;
const REFUSE: u32 = 2;

impl Default for MoreV1 {
    fn default() -> Self {
        Self {
            help: String::new(),
            geometry: LABEL_MAP,
            minimum: 0,
            maximum: None,
            limits: LimitsV1::default(),
            severity: WARN,
            must_state: false,
            category: None,
            kind: None,
            anatomy: None,
        }
    }
}

impl DraftObjectV1 {
    pub(super) fn of(object: &DraftObject) -> Self {
        let (geometry, label, tolerance_mm) = match object.geometry {
            DraftGeometry::LabelMap { label, tolerance_mm } => (LABEL_MAP, label, tolerance_mm),
            DraftGeometry::Box => (BOX, 0, 0.0),
            DraftGeometry::Point => (POINT, 0, 0.0),
            DraftGeometry::Line => (LINE, 0, 0.0),
            DraftGeometry::Classification => (CLASSIFICATION, 0, 0.0),
        };
        let more = MoreV1 {
            help: object.help.clone(),
            geometry,
            minimum: object.count.minimum,
            maximum: object.count.maximum,
            limits: LimitsV1::of(&object.limits),
            severity: severity_code(object.severity),
            must_state: object.must_state,
            category: object.codes.category.as_ref().map(CodeV1::of),
            kind: object.codes.kind.as_ref().map(CodeV1::of),
            anatomy: object.codes.anatomy.as_ref().map(CodeV1::of),
        };
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            colour: object.colour.clone(),
            hotkey: object.hotkey.clone(),
            label,
            tolerance_mm,
            more,
        }
    }

    pub(super) fn thing(self) -> Option<DraftObject> {
        let (label, tolerance_mm) = (self.label, self.tolerance_mm);
        Some(DraftObject {
            id: self.id,
            key: self.key,
            name: self.name,
            colour: self.colour,
            hotkey: self.hotkey,
            geometry: match self.more.geometry {
                LABEL_MAP => DraftGeometry::LabelMap { label, tolerance_mm },
                BOX => DraftGeometry::Box,
                POINT => DraftGeometry::Point,
                LINE => DraftGeometry::Line,
                CLASSIFICATION => DraftGeometry::Classification,
                _ => return None,
            },
            count: CountLimits { minimum: self.more.minimum, maximum: self.more.maximum },
            limits: self.more.limits.thing(),
            severity: severity_of(self.more.severity)?,
            must_state: self.more.must_state,
            codes: ObjectCodes {
                category: self.more.category.map(CodeV1::thing),
                kind: self.more.kind.map(CodeV1::thing),
                anatomy: self.more.anatomy.map(CodeV1::thing),
            },
            help: self.more.help,
        })
    }
}

impl ObjectV1 {
    pub(super) fn of(object: &Object) -> Self {
        let (geometry, label, tolerance_mm) = match object.geometry {
            Geometry::LabelMap { label, tolerance_mm } => (LABEL_MAP, label, tolerance_mm),
            Geometry::Box => (BOX, 0, 0.0),
            Geometry::Point => (POINT, 0, 0.0),
            Geometry::Line => (LINE, 0, 0.0),
            Geometry::Classification => (CLASSIFICATION, 0, 0.0),
        };
        let more = MoreV1 {
            help: object.help.clone(),
            geometry,
            minimum: object.count.minimum,
            maximum: object.count.maximum,
            limits: LimitsV1::of(&object.limits),
            severity: severity_code(object.severity),
            must_state: object.must_state,
            category: object.codes.category.as_ref().map(CodeV1::of),
            kind: object.codes.kind.as_ref().map(CodeV1::of),
            anatomy: object.codes.anatomy.as_ref().map(CodeV1::of),
        };
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            colour: object.colour.rgb(),
            hotkey: object.hotkey,
            label,
            tolerance_mm,
            more,
        }
    }

    pub(super) fn thing(self) -> Option<Object> {
        let (label, tolerance_mm) = (self.label, self.tolerance_mm);
        Some(Object {
            id: self.id,
            key: self.key,
            name: self.name,
            colour: Colour::from_rgb(self.colour).ok()?,
            hotkey: self.hotkey,
            geometry: match self.more.geometry {
                LABEL_MAP => Geometry::LabelMap { label, tolerance_mm },
                BOX => Geometry::Box,
                POINT => Geometry::Point,
                LINE => Geometry::Line,
                CLASSIFICATION => Geometry::Classification,
                _ => return None,
            },
            count: CountLimits { minimum: self.more.minimum, maximum: self.more.maximum },
            limits: self.more.limits.thing(),
            severity: severity_of(self.more.severity)?,
            must_state: self.more.must_state,
            codes: ObjectCodes {
                category: self.more.category.map(CodeV1::thing),
                kind: self.more.kind.map(CodeV1::thing),
                anatomy: self.more.anatomy.map(CodeV1::thing),
            },
            help: self.more.help,
        })
    }
}

pub(super) const fn severity_code(severity: Severity) -> u32 {
    match severity {
        Severity::Warn => WARN,
        Severity::Refuse => REFUSE,
    }
}

pub(super) const fn severity_of(code: u32) -> Option<Severity> {
    match code {
        WARN => Some(Severity::Warn),
        REFUSE => Some(Severity::Refuse),
        _ => None,
    }
}

impl LimitsV1 {
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

    fn thing(self) -> ObjectLimits {
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

impl CodeV1 {
    fn of(code: &Code) -> Self {
        Self { value: code.value.clone(), scheme: code.scheme.clone(), meaning: code.meaning.clone() }
    }

    fn thing(self) -> Code {
        Code { value: self.value, scheme: self.scheme, meaning: self.meaning }
    }
}
