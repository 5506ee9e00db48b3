//! What one walk over a segmentation finds: places of a few attributes, the segments, and of each frame where it lies.

use super::SegError;
use crate::attributes::{Attribute, AttributeError, PixelPlace, Places, Reader, vector_of};
use crate::prescan::{self, Element, Limits, PIXEL_DATA, Step, Visitor};
use crate::syntax::Encoding;
use dicom_core::Tag;
use dicom_dictionary_std::tags;

const fn attribute(tag: Tag, keyword: &'static str) -> Attribute {
    Attribute { tag, keyword }
}

pub(super) const SEGMENTATION_TYPE: Attribute = attribute(tags::SEGMENTATION_TYPE, "SegmentationType");
pub(super) const MAXIMUM_FRACTION: Attribute =
    attribute(tags::MAXIMUM_FRACTIONAL_VALUE, "MaximumFractionalValue");
const IMAGE_POSITION: Attribute = attribute(tags::IMAGE_POSITION_PATIENT, "ImagePositionPatient");
const IMAGE_ORIENTATION: Attribute = attribute(tags::IMAGE_ORIENTATION_PATIENT, "ImageOrientationPatient");
const PIXEL_SPACING: Attribute = attribute(tags::PIXEL_SPACING, "PixelSpacing");
const SPACING_BETWEEN: Attribute = attribute(tags::SPACING_BETWEEN_SLICES, "SpacingBetweenSlices");
const SLICE_THICKNESS: Attribute = attribute(tags::SLICE_THICKNESS, "SliceThickness");
const REFERENCED_SEGMENT: Attribute = attribute(tags::REFERENCED_SEGMENT_NUMBER, "ReferencedSegmentNumber");

/// What a segmentation may cost: forty elements for each of the frames that are accepted.
const LIMITS: Limits = Limits { elements_max: 12_000_000, header_bytes_max: 1024 * 1024 * 1024 };
/// A segment is described by two terms, and seldom narrowed by more than two; what comes beyond these is not looked at.
const MODIFIERS_MAX: usize = 16;
/// Segment numbers have 16 bits.
const SEGMENTS_MAX: usize = 65_536;

/// Where a frame lies and whose it is, as far as its own groups or the shared ones say.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Frame {
    pub(super) segment: Option<u16>,
    pub(super) position_mm: Option<[f64; 3]>,
    pub(super) orientation: Option<[f64; 6]>,
    /// Between rows, then between columns.
    pub(super) spacing_mm: Option<[f64; 2]>,
    pub(super) gap_mm: Option<f64>,
    pub(super) thickness_mm: Option<f64>,
}

impl Frame {
    /// What this one does not say, as another has it.
    pub(super) fn or(self, other: &Self) -> Self {
        Self {
            segment: self.segment.or(other.segment),
            position_mm: self.position_mm.or(other.position_mm),
            orientation: self.orientation.or(other.orientation),
            spacing_mm: self.spacing_mm.or(other.spacing_mm),
            gap_mm: self.gap_mm.or(other.gap_mm),
            thickness_mm: self.thickness_mm.or(other.thickness_mm),
        }
    }

    fn take(&mut self, group: Tag, element: &Element<'_>) -> Result<(), AttributeError> {
        let value = element.value;
        match (group, element.tag) {
            (tags::PLANE_POSITION_SEQUENCE, tags::IMAGE_POSITION_PATIENT) => {
                self.position_mm = Some(vector_of(value, IMAGE_POSITION)?);
            }
            (tags::SEGMENT_IDENTIFICATION_SEQUENCE, tags::REFERENCED_SEGMENT_NUMBER) => {
                let invalid = AttributeError::Invalid { keyword: REFERENCED_SEGMENT.keyword };
                self.segment = Some(element.encoding.u16(value.try_into().map_err(|_| invalid)?));
            }
            (tags::PLANE_ORIENTATION_SEQUENCE, tags::IMAGE_ORIENTATION_PATIENT) => {
                self.orientation = Some(vector_of(value, IMAGE_ORIENTATION)?);
            }
            (tags::PIXEL_MEASURES_SEQUENCE, tags::PIXEL_SPACING) => {
                self.spacing_mm = Some(vector_of(value, PIXEL_SPACING)?);
            }
            // These two may be empty in what others write.
            (tags::PIXEL_MEASURES_SEQUENCE, tags::SPACING_BETWEEN_SLICES) => {
                self.gap_mm = vector_of(value, SPACING_BETWEEN).ok().map(|[mm]| mm);
            }
            (tags::PIXEL_MEASURES_SEQUENCE, tags::SLICE_THICKNESS) => {
                self.thickness_mm = vector_of(value, SLICE_THICKNESS).ok().map(|[mm]| mm);
            }
            (_, _) => {}
        }
        Ok(())
    }
}

/// Where the description of one segment lies.
#[derive(Debug, Default)]
pub(super) struct SegmentPlaces {
    pub(super) own: Places,
    pub(super) category: Places,
    pub(super) kind: Places,
    pub(super) modifiers: Vec<Places>,
    pub(super) region: Places,
    pub(super) region_modifiers: Vec<Places>,
}

/// What the walk found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) top: Places,
    pub(super) segments: Vec<SegmentPlaces>,
    pub(super) shared: Frame,
    pub(super) frames: Vec<Frame>,
    pub(super) pixels: PixelPlace,
    wrong: Option<AttributeError>,
    too_many: bool,
}

