//! Regions of pictures painted over (PS3.15 §E.3.1, Clean Pixel Data).
//!
//! Native pixels are painted where they lie. Compressed ones are decoded by whoever has a decoder, painted, and stay
//! native: compressing again would change the pixels that are to stay. What cannot be painted is refused by name.

use std::borrow::Cow;

use dicom_core::{Tag, VR};

use crate::dataset::{Element, ReadError, Set, Value};
use crate::part10::{self, File, FileError};

const SAMPLES: Tag = Tag(0x0028, 0x0002);
const PHOTOMETRIC: Tag = Tag(0x0028, 0x0004);
const PLANAR: Tag = Tag(0x0028, 0x0006);
const FRAMES: Tag = Tag(0x0028, 0x0008);
const ROWS: Tag = Tag(0x0028, 0x0010);
const COLUMNS: Tag = Tag(0x0028, 0x0011);
const BITS_ALLOCATED: Tag = Tag(0x0028, 0x0100);
const BITS_STORED: Tag = Tag(0x0028, 0x0101);
const HIGH_BIT: Tag = Tag(0x0028, 0x0102);
const REPRESENTATION: Tag = Tag(0x0028, 0x0103);
const PIXEL_DATA: Tag = Tag(0x7FE0, 0x0010);
const OFFSET_TABLE: [Tag; 2] = [Tag(0x7FE0, 0x0001), Tag(0x7FE0, 0x0002)];

/// A rectangle, in pixels from the upper left corner of each frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// What a decoder made of compressed pixels: frames in order, samples of a pixel side by side, little endian.
#[derive(Clone, PartialEq, Eq)]
pub struct Native {
    pub bytes: Vec<u8>,
    pub samples: u16,
    pub photometric: &'static str,
    pub bits_allocated: u16,
    pub bits_stored: u16,
    pub signed: bool,
}

impl std::fmt::Debug for Native {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Native").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// What was painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blanked {
    pub frames: u32,
    /// Pixels of each frame that lie in a region.
    pub pixels: u64,
}

/// Why an object's pixels were not painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlankError {
    #[error("no region was given")]
    NoRegion,
    #[error("the object has no pixel data that can be painted")]
    NoPixels,
    #[error("{keyword} is missing or has no valid value")]
    Header { keyword: &'static str },
    #[error("a region of width {} and height {} at {},{} does not lie in a picture of {columns} by {rows}",
        region.width, region.height, region.left, region.top)]
    Outside { region: Region, columns: u32, rows: u32 },
    #[error("pixels of {bits} allocated bits cannot be painted")]
    Bits { bits: u16 },
    #[error("native pixels with subsampled colour cannot be painted")]
    Subsampled,
    #[error("there are {found} bytes of pixel data where the header asks for {expected}")]
    Length { found: usize, expected: usize },
    #[error("the compressed pixels could not be decoded")]
    NotDecoded,
}

/// Turns an object's compressed pixels into native ones; `None` where it cannot.
pub type Decode<'d> = &'d dyn Fn() -> Option<Native>;

/// Paints regions of every frame in the darkest value.
///
/// # Errors
/// When anything about the pixels is not as the header says, or nobody can decode them; the object is then unchanged.
pub fn blank(set: &mut Set<'_>, regions: &[Region], decode: Decode<'_>) -> Result<Blanked, BlankError> {
    if regions.is_empty() {
        return Err(BlankError::NoRegion);
    }
    let compressed = match set.get(PIXEL_DATA).map(|element| &element.value) {
        Some(Value::Fragments(_)) => true,
        Some(Value::Bytes(_)) => false,
        Some(Value::Items(_)) | None => return Err(BlankError::NoPixels),
    };
    let mut layout = Layout::of(set)?;
    let native = if compressed { Some(decode().ok_or(BlankError::NotDecoded)?) } else { None };
    if let Some(native) = &native {
        layout = layout.decoded(native)?;
    }
    layout.check(regions)?;
    let mut bytes = match &native {
        Some(native) => native.bytes.clone(),
        None => set.bytes(PIXEL_DATA).map(<[u8]>::to_vec).unwrap_or_default(),
    };
    let expected = layout.bytes().ok_or(BlankError::Length { found: bytes.len(), expected: usize::MAX })?;
    // A value has an even length; the byte behind an odd number of them belongs to no pixel.
    if bytes.len() != expected && bytes.len() != expected.next_multiple_of(2) || bytes.len() >= 0xFFFF_FFFE {
        return Err(BlankError::Length { found: bytes.len(), expected });
    }
    let pixels = layout.paint(&mut bytes, regions);
    if let Some(native) = &native {
        describe(set, native);
    }
    let vr = if layout.width() == 1 && native.is_some() { VR::OB } else { VR::OW };
    set.put(Element { tag: PIXEL_DATA, vr, value: Value::Bytes(Cow::Owned(bytes)) });
    Ok(Blanked { frames: layout.frames, pixels })
}

