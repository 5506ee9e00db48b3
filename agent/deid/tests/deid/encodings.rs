//! Files in every layout, broken ones, and what the written file says of itself.

use std::io::Write;

use agent_deid::dataset::{DEPTH_MAX, Encoding, ReadError, Set, Value, read};
use agent_deid::{Counts, Deidentifier, Done, File, FileError, Nothing, Options, ProfileOption};
use dicom_core::{Tag, VR};
use proptest::prelude::*;

use crate::objects::{PATIENT_ID, holds, key, object, run, sequence, text};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// A file with this data set; the preamble begins with these bytes.
pub(crate) fn file(syntax: &str, data: &[u8], preamble: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes[..preamble.len()].copy_from_slice(preamble);
    bytes.extend(b"DICM");
    let meta = Set::new(vec![
        text((0x0002, 0x0002), VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
        text((0x0002, 0x0003), VR::UI, "1.2.276.0.1.1"),
        text((0x0002, 0x0010), VR::UI, syntax),
        text((0x0002, 0x0016), VR::AE, "ZQXVAE"),
        text((0x0002, 0x0102), VR::OB, "zqxvprivate"),
    ]);
    agent_deid::dataset::write(&meta, &mut bytes);
    bytes.extend(data);
    bytes
}

/// One element in any encoding.
fn element(encoding: Encoding, tag: Tag, vr: &str, value: &[u8]) -> Vec<u8> {
    let short = |number: u16| if encoding.big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let long = |number: u32| if encoding.big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut bytes = [short(tag.group()), short(tag.element())].concat();
    let length = u32::try_from(value.len()).expect("a short value");
    match (encoding.explicit, vr) {
        (false, _) => bytes.extend(long(length)),
        (true, "SQ" | "OB" | "OW" | "UN" | "UT") => {
            bytes.extend(vr.bytes().chain([0, 0]));
            bytes.extend(long(length));
        }
        (true, _) => {
            bytes.extend(vr.bytes());
            bytes.extend(short(length as u16));
        }
    }
    bytes.extend(value);
    bytes
}

fn simple(encoding: Encoding) -> Vec<u8> {
    let number = if encoding.big_endian { [2, 0] } else { [0, 2] };
    let item = element(encoding, Tag(0x0010, 0x0010), "PN", b"Zqxv^Jane ");
    let item = [element(Encoding { explicit: false, ..encoding }, Tag(0xFFFE, 0xE000), "", &item)].concat();
    [
        element(encoding, Tag(0x0008, 0x0000), "UL", &[4, 0, 0, 0]),
        element(encoding, Tag(0x0008, 0x0018), "UI", b"1.2.276.0.1.1\0"),
        element(encoding, Tag(0x0010, 0x0010), "PN", b"Zqxv^Jane "),
        element(encoding, Tag(0x0010, 0x0020), "LO", b"4711008 "),
        element(encoding, Tag(0x0028, 0x0010), "US", &number),
        element(encoding, Tag(0x0040, 0x0275), "SQ", &item),
        element(encoding, Tag(0x5200, 0x9229), "SQ", &item),
        element(encoding, Tag(0x7FE0, 0x0010), "OW", &[1, 2, 3, 4]),
    ]
    .concat()
}

#[test]
fn every_encoding_comes_out_as_explicit_little_endian() {
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&simple(Encoding::EXPLICIT_LITTLE)).expect("memory");
    let deflated = packer.finish().expect("memory");
    let files = [
        ("1.2.840.10008.1.2", simple(Encoding::IMPLICIT_LITTLE), [1, 2, 3, 4]),
        (EXPLICIT, simple(Encoding::EXPLICIT_LITTLE), [1, 2, 3, 4]),
        ("1.2.840.10008.1.2.2", simple(Encoding::EXPLICIT_BIG), [2, 1, 4, 3]),
        ("1.2.840.10008.1.2.1.99", deflated, [1, 2, 3, 4]),
    ];
    for (syntax, data, pixels) in files {
        let bytes = file(syntax, &data, b"zqxv");
        let opened = File::open(&bytes).expect(syntax);
        let mut counts = Counts::default();
        let done = Deidentifier::new(Options::default(), key()).file(&opened, &mut counts).expect(syntax);
        assert!(!done.bytes.to_ascii_lowercase().windows(4).any(|window| window == b"zqxv"), "{syntax}");
        assert!(done.bytes[..128].iter().all(|byte| *byte == 0), "the preamble says something");
        let again = File::open(&done.bytes).expect("our own file");
        assert_eq!(again.syntax(), EXPLICIT);
        let set = again.set().expect("our own data set");
        assert_eq!(set.short(Tag(0x0028, 0x0010)), Some(512), "{syntax}");
        assert_eq!(set.bytes(Tag(0x7FE0, 0x0010)), Some(pixels.as_slice()), "{syntax}");
        assert_eq!(set.get(Tag(0x0008, 0x0000)), None);
        assert_eq!(set.ascii(Tag(0x0008, 0x0018)), Some(done.instance_uid.as_str()));
        assert_eq!(set.ascii(Tag(0x0010, 0x0020)), Some(key().patient(PATIENT_ID.as_bytes()).as_str()));
        assert_eq!(counts.of(Done::Added), 4);
    }
}

