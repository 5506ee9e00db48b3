//! Scissors: a polygon that is projected through the volume.

use std::collections::BTreeSet;

use super::Over;
use super::bits::Bits;
use super::block::Block;
use super::progress::{Cancelled, Pace, Progress};
use super::region::VoxelBox;
use crate::geometry::{Grid, PatientMm, VoxelIndex, cross, dot, length, scale, subtract};
use crate::mask::{LabelMap, SliceDelta};

/// The most voxels of a volume, or of the box around the labels that are erased: 512 × 512 × 4096.
pub const SCISSORS_MOST_VOXELS: u64 = 1 << 30;
/// The most corners of a polygon.
pub const SCISSORS_MOST_CORNERS: usize = 10_000;

/// How far a cut reaches along the direction of view.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CutDepth {
    /// Through the whole volume.
    Unlimited,
    /// This many millimetres in all, half of them on each side of the plane through the middle of the polygon's
    /// corners that the direction of view is at right angles to.
    Symmetric(f64),
}

/// Which voxels scissors work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CutSide {
    /// Those of the cut.
    Inside,
    /// All others.
    Outside,
}

/// What becomes of the voxels that scissors work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CutAction {
    /// They lose these labels.
    Erase(BTreeSet<u16>),
    /// They get this label.
    Fill(u16),
}

/// A cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Scissors {
    /// The corners of the polygon, in the patient; the last is joined to the first.
    pub polygon: Vec<PatientMm>,
    /// The direction of view, of any length.
    pub direction: [f64; 3],
    /// How far it reaches.
    pub depth: CutDepth,
    /// Inside or outside of it.
    pub side: CutSide,
    /// Erasing or filling.
    pub action: CutAction,
}

/// Why nothing was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScissorsRefusal {
    /// The polygon has fewer than three corners or more than [`SCISSORS_MOST_CORNERS`], or one is not finite.
    #[error("a polygon has 3 to {SCISSORS_MOST_CORNERS} corners, each of three finite numbers")]
    Polygon,
    /// The direction of view has no length or is not finite.
    #[error("the direction of view has no length or is not finite")]
    Direction,
    /// The depth is not a positive number of millimetres.
    #[error("the depth is not a positive number of millimetres")]
    Depth,
    /// The label that is filled in is 0, which is no label.
    #[error("the label is 0, which is no label")]
    Label,
    /// No voxel has one of the labels that are to be erased.
    #[error("no voxel has the label")]
    NothingDrawn,
    /// There are more than [`SCISSORS_MOST_VOXELS`].
    #[error("there are {voxels} voxels to look at; {SCISSORS_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels that there are.
        voxels: u64,
    },
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for ScissorsRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Cuts with a polygon that is projected along a direction of view, which may be any.
///
/// A voxel is in the cut when its centre is within the depth and, seen along the direction, inside the polygon by the
/// even-odd rule: a ray from it crosses the outline an odd number of times. So a polygon that crosses itself has
/// holes. A centre exactly on the outline belongs to one of the two sides, to the same one for each polygon that has
/// this edge. The label that is filled in is given over every other; [`super::Policy`] says which may be written
/// over. Memory: one bit for each voxel that is looked at: all, or those of the box around what is erased.
///
/// # Errors
/// [`ScissorsRefusal`] says why.
pub fn scissors(
    map: &LabelMap,
    cut: &Scissors,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, ScissorsRefusal> {
    let grid = map.grid();
    let seen = Seen::new(grid, cut)?;
    let inside = match &cut.action {
        CutAction::Fill(0) => return Err(ScissorsRefusal::Label),
        CutAction::Fill(_) => VoxelBox::whole(grid),
        CutAction::Erase(labels) => {
            let around = VoxelBox::around_labels(map, |label| labels.contains(&label));
            around.ok_or(ScissorsRefusal::NothingDrawn)?
        }
    };
    if inside.voxels() > SCISSORS_MOST_VOXELS {
        return Err(ScissorsRefusal::TooLarge { voxels: inside.voxels() });
    }
    let block = Block::new(grid, inside);
    let mut bits = Bits::none(block.size);
    // An edge is a few steps.
    let edges = (seen.outline.len() as u64).div_ceil(8);
    let mut pace = Pace::new(progress, [0.0, 1.0], bits.row_count() as u64 * edges);
    let lower = inside.lower();
    let mut crossings = Vec::new();
    for row in 0..bits.row_count() {
        pace.step(edges)?;
        let (j, k) = ((row % block.size[1]) as u32 + lower[1], (row / block.size[1]) as u32 + lower[2]);
        seen.row([lower[0], j, k], block.size[0], &mut crossings, |from, to| bits.set(row, from, to - from));
    }
    if cut.side == CutSide::Outside {
        bits = bits.complement();
    }
    Ok(match &cut.action {
        CutAction::Fill(label) => bits.changes(&block, map, progress, |old, cut| {
            if cut && Over::Everything.allows(old, *label) { *label } else { old }
        })?,
        CutAction::Erase(labels) => bits
            .changes(&block, map, progress, |old, cut| if cut && labels.contains(&old) { 0 } else { old })?,
    })
}

/// The polygon as it is seen: two axes across the direction of view, and the depth along it, in millimetres.
struct Seen<'a> {
    grid: &'a Grid,
    axes: [[f64; 3]; 3],
    middle: [f64; 3],
    outline: Vec<[f64; 2]>,
    half_mm: f64,
}

