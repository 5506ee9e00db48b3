//! Distances between the surfaces of two masks, weighed by area.
//!
//! A piece of surface sits at a corner where eight voxels meet and not all or none of them are
//! marked. Its area comes from the pattern of the eight and the spacing. Beyond the edge of the grid
//! nothing is marked, so that a mask at the edge has a surface there.
//!
//! Source: the definitions of DeepMind's surface-distance 0.1 (Nikolov et al., J. Med. Internet Res.
//! 23 (2021) e26151), with its axes (0, 1, 2) as (k, j, i).

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::Undefined;
use super::area::{areas_mm2, lengths_mm};
use super::bits::{Bits, Place, each_bit};
use super::nearest::nearest_mm;
use crate::mask::LabelMap;
use crate::measure::bounds;

/// All pieces of surface with one distance to the other surface: how large they are together, and how much of that
/// lies outside of the other mask.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    distance_mm: f64,
    area_mm2: f64,
    outside_mm2: f64,
}

/// The pieces of two surfaces, by their distance to the other, nearest first. Neither is empty. In a single slice,
/// surfaces are contours, and areas are lengths in millimetres.
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

    /// Mean average surface distance in millimetres: the mean over the area of each surface, then of the two.
    ///
    /// Source: MASD of Maier-Hein et al., Metrics reloaded, Nat. Methods 21 (2024) 195, on surfaces weighed by area.
    pub fn mean_average_mm(&self) -> f64 {
        let [reference, candidate] = self.directed_average_mm();
        (reference + candidate) / 2.0
    }

    /// Average distance in millimetres from the reference's surface to the candidate's, and back.
    pub fn directed_average_mm(&self) -> [f64; 2] {
        [&self.reference, &self.candidate].map(|pieces| {
            let weighed: f64 = pieces.iter().map(|piece| piece.distance_mm * piece.area_mm2).sum();
            weighed / area_mm2(pieces)
        })
    }

    /// The share of the reference's surface that lies within a tolerance of the candidate's, and back.
    pub fn directed_within(&self, tolerance_mm: f64) -> [f64; 2] {
        [&self.reference, &self.candidate].map(|pieces| {
            let near = pieces.iter().filter(|piece| piece.distance_mm <= tolerance_mm);
            near.map(|piece| piece.area_mm2).sum::<f64>() / area_mm2(pieces)
        })
    }

    /// How much too large the candidate is, in millimetres: the mean over the area of both surfaces of the distance to
    /// the other, positive where the candidate lies outside of the reference or the reference inside of the candidate,
    /// negative the other way.
    ///
    /// Source: the bias of Warfield et al., Phil. Trans. R. Soc. A 366 (2008) 2361, on surfaces weighed by area.
    pub fn signed_bias_mm(&self) -> f64 {
        let weighed = |pieces: &[Piece], sign_outside: f64| -> f64 {
            let signed_mm2 = |piece: &Piece| 2.0 * piece.outside_mm2 - piece.area_mm2;
            pieces.iter().map(|piece| sign_outside * piece.distance_mm * signed_mm2(piece)).sum()
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
    let (lower, upper) = around(bounds(reference, label), bounds(candidate, label))?;
    let [i_mm, j_mm, k_mm] = reference.grid().spacing_mm();
    let voxels = [reference, candidate].map(|map| Bits::of_label(map, label, lower, upper));
    Ok(between::<4>(&voxels, [k_mm, j_mm, i_mm], &areas_mm2([k_mm, j_mm, i_mm])))
}

/// Finds the contours of a label in slice k of two maps on one grid, and how far they are from each other.
pub(super) fn contours(
    reference: &LabelMap,
    candidate: &LabelMap,
    label: u16,
    k: u32,
) -> Result<SurfaceDistances, Undefined> {
    let flat = |map: &LabelMap| {
        let runs = map.slice(k).to_vec();
        // Runs of a map are in order and inside its grid.
        LabelMap::from_slices(*map.grid(), [(k, runs)]).unwrap_or_else(|_| LabelMap::empty(*map.grid()))
    };
    let maps = [flat(reference), flat(candidate)];
    let (lower, upper) = around(bounds(&maps[0], label), bounds(&maps[1], label))?;
    let [i_mm, j_mm, k_mm] = reference.grid().spacing_mm();
    let voxels = maps.map(|map| Bits::of_label(&map, label, lower, upper));
    Ok(between::<2>(&voxels, [k_mm, j_mm, i_mm], &lengths_mm([j_mm, i_mm])))
}

/// Area of the surface of a label in square millimetres; 0 without one.
pub(crate) fn surface_mm2(map: &LabelMap, label: u16) -> f64 {
    let Some((lower, upper)) = bounds(map, label) else { return 0.0 };
    let [i_mm, j_mm, k_mm] = map.grid().spacing_mm();
    let voxels = Bits::of_label(map, label, lower, upper);
    let areas = areas_mm2([k_mm, j_mm, i_mm]);
    corners::<4>(&voxels, &voxels).1.iter().map(|corner| areas[usize::from(corner.pattern)]).sum()
}

/// A box in a grid, (i, j, k): its lowest and its highest voxel.
pub(super) type Cuboid = ([u32; 3], [u32; 3]);

/// The box around two boxes.
pub(super) fn around(first: Option<Cuboid>, second: Option<Cuboid>) -> Result<Cuboid, Undefined> {
    match (first, second) {
        (Some((lower, upper)), Some((other_lower, other_upper))) => Ok((
            [0, 1, 2].map(|axis| lower[axis].min(other_lower[axis])),
            [0, 1, 2].map(|axis| upper[axis].max(other_upper[axis])),
        )),
        (None, None) => Err(Undefined::BothEmpty),
        (Some(_), None) | (None, Some(_)) => Err(Undefined::OneEmpty),
    }
}

/// A corner at which voxels meet that are not all alike.
#[derive(Debug, Clone, Copy)]
struct Corner {
    place: Place,
    pattern: u8,
    /// Whether none of the voxels is in the other mask.
    outside: bool,
}

fn between<const ROWS: usize>(
    [reference, candidate]: &[Bits; 2],
    spacing_mm: [f64; 3],
    areas: &[f64],
) -> SurfaceDistances {
    let (on_reference, of_reference) = corners::<ROWS>(reference, candidate);
    let (on_candidate, of_candidate) = corners::<ROWS>(candidate, reference);
    let pieces = |of: &[Corner], to: &Bits| {
        let places: Vec<Place> = of.iter().map(|corner| corner.place).collect();
        by_distance(of, &nearest_mm(to, &places, spacing_mm), areas)
    };
    SurfaceDistances {
        reference: pieces(&of_reference, &on_candidate),
        candidate: pieces(&of_candidate, &on_reference),
    }
}

/// The corners at which a mask has surface, in order. `ROWS` is 4 where eight voxels meet, and 2 where the four of
/// a slice do. A corner lies between its voxels and those one before them along each axis.
fn corners<const ROWS: usize>(of: &Bits, other: &Bits) -> (Bits, Vec<Corner>) {
    let [planes, rows, columns] = of.size.map(|voxels| voxels - 1);
    // A slice lies between the two planes that its voxels have around them.
    let (first, planes) = if ROWS == 4 { (0, planes) } else { (1, 1) };
    let mut on = Bits::new([planes, rows, columns]);
    let mut found = Vec::new();
    for k in 0..planes {
        for j in 0..rows {
            // The rows of voxels that meet here, those after the corner first.
            let place = |number: usize| {
                let after_k = usize::from(ROWS == 4 && number < 2);
                (first + k + after_k, j + 1 - (number & 1))
            };
            let rows_of: [&[u64]; ROWS] = std::array::from_fn(|at| of.row(place(at).0, place(at).1));
            let rows_other: [&[u64]; ROWS] = std::array::from_fn(|at| other.row(place(at).0, place(at).1));
            for word in 0..rows_of[0].len() {
                corners_of_word(rows_of, rows_other, word, |i, pattern, outside| {
                    let place = [k as u32, j as u32, i];
                    on.mark(place);
                    found.push(Corner { place, pattern, outside });
                });
            }
        }
    }
    (on, found)
}

/// Calls `each(i, pattern, outside)` for the corners with surface among the 64 of a word.
///
/// The voxel after a corner along all axes is bit 0 of its pattern; one before it along i is one bit up, along j
/// two, along k four.
fn corners_of_word<const ROWS: usize>(
    of: [&[u64]; ROWS],
    other: [&[u64]; ROWS],
    word: usize,
    mut each: impl FnMut(u32, u8, bool),
) {
    let before = of.map(|row| row[word]);
    let after = of.map(|row| Bits::next(row, word));
    let any = before.iter().chain(&after).fold(0, |any, bits| any | bits);
    let all = before.iter().chain(&after).fold(u64::MAX, |all, bits| all & bits);
    let surface = any & !all;
    if surface == 0 {
        return;
    }
    let in_other = other.iter().fold(0, |any, row| any | row[word] | Bits::next(row, word));
    each_bit(surface, |bit| {
        let pattern = (0..ROWS).fold(0, |pattern, number| {
            let pair = (after[number] >> bit & 1) | (before[number] >> bit & 1) << 1;
            pattern | (pair as u8) << (2 * number)
        });
        each(word as u32 * 64 + bit, pattern, in_other >> bit & 1 == 0);
    });
}

/// Adds up the corners with one distance.
fn by_distance(corners: &[Corner], distances_mm: &[f64], areas: &[f64]) -> Vec<Piece> {
    let mut sums: HashMap<u64, [f64; 2], BuildHasherDefault<Spread>> = HashMap::default();
    for (corner, distance_mm) in corners.iter().zip(distances_mm) {
        let area_mm2 = areas[usize::from(corner.pattern)];
        let sum = sums.entry(distance_mm.to_bits()).or_default();
        sum[0] += area_mm2;
        sum[1] += if corner.outside { area_mm2 } else { 0.0 };
    }
    let piece = |(bits, [area_mm2, outside_mm2]): (u64, [f64; 2])| Piece {
        distance_mm: f64::from_bits(bits),
        area_mm2,
        outside_mm2,
    };
    let mut pieces: Vec<Piece> = sums.into_iter().map(piece).collect();
    pieces.sort_unstable_by(|a, b| a.distance_mm.total_cmp(&b.distance_mm));
    pieces
}

/// Hashes numbers that we computed ourselves; there are few, and they are looked up by the million.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // The odd number nearest to 2^64 by the golden ratio; the high bits of the product are the spread ones.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
}
