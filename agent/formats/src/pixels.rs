//! From one instance's bytes to its stored and its real values.
//!
//! Native and RLE pixel data are read here; JPEG and JPEG 2000 go through the registry's codecs on a thread of
//! their own. What is known to decode to something wrong is refused by name: no picture is better than a wrong one.

use crate::attributes::PixelPlace;
use crate::codestream::{self, Shape};
use crate::header::{HeaderError, InstanceHeader, Opened, PixelLayout};
use crate::rle::{self, RleError};
use crate::syntax::TransferSyntax;
use agent_imaging::volume::Rescale;
use dicom_encoding::adapters::{PixelDataObject, RawPixelData};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::borrow::Cow;
use std::ops::Range;

/// An instance with more decoded bytes than this is refused.
pub const DECODED_BYTES_MAX: u64 = 2 * 1024 * 1024 * 1024;

/// Decoders recurse little, but they are not ours: a stack of known size, and no thread of anybody else's.
const DECODER_STACK_BYTES: usize = 16 * 1024 * 1024;

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
    #[error("colour images are not supported")]
    Colour,
    #[error("pixels of {bits} allocated bits are not supported in this transfer syntax")]
    BitsAllocated { bits: u16 },
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
}

/// Decoded values of an instance.
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

/// Decodes all frames of a Part 10 file.
///
/// # Errors
/// The variant of `PixelError` that names what is wrong or not supported.
pub fn decode(file: &[u8]) -> Result<Decoded, PixelError> {
    let opened = Opened::new(file).map_err(|cause| PixelError::Header { cause })?;
    let header = opened.header().map_err(|cause| PixelError::Header { cause })?;
    let layout = header.layout;
    supported(&header)?;
    let syntax = header.identity.syntax;
    let stored = match &opened.attributes.pixels {
        PixelPlace::Absent => return Err(PixelError::NoPixelData),
        PixelPlace::Float => return Err(PixelError::FloatPixelData),
        PixelPlace::Native(place) if syntax.native_pixels() => {
            let bytes = opened.part10.data_set.get(place.clone()).unwrap_or_default();
            samples(native(bytes, &layout)?, &layout, syntax == TransferSyntax::ExplicitBig)?
        }
        PixelPlace::Encapsulated(fragments) if !syntax.native_pixels() => {
            let frames = frames_of(&opened.part10.data_set, fragments, layout.frames)?;
            encapsulated(&frames, &layout, syntax)?
        }
        PixelPlace::Native(_) | PixelPlace::Encapsulated(_) => return Err(PixelError::Fragments),
    };
    Ok(Decoded { header, stored })
}

fn supported(header: &InstanceHeader) -> Result<(), PixelError> {
    let layout = &header.layout;
    if layout.samples != 1 || !layout.photometric.monochrome() {
        return Err(PixelError::Colour);
    }
    if header.has_modality_lut {
        return Err(PixelError::ModalityLut);
    }
    let native = header.identity.syntax.native_pixels();
    let big_endian = header.identity.syntax == TransferSyntax::ExplicitBig;
    let possible = match layout.bits_allocated {
        16 => true,
        // Bytes in words: the order within a big-endian word is read in different ways by different programs.
        8 => !big_endian,
        32 => (native && !big_endian) || header.identity.syntax == TransferSyntax::RleLossless,
        _ => false,
    };
    if !possible {
        return Err(PixelError::BitsAllocated { bits: layout.bits_allocated });
    }
    let total = layout.total_bytes().filter(|bytes| *bytes <= DECODED_BYTES_MAX);
    total.map(|_| ()).ok_or(PixelError::TooLarge)
}

fn native<'a>(bytes: &'a [u8], layout: &PixelLayout) -> Result<&'a [u8], PixelError> {
    let expected = layout.total_bytes().ok_or(PixelError::TooLarge)?;
    let actual = bytes.len() as u64;
    // PS3.5 §8.1.1: an odd number of bytes is padded with one.
    let fits = actual == expected || (expected % 2 == 1 && actual == expected + 1);
    let wanted = usize::try_from(expected).ok().filter(|_| fits);
    wanted.and_then(|wanted| bytes.get(..wanted)).ok_or(PixelError::Length { expected, actual })
}

