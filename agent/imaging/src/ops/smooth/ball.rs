//! Counting in the ball around each voxel.

use super::super::block::Block;
use super::super::progress::{Cancelled, Pace};
use super::SMOOTH_MOST_REACH;

/// Additions that take as long as a step of [`Pace`].
const ADDITIONS: u64 = 32;

/// The voxels whose centres lie within a radius of a voxel's centre, as rows.
#[derive(Debug)]
pub(super) struct Ball {
    rows: Vec<Row>,
    /// Voxels that it reaches over along (i, j, k).
    pub(super) reach: [usize; 3],
}

/// Voxels -half..=half of the row at (j, k) from the centre.
#[derive(Debug, Clone, Copy)]
struct Row {
    j: isize,
    k: isize,
    half: usize,
}

/// When a voxel is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// When most voxels of its ball are; it stays as it is at exactly half.
    Most,
    /// When any voxel of its ball is.
    Any,
    /// When all voxels of its ball are.
    All,
}

impl Rule {
    const fn holds(self, count: u32, total: u32, was: bool) -> bool {
        match self {
            Self::Most => 2 * count > total || (2 * count == total && was),
            Self::Any => count > 0,
            Self::All => count == total,
        }
    }
}

impl Ball {
    /// `None` when the radius is no positive number or reaches too far.
    pub(super) fn new(spacing_mm: [f64; 3], radius_mm: f64) -> Option<Self> {
        let reach = spacing_mm.map(|mm| radius_mm / mm);
        // A comparison with a NaN is false.
        if !(radius_mm > 0.0 && reach.iter().all(|&voxels| voxels <= SMOOTH_MOST_REACH as f64)) {
            return None;
        }
        let reach = reach.map(|voxels| voxels.floor() as usize);
        let within = |i: usize, j: isize, k: isize| {
            let mm = [i as f64 * spacing_mm[0], j as f64 * spacing_mm[1], k as f64 * spacing_mm[2]];
            mm[0] * mm[0] + mm[1] * mm[1] + mm[2] * mm[2] <= radius_mm * radius_mm
        };
        let mut rows = Vec::new();
        for k in -(reach[2] as isize)..=reach[2] as isize {
            for j in -(reach[1] as isize)..=reach[1] as isize {
                let half = (0..=reach[0]).rev().find(|&i| within(i, j, k));
                rows.extend(half.map(|half| Row { j, k, half }));
            }
        }
        Some(Self { rows, reach })
    }

    /// Steps that [`Self::each_voxel`] takes at most.
    pub(super) fn steps(&self, block: &Block) -> u64 {
        (block.size[1] * block.size[2]) as u64 * self.steps_of_row(block)
    }

    fn steps_of_row(&self, block: &Block) -> u64 {
        (self.rows.len() * block.size[0]) as u64 / ADDITIONS + 1
    }

    /// Applies a rule to each voxel of a block. Nothing is marked outside the block; voxels outside the
    /// grid have no part.
    pub(super) fn each_voxel(
        &self,
        block: &Block,
        marked: &[bool],
        rule: Rule,
        pace: &mut Pace<'_>,
    ) -> Result<Vec<bool>, Cancelled> {
        let [width, height, depth] = block.size;
        let sums = Sums::new(width, self.reach[0], marked);
        let mut totals = Totals { key: [usize::MAX; 4], values: Vec::new() };
        let mut after = vec![false; marked.len()];
        let mut counts = vec![0_u32; width];
        for k in 0..depth {
            for j in 0..height {
                let row = k * height + j;
                pace.step(self.steps_of_row(block))?;
                if rule == Rule::All && sums.is_empty(row) || !self.count(&sums, block, [j, k], &mut counts) {
                    continue;
                }
                totals.update(self, block, [j, k]);
                let at = row * width;
                for (i, after) in after[at..at + width].iter_mut().enumerate() {
                    *after = rule.holds(counts[i], totals.values[i], marked[at + i]);
                }
            }
        }
        Ok(after)
    }

    /// Counts the marked voxels in the balls of a row; says whether there are any.
    fn count(&self, sums: &Sums, block: &Block, [j, k]: [usize; 2], counts: &mut [u32]) -> bool {
        counts.fill(0);
        let mut any = false;
        for row in &self.rows {
            let (j, k) = (j.checked_add_signed(row.j), k.checked_add_signed(row.k));
            let (Some(j), Some(k)) = (j, k) else { continue };
            if j >= block.size[1] || k >= block.size[2] {
                continue;
            }
            let number = k * block.size[1] + j;
            if !sums.is_empty(number) {
                any = true;
                sums.add(number, row.half, counts);
            }
        }
        any
    }
}

/// For each row, how many voxels before a place are marked; places begin `reach` before the row and end
/// `reach` behind it.
struct Sums {
    reach: usize,
    length: usize,
    sums: Vec<u16>,
}

impl Sums {
    fn new(width: usize, reach: usize, marked: &[bool]) -> Self {
        let length = width + 1 + 2 * reach;
        let mut sums = Vec::with_capacity(marked.len() / width * length);
        for row in marked.chunks_exact(width) {
            // A row is shorter than 65,535 voxels.
            let mut sum = 0_u16;
            sums.extend(std::iter::repeat_n(0, reach + 1));
            sums.extend(row.iter().map(|&marked| {
                sum += u16::from(marked);
                sum
            }));
            sums.extend(std::iter::repeat_n(sum, reach));
        }
        Self { reach, length, sums }
    }

    fn row(&self, number: usize) -> &[u16] {
        &self.sums[number * self.length..(number + 1) * self.length]
    }

    fn is_empty(&self, number: usize) -> bool {
        self.row(number).last().is_none_or(|&sum| sum == 0)
    }

    /// Adds, for each voxel i, how many of i - half..=i + half are marked.
    fn add(&self, number: usize, half: usize, counts: &mut [u32]) {
        let row = self.row(number);
        let (below, above) = (&row[self.reach - half..], &row[self.reach + half + 1..]);
        for ((count, below), above) in counts.iter_mut().zip(below).zip(above) {
            *count += u32::from(above - below);
        }
    }
}

/// How many voxels of the grid are in the ball of each voxel of a row; kept from row to row.
struct Totals {
    /// How far the ball reaches before it leaves the grid, below and above along j and k.
    key: [usize; 4],
    values: Vec<u32>,
}

impl Totals {
    fn update(&mut self, ball: &Ball, block: &Block, [j, k]: [usize; 2]) {
        let lower = block.inside.lower().map(|at| at as usize);
        let size = block.grid.size().map(|length| length as usize);
        let (j, k) = (lower[1] + j, lower[2] + k);
        let key = [
            j.min(ball.reach[1]),
            (size[1] - 1 - j).min(ball.reach[1]),
            k.min(ball.reach[2]),
            (size[2] - 1 - k).min(ball.reach[2]),
        ];
        if self.key == key {
            return;
        }
        self.key = key;
        self.values = vec![0; block.size[0]];
        let fits = |at: isize, below: usize, above: usize| at >= -(below as isize) && at <= above as isize;
        for row in ball.rows.iter().filter(|row| fits(row.j, key[0], key[1]) && fits(row.k, key[2], key[3])) {
            for (i, total) in (lower[0]..).zip(self.values.iter_mut()) {
                *total += (row.half.min(i) + row.half.min(size[0] - 1 - i) + 1) as u32;
            }
        }
    }
}
