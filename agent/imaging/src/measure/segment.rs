//! What a table of segments says of each: how large it is, where it lies, how bright it is, how long in a slice.

use std::collections::BTreeMap;

use super::{connected_parts, slice_hull};
use crate::geometry::{PatientMm, VoxelIndex};
use crate::mask::LabelMap;
use crate::metrics::{GridMismatch, surface_mm2};
use crate::volume::Volume;

/// Statistics of one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentStatistics {
    /// How many voxels; at least one.
    pub voxels: u64,
    /// Their volume in cubic millimetres.
    pub volume_mm3: f64,
    /// Area of its surface in square millimetres: marching cubes, as the surfaces that distances are measured on.
    pub surface_mm2: f64,
    /// Voxels of each part that does not touch another one, not even by a corner; the largest first.
    pub components: Vec<u64>,
    /// The lowest and the highest voxel along each axis, (i, j, k).
    pub bounds: [[u32; 3]; 2],
    /// The centre of gravity of its voxels.
    pub centre: PatientMm,
    /// The longest diameter in a slice.
    pub diameter: SliceDiameter,
    /// Values of the image in it; none without an image, or where it has no finite value in it.
    pub values: Option<ValueStatistics>,
}

/// The longest distance between two voxel centres of one slice, and the longest one at right angles to it.
///
/// The second is a chord of the convex hull of the slice's voxel centres, so that it crosses notches of the segment
/// and never leaves its outline otherwise. Both are 0 for one voxel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SliceDiameter {
    /// Which slice; the first of several that tie.
    pub k: u32,
    /// The longest distance, in millimetres.
    pub longest_mm: f64,
    /// Its two voxels, (i, j).
    pub ends: [[u32; 2]; 2],
    /// The longest chord at right angles, in millimetres.
    pub perpendicular_mm: f64,
}

/// Values of an image in a segment, in the unit of the image: Hounsfield units for CT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValueStatistics {
    /// Voxels with a finite value.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// The standard deviation of a sample, with one less than the count below; none for one voxel.
    pub standard_deviation: Option<f64>,
    /// The lowest value.
    pub minimum: f64,
    /// The highest value.
    pub maximum: f64,
    /// The 5th, 50th and 95th percentiles, by linear interpolation between ranks.
    pub percentiles: [f64; 3],
}

/// The statistics of a label; none when no voxel has it.
///
/// # Errors
/// [`GridMismatch`] when the image is not on the grid of the map.
pub fn segment(
    map: &LabelMap,
    label: u16,
    image: Option<&Volume>,
) -> Result<Option<SegmentStatistics>, GridMismatch> {
    if image.is_some_and(|image| !image.grid().same_as(map.grid())) {
        return Err(GridMismatch);
    }
    let Some(whole) = super::label(map, label) else { return Ok(None) };
    let Some((lower, upper)) = super::bounds(map, label) else { return Ok(None) };
    Ok(Some(SegmentStatistics {
        voxels: whole.voxels,
        volume_mm3: whole.volume_mm3,
        surface_mm2: surface_mm2(map, label),
        components: components(map, label),
        bounds: [lower, upper],
        centre: centre(map, label),
        diameter: diameter(map, label),
        values: image.and_then(|image| values(map, label, image)),
    }))
}

fn components(map: &LabelMap, label: u16) -> Vec<u64> {
    let mut voxels: Vec<u64> = Vec::new();
    for span in connected_parts(map, label) {
        let part = span.part as usize;
        voxels.resize(voxels.len().max(part + 1), 0);
        voxels[part] += u64::from(span.end - span.start);
    }
    voxels.sort_unstable_by(|a, b| b.cmp(a));
    voxels
}

fn centre(map: &LabelMap, label: u16) -> PatientMm {
    let (mut count, mut sums) = (0.0, [0.0; 3]);
    each_row(map, label, |k, j, from, to| {
        let voxels = f64::from(to - from);
        let along = voxels * (f64::from(from) + (voxels - 1.0) / 2.0);
        let place = [along, voxels * f64::from(j), voxels * f64::from(k)];
        count += voxels;
        sums = [0, 1, 2].map(|axis| sums[axis] + place[axis]);
    });
    map.grid().to_patient(VoxelIndex(sums.map(|sum| sum / count)))
}

/// Calls `each(k, j, from, to)` for the stretches of a label in rows.
fn each_row(map: &LabelMap, label: u16, mut each: impl FnMut(u32, u32, u32, u32)) {
    let columns = map.grid().size()[0];
    for (k, runs) in map.slices() {
        for run in runs.iter().filter(|run| run.label == label) {
            let mut start = run.start;
            while start < run.end() {
                let (j, end) = (start / columns, run.end().min((start / columns + 1) * columns));
                each(k, j, start - j * columns, end - j * columns);
                start = end;
            }
        }
    }
}

