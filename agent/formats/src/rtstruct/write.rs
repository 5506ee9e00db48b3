//! From label maps to contours along the edges of their voxels.

use super::STRUCTURE_SET_STORAGE;
use crate::object::{Class, InvalidObject, NewObject};
use crate::seg::{Algorithm, Segment};
use crate::source::{Source, put_reference};
use crate::syntax::TransferSyntax;
use crate::writer::Writer;
use agent_imaging::contours::{Loop, outlines};
use agent_imaging::geometry::VoxelIndex;
use agent_imaging::{Grid, LabelMap};
use agent_phi::Purpose;
use dicom_core::VR;
use dicom_dictionary_std::tags;

/// The study as a referenced object: a class that is retired, and still what every structure set names (PS3.3
/// §C.8.8.5).
const DETACHED_STUDY: &str = "1.2.840.10008.3.1.2.3.1";

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RtWriteError {
    #[error("the voxels do not lie on the grid of the series")]
    OtherGrid,
    #[error("segment {number} is not described, or twice, or has no name that fits")]
    Segment { number: u16 },
    #[error("no voxel belongs to a segment")]
    Empty,
    #[error(transparent)]
    Object {
        #[from]
        cause: InvalidObject,
    },
}

/// Writes a structure set in implicit VR little endian: contours are longer than explicit lengths allow. A region with
/// holes is written as contours that are combined by exclusive or (PS3.3 §C.8.8.6.3), any other as closed ones.
///
/// # Errors
/// `RtWriteError` names what cannot be written.
pub fn write(
    layers: &[LabelMap],
    segments: &[Segment],
    source: &Source,
    object: &NewObject<'_>,
) -> Result<Vec<u8>, RtWriteError> {
    if layers.iter().any(|map| !map.grid().same_as(source.grid())) {
        return Err(RtWriteError::OtherGrid);
    }
    if layers.iter().all(LabelMap::is_empty) {
        return Err(RtWriteError::Empty);
    }
    for (place, segment) in segments.iter().enumerate() {
        let number = segment.number;
        let twice = segments.iter().skip(place + 1).any(|other| other.number == number);
        let name = segment.label.expose(Purpose::DicomPeer);
        if twice || number == 0 || name.contains('\\') || name.chars().count() > 64 {
            return Err(RtWriteError::Segment { number });
        }
    }
    let mut labels = layers.iter().flat_map(LabelMap::labels);
    let unknown = labels.find(|label| segments.iter().all(|segment| segment.number != *label));
    if let Some(number) = unknown {
        return Err(RtWriteError::Segment { number });
    }
    let mut writer = object.begin(STRUCTURE_SET_STORAGE, TransferSyntax::ImplicitLittle)?;
    let class =
        Class { uid: STRUCTURE_SET_STORAGE, modality: "RTSTRUCT", image_type: None, content_time: false };
    object.put_head(&mut writer, &class, source, |_| {});
    object.put_place(&mut writer, source);
    put_set(&mut writer, segments, source, object);
    writer.sequence(tags::ROI_CONTOUR_SEQUENCE, |items| {
        for segment in segments {
            items.item(|item| put_contours(item, layers, segment, source));
        }
    });
    writer.sequence(tags::RTROI_OBSERVATIONS_SEQUENCE, |items| {
        for (segment, place) in segments.iter().zip(1_u32..) {
            items.item(|item| {
                item.text(tags::OBSERVATION_NUMBER, VR::IS, &place.to_string());
                item.text(tags::REFERENCED_ROI_NUMBER, VR::IS, &segment.number.to_string());
                item.text(tags::RTROI_INTERPRETED_TYPE, VR::CS, "");
                item.text(tags::ROI_INTERPRETER, VR::PN, "");
            });
        }
    });
    writer.text(tags::APPROVAL_STATUS, VR::CS, "UNAPPROVED");
    Ok(writer.finish())
}

