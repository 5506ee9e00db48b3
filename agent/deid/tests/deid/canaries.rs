//! Identifiers planted in every attribute of the standard that can hold a text, at several depths, and in private ones.

use agent_deid::dataset::{Element, Known, known};
use agent_deid::{Deidentifier, File, Nothing, Options, ProfileOption, Unlisted};
use dicom_core::{Tag, VR};

use crate::objects::{bytes, key, object, sequence, text};

/// Groups of PS3.6 with attributes; overlays and curves by one each.
const GROUPS: [u16; 66] = [
    0x0008, 0x0010, 0x0012, 0x0014, 0x0016, 0x0018, 0x0020, 0x0022, 0x0024, 0x0028, 0x0032, 0x0034, 0x0038,
    0x003A, 0x0040, 0x0042, 0x0044, 0x0046, 0x0048, 0x0050, 0x0052, 0x0054, 0x0060, 0x0062, 0x0064, 0x0066,
    0x0068, 0x006A, 0x0070, 0x0072, 0x0074, 0x0076, 0x0078, 0x0080, 0x0082, 0x0088, 0x0100, 0x0400, 0x2000,
    0x2010, 0x2020, 0x2030, 0x2040, 0x2050, 0x2100, 0x2110, 0x2120, 0x2130, 0x2200, 0x3002, 0x3004, 0x3006,
    0x3008, 0x300A, 0x300C, 0x300E, 0x3010, 0x3012, 0x4000, 0x4008, 0x4010, 0x5002, 0x5200, 0x5400, 0x6004,
    0x7FE0,
];

/// The sequence that carries the nested ones; the table does not name it.
const OUTER: Tag = Tag(0x5200, 0x9229);
const INNER: Tag = Tag(0x5200, 0x9230);
/// Content Sequence and Graphic Annotation Sequence, whose action is D.
const HOLLOW: [Tag; 2] = [Tag(0x0040, 0xA730), Tag(0x0070, 0x0001)];

const MARK: &str = "zqxv";

fn attributes() -> Vec<(Tag, Known)> {
    let mut found = Vec::new();
    for group in GROUPS {
        for element in 1..=u16::MAX {
            let tag = Tag(group, element);
            found.extend(known(tag).map(|known| (tag, known)));
        }
    }
    found
}

fn is_text(vr: VR) -> bool {
    matches!(
        vr,
        VR::AE
            | VR::LO
            | VR::LT
            | VR::PN
            | VR::SH
            | VR::ST
            | VR::UC
            | VR::UR
            | VR::UT
            | VR::CS
            | VR::AS
            | VR::DA
            | VR::DS
            | VR::DT
            | VR::IS
            | VR::TM
    )
}

/// A word that stands nowhere else: letters that tell the place.
fn canary(tag: Tag, depth: u8) -> String {
    let mut number = u64::from(tag.group()) << 16 | u64::from(tag.element());
    let mut word = format!("{MARK}{}", char::from(b'a' + depth));
    while number > 0 {
        word.push(char::from(b'a' + u8::try_from(number % 26).expect("a letter")));
        number /= 26;
    }
    word
}

fn plant(attributes: &[(Tag, Known)], depth: u8) -> Vec<Element<'static>> {
    let texts = attributes.iter().filter(|(_, known)| is_text(known.vr));
    let mut planted: Vec<Element<'static>> = texts
        .map(|(tag, known)| {
            let word = canary(*tag, depth);
            // Some stand alone, some among known words; all are texts where the form asks for something else, too.
            let value = if tag.element() % 2 == 0 { word } else { format!("CT chest of {word}, 3 mm") };
            bytes(*tag, known.vr, value.as_bytes())
        })
        .collect();
    planted.extend(private(depth));
    planted
}

