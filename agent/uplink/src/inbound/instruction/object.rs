//! Objects as they come down.

use proto::types::v1 as wire;
use proto_instruction::{Code, Colour, CountLimits, Geometry, Limits, Object, ObjectCodes, ObjectLimits};

use super::{LONGEST_TEXT, refuse, severity};
use crate::inbound::{InvalidInbound, text};

pub(super) fn object(object: wire::Object) -> Result<Object, InvalidInbound> {
    let mut hotkeys = object.hotkey.chars();
    let hotkey = hotkeys.next();
    if hotkeys.next().is_some() {
        return Err(refuse("hotkey"));
    }
    let count = object.count.ok_or(refuse("count"))?;
    Ok(Object {
        id: object.id,
        key: text(object.key, LONGEST_TEXT, "key")?,
        name: text(object.name, LONGEST_TEXT, "name")?,
        help: text(object.help, LONGEST_TEXT, "help")?,
        colour: Colour::from_rgb(object.colour).map_err(|_| refuse("colour"))?,
        hotkey,
        geometry: geometry(object.geometry.ok_or(refuse("geometry"))?)?,
        count: CountLimits { minimum: count.minimum, maximum: count.maximum },
        limits: limits(object.limits.ok_or(refuse("limits"))?)?,
        severity: severity(object.severity)?,
        must_state: object.must_state,
        codes: ObjectCodes {
            category: code(object.category, "category")?,
            kind: code(object.kind, "kind")?,
            anatomy: code(object.anatomy, "anatomy")?,
        },
    })
}

fn geometry(geometry: wire::object::Geometry) -> Result<Geometry, InvalidInbound> {
    use wire::object::Geometry as Wire;
    Ok(match geometry {
        Wire::LabelMap(map) => {
            let label = u8::try_from(map.label).ok().filter(|label| *label > 0);
            let sound = map.tolerance_mm > 0.0 && map.tolerance_mm <= Limits::TOLERANCE_MM;
            if !sound {
                return Err(refuse("tolerance_mm"));
            }
            Geometry::LabelMap { label: label.ok_or(refuse("label"))?, tolerance_mm: map.tolerance_mm }
        }
        Wire::Box(wire::BoxShape {}) => Geometry::Box,
        Wire::Point(wire::PointShape {}) => Geometry::Point,
        Wire::Line(wire::LineShape {}) => Geometry::Line,
        Wire::Classification(wire::Classification {}) => Geometry::Classification,
    })
}

fn limits(limits: wire::ObjectLimits) -> Result<ObjectLimits, InvalidInbound> {
    let above_zero = |value: Option<f64>, field| match value {
        Some(value) if !(value.is_finite() && value > 0.0) => Err(refuse(field)),
        Some(_) | None => Ok(value),
    };
    Ok(ObjectLimits {
        minimum_diameter_mm: above_zero(limits.minimum_diameter_mm, "minimum_diameter_mm")?,
        maximum_diameter_mm: above_zero(limits.maximum_diameter_mm, "maximum_diameter_mm")?,
        minimum_volume_mm3: above_zero(limits.minimum_volume_mm3, "minimum_volume_mm3")?,
        maximum_volume_mm3: above_zero(limits.maximum_volume_mm3, "maximum_volume_mm3")?,
        minimum_slices: limits.minimum_slices,
        maximum_slices: limits.maximum_slices,
        maximum_elongation: above_zero(limits.maximum_elongation, "maximum_elongation")?,
        no_cavities: limits.no_cavities,
    })
}

fn code(code: Option<wire::Code>, field: &'static str) -> Result<Option<Code>, InvalidInbound> {
    let Some(code) = code else { return Ok(None) };
    let short = |part: String, most: usize| {
        let length = part.chars().count();
        if length == 0 || length > most { Err(refuse(field)) } else { text(part, LONGEST_TEXT, field) }
    };
    Ok(Some(Code {
        value: short(code.value, Limits::CODE_VALUE)?,
        scheme: short(code.scheme, Limits::CODE_SCHEME)?,
        meaning: short(code.meaning, Limits::CODE_MEANING)?,
    }))
}
