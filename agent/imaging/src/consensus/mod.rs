//! What several label maps of one image have in common: counted here, judged elsewhere, painted here.

mod disagreement;
mod multi;
mod shape;

pub use disagreement::{Disagreement, DisputedRegion, disagreement};
pub use multi::{LabelVote, LabelsRefusal, labels_together};
pub use shape::{ShapeMeanRefusal, shape_mean};

use proto_patterns::{Histogram, InvalidHistogram};

use crate::mask::{LabelMap, Run};
use crate::measure::bounds;

/// How far the region of a label goes beyond what was marked.
const REGION_MARGIN_MM: f64 = 10.0;

/// Why label maps cannot be counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternsRefusal {
    /// The maps are not on one grid.
    #[error("the label maps are not on one grid")]
    GridMismatch,
    /// There are no maps or too many, or too many voxels.
    #[error(transparent)]
    Histogram(InvalidHistogram),
}

/// How many voxels of a label were marked by exactly which of the maps. Bit r is the r-th map.
///
/// # Errors
/// [`PatternsRefusal::GridMismatch`] when the maps are not on one grid, and the histogram's refusal
/// when there are not 1 to 16 maps.
pub fn patterns(maps: &[&LabelMap], label: u16) -> Result<Histogram, PatternsRefusal> {
    let mut histogram = empty_histogram(maps)?;
    for k in marked_slices(maps) {
        for (start, end, pattern) in stretches(maps, label, k) {
            histogram.add(pattern, u64::from(end - start)).map_err(PatternsRefusal::Histogram)?;
        }
    }
    Ok(histogram)
}

/// Voxels of the box around everything that the maps mark with a label, grown by 10 mm to each side, or
/// a little more to whole voxels, and cut at the edge of the grid. 0 when nothing is marked.
pub fn region_voxels(maps: &[&LabelMap], label: u16) -> u64 {
    region_of(maps, |found| found == label)
}

/// The same for all labels that are asked for.
fn region_of(maps: &[&LabelMap], asked: impl Fn(u16) -> bool) -> u64 {
    let boxes = maps.iter().flat_map(|map| {
        let labels = map.labels().into_iter().filter(|&label| asked(label));
        labels.filter_map(|label| bounds(map, label).map(|bounds| (map.grid(), bounds)))
    });
    let around = boxes.reduce(|(grid, (lower, upper)), (_, (other_lower, other_upper))| {
        let lower = [0, 1, 2].map(|axis| lower[axis].min(other_lower[axis]));
        (grid, (lower, [0, 1, 2].map(|axis| upper[axis].max(other_upper[axis]))))
    });
    let Some((grid, (lower, upper))) = around else { return 0 };
    let side = |axis: usize| {
        // A spacing that divides the margin up to rounding divides it.
        let margin = (REGION_MARGIN_MM / grid.spacing_mm()[axis] - 1e-6).ceil() as u32;
        let last = upper[axis].saturating_add(margin).min(grid.size()[axis] - 1);
        u64::from(last - lower[axis].saturating_sub(margin) + 1)
    };
    side(0) * side(1) * side(2)
}

/// A map with a label wherever the pattern of the maps that mark it is one that `paints`. The pattern
/// that nobody marked is never painted.
///
/// # Errors
/// As [`patterns`].
pub fn paint(
    maps: &[&LabelMap],
    label: u16,
    paints: impl Fn(u16) -> bool,
) -> Result<LabelMap, PatternsRefusal> {
    empty_histogram(maps)?;
    let runs = |k: u32| -> Vec<Run> {
        let painted = stretches(maps, label, k).into_iter().filter(|&(_, _, pattern)| paints(pattern));
        painted.map(|(start, end, _)| Run { start, length: end - start, label }).collect()
    };
    let slices = marked_slices(maps).into_iter().map(|k| (k, runs(k)));
    // Stretches of runs that are in order and inside the grid are so, too.
    Ok(LabelMap::from_slices(*maps[0].grid(), slices).unwrap_or_else(|_| LabelMap::empty(*maps[0].grid())))
}

fn empty_histogram(maps: &[&LabelMap]) -> Result<Histogram, PatternsRefusal> {
    let histogram = Histogram::empty(maps.len()).map_err(PatternsRefusal::Histogram)?;
    let one_grid = maps.iter().all(|map| map.grid().same_as(maps[0].grid()));
    if one_grid { Ok(histogram) } else { Err(PatternsRefusal::GridMismatch) }
}

fn marked_slices(maps: &[&LabelMap]) -> Vec<u32> {
    let mut slices: Vec<u32> = maps.iter().flat_map(|map| map.slices().map(|(k, _)| k)).collect();
    slices.sort_unstable();
    slices.dedup();
    slices
}

