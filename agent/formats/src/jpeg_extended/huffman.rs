//! Huffman codes and the bits they are read from.

/// Bits of entropy-coded data. Source: T.81 §B.1.1.5: behind a byte of ones, a byte of zeros is stuffed.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    held: u32,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, held: 0, count: 0 }
    }

    pub(super) fn bit(&mut self) -> Option<u32> {
        if self.count == 0 {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = match (byte, rest.first()) {
                (0xFF, Some(0)) => rest.get(1..)?,
                // A marker, at which the data ends.
                (0xFF, _) => return None,
                (_, _) => rest,
            };
            (self.held, self.count) = (u32::from(byte), 8);
        }
        self.count -= 1;
        Some(self.held >> self.count & 1)
    }

    /// A number of so many bits, at most 15, of which the lower half is negative (T.81 §F.2.2.1, EXTEND).
    pub(super) fn signed(&mut self, width: u32) -> Option<i32> {
        let mut value = 0;
        for _ in 0..width {
            value = value << 1 | self.bit()?.cast_signed();
        }
        let lowest = if width == 0 { 0 } else { 1 << (width - 1) };
        Some(if value < lowest { value - (1 << width) + 1 } else { value })
    }

    /// Leaves the byte that was begun, and passes a restart marker.
    pub(super) fn restart(&mut self) -> Option<()> {
        self.count = 0;
        let [0xFF, 0xD0..=0xD7, rest @ ..] = self.bytes else { return None };
        self.bytes = rest;
        Some(())
    }
}

/// One Huffman table (T.81 §F.2.2.3).
pub(super) struct Table {
    /// For each length from 1 on: the first code, how many there are, and the place of its first value.
    lengths: [(u32, u32, usize); 16],
    values: Vec<u8>,
}

impl Table {
    /// `None` when there are more codes than fit their lengths.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Option<Self> {
        let mut lengths = [(0, 0, 0); 16];
        let (mut code, mut place) = (0_u32, 0);
        for ((length, count), width) in lengths.iter_mut().zip(counts).zip(1..) {
            *length = (code, u32::from(*count), place);
            code += u32::from(*count);
            place += usize::from(*count);
            if code > 1 << width {
                return None;
            }
            code <<= 1;
        }
        Some(Self { lengths, values: values.to_vec() })
    }

    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Option<u8> {
        let mut code = 0;
        for (first, count, place) in self.lengths {
            code = code << 1 | bits.bit()?;
            let offset = code.wrapping_sub(first);
            if offset < count {
                return self.values.get(place + usize::try_from(offset).ok()?).copied();
            }
        }
        None
    }
}
