//! Palettes: a number stands for a colour. Source: PS3.3 §C.7.6.3.1.5 and §C.7.6.3.1.6.

use super::PixelError;
use crate::attributes::{
    Attribute, BLUE_DATA, BLUE_DESCRIPTOR, GREEN_DATA, GREEN_DESCRIPTOR, RED_DATA, RED_DESCRIPTOR, Reader,
};

/// Colours of the numbers from `first` on; lower ones have the first colour, higher ones the last.
pub(super) struct Palette {
    first: i32,
    colours: Vec<[u8; 3]>,
}

impl Palette {
    /// Reads the three tables of a header.
    pub(super) fn read(reader: &Reader<'_>, signed: bool) -> Result<Self, PixelError> {
        let descriptors = [RED_DESCRIPTOR, GREEN_DESCRIPTOR, BLUE_DESCRIPTOR]
            .map(|descriptor| reader.shorts::<3>(descriptor));
        let [Some(red), Some(green), Some(blue)] = descriptors else { return Err(PixelError::Palette) };
        if red != green || red != blue {
            return Err(PixelError::Palette);
        }
        let [entries, first, bits] = red;
        let count = if entries == 0 { 65_536 } else { usize::from(entries) };
        let table = |data| entries_of(reader, data, count, bits).ok_or(PixelError::Palette);
        let tables = [table(RED_DATA)?, table(GREEN_DATA)?, table(BLUE_DATA)?];
        // Tables that say 16 bits and hold 8 are met often: nothing else would be all but black.
        let narrow = bits == 8 || tables.iter().flatten().all(|value| *value <= 0xFF);
        let byte = |value: u16| if narrow { (value & 0xFF) as u8 } else { (value >> 8) as u8 };
        let [red, green, blue] = tables.map(|table| table.into_iter().map(byte));
        let colours = red.zip(green).zip(blue).map(|((red, green), blue)| [red, green, blue]);
        let first = if signed { i32::from(first.cast_signed()) } else { i32::from(first) };
        Ok(Self { first, colours: colours.collect() })
    }

    /// The colours of numbers, one behind the other.
    pub(super) fn colours(&self, numbers: &[i32]) -> Vec<u8> {
        let last = self.colours.len().saturating_sub(1);
        let colour = |number: &i32| {
            let place = usize::try_from(i64::from(*number) - i64::from(self.first)).unwrap_or(0);
            self.colours.get(place.min(last)).copied().unwrap_or_default()
        };
        numbers.iter().flat_map(colour).collect()
    }
}

fn entries_of(reader: &Reader<'_>, data: Attribute, count: usize, bits: u16) -> Option<Vec<u16>> {
    let bytes = reader.bytes(data)?;
    let words = bytes.len() >= count.checked_mul(2)?;
    if !words {
        // Two entries to a word, the first in its low byte.
        let packed = bits == 8 && bytes.len() >= count;
        let swap = usize::from(reader.encoding.big_endian);
        let entry = |at: usize| bytes.get(at ^ swap).map(|byte| u16::from(*byte));
        return if packed { (0..count).map(entry).collect() } else { None };
    }
    let values: Vec<u16> =
        bytes.as_chunks().0.iter().take(count).map(|pair| reader.encoding.u16(*pair)).collect();
    (matches!(bits, 8 | 16) && values.len() == count).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_palette_have_its_nearest_colour() {
        let palette = Palette { first: -1, colours: vec![[1, 2, 3], [4, 5, 6]] };
        assert_eq!(palette.colours(&[-9, -1, 0, 7]), [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]);
    }
}
