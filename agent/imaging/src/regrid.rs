//! A label map on another grid that has the same voxels: one that counts its axes in another order or direction, or
//! that is a part of the other. Nothing is resampled.

use crate::geometry::{Grid, VoxelIndex};
use crate::mask::{LabelMap, Run};
use std::collections::BTreeMap;

/// A voxel may be this share of a voxel beside one of the other grid.
const BESIDE: f64 = 0.05;

/// Why a label map does not fit on another grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegridRefusal {
    /// The voxels of the two grids do not lie on each other.
    #[error("the voxels of the two grids do not lie on each other")]
    OtherVoxels,
    /// A labelled voxel lies outside the other grid.
    #[error("a labelled voxel lies outside the grid")]
    Outside,
}

/// The same labels on `grid`.
///
/// # Errors
/// [`RegridRefusal`] when the voxels do not coincide, or one with a label is outside.
pub fn regrid(map: &LabelMap, grid: &Grid) -> Result<LabelMap, RegridRefusal> {
    let steps = Steps::between(map.grid(), grid).ok_or(RegridRefusal::OtherVoxels)?;
    let columns = map.grid().size()[0];
    let mut slices: BTreeMap<u32, Vec<Run>> = BTreeMap::new();
    for (k, runs) in map.slices() {
        for run in runs {
            let mut start = run.start;
            while start < run.start + run.length {
                let end = (run.start + run.length).min((start / columns + 1) * columns);
                let first = [start % columns, start / columns, k];
                steps.put(&mut slices, grid, first, (end - start, run.label))?;
                start = end;
            }
        }
    }
    let sorted = slices.into_iter().map(|(k, mut runs)| {
        runs.sort_unstable_by_key(|run| run.start);
        (k, runs)
    });
    // Two voxels of one grid are never one of the other.
    LabelMap::from_slices(*grid, sorted).map_err(|_| RegridRefusal::OtherVoxels)
}

/// Where voxel (0, 0, 0) comes to lie, and where one step along each axis leads.
struct Steps {
    origin: [i64; 3],
    along: [[i64; 3]; 3],
}

impl Steps {
    fn between(from: &Grid, to: &Grid) -> Option<Self> {
        let place = |index: [f64; 3]| to.to_voxel(from.to_patient(VoxelIndex(index))).0;
        let whole = |place: [f64; 3]| {
            let near = place.iter().all(|part| (part - part.round()).abs() <= BESIDE);
            near.then(|| place.map(|part| part.round() as i64))
        };
        let origin = whole(place([0.0; 3]))?;
        let mut along = [[0; 3]; 3];
        for (axis, step) in along.iter_mut().enumerate() {
            // Over the whole axis, so that a little in each voxel does not add up unseen.
            let last = from.size()[axis] - 1;
            let mut end = [0.0; 3];
            end[axis] = f64::from(last.max(1));
            let reach = whole(place(end))?;
            *step = [0, 1, 2].map(|part| (reach[part] - origin[part]) / i64::from(last.max(1)));
            let straight = [0, 1, 2].map(|part| origin[part] + step[part] * i64::from(last.max(1))) == reach;
            if !straight || step.iter().map(|part| part.abs()).sum::<i64>() != 1 {
                return None;
            }
        }
        Some(Self { origin, along })
    }

    /// Voxels that follow each other along i, from `first` on.
    fn put(
        &self,
        slices: &mut BTreeMap<u32, Vec<Run>>,
        grid: &Grid,
        first: [u32; 3],
        (count, label): (u32, u16),
    ) -> Result<(), RegridRefusal> {
        let size = grid.size();
        let inside = |place: [i64; 3]| {
            let within = (0..3).all(|axis| (0..i64::from(size[axis])).contains(&place[axis]));
            within.then(|| place.map(|part| part as u32)).ok_or(RegridRefusal::Outside)
        };
        let place = |step: u32| {
            let index = [first[0] + step, first[1], first[2]];
            [0, 1, 2].map(|part| {
                let moved = (0..3).map(|axis| i64::from(index[axis]) * self.along[axis][part]);
                self.origin[part] + moved.sum::<i64>()
            })
        };
        let ends = [inside(place(0))?, inside(place(count - 1))?];
        if self.along[0][0] != 0 {
            let [i, j, k] = if ends[0][0] <= ends[1][0] { ends[0] } else { ends[1] };
            slices.entry(k).or_default().push(Run { start: j * size[0] + i, length: count, label });
            return Ok(());
        }
        for step in 0..count {
            let [i, j, k] = inside(place(step))?;
            slices.entry(k).or_default().push(Run { start: j * size[0] + i, length: 1, label });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    fn grid(size: [u32; 3], origin: [f64; 3], direction: [[f64; 3]; 3]) -> Grid {
        Grid::new(size, [1.0; 3], origin, direction).unwrap()
    }

    #[test]
    fn a_part_lies_where_it_was_cut_from() {
        let whole = grid([6, 5, 4], [0.0; 3], AXES);
        let part = grid([2, 1, 1], [3.0, 2.0, 1.0], AXES);
        let map = LabelMap::from_dense(part, &[7, 8]).unwrap();
        let found = regrid(&map, &whole).unwrap();
        assert_eq!((found.label_at([3, 2, 1]), found.label_at([4, 2, 1])), (Some(7), Some(8)));
        assert_eq!(regrid(&found, &part).unwrap(), map);
        let beside = grid([6, 5, 4], [0.5, 0.0, 0.0], AXES);
        assert_eq!(regrid(&map, &beside), Err(RegridRefusal::OtherVoxels));
        let small = grid([4, 5, 4], [0.0; 3], AXES);
        assert_eq!(regrid(&map, &small), Err(RegridRefusal::Outside));
    }

    proptest! {
        #[test]
        fn axes_in_another_order_hold_the_same_voxels(labels in proptest::collection::vec(0_u16..3, 24)) {
            let one = grid([4, 3, 2], [0.0; 3], AXES);
            let other = grid([2, 4, 3], [3.0, 0.0, 1.0], [[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
            let map = LabelMap::from_dense(one, &labels).unwrap();
            let turned = regrid(&map, &other).unwrap();
            for (i, j, k) in (0..4).flat_map(|i| (0..3).flat_map(move |j| (0..2).map(move |k| (i, j, k)))) {
                prop_assert_eq!(turned.label_at([1 - k, 3 - i, j]), map.label_at([i, j, k]));
            }
            prop_assert_eq!(regrid(&turned, &one).unwrap(), map);
        }
    }
}
