//! The closed surface of a label as triangles, and the voxels within one.
//!
//! The surface runs between marked and unmarked centres: it has a corner in each cube of eight centres that are not
//! alike, at the mean of the middles of the cube's edges that the surface crosses. No place of it is further than half
//! a voxel's diagonal from the faces of the voxels, and it encloses the centres of the marked voxels and no others.
//!
//! Source: S. F. F. Gibson, Constrained elastic surface nets, MICCAI 1998; without the relaxation.

use crate::geometry::{Grid, PatientMm, VoxelIndex, cross, dot};
use crate::mask::{LabelMap, Run};
use std::collections::BTreeMap;

/// A box around a label with more voxels than this is refused before memory is taken for it.
pub const MESH_MOST_VOXELS: u64 = 1 << 28;

/// Triangles in the patient, LPS, in millimetres. Seen from outside, the corners of each run anticlockwise.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mesh {
    /// The corners.
    pub vertices: Vec<[f64; 3]>,
    /// Three corners each.
    pub triangles: Vec<[u32; 3]>,
}

/// Why a label has no surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MeshRefusal {
    /// No voxel has the label.
    #[error("no voxel has the label")]
    Empty,
    /// The box around the label is too large.
    #[error("the box around the label has more than {MESH_MOST_VOXELS} voxels")]
    TooLarge,
}

/// The surface of a label.
///
/// # Errors
/// [`MeshRefusal`] for a label without voxels, or one that is too large.
pub fn surface_mesh(map: &LabelMap, label: u16) -> Result<Mesh, MeshRefusal> {
    let mut lattice = Lattice::around(map, label)?;
    let mut mesh = Mesh::default();
    // Left-handed axes turn every triangle over.
    let [row, column, normal] = map.grid().direction();
    let turned = dot(cross(row, column), normal) < 0.0;
    lattice.put_vertices(map.grid(), &mut mesh);
    lattice.put_faces(turned, &mut mesh);
    Ok(mesh)
}

/// The centres in a box around the label, with one of nothing all around.
struct Lattice {
    low: [u32; 3],
    size: [usize; 3],
    marked: Vec<bool>,
    /// The corner in the cube that begins at each centre.
    corner: Vec<u32>,
}

const NO_CORNER: u32 = u32::MAX;

impl Lattice {
    fn around(map: &LabelMap, label: u16) -> Result<Self, MeshRefusal> {
        let columns = map.grid().size()[0];
        let (mut low, mut high) = ([u32::MAX; 3], [0; 3]);
        let mine = || map.slices().flat_map(|(k, runs)| runs.iter().map(move |run| (k, run)));
        for (k, run) in mine().filter(|(_, run)| run.label == label) {
            let last = run.start + run.length - 1;
            let one_row = run.start / columns == last / columns;
            let across = if one_row { [run.start % columns, last % columns] } else { [0, columns - 1] };
            for (axis, ends) in
                [across, [run.start / columns, last / columns], [k, k]].into_iter().enumerate()
            {
                low[axis] = low[axis].min(ends[0]);
                high[axis] = high[axis].max(ends[1]);
            }
        }
        if low[0] == u32::MAX {
            return Err(MeshRefusal::Empty);
        }
        let size = [0, 1, 2].map(|axis| (high[axis] - low[axis]) as usize + 3);
        if size.iter().map(|length| *length as u64).product::<u64>() > MESH_MOST_VOXELS {
            return Err(MeshRefusal::TooLarge);
        }
        let count = size.iter().product();
        let mut lattice = Self { low, size, marked: vec![false; count], corner: vec![NO_CORNER; count] };
        for (k, run) in mine().filter(|(_, run)| run.label == label) {
            for offset in run.start..run.start + run.length {
                let voxel = [offset % columns, offset / columns, k];
                let at = lattice.at([0, 1, 2].map(|axis| (voxel[axis] - low[axis]) as usize + 1));
                lattice.marked[at] = true;
            }
        }
        Ok(lattice)
    }

    const fn at(&self, [x, y, z]: [usize; 3]) -> usize {
        (z * self.size[1] + y) * self.size[0] + x
    }

    fn steps(&self) -> [usize; 3] {
        [1, self.size[0], self.size[0] * self.size[1]]
    }

    fn put_vertices(&mut self, grid: &Grid, mesh: &mut Mesh) {
        let steps = self.steps();
        let [width, height, depth] = self.size;
        for z in 0..depth - 1 {
            for y in 0..height - 1 {
                for x in 0..width - 1 {
                    let at = self.at([x, y, z]);
                    let Some(inside) = self.crossing(at, steps) else { continue };
                    self.corner[at] = mesh.vertices.len() as u32;
                    let place = [x, y, z];
                    let index = [0, 1, 2]
                        .map(|axis| place[axis] as f64 + inside[axis] - 1.0 + f64::from(self.low[axis]));
                    mesh.vertices.push(grid.to_patient(VoxelIndex(index)).0);
                }
            }
        }
    }