/// Samples of 8, 16 or 32 bits to integers: the stored bits, shifted down from the high bit, sign-extended.
fn samples(bytes: &[u8], layout: &PixelLayout, big_endian: bool) -> Result<Vec<i32>, PixelError> {
    let drop_high = 31 - u32::from(layout.high_bit.min(31));
    let drop_low = 32 - u32::from(layout.bits_stored.min(32));
    if !layout.signed && layout.bits_stored == 32 {
        return unsigned_32(bytes);
    }
    let value = |raw: u32| -> i32 {
        let top = (raw << drop_high).cast_signed();
        if layout.signed { top >> drop_low } else { (top.cast_unsigned() >> drop_low).cast_signed() }
    };
    Ok(match (layout.bits_allocated, big_endian) {
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

/// One frame's bytes, joined out of its fragments.
fn frames_of<'a>(
    data_set: &'a [u8],
    places: &[Range<usize>],
    frames: u32,
) -> Result<Vec<Cow<'a, [u8]>>, PixelError> {
    let (table, fragments) = places.split_first().ok_or(PixelError::Fragments)?;
    let bytes = |place: &Range<usize>| data_set.get(place.clone()).unwrap_or_default();
    let count = usize::try_from(frames).map_err(|_| PixelError::Fragments)?;
    if fragments.len() == count {
        return Ok(fragments.iter().map(|place| Cow::Borrowed(bytes(place))).collect());
    }
    if count == 1 && !fragments.is_empty() {
        return Ok(vec![Cow::Owned(fragments.iter().flat_map(bytes).copied().collect())]);
    }
    // PS3.5 §A.4: offsets count from the first byte of the first fragment's item header, 8 bytes before its value.
    let offsets: Vec<u64> =
        bytes(table).as_chunks().0.iter().map(|four| u64::from(u32::from_le_bytes(*four))).collect();
    let ascending = offsets.windows(2).all(|pair| pair.first() < pair.last());
    let base = fragments.first().map(|place| place.start).unwrap_or_default();
    if offsets.len() != count || offsets.first() != Some(&0) || !ascending {
        return Err(PixelError::Fragments);
    }
    let mut joined: Vec<Vec<u8>> = vec![Vec::new(); count];
    for place in fragments {
        let offset = (place.start - base) as u64;
        let frame = offsets.partition_point(|start| *start <= offset).saturating_sub(1);
        joined.get_mut(frame).ok_or(PixelError::Fragments)?.extend_from_slice(bytes(place));
    }
    Ok(joined.into_iter().map(Cow::Owned).collect())
}

fn encapsulated(
    frames: &[Cow<'_, [u8]>],
    layout: &PixelLayout,
    syntax: TransferSyntax,
) -> Result<Vec<i32>, PixelError> {
    // One thread for all frames: a scope, so that it may borrow them.
    std::thread::scope(|scope| {
        let work = || {
            let mut stored = Vec::new();
            for (frame, index) in frames.iter().zip(0_u32..) {
                let (bytes, layout) = decode_frame(frame, index, layout, syntax)?;
                let single = PixelLayout { frames: 1, ..layout };
                stored.append(&mut samples(native(&bytes, &single)?, &single, false)?);
            }
            Ok(stored)
        };
        let thread = std::thread::Builder::new().stack_size(DECODER_STACK_BYTES).spawn_scoped(scope, work);
        // A decoder that panics ends its thread, not the process.
        thread
            .map_err(|_| PixelError::Codec { frame: 0 })?
            .join()
            .map_err(|_| PixelError::Codec { frame: 0 })?
    })
}

/// One frame's samples, and how they lie there.
fn decode_frame(
    frame: &[u8],
    index: u32,
    layout: &PixelLayout,
    syntax: TransferSyntax,
) -> Result<(Vec<u8>, PixelLayout), PixelError> {
    use TransferSyntax as Ts;
    let shape = match syntax {
        Ts::EncapsulatedUncompressed => return Ok((frame.to_vec(), *layout)),
        Ts::RleLossless => {
            let pixels = usize::try_from(layout.frame_samples()).map_err(|_| PixelError::TooLarge)?;
            let unpacked = rle::unpack(frame, pixels, usize::from(layout.bits_allocated / 8));
            let unpacked = unpacked.map_err(|cause| PixelError::Rle { frame: index, cause })?;
            return Ok((unpacked, *layout));
        }
        Ts::JpegBaseline | Ts::JpegExtended | Ts::JpegLossless | Ts::JpegLosslessFirstOrder => {
            codestream::jpeg(frame)
        }
        Ts::Jpeg2000Lossless
        | Ts::Jpeg2000
        | Ts::HighThroughputJpeg2000Lossless
        | Ts::HighThroughputJpeg2000LosslessRpcl
        | Ts::HighThroughputJpeg2000 => codestream::jpeg2000(frame),
        Ts::ImplicitLittle
        | Ts::ExplicitLittle
        | Ts::ExplicitBig
        | Ts::DeflatedLittle
        | Ts::JpegLsLossless
        | Ts::JpegLsNearLossless
        | Ts::JpegXlLossless
        | Ts::JpegXlRecompression
        | Ts::JpegXl
        | Ts::StoredOnly(_) => return Err(PixelError::Syntax { syntax }),
    };
    let shape = shape.ok_or(PixelError::Shape { frame: index })?;
    check_shape(&shape, layout, index)?;
    let decoded = through_registry(frame, index, layout, syntax)?;
    // Some writers give JPEG 2000 more bits than the header counts as stored; the codestream is right (PS3.5 §8.2.4).
    let bits_stored = if shape.process == 0 { shape.precision } else { layout.bits_stored };
    Ok((decoded, PixelLayout { bits_stored, high_bit: bits_stored - 1, ..*layout }))
}

fn check_shape(shape: &Shape, layout: &PixelLayout, frame: u32) -> Result<(), PixelError> {
    let lossless_jpeg = shape.process == 0xC3;
    if shape.process != 0 && !lossless_jpeg && shape.precision != 8 {
        return Err(PixelError::JpegPrecision { precision: shape.precision });
    }
    let same_size = shape.rows == u32::from(layout.rows) && shape.columns == u32::from(layout.columns);
    let same_sign = shape.signed.is_none_or(|signed| signed == layout.signed);
    // JPEG output is as wide as its precision, and must fill the allocated bits to be laid out right.
    let fits = match shape.process {
        0 => shape.precision <= layout.bits_allocated,
        _ => (layout.bits_allocated == 16) == (shape.precision > 8),
    };
    let usual_high_bit = layout.high_bit + 1 == layout.bits_stored;
    if same_size && same_sign && fits && usual_high_bit && shape.components == 1 {
        Ok(())
    } else {
        Err(PixelError::Shape { frame })
    }
}

fn through_registry(
    frame: &[u8],
    index: u32,
    layout: &PixelLayout,
    syntax: TransferSyntax,
) -> Result<Vec<u8>, PixelError> {
    let unsupported = PixelError::Syntax { syntax };
    let entry = TransferSyntaxRegistry.get(syntax.uid()).ok_or(unsupported)?;
    let reader = entry.pixel_data_reader().ok_or(unsupported)?;
    let mut decoded = Vec::new();
    let one = OneFrame { frame, layout, syntax };
    reader.decode_frame(&one, 0, &mut decoded).map_err(|_| PixelError::Codec { frame: index })?;
    Ok(decoded)
}

/// One compressed frame, as the registry's codecs want to see it.
struct OneFrame<'a> {
    frame: &'a [u8],
    layout: &'a PixelLayout,
    syntax: TransferSyntax,
}

impl PixelDataObject for OneFrame<'_> {
    fn transfer_syntax_uid(&self) -> &str {
        self.syntax.uid()
    }
    fn rows(&self) -> Option<u16> {
        Some(self.layout.rows)
    }
    fn cols(&self) -> Option<u16> {
        Some(self.layout.columns)
    }
    fn samples_per_pixel(&self) -> Option<u16> {
        Some(1)
    }
    fn bits_allocated(&self) -> Option<u16> {
        Some(self.layout.bits_allocated)
    }
    fn bits_stored(&self) -> Option<u16> {
        Some(self.layout.bits_stored)
    }
    fn photometric_interpretation(&self) -> Option<&str> {
        Some("MONOCHROME2")
    }
    fn number_of_frames(&self) -> Option<u32> {
        Some(1)
    }
    fn number_of_fragments(&self) -> Option<u32> {
        Some(1)
    }
    fn fragment(&self, fragment: usize) -> Option<Cow<'_, [u8]>> {
        (fragment == 0).then_some(Cow::Borrowed(self.frame))
    }
    fn offset_table(&self) -> Option<Cow<'_, [u32]>> {
        None
    }
    fn raw_pixel_data(&self) -> Option<RawPixelData> {
        let fragments = [self.frame.to_vec()].into_iter().collect();
        Some(RawPixelData { fragments, offset_table: [].into_iter().collect() })
    }
}

#[cfg(test)]
#[path = "pixels_tests.rs"]
mod tests;
