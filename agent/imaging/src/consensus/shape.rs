//! One shape out of several, by the mean of their signed distances.

use super::{PatternsRefusal, empty_histogram, marked_slices, stretches};
use crate::mask::{LabelMap, Run};
use crate::measure::bounds;
use crate::metrics::bits::{Bits, Place};
use crate::metrics::nearest::nearest_mm;

/// Why there is no mean shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShapeMeanRefusal {
    /// The maps cannot be put together.
    #[error(transparent)]
    Maps(#[from] PatternsRefusal),
    /// A map does not have the label. Whether it is there is decided before its shape is.
    #[error("map {map} has no voxel of the label, so it has no shape")]
    Empty {
        /// Place of the map, from 0.
        map: usize,
    },
}

/// The voxels whose mean signed distance over all maps is below 0. Outside of a map's label the distance is that to
/// its nearest voxel, inside it is less than 0 by that to the nearest voxel without it, between voxel centres, in
/// millimetres; beyond the edge of the grid nothing has the label.
///
/// # Errors
/// [`ShapeMeanRefusal`].
///
/// Source: Rohlfing and Maurer, Shape-based averaging, IEEE Trans. Image Process. 16 (2007) 153.
pub fn shape_mean(maps: &[&LabelMap], label: u16) -> Result<LabelMap, ShapeMeanRefusal> {
    empty_histogram(maps)?;
    let mut boxes = Vec::new();
    for (map, of) in maps.iter().enumerate() {
        boxes.push(bounds(of, label).ok_or(ShapeMeanRefusal::Empty { map })?);
    }
    let extreme = |axis: usize| {
        let lower = boxes.iter().map(|bounds| bounds.0[axis]).min().unwrap_or(0);
        (lower, boxes.iter().map(|bounds| bounds.1[axis]).max().unwrap_or(0))
    };
    let (lower, upper) = ([0, 1, 2].map(|axis| extreme(axis).0), [0, 1, 2].map(|axis| extreme(axis).1));
    let grid = *maps[0].grid();
    let [i_mm, j_mm, k_mm] = grid.spacing_mm();
    // What all mark is inside, what none marks outside: only between is there anything to decide.
    let everybody = u16::MAX >> (16 - maps.len().min(16));
    let mut decided: Vec<(Place, f64)> = Vec::new();
    let mut slices: Vec<(u32, Vec<Run>)> = Vec::new();
    let columns = grid.size()[0];
    for k in marked_slices(maps) {
        let mut sure = Vec::new();
        for (start, end, pattern) in stretches(maps, label, k) {
            if pattern == everybody {
                sure.push(Run { start, length: end - start, label });
                continue;
            }
            let place =
                |at: u32| [k - lower[2] + 1, at / columns - lower[1] + 1, at % columns - lower[0] + 1];
            decided.extend((start..end).map(|at| (place(at), 0.0)));
        }
        slices.push((k, sure));
    }
    for map in maps {
        let marked = Bits::of_label(map, label, lower, upper);
        let open = marked.inverted();
        for (to, sign) in [(&marked, 1.0), (&open, -1.0)] {
            let asked: Vec<usize> = (0..decided.len()).filter(|&at| !to.holds(decided[at].0)).collect();
            let places: Vec<Place> = asked.iter().map(|&at| decided[at].0).collect();
            for (at, distance_mm) in asked.into_iter().zip(nearest_mm(to, &places, [k_mm, j_mm, i_mm])) {
                decided[at].1 += sign * distance_mm;
            }
        }
    }
    let mut at_slice: std::collections::BTreeMap<u32, Vec<Run>> = slices.into_iter().collect();
    for ([k, j, i], _) in decided.into_iter().filter(|&(_, distance_mm)| distance_mm < 0.0) {
        let start = (j + lower[1] - 1) * columns + i + lower[0] - 1;
        at_slice.entry(k + lower[2] - 1).or_default().push(Run { start, length: 1, label });
    }
    at_slice.values_mut().for_each(|runs| runs.sort_unstable_by_key(|run| run.start));
    // The runs are disjoint, in order, and inside the grid.
    Ok(LabelMap::from_slices(grid, at_slice).unwrap_or_else(|_| LabelMap::empty(grid)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;
    use proptest::prelude::*;

    fn grid(spacing_mm: [f64; 3]) -> Grid {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([9, 4, 2], spacing_mm, [0.0; 3], axes).unwrap()
    }

    fn marked(spacing_mm: [f64; 3], voxels: impl IntoIterator<Item = usize>) -> LabelMap {
        let mut labels = vec![0; 72];
        voxels.into_iter().for_each(|voxel| labels[voxel] = 1);
        LabelMap::from_dense(grid(spacing_mm), &labels).unwrap()
    }

    #[test]
    fn the_mean_of_a_short_and_a_long_bar_ends_between_them() {
        let flat = [1.0, 50.0, 50.0];
        let (short, long) = (marked(flat, 0..2), marked(flat, 0..6));
        // Of voxels 2 to 5 the first two are nearer to the end of the short bar than to that of the long one.
        assert_eq!(shape_mean(&[&short, &long], 1).unwrap(), marked(flat, 0..4));
        assert_eq!(shape_mean(&[&short], 1).unwrap(), short);
    }

    #[test]
    fn a_map_without_the_label_has_no_shape() {
        let (some, none) = (marked([1.0; 3], 0..2), marked([1.0; 3], []));
        assert_eq!(shape_mean(&[&some, &none], 1), Err(ShapeMeanRefusal::Empty { map: 1 }));
        assert!(matches!(shape_mean(&[], 1), Err(ShapeMeanRefusal::Maps(_))));
    }

    proptest! {
        #[test]
        fn a_voxel_is_in_where_the_mean_of_all_distances_is_below_0(
            dense in prop::collection::vec(prop::collection::vec(0..2_u16, 72), 1..4),
            spacing_mm in prop::array::uniform3(0.5..3.0_f64),
        ) {
            prop_assume!(dense.iter().all(|labels| labels.contains(&1)));
            let maps: Vec<LabelMap> =
                dense.iter().map(|labels| LabelMap::from_dense(grid(spacing_mm), labels).unwrap()).collect();
            let found = shape_mean(&maps.iter().collect::<Vec<_>>(), 1).unwrap().to_dense();
            let place = |at: i64| [at % 11 - 1, at / 11 % 6 - 1, at / 66 - 1];
            let value = |labels: &[u16], [i, j, k]: [i64; 3]| {
                let inside = (0..9).contains(&i) && (0..4).contains(&j) && (0..2).contains(&k);
                if inside { labels[(k * 36 + j * 9 + i) as usize] } else { 0 }
            };
            for (at, &found) in found.iter().enumerate() {
                let here = [at as i64 % 9, at as i64 / 9 % 4, at as i64 / 36];
                let mut sum = 0.0;
                for labels in &dense {
                    let own = value(labels, here);
                    let other = (0..264).map(place).filter(|&there| value(labels, there) != own);
                    let apart = other.map(|there| {
                        let along = |axis: usize| (here[axis] - there[axis]) as f64 * spacing_mm[axis];
                        (along(0).powi(2) + along(1).powi(2) + along(2).powi(2)).sqrt()
                    });
                    let least = apart.fold(f64::INFINITY, f64::min);
                    sum += if own == 1 { -least } else { least };
                }
                // Two ways of rounding may differ at 0.
                prop_assert!(sum.abs() < 1e-9 || (found == 1) == (sum < 0.0), "{at} {sum}");
            }
        }
    }
}
