//! The marks that a de-identified object carries (PS3.15 §E.1.1, PS3.3 §C.12.1 and §C.7.1.1).

use std::borrow::Cow;

use dicom_core::{Tag, VR};

use crate::codes::{CODE_VALUE, MEANING, SCHEME};
use crate::dataset::{Element, Set, Value};
use crate::profile::{Option as ProfileOption, Options};
use crate::table::EDITION;
use crate::trace::{Done, Trace};

const IDENTITY_REMOVED: Tag = Tag(0x0012, 0x0062);
const METHOD: Tag = Tag(0x0012, 0x0063);
const METHOD_CODES: Tag = Tag(0x0012, 0x0064);
const BURNED_IN: Tag = Tag(0x0028, 0x0301);
const TIMES_MODIFIED: Tag = Tag(0x0028, 0x0303);

/// PS3.16 CID 7050.
const BASIC: (&str, &str) = ("113100", "Basic Application Confidentiality Profile");
const CLEAN_PIXELS: (&str, &str) = ("113101", "Clean Pixel Data Option");

/// Says on an object what was done to it; what an earlier de-identification said is replaced.
pub(crate) fn mark(set: &mut Set<'_>, options: &Options, pixels_cleaned: bool, trace: &mut dyn Trace) {
    let mut codes = vec![BASIC];
    codes.extend(options.chosen().iter().map(|option| option.coded()));
    let mut marks = Vec::new();
    if pixels_cleaned {
        codes.push(CLEAN_PIXELS);
        marks.push(Element::text(BURNED_IN, VR::CS, "NO"));
    }
    let times = if options.has(ProfileOption::RetainModifiedDates) { "MODIFIED" } else { "REMOVED" };
    marks.push(Element::text(TIMES_MODIFIED, VR::CS, times));
    marks.push(Element::text(IDENTITY_REMOVED, VR::CS, "YES"));
    marks.push(Element::text(METHOD, VR::LO, method(&codes)));
    let items = codes.iter().map(|code| item(*code)).collect();
    marks.push(Element { tag: METHOD_CODES, vr: VR::SQ, value: Value::Items(items) });
    for mark in marks {
        trace.element(&[], None, Some(&mark), Done::Added);
        set.put(mark);
    }
}

/// One value for the table, one for each of its parts; none is longer than LO allows, 64 characters.
fn method(codes: &[(&str, &str)]) -> String {
    let mut values = vec![format!("DICOM PS3.15 {EDITION} Annex E")];
    values.extend(codes.iter().map(|(_, meaning)| meaning.chars().take(64).collect()));
    values.join("\\")
}

fn item(code: (&'static str, &'static str)) -> Set<'static> {
    let text = |tag, vr, text: &'static str| Element {
        tag,
        vr,
        value: Value::Bytes(Cow::Borrowed(text.as_bytes())),
    };
    Set::new(vec![
        text(CODE_VALUE, VR::SH, code.0),
        text(SCHEME, VR::SH, "DCM"),
        text(MEANING, VR::LO, code.1),
    ])
}
