//! Islands: what to do with the connected parts of a label.

use super::block::Changes;
use super::components::{Connectivity, Parts, parts};
use super::progress::{Cancelled, Pace, Progress};
use crate::mask::{LabelMap, SliceDelta};

/// What becomes of the islands of a label.
#[derive(Debug, Clone, PartialEq)]
pub enum IslandRule {
    /// The one with most voxels stays; of equals the first in storage order.
    KeepLargest,
    /// Those below this volume go.
    RemoveSmall {
        /// The least volume that stays, in cubic millimetres.
        minimum_mm3: f64,
    },
    /// Those with fewer voxels go.
    RemoveFewer {
        /// The fewest voxels that stay.
        minimum_voxels: u64,
    },
    /// The one with this voxel (i, j, k) stays, the others go.
    KeepPicked([u32; 3]),
    /// The one with this voxel (i, j, k) goes.
    RemovePicked([u32; 3]),
    /// The largest gets the first of these labels, the next the second, and so on; of equals the first in
    /// storage order comes first. To leave the label to the largest, name it first.
    Split(Vec<u16>),
}

/// Why islands were left as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IslandRefusal {
    /// No voxel has the label.
    #[error("no voxel has the label")]
    NothingDrawn,
    /// The picked voxel does not have the label.
    #[error("the picked voxel does not have the label")]
    NothingPicked,
    /// The least volume is not a number of cubic millimetres.
    #[error("the least volume is not a number of cubic millimetres")]
    Volume,
    /// There are more islands than labels for them.
    #[error("there are {islands} islands and {labels} labels for them")]
    TooManyIslands {
        /// Islands that were found.
        islands: u64,
        /// Labels that were given.
        labels: u64,
    },
    /// A label for an island is 0 or comes twice.
    #[error("a label for an island is 0 or comes twice")]
    Label,
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for IslandRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Keeps, removes or renames the islands of a label: its parts that are connected in three dimensions.
///
/// Voxels that go become unlabelled. Memory: the runs of the label, never a dense volume.
///
/// # Errors
/// [`IslandRefusal`] says why.
pub fn islands(
    map: &LabelMap,
    label: u16,
    rule: &IslandRule,
    connectivity: Connectivity,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, IslandRefusal> {
    let parts = parts(map, label, connectivity, progress)?;
    if parts.voxels.is_empty() {
        return Err(IslandRefusal::NothingDrawn);
    }
    let after = labels_after(map, label, rule, &parts)?;
    let mut pace = Pace::new(progress, [0.9, 1.0], parts.spans.len() as u64);
    let mut deltas = Vec::new();
    for slice in parts.spans.chunk_by(|a, b| a.k == b.k) {
        pace.step(slice.len() as u64)?;
        let mut changes = Changes::default();
        for span in slice {
            changes.push_run(span.start, span.end, label, after[span.part as usize]);
        }
        deltas.extend(changes.finish(slice[0].k));
    }
    Ok(deltas)
}

/// The label of each part afterwards.
fn labels_after(
    map: &LabelMap,
    label: u16,
    rule: &IslandRule,
    parts: &Parts,
) -> Result<Vec<u16>, IslandRefusal> {
    let count = parts.voxels.len();
    let only = |kept: usize| (0..count).map(|part| if part == kept { label } else { 0 }).collect();
    match rule {
        IslandRule::KeepLargest => Ok(by_size(parts).first().map_or(Vec::new(), |&kept| only(kept))),
        IslandRule::RemoveSmall { minimum_mm3 } => {
            if !minimum_mm3.is_finite() {
                return Err(IslandRefusal::Volume);
            }
            let stays = |&voxels: &u64| voxels as f64 * map.grid().voxel_mm3() >= *minimum_mm3;
            Ok(parts.voxels.iter().map(|voxels| if stays(voxels) { label } else { 0 }).collect())
        }
        IslandRule::RemoveFewer { minimum_voxels } => {
            let stays = |voxels: &u64| voxels >= minimum_voxels;
            Ok(parts.voxels.iter().map(|voxels| if stays(voxels) { label } else { 0 }).collect())
        }
        IslandRule::KeepPicked(voxel) => picked(map, parts, *voxel).map(only),
        IslandRule::RemovePicked(voxel) => {
            let gone = picked(map, parts, *voxel)?;
            Ok((0..count).map(|part| if part == gone { 0 } else { label }).collect())
        }
        IslandRule::Split(labels) => split(parts, labels),
    }
}

/// Parts, the largest first.
fn by_size(parts: &Parts) -> Vec<usize> {
    let mut order: Vec<usize> = (0..parts.voxels.len()).collect();
    order.sort_by_key(|&part| std::cmp::Reverse(parts.voxels[part]));
    order
}

fn picked(map: &LabelMap, parts: &Parts, voxel: [u32; 3]) -> Result<usize, IslandRefusal> {
    let [columns, rows, _] = map.grid().size();
    if voxel[0] >= columns || voxel[1] >= rows {
        return Err(IslandRefusal::NothingPicked);
    }
    let at = voxel[1] * columns + voxel[0];
    let after = parts.spans.partition_point(|span| (span.k, span.start) <= (voxel[2], at));
    let span = after.checked_sub(1).map(|before| &parts.spans[before]);
    let span = span.filter(|span| span.k == voxel[2] && at < span.end);
    span.map(|span| span.part as usize).ok_or(IslandRefusal::NothingPicked)
}

fn split(parts: &Parts, labels: &[u16]) -> Result<Vec<u16>, IslandRefusal> {
    let distinct: std::collections::BTreeSet<u16> = labels.iter().copied().collect();
    if distinct.contains(&0) || distinct.len() != labels.len() {
        return Err(IslandRefusal::Label);
    }
    if parts.voxels.len() > labels.len() {
        let (islands, labels) = (parts.voxels.len() as u64, labels.len() as u64);
        return Err(IslandRefusal::TooManyIslands { islands, labels });
    }
    let mut after = vec![0; parts.voxels.len()];
    for (part, &label) in by_size(parts).into_iter().zip(labels) {
        after[part] = label;
    }
    Ok(after)
}
