//! Whether a series may carry text in its pixels: a closed list of rules, none of which looks at pixels.
//!
//! Finding text in pixels is a help and no gate. What is at risk is kept back until a reviewer of the hospital
//! releases it, or a rule for its device paints the regions over; what this does not name is not safe, only usual.

use dicom_core::Tag;

use crate::dataset::Set;

const SOP_CLASS: Tag = Tag(0x0008, 0x0016);
const IMAGE_TYPE: Tag = Tag(0x0008, 0x0008);
const MODALITY: Tag = Tag(0x0008, 0x0060);
const CONVERSION_TYPE: Tag = Tag(0x0008, 0x0064);
const SERIES_DESCRIPTION: Tag = Tag(0x0008, 0x103E);
const ENCAPSULATED_DOCUMENT: Tag = Tag(0x0042, 0x0011);
const BURNED_IN: Tag = Tag(0x0028, 0x0301);
const RECOGNIZABLE: Tag = Tag(0x0028, 0x0302);

/// Modalities whose pictures carry text as a rule, and those that are documents.
const MODALITIES: [&str; 10] = ["US", "SC", "XA", "RF", "ES", "XC", "OT", "DOC", "KO", "SR"];

/// Secondary Capture Device ID, Manufacturer, Model Name and Software Versions.
/// Source: the filter of RSNA's Clinical Trial Processor for burned-in pixels.
const CAPTURE_DEVICE: [Tag; 4] =
    [Tag(0x0018, 0x1012), Tag(0x0018, 0x1016), Tag(0x0018, 0x1018), Tag(0x0018, 0x1019)];

/// Storage SOP classes of secondary capture, of encapsulated documents and of photographs (PS3.6 Table A-1).
const SECONDARY_CAPTURE: &str = "1.2.840.10008.5.1.4.1.1.7";
const ENCAPSULATED: &str = "1.2.840.10008.5.1.4.1.1.104.";
const VISIBLE_LIGHT: &str = "1.2.840.10008.5.1.4.1.1.77.1.";

/// Why pixels may carry text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    Modality,
    SecondaryCapture,
    EncapsulatedDocument,
    Photograph,
    SavedScreen,
    CaptureDevice,
    SaysBurnedIn,
    SaysRecognizable,
    NoModality,
}

impl Reason {
    /// As a sentence part for people; names no value of a header.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Modality => "pictures of this modality carry text as a rule",
            Self::SecondaryCapture => "it is a secondary capture",
            Self::EncapsulatedDocument => "it holds a document",
            Self::Photograph => "it is a photograph",
            Self::SavedScreen => "its type or description says that a screen was saved",
            Self::CaptureDevice => "a secondary capture device is named",
            Self::SaysBurnedIn => "Burned In Annotation is not NO",
            Self::SaysRecognizable => "Recognizable Visual Features is not NO",
            Self::NoModality => "it names no modality",
        }
    }
}

/// The reasons why an object's pixels may carry text; none where no rule applies.
#[must_use]
pub fn assess(set: &Set<'_>) -> Vec<Reason> {
    let class = set.ascii(SOP_CLASS).unwrap_or_default();
    let modality = set.ascii(MODALITY);
    let present = |tag| {
        set.get(tag).is_some_and(|element| {
            element.bytes().is_none_or(|bytes| !crate::text::trimmed(bytes).is_empty())
        })
    };
    let says = |tag| set.ascii(tag).is_some_and(|value| value != "NO");
    let capture_class =
        class.strip_prefix(SECONDARY_CAPTURE).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let rules = [
        (Reason::NoModality, modality.is_none()),
        (Reason::Modality, modality.is_some_and(|modality| MODALITIES.contains(&modality))),
        (Reason::SecondaryCapture, capture_class || present(CONVERSION_TYPE)),
        (
            Reason::EncapsulatedDocument,
            class.starts_with(ENCAPSULATED) || set.get(ENCAPSULATED_DOCUMENT).is_some(),
        ),
        (Reason::Photograph, class.starts_with(VISIBLE_LIGHT)),
        (Reason::SavedScreen, saved(set, IMAGE_TYPE) || saved(set, SERIES_DESCRIPTION)),
        (Reason::CaptureDevice, CAPTURE_DEVICE.into_iter().any(present)),
        (Reason::SaysBurnedIn, says(BURNED_IN)),
        (Reason::SaysRecognizable, says(RECOGNIZABLE)),
    ];
    rules.into_iter().filter(|(_, applies)| *applies).map(|(reason, _)| reason).collect()
}

fn saved(set: &Set<'_>, tag: Tag) -> bool {
    let bytes = set.bytes(tag).unwrap_or_default().to_ascii_uppercase();
    [b"SAVE".as_slice(), b"SCREEN"].iter().any(|word| bytes.windows(word.len()).any(|window| window == *word))
}

#[cfg(test)]
mod tests {
    use dicom_core::VR;

    use super::*;
    use crate::dataset::Element;

    fn check(elements: &[(Tag, &str)], expected: &[Reason]) {
        let set = elements.iter().map(|(tag, text)| Element::text(*tag, VR::LO, *text)).collect();
        assert_eq!(assess(&Set::new(set)), expected);
    }

    #[test]
    fn a_plain_cross_section_is_not_at_risk() {
        check(&[(MODALITY, "CT"), (IMAGE_TYPE, "ORIGINAL\\PRIMARY\\AXIAL")], &[]);
        check(&[(MODALITY, "MR"), (BURNED_IN, "NO"), (RECOGNIZABLE, "NO ")], &[]);
        check(&[(MODALITY, "CT"), (Tag(0x0018, 0x1016), "")], &[]);
    }

    #[test]
    fn each_rule_names_its_reason() {
        for modality in MODALITIES {
            check(&[(MODALITY, modality)], &[Reason::Modality]);
        }
        check(&[(MODALITY, "US"), (BURNED_IN, "NO")], &[Reason::Modality]);
        check(&[(IMAGE_TYPE, "ORIGINAL\\PRIMARY")], &[Reason::NoModality]);
        check(&[(SOP_CLASS, SECONDARY_CAPTURE), (MODALITY, "CT")], &[Reason::SecondaryCapture]);
        check(&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.7.2"), (MODALITY, "CT")], &[Reason::SecondaryCapture]);
        check(&[(CONVERSION_TYPE, "WSD"), (MODALITY, "CT")], &[Reason::SecondaryCapture]);
        check(
            &[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.104.1"), (MODALITY, "CT")],
            &[Reason::EncapsulatedDocument],
        );
        check(&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.77.1.4"), (MODALITY, "CT")], &[Reason::Photograph]);
        check(&[(IMAGE_TYPE, "DERIVED\\SECONDARY\\SCREEN SAVE"), (MODALITY, "CT")], &[Reason::SavedScreen]);
        check(&[(SERIES_DESCRIPTION, "Saved images"), (MODALITY, "CT")], &[Reason::SavedScreen]);
        check(&[(Tag(0x0018, 0x1016), "Grabber"), (MODALITY, "CT")], &[Reason::CaptureDevice]);
        check(&[(BURNED_IN, "YES"), (MODALITY, "CT")], &[Reason::SaysBurnedIn]);
        check(&[(RECOGNIZABLE, "YES"), (MODALITY, "CT")], &[Reason::SaysRecognizable]);
    }

    #[test]
    fn other_classes_that_begin_alike_are_not_captures() {
        check(&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.77"), (MODALITY, "CT")], &[]);
    }
}
