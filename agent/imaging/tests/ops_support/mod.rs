//! Maps, volumes and watchers for the tests of operations.

#![allow(dead_code, reason = "each test file uses some of it")]
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::cell::{Cell, RefCell};

use agent_imaging::ops::Progress;
use agent_imaging::{Grid, LabelMap, SliceDelta, Volume, Voxels};

pub(crate) fn grid(size: [u32; 3], spacing_mm: [f64; 3]) -> Grid {
    let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Grid::new(size, spacing_mm, [0.0; 3], direction).unwrap()
}

/// All voxels (i, j, k) in storage order.
pub(crate) fn voxels(size: [u32; 3]) -> impl Iterator<Item = [u32; 3]> {
    let [columns, rows, slices] = size;
    (0..slices).flat_map(move |k| (0..rows).flat_map(move |j| (0..columns).map(move |i| [i, j, k])))
}

pub(crate) fn map_of(grid: Grid, label: impl Fn([u32; 3]) -> u16) -> LabelMap {
    let labels: Vec<u16> = voxels(grid.size()).map(label).collect();
    LabelMap::from_dense(grid, &labels).unwrap()
}

pub(crate) fn volume_of(grid: Grid, value: impl Fn([u32; 3]) -> f32) -> Volume {
    Volume::new(grid, Voxels::Float32(voxels(grid.size()).map(value).collect())).unwrap()
}

/// The map after the changes. Checks that they apply, that they name only voxels that change, and that
/// taking them back leaves the map as it was.
pub(crate) fn after(map: &LabelMap, deltas: &[SliceDelta]) -> LabelMap {
    let mut changed = map.clone();
    changed.apply_all(deltas).unwrap();
    assert!(deltas.windows(2).all(|pair| pair[0].k() < pair[1].k()), "slices come once and in order");
    assert!(deltas.iter().flat_map(SliceDelta::runs).all(|run| run.old != run.new));
    let mut back = changed.clone();
    let inverse: Vec<SliceDelta> = deltas.iter().rev().map(SliceDelta::inverse).collect();
    back.apply_all(&inverse).unwrap();
    assert_eq!(&back, map);
    changed
}

/// The square of the distance of two voxels.
pub(crate) fn square_mm(a: [u32; 3], b: [u32; 3], spacing_mm: [f64; 3]) -> f64 {
    let along = |axis: usize| (f64::from(a[axis]) - f64::from(b[axis])) * spacing_mm[axis];
    (0..3).map(|axis| along(axis) * along(axis)).sum()
}

/// Cancels at the given look and writes down what it is told.
#[derive(Default)]
pub(crate) struct Watcher {
    pub(crate) looks: Cell<u32>,
    pub(crate) cancel_at: Option<u32>,
    pub(crate) told: RefCell<Vec<f64>>,
}

impl Watcher {
    pub(crate) fn that_cancels_at(look: u32) -> Self {
        Self { cancel_at: Some(look), ..Self::default() }
    }
}

impl Progress for Watcher {
    fn tell(&self, share: f64) {
        self.told.borrow_mut().push(share);
    }

    fn cancelled(&self) -> bool {
        self.looks.set(self.looks.get() + 1);
        self.cancel_at.is_some_and(|at| self.looks.get() >= at)
    }
}
