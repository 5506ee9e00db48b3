//! Boxes and sets of voxels that an operation works within.

use std::collections::BTreeMap;

use crate::geometry::Grid;

/// A box of voxels (i, j, k); both corners belong to it, and it lies inside its grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct VoxelBox {
    lower: [u32; 3],
    upper: [u32; 3],
}

/// Why voxels are not a box or a region of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegion {
    /// The lower corner of a box is above the upper one, or the box reaches beyond the grid.
    #[error("the box is upside down or reaches beyond the grid")]
    Box,
    /// A slice or a run is outside the grid, or a run is empty.
    #[error("a run of slice {k} is empty or outside the grid")]
    Run {
        /// Number of the slice.
        k: u32,
    },
}

impl VoxelBox {
    /// Checks the corners and builds the box.
    ///
    /// # Errors
    /// [`InvalidRegion::Box`] when a corner is outside the grid or the corners are swapped.
    pub fn new(grid: &Grid, lower: [u32; 3], upper: [u32; 3]) -> Result<Self, InvalidRegion> {
        let size = grid.size();
        let fits = (0..3).all(|axis| lower[axis] <= upper[axis] && upper[axis] < size[axis]);
        if fits { Ok(Self { lower, upper }) } else { Err(InvalidRegion::Box) }
    }

    /// The whole grid.
    pub fn whole(grid: &Grid) -> Self {
        Self { lower: [0; 3], upper: grid.size().map(|length| length - 1) }
    }

    /// The lowest voxel along each axis.
    pub const fn lower(&self) -> [u32; 3] {
        self.lower
    }

    /// The highest voxel along each axis.
    pub const fn upper(&self) -> [u32; 3] {
        self.upper
    }

    /// Voxels along each axis.
    pub fn size(&self) -> [usize; 3] {
        [0, 1, 2].map(|axis| (self.upper[axis] - self.lower[axis] + 1) as usize)
    }

    /// How many voxels it has.
    pub fn voxels(&self) -> u64 {
        self.size().iter().map(|&length| length as u64).product()
    }

    /// Whether a voxel belongs to it.
    pub fn contains(&self, voxel: [u32; 3]) -> bool {
        (0..3).all(|axis| (self.lower[axis]..=self.upper[axis]).contains(&voxel[axis]))
    }

    /// The box moved outwards by voxels along each axis, on both sides, cut at the grid.
    #[must_use]
    pub fn grown(&self, grid: &Grid, voxels: [u32; 3]) -> Self {
        let size = grid.size();
        Self {
            lower: [0, 1, 2].map(|axis| self.lower[axis].saturating_sub(voxels[axis])),
            upper: [0, 1, 2].map(|axis| self.upper[axis].saturating_add(voxels[axis]).min(size[axis] - 1)),
        }
    }

    /// The smallest box around both.
    #[must_use]
    pub fn around(&self, other: &Self) -> Self {
        Self {
            lower: [0, 1, 2].map(|axis| self.lower[axis].min(other.lower[axis])),
            upper: [0, 1, 2].map(|axis| self.upper[axis].max(other.upper[axis])),
        }
    }

    /// The smallest box around the voxels that have one of the labels; `None` when none has.
    pub fn around_labels(map: &crate::mask::LabelMap, wanted: impl Fn(u16) -> bool) -> Option<Self> {
        let mut found: Option<Self> = None;
        let columns = map.grid().size()[0];
        for (k, runs) in map.slices() {
            for run in runs.iter().filter(|run| wanted(run.label)) {
                let around = around_run(columns, k, run.start, run.end());
                found = Some(found.map_or(around, |found| found.around(&around)));
            }
        }
        found
    }
}

/// The box around voxels `start..end` of a slice.
fn around_run(columns: u32, k: u32, start: u32, end: u32) -> VoxelBox {
    let (first, last) = (start / columns, (end - 1) / columns);
    let i = if first == last { [start % columns, (end - 1) % columns] } else { [0, columns - 1] };
    VoxelBox { lower: [i[0], first, k], upper: [i[1], last, k] }
}

