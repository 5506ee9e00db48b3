//! The voxels of a working box, out of a map or a volume and back as changes.

use super::progress::{Cancelled, Pace, Progress};
use super::region::{Region, VoxelBox};
use crate::geometry::Grid;
use crate::mask::{DeltaRun, LabelMap, SliceDelta};
use crate::volume::Volume;

/// A box of voxels in memory: i fastest, then j, then k.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub(super) inside: VoxelBox,
    pub(super) size: [usize; 3],
    pub(super) grid: Grid,
}

impl Block {
    pub(super) fn new(grid: &Grid, inside: VoxelBox) -> Self {
        Self { inside, size: inside.size(), grid: *grid }
    }

    pub(super) const fn voxels(&self) -> usize {
        self.size[0] * self.size[1] * self.size[2]
    }

    pub(super) const fn plane(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Where a place (i, j, k) of a block inside this one is in this one.
    pub(super) fn place_of(&self, part: &Self, at: [usize; 3]) -> usize {
        let along = |axis: usize| at[axis] + (part.inside.lower()[axis] - self.inside.lower()[axis]) as usize;
        (along(2) * self.size[1] + along(1)) * self.size[0] + along(0)
    }

    /// Calls `each(from, to)` with places in the block for the parts of `start..end` of slice k that lie
    /// in the box.
    pub(super) fn clip(&self, k: u32, start: u32, end: u32, mut each: impl FnMut(usize, usize)) {
        let (lower, upper) = (self.inside.lower(), self.inside.upper());
        if k < lower[2] || k > upper[2] {
            return;
        }
        let columns = self.grid.size()[0];
        let plane = (k - lower[2]) as usize * self.plane();
        let last = ((end - 1) / columns).min(upper[1]);
        for j in (start / columns).max(lower[1])..=last {
            let row = j * columns;
            let from = start.max(row + lower[0]);
            let to = end.min(row + upper[0] + 1);
            if from < to {
                let at = plane + (j - lower[1]) as usize * self.size[0];
                each(at + (from - row - lower[0]) as usize, at + (to - row - lower[0]) as usize);
            }
        }
    }

    /// The labels in the box.
    pub(super) fn labels(&self, map: &LabelMap) -> Vec<u16> {
        let mut labels = vec![0; self.voxels()];
        self.each_run(map, |label, from, to| labels[from..to].fill(label));
        labels
    }

    /// Which voxels of the box have the label.
    pub(super) fn marked(&self, map: &LabelMap, label: u16) -> Vec<bool> {
        let mut marked = vec![false; self.voxels()];
        self.each_run(map, |found, from, to| {
            if found == label {
                marked[from..to].fill(true);
            }
        });
        marked
    }

    /// Calls `each(label, from, to)` for the labelled stretches of the box.
    pub(super) fn each_run(&self, map: &LabelMap, mut each: impl FnMut(u16, usize, usize)) {
        for k in self.inside.lower()[2]..=self.inside.upper()[2] {
            for run in map.slice(k) {
                self.clip(k, run.start, run.end(), |from, to| each(run.label, from, to));
            }
        }
    }

    /// Calls `each(from, to)` for the stretches of a region in the box.
    pub(super) fn each_of(&self, region: &Region, mut each: impl FnMut(usize, usize)) {
        region.each(|k, start, end| self.clip(k, start, end, &mut each));
    }

    /// The values in the box; what is not finite counts as the volume's lowest.
    pub(super) fn values(&self, volume: &Volume, pace: &mut Pace<'_>) -> Result<Vec<f32>, Cancelled> {
        let [width, _, _] = self.size;
        let mut values = Vec::with_capacity(self.voxels());
        for start in self.row_starts() {
            pace.step(width as u64)?;
            values.extend((start..start + width).map(|position| {
                let value = volume.voxels().value(position).filter(|value| value.is_finite());
                value.unwrap_or(volume.minimum()) as f32
            }));
        }
        Ok(values)
    }

    /// Averages values of the box with weights 1, 2, 1 along each axis, which takes away four fifths of
    /// even noise; the ends count as their own neighbours.
    pub(super) fn even_out(&self, values: &mut [f32], pace: &mut Pace<'_>) -> Result<(), Cancelled> {
        let strides = [1, self.size[0], self.plane()];
        for (length, stride) in self.size.into_iter().zip(strides) {
            for line in 0..values.len() / length {
                pace.step(length as u64 / 3)?;
                let first = line / stride * stride * length + line % stride;
                let last = first + (length - 1) * stride;
                let mut before = values[first];
                for at in (first..=last).step_by(stride) {
                    let own = values[at];
                    let next = if at == last { own } else { values[at + stride] };
                    values[at] = 0.25 * (before + next) + 0.5 * own;
                    before = own;
                }
            }
        }
        Ok(())
    }

    /// Where each row of the box begins in storage order of the whole grid.
    pub(super) fn row_starts(&self) -> impl Iterator<Item = usize> {
        let (lower, upper) = (self.inside.lower(), self.inside.upper());
        let (columns, slice) = (self.grid.size()[0] as usize, self.grid.slice_voxels() as usize);
        (lower[2]..=upper[2]).flat_map(move |k| {
            (lower[1]..=upper[1]).map(move |j| k as usize * slice + j as usize * columns + lower[0] as usize)
        })
    }

    /// What leads from the labels of the box before to those after. Only voxels that differ are named.
    pub(super) fn changes(
        &self,
        before: &[u16],
        progress: &dyn Progress,
        after: impl Fn(usize) -> u16,
    ) -> Result<Vec<SliceDelta>, Cancelled> {
        let pace = Pace::new(progress, [1.0; 2], 1);
        let (lower, [width, height, depth]) = (self.inside.lower(), self.size);
        let mut deltas = Vec::new();
        for k in 0..depth {
            let mut changes = Changes::default();
            pace.look()?;
            for j in 0..height {
                let row = (k * height + j) * width;
                let start = (lower[1] + j as u32) * self.grid.size()[0] + lower[0];
                for (i, &old) in before[row..row + width].iter().enumerate() {
                    changes.push(start + i as u32, old, after(row + i));
                }
            }
            deltas.extend(changes.finish(lower[2] + k as u32));
        }
        Ok(deltas)
    }
}

/// Collects the changed voxels of one slice, in order.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<DeltaRun>);

impl Changes {
    pub(super) fn push(&mut self, at: u32, old: u16, new: u16) {
        self.push_run(at, at + 1, old, new);
    }

    pub(super) fn push_run(&mut self, start: u32, end: u32, old: u16, new: u16) {
        if old == new || start >= end {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.start + last.length == start && (last.old, last.new) == (old, new) => {
                last.length += end - start;
            }
            Some(_) | None => self.0.push(DeltaRun { start, length: end - start, old, new }),
        }
    }

    /// The change of slice k, if there is one.
    pub(super) fn finish(self, k: u32) -> Option<SliceDelta> {
        // Runs were pushed in order and none is empty, so the only refusal is that there is no run.
        SliceDelta::new(k, self.0).ok()
    }
}

/// The labels in the order of their first voxels. A map has fewer than 65,535 labels with a background.
pub(super) fn labels_in_order(labels: &[u16]) -> Vec<u16> {
    let mut seen = vec![false; usize::from(u16::MAX) + 1];
    let mut order = Vec::new();
    for stretch in labels.chunk_by(|a, b| a == b) {
        let label = stretch[0];
        if label != 0 && !std::mem::replace(&mut seen[usize::from(label)], true) {
            order.push(label);
        }
    }
    order.truncate(usize::from(u16::MAX) - 1);
    order
}