/// Structure Set (PS3.3 §C.8.8.5).
fn put_set(writer: &mut Writer, segments: &[Segment], source: &Source, object: &NewObject<'_>) {
    writer.text(tags::STRUCTURE_SET_LABEL, VR::SH, "SEGMENTATION");
    writer.text(tags::STRUCTURE_SET_DATE, VR::DA, object.date);
    writer.text(tags::STRUCTURE_SET_TIME, VR::TM, object.time);
    writer.one_item(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, |item| {
        item.text(tags::FRAME_OF_REFERENCE_UID, VR::UI, source.frame_of_reference());
        item.one_item(tags::RT_REFERENCED_STUDY_SEQUENCE, |item| {
            item.text(tags::REFERENCED_SOP_CLASS_UID, VR::UI, DETACHED_STUDY);
            item.text(tags::REFERENCED_SOP_INSTANCE_UID, VR::UI, source.study.expose(Purpose::DicomPeer));
            item.one_item(tags::RT_REFERENCED_SERIES_SEQUENCE, |item| {
                item.text(tags::SERIES_INSTANCE_UID, VR::UI, source.series.expose(Purpose::DicomPeer));
                item.sequence(tags::CONTOUR_IMAGE_SEQUENCE, |items| {
                    for slice in source.instances() {
                        items.item(|item| put_reference(item, &slice.class_uid, &slice.instance));
                    }
                });
            });
        });
    });
    writer.sequence(tags::STRUCTURE_SET_ROI_SEQUENCE, |items| {
        for segment in segments {
            items.item(|item| {
                item.text(tags::ROI_NUMBER, VR::IS, &segment.number.to_string());
                item.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID, VR::UI, source.frame_of_reference());
                item.text(tags::ROI_NAME, VR::LO, segment.label.expose(Purpose::DicomPeer));
                let by = match segment.algorithm {
                    Algorithm::Manual => "MANUAL",
                    Algorithm::Semiautomatic { .. } => "SEMIAUTOMATIC",
                    Algorithm::Automatic { .. } => "AUTOMATIC",
                };
                item.text(tags::ROI_GENERATION_ALGORITHM, VR::CS, by);
            });
        }
    });
}

fn put_contours(item: &mut Writer, layers: &[LabelMap], segment: &Segment, source: &Source) {
    if let Some(colour) = segment.colour {
        item.text(tags::ROI_DISPLAY_COLOR, VR::IS, &colour.map(|part| part.to_string()).join("\\"));
    }
    let slices: Vec<(u32, Vec<Loop>)> = layers
        .iter()
        .flat_map(|map| map.slices().map(move |(k, _)| (k, outlines(map, segment.number, k))))
        .filter(|(_, loops)| !loops.is_empty())
        .collect();
    // Either all contours of a region are combined by exclusive or, or none is.
    let holes = slices.iter().any(|(_, loops)| loops.iter().any(|one| one.hole));
    let kind = if holes { "CLOSEDPLANAR_XOR" } else { "CLOSED_PLANAR" };
    if !slices.is_empty() {
        item.sequence(tags::CONTOUR_SEQUENCE, |items| {
            for (k, one) in slices.iter().flat_map(|(k, loops)| loops.iter().map(move |one| (*k, one))) {
                items.item(|item| put_contour(item, (k, one), kind, source));
            }
        });
    }
    item.text(tags::REFERENCED_ROI_NUMBER, VR::IS, &segment.number.to_string());
}

fn put_contour(item: &mut Writer, (k, one): (u32, &Loop), kind: &str, source: &Source) {
    if let Some(slice) = source.slices.get(k as usize) {
        item.one_item(tags::CONTOUR_IMAGE_SEQUENCE, |item| {
            put_reference(item, &slice.class_uid, &slice.instance);
            if let Some(frame) = slice.frame {
                item.text(tags::REFERENCED_FRAME_NUMBER, VR::IS, &frame.to_string());
            }
        });
    }
    item.text(tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, kind);
    item.text(tags::NUMBER_OF_CONTOUR_POINTS, VR::IS, &one.corners.len().to_string());
    item.decimals(tags::CONTOUR_DATA, &points(source.grid(), k, one));
}

/// Places in the patient, one after the other.
fn points(grid: &Grid, k: u32, one: &Loop) -> Vec<f64> {
    let place = |[x, y]: &[u32; 2]| {
        let index = VoxelIndex([f64::from(*x) - 0.5, f64::from(*y) - 0.5, f64::from(k)]);
        grid.to_patient(index).0
    };
    one.corners.iter().flat_map(place).collect()
}
