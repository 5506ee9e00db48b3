//! The stored form of an object. Older stores know label maps only, without limits and codes.

use proto_instruction::{Code, Colour, CountLimits, Geometry, Object, ObjectCodes, ObjectLimits, Severity};
use serde::{Deserialize, Serialize};

use super::InstructionRecord;
use crate::StorageError;
use crate::record::Record;

#[derive(Serialize, Deserialize)]
pub(super) struct ObjectRecord {
    id: u32,
    key: String,
    name: String,
    #[serde(default)]
    help: String,
    colour: u32,
    hotkey: Option<char>,
    #[serde(default)]
    geometry: GeometryRecord,
    /// 0 where nothing is drawn into a label map; so is the tolerance.
    label: u8,
    tolerance_mm: f64,
    #[serde(default)]
    count: (u32, Option<u32>),
    #[serde(default)]
    limits: LimitsRecord,
    #[serde(default)]
    severity: SeverityRecord,
    #[serde(default)]
    must_state: bool,
    /// Category, kind, anatomy.
    #[serde(default)]
    codes: [Option<CodeRecord>; 3],
}

/// Value, scheme, meaning.
type CodeRecord = (String, String, String);

#[derive(Serialize, Deserialize, Default)]
enum GeometryRecord {
    #[default]
    LabelMap,
    Box,
    Point,
    Line,
    Classification,
}

#[derive(Serialize, Deserialize, Default)]
struct LimitsRecord {
    minimum_diameter_mm: Option<f64>,
    maximum_diameter_mm: Option<f64>,
    minimum_volume_mm3: Option<f64>,
    maximum_volume_mm3: Option<f64>,
    minimum_slices: Option<u32>,
    maximum_slices: Option<u32>,
    maximum_elongation: Option<f64>,
    no_cavities: bool,
}

#[derive(Serialize, Deserialize, Default, Clone, Copy)]
pub(super) enum SeverityRecord {
    #[default]
    Warn,
    Refuse,
}

impl ObjectRecord {
    pub(super) fn of(object: &Object) -> Self {
        let (geometry, label, tolerance_mm) = match object.geometry {
            Geometry::LabelMap { label, tolerance_mm } => (GeometryRecord::LabelMap, label, tolerance_mm),
            Geometry::Box => (GeometryRecord::Box, 0, 0.0),
            Geometry::Point => (GeometryRecord::Point, 0, 0.0),
            Geometry::Line => (GeometryRecord::Line, 0, 0.0),
            Geometry::Classification => (GeometryRecord::Classification, 0, 0.0),
        };
        let ObjectCodes { category, kind, anatomy } = &object.codes;
        Self {
            id: object.id,
            key: object.key.clone(),
            name: object.name.clone(),
            help: object.help.clone(),
            colour: object.colour.rgb(),
            hotkey: object.hotkey,
            geometry,
            label,
            tolerance_mm,
            count: (object.count.minimum, object.count.maximum),
            limits: LimitsRecord::of(&object.limits),
            severity: SeverityRecord::of(object.severity),
            must_state: object.must_state,
            codes: [category, kind, anatomy].map(|code| code.as_ref().map(code_record)),
        }
    }

    pub(super) fn read(self) -> Result<Object, StorageError> {
        let colour = Colour::from_rgb(self.colour);
        let (minimum, maximum) = self.count;
        let [category, kind, anatomy] = self.codes.map(|code| code.map(code_of));
        Ok(Object {
            id: self.id,
            key: self.key,
            name: self.name,
            help: self.help,
            colour: colour.map_err(|_| StorageError::Record { table: InstructionRecord::TABLE })?,
            hotkey: self.hotkey,
            geometry: match self.geometry {
                GeometryRecord::LabelMap => {
                    Geometry::LabelMap { label: self.label, tolerance_mm: self.tolerance_mm }
                }
                GeometryRecord::Box => Geometry::Box,
                GeometryRecord::Point => Geometry::Point,
                GeometryRecord::Line => Geometry::Line,
                GeometryRecord::Classification => Geometry::Classification,
            },
            count: CountLimits { minimum, maximum },
            limits: self.limits.read(),
            severity: self.severity.read(),
            must_state: self.must_state,
            codes: ObjectCodes { category, kind, anatomy },
        })
    }
}

fn code_record(code: &Code) -> CodeRecord {
    (code.value.clone(), code.scheme.clone(), code.meaning.clone())
}

fn code_of((value, scheme, meaning): CodeRecord) -> Code {
    Code { value, scheme, meaning }
}

impl LimitsRecord {
    const fn of(limits: &ObjectLimits) -> Self {
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

    const fn read(self) -> ObjectLimits {
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

impl SeverityRecord {
    pub(super) const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Warn => Self::Warn,
            Severity::Refuse => Self::Refuse,
        }
    }

    pub(super) const fn read(self) -> Severity {
        match self {
            Self::Warn => Severity::Warn,
            Self::Refuse => Severity::Refuse,
        }
    }
}