    /// The mean of the middles of a cube's crossed edges, none where its corners are alike.
    fn crossing(&self, at: usize, steps: [usize; 3]) -> Option<[f64; 3]> {
        let marked = |corner: usize| {
            let offset: usize = (0..3).filter(|axis| corner >> axis & 1 == 1).map(|axis| steps[axis]).sum();
            self.marked[at + offset]
        };
        let corners: [bool; 8] = std::array::from_fn(marked);
        if corners.iter().all(|one| *one == corners[0]) {
            return None;
        }
        let (mut sum, mut count) = ([0.0; 3], 0.0);
        for axis in 0..3 {
            for corner in (0..8).filter(|corner| corner >> axis & 1 == 0) {
                if corners[corner] != corners[corner | 1 << axis] {
                    count += 1.0;
                    for (part, total) in sum.iter_mut().enumerate() {
                        *total += if part == axis { 0.5 } else { (corner >> part & 1) as f64 };
                    }
                }
            }
        }
        Some(sum.map(|total| total / count))
    }

    /// Two triangles across every step from a marked centre to one that is not.
    fn put_faces(&self, turned: bool, mesh: &mut Mesh) {
        let steps = self.steps();
        for (at, marked) in self.marked.iter().enumerate() {
            for axis in 0..3 {
                let next = at + steps[axis];
                if self.marked.get(next).is_none_or(|other| other == marked) {
                    continue;
                }
                // The box has a rim of nothing, so that neither reaches beyond it.
                let (b, c) = (steps[(axis + 1) % 3], steps[(axis + 2) % 3]);
                let corners = [at - b - c, at - c, at, at - b].map(|cube| self.corner[cube]);
                let [first, second, third, fourth] = corners;
                if *marked != turned {
                    mesh.triangles.extend([[first, second, third], [first, third, fourth]]);
                } else {
                    mesh.triangles.extend([[first, third, second], [first, fourth, third]]);
                }
            }
        }
    }
}

/// The surface does not close, or crosses more rows of voxels than are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenSurface {
    /// A row of voxels enters the surface and does not leave it.
    #[error("the surface is not closed")]
    Open,
    /// More crossings than memory is taken for.
    #[error("the surface has more triangles than are accepted")]
    TooLarge,
}

/// Crossings of rows of voxels that memory is taken for.
const CROSSINGS_MOST: u64 = 50_000_000;

/// The voxels of a grid whose centres lie within a closed surface, as a map with one label.
///
/// # Errors
/// [`OpenSurface`] when the surface does not close or is too large.
pub fn enclosed(mesh: &Mesh, grid: &Grid, label: u16) -> Result<LabelMap, OpenSurface> {
    let places: Vec<[f64; 3]> =
        mesh.vertices.iter().map(|vertex| grid.to_voxel(PatientMm(*vertex)).0).collect();
    let mut crossings: BTreeMap<(u32, u32), Vec<f64>> = BTreeMap::new();
    let mut count = 0;
    for triangle in &mesh.triangles {
        let corners = triangle.map(|vertex| places.get(vertex as usize).copied());
        let [Some(a), Some(b), Some(c)] = corners else { return Err(OpenSurface::Open) };
        count += cross_rows([a, b, c], grid, &mut crossings);
        if count > CROSSINGS_MOST {
            return Err(OpenSurface::TooLarge);
        }
    }
    let columns = f64::from(grid.size()[0]);
    let mut slices: BTreeMap<u32, Vec<Run>> = BTreeMap::new();
    for ((k, j), mut row) in crossings {
        row.sort_by(f64::total_cmp);
        let (pairs, rest) = row.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(OpenSurface::Open);
        }
        for [from, to] in pairs {
            let (start, end) = (from.ceil().max(0.0), to.ceil().min(columns));
            if start < end {
                let run =
                    Run { start: j * grid.size()[0] + start as u32, length: (end - start) as u32, label };
                slices.entry(k).or_default().push(run);
            }
        }
    }
    LabelMap::from_slices(*grid, slices).map_err(|_| OpenSurface::Open)
}

/// Where the rows of voxels, lines along i, run through a triangle. A row through an edge or a corner counts for one
/// of the triangles that share it, and always the same one.
fn cross_rows(corners: [[f64; 3]; 3], grid: &Grid, crossings: &mut BTreeMap<(u32, u32), Vec<f64>>) -> u64 {
    let [_, rows, slices] = grid.size();
    let ends = |axis: usize, size: u32| {
        let parts = corners.map(|corner| corner[axis]);
        let low = parts.into_iter().fold(f64::INFINITY, f64::min).ceil().max(0.0);
        let high = parts.into_iter().fold(f64::NEG_INFINITY, f64::max).floor().min(f64::from(size) - 1.0);
        // Nothing for numbers that are none.
        if low <= high { low as u32..high as u32 + 1 } else { 0..0 }
    };
    let mut count = 0;
    for k in ends(2, slices) {
        for j in ends(1, rows) {
            if let Some(i) = through(corners, [f64::from(j), f64::from(k)]) {
                crossings.entry((k, j)).or_default().push(i);
                count += 1;
            }
        }
    }
    count
}

