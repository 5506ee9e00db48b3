//! How well two label maps on one grid agree, label by label.
//!
//! Definitions: `Overlap` counts voxels; `SurfaceDistances` weighs each piece of surface by its area; single objects
//! of a label are matched in `instances`; `BorderDistances` is there to be compared with other tools.
//! Masks are never resampled: two grids are a refusal. A measure that does not exist is the reason
//! why, never a number that stands for one.

mod area;
pub(crate) mod bits;
mod border;
pub(crate) mod distance;
pub mod instances;
pub(crate) mod nearest;
mod surface;

pub use border::BorderDistances;
pub use surface::SurfaceDistances;
pub(crate) use surface::surface_mm2;

use crate::geometry::Grid;
use crate::mask::LabelMap;

/// Version of the definitions in this room; it goes with every number.
pub const ENGINE: u32 = 1;

/// Why a measure does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Undefined {
    /// Neither mask has a voxel.
    BothEmpty,
    /// One mask has no voxel: there is no distance to it.
    OneEmpty,
    /// It was not asked for.
    NotMeasured,
    /// It has no meaning on this image, such as a distance across a stack of single slices.
    OutOfScope,
}

/// A measure, or why there is none.
pub type MetricValue = Result<f64, Undefined>;

/// Two label maps are not on one grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the two label maps are not on one grid")]
pub struct GridMismatch;

/// Two label maps that are proved to share a grid.
#[derive(Debug, Clone, Copy)]
pub struct MaskPair<'a> {
    reference: &'a LabelMap,
    candidate: &'a LabelMap,
}

impl<'a> MaskPair<'a> {
    /// Puts two maps side by side.
    ///
    /// # Errors
    /// [`GridMismatch`] when they are not on one grid.
    pub fn new(reference: &'a LabelMap, candidate: &'a LabelMap) -> Result<Self, GridMismatch> {
        if !reference.grid().same_as(candidate.grid()) {
            return Err(GridMismatch);
        }
        Ok(Self { reference, candidate })
    }

    /// The voxels of a label in each map and in both.
    pub fn overlap(&self, label: u16) -> Overlap {
        let mut slices: Vec<u32> =
            self.reference.slices().chain(self.candidate.slices()).map(|(k, _)| k).collect();
        slices.sort_unstable();
        slices.dedup();
        self.overlap_in(slices, label)
    }

    /// The voxels of a label in some slices of each map and of both.
    fn overlap_in(&self, slices: impl IntoIterator<Item = u32>, label: u16) -> Overlap {
        let (mut counts, mut both) = ([0, 0], 0);
        for k in slices {
            let marked = |map: &'a LabelMap| map.slice(k).iter().filter(move |run| run.label == label);
            for (count, map) in counts.iter_mut().zip([self.reference, self.candidate]) {
                *count += marked(map).map(|run| u64::from(run.length)).sum::<u64>();
            }
            let mut others = marked(self.candidate).peekable();
            for run in marked(self.reference) {
                while let Some(other) = others.peek() {
                    let (from, to) = (run.start.max(other.start), run.end().min(other.end()));
                    both += u64::from(to.saturating_sub(from));
                    if other.end() > run.end() {
                        break;
                    }
                    others.next();
                }
            }
        }
        Overlap {
            reference_voxels: counts[0],
            candidate_voxels: counts[1],
            both_voxels: both,
            voxel_mm3: self.reference.grid().voxel_mm3(),
        }
    }

    /// The distances between the two surfaces of a label.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] or [`Undefined::OneEmpty`] when a surface is missing.
    pub fn surfaces(&self, label: u16) -> Result<SurfaceDistances, Undefined> {
        surface::distances(self.reference, self.candidate, label)
    }

    /// The distances between the two contours of a label in slice k: areas are lengths in millimetres.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] or [`Undefined::OneEmpty`] when a contour is missing.
    pub fn contours(&self, label: u16, k: u32) -> Result<SurfaceDistances, Undefined> {
        surface::contours(self.reference, self.candidate, label, k)
    }

