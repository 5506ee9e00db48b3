//! Yes or no for each voxel of a box, 64 voxels to a word.

use super::Over;
use super::block::{Block, Changes};
use super::progress::{Cancelled, Pace, Progress};
use crate::mask::{LabelMap, SliceDelta, pieces};

const WORD: usize = 64;

/// A set of the voxels of a box; each row (j, k) begins with a word of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bits {
    pub(super) size: [usize; 3],
    /// Words of a row. What lies behind the end of a row is never set.
    words: usize,
    rows: Vec<u64>,
}

impl Bits {
    pub(super) fn none(size: [usize; 3]) -> Self {
        let words = size[0].div_ceil(WORD);
        Self { size, words, rows: vec![0; words * size[1] * size[2]] }
    }

    /// The voxels of a block that have a wanted label.
    pub(super) fn of_labels(block: &Block, map: &LabelMap, wanted: impl Fn(u16) -> bool) -> Self {
        let mut bits = Self::none(block.size);
        block.each_run(map, |label, from, to| {
            if wanted(label) {
                bits.set(from / block.size[0], from % block.size[0], to - from);
            }
        });
        bits
    }

    pub(super) const fn row_count(&self) -> usize {
        self.size[1] * self.size[2]
    }

    pub(super) const fn words(&self) -> usize {
        self.words
    }

    pub(super) fn row(&self, number: usize) -> &[u64] {
        &self.rows[number * self.words..(number + 1) * self.words]
    }

    pub(super) fn row_mut(&mut self, number: usize) -> &mut [u64] {
        &mut self.rows[number * self.words..(number + 1) * self.words]
    }

