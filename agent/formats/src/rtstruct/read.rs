//! From contours to label maps on a grid that the caller gives: a structure set has none of its own.

use super::found::{Contour, Contours, Found, attribute};
use super::{RtError, STRUCTURE_SET_STORAGE};
use crate::attributes::{Attribute, AttributeError, Places, SOP_CLASS_UID, decimal};
use crate::part10::{self, Part10};
use crate::seg::layers::Collector;
use crate::seg::{Algorithm, INFLATED_BYTES_MAX, Segment};
use agent_imaging::contours::filled;
use agent_imaging::{Grid, LabelMap, PatientMm};
use agent_phi::HeaderText;
use dicom_dictionary_std::tags;
use std::collections::BTreeMap;

const ROI_NUMBER: Attribute = attribute(tags::ROI_NUMBER, "ROINumber");
const REFERENCED_ROI: Attribute = attribute(tags::REFERENCED_ROI_NUMBER, "ReferencedROINumber");
const CONTOUR_DATA: Attribute = attribute(tags::CONTOUR_DATA, "ContourData");
/// How far the points of one contour may lie off its plane, in slices.
const PLANAR: f64 = 0.1;

/// What a structure set holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Structures {
    /// By their numbers, which are those of the regions where they are labels, and their places otherwise.
    pub segments: Vec<Segment>,
    /// Label maps on the grid, more than one where regions overlap. Never empty.
    pub layers: Vec<LabelMap>,
    /// Two regions that overlap, where any do.
    pub overlap: Option<(u16, u16)>,
    /// Points and open lines, which have no inside.
    pub left_out: usize,
}

/// Reads a structure set onto the grid of its series.
///
/// # Errors
/// The variant of `RtError` that names what is wrong.
pub fn read(file: &[u8], grid: &Grid) -> Result<Structures, RtError> {
    let part10 =
        part10::open_within(file, INFLATED_BYTES_MAX).map_err(|cause| RtError::Unreadable { cause })?;
    let found = Found::read(&part10.data_set, part10.syntax.encoding())?;
    let set = Set { found: &found, part10: &part10, grid };
    let none = Places::new();
    if set.reader(&none).plain(SOP_CLASS_UID)? != Some(STRUCTURE_SET_STORAGE) {
        return Err(RtError::NotAStructureSet);
    }
    let (mut segments, labels) = set.regions()?;
    let mut collector = Collector::new(grid.size()[2]);
    let mut left_out = 0;
    for (region, drawn) in found.drawn.iter().enumerate() {
        let reader = set.reader(&drawn.own);
        let keyword = REFERENCED_ROI.keyword;
        let number = reader.integer(REFERENCED_ROI)?.ok_or(AttributeError::Missing { keyword })?;
        let label = *labels.get(&number).ok_or(RtError::UnknownRegion)?;
        let colour = reader.decimals(attribute(tags::ROI_DISPLAY_COLOR, "ROIDisplayColor"));
        if let (Some(segment), Ok(colour)) = (segments.iter_mut().find(|one| one.number == label), colour) {
            segment.colour = <[f64; 3]>::try_from(colour).ok().map(|colour| colour.map(|part| part as u8));
        }
        left_out += set.collect(region, drawn, label, &mut collector)?;
    }
    segments.sort_by_key(|segment| segment.number);
    let (layers, overlap) = collector.finish(*grid).map_err(|cause| RtError::Layers { cause })?;
    Ok(Structures { segments, layers, overlap, left_out })
}

struct Set<'a> {
    found: &'a Found,
    part10: &'a Part10<'a>,
    grid: &'a Grid,
}

