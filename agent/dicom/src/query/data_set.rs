//! Writes small data sets: identifiers, and what actions and events say. Never a pixel.

use agent_formats::syntax::Encoding;
use dicom_core::{Tag, VR};

const ITEM: Tag = Tag(0xFFFE, 0xE000);

/// A data set in the making; elements are put in the order of their tags.
#[derive(Debug)]
pub(crate) struct Writer {
    encoding: Encoding,
    bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self { encoding, bytes: Vec::new() }
    }

    pub(crate) fn text(&mut self, tag: Tag, vr: VR, text: &str) {
        let mut value = text.as_bytes().to_vec();
        if value.len() % 2 == 1 {
            // PS3.5 §6.2: a UID is padded with a zero byte, other text with a space.
            value.push(if vr == VR::UI { 0 } else { b' ' });
        }
        self.element(tag, vr, &value);
    }

    pub(crate) fn short(&mut self, tag: Tag, value: u16) {
        let value = if self.encoding.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.element(tag, VR::US, &value);
    }

    /// A sequence of items that are data sets of the same encoding.
    pub(crate) fn sequence(&mut self, tag: Tag, items: Vec<Self>) {
        let mut value = Vec::new();
        for item in items {
            let header = self.tag(ITEM);
            value.extend_from_slice(&header);
            value.extend_from_slice(&self.long(item.bytes.len()));
            value.extend_from_slice(&item.bytes);
        }
        self.element(tag, VR::SQ, &value);
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    fn element(&mut self, tag: Tag, vr: VR, value: &[u8]) {
        let header = self.tag(tag);
        self.bytes.extend_from_slice(&header);
        if !self.encoding.explicit {
            self.bytes.extend_from_slice(&self.long(value.len()));
        } else if vr == VR::SQ {
            self.bytes.extend_from_slice(b"SQ\0\0");
            self.bytes.extend_from_slice(&self.long(value.len()));
        } else {
            self.bytes.extend_from_slice(vr.to_string().as_bytes());
            // Every text and number that is written here is shorter than 64 KiB: PS3.5 §6.2 allows 1,024 characters.
            let length = u16::try_from(value.len()).unwrap_or_default();
            let length = if self.encoding.big_endian { length.to_be_bytes() } else { length.to_le_bytes() };
            self.bytes.extend_from_slice(&length);
        }
        self.bytes.extend_from_slice(value);
    }

    fn tag(&self, Tag(group, element): Tag) -> [u8; 4] {
        let [a, b] = if self.encoding.big_endian { group.to_be_bytes() } else { group.to_le_bytes() };
        let [c, d] = if self.encoding.big_endian { element.to_be_bytes() } else { element.to_le_bytes() };
        [a, b, c, d]
    }

    fn long(&self, length: usize) -> [u8; 4] {
        let length = u32::try_from(length).unwrap_or_default();
        if self.encoding.big_endian { length.to_be_bytes() } else { length.to_le_bytes() }
    }
}