/// The stretches of a slice that some map marks, (start, end, pattern), in order.
fn stretches(maps: &[&LabelMap], label: u16, k: u32) -> Vec<(u32, u32, u16)> {
    // Where a map begins or ends to mark: its bit is turned there, so that those before a place are its pattern.
    let mut turns: Vec<(u32, u16)> = Vec::new();
    for (map, rater) in maps.iter().zip(0..) {
        for run in map.slice(k).iter().filter(|run| run.label == label) {
            turns.extend([(run.start, 1 << rater), (run.end(), 1 << rater)]);
        }
    }
    turns.sort_unstable();
    let mut pattern = 0_u16;
    let mut found = Vec::new();
    for (at, turn) in turns.iter().enumerate() {
        pattern ^= turn.1;
        let until = turns.get(at + 1).map_or(turn.0, |next| next.0);
        if pattern != 0 && until > turn.0 {
            found.push((turn.0, until, pattern));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;
    use proptest::prelude::*;

    fn grid() -> Grid {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([6, 5, 3], [1.0; 3], [0.0; 3], direction).unwrap()
    }

    #[test]
    fn maps_on_two_grids_are_not_counted_together() {
        let other = Grid::new([6, 5, 3], [2.0; 3], [0.0; 3], grid().direction()).unwrap();
        let maps = [&LabelMap::empty(grid()), &LabelMap::empty(other)];
        assert_eq!(patterns(&maps, 1), Err(PatternsRefusal::GridMismatch));
        assert_eq!(patterns(&[], 1), Err(PatternsRefusal::Histogram(InvalidHistogram::Submissions)));
    }

    fn marked(voxels: &[usize]) -> LabelMap {
        let mut labels = vec![0; 90];
        for &voxel in voxels {
            labels[voxel] = 1;
        }
        LabelMap::from_dense(grid(), &labels).unwrap()
    }

    #[test]
    fn the_region_is_the_box_around_all_marks_and_a_margin_of_10_mm() {
        let of = |spacing: [f64; 3], voxels: [[u32; 3]; 2]| {
            let grid = Grid::new([100, 80, 60], spacing, [0.0; 3], grid().direction()).unwrap();
            let maps = voxels.map(|[i, j, k]| {
                let runs = vec![Run { start: j * 100 + i, length: 1, label: 4 }];
                LabelMap::from_slices(grid, [(k, runs)]).unwrap()
            });
            region_voxels(&[&maps[0], &maps[1]], 4)
        };
        assert_eq!(of([1.0; 3], [[50, 40, 30], [50, 40, 30]]), 21 * 21 * 21);
        assert_eq!(of([1.0; 3], [[50, 40, 30], [52, 44, 29]]), 23 * 25 * 22);
        // Grown to whole voxels: 4 of 3 mm, 20 of half a millimetre, 1 of 12 mm.
        assert_eq!(of([3.0, 0.5, 12.0], [[50, 40, 30], [50, 40, 30]]), 9 * 41 * 3);
        // Cut at the edges: 3 + 1 + 10 columns, 80 - 70 + 10 rows, 1 + 10 slices.
        assert_eq!(of([1.0; 3], [[3, 70, 0], [3, 70, 0]]), 14 * 20 * 11);
        assert_eq!(region_voxels(&[&marked(&[])], 1), 0);
        assert_eq!(region_voxels(&[&marked(&[4]), &marked(&[])], 1), 90);
    }

    #[test]
    fn maps_on_two_grids_are_not_painted_together() {
        let other = Grid::new([6, 5, 3], [2.0; 3], [0.0; 3], grid().direction()).unwrap();
        let maps = [&LabelMap::empty(grid()), &LabelMap::empty(other)];
        assert_eq!(paint(&maps, 1, |_| true), Err(PatternsRefusal::GridMismatch));
        assert_eq!(paint(&[], 1, |_| true), Err(PatternsRefusal::Histogram(InvalidHistogram::Submissions)));
    }

    proptest! {
        #[test]
        fn what_is_painted_is_the_rule_voxel_by_voxel(
            dense in prop::collection::vec(prop::collection::vec(0..3_u16, 90), 1..5),
            table in any::<u16>(),
        ) {
            let maps: Vec<LabelMap> =
                dense.iter().map(|labels| LabelMap::from_dense(grid(), labels).unwrap()).collect();
            let painted = paint(&maps.iter().collect::<Vec<_>>(), 2, |pattern| table >> pattern & 1 == 1);
            let expect: Vec<u16> = (0..90)
                .map(|voxel| {
                    let votes = dense.iter().zip(0..).filter(|(labels, _)| labels[voxel] == 2);
                    let pattern: u16 = votes.map(|(_, rater)| 1_u16 << rater).sum();
                    if pattern != 0 && table >> pattern & 1 == 1 { 2 } else { 0 }
                })
                .collect();
            prop_assert_eq!(painted.unwrap(), LabelMap::from_dense(grid(), &expect).unwrap());
        }

        #[test]
        fn every_voxel_is_counted_once(
            dense in prop::collection::vec(prop::collection::vec(0..3_u16, 90), 1..5),
        ) {
            let maps: Vec<LabelMap> =
                dense.iter().map(|labels| LabelMap::from_dense(grid(), labels).unwrap()).collect();
            let found = patterns(&maps.iter().collect::<Vec<_>>(), 2).unwrap();
            let mut expect = Histogram::empty(dense.len()).unwrap();
            for voxel in 0..90 {
                let votes = dense.iter().zip(0..).filter(|(labels, _)| labels[voxel] == 2);
                let pattern = votes.map(|(_, rater)| 1_u16 << rater).sum();
                if pattern != 0 {
                    expect.add(pattern, 1).unwrap();
                }
            }
            prop_assert_eq!(found, expect);
        }
    }
}
