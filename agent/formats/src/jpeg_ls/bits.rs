//! The bits of one scan.

/// Reads bits, the highest of a byte first. Source: ITU-T T.87 §A.1: behind a byte of ones, a zero is stuffed.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The byte that comes next.
    at: usize,
    /// Bits that were taken out of bytes and not yet read, the next one highest.
    held: u64,
    count: u32,
    ones: bool,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, held: 0, count: 0, ones: false }
    }

    /// Bytes that were begun.
    pub(super) fn used(&self) -> usize {
        // Up to seven whole bytes may be held; looking for a marker from there on would pass it.
        self.at.saturating_sub(self.count as usize / 8)
    }

    /// Takes in bytes until at least 32 bits are held, or a marker or the end is met.
    fn fill(&mut self) {
        while self.count <= 48 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if self.ones && byte & 0x80 != 0 {
                return;
            }
            let width = if self.ones { 7 } else { 8 };
            self.held |= u64::from(byte) << (64 - self.count - width);
            self.count += width;
            self.ones = byte == 0xFF;
            self.at += 1;
        }
    }

    pub(super) fn bit(&mut self) -> Option<bool> {
        self.bits(1).map(|bit| bit == 1)
    }

    /// The next bits, at most 31 of them.
    pub(super) fn bits(&mut self, width: u32) -> Option<i32> {
        if self.count < width {
            self.fill();
        }
        if self.count < width {
            return None;
        }
        if width == 0 {
            return Some(0);
        }
        let value = self.held >> (64 - width);
        self.drop(width);
        i32::try_from(value).ok()
    }

    /// Zeros in front of a one; the one is read too. `None` for more than `most`.
    pub(super) fn zeros(&mut self, most: u32) -> Option<u32> {
        if self.count < most + 1 {
            self.fill();
        }
        let zeros = self.held.leading_zeros();
        if zeros > most || zeros >= self.count {
            return None;
        }
        self.drop(zeros + 1);
        Some(zeros)
    }

    fn drop(&mut self, width: u32) {
        self.held = self.held.checked_shl(width).unwrap_or(0);
        self.count -= width;
    }
}
