//! Values as people read them, and the forms that values of the plain representations have.

use dicom_core::VR;

use crate::dataset::{Element, Value};

/// More of a value than a screen shows.
const SHOWN: usize = 200;

/// A value as text for a person of the hospital; long ones are cut, bulk ones counted.
#[expect(clippy::wildcard_enum_match_arm, reason = "representations without a rule of their own share one")]
pub(crate) fn shown(element: &Element<'_>) -> String {
    let bytes = match &element.value {
        Value::Items(items) => return format!("{} item(s)", items.len()),
        Value::Fragments(fragments) => {
            let bytes: usize = fragments.iter().map(|fragment| fragment.len()).sum();
            return format!("{bytes} bytes in {} fragment(s)", fragments.len());
        }
        Value::Bytes(bytes) => bytes,
    };
    let numbers = |width: usize, text: fn(&[u8]) -> Option<String>| {
        let values: Option<Vec<String>> = bytes.chunks(width).take(32).map(text).collect();
        values.map_or_else(|| format!("{} bytes", bytes.len()), |values| values.join("\\"))
    };
    match element.vr {
        VR::US => numbers(2, |value| Some(u16::from_le_bytes(value.try_into().ok()?).to_string())),
        VR::SS => numbers(2, |value| Some(i16::from_le_bytes(value.try_into().ok()?).to_string())),
        VR::UL => numbers(4, |value| Some(u32::from_le_bytes(value.try_into().ok()?).to_string())),
        VR::SL => numbers(4, |value| Some(i32::from_le_bytes(value.try_into().ok()?).to_string())),
        VR::FL => numbers(4, |value| Some(f32::from_le_bytes(value.try_into().ok()?).to_string())),
        VR::FD => numbers(8, |value| Some(f64::from_le_bytes(value.try_into().ok()?).to_string())),
        VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN | VR::SQ | VR::AT | VR::SV | VR::UV => {
            format!("{} bytes", bytes.len())
        }
        _ => line(bytes),
    }
}

fn line(bytes: &[u8]) -> String {
    let cut = bytes.get(..bytes.len().min(SHOWN * 4)).unwrap_or_default();
    let text = String::from_utf8_lossy(cut);
    let clean = text.trim_matches([' ', '\0']).chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(SHOWN).collect()
}

/// A value without its padding.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |last| last + 1);
    let bytes = bytes.get(..end).unwrap_or_default();
    let start = bytes.iter().position(|byte| *byte != b' ').unwrap_or(0);
    bytes.get(start..).unwrap_or_default()
}

/// Whether a value has the form of its representation (PS3.5 §6.2), for those whose form leaves no room for a text.
#[expect(clippy::wildcard_enum_match_arm, reason = "representations without a rule of their own share one")]
pub(crate) fn formed(bytes: &[u8], vr: VR) -> bool {
    let each = |rule: fn(&[u8]) -> bool| trimmed(bytes).split(|byte| *byte == b'\\').map(trimmed).all(rule);
    match vr {
        VR::CS => each(|value| {
            value.len() <= 16
                && value
                    .iter()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b' ' | b'_'))
        }),
        VR::DS => each(|value| value.iter().all(|b| b.is_ascii_digit() || b"+-.eE".contains(b))),
        VR::IS => each(|value| value.iter().all(|b| b.is_ascii_digit() || b"+-".contains(b))),
        VR::AS => each(|value| match value {
            [] => true,
            [digits @ .., b'D' | b'W' | b'M' | b'Y'] => {
                digits.len() <= 3 && digits.iter().all(u8::is_ascii_digit)
            }
            _ => false,
        }),
        VR::UI => each(|value| value.len() <= 64 && value.iter().all(|b| b.is_ascii_digit() || *b == b'.')),
        _ => true,
    }
}
