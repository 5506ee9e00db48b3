//! Connected parts, by joining stretches of voxels in neighbouring rows.

use crate::mask::LabelMap;

/// Voxels `from..=to` of a row; places count from one before the box around the label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: u32,
    pub(super) to: u32,
    /// Whether a voxel of it has no label at all.
    pub(super) empty: bool,
}

/// The spans of a box of rows, by slice, then by row; each row sorted.
#[derive(Debug)]
pub(super) struct Rows {
    /// Place of the first row and slice in the grid, (j, k).
    pub(super) first: [u32; 2],
    /// Rows of a slice.
    pub(super) height: usize,
    /// Where the spans of each row begin in `spans`; one more than there are rows.
    begins: Vec<usize>,
    spans: Vec<Span>,
}

impl Rows {
    fn new(first: [u32; 2], height: usize) -> Self {
        Self { first, height, begins: vec![0], spans: Vec::new() }
    }

    fn end_row(&mut self) {
        self.begins.push(self.spans.len());
    }

    /// How many rows there are, in all slices.
    pub(super) fn count(&self) -> usize {
        self.begins.len() - 1
    }

    /// The spans of a row, by its number over all slices.
    pub(super) fn row(&self, number: usize) -> &[Span] {
        &self.spans[self.begins[number]..self.begins[number + 1]]
    }

    /// For each slice, whether a row of it is as asked.
    pub(super) fn chunks(&self, is: impl Fn(&[Span]) -> bool) -> impl Iterator<Item = bool> {
        let slices = self.count() / self.height;
        (0..slices).map(move |slice| {
            (slice * self.height..(slice + 1) * self.height).any(|number| is(self.row(number)))
        })
    }
}

/// The rows of the box around a label: what has the label, with places of the grid, and, in the box
/// grown by one voxel on all sides, what has not. None when nothing has it.
pub(super) fn rows(map: &LabelMap, label: u16) -> Option<(Rows, Rows)> {
    let columns = map.grid().size()[0];
    let (lower, upper) = bounds(map, label)?;
    let mut marked = Rows::new([lower[1], lower[2]], (upper[1] - lower[1] + 1) as usize);
    let mut open = Rows::new([lower[1], lower[2]], marked.height + 2);
    // One place before the box is place 0 of what is open.
    let width = upper[0] - lower[0] + 3;
    open_rows(&mut open, width, marked.height + 2);
    for k in lower[2]..=upper[2] {
        open_rows(&mut open, width, 1);
        let runs = map.slice(k);
        for j in lower[1]..=upper[1] {
            let (start, end) = (j * columns, (j + 1) * columns);
            let from = runs.partition_point(|run| run.end() <= start);
            let row = runs[from..].iter().take_while(|run| run.start < end);
            let row = row.map(|run| (run.start.max(start) - start, run.end().min(end) - start, run.label));
            split(row, label, [lower[0], upper[0]], &mut marked, &mut open);
        }
        open_rows(&mut open, width, 1);
    }
    open_rows(&mut open, width, marked.height + 2);
    Some((marked, open))
}

/// Rows of the open box that nothing reaches.
fn open_rows(open: &mut Rows, width: u32, count: usize) {
    for _ in 0..count {
        open.spans.push(Span { from: 0, to: width - 1, empty: true });
        open.end_row();
    }
}

/// Puts one row of runs, (start, end, label), into what is marked and what is open.
fn split(
    row: impl Iterator<Item = (u32, u32, u16)>,
    label: u16,
    [lower, upper]: [u32; 2],
    marked: &mut Rows,
    open: &mut Rows,
) {
    // Place and emptiness of the open span that is being read; it starts beside the box.
    let (mut from, mut empty) = (0, true);
    // The grid's column that is read next.
    let mut at = lower;
    for (start, end, found) in row {
        let (start, end) = (start.max(lower), end.min(upper + 1));
        if start >= end {
            continue;
        }
        empty |= start > at;
        if found == label {
            // Place 0 is column lower - 1, so an open span always precedes, be it of one voxel.
            open.spans.push(Span { from, to: start - lower, empty });
            marked.spans.push(Span { from: start, to: end - 1, empty: false });
            (from, empty) = (end - lower + 1, false);
        }
        at = end;
    }
    open.spans.push(Span { from, to: upper - lower + 2, empty: true });
    marked.end_row();
    open.end_row();
}

