//! Runs of voxels of many segments, as they come, to label maps of which each voxel has one label.

use super::{RUNS_MAX, SegError};
use agent_imaging::{Grid, LabelMap, Run};
use std::collections::{BTreeMap, HashSet};

/// More layers than this are refused: so many segments that all share a voxel are nothing that anybody drew.
const LAYERS_MAX: usize = 256;

/// Collects runs by slice.
pub(crate) struct Collector {
    slices: Vec<Vec<Run>>,
    runs: usize,
    seen: HashSet<(u16, u32)>,
}

/// Label maps, and the first two segments that kept them from being one.
pub(crate) type Layers = (Vec<LabelMap>, Option<(u16, u16)>);

impl Collector {
    pub(crate) fn new(slices: u32) -> Self {
        Self { slices: vec![Vec::new(); slices as usize], runs: 0, seen: HashSet::new() }
    }

    /// A frame of a segment begins; there may be one on each slice.
    pub(crate) fn frame(&mut self, segment: u16, k: u32) -> Result<(), SegError> {
        if self.seen.insert((segment, k)) { Ok(()) } else { Err(SegError::Twice { segment, k }) }
    }

    /// Adds voxels `start..end` of slice `k`.
    pub(crate) fn push(&mut self, k: u32, (start, end): (usize, usize), label: u16) {
        self.runs += 1;
        // Counted on, so that the frame that is too much is still refused; a slice has fewer than 2^32 voxels.
        if self.runs <= RUNS_MAX
            && let Some(slice) = self.slices.get_mut(k as usize)
        {
            slice.push(Run { start: start as u32, length: (end - start) as u32, label });
        }
    }

    /// Whether there are too many runs by now.
    pub(crate) fn check(&self) -> Result<(), SegError> {
        if self.runs > RUNS_MAX { Err(SegError::TooManyRuns) } else { Ok(()) }
    }

    pub(crate) fn finish(mut self, grid: Grid) -> Result<Layers, SegError> {
        let mut overlap = None;
        for slice in &mut self.slices {
            if !slice.is_sorted_by_key(|run| run.start) {
                slice.sort_unstable_by_key(|run| run.start);
            }
            overlap = overlap.or_else(|| first_overlap(slice));
        }
        if overlap.is_some() {
            return Ok((layered(&grid, &self.slices)?, overlap));
        }
        let map = LabelMap::from_slices(grid, (0..).zip(self.slices));
        // Sorted and disjoint by now, and each frame has been placed on the grid.
        Ok((vec![map.map_err(|_| SegError::TooManyRuns)?], None))
    }
}

fn first_overlap(slice: &[Run]) -> Option<(u16, u16)> {
    let mut reach = (0, 0);
    for run in slice {
        if run.start < reach.0 {
            return Some((reach.1, run.label));
        }
        reach = (run.start + run.length, run.label);
    }
    None
}

type Taken = BTreeMap<u32, BTreeMap<u32, (u32, u16)>>;

/// Each segment whole on the first layer where it has room, as 3D Slicer does.
fn layered(grid: &Grid, slices: &[Vec<Run>]) -> Result<Vec<LabelMap>, SegError> {
    let mut segments: BTreeMap<u16, Vec<(u32, Run)>> = BTreeMap::new();
    for (slice, k) in slices.iter().zip(0..) {
        for run in slice {
            segments.entry(run.label).or_default().push((k, *run));
        }
    }
    let mut layers: Vec<Taken> = Vec::new();
    for runs in segments.into_values() {
        let room = layers.iter().position(|layer| runs.iter().all(|(k, run)| free(layer, *k, run)));
        let layer = room.unwrap_or(layers.len());
        if layer == LAYERS_MAX {
            return Err(SegError::TooManyRuns);
        }
        if layer == layers.len() {
            layers.push(Taken::new());
        }
        let Some(layer) = layers.get_mut(layer) else { continue };
        for (k, run) in runs {
            layer.entry(k).or_default().insert(run.start, (run.length, run.label));
        }
    }
    let map = |layer: Taken| {
        let runs = |runs: BTreeMap<u32, (u32, u16)>| -> Vec<Run> {
            runs.into_iter().map(|(start, (length, label))| Run { start, length, label }).collect()
        };
        LabelMap::from_slices(*grid, layer.into_iter().map(|(k, slice)| (k, runs(slice))))
            .map_err(|_| SegError::TooManyRuns)
    };
    layers.into_iter().map(map).collect()
}

fn free(layer: &Taken, k: u32, run: &Run) -> bool {
    let Some(slice) = layer.get(&k) else { return true };
    // The last one that begins in front of the end must not reach behind the start.
    let before = slice.range(..run.start + run.length).next_back();
    before.is_none_or(|(start, (length, _))| start + length <= run.start)
}
