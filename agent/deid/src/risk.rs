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
const MANUFACTURER: Tag = Tag(0x0008, 0x0070);
const SERIES_DESCRIPTION: Tag = Tag(0x0008, 0x103E);
const MODEL: Tag = Tag(0x0008, 0x1090);
const SOFTWARE_VERSIONS: Tag = Tag(0x0018, 0x1020);
const ROWS: Tag = Tag(0x0028, 0x0010);
const COLUMNS: Tag = Tag(0x0028, 0x0011);
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
    Unreadable,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Modality,
        Self::SecondaryCapture,
        Self::EncapsulatedDocument,
        Self::Photograph,
        Self::SavedScreen,
        Self::CaptureDevice,
        Self::SaysBurnedIn,
        Self::SaysRecognizable,
        Self::NoModality,
        Self::Unreadable,
    ];

    /// A short name that is stored and sent; never used again for something else.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Modality => "modality",
            Self::SecondaryCapture => "secondary-capture",
            Self::EncapsulatedDocument => "encapsulated-document",
            Self::Photograph => "photograph",
            Self::SavedScreen => "saved-screen",
            Self::CaptureDevice => "capture-device",
            Self::SaysBurnedIn => "says-burned-in",
            Self::SaysRecognizable => "says-recognizable",
            Self::NoModality => "no-modality",
            Self::Unreadable => "unreadable",
        }
    }

    /// The reason of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Whether painting over the places where a device writes its text does away with the reason. A document is
    /// text throughout, and a face is wherever the patient is.
    #[must_use]
    pub fn regions_help(self) -> bool {
        match self {
            Self::Modality
            | Self::SecondaryCapture
            | Self::SavedScreen
            | Self::CaptureDevice
            | Self::SaysBurnedIn
            | Self::NoModality => true,
            Self::EncapsulatedDocument | Self::Photograph | Self::SaysRecognizable | Self::Unreadable => {
                false
            }
        }
    }

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
            Self::Unreadable => "its header cannot be examined",
        }
    }
}

/// What names the kind of device that made an object, and the size of its pictures: text that a device burns in
/// stands at the same place in all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    pub manufacturer: String,
    pub model: String,
    pub software_version: Option<String>,
    pub modality: String,
    pub rows: u32,
    pub columns: u32,
}

impl Device {
    /// The kind of device of an object; none where its header does not name one.
    #[must_use]
    pub fn of(set: &Set<'_>) -> Option<Self> {
        // 64 characters are the length of the VR LO (PS3.5 §6.2).
        let text = |tag| set.ascii(tag).filter(|text| text.len() <= 64).map(str::to_owned);
        let size = |tag| set.short(tag).filter(|size| *size > 0).map(u32::from);
        Some(Self {
            manufacturer: text(MANUFACTURER)?,
            model: text(MODEL)?,
            software_version: text(SOFTWARE_VERSIONS),
            modality: text(MODALITY)?,
            rows: size(ROWS)?,
            columns: size(COLUMNS)?,
        })
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
    fn a_code_reads_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_code(reason.code()), Some(reason));
        }
    }

    #[test]
    fn other_classes_that_begin_alike_are_not_captures() {
        check(&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.77"), (MODALITY, "CT")], &[]);
    }
}