fn through(corners: [[f64; 3]; 3], [j, k]: [f64; 2]) -> Option<f64> {
    // How far to its left each edge has the row; the two ends of an edge are taken in one order wherever it comes from,
    // so that neighbours agree on which side of it the row is.
    let side = |a: [f64; 3], b: [f64; 3]| {
        let swapped = (a[1], a[2]) > (b[1], b[2]);
        let (low, high) = if swapped { (b, a) } else { (a, b) };
        let area = (high[1] - low[1]) * (k - low[2]) - (high[2] - low[2]) * (j - low[1]);
        // On the edge counts as to its left.
        let left = area >= 0.0;
        (if swapped { -area } else { area }, left != swapped)
    };
    let [a, b, c] = corners;
    let sides = [side(b, c), side(c, a), side(a, b)];
    if sides.iter().any(|(_, left)| *left != sides[0].1) {
        return None;
    }
    let total: f64 = sides.iter().map(|(area, _)| area).sum();
    if total == 0.0 {
        return None;
    }
    Some(sides.iter().zip(corners).map(|((area, _), corner)| area / total * corner[0]).sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn grid(size: [u32; 3], handed: f64) -> Grid {
        let (sine, cosine) = 0.4_f64.sin_cos();
        let direction = [[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, handed]];
        Grid::new(size, [0.7, 0.9, 2.5], [-31.0, 12.0, 5.5], direction).unwrap()
    }

    fn volume(mesh: &Mesh) -> f64 {
        let six = |[a, b, c]: [[f64; 3]; 3]| dot(a, cross(b, c));
        mesh.triangles.iter().map(|one| six(one.map(|vertex| mesh.vertices[vertex as usize]))).sum::<f64>()
            / 6.0
    }

    #[test]
    fn a_ball_has_about_the_volume_of_its_voxels() {
        for handed in [1.0, -1.0] {
            let grid = grid([24, 20, 12], handed);
            let middle = grid.to_patient(VoxelIndex([12.0, 10.0, 5.5])).0;
            let inside = |index: [u32; 3]| {
                let place = grid.to_patient(VoxelIndex(index.map(f64::from))).0;
                let offset = crate::geometry::subtract(place, middle);
                u16::from(dot(offset, offset) < 36.0)
            };
            let indices = (0..12).flat_map(|k| (0..20).flat_map(move |j| (0..24).map(move |i| [i, j, k])));
            let labels: Vec<u16> = indices.map(inside).collect();
            let map = LabelMap::from_dense(grid, &labels).unwrap();
            let mesh = surface_mesh(&map, 1).unwrap();
            let voxels = map.count(1) as f64 * grid.voxel_mm3();
            assert!((volume(&mesh) / voxels - 1.0).abs() < 0.1, "{} of {voxels}", volume(&mesh));
        }
    }

    #[test]
    fn what_has_no_surface_is_refused() {
        let map = LabelMap::empty(grid([2, 2, 2], 1.0));
        assert_eq!(surface_mesh(&map, 1), Err(MeshRefusal::Empty));
        let full = LabelMap::from_dense(grid([3, 3, 3], 1.0), &[1; 27]).unwrap();
        let mut mesh = surface_mesh(&full, 1).unwrap();
        mesh.triangles.truncate(mesh.triangles.len() / 2);
        assert_eq!(enclosed(&mesh, full.grid(), 1), Err(OpenSurface::Open));
    }

    proptest! {
        #[test]
        fn a_surface_is_closed_and_encloses_its_voxels(
            labels in proptest::collection::vec(0_u16..3, 5 * 4 * 4),
            left in any::<bool>(),
        ) {
            let grid = grid([5, 4, 4], if left { -1.0 } else { 1.0 });
            let map = LabelMap::from_dense(grid, &labels).unwrap();
            prop_assume!(map.count(1) > 0);
            let mesh = surface_mesh(&map, 1).unwrap();
            let mut edges: BTreeMap<(u32, u32), i32> = BTreeMap::new();
            for [a, b, c] in &mesh.triangles {
                for (from, to) in [(a, b), (b, c), (c, a)] {
                    *edges.entry((*from.min(to), *from.max(to))).or_default() += if from < to { 1 } else { -1 };
                }
            }
            prop_assert!(edges.values().all(|balance| *balance == 0));
            prop_assert!(volume(&mesh) > 0.0);
            let expected: Vec<u16> = labels.iter().map(|label| u16::from(*label == 1)).collect();
            prop_assert_eq!(enclosed(&mesh, &grid, 1).unwrap().to_dense(), expected);
        }
    }
}