    /// The distances between the border voxels of a label, as other tools measure them; see [`BorderDistances`].
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] or [`Undefined::OneEmpty`] when a mask is empty.
    pub fn borders(&self, label: u16) -> Result<BorderDistances, Undefined> {
        border::distances(self.reference, self.candidate, label)
    }

    /// The grid that both share.
    pub const fn grid(&self) -> &Grid {
        self.reference.grid()
    }
}

/// How many voxels each of two masks has and how many they share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overlap {
    /// Voxels of the reference.
    pub reference_voxels: u64,
    /// Voxels of the candidate.
    pub candidate_voxels: u64,
    /// Voxels of both.
    pub both_voxels: u64,
    voxel_mm3: f64,
}

impl Overlap {
    /// Twice the shared voxels by the voxels of both masks together.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] when neither mask has a voxel.
    pub fn dice(&self) -> MetricValue {
        self.share(2 * self.both_voxels, self.reference_voxels + self.candidate_voxels)
    }

    /// The shared voxels by the voxels in either mask.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] when neither mask has a voxel.
    pub fn intersection_over_union(&self) -> MetricValue {
        self.share(self.both_voxels, self.reference_voxels + self.candidate_voxels - self.both_voxels)
    }

    /// Volume of the reference in cubic millimetres.
    pub fn reference_mm3(&self) -> f64 {
        self.reference_voxels as f64 * self.voxel_mm3
    }

    /// Volume of the candidate in cubic millimetres.
    pub fn candidate_mm3(&self) -> f64 {
        self.candidate_voxels as f64 * self.voxel_mm3
    }

    /// Volume of the candidate less that of the reference, in cubic millimetres.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] when neither mask has a voxel.
    pub fn volume_difference_mm3(&self) -> MetricValue {
        self.difference(1.0).map(|difference| difference * self.voxel_mm3)
    }

    /// The same as a share of the reference's volume.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] when neither mask has a voxel, [`Undefined::OneEmpty`] when the reference has none.
    pub fn relative_volume_difference(&self) -> MetricValue {
        if self.reference_voxels == 0 {
            return Err(self.without_surface().unwrap_or(Undefined::OneEmpty));
        }
        self.difference(self.reference_voxels as f64)
    }

    /// The same as a share of the mean of both volumes, -2 to 2; it changes its sign alone when the masks change
    /// places.
    ///
    /// # Errors
    /// [`Undefined::BothEmpty`] when neither mask has a voxel.
    pub fn symmetric_volume_difference(&self) -> MetricValue {
        self.difference((self.reference_voxels + self.candidate_voxels) as f64 / 2.0)
    }

    fn difference(&self, by: f64) -> MetricValue {
        if self.reference_voxels + self.candidate_voxels == 0 {
            return Err(Undefined::BothEmpty);
        }
        Ok((self.candidate_voxels as f64 - self.reference_voxels as f64) / by)
    }

    /// Why distances between the masks do not exist, if so.
    pub const fn without_surface(&self) -> Option<Undefined> {
        match (self.reference_voxels, self.candidate_voxels) {
            (0, 0) => Some(Undefined::BothEmpty),
            (0, _) | (_, 0) => Some(Undefined::OneEmpty),
            (_, _) => None,
        }
    }

    fn share(&self, part: u64, whole: u64) -> MetricValue {
        if whole == 0 { Err(Undefined::BothEmpty) } else { Ok(part as f64 / whole as f64) }
    }
}

/// What to measure of a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelTarget {
    /// Which label.
    pub label: u16,
    /// Surface within this distance counts as right, in millimetres.
    pub tolerance_mm: f64,
}

/// Whether distances may be measured across slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// A volume: all measures.
    Volume,
    /// A stack of single slices: overlaps only.
    Stack,
}

