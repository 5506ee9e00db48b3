//! From one instance's bytes to its stored and its real values.
//!
//! Native and RLE pixel data are read here; JPEG and JPEG 2000 go through codecs on a thread of their own (`codec`).
//! Colours become red, green and blue of 8 bits (`colour`, `palette`). What is known to decode to something wrong is
//! refused by name: no picture is better than a wrong one.

mod codec;
mod colour;
mod jpeg_xl;
mod native;
mod palette;
mod stored;

use crate::attributes::PixelPlace;
use crate::header::{HeaderError, InstanceHeader, Opened, PixelLayout};
use crate::rle::RleError;
use crate::syntax::TransferSyntax;
use crate::vocabulary::Photometric;
use agent_imaging::volume::Rescale;
use native::Native;
use palette::Palette;
use std::borrow::Cow;
use std::ops::Range;

pub use native::NativePixels;
pub use stored::StoredFrames;

/// An instance with more decoded bytes than this is refused.
pub const DECODED_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// A compressed frame with more samples than this is refused. Decoders hold a frame several times over, and a frame
/// of nothing takes a few bytes; the largest radiographs, of a whole spine or leg, have about 50 million.
pub const FRAME_SAMPLES_MAX: u64 = 100_000_000;

/// Why pixels were not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PixelError {
    #[error("the header cannot be used")]
    Header {
        #[source]
        cause: HeaderError,
    },
    #[error("there is no pixel data")]
    NoPixelData,
    #[error("float pixel data is not supported")]
    FloatPixelData,
    #[error("colours of {samples} samples in this form are not supported in this transfer syntax")]
    Colour { samples: u16 },
    #[error("the palette is missing or its tables do not fit each other")]
    Palette,
    #[error("pixels of {bits} allocated bits are not supported in this transfer syntax")]
    BitsAllocated { bits: u16 },
    #[error("colours of {bits} bits are not supported, only of 8")]
    ColourBits { bits: u16 },
    #[error("pixels above the range of 32-bit signed integers are not supported")]
    Range,
    #[error("values mapped by ModalityLUTSequence are not supported")]
    ModalityLut,
    #[error("pixel data of transfer syntax {} cannot be decoded", syntax.uid())]
    Syntax { syntax: TransferSyntax },
    #[error("JPEG with {precision} bits in a lossy process is not supported")]
    JpegPrecision { precision: u16 },
    #[error("the decoded pixels would need more than {DECODED_BYTES_MAX} bytes")]
    TooLarge,
    #[error("compressed frames of more than {FRAME_SAMPLES_MAX} samples are not supported")]
    FrameTooLarge,
    #[error("the pixel data has {actual} bytes where the header asks for {expected}")]
    Length { expected: u64, actual: u64 },
    #[error("the fragments cannot be assigned to frames")]
    Fragments,
    #[error("frame {frame} says another size or sample format than the header")]
    Shape { frame: u32 },
    #[error("frame {frame} is not a valid RLE frame")]
    Rle {
        frame: u32,
        #[source]
        cause: RleError,
    },
    #[error("frame {frame} cannot be decoded")]
    Codec { frame: u32 },
    #[error("there is no frame {frame}")]
    NoFrame { frame: usize },
}

/// Decoded samples: rows, then columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Samples {
    /// As stored, sign-extended, before the rescale.
    Grey(Vec<i32>),
    /// Red, green and blue of each pixel.
    Rgb(Vec<u8>),
}

impl Samples {
    /// How many pixels there are.
    #[must_use]
    pub fn pixels(&self) -> usize {
        match self {
            Self::Grey(stored) => stored.len(),
            Self::Rgb(bytes) => bytes.len() / 3,
        }
    }
}

/// Decoded values of a monochrome instance.
///
/// Shape: frames, then rows, then columns, all `layout.frames * layout.rows * layout.columns` of them.
#[derive(Debug, Clone)]
pub struct Decoded {
    pub header: InstanceHeader,
    /// As stored, sign-extended, before the rescale.
    pub stored: Vec<i32>,
}

