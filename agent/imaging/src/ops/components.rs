//! Connected parts of a label, by joining stretches of voxels in neighbouring rows.

use super::progress::{Cancelled, Pace, Progress};
use crate::mask::LabelMap;
use crate::measure::Sets;

/// Which voxels are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connectivity {
    /// The 6 that share a face.
    Faces,
    /// The 18 that share a face or an edge.
    Edges,
    /// The 26 that share a face, an edge or a corner. The default: what is one object for the eye stays
    /// one, also where it runs obliquely.
    #[default]
    Corners,
}

/// Voxels `start..end` of slice k, within one row, that have the label.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) k: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    /// Which part it belongs to; parts count in storage order of their first voxels.
    pub(super) part: u32,
}

/// The parts of a label.
#[derive(Debug)]
pub(super) struct Parts {
    /// In storage order.
    pub(super) spans: Vec<Span>,
    /// Voxels of each part.
    pub(super) voxels: Vec<u64>,
}

/// Finds the parts of a label. Memory: 24 bytes for each row that a part crosses.
pub(super) fn parts(
    map: &LabelMap,
    label: u16,
    connectivity: Connectivity,
    progress: &dyn Progress,
) -> Result<Parts, Cancelled> {
    let columns = map.grid().size()[0];
    let mut spans = spans(map, label);
    let mut pace = Pace::new(progress, [0.0, 0.9], spans.len() as u64);
    let mut sets = Sets::new(spans.len());
    // Where the row of a span, and the rows before it that it may touch, begin.
    let mut rows: Vec<(u64, usize)> = Vec::new();
    let rows_of_slice = u64::from(map.grid().size()[1]);
    let number = |span: &Span| u64::from(span.k) * rows_of_slice + u64::from(span.start / columns);
    for (at, span) in spans.iter().enumerate() {
        if rows.last().is_none_or(|&(row, _)| row != number(span)) {
            rows.push((number(span), at));
        }
    }
    let ends: Vec<usize> = rows.iter().skip(1).map(|row| row.1).chain([spans.len()]).collect();
    for (at, &(row, begin)) in rows.iter().enumerate() {
        pace.step((ends[at] - begin) as u64)?;
        for (other, reach) in before(row, rows_of_slice, connectivity).into_iter().flatten() {
            if let Ok(found) = rows.binary_search_by_key(&other, |row| row.0) {
                let both = [begin..ends[at], rows[found].1..ends[found]];
                join(&spans, &mut sets, both, [columns, reach]);
            }
        }
    }
    let voxels = count(&mut spans, &mut sets);
    Ok(Parts { spans, voxels })
}

/// Numbers of the rows before this one that its spans may touch, and how far beyond their ends.
fn before(row: u64, rows_of_slice: u64, connectivity: Connectivity) -> [Option<(u64, u32)>; 4] {
    let j = row % rows_of_slice;
    let above = row.checked_sub(rows_of_slice);
    let left = (j > 0).then(|| row - 1);
    match connectivity {
        Connectivity::Faces => [left.map(|row| (row, 0)), above.map(|row| (row, 0)), None, None],
        Connectivity::Edges => [
            left.map(|row| (row, 1)),
            above.filter(|_| j > 0).map(|row| (row - 1, 0)),
            above.map(|row| (row, 1)),
            above.filter(|_| j + 1 < rows_of_slice).map(|row| (row + 1, 0)),
        ],
        Connectivity::Corners => [
            left.map(|row| (row, 1)),
            above.filter(|_| j > 0).map(|row| (row - 1, 1)),
            above.map(|row| (row, 1)),
            above.filter(|_| j + 1 < rows_of_slice).map(|row| (row + 1, 1)),
        ],
    }
}

/// The stretches of a label, cut at the ends of rows.
fn spans(map: &LabelMap, label: u16) -> Vec<Span> {
    let columns = map.grid().size()[0];
    let mut spans = Vec::new();
    for (k, runs) in map.slices() {
        for run in runs.iter().filter(|run| run.label == label) {
            let mut start = run.start;
            while start < run.end() {
                let end = run.end().min((start / columns + 1) * columns);
                spans.push(Span { k, start, end, part: 0 });
                start = end;
            }
        }
    }
    spans
}

/// Joins the spans of two rows that touch when one is grown by `reach` voxels.
fn join(
    spans: &[Span],
    sets: &mut Sets,
    [first, second]: [std::ops::Range<usize>; 2],
    [columns, reach]: [u32; 2],
) {
    let (mut a, mut b) = (first.start, second.start);
    let ends = |span: &Span| [span.start % columns, (span.end - 1) % columns];
    while a < first.end && b < second.end {
        let (one, other) = (ends(&spans[a]), ends(&spans[b]));
        if one[0] <= other[1] + reach && other[0] <= one[1] + reach {
            sets.join(a, b);
        }
        if one[1] < other[1] {
            a += 1;
        } else {
            b += 1;
        }
    }
}

/// Numbers the parts and counts their voxels.
fn count(spans: &mut [Span], sets: &mut Sets) -> Vec<u64> {
    let mut voxels = Vec::new();
    for at in 0..spans.len() {
        let root = sets.root(at);
        // The root of a set is its first span, which has its number already.
        let part = if root == at { voxels.len() as u32 } else { spans[root].part };
        if root == at {
            voxels.push(0);
        }
        spans[at].part = part;
        voxels[part as usize] += u64::from(spans[at].end - spans[at].start);
    }
    voxels
}
