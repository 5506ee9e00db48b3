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
    assert_eq!(refused(&|image| image.photometric = "RGB"), PixelError::Colour);
    let big_endian_bytes = refused(&|image| {
        image.syntax = TransferSyntax::ExplicitBig;
        (image.bits_allocated, image.bits_stored) = (8, 8);
    });
    assert_eq!(big_endian_bytes, PixelError::BitsAllocated { bits: 8 });
    let jpeg_ls = refused(&|image| {
        image.syntax = TransferSyntax::JpegLsLossless;
        image.fragments = Some(vec![vec![], vec![0; 10]]);
    });
    assert_eq!(jpeg_ls, PixelError::Syntax { syntax: TransferSyntax::JpegLsLossless });
    let extended = refused(&|image| {
        image.syntax = TransferSyntax::JpegExtended;
        image.fragments = Some(vec![vec![], jpeg_start(0xC1, 12, 2, 3)]);
    });
    assert_eq!(extended, PixelError::JpegPrecision { precision: 12 });
    let other_size = refused(&|image| {
        image.syntax = TransferSyntax::JpegLosslessFirstOrder;
        image.fragments = Some(vec![vec![], jpeg_start(0xC3, 16, 65_535, 65_535)]);
    });
    assert_eq!(other_size, PixelError::Shape { frame: 0 });
}

#[test]
fn a_damaged_codestream_is_an_error_and_not_a_panic() {
    let damaged = refused(&|image| {
        image.syntax = TransferSyntax::JpegLosslessFirstOrder;
        image.fragments = Some(vec![vec![], jpeg_start(0xC3, 16, 2, 3)]);
    });
    assert_eq!(damaged, PixelError::Codec { frame: 0 });
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