/// All measures of one label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelScore {
    /// Which label.
    pub label: u16,
    /// Voxels of the reference.
    pub reference_voxels: u64,
    /// Voxels of the candidate.
    pub candidate_voxels: u64,
    /// Volume of the reference in cubic millimetres.
    pub reference_mm3: f64,
    /// Volume of the candidate in cubic millimetres.
    pub candidate_mm3: f64,
    /// Dice, 0 to 1.
    pub dice: MetricValue,
    /// [`Overlap::volume_difference_mm3`].
    pub volume_difference_mm3: MetricValue,
    /// [`Overlap::relative_volume_difference`].
    pub relative_volume_difference: MetricValue,
    /// [`Overlap::symmetric_volume_difference`].
    pub symmetric_volume_difference: MetricValue,
    /// Intersection over union, 0 to 1.
    pub intersection_over_union: MetricValue,
    /// Normalised surface Dice at the label's tolerance, 0 to 1.
    pub nsd: MetricValue,
    /// 95th-percentile Hausdorff distance in millimetres.
    pub hd95_mm: MetricValue,
    /// Hausdorff distance in millimetres.
    pub hd_mm: MetricValue,
    /// Average symmetric surface distance in millimetres.
    pub assd_mm: MetricValue,
    /// Mean average surface distance in millimetres.
    pub masd_mm: MetricValue,
    /// How much too large the candidate is, in millimetres.
    pub signed_bias_mm: MetricValue,
}

/// Measures labels of a candidate against a reference.
///
/// Where both masks are empty every measure is `BothEmpty`. Where one is empty, Dice, intersection
/// over union and NSD are 0 and distances are `OneEmpty`.
///
/// # Errors
/// [`GridMismatch`] when the maps are not on one grid.
pub fn compare(
    reference: &LabelMap,
    candidate: &LabelMap,
    targets: &[LabelTarget],
    depth: Depth,
) -> Result<Vec<LabelScore>, GridMismatch> {
    let pair = MaskPair::new(reference, candidate)?;
    let score = |target: &LabelTarget| {
        let overlap = pair.overlap(target.label);
        let distances = match depth {
            Depth::Volume => pair.surfaces(target.label),
            Depth::Stack => Err(overlap.without_surface().unwrap_or(Undefined::OutOfScope)),
        };
        score(overlap, distances, target)
    };
    Ok(targets.iter().map(score).collect())
}

/// Measures labels of slice k by itself: areas count for volumes, contours for surfaces. For stacks of single
/// pictures, and for what is drawn in one slice alone.
///
/// # Errors
/// [`GridMismatch`] when the maps are not on one grid.
pub fn compare_slice(
    reference: &LabelMap,
    candidate: &LabelMap,
    targets: &[LabelTarget],
    k: u32,
) -> Result<Vec<LabelScore>, GridMismatch> {
    let pair = MaskPair::new(reference, candidate)?;
    let score = |target: &LabelTarget| {
        let overlap = pair.overlap_in([k], target.label);
        score(overlap, pair.contours(target.label, k), target)
    };
    Ok(targets.iter().map(score).collect())
}

fn score(
    overlap: Overlap,
    distances: Result<SurfaceDistances, Undefined>,
    target: &LabelTarget,
) -> LabelScore {
    let surfaces = distances.as_ref().map_err(|reason| *reason);
    LabelScore {
        label: target.label,
        reference_voxels: overlap.reference_voxels,
        candidate_voxels: overlap.candidate_voxels,
        reference_mm3: overlap.reference_mm3(),
        candidate_mm3: overlap.candidate_mm3(),
        dice: overlap.dice(),
        volume_difference_mm3: overlap.volume_difference_mm3(),
        relative_volume_difference: overlap.relative_volume_difference(),
        symmetric_volume_difference: overlap.symmetric_volume_difference(),
        intersection_over_union: overlap.intersection_over_union(),
        nsd: match surfaces {
            Ok(surfaces) => Ok(surfaces.within(target.tolerance_mm)),
            Err(Undefined::OneEmpty) => Ok(0.0),
            Err(reason) => Err(reason),
        },
        hd95_mm: surfaces.map(|surfaces| surfaces.hausdorff_mm(95.0)),
        hd_mm: surfaces.map(|surfaces| surfaces.hausdorff_mm(100.0)),
        assd_mm: surfaces.map(SurfaceDistances::average_mm),
        masd_mm: surfaces.map(SurfaceDistances::mean_average_mm),
        signed_bias_mm: surfaces.map(SurfaceDistances::signed_bias_mm),
    }
}

#[cfg(test)]
mod tests;
