//! Facts about the JSON that headers become.

use super::*;
use crate::part10::{FileMeta, file_meta};
use crate::syntax::TransferSyntax;
use serde_json::{Value, json};

/// An element in explicit VR little endian.
fn put(out: &mut Vec<u8>, tag: (u16, u16), vr: &str, value: &[u8]) {
    out.extend(tag.0.to_le_bytes());
    out.extend(tag.1.to_le_bytes());
    out.extend(vr.bytes());
    if matches!(vr, "OB" | "OW" | "UN" | "SQ" | "UT" | "UC") {
        out.extend([0, 0]);
        out.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    } else {
        out.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
    }
    out.extend(value);
}

fn item(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0xFE, 0xFF, 0x00, 0xE0];
    out.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
    out.extend(content);
    out
}

fn file(syntax: TransferSyntax, data_set: &[u8]) -> Vec<u8> {
    let meta = FileMeta { sop_class_uid: "1.2", sop_instance_uid: "1.2.3", syntax };
    [file_meta(&meta).unwrap(), data_set.to_vec()].concat()
}

fn shown(syntax: TransferSyntax, data_set: &[u8]) -> Value {
    let mut out = Vec::new();
    write(&file(syntax, data_set), "base/", &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn explicit(data_set: &[u8]) -> Value {
    shown(TransferSyntax::ExplicitLittle, data_set)
}

#[test]
fn each_representation_has_its_form() {
    let mut set = Vec::new();
    put(&mut set, (0x0008, 0x0000), "UL", &[4, 0, 0, 0]);
    put(&mut set, (0x0008, 0x0008), "CS", b"ORIGINAL\\\\AXIAL ");
    put(&mut set, (0x0008, 0x0090), "PN", b"Doe^Jane=I^J=P^Q");
    put(&mut set, (0x0010, 0x4000), "LT", b" a\\b\"\r\n ");
    put(&mut set, (0x0018, 0x0050), "DS", b"1.50\\+3 \\.5");
    put(&mut set, (0x0020, 0x0013), "IS", b" +007 ");
    put(&mut set, (0x0020, 0x0020), "CS", b"");
    put(&mut set, (0x0028, 0x0009), "AT", &[0x18, 0x00, 0x63, 0x10]);
    put(&mut set, (0x0028, 0x0106), "SS", &[0xFF, 0xFF, 1, 0]);
    put(&mut set, (0x0040, 0xA124), "FD", &f64::NAN.to_le_bytes());
    put(&mut set, (0x0042, 0x0011), "OB", &[1, 2, 3, 4]);
    let expected = json!({
        "00080008": {"vr": "CS", "Value": ["ORIGINAL", null, "AXIAL"]},
        "00080090": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane", "Ideographic": "I^J", "Phonetic": "P^Q"}]},
        "00104000": {"vr": "LT", "Value": [" a\\b\"\r\n"]},
        "00180050": {"vr": "DS", "Value": [1.5, 3.0, 0.5]},
        "00200013": {"vr": "IS", "Value": [7]},
        "00200020": {"vr": "CS"},
        "00280009": {"vr": "AT", "Value": ["00181063"]},
        "00280106": {"vr": "SS", "Value": [-1, 1]},
        "0040A124": {"vr": "FD", "Value": ["NaN"]},
        "00420011": {"vr": "OB", "InlineBinary": "AQIDBA=="},
    });
    // 3 and 3.0 are one number and two values of JSON.
    let shown = explicit(&set);
    assert_eq!(shown["00180050"]["Value"][1].as_f64(), Some(3.0));
    for (tag, element) in expected.as_object().unwrap().iter().filter(|(tag, _)| *tag != "00180050") {
        assert_eq!(&shown[tag], element, "{tag}");
    }
    assert_eq!(shown.as_object().unwrap().len(), expected.as_object().unwrap().len());
}

#[test]
fn sequences_keep_their_items_also_the_empty_ones() {
    let mut inner = Vec::new();
    put(&mut inner, (0x0008, 0x0100), "SH", b"A ");
    let mut outer = Vec::new();
    put(&mut outer, (0x0040, 0xA730), "SQ", &item(&inner));
    put(&mut outer, (0x0040, 0xA732), "LO", b"after");
    let mut set = Vec::new();
    put(&mut set, (0x0008, 0x1140), "SQ", &[]);
    put(&mut set, (0x0008, 0x2112), "SQ", &[item(&[]), item(&outer), item(&inner)].concat());
    put(&mut set, (0x0010, 0x0020), "LO", b"P1");
    assert_eq!(
        explicit(&set),
        json!({
            "00081140": {"vr": "SQ"},
            "00082112": {"vr": "SQ", "Value": [
                {},
                {"0040A730": {"vr": "SQ", "Value": [{"00080100": {"vr": "SH", "Value": ["A"]}}]},
                 "0040A732": {"vr": "LO", "Value": ["after"]}},
                {"00080100": {"vr": "SH", "Value": ["A"]}},
            ]},
            "00100020": {"vr": "LO", "Value": ["P1"]},
        })
    );
}

#[test]
fn texts_are_decoded_by_their_character_set() {
    let mut set = Vec::new();
    put(&mut set, (0x0008, 0x0005), "CS", b"ISO_IR 100");
    put(&mut set, (0x0010, 0x0010), "PN", b"M\xFCller");
    let shown = explicit(&set);
    assert_eq!(shown["00080005"]["Value"], json!(["ISO_IR 192"]));
    assert_eq!(shown["00100010"]["Value"], json!([{"Alphabetic": "Müller"}]));
}

#[test]
fn an_implicit_data_set_has_the_representations_of_the_dictionary() {
    let mut set = Vec::new();
    for (tag, value) in [
        ((0x0010_u16, 0x0020_u16), b"P1".as_slice()),
        ((0x0028, 0x0103), &[1, 0]),
        ((0x0028, 0x0106), &[0xFE, 0xFF]),
        ((0x0029, 0x0010), b"OURS"),
        ((0x0029, 0x1001), &[1, 2]),
    ] {
        set.extend(tag.0.to_le_bytes());
        set.extend(tag.1.to_le_bytes());
        set.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
        set.extend(value);
    }
    let shown = shown(TransferSyntax::ImplicitLittle, &set);
    assert_eq!(shown["00280106"], json!({"vr": "SS", "Value": [-2]}));
    assert_eq!(shown["00290010"], json!({"vr": "LO", "Value": ["OURS"]}));
    assert_eq!(shown["00291001"], json!({"vr": "UN", "InlineBinary": "AQI="}));
}

#[test]
fn a_long_value_is_found_at_the_address_that_is_given_for_it() {
    let long: Vec<u8> = (0..=255).cycle().take(2000).collect();
    let mut inner = Vec::new();
    put(&mut inner, (0x5400, 0x1010), "OW", &long);
    let mut set = Vec::new();
    put(&mut set, (0x5400, 0x0100), "SQ", &[item(&[]), item(&inner)].concat());
    put(&mut set, (0x7FE0, 0x0010), "OW", &[1, 2]);
    let shown = explicit(&set);
    let address = |element: &Value| {
        let uri = element["BulkDataURI"].as_str().unwrap().to_owned();
        uri.strip_prefix("base/").unwrap().parse::<BulkPath>().unwrap()
    };
    assert_eq!(shown["7FE00010"], json!({"vr": "OW", "BulkDataURI": "base/7FE00010"}));
    assert!(address(&shown["7FE00010"]).pixel_data());
    let nested = address(&shown["54000100"]["Value"][1]["54001010"]);
    assert!(!nested.pixel_data());
    let file = file(TransferSyntax::ExplicitLittle, &set);
    assert_eq!(bulk(&file, &nested).unwrap(), Some(BulkValue::Bytes(long)));
    assert_eq!(bulk(&file, &"00100010".parse().unwrap()).unwrap(), None);
    for wrong in ["", "7FE0001", "54000100/0", "x/0/54001010", "54000100/-1/54001010"] {
        assert_eq!(wrong.parse::<BulkPath>().ok(), None, "{wrong}");
    }
}

#[test]
fn encapsulated_pixel_data_is_one_address() {
    let mut set = Vec::new();
    set.extend([0xE0, 0x7F, 0x10, 0x00, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
    set.extend([item(&[]), item(&[1, 2]), item(&[3, 4])].concat());
    set.extend([0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
    let shown = shown(TransferSyntax::RleLossless, &set);
    assert_eq!(shown, json!({"7FE00010": {"vr": "OB", "BulkDataURI": "base/7FE00010"}}));
    let file = file(TransferSyntax::RleLossless, &set);
    assert_eq!(bulk(&file, &"7FE00010".parse().unwrap()).unwrap(), Some(BulkValue::Encapsulated));
}
