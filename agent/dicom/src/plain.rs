//! The same data set, implicit or explicit: new headers around values that stay byte for byte what they are.
//!
//! Only between the two little-endian syntaxes without a codec. Sequences come out with undefined lengths, group
//! lengths are left out, since they would be wrong.

use agent_formats::TransferSyntax;
use agent_formats::prescan::{self, CheckOnly, Limits, PrescanError};
use agent_formats::syntax::Encoding;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::{StandardDataDictionary, tags};

const UNDEFINED: u32 = 0xFFFF_FFFF;
const ITEM: Tag = Tag(0xFFFE, 0xE000);
const ITEM_END: Tag = Tag(0xFFFE, 0xE00D);
const SEQUENCE_END: Tag = Tag(0xFFFE, 0xE0DD);

/// Whether one of the two can be made into the other.
pub(crate) fn convertible(from: TransferSyntax, to: TransferSyntax) -> bool {
    let plain = [TransferSyntax::ImplicitLittle, TransferSyntax::ExplicitLittle];
    plain.contains(&from) && plain.contains(&to)
}

/// A sequence or an item that is open.
struct Frame {
    /// `None` where a delimiter must follow.
    end: Option<usize>,
    closes_with: Tag,
    explicit: bool,
}

struct Converter<'a> {
    bytes: &'a [u8],
    at: usize,
    explicit: bool,
    frames: Vec<Frame>,
    /// Pixel Representation of the data set: what US-or-SS stands for.
    signed: bool,
    out: Vec<u8>,
}

/// Writes a data set anew.
///
/// # Errors
/// `PrescanError` for a data set that cannot be walked safely.
pub(crate) fn convert(bytes: &[u8], from: Encoding, to: Encoding) -> Result<Vec<u8>, PrescanError> {
    prescan::walk(bytes, from, Limits::OBJECT, &mut CheckOnly)?;
    let mut converter = Converter {
        bytes,
        at: 0,
        explicit: to.explicit,
        frames: Vec::new(),
        signed: false,
        out: Vec::with_capacity(bytes.len() + bytes.len() / 16 + 1024),
    };
    loop {
        converter.close_what_ended();
        if converter.at >= bytes.len() {
            return Ok(converter.out);
        }
        converter.step(from.explicit)?;
    }
}

