//! From the bytes of an object to label maps and descriptions.

use super::bits;
use super::describe;
use super::found::{Found, MAXIMUM_FRACTION, SEGMENTATION_TYPE};
use super::layers::Collector;
use super::place::{Placed, place};
use super::segment::Segment;
use super::{
    FRAMES_MAX, INFLATED_BYTES_MAX, Kind, LABEL_MAP_STORAGE, SEGMENTATION_STORAGE, SegError, Segmentation,
};
use crate::attributes::{
    Attribute, AttributeError, BITS_ALLOCATED, BITS_STORED, COLUMNS, NUMBER_OF_FRAMES, PIXEL_REPRESENTATION,
    Places, ROWS, Reader, SOP_CLASS_UID,
};
use crate::header::PixelLayout;
use crate::part10::{self, Part10};
use crate::pixels::{PixelError, PlainFrames};
use crate::vocabulary::Photometric;
use agent_imaging::Grid;
use std::collections::BTreeSet;

/// How an object is to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// The grid of the image that was segmented: objects leave out empty slices, and no other place says how many.
    /// Without it the smallest grid is taken that holds the frames.
    pub onto: Option<Grid>,
    /// From which share of the maximum on a voxel of a fractional object belongs to its segment.
    pub least_fraction: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { onto: None, least_fraction: 0.5 }
    }
}

/// Reads an object of any of the three kinds.
///
/// # Errors
/// The variant of `SegError` that names what is wrong.
pub fn read(file: &[u8], options: &Options) -> Result<Segmentation, SegError> {
    let part10 = open(file)?;
    let object = Object::read(&part10)?;
    let placed = object.place(options.onto.as_ref())?;
    let mut collector = Collector::new(placed.grid.size()[2]);
    match object.kind {
        Kind::Binary => object.binary(&placed, &mut collector)?,
        Kind::Fractional => {
            let least = (options.least_fraction.clamp(0.0, 1.0) * f64::from(object.maximum)).ceil();
            object.at_least(&placed, (least as i32).max(1), &mut collector)?;
        }
        Kind::LabelMap => object.label_map(&placed, &mut collector)?,
    }
    let (layers, overlap) = collector.finish(placed.grid)?;
    Ok(Segmentation { kind: object.kind, segments: object.segments, layers, overlap })
}

/// The shares of one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Fractions {
    pub grid: Grid,
    /// What stands for the whole of a voxel.
    pub maximum: u16,
    /// One for each voxel: i fastest, then j, then k.
    pub values: Vec<u8>,
}

/// Reads the shares of one segment of a fractional object.
///
/// # Errors
/// As [`read`], and `NoFractions` for a segment that is not there or an object of another kind.
pub fn fractions(file: &[u8], segment: u16, onto: Option<&Grid>) -> Result<Fractions, SegError> {
    let part10 = open(file)?;
    let object = Object::read(&part10)?;
    let known = object.segments.iter().any(|known| known.number == segment);
    if object.kind != Kind::Fractional || !known {
        return Err(SegError::NoFractions { segment });
    }
    let placed = object.place(onto)?;
    let slice = placed.grid.slice_voxels() as usize;
    // `place` lets no grid pass that memory has no room for.
    let mut values = vec![0; placed.grid.voxels() as usize];
    for frame in 0..object.found.frames.len() {
        let (number, k) = object.whose(&placed, frame)?;
        if number != segment {
            continue;
        }
        let decoded = object.decode(frame)?;
        let from = k as usize * slice;
        for (place, value) in values.get_mut(from..from + slice).unwrap_or_default().iter_mut().zip(decoded) {
            // Eight bits, which the layout was checked for.
            *place = value as u8;
        }
    }
    Ok(Fractions { grid: placed.grid, maximum: object.maximum, values })
}

fn open(file: &[u8]) -> Result<Part10<'_>, SegError> {
    part10::open_within(file, INFLATED_BYTES_MAX).map_err(|cause| SegError::Unreadable { cause })
}

