//! What every object of ours begins with: whose it is, which study it goes into, and what made it.

use crate::part10::{FileMeta, InvalidUid, file_meta, valid_uid};
use crate::source::{Source, put_text};
use crate::syntax::TransferSyntax;
use crate::writer::Writer;
use agent_phi::Purpose;
use dicom_core::VR;
use dicom_dictionary_std::tags;

/// The maker in objects of ours.
const MANUFACTURER: &str = "Ringfence";

/// The identity of an object that is to be written. Time and chance are the caller's.
#[derive(Debug, Clone, Copy)]
pub struct NewObject<'a> {
    pub instance_uid: &'a str,
    pub series_uid: &'a str,
    /// Of things that only this object refers to, such as the organisation of its dimensions.
    pub inner_uid: &'a str,
    /// `YYYYMMDD`.
    pub date: &'a str,
    /// `HHMMSS`.
    pub time: &'a str,
    pub series_number: u16,
    pub series_description: &'a str,
    pub software_version: &'a str,
}

/// Why an object's identity is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidObject {
    #[error(transparent)]
    Uid {
        #[from]
        cause: InvalidUid,
    },
    #[error("the date is not eight digits, or the time is not six")]
    Time,
    #[error("a text has no character, more than 64, or a backslash")]
    Text,
}

impl NewObject<'_> {
    /// Begins a file of this class, in one of the two little-endian encodings.
    pub(crate) fn begin(&self, class_uid: &str, syntax: TransferSyntax) -> Result<Writer, InvalidObject> {
        for (keyword, uid) in [("SeriesInstanceUID", self.series_uid), ("UID", self.inner_uid)] {
            if !valid_uid(uid) {
                return Err(InvalidUid { keyword }.into());
            }
        }
        let digits =
            |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(self.date, 8) || !digits(self.time, 6) {
            return Err(InvalidObject::Time);
        }
        let fits = |text: &str| (1..=64).contains(&text.chars().count()) && !text.contains('\\');
        if !fits(self.series_description) || !fits(self.software_version) {
            return Err(InvalidObject::Text);
        }
        let meta = FileMeta { sop_class_uid: class_uid, sop_instance_uid: self.instance_uid, syntax };
        Ok(Writer::after(file_meta(&meta)?, syntax.encoding().explicit))
    }

    /// Groups 0008 to 0018: SOP Common, General Study, Series and Equipment, and Patient modules. `references` writes
    /// the sequences of group 0008 that stand between Equipment and Patient.
    pub(crate) fn put_head(
        &self,
        writer: &mut Writer,
        class: &Class<'_>,
        source: &Source,
        references: impl FnOnce(&mut Writer),
    ) {
        let text = &source.text;
        // Unicode: texts come out of headers decoded.
        writer.text(tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192");
        if let Some(image_type) = class.image_type {
            writer.text(tags::IMAGE_TYPE, VR::CS, image_type);
        }
        writer.text(tags::INSTANCE_CREATION_DATE, VR::DA, self.date);
        writer.text(tags::INSTANCE_CREATION_TIME, VR::TM, self.time);
        writer.text(tags::SOP_CLASS_UID, VR::UI, class.uid);
        writer.text(tags::SOP_INSTANCE_UID, VR::UI, self.instance_uid);
        put_text(writer, tags::STUDY_DATE, VR::DA, text.study_date.as_ref());
        writer.text(tags::SERIES_DATE, VR::DA, self.date);
        if class.content_time {
            writer.text(tags::CONTENT_DATE, VR::DA, self.date);
        }
        put_text(writer, tags::STUDY_TIME, VR::TM, text.study_time.as_ref());
        writer.text(tags::SERIES_TIME, VR::TM, self.time);
        if class.content_time {
            writer.text(tags::CONTENT_TIME, VR::TM, self.time);
        }
        put_text(writer, tags::ACCESSION_NUMBER, VR::SH, text.accession_number.as_ref());
        writer.text(tags::MODALITY, VR::CS, class.modality);
        writer.text(tags::MANUFACTURER, VR::LO, MANUFACTURER);
        put_text(writer, tags::REFERRING_PHYSICIAN_NAME, VR::PN, text.referring_physician.as_ref());
        writer.text(tags::SERIES_DESCRIPTION, VR::LO, self.series_description);
        if class.modality == "RTSTRUCT" {
            // RT Series (PS3.3 §C.8.8.1) wants it, if only empty.
            writer.text(tags::OPERATORS_NAME, VR::PN, "");
        }
        writer.text(tags::MANUFACTURER_MODEL_NAME, VR::LO, MANUFACTURER);
        references(writer);
        put_text(writer, tags::PATIENT_NAME, VR::PN, text.patient_name.as_ref());
        let id = text.patient_id.as_ref().map_or("", |id| id.expose(Purpose::DicomPeer));
        writer.text(tags::PATIENT_ID, VR::LO, id);
        put_text(writer, tags::PATIENT_BIRTH_DATE, VR::DA, text.patient_birth_date.as_ref());
        put_text(writer, tags::PATIENT_SEX, VR::CS, text.patient_sex.as_ref());
        // A program has no serial number, and the standard wants one.
        writer.text(tags::DEVICE_SERIAL_NUMBER, VR::LO, "0");
        writer.text(tags::SOFTWARE_VERSIONS, VR::LO, self.software_version);
    }

    /// Group 0020, as far as study, series, instance and frame of reference go.
    pub(crate) fn put_place(&self, writer: &mut Writer, source: &Source) {
        writer.text(tags::STUDY_INSTANCE_UID, VR::UI, source.study.expose(Purpose::DicomPeer));
        writer.text(tags::SERIES_INSTANCE_UID, VR::UI, self.series_uid);
        put_text(writer, tags::STUDY_ID, VR::SH, source.text.study_id.as_ref());
        writer.text(tags::SERIES_NUMBER, VR::IS, &self.series_number.to_string());
        writer.text(tags::INSTANCE_NUMBER, VR::IS, "1");
        writer.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, source.frame_of_reference());
        writer.text(tags::POSITION_REFERENCE_INDICATOR, VR::LO, "");
    }
}

/// What kind of object it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class<'a> {
    pub(crate) uid: &'a str,
    pub(crate) modality: &'a str,
    pub(crate) image_type: Option<&'a str>,
    /// The object has a Content Date and Time.
    pub(crate) content_time: bool,
}
