//! The SOP classes that are offered, and what each is for. The conformance statement is made of the same tables.

use crate::peers::Right;
use agent_formats::TransferSyntax;
use agent_formats::part10::valid_uid;
use dicom_core::dictionary::UidDictionary;
use dicom_dictionary_std::StandardSopClassDictionary;

pub(crate) const VERIFICATION: &str = "1.2.840.10008.1.1";
pub(crate) const STUDY_ROOT_FIND: &str = "1.2.840.10008.5.1.4.1.2.2.1";
pub(crate) const STUDY_ROOT_MOVE: &str = "1.2.840.10008.5.1.4.1.2.2.2";
pub(crate) const STUDY_ROOT_GET: &str = "1.2.840.10008.5.1.4.1.2.2.3";
pub(crate) const COMMITMENT: &str = "1.2.840.10008.1.20.1";
/// PS3.4 §J.3.5: the one instance of the class above.
pub(crate) const COMMITMENT_INSTANCE: &str = "1.2.840.10008.1.20.1.1";

/// What a presentation context is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Verification,
    Storage,
    Find,
    Move,
    Get,
    Commitment,
}

/// One class that is not a storage class.
pub(crate) struct Class {
    pub(crate) uid: &'static str,
    pub(crate) name: &'static str,
    pub(crate) service: Service,
    /// What a caller must be allowed to do; none for everybody who is let in.
    pub(crate) right: Option<Right>,
}

/// Everything that is offered but storage. Source: PS3.6 Table A-1.
pub(crate) const CLASSES: [Class; 5] = [
    Class { uid: VERIFICATION, name: "Verification", service: Service::Verification, right: None },
    Class {
        uid: STUDY_ROOT_FIND,
        name: "Study Root Query/Retrieve Information Model - FIND",
        service: Service::Find,
        right: Some(Right::Find),
    },
    Class {
        uid: STUDY_ROOT_MOVE,
        name: "Study Root Query/Retrieve Information Model - MOVE",
        service: Service::Move,
        right: Some(Right::Move),
    },
    Class {
        uid: STUDY_ROOT_GET,
        name: "Study Root Query/Retrieve Information Model - GET",
        service: Service::Get,
        right: Some(Right::Get),
    },
    Class {
        uid: COMMITMENT,
        name: "Storage Commitment Push Model",
        service: Service::Commitment,
        right: Some(Right::Commit),
    },
];

/// What a class is for; none when it is not offered.
pub(crate) fn service(class: &str) -> Option<Service> {
    let known = CLASSES.iter().find(|known| known.uid == class).map(|known| known.service);
    known.or_else(|| is_storage(class).then_some(Service::Storage))
}

/// What a caller must be allowed to do for it.
pub(crate) fn right(service: Service) -> Option<Right> {
    match service {
        Service::Storage => Some(Right::Store),
        Service::Verification | Service::Find | Service::Move | Service::Get | Service::Commitment => {
            CLASSES.iter().find(|class| class.service == service).and_then(|class| class.right)
        }
    }
}

/// Every class of the standard that stores an object, and private ones, of which only the vendor knows what they are.
pub(crate) fn is_storage(class: &str) -> bool {
    match StandardSopClassDictionary.by_uid(class) {
        Some(entry) => {
            entry.alias.contains("Storage")
                && !entry.alias.contains("Commitment")
                && entry.alias != "MediaStorageDirectoryStorage"
        }
        // New storage classes of the standard live under this arc (PS3.6 Annex A).
        None => {
            valid_uid(class)
                && (!class.starts_with("1.2.840.10008.") || class.starts_with("1.2.840.10008.5.1.4.1.1."))
        }
    }
}

/// The syntaxes of identifiers and of the data sets of actions: the ones that need no codec.
pub(crate) const PLAIN_SYNTAXES: [TransferSyntax; 3] =
    [TransferSyntax::ExplicitLittle, TransferSyntax::ImplicitLittle, TransferSyntax::ExplicitBig];

