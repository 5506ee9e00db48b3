//! The header of each instance: what its IOD asks for, and an identifier wherever one may stand.

use std::collections::BTreeMap;
use std::path::Path;

use dicom_core::header::{DataElement, Length};
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::{FileMetaTableBuilder, InMemDicomObject};

use super::canary::Canaries;
use super::slices::Geometry;
use super::{GenerateError, Modality, Options};

/// Identifying attributes that may stand in a CT or MR image (PS3.15 E.1), with a value each.
const IDENTIFYING: [(Tag, VR); 60] = [
    (tags::STUDY_DATE, VR::DA),
    (tags::SERIES_DATE, VR::DA),
    (tags::ACQUISITION_DATE, VR::DA),
    (tags::CONTENT_DATE, VR::DA),
    (tags::STUDY_TIME, VR::TM),
    (tags::SERIES_TIME, VR::TM),
    (tags::ACQUISITION_TIME, VR::TM),
    (tags::CONTENT_TIME, VR::TM),
    (tags::ACCESSION_NUMBER, VR::SH),
    (tags::MANUFACTURER, VR::LO),
    (tags::INSTITUTION_NAME, VR::LO),
    (tags::INSTITUTION_ADDRESS, VR::ST),
    (tags::REFERRING_PHYSICIAN_NAME, VR::PN),
    (tags::STATION_NAME, VR::SH),
    (tags::STUDY_DESCRIPTION, VR::LO),
    (tags::SERIES_DESCRIPTION, VR::LO),
    (tags::INSTITUTIONAL_DEPARTMENT_NAME, VR::LO),
    (tags::PHYSICIANS_OF_RECORD, VR::PN),
    (tags::PERFORMING_PHYSICIAN_NAME, VR::PN),
    (tags::NAME_OF_PHYSICIANS_READING_STUDY, VR::PN),
    (tags::OPERATORS_NAME, VR::PN),
    (tags::ADMITTING_DIAGNOSES_DESCRIPTION, VR::LO),
    (tags::MANUFACTURER_MODEL_NAME, VR::LO),
    (tags::DERIVATION_DESCRIPTION, VR::ST),
    (tags::PATIENT_NAME, VR::PN),
    (tags::PATIENT_ID, VR::LO),
    (tags::ISSUER_OF_PATIENT_ID, VR::LO),
    (tags::PATIENT_BIRTH_DATE, VR::DA),
    (tags::PATIENT_BIRTH_TIME, VR::TM),
    (tags::OTHER_PATIENT_NAMES, VR::PN),
    (tags::PATIENT_BIRTH_NAME, VR::PN),
    (tags::PATIENT_SIZE, VR::DS),
    (tags::PATIENT_WEIGHT, VR::DS),
    (tags::PATIENT_ADDRESS, VR::LO),
    (tags::PATIENT_MOTHER_BIRTH_NAME, VR::PN),
    (tags::MEDICAL_ALERTS, VR::LO),
    (tags::ALLERGIES, VR::LO),
    (tags::COUNTRY_OF_RESIDENCE, VR::LO),
    (tags::PATIENT_TELEPHONE_NUMBERS, VR::SH),
    // Ethnic Group, retired and still sent.
    (Tag(0x0010, 0x2160), VR::SH),
    (tags::OCCUPATION, VR::SH),
    (tags::ADDITIONAL_PATIENT_HISTORY, VR::LT),
    (tags::PATIENT_COMMENTS, VR::LT),
    (tags::CONTRAST_BOLUS_AGENT, VR::LO),
    (tags::DEVICE_SERIAL_NUMBER, VR::LO),
    (tags::SOFTWARE_VERSIONS, VR::LO),
    (tags::PROTOCOL_NAME, VR::LO),
    (tags::ACQUISITION_DEVICE_PROCESSING_DESCRIPTION, VR::LO),
    (tags::STUDY_ID, VR::SH),
    (tags::IMAGE_COMMENTS, VR::LT),
    (tags::REQUESTING_PHYSICIAN, VR::PN),
    (tags::REQUESTING_SERVICE, VR::LO),
    (tags::REQUESTED_PROCEDURE_DESCRIPTION, VR::LO),
    (tags::CURRENT_PATIENT_LOCATION, VR::LO),
    (tags::PATIENT_INSTITUTION_RESIDENCE, VR::LO),
    (tags::PERFORMED_STATION_AE_TITLE, VR::AE),
    (tags::PERFORMED_PROCEDURE_STEP_ID, VR::SH),
    (tags::PERFORMED_PROCEDURE_STEP_DESCRIPTION, VR::LO),
    (tags::COMMENTS_ON_THE_PERFORMED_PROCEDURE_STEP, VR::ST),
    (tags::PERFORMED_PROCEDURE_STEP_START_DATE, VR::DA),
];

