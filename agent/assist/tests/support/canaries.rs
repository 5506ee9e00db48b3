//! A DICOM series whose header is full of canaries, as a volume; and the search for them in what was sent.

use std::sync::Arc;

use agent_assist::Object;
use agent_formats::part10::{FileMeta, file_meta};
use agent_formats::{TransferSyntax, header, series};
use agent_imaging::Volume;

const CLASS: &str = "1.2.840.10008.5.1.4.1.1.4";
const INSTANCE: &str = "2.25.8810001";
/// Texts, dates, UIDs: none is a number that voxels or spacing have.
const TEXTS: [((u16, u16), &str, &str); 16] = [
    ((0x0008, 0x0018), "UI", INSTANCE),
    ((0x0008, 0x0020), "DA", "19870605"),
    ((0x0008, 0x0030), "TM", "141516.25"),
    ((0x0008, 0x0050), "SH", "CANARYACC"),
    ((0x0008, 0x0060), "CS", "MR"),
    ((0x0008, 0x0080), "LO", "CANARYHOSPITAL"),
    ((0x0008, 0x0090), "PN", "CANARYREF^X"),
    ((0x0008, 0x1030), "LO", "CANARYSTUDY"),
    ((0x0008, 0x103E), "LO", "CANARYSERIES"),
    ((0x0010, 0x0010), "PN", "CANARYNAME^ANNA"),
    ((0x0010, 0x0020), "LO", "CANARYID4711"),
    ((0x0010, 0x0030), "DA", "19340102"),
    ((0x0018, 0x1030), "LO", "CANARYPROTOCOL"),
    ((0x0020, 0x000D), "UI", "2.25.8810002"),
    ((0x0020, 0x000E), "UI", "2.25.8810003"),
    ((0x0020, 0x0052), "UI", "2.25.8810004"),
];
/// The first voxel's place, in mm: where the patient lay.
const ORIGIN: [f64; 3] = [-137.625, 71.375, 913.0625];
const KEY: &str = "canary-object-key";

pub fn objects() -> Vec<Object> {
    vec![Object { key: KEY.into(), label: super::LIVER }]
}

/// Three slices of 4 × 3, read from DICOM files as the agent reads them.
pub fn volume() -> Arc<Volume> {
    let files: Vec<Vec<u8>> = (0..3).map(slice).collect();
    let headers: Vec<_> = files.iter().map(|file| header::read(file).unwrap()).collect();
    let assembled = series::assemble(&headers).unwrap();
    let reading = assembled.reading().unwrap();
    Arc::new(series::volume(&reading, &mut |index| files.get(index).cloned()).unwrap())
}

fn slice(index: u8) -> Vec<u8> {
    let uid = format!("{INSTANCE}{index}");
    let [x, y, z] = ORIGIN;
    let mut elements: Vec<((u16, u16), &str, Vec<u8>)> = TEXTS
        .map(|(tag, vr, value)| (tag, vr, if value == INSTANCE { uid.as_str() } else { value }.into()))
        .into();
    elements.extend([
        ((0x0008, 0x0016), "UI", CLASS.into()),
        ((0x0020, 0x0013), "IS", index.to_string().into()),
        ((0x0020, 0x0032), "DS", format!("{x}\\{y}\\{}", z + f64::from(index) * 2.5).into()),
        ((0x0020, 0x0037), "DS", b"1\\0\\0\\0\\1\\0".to_vec()),
        ((0x0028, 0x0004), "CS", b"MONOCHROME2".to_vec()),
        ((0x0028, 0x0030), "DS", b"0.5\\0.75".to_vec()),
        ((0x7FE0, 0x0010), "OW", (0..12_u16).flat_map(|pixel| (pixel * 40).to_le_bytes()).collect()),
    ]);
    let numbers: [(u16, u16); 7] =
        [(0x0002, 1), (0x0010, 3), (0x0011, 4), (0x0100, 16), (0x0101, 16), (0x0102, 15), (0x0103, 0)];
    elements.extend(numbers.map(|(element, value)| ((0x0028, element), "US", value.to_le_bytes().into())));
    elements.sort();
    let meta =
        FileMeta { sop_class_uid: CLASS, sop_instance_uid: &uid, syntax: TransferSyntax::ExplicitLittle };
    let mut file = file_meta(&meta).unwrap();
    elements.iter().for_each(|(tag, vr, value)| put(&mut file, *tag, vr, value));
    file
}

/// One element, explicit little endian.
fn put(data: &mut Vec<u8>, tag: (u16, u16), vr: &str, value: &[u8]) {
    data.extend(tag.0.to_le_bytes());
    data.extend(tag.1.to_le_bytes());
    data.extend(vr.bytes());
    let length = value.len() + value.len() % 2;
    if vr == "OW" {
        data.extend([0, 0]);
        data.extend((length as u32).to_le_bytes());
    } else {
        data.extend((length as u16).to_le_bytes());
    }
    data.extend(value);
    if value.len() % 2 == 1 {
        data.push(if vr == "UI" { 0 } else { b' ' });
    }
}

/// Fails when something of the header, the key of an object, or the place of the patient is in the bytes.
pub fn check(bytes: &[u8]) {
    let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    assert!(
        has(&[40, 0, 80, 0]) || has(&40.0_f32.to_le_bytes()),
        "the voxels are there, or nothing was sent"
    );
    for (_, vr, text) in TEXTS.iter().filter(|(_, vr, _)| *vr != "CS") {
        assert!(!has(text.as_bytes()), "{vr} {text} was sent");
    }
    assert!(!has(KEY.as_bytes()) && !has(b"CANARY"), "a key or a text was sent");
    for place in ORIGIN.into_iter().chain(ORIGIN.map(|place| -place)) {
        assert!(!has(&place.to_le_bytes()) && !has(&(place as f32).to_le_bytes()), "{place} mm was sent");
        assert!(!has(place.to_string().as_bytes()), "{place} mm was sent as text");
    }
}
