//! The attributes that queries know, and how a row of them is written.

use agent_archive::{SeriesRow, StudyHeader, StudyRow};
use agent_phi::{HeaderText, Purpose};
use serde_json::{Map, Value, json};

/// An attribute that a query can match and an answer has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) tag: u32,
    pub(super) keyword: &'static str,
    pub(super) vr: &'static str,
}

impl Attribute {
    /// As eight hexadecimal digits.
    pub(super) fn digits(&self) -> String {
        format!("{:08X}", self.tag)
    }

    fn named(&self, name: &str) -> bool {
        self.keyword == name || self.digits().eq_ignore_ascii_case(name)
    }
}

macro_rules! attributes {
    ($($name:ident = $tag:literal, $keyword:literal, $vr:literal;)+) => {
        $(pub(super) static $name: Attribute = Attribute { tag: $tag, keyword: $keyword, vr: $vr };)+
        static ALL: &[&Attribute] = &[$(&$name),+];
    };
}

attributes! {
    SOP_CLASS_UID = 0x0008_0016, "SOPClassUID", "UI";
    SOP_INSTANCE_UID = 0x0008_0018, "SOPInstanceUID", "UI";
    STUDY_DATE = 0x0008_0020, "StudyDate", "DA";
    STUDY_TIME = 0x0008_0030, "StudyTime", "TM";
    ACCESSION_NUMBER = 0x0008_0050, "AccessionNumber", "SH";
    INSTANCE_AVAILABILITY = 0x0008_0056, "InstanceAvailability", "CS";
    MODALITY = 0x0008_0060, "Modality", "CS";
    MODALITIES_IN_STUDY = 0x0008_0061, "ModalitiesInStudy", "CS";
    REFERRING_PHYSICIAN = 0x0008_0090, "ReferringPhysicianName", "PN";
    STUDY_DESCRIPTION = 0x0008_1030, "StudyDescription", "LO";
    SERIES_DESCRIPTION = 0x0008_103E, "SeriesDescription", "LO";
    RETRIEVE_URL = 0x0008_1190, "RetrieveURL", "UR";
    AVAILABLE_TRANSFER_SYNTAX = 0x0008_3002, "AvailableTransferSyntaxUID", "UI";
    PATIENT_NAME = 0x0010_0010, "PatientName", "PN";
    PATIENT_ID = 0x0010_0020, "PatientID", "LO";
    PATIENT_BIRTH_DATE = 0x0010_0030, "PatientBirthDate", "DA";
    PATIENT_SEX = 0x0010_0040, "PatientSex", "CS";
    BODY_PART = 0x0018_0015, "BodyPartExamined", "CS";
    STUDY_UID = 0x0020_000D, "StudyInstanceUID", "UI";
    SERIES_UID = 0x0020_000E, "SeriesInstanceUID", "UI";
    STUDY_ID = 0x0020_0010, "StudyID", "SH";
    SERIES_NUMBER = 0x0020_0011, "SeriesNumber", "IS";
    INSTANCE_NUMBER = 0x0020_0013, "InstanceNumber", "IS";
    SERIES_IN_STUDY = 0x0020_1206, "NumberOfStudyRelatedSeries", "IS";
    INSTANCES_IN_STUDY = 0x0020_1208, "NumberOfStudyRelatedInstances", "IS";
    INSTANCES_IN_SERIES = 0x0020_1209, "NumberOfSeriesRelatedInstances", "IS";
}

/// Every attribute that a query knows.
pub(super) fn all() -> impl Iterator<Item = &'static Attribute> {
    ALL.iter().copied()
}

/// The attribute of a keyword or of eight hexadecimal digits.
pub(super) fn named(name: &str) -> Option<&'static Attribute> {
    ALL.iter().find(|attribute| attribute.named(name)).copied()
}

/// An attribute with its values; none of them is empty.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) attribute: &'static Attribute,
    pub(super) values: Vec<HeaderText>,
}

/// What one row of an answer has, in no order.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(pub(super) Vec<Field>);