impl Decoded {
    /// Real values: `slope * stored + intercept`, each frame by its own line.
    #[must_use]
    pub fn rescaled(&self) -> Vec<f32> {
        let frame_samples = usize::try_from(self.header.layout.frame_samples()).unwrap_or(usize::MAX).max(1);
        let mut values = Vec::with_capacity(self.stored.len());
        for (index, frame) in self.stored.chunks(frame_samples).enumerate() {
            let rescale = self.header.frame(index).map_or(Rescale::NONE, |facts| facts.rescale);
            // Narrowing to f32 keeps 24 bits, and no stored sample of an image has more in use.
            values.extend(frame.iter().map(|value| rescale.value(f64::from(*value)) as f32));
        }
        values
    }
}

/// Decodes all frames of a monochrome Part 10 file.
///
/// # Errors
/// The variant of `PixelError` that names what is wrong or not supported; `Colour` for a colour image.
pub fn decode(file: &[u8]) -> Result<Decoded, PixelError> {
    let frames = Frames::open(file)?;
    let mut stored = Vec::new();
    for frame in 0..frames.count() {
        match frames.decode(frame)? {
            Samples::Grey(mut samples) => stored.append(&mut samples),
            Samples::Rgb(_) => return Err(PixelError::Colour { samples: frames.header.layout.samples }),
        }
    }
    Ok(Decoded { header: frames.header, stored })
}

/// An instance whose frames can be decoded, one at a time and in any order.
pub struct Frames<'a> {
    opened: Opened<'a>,
    header: InstanceHeader,
    place: Place,
    palette: Option<Palette>,
}

/// Where the frames lie in the data set.
enum Place {
    Native(Native),
    /// The fragments of each.
    Fragments(Vec<Vec<Range<usize>>>),
}

impl std::fmt::Debug for Frames<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Frames").field("layout", &self.header.layout).finish_non_exhaustive()
    }
}

impl<'a> Frames<'a> {
    /// Finds the frames of a Part 10 file and checks that they are of a kind that is decoded right.
    ///
    /// # Errors
    /// The variant of `PixelError` that names what is wrong or not supported.
    pub fn open(file: &'a [u8]) -> Result<Self, PixelError> {
        let opened = Opened::new(file).map_err(|cause| PixelError::Header { cause })?;
        let header = opened.header().map_err(|cause| PixelError::Header { cause })?;
        supported(&header)?;
        let place = Place::of_image(&opened, &header)?;
        let coloured = header.layout.photometric == Photometric::PaletteColour;
        let palette = coloured.then(|| Palette::read(&opened.reader_of_palette(), header.layout.signed));
        Ok(Self { palette: palette.transpose()?, opened, header, place })
    }

    /// What the instance says about itself.
    #[must_use]
    pub fn header(&self) -> &InstanceHeader {
        &self.header
    }

    /// How many frames there are.
    #[must_use]
    pub fn count(&self) -> usize {
        usize::try_from(self.header.layout.frames).unwrap_or(usize::MAX)
    }

    /// Decodes one frame, counted from 0.
    ///
    /// # Errors
    /// `NoFrame` beyond the last; else the variant of `PixelError` that names what is wrong with the frame.
    pub fn decode(&self, frame: usize) -> Result<Samples, PixelError> {
        let layout = &self.header.layout;
        let syntax = self.header.identity.syntax;
        let bytes = self.bytes(frame).ok_or(PixelError::NoFrame { frame })?;
        let index = u32::try_from(frame).unwrap_or(u32::MAX);
        let raw = match &self.place {
            Place::Native(_) => codec::Raw::native(bytes, layout),
            Place::Fragments(_) => codec::decode(&bytes, index, layout, syntax)?,
        };
        if layout.photometric.monochrome() {
            return grey(&raw.bytes, &raw.layout, syntax).map(Samples::Grey);
        }
        if let Some(palette) = &self.palette {
            return Ok(Samples::Rgb(palette.colours(&grey(&raw.bytes, &raw.layout, syntax)?)));
        }
        colour::rgb(&raw.bytes, layout, raw.form).map(Samples::Rgb)
    }

    fn bytes(&self, frame: usize) -> Option<Cow<'_, [u8]>> {
        self.place.bytes(&self.opened.part10.data_set, frame, &self.header.layout)
    }
}

impl Place {
    fn of_image(opened: &Opened<'_>, header: &InstanceHeader) -> Result<Self, PixelError> {
        let (data_set, pixels) = (&opened.part10.data_set, &opened.attributes.pixels);
        Self::of(data_set, pixels, &header.layout, header.identity.syntax)
    }

