//! Headers: what is read, what is refused by keyword, and that no value gets into an error.

use super::*;
use crate::test_files::{DataSet, Image};
use agent_phi::Purpose;

fn shown(text: Option<&HeaderText>) -> Option<&str> {
    text.map(|text| text.expose(Purpose::HospitalScreen))
}

#[test]
fn an_image_header_is_read_in_each_encoding() {
    for syntax in
        [TransferSyntax::ImplicitLittle, TransferSyntax::ExplicitLittle, TransferSyntax::ExplicitBig]
    {
        let mut image = Image::new(3, 4);
        image.syntax = syntax;
        image.position = Some([1.5, -2.0, 3.25]);
        image.slope = "2";
        image.intercept = "-1024";
        let header = read(&image.file()).unwrap();
        assert_eq!(header.identity.syntax, syntax);
        assert_eq!(header.identity.modality, Modality::Mr);
        assert_eq!(header.identity.study.expose(Purpose::Store), "1.2.3");
        assert_eq!(shown(header.identity.text.patient_name.as_ref()), Some("Müller^Anna"));
        assert_eq!((header.layout.rows, header.layout.columns, header.layout.frames), (3, 4, 1));
        let facts = header.frame(0).unwrap();
        assert_eq!(facts.position_mm, Some([1.5, -2.0, 3.25]));
        assert_eq!(facts.orientation, Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]));
        assert_eq!(facts.pixel_spacing_mm, Some([0.5, 0.7]));
        assert_eq!(facts.rescale, Rescale::new(2.0, -1024.0).unwrap());
        assert_eq!(facts.windows.len(), 2);
        assert_eq!(header.body_region, BodyRegion::Head);
        assert_eq!(header.contrast, Contrast::Unknown);
        assert!(!header.localizer);
    }
}

#[test]
fn an_object_without_an_image_has_an_identity() {
    let mut image = Image::new(1, 1);
    image.photometric = "";
    assert!(identity(&image.file()).is_ok());
    let keyword = "PhotometricInterpretation";
    assert_eq!(read(&image.file()).unwrap_err(), HeaderError::Missing { keyword });
}

#[test]
fn a_wrong_value_is_named_by_keyword_only() {
    let mut image = Image::new(1, 1);
    image.slope = "canary";
    let error = read(&image.file()).unwrap_err();
    assert_eq!(error, HeaderError::Invalid { keyword: "RescaleSlope" });
    assert!(!format!("{error} {error:?}").contains("canary"));
    image.slope = "0";
    assert_eq!(read(&image.file()).unwrap_err().keyword(), Some("RescaleSlope"));
    let mut image = Image::new(1, 1);
    image.instance_uid = "1.2.3".into();
    let mut file = image.file();
    let at = file.windows(5).rposition(|window| window == b"1.2.3").unwrap();
    let _ = at;
    file.truncate(200);
    assert!(matches!(read(&file), Err(HeaderError::Unreadable { .. } | HeaderError::Missing { .. })));
}

#[test]
fn impossible_layouts_are_refused() {
    let keyword = |change: &dyn Fn(&mut Image)| {
        let mut image = Image::new(2, 2);
        change(&mut image);
        read(&image.file()).unwrap_err().keyword()
    };
    assert_eq!(keyword(&|image| image.rows = 0), Some("Rows"));
    assert_eq!(keyword(&|image| image.bits_allocated = 12), Some("BitsAllocated"));
    assert_eq!(keyword(&|image| image.bits_stored = 17), Some("BitsStored"));
    assert_eq!(keyword(&|image| image.frames = Some(0)), Some("NumberOfFrames"));
    assert_eq!(keyword(&|image| image.photometric = "HSV"), Some("PhotometricInterpretation"));
}

#[test]
fn sizes_multiply_without_overflow() {
    let layout = PixelLayout {
        rows: u16::MAX,
        columns: u16::MAX,
        frames: u32::MAX,
        samples: 3,
        bits_allocated: 64,
        bits_stored: 64,
        high_bit: 63,
        signed: false,
        photometric: Photometric::Rgb,
    };
    assert_eq!(layout.total_bytes(), None);
}

#[test]
fn functional_groups_place_each_frame() {
    let mut file = Image { frames: Some(2), position: None, ..Image::new(1, 1) }.file();
    let mut groups = DataSet::new(TransferSyntax::ExplicitLittle.encoding());
    groups.header((0x5200, 0x9230), "SQ", u32::MAX);
    for z in ["0", "5"] {
        groups.header((0xFFFE, 0xE000), "", u32::MAX);
        groups.header((0x0020, 0x9113), "SQ", u32::MAX);
        groups.header((0xFFFE, 0xE000), "", u32::MAX);
        groups.text((0x0020, 0x0032), "DS", &format!("0\\0\\{z}"));
        groups.header((0xFFFE, 0xE00D), "", 0);
        groups.header((0xFFFE, 0xE0DD), "", 0);
        groups.header((0xFFFE, 0xE00D), "", 0);
    }
    groups.header((0xFFFE, 0xE0DD), "", 0);
    // Pixel data of two bytes is the last element; the groups go in front of it.
    let at = file.len() - 14;
    file.splice(at..at, groups.bytes);
    let header = read(&file).unwrap();
    assert_eq!(header.frames.len(), 2);
    assert_eq!(header.frame(1).unwrap().position_mm, Some([0.0, 0.0, 5.0]));
    assert_eq!(header.frame(1).unwrap().pixel_spacing_mm, Some([0.5, 0.7]));
    assert_eq!(header.frame(2), None);
}