/// A set of voxels of a grid, kept as runs within slices: sorted, disjoint, as long as can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    size: [u32; 3],
    slices: BTreeMap<u32, Vec<[u32; 2]>>,
}

impl Region {
    /// No voxel.
    pub fn empty(grid: &Grid) -> Self {
        Self { size: grid.size(), slices: BTreeMap::new() }
    }

    /// From runs [start, length] by slice, `start` counting j * columns + i. Runs may come in any order
    /// and overlap, as strokes do.
    ///
    /// # Errors
    /// [`InvalidRegion::Run`] names the slice of a run that is empty or outside the grid.
    pub fn from_runs(
        grid: &Grid,
        slices: impl IntoIterator<Item = (u32, Vec<[u32; 2]>)>,
    ) -> Result<Self, InvalidRegion> {
        let mut region = Self::empty(grid);
        for (k, runs) in slices {
            for [start, length] in runs {
                let end = start.checked_add(length).filter(|&end| end <= grid.slice_voxels());
                match end {
                    Some(end) if length > 0 && k < grid.size()[2] => region.push(k, start, end),
                    Some(_) | None => return Err(InvalidRegion::Run { k }),
                }
            }
        }
        region.tidy();
        Ok(region)
    }

    /// The voxels of a box.
    pub fn of_box(grid: &Grid, of: &VoxelBox) -> Self {
        let mut region = Self::empty(grid);
        for k in of.lower[2]..=of.upper[2] {
            for j in of.lower[1]..=of.upper[1] {
                let row = j * grid.size()[0];
                region.push(k, row + of.lower[0], row + of.upper[0] + 1);
            }
        }
        region.tidy();
        region
    }

    /// The voxels of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut region = self.clone();
        for (k, runs) in &other.slices {
            region.slices.entry(*k).or_default().extend(runs);
        }
        region.tidy();
        region
    }

    /// Voxels along (i, j, k) of the grid that it is a region of.
    pub const fn grid_size(&self) -> [u32; 3] {
        self.size
    }

    /// The runs [start, length] of each slice that has any, in order.
    pub fn slices(&self) -> impl Iterator<Item = (u32, impl Iterator<Item = [u32; 2]>)> {
        self.slices.iter().map(|(&k, runs)| (k, runs.iter().map(|&[start, end]| [start, end - start])))
    }

    /// How many voxels it has.
    pub fn voxels(&self) -> u64 {
        self.slices.values().flatten().map(|[start, end]| u64::from(end - start)).sum()
    }

    /// Whether it has no voxel.
    pub fn is_empty(&self) -> bool {
        self.slices.is_empty()
    }

    /// The smallest box around it; `None` when it is empty.
    pub fn bounds(&self) -> Option<VoxelBox> {
        let mut found: Option<VoxelBox> = None;
        for (&k, runs) in &self.slices {
            for &[start, end] in runs {
                let around = around_run(self.size[0], k, start, end);
                found = Some(found.map_or(around, |found| found.around(&around)));
            }
        }
        found
    }

    /// Adds voxels `start..end` of a slice; [`Self::tidy`] must follow.
    pub(super) fn push(&mut self, k: u32, start: u32, end: u32) {
        self.slices.entry(k).or_default().push([start, end]);
    }

    /// Sorts and joins the runs.
    pub(super) fn tidy(&mut self) {
        for runs in self.slices.values_mut() {
            runs.sort_unstable();
            let mut joined: Vec<[u32; 2]> = Vec::with_capacity(runs.len());
            for &[start, end] in runs.iter() {
                match joined.last_mut() {
                    Some(last) if last[1] >= start => last[1] = last[1].max(end),
                    Some(_) | None => joined.push([start, end]),
                }
            }
            *runs = joined;
        }
        self.slices.retain(|_, runs| !runs.is_empty());
    }

    /// Calls `each(k, start, end)` for the stretches of the region.
    pub(super) fn each(&self, mut each: impl FnMut(u32, u32, u32)) {
        for (&k, runs) in &self.slices {
            for &[start, end] in runs {
                each(k, start, end);
            }
        }
    }
}
