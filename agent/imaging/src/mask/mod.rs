//! Label maps: which object each voxel belongs to, kept as runs within slices.
//!
//! A label map changes only through a [`SliceDelta`], which names what was there before, so that
//! two sides that have drifted apart notice. Nothing here knows what a label means.

mod delta;
mod runs;

use std::collections::{BTreeMap, BTreeSet};

pub use delta::{DeltaRefusal, DeltaRun, InvalidDelta, SliceDelta};

use crate::geometry::Grid;
use runs::Builder;
pub(crate) use runs::pieces;

/// Voxels of one label that follow each other in a slice: `start` counts j * columns + i.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Run {
    /// First voxel within the slice.
    pub start: u32,
    /// How many voxels; at least one.
    pub length: u32,
    /// Which label; never 0, which is no label.
    pub label: u16,
}

impl Run {
    /// The voxel after the last one.
    pub(crate) const fn end(&self) -> u32 {
        self.start + self.length
    }
}

/// Why runs are not a label map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLabelMap {
    /// A slice is outside the grid.
    #[error("slice {k} is outside the grid")]
    Slice {
        /// Number of the slice.
        k: u32,
    },
    /// A run is empty, has label 0, overlaps or precedes the one before it, or leaves the slice.
    #[error("a run of slice {k} is empty, without label, out of order or outside the slice")]
    Run {
        /// Number of the slice.
        k: u32,
    },
    /// The number of values is not the number of voxels of the grid.
    #[error("the grid has {expected} voxels and {found} labels came")]
    Count {
        /// Voxels of the grid.
        expected: u64,
        /// Labels that came.
        found: u64,
    },
}

/// Labels on a grid. Equal maps have equal runs: runs are as long as can be.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelMap {
    grid: Grid,
    slices: BTreeMap<u32, Vec<Run>>,
}

impl LabelMap {
    /// A map without labels.
    pub const fn empty(grid: Grid) -> Self {
        Self { grid, slices: BTreeMap::new() }
    }

    /// From runs by slice, sorted and disjoint within each slice. A slice that comes twice counts as it
    /// came last.
    ///
    /// # Errors
    /// [`InvalidLabelMap`] names the slice.
    pub fn from_slices(
        grid: Grid,
        slices: impl IntoIterator<Item = (u32, Vec<Run>)>,
    ) -> Result<Self, InvalidLabelMap> {
        let mut map = Self::empty(grid);
        for (k, runs) in slices {
            if k >= grid.size()[2] {
                return Err(InvalidLabelMap::Slice { k });
            }
            let mut builder = Builder::default();
            let mut from = 0;
            for run in runs {
                let end = run.start.checked_add(run.length).filter(|&end| end <= grid.slice_voxels());
                let (Some(end), true) = (end, run.length > 0 && run.label > 0 && run.start >= from) else {
                    return Err(InvalidLabelMap::Run { k });
                };
                builder.push(run.start, end, run.label);
                from = end;
            }
            map.put(k, builder.finish());
        }
        Ok(map)
    }

    /// From one label for each voxel: i fastest, then j, then k.
    ///
    /// # Errors
    /// [`InvalidLabelMap::Count`] when there are more or fewer labels than voxels.
    pub fn from_dense(grid: Grid, labels: &[u16]) -> Result<Self, InvalidLabelMap> {
        if labels.len() as u64 != grid.voxels() {
            return Err(InvalidLabelMap::Count { expected: grid.voxels(), found: labels.len() as u64 });
        }
        let mut map = Self::empty(grid);
        for (slice, k) in labels.chunks_exact(grid.slice_voxels() as usize).zip(0..) {
            let mut builder = Builder::default();
            let mut start = 0;
            for stretch in slice.chunk_by(|a, b| a == b) {
                let end = start + stretch.len() as u32;
                builder.push(start, end, stretch[0]);
                start = end;
            }
            map.put(k, builder.finish());
        }
        Ok(map)
    }

    /// One label for each voxel: i fastest, then j, then k.
    pub fn to_dense(&self) -> Vec<u16> {
        let slice_voxels = self.grid.slice_voxels() as usize;
        let mut labels = vec![0; self.grid.voxels() as usize];
        for (&k, runs) in &self.slices {
            let from = k as usize * slice_voxels;
            for run in runs {
                labels[from + run.start as usize..from + run.end() as usize].fill(run.label);
            }
        }
        labels
    }

    /// Where the voxels lie.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The runs of slice k, sorted; empty when nothing is marked there.
    pub fn slice(&self, k: u32) -> &[Run] {
        self.slices.get(&k).map_or(&[], Vec::as_slice)
    }

    /// The slices that have labels, in order, with their runs.
    pub fn slices(&self) -> impl Iterator<Item = (u32, &[Run])> {
        self.slices.iter().map(|(&k, runs)| (k, runs.as_slice()))
    }

    /// Whether no voxel has a label.
    pub fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// The labels that occur.
    pub fn labels(&self) -> BTreeSet<u16> {
        self.slices.values().flatten().map(|run| run.label).collect()
    }

    /// How many voxels have a label.
    pub fn count(&self, label: u16) -> u64 {
        let runs = self.slices.values().flatten().filter(|run| run.label == label);
        runs.map(|run| u64::from(run.length)).sum()
    }

    /// The label of the voxel (i, j, k); `None` outside the grid.
    pub fn label_at(&self, voxel: [u32; 3]) -> Option<u16> {
        let size = self.grid.size();
        if (0..3).any(|axis| voxel[axis] >= size[axis]) {
            return None;
        }
        let offset = voxel[1] * size[0] + voxel[0];
        let mut found = 0;
        pieces(self.slice(voxel[2]), offset, offset + 1, |_, _, label| found = label);
        Some(found)
    }

    /// Makes one change, or none when it does not fit.
    ///
    /// # Errors
    /// [`DeltaRefusal::OutOfStep`] when a voxel does not have the label that the delta says it had.
    pub fn apply(&mut self, delta: &SliceDelta) -> Result<(), DeltaRefusal> {
        let runs = self.changed(delta)?;
        self.put(delta.k(), runs);
        Ok(())
    }

    /// Makes changes one after the other, or none when one does not fit.
    ///
    /// # Errors
    /// [`DeltaRefusal`] of the first that does not fit.
    pub fn apply_all(&mut self, deltas: &[SliceDelta]) -> Result<(), DeltaRefusal> {
        let mut before = Vec::with_capacity(deltas.len());
        for delta in deltas {
            match self.changed(delta) {
                Ok(runs) => before.push((delta.k(), self.put(delta.k(), runs))),
                Err(refusal) => {
                    for (k, runs) in before.into_iter().rev() {
                        self.put(k, runs);
                    }
                    return Err(refusal);
                }
            }
        }
        Ok(())
    }

    fn changed(&self, delta: &SliceDelta) -> Result<Vec<Run>, DeltaRefusal> {
        if delta.k() >= self.grid.size()[2] || delta.end() > self.grid.slice_voxels() {
            return Err(DeltaRefusal::OutsideGrid { k: delta.k() });
        }
        delta.changed(self.slice(delta.k()))
    }

    /// Replaces the runs of a slice; a slice without runs is not kept.
    fn put(&mut self, k: u32, runs: Vec<Run>) -> Vec<Run> {
        let before = if runs.is_empty() { self.slices.remove(&k) } else { self.slices.insert(k, runs) };
        before.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
