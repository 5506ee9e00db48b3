//! Fill between slices: what lies between the slices that somebody drew.
//!
//! This is shape-based interpolation of signed distances (Raya and Udupa, IEEE Trans. Med. Imaging 9
//! (1990) 32) of parts that correspond. It is chosen over morphological contour interpolation (Albu,
//! Beugeling, Laurendeau, IEEE Trans. Image Process. 17 (2008) 2022) because what it marks is defined by
//! one formula for each voxel, in millimetres, so that slices with unequal spacing, gaps of any length
//! and every axis are one case, and because each slice follows from the two drawn ones alone and not
//! from slices that were themselves interpolated. From Albu et al. it takes the correspondence: parts
//! are matched by overlap, a matched pair is brought into line before it is interpolated, and a part
//! without a match tapers off.

mod between;
mod parts;

use super::Over;
use super::block::Block;
use super::progress::{Cancelled, Pace, Progress};
use super::region::VoxelBox;
use crate::mask::{LabelMap, SliceDelta};
use between::Between;
use parts::{Pixels, corresponding};

/// The most voxels of the box around a label: 512 × 512 × 1024, half a gigabyte.
pub const FILL_MOST_VOXELS: u64 = 1 << 28;

/// Along which axis the drawn slices lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Axis {
    /// Slices of one i.
    I,
    /// Slices of one j.
    J,
    /// Slices of one k.
    K,
}

impl Axis {
    /// The axis with this number: 0, 1 or 2.
    pub const fn from_index(index: u8) -> Option<Self> {
        match index {
            0 => Some(Self::I),
            1 => Some(Self::J),
            2 => Some(Self::K),
            _ => None,
        }
    }

    /// The axis itself, then the two axes of its slices.
    pub(super) const fn order(self) -> [usize; 3] {
        match self {
            Self::I => [0, 1, 2],
            Self::J => [1, 0, 2],
            Self::K => [2, 0, 1],
        }
    }
}

