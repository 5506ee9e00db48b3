//! One frame out of its codec, checked before and after: RLE, JPEG-LS and JPEG of 12 bits by our own decoders, JPEG of
//! 8 bits, lossless JPEG, JPEG 2000 and JPEG XL by others'.

use super::{PixelError, jpeg_xl};
use crate::codestream::{self, Colour, Shape};
use crate::header::PixelLayout;
use crate::syntax::TransferSyntax;
use crate::vocabulary::Photometric;
use crate::{jpeg_extended, jpeg_ls, rle};
use dicom_encoding::adapters::{PixelDataObject, RawPixelData};
use dicom_encoding::transfer_syntax::TransferSyntaxIndex;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;
use std::borrow::Cow;

/// Decoders recurse little, but they are not ours: a stack of known size, and no thread of anybody else's.
const DECODER_STACK_BYTES: usize = 16 * 1024 * 1024;

/// How the samples of a colour pixel lie, and which colours they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As the header says.
    Stored,
    /// Pixel by pixel, red, green and blue.
    Rgb,
    /// Pixel by pixel, brightness and two differences.
    Ybr,
}

/// One frame as samples.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    /// How grey samples lie there.
    pub(super) layout: PixelLayout,
    pub(super) form: Form,
}

impl<'a> Raw<'a> {
    /// A frame that no codec has touched; single bits have a byte each by now.
    pub(super) fn native(bytes: Cow<'a, [u8]>, layout: &PixelLayout) -> Self {
        let bits_allocated = if layout.bits_allocated == 1 { 8 } else { layout.bits_allocated };
        Self { bytes, layout: PixelLayout { bits_allocated, ..*layout }, form: Form::Stored }
    }
}

/// Decodes one frame of encapsulated pixel data.
pub(super) fn decode<'a>(
    frame: &'a [u8],
    index: u32,
    layout: &PixelLayout,
    syntax: TransferSyntax,
) -> Result<Raw<'a>, PixelError> {
    use TransferSyntax as Ts;
    match syntax {
        Ts::EncapsulatedUncompressed => Ok(Raw::native(Cow::Borrowed(frame), layout)),
        Ts::RleLossless => unpacked(frame, index, layout),
        Ts::JpegBaseline | Ts::JpegExtended | Ts::JpegLossless | Ts::JpegLosslessFirstOrder => {
            jpeg(frame, index, layout, syntax)
        }
        Ts::Jpeg2000Lossless
        | Ts::Jpeg2000
        | Ts::HighThroughputJpeg2000Lossless
        | Ts::HighThroughputJpeg2000LosslessRpcl
        | Ts::HighThroughputJpeg2000 => jpeg2000(frame, index, layout, syntax),
        Ts::JpegLsLossless | Ts::JpegLsNearLossless => jpeg_ls(frame, index, layout),
        Ts::JpegXlLossless | Ts::JpegXlRecompression | Ts::JpegXl => {
            let samples = on_own_thread(index, || jpeg_xl::decode(frame, index, layout, syntax))?;
            Ok(Raw { form: Form::Rgb, ..words(&samples, layout, index)? })
        }
        Ts::ImplicitLittle
        | Ts::ExplicitLittle
        | Ts::ExplicitBig
        | Ts::DeflatedLittle
        | Ts::StoredOnly(_) => Err(PixelError::Syntax { syntax }),
    }
}

fn unpacked<'a>(frame: &[u8], index: u32, layout: &PixelLayout) -> Result<Raw<'a>, PixelError> {
    let pixels = usize::try_from(layout.frame_pixels()).map_err(|_| PixelError::TooLarge)?;
    let shape = (usize::from(layout.samples), usize::from(layout.bits_allocated / 8));
    let unpacked = rle::unpack(frame, pixels, shape);
    let bytes = unpacked.map_err(|cause| PixelError::Rle { frame: index, cause })?;
    let form = if layout.photometric == Photometric::Rgb { Form::Rgb } else { Form::Ybr };
    Ok(Raw { bytes: Cow::Owned(bytes), layout: *layout, form })
}

fn jpeg<'a>(
    frame: &[u8],
    index: u32,
    layout: &PixelLayout,
    syntax: TransferSyntax,
) -> Result<Raw<'a>, PixelError> {
    let shape = codestream::jpeg(frame).ok_or(PixelError::Shape { frame: index })?;
    if shape.process == 0xC1 && shape.precision == 12 && layout.samples == 1 {
        return jpeg_extended(frame, index, layout, &shape);
    }
    if shape.process != 0xC3 && shape.precision != 8 {
        return Err(PixelError::JpegPrecision { precision: shape.precision });
    }
    // JPEG output is as wide as its precision, and must fill the allocated bits to be laid out right.
    if (layout.bits_allocated == 16) != (shape.precision > 8) {
        return Err(PixelError::Shape { frame: index });
    }
    check_shape(&shape, layout, index)?;
    if layout.samples == 1 {
        let bytes = through_registry(frame, index, layout, syntax)?;
        return Ok(Raw { bytes: Cow::Owned(bytes), layout: *layout, form: Form::Stored });
    }
    let bytes = on_own_thread(index, || {
        let mut decoder = jpeg_decoder::Decoder::new(frame);
        // Components as they are: which colours they are is decided here, once.
        decoder.set_color_transform(jpeg_decoder::ColorTransform::RGB);
        decoder.decode().map_err(|_| PixelError::Codec { frame: index })
    })?;
    let form = match (shape.colour, layout.photometric) {
        (Colour::Rgb, _) | (Colour::Unsaid | Colour::Transformed, Photometric::Rgb) => Form::Rgb,
        (Colour::Ybr | Colour::Unsaid | Colour::Transformed, _) => Form::Ybr,
    };
    Ok(Raw { bytes: Cow::Owned(bytes), layout: *layout, form })
}

