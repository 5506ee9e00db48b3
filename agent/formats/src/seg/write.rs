//! From label maps and descriptions to the bytes of an object.

use super::bits;
use super::describe::{self, put_code};
use super::segment::{Code, InvalidSegment, Segment};
use super::{FRAMES_MAX, LABEL_MAP_STORAGE, SEGMENTATION_STORAGE};
use crate::object::{Class, InvalidObject};
use crate::source::{Source, SourceSlice, put_reference};
use crate::syntax::TransferSyntax;
use crate::writer::Writer;
use agent_imaging::geometry::VoxelIndex;
use agent_imaging::{Grid, LabelMap};
use agent_phi::Purpose;
use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use std::collections::BTreeSet;

pub use crate::object::NewObject;

/// What the shares of a fractional object are (0062,0010).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FractionalType {
    /// How likely it is that the voxel belongs to the segment.
    Probability,
    /// How much of the voxel does.
    Occupancy,
}

/// What is written.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// One bit for each voxel of each segment; the labels of all layers are numbers of segments. Segments may overlap
    /// by lying on different layers.
    Binary(&'a [LabelMap]),
    /// One label for each voxel (Supplement 243), of 8 bits where they fit.
    LabelMap(&'a LabelMap),
    /// For each segment by its number, one share of 255 for each voxel: i fastest, then j, then k.
    Fractional(FractionalType, &'a [(u16, &'a [u8])]),
}

/// Why nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegWriteError {
    #[error("the voxels do not lie on the grid of the series")]
    OtherGrid,
    #[error("no voxel belongs to a segment")]
    Empty,
    #[error("segment {number} is not described, or twice")]
    Segment { number: u16 },
    #[error("segment {number} cannot be described")]
    Description {
        number: u16,
        #[source]
        cause: InvalidSegment,
    },
    #[error("segment 0 is no segment")]
    Background,
    #[error("more frames or bytes than an object may have")]
    TooLarge,
    #[error("a segment has {found} shares and the grid has {expected} voxels")]
    Shares { expected: u64, found: u64 },
    #[error(transparent)]
    Object {
        #[from]
        cause: InvalidObject,
    },
}

/// Writes an object, in explicit VR little endian. Slices on which a segment has no voxel get no frame, but every
/// slice of a label map does.
///
/// # Errors
/// `SegWriteError` names what cannot be written.
pub fn write(
    content: Content<'_>,
    segments: &[Segment],
    source: &Source,
    object: &NewObject<'_>,
) -> Result<Vec<u8>, SegWriteError> {
    checked(content, segments, source)?;
    let frames = frames(content, source.grid());
    if frames.is_empty() {
        return Err(SegWriteError::Empty);
    }
    if frames.len() > FRAMES_MAX as usize {
        return Err(SegWriteError::TooLarge);
    }
    let described: BTreeSet<u16> = segments.iter().map(|segment| segment.number).collect();
    let missing = frames.iter().filter_map(|frame| frame.segment).find(|number| !described.contains(number));
    if let Some(number) = missing {
        return Err(SegWriteError::Segment { number });
    }
    let form = Form::of(content, segments);
    let bytes = form.bytes(frames.len(), source.grid()).ok_or(SegWriteError::TooLarge)?;
    let mut writer = object.begin(form.class_uid, TransferSyntax::ExplicitLittle)?;
    put_header(&mut writer, &form, (segments, &frames), source, object);
    put_groups(&mut writer, &frames, source);
    let pixels = writer.zeros(tags::PIXEL_DATA, form.pixel_vr, bytes);
    match content {
        Content::Binary(layers) => fill_bits(pixels, layers, &frames),
        Content::LabelMap(map) => fill_labels(pixels, map, form.bits_allocated),
        Content::Fractional(_, shares) => fill_shares(pixels, shares, &frames, source.grid()),
    }
    Ok(writer.finish())
}

fn checked(content: Content<'_>, segments: &[Segment], source: &Source) -> Result<(), SegWriteError> {
    let mut numbers = BTreeSet::new();
    for segment in segments {
        let number = segment.number;
        if number == 0 {
            return Err(SegWriteError::Background);
        }
        if !numbers.insert(number) {
            return Err(SegWriteError::Segment { number });
        }
        describe::check(segment).map_err(|cause| SegWriteError::Description { number, cause })?;
    }
    let maps: &[LabelMap] = match content {
        Content::Binary(layers) => layers,
        Content::LabelMap(map) => std::slice::from_ref(map),
        Content::Fractional(_, shares) => {
            let expected = source.grid().voxels();
            let wrong = shares.iter().map(|(_, values)| values.len() as u64).find(|found| *found != expected);
            return wrong.map_or(Ok(()), |found| Err(SegWriteError::Shares { expected, found }));
        }
    };
    if maps.iter().any(|map| !map.grid().same_as(source.grid())) {
        return Err(SegWriteError::OtherGrid);
    }
    let labels = maps.iter().flat_map(LabelMap::labels);
    let unknown = { labels }.find(|label| !numbers.contains(label));
    unknown.map_or(Ok(()), |number| Err(SegWriteError::Segment { number }))
}

