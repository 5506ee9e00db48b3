//! A data set as a tree of elements that borrow their values from the bytes they were read from.
//!
//! Values are in little-endian byte order whatever the file's was. Nothing here knows what an element means.

mod read;
mod write;

use std::borrow::Cow;

use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;

pub use read::{DEPTH_MAX, Encoding, ReadError, read};
pub use write::write;

/// One element of a data set.
#[derive(Clone, PartialEq, Eq)]
pub struct Element<'a> {
    pub tag: Tag,
    pub vr: VR,
    pub value: Value<'a>,
}

/// What an element holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Padded to an even length or not, as it was.
    Bytes(Cow<'a, [u8]>),
    /// The items of a sequence.
    Items(Vec<Set<'a>>),
    /// Encapsulated pixel data: the basic offset table, then the fragments.
    Fragments(Vec<Cow<'a, [u8]>>),
}

/// A data set or an item of a sequence, its elements in ascending order of their tags.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Set<'a> {
    elements: Vec<Element<'a>>,
}

impl std::fmt::Debug for Element<'_> {
    // The value may be a patient's name, so it is left out.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Element")
            .field("tag", &self.tag)
            .field("vr", &self.vr)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Value(..)")
    }
}

impl std::fmt::Debug for Set<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Set").field("elements", &self.elements.len()).finish_non_exhaustive()
    }
}

impl<'a> Element<'a> {
    /// An element whose value is a text of the default repertoire.
    pub fn text(tag: Tag, vr: VR, text: impl Into<String>) -> Self {
        Self { tag, vr, value: Value::Bytes(Cow::Owned(text.into().into_bytes())) }
    }

    /// The value's bytes, where it is neither a sequence nor encapsulated.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        match &self.value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Items(_) | Value::Fragments(_) => None,
        }
    }
}

impl<'a> Set<'a> {
    /// Puts elements into the order of their tags; the first of two with one tag stays.
    #[must_use]
    pub fn new(mut elements: Vec<Element<'a>>) -> Self {
        if !elements.windows(2).all(|pair| matches!(pair, [a, b] if a.tag < b.tag)) {
            elements.sort_by_key(|element| element.tag);
            elements.dedup_by_key(|element| element.tag);
        }
        Self { elements }
    }

    /// The elements, in ascending order of their tags.
    #[must_use]
    pub fn elements(&self) -> &[Element<'a>] {
        &self.elements
    }

    /// The elements themselves.
    #[must_use]
    pub fn into_elements(self) -> Vec<Element<'a>> {
        self.elements
    }

    /// The element with a tag.
    #[must_use]
    pub fn get(&self, tag: Tag) -> Option<&Element<'a>> {
        let place = self.elements.binary_search_by_key(&tag, |element| element.tag).ok()?;
        self.elements.get(place)
    }

    /// The value's bytes of the element with a tag.
    #[must_use]
    pub fn bytes(&self, tag: Tag) -> Option<&[u8]> {
        self.get(tag)?.bytes()
    }

    /// A value as ASCII text without padding; `None` where it is absent, empty or of another repertoire.
    #[must_use]
    pub fn ascii(&self, tag: Tag) -> Option<&str> {
        let text = std::str::from_utf8(self.bytes(tag)?).ok()?.trim_matches([' ', '\0']);
        (!text.is_empty() && text.is_ascii()).then_some(text)
    }

    /// The first 16-bit number of a value.
    #[must_use]
    pub fn short(&self, tag: Tag) -> Option<u16> {
        let bytes: [u8; 2] = self.bytes(tag)?.get(..2)?.try_into().ok()?;
        Some(u16::from_le_bytes(bytes))
    }

    /// Puts an element in the place of the one with its tag, or where it belongs.
    pub fn put(&mut self, element: Element<'a>) {
        match self.elements.binary_search_by_key(&element.tag, |known| known.tag) {
            Ok(place) => {
                if let Some(known) = self.elements.get_mut(place) {
                    *known = element;
                }
            }
            Err(place) => self.elements.insert(place, element),
        }
    }

    /// Takes the element with a tag out.
    pub fn take(&mut self, tag: Tag) -> Option<Element<'a>> {
        let place = self.elements.binary_search_by_key(&tag, |element| element.tag).ok()?;
        Some(self.elements.remove(place))
    }

    /// The creator of a private element: the text of the element that reserves its block (PS3.5 §7.8.1).
    #[must_use]
    pub fn creator(&self, tag: Tag) -> Option<&str> {
        let block = tag.element() >> 8;
        if block < 0x10 {
            return None;
        }
        self.ascii(Tag(tag.group(), block))
    }
}

/// What PS3.6 says about an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub keyword: &'static str,
    /// Where the standard leaves the choice: what fits unsigned pixels.
    pub vr: VR,
    /// US or SS, by Pixel Representation.
    pub by_sign: bool,
}

/// The standard's entry for an attribute; `None` for a private or unknown one and for a group length.
#[must_use]
pub fn known(tag: Tag) -> Option<Known> {
    if tag.group() % 2 == 1 || tag.element() == 0 {
        return None;
    }
    let entry = StandardDataDictionary.by_tag(tag)?;
    let (vr, by_sign) = match entry.vr() {
        VirtualVr::Exact(vr) => (vr, false),
        VirtualVr::Xs => (VR::US, true),
        VirtualVr::Ox | VirtualVr::Px | VirtualVr::Lt | _ => (VR::OW, false),
    };
    Some(Known { keyword: entry.alias(), vr, by_sign })
}
