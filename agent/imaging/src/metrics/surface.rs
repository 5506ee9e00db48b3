//! Distances between the surfaces of two masks, weighed by area.
//!
//! A piece of surface sits at a corner where eight voxels meet and not all or none of them are
//! marked. Its area comes from the pattern of the eight and the spacing. Beyond the edge of the grid
//! nothing is marked, so that a mask at the edge has a surface there.
//!
//! Source: the definitions of DeepMind's surface-distance 0.1 (Nikolov et al., J. Med. Internet Res.
//! 23 (2021) e26151), with its axes (0, 1, 2) as (k, j, i).

use super::Undefined;
use super::area::areas_mm2;
use super::distance::{Block, to_nearest};
use crate::mask::LabelMap;

/// One piece of surface: how far the other surface is, how large the piece is, and whether it lies outside of the
/// other mask.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    distance_mm: f64,
    area_mm2: f64,
    outside: bool,
}

/// The pieces of two surfaces, each with its distance to the other, nearest first. Neither is empty.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceDistances {
    reference: Vec<Piece>,
    candidate: Vec<Piece>,
}

impl SurfaceDistances {
    /// Normalised surface Dice: the share of both surfaces that lies within a tolerance of the other.
    ///
    /// Unit: tolerance in millimetres; 0 to 1.
    pub fn within(&self, tolerance_mm: f64) -> f64 {
        let near = |pieces: &[Piece]| -> f64 {
            pieces.iter().filter(|piece| piece.distance_mm <= tolerance_mm).map(|piece| piece.area_mm2).sum()
        };
        let all = self.reference_area_mm2() + self.candidate_area_mm2();
        (near(&self.reference) + near(&self.candidate)) / all
    }

    /// The distance that `percent` of the surface area does not exceed, the larger of both directions,
    /// in millimetres. 100 gives the Hausdorff distance.
    pub fn hausdorff_mm(&self, percent: f64) -> f64 {
        directed_mm(&self.reference, percent).max(directed_mm(&self.candidate, percent))
    }

    /// Average symmetric surface distance in millimetres: over the area of both surfaces.
    pub fn average_mm(&self) -> f64 {
        let weighed =
            |pieces: &[Piece]| -> f64 { pieces.iter().map(|piece| piece.distance_mm * piece.area_mm2).sum() };
        let all = self.reference_area_mm2() + self.candidate_area_mm2();
        (weighed(&self.reference) + weighed(&self.candidate)) / all
    }

    /// How much too large the candidate is, in millimetres: the mean over the area of both surfaces of the distance to
    /// the other, positive where the candidate lies outside of the reference or the reference inside of the candidate,
    /// negative the other way.
    ///
    /// Source: the bias of Warfield et al., Phil. Trans. R. Soc. A 366 (2008) 2361, on surfaces weighed by area.
    pub fn signed_bias_mm(&self) -> f64 {
        let weighed = |pieces: &[Piece], sign_outside: f64| -> f64 {
            let signed = |piece: &Piece| if piece.outside { sign_outside } else { -sign_outside };
            pieces.iter().map(|piece| signed(piece) * piece.distance_mm * piece.area_mm2).sum()
        };
        let all = self.reference_area_mm2() + self.candidate_area_mm2();
        (weighed(&self.candidate, 1.0) + weighed(&self.reference, -1.0)) / all
    }

    /// Area of the reference's surface in square millimetres.
    pub fn reference_area_mm2(&self) -> f64 {
        area_mm2(&self.reference)
    }

    /// Area of the candidate's surface in square millimetres.
    pub fn candidate_area_mm2(&self) -> f64 {
        area_mm2(&self.candidate)
    }
}

fn area_mm2(pieces: &[Piece]) -> f64 {
    pieces.iter().map(|piece| piece.area_mm2).sum()
}

fn directed_mm(pieces: &[Piece], percent: f64) -> f64 {
    let all = area_mm2(pieces);
    let mut so_far = 0.0;
    for piece in pieces {
        so_far += piece.area_mm2;
        // Where the areas reach the share exactly, rounding must not choose the next distance.
        if so_far / all >= percent / 100.0 - 1e-12 {
            return piece.distance_mm;
        }
    }
    pieces.last().map_or(0.0, |piece| piece.distance_mm)
}

