//! Objects as wire messages.

use proto::types::v1 as types;
use proto_instruction::{Code, Geometry, Object, ObjectLimits, Severity};

pub(super) fn object(object: &Object) -> types::Object {
    types::Object {
        id: object.id,
        key: object.key.clone(),
        name: object.name.clone(),
        colour: object.colour.rgb(),
        hotkey: object.hotkey.map(String::from).unwrap_or_default(),
        help: object.help.clone(),
        geometry: Some(geometry(object.geometry)),
        count: Some(types::CountLimits { minimum: object.count.minimum, maximum: object.count.maximum }),
        limits: Some(limits(&object.limits)),
        severity: severity(object.severity).into(),
        must_state: object.must_state,
        category: object.codes.category.as_ref().map(code),
        kind: object.codes.kind.as_ref().map(code),
        anatomy: object.codes.anatomy.as_ref().map(code),
    }
}

pub(super) fn severity(severity: Severity) -> types::Severity {
    match severity {
        Severity::Warn => types::Severity::Warn,
        Severity::Refuse => types::Severity::Refuse,
    }
}

fn geometry(geometry: Geometry) -> types::object::Geometry {
    use types::object::Geometry as Wire;
    match geometry {
        Geometry::LabelMap { label, tolerance_mm } => {
            Wire::LabelMap(types::LabelMap { label: u32::from(label), tolerance_mm })
        }
        Geometry::Box => Wire::Box(types::BoxShape {}),
        Geometry::Point => Wire::Point(types::PointShape {}),
        Geometry::Line => Wire::Line(types::LineShape {}),
        Geometry::Classification => Wire::Classification(types::Classification {}),
    }
}

fn limits(limits: &ObjectLimits) -> types::ObjectLimits {
    types::ObjectLimits {
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

fn code(code: &Code) -> types::Code {
    types::Code { value: code.value.clone(), scheme: code.scheme.clone(), meaning: code.meaning.clone() }
}