/// One frame: the slice, and the segment where a frame is of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct FrameOf {
    segment: Option<u16>,
    k: u32,
}

/// The frames by segment, then by slice.
fn frames(content: Content<'_>, grid: &Grid) -> Vec<FrameOf> {
    let mut frames = BTreeSet::new();
    match content {
        Content::LabelMap(map) if map.is_empty() => {}
        Content::LabelMap(_) => {
            frames.extend((0..grid.size()[2]).map(|k| FrameOf { segment: None, k }));
        }
        Content::Binary(layers) => {
            for (k, runs) in layers.iter().flat_map(LabelMap::slices) {
                let mut last = 0;
                for run in runs {
                    if run.label != last {
                        frames.insert(FrameOf { segment: Some(run.label), k });
                        last = run.label;
                    }
                }
            }
        }
        Content::Fractional(_, shares) => {
            for (number, values) in shares {
                let slices = values.chunks_exact(grid.slice_voxels() as usize).zip(0..);
                let marked = slices.filter(|(slice, _)| slice.iter().any(|share| *share > 0));
                frames.extend(marked.map(|(_, k)| FrameOf { segment: Some(*number), k }));
            }
        }
    }
    frames.into_iter().collect()
}

/// How the pixels of the three kinds differ.
struct Form {
    class_uid: &'static str,
    kind: &'static str,
    fractional: Option<FractionalType>,
    bits_allocated: u16,
    pixel_vr: VR,
    overlap: &'static str,
}

impl Form {
    fn of(content: Content<'_>, segments: &[Segment]) -> Self {
        let seg = SEGMENTATION_STORAGE;
        let form = |class_uid, kind, bits_allocated| Self {
            class_uid,
            kind,
            fractional: None,
            bits_allocated,
            pixel_vr: if bits_allocated > 8 { VR::OW } else { VR::OB },
            overlap: "NO",
        };
        match content {
            Content::Binary([_]) => form(seg, "BINARY", 1),
            Content::Binary(_) => Self { overlap: "UNDEFINED", ..form(seg, "BINARY", 1) },
            Content::LabelMap(_) => {
                let small = segments.iter().all(|segment| segment.number <= u16::from(u8::MAX));
                form(LABEL_MAP_STORAGE, "LABELMAP", if small { 8 } else { 16 })
            }
            Content::Fractional(fractional, _) => {
                let fractional = Some(fractional);
                Self { fractional, overlap: "UNDEFINED", ..form(seg, "FRACTIONAL", 8) }
            }
        }
    }

    /// Bytes of all frames, even; none beyond what an element may have.
    fn bytes(&self, frames: usize, grid: &Grid) -> Option<u32> {
        let bits = u64::from(grid.slice_voxels()) * frames as u64 * u64::from(self.bits_allocated);
        let bytes = u32::try_from(bits.div_ceil(8).next_multiple_of(2)).ok()?;
        // 0xFFFFFFFF is no length, and a length is even.
        (bytes <= 0xFFFF_FFFE).then_some(bytes)
    }
}

