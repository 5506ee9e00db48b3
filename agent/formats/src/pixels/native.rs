//! Pixels that no codec has touched, as they lie in the data set: bytes, words of either order, single bits; and
//! decoded ones laid out like that.

use super::{Frames, PixelError, Samples};
use crate::header::PixelLayout;
use crate::syntax::TransferSyntax;
use crate::vocabulary::Photometric;
use std::borrow::Cow;
use std::ops::Range;

/// Where the frames lie, one behind the other.
#[derive(Debug, Clone)]
pub(super) struct Native {
    /// The value of the element, with its padding.
    place: Range<usize>,
    /// Bytes lie in big-endian words: each pair is the wrong way round.
    swapped: bool,
}

impl Native {
    /// Checks that the value has just the bytes that the layout asks for. `words` says that the element is OW.
    pub(super) fn new(
        place: Range<usize>,
        words: bool,
        layout: &PixelLayout,
        syntax: TransferSyntax,
    ) -> Result<Self, PixelError> {
        let expected = layout.total_bytes().ok_or(PixelError::TooLarge)?;
        let actual = place.len() as u64;
        // PS3.5 §8.1.1: an odd number of bytes is padded with one.
        if actual != expected && !(expected % 2 == 1 && actual == expected + 1) {
            return Err(PixelError::Length { expected, actual });
        }
        // PS3.5 §7.3: words have a byte order, and bytes have none. Programs do not agree on 16 bits that are not in
        // words, nor on single bits that are.
        let big_endian = syntax == TransferSyntax::ExplicitBig;
        let agreed = match layout.bits_allocated {
            1 => !words,
            16 => words,
            _ => true,
        };
        if big_endian && !agreed {
            return Err(PixelError::BitsAllocated { bits: layout.bits_allocated });
        }
        let swapped = big_endian && words && layout.bits_allocated == 8;
        Ok(Self { place, swapped })
    }

    /// The whole value, where its bytes lie in their order.
    pub(super) fn value<'a>(&self, data_set: &'a [u8]) -> Option<&'a [u8]> {
        if self.swapped { None } else { data_set.get(self.place.clone()) }
    }

    /// The bytes of one frame; a byte for each pixel where pixels are single bits.
    pub(super) fn frame<'a>(
        &self,
        data_set: &'a [u8],
        frame: usize,
        layout: &PixelLayout,
    ) -> Option<Cow<'a, [u8]>> {
        let value = data_set.get(self.place.clone())?;
        if layout.bits_allocated == 1 {
            return self.bits(value, frame, layout).map(Cow::Owned);
        }
        let length = usize::try_from(layout.frame_bytes()?).ok()?;
        let from = length.checked_mul(frame)?;
        let to = from.checked_add(length)?;
        if !self.swapped {
            return value.get(from..to).map(Cow::Borrowed);
        }
        (from..to).map(|at| self.byte(value, at)).collect::<Option<_>>().map(Cow::Owned)
    }

    /// PS3.5 §8.1.1: single bits are packed from the lowest of a byte on, and frames follow each other without a gap.
    fn bits(&self, value: &[u8], frame: usize, layout: &PixelLayout) -> Option<Vec<u8>> {
        let pixels = usize::try_from(layout.frame_pixels()).ok()?;
        let from = pixels.checked_mul(frame)?;
        let bit = |at: usize| self.byte(value, at / 8).map(|byte| byte >> (at % 8) & 1);
        (from..from.checked_add(pixels)?).map(bit).collect()
    }

    fn byte(&self, value: &[u8], at: usize) -> Option<u8> {
        value.get(if self.swapped { at ^ 1 } else { at }).copied()
    }
}

/// Decoded pixels of all frames, laid out as native pixel data: samples of a pixel side by side, little endian.
#[derive(Clone, PartialEq, Eq)]
pub struct NativePixels {
    pub bytes: Vec<u8>,
    pub samples: u16,
    pub photometric: &'static str,
    pub bits_allocated: u16,
    /// The highest of them is the one below this.
    pub bits_stored: u16,
    pub signed: bool,
}

impl std::fmt::Debug for NativePixels {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NativePixels").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Frames<'_> {
    /// Decodes frames, counted from 0, into native pixels; none of them, and the layout alone, for no frames.
    ///
    /// # Errors
    /// The variant of `PixelError` that names what is wrong with a frame.
    pub fn native(&self, frames: impl IntoIterator<Item = usize>) -> Result<NativePixels, PixelError> {
        let layout = self.header().layout;
        let dark_is_high = layout.photometric == Photometric::Monochrome1;
        let mut native = NativePixels {
            bytes: Vec::new(),
            samples: 1,
            photometric: if dark_is_high { "MONOCHROME1" } else { "MONOCHROME2" },
            bits_allocated: layout.bits_allocated.next_multiple_of(8),
            bits_stored: layout.bits_stored,
            signed: layout.signed,
        };
        for frame in frames {
            match self.decode(frame)? {
                Samples::Grey(stored) => grey(&stored, native.bits_allocated, &mut native.bytes)?,
                Samples::Rgb(bytes) => {
                    let bits = 8;
                    native = NativePixels {
                        samples: 3,
                        photometric: "RGB",
                        bits_allocated: bits,
                        bits_stored: bits,
                        signed: false,
                        ..native
                    };
                    native.bytes.extend(bytes);
                }
            }
        }
        Ok(native)
    }
}

fn grey(stored: &[i32], bits: u16, bytes: &mut Vec<u8>) -> Result<(), PixelError> {
    let width = usize::from(bits / 8);
    if !matches!(width, 1 | 2 | 4) {
        return Err(PixelError::BitsAllocated { bits });
    }
    bytes.extend(stored.iter().flat_map(|sample| sample.to_le_bytes().into_iter().take(width)));
    Ok(())
}