#[test]
fn the_object_says_what_was_done_to_it() {
    let options = Options::new(&[ProfileOption::RetainModifiedDates, ProfileOption::CleanDescriptors]);
    let done = Deidentifier::new(options, key()).object(
        object(vec![text((0x0012, 0x0063), VR::LO, "zqxv by Doe"), text((0x0028, 0x0301), VR::CS, "YES")]),
        EXPLICIT,
        Some(&agent_deid::blank::Blanked { frames: 1, pixels: 1 }),
        &mut Nothing,
    );
    let opened = File::open(&done.bytes).expect("our own file");
    let set = opened.set().expect("our own data set");
    assert_eq!(set.ascii(Tag(0x0012, 0x0062)), Some("YES"));
    assert_eq!(set.ascii(Tag(0x0028, 0x0301)), Some("NO"));
    assert_eq!(set.ascii(Tag(0x0028, 0x0303)), Some("MODIFIED"));
    let method = set.ascii(Tag(0x0012, 0x0063)).expect("a method");
    assert!(method.starts_with("DICOM PS3.15 2026d Annex E\\Basic"), "{method}");
    assert!(method.split('\\').all(|value| value.len() <= 64), "{method}");
    let Some(Value::Items(items)) = set.get(Tag(0x0012, 0x0064)).map(|element| &element.value) else {
        panic!("method codes")
    };
    let codes: Vec<_> = items.iter().filter_map(|item| item.ascii(Tag(0x0008, 0x0100))).collect();
    assert_eq!(codes, ["113100", "113107", "113105", "113101"]);
}

