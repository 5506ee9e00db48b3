//! How far apart pixels are, and whether that is known for the patient.
//!
//! Nothing is guessed: where the header does not say, there is no spacing.

use crate::attributes::{
    IMAGER_PIXEL_SPACING, MAGNIFICATION, PHYSICAL_DELTA_X, PHYSICAL_DELTA_Y, PHYSICAL_UNITS_X,
    PHYSICAL_UNITS_Y, PIXEL_SPACING, REGION_SPATIAL_FORMAT, Reader, SPACING_CALIBRATION_TYPE,
};
use crate::vocabulary::Modality;

/// Distance between rows, then between columns, in millimetres.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Spacing {
    pub(super) pixel_spacing_mm: Option<[f64; 2]>,
    /// It is that at the detector, not in the patient.
    pub(super) at_detector: bool,
}

/// Physical Units X Direction (0018,6024): centimetres.
const CENTIMETRES: u16 = 3;
/// Region Spatial Format (0018,6012): two dimensions.
const TWO_DIMENSIONS: u16 = 1;
/// Spacings of one image that are given twice differ by less than this share.
const SAME: f64 = 0.001;

pub(super) fn read(reader: &Reader<'_>, modality: Modality, regions: &[Reader<'_>]) -> Spacing {
    if !regions.is_empty() {
        return Spacing { pixel_spacing_mm: of_regions(regions), at_detector: false };
    }
    // What is no pair of distances is no spacing, and no reason to refuse the image.
    let usable = |attribute| {
        let pair = reader.vector::<2>(attribute).ok().flatten();
        pair.filter(|pair| pair.iter().all(|distance| *distance > 0.0 && *distance < 1000.0))
    };
    let projection =
        matches!(modality, Modality::Cr | Modality::Dx | Modality::Mg | Modality::Xa | Modality::Rf);
    match (usable(PIXEL_SPACING), usable(IMAGER_PIXEL_SPACING)) {
        (Some(spacing), imager) => {
            let calibrated = reader.plain(SPACING_CALIBRATION_TYPE).ok().flatten().is_some();
            // PS3.3 §10.7.1.3: that the two differ says that Pixel Spacing was corrected for the patient.
            let corrected = imager.is_some_and(|imager| !same(spacing, imager));
            let at_detector = (projection || imager.is_some()) && !calibrated && !corrected;
            Spacing { pixel_spacing_mm: Some(spacing), at_detector }
        }
        (None, Some(imager)) => {
            let magnified = reader.decimal(MAGNIFICATION).ok().flatten();
            // PS3.3 §C.8.7.5: size at the detector over size in the patient, so at least 1.
            match magnified.filter(|factor| (1.0..10.0).contains(factor)) {
                Some(factor) => {
                    let pixel_spacing_mm = Some(imager.map(|distance| distance / factor));
                    Spacing { pixel_spacing_mm, at_detector: false }
                }
                None => Spacing { pixel_spacing_mm: Some(imager), at_detector: true },
            }
        }
        (None, None) => Spacing::default(),
    }
}

fn same(one: [f64; 2], other: [f64; 2]) -> bool {
    one.iter().zip(other).all(|(one, other)| (one - other).abs() <= SAME * other)
}

/// The spacing of the only two-dimensional ultrasound region with lengths in both directions: a screen with several
/// has several, and one in which an axis is time has none. Source: PS3.3 §C.8.5.5.
fn of_regions(regions: &[Reader<'_>]) -> Option<[f64; 2]> {
    let short = |region: &Reader<'_>, attribute| region.short(attribute).ok().flatten();
    let mut flat =
        regions.iter().filter(|region| short(region, REGION_SPATIAL_FORMAT) == Some(TWO_DIMENSIONS));
    let (region, None) = (flat.next()?, flat.next()) else { return None };
    let lengths = [PHYSICAL_UNITS_X, PHYSICAL_UNITS_Y].map(|unit| short(region, unit) == Some(CENTIMETRES));
    let deltas_cm = [PHYSICAL_DELTA_Y, PHYSICAL_DELTA_X].map(|delta| region.double(delta));
    let ([true, true], [Some(rows), Some(columns)]) = (lengths, deltas_cm) else { return None };
    // A delta is negative where the axis runs against the rows or columns.
    let spacing = [rows.abs() * 10.0, columns.abs() * 10.0];
    spacing.iter().all(|distance| *distance > 0.0 && *distance < 1000.0).then_some(spacing)
}
