//! Exact Euclidean distances to the nearest marked corner of a block.
//!
//! The squared distance splits by axis. Along k it is the distance to the nearest mark, found by
//! two sweeps; along j and i it is the lower envelope of parabolas (Felzenszwalb and Huttenlocher,
//! Theory of Computing 8 (2012) 415). Only one plane of squares is held at a time, and planes and
//! rows that nobody asks about are skipped.

/// No mark along this line.
const NONE: u16 = u16::MAX;

/// A block of corners: lengths along (k, j, i), i fastest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) size: [usize; 3],
    pub(crate) spacing_mm: [f64; 3],
}

impl Block {
    pub(crate) const fn plane(&self) -> usize {
        self.size[1] * self.size[2]
    }

    pub(crate) const fn corners(&self) -> usize {
        self.size[0] * self.plane()
    }
}

/// For each corner that is `asked`, in order, the distance in mm to the nearest corner that is
/// `marked`; at least one must be.
pub(crate) fn to_nearest(
    block: &Block,
    marked: impl Fn(usize) -> bool,
    asked: impl Fn(usize) -> bool,
) -> Vec<f64> {
    let [planes, rows, columns] = block.size;
    let steps = steps_along_k(block, marked);
    let mut found = Vec::new();
    let mut squares = vec![0.0; block.plane()];
    let mut envelope = Envelope::default();
    let (mut line, mut lowest) = (vec![0.0; rows.max(columns)], vec![0.0; rows.max(columns)]);
    for k in 0..planes {
        let from = k * block.plane();
        if !(from..from + block.plane()).any(&asked) {
            continue;
        }
        for i in 0..columns {
            for (j, value) in line[..rows].iter_mut().enumerate() {
                *value = square_mm(steps[from + j * columns + i], block.spacing_mm[0]);
            }
            envelope.lower(&line[..rows], block.spacing_mm[1], &mut lowest[..rows]);
            for (j, value) in lowest[..rows].iter().enumerate() {
                squares[j * columns + i] = *value;
            }
        }
        for j in 0..rows {
            let row = from + j * columns;
            if !(row..row + columns).any(&asked) {
                continue;
            }
            let values = &squares[j * columns..(j + 1) * columns];
            envelope.lower(values, block.spacing_mm[2], &mut lowest[..columns]);
            found.extend((0..columns).filter(|i| asked(row + i)).map(|i| lowest[i].sqrt()));
        }
    }
    found
}

fn square_mm(steps: u16, spacing_mm: f64) -> f64 {
    if steps == NONE { f64::INFINITY } else { (f64::from(steps) * spacing_mm).powi(2) }
}

/// How many steps along k the nearest mark is away. A line has at most 65,535 corners.
fn steps_along_k(block: &Block, marked: impl Fn(usize) -> bool) -> Vec<u16> {
    let plane = block.plane();
    let further = |steps: u16| if steps == NONE { NONE } else { steps + 1 };
    let mut steps: Vec<u16> = Vec::with_capacity(block.corners());
    for corner in 0..block.corners() {
        let before = corner.checked_sub(plane).map_or(NONE, |above| further(steps[above]));
        steps.push(if marked(corner) { 0 } else { before });
    }
    for corner in (0..block.corners() - plane).rev() {
        steps[corner] = steps[corner].min(further(steps[corner + plane]));
    }
    steps
}

/// Work space for the lower envelope of parabolas along one line.
#[derive(Debug, Default)]
struct Envelope {
    /// Where the parabolas of the envelope stand.
    roots: Vec<usize>,
    /// Where each begins to be the lowest, in steps.
    begins: Vec<f64>,
}

impl Envelope {
    /// `out[q]` is the least of `values[p] + (spacing * (q - p))²`.
    fn lower(&mut self, values: &[f64], spacing_mm: f64, out: &mut [f64]) {
        self.roots.clear();
        self.begins.clear();
        for (q, &value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            let mut begin = f64::NEG_INFINITY;
            while let (Some(&p), Some(&since)) = (self.roots.last(), self.begins.last()) {
                begin = crossing(values, p, q, spacing_mm, value);
                if begin > since {
                    break;
                }
                self.roots.pop();
                self.begins.pop();
                begin = f64::NEG_INFINITY;
            }
            self.roots.push(q);
            self.begins.push(begin);
        }
        let Some(mut at) = self.roots.len().checked_sub(1).map(|_| 0) else {
            out.fill(f64::INFINITY);
            return;
        };
        for (q, lowest) in out.iter_mut().enumerate() {
            while self.begins.get(at + 1).is_some_and(|&begin| begin < q as f64) {
                at += 1;
            }
            let p = self.roots[at];
            *lowest = values[p] + (q.abs_diff(p) as f64 * spacing_mm).powi(2);
        }
    }
}

/// Where the parabola at `q` goes below the one at `p` before it, in steps.
fn crossing(values: &[f64], p: usize, q: usize, spacing_mm: f64, value: f64) -> f64 {
    let (left, right) = (p as f64, q as f64);
    let rise = (value - values[p]) / (spacing_mm * spacing_mm);
    (rise / (right - left) + right + left) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn distances_are_those_of_a_search_over_all_marks(
            marks in prop::collection::vec(0..8_u8, 4 * 6 * 5),
            spacing_mm in prop::array::uniform3(0.2..4.0_f64),
        ) {
            let block = Block { size: [4, 6, 5], spacing_mm };
            prop_assume!(marks.contains(&0));
            let found = to_nearest(&block, |corner| marks[corner] == 0, |corner| marks[corner] % 2 == 1);
            let place = |corner: usize| [corner / 30, corner / 5 % 6, corner % 5];
            let asked = (0..120).filter(|&corner| marks[corner] % 2 == 1);
            let expect: Vec<f64> = asked.map(|corner| {
                let apart = |mark: usize| {
                    let mut sum = 0.0;
                    for ((a, b), mm) in place(corner).iter().zip(place(mark)).zip(spacing_mm) {
                        sum += (a.abs_diff(b) as f64 * mm).powi(2);
                    }
                    sum.sqrt()
                };
                (0..120).filter(|&mark| marks[mark] == 0).map(apart).fold(f64::INFINITY, f64::min)
            }).collect();
            prop_assert_eq!(found.len(), expect.len());
            for (found, expect) in found.iter().zip(&expect) {
                prop_assert!((found - expect).abs() < 1e-12, "{} {}", found, expect);
            }
        }
    }
}
