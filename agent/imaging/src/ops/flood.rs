//! What of a set of voxels is connected with some of them.

use super::bits::Bits;
use super::progress::{Cancelled, Pace};

/// Which stretches of rows touch each other, besides those of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// By face, in three dimensions.
    Faces,
    /// By side, within slices of one k.
    WithinK,
    /// By side, within slices of one j.
    WithinJ,
}

/// The stretches of `inside` that hold one of the seeds, `(row, from, to)`, or are connected with one that does.
/// Voxels of seeds that are not in `inside` count for nothing. Time grows with what is reached.
pub(super) fn flood(
    inside: &Bits,
    seeds: impl IntoIterator<Item = (usize, usize, usize)>,
    touch: Touch,
    pace: &mut Pace<'_>,
) -> Result<Bits, Cancelled> {
    let mut found = Bits::none(inside.size);
    // A stretch is taken away whole, so that those that are left are whole.
    let mut left = inside.clone();
    let mut front = Vec::new();
    for (row, from, to) in seeds {
        pace.step(1)?;
        take(&mut left, &mut found, (row, from, to), &mut front);
        while let Some((row, from, to)) = front.pop() {
            pace.step(2)?;
            for row in beside(row, inside.size, touch).into_iter().flatten() {
                take(&mut left, &mut found, (row, from, to), &mut front);
            }
        }
    }
    Ok(found)
}

/// Takes the stretches of a row that have a voxel in `from..to`.
fn take(
    left: &mut Bits,
    found: &mut Bits,
    (row, from, to): (usize, usize, usize),
    front: &mut Vec<(usize, usize, usize)>,
) {
    let mut at = left.next_in(row, from, to);
    while at < to {
        let [start, end] = left.stretch_around(row, at);
        left.clear(row, start, end);
        found.set(row, start, end - start);
        front.push((row, start, end));
        at = left.next_in(row, end, to);
    }
}

/// The rows that touch a row.
fn beside(row: usize, [_, height, depth]: [usize; 3], touch: Touch) -> [Option<usize>; 4] {
    let (j, k) = (row % height, row / height);
    let along_j = [(j > 0).then(|| row - 1), (j + 1 < height).then(|| row + 1)];
    let along_k = [(k > 0).then(|| row - height), (k + 1 < depth).then(|| row + height)];
    match touch {
        Touch::Faces => [along_j[0], along_j[1], along_k[0], along_k[1]],
        Touch::WithinK => [along_j[0], along_j[1], None, None],
        Touch::WithinJ => [along_k[0], along_k[1], None, None],
    }
}
