//! Writing: explicit VR little endian, sequences and items of undefined length.

use dicom_core::{Tag, VR};

use super::read::has_short_length;
use super::{Element, Set, Value};

const UNDEFINED: u32 = 0xFFFF_FFFF;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// Appends a data set in explicit VR little endian. What was read nests at most
/// [`super::DEPTH_MAX`] levels deep, and so does what is written.
pub fn write(set: &Set<'_>, out: &mut Vec<u8>) {
    for element in set.elements() {
        write_element(element, out);
    }
}

fn write_element(element: &Element<'_>, out: &mut Vec<u8>) {
    match &element.value {
        Value::Bytes(bytes) => bytes_element(element, bytes, out),
        Value::Items(items) => {
            long_header(element.tag, VR::SQ, UNDEFINED, out);
            for item in items {
                marker(ITEM, UNDEFINED, out);
                write(item, out);
                marker(ITEM_END, 0, out);
            }
            marker(SEQUENCE_END, 0, out);
        }
        Value::Fragments(fragments) => {
            long_header(element.tag, VR::OB, UNDEFINED, out);
            for fragment in fragments {
                marker(ITEM, even(fragment.len()), out);
                padded(fragment, 0, out);
            }
            marker(SEQUENCE_END, 0, out);
        }
    }
}

fn bytes_element(element: &Element<'_>, bytes: &[u8], out: &mut Vec<u8>) {
    let length = even(bytes.len());
    // PS3.5 §6.2.2: what does not fit a 16-bit length is written as unknown.
    match u16::try_from(length) {
        Ok(length) if has_short_length(element.vr) => {
            tag(element.tag, out);
            out.extend(element.vr.to_bytes());
            out.extend(length.to_le_bytes());
        }
        Err(_) if has_short_length(element.vr) => long_header(element.tag, VR::UN, length, out),
        Ok(_) | Err(_) => long_header(element.tag, element.vr, length, out),
    }
    padded(bytes, padding(element.vr), out);
}

#[expect(clippy::wildcard_enum_match_arm, reason = "representations without a rule of their own share one")]
fn padding(vr: VR) -> u8 {
    match vr {
        VR::UI | VR::OB | VR::UN | VR::OW => 0,
        _ => b' ',
    }
}

fn padded(bytes: &[u8], padding: u8, out: &mut Vec<u8>) {
    out.extend(bytes);
    if bytes.len() % 2 == 1 {
        out.push(padding);
    }
}

fn long_header(at: Tag, vr: VR, length: u32, out: &mut Vec<u8>) {
    tag(at, out);
    out.extend(vr.to_bytes());
    out.extend([0, 0]);
    out.extend(length.to_le_bytes());
}

fn marker(at: Tag, length: u32, out: &mut Vec<u8>) {
    tag(at, out);
    out.extend(length.to_le_bytes());
}

fn tag(tag: Tag, out: &mut Vec<u8>) {
    out.extend(tag.group().to_le_bytes());
    out.extend(tag.element().to_le_bytes());
}

/// Values were read with 32-bit lengths, so they fit one; a painted picture that does not would be refused before.
fn even(length: usize) -> u32 {
    u32::try_from(length.next_multiple_of(2)).unwrap_or(UNDEFINED - 1)
}
