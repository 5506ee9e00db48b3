//! Objects for the checks, and the engine on them.

use std::borrow::Cow;

use agent_deid::dataset::{Element, Set, Value};
use agent_deid::{Deidentifier, Nothing, Options, ProjectKey};
use dicom_core::{Tag, VR};

pub(crate) const PATIENT_ID: &str = "4711008";

pub(crate) fn key() -> ProjectKey {
    ProjectKey::new(&[7; 32]).expect("a key")
}

pub(crate) fn text(tag: (u16, u16), vr: VR, text: &str) -> Element<'static> {
    Element::text(Tag(tag.0, tag.1), vr, text)
}

pub(crate) fn bytes(tag: Tag, vr: VR, bytes: &[u8]) -> Element<'static> {
    Element { tag, vr, value: Value::Bytes(Cow::Owned(bytes.to_vec())) }
}

pub(crate) fn sequence(tag: Tag, items: Vec<Vec<Element<'static>>>) -> Element<'static> {
    Element { tag, vr: VR::SQ, value: Value::Items(items.into_iter().map(Set::new).collect()) }
}

/// What every object has, with elements beside it.
pub(crate) fn object(more: Vec<Element<'static>>) -> Set<'static> {
    let mut set = Set::new(vec![
        text((0x0008, 0x0016), VR::UI, "1.2.840.10008.5.1.4.1.1.2"),
        text((0x0008, 0x0018), VR::UI, "1.2.276.0.1.1"),
        text((0x0008, 0x0060), VR::CS, "CT"),
        text((0x0010, 0x0020), VR::LO, PATIENT_ID),
        text((0x0020, 0x000D), VR::UI, "1.2.276.0.1.2"),
        text((0x0020, 0x000E), VR::UI, "1.2.276.0.1.3"),
    ]);
    more.into_iter().for_each(|element| set.put(element));
    set
}

pub(crate) fn run(set: Set<'static>, options: Options) -> Set<'static> {
    Deidentifier::new(options, key()).data_set(set, &mut Nothing)
}

/// Whether any value of a set, at any depth, has these bytes in it.
pub(crate) fn holds(set: &Set<'_>, needle: &[u8]) -> bool {
    let found = |bytes: &[u8]| bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle));
    set.elements().iter().any(|element| match &element.value {
        Value::Bytes(bytes) => found(bytes),
        Value::Fragments(fragments) => fragments.iter().any(|fragment| found(fragment)),
        Value::Items(items) => items.iter().any(|item| holds(item, needle)),
    })
}
