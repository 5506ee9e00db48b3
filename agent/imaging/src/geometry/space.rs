//! What is drawn on: a volume, or a stack of pictures that have nothing to do with each other but their place in it.
//!
//! In a volume a millimetre is a millimetre in every direction. In a stack there is none across slices, and none
//! within a picture whose header does not say how far apart its pixels are.

use super::{Grid, VoxelIndex, length, subtract};

/// One slice of a stack: how much of the grid it fills, from voxel (0, 0) on, and how far apart its pixels are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picture {
    /// Pixels along a row.
    pub columns: u32,
    /// Rows.
    pub rows: u32,
    /// Distance of pixels along (i, j), in millimetres; none where it is not known.
    pub spacing_mm: Option<[f64; 2]>,
}

/// A grid, and what lengths mean on it.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageSpace {
    grid: Grid,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Volume,
    /// One for each slice; none where all fill the grid at its spacing.
    Stack(Vec<Picture>),
}

impl ImageSpace {
    /// A volume.
    pub const fn volume(grid: Grid) -> Self {
        Self { grid, kind: Kind::Volume }
    }

    /// A stack of pictures; without any, each slice fills the grid at its spacing.
    pub const fn stack(grid: Grid, pictures: Vec<Picture>) -> Self {
        Self { grid, kind: Kind::Stack(pictures) }
    }

    /// The grid that label maps lie on.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Whether lengths reach across slices.
    pub const fn is_volume(&self) -> bool {
        matches!(self.kind, Kind::Volume)
    }

    /// The picture on slice `k`.
    pub fn picture(&self, k: u32) -> Picture {
        let [columns, rows, _] = self.grid.size();
        let [along_i, along_j, _] = self.grid.spacing_mm();
        let whole = Picture { columns, rows, spacing_mm: Some([along_i, along_j]) };
        match &self.kind {
            Kind::Volume => whole,
            Kind::Stack(pictures) => pictures.get(k as usize).copied().unwrap_or(whole),
        }
    }

    /// Distance of two places, in millimetres. None between two slices of a stack, and none in a picture whose
    /// spacing is not known.
    pub fn distance_mm(&self, from: [f64; 3], to: [f64; 3]) -> Option<f64> {
        if self.is_volume() {
            let place = |at| self.grid.to_patient(VoxelIndex(at)).0;
            return Some(length(subtract(place(to), place(from))));
        }
        let k = self.common_slice(from, to)?;
        let [along_i, along_j] = self.picture(k).spacing_mm?;
        Some(((to[0] - from[0]) * along_i).hypot((to[1] - from[1]) * along_j))
    }

    /// Distance of two places of one slice in pixels, by the diagonal of its picture in pixels.
    pub fn share_of_diagonal(&self, from: [f64; 3], to: [f64; 3]) -> Option<f64> {
        let picture = self.picture(self.common_slice(from, to)?);
        let diagonal = f64::from(picture.columns).hypot(f64::from(picture.rows));
        Some((to[0] - from[0]).hypot(to[1] - from[1]) / diagonal)
    }

    /// The slice that both places lie on.
    fn common_slice(&self, from: [f64; 3], to: [f64; 3]) -> Option<u32> {
        let slice = |at: [f64; 3]| at[2].round().clamp(0.0, f64::from(self.grid.size()[2] - 1));
        // A whole number within 16 bits, or not a number, which makes 0 of the cast and equals nothing.
        (slice(from) == slice(to)).then(|| slice(from) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        Grid::new([40, 30, 3], [0.5, 2.0, 5.0], [0.0; 3], direction).unwrap()
    }

    fn set() -> ImageSpace {
        let picture = |columns, rows, spacing_mm| Picture { columns, rows, spacing_mm };
        let pictures =
            vec![picture(40, 30, Some([0.1, 0.2])), picture(30, 20, Some([0.3, 0.3])), picture(30, 40, None)];
        ImageSpace::stack(grid(), pictures)
    }

    #[test]
    fn a_volume_has_millimetres_in_every_direction() {
        let space = ImageSpace::volume(grid());
        assert_eq!(space.distance_mm([0.0; 3], [6.0, 2.0, 0.0]), Some(5.0));
        assert_eq!(space.distance_mm([0.0; 3], [0.0, 0.0, 2.0]), Some(10.0));
    }

    #[test]
    fn a_stack_has_millimetres_within_a_picture_that_has_a_spacing() {
        let space = set();
        assert_eq!(space.distance_mm([0.0; 3], [30.0, 20.0, 0.0]), Some(5.0));
        let found = space.distance_mm([0.0, 0.0, 1.0], [3.0, 4.0, 1.4]);
        assert!(found.is_some_and(|mm| (mm - 1.5).abs() < 1e-12), "{found:?}");
        assert_eq!(space.distance_mm([0.0, 0.0, 2.0], [3.0, 4.0, 2.0]), None);
        assert_eq!(space.distance_mm([0.0, 0.0, 0.0], [3.0, 4.0, 1.0]), None);
    }

    #[test]
    fn pixels_are_counted_by_the_diagonal_of_their_picture() {
        let space = set();
        assert_eq!(space.share_of_diagonal([0.0, 0.0, 2.0], [3.0, 4.0, 2.0]), Some(0.1));
        assert_eq!(space.share_of_diagonal([0.0, 0.0, 2.0], [3.0, 4.0, 1.0]), None);
    }

    #[test]
    fn without_pictures_each_slice_is_as_the_grid() {
        let space = ImageSpace::stack(grid(), Vec::new());
        assert_eq!(space.picture(2), Picture { columns: 40, rows: 30, spacing_mm: Some([0.5, 2.0]) });
        assert_eq!(space.distance_mm([0.0; 3], [6.0, 2.0, 0.0]), Some(5.0));
        assert_eq!(space.distance_mm([0.0; 3], [0.0, 0.0, 1.0]), None);
    }
}