/// Private elements: of an unknown creator, at a safe place with another creator, and free texts at a safe place.
fn private(depth: u8) -> Vec<Element<'static>> {
    let word = |element| canary(Tag(0x0029, element), depth);
    let at = |group, element, vr, value: String| text((group, element), vr, &value);
    vec![
        at(0x0029, 0x0010, VR::LO, word(0x10)),
        at(0x0029, 0x1010, VR::LO, word(0x1010)),
        at(0x0029, 0x1011, VR::UN, word(0x1011)),
        at(0x0029, 0x1012, VR::OB, word(0x1012)),
        sequence(Tag(0x0029, 0x1020), vec![vec![text((0x0010, 0x0010), VR::PN, &word(0x1020))]]),
        at(0x2001, 0x0010, VR::LO, "Philips Imaging DD 001".to_owned()),
        // LO and ST by the table; free texts go although it calls them safe.
        at(0x2001, 0x1050, VR::LO, word(0x1050)),
        at(0x2001, 0x105A, VR::ST, word(0x105A)),
        // FL by the table, a text here.
        at(0x2001, 0x1001, VR::LO, word(0x1001)),
        sequence(Tag(0x2001, 0x105F), vec![vec![text((0x0010, 0x4000), VR::LT, &word(0x105F))]]),
        at(0x2005, 0x0011, VR::LO, word(0x11)),
        at(0x2005, 0x110E, VR::LO, word(0x110E)),
        // No block reserves this one.
        at(0x0031, 0x1001, VR::LO, word(0x1101)),
        at(0x0007, 0x1001, VR::LO, word(0x1102)),
    ]
}

fn everything() -> (usize, Vec<u8>) {
    let attributes = attributes();
    let mut top = plant(&attributes, 0);
    let mut inside = plant(&attributes, 1);
    inside.push(sequence(INNER, vec![plant(&attributes, 2), plant(&attributes, 3)]));
    let hollow =
        |depth| vec![sequence(OUTER, vec![plant(&attributes, depth)]), text((0x0040, 0xA160), VR::UT, MARK)];
    for (tag, depth) in HOLLOW.into_iter().zip([4, 5]) {
        top.retain(|element| element.tag != tag);
        top.push(sequence(tag, vec![hollow(depth)]));
    }
    top.push(sequence(OUTER, vec![inside]));
    // A UID tells where an object came from; those of the header stay what they are so that it is an object.
    let set = object(Vec::new());
    let mut planted = object(top);
    for element in set.elements().iter().filter(|element| element.vr == VR::UI) {
        planted.put(element.clone());
    }
    let mut written = Vec::new();
    agent_deid::dataset::write(&planted, &mut written);
    let count = String::from_utf8_lossy(&written).matches(MARK).count();
    (count, crate::encodings::file("1.2.840.10008.1.2.1", &written, b"zqxvPREAMBLE"))
}

fn survivors(options: Options, file: &[u8]) -> Vec<String> {
    let opened = File::open(file).expect("a file");
    let done = Deidentifier::new(options, key()).file(&opened, &mut Nothing).expect("a data set");
    let lower = done.bytes.to_ascii_lowercase();
    let places = lower.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK.as_bytes());
    places
        .map(|(at, _)| {
            String::from_utf8_lossy(&lower[at.saturating_sub(8)..(at + 16).min(lower.len())]).into_owned()
        })
        .collect()
}

#[test]
fn no_planted_identifier_survives() {
    let (count, file) = everything();
    assert!(count > 15_000, "only {count} were planted");
    for chosen in [&[][..], &ALL_BUT_RETAINED[..]] {
        let left = survivors(Options::new(chosen), &file);
        assert!(left.is_empty(), "{} of {count} under {chosen:?}: {left:?}", left.len());
    }
}

/// Options that retain an attribute as it is keep what is planted there, as they say; these do not.
const ALL_BUT_RETAINED: [ProfileOption; 3] =
    [ProfileOption::RetainSafePrivate, ProfileOption::RetainModifiedDates, ProfileOption::CleanDescriptors];

#[test]
fn the_check_sees_what_is_left() {
    let (_, file) = everything();
    let mut bare = Options::new(&[]);
    bare.unlisted = Unlisted::Keep;
    assert!(!survivors(bare, &file).is_empty());
}

#[test]
fn a_name_in_a_code_string_goes() {
    let set = object(vec![
        text((0x0010, 0x0010), VR::PN, "Zqxvname^Jane"),
        text((0x0018, 0x0015), VR::CS, "ZQXVNAME"),
        text((0x0018, 0x5100), VR::CS, "HFS"),
    ]);
    let done = crate::objects::run(set, Options::default());
    assert!(!crate::objects::holds(&done, b"zqxvname"));
    assert_eq!(done.ascii(Tag(0x0018, 0x5100)), Some("HFS"));
}