    pub(super) fn row_is_empty(&self, number: usize) -> bool {
        self.row(number).iter().all(|&word| word == 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.iter().all(|&word| word == 0)
    }

    /// Whether the voxel at a place of the block, i fastest, is in the set.
    pub(super) fn has(&self, at: usize) -> bool {
        let i = at % self.size[0];
        self.row(at / self.size[0])[i / WORD] >> (i % WORD) & 1 == 1
    }

    /// Adds voxels `from..from + length` of a row.
    pub(super) fn set(&mut self, number: usize, from: usize, length: usize) {
        each_word(from, from + length, |word, mask| self.row_mut(number)[word] |= mask);
    }

    /// Takes voxels `from..to` of a row away.
    pub(super) fn clear(&mut self, number: usize, from: usize, to: usize) {
        each_word(from, to, |word, mask| self.row_mut(number)[word] &= !mask);
    }

    #[must_use]
    pub(super) fn complement(&self) -> Self {
        let tail = self.tail();
        let mut other = self.clone();
        for row in other.rows.chunks_exact_mut(self.words) {
            row.iter_mut().for_each(|word| *word = !*word);
            row[self.words - 1] &= tail;
        }
        other
    }

    /// Keeps what both have.
    pub(super) fn keep(&mut self, other: &Self) {
        self.rows.iter_mut().zip(&other.rows).for_each(|(word, other)| *word &= other);
    }

    /// Takes away what the other has.
    pub(super) fn take_away(&mut self, other: &Self) {
        self.rows.iter_mut().zip(&other.rows).for_each(|(word, other)| *word &= !other);
    }

    pub(super) fn count(&self) -> u64 {
        self.rows.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The last word of a row that is full.
    const fn tail(&self) -> u64 {
        let over = self.words * WORD - self.size[0];
        u64::MAX >> over
    }

    /// Adds, to each row, the voxels up to `by` beside one that it has.
    pub(super) fn widen(&mut self, by: usize) {
        let (by, tail, words) = (by.min(self.size[0]), self.tail(), self.words);
        let mut up = vec![0; words];
        for row in self.rows.chunks_exact_mut(words).filter(|row| row.iter().any(|&word| word != 0)) {
            up.copy_from_slice(row);
            let mut covered = 0;
            // Twice as far with each step.
            while covered < by {
                let step = (covered + 1).min(by - covered);
                shift_up(&mut up, step);
                shift_down(row, step);
                covered += step;
            }
            row.iter_mut().zip(&up).for_each(|(word, up)| *word |= up);
            row[words - 1] &= tail;
        }
    }

    /// Calls `each(from, to)` for the stretches of a row in `from..to` that are in the set, or are not.
    pub(super) fn stretches(
        &self,
        number: usize,
        [from, to]: [usize; 2],
        set: bool,
        mut each: impl FnMut(usize, usize),
    ) {
        let row = self.row(number);
        let flip = if set { 0 } else { u64::MAX };
        let mut at = from;
        while at < to {
            let start = next(row, at, to, flip);
            if start >= to {
                return;
            }
            at = next(row, start, to, !flip);
            each(start, at);
        }
    }

    /// The stretch of a row around a voxel that it has: the first voxel and the one behind the last.
    pub(super) fn stretch_around(&self, number: usize, at: usize) -> [usize; 2] {
        let row = self.row(number);
        let mut start = at;
        while start > 0 {
            let (word, bit) = ((start - 1) / WORD, (start - 1) % WORD);
            let gap = !row[word] << (WORD - 1 - bit);
            let ones = gap.leading_zeros() as usize;
            start -= ones.min(bit + 1);
            if ones < bit + 1 {
                break;
            }
        }
        [start, next(row, at, self.size[0], u64::MAX)]
    }

    /// The first voxel of a row at or behind a place that is in the set; `to` when none is before it.
    pub(super) fn next_in(&self, number: usize, from: usize, to: usize) -> usize {
        next(self.row(number), from, to, 0)
    }

    /// What leads from a map to what `after` says of each voxel of a block, by its label and whether it is in
    /// the set.
    pub(super) fn changes(
        &self,
        block: &Block,
        map: &LabelMap,
        progress: &dyn Progress,
        after: impl Fn(u16, bool) -> u16,
    ) -> Result<Vec<SliceDelta>, Cancelled> {
        let pace = Pace::new(progress, [1.0; 2], 1);
        let (lower, [width, height, depth]) = (block.inside.lower(), block.size);
        let mut deltas = Vec::new();
        for k in 0..depth {
            pace.look()?;
            let mut changes = Changes::default();
            let runs = map.slice(lower[2] + k as u32);
            for j in 0..height {
                let first = (lower[1] + j as u32) * block.grid.size()[0] + lower[0];
                pieces(runs, first, first + width as u32, |start, end, old| {
                    let [no, yes] = [after(old, false), after(old, true)];
                    if no == old && yes == old {
                        return;
                    }
                    let range = [(start - first) as usize, (end - first) as usize];
                    self.changes_of_piece(k * height + j, range, |from, to, set| {
                        let new = if set { yes } else { no };
                        changes.push_run(first + from as u32, first + to as u32, old, new);
                    });
                });
            }
            deltas.extend(changes.finish(lower[2] + k as u32));
        }
        Ok(deltas)
    }

    /// Calls `each(from, to, set)` for all stretches of a part of a row, in order.
    fn changes_of_piece(
        &self,
        number: usize,
        [from, to]: [usize; 2],
        mut each: impl FnMut(usize, usize, bool),
    ) {
        let mut at = from;
        self.stretches(number, [from, to], true, |start, end| {
            each(at, start, false);
            each(start, end, true);
            at = end;
        });
        each(at, to, false);
    }

    /// The change that gives the label to what is in the set, and takes it from what is not.
    pub(super) fn give(
        &self,
        block: &Block,
        map: &LabelMap,
        (label, over): (u16, Over),
        progress: &dyn Progress,
    ) -> Result<Vec<SliceDelta>, Cancelled> {
        self.changes(block, map, progress, |old, set| match (old == label, set) {
            (true, false) => 0,
            (false, true) if over.allows(old, label) => label,
            (true | false, _) => old,
        })
    }
}

/// Calls `each(word, mask)` for the words that hold `from..to`.
fn each_word(from: usize, to: usize, mut each: impl FnMut(usize, u64)) {
    let mut at = from;
    while at < to {
        let (word, bit) = (at / WORD, at % WORD);
        let count = (to - at).min(WORD - bit);
        each(word, (u64::MAX >> (WORD - count)) << bit);
        at += count;
    }
}

/// The first place in `from..to` whose bit, after an exclusive or with `flip`, is set.
fn next(row: &[u64], from: usize, to: usize, flip: u64) -> usize {
    let mut at = from;
    while at < to {
        let rest = (row[at / WORD] ^ flip) >> (at % WORD);
        if rest != 0 {
            return (at + rest.trailing_zeros() as usize).min(to);
        }
        at = (at / WORD + 1) * WORD;
    }
    to
}

/// Adds the row moved towards its end.
fn shift_up(row: &mut [u64], by: usize) {
    let (words, bits) = (by / WORD, by % WORD);
    for at in (words..row.len()).rev() {
        let mut moved = row[at - words] << bits;
        if bits > 0 && at > words {
            moved |= row[at - words - 1] >> (WORD - bits);
        }
        row[at] |= moved;
    }
}

/// Adds the row moved towards its beginning.
fn shift_down(row: &mut [u64], by: usize) {
    let (words, bits) = (by / WORD, by % WORD);
    for at in 0..row.len().saturating_sub(words) {
        let mut moved = row[at + words] >> bits;
        if bits > 0 && at + words + 1 < row.len() {
            moved |= row[at + words + 1] << (WORD - bits);
        }
        row[at] |= moved;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bits(marked: &[bool]) -> Bits {
        let mut bits = Bits::none([marked.len(), 1, 1]);
        marked.iter().enumerate().filter(|(_, marked)| **marked).for_each(|(at, _)| bits.set(0, at, 1));
        bits
    }

    fn marked(bits: &Bits) -> Vec<bool> {
        (0..bits.size[0]).map(|at| bits.has(at)).collect()
    }

    proptest! {
        #[test]
        fn a_row_of_bits_is_a_row_of_voxels(
            row in prop::collection::vec(prop::bool::weighted(0.2), 1..300), by in 0..90_usize, at in 0..300_usize,
        ) {
            let set = bits(&row);
            prop_assert_eq!(&marked(&set), &row);
            prop_assert_eq!(set.count() as usize, row.iter().filter(|marked| **marked).count());
            prop_assert_eq!(marked(&set.complement()), row.iter().map(|marked| !marked).collect::<Vec<bool>>());
            let near = |at: usize| (at.saturating_sub(by)..(at + by + 1).min(row.len())).any(|at| row[at]);
            let mut wide = set.clone();
            wide.widen(by);
            prop_assert_eq!(marked(&wide), (0..row.len()).map(near).collect::<Vec<bool>>());
            for wanted in [false, true] {
                let mut found = vec![!wanted; row.len()];
                set.stretches(0, [0, row.len()], wanted, |from, to| found[from..to].fill(wanted));
                prop_assert_eq!(&found, &row);
            }
            let at = at % row.len();
            if row[at] {
                let start = (0..at).rev().find(|&before| !row[before]).map_or(0, |before| before + 1);
                let end = (at..row.len()).find(|&after| !row[after]).unwrap_or(row.len());
                prop_assert_eq!(set.stretch_around(0, at), [start, end]);
            }
        }
    }
}
