//! A block of places with one bit each, 64 places of a row to a word.
//!
//! Most of what surfaces need is asked of whole words: which places of a row are marked, and how far along the row
//! the nearest mark is.

use crate::mask::LabelMap;

/// Places of one word.
const WORD: usize = 64;

/// A place in a block, (k, j, i).
pub(crate) type Place = [u32; 3];

/// Which places of a block are marked: lengths along (k, j, i), i within words.
#[derive(Debug, Clone)]
pub(crate) struct Bits {
    pub(crate) size: [usize; 3],
    words: usize,
    bits: Vec<u64>,
}

impl Bits {
    /// A block without marks.
    pub(crate) fn new(size: [usize; 3]) -> Self {
        let words = size[2].div_ceil(WORD);
        Self { size, words, bits: vec![0; size[0] * size[1] * words] }
    }

    /// The voxels of a label in a box of a map, (i, j, k), with a voxel that is not marked around it on all sides.
    /// What is outside of the box is left out.
    pub(crate) fn of_label(map: &LabelMap, label: u16, lower: [u32; 3], upper: [u32; 3]) -> Self {
        let length = |axis: usize| (upper[axis] - lower[axis]) as usize + 3;
        let mut bits = Self::new([length(2), length(1), length(0)]);
        let columns = map.grid().size()[0];
        for (k, runs) in (1..).zip((lower[2]..=upper[2]).map(|k| map.slice(k))) {
            for run in runs.iter().filter(|run| run.label == label) {
                let rows = (run.start / columns).max(lower[1])..=((run.end() - 1) / columns).min(upper[1]);
                for j in rows {
                    let row = j * columns;
                    let (from, to) = (run.start.max(row + lower[0]), run.end().min(row + upper[0] + 1));
                    if from < to {
                        let at = |offset: u32| (offset - row - lower[0]) as usize + 1;
                        bits.fill(k, (j - lower[1]) as usize + 1, [at(from), at(to)]);
                    }
                }
            }
        }
        bits
    }

    /// The words of a row.
    pub(crate) fn row(&self, k: usize, j: usize) -> &[u64] {
        let from = (k * self.size[1] + j) * self.words;
        &self.bits[from..from + self.words]
    }

    pub(crate) fn row_mut(&mut self, k: usize, j: usize) -> &mut [u64] {
        let from = (k * self.size[1] + j) * self.words;
        &mut self.bits[from..from + self.words]
    }

    /// Marks the places `from..to` of a row.
    pub(crate) fn fill(&mut self, k: usize, j: usize, [from, to]: [usize; 2]) {
        let row = self.row_mut(k, j);
        let mut at = from;
        while at < to {
            let end = to.min((at / WORD + 1) * WORD);
            row[at / WORD] |= (u64::MAX >> (WORD - (end - at))) << (at % WORD);
            at = end;
        }
    }

    pub(crate) fn mark(&mut self, [k, j, i]: Place) {
        let i = i as usize;
        self.row_mut(k as usize, j as usize)[i / WORD] |= 1 << (i % WORD);
    }

    /// Whether the place with this number, i fastest, is marked.
    pub(crate) fn has(&self, number: usize) -> bool {
        let [_, rows, columns] = self.size;
        let (i, row) = (number % columns, number / columns);
        self.row(row / rows, row % rows)[i / WORD] >> (i % WORD) & 1 == 1
    }

    /// Whether a place is marked.
    pub(crate) fn holds(&self, [k, j, i]: Place) -> bool {
        let i = i as usize;
        self.row(k as usize, j as usize)[i / WORD] >> (i % WORD) & 1 == 1
    }

    /// The places that are not marked.
    pub(crate) fn inverted(&self) -> Self {
        let mut inverted = Self::new(self.size);
        for k in 0..self.size[0] {
            for j in 0..self.size[1] {
                inverted.fill(k, j, [0, self.size[2]]);
                for (open, marked) in inverted.row_mut(k, j).iter_mut().zip(self.row(k, j)) {
                    *open &= !marked;
                }
            }
        }
        inverted
    }

