//! Files made to do harm: each is refused by name, quickly, and without the memory that it asks for.
//!
//! The names F16 to F21 are those of the list of failures that the product is built against. Those of the walk itself
//! are tested beside it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail where it stands")]

#[path = "../../../tests/fuzz/formats.rs"]
mod formats;

use agent_formats::prescan::PrescanError;
use agent_formats::{Frames, HeaderError, PixelError, Samples, TransferSyntax, header, nifti, part10};
use formats::Image;
use nifti::NiftiError;
use proptest::prelude::*;

const PLAIN: Image<'static> = Image {
    syntax: TransferSyntax::ExplicitLittle,
    rows: 2,
    columns: 3,
    bits_allocated: 16,
    bits_stored: 12,
    signed: false,
    photometric: "MONOCHROME2",
    frames: 1,
    pixels: &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0],
};

fn refused(image: Image<'_>) -> PixelError {
    let file = image.file();
    let decoded = Frames::open(&file).and_then(|frames| frames.decode(0));
    decoded.expect_err("it is hostile")
}

fn invalid(keyword: &'static str) -> PixelError {
    PixelError::Header { cause: HeaderError::Invalid { keyword } }
}

#[test]
fn the_honest_file_is_decoded() {
    let file = PLAIN.file();
    let decoded = Frames::open(&file).and_then(|frames| frames.decode(0));
    assert_eq!(decoded, Ok(Samples::Grey(vec![1, 2, 3, 4, 5, 6])));
}

/// F16: the header alone claims more than there is.
#[test]
fn a_small_file_that_claims_four_gigabytes_is_refused() {
    let mut file = PLAIN.file();
    let at = file.len() - PLAIN.pixels.len() - 4;
    file[at..at + 4].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
    let error = header::identity(&file).expect_err("it is hostile");
    let HeaderError::Unreadable { cause: PrescanError::LengthBeyondEnd { .. } } = error else {
        panic!("{error:?}")
    };
}

/// F17: frames that would unpack to gigabytes out of a few bytes.
#[test]
fn a_few_bytes_do_not_become_gigabytes() {
    for syntax in TransferSyntax::all().filter(|syntax| !syntax.native_pixels()) {
        let huge = Image { syntax, rows: 65_535, columns: 65_535, pixels: &[0; 70], ..PLAIN };
        let error = refused(huge);
        assert_eq!(error, PixelError::FrameTooLarge, "{syntax:?}");
        let large = Image { syntax, rows: 9_999, columns: 9_999, pixels: &[0; 70], ..PLAIN };
        let error = refused(large);
        let named = matches!(
            error,
            PixelError::Shape { .. }
                | PixelError::Rle { .. }
                | PixelError::Length { .. }
                | PixelError::Codec { .. }
                | PixelError::Syntax { .. }
        );
        assert!(named, "{syntax:?}: {error:?}");
    }
    let many =
        Image { syntax: TransferSyntax::RleLossless, rows: 9_999, columns: 9_999, frames: 65_535, ..PLAIN };
    assert_eq!(refused(many), PixelError::TooLarge);
}

/// F18: the codestream is larger than the header says, in each family of codings.
#[test]
fn a_codestream_of_another_size_is_refused_before_it_is_decoded() {
    let jpeg = [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0x11, 0, 0xFF, 0xD9];
    let jpeg_ls = [0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0xFF, 0xFF, 0xFF, 0xFF, 1, 1, 0x11, 0, 0xFF, 0xD9];
    let mut jpeg2000 = vec![0xFF, 0x4F, 0xFF, 0x51, 0, 41, 0, 0];
    for number in [65_535_u32, 65_535, 0, 0, 65_535, 65_535, 0, 0] {
        jpeg2000.extend(number.to_be_bytes());
    }
    jpeg2000.extend([0, 1, 7, 1, 1, 0xFF, 0x52, 0, 12, 0, 0, 0, 1, 0, 1, 3, 3, 0, 0, 0xFF, 0xD9]);
    let cases: [(TransferSyntax, &[u8]); 3] = [
        (TransferSyntax::JpegBaseline, &jpeg),
        (TransferSyntax::JpegLsLossless, &jpeg_ls),
        (TransferSyntax::Jpeg2000, &jpeg2000),
    ];
    for (syntax, pixels) in cases {
        let image = Image { syntax, bits_allocated: 8, bits_stored: 8, pixels, ..PLAIN };
        assert_eq!(refused(image), PixelError::Shape { frame: 0 }, "{syntax:?}");
    }
}