/// The lowest and the highest voxel of a label along each axis, (i, j, k).
pub(crate) fn bounds(map: &LabelMap, label: u16) -> Option<([u32; 3], [u32; 3])> {
    let columns = map.grid().size()[0];
    let mut found: Option<([u32; 3], [u32; 3])> = None;
    for (k, runs) in map.slices() {
        for run in runs.iter().filter(|run| run.label == label) {
            let last = run.end() - 1;
            let (mut i, j) = ([run.start % columns, last % columns], [run.start / columns, last / columns]);
            if j[0] != j[1] {
                i = [0, columns - 1];
            }
            let (lower, upper) = found.get_or_insert(([i[0], j[0], k], [i[1], j[1], k]));
            for (axis, range) in [i, j, [k, k]].into_iter().enumerate() {
                lower[axis] = lower[axis].min(range[0]);
                upper[axis] = upper[axis].max(range[1]);
            }
        }
    }
    found
}

/// Voxels `start..end` of slice k, j * columns + i, that belong to one part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PartSpan {
    pub(crate) k: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Which part; parts count from 0 in the order of their first voxels.
    pub(crate) part: u32,
}

/// The stretches of a label in order, each with its part; parts touch by face, edge or corner.
pub(crate) fn connected_parts(map: &LabelMap, label: u16) -> Vec<PartSpan> {
    let Some((rows, _)) = rows(map, label) else { return Vec::new() };
    let columns = map.grid().size()[0];
    let mut sets = joined(&rows);
    let (mut found, mut parts) = (Vec::with_capacity(rows.spans.len()), 0);
    let mut part_of: Vec<u32> = vec![0; rows.spans.len()];
    for number in 0..rows.count() {
        let j = rows.first[0] + (number % rows.height) as u32;
        let k = rows.first[1] + (number / rows.height) as u32;
        for at in rows.begins[number]..rows.begins[number + 1] {
            // The root of a part is its first span.
            let root = sets.root(at);
            if root == at {
                part_of[at] = parts;
                parts += 1;
            }
            let span = rows.spans[at];
            let (start, end) = (j * columns + span.from, j * columns + span.to + 1);
            found.push(PartSpan { k, start, end, part: part_of[root] });
        }
    }
    found
}

/// Parts of what is marked; they touch by face, edge or corner.
pub(super) fn components(rows: &Rows) -> u32 {
    let mut sets = joined(rows);
    (0..rows.spans.len()).filter(|&span| sets.root(span) == span).count() as u32
}

/// The spans in sets of those that hang together by face, edge or corner.
fn joined(rows: &Rows) -> Sets {
    let mut sets = Sets::new(rows.spans.len());
    for number in 0..rows.count() {
        let (slice, row) = (number / rows.height, number % rows.height);
        let before = |slice: usize, row: usize| slice * rows.height + row;
        if row > 0 {
            join(rows, &mut sets, number, number - 1, 1);
        }
        if slice > 0 {
            let above = before(slice - 1, row);
            let last = if row + 1 < rows.height { above + 1 } else { above };
            for other in (if row > 0 { above - 1 } else { above })..=last {
                join(rows, &mut sets, number, other, 1);
            }
        }
    }
    sets
}

/// Parts of what is open that do not reach the outside and have a voxel without any label; they touch
/// by face.
pub(super) fn cavities(rows: &Rows) -> u32 {
    let mut sets = Sets::new(rows.spans.len());
    for number in 0..rows.count() {
        if number % rows.height > 0 {
            join(rows, &mut sets, number, number - 1, 0);
        }
        if number >= rows.height {
            join(rows, &mut sets, number, number - rows.height, 0);
        }
    }
    // The first span is the outside: the first row of the grown box is open from end to end.
    let outside = sets.root(0);
    let mut empty = vec![false; rows.spans.len()];
    for (number, span) in rows.spans.iter().enumerate() {
        let root = sets.root(number);
        empty[root] |= span.empty && root != outside;
    }
    empty.into_iter().filter(|&empty| empty).count() as u32
}

/// Joins the spans of two rows that overlap when one is grown by `reach` voxels.
fn join(rows: &Rows, sets: &mut Sets, first: usize, second: usize, reach: u32) {
    let (mut a, mut b) = (rows.begins[first], rows.begins[second]);
    let (last_a, last_b) = (rows.begins[first + 1], rows.begins[second + 1]);
    while a < last_a && b < last_b {
        let (one, other) = (rows.spans[a], rows.spans[b]);
        if one.from <= other.to + reach && other.from <= one.to + reach {
            sets.join(a, b);
        }
        if one.to < other.to {
            a += 1;
        } else {
            b += 1;
        }
    }
}

/// Disjoint sets of spans.
#[derive(Debug)]
pub(crate) struct Sets(Vec<usize>);

impl Sets {
    pub(crate) fn new(size: usize) -> Self {
        Self((0..size).collect())
    }

    pub(crate) fn root(&mut self, mut of: usize) -> usize {
        while self.0[of] != of {
            // Half of the path is cut away on each walk.
            self.0[of] = self.0[self.0[of]];
            of = self.0[of];
        }
        of
    }

    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}
