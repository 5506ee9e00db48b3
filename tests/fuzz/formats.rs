//! What is done to bytes from outside, and what must hold whatever they are.
//!
//! The fuzz targets and the tests of hostile input call the same functions.

use agent_formats::part10::{FileMeta, file_meta};
use agent_formats::prescan::{self, Element, Limits, Step, Visitor};
use agent_formats::syntax::Encoding;
use agent_formats::{Frames, PixelError, Samples, TransferSyntax, header, nifti, nrrd, seg};

/// Walks a data set; the first byte chooses its encoding. What is shown lies where it is said to lie, no deeper than
/// allowed.
pub(crate) fn prescan(bytes: &[u8]) {
    let Some((first, data_set)) = bytes.split_first() else { return };
    let encoding = match first % 3 {
        0 => Encoding::IMPLICIT_LITTLE,
        1 => Encoding::EXPLICIT_LITTLE,
        _ => Encoding::EXPLICIT_BIG,
    };
    let mut inside = Inside { data_set, seen: 0 };
    let walked = prescan::walk(data_set, encoding, Limits::OBJECT, &mut inside);
    assert!(walked.is_err() || inside.seen <= Limits::OBJECT.elements_max);
}

struct Inside<'a> {
    data_set: &'a [u8],
    seen: u32,
}

impl Visitor for Inside<'_> {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        self.seen += 1;
        assert!(path.len() <= prescan::DEPTH_MAX);
        let place = self.data_set.get(element.value_at..element.value_at + element.value.len());
        assert!(place == Some(element.value));
    }

    fn fragment(&mut self, path: &[Step], at: usize, value: &[u8]) {
        self.seen += 1;
        assert!(path.len() <= prescan::DEPTH_MAX);
        assert!(self.data_set.get(at..at + value.len()) == Some(value));
    }
}

/// Reads headers of a file.
pub(crate) fn header(file: &[u8]) {
    let identity = header::identity(file);
    let read = header::read(file);
    assert!(identity.is_ok() || read.is_err());
    if let Ok(header) = read {
        assert!(!header.frames.is_empty() && header.layout.rows > 0 && header.layout.columns > 0);
        assert!(header.layout.bits_stored <= header.layout.bits_allocated);
    }
}

/// Reads a NIfTI file as image, as label map, and its place alone.
pub(crate) fn nifti(file: &[u8]) {
    let volume = nifti::read_volume(file);
    let labels = nifti::read_labels(file);
    if let Ok(volume) = &volume {
        assert_eq!(volume.voxels().len() as u64, volume.grid().voxels());
        assert_eq!(nifti::read_grid(file).ok(), Some(*volume.grid()));
    }
    if let Ok((grid, labels)) = labels {
        assert_eq!(labels.len() as u64, grid.voxels());
    }
}

/// Reads a segmentation, and the shares of each of its segments.
pub(crate) fn seg(file: &[u8]) {
    let Ok(found) = seg::read(file, &seg::Options::default()) else { return };
    let grid = found.grid().copied();
    assert!(found.layers.iter().all(|map| Some(*map.grid()) == grid) && grid.is_some());
    assert_eq!(found.layers.len() > 1, found.overlap.is_some());
    for segment in found.segments.iter().take(2) {
        if let Ok(shares) = seg::fractions(file, segment.number, None) {
            assert_eq!(shares.values.len() as u64, shares.grid.voxels());
        }
    }
}

/// Reads a label map as NRRD.
pub(crate) fn nrrd(file: &[u8]) {
    let Ok(found) = nrrd::read(file) else { return };
    let first = found.layers[0].grid();
    assert!(found.layers.iter().all(|map| map.grid() == first));
}

/// Decodes the frames of a file.
pub(crate) fn file(bytes: &[u8]) {
    let Ok(frames) = Frames::open(bytes) else { return };
    let layout = frames.header().layout;
    // Time is for many files, not for one of many frames.
    for frame in 0..frames.count().min(4) {
        match frames.decode(frame) {
            Ok(Samples::Grey(values)) => assert_eq!(values.len() as u64, layout.frame_pixels()),
            Ok(Samples::Rgb(bytes)) => assert_eq!(bytes.len() as u64, layout.frame_pixels() * 3),
            Err(_) => {}
        }
    }
    assert_eq!(frames.decode(frames.count()), Err(PixelError::NoFrame { frame: frames.count() }));
}

