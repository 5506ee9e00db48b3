//! The walk on honest, hostile and random data sets.

use super::*;
use crate::test_files::{DataSet, Image};
use proptest::prelude::*;

fn check(bytes: &[u8], encoding: Encoding) -> Result<(), PrescanError> {
    walk(bytes, encoding, Limits::OBJECT, &mut CheckOnly)
}

#[derive(Default)]
struct Seen {
    elements: Vec<(Vec<Step>, Tag, Vec<u8>)>,
    fragments: Vec<Vec<u8>>,
}

impl Visitor for Seen {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        self.elements.push((path.to_vec(), element.tag, element.value.to_vec()));
    }

    fn fragment(&mut self, _path: &[Step], _at: usize, value: &[u8]) {
        self.fragments.push(value.to_vec());
    }
}

/// A chain of sequences, each with one item that holds the next.
fn nested(levels: u32, encoding: Encoding, undefined: bool) -> Vec<u8> {
    let mut inner = Vec::new();
    if undefined {
        let mut data = DataSet::new(encoding);
        for _ in 0..levels {
            data.header((0x0040, 0xA730), "SQ", UNDEFINED);
            data.header((0xFFFE, 0xE000), "", UNDEFINED);
        }
        for _ in 0..levels {
            data.header((0xFFFE, 0xE00D), "", 0);
            data.header((0xFFFE, 0xE0DD), "", 0);
        }
        return data.bytes;
    }
    for _ in 0..levels {
        let mut item = DataSet::new(encoding);
        item.header((0xFFFE, 0xE000), "", inner.len() as u32);
        item.bytes.append(&mut inner);
        let mut data = DataSet::new(encoding);
        data.put((0x0040, 0xA730), "SQ", &item.bytes);
        inner = data.bytes;
    }
    inner
}

#[test]
fn nesting_is_allowed_to_the_limit_and_no_further() {
    for encoding in [Encoding::IMPLICIT_LITTLE, Encoding::EXPLICIT_LITTLE, Encoding::EXPLICIT_BIG] {
        for undefined in [true, false] {
            assert_eq!(check(&nested(32, encoding, undefined), encoding), Ok(()));
            let refused = check(&nested(33, encoding, undefined), encoding);
            assert!(matches!(refused, Err(PrescanError::TooDeep { .. })), "{refused:?}");
        }
    }
}

#[test]
fn a_hundred_thousand_nested_sequences_are_refused() {
    let bytes = nested(100_000, Encoding::EXPLICIT_LITTLE, true);
    assert!(matches!(check(&bytes, Encoding::EXPLICIT_LITTLE), Err(PrescanError::TooDeep { .. })));
}

#[test]
fn unknown_elements_of_undefined_length_nest_no_deeper() {
    let mut data = DataSet::new(Encoding::EXPLICIT_LITTLE);
    data.header((0x0009, 0x1001), "UN", UNDEFINED);
    data.bytes.extend(DataSet::new(Encoding::IMPLICIT_LITTLE).bytes);
    let mut inside = DataSet::new(Encoding::IMPLICIT_LITTLE);
    for _ in 0..50 {
        inside.header((0xFFFE, 0xE000), "", UNDEFINED);
        inside.header((0x0009, 0x1001), "", UNDEFINED);
    }
    data.bytes.append(&mut inside.bytes);
    assert!(matches!(check(&data.bytes, Encoding::EXPLICIT_LITTLE), Err(PrescanError::TooDeep { .. })));
}

#[test]
fn a_length_beyond_the_end_is_refused_without_allocating() {
    for vr in ["OB", "OW", "UN", "UT"] {
        let mut data = DataSet::new(Encoding::EXPLICIT_LITTLE);
        data.header((0x7FE0, 0x0010), vr, 0xFFFF_FFFE);
        data.bytes.extend([0; 100]);
        let refused = check(&data.bytes, Encoding::EXPLICIT_LITTLE);
        assert_eq!(refused, Err(PrescanError::LengthBeyondEnd { at: 0 }));
    }
}

#[test]
fn a_length_beyond_its_item_is_refused() {
    let mut data = DataSet::new(Encoding::EXPLICIT_LITTLE);
    data.header((0x0040, 0xA730), "SQ", 18);
    data.header((0xFFFE, 0xE000), "", 10);
    data.header((0x0010, 0x0010), "PN", 20);
    data.bytes.extend([b'x'; 40]);
    let refused = check(&data.bytes, Encoding::EXPLICIT_LITTLE);
    assert!(matches!(refused, Err(PrescanError::LengthBeyondEnd { .. })), "{refused:?}");
}

#[test]
fn endless_delimiters_are_refused() {
    let mut data = DataSet::new(Encoding::IMPLICIT_LITTLE);
    for _ in 0..1000 {
        data.header((0xFFFE, 0xE0DD), "", 0);
    }
    assert_eq!(
        check(&data.bytes, Encoding::IMPLICIT_LITTLE),
        Err(PrescanError::MisplacedDelimiter { at: 0 })
    );
}

#[test]
fn ten_million_empty_elements_are_refused() {
    let mut data = DataSet::new(Encoding::IMPLICIT_LITTLE);
    for _ in 0..300_000 {
        data.header((0x0008, 0x0060), "", 0);
    }
    let refused = check(&data.bytes, Encoding::IMPLICIT_LITTLE);
    assert_eq!(refused, Err(PrescanError::TooManyElements { limit: 250_000 }));
}

