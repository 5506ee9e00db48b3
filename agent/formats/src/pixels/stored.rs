//! Frames as they are stored, also those that nobody here can decode.

use super::{PixelError, Place};
use crate::header::{Opened, PixelLayout};
use crate::syntax::TransferSyntax;
use std::borrow::Cow;

/// An instance whose frames are given as they are, one at a time and in any order.
pub struct StoredFrames<'a> {
    opened: Opened<'a>,
    layout: PixelLayout,
    place: Place,
}

impl std::fmt::Debug for StoredFrames<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StoredFrames").field("layout", &self.layout).finish_non_exhaustive()
    }
}

impl<'a> StoredFrames<'a> {
    /// Finds the frames of a Part 10 file.
    ///
    /// # Errors
    /// The variant of `PixelError` that names what is wrong with the header or the pixel data.
    pub fn open(file: &'a [u8]) -> Result<Self, PixelError> {
        let opened = Opened::new(file).map_err(|cause| PixelError::Header { cause })?;
        let header = opened.header().map_err(|cause| PixelError::Header { cause })?;
        let place = Place::of_image(&opened, &header)?;
        Ok(Self { layout: header.layout, opened, place })
    }

    /// How many frames there are.
    #[must_use]
    pub fn count(&self) -> usize {
        usize::try_from(self.layout.frames).unwrap_or(usize::MAX)
    }

    /// The transfer syntax that the frames are stored in.
    #[must_use]
    pub fn syntax(&self) -> TransferSyntax {
        self.opened.part10.syntax
    }

    /// One frame, counted from 0: a code stream where pixels are compressed, else samples in little-endian order,
    /// single bits packed from the lowest of a byte on (PS3.5 §8.1.1, §8.2).
    ///
    /// # Errors
    /// `NoFrame` beyond the last.
    pub fn frame(&self, frame: usize) -> Result<Cow<'_, [u8]>, PixelError> {
        let data_set = &self.opened.part10.data_set;
        let bytes = self.place.bytes(data_set, frame, &self.layout).ok_or(PixelError::NoFrame { frame })?;
        if matches!(self.place, Place::Fragments(_)) {
            return Ok(bytes);
        }
        let big_endian = self.syntax() == TransferSyntax::ExplicitBig;
        Ok(match self.layout.bits_allocated {
            1 => Cow::Owned(packed(&bytes)),
            16 if big_endian => Cow::Owned(reversed::<2>(&bytes)),
            32 if big_endian => Cow::Owned(reversed::<4>(&bytes)),
            _ => bytes,
        })
    }
}

fn packed(bits: &[u8]) -> Vec<u8> {
    let byte = |eight: &[u8]| eight.iter().enumerate().fold(0, |byte, (at, bit)| byte | (bit & 1) << at);
    bits.chunks(8).map(byte).collect()
}

fn reversed<const N: usize>(bytes: &[u8]) -> Vec<u8> {
    bytes.as_chunks::<N>().0.iter().flat_map(|number| number.iter().rev().copied()).collect()
}