/// Compressed syntaxes that we ask for when we take objects with C-GET, the usual ones of archives first.
pub(crate) const COMPRESSED_SYNTAXES: [TransferSyntax; 9] = [
    TransferSyntax::Jpeg2000Lossless,
    TransferSyntax::JpegLosslessFirstOrder,
    TransferSyntax::JpegLsLossless,
    TransferSyntax::RleLossless,
    TransferSyntax::Jpeg2000,
    TransferSyntax::JpegBaseline,
    TransferSyntax::JpegExtended,
    TransferSyntax::JpegLsNearLossless,
    TransferSyntax::HighThroughputJpeg2000Lossless,
];

/// Storage classes that we ask for when we take objects with C-GET. An association has room for 127 contexts beside
/// that of the query, two for each class, so the list holds what is annotated and what describes it.
pub(crate) const RETRIEVED_CLASSES: [(&str, &str); 36] = [
    ("1.2.840.10008.5.1.4.1.1.1", "Computed Radiography Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.1.1", "Digital X-Ray Image Storage - For Presentation"),
    ("1.2.840.10008.5.1.4.1.1.1.1.1", "Digital X-Ray Image Storage - For Processing"),
    ("1.2.840.10008.5.1.4.1.1.1.2", "Digital Mammography X-Ray Image Storage - For Presentation"),
    ("1.2.840.10008.5.1.4.1.1.1.2.1", "Digital Mammography X-Ray Image Storage - For Processing"),
    ("1.2.840.10008.5.1.4.1.1.2", "CT Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.2.1", "Enhanced CT Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.2.2", "Legacy Converted Enhanced CT Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.3.1", "Ultrasound Multi-frame Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.4", "MR Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.4.1", "Enhanced MR Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.4.3", "Enhanced MR Color Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.4.4", "Legacy Converted Enhanced MR Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.6.1", "Ultrasound Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.6.2", "Enhanced US Volume Storage"),
    ("1.2.840.10008.5.1.4.1.1.7", "Secondary Capture Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.7.2", "Multi-frame Grayscale Byte Secondary Capture Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.7.3", "Multi-frame Grayscale Word Secondary Capture Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.7.4", "Multi-frame True Color Secondary Capture Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.11.1", "Grayscale Softcopy Presentation State Storage"),
    ("1.2.840.10008.5.1.4.1.1.12.1", "X-Ray Angiographic Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.12.1.1", "Enhanced XA Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.12.2", "X-Ray Radiofluoroscopic Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.13.1.1", "X-Ray 3D Angiographic Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.13.1.3", "Breast Tomosynthesis Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.20", "Nuclear Medicine Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.30", "Parametric Map Storage"),
    ("1.2.840.10008.5.1.4.1.1.66.4", "Segmentation Storage"),
    ("1.2.840.10008.5.1.4.1.1.66.7", "Label Map Segmentation Storage"),
    ("1.2.840.10008.5.1.4.1.1.88.22", "Enhanced SR Storage"),
    ("1.2.840.10008.5.1.4.1.1.88.33", "Comprehensive SR Storage"),
    ("1.2.840.10008.5.1.4.1.1.88.34", "Comprehensive 3D SR Storage"),
    ("1.2.840.10008.5.1.4.1.1.128", "Positron Emission Tomography Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.128.1", "Legacy Converted Enhanced PET Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.130", "Enhanced PET Image Storage"),
    ("1.2.840.10008.5.1.4.1.1.481.3", "RT Structure Set Storage"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn storage_and_private_classes_are_storage_and_queries_are_not() {
        for class in ["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.66.4", "1.3.12.2.1107.5.9.1"] {
            assert_eq!(service(class), Some(Service::Storage), "{class}");
        }
        for class in ["../../etc", "", "1.2.840.10008.1.3.10", "1.2.840.10008.5.1.4.1.2.1.1"] {
            assert_eq!(service(class), None, "{class}");
        }
        assert_eq!(service(STUDY_ROOT_FIND), Some(Service::Find));
    }

    #[test]
    fn the_classes_of_the_tables_are_those_of_the_standard() {
        for class in &CLASSES {
            assert!(StandardSopClassDictionary.by_uid(class.uid).is_some(), "{}", class.name);
            assert!(!is_storage(class.uid), "{}", class.name);
        }
        for (uid, name) in RETRIEVED_CLASSES {
            assert!(is_storage(uid), "{name}");
        }
        // Two contexts for each class, and one for the query.
        assert!(RETRIEVED_CLASSES.len() * 2 < 128);
    }
}
