//! The headers of pictures: what the DX, MG and US multi-frame IODs ask for (PS3.3 A.26, A.27, A.7).

use std::path::Path;

use dicom_core::header::DataElement;
use dicom_core::value::{DataSetSequence, PrimitiveValue};
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::super::GenerateError;
use super::super::canary::Canaries;
use super::super::header::{identified, put, sequence, write_file};
use super::{Picture, Samples, Subject, breast};

const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// What all pictures of a series say alike.
pub(super) struct Series {
    subject: Subject,
    pub(super) study_uid: String,
    pub(super) series_uid: String,
    common: InMemDicomObject,
}

impl Series {
    pub(super) fn new(subject: Subject, canaries: &mut Canaries) -> Self {
        let modality = subject.modality();
        let study_uid = canaries.uid("StudyInstanceUID");
        let series_uid = canaries.uid(&format!("SeriesInstanceUID/{modality}"));
        let mut common = identified(canaries);
        put(&mut common, tags::STUDY_INSTANCE_UID, VR::UI, &study_uid);
        put(&mut common, tags::SERIES_INSTANCE_UID, VR::UI, &series_uid);
        for (tag, vr, value) in FOR_ALL {
            put(&mut common, tag, vr, value);
        }
        for (tag, vr, value) in for_subject(subject) {
            put(&mut common, *tag, *vr, value);
        }
        put(&mut common, tags::MODALITY, VR::CS, modality);
        if subject != Subject::Cyst {
            let (value, meaning) =
                if subject == Subject::Breasts { ("76752008", "Breast") } else { ("816094009", "Chest") };
            common.put(sequence(tags::ANATOMIC_REGION_SEQUENCE, code(value, "SCT", meaning)));
        }
        Self { subject, study_uid, series_uid, common }
    }

    pub(super) fn write(
        &self,
        picture: &Picture,
        number: u32,
        uid: &str,
        path: &Path,
    ) -> Result<(), GenerateError> {
        let mut instance = self.common.clone();
        put(&mut instance, tags::SOP_INSTANCE_UID, VR::UI, uid);
        put(&mut instance, tags::INSTANCE_NUMBER, VR::IS, &number.to_string());
        put_layout(&mut instance, picture);
        if let Some(view) = picture.view {
            put_view(&mut instance, view);
        }
        match self.subject {
            Subject::Cyst => put_cine(&mut instance, picture),
            Subject::Chest | Subject::ChestInverted | Subject::Breasts => {
                let spacing = format!("{0:.6}\\{0:.6}", picture.spacing_mm);
                put(&mut instance, tags::IMAGER_PIXEL_SPACING, VR::DS, &spacing);
                instance.put(empty_sequence(tags::ACQUISITION_CONTEXT_SEQUENCE));
            }
        }
        let pixels = match &picture.samples {
            Samples::Grey(stored) => {
                DataElement::new(tags::PIXEL_DATA, VR::OW, PrimitiveValue::U16(stored.clone().into()))
            }
            Samples::Colour(bytes) => {
                DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::U8(bytes.clone().into()))
            }
        };
        instance.put(pixels);
        write_file(instance, EXPLICIT, path)
    }
}