const IMPLEMENTATION: &str = "2.25.219836412079348213490583498273094820";

/// One series: what all its instances say alike.
#[derive(Debug)]
pub(super) struct Series {
    modality: Modality,
    geometry: Geometry,
    /// What is written first; another syntax comes from a conversion.
    transfer_syntax: &'static str,
    study_uid: String,
    series_uid: String,
    instance_uids: Vec<String>,
    /// Elements that every instance has.
    common: InMemDicomObject,
    canaries: BTreeMap<String, String>,
}

impl Series {
    pub(super) fn new(options: &Options, geometry: Geometry) -> Self {
        let mut canaries = Canaries::new(&options.key);
        let modality = options.modality.code();
        let study_uid = canaries.uid("StudyInstanceUID");
        let series_uid = canaries.uid(&format!("SeriesInstanceUID/{modality}"));
        let frame_uid = canaries.uid("FrameOfReferenceUID");
        let instance_uids =
            (1..=geometry.size[2]).map(|number| canaries.uid(&format!("SOPInstanceUID/{modality}/{number}")));
        let instance_uids = instance_uids.collect();
        let mut common = identified(&mut canaries);
        for (tag, uid) in [
            (tags::STUDY_INSTANCE_UID, &study_uid),
            (tags::SERIES_INSTANCE_UID, &series_uid),
            (tags::FRAME_OF_REFERENCE_UID, &frame_uid),
        ] {
            put(&mut common, tag, VR::UI, uid);
        }
        for (tag, vr, value) in for_all(options.modality).iter().chain(for_modality(options.modality)) {
            put(&mut common, *tag, *vr, value);
        }
        put_geometry(&mut common, &geometry);
        Self {
            modality: options.modality,
            geometry,
            transfer_syntax: options.transfer_syntax.written_first().uid(),
            study_uid,
            series_uid,
            instance_uids,
            common,
            canaries: canaries.places().clone(),
        }
    }

    pub(super) const fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    pub(super) fn study_uid(&self) -> &str {
        &self.study_uid
    }

    pub(super) fn series_uid(&self) -> &str {
        &self.series_uid
    }

    pub(super) fn canaries(&self) -> BTreeMap<String, String> {
        self.canaries.clone()
    }

    /// Writes slice k with values in the modality's unit.
    pub(super) fn write(&self, k: u32, values: &[i16], path: &Path) -> Result<(), GenerateError> {
        let mut instance = self.common.clone();
        put(&mut instance, tags::SOP_INSTANCE_UID, VR::UI, &self.instance_uids[k as usize]);
        put(&mut instance, tags::INSTANCE_NUMBER, VR::IS, &(k + 1).to_string());
        let place = self.geometry.place_mm([0.0, 0.0, f64::from(k)]);
        put(&mut instance, tags::IMAGE_POSITION_PATIENT, VR::DS, &decimals(&place));
        let normal = self.geometry.direction[2];
        let along: f64 = (0..3).map(|axis| place[axis] * normal[axis]).sum();
        put(&mut instance, tags::SLICE_LOCATION, VR::DS, &decimals(&[along]));
        // CT is stored from 0 with an intercept, as scanners do.
        let shift = match self.modality {
            Modality::Mr => 0,
            Modality::Ct => 1024,
        };
        let stored: Vec<u16> = values.iter().map(|&value| (i32::from(value) + shift) as u16).collect();
        let pixels = PrimitiveValue::U16(stored.into());
        instance.put(DataElement::new(tags::PIXEL_DATA, VR::OW, pixels));
        write_file(instance, self.transfer_syntax, path)
    }
}

/// Elements with an identifier wherever one may stand.
pub(super) fn identified(canaries: &mut Canaries) -> InMemDicomObject {
    let mut object = InMemDicomObject::new_empty();
    for (tag, vr) in IDENTIFYING {
        let value = canaries.draw(&tag.to_string(), vr);
        put(&mut object, tag, vr, &value);
    }
    plant_nested(&mut object, canaries);
    plant_private(&mut object, canaries);
    object
}

