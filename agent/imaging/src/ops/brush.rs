//! The brush: the reference for what a dab marks.

use crate::geometry::Grid;

/// The voxels of one dab as offsets j * columns + i within a slice, sorted.
///
/// A dab at (i, j), in voxels, with radius `radius_mm` marks each voxel of the slice whose centre lies
/// within the radius, and the voxel under the cursor if there is one, so that no dab marks nothing.
/// Unit: millimetres along the slice's axes; one slice thick.
pub fn dab(grid: &Grid, centre: [f64; 2], radius_mm: f64) -> Vec<u32> {
    let [columns, rows, _] = grid.size();
    let [i_mm, j_mm, _] = grid.spacing_mm();
    let radius_mm = radius_mm.max(0.0);
    if !centre.iter().chain([&radius_mm]).all(|number| number.is_finite()) {
        return Vec::new();
    }
    let under = [centre[0].round(), centre[1].round()];
    let mut marked = Vec::new();
    for j in reach(centre[1], radius_mm / j_mm, rows) {
        let down_mm = (f64::from(j) - centre[1]) * j_mm;
        for i in reach(centre[0], radius_mm / i_mm, columns) {
            let across_mm = (f64::from(i) - centre[0]) * i_mm;
            let within = across_mm * across_mm + down_mm * down_mm <= radius_mm * radius_mm;
            if within || [f64::from(i), f64::from(j)] == under {
                marked.push(j * columns + i);
            }
        }
    }
    marked
}

/// The indices within `voxels` of `centre` and the one under it, cut at the ends of the axis.
fn reach(centre: f64, voxels: f64, size: u32) -> std::ops::Range<u32> {
    let first = (centre - voxels).floor().min(centre.round()).max(0.0);
    let last = (centre + voxels).ceil().max(centre.round());
    // Casts from float saturate, so a place far outside gives an empty range.
    first as u32..(last.max(-1.0) + 1.0).min(f64::from(size)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid(spacing_mm: [f64; 3]) -> Grid {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([32, 24, 2], spacing_mm, [0.0; 3], direction).unwrap()
    }

    #[test]
    fn a_small_dab_marks_the_voxel_under_the_cursor() {
        assert_eq!(dab(&grid([1.0; 3]), [3.4, 2.4], 0.1), [2 * 32 + 3]);
        assert_eq!(dab(&grid([1.0; 3]), [3.0, 2.0], 1.0), [35, 66, 67, 68, 99]);
        assert_eq!(dab(&grid([1.0; 3]), [-9.0, 2.0], 1.0), [0_u32; 0]);
        assert_eq!(dab(&grid([1.0; 3]), [f64::NAN, 2.0], 1.0), [0_u32; 0]);
    }

    proptest! {
        #[test]
        fn a_dab_is_the_disc_of_its_definition(
            i in -5.0..40.0_f64, j in -5.0..30.0_f64, radius in 0.0..9.0_f64,
            i_mm in 0.3..3.0_f64, j_mm in 0.3..3.0_f64,
        ) {
            let marked = dab(&grid([i_mm, j_mm, 5.0]), [i, j], radius);
            let mut expect = Vec::new();
            for row in 0..24_u32 {
                for column in 0..32_u32 {
                    let (x, y) = (f64::from(column), f64::from(row));
                    let distance = ((x - i) * i_mm).powi(2) + ((y - j) * j_mm).powi(2);
                    if distance <= radius * radius || (x == i.round() && y == j.round()) {
                        expect.push(row * 32 + column);
                    }
                }
            }
            prop_assert_eq!(marked, expect);
        }
    }
}