impl<'a> Set<'a> {
    fn reader(&'a self, own: &'a Places) -> crate::attributes::Reader<'a> {
        self.found.reader(own, &self.part10.data_set, self.part10.syntax.encoding())
    }

    /// The regions, and the label of each region's number.
    fn regions(&self) -> Result<(Vec<Segment>, BTreeMap<i64, u16>), RtError> {
        let mut numbers = Vec::new();
        for places in &self.found.regions {
            let keyword = ROI_NUMBER.keyword;
            let number = self.reader(places).integer(ROI_NUMBER)?;
            numbers.push(number.ok_or(AttributeError::Missing { keyword })?);
        }
        let keeps = numbers.iter().all(|number| (1..=i64::from(u16::MAX)).contains(number));
        let mut labels = BTreeMap::new();
        let mut segments = Vec::new();
        for ((number, places), place) in numbers.into_iter().zip(&self.found.regions).zip(1_u16..) {
            let label = if keeps { u16::try_from(number).unwrap_or(place) } else { place };
            if labels.insert(number, label).is_some() {
                return Err(AttributeError::Invalid { keyword: ROI_NUMBER.keyword }.into());
            }
            segments.push(self.segment(places, label)?);
        }
        Ok((segments, labels))
    }

    fn segment(&self, places: &Places, label: u16) -> Result<Segment, RtError> {
        let reader = self.reader(places);
        let name = attribute(tags::ROI_NAME, "ROIName");
        let plain = Segment::plain(label).map_err(|_| AttributeError::Invalid { keyword: name.keyword })?;
        let named = reader.text(name).and_then(|name| HeaderText::new(name).ok());
        let by = reader.plain(attribute(tags::ROI_GENERATION_ALGORITHM, "ROIGenerationAlgorithm"))?;
        let algorithm = match by {
            Some("AUTOMATIC") => Algorithm::Automatic { name: plain.label.clone() },
            Some("SEMIAUTOMATIC") => Algorithm::Semiautomatic { name: plain.label.clone() },
            Some(_) | None => Algorithm::Manual,
        };
        Ok(Segment { label: named.unwrap_or(plain.label.clone()), algorithm, ..plain })
    }

    /// Fills the contours of one region, and counts those that have no inside.
    fn collect(
        &self,
        region: usize,
        drawn: &Contours,
        label: u16,
        collector: &mut Collector,
    ) -> Result<usize, RtError> {
        let mut slices: BTreeMap<u32, Vec<Vec<[f64; 2]>>> = BTreeMap::new();
        let mut left_out = 0;
        for (contour, places) in drawn.contours.iter().enumerate() {
            let kind = self.part10.data_set.get(places.kind.clone()).unwrap_or_default();
            // PS3.3 §C.8.8.6.1; the last is how some programs spell the one before.
            let kind = kind.trim_ascii();
            if !matches!(kind, b"CLOSED_PLANAR" | b"CLOSEDPLANAR_XOR" | b"CLOSED_PLANAR_XOR") {
                left_out += 1;
                continue;
            }
            let (k, line) = self.line(places, (region, contour))?;
            slices.entry(k).or_default().push(line);
        }
        let [columns, rows, _] = self.grid.size();
        for (k, lines) in slices {
            collector.frame(label, k).map_err(|cause| RtError::Layers { cause })?;
            for (start, length) in filled(&lines, columns, rows).map_err(|_| RtError::TooComplex)? {
                collector.push(k, (start as usize, (start + length) as usize), label);
            }
            collector.check().map_err(|cause| RtError::Layers { cause })?;
        }
        Ok(left_out)
    }

    /// The nearest slice, and the points as places (i, j) of it.
    fn line(
        &self,
        places: &Contour,
        (region, contour): (usize, usize),
    ) -> Result<(u32, Vec<[f64; 2]>), RtError> {
        let invalid = AttributeError::Invalid { keyword: CONTOUR_DATA.keyword };
        let bytes = self.part10.data_set.get(places.points.clone()).unwrap_or_default();
        let text = std::str::from_utf8(bytes).map_err(|_| invalid)?;
        let mut line = Vec::new();
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut parts = text.split('\\').map(|part| decimal(part, CONTOUR_DATA));
        while let Some(x) = parts.next() {
            let (y, z) = (parts.next().ok_or(invalid)?, parts.next().ok_or(invalid)?);
            let [i, j, k] = self.grid.to_voxel(PatientMm([x?, y?, z?])).0;
            (lowest, highest) = (lowest.min(k), highest.max(k));
            line.push([i, j]);
        }
        if line.is_empty() || highest - lowest > PLANAR {
            return Err(RtError::NotPlanar { region, contour });
        }
        let slice = f64::midpoint(lowest, highest).round();
        if !(slice >= 0.0 && slice < f64::from(self.grid.size()[2])) {
            return Err(RtError::OffGrid { region, contour });
        }
        // A whole number within 16 bits.
        Ok((slice as u32, line))
    }
}