fn put_header(
    writer: &mut Writer,
    form: &Form,
    (segments, frames): (&[Segment], &[FrameOf]),
    source: &Source,
    object: &NewObject<'_>,
) {
    let class = Class {
        uid: form.class_uid,
        modality: "SEG",
        image_type: Some("DERIVED\\PRIMARY"),
        content_time: true,
    };
    object.put_head(writer, &class, source, |writer| put_referenced_series(writer, source));
    object.put_place(writer, source);
    put_dimensions(writer, object.inner_uid, frames.first().is_some_and(|frame| frame.segment.is_some()));
    let [columns, rows, _] = source.grid().size();
    writer.short(tags::SAMPLES_PER_PIXEL, 1);
    writer.text(tags::PHOTOMETRIC_INTERPRETATION, VR::CS, "MONOCHROME2");
    writer.text(tags::NUMBER_OF_FRAMES, VR::IS, &frames.len().to_string());
    // A source is a DICOM image, whose axes have 16 bits.
    writer.short(tags::ROWS, rows as u16);
    writer.short(tags::COLUMNS, columns as u16);
    writer.short(tags::BITS_ALLOCATED, form.bits_allocated);
    writer.short(tags::BITS_STORED, form.bits_allocated);
    writer.short(tags::HIGH_BIT, form.bits_allocated - 1);
    writer.short(tags::PIXEL_REPRESENTATION, 0);
    if form.kind == "LABELMAP" {
        // Supplement 243: what stands for no segment.
        writer.short(tags::PIXEL_PADDING_VALUE, 0);
    }
    writer.text(tags::LOSSY_IMAGE_COMPRESSION, VR::CS, "00");
    writer.text(tags::SEGMENTATION_TYPE, VR::CS, form.kind);
    writer.sequence(tags::SEGMENT_SEQUENCE, |items| {
        segments.iter().for_each(|segment| describe::write(items, segment));
    });
    if let Some(fractional) = form.fractional {
        let fractional = match fractional {
            FractionalType::Probability => "PROBABILITY",
            FractionalType::Occupancy => "OCCUPANCY",
        };
        writer.short(tags::MAXIMUM_FRACTIONAL_VALUE, 255);
        writer.text(tags::SEGMENTATION_FRACTIONAL_TYPE, VR::CS, fractional);
    }
    writer.text(tags::SEGMENTS_OVERLAP, VR::CS, form.overlap);
    writer.text(tags::CONTENT_LABEL, VR::CS, "SEGMENTATION");
    writer.text(tags::CONTENT_DESCRIPTION, VR::LO, "");
    writer.text(tags::CONTENT_CREATOR_NAME, VR::PN, "");
}

/// Common Instance Reference (PS3.3 §C.12.2).
fn put_referenced_series(writer: &mut Writer, source: &Source) {
    writer.one_item(tags::REFERENCED_SERIES_SEQUENCE, |item| {
        item.sequence(tags::REFERENCED_INSTANCE_SEQUENCE, |items| {
            for slice in source.instances() {
                items.item(|item| put_reference(item, &slice.class_uid, &slice.instance));
            }
        });
        item.text(tags::SERIES_INSTANCE_UID, VR::UI, source.series.expose(Purpose::DicomPeer));
    });
}

/// Multi-frame Dimension (PS3.3 §C.7.6.17): the segment, where a frame is of one, and the position.
fn put_dimensions(writer: &mut Writer, organisation_uid: &str, by_segment: bool) {
    let dimension = |items: &mut Writer, (attribute, group): (Tag, Tag), label: &str| {
        items.item(|item| {
            item.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, organisation_uid);
            item.pointer(tags::DIMENSION_INDEX_POINTER, attribute);
            item.pointer(tags::FUNCTIONAL_GROUP_POINTER, group);
            item.text(tags::DIMENSION_DESCRIPTION_LABEL, VR::LO, label);
        });
    };
    writer.one_item(tags::DIMENSION_ORGANIZATION_SEQUENCE, |item| {
        item.text(tags::DIMENSION_ORGANIZATION_UID, VR::UI, organisation_uid);
    });
    writer.sequence(tags::DIMENSION_INDEX_SEQUENCE, |items| {
        if by_segment {
            let segment = (tags::REFERENCED_SEGMENT_NUMBER, tags::SEGMENT_IDENTIFICATION_SEQUENCE);
            dimension(items, segment, "Segment Number");
        }
        let position = (tags::IMAGE_POSITION_PATIENT, tags::PLANE_POSITION_SEQUENCE);
        dimension(items, position, "Image Position Patient");
    });
}

fn put_groups(writer: &mut Writer, frames: &[FrameOf], source: &Source) {
    let grid = source.grid();
    let [along_i, along_j, along_k] = grid.spacing_mm();
    let [row, column, _] = grid.direction();
    writer.one_item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, |item| {
        item.one_item(tags::PLANE_ORIENTATION_SEQUENCE, |item| {
            item.decimals(tags::IMAGE_ORIENTATION_PATIENT, &[row, column].concat());
        });
        item.one_item(tags::PIXEL_MEASURES_SEQUENCE, |item| {
            item.decimals(tags::SLICE_THICKNESS, &[along_k]);
            item.decimals(tags::SPACING_BETWEEN_SLICES, &[along_k]);
            item.decimals(tags::PIXEL_SPACING, &[along_j, along_i]);
        });
    });
    // Where in its dimension each segment and each slice stands, from 1.
    let numbers: Vec<u16> =
        frames.iter().filter_map(|frame| frame.segment).collect::<BTreeSet<_>>().into_iter().collect();
    let levels: Vec<u32> = frames.iter().map(|frame| frame.k).collect::<BTreeSet<_>>().into_iter().collect();
    let index = |found: Result<usize, usize>| found.map_or(0, |index| index as u32 + 1);
    writer.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, |items| {
        for frame in frames {
            let level = index(levels.binary_search(&frame.k));
            let place = frame.segment.map(|number| index(numbers.binary_search(&number)));
            let indices: Vec<u32> = place.into_iter().chain([level]).collect();
            items.item(|item| put_group(item, frame, &indices, source));
        }
    });
}

