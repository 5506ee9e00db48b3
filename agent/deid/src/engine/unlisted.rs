//! Attributes that table E.1-1 does not name: the standard keeps them, and nobody can promise what people type there.
//!
//! Numbers, codes and values whose form leaves no room for a text stay. Texts keep known words. What the standard
//! does not know at all goes.

use dicom_core::{Tag, VR};

use super::{Around, Mode, Outcome, Walk};
use crate::codes;
use crate::dataset::{Element, known};
use crate::date;
use crate::profile::{Option as ProfileOption, Unlisted};
use crate::text::{formed, trimmed};
use crate::trace::Done;
use crate::words::{Cleaned, clean};

const CHARACTER_SET: Tag = Tag(0x0008, 0x0005);
/// Manufacturer, its model's name, and software versions: what Retain Device Identity means although the table, which
/// keeps them anyhow, does not name them.
const DEVICE: [Tag; 3] = [Tag(0x0008, 0x0070), Tag(0x0008, 0x1090), Tag(0x0018, 0x1020)];

impl Walk<'_, '_> {
    pub(super) fn unlisted<'a>(&mut self, element: Element<'a>, around: &Around) -> Outcome<'a> {
        let private = element.tag.group() % 2 == 1;
        if known(element.tag).is_none() && !private {
            return self.removed(&element);
        }
        if self.options.unlisted == Unlisted::Keep && around.mode == Mode::Plain && element.vr != VR::SQ {
            return Some(self.kept(element));
        }
        if private && (0x10..=0xFF).contains(&element.tag.element()) {
            // The reservation of a block that stays; its creator is one of the table's.
            return Some(self.kept(element));
        }
        if element.tag == CHARACTER_SET {
            let named = element.bytes().is_some_and(names_character_sets);
            return if named { Some(self.kept(element)) } else { self.removed(&element) };
        }
        match element.vr {
            VR::SQ => Some(self.keep(element, around)),
            VR::LO | VR::LT | VR::SH | VR::ST | VR::UC | VR::UT => Some(self.unlisted_text(element, around)),
            VR::AE | VR::PN => Some(self.dummy_unless_empty(element)),
            VR::UR | VR::UN => self.removed(&element),
            VR::UI if private => Some(self.new_uids(element)),
            VR::DA | VR::DT if self.options.has(ProfileOption::RetainModifiedDates) => {
                self.shift(element, None, around)
            }
            VR::DA | VR::DT => Some(self.dummy_unless_empty(element)),
            VR::TM => Some(self.formed_or_dummy(element, is_time)),
            VR::CS => Some(self.code_string(element)),
            VR::AS | VR::DS | VR::IS | VR::UI => {
                let vr = element.vr;
                Some(self.formed_or_dummy(element, |bytes| formed(bytes, vr)))
            }
            VR::AT
            | VR::FD
            | VR::FL
            | VR::OB
            | VR::OD
            | VR::OF
            | VR::OL
            | VR::OV
            | VR::OW
            | VR::SL
            | VR::SS
            | VR::SV
            | VR::UL
            | VR::US
            | VR::UV => Some(self.kept(element)),
        }
    }

    fn unlisted_text<'a>(&mut self, element: Element<'a>, around: &Around) -> Element<'a> {
        let bytes = element.bytes().unwrap_or_default();
        if around.mode == Mode::Hollow {
            return self.dummy_unless_empty(element);
        }
        let device = DEVICE.contains(&element.tag) && self.options.has(ProfileOption::RetainDevice);
        if device && !self.guard.stands_in(bytes) {
            return self.kept(element);
        }
        if around.code.is_some() && codes::part_of_code(element.tag, trimmed(bytes)) {
            return self.kept(element);
        }
        if let (codes::MEANING, Some(code)) = (element.tag, &around.code) {
            // The code says all that its meaning says.
            if clean(bytes, &self.guard) != Cleaned::Same {
                let after = Element::text(element.tag, element.vr, code.clone());
                return self.replaced(&element, after, Done::Cleaned);
            }
        }
        self.cleaned(element).unwrap_or_else(|element| self.dummy_unless_empty(element))
    }

    fn code_string<'a>(&mut self, element: Element<'a>) -> Element<'a> {
        let bytes = element.bytes().unwrap_or_default();
        if formed(bytes, VR::CS) && !self.guard.stands_in(bytes) {
            return self.kept(element);
        }
        self.cleaned(element).unwrap_or_else(|element| self.dummy(element))
    }

    fn formed_or_dummy<'a>(&mut self, element: Element<'a>, rule: impl Fn(&[u8]) -> bool) -> Element<'a> {
        if element.bytes().is_some_and(rule) { self.kept(element) } else { self.dummy(element) }
    }

    fn dummy_unless_empty<'a>(&mut self, element: Element<'a>) -> Element<'a> {
        let empty = element.bytes().is_some_and(|bytes| trimmed(bytes).is_empty());
        if empty { self.kept(element) } else { self.dummy(element) }
    }
}

fn is_time(bytes: &[u8]) -> bool {
    std::str::from_utf8(trimmed(bytes)).is_ok_and(date::is_time)
}

/// PS3.3 §C.12.1.1.2: the defined terms for character sets.
fn names_character_sets(bytes: &[u8]) -> bool {
    let term = |value: &[u8]| {
        let number = value.strip_prefix(b"ISO_IR ").or_else(|| value.strip_prefix(b"ISO 2022 IR "));
        let numbered =
            number.is_some_and(|number| number.len() <= 3 && number.iter().all(u8::is_ascii_digit));
        numbered || matches!(value, b"" | b"GB18030" | b"GBK")
    };
    trimmed(bytes).split(|byte| *byte == b'\\').map(trimmed).all(term)
}
