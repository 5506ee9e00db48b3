//! One action of the table on one element, conformant to its value representation.

use std::borrow::Cow;

use dicom_core::VR;

use super::{Around, Mode, Outcome, Walk};
use crate::dataset::{Element, Value};
use crate::profile::{Options, Step};
use crate::table::Row;
use crate::text::{formed, trimmed};
use crate::trace::Done;
use crate::words::{Cleaned, clean};
use crate::{date, dummy};

impl Walk<'_, '_> {
    pub(super) fn apply<'a>(
        &mut self,
        element: Element<'a>,
        step: Step,
        row: Option<&Row>,
        around: &Around,
    ) -> Outcome<'a> {
        match step {
            Step::Remove => self.removed(&element),
            Step::Empty => Some(self.emptied(element)),
            Step::Dummy => Some(self.dummy(element)),
            // What could not be read as what it is cannot be known to be safe.
            Step::Keep if element.vr == VR::UN => {
                self.apply(element, row.map_or(Step::Remove, Options::fallback), None, around)
            }
            Step::Keep => Some(self.keep(element, around)),
            Step::NewUid => Some(self.new_uids(element)),
            Step::Clean => self.clean(element, row, around),
            Step::Shift => self.shift(element, row, around),
        }
    }

    pub(super) fn emptied<'a>(&mut self, element: Element<'a>) -> Element<'a> {
        let value =
            if element.vr == VR::SQ { Value::Items(Vec::new()) } else { Value::Bytes(Cow::Borrowed(&[])) };
        let after = Element { tag: element.tag, vr: element.vr, value };
        self.replaced(&element, after, Done::Emptied)
    }

    /// A dummy value; of a sequence, its frame without any text.
    pub(super) fn dummy<'a>(&mut self, element: Element<'a>) -> Element<'a> {
        if let Value::Items(items) = element.value {
            let value = self.items(element.tag, items, Mode::Hollow);
            return Element { tag: element.tag, vr: VR::SQ, value };
        }
        let value = Value::Bytes(Cow::Owned(dummy::value(element.vr)));
        let after = Element { tag: element.tag, vr: element.vr, value };
        self.replaced(&element, after, Done::Dummy)
    }

    /// The element as it is; the items of a sequence are gone through.
    pub(super) fn keep<'a>(&mut self, element: Element<'a>, around: &Around) -> Element<'a> {
        match element.value {
            Value::Items(items) => {
                let value = self.items(element.tag, items, around.mode);
                Element { tag: element.tag, vr: VR::SQ, value }
            }
            value @ (Value::Bytes(_) | Value::Fragments(_)) => self.kept(Element { value, ..element }),
        }
    }

    /// Each UID's own other one. Frames of reference that the standard itself names stay.
    pub(super) fn new_uids<'a>(&mut self, element: Element<'a>) -> Element<'a> {
        let Some(bytes) = element.bytes() else { return self.dummy(element) };
        let uids = bytes.split(|byte| *byte == b'\\').map(trimmed);
        let mapped: Vec<String> = uids
            .map(|uid| match std::str::from_utf8(uid) {
                Ok(text) if text.is_empty() || well_known_frame(text) => text.to_owned(),
                Ok(_) | Err(_) => self.key.uid(uid),
            })
            .collect();
        let mapped = mapped.join("\\");
        if mapped.as_bytes() == trimmed(bytes) {
            return self.kept(element);
        }
        let after = Element::text(element.tag, VR::UI, mapped);
        self.replaced(&element, after, Done::NewUid)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "representations without a rule of their own share one"
    )]
    fn clean<'a>(&mut self, element: Element<'a>, row: Option<&Row>, around: &Around) -> Outcome<'a> {
        let fallback = row.map_or(Step::Dummy, Options::fallback);
        if around.mode == Mode::Hollow && element.vr != VR::SQ {
            return self.apply(element, Step::Dummy, None, around);
        }
        match element.vr {
            VR::SQ => Some(self.keep(element, around)),
            VR::UI => Some(self.new_uids(element)),
            VR::LO | VR::LT | VR::SH | VR::ST | VR::UC | VR::UT | VR::CS => {
                self.words(element, fallback, around)
            }
            VR::DS | VR::IS | VR::AS if formed(element.bytes().unwrap_or_default(), element.vr) => {
                Some(self.kept(element))
            }
            VR::FL | VR::FD | VR::SL | VR::SS | VR::UL | VR::US => Some(self.kept(element)),
            // Names, addresses of machines and of the web, dates and bulk have nothing that could stay.
            _ => self.apply(element, fallback, None, around),
        }
    }

    fn words<'a>(&mut self, element: Element<'a>, fallback: Step, around: &Around) -> Outcome<'a> {
        match self.cleaned(element) {
            Ok(element) => Some(element),
            Err(element) => self.apply(element, fallback, None, around),
        }
    }

    /// A text without what is no known word; the element back where nothing would be left.
    pub(super) fn cleaned<'a>(&mut self, element: Element<'a>) -> Result<Element<'a>, Element<'a>> {
        let bytes = element.bytes().unwrap_or_default();
        if trimmed(bytes).is_empty() {
            return Ok(self.kept(element));
        }
        match clean(bytes, &self.guard) {
            Cleaned::Same => Ok(self.kept(element)),
            Cleaned::Less(text) => {
                let after = Element::text(element.tag, element.vr, text);
                Ok(self.replaced(&element, after, Done::Cleaned))
            }
            Cleaned::Nothing => Err(element),
        }
    }

    /// A date some days earlier; a time of day as it is.
    pub(super) fn shift<'a>(
        &mut self,
        element: Element<'a>,
        row: Option<&Row>,
        around: &Around,
    ) -> Outcome<'a> {
        let fallback = row.map_or(Step::Dummy, Options::fallback);
        if element.vr == VR::SQ {
            return Some(self.keep(element, around));
        }
        let text = element.bytes().map(trimmed).and_then(|bytes| std::str::from_utf8(bytes).ok());
        match (element.vr, text) {
            (VR::TM, Some(text)) if date::is_time(text) => Some(self.kept(element)),
            (VR::DA | VR::DT, Some(text)) => match date::moved(text, self.days) {
                Some(moved) => {
                    let done = if moved.is_empty() { Done::Kept } else { Done::DateMoved };
                    let after = Element::text(element.tag, element.vr, moved);
                    Some(self.replaced(&element, after, done))
                }
                None => self.apply(element, fallback, None, around),
            },
            _ => self.apply(element, fallback, None, around),
        }
    }
}

/// PS3.6 Table A-2: the frames of reference of atlases, 1.2.840.10008.1.4.1.1 and so on.
fn well_known_frame(uid: &str) -> bool {
    uid.strip_prefix("1.2.840.10008.1.4.")
        .is_some_and(|rest| rest.len() <= 4 && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