/// Why a file was not painted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlankFileError {
    #[error("the file cannot be read")]
    File(#[source] FileError),
    #[error("the data set cannot be read")]
    Set(#[source] ReadError),
    #[error("the pixels cannot be painted over")]
    Pixels(#[source] BlankError),
}

/// A DICOM file with regions of every frame painted over. Its other elements stay; its preamble is zeros.
///
/// # Errors
/// As [`blank`], and where the file is none.
pub fn blank_file(bytes: &[u8], regions: &[Region], decode: Decode<'_>) -> Result<Vec<u8>, BlankFileError> {
    let file = File::open(bytes).map_err(BlankFileError::File)?;
    let mut set = file.set().map_err(BlankFileError::Set)?;
    blank(&mut set, regions, decode).map_err(BlankFileError::Pixels)?;
    Ok(part10::write(&set, file.syntax()))
}

/// The header elements that say how native pixels are laid out.
fn describe(set: &mut Set<'_>, native: &Native) {
    let short = |tag, number: u16| Element {
        tag,
        vr: VR::US,
        value: Value::Bytes(Cow::Owned(number.to_le_bytes().to_vec())),
    };
    set.put(short(SAMPLES, native.samples));
    set.put(Element::text(PHOTOMETRIC, VR::CS, native.photometric));
    set.put(short(BITS_ALLOCATED, native.bits_allocated));
    set.put(short(BITS_STORED, native.bits_stored));
    set.put(short(HIGH_BIT, native.bits_stored.saturating_sub(1)));
    set.put(short(REPRESENTATION, u16::from(native.signed)));
    if native.samples > 1 {
        set.put(short(PLANAR, 0));
    }
    for tag in OFFSET_TABLE {
        set.take(tag);
    }
}

#[derive(Clone, Copy)]
struct Layout {
    rows: u32,
    columns: u32,
    frames: u32,
    samples: u32,
    bits_allocated: u16,
    planes: bool,
    /// The darkest value of each sample.
    dark: [u32; 3],
    subsampled: bool,
}

impl Layout {
    fn of(set: &Set<'_>) -> Result<Self, BlankError> {
        let short = |tag, keyword| set.short(tag).ok_or(BlankError::Header { keyword });
        let size = |tag, keyword| {
            short(tag, keyword).and_then(|n| if n == 0 { Err(BlankError::Header { keyword }) } else { Ok(n) })
        };
        let frames = match set.ascii(FRAMES) {
            None => 1,
            Some(text) => text
                .trim()
                .parse()
                .ok()
                .filter(|frames| *frames > 0)
                .ok_or(BlankError::Header { keyword: "NumberOfFrames" })?,
        };
        let samples = size(SAMPLES, "SamplesPerPixel")?;
        let photometric =
            set.ascii(PHOTOMETRIC).ok_or(BlankError::Header { keyword: "PhotometricInterpretation" })?;
        let stored = size(BITS_STORED, "BitsStored")?;
        let allocated = size(BITS_ALLOCATED, "BitsAllocated")?;
        if stored > allocated || ![1, 3].contains(&samples) {
            return Err(BlankError::Header { keyword: "BitsStored" });
        }
        let signed = set.short(REPRESENTATION) == Some(1);
        Ok(Self {
            rows: size(ROWS, "Rows")?.into(),
            columns: size(COLUMNS, "Columns")?.into(),
            frames,
            samples: samples.into(),
            bits_allocated: allocated,
            planes: samples == 3 && set.short(PLANAR) == Some(1),
            dark: dark(photometric, stored, signed),
            subsampled: photometric.ends_with("_422") || photometric.ends_with("_420"),
        })
    }

    fn decoded(self, native: &Native) -> Result<Self, BlankError> {
        if native.bits_stored == 0
            || native.bits_stored > native.bits_allocated
            || ![1, 3].contains(&native.samples)
        {
            return Err(BlankError::NotDecoded);
        }
        Ok(Self {
            samples: native.samples.into(),
            bits_allocated: native.bits_allocated,
            planes: false,
            dark: dark(native.photometric, native.bits_stored, native.signed),
            subsampled: false,
            ..self
        })
    }

    fn check(&self, regions: &[Region]) -> Result<(), BlankError> {
        if ![8, 16, 32].contains(&self.bits_allocated) {
            return Err(BlankError::Bits { bits: self.bits_allocated });
        }
        if self.subsampled {
            return Err(BlankError::Subsampled);
        }
        let inside = |start: u32, length: u32, end: u32| {
            length > 0 && start.checked_add(length).is_some_and(|last| last <= end)
        };
        let outside = regions.iter().find(|region| {
            !inside(region.left, region.width, self.columns) || !inside(region.top, region.height, self.rows)
        });
        outside.map_or(Ok(()), |region| {
            Err(BlankError::Outside { region: *region, columns: self.columns, rows: self.rows })
        })
    }

    /// Bytes of a sample.
    fn width(&self) -> usize {
        usize::from(self.bits_allocated / 8)
    }

    fn bytes(&self) -> Option<usize> {
        let numbers = [self.rows, self.columns, self.frames, self.samples];
        numbers
            .iter()
            .try_fold(self.width(), |product, number| product.checked_mul(usize::try_from(*number).ok()?))
    }

    /// Paints, and counts the pixels of one frame that lie in a region.
    fn paint(&self, bytes: &mut [u8], regions: &[Region]) -> u64 {
        let [rows, columns, samples] = [self.rows, self.columns, self.samples].map(|number| number as usize);
        let width = self.width();
        let dark = self.dark.map(|value| value.to_le_bytes());
        let mut painted = 0;
        let covered = |row: usize, column: usize| {
            regions.iter().any(|region| {
                (region.top as usize..(region.top + region.height) as usize).contains(&row)
                    && (region.left as usize..(region.left + region.width) as usize).contains(&column)
            })
        };
        for (index, frame) in bytes.chunks_mut(rows * columns * samples * width).enumerate() {
            for (place, sample) in frame.chunks_mut(width).enumerate() {
                let (pixel, channel) = if self.planes {
                    (place % (rows * columns), place / (rows * columns))
                } else {
                    (place / samples, place % samples)
                };
                if pixel < rows * columns && covered(pixel / columns, pixel % columns) {
                    let value = dark.get(channel).copied().unwrap_or_default();
                    sample.iter_mut().zip(value).for_each(|(byte, dark)| *byte = dark);
                    painted += u64::from(index == 0 && channel == 0);
                }
            }
        }
        painted
    }
}

/// The darkest value of a photometric interpretation (PS3.3 §C.7.6.3.1.2), as the low bytes of a sample.
fn dark(photometric: &str, stored: u16, signed: bool) -> [u32; 3] {
    let bits = u32::from(stored.min(32));
    let all = u32::MAX.checked_shr(32 - bits).unwrap_or(0);
    let lowest = if signed { u32::MAX.checked_shl(bits.saturating_sub(1)).unwrap_or(0) } else { 0 };
    let highest = if signed { all >> 1 } else { all };
    match photometric {
        "MONOCHROME1" => [highest; 3],
        "MONOCHROME2" => [lowest; 3],
        // Chrominance has its zero in the middle.
        _ if photometric.starts_with("YBR") => [0, (all >> 1) + 1, (all >> 1) + 1],
        _ => [0; 3],
    }
}

#[cfg(test)]
mod tests;