impl Found {
    pub(super) fn read(data_set: &[u8], encoding: Encoding) -> Result<Self, SegError> {
        let mut found = Self {
            top: Places::new(),
            segments: Vec::new(),
            shared: Frame::default(),
            frames: Vec::new(),
            pixels: PixelPlace::Absent,
            wrong: None,
            too_many: false,
        };
        let walked = prescan::walk(data_set, encoding, LIMITS, &mut found);
        walked.map_err(|cause| SegError::Unreadable { cause })?;
        match (found.too_many, found.wrong) {
            (true, _) => Err(SegError::TooManyFrames),
            (false, Some(cause)) => Err(cause.into()),
            (false, None) => Ok(found),
        }
    }

    pub(super) fn reader<'a>(
        &'a self,
        own: &'a Places,
        data_set: &'a [u8],
        encoding: Encoding,
    ) -> Reader<'a> {
        Reader { data_set, encoding, layers: [Some(own), Some(&self.top), None] }
    }

    fn segment(&mut self, item: u32) -> Option<&mut SegmentPlaces> {
        let index = usize::try_from(item).ok().filter(|index| *index < SEGMENTS_MAX)?;
        // Items come in order and each costs an element, so this grows no further than the walk allows.
        while self.segments.len() <= index {
            self.segments.push(SegmentPlaces::default());
        }
        self.segments.get_mut(index)
    }

    fn of_segment(&mut self, path: &[Step]) -> Option<&mut Places> {
        let (first, inside) = path.split_first()?;
        let segment = self.segment(first.item)?;
        match inside {
            [] => Some(&mut segment.own),
            [step] if step.item == 0 && step.sequence == tags::SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE => {
                Some(&mut segment.category)
            }
            [step] if step.item == 0 && step.sequence == tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE => {
                Some(&mut segment.kind)
            }
            [step] if step.item == 0 && step.sequence == tags::ANATOMIC_REGION_SEQUENCE => {
                Some(&mut segment.region)
            }
            [outer, step]
                if outer.sequence == tags::SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE
                    && step.sequence == tags::SEGMENTED_PROPERTY_TYPE_MODIFIER_CODE_SEQUENCE =>
            {
                item_of(&mut segment.modifiers, step.item)
            }
            [outer, step]
                if outer.sequence == tags::ANATOMIC_REGION_SEQUENCE
                    && step.sequence == tags::ANATOMIC_REGION_MODIFIER_SEQUENCE =>
            {
                item_of(&mut segment.region_modifiers, step.item)
            }
            _ => None,
        }
    }

    fn of_frame(&mut self, item: u32, group: Tag, element: &Element<'_>) {
        let index = usize::try_from(item).unwrap_or(usize::MAX);
        if let Some(frame) = self.frames.get_mut(index)
            && let Err(wrong) = frame.take(group, element)
        {
            self.wrong = self.wrong.or(Some(wrong));
        }
    }
}

fn item_of(items: &mut Vec<Places>, item: u32) -> Option<&mut Places> {
    let index = usize::try_from(item).ok().filter(|index| *index < MODIFIERS_MAX)?;
    while items.len() <= index {
        items.push(Places::new());
    }
    items.get_mut(index)
}

impl Visitor for Found {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let place = element.value_at..element.value_at + element.value.len();
        match path {
            [] if element.tag == PIXEL_DATA => {
                let words = element.vr == Some(dicom_core::VR::OW);
                self.pixels = PixelPlace::Native { place, words };
            }
            [] if wanted(element.tag) => {
                self.top.entry(element.tag).or_insert(place);
            }
            [frame, group] if frame.sequence == tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE => {
                self.of_frame(frame.item, group.sequence, element);
            }
            [frame, group] if frame.sequence == tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE => {
                if let Err(wrong) = self.shared.take(group.sequence, element) {
                    self.wrong = self.wrong.or(Some(wrong));
                }
            }
            [first, ..] if first.sequence == tags::SEGMENT_SEQUENCE => {
                if let Some(places) = self.of_segment(path) {
                    places.entry(element.tag).or_insert(place);
                }
            }
            _ => {}
        }
    }

    fn item(&mut self, path: &[Step]) {
        if let [frame] = path
            && frame.sequence == tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE
        {
            self.too_many |= frame.item >= super::FRAMES_MAX;
            if !self.too_many {
                self.frames.push(Frame::default());
            }
        }
    }

    fn fragment(&mut self, path: &[Step], at: usize, value: &[u8]) {
        if !path.is_empty() {
            return;
        }
        let place = at..at + value.len();
        if let PixelPlace::Encapsulated(fragments) = &mut self.pixels {
            fragments.push(place);
        } else {
            self.pixels = PixelPlace::Encapsulated(vec![place]);
        }
    }
}

fn wanted(tag: Tag) -> bool {
    // Whatever says how pixels lie, group 0028, and what kind of segmentation it is.
    (tag.group() == 0x0028 && tag.element() < 0x0110)
        || matches!(
            tag,
            tags::SPECIFIC_CHARACTER_SET
                | tags::SOP_CLASS_UID
                | tags::SEGMENTATION_TYPE
                | tags::MAXIMUM_FRACTIONAL_VALUE
        )
}
