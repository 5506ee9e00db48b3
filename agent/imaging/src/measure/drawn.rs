//! Measures in a space: of a volume as a whole, of a stack picture by picture.

use super::{LabelMeasures, label};
use crate::geometry::{Grid, ImageSpace};
use crate::mask::{LabelMap, Run};

/// Measures of all voxels of one label, as far as the space defines them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DrawnMeasures {
    /// Parts that do not touch, not even by a corner; on a stack, of each slice by itself.
    pub components: u32,
    /// Parts of what lies between that are closed in and not filled by other labels.
    pub cavities: u32,
    /// Largest distance between two voxel centres; on a stack, of one slice. None where a picture with the label
    /// does not say how far apart its pixels are.
    pub diameter_mm: Option<f64>,
    /// Volume of the voxels; none on a stack, whose slices have no depth.
    pub volume_mm3: Option<f64>,
    /// Slices that have the label.
    pub slices: u32,
    /// As [`LabelMeasures::elongation`]; on a stack, that of the most elongated slice.
    pub elongation: Option<f64>,
}

/// The measures of a label; none when no voxel has it.
pub fn label_in(space: &ImageSpace, map: &LabelMap, of: u16) -> Option<DrawnMeasures> {
    if space.is_volume() {
        let whole = label(map, of)?;
        return Some(DrawnMeasures {
            components: whole.components,
            cavities: whole.cavities,
            diameter_mm: Some(whole.diameter_mm),
            volume_mm3: Some(whole.volume_mm3),
            slices: whole.slices,
            elongation: whole.elongation,
        });
    }
    let mut all = DrawnMeasures {
        components: 0,
        cavities: 0,
        diameter_mm: Some(0.0),
        volume_mm3: None,
        slices: 0,
        elongation: None,
    };
    for (k, runs) in map.slices() {
        let spacing_mm = space.picture(k).spacing_mm;
        let Some(one) = slice(space.grid(), runs, spacing_mm, of) else { continue };
        all.components += one.components;
        all.cavities += one.cavities;
        all.slices += 1;
        let diameter_mm = spacing_mm.map(|_| one.diameter_mm);
        all.diameter_mm = all.diameter_mm.zip(diameter_mm).map(|(most, one)| most.max(one));
        // Pixels of unknown size may be oblong.
        let elongation = one.elongation.filter(|_| spacing_mm.is_some());
        all.elongation = all.elongation.into_iter().chain(elongation).reduce(f64::max);
    }
    (all.slices > 0).then_some(all)
}

/// One slice as a volume of its own.
fn slice(grid: &Grid, runs: &[Run], spacing_mm: Option<[f64; 2]>, of: u16) -> Option<LabelMeasures> {
    let [along_i, along_j] = spacing_mm.unwrap_or([1.0, 1.0]);
    let [columns, rows, _] = grid.size();
    let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    let flat = Grid::new([columns, rows, 1], [along_i, along_j, 1.0], [0.0; 3], axes).ok()?;
    label(&LabelMap::from_slices(flat, [(0, runs.to_vec())]).ok()?, of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Picture;

    fn grid() -> Grid {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([10, 10, 3], [1.0, 1.0, 5.0], [0.0; 3], axes).unwrap()
    }

    /// Four voxels of a row in slice 0, and the same in slice 1.
    fn map() -> LabelMap {
        let run = Run { start: 0, length: 4, label: 1 };
        LabelMap::from_slices(grid(), [(0, vec![run]), (1, vec![run])]).unwrap()
    }

    fn stack(spacings: [Option<[f64; 2]>; 3]) -> ImageSpace {
        let picture = |spacing_mm| Picture { columns: 10, rows: 10, spacing_mm };
        ImageSpace::stack(grid(), spacings.map(picture).to_vec())
    }

    #[test]
    fn a_volume_is_measured_as_a_whole() {
        let whole = label_in(&ImageSpace::volume(grid()), &map(), 1).unwrap();
        assert_eq!((whole.components, whole.slices, whole.volume_mm3), (1, 2, Some(40.0)));
        assert_eq!(whole.diameter_mm, Some(34.0_f64.sqrt()));
    }

    #[test]
    fn a_stack_is_measured_picture_by_picture_and_has_no_volume() {
        let found = label_in(&stack([Some([0.5, 0.5]), Some([2.0, 2.0]), None]), &map(), 1).unwrap();
        assert_eq!((found.components, found.slices, found.volume_mm3), (2, 2, None));
        assert_eq!(found.diameter_mm, Some(6.0));
    }

    #[test]
    fn a_picture_without_spacing_has_no_millimetres() {
        let found = label_in(&stack([Some([0.5, 0.5]), None, None]), &map(), 1).unwrap();
        assert_eq!((found.components, found.diameter_mm), (2, None));
        assert_eq!(label_in(&stack([None; 3]), &map(), 2), None);
    }
}
