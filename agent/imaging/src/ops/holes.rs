//! Holes of a label.

use super::Over;
use super::bits::Bits;
use super::block::Block;
use super::fill::Axis;
use super::flood::{Touch, flood};
use super::progress::{Cancelled, Pace, Progress};
use super::region::VoxelBox;
use crate::mask::{LabelMap, SliceDelta};

/// The most voxels of the box around a label: 512 × 512 × 1024.
pub const HOLES_MOST_VOXELS: u64 = 1 << 28;

/// What is a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holes {
    /// A cavity: the label closes it in on all sides.
    Cavities,
    /// Within each slice along an axis, by itself: the label closes it in there.
    InSlices(Axis),
}

/// Why no hole was filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HolesRefusal {
    /// No voxel has the label.
    #[error("no voxel has the label")]
    NothingDrawn,
    /// The box around the label has more than [`HOLES_MOST_VOXELS`].
    #[error("the box around the label has {voxels} voxels; {HOLES_MOST_VOXELS} are the most")]
    TooLarge {
        /// Voxels of the box.
        voxels: u64,
    },
    /// Nobody wants the answer any more.
    #[error("cancelled")]
    Cancelled,
}

impl From<Cancelled> for HolesRefusal {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// Gives a label to its holes: to the voxels without it from which no way over voxels without it, from face to face,
/// leads to the end of the volume.
///
/// In slices the ways stay within the slice, from side to side, and lead to its end. What opens to the end of the
/// volume is no hole. The label is given over every other label in a hole; [`super::Policy`] says which may be written
/// over. Memory: up to six bits for each voxel of the box around the label.
///
/// # Errors
/// [`HolesRefusal`] says why.
pub fn fill_holes(
    map: &LabelMap,
    label: u16,
    holes: Holes,
    progress: &dyn Progress,
) -> Result<Vec<SliceDelta>, HolesRefusal> {
    let inside = VoxelBox::around_labels(map, |found| label != 0 && found == label);
    let inside = inside.ok_or(HolesRefusal::NothingDrawn)?;
    if inside.voxels() > HOLES_MOST_VOXELS {
        return Err(HolesRefusal::TooLarge { voxels: inside.voxels() });
    }
    let block = Block::new(map.grid(), inside);
    let marked = Bits::of_labels(&block, map, |found| found == label);
    let mut pace = Pace::new(progress, [0.0, 1.0], marked.row_count() as u64 * 4);
    let after = match holes {
        Holes::Cavities => closed(&marked, Touch::Faces, &mut pace)?,
        Holes::InSlices(Axis::K) => closed(&marked, Touch::WithinK, &mut pace)?,
        Holes::InSlices(Axis::J) => closed(&marked, Touch::WithinJ, &mut pace)?,
        // With i and j exchanged, slices of one i are slices of one j.
        Holes::InSlices(Axis::I) => {
            exchanged(&closed(&exchanged(&marked, &pace)?, Touch::WithinJ, &mut pace)?, &pace)?
        }
    };
    Ok(after.give(&block, map, (label, Over::Everything), progress)?)
}

/// A set and its holes: everything that is not connected with the end of the box.
pub(super) fn closed(set: &Bits, touch: Touch, pace: &mut Pace<'_>) -> Result<Bits, Cancelled> {
    let [width, height, depth] = set.size;
    let at_end = |row: usize| {
        let (j, k) = (row % height, row / height);
        let [end_j, end_k] = [j == 0 || j + 1 == height, k == 0 || k + 1 == depth];
        match touch {
            Touch::Faces => end_j || end_k,
            Touch::WithinK => end_j,
            Touch::WithinJ => end_k,
        }
    };
    let seeds = (0..set.row_count()).flat_map(|row| {
        if at_end(row) { [(row, 0, width), (row, 0, 0)] } else { [(row, 0, 1), (row, width - 1, width)] }
    });
    Ok(flood(&set.complement(), seeds, touch, pace)?.complement())
}

/// The same set with i and j exchanged.
fn exchanged(set: &Bits, pace: &Pace<'_>) -> Result<Bits, Cancelled> {
    let [width, height, depth] = set.size;
    let mut other = Bits::none([height, width, depth]);
    for row in 0..set.row_count() {
        if row % height == 0 {
            pace.look()?;
        }
        let (j, k) = (row % height, row / height);
        set.stretches(row, [0, width], true, |from, to| {
            (from..to).for_each(|i| other.set(k * width + i, j, 1));
        });
    }
    Ok(other)
}
