//! Values by their representation (PS3.18 Table F.2.3-1).

use crate::prescan::Element;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dicom_core::VR;
use dicom_encoding::text::{SpecificCharacterSet, TextCodec};
use std::fmt::Write;

/// Whether values of a representation are bytes that nobody looks into.
pub(super) fn binary(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OD | VR::OF | VR::OL | VR::OV | VR::OW | VR::UN)
}

/// Appends `{"vr":…,"Value":[…]}`, `{"vr":…,"InlineBinary":…}`, or `{"vr":…}` for an empty value.
#[expect(clippy::wildcard_enum_match_arm, reason = "representations without a rule of their own share one")]
pub(super) fn write(
    vr: VR,
    element: &Element<'_>,
    characters: Option<&SpecificCharacterSet>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(format!("{{\"vr\":\"{vr}\"").as_bytes());
    match vr {
        _ if element.value.is_empty() => {}
        _ if binary(vr) => {
            out.extend_from_slice(b",\"InlineBinary\":\"");
            out.extend_from_slice(STANDARD.encode(little_endian(vr, element)).as_bytes());
            out.push(b'"');
        }
        VR::US => numbers(out, element, |bytes: [u8; 2]| u16::from_le_bytes(bytes).to_string()),
        VR::SS => numbers(out, element, |bytes: [u8; 2]| i16::from_le_bytes(bytes).to_string()),
        VR::UL => numbers(out, element, |bytes: [u8; 4]| u32::from_le_bytes(bytes).to_string()),
        VR::SL => numbers(out, element, |bytes: [u8; 4]| i32::from_le_bytes(bytes).to_string()),
        VR::UV => numbers(out, element, |bytes: [u8; 8]| u64::from_le_bytes(bytes).to_string()),
        VR::SV => numbers(out, element, |bytes: [u8; 8]| i64::from_le_bytes(bytes).to_string()),
        VR::FL => numbers(out, element, |bytes: [u8; 4]| real(f64::from(f32::from_le_bytes(bytes)))),
        VR::FD => numbers(out, element, |bytes: [u8; 8]| real(f64::from_le_bytes(bytes))),
        VR::AT => tags(out, element),
        VR::LT | VR::ST | VR::UT | VR::UR => {
            let decoded = decoded(vr, element.value, characters);
            whole(out, decoded.trim_end_matches([' ', '\0']));
        }
        _ => listed(vr, &decoded(vr, element.value, characters), out),
    }
    out.push(b'}');
}

/// Appends a text in quotes.
pub(super) fn text(text: &str, out: &mut Vec<u8>) {
    // Writing a text into memory cannot fail.
    drop(serde_json::to_writer(out, text));
}

/// A value's bytes with numbers in little-endian order.
#[expect(clippy::wildcard_enum_match_arm, reason = "representations without a rule of their own share one")]
pub(super) fn little_endian(vr: VR, element: &Element<'_>) -> Vec<u8> {
    let width = match vr {
        VR::OW => 2,
        VR::OF | VR::OL => 4,
        VR::OD | VR::OV => 8,
        _ => 1,
    };
    if !element.encoding.big_endian || width == 1 {
        return element.value.to_vec();
    }
    element.value.chunks(width).flat_map(|number| number.iter().rev().copied()).collect()
}

fn numbers<const N: usize>(out: &mut Vec<u8>, element: &Element<'_>, shown: impl Fn([u8; N]) -> String) {
    let (values, _) = element.value.as_chunks::<N>();
    if values.is_empty() {
        return;
    }
    list(out, values, |value, out| {
        let mut value = *value;
        if element.encoding.big_endian {
            value.reverse();
        }
        out.extend_from_slice(shown(value).as_bytes());
    });
}

/// PS3.18 §F.2.3: what JSON has no number for is a text.
fn real(value: f64) -> String {
    match value {
        _ if value.is_nan() => "\"NaN\"".to_owned(),
        f64::INFINITY => "\"inf\"".to_owned(),
        f64::NEG_INFINITY => "\"-inf\"".to_owned(),
        _ => {
            serde_json::Number::from_f64(value).map_or_else(|| "null".to_owned(), |number| number.to_string())
        }
    }
}

fn tags(out: &mut Vec<u8>, element: &Element<'_>) {
    let (values, _) = element.value.as_chunks::<4>();
    list(out, values, |[a, b, c, d], out| {
        let (group, number) = (element.encoding.u16([*a, *b]), element.encoding.u16([*c, *d]));
        out.extend_from_slice(format!("\"{group:04X}{number:04X}\"").as_bytes());
    });
}

fn list<T>(out: &mut Vec<u8>, values: &[T], mut one: impl FnMut(&T, &mut Vec<u8>)) {
    out.extend_from_slice(b",\"Value\":[");
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        one(value, out);
    }
    out.push(b']');
}

fn whole(out: &mut Vec<u8>, value: &str) {
    if !value.is_empty() {
        list(out, &[value], |value, out| text(value, out));
    }
}

/// Values with a backslash between.
fn listed(vr: VR, value: &str, out: &mut Vec<u8>) {
    let trimmed = value.trim_matches([' ', '\0']);
    if trimmed.is_empty() {
        return;
    }
    let values: Vec<&str> = trimmed.split('\\').map(|one| one.trim_matches([' ', '\0'])).collect();
    list(out, &values, |value, out| {
        if value.is_empty() {
            out.extend_from_slice(b"null");
        } else if vr == VR::PN {
            name(value, out);
        } else if let Some(number) = number(vr, value) {
            out.extend_from_slice(number.as_bytes());
        } else {
            text(value, out);
        }
    });
}

/// PS3.18 §F.2.2: up to three representations of a name, each under its own key.
fn name(value: &str, out: &mut Vec<u8>) {
    out.push(b'{');
    let keys = ["Alphabetic", "Ideographic", "Phonetic"];
    let groups = keys.into_iter().zip(value.split('=')).filter(|(_, group)| !group.is_empty());
    for (index, (key, group)) in groups.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        text(key, out);
        out.push(b':');
        text(group.trim_end(), out);
    }
    out.push(b'}');
}

/// A decimal or integer string as a number of JSON; none where it is not one.
#[expect(clippy::wildcard_enum_match_arm, reason = "representations without a rule of their own share one")]
fn number(vr: VR, value: &str) -> Option<String> {
    match vr {
        VR::IS => {
            value.strip_prefix('+').unwrap_or(value).parse::<i64>().ok().map(|number| number.to_string())
        }
        VR::DS => {
            let number = value.parse::<f64>().ok().filter(|number| number.is_finite())?;
            let digits = value.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            let as_written = digits && serde_json::from_str::<f64>(value).is_ok();
            let mut shown = String::new();
            if as_written {
                shown.push_str(value)
            } else {
                write!(shown, "{number}").ok()?
            }
            digits.then_some(shown)
        }
        _ => None,
    }
}

fn decoded(vr: VR, value: &[u8], characters: Option<&SpecificCharacterSet>) -> String {
    let named = matches!(vr, VR::LO | VR::LT | VR::PN | VR::SH | VR::ST | VR::UC | VR::UT);
    let decoded = characters.filter(|_| named).and_then(|set| set.decode(value).ok());
    decoded.unwrap_or_else(|| String::from_utf8_lossy(value).into_owned())
}