/// An object whose header has been read.
struct Object<'a> {
    kind: Kind,
    found: Found,
    segments: Vec<Segment>,
    maximum: u16,
    layout: PixelLayout,
    frames: PlainFrames<'a>,
}

impl<'a> Object<'a> {
    fn read(part10: &'a Part10<'_>) -> Result<Self, SegError> {
        let encoding = part10.syntax.encoding();
        let found = Found::read(&part10.data_set, encoding)?;
        let none = Places::new();
        let reader = found.reader(&none, &part10.data_set, encoding);
        let kind = kind(&reader)?;
        let layout = layout(&reader, kind)?;
        if usize::try_from(layout.frames) != Ok(found.frames.len()) {
            return Err(SegError::Frames { expected: layout.frames, found: found.frames.len() });
        }
        let maximum = match kind {
            Kind::Fractional => reader.short(MAXIMUM_FRACTION)?.filter(|value| *value > 0).unwrap_or(255),
            Kind::Binary | Kind::LabelMap => 1,
        };
        let mut numbers = BTreeSet::new();
        let mut segments = Vec::new();
        for places in &found.segments {
            let segment = describe::read(&found, places, part10)?;
            if !numbers.insert(segment.number) {
                return Err(SegError::SameNumber { number: segment.number });
            }
            segments.push(segment);
        }
        segments.sort_by_key(|segment| segment.number);
        let frames = PlainFrames::of(&part10.data_set, &found.pixels, layout, part10.syntax);
        let frames = frames.map_err(|cause| SegError::Pixels { cause })?;
        let object = Self { kind, segments, maximum, layout, frames, found };
        // The walk of single bits needs them as they lie; big-endian words of them are in no known program's files.
        if kind == Kind::Binary && object.frames.value().is_none() {
            let cause = PixelError::BitsAllocated { bits: 1 };
            return Err(SegError::Pixels { cause });
        }
        Ok(object)
    }

    fn place(&self, onto: Option<&Grid>) -> Result<Placed, SegError> {
        let size = [u32::from(self.layout.columns), u32::from(self.layout.rows)];
        let placed = place(&self.found.frames, &self.found.shared, size, onto);
        placed.map_err(|cause| SegError::Place { cause })
    }

    /// The segment of a frame, and its slice.
    fn whose(&self, placed: &Placed, frame: usize) -> Result<(u16, u32), SegError> {
        let unknown = SegError::UnknownSegment { frame };
        let own = self.found.frames.get(frame).and_then(|frame| frame.or(&self.found.shared).segment);
        let number = own.filter(|number| self.describes(*number)).ok_or(unknown)?;
        Ok((number, placed.slices.get(frame).copied().ok_or(unknown)?))
    }

    fn describes(&self, number: u16) -> bool {
        self.segments.binary_search_by_key(&number, |segment| segment.number).is_ok()
    }

    fn decode(&self, frame: usize) -> Result<Vec<i32>, SegError> {
        self.frames.decode(frame).map_err(|cause| SegError::Pixels { cause })
    }

    fn binary(&self, placed: &Placed, collector: &mut Collector) -> Result<(), SegError> {
        let value = self.frames.value().unwrap_or_default();
        let pixels = placed.grid.slice_voxels() as usize;
        for frame in 0..self.found.frames.len() {
            let (segment, k) = self.whose(placed, frame)?;
            collector.frame(segment, k)?;
            bits::ones(value, frame * pixels, pixels, |start, end| {
                collector.push(k, (start, end), segment);
            });
            collector.check()?;
        }
        Ok(())
    }

    fn at_least(&self, placed: &Placed, least: i32, collector: &mut Collector) -> Result<(), SegError> {
        for frame in 0..self.found.frames.len() {
            let (segment, k) = self.whose(placed, frame)?;
            collector.frame(segment, k)?;
            let inside: Vec<bool> = self.decode(frame)?.into_iter().map(|value| value >= least).collect();
            stretches(&inside, |place, inside| {
                if inside {
                    collector.push(k, place, segment);
                }
            });
            collector.check()?;
        }
        Ok(())
    }