/// F18: numbers that do not fit each other.
#[test]
fn numbers_that_do_not_fit_are_refused_by_keyword() {
    assert_eq!(refused(Image { rows: 3, ..PLAIN }), PixelError::Length { expected: 18, actual: 12 });
    assert_eq!(refused(Image { frames: 2, ..PLAIN }), PixelError::Length { expected: 24, actual: 12 });
    assert_eq!(refused(Image { frames: 0, ..PLAIN }), invalid("NumberOfFrames"));
    assert_eq!(refused(Image { bits_stored: 17, ..PLAIN }), invalid("BitsStored"));
    assert_eq!(refused(Image { bits_stored: 0, ..PLAIN }), invalid("BitsStored"));
    for bits_allocated in [0, 2, 7, 12, 15, 24, 63, 65, 65_535] {
        assert_eq!(refused(Image { bits_allocated, ..PLAIN }), invalid("BitsAllocated"), "{bits_allocated}");
    }
    for bits_allocated in [1, 64] {
        let image = Image { bits_allocated, bits_stored: 1, ..PLAIN };
        assert!(matches!(refused(image), PixelError::BitsAllocated { .. } | PixelError::Length { .. }));
    }
    let all = Image { rows: 65_535, columns: 65_535, frames: 65_535, ..PLAIN };
    assert_eq!(refused(all), PixelError::TooLarge);
    assert_eq!(refused(Image { photometric: "PALETTE COLOR", ..PLAIN }), PixelError::Palette);
    assert_eq!(refused(Image { photometric: "RGB", ..PLAIN }), PixelError::ColourBits { bits: 12 });
    assert_eq!(refused(Image { photometric: "CMYK", ..PLAIN }), invalid("PhotometricInterpretation"));
}

/// F20: what is in front of the mark has no say, and what we write has nothing there.
#[test]
fn a_program_in_the_preamble_does_not_survive() {
    let mut file = PLAIN.file();
    file[..4].copy_from_slice(b"MZ\x90\0");
    assert!(header::read(&file).is_ok());
    let meta = part10::FileMeta { sop_class_uid: "1.2", sop_instance_uid: "1.2", syntax: PLAIN.syntax };
    assert!(part10::file_meta(&meta).unwrap()[..128].iter().all(|byte| *byte == 0));
}

/// F21: a transfer that broke off, at any byte.
#[test]
fn a_file_that_was_cut_is_refused() {
    let file = PLAIN.file();
    for end in 0..file.len() {
        assert!(Frames::open(&file[..end]).is_err(), "{end}");
    }
}

fn nifti_header(change: &dyn Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut header = vec![0; 352];
    header[..4].copy_from_slice(&348_i32.to_le_bytes());
    for (index, length) in [3_i16, 2, 2, 2].into_iter().enumerate() {
        header[40 + index * 2..42 + index * 2].copy_from_slice(&length.to_le_bytes());
    }
    header[70..74].copy_from_slice(&[2, 0, 8, 0]);
    header[108..112].copy_from_slice(&352.0_f32.to_le_bytes());
    header[254] = 1;
    for (place, value) in [(280, 1.0_f32), (300, 1.0), (320, 1.0)] {
        header[place..place + 4].copy_from_slice(&value.to_le_bytes());
    }
    header[344..348].copy_from_slice(b"n+1\0");
    header.extend(0..8);
    change(&mut header);
    header
}