    fn of(
        data_set: &[u8],
        pixels: &PixelPlace,
        layout: &PixelLayout,
        syntax: TransferSyntax,
    ) -> Result<Self, PixelError> {
        let native = syntax.native_pixels();
        match pixels {
            PixelPlace::Absent => Err(PixelError::NoPixelData),
            PixelPlace::Float => Err(PixelError::FloatPixelData),
            PixelPlace::Native { place, words } if native => {
                Native::new(place.clone(), *words, layout, syntax).map(Self::Native)
            }
            PixelPlace::Encapsulated(fragments) if !native => {
                frames_of(data_set, fragments, layout.frames).map(Self::Fragments)
            }
            PixelPlace::Native { .. } | PixelPlace::Encapsulated(_) => Err(PixelError::Fragments),
        }
    }

    fn bytes<'d>(&self, data_set: &'d [u8], frame: usize, layout: &PixelLayout) -> Option<Cow<'d, [u8]>> {
        match self {
            Self::Native(native) => native.frame(data_set, frame, layout),
            Self::Fragments(frames) => match frames.get(frame)?.as_slice() {
                [place] => data_set.get(place.clone()).map(Cow::Borrowed),
                places => {
                    let parts = places.iter().filter_map(|place| data_set.get(place.clone()));
                    Some(Cow::Owned(parts.flatten().copied().collect()))
                }
            },
        }
    }
}

/// Frames of one sample a pixel, of a data set that has been walked and whose layout is known.
pub(crate) struct PlainFrames<'a> {
    data_set: &'a [u8],
    layout: PixelLayout,
    syntax: TransferSyntax,
    place: Place,
}

impl<'a> PlainFrames<'a> {
    /// Finds the frames.
    pub(crate) fn of(
        data_set: &'a [u8],
        pixels: &PixelPlace,
        layout: PixelLayout,
        syntax: TransferSyntax,
    ) -> Result<Self, PixelError> {
        if !syntax.native_pixels() && layout.frame_samples() > FRAME_SAMPLES_MAX {
            return Err(PixelError::FrameTooLarge);
        }
        let total = layout.total_bytes().filter(|bytes| *bytes <= DECODED_BYTES_MAX);
        total.ok_or(PixelError::TooLarge)?;
        grey_supported(&layout, syntax)?;
        let place = Place::of(data_set, pixels, &layout, syntax)?;
        Ok(Self { data_set, layout, syntax, place })
    }

    /// The whole value where no codec has touched it and its bytes lie in their order.
    pub(crate) fn value(&self) -> Option<&'a [u8]> {
        match &self.place {
            Place::Native(native) => native.value(self.data_set),
            Place::Fragments(_) => None,
        }
    }

    /// One frame as numbers, counted from 0.
    pub(crate) fn decode(&self, frame: usize) -> Result<Vec<i32>, PixelError> {
        let bytes = self.place.bytes(self.data_set, frame, &self.layout);
        let bytes = bytes.ok_or(PixelError::NoFrame { frame })?;
        let index = u32::try_from(frame).unwrap_or(u32::MAX);
        let raw = match &self.place {
            Place::Native(_) => codec::Raw::native(bytes, &self.layout),
            Place::Fragments(_) => codec::decode(&bytes, index, &self.layout, self.syntax)?,
        };
        grey(&raw.bytes, &raw.layout, self.syntax)
    }
}

fn supported(header: &InstanceHeader) -> Result<(), PixelError> {
    let layout = &header.layout;
    if header.has_modality_lut {
        return Err(PixelError::ModalityLut);
    }
    if layout.photometric.colour_samples() {
        colour::supported(layout, header.identity.syntax)?;
    } else {
        grey_supported(layout, header.identity.syntax)?;
    }
    if !header.identity.syntax.native_pixels() && layout.frame_samples() > FRAME_SAMPLES_MAX {
        return Err(PixelError::FrameTooLarge);
    }
    let total = layout.total_bytes().filter(|bytes| *bytes <= DECODED_BYTES_MAX);
    total.map(|_| ()).ok_or(PixelError::TooLarge)
}

