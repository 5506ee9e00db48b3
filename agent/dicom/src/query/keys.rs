//! Which attributes a query may hold. Source: PS3.4 Tables C.6-5, C.6-3 and C.6-4 (Study Root).

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// What a query is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Study,
    Series,
    Image,
}

impl Level {
    /// Every level of the Study Root model.
    pub const ALL: [Self; 3] = [Self::Study, Self::Series, Self::Image];

    /// The value of Query/Retrieve Level (0008,0052).
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Study => "STUDY",
            Self::Series => "SERIES",
            Self::Image => "IMAGE",
        }
    }

    /// The level of this value.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// The attribute that tells the things of this level apart.
    pub(crate) const fn unique_key(self) -> Tag {
        match self {
            Self::Study => tags::STUDY_INSTANCE_UID,
            Self::Series => tags::SERIES_INSTANCE_UID,
            Self::Image => tags::SOP_INSTANCE_UID,
        }
    }
}

/// How an attribute is compared with what was asked for (PS3.4 §C.2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    /// Single value, or a list of UIDs.
    Uid,
    /// Single value or wildcards; letter case counts.
    Text,
    /// As text, but letter case and empty components at the end do not count.
    Name,
    /// Single value or a range of days.
    Date,
    /// Single value or a range of times.
    Time,
    /// Single value, as a number.
    Number,
    /// Not compared; only returned.
    ReturnOnly,
}

/// What the standard asks of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unique,
    Required,
    Optional,
}

/// One attribute that may be asked for.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) tag: Tag,
    pub(crate) vr: VR,
    pub(crate) keyword: &'static str,
    pub(crate) level: Level,
    pub(crate) kind: Kind,
    pub(crate) matching: Matching,
}

macro_rules! keys {
    ($($level:ident $kind:ident $matching:ident $vr:ident $tag:ident $keyword:literal,)+) => {
        /// In the order of their tags.
        pub(crate) const KEYS: &[Key] = &[$(Key {
            tag: tags::$tag,
            vr: VR::$vr,
            keyword: $keyword,
            level: Level::$level,
            kind: Kind::$kind,
            matching: Matching::$matching,
        }),+];
    };
}

keys! {
    Image Optional Uid UI SOP_CLASS_UID "SOPClassUID",
    Image Unique Uid UI SOP_INSTANCE_UID "SOPInstanceUID",
    Study Required Date DA STUDY_DATE "StudyDate",
    Study Required Time TM STUDY_TIME "StudyTime",
    Study Required Text SH ACCESSION_NUMBER "AccessionNumber",
    Series Required Text CS MODALITY "Modality",
    Study Optional Text CS MODALITIES_IN_STUDY "ModalitiesInStudy",
    Study Optional Name PN REFERRING_PHYSICIAN_NAME "ReferringPhysicianName",
    Study Optional Text LO STUDY_DESCRIPTION "StudyDescription",
    Series Optional Text LO SERIES_DESCRIPTION "SeriesDescription",
    Study Required Name PN PATIENT_NAME "PatientName",
    Study Required Text LO PATIENT_ID "PatientID",
    Study Optional Date DA PATIENT_BIRTH_DATE "PatientBirthDate",
    Study Optional Text CS PATIENT_SEX "PatientSex",
    Series Optional Text CS BODY_PART_EXAMINED "BodyPartExamined",
    Study Unique Uid UI STUDY_INSTANCE_UID "StudyInstanceUID",
    Series Unique Uid UI SERIES_INSTANCE_UID "SeriesInstanceUID",
    Study Required Text SH STUDY_ID "StudyID",
    Series Required Number IS SERIES_NUMBER "SeriesNumber",
    Image Required Number IS INSTANCE_NUMBER "InstanceNumber",
    Study Optional ReturnOnly IS NUMBER_OF_STUDY_RELATED_SERIES "NumberOfStudyRelatedSeries",
    Study Optional ReturnOnly IS NUMBER_OF_STUDY_RELATED_INSTANCES "NumberOfStudyRelatedInstances",
    Series Optional ReturnOnly IS NUMBER_OF_SERIES_RELATED_INSTANCES "NumberOfSeriesRelatedInstances",
}

impl Key {
    /// The key of this tag.
    pub(crate) fn of(tag: Tag) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.tag == tag)
    }

    /// The key of this keyword.
    pub(crate) fn named(keyword: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.keyword == keyword)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry};
    use dicom_dictionary_std::StandardDataDictionary;

    #[test]
    fn the_table_is_that_of_the_data_dictionary_and_in_order() {
        assert!(KEYS.windows(2).all(|pair| pair[0].tag < pair[1].tag));
        for key in KEYS {
            let entry = StandardDataDictionary.by_tag(key.tag).unwrap();
            assert_eq!((entry.alias(), entry.vr().relaxed()), (key.keyword, key.vr));
        }
    }

    #[test]
    fn each_level_has_its_unique_key() {
        for level in Level::ALL {
            let key = Key::of(level.unique_key()).unwrap();
            assert_eq!((key.level, key.kind), (level, Kind::Unique));
            assert_eq!(Level::from_code(level.code()), Some(level));
        }
        assert_eq!(Level::from_code("PATIENT"), None);
    }
}