/// Finds the surfaces of a label in two maps on one grid, and how far they are from each other.
pub(super) fn distances(
    reference: &LabelMap,
    candidate: &LabelMap,
    label: u16,
) -> Result<SurfaceDistances, Undefined> {
    let (first, second) = match (bounds(reference, label), bounds(candidate, label)) {
        (Some(first), Some(second)) => (first, second),
        (None, None) => return Err(Undefined::BothEmpty),
        (Some(_), None) | (None, Some(_)) => return Err(Undefined::OneEmpty),
    };
    let low = [0, 1, 2].map(|axis| first.low[axis].min(second.low[axis]));
    let high = [0, 1, 2].map(|axis| first.high[axis].max(second.high[axis]));
    let [i_mm, j_mm, k_mm] = reference.grid().spacing_mm();
    let spacing_mm = [k_mm, j_mm, i_mm];
    // One corner more than voxels along each axis: those before the first and after the last.
    let size = [0, 1, 2].map(|axis| (high[axis] - low[axis]) as usize + 2);
    let block = Block { size, spacing_mm };
    let in_reference = patterns(reference, label, low, &block);
    let in_candidate = patterns(candidate, label, low, &block);
    let areas = areas_mm2(spacing_mm);
    let pieces = |of: &[u8], to: &[u8]| {
        let apart_mm = to_nearest(&block, |corner| surface(to[corner]), |corner| surface(of[corner]));
        let on_surface = of.iter().zip(to).filter(|&(&pattern, _)| surface(pattern));
        let mut pieces: Vec<Piece> = apart_mm
            .into_iter()
            .zip(on_surface)
            .map(|(distance_mm, (&pattern, &other))| Piece {
                distance_mm,
                area_mm2: areas[usize::from(pattern)],
                outside: other == 0,
            })
            .collect();
        pieces.sort_unstable_by(|a, b| {
            a.distance_mm.total_cmp(&b.distance_mm).then(a.area_mm2.total_cmp(&b.area_mm2))
        });
        pieces
    };
    Ok(SurfaceDistances {
        reference: pieces(&in_reference, &in_candidate),
        candidate: pieces(&in_candidate, &in_reference),
    })
}

const fn surface(pattern: u8) -> bool {
    pattern != 0 && pattern != u8::MAX
}

/// The first and last voxel along (k, j, i) that has a label.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: [u32; 3],
    high: [u32; 3],
}

fn bounds(map: &LabelMap, label: u16) -> Option<Bounds> {
    let columns = map.grid().size()[0];
    let mut found: Option<Bounds> = None;
    for (k, runs) in map.slices() {
        for run in runs.iter().filter(|run| run.label == label) {
            let last = run.end() - 1;
            let (j, last_j) = (run.start / columns, last / columns);
            // A run that goes on in the next row touches both ends of a row.
            let (i, last_i) =
                if j == last_j { (run.start % columns, last % columns) } else { (0, columns - 1) };
            let bounds = found.get_or_insert(Bounds { low: [k, j, i], high: [k, last_j, last_i] });
            bounds.low = [bounds.low[0].min(k), bounds.low[1].min(j), bounds.low[2].min(i)];
            bounds.high = [bounds.high[0].max(k), bounds.high[1].max(last_j), bounds.high[2].max(last_i)];
        }
    }
    found
}

/// For each corner of the block, which of its eight voxels have the label: the voxel before it along
/// all three axes is bit 7, the one after it bit 0.
fn patterns(map: &LabelMap, label: u16, low: [u32; 3], block: &Block) -> Vec<u8> {
    let columns = map.grid().size()[0];
    let [planes, _, width] = block.size;
    let mut patterns = vec![0; block.corners()];
    for k in 0..planes - 1 {
        for run in map.slice(low[0] + k as u32).iter().filter(|run| run.label == label) {
            for offset in run.start..run.end() {
                let j = (offset / columns - low[1]) as usize;
                let i = (offset % columns - low[2]) as usize;
                let corner = (k * block.size[1] + j) * width + i;
                // The voxel comes after this corner and before the seven that follow.
                for after in 0..8_usize {
                    let along = [after >> 2, after >> 1 & 1, after & 1];
                    let step = along[0] * block.plane() + along[1] * width + along[2];
                    patterns[corner + step] |= 1_u8 << after;
                }
            }
        }
    }
    patterns
}
