//! Data sets of our own making, in explicit VR little endian, which every program reads; in implicit VR where values
//! are longer than 64 KiB, such as those of contours.
//!
//! Elements are written in the order in which they are given, which is that of their tags. Lengths are defined, and
//! filled in when the end of a sequence or an item is reached. `dicom-object` is not used for it: an object of a
//! hundred thousand functional groups would be a tree of a million small allocations first.

use dicom_core::{Tag, VR};

/// The longest text of a decimal string (PS3.5 §6.2).
const DECIMAL_CHARACTERS: usize = 16;

/// A data set, or an item, that is being written.
pub(crate) struct Writer {
    bytes: Vec<u8>,
    explicit: bool,
}

impl Writer {
    /// Goes on behind bytes that are there.
    pub(crate) fn after(bytes: Vec<u8>, explicit: bool) -> Self {
        Self { bytes, explicit }
    }

    /// An element of so many zeros (an even number), which the caller fills.
    pub(crate) fn zeros(&mut self, tag: Tag, vr: VR, length: u32) -> &mut [u8] {
        self.tag(tag);
        if self.explicit {
            self.bytes.extend(vr.to_bytes());
            self.bytes.extend([0, 0]);
        }
        self.bytes.extend(length.to_le_bytes());
        let from = self.bytes.len();
        let end = from + length as usize;
        self.bytes.reserve_exact(length as usize);
        self.bytes.resize(end, 0);
        self.bytes.get_mut(from..).unwrap_or_default()
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn tag(&mut self, tag: Tag) {
        self.bytes.extend(tag.group().to_le_bytes());
        self.bytes.extend(tag.element().to_le_bytes());
    }

    /// A value as bytes; an odd one is padded as its representation asks for (PS3.5 §6.2).
    ///
    /// The caller keeps values of short representations below 64 KiB, and others below 4 GiB.
    pub(crate) fn put(&mut self, tag: Tag, vr: VR, value: &[u8]) {
        let length = value.len().next_multiple_of(2);
        self.tag(tag);
        if !self.explicit || long_form(vr) {
            if self.explicit {
                self.bytes.extend(vr.to_bytes());
                self.bytes.extend([0, 0]);
            }
            self.bytes.extend(u32::try_from(length).unwrap_or(u32::MAX - 1).to_le_bytes());
        } else {
            self.bytes.extend(vr.to_bytes());
            self.bytes.extend(u16::try_from(length).unwrap_or(u16::MAX - 1).to_le_bytes());
        }
        self.bytes.extend(value);
        if value.len() % 2 == 1 {
            self.bytes.push(if matches!(vr, VR::UI | VR::OB) { 0 } else { b' ' });
        }
    }

    pub(crate) fn text(&mut self, tag: Tag, vr: VR, value: &str) {
        self.put(tag, vr, value.as_bytes());
    }

    pub(crate) fn short(&mut self, tag: Tag, value: u16) {
        self.put(tag, VR::US, &value.to_le_bytes());
    }

    pub(crate) fn shorts(&mut self, tag: Tag, values: &[u16]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.put(tag, VR::US, &bytes);
    }

    /// Unsigned numbers of 32 bits.
    pub(crate) fn longs(&mut self, tag: Tag, values: &[u32]) {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.put(tag, VR::UL, &bytes);
    }

    /// A tag as a value.
    pub(crate) fn pointer(&mut self, tag: Tag, to: Tag) {
        let [a, b] = to.group().to_le_bytes();
        let [c, d] = to.element().to_le_bytes();
        self.put(tag, VR::AT, &[a, b, c, d]);
    }

    pub(crate) fn decimals(&mut self, tag: Tag, values: &[f64]) {
        let texts: Vec<String> = values.iter().map(|value| decimal(*value)).collect();
        self.text(tag, VR::DS, &texts.join("\\"));
    }

    /// A sequence whose items `fill` writes.
    pub(crate) fn sequence(&mut self, tag: Tag, fill: impl FnOnce(&mut Self)) {
        self.tag(tag);
        if self.explicit {
            self.bytes.extend(*b"SQ\0\0");
        }
        self.measured(fill);
    }

    /// A sequence of one item.
    pub(crate) fn one_item(&mut self, tag: Tag, fill: impl FnOnce(&mut Self)) {
        self.sequence(tag, |items| items.item(fill));
    }

    /// An item of the sequence that is being written.
    pub(crate) fn item(&mut self, fill: impl FnOnce(&mut Self)) {
        self.tag(Tag(0xFFFE, 0xE000));
        self.measured(fill);
    }

    /// Thirty-two bits of length, and what has that length.
    fn measured(&mut self, fill: impl FnOnce(&mut Self)) {
        let at = self.bytes.len();
        self.bytes.extend([0; 4]);
        fill(self);
        let length = u32::try_from(self.bytes.len() - at - 4).unwrap_or(u32::MAX - 1);
        if let Some(place) = self.bytes.get_mut(at..at + 4) {
            place.copy_from_slice(&length.to_le_bytes());
        }
    }
}

/// PS3.5 Table 7.1-1: the representations whose length has 32 bits, of those that are written here.
fn long_form(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::SQ | VR::UC | VR::UN | VR::UR | VR::UT)
}

/// A finite number in at most 16 characters, as exactly as they allow.
pub(crate) fn decimal(value: f64) -> String {
    let shortest = format!("{value}");
    if shortest.len() <= DECIMAL_CHARACTERS {
        return if value == 0.0 { "0".into() } else { shortest };
    }
    // Fixed digits lose nothing that matters from a micrometre up, and powers of ten serve what is smaller.
    let fits = |text: &String| text.len() <= DECIMAL_CHARACTERS;
    let fixed = (0..DECIMAL_CHARACTERS).rev().map(|digits| format!("{value:.digits$}")).find(fits);
    let scientific = (0..10).rev().map(|digits| format!("{value:.digits$e}")).find(fits);
    let small = value.abs() < 1e-6;
    let chosen = if small { scientific.or(fixed) } else { fixed.or(scientific) };
    chosen.unwrap_or_else(|| "0".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lengths_are_those_of_what_follows() {
        let mut writer = Writer::after(Vec::new(), true);
        writer.one_item(Tag(0x0008, 0x1115), |item| {
            item.text(Tag(0x0020, 0x000E), VR::UI, "1.2.3");
        });
        let expected = b"\x08\0\x15\x11SQ\0\0\x16\0\0\0\xFE\xFF\0\xE0\x0E\0\0\0\x20\0\x0E\0UI\x06\x001.2.3\0";
        assert_eq!(writer.finish(), expected);
    }

    #[test]
    fn numbers_keep_what_sixteen_characters_hold() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.7, "0.7"),
            (-120.000_000_1, "-120.0000001"),
            (0.1 + 0.2, "0.30000000000000"),
            (1e-300, "1.000000000e-300"),
        ] {
            assert_eq!(decimal(value), text);
        }
    }

    proptest! {
        #[test]
        fn a_number_comes_back(value in -1e6..1e6_f64) {
            let text = decimal(value);
            prop_assert!(text.len() <= DECIMAL_CHARACTERS);
            prop_assert!((text.parse::<f64>().unwrap() - value).abs() < 1e-7);
        }

        #[test]
        fn any_number_fits(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert!(decimal(value).len() <= DECIMAL_CHARACTERS);
        }
    }
}