/// Why nothing was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FillRefusal {
    /// No voxel has the label.
    #[error("no voxel has the label")]
    NothingDrawn,
    /// The label is drawn on neighbouring slices only.
    #[error("no slice lies between those that the label is drawn on")]
    NoGap,
    /// The box around the label has more than [`FILL_MOST_VOXELS`].
    #[error("the box around the label has {voxels} voxels; {FILL_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels of the box.
        voxels: u64,
    },
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for FillRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Fills the slices, along an axis, between those on which a label is drawn.
///
/// Each gap is filled from the two drawn slices A and B at its ends alone. Parts of A and B (pixels that
/// touch by side or corner) correspond when they overlap or are the only ones of their slices. Parts
/// that overlap nothing correspond in pairs that are each other's nearest, when they are no further apart
/// than their boxes are long together. With φ the signed distance in mm to the edge of a part, positive
/// inside, and w how far the slice lies from A to B, 0 to 1, it marks
///
/// - for one part of A and one of B: pixels x with (1 - w) φA(x - s) + w φB(x - s + t) ≥ 0, where t is
///   the whole step that brings the part of A over that of B: centre of gravity over centre of gravity,
///   or none at all if so they overlap more, or deepest pixel over deepest pixel if neither makes them
///   overlap; and s is w t to whole pixels;
/// - where one part branches into several: the same of all of them together with t = 0;
/// - for a part with no match: the pixels with φ ≥ w times its greatest φ, so that it tapers off, w
///   counted from its own slice.
///
/// So drawn slices stay as they are; between two equal slices every slice is equal; a shape that only
/// moves is the same shape in every slice, at the place on the line rounded to whole pixels; each
/// matched part is there in every slice; and each marked pixel lies in the box around the two parts, and
/// in A moved by s or in B moved back by t - s. Only unlabelled voxels are marked. Memory: one byte for
/// each voxel of the box around the label and 16 for each pixel of its slice.
///
/// # Errors
/// [`FillRefusal`] says why.
pub fn fill_between_slices(
    map: &LabelMap,
    label: u16,
    axis: Axis,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, FillRefusal> {
    fill_over(map, label, axis, Over::Unlabelled, progress)
}

/// As [`fill_between_slices`]; says what the label may be given over.
pub(super) fn fill_over(
    map: &LabelMap,
    label: u16,
    axis: Axis,
    over: Over,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, FillRefusal> {
    let inside = VoxelBox::around_labels(map, |found| label != 0 && found == label);
    let inside = inside.ok_or(FillRefusal::NothingDrawn)?;
    if inside.voxels() > FILL_MOST_VOXELS {
        return Err(FillRefusal::TooLarge { voxels: inside.voxels() });
    }
    let block = Block::new(map.grid(), inside);
    let mut filled = Slices::new(&block, axis, block.marked(map, label));
    let drawn = filled.drawn();
    let gaps: Vec<[usize; 2]> = drawn.windows(2).map(|ends| [ends[0], ends[1]]).collect();
    let gaps: Vec<[usize; 2]> = gaps.into_iter().filter(|[a, b]| b - a > 1).collect();
    if gaps.is_empty() {
        return Err(FillRefusal::NoGap);
    }
    let spacing = map.grid().spacing_mm();
    let spacing_mm = [spacing[filled.order[1]], spacing[filled.order[2]]];
    let missing: usize = gaps.iter().map(|[a, b]| b - a + 1).sum();
    let mut pace = Pace::new(progress, [0.0, 1.0], (missing * filled.pixels()) as u64);
    for ends in gaps {
        fill_gap(&mut filled, ends, spacing_mm, &mut pace)?;
    }
    let before = block.labels(map);
    Ok(block.changes(&before, progress, |at| match before[at] {
        old if filled.marked[at] && over.allows(old, label) => label,
        old => old,
    })?)
}

fn fill_gap(
    filled: &mut Slices,
    [a, b]: [usize; 2],
    spacing_mm: [f64; 2],
    pace: &mut Pace<'_>,
) -> Result<(), Cancelled> {
    let ends = [filled.slice(a), filled.slice(b)];
    for found in corresponding(&ends, filled.size, spacing_mm) {
        let between = Between::new(&found, spacing_mm);
        for at in a + 1..b {
            let way = (at - a) as f64 / (b - a) as f64;
            pace.step(between.pixels())?;
            between.each(way, |pixel| filled.mark(at, pixel));
        }
    }
    pace.step((2 * filled.pixels()) as u64)
}

/// A box of voxels as slices along an axis.
struct Slices {
    marked: Vec<bool>,
    order: [usize; 3],
    length: usize,
    /// Pixels of a slice along its two axes.
    size: [usize; 2],
    strides: [usize; 3],
}

impl Slices {
    fn new(block: &Block, axis: Axis, marked: Vec<bool>) -> Self {
        let order = axis.order();
        let strides = [1, block.size[0], block.plane()];
        Self {
            marked,
            order,
            length: block.size[order[0]],
            size: [block.size[order[1]], block.size[order[2]]],
            strides: order.map(|axis| strides[axis]),
        }
    }

    const fn pixels(&self) -> usize {
        self.size[0] * self.size[1]
    }

    const fn place(&self, slice: usize, pixel: [i32; 2]) -> usize {
        slice * self.strides[0] + pixel[0] as usize * self.strides[1] + pixel[1] as usize * self.strides[2]
    }

    /// The slices on which something is drawn.
    fn drawn(&self) -> Vec<usize> {
        let mut drawn = vec![false; self.length];
        for (at, _) in self.marked.iter().enumerate().filter(|(_, marked)| **marked) {
            drawn[at / self.strides[0] % self.length] = true;
        }
        (0..self.length).filter(|&slice| drawn[slice]).collect()
    }

    /// The drawn pixels of a slice, row by row.
    fn slice(&self, slice: usize) -> Pixels {
        let mut pixels = Vec::new();
        for v in 0..self.size[1] as i32 {
            for u in 0..self.size[0] as i32 {
                if self.marked[self.place(slice, [u, v])] {
                    pixels.push([u, v]);
                }
            }
        }
        pixels
    }

    fn mark(&mut self, slice: usize, pixel: [i32; 2]) {
        let at = self.place(slice, pixel);
        self.marked[at] = true;
    }
}
