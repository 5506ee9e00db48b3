//! Pixels: right where they are decoded, refused by name where they are not.

use super::*;
use crate::test_files::Image;

fn refused(change: &dyn Fn(&mut Image)) -> PixelError {
    let mut image = Image::new(2, 3);
    change(&mut image);
    decode(&image.file()).unwrap_err()
}

#[test]
fn native_samples_are_read_in_each_byte_order() {
    let image = Image::new(2, 3);
    assert_eq!(decode(&image.file()).unwrap().stored, [0, 1, 2, 3, 4, 5]);
    let mut big = Image::new(2, 3);
    big.syntax = TransferSyntax::ExplicitBig;
    big.pixels = (0..6_u16).flat_map(u16::to_be_bytes).collect();
    assert_eq!(decode(&big.file()).unwrap().stored, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn twelve_stored_bits_are_sign_extended_and_masked() {
    let mut image = Image::new(1, 3);
    image.bits_stored = 12;
    image.pixels = [0x0FFF_u16, 0x0800, 0xF7FF].into_iter().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&image.file()).unwrap().stored, [4095, 2048, 2047]);
    image.signed = true;
    assert_eq!(decode(&image.file()).unwrap().stored, [-1, -2048, 2047]);
}

#[test]
fn an_odd_number_of_bytes_has_one_of_padding() {
    let mut image = Image::new(1, 3);
    image.bits_allocated = 8;
    image.bits_stored = 8;
    image.pixels = vec![7, 8, 9];
    assert_eq!(decode(&image.file()).unwrap().stored, [7, 8, 9]);
}

#[test]
fn the_rescale_gives_real_values() {
    let mut image = Image::new(1, 3);
    image.slope = "0.5";
    image.intercept = "-10";
    assert_eq!(decode(&image.file()).unwrap().rescaled(), [-10.0, -9.5, -9.0]);
}

#[test]
fn pixel_data_of_another_length_is_refused() {
    assert_eq!(refused(&|image| image.pixels.truncate(10)), PixelError::Length { expected: 12, actual: 10 });
    assert_eq!(
        refused(&|image| image.pixels.extend([0; 2])),
        PixelError::Length { expected: 12, actual: 14 }
    );
    let huge = refused(&|image| {
        (image.rows, image.columns, image.frames) = (65_535, 65_535, Some(60_000));
    });
    assert_eq!(huge, PixelError::TooLarge);
}

#[test]
fn what_would_decode_wrong_is_refused_by_name() {
    assert_eq!(refused(&|image| image.photometric = "RGB"), PixelError::Colour { samples: 1 });
    let big_endian_longs = refused(&|image| {
        image.syntax = TransferSyntax::ExplicitBig;
        (image.bits_allocated, image.bits_stored) = (32, 32);
    });
    assert_eq!(big_endian_longs, PixelError::BitsAllocated { bits: 32 });
    let video = refused(&|image| {
        image.syntax = TransferSyntax::StoredOnly(crate::syntax::StoredOnly::Mpeg4High);
        image.fragments = Some(vec![vec![], vec![0; 10]]);
    });
    assert!(matches!(video, PixelError::Syntax { .. }));
    let jpeg_ls = refused(&|image| {
        image.syntax = TransferSyntax::JpegLsLossless;
        image.fragments = Some(vec![vec![], vec![0; 10]]);
    });
    assert_eq!(jpeg_ls, PixelError::Shape { frame: 0 });
    let progressive = refused(&|image| {
        image.syntax = TransferSyntax::JpegExtended;
        image.fragments = Some(vec![vec![], jpeg_start(0xC2, 12, 2, 3)]);
    });
    assert_eq!(progressive, PixelError::JpegPrecision { precision: 12 });
    let other_size = refused(&|image| {
        image.syntax = TransferSyntax::JpegLosslessFirstOrder;
        image.fragments = Some(vec![vec![], jpeg_start(0xC3, 16, 65_535, 65_535)]);
    });
    assert_eq!(other_size, PixelError::Shape { frame: 0 });
}

#[test]
fn bytes_in_big_endian_words_are_the_other_way_round() {
    let mut image = Image::new(1, 3);
    image.syntax = TransferSyntax::ExplicitBig;
    (image.bits_allocated, image.bits_stored, image.pixels) = (8, 8, vec![8, 7, 0, 9]);
    assert_eq!(decode(&image.file()).unwrap().stored, [7, 8, 9]);
}

#[test]
fn single_bits_begin_with_the_lowest_and_frames_follow_without_a_gap() {
    let mut image = Image::new(1, 3);
    (image.bits_allocated, image.bits_stored, image.frames) = (1, 1, Some(3));
    image.pixels = vec![0b1010_1001, 0b0000_0001];
    assert_eq!(decode(&image.file()).unwrap().stored, [1, 0, 0, 1, 0, 1, 0, 1, 1]);
    image.syntax = TransferSyntax::ExplicitBig;
    assert_eq!(decode(&image.file()).unwrap_err(), PixelError::BitsAllocated { bits: 1 });
}

