//! The voxels of a region whose values lie in a range.

use super::Over;
use super::block::Changes;
use super::progress::{Cancelled, Pace, Progress};
use super::region::Region;
use super::values::Within;
use crate::mask::{LabelMap, SliceDelta, pieces};
use crate::volume::Volume;

/// What a threshold marks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    /// The lowest value that is marked, in the unit of the volume.
    pub lower: f64,
    /// The highest value that is marked.
    pub upper: f64,
    /// The label that it gives; 0 erases.
    pub label: u16,
    /// What it may write over.
    pub over: Over,
}

/// Why a threshold was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdRefusal {
    /// Volume, map and region are not of one size.
    #[error("volume, labels and region are not on one grid")]
    GridMismatch,
    /// The range is upside down or not a number.
    #[error("the range of values is upside down or not a number")]
    Range,
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for ThresholdRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Gives a label to the voxels of a region whose value lies in a closed range.
///
/// Values are compared in the unit of the volume. A value that is not finite is in no range. Memory: the
/// change only.
///
/// # Errors
/// [`ThresholdRefusal`] says why.
pub fn threshold(
    volume: &Volume,
    map: &LabelMap,
    region: &Region,
    mark: Threshold,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, ThresholdRefusal> {
    if !volume.grid().same_as(map.grid()) || region.grid_size() != map.grid().size() {
        return Err(ThresholdRefusal::GridMismatch);
    }
    // A comparison with a NaN is false.
    let ordered = mark.lower <= mark.upper;
    if !ordered {
        return Err(ThresholdRefusal::Range);
    }
    let mut pace = Pace::new(progress, [0.0, 1.0], region.voxels());
    let slice_voxels = map.grid().slice_voxels() as usize;
    let within = Within::new(volume, [mark.lower, mark.upper]);
    let mut deltas = Vec::new();
    for (k, runs) in region.slices() {
        let mut changes = Changes::default();
        for [start, length] in runs {
            pace.step(u64::from(length))?;
            pieces(map.slice(k), start, start + length, |from, to, old| {
                if !mark.over.allows(old, mark.label) {
                    return;
                }
                let first = k as usize * slice_voxels;
                within.each(first + from as usize, first + to as usize, |from, to| {
                    changes.push_run((from - first) as u32, (to - first) as u32, old, mark.label);
                });
            });
        }
        deltas.extend(changes.finish(k));
    }
    Ok(deltas)
}