impl Fields {
    pub(super) fn put(
        &mut self,
        attribute: &'static Attribute,
        values: impl IntoIterator<Item = HeaderText>,
    ) {
        self.0.push(Field { attribute, values: values.into_iter().collect() });
    }

    /// A text of ours, or one that was checked before.
    pub(super) fn text(&mut self, attribute: &'static Attribute, text: impl Into<String>) {
        self.put(attribute, HeaderText::new(text));
    }

    pub(super) fn values(&self, attribute: &Attribute) -> &[HeaderText] {
        let field = self.0.iter().find(|field| field.attribute.tag == attribute.tag);
        field.map_or(&[], |field| field.values.as_slice())
    }

    /// What came out of the headers of a study.
    pub(super) fn of_study_header(row: &StudyHeader) -> Self {
        let mut fields = Self::default();
        let id = row.patient_id.as_ref().map(|id| HeaderText::new(id.expose(Purpose::DicomPeer)));
        fields.put(&PATIENT_ID, id.into_iter().flatten());
        for (attribute, value) in [
            (&STUDY_DATE, &row.study_date),
            (&STUDY_TIME, &row.study_time),
            (&ACCESSION_NUMBER, &row.accession_number),
            (&REFERRING_PHYSICIAN, &row.referring_physician),
            (&STUDY_DESCRIPTION, &row.study_description),
            (&PATIENT_NAME, &row.patient_name),
            (&PATIENT_BIRTH_DATE, &row.patient_birth_date),
            (&PATIENT_SEX, &row.patient_sex),
            (&STUDY_ID, &row.study_id),
        ] {
            fields.put(attribute, value.clone());
        }
        fields
    }

    /// What came out of the headers of a study.
    pub(super) fn of_study(row: &StudyRow) -> Self {
        let mut fields = Self::of_study_header(&row.header);
        fields.text(&STUDY_UID, row.study_uid.expose(Purpose::DicomPeer));
        fields
    }

    /// What came out of the headers of a series, with that of its study.
    pub(super) fn of_series(row: &SeriesRow) -> Self {
        let mut fields = Self::of_study_header(&row.header);
        fields.text(&STUDY_UID, row.study_uid.expose(Purpose::DicomPeer));
        fields.text(&SERIES_UID, row.series_uid.expose(Purpose::DicomPeer));
        for (attribute, value) in [
            (&MODALITY, &row.header.modality),
            (&SERIES_DESCRIPTION, &row.header.series_description),
            (&BODY_PART, &row.header.body_part),
            (&SERIES_NUMBER, &row.header.series_number),
        ] {
            fields.put(attribute, value.clone());
        }
        fields
    }

    /// In the DICOM JSON model (PS3.18 Annex F).
    pub(super) fn write(&self, out: &mut Map<String, Value>) {
        for field in &self.0 {
            let vr = field.attribute.vr;
            let mut element = Map::new();
            element.insert("vr".into(), json!(vr));
            let values: Vec<Value> = field.values.iter().filter_map(|value| shown(vr, value)).collect();
            if !values.is_empty() {
                element.insert("Value".into(), Value::Array(values));
            }
            out.insert(field.attribute.digits(), Value::Object(element));
        }
    }
}

/// None for an integer string that is none.
fn shown(vr: &str, value: &HeaderText) -> Option<Value> {
    let text = value.expose(Purpose::DicomPeer);
    match vr {
        "IS" => text.trim().parse::<i64>().ok().map(Value::from),
        "PN" => {
            let keys = ["Alphabetic", "Ideographic", "Phonetic"];
            let groups = keys.into_iter().zip(text.split('=')).filter(|(_, group)| !group.is_empty());
            Some(
                groups.map(|(key, group)| (key.to_owned(), Value::from(group))).collect::<Map<_, _>>().into(),
            )
        }
        _ => Some(Value::from(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_known_by_keyword_and_by_tag() {
        assert_eq!(named("PatientID"), Some(&PATIENT_ID));
        assert_eq!(named("0020000d"), Some(&STUDY_UID));
        assert_eq!(named("patientid"), None);
        assert!(ALL.windows(2).all(|pair| pair[0].tag < pair[1].tag));
    }
}
