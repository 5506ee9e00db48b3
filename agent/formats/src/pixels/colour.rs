//! Colour samples of 8 bits to red, green and blue, pixel by pixel.

use super::PixelError;
use super::codec::Form;
use crate::header::PixelLayout;
use crate::syntax::TransferSyntax;
use crate::vocabulary::Photometric;

/// Whether colours in this form can be read in this transfer syntax.
pub(super) fn supported(layout: &PixelLayout, syntax: TransferSyntax) -> Result<(), PixelError> {
    use Photometric as P;
    let refused = Err(PixelError::Colour { samples: layout.samples });
    if layout.samples != 3 || layout.signed {
        return refused;
    }
    if layout.bits_allocated != 8 || layout.bits_stored != 8 {
        return Err(PixelError::ColourBits { bits: layout.bits_stored });
    }
    let whole_pairs = layout.columns.is_multiple_of(2) && !layout.planar;
    let uncompressed = syntax.native_pixels() || syntax == TransferSyntax::EncapsulatedUncompressed;
    match layout.photometric {
        P::Rgb | P::YbrFull => Ok(()),
        P::YbrFull422 if uncompressed && !whole_pairs => refused,
        // RLE has whole planes, in which nothing can be left out.
        P::YbrFull422 if syntax == TransferSyntax::RleLossless => refused,
        P::YbrFull422 => Ok(()),
        P::YbrIct | P::YbrRct if uncompressed || syntax == TransferSyntax::RleLossless => refused,
        P::YbrIct | P::YbrRct => Ok(()),
        P::Monochrome1 | P::Monochrome2 | P::PaletteColour => refused,
    }
}

/// One frame's colours.
///
/// Shape: rows, then columns, then red, green and blue.
pub(super) fn rgb(bytes: &[u8], layout: &PixelLayout, form: Form) -> Result<Vec<u8>, PixelError> {
    let expected = match form {
        Form::Stored => layout.frame_bytes().ok_or(PixelError::TooLarge)?,
        Form::Rgb | Form::Ybr => layout.frame_samples(),
    };
    let actual = bytes.len() as u64;
    let padded = actual == expected + 1 && expected % 2 == 1;
    let bytes = usize::try_from(expected).ok().and_then(|expected| bytes.get(..expected));
    let bytes = bytes.filter(|_| actual == expected || padded);
    let bytes = bytes.ok_or(PixelError::Length { expected, actual })?;
    Ok(match form {
        Form::Rgb => bytes.to_vec(),
        Form::Ybr => from_ybr(bytes.as_chunks().0.iter().copied()),
        Form::Stored => stored(bytes, layout),
    })
}

fn stored(bytes: &[u8], layout: &PixelLayout) -> Vec<u8> {
    if layout.photometric == Photometric::YbrFull422 {
        // PS3.3 §C.7.6.3.1.2: two brightnesses, then the differences that both pixels share.
        let pairs = bytes.as_chunks().0.iter();
        return from_ybr(pairs.flat_map(|[first, second, cb, cr]| [[*first, *cb, *cr], [*second, *cb, *cr]]));
    }
    let plane = bytes.len() / 3;
    let planes = bytes.iter().zip(bytes.iter().skip(plane)).zip(bytes.iter().skip(2 * plane));
    let interleaved = bytes.as_chunks().0.iter().copied();
    match (layout.planar, layout.photometric) {
        (true, Photometric::Rgb) => planes.flat_map(|((a, b), c)| [*a, *b, *c]).collect(),
        (true, _) => from_ybr(planes.map(|((a, b), c)| [*a, *b, *c])),
        (false, Photometric::Rgb) => bytes.to_vec(),
        (false, _) => from_ybr(interleaved),
    }
}

fn from_ybr(pixels: impl Iterator<Item = [u8; 3]>) -> Vec<u8> {
    pixels.flat_map(colour_of).collect()
}

/// PS3.3 §C.7.6.3.1.2, YBR_FULL solved for red, green and blue: ITU-R BT.601 with full range.
fn colour_of([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    // A float to integer cast saturates.
    let byte = |value: f32| (value + 0.5) as u8;
    [byte(y + 1.402 * cr), byte(y - 0.344_136 * cb - 0.714_136 * cr), byte(y + 1.772 * cb)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brightness_and_differences_become_colours() {
        for grey in [0, 1, 128, 255] {
            assert_eq!(colour_of([grey, 128, 128]), [grey; 3]);
        }
        // Pure colours, as PS3.3 §C.7.6.3.1.2 makes brightness and differences of them, rounded.
        for (ybr, rgb) in
            [([76, 85, 255], [254, 0, 0]), ([150, 44, 21], [0, 255, 1]), ([29, 255, 107], [0, 0, 254])]
        {
            assert_eq!(colour_of(ybr), rgb);
        }
    }
}
