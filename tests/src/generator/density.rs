//! What a CT would show of a head of which only a T1-weighted MR is known.
//!
//! Invented, but in the right places: air around the head, a dense skull where a dark band lies a few
//! millimetres under the skin, fat under the skin, water and brain inside.

/// Darker than this is air or bone in T1.
const DARK: f32 = 0.30;
const AIR: f32 = 0.10;
/// How deep under the skin the skull lies, in millimetres.
const SKULL_MM: std::ops::Range<f64> = 2.0..17.0;
const FAT_MM: f64 = 9.0;
const FAT: f32 = 0.75;

/// Hounsfield units of each voxel; `intensities` are 0 to 1 with the first axis fastest.
pub(super) fn hounsfield(size: [u32; 3], step_mm: f64, intensities: &[f32]) -> Vec<f32> {
    let [columns, rows, _] = size.map(|length| length as usize);
    let slices = intensities.chunks(columns * rows);
    slices.flat_map(|slice| slice_hounsfield(columns, step_mm, slice)).collect()
}

fn slice_hounsfield(columns: usize, step_mm: f64, slice: &[f32]) -> Vec<f32> {
    let depth = depth_under_skin(columns, slice);
    let voxel = |(intensity, depth): (&f32, &u32)| {
        let depth_mm = f64::from(*depth) * step_mm;
        if *depth == 0 {
            -1000.0
        } else if *intensity < DARK && SKULL_MM.contains(&depth_mm) {
            300.0 + (DARK - intensity) / DARK * 900.0
        } else if *intensity > FAT && depth_mm < FAT_MM {
            -70.0
        } else {
            5.0 + 55.0 * intensity
        }
    };
    slice.iter().zip(&depth).map(voxel).collect()
}

/// Steps from the air around the head, along rows and columns; 0 in that air. Dark places that the
/// air does not reach from the border of the slice are inside.
fn depth_under_skin(columns: usize, slice: &[f32]) -> Vec<u32> {
    let rows = slice.len() / columns;
    let neighbours = |at: usize| {
        let (i, j) = (at % columns, at / columns);
        let left = (i > 0).then(|| at - 1);
        let right = (i + 1 < columns).then_some(at + 1);
        let above = (j > 0).then(|| at - columns);
        let below = (j + 1 < rows).then_some(at + columns);
        [left, right, above, below].into_iter().flatten()
    };
    let border = |at: &usize| {
        at.is_multiple_of(columns)
            || (at + 1).is_multiple_of(columns)
            || *at < columns
            || at + columns >= slice.len()
    };
    let mut depth = vec![u32::MAX; slice.len()];
    let mut front: Vec<usize> = (0..slice.len()).filter(|at| border(at) && slice[*at] < AIR).collect();
    let mut outside = front.clone();
    front.iter().for_each(|at| depth[*at] = 0);
    while let Some(at) = front.pop() {
        for next in neighbours(at) {
            if depth[next] == u32::MAX && slice[next] < AIR {
                depth[next] = 0;
                front.push(next);
                outside.push(next);
            }
        }
    }
    let mut steps = 0;
    while !outside.is_empty() {
        steps += 1;
        let mut deeper = Vec::new();
        for at in outside {
            for next in neighbours(at) {
                if depth[next] == u32::MAX {
                    depth[next] = steps;
                    deeper.push(next);
                }
            }
        }
        outside = deeper;
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dark_band_under_the_skin_is_bone_and_dark_places_deep_inside_are_water() {
        // One row through a head of 2 mm voxels: air, skin, skull, brain with a dark middle.
        let mut row = vec![0.0; 5];
        row.extend([0.9, 0.9, 0.1, 0.1, 0.1]);
        row.extend(vec![0.6; 10]);
        row.extend(vec![0.05; 3]);
        row.extend(vec![0.6; 10]);
        row.extend([0.1, 0.1, 0.1, 0.9, 0.9]);
        row.extend(vec![0.0; 5]);
        let columns = row.len();
        // The dark middle is shut in above and below, as a ventricle is.
        let shut: Vec<f32> = row.iter().map(|value| if *value == 0.05 { 0.6 } else { *value }).collect();
        let slice: Vec<f32> =
            (0..41).flat_map(|j| if (10..31).contains(&j) { row.clone() } else { shut.clone() }).collect();
        let found = hounsfield([columns as u32, 41, 1], 2.0, &slice);
        let middle = &found[20 * columns..21 * columns];
        assert_eq!(middle[0], -1000.0);
        assert_eq!(middle[5], -70.0);
        assert!(middle[8] > 800.0, "{}", middle[8]);
        assert!((20.0..60.0).contains(&middle[14]));
        assert!((0.0..20.0).contains(&middle[21]), "{}", middle[21]);
    }
}