/// Writes a Part 10 file.
pub(super) fn write_file(
    object: InMemDicomObject,
    transfer_syntax: &'static str,
    path: &Path,
) -> Result<(), GenerateError> {
    let refused = |cause: Box<dyn std::error::Error + Send + Sync>| GenerateError::Dicom {
        path: path.to_owned(),
        cause,
    };
    let meta =
        FileMetaTableBuilder::new().transfer_syntax(transfer_syntax).implementation_class_uid(IMPLEMENTATION);
    let file = object.with_meta(meta).map_err(|cause| refused(Box::new(cause)))?;
    file.write_to_file(path).map_err(|cause| refused(Box::new(cause)))
}

pub(super) fn put(object: &mut InMemDicomObject, tag: Tag, vr: VR, value: &str) {
    object.put(DataElement::new(tag, vr, PrimitiveValue::from(value)));
}

/// A decimal string holds 16 characters (PS3.5 6.2).
fn decimals(numbers: &[f64]) -> String {
    let texts: Vec<String> = numbers.iter().map(|number| format!("{number:.6}")).collect();
    texts.join("\\")
}

pub(super) fn sequence(tag: Tag, item: InMemDicomObject) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::SQ, DataSetSequence::new(vec![item], Length::UNDEFINED))
}

/// Identifiers within sequences, one within another.
fn plant_nested(common: &mut InMemDicomObject, canaries: &mut Canaries) {
    let mut other = InMemDicomObject::new_empty();
    put(&mut other, tags::PATIENT_ID, VR::LO, &canaries.draw("OtherPatientIDsSequence>PatientID", VR::LO));
    put(&mut other, tags::TYPE_OF_PATIENT_ID, VR::CS, "TEXT");
    let mut code = InMemDicomObject::new_empty();
    put(&mut code, tags::CODE_VALUE, VR::SH, &canaries.draw("RequestAttributes>Code>CodeValue", VR::SH));
    put(&mut code, tags::CODING_SCHEME_DESIGNATOR, VR::SH, "99ZZ");
    put(&mut code, tags::CODE_MEANING, VR::LO, &canaries.draw("RequestAttributes>Code>CodeMeaning", VR::LO));
    let mut request = InMemDicomObject::new_empty();
    for (tag, vr, name) in [
        (tags::REQUESTED_PROCEDURE_DESCRIPTION, VR::LO, "RequestedProcedureDescription"),
        (tags::SCHEDULED_PROCEDURE_STEP_DESCRIPTION, VR::LO, "ScheduledProcedureStepDescription"),
        (tags::SCHEDULED_PROCEDURE_STEP_ID, VR::SH, "ScheduledProcedureStepID"),
        (tags::REQUESTED_PROCEDURE_ID, VR::SH, "RequestedProcedureID"),
    ] {
        put(&mut request, tag, vr, &canaries.draw(&format!("RequestAttributesSequence>{name}"), vr));
    }
    request.put(sequence(tags::REQUESTED_PROCEDURE_CODE_SEQUENCE, code));
    common.put(sequence(tags::OTHER_PATIENT_I_DS_SEQUENCE, other));
    common.put(sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, request));
}

/// Private identifiers: text, bytes, a nested sequence, and a vendor's block that names the patient.
fn plant_private(common: &mut InMemDicomObject, canaries: &mut Canaries) {
    put(common, Tag(0x0009, 0x0010), VR::LO, "ACME PRIVATE 01");
    put(common, Tag(0x0009, 0x1001), VR::LO, &canaries.draw("private (0009,xx01)", VR::LO));
    put(common, Tag(0x0009, 0x1002), VR::PN, &canaries.draw("private (0009,xx02)", VR::PN));
    let bytes = canaries.draw("private (0009,xx03)", VR::UN).into_bytes();
    common.put(DataElement::new(Tag(0x0009, 0x1003), VR::UN, PrimitiveValue::U8(bytes.into())));
    let mut inner = InMemDicomObject::new_empty();
    put(&mut inner, tags::PATIENT_ID, VR::LO, &canaries.draw("private (0009,xx04)>nested>PatientID", VR::LO));
    let mut outer = InMemDicomObject::new_empty();
    let name = canaries.draw("private (0009,xx04)>PatientName", VR::PN);
    put(&mut outer, tags::PATIENT_NAME, VR::PN, &name);
    outer.put(sequence(tags::REFERENCED_PATIENT_SEQUENCE, inner));
    common.put(sequence(Tag(0x0009, 0x1004), outer));
    put(common, Tag(0x0029, 0x0010), VR::LO, "ACME CSA HEADER");
    let name = canaries.draw("private (0029,xx10), within binary", VR::LO);
    let mut block = b"SV10\x04\x03\x02\x01tPatientName = \"".to_vec();
    block.extend(name.bytes());
    block.extend(b"\"\0\0");
    block.resize(block.len().next_multiple_of(2), 0);
    common.put(DataElement::new(Tag(0x0029, 0x1010), VR::OB, PrimitiveValue::U8(block.into())));
}

