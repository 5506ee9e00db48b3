//! What several label maps of one image have in common, counted here and judged elsewhere.

use proto_patterns::{Histogram, InvalidHistogram};

use crate::mask::LabelMap;

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
    let mut histogram = Histogram::empty(maps.len()).map_err(PatternsRefusal::Histogram)?;
    let first = maps[0];
    if !maps.iter().all(|map| map.grid().same_as(first.grid())) {
        return Err(PatternsRefusal::GridMismatch);
    }
    let mut slices: Vec<u32> = maps.iter().flat_map(|map| map.slices().map(|(k, _)| k)).collect();
    slices.sort_unstable();
    slices.dedup();
    for k in slices {
        // Where a map begins or ends to mark: the sum of its bit taken in and out again is the pattern.
        let mut turns: Vec<(u32, u16)> = Vec::new();
        for (map, rater) in maps.iter().zip(0..) {
            for run in map.slice(k).iter().filter(|run| run.label == label) {
                turns.extend([(run.start, 1 << rater), (run.end(), 1 << rater)]);
            }
        }
        turns.sort_unstable();
        let mut pattern = 0_u16;
        for (at, turn) in turns.iter().enumerate() {
            pattern ^= turn.1;
            let until = turns.get(at + 1).map_or(turn.0, |next| next.0);
            if pattern != 0 && until > turn.0 {
                histogram.add(pattern, u64::from(until - turn.0)).map_err(PatternsRefusal::Histogram)?;
            }
        }
    }
    Ok(histogram)
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

    proptest! {
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
