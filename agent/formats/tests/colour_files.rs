//! Colour images that other programs wrote decode to the colours that another program finds in them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

use std::path::PathBuf;

use agent_formats::{Frames, PixelError, Samples};

/// Decoders of lossy codings round differently.
const NEAR: i32 = 3;

struct Expected {
    name: String,
    size: [usize; 3],
    /// None where the coding is lossy.
    crc: Option<u32>,
    some: Vec<(usize, Vec<i32>)>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/colour")
}

fn expected() -> Vec<Expected> {
    let text = std::fs::read_to_string(folder().join("pixels.txt")).unwrap();
    let number = |text: &str| text.parse::<usize>().unwrap();
    let pixel = |text: &str| {
        let (place, colour) = text.split_once(':').unwrap();
        (number(place), colour.split(',').map(|part| part.parse().unwrap()).collect())
    };
    let line = |line: &str| {
        let mut parts = line.split(' ');
        let name = parts.next().unwrap().to_owned();
        let size = [0; 3].map(|_| number(parts.next().unwrap()));
        let crc = u32::from_str_radix(parts.next().unwrap(), 16).ok();
        Expected { name, size, crc, some: parts.map(pixel).collect() }
    };
    text.lines().map(line).collect()
}

fn colours(name: &str) -> ([usize; 3], Vec<u8>) {
    let file = std::fs::read(folder().join(name)).unwrap();
    let frames = Frames::open(&file).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let layout = frames.header().layout;
    let mut all = Vec::new();
    for frame in 0..frames.count() {
        match frames.decode(frame) {
            Ok(Samples::Rgb(colours)) => all.extend(colours),
            other => panic!("{name}: {other:?}"),
        }
    }
    ([frames.count(), usize::from(layout.rows), usize::from(layout.columns)], all)
}

#[test]
fn the_colours_are_the_same() {
    let expected = expected();
    assert_eq!(expected.len(), 21);
    for file in expected {
        let (size, found) = colours(&file.name);
        assert_eq!(size, file.size, "{}", file.name);
        assert_eq!(found.len(), size.iter().product::<usize>() * 3, "{}", file.name);
        for (place, colour) in &file.some {
            let there = found[place * 3..place * 3 + 3].iter().map(|byte| i32::from(*byte));
            let off = there.clone().zip(colour).map(|(one, other)| (one - other).abs()).max().unwrap();
            let there: Vec<i32> = there.collect();
            assert!(off <= NEAR, "{} at {place}: {there:?} is not {colour:?}", file.name);
        }
        if let Some(crc) = file.crc {
            let mut sum = flate2::Crc::new();
            sum.update(&found);
            assert_eq!(sum.sum(), crc, "{}", file.name);
        }
    }
}

/// PS3.5 §A.4.4 asks for a bare codestream; what a JP2 file says about colours besides would be left out.
#[test]
fn a_codestream_inside_of_a_jp2_file_is_refused_by_name() {
    let file = std::fs::read(folder().join("GDCMJ2K_TextGBR.dcm")).unwrap();
    let decoded = Frames::open(&file).and_then(|frames| frames.decode(0));
    assert_eq!(decoded, Err(PixelError::Shape { frame: 0 }));
}

#[test]
fn a_damaged_byte_anywhere_is_survived() {
    for name in ["SC_rgb_rle.dcm", "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_gdcm_KY.dcm", "SC_rgb_small_odd_jpeg.dcm"]
    {
        let file = std::fs::read(folder().join(name)).unwrap();
        for at in (132..file.len()).step_by(31) {
            let mut damaged = file.clone();
            damaged[at] ^= 0xFF;
            let _ = Frames::open(&damaged).and_then(|frames| frames.decode(0));
        }
    }
}
