//! What the balls around voxels reach: dilation, erosion and the majority, exact and in millimetres.

use super::bits::Bits;
use super::block::Block;
use super::progress::{Cancelled, Pace};

/// Additions that take as long as a step of [`Pace`].
const ADDITIONS: u64 = 32;
/// Words of rows put together that take as long as a step.
const WORDS: u64 = 16;
/// Undecided stretches of a row that are closer than this are counted as one.
const NEAR: usize = 8;

/// The voxels whose centres lie within a radius of a voxel's centre, as rows.
#[derive(Debug)]
pub(super) struct Ball {
    /// Sorted by `half`.
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

impl Row {
    /// The row of a box of `size` that lies there from row (j, k).
    fn from(&self, [j, k]: [usize; 2], size: [usize; 3]) -> Option<usize> {
        let j = j.checked_add_signed(self.j).filter(|&j| j < size[1])?;
        let k = k.checked_add_signed(self.k).filter(|&k| k < size[2])?;
        Some(k * size[1] + j)
    }
}

impl Ball {
    /// `None` when the radius is no positive number or reaches over more than `most` voxels along an axis.
    pub(super) fn new(spacing_mm: [f64; 3], radius_mm: f64, most: usize) -> Option<Self> {
        let reach = spacing_mm.map(|mm| radius_mm / mm);
        // A comparison with a NaN is false.
        if !(radius_mm > 0.0 && reach.iter().all(|&voxels| voxels <= most as f64)) {
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
        rows.sort_by_key(|row| row.half);
        Some(Self { rows, reach })
    }

    /// Steps that [`Self::dilate`] or [`Self::erode`] takes at most.
    pub(super) fn steps(&self, size: [usize; 3]) -> u64 {
        let words = size[0].div_ceil(64) as u64;
        (size[1] * size[2] * self.rows.len()) as u64 * words / WORDS + 1
    }

    /// Steps that [`Self::most`] takes at most.
    pub(super) fn steps_of_most(&self, size: [usize; 3]) -> u64 {
        2 * self.steps(size) + (size[1] * size[2]) as u64 * self.steps_of_row(size[0])
    }

    const fn steps_of_row(&self, voxels: usize) -> u64 {
        (self.rows.len() * voxels) as u64 / ADDITIONS + 1
    }

    /// The voxels whose ball holds a voxel of the set.
    pub(super) fn dilate(&self, set: &Bits, pace: &mut Pace<'_>) -> Result<Bits, Cancelled> {
        let [_, height, depth] = set.size;
        let mut after = Bits::none(set.size);
        let filled: Vec<bool> = (0..set.row_count()).map(|row| !set.row_is_empty(row)).collect();
        let mut wide = set.clone();
        let mut half = 0;
        for rows in self.rows.chunk_by(|a, b| a.half == b.half) {
            wide.widen(rows[0].half - half);
            half = rows[0].half;
            for k in 0..depth {
                for j in (0..height).filter(|j| filled[k * height + j]) {
                    pace.step((rows.len() * set.words()) as u64 / WORDS)?;
                    let from = wide.row(k * height + j);
                    // The ball is the same on both sides, so a row gives where it would take.
                    for to in rows.iter().filter_map(|row| row.from([j, k], set.size)) {
                        after.row_mut(to).iter_mut().zip(from).for_each(|(word, from)| *word |= from);
                    }
                }
                pace.look()?;
            }
        }
        Ok(after)
    }

    /// The voxels whose ball, as far as it lies in the box, is in the set.
    pub(super) fn erode(&self, set: &Bits, pace: &mut Pace<'_>) -> Result<Bits, Cancelled> {
        Ok(self.dilate(&set.complement(), pace)?.complement())
    }

    /// The voxels most of whose ball is in the set; one with exactly half stays as it is. Nothing is in the set
    /// outside the block; voxels outside the grid have no part. The block must reach as far beyond the set as the
    /// ball, or to the end of the grid. Memory: 2 bytes a voxel.
    pub(super) fn most(&self, block: &Block, set: &Bits, pace: &mut Pace<'_>) -> Result<Bits, Cancelled> {
        let mut after = self.erode(set, pace)?;
        // Only between what no ball and what every ball reaches is there anything to count.
        let mut open = self.dilate(set, pace)?;
        open.take_away(&after);
        let [width, height, depth] = set.size;
        let sums = Sums::new(set, self.reach[0]);
        let mut totals = Totals { key: [usize::MAX; 4], values: Vec::new() };
        let mut counts = vec![0_u32; width];
        for k in 0..depth {
            for j in 0..height {
                let number = k * height + j;
                pace.step(1)?;
                for [from, to] in near_stretches(&open, number) {
                    pace.step(self.steps_of_row(to - from))?;
                    self.count(&sums, [j, k], from, &mut counts[from..to]);
                    totals.update(self, block, [j, k]);
                    let counted = counts[from..to].iter().zip(&totals.values[from..to]);
                    for (i, (count, &total)) in (from..).zip(counted) {
                        let twice = 2 * count;
                        if twice > total || (twice == total && set.has(number * width + i)) {
                            after.set(number, i, 1);
                        }
                    }
                }
            }
        }
        Ok(after)
    }

    /// Counts, for a stretch of a row, the voxels of the set in the balls around its voxels.
    fn count(&self, sums: &Sums<'_>, at: [usize; 2], from: usize, counts: &mut [u32]) {
        counts.fill(0);
        for row in &self.rows {
            if let Some(number) = row.from(at, sums.set.size) {
                sums.add(number, row.half, from, counts);
            }
        }
    }
}

fn near_stretches(open: &Bits, number: usize) -> Vec<[usize; 2]> {
    let mut found: Vec<[usize; 2]> = Vec::new();
    open.stretches(number, [0, open.size[0]], true, |from, to| match found.last_mut() {
        Some(last) if from - last[1] < NEAR => last[1] = to,
        Some(_) | None => found.push([from, to]),
    });
    found
}

/// For each row, how many voxels before a place are in the set; places begin `reach` before the row and end
/// `reach` behind it.
struct Sums<'a> {
    set: &'a Bits,
    filled: Vec<bool>,
    reach: usize,
    length: usize,
    sums: Vec<u16>,
}

impl<'a> Sums<'a> {
    fn new(set: &'a Bits, reach: usize) -> Self {
        let width = set.size[0];
        let length = width + 1 + 2 * reach;
        let mut sums = vec![0_u16; set.row_count() * length];
        let filled: Vec<bool> = (0..set.row_count()).map(|row| !set.row_is_empty(row)).collect();
        for (number, row) in sums.chunks_exact_mut(length).enumerate().filter(|(number, _)| filled[*number]) {
            let mut sum = 0_u16;
            set.stretches(number, [0, width], true, |from, to| {
                row[reach + 1 + from..reach + 1 + to].fill(1);
            });
            // A row is shorter than 65,535 voxels.
            for value in row {
                sum += *value;
                *value = sum;
            }
        }
        Self { set, filled, reach, length, sums }
    }

    /// Adds, for each voxel i from `from` on, how many of i - half..=i + half are in the set.
    fn add(&self, number: usize, half: usize, from: usize, counts: &mut [u32]) {
        if !self.filled[number] {
            return;
        }
        let row = &self.sums[number * self.length + from..(number + 1) * self.length];
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