fn grey_supported(layout: &PixelLayout, syntax: TransferSyntax) -> Result<(), PixelError> {
    if layout.samples != 1 {
        return Err(PixelError::Colour { samples: layout.samples });
    }
    let big_endian = syntax == TransferSyntax::ExplicitBig;
    let possible = match layout.bits_allocated {
        1 => syntax.native_pixels() && layout.photometric != Photometric::PaletteColour,
        8 | 16 => true,
        // Which of the two words of a big-endian sample comes first is taken in different ways by different programs.
        32 => (syntax.native_pixels() && !big_endian) || syntax == TransferSyntax::RleLossless,
        _ => false,
    };
    if possible { Ok(()) } else { Err(PixelError::BitsAllocated { bits: layout.bits_allocated }) }
}

/// Samples of 8, 16 or 32 bits of one frame to integers: the stored bits, shifted down from the high bit,
/// sign-extended.
fn grey(bytes: &[u8], layout: &PixelLayout, syntax: TransferSyntax) -> Result<Vec<i32>, PixelError> {
    let expected = layout.frame_bytes().ok_or(PixelError::TooLarge)?;
    let actual = bytes.len() as u64;
    if actual != expected && !(expected % 2 == 1 && actual == expected + 1) {
        return Err(PixelError::Length { expected, actual });
    }
    let bytes = usize::try_from(expected).ok().and_then(|expected| bytes.get(..expected)).unwrap_or(bytes);
    let drop_high = 31 - u32::from(layout.high_bit.min(31));
    let drop_low = 32 - u32::from(layout.bits_stored.min(32));
    if !layout.signed && layout.bits_stored == 32 {
        return unsigned_32(bytes);
    }
    let value = |raw: u32| -> i32 {
        let top = (raw << drop_high).cast_signed();
        if layout.signed { top >> drop_low } else { (top.cast_unsigned() >> drop_low).cast_signed() }
    };
    Ok(match (layout.bits_allocated, syntax == TransferSyntax::ExplicitBig) {
        (8, _) => bytes.iter().map(|byte| value(u32::from(*byte))).collect(),
        (16, false) => {
            bytes.as_chunks().0.iter().map(|pair| value(u32::from(u16::from_le_bytes(*pair)))).collect()
        }
        (16, true) => {
            bytes.as_chunks().0.iter().map(|pair| value(u32::from(u16::from_be_bytes(*pair)))).collect()
        }
        (32, false) => bytes.as_chunks().0.iter().map(|four| value(u32::from_le_bytes(*four))).collect(),
        (bits, _) => return Err(PixelError::BitsAllocated { bits }),
    })
}

fn unsigned_32(bytes: &[u8]) -> Result<Vec<i32>, PixelError> {
    let value = |four: &[u8; 4]| i32::try_from(u32::from_le_bytes(*four)).map_err(|_| PixelError::Range);
    bytes.as_chunks().0.iter().map(value).collect()
}

/// The fragments of each frame. `places` begin with the basic offset table.
fn frames_of(
    data_set: &[u8],
    places: &[Range<usize>],
    frames: u32,
) -> Result<Vec<Vec<Range<usize>>>, PixelError> {
    let (table, fragments) = places.split_first().ok_or(PixelError::Fragments)?;
    let count = usize::try_from(frames).map_err(|_| PixelError::Fragments)?;
    if fragments.len() == count {
        return Ok(fragments.iter().map(|place| vec![place.clone()]).collect());
    }
    if count == 1 && !fragments.is_empty() {
        return Ok(vec![fragments.to_vec()]);
    }
    // PS3.5 §A.4: offsets count from the first byte of the first fragment's item header, 8 bytes before its value.
    let table = data_set.get(table.clone()).unwrap_or_default();
    let offsets: Vec<u64> =
        table.as_chunks().0.iter().map(|four| u64::from(u32::from_le_bytes(*four))).collect();
    let ascending = offsets.windows(2).all(|pair| pair.first() < pair.last());
    let base = fragments.first().map(|place| place.start).unwrap_or_default();
    if offsets.len() != count || offsets.first() != Some(&0) || !ascending {
        return Err(PixelError::Fragments);
    }
    let mut joined: Vec<Vec<Range<usize>>> = vec![Vec::new(); count];
    for place in fragments {
        let offset = (place.start - base) as u64;
        let frame = offsets.partition_point(|start| *start <= offset).saturating_sub(1);
        joined.get_mut(frame).ok_or(PixelError::Fragments)?.push(place.clone());
    }
    Ok(joined)
}

#[cfg(test)]
mod tests;