/// What every instance says, whatever the modality (PS3.3 C.7 and C.8).
fn for_all(modality: Modality) -> [(Tag, VR, &'static str); 13] {
    let class = match modality {
        Modality::Mr => "1.2.840.10008.5.1.4.1.1.4",
        Modality::Ct => "1.2.840.10008.5.1.4.1.1.2",
    };
    [
        (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
        (tags::SOP_CLASS_UID, VR::UI, class),
        (tags::MODALITY, VR::CS, modality.code()),
        (tags::PATIENT_SEX, VR::CS, "O"),
        // Four characters are too few to be found nowhere else by chance.
        (tags::PATIENT_AGE, VR::AS, "093Y"),
        (tags::BODY_PART_EXAMINED, VR::CS, "HEAD"),
        (tags::PATIENT_POSITION, VR::CS, "HFS"),
        (tags::SERIES_NUMBER, VR::IS, "1"),
        (tags::ACQUISITION_NUMBER, VR::IS, "1"),
        (tags::POSITION_REFERENCE_INDICATOR, VR::LO, ""),
        (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
        (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
    ]
}

const fn for_modality(modality: Modality) -> &'static [(Tag, VR, &'static str)] {
    match modality {
        Modality::Mr => &[
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\M"),
            (tags::SCANNING_SEQUENCE, VR::CS, "GR\\IR"),
            (tags::SEQUENCE_VARIANT, VR::CS, "SK"),
            (tags::SCAN_OPTIONS, VR::CS, ""),
            (tags::MR_ACQUISITION_TYPE, VR::CS, "3D"),
            (tags::REPETITION_TIME, VR::DS, "2300"),
            (tags::ECHO_TIME, VR::DS, "2.98"),
            (tags::ECHO_TRAIN_LENGTH, VR::IS, "1"),
            (tags::INVERSION_TIME, VR::DS, "900"),
            (tags::FLIP_ANGLE, VR::DS, "9"),
            (tags::MAGNETIC_FIELD_STRENGTH, VR::DS, "3"),
            (tags::WINDOW_CENTER, VR::DS, "1200"),
            (tags::WINDOW_WIDTH, VR::DS, "2400"),
        ],
        Modality::Ct => &[
            (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\AXIAL"),
            (tags::KVP, VR::DS, "120"),
            (tags::CONVOLUTION_KERNEL, VR::SH, "STANDARD"),
            (tags::GANTRY_DETECTOR_TILT, VR::DS, "0"),
            (tags::RESCALE_INTERCEPT, VR::DS, "-1024"),
            (tags::RESCALE_SLOPE, VR::DS, "1"),
            (tags::RESCALE_TYPE, VR::LO, "HU"),
            (tags::WINDOW_CENTER, VR::DS, "40"),
            (tags::WINDOW_WIDTH, VR::DS, "80"),
        ],
    }
}

fn put_geometry(common: &mut InMemDicomObject, geometry: &Geometry) {
    let [columns, rows, _] = geometry.size;
    for (tag, number) in [
        // Sizes are at most 4096.
        (tags::ROWS, rows as u16),
        (tags::COLUMNS, columns as u16),
        (tags::SAMPLES_PER_PIXEL, 1),
        (tags::BITS_ALLOCATED, 16),
        (tags::BITS_STORED, 12),
        (tags::HIGH_BIT, 11),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        common.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
    }
    let [between_columns, between_rows, apart] = geometry.spacing_mm;
    put(common, tags::PIXEL_SPACING, VR::DS, &decimals(&[between_rows, between_columns]));
    put(common, tags::SLICE_THICKNESS, VR::DS, &decimals(&[apart]));
    let [row, column, _] = geometry.direction;
    let cosines: Vec<String> = row.iter().chain(&column).map(|cosine| format!("{cosine:.9}")).collect();
    put(common, tags::IMAGE_ORIENTATION_PATIENT, VR::DS, &cosines.join("\\"));
}