    fn label_map(&self, placed: &Placed, collector: &mut Collector) -> Result<(), SegError> {
        let pixels = placed.grid.slice_voxels() as usize;
        // Bytes that no codec has touched are walked as they lie.
        let bytes = self.frames.value().filter(|_| self.layout.bits_allocated == 8);
        for (frame, k) in placed.slices.iter().copied().enumerate() {
            collector.frame(0, k)?;
            let mut unknown = false;
            let mut push = |place: (usize, usize), label: u16| {
                if label != 0 {
                    unknown |= !self.describes(label);
                    collector.push(k, place, label);
                }
            };
            match bytes.and_then(|bytes| bytes.get(frame * pixels..(frame + 1) * pixels)) {
                Some(bytes) => stretches(bytes, |place, label| push(place, u16::from(label))),
                // Sixteen bits at most, which the layout was checked for.
                None => stretches(&self.decode(frame)?, |place, label| push(place, label as u16)),
            }
            if unknown {
                return Err(SegError::UnknownSegment { frame });
            }
            collector.check()?;
        }
        Ok(())
    }
}

/// Stretches of one value.
fn stretches<T: Copy + PartialEq>(values: &[T], mut each: impl FnMut((usize, usize), T)) {
    let mut start = 0;
    for stretch in values.chunk_by(|a, b| a == b) {
        let end = start + stretch.len();
        if let Some(value) = stretch.first() {
            each((start, end), *value);
        }
        start = end;
    }
}

fn kind(reader: &Reader<'_>) -> Result<Kind, SegError> {
    let class = reader.plain(SOP_CLASS_UID)?.unwrap_or_default();
    if class != SEGMENTATION_STORAGE && class != LABEL_MAP_STORAGE {
        return Err(SegError::NotASegmentation);
    }
    let keyword = SEGMENTATION_TYPE.keyword;
    match reader.plain(SEGMENTATION_TYPE)?.ok_or(AttributeError::Missing { keyword })? {
        "BINARY" => Ok(Kind::Binary),
        "FRACTIONAL" => Ok(Kind::Fractional),
        "LABELMAP" => Ok(Kind::LabelMap),
        _ => Err(AttributeError::Invalid { keyword }.into()),
    }
}

fn layout(reader: &Reader<'_>, kind: Kind) -> Result<PixelLayout, SegError> {
    let invalid = |attribute: Attribute| AttributeError::Invalid { keyword: attribute.keyword };
    let positive = |attribute| -> Result<u16, SegError> {
        let value = Some(reader.needed_short(attribute)?).filter(|value| *value > 0);
        Ok(value.ok_or(invalid(attribute))?)
    };
    let frames = reader.integer(NUMBER_OF_FRAMES)?.unwrap_or(1);
    if frames > i64::from(FRAMES_MAX) {
        return Err(SegError::TooManyFrames);
    }
    let frames = u32::try_from(frames).ok().filter(|frames| *frames > 0).ok_or(invalid(NUMBER_OF_FRAMES))?;
    let bits_allocated = positive(BITS_ALLOCATED)?;
    let possible = match kind {
        Kind::Binary => bits_allocated == 1,
        Kind::Fractional => bits_allocated == 8,
        Kind::LabelMap => matches!(bits_allocated, 8 | 16),
    };
    if !possible {
        return Err(invalid(BITS_ALLOCATED).into());
    }
    let bits_stored = positive(BITS_STORED)?;
    if bits_stored != bits_allocated {
        return Err(invalid(BITS_STORED).into());
    }
    if reader.short(PIXEL_REPRESENTATION)?.unwrap_or_default() != 0 {
        return Err(invalid(PIXEL_REPRESENTATION).into());
    }
    Ok(PixelLayout {
        rows: positive(ROWS)?,
        columns: positive(COLUMNS)?,
        frames,
        samples: 1,
        bits_allocated,
        bits_stored,
        high_bit: bits_stored - 1,
        signed: false,
        // Whatever colours a palette gives them: they are numbers of segments, or shares.
        photometric: Photometric::Monochrome2,
        planar: false,
    })
}