#[test]
fn an_undefined_length_without_its_delimiter_is_refused() {
    let mut data = DataSet::new(Encoding::EXPLICIT_LITTLE);
    data.header((0x0040, 0xA730), "SQ", UNDEFINED);
    data.header((0xFFFE, 0xE000), "", UNDEFINED);
    data.text((0x0008, 0x0060), "CS", "MR");
    assert!(matches!(check(&data.bytes, Encoding::EXPLICIT_LITTLE), Err(PrescanError::Truncated { .. })));
    let mut data = DataSet::new(Encoding::EXPLICIT_LITTLE);
    data.header((0x0008, 0x0100), "UT", UNDEFINED);
    assert_eq!(check(&data.bytes, Encoding::EXPLICIT_LITTLE), Err(PrescanError::UndefinedLength { at: 0 }));
}

#[test]
fn the_path_names_sequence_and_item() {
    let mut data = DataSet::new(Encoding::EXPLICIT_LITTLE);
    data.header((0x5200, 0x9230), "SQ", UNDEFINED);
    for name in ["A ", "B "] {
        data.header((0xFFFE, 0xE000), "", UNDEFINED);
        data.text((0x0008, 0x0060), "CS", name);
        data.header((0xFFFE, 0xE00D), "", 0);
    }
    data.header((0xFFFE, 0xE0DD), "", 0);
    data.text((0x0010, 0x0020), "LO", "id");
    let mut seen = Seen::default();
    walk(&data.bytes, Encoding::EXPLICIT_LITTLE, Limits::OBJECT, &mut seen).unwrap();
    let step = |item| vec![Step { sequence: Tag(0x5200, 0x9230), item }];
    let expect = [
        (step(0), Tag(0x0008, 0x0060), b"A ".to_vec()),
        (step(1), Tag(0x0008, 0x0060), b"B ".to_vec()),
        (vec![], Tag(0x0010, 0x0020), b"id".to_vec()),
    ];
    assert_eq!(seen.elements, expect);
}

#[test]
fn fragments_are_seen_one_by_one() {
    let mut image = Image::new(2, 2);
    image.syntax = crate::TransferSyntax::RleLossless;
    image.fragments = Some(vec![vec![], vec![1, 2], vec![3, 4, 5, 6]]);
    let file = image.file();
    let part10 = crate::part10::open(&file).unwrap();
    let mut seen = Seen::default();
    walk(&part10.data_set, Encoding::EXPLICIT_LITTLE, Limits::OBJECT, &mut seen).unwrap();
    assert_eq!(seen.fragments, [vec![], vec![1, 2], vec![3, 4, 5, 6]]);
}

#[test]
fn every_shortened_file_is_refused_or_ends_between_elements() {
    let file = Image::new(2, 2).file();
    let whole = crate::part10::open(&file).unwrap();
    let mut cuts = 0;
    for end in 0..whole.data_set.len() {
        match check(&whole.data_set[..end], Encoding::EXPLICIT_LITTLE) {
            Ok(()) => cuts += 1,
            Err(PrescanError::Truncated { .. } | PrescanError::LengthBeyondEnd { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    let mut seen = Seen::default();
    walk(&whole.data_set, Encoding::EXPLICIT_LITTLE, Limits::OBJECT, &mut seen).unwrap();
    assert_eq!(cuts, seen.elements.len());
}

#[test]
fn a_debugged_element_shows_no_value() {
    let value = b"Doe^Jane";
    let encoding = Encoding::EXPLICIT_LITTLE;
    let element = Element { tag: Tag(0x10, 0x10), vr: Some(VR::PN), value, at: 0, value_at: 8, encoding };
    assert!(!format!("{element:?}").contains("Doe"));
}

fn encodings() -> impl Strategy<Value = Encoding> {
    prop_oneof![
        Just(Encoding::IMPLICIT_LITTLE),
        Just(Encoding::EXPLICIT_LITTLE),
        Just(Encoding::EXPLICIT_BIG)
    ]
}

proptest! {
    #[test]
    fn random_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600), encoding in encodings()) {
        let _ = check(&bytes, encoding);
    }

    #[test]
    fn changed_files_are_survived(at in 0_usize..600, byte in any::<u8>(), cut in 0_usize..700) {
        let mut file = Image::new(2, 2).file();
        let at = at % file.len();
        file[at] = byte;
        file.truncate(cut.max(1));
        if let Ok(part10) = crate::part10::open(&file) {
            let _ = check(&part10.data_set, part10.syntax.encoding());
        }
        let _ = crate::header::read(&file);
        let _ = crate::pixels::decode(&file);
    }

    #[test]
    fn values_lie_inside_the_data_set(bytes in proptest::collection::vec(any::<u8>(), 0..300), encoding in encodings()) {
        struct Inside(usize);
        impl Visitor for Inside {
            fn element(&mut self, path: &[Step], element: &Element<'_>) {
                assert!(path.len() <= DEPTH_MAX);
                assert!(element.at < element.value_at && element.value_at + element.value.len() <= self.0);
            }
        }
        let _ = walk(&bytes, encoding, Limits::OBJECT, &mut Inside(bytes.len()));
    }
}