    /// The marked places, in order.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for k in 0..self.size[0] {
            for j in 0..self.size[1] {
                for (word, &bits) in self.row(k, j).iter().enumerate() {
                    each_bit(bits, |bit| places.push([k as u32, j as u32, (word * WORD) as u32 + bit]));
                }
            }
        }
        places
    }

    /// For each word of a row, the bits of the places one further along the row.
    pub(crate) fn next(row: &[u64], word: usize) -> u64 {
        row[word] >> 1 | row.get(word + 1).map_or(0, |next| next << (WORD - 1))
    }

    /// For each word of a row, the bits of the places one before along the row.
    pub(crate) fn previous(row: &[u64], word: usize) -> u64 {
        row[word] << 1 | word.checked_sub(1).map_or(0, |before| row[before] >> (WORD - 1))
    }
}

/// Calls `each` with the numbers of the bits that are set, lowest first.
pub(crate) fn each_bit(mut bits: u64, mut each: impl FnMut(u32)) {
    while bits != 0 {
        each(bits.trailing_zeros());
        bits &= bits - 1;
    }
}

/// How many places along a row the nearest mark is from place `at`; none further than `most`.
pub(crate) fn steps_along(row: &[u64], at: usize, most: usize) -> Option<usize> {
    let (word, bit) = (at / WORD, at % WORD);
    let (right, left) = (row[word] >> bit, row[word] << (WORD - 1 - bit));
    let mut best = (right != 0).then(|| right.trailing_zeros() as usize);
    if left != 0 {
        let steps = left.leading_zeros() as usize;
        best = Some(best.map_or(steps, |best| best.min(steps)));
    }
    if best.is_none_or(|best| best > WORD - bit) {
        best = nearer(best, after(row, word, bit, best.unwrap_or(most)));
    }
    if best.is_none_or(|best| best > bit) {
        best = nearer(best, before(row, word, bit, best.unwrap_or(most)));
    }
    best
}

fn nearer(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    one.into_iter().chain(other).min()
}

/// The nearest mark in the words after one.
fn after(row: &[u64], word: usize, bit: usize, most: usize) -> Option<usize> {
    let mut from = WORD - bit;
    for &bits in &row[word + 1..] {
        if from > most {
            return None;
        }
        if bits != 0 {
            return Some(from + bits.trailing_zeros() as usize);
        }
        from += WORD;
    }
    None
}

/// The nearest mark in the words before one.
fn before(row: &[u64], word: usize, bit: usize, most: usize) -> Option<usize> {
    let mut from = bit + 1;
    for &bits in row[..word].iter().rev() {
        if from > most {
            return None;
        }
        if bits != 0 {
            return Some(from + bits.leading_zeros() as usize);
        }
        from += WORD;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn steps_along_a_row_are_those_to_the_nearest_mark(
            marks in prop::collection::btree_set(0..300_usize, 0..6), at in 0..300_usize,
        ) {
            let mut bits = Bits::new([1, 1, 300]);
            for &mark in &marks {
                bits.mark([0, 0, mark as u32]);
            }
            let expect = marks.iter().map(|&mark| mark.abs_diff(at)).min();
            prop_assert_eq!(steps_along(bits.row(0, 0), at, usize::MAX), expect);
            prop_assert_eq!(bits.places().len(), marks.len());
        }

        #[test]
        fn what_is_filled_is_marked(from in 0..200_usize, length in 1..200_usize) {
            let mut bits = Bits::new([2, 2, 400]);
            bits.fill(1, 0, [from, from + length]);
            let expect: Vec<Place> = (from..from + length).map(|i| [1, 0, i as u32]).collect();
            prop_assert_eq!(bits.places(), expect);
            prop_assert!(bits.has(800 + from) && !bits.has(800 + from + length));
        }
    }
}