impl Converter<'_> {
    fn close_what_ended(&mut self) {
        while let Some(frame) = self.frames.pop_if(|frame| frame.end.is_some_and(|end| end <= self.at)) {
            self.delimiter(frame.closes_with);
        }
    }

    fn step(&mut self, root_explicit: bool) -> Result<(), PrescanError> {
        let explicit = self.frames.last().map_or(root_explicit, |frame| frame.explicit);
        let tag = Tag(self.short()?, self.short()?);
        match tag {
            ITEM => {
                let length = self.long()?;
                self.open(length, ITEM_END, explicit)?;
                self.header(ITEM, None, UNDEFINED);
            }
            ITEM_END | SEQUENCE_END => {
                let _ = self.long()?;
                self.frames.pop();
                self.delimiter(tag);
            }
            _ => self.element(tag, explicit)?,
        }
        Ok(())
    }

    fn element(&mut self, tag: Tag, explicit: bool) -> Result<(), PrescanError> {
        let (vr, length) =
            if explicit { self.explicit_header()? } else { (self.implied_vr(tag), self.long()?) };
        if vr == VR::SQ || length == UNDEFINED {
            // An unknown value of undefined length is a sequence, written implicitly (PS3.5 §6.2.2).
            self.open(length, SEQUENCE_END, explicit && vr != VR::UN)?;
            self.header(tag, Some(VR::SQ), UNDEFINED);
            return Ok(());
        }
        let count = usize::try_from(length).map_err(|_| self.truncated())?;
        let end = self.at.checked_add(count).ok_or(self.truncated())?;
        let value = self.bytes.get(self.at..end).ok_or(self.truncated())?;
        self.at = end;
        if tag == tags::PIXEL_REPRESENTATION {
            self.signed = value.first() == Some(&1);
        }
        if tag.element() != 0 {
            self.header(tag, Some(vr), length);
            self.out.extend_from_slice(value);
        }
        Ok(())
    }

    fn implied_vr(&self, tag: Tag) -> VR {
        let private = tag.group() % 2 == 1;
        if private {
            // PS3.5 §7.8.1: the elements that reserve a block.
            return if (0x0010..=0x00FF).contains(&tag.element()) { VR::LO } else { VR::UN };
        }
        match StandardDataDictionary.by_tag(tag).map(DataDictionaryEntry::vr) {
            Some(VirtualVr::Xs) if self.signed => VR::SS,
            Some(vr) => vr.relaxed(),
            None => VR::UN,
        }
    }

    fn explicit_header(&mut self) -> Result<(VR, u32), PrescanError> {
        let code = self.short()?.to_le_bytes();
        let vr = VR::from_binary(code).ok_or(PrescanError::InvalidVr { at: self.at })?;
        if long_form(vr) {
            let _reserved = self.short()?;
            return Ok((vr, self.long()?));
        }
        Ok((vr, u32::from(self.short()?)))
    }

    fn open(&mut self, length: u32, closes_with: Tag, explicit: bool) -> Result<(), PrescanError> {
        let end = match length {
            UNDEFINED => None,
            length => {
                let count = usize::try_from(length).map_err(|_| self.truncated())?;
                Some(self.at.checked_add(count).ok_or(self.truncated())?)
            }
        };
        self.frames.push(Frame { end, closes_with, explicit });
        Ok(())
    }

    fn delimiter(&mut self, tag: Tag) {
        self.header(tag, None, 0);
    }

    /// Items and delimiters have no value representation.
    fn header(&mut self, tag: Tag, vr: Option<VR>, length: u32) {
        self.out.extend_from_slice(&tag.group().to_le_bytes());
        self.out.extend_from_slice(&tag.element().to_le_bytes());
        let Some(vr) = vr.filter(|_| self.explicit) else {
            self.out.extend_from_slice(&length.to_le_bytes());
            return;
        };
        match u16::try_from(length) {
            Ok(short) if !long_form(vr) => {
                self.out.extend_from_slice(&vr.to_bytes());
                self.out.extend_from_slice(&short.to_le_bytes());
            }
            // PS3.5 §6.2.2: a value too long for its representation's header is written as unknown.
            Ok(_) | Err(_) => {
                let vr = if long_form(vr) { vr } else { VR::UN };
                self.out.extend_from_slice(&vr.to_bytes());
                self.out.extend_from_slice(&[0, 0]);
                self.out.extend_from_slice(&length.to_le_bytes());
            }
        }
    }

    fn short(&mut self) -> Result<u16, PrescanError> {
        self.array().map(u16::from_le_bytes)
    }

    fn long(&mut self) -> Result<u32, PrescanError> {
        self.array().map(u32::from_le_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PrescanError> {
        let array = self.bytes.get(self.at..self.at + N).and_then(|bytes| bytes.try_into().ok());
        let array = array.ok_or(self.truncated())?;
        self.at += N;
        Ok(array)
    }

    fn truncated(&self) -> PrescanError {
        PrescanError::Truncated { at: self.at }
    }
}

/// Two reserved bytes and a length of 32 bits (PS3.5 Table 7.1-1).
fn long_form(vr: VR) -> bool {
    matches!(
        vr,
        VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SQ
            | VR::SV
            | VR::UC
            | VR::UN
            | VR::UR
            | VR::UT
            | VR::UV
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Writer;
    use agent_formats::prescan::{Element, Step, Visitor};

    const IMPLICIT: Encoding = Encoding::IMPLICIT_LITTLE;
    const EXPLICIT: Encoding = Encoding::EXPLICIT_LITTLE;

    fn data_set(encoding: Encoding) -> Vec<u8> {
        let mut code = Writer::new(encoding);
        code.text(tags::CODE_VALUE, VR::SH, "T-D1100");
        let mut nested = Writer::new(encoding);
        nested.sequence(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, vec![code]);
        let mut writer = Writer::new(encoding);
        writer.text(tags::SOP_INSTANCE_UID, VR::UI, "1.2.3");
        writer.sequence(tags::REFERENCED_IMAGE_SEQUENCE, vec![nested, Writer::new(encoding)]);
        writer.text(tags::PATIENT_NAME, VR::PN, "Doe^Jane");
        writer.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![]);
        writer.finish()
    }

    #[derive(Default, PartialEq, Debug)]
    struct Seen(Vec<(Vec<Step>, Tag, Vec<u8>)>);

    impl Visitor for Seen {
        fn element(&mut self, path: &[Step], element: &Element<'_>) {
            self.0.push((path.to_vec(), element.tag, element.value.to_vec()));
        }
    }

    fn seen(bytes: &[u8], encoding: Encoding) -> Seen {
        let mut seen = Seen::default();
        prescan::walk(bytes, encoding, Limits::OBJECT, &mut seen).unwrap();
        seen
    }

    #[test]
    fn every_value_stays_what_and_where_it_is() {
        let explicit = convert(&data_set(IMPLICIT), IMPLICIT, EXPLICIT).unwrap();
        assert_eq!(seen(&explicit, EXPLICIT), seen(&data_set(EXPLICIT), EXPLICIT));
        let implicit = convert(&data_set(EXPLICIT), EXPLICIT, IMPLICIT).unwrap();
        assert_eq!(seen(&implicit, IMPLICIT), seen(&data_set(IMPLICIT), IMPLICIT));
        // Undefined lengths stay undefined, so a second way there and back changes nothing.
        let back = convert(&explicit, EXPLICIT, IMPLICIT).unwrap();
        assert_eq!(convert(&back, IMPLICIT, EXPLICIT).unwrap(), explicit);
    }

    #[test]
    fn an_empty_sequence_and_an_empty_item_survive() {
        let explicit = convert(&data_set(IMPLICIT), IMPLICIT, EXPLICIT).unwrap();
        let items = explicit.windows(4).filter(|four| *four == [0xFE, 0xFF, 0x00, 0xE0]).count();
        assert_eq!(items, 3);
        assert!(explicit.windows(6).any(|six| six == [0x40, 0x00, 0x75, 0x02, b'S', b'Q']));
    }

    #[test]
    fn signed_private_and_unknown_elements_get_the_right_representation() {
        let put = |bytes: &mut Vec<u8>, tag: (u16, u16), value: &[u8]| {
            bytes.extend(tag.0.to_le_bytes());
            bytes.extend(tag.1.to_le_bytes());
            bytes.extend((value.len() as u32).to_le_bytes());
            bytes.extend(value);
        };
        let mut implicit = Vec::new();
        put(&mut implicit, (0x0008, 0x0000), &[4, 0, 0, 0]);
        put(&mut implicit, (0x0029, 0x0010), b"SIEMENS ");
        put(&mut implicit, (0x0029, 0x1010), &vec![7; 70_000]);
        put(&mut implicit, (0x0028, 0x0103), &[1, 0]);
        put(&mut implicit, (0x0028, 0x0106), &[0, 252]);
        put(&mut implicit, (0x0028, 0x3006), &vec![0; 70_000]);
        let explicit = convert(&implicit, IMPLICIT, EXPLICIT).unwrap();
        let vr = |tag: [u8; 4]| {
            let at = explicit.windows(4).position(|four| four == tag).unwrap();
            String::from_utf8_lossy(&explicit[at + 4..at + 6]).into_owned()
        };
        assert_eq!(vr([0x29, 0, 0x10, 0]), "LO");
        assert_eq!(vr([0x29, 0, 0x10, 0x10]), "UN");
        assert_eq!(vr([0x28, 0, 0x06, 0x01]), "SS");
        assert!(!explicit.windows(4).any(|four| four == [0x08, 0, 0, 0]));
        prescan::walk(&explicit, EXPLICIT, Limits::OBJECT, &mut CheckOnly).unwrap();
    }

    #[test]
    fn a_hostile_data_set_is_refused() {
        assert!(convert(&[0xFF; 100], IMPLICIT, EXPLICIT).is_err());
        let mut deep = Vec::new();
        for _ in 0..10_000 {
            deep.extend([0x40, 0x00, 0x30, 0xA7, 0xFF, 0xFF, 0xFF, 0xFF]);
            deep.extend([0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
        }
        assert!(convert(&deep, IMPLICIT, EXPLICIT).is_err());
    }
}