#[test]
fn a_compressed_frame_of_nothing_but_size_is_refused() {
    let huge = refused(&|image| {
        image.syntax = TransferSyntax::RleLossless;
        (image.rows, image.columns) = (60_000, 60_000);
        image.fragments = Some(vec![vec![], vec![0; 64]]);
    });
    assert_eq!(huge, PixelError::FrameTooLarge);
}

#[test]
fn a_damaged_codestream_is_an_error_and_not_a_panic() {
    let damaged = refused(&|image| {
        image.syntax = TransferSyntax::JpegLosslessFirstOrder;
        image.fragments = Some(vec![vec![], jpeg_start(0xC3, 16, 2, 3)]);
    });
    assert_eq!(damaged, PixelError::Codec { frame: 0 });
    let extended = refused(&|image| {
        image.syntax = TransferSyntax::JpegExtended;
        image.fragments = Some(vec![vec![], jpeg_start(0xC1, 12, 2, 3)]);
    });
    assert_eq!(extended, PixelError::Codec { frame: 0 });
    let native_in_fragments = refused(&|image| image.fragments = Some(vec![vec![], vec![0; 12]]));
    assert_eq!(native_in_fragments, PixelError::Fragments);
}

fn jpeg_start(process: u8, precision: u8, rows: u16, columns: u16) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xD8, 0xFF, process, 0, 11, precision];
    bytes.extend(rows.to_be_bytes());
    bytes.extend(columns.to_be_bytes());
    bytes.extend([1, 1, 0x11, 0, 0xFF, 0xD9]);
    bytes
}

/// One RLE frame of 16-bit samples, each plane as literals.
fn rle_frame(samples: &[u16]) -> Vec<u8> {
    let planes = [8, 0].map(|shift| {
        let count = u8::try_from(samples.len() - 1).unwrap();
        std::iter::once(count)
            .chain(samples.iter().map(move |sample| (sample >> shift) as u8))
            .collect::<Vec<u8>>()
    });
    let mut frame = vec![2, 0, 0, 0, 64, 0, 0, 0];
    frame.extend((64 + planes[0].len() as u32).to_le_bytes());
    frame.resize(64, 0);
    frame.extend(planes.concat());
    if frame.len() % 2 == 1 {
        frame.push(0);
    }
    frame
}

#[test]
fn rle_frames_are_unpacked_in_order() {
    let mut image = Image::new(2, 3);
    image.syntax = TransferSyntax::RleLossless;
    image.frames = Some(2);
    image.fragments = Some(vec![vec![], rle_frame(&[1, 2, 300, 4, 5, 6]), rle_frame(&[9; 6])]);
    let stored = decode(&image.file()).unwrap().stored;
    assert_eq!(stored, [1, 2, 300, 4, 5, 6, 9, 9, 9, 9, 9, 9]);
}

#[test]
fn an_offset_table_joins_fragments_to_frames() {
    let first = rle_frame(&[1, 2, 3, 4, 5, 6]);
    let (head, tail) = first.split_at(70);
    let second = rle_frame(&[7; 6]);
    let offset = (first.len() + 16) as u32;
    let table = [0_u32.to_le_bytes(), offset.to_le_bytes()].concat();
    let mut image = Image::new(2, 3);
    image.syntax = TransferSyntax::RleLossless;
    image.frames = Some(2);
    image.fragments = Some(vec![table, head.to_vec(), tail.to_vec(), second.clone()]);
    assert_eq!(decode(&image.file()).unwrap().stored, [1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7]);
    image.fragments = Some(vec![vec![], head.to_vec(), tail.to_vec(), second]);
    assert_eq!(decode(&image.file()).unwrap_err(), PixelError::Fragments);
}

/// Two pixels of colour.
fn colours(photometric: &'static str, planar: bool, bytes: &[u8]) -> Result<Samples, PixelError> {
    let mut image = Image::new(1, 2);
    (image.samples, image.bits_allocated, image.bits_stored) = (3, 8, 8);
    (image.photometric, image.planar, image.pixels) = (photometric, planar, bytes.to_vec());
    let file = image.file();
    Frames::open(&file)?.decode(0)
}