fn diameter(map: &LabelMap, label: u16) -> SliceDiameter {
    let mut ends: BTreeMap<u32, Vec<[u32; 2]>> = BTreeMap::new();
    each_row(map, label, |k, j, from, to| ends.entry(k).or_default().extend([[from, j], [to - 1, j]]));
    let [i_mm, j_mm, _] = map.grid().spacing_mm();
    let mut longest = SliceDiameter { k: 0, longest_mm: -1.0, ends: [[0; 2]; 2], perpendicular_mm: 0.0 };
    for (k, ends) in ends {
        let hull = slice_hull(ends);
        let places: Vec<[f64; 2]> =
            hull.iter().map(|&[i, j]| [f64::from(i) * i_mm, f64::from(j) * j_mm]).collect();
        let (longest_mm, pair) = farthest(&places);
        if longest_mm > longest.longest_mm {
            let perpendicular_mm = longest_across(&places, pair.map(|at| places[at]));
            longest = SliceDiameter { k, longest_mm, ends: pair.map(|at| hull[at]), perpendicular_mm };
        }
    }
    longest
}

/// The largest distance of two places, and which two they are.
fn farthest(places: &[[f64; 2]]) -> (f64, [usize; 2]) {
    let mut found = (0.0, [0, 0]);
    for (at, [x, y]) in places.iter().enumerate() {
        for (other, [other_x, other_y]) in places.iter().enumerate().skip(at + 1) {
            let distance = (x - other_x).hypot(y - other_y);
            if distance > found.0 {
                found = (distance, [at, other]);
            }
        }
    }
    found
}

/// The longest chord of a convex outline at right angles to the line between two of its corners. It grows and
/// shrinks evenly between corners, so that one of the longest ends at a corner.
fn longest_across(outline: &[[f64; 2]], [from, to]: [[f64; 2]; 2]) -> f64 {
    let length = (to[0] - from[0]).hypot(to[1] - from[1]);
    if length == 0.0 {
        return 0.0;
    }
    let along = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    let turned: Vec<[f64; 2]> = outline
        .iter()
        .map(|place| {
            let [x, y] = [place[0] - from[0], place[1] - from[1]];
            [x * along[0] + y * along[1], y * along[0] - x * along[1]]
        })
        .collect();
    let width_at = |along: f64| {
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for (at, &one) in turned.iter().enumerate() {
            let other = turned[(at + 1) % turned.len()];
            let [first, last] = if one[0] <= other[0] { [one, other] } else { [other, one] };
            if first[0] <= along && along <= last[0] {
                let rise = if last[0] > first[0] { (along - first[0]) / (last[0] - first[0]) } else { 0.0 };
                // An edge at right angles to the line is a chord itself.
                let to = if last[0] > first[0] { first[1] + rise * (last[1] - first[1]) } else { last[1] };
                let from = if last[0] > first[0] { to } else { first[1] };
                (lowest, highest) = (lowest.min(from).min(to), highest.max(from).max(to));
            }
        }
        (highest - lowest).max(0.0)
    };
    turned.iter().map(|corner| width_at(corner[0])).fold(0.0, f64::max)
}

fn values(map: &LabelMap, label: u16, image: &Volume) -> Option<ValueStatistics> {
    let mut values = Vec::new();
    let slice = map.grid().slice_voxels() as usize;
    for (k, runs) in map.slices() {
        for run in runs.iter().filter(|run| run.label == label) {
            let from = k as usize * slice + run.start as usize;
            let found = (from..from + run.length as usize).filter_map(|at| image.voxels().value(at));
            values.extend(found.filter(|value| value.is_finite()));
        }
    }
    let count = values.len();
    let (minimum, maximum) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)));
    if count == 0 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / count as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let standard_deviation = (count > 1).then(|| (squares / (count - 1) as f64).sqrt());
    let percentiles = [5.0, 50.0, 95.0].map(|percent| percentile(&mut values, percent));
    Some(ValueStatistics { count: count as u64, mean, standard_deviation, minimum, maximum, percentiles })
}

