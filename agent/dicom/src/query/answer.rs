//! What is told of one match.

use super::data_set::Writer;
use super::identifier::Identifier;
use super::text::charset_for;
use crate::catalogue::{InstanceEntry, SeriesEntry, StudyEntry};
use agent_formats::syntax::Encoding;
use agent_phi::{HeaderText, Purpose};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;

/// A match: a study, and below it what the query's level goes down to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) study: &'a StudyEntry,
    pub(crate) series: Option<&'a SeriesEntry>,
    pub(crate) instance: Option<&'a InstanceEntry>,
}

fn text(value: Option<&HeaderText>) -> Vec<String> {
    value.map(|value| value.expose(Purpose::DicomPeer).to_owned()).into_iter().collect()
}

impl Row<'_> {
    /// The values of an attribute; none when it is not held.
    pub(crate) fn values(&self, tag: Tag) -> Vec<String> {
        let study = &self.study.text;
        match tag {
            tags::STUDY_INSTANCE_UID => vec![self.study.uid.expose(Purpose::DicomPeer).to_owned()],
            tags::STUDY_DATE => text(study.study_date.as_ref()),
            tags::STUDY_TIME => text(study.study_time.as_ref()),
            tags::ACCESSION_NUMBER => text(study.accession_number.as_ref()),
            tags::MODALITIES_IN_STUDY => {
                self.study.modalities.iter().flat_map(|modality| text(Some(modality))).collect()
            }
            tags::REFERRING_PHYSICIAN_NAME => text(study.referring_physician.as_ref()),
            tags::STUDY_DESCRIPTION => text(study.study_description.as_ref()),
            tags::PATIENT_NAME => text(study.patient_name.as_ref()),
            tags::PATIENT_ID => {
                study.patient_id.iter().map(|id| id.expose(Purpose::DicomPeer).to_owned()).collect()
            }
            tags::PATIENT_BIRTH_DATE => text(study.patient_birth_date.as_ref()),
            tags::PATIENT_SEX => text(study.patient_sex.as_ref()),
            tags::STUDY_ID => text(study.study_id.as_ref()),
            tags::NUMBER_OF_STUDY_RELATED_SERIES => vec![self.study.series.to_string()],
            tags::NUMBER_OF_STUDY_RELATED_INSTANCES => vec![self.study.instances.to_string()],
            _ => self.series_values(tag),
        }
    }

    fn series_values(&self, tag: Tag) -> Vec<String> {
        let Some(series) = self.series else { return Vec::new() };
        match tag {
            tags::SERIES_INSTANCE_UID => vec![series.uid.expose(Purpose::DicomPeer).to_owned()],
            tags::MODALITY => text(series.text.modality.as_ref()),
            tags::SERIES_DESCRIPTION => text(series.text.series_description.as_ref()),
            tags::BODY_PART_EXAMINED => text(series.text.body_part.as_ref()),
            tags::SERIES_NUMBER => text(series.text.series_number.as_ref()),
            tags::NUMBER_OF_SERIES_RELATED_INSTANCES => vec![series.instances.to_string()],
            _ => self.instance_values(tag),
        }
    }

    fn instance_values(&self, tag: Tag) -> Vec<String> {
        let Some(instance) = self.instance else { return Vec::new() };
        match tag {
            tags::SOP_INSTANCE_UID => vec![instance.uid.expose(Purpose::DicomPeer).to_owned()],
            tags::SOP_CLASS_UID => vec![instance.sop_class_uid.clone()],
            tags::INSTANCE_NUMBER => text(instance.number.as_ref()),
            _ => Vec::new(),
        }
    }
}

/// The identifier of one response: every key that was asked for, with its value or empty (PS3.4 §C.4.1.1.3.2).
pub(crate) fn answer(query: &Identifier, row: Row<'_>, encoding: Encoding, ae_title: &str) -> Vec<u8> {
    let mut elements: Vec<(Tag, VR, String)> = vec![
        (tags::QUERY_RETRIEVE_LEVEL, VR::CS, query.level.code().to_owned()),
        (tags::RETRIEVE_AE_TITLE, VR::AE, ae_title.to_owned()),
        (tags::INSTANCE_AVAILABILITY, VR::CS, "ONLINE".to_owned()),
    ];
    let values = query.asked.iter();
    elements.extend(values.map(|asked| (asked.key.tag, asked.key.vr, row.values(asked.key.tag).join("\\"))));
    if let Some(charset) = charset_for(elements.iter().map(|(_, _, value)| value.as_str())) {
        elements.push((tags::SPECIFIC_CHARACTER_SET, VR::CS, charset.to_owned()));
    }
    elements.sort_by_key(|(tag, _, _)| *tag);
    let mut writer = Writer::new(encoding);
    for (tag, vr, value) in elements {
        writer.text(tag, vr, &value);
    }
    writer.finish()
}
