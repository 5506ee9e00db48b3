//! Data sets in the DICOM JSON model (PS3.18 Annex F), written while they are walked.
//!
//! Nothing is decoded and no tree is built: what a header costs is its length. Pixel data and long binary values stay
//! behind as addresses, and [`bulk`] finds the value behind such an address.

mod bulk;
mod value;

use crate::attributes::character_set;
use crate::part10::{self, Part10};
use crate::prescan::{self, Element, Limits, PIXEL_DATA, PrescanError, Step, Visitor};
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::StandardDataDictionary;
use dicom_encoding::text::SpecificCharacterSet;

pub use bulk::{BulkPath, BulkValue, bulk};

/// Binary values beyond this many bytes are given by their address.
pub const INLINE_BYTES_MAX: usize = 1024;

const SPECIFIC_CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
const PIXEL_REPRESENTATION: Tag = Tag(0x0028, 0x0103);
/// Pixel data, as numbers of either width or as samples (7FE0,0008), (7FE0,0009), (7FE0,0010).
const PIXELS: [Tag; 3] = [Tag(0x7FE0, 0x0008), Tag(0x7FE0, 0x0009), PIXEL_DATA];

/// Appends the data set of a Part 10 file as one JSON object, without its file meta group and group lengths.
///
/// `bulk_base` is what each BulkDataURI begins with; the path of the element follows it (see [`BulkPath`]).
/// Texts are UTF-8, and so the character set becomes ISO_IR 192 (PS3.18 §F.2.1).
///
/// # Errors
/// The rule of the encoding that the file breaks; `out` then has a part of an object.
pub fn write(file: &[u8], bulk_base: &str, out: &mut Vec<u8>) -> Result<(), PrescanError> {
    let Part10 { syntax, data_set } = part10::open(file)?;
    let mut writer = Writer {
        out,
        bulk_base,
        open: Vec::new(),
        root: Level { last: None, characters: None },
        signed: false,
    };
    writer.out.push(b'{');
    prescan::walk(&data_set, syntax.encoding(), Limits::OBJECT, &mut writer)?;
    writer.close_to(0);
    writer.out.push(b'}');
    Ok(())
}

/// What holds for the elements of one data set or item.
struct Level {
    last: Option<Tag>,
    characters: Option<SpecificCharacterSet>,
}

/// A sequence whose end has not been met.
struct Sequence {
    tag: Tag,
    items: u32,
    level: Level,
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    bulk_base: &'a str,
    open: Vec<Sequence>,
    root: Level,
    /// Pixels are signed, and so is what the dictionary leaves to their sign.
    signed: bool,
}

impl Writer<'_> {
    fn level(&mut self) -> &mut Level {
        self.open.last_mut().map_or(&mut self.root, |sequence| &mut sequence.level)
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(sequence) = self.open.pop() else { return };
            self.out.extend_from_slice(if sequence.items > 0 { b"}]}" } else { b"}" });
        }
    }

    /// Begins an element; false for one that is no part of the object.
    fn key(&mut self, tag: Tag) -> bool {
        let level = self.level();
        let first = level.last.is_none();
        if tag.group() <= 0x0002 || tag.element() == 0 || level.last == Some(tag) {
            return false;
        }
        level.last = Some(tag);
        if !first {
            self.out.push(b',');
        }
        self.out.extend_from_slice(format!("\"{:04X}{:04X}\":", tag.group(), tag.element()).as_bytes());
        true
    }

    fn bulk(&mut self, path: &[Step], tag: Tag, vr: VR) {
        let address = format!("{}{}", self.bulk_base, BulkPath::new(path, tag));
        self.out.extend_from_slice(format!("{{\"vr\":\"{vr}\",\"BulkDataURI\":").as_bytes());
        value::text(&address, self.out);
        self.out.push(b'}');
    }
}

impl Visitor for Writer<'_> {
    fn sequence(&mut self, path: &[Step], tag: Tag) {
        self.close_to(path.len());
        self.key(tag);
        self.out.extend_from_slice(b"{\"vr\":\"SQ\"");
        let characters = self.level().characters.clone();
        self.open.push(Sequence { tag, items: 0, level: Level { last: None, characters } });
    }

    fn item(&mut self, path: &[Step]) {
        self.close_to(path.len());
        let around = match self.open.len().checked_sub(2).and_then(|outer| self.open.get(outer)) {
            Some(outer) => outer.level.characters.clone(),
            None => self.root.characters.clone(),
        };
        let Some(sequence) = self.open.last_mut() else { return };
        self.out.extend_from_slice(if sequence.items == 0 { b",\"Value\":[{" } else { b"},{" });
        sequence.items = sequence.items.saturating_add(1);
        sequence.level = Level { last: None, characters: around };
    }

    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        self.close_to(path.len());
        if !self.key(element.tag) {
            return;
        }
        if element.tag == SPECIFIC_CHARACTER_SET {
            let names = String::from_utf8_lossy(element.value).into_owned();
            self.level().characters = character_set(names.trim_matches([' ', '\0']));
            self.out.extend_from_slice(b"{\"vr\":\"CS\",\"Value\":[\"ISO_IR 192\"]}");
            return;
        }
        if element.tag == PIXEL_REPRESENTATION && path.is_empty() {
            self.signed = element.value.contains(&1);
        }
        let vr = self.representation(element);
        let pixels = path.is_empty() && PIXELS.contains(&element.tag);
        if pixels || (value::binary(vr) && element.value.len() > INLINE_BYTES_MAX) {
            return self.bulk(path, element.tag, vr);
        }
        let characters = self.level().characters.clone();
        value::write(vr, element, characters.as_ref(), self.out);
    }

    fn fragment(&mut self, path: &[Step], _at: usize, _value: &[u8]) {
        self.close_to(path.len());
        // The first fragment is the element; the others have its tag too.
        if self.key(PIXEL_DATA) {
            self.bulk(path, PIXEL_DATA, VR::OB);
        }
    }
}

impl Writer<'_> {
    fn representation(&self, element: &Element<'_>) -> VR {
        let private_creator = element.tag.group() % 2 == 1 && (0x10..=0xFF).contains(&element.tag.element());
        match element.vr {
            None if private_creator => VR::LO,
            None => VR::UN,
            Some(VR::US) if !element.encoding.explicit && self.signed && by_sign(element.tag) => VR::SS,
            Some(vr) => vr,
        }
    }
}

/// Whether the dictionary leaves it to Pixel Representation how an attribute is read.
fn by_sign(tag: Tag) -> bool {
    StandardDataDictionary.by_tag(tag).is_some_and(|entry| matches!(entry.vr(), VirtualVr::Xs))
}

impl std::fmt::Debug for Sequence {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Sequence").field("tag", &self.tag).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