#[test]
fn objects_of_one_project_stay_consistent() {
    let reference = sequence(
        Tag(0x0008, 0x1140),
        vec![vec![
            text((0x0008, 0x1150), VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
            text((0x0008, 0x1155), VR::UI, "1.2.276.0.1.1"),
        ]],
    );
    let frame = text((0x0020, 0x0052), VR::UI, "1.2.840.10008.1.4.1.1");
    let done = run(object(vec![reference, frame]), Options::default());
    let Some(Value::Items(items)) = done.get(Tag(0x0008, 0x1140)).map(|element| &element.value) else {
        panic!("the references stay")
    };
    assert_eq!(items[0].ascii(Tag(0x0008, 0x1155)), done.ascii(Tag(0x0008, 0x0018)));
    assert_eq!(items[0].ascii(Tag(0x0008, 0x1150)), Some("1.2.840.10008.5.1.4.1.1.2"));
    assert_eq!(done.ascii(Tag(0x0020, 0x0052)), Some("1.2.840.10008.1.4.1.1"), "an atlas is nobody's");
    let other = run(object(vec![text((0x0008, 0x0018), VR::UI, "1.2.276.0.1.77")]), Options::default());
    for tag in [Tag(0x0020, 0x000D), Tag(0x0020, 0x000E), Tag(0x0010, 0x0020)] {
        assert_eq!(done.ascii(tag), other.ascii(tag));
    }
    assert_ne!(done.ascii(Tag(0x0008, 0x0018)), other.ascii(Tag(0x0008, 0x0018)));
}

#[test]
fn codes_of_public_schemes_stay_and_others_go() {
    let code = |value: &str, scheme: &str, meaning: &str| {
        sequence(
            Tag(0x0008, 0x2218),
            vec![vec![
                text((0x0008, 0x0100), VR::SH, value),
                text((0x0008, 0x0102), VR::SH, scheme),
                text((0x0008, 0x0104), VR::LO, meaning),
            ]],
        )
    };
    let meaning = |code| {
        let done = run(object(vec![code]), Options::default());
        let Some(Value::Items(items)) = done.get(Tag(0x0008, 0x2218)).map(|element| &element.value) else {
            panic!("the region stays")
        };
        [Tag(0x0008, 0x0100), Tag(0x0008, 0x0104)]
            .map(|tag| items[0].ascii(tag).unwrap_or_default().to_owned())
    };
    assert_eq!(meaning(code("51185008", "SCT", "Chest")), ["51185008", "Chest"]);
    assert_eq!(meaning(code("51185008", "SCT", "Chest of Zqxv")), ["51185008", "51185008"]);
    assert_eq!(meaning(code("Zqxv", "SCT", "Zqxv")), ["ANONYMIZED", "ANONYMIZED"]);
}

#[test]
fn safe_private_elements_stay_with_their_reservation() {
    let slope = agent_deid::dataset::Element {
        tag: Tag(0x2005, 0x120E),
        vr: VR::FL,
        value: Value::Bytes(std::borrow::Cow::Owned(1.5_f32.to_le_bytes().to_vec())),
    };
    let private = || {
        vec![
            text((0x2005, 0x0012), VR::LO, "Philips MR Imaging DD 001"),
            text((0x2005, 0x0013), VR::LO, "Philips MR Imaging DD 002"),
            slope.clone(),
            text((0x2005, 0x1340), VR::LO, "zqxv"),
        ]
    };
    let done = run(object(private()), Options::default());
    assert_eq!(done.bytes(Tag(0x2005, 0x120E)), Some(1.5_f32.to_le_bytes().as_slice()));
    assert_eq!(done.ascii(Tag(0x2005, 0x0012)), Some("Philips MR Imaging DD 001"));
    assert_eq!(done.get(Tag(0x2005, 0x0013)), None);
    let bare = run(object(private()), Options::new(&[]));
    assert!(bare.elements().iter().all(|element| element.tag.group() % 2 == 0));
}

#[test]
fn compressed_pixels_stay_as_they_are() {
    let mut set = object(Vec::new());
    let fragments = vec![Vec::new().into(), vec![1_u8, 2, 3].into()];
    set.put(agent_deid::dataset::Element {
        tag: Tag(0x7FE0, 0x0010),
        vr: VR::OB,
        value: Value::Fragments(fragments),
    });
    let syntax = "1.2.840.10008.1.2.4.90";
    let done = Deidentifier::new(Options::default(), key()).object(set, syntax, None, &mut Nothing);
    let opened = File::open(&done.bytes).expect("our own file");
    assert_eq!(opened.syntax(), syntax);
    let set = opened.set().expect("our own data set");
    let Some(Value::Fragments(fragments)) = set.get(Tag(0x7FE0, 0x0010)).map(|element| &element.value) else {
        panic!("fragments")
    };
    assert_eq!(fragments[1].as_ref(), [1, 2, 3, 0]);
}

#[test]
fn nesting_ends_where_the_bound_is() {
    let nested = |depth: usize| {
        let mut bytes = Vec::new();
        for _ in 0..depth {
            bytes.extend([0x00, 0x52, 0x29, 0x92, b'S', b'Q', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]);
            bytes.extend([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
        }
        for _ in 0..depth {
            bytes.extend([0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        }
        bytes
    };
    assert!(read(&nested(DEPTH_MAX), Encoding::EXPLICIT_LITTLE).is_ok());
    assert!(matches!(
        read(&nested(DEPTH_MAX + 1), Encoding::EXPLICIT_LITTLE),
        Err(ReadError::TooDeep { .. })
    ));
    assert!(matches!(read(&nested(10_000), Encoding::EXPLICIT_LITTLE), Err(ReadError::TooDeep { .. })));
}

#[test]
fn what_is_no_object_is_refused_by_name() {
    let refused = |bytes: &[u8]| File::open(bytes).map(|_| ()).unwrap_err();
    assert_eq!(refused(b"nothing"), FileError::NotDicom);
    assert_eq!(refused(&file("1.2.840.113619.5.2", &[], &[])), FileError::UnknownTransferSyntax);
    assert_eq!(refused(&file("1.2.840.10008.1.2.1.99", &[0xFF; 9], &[])), FileError::Inflate);
    let mut directory = vec![0; 128];
    directory.extend(b"DICM");
    let meta = vec![
        text((0x0002, 0x0002), VR::UI, "1.2.840.10008.1.3.10"),
        text((0x0002, 0x0010), VR::UI, EXPLICIT),
    ];
    agent_deid::dataset::write(&Set::new(meta), &mut directory);
    assert_eq!(refused(&directory), FileError::Directory);
    let claims = [0x10, 0, 0x10, 0, b'U', b'N', 0, 0, 0xF0, 0xFF, 0xFF, 0xFF];
    assert_eq!(read(&claims, Encoding::EXPLICIT_LITTLE), Err(ReadError::LengthBeyondEnd { at: 0 }));
}

#[test]
fn an_implicit_sequence_that_is_none_goes() {
    let data = [
        element(Encoding::IMPLICIT_LITTLE, Tag(0x0010, 0x0020), "", b"4711008 "),
        element(Encoding::IMPLICIT_LITTLE, Tag(0x0010, 0x0043), "", b"zqxvzqxv"),
    ]
    .concat();
    let set = read(&data, Encoding::IMPLICIT_LITTLE).expect("a data set");
    let options = Options::new(&[ProfileOption::RetainPatientCharacteristics]);
    let done = Deidentifier::new(options, key()).data_set(set, &mut Nothing);
    assert!(!holds(&done, b"zqxv"));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_fall(data in proptest::collection::vec(any::<u8>(), 0..400), explicit: bool, big_endian: bool) {
        let encoding = Encoding { explicit, big_endian: big_endian && explicit };
        if let Ok(set) = read(&data, encoding) {
            let done = Deidentifier::new(Options::default(), key()).object(set, EXPLICIT, None, &mut Nothing);
            prop_assert!(File::open(&done.bytes).and_then(|opened| opened.set().map(|_| ()).map_err(|_| FileError::FileMeta)).is_ok());
        }
    }

    #[test]
    fn doing_it_again_under_another_key_changes_names_alone(seed in 0_u8..255) {
        let other = agent_deid::ProjectKey::new(&[seed; 40]).expect("a key");
        let done = Deidentifier::new(Options::default(), other).data_set(object(Vec::new()), &mut Nothing);
        let ours = run(object(Vec::new()), Options::default());
        let tags = |set: &Set<'_>| set.elements().iter().map(|element| element.tag).collect::<Vec<_>>();
        prop_assert_eq!(tags(&done), tags(&ours));
        prop_assert_ne!(done.ascii(Tag(0x0010, 0x0020)), ours.ascii(Tag(0x0010, 0x0020)));
    }
}
