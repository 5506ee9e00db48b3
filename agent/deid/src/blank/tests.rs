//! Painted regions, and what cannot be painted.

use super::*;

fn short(tag: Tag, number: u16) -> Element<'static> {
    Element { tag, vr: VR::US, value: Value::Bytes(Cow::Owned(number.to_le_bytes().to_vec())) }
}

fn picture(photometric: &str, samples: u16, bits: u16, pixels: Vec<u8>) -> Set<'static> {
    Set::new(vec![
        short(SAMPLES, samples),
        Element::text(PHOTOMETRIC, VR::CS, photometric),
        short(ROWS, 3),
        short(COLUMNS, 4),
        short(BITS_ALLOCATED, bits),
        short(BITS_STORED, bits),
        short(HIGH_BIT, bits - 1),
        short(REPRESENTATION, 0),
        Element { tag: PIXEL_DATA, vr: VR::OW, value: Value::Bytes(Cow::Owned(pixels)) },
    ])
}

const REGION: Region = Region { left: 1, top: 1, width: 2, height: 2 };

fn nobody() -> Option<Native> {
    None
}

#[test]
fn exactly_the_region_is_painted() {
    let mut set = picture("MONOCHROME2", 1, 8, vec![7; 12]);
    let blanked = blank(&mut set, &[REGION], &nobody).unwrap();
    assert_eq!(blanked, Blanked { frames: 1, pixels: 4 });
    assert_eq!(set.bytes(PIXEL_DATA).unwrap(), [7, 7, 7, 7, 7, 0, 0, 7, 7, 0, 0, 7]);
}

#[test]
fn each_frame_and_each_sample_is_painted() {
    let mut set = picture("RGB", 3, 8, vec![9; 72]);
    set.put(Element::text(FRAMES, VR::IS, "2"));
    set.put(short(PLANAR, 1));
    blank(&mut set, &[REGION], &nobody).unwrap();
    let plane = [9, 9, 9, 9, 9, 0, 0, 9, 9, 0, 0, 9];
    assert_eq!(set.bytes(PIXEL_DATA).unwrap(), plane.repeat(6));
    set.put(short(PLANAR, 0));
    set.put(Element { tag: PIXEL_DATA, vr: VR::OW, value: Value::Bytes(Cow::Owned(vec![9; 72])) });
    blank(&mut set, &[REGION], &nobody).unwrap();
    let side_by_side: Vec<u8> = plane.iter().flat_map(|value| [*value; 3]).collect();
    assert_eq!(set.bytes(PIXEL_DATA).unwrap(), side_by_side.repeat(2));
}

#[test]
fn dark_is_dark_in_each_interpretation() {
    assert_eq!(dark("MONOCHROME1", 12, false), [0xFFF; 3]);
    assert_eq!(dark("MONOCHROME1", 12, true), [0x7FF; 3]);
    assert_eq!(dark("MONOCHROME2", 16, true)[0] as u16, 0x8000);
    assert_eq!(dark("YBR_FULL", 8, false), [0, 128, 128]);
    assert_eq!(dark("PALETTE COLOR", 8, false), [0; 3]);
}

#[test]
fn compressed_pixels_become_native() {
    let mut set = picture("YBR_FULL_422", 3, 8, Vec::new());
    let fragments = vec![Cow::Borrowed(b"".as_slice()), Cow::Borrowed(b"compressed".as_slice())];
    set.put(Element { tag: PIXEL_DATA, vr: VR::OB, value: Value::Fragments(fragments) });
    assert_eq!(blank(&mut set, &[REGION], &nobody), Err(BlankError::NotDecoded));
    let decode = || {
        Some(Native {
            bytes: vec![5; 36],
            samples: 3,
            photometric: "RGB",
            bits_allocated: 8,
            bits_stored: 8,
            signed: false,
        })
    };
    blank(&mut set, &[REGION], &decode).unwrap();
    assert_eq!(set.ascii(PHOTOMETRIC), Some("RGB"));
    assert_eq!(set.bytes(PIXEL_DATA).unwrap().iter().filter(|byte| **byte == 0).count(), 12);
}

#[test]
fn what_cannot_be_painted_is_refused() {
    let refused = |mut set: Set<'static>, region| blank(&mut set, &[region], &nobody).unwrap_err();
    let outside = Region { left: 3, ..REGION };
    assert_eq!(
        refused(picture("MONOCHROME2", 1, 8, vec![0; 12]), outside),
        BlankError::Outside { region: outside, columns: 4, rows: 3 }
    );
    assert_eq!(
        refused(picture("MONOCHROME2", 1, 8, vec![0; 10]), REGION),
        BlankError::Length { found: 10, expected: 12 }
    );
    assert_eq!(refused(picture("MONOCHROME2", 1, 1, vec![0; 2]), REGION), BlankError::Bits { bits: 1 });
    assert_eq!(refused(picture("YBR_FULL_422", 3, 8, vec![0; 24]), REGION), BlankError::Subsampled);
    assert_eq!(refused(Set::default(), REGION), BlankError::NoPixels);
}
