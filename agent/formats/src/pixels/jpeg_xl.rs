//! JPEG XL, by another's decoder: what the stream says of itself is checked before any pixel is made of it.

use super::PixelError;
use crate::header::PixelLayout;
use crate::syntax::TransferSyntax;
use crate::vocabulary::Photometric;
use jxl_oxide::image::BitDepth;
use jxl_oxide::{AllocTracker, JxlImage, PixelFormat};

/// What the decoder may hold besides its pixels: tables, and what it has read.
const OVERHEAD_BYTES: u64 = 64 * 1024 * 1024;
/// It works on 32-bit numbers, and has a picture several times over while it filters.
const BYTES_A_SAMPLE: u64 = 4 * 8;

/// Decodes one frame.
///
/// Shape: rows, then columns, then samples.
pub(super) fn decode(
    frame: &[u8],
    index: u32,
    layout: &PixelLayout,
    syntax: TransferSyntax,
) -> Result<Vec<u16>, PixelError> {
    let refused = PixelError::Shape { frame: index };
    let failed = PixelError::Codec { frame: index };
    let colours = match layout.photometric {
        Photometric::Monochrome1 | Photometric::Monochrome2 | Photometric::PaletteColour => 1,
        Photometric::Rgb => 3,
        // The JPEG that was recompressed has brightness and differences; the decoder makes colours of them.
        Photometric::YbrFull | Photometric::YbrFull422 if syntax == TransferSyntax::JpegXlRecompression => 3,
        Photometric::YbrFull | Photometric::YbrFull422 | Photometric::YbrIct | Photometric::YbrRct => {
            return Err(refused);
        }
    };
    // A codestream has no signed samples: how a writer made them unsigned is not known.
    if layout.signed || layout.samples != colours || layout.high_bit + 1 != layout.bits_stored {
        return Err(refused);
    }
    let most = layout.frame_samples().saturating_mul(BYTES_A_SAMPLE).saturating_add(OVERHEAD_BYTES);
    let tracker = AllocTracker::with_limit(usize::try_from(most).unwrap_or(usize::MAX));
    let image = JxlImage::builder().alloc_tracker(tracker).read(frame).map_err(|_| failed)?;
    let precision = precision(&image, layout).ok_or(refused)?;
    let samples = usize::try_from(layout.frame_samples()).map_err(|_| PixelError::TooLarge)?;
    let render = image.render_frame(0).map_err(|_| failed)?;
    let mut stream = render.stream();
    if stream.channels() != u32::from(layout.samples) {
        return Err(refused);
    }
    let mut values = vec![0.0_f32; samples];
    if stream.write_to_buffer(&mut values) != samples {
        return Err(failed);
    }
    let highest = f32::from(u16::MAX >> (16 - precision));
    // A float to integer cast saturates.
    Ok(values.iter().map(|value| (value.clamp(0.0, 1.0) * highest + 0.5) as u16).collect())
}

/// Bits of a sample, when the stream has just the picture that the header describes.
fn precision(image: &JxlImage, layout: &PixelLayout) -> Option<u16> {
    let metadata = &image.image_header().metadata;
    let BitDepth::IntegerSample { bits_per_sample } = metadata.bit_depth else { return None };
    let precision = u16::try_from(bits_per_sample).ok()?;
    let size = (image.width(), image.height());
    let same_size = size == (u32::from(layout.columns), u32::from(layout.rows));
    let format = if layout.samples == 1 { PixelFormat::Gray } else { PixelFormat::Rgb };
    let one_picture = image.num_loaded_keyframes() == 1 && metadata.orientation == 1;
    let plain = metadata.ec_info.is_empty() && image.pixel_format() == format;
    let fits = precision == layout.bits_stored || (layout.samples == 1 && precision == layout.bits_allocated);
    let whole = image.is_loading_done() && (1..=16).contains(&precision);
    (same_size && one_picture && plain && fits && whole).then_some(precision)
}
