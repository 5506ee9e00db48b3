//! Files in codings that other programs wrote decode to just the pixels that another program finds in them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

use agent_formats::{Frames, Samples};
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/coded")
}

/// All pixels, as `pixels.txt` counts them.
fn pixels(name: &str) -> (&'static str, Vec<u8>) {
    let file = std::fs::read(folder().join(name)).unwrap();
    let frames = Frames::open(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
    let (mut kind, mut bytes) = ("grey", Vec::new());
    for frame in 0..frames.count() {
        match frames.decode(frame).unwrap_or_else(|error| panic!("{name}: {error}")) {
            Samples::Grey(values) => bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Samples::Rgb(colours) => (kind, bytes) = ("rgb", [bytes, colours].concat()),
        }
    }
    (kind, bytes)
}

#[test]
fn the_pixels_are_the_same() {
    let expect = std::fs::read_to_string(folder().join("pixels.txt")).unwrap();
    assert_eq!(expect.lines().count(), 18);
    for line in expect.lines() {
        let [name, kind, count, crc] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let (found, bytes) = pixels(name);
        let width = if kind == "grey" { 4 } else { 1 };
        assert_eq!((found, bytes.len() / width), (kind, count.parse().unwrap()), "{name}");
        let mut sum = flate2::Crc::new();
        sum.update(&bytes);
        assert_eq!(format!("{:08x}", sum.sum()), crc, "{name}");
    }
}

#[test]
fn a_damaged_byte_anywhere_is_survived() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "dcm") {
            continue;
        }
        let file = std::fs::read(path).unwrap();
        for at in (132..file.len()).step_by(file.len() / 25) {
            let mut damaged = file.clone();
            damaged[at] ^= 0xFF;
            let _ = Frames::open(&damaged).and_then(|frames| frames.decode(0));
        }
    }
}
