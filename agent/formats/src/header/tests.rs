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
        planar: false,
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

/// An image with these attributes of (0018,xxxx) and (0028,xxxx) instead of the usual pixel spacing.
fn spaced(modality: &str, extra: &dyn Fn(&mut DataSet)) -> FrameFacts {
    let mut image = Image::new(2, 2);
    image.position = None;
    image.spacing = None;
    image.modality = modality.to_owned();
    let mut data = DataSet::new(TransferSyntax::ExplicitLittle.encoding());
    extra(&mut data);
    image.extra = data.bytes;
    read(&image.file()).unwrap().frame(0).unwrap().clone()
}

#[test]
fn spacing_at_the_detector_is_told_from_spacing_in_the_patient() {
    let facts =
        |modality: &str, imager: Option<&str>, spacing: Option<&str>, more: &[((u16, u16), &str, &str)]| {
            let found = spaced(modality, &|data| {
                imager.inspect(|imager| {
                    data.text((0x0018, 0x1164), "DS", imager);
                });
                spacing.inspect(|spacing| {
                    data.text((0x0028, 0x0030), "DS", spacing);
                });
                for (tag, vr, value) in more {
                    data.text(*tag, vr, value);
                }
            });
            (found.pixel_spacing_mm, found.at_detector)
        };
    let (tenth, fifth) = (Some("0.1\\0.1"), Some("0.2\\0.2"));
    assert_eq!(facts("DX", tenth, None, &[]), (Some([0.1, 0.1]), true));
    assert_eq!(facts("DX", tenth, tenth, &[]), (Some([0.1, 0.1]), true));
    assert_eq!(facts("DX", fifth, tenth, &[]), (Some([0.1, 0.1]), false));
    assert_eq!(facts("CR", None, tenth, &[]), (Some([0.1, 0.1]), true));
    assert_eq!(facts("CR", None, tenth, &[((0x0028, 0x0A02), "CS", "FIDUCIAL")]), (Some([0.1, 0.1]), false));
    assert_eq!(facts("MG", fifth, None, &[((0x0018, 0x1114), "DS", "2")]), (Some([0.1, 0.1]), false));
    assert_eq!(facts("SC", None, tenth, &[]), (Some([0.1, 0.1]), false));
    assert_eq!(facts("CR", None, Some("0\\0"), &[]), (None, false));
    assert_eq!(facts("US", None, None, &[]), (None, false));
}

/// One ultrasound region: its format, its units along x and y, its deltas in these units.
fn region(data: &mut DataSet, format: u16, units: [u16; 2], deltas: [f64; 2]) {
    data.header((0xFFFE, 0xE000), "", u32::MAX);
    data.short((0x0018, 0x6012), format);
    data.short((0x0018, 0x6024), units[0]).short((0x0018, 0x6026), units[1]);
    data.put((0x0018, 0x602C), "FD", &deltas[0].to_le_bytes());
    data.put((0x0018, 0x602E), "FD", &deltas[1].to_le_bytes());
    data.header((0xFFFE, 0xE00D), "", 0);
}

#[test]
fn one_flat_ultrasound_region_gives_the_spacing_and_two_give_none() {
    let of = |regions: &[(u16, [u16; 2], [f64; 2])]| {
        let found = spaced("US", &|data| {
            data.header((0x0018, 0x6011), "SQ", u32::MAX);
            regions.iter().for_each(|(format, units, deltas)| region(data, *format, *units, *deltas));
            data.header((0xFFFE, 0xE0DD), "", 0);
        });
        found.pixel_spacing_mm
    };
    let flat = (1, [3, 3], [0.02, -0.03]);
    assert_eq!(of(&[flat]), Some([0.3, 0.2]));
    assert_eq!(of(&[flat, (3, [4, 7], [0.1, 0.1])]), Some([0.3, 0.2]));
    assert_eq!(of(&[flat, flat]), None);
    assert_eq!(of(&[(1, [4, 3], [0.02, 0.03])]), None);
    assert_eq!(of(&[(1, [3, 3], [0.0, 0.03])]), None);
}

#[test]
fn a_table_for_the_screen_becomes_the_window_in_which_it_rises() {
    let mut image = Image::new(1, 1);
    image.windows = false;
    let mut data = DataSet::new(TransferSyntax::ExplicitLittle.encoding());
    data.header((0x0028, 0x3010), "SQ", u32::MAX);
    data.header((0xFFFE, 0xE000), "", u32::MAX);
    let descriptor: Vec<u8> = [100_u16, 1000, 8].into_iter().flat_map(u16::to_le_bytes).collect();
    data.put((0x0028, 0x3002), "US", &descriptor);
    // Black up to 1020, white from 1060 on.
    let table: Vec<u8> = (0..100_u16).flat_map(|at| (at.clamp(20, 60) * 6).to_le_bytes()).collect();
    data.put((0x0028, 0x3006), "OW", &table);
    data.header((0xFFFE, 0xE00D), "", 0);
    data.header((0xFFFE, 0xE0DD), "", 0);
    image.extra = data.bytes;
    let windows = read(&image.file()).unwrap().frame(0).unwrap().windows.clone();
    assert_eq!(windows, [WindowSetting { centre: 1040.0, width: 40.0 }]);
}