fn put_group(item: &mut Writer, frame: &FrameOf, indices: &[u32], source: &Source) {
    if let Some(slice) = source.slices.get(frame.k as usize) {
        item.one_item(tags::DERIVATION_IMAGE_SEQUENCE, |item| put_derivation(item, slice));
    }
    item.one_item(tags::FRAME_CONTENT_SEQUENCE, |item| item.longs(tags::DIMENSION_INDEX_VALUES, indices));
    item.one_item(tags::PLANE_POSITION_SEQUENCE, |item| {
        let position = source.grid().to_patient(VoxelIndex([0.0, 0.0, f64::from(frame.k)])).0;
        item.decimals(tags::IMAGE_POSITION_PATIENT, &position);
    });
    if let Some(number) = frame.segment {
        item.one_item(tags::SEGMENT_IDENTIFICATION_SEQUENCE, |item| {
            item.short(tags::REFERENCED_SEGMENT_NUMBER, number);
        });
    }
}

/// What the frame was drawn on, and that it was (PS3.16 CID 7202 and 7203).
fn put_derivation(item: &mut Writer, slice: &SourceSlice) {
    item.one_item(tags::SOURCE_IMAGE_SEQUENCE, |item| {
        put_reference(item, &slice.class_uid, &slice.instance);
        if let Some(frame) = slice.frame {
            item.text(tags::REFERENCED_FRAME_NUMBER, VR::IS, &frame.to_string());
        }
        item.one_item(tags::PURPOSE_OF_REFERENCE_CODE_SEQUENCE, |item| {
            put_code(item, &Code::of("121322", "DCM", "Source image for image processing operation"));
        });
    });
    item.one_item(tags::DERIVATION_CODE_SEQUENCE, |item| {
        put_code(item, &Code::of("113076", "DCM", "Segmentation"));
    });
}

fn fill_bits(pixels: &mut [u8], layers: &[LabelMap], frames: &[FrameOf]) {
    let Some(first) = layers.first() else { return };
    let slice_voxels = first.grid().slice_voxels() as usize;
    for (k, runs) in layers.iter().flat_map(LabelMap::slices) {
        let mut last = (0, None);
        for run in runs {
            if run.label != last.0 {
                let frame = FrameOf { segment: Some(run.label), k };
                last = (run.label, frames.binary_search(&frame).ok());
            }
            if let Some(frame) = last.1 {
                bits::set(pixels, frame * slice_voxels + run.start as usize, run.length as usize);
            }
        }
    }
}

fn fill_labels(pixels: &mut [u8], map: &LabelMap, bits_allocated: u16) {
    let slice_voxels = map.grid().slice_voxels() as usize;
    for (k, runs) in map.slices() {
        for run in runs {
            let from = k as usize * slice_voxels + run.start as usize;
            let to = from + run.length as usize;
            if bits_allocated == 8 {
                // Eight bits were chosen because every number fits.
                pixels.get_mut(from..to).unwrap_or_default().fill(run.label as u8);
            } else {
                let places = pixels.get_mut(from * 2..to * 2).unwrap_or_default();
                places.as_chunks_mut().0.fill(run.label.to_le_bytes());
            }
        }
    }
}

fn fill_shares(pixels: &mut [u8], shares: &[(u16, &[u8])], frames: &[FrameOf], grid: &Grid) {
    let slice_voxels = grid.slice_voxels() as usize;
    for (place, frame) in pixels.chunks_exact_mut(slice_voxels).zip(frames) {
        let values = shares.iter().find(|(number, _)| frame.segment == Some(*number));
        let from = frame.k as usize * slice_voxels;
        if let Some(slice) = values.and_then(|(_, values)| values.get(from..from + slice_voxels)) {
            place.copy_from_slice(slice);
        }
    }
}
