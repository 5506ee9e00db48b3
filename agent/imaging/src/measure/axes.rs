//! Principal axes of the voxel centres of a label.

use super::parts::Rows;

/// Below this share of the longest axis' variance, an axis has none: it is rounding.
const NO_VARIANCE: f64 = 1e-12;
/// Sweeps over the three pairs of axes; each squares what is left, so that a few are enough.
const SWEEPS: u32 = 50;

/// Sums over voxels of their places, exact: count, first and second powers.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moments {
    voxels: i128,
    sums: [i128; 3],
    squares: [[i128; 3]; 3],
}

impl Moments {
    /// The sums over everything that is marked.
    pub(super) fn of(rows: &Rows) -> Self {
        let mut moments = Self::default();
        for number in 0..rows.count() {
            let j = i128::from(rows.first[0]) + (number % rows.height) as i128;
            let k = i128::from(rows.first[1]) + (number / rows.height) as i128;
            for span in rows.row(number) {
                moments.add(i128::from(span.from), i128::from(span.to), j, k);
            }
        }
        moments
    }

    fn add(&mut self, from: i128, to: i128, j: i128, k: i128) {
        let count = to - from + 1;
        let sum = (from + to) * count / 2;
        // Sums of squares from 0 to n are n (n + 1) (2 n + 1) / 6.
        let squares_up_to = |n: i128| n * (n + 1) * (2 * n + 1) / 6;
        self.voxels += count;
        for (total, part) in self.sums.iter_mut().zip([sum, j * count, k * count]) {
            *total += part;
        }
        let squares = squares_up_to(to) - squares_up_to(from - 1);
        let parts = [
            [squares, sum * j, sum * k],
            [sum * j, j * j * count, j * k * count],
            [sum * k, j * k * count, k * k * count],
        ];
        for (row, parts) in self.squares.iter_mut().zip(parts) {
            for (total, part) in row.iter_mut().zip(parts) {
                *total += part;
            }
        }
    }

    pub(super) fn voxels(&self) -> u64 {
        self.voxels as u64
    }

    /// Square root of the largest over the second largest variance along a principal axis.
    pub(super) fn elongation(&self, spacing_mm: [f64; 3]) -> Option<f64> {
        let count = self.voxels as f64;
        let covariance = [0, 1, 2].map(|a: usize| {
            [0, 1, 2].map(|b: usize| {
                let spread = self.voxels * self.squares[a][b] - self.sums[a] * self.sums[b];
                spread as f64 / (count * count) * spacing_mm[a] * spacing_mm[b]
            })
        });
        let [longest, second, _] = eigenvalues(covariance);
        (second > longest * NO_VARIANCE).then(|| (longest / second).sqrt())
    }
}

/// The eigenvalues of a symmetric matrix, the largest first, by Jacobi's rotations.
pub(super) fn eigenvalues(mut matrix: [[f64; 3]; 3]) -> [f64; 3] {
    for _ in 0..SWEEPS {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            rotate(&mut matrix, p, q);
        }
    }
    let mut values = [matrix[0][0], matrix[1][1], matrix[2][2]];
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// Turns the axes p and q so that nothing couples them any more.
fn rotate(matrix: &mut [[f64; 3]; 3], p: usize, q: usize) {
    let coupled = matrix[p][q];
    if coupled == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * coupled);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = tangent * cosine;
    let other = 3 - p - q;
    matrix[p][p] -= tangent * coupled;
    matrix[q][q] += tangent * coupled;
    let (at_p, at_q) = (matrix[other][p], matrix[other][q]);
    let (turned_p, turned_q) = (cosine * at_p - sine * at_q, sine * at_p + cosine * at_q);
    for (axis, value) in [(p, turned_p), (q, turned_q)] {
        matrix[other][axis] = value;
        matrix[axis][other] = value;
    }
    matrix[p][q] = 0.0;
    matrix[q][p] = 0.0;
}