/// Process 4: 12 bits in words of 16.
fn jpeg_extended<'a>(
    frame: &[u8],
    index: u32,
    layout: &PixelLayout,
    shape: &Shape,
) -> Result<Raw<'a>, PixelError> {
    check_shape(shape, layout, index)?;
    let samples = on_own_thread(index, || {
        jpeg_extended::decode(frame, layout.rows, layout.columns).ok_or(PixelError::Codec { frame: index })
    })?;
    words(&samples, layout, index)
}

fn jpeg_ls<'a>(frame: &[u8], index: u32, layout: &PixelLayout) -> Result<Raw<'a>, PixelError> {
    let refused = PixelError::Shape { frame: index };
    let shape = codestream::jpeg_ls(frame).ok_or(refused)?;
    check_shape(&shape, layout, index)?;
    let form = match layout.photometric {
        Photometric::Rgb => Form::Rgb,
        Photometric::YbrFull => Form::Ybr,
        Photometric::Monochrome1 | Photometric::Monochrome2 | Photometric::PaletteColour => Form::Stored,
        Photometric::YbrFull422 | Photometric::YbrIct | Photometric::YbrRct => return Err(refused),
    };
    let samples = on_own_thread(index, || jpeg_ls::decode(frame).ok_or(PixelError::Codec { frame: index }))?;
    Ok(Raw { form, ..words(&samples, layout, index)? })
}

/// Samples as bytes of the allocated width, least significant first.
fn words<'a>(samples: &[u16], layout: &PixelLayout, frame: u32) -> Result<Raw<'a>, PixelError> {
    let bytes: Vec<u8> = match layout.bits_allocated {
        // Checked against the precision before.
        8 => samples.iter().map(|sample| (sample & 0xFF) as u8).collect(),
        16 => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
        _ => return Err(PixelError::Shape { frame }),
    };
    Ok(Raw { bytes: Cow::Owned(bytes), layout: *layout, form: Form::Stored })
}

fn jpeg2000<'a>(
    frame: &[u8],
    index: u32,
    layout: &PixelLayout,
    syntax: TransferSyntax,
) -> Result<Raw<'a>, PixelError> {
    let refused = PixelError::Shape { frame: index };
    let shape = codestream::jpeg2000(frame).ok_or(refused)?;
    if shape.precision > layout.bits_allocated {
        return Err(refused);
    }
    check_shape(&shape, layout, index)?;
    let transformed = shape.colour == Colour::Transformed;
    // PS3.5 §8.2.4: YBR_ICT and YBR_RCT are what the codestream's own transform makes, nothing else is; but many
    // writers say RGB of what is transformed inside.
    let form = match layout.photometric {
        Photometric::YbrIct | Photometric::YbrRct if transformed => Form::Rgb,
        Photometric::Rgb => Form::Rgb,
        Photometric::YbrFull if !transformed => Form::Ybr,
        Photometric::Monochrome1 | Photometric::Monochrome2 | Photometric::PaletteColour => Form::Stored,
        Photometric::YbrIct | Photometric::YbrRct | Photometric::YbrFull | Photometric::YbrFull422 => {
            return Err(refused);
        }
    };
    let bytes = through_registry(frame, index, layout, syntax)?;
    // Some writers give JPEG 2000 more bits than the header counts as stored; the codestream is right (PS3.5 §8.2.4).
    let layout = PixelLayout { bits_stored: shape.precision, high_bit: shape.precision - 1, ..*layout };
    Ok(Raw { bytes: Cow::Owned(bytes), layout, form })
}

fn check_shape(shape: &Shape, layout: &PixelLayout, frame: u32) -> Result<(), PixelError> {
    let same_size = shape.rows == u32::from(layout.rows) && shape.columns == u32::from(layout.columns);
    let same_sign = shape.signed.is_none_or(|signed| signed == layout.signed);
    let usual_high_bit = layout.high_bit + 1 == layout.bits_stored;
    let same_samples = shape.components == layout.samples && (shape.components == 1 || shape.precision == 8);
    // Where the codestream says no sign, that of narrower samples than the header's would be lost.
    let sign_kept = shape.signed.is_some() || !layout.signed || shape.precision >= layout.bits_stored;
    let fits = shape.precision <= layout.bits_allocated;
    if same_size && same_sign && usual_high_bit && same_samples && sign_kept && fits {
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
    on_own_thread(index, || {
        let mut decoded = Vec::new();
        let one = OneFrame { frame, layout, syntax };
        reader.decode_frame(&one, 0, &mut decoded).map_err(|_| PixelError::Codec { frame: index })?;
        Ok(decoded)
    })
}

/// Runs a decoder. One that panics ends its thread, not the process.
fn on_own_thread<T: Send>(
    index: u32,
    work: impl FnOnce() -> Result<T, PixelError> + Send,
) -> Result<T, PixelError> {
    let failed = PixelError::Codec { frame: index };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DECODER_STACK_BYTES).spawn_scoped(scope, work);
        thread.map_err(|_| failed)?.join().map_err(|_| failed)?
    })
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
        Some(self.layout.samples)
    }
    fn bits_allocated(&self) -> Option<u16> {
        Some(self.layout.bits_allocated)
    }
    fn bits_stored(&self) -> Option<u16> {
        Some(self.layout.bits_stored)
    }
    fn photometric_interpretation(&self) -> Option<&str> {
        Some(if self.layout.samples == 1 { "MONOCHROME2" } else { "RGB" })
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