impl<'a> Seen<'a> {
    fn new(grid: &'a Grid, cut: &Scissors) -> Result<Self, ScissorsRefusal> {
        let corners = cut.polygon.len();
        let finite = |place: &[f64; 3]| place.iter().all(|mm| mm.is_finite());
        if !(3..=SCISSORS_MOST_CORNERS).contains(&corners)
            || !cut.polygon.iter().all(|corner| finite(&corner.0))
        {
            return Err(ScissorsRefusal::Polygon);
        }
        let axes = axes(cut.direction).ok_or(ScissorsRefusal::Direction)?;
        let half_mm = match cut.depth {
            CutDepth::Unlimited => f64::INFINITY,
            // A comparison with a NaN is false.
            CutDepth::Symmetric(mm) if mm > 0.0 && mm.is_finite() => mm / 2.0,
            CutDepth::Symmetric(_) => return Err(ScissorsRefusal::Depth),
        };
        let mut middle = [0.0; 3];
        for corner in &cut.polygon {
            for (sum, mm) in middle.iter_mut().zip(corner.0) {
                *sum += mm / corners as f64;
            }
        }
        let seen = |corner: &PatientMm| {
            let from = subtract(corner.0, middle);
            [dot(from, axes[0]), dot(from, axes[1])]
        };
        let outline = cut.polygon.iter().map(seen).collect();
        Ok(Self { grid, axes, middle, outline, half_mm })
    }

    /// Calls `each(from, to)` for the stretches of the cut among `count` voxels of a row from a voxel on.
    ///
    /// Along a row the place that is seen moves on a straight line, so that the voxels between two crossings of it
    /// and the outline are alike.
    fn row(
        &self,
        voxel: [u32; 3],
        count: usize,
        crossings: &mut Vec<f64>,
        mut each: impl FnMut(usize, usize),
    ) {
        let first = self.place(voxel.map(f64::from));
        let step = scale(self.grid.direction()[0], self.grid.spacing_mm()[0]);
        let step = self.axes.map(|axis| dot(step, axis));
        let [near, far] = self.depths(first[2], step[2], count);
        if near >= far {
            return;
        }
        crossings.clear();
        let (at, along) = ([first[0], first[1]], [step[0], step[1]]);
        if along[0].hypot(along[1]) < 1e-9 * self.grid.spacing_mm()[0] {
            // The row is looked at end on.
            if odd_crossings(&self.outline, at) {
                each(near, far);
            }
            return;
        }
        let edges = self.outline.iter().zip(self.outline.iter().cycle().skip(1));
        for (from, to) in edges {
            let side = |corner: &[f64; 2]| along[0] * (corner[1] - at[1]) - along[1] * (corner[0] - at[0]);
            let [here, there] = [side(from), side(to)];
            if (here >= 0.0) != (there >= 0.0) {
                let share = here / (here - there);
                let crossing = [0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis]) - at[axis]);
                let square = along[0] * along[0] + along[1] * along[1];
                crossings.push((crossing[0] * along[0] + crossing[1] * along[1]) / square);
            }
        }
        crossings.sort_unstable_by(f64::total_cmp);
        // A line crosses a closed outline an even number of times.
        for pair in crossings.chunks_exact(2) {
            // Casts from float saturate.
            let [from, to] = [pair[0], pair[1]].map(|crossing| crossing.ceil().max(0.0) as usize);
            let (from, to) = (from.max(near), to.min(far));
            if from < to {
                each(from, to);
            }
        }
    }

    /// Where a voxel is seen, and how deep.
    fn place(&self, voxel: [f64; 3]) -> [f64; 3] {
        let from = subtract(self.grid.to_patient(VoxelIndex(voxel)).0, self.middle);
        self.axes.map(|axis| dot(from, axis))
    }

    /// The first voxel within the depth and the one behind the last, of `count` voxels of a row.
    fn depths(&self, first_mm: f64, step_mm: f64, count: usize) -> [usize; 2] {
        let within = |at: usize| (first_mm + at as f64 * step_mm).abs() <= self.half_mm;
        if self.half_mm.is_infinite() {
            return [0, count];
        }
        let first = (0..count).find(|&at| within(at)).unwrap_or(count);
        // Voxels within the depth follow each other.
        let last = (first..count).find(|&at| !within(at)).unwrap_or(count);
        [first, last]
    }
}

/// Three unit vectors at right angles, the last along a direction.
fn axes(direction: [f64; 3]) -> Option<[[f64; 3]; 3]> {
    let long = direction.into_iter().fold(0.0, |long: f64, part| long.max(part.abs()));
    // A comparison with a NaN is false; `max` passes it over.
    if !(long > 0.0 && direction.iter().all(|part| part.is_finite())) {
        return None;
    }
    let direction = scale(direction, 1.0 / long);
    let along = scale(direction, 1.0 / length(direction));
    // The axis of the patient that is most across.
    let across = (0..3).min_by(|&a, &b| along[a].abs().total_cmp(&along[b].abs()))?;
    let mut other = [0.0; 3];
    other[across] = 1.0;
    let first = cross(along, other);
    let first = scale(first, 1.0 / length(first));
    Some([first, cross(along, first), along])
}

/// Whether a ray from a place crosses an outline an odd number of times.
fn odd_crossings(outline: &[[f64; 2]], at: [f64; 2]) -> bool {
    let edges = outline.iter().zip(outline.iter().cycle().skip(1));
    let crossed = edges.filter(|(from, to)| {
        (from[1] > at[1]) != (to[1] > at[1]) && {
            let share = (at[1] - from[1]) / (to[1] - from[1]);
            at[0] < from[0] + share * (to[0] - from[0])
        }
    });
    crossed.count() % 2 == 1
}