#[test]
fn native_colours_are_read_by_pixel_by_plane_and_with_shared_differences() {
    let rgb = |bytes: &[u8]| Ok(Samples::Rgb(bytes.to_vec()));
    assert_eq!(colours("RGB", false, &[1, 2, 3, 4, 5, 6]), rgb(&[1, 2, 3, 4, 5, 6]));
    assert_eq!(colours("RGB", true, &[1, 4, 2, 5, 3, 6]), rgb(&[1, 2, 3, 4, 5, 6]));
    let red_and_grey = rgb(&[254, 0, 0, 9, 9, 9]);
    assert_eq!(colours("YBR_FULL", false, &[76, 85, 255, 9, 128, 128]), red_and_grey);
    assert_eq!(colours("YBR_FULL", true, &[76, 9, 85, 128, 255, 128]), red_and_grey);
    assert_eq!(colours("YBR_FULL_422", false, &[76, 76, 85, 255]), rgb(&[254, 0, 0, 254, 0, 0]));
    let expected = PixelError::Length { expected: 4, actual: 6 };
    assert_eq!(colours("YBR_FULL_422", false, &[0; 6]), Err(expected));
    assert_eq!(colours("YBR_FULL_422", true, &[0; 4]), Err(PixelError::Colour { samples: 3 }));
    assert_eq!(colours("YBR_ICT", false, &[0; 6]), Err(PixelError::Colour { samples: 3 }));
}

#[test]
fn colours_of_sixteen_bits_are_refused_by_name() {
    let refused = refused(&|image| (image.samples, image.photometric) = (3, "RGB"));
    assert_eq!(refused, PixelError::ColourBits { bits: 16 });
}

/// An image of four numbers and a palette of three colours from number 10 on.
fn with_palette(bits: u16, entry: &dyn Fn(u8) -> Vec<u8>) -> Result<Samples, PixelError> {
    let mut image = Image::new(1, 4);
    (image.photometric, image.bits_allocated, image.bits_stored) = ("PALETTE COLOR", 8, 8);
    image.pixels = vec![10, 12, 200, 0];
    let mut data = crate::test_files::DataSet::new(image.syntax.encoding());
    for (channel, first) in [(1_u16, 0x10_u8), (2, 0x20), (3, 0x30)] {
        let descriptor: Vec<u8> = [3, 10, bits].into_iter().flat_map(u16::to_le_bytes).collect();
        data.put((0x0028, 0x1100 + channel), "US", &descriptor);
        let table: Vec<u8> = (first..first + 3).flat_map(entry).collect();
        data.put((0x0028, 0x1200 + channel), "OW", &table);
    }
    image.extra = data.bytes;
    let file = image.file();
    Frames::open(&file)?.decode(0)
}

#[test]
fn a_palette_gives_each_number_its_colour() {
    let expect: Vec<u8> = [[16, 32, 48], [18, 34, 50], [18, 34, 50], [16, 32, 48]].concat();
    let of = |bits, entry: &dyn Fn(u8) -> Vec<u8>| with_palette(bits, entry);
    assert_eq!(of(16, &|value| vec![0x99, value]), Ok(Samples::Rgb(expect.clone())));
    assert_eq!(of(16, &|value| vec![value, 0]), Ok(Samples::Rgb(expect.clone())));
    assert_eq!(of(8, &|value| vec![value]), Ok(Samples::Rgb(expect)));
    assert_eq!(of(12, &|value| vec![value, 0]), Err(PixelError::Palette));
    assert_eq!(of(16, &|value| vec![value]), Err(PixelError::Palette));
}

/// Red is dark all over, which does not make it a table of 8 bits.
#[test]
fn one_dark_table_does_not_make_the_others_narrow() {
    let mut image = Image::new(1, 1);
    (image.photometric, image.bits_allocated, image.bits_stored, image.pixels) =
        ("PALETTE COLOR", 8, 8, vec![0]);
    let mut data = crate::test_files::DataSet::new(image.syntax.encoding());
    for (channel, entry) in [(1_u16, 0x0012_u16), (2, 0x3400), (3, 0x5600)] {
        let descriptor: Vec<u8> = [1, 0, 16].into_iter().flat_map(u16::to_le_bytes).collect();
        data.put((0x0028, 0x1100 + channel), "US", &descriptor);
        data.put((0x0028, 0x1200 + channel), "OW", &entry.to_le_bytes());
    }
    image.extra = data.bytes;
    let file = image.file();
    let colours = Frames::open(&file).and_then(|frames| frames.decode(0));
    assert_eq!(colours, Ok(Samples::Rgb(vec![0, 0x34, 0x56])));
}

#[test]
fn frames_are_decoded_one_at_a_time_and_in_any_order() {
    let mut image = Image::new(1, 2);
    image.frames = Some(3);
    image.pixels = (1..=6_u16).flat_map(u16::to_le_bytes).collect();
    let file = image.file();
    let frames = Frames::open(&file).unwrap();
    assert_eq!(frames.decode(2), Ok(Samples::Grey(vec![5, 6])));
    assert_eq!(frames.decode(0), Ok(Samples::Grey(vec![1, 2])));
    assert_eq!(frames.decode(3), Err(PixelError::NoFrame { frame: 3 }));
}
