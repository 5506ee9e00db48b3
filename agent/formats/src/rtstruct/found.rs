//! What one walk over a structure set finds: the regions, and where each contour's points stand.

use super::RtError;
use crate::attributes::{Attribute, Places, Reader};
use crate::prescan::{self, Element, Limits, Step, Visitor};
use crate::syntax::Encoding;
use dicom_core::Tag;
use dicom_dictionary_std::tags;
use std::ops::Range;

/// What a structure set may cost: a hundred regions of a thousand slices have about a million elements.
const LIMITS: Limits = Limits { elements_max: 12_000_000, header_bytes_max: 1024 * 1024 * 1024 };
/// Regions beyond these have no label.
const REGIONS_MAX: usize = 65_536;

/// Where one contour stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Contour {
    pub(super) kind: Range<usize>,
    pub(super) points: Range<usize>,
}

/// The contours of one region, and what else is said with them.
#[derive(Debug, Default)]
pub(super) struct Contours {
    pub(super) own: Places,
    pub(super) contours: Vec<Contour>,
}

#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) top: Places,
    /// Items of the Structure Set ROI Sequence.
    pub(super) regions: Vec<Places>,
    /// Items of the ROI Contour Sequence.
    pub(super) drawn: Vec<Contours>,
}

impl Found {
    pub(super) fn read(data_set: &[u8], encoding: Encoding) -> Result<Self, RtError> {
        let mut found = Self::default();
        prescan::walk(data_set, encoding, LIMITS, &mut found)
            .map_err(|cause| RtError::Unreadable { cause })?;
        if found.regions.len() >= REGIONS_MAX || found.drawn.len() >= REGIONS_MAX {
            return Err(RtError::TooManyRegions);
        }
        Ok(found)
    }

    pub(super) fn reader<'a>(
        &'a self,
        own: &'a Places,
        data_set: &'a [u8],
        encoding: Encoding,
    ) -> Reader<'a> {
        Reader { data_set, encoding, layers: [Some(own), Some(&self.top), None] }
    }
}

fn item<T: Default>(items: &mut Vec<T>, item: u32) -> Option<&mut T> {
    let index = usize::try_from(item).ok()?;
    // Items come in order and each costs an element, so this grows no further than the walk allows.
    while items.len() <= index {
        items.push(T::default());
    }
    items.get_mut(index)
}

impl Visitor for Found {
    fn element(&mut self, path: &[Step], element: &Element<'_>) {
        let place = element.value_at..element.value_at + element.value.len();
        match path {
            [] if matches!(element.tag, tags::SOP_CLASS_UID | tags::SPECIFIC_CHARACTER_SET) => {
                self.top.entry(element.tag).or_insert(place);
            }
            [region] if region.sequence == tags::STRUCTURE_SET_ROI_SEQUENCE => {
                if let Some(places) = item(&mut self.regions, region.item) {
                    places.entry(element.tag).or_insert(place);
                }
            }
            [region] if region.sequence == tags::ROI_CONTOUR_SEQUENCE => {
                if let Some(drawn) = item(&mut self.drawn, region.item) {
                    drawn.own.entry(element.tag).or_insert(place);
                }
            }
            [region, contour]
                if region.sequence == tags::ROI_CONTOUR_SEQUENCE
                    && contour.sequence == tags::CONTOUR_SEQUENCE =>
            {
                let drawn = item(&mut self.drawn, region.item);
                let Some(contour) = drawn.and_then(|drawn| item(&mut drawn.contours, contour.item)) else {
                    return;
                };
                match element.tag {
                    tags::CONTOUR_GEOMETRIC_TYPE => contour.kind = place,
                    tags::CONTOUR_DATA => contour.points = place,
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

pub(super) const fn attribute(tag: Tag, keyword: &'static str) -> Attribute {
    Attribute { tag, keyword }
}
