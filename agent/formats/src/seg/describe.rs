//! The description of one segment in an object: reading and writing an item of the Segment Sequence (PS3.3 §C.8.20.4).

use super::SegError;
use super::found::{Found, SegmentPlaces};
use super::segment::{Algorithm, Code, InvalidSegment, Segment, Tracking};
use crate::attributes::{Attribute, AttributeError, Reader};
use crate::cielab;
use crate::part10::Part10;
use crate::writer::Writer;
use agent_phi::{HeaderText, Purpose};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

const SEGMENT_NUMBER: Attribute = Attribute { tag: tags::SEGMENT_NUMBER, keyword: "SegmentNumber" };
const SEGMENT_LABEL: Attribute = Attribute { tag: tags::SEGMENT_LABEL, keyword: "SegmentLabel" };
const ALGORITHM_TYPE: Attribute =
    Attribute { tag: tags::SEGMENT_ALGORITHM_TYPE, keyword: "SegmentAlgorithmType" };
const COLOUR: Attribute =
    Attribute { tag: tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE, keyword: "RecommendedDisplayCIELabValue" };
const CATEGORY: &str = "SegmentedPropertyCategoryCodeSequence";
const KIND: &str = "SegmentedPropertyTypeCodeSequence";
/// The longest value of a short string (PS3.5 §6.2); codes beyond it stand in Long Code Value.
const SHORT: usize = 16;

/// Reads the description that was found at `places`.
pub(super) fn read(found: &Found, places: &SegmentPlaces, part10: &Part10<'_>) -> Result<Segment, SegError> {
    let reader = |own| found.reader(own, &part10.data_set, part10.syntax.encoding());
    let own = reader(&places.own);
    // Texts that cannot be kept are left out: they are only there to be shown.
    let text = |tag: Tag| HeaderText::new(own.text(Attribute { tag, keyword: "" })?).ok();
    let number = own.needed_short(SEGMENT_NUMBER)?;
    let plain = Segment::plain(number);
    let plain = plain.map_err(|_| AttributeError::Invalid { keyword: SEGMENT_LABEL.keyword })?;
    let term = |places, keyword| code(&reader(places)).ok_or(AttributeError::Invalid { keyword });
    let name = || text(tags::SEGMENT_ALGORITHM_NAME).unwrap_or_else(|| plain.label.clone());
    let algorithm = match own.plain(ALGORITHM_TYPE)? {
        Some("AUTOMATIC") => Algorithm::Automatic { name: name() },
        Some("SEMIAUTOMATIC") => Algorithm::Semiautomatic { name: name() },
        Some(_) | None => Algorithm::Manual,
    };
    let tracking = text(tags::TRACKING_ID).zip(text(tags::TRACKING_UID));
    Ok(Segment {
        description: text(tags::SEGMENT_DESCRIPTION),
        category: term(&places.category, CATEGORY)?,
        kind: term(&places.kind, KIND)?,
        modifiers: places.modifiers.iter().filter_map(|places| code(&reader(places))).collect(),
        region: code(&reader(&places.region)),
        region_modifiers: places.region_modifiers.iter().filter_map(|places| code(&reader(places))).collect(),
        algorithm,
        tracking: tracking.and_then(|(id, uid)| Tracking::new(id, uid.expose(Purpose::Store)).ok()),
        colour: own.shorts(COLOUR).map(cielab::to_srgb),
        label: text(tags::SEGMENT_LABEL).unwrap_or(plain.label),
        number,
    })
}

fn code(reader: &Reader<'_>) -> Option<Code> {
    let text = |tag| reader.text(Attribute { tag, keyword: "" });
    let value =
        text(tags::CODE_VALUE).or_else(|| text(tags::LONG_CODE_VALUE)).or_else(|| text(tags::URN_CODE_VALUE));
    let value = value?;
    let meaning = text(tags::CODE_MEANING).unwrap_or_else(|| value.clone());
    Code::new(&value, &text(tags::CODING_SCHEME_DESIGNATOR)?, &meaning).ok()
}

/// What can be written of a segment: codes and texts fit their representations.
pub(super) fn check(segment: &Segment) -> Result<(), InvalidSegment> {
    let terms = [&segment.category, &segment.kind].into_iter().chain(&segment.modifiers);
    for term in terms.chain(&segment.region).chain(&segment.region_modifiers) {
        Code::new(&term.value, &term.scheme, &term.meaning)?;
    }
    // PS3.5 §6.2, LO: 64 characters, and no backslash.
    let label = segment.label.expose(Purpose::DicomPeer);
    if label.chars().count() > 64 || label.contains('\\') { Err(InvalidSegment::Label) } else { Ok(()) }
}

/// Writes one item.
pub(super) fn write(items: &mut Writer, segment: &Segment) {
    items.item(|item| {
        if let Some(region) = &segment.region {
            item.one_item(tags::ANATOMIC_REGION_SEQUENCE, |item| {
                put_code(item, region);
                put_codes(item, tags::ANATOMIC_REGION_MODIFIER_SEQUENCE, &segment.region_modifiers);
            });
        }
        item.sequence(tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, |items| {
            items.item(|item| put_code(item, &segment.category));
        });
        item.short(tags::SEGMENT_NUMBER, segment.number);
        item.text(tags::SEGMENT_LABEL, VR::LO, segment.label.expose(Purpose::DicomPeer));
        if let Some(description) = &segment.description {
            item.text(tags::SEGMENT_DESCRIPTION, VR::ST, description.expose(Purpose::DicomPeer));
        }
        let (kind, name) = match &segment.algorithm {
            Algorithm::Manual => ("MANUAL", None),
            Algorithm::Semiautomatic { name } => ("SEMIAUTOMATIC", Some(name)),
            Algorithm::Automatic { name } => ("AUTOMATIC", Some(name)),
        };
        item.text(tags::SEGMENT_ALGORITHM_TYPE, VR::CS, kind);
        if let Some(name) = name {
            let name: String = name.expose(Purpose::DicomPeer).replace('\\', "/").chars().take(64).collect();
            item.text(tags::SEGMENT_ALGORITHM_NAME, VR::LO, &name);
        }
        if let Some(colour) = segment.colour {
            item.shorts(tags::RECOMMENDED_DISPLAY_CIE_LAB_VALUE, &cielab::from_srgb(colour));
        }
        item.one_item(tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, |item| {
            put_code(item, &segment.kind);
            put_codes(item, tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE, &segment.modifiers);
        });
        if let Some(tracking) = &segment.tracking {
            item.text(tags::TRACKING_ID, VR::UT, tracking.id.expose(Purpose::DicomPeer));
            item.text(tags::TRACKING_UID, VR::UI, tracking.uid().expose(Purpose::DicomPeer));
        }
    });
}

fn put_codes(item: &mut Writer, tag: Tag, codes: &[Code]) {
    if !codes.is_empty() {
        item.sequence(tag, |items| codes.iter().for_each(|code| items.item(|item| put_code(item, code))));
    }
}

/// The attributes of a coded term (PS3.3 Table 8.8-1).
pub(crate) fn put_code(item: &mut Writer, code: &Code) {
    if code.value.len() <= SHORT {
        item.text(tags::CODE_VALUE, VR::SH, &code.value);
    }
    item.text(tags::CODING_SCHEME_DESIGNATOR, VR::SH, &code.scheme);
    item.text(tags::CODE_MEANING, VR::LO, &code.meaning);
    if code.value.len() > SHORT {
        item.text(tags::LONG_CODE_VALUE, VR::UC, &code.value);
    }
}