/// F18, NIfTI: sizes, offsets and distances that cannot be.
#[test]
fn nifti_numbers_that_cannot_be_are_refused_by_field() {
    assert!(nifti::read_volume(&nifti_header(&|_| {})).is_ok());
    let error = |change: &dyn Fn(&mut Vec<u8>)| nifti::read_volume(&nifti_header(change)).unwrap_err();
    let lengths = |count: i16, length: i16| {
        move |header: &mut Vec<u8>| {
            for (index, number) in [count, length, length, length].into_iter().enumerate() {
                header[40 + index * 2..42 + index * 2].copy_from_slice(&number.to_le_bytes());
            }
        }
    };
    assert_eq!(error(&lengths(3, 32_767)), NiftiError::TooLarge);
    assert_eq!(error(&lengths(3, -1)), NiftiError::Invalid { field: "dim" });
    assert_eq!(error(&lengths(8, 2)), NiftiError::Invalid { field: "dim" });
    for offset in [f32::NAN, -1.0, 0.0, 347.0, 352.5, f32::INFINITY] {
        let moved = error(&|header| header[108..112].copy_from_slice(&offset.to_le_bytes()));
        assert_eq!(moved, NiftiError::Invalid { field: "vox_offset" }, "{offset}");
    }
    for length in [f32::NAN, 0.0, f32::INFINITY, 1e20] {
        let stretched = error(&|header| header[280..284].copy_from_slice(&length.to_le_bytes()));
        assert_eq!(stretched, NiftiError::Invalid { field: "srow" }, "{length}");
    }
}

/// F17, NIfTI: a stream a thousand times longer than its header says is read no further than that.
#[test]
fn a_nifti_stream_is_inflated_no_further_than_its_header_says() {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&nifti_header(&|_| {})).unwrap();
    let zeros = vec![0; 1024 * 1024];
    (0..200).for_each(|_| gzip.write_all(&zeros).unwrap());
    let bomb = gzip.finish().unwrap();
    assert_eq!(nifti::read_volume(&bomb), nifti::read_volume(&nifti_header(&|_| {})));
    let large = nifti_header(&|header| {
        for place in [42, 44, 46] {
            header[place..place + 2].copy_from_slice(&1000_i16.to_le_bytes());
        }
    });
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&large).unwrap();
    assert_eq!(nifti::read_volume(&gzip.finish().unwrap()), Err(NiftiError::Truncated));
}

const NRRD: &[u8] = b"NRRD0004\ntype: uint8\ndimension: 4\nspace: LPS\nsizes: 2 2 1 1\n\
    space directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: list domain domain domain\nencoding: raw\n\
    space origin: (0,0,0)\nSegment0_ID:=a\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment1_ID:=b\n\
    Segment1_LabelValue:=1\nSegment1_Layer:=1\n\n\x01\x00\x01\x01";

#[test]
fn the_honest_label_map_is_read() {
    assert_eq!(agent_formats::nrrd::read(NRRD).unwrap().layers.len(), 2);
}

fn mangled(file: &[u8], changes: &[(usize, u8)], cut: usize) -> Vec<u8> {
    let mut file = file.to_vec();
    for (at, byte) in changes {
        let at = at % file.len();
        file[at] = *byte;
    }
    file.truncate(file.len() - cut % (file.len() / 4));
    file
}

proptest! {
    #[test]
    fn any_data_set_is_walked(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        formats::prescan(&bytes);
    }

    #[test]
    fn any_change_of_a_file_is_survived(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in any::<usize>(),
    ) {
        let file = mangled(&PLAIN.file(), &changes, cut);
        formats::header(&file);
        formats::file(&file);
        formats::prescan(&file);
    }

    #[test]
    fn any_change_of_a_nifti_file_is_survived(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in any::<usize>(),
    ) {
        formats::nifti(&mangled(&nifti_header(&|_| {}), &changes, cut));
    }

    #[test]
    fn any_change_of_a_label_map_is_survived(
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
        cut in any::<usize>(),
    ) {
        formats::seg(&mangled(&PLAIN.file(), &changes, cut));
        formats::nrrd(&mangled(NRRD, &changes, cut));
    }

    #[test]
    fn any_frame_is_decoded_or_refused(
        head in proptest::array::uniform6(any::<u8>()),
        frame in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        formats::frame(&[&head[..], &frame].concat());
    }
}
