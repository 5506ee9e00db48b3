//! Level tracing: what the line of one value through a voxel encloses, within its slice.

use super::bits::Bits;
use super::fill::Axis;
use super::flood::{Touch, flood};
use super::holes::closed;
use super::progress::{Cancelled, Pace, Progress};
use super::region::Region;
use super::sphere::paint;
use crate::mask::{LabelMap, SliceDelta};
use crate::volume::Volume;

/// What is traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LevelSide {
    /// The bright thing that the voxel is on the edge of: values from that of the voxel upwards.
    Bright,
    /// The dark one: values from that of the voxel downwards.
    Dark,
}

/// A level to be traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelTrace {
    /// The voxel (i, j, k) whose value is the level.
    pub seed: [u32; 3],
    /// The axis of the slice.
    pub axis: Axis,
    /// Which side of the level is traced.
    pub side: LevelSide,
    /// The label that what is enclosed gets.
    pub label: u16,
}

/// Why no level was traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelRefusal {
    /// Volume and map are not on one grid.
    #[error("volume and labels are not on one grid")]
    GridMismatch,
    /// The voxel is outside the volume or has no finite value.
    #[error("the voxel is outside the volume or has no value")]
    Seed,
    /// The label is 0, which is no label.
    #[error("the label is 0, which is no label")]
    Label,
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for LevelRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Gives a label to what the outline at the level of a voxel encloses in its slice.
///
/// The outline is the outer edge of the pixels that are connected with the voxel, by side, over values at least (or
/// at most) its own, as 3D Slicer's Level tracing follows it; what it encloses are those pixels and those that no way
/// from side to side leads from, over other pixels, to the end of the slice. The label is given over every other;
/// [`super::Policy`] says which may be written over. Memory: a few bits for each pixel of the slice.
///
/// # Errors
/// [`LevelRefusal`] says why.
pub fn level_trace(
    volume: &Volume,
    map: &LabelMap,
    trace: &LevelTrace,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, LevelRefusal> {
    let grid = map.grid();
    if !volume.grid().same_as(grid) {
        return Err(LevelRefusal::GridMismatch);
    }
    if trace.label == 0 {
        return Err(LevelRefusal::Label);
    }
    if (0..3).any(|axis| trace.seed[axis] >= grid.size()[axis]) {
        return Err(LevelRefusal::Seed);
    }
    let [across, u, v] = trace.axis.order();
    let size = grid.size();
    let voxel = |pixel: [u32; 2]| {
        let mut voxel = [0; 3];
        (voxel[across], voxel[u], voxel[v]) = (trace.seed[across], pixel[0], pixel[1]);
        voxel
    };
    let value = |[i, j, k]: [u32; 3]| {
        let at = k as usize * grid.slice_voxels() as usize + (j * size[0] + i) as usize;
        volume.voxels().value(at).filter(|value| value.is_finite())
    };
    let level = value(trace.seed).ok_or(LevelRefusal::Seed)?;
    let beyond = |value: f64| match trace.side {
        LevelSide::Bright => value >= level,
        LevelSide::Dark => value <= level,
    };
    let mut inside = Bits::none([size[u] as usize, size[v] as usize, 1]);
    let mut pace = Pace::new(progress, [0.0, 0.6], u64::from(size[u]) * u64::from(size[v]));
    for row in 0..size[v] {
        pace.step(u64::from(size[u]))?;
        for column in (0..size[u]).filter(|&column| value(voxel([column, row])).is_some_and(beyond)) {
            inside.set(row as usize, column as usize, 1);
        }
    }
    let (row, column) = (trace.seed[v] as usize, trace.seed[u] as usize);
    let mut pace = Pace::new(progress, [0.6, 1.0], 8 * u64::from(size[v]));
    let found = flood(&inside, [(row, column, column + 1)], Touch::WithinK, &mut pace)?;
    let found = closed(&found, Touch::WithinK, &mut pace)?;
    let mut region = Region::empty(grid);
    for row in 0..size[v] {
        found.stretches(row as usize, [0, size[u] as usize], true, |from, to| {
            for column in from as u32..to as u32 {
                let [i, j, k] = voxel([column, row]);
                region.push(k, j * size[0] + i, j * size[0] + i + 1);
            }
        });
    }
    region.tidy();
    Ok(paint(map, &region, trace.label))
}