/// Decodes a frame in any coding: six bytes choose the coding and say what the header says, the rest is the frame.
pub(crate) fn frame(bytes: &[u8]) {
    let [syntax, rows, columns, bits, kind, frames, frame @ ..] = bytes else { return };
    let all: Vec<TransferSyntax> = TransferSyntax::all().collect();
    let image = Image {
        syntax: all[usize::from(*syntax) % all.len()],
        rows: u16::from(*rows),
        columns: u16::from(*columns),
        bits_allocated: [1, 8, 16, 32][usize::from(bits >> 4) % 4],
        bits_stored: u16::from(bits & 0x0F) + 1,
        signed: kind & 1 == 1,
        photometric: PHOTOMETRIC[usize::from(kind >> 1) % PHOTOMETRIC.len()],
        frames: u16::from(*frames % 4),
        pixels: frame,
    };
    file(&image.file());
}

const PHOTOMETRIC: [&str; 7] =
    ["MONOCHROME2", "MONOCHROME1", "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "PALETTE COLOR"];

/// An image, written as its fields say, whether they fit each other or not.
#[derive(Clone, Copy)]
pub(crate) struct Image<'a> {
    pub(crate) syntax: TransferSyntax,
    pub(crate) rows: u16,
    pub(crate) columns: u16,
    pub(crate) bits_allocated: u16,
    pub(crate) bits_stored: u16,
    pub(crate) signed: bool,
    pub(crate) photometric: &'static str,
    pub(crate) frames: u16,
    /// Native pixels, or one fragment, as the syntax asks for.
    pub(crate) pixels: &'a [u8],
}

impl Image<'_> {
    pub(crate) fn file(&self) -> Vec<u8> {
        let uid = "1.2.3";
        let meta = FileMeta { sop_class_uid: uid, sop_instance_uid: uid, syntax: self.syntax };
        let mut file = file_meta(&meta).unwrap_or_default();
        let mut data = Writer { encoding: self.syntax.encoding(), bytes: Vec::new() };
        for (tag, vr, text) in [
            (0x0008_0016, "UI", uid),
            (0x0008_0018, "UI", uid),
            (0x0008_0060, "CS", "CT"),
            (0x0020_000D, "UI", uid),
            (0x0020_000E, "UI", uid),
        ] {
            data.text(tag, vr, text);
        }
        let colours = matches!(self.photometric, "RGB" | "YBR_FULL" | "YBR_FULL_422" | "YBR_RCT");
        data.short(0x0028_0002, if colours { 3 } else { 1 });
        data.text(0x0028_0004, "CS", self.photometric);
        data.text(0x0028_0008, "IS", &self.frames.to_string());
        data.short(0x0028_0010, self.rows);
        data.short(0x0028_0011, self.columns);
        data.short(0x0028_0100, self.bits_allocated);
        data.short(0x0028_0101, self.bits_stored);
        data.short(0x0028_0102, self.bits_stored.wrapping_sub(1));
        data.short(0x0028_0103, u16::from(self.signed));
        self.put_pixels(&mut data);
        file.append(&mut data.bytes);
        file
    }

    fn put_pixels(&self, data: &mut Writer) {
        if self.syntax.native_pixels() {
            data.value(0x7FE0_0010, if self.bits_allocated > 8 { "OW" } else { "OB" }, self.pixels);
            return;
        }
        data.header(0x7FE0_0010, "OB", u32::MAX);
        data.value(0xFFFE_E000, "", &[]);
        data.value(0xFFFE_E000, "", self.pixels);
        data.header(0xFFFE_E0DD, "", 0);
    }
}

struct Writer {
    encoding: Encoding,
    bytes: Vec<u8>,
}

impl Writer {
    fn number16(&mut self, value: u16) {
        self.bytes.extend(if self.encoding.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn number32(&mut self, value: u32) {
        self.bytes.extend(if self.encoding.big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn header(&mut self, tag: u32, vr: &str, length: u32) {
        self.number16((tag >> 16) as u16);
        self.number16((tag & 0xFFFF) as u16);
        if !self.encoding.explicit || vr.is_empty() {
            return self.number32(length);
        }
        self.bytes.extend(vr.bytes());
        if matches!(vr, "OB" | "OW") {
            self.number16(0);
            self.number32(length);
        } else {
            self.number16(length as u16);
        }
    }

    fn value(&mut self, tag: u32, vr: &str, value: &[u8]) {
        let padding = value.len() % 2;
        self.header(tag, vr, (value.len() + padding) as u32);
        self.bytes.extend(value);
        self.bytes.extend(&[0][..padding]);
    }

    fn text(&mut self, tag: u32, vr: &str, text: &str) {
        self.value(tag, vr, text.as_bytes());
    }

    fn short(&mut self, tag: u32, value: u16) {
        self.header(tag, "US", 2);
        self.number16(value);
    }
}