fn percentile(values: &mut [f64], percent: f64) -> f64 {
    let at = (values.len() - 1) as f64 * percent / 100.0;
    let (_, &mut below, above) = values.select_nth_unstable_by(at.floor() as usize, f64::total_cmp);
    let next = above.iter().copied().fold(f64::INFINITY, f64::min);
    if at.fract() > 0.0 && next.is_finite() { below + (next - below) * at.fract() } else { below }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;
    use crate::volume::{Rescale, VolumeBuilder};
    use proptest::prelude::*;

    const AXES: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

    fn grid(size: [u32; 3], spacing_mm: [f64; 3]) -> Grid {
        Grid::new(size, spacing_mm, [10.0, 20.0, 30.0], AXES).unwrap()
    }

    fn image(grid: Grid, values: &[i32]) -> Volume {
        let mut builder = VolumeBuilder::new(grid);
        builder.push_integers(values, Rescale::new(1.0, 0.0).unwrap());
        builder.finish().unwrap()
    }

    #[test]
    fn a_box_has_its_statistics() {
        let grid = grid([8, 6, 4], [0.5, 2.0, 3.0]);
        let labels: Vec<u16> = (0..192)
            .map(|at| u16::from((2..6).contains(&(at % 8)) && (1..3).contains(&(at / 8 % 6)) && at / 48 > 1))
            .collect();
        let values: Vec<i32> = (0..192).map(|at| at % 8).collect();
        let map = LabelMap::from_dense(grid, &labels).unwrap();
        let found = segment(&map, 1, Some(&image(grid, &values))).unwrap().unwrap();
        assert_eq!(
            (found.voxels, found.volume_mm3, found.components.as_slice()),
            (16, 48.0, [16].as_slice())
        );
        assert_eq!((found.bounds, found.centre), ([[2, 1, 2], [5, 2, 3]], PatientMm([11.75, 23.0, 37.5])));
        // 3 columns of 0.5 mm and a row of 2 mm; the hull has corners at right angles to the diagonal.
        assert_eq!((found.diameter.longest_mm, found.diameter.k), (2.5, 2));
        assert_eq!(found.diameter.ends, [[2, 1], [5, 2]]);
        // From a corner across a box of 1.5 by 2 mm at right angles to its diagonal: 2.5 mm times 1.5 / 2.
        assert!((found.diameter.perpendicular_mm - 2.5 * 0.75).abs() < 1e-12, "{:?}", found.diameter);
        let values = found.values.unwrap();
        assert_eq!((values.count, values.mean, values.minimum, values.maximum), (16, 3.5, 2.0, 5.0));
        // Four each of 2, 3, 4 and 5.
        assert!((values.standard_deviation.unwrap() - (20.0_f64 / 15.0).sqrt()).abs() < 1e-12);
        assert_eq!(values.percentiles, [2.0, 3.5, 5.0]);
    }

    #[test]
    fn components_are_told_by_size_and_one_voxel_has_no_deviation() {
        let here = grid([7, 1, 1], [1.0; 3]);
        let map = LabelMap::from_dense(here, &[1, 0, 1, 1, 0, 1, 2]).unwrap();
        let values = image(here, &[1, 2, 3, 4, 5, 6, 7]);
        let of = |label| segment(&map, label, Some(&values)).unwrap();
        assert_eq!(of(1).unwrap().components, [2, 1, 1]);
        let one = of(2).unwrap();
        assert_eq!((one.diameter.longest_mm, one.diameter.perpendicular_mm), (0.0, 0.0));
        assert_eq!(one.values.unwrap().standard_deviation, None);
        assert_eq!((of(3), segment(&map, 2, None).unwrap().unwrap().values), (None, None));
        let elsewhere = image(grid([7, 1, 1], [2.0, 1.0, 1.0]), &[0; 7]);
        assert_eq!(segment(&map, 1, Some(&elsewhere)), Err(GridMismatch));
    }

    proptest! {
        #[test]
        fn the_longest_diameter_of_a_slice_is_that_of_all_pairs(
            labels in prop::collection::vec(0..3_u16, 9 * 7 * 2),
        ) {
            let grid = grid([9, 7, 2], [0.7, 1.3, 4.0]);
            let map = LabelMap::from_dense(grid, &labels).unwrap();
            prop_assume!(map.count(1) > 0);
            let found = segment(&map, 1, None).unwrap().unwrap().diameter;
            let mut longest = 0.0_f64;
            for a in (0..126).filter(|&at| labels[at] == 1) {
                for b in (0..126).filter(|&at| labels[at] == 1 && at / 63 == a / 63) {
                    let along = |one: usize, other: usize, mm: f64| one.abs_diff(other) as f64 * mm;
                    let apart = along(a % 9, b % 9, 0.7).hypot(along(a / 9 % 7, b / 9 % 7, 1.3));
                    longest = longest.max(apart);
                }
            }
            prop_assert!((found.longest_mm - longest).abs() < 1e-9);
            prop_assert!(found.perpendicular_mm <= longest + 1e-9);
        }
    }
}