const FOR_ALL: [(Tag, VR, &str); 8] = [
    (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
    (tags::PATIENT_SEX, VR::CS, "O"),
    (tags::PATIENT_AGE, VR::AS, "093Y"),
    (tags::SERIES_NUMBER, VR::IS, "1"),
    (tags::ACQUISITION_NUMBER, VR::IS, "1"),
    (tags::BURNED_IN_ANNOTATION, VR::CS, "NO"),
    (tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00"),
    (tags::PATIENT_ORIENTATION, VR::CS, "L\\F"),
];

/// What digital X-ray images say beside (PS3.3 C.8.11).
const RADIOGRAPH: [(Tag, VR, &str); 8] = [
    (tags::PRESENTATION_INTENT_TYPE, VR::CS, "FOR PRESENTATION"),
    (tags::PIXEL_INTENSITY_RELATIONSHIP, VR::CS, "LOG"),
    (tags::RESCALE_INTERCEPT, VR::DS, "0"),
    (tags::RESCALE_SLOPE, VR::DS, "1"),
    (tags::RESCALE_TYPE, VR::LO, "US"),
    (tags::DETECTOR_TYPE, VR::CS, "DIRECT"),
    (tags::WINDOW_CENTER, VR::DS, "1700"),
    (tags::WINDOW_WIDTH, VR::DS, "3400"),
];

fn for_subject(subject: Subject) -> Vec<&'static (Tag, VR, &'static str)> {
    const DX: [(Tag, VR, &str); 6] = [
        (tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.1.1"),
        (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY"),
        (tags::BODY_PART_EXAMINED, VR::CS, "CHEST"),
        (tags::IMAGE_LATERALITY, VR::CS, "U"),
        (tags::VIEW_POSITION, VR::CS, "PA"),
        (tags::POSITIONER_TYPE, VR::CS, "COLUMN"),
    ];
    const BLACK_IS_LOW: [(Tag, VR, &str); 2] = [
        (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2"),
        (tags::PRESENTATION_LUT_SHAPE, VR::CS, "IDENTITY"),
    ];
    const WHITE_IS_LOW: [(Tag, VR, &str); 2] = [
        (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME1"),
        (tags::PRESENTATION_LUT_SHAPE, VR::CS, "INVERSE"),
    ];
    const MG: [(Tag, VR, &str); 7] = [
        (tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.1.2"),
        (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY"),
        (tags::BODY_PART_EXAMINED, VR::CS, "BREAST"),
        (tags::ORGAN_EXPOSED, VR::CS, "BREAST"),
        (tags::POSITIONER_TYPE, VR::CS, "MAMMOGRAPHIC"),
        // Size at the detector over size in the breast.
        (tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR, VR::DS, "1.05"),
        (tags::BREAST_IMPLANT_PRESENT, VR::CS, "NO"),
    ];
    const US: [(Tag, VR, &str); 6] = [
        (tags::SOP_CLASS_UID, VR::UI, "1.2.840.10008.5.1.4.1.1.3.1"),
        (tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\ABDOMINAL\\0011"),
        (tags::BODY_PART_EXAMINED, VR::CS, "KIDNEY"),
        (tags::LATERALITY, VR::CS, "R"),
        (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "RGB"),
        (tags::FRAME_TIME, VR::DS, "50"),
    ];
    match subject {
        Subject::Chest => DX.iter().chain(&RADIOGRAPH).chain(&BLACK_IS_LOW).collect(),
        Subject::ChestInverted => DX.iter().chain(&RADIOGRAPH).chain(&WHITE_IS_LOW).collect(),
        Subject::Breasts => MG.iter().chain(&RADIOGRAPH).chain(&BLACK_IS_LOW).collect(),
        Subject::Cyst => US.iter().collect(),
    }
}

fn short(object: &mut InMemDicomObject, tag: Tag, value: u16) {
    object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
}

fn put_layout(instance: &mut InMemDicomObject, picture: &Picture) {
    let colour = matches!(picture.samples, Samples::Colour(_));
    let (samples, allocated, stored) = if colour { (3, 8, 8) } else { (1, 16, 12) };
    for (tag, number) in [
        // At most 5,120 of each.
        (tags::ROWS, picture.rows as u16),
        (tags::COLUMNS, picture.columns as u16),
        (tags::SAMPLES_PER_PIXEL, samples),
        (tags::BITS_ALLOCATED, allocated),
        (tags::BITS_STORED, stored),
        (tags::HIGH_BIT, stored - 1),
        (tags::PIXEL_REPRESENTATION, 0),
    ] {
        short(instance, tag, number);
    }
    if colour {
        short(instance, tags::PLANAR_CONFIGURATION, 0);
    } else {
        let sign = PrimitiveValue::from(1_i16);
        instance.put(DataElement::new(tags::PIXEL_INTENSITY_RELATIONSHIP_SIGN, VR::SS, sign));
    }
}

fn put_cine(instance: &mut InMemDicomObject, picture: &Picture) {
    put(instance, tags::NUMBER_OF_FRAMES, VR::IS, &picture.frames.to_string());
    let pointer = PrimitiveValue::from(tags::FRAME_TIME);
    instance.put(DataElement::new(tags::FRAME_INCREMENT_POINTER, VR::AT, pointer));
    let mut region = InMemDicomObject::new_empty();
    let long = |value: u32| PrimitiveValue::from(value);
    for (tag, value) in [
        (tags::REGION_FLAGS, 0),
        (tags::REGION_LOCATION_MIN_X0, 0),
        (tags::REGION_LOCATION_MIN_Y0, 0),
        (tags::REGION_LOCATION_MAX_X1, picture.columns - 1),
        (tags::REGION_LOCATION_MAX_Y1, picture.rows - 1),
    ] {
        region.put(DataElement::new(tag, VR::UL, long(value)));
    }
    // Two dimensions, tissue, centimetres in both directions.
    for (tag, value) in [
        (tags::REGION_SPATIAL_FORMAT, 1),
        (tags::REGION_DATA_TYPE, 1),
        (tags::PHYSICAL_UNITS_X_DIRECTION, 3),
        (tags::PHYSICAL_UNITS_Y_DIRECTION, 3),
    ] {
        short(&mut region, tag, value);
    }
    for tag in [tags::PHYSICAL_DELTA_X, tags::PHYSICAL_DELTA_Y] {
        let centimetres = PrimitiveValue::from(picture.spacing_mm / 10.0);
        region.put(DataElement::new(tag, VR::FD, centimetres));
    }
    instance.put(sequence(tags::SEQUENCE_OF_ULTRASOUND_REGIONS, region));
}

fn put_view(instance: &mut InMemDicomObject, view: breast::View) {
    let side = if view.left { "L" } else { "R" };
    put(instance, tags::IMAGE_LATERALITY, VR::CS, side);
    let (value, meaning, position) = match view.oblique {
        true => ("399368009", "medio-lateral oblique", "MLO"),
        false => ("399162004", "cranio-caudal", "CC"),
    };
    put(instance, tags::VIEW_POSITION, VR::CS, position);
    let mut code = code(value, "SCT", meaning);
    code.put(empty_sequence(tags::VIEW_MODIFIER_CODE_SEQUENCE));
    instance.put(sequence(tags::VIEW_CODE_SEQUENCE, code));
    let orientation = match (view.left, view.oblique) {
        (true, false) => "P\\L",
        (false, false) => "A\\R",
        (true, true) => "P\\FL",
        (false, true) => "A\\FR",
    };
    put(instance, tags::PATIENT_ORIENTATION, VR::CS, orientation);
}

fn code(value: &str, scheme: &str, meaning: &str) -> InMemDicomObject {
    let mut item = InMemDicomObject::new_empty();
    put(&mut item, tags::CODE_VALUE, VR::SH, value);
    put(&mut item, tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme);
    put(&mut item, tags::CODE_MEANING, VR::LO, meaning);
    item
}

fn empty_sequence(tag: Tag) -> DataElement<InMemDicomObject> {
    DataElement::new(tag, VR::SQ, DataSetSequence::empty())
}
