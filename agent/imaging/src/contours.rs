//! Outlines of voxels within slices, and the voxels within outlines.
//!
//! Outlines follow the edges of voxels, so that every voxel's centre is half a voxel away from them, and filling an
//! outline gives back its voxels, none more and none less.

use crate::mask::{LabelMap, Run};

/// A closed line of corners; neighbours differ in one direction only. Corner (x, y) is at i = x - 0.5, j = y - 0.5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loop {
    /// Where the line turns, in order; the last is joined to the first.
    pub corners: Vec<[u32; 2]>,
    /// The line runs around voxels that are missing.
    pub hole: bool,
}

/// A place this near to an outline, in voxels, is on it.
const ON_THE_LINE: f64 = 1e-3;
/// Lines that cross rows more often than this are refused before memory is taken for it: 400 MB of them.
const CROSSINGS_MOST: u64 = 50_000_000;

/// The outlines of a label in slice `k`. Voxels that touch at a corner have outlines of their own.
pub fn outlines(map: &LabelMap, label: u16, k: u32) -> Vec<Loop> {
    let runs: Vec<Run> = map.slice(k).iter().filter(|run| run.label == label).copied().collect();
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Vec::new() };
    let columns = map.grid().size()[0];
    let (top, bottom) = (first.start / columns, (last.start + last.length - 1) / columns);
    let mut slice = Slice::new(columns, top, bottom);
    runs.iter().for_each(|run| slice.mark(run));
    slice.loops()
}

/// Which way a line goes on; the voxels lie to its right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heading {
    East,
    South,
    West,
    North,
}

impl Heading {
    /// To the right, straight on, to the left: so a line stays with the voxel that it runs around.
    const fn choices(self) -> [Self; 3] {
        match self {
            Self::East => [Self::South, Self::East, Self::North],
            Self::South => [Self::West, Self::South, Self::East],
            Self::West => [Self::North, Self::West, Self::South],
            Self::North => [Self::East, Self::North, Self::West],
        }
    }
}

/// The rows of a slice that have voxels, with one of nothing all around.
struct Slice {
    /// Voxels of a row and two more.
    width: usize,
    top: u32,
    columns: u32,
    marked: Vec<bool>,
    /// Upper edges that a line has run along.
    done: Vec<bool>,
}

impl Slice {
    fn new(columns: u32, top: u32, bottom: u32) -> Self {
        let width = columns as usize + 2;
        let count = width * ((bottom - top) as usize + 3);
        Self { width, top, columns, marked: vec![false; count], done: vec![false; count] }
    }

    fn mark(&mut self, run: &Run) {
        for offset in run.start..run.start + run.length {
            let (i, j) = ((offset % self.columns) as usize, (offset / self.columns - self.top) as usize);
            self.marked[(j + 1) * self.width + i + 1] = true;
        }
    }

    /// Whether the voxel to the lower right of a corner is marked, with `x` or `y` further up or left.
    fn is(&self, corner: usize, left: usize, up: usize) -> bool {
        self.marked[corner - left - up * self.width]
    }

    /// Whether an edge goes on from this corner, with a voxel to its right and none to its left.
    fn goes(&self, corner: usize, heading: Heading) -> bool {
        let (right, left) = match heading {
            Heading::East => (self.is(corner, 0, 0), self.is(corner, 0, 1)),
            Heading::South => (self.is(corner, 1, 0), self.is(corner, 0, 0)),
            Heading::West => (self.is(corner, 1, 1), self.is(corner, 1, 0)),
            Heading::North => (self.is(corner, 0, 1), self.is(corner, 1, 1)),
        };
        right && !left
    }

    fn loops(mut self) -> Vec<Loop> {
        let mut loops = Vec::new();
        for start in self.width + 1..self.marked.len() {
            if !self.done[start] && self.goes(start, Heading::East) {
                loops.push(self.follow(start));
            }
        }
        loops
    }

    fn follow(&mut self, start: usize) -> Loop {
        let (mut at, mut heading) = (start, Heading::East);
        let mut corners = Vec::new();
        // Twice the area, which is negative around what is missing.
        let mut area = 0_i64;
        loop {
            if heading == Heading::East {
                self.done[at] = true;
            }
            let next = match heading {
                Heading::East => at + 1,
                Heading::South => at + self.width,
                Heading::West => at - 1,
                Heading::North => at - self.width,
            };
            let row = (at / self.width) as i64;
            match heading {
                Heading::East => area -= row,
                Heading::West => area += row,
                Heading::South | Heading::North => {}
            }
            at = next;
            // An edge that arrives at a corner has one that leaves it.
            let Some(turned) = heading.choices().into_iter().find(|choice| self.goes(at, *choice)) else {
                break;
            };
            if turned != heading {
                corners.push(self.corner(at));
            }
            heading = turned;
            if at == start && heading == Heading::East {
                break;
            }
        }
        Loop { corners, hole: area < 0 }
    }

    fn corner(&self, at: usize) -> [u32; 2] {
        [(at % self.width) as u32 - 1, (at / self.width) as u32 - 1 + self.top]
    }
}

/// Outlines cross more rows than are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the outlines have more points than are accepted")]
pub struct TooComplex;

/// The voxels of a slice within closed lines of places (i, j): those whose centre an odd number of lines runs around,
/// or lies on a line. What lies outside the slice is left out.
///
/// Lines that other programs draw through the centres of the outermost voxels keep these voxels; those along the
/// edges of voxels never meet a centre.
///
/// # Errors
/// [`TooComplex`] before memory is taken for lines that are.
pub fn filled(lines: &[Vec<[f64; 2]>], columns: u32, rows: u32) -> Result<Vec<(u32, u32)>, TooComplex> {
    let mut slice =
        Rows { columns, rows, crossings: vec![Vec::new(); rows as usize], on: Vec::new(), count: 0 };
    for line in lines {
        let next = line.iter().cycle().skip(1);
        for (from, to) in line.iter().zip(next) {
            slice.edge(*from, *to)?;
        }
    }
    Ok(slice.runs())
}

struct Rows {
    columns: u32,
    rows: u32,
    crossings: Vec<Vec<f64>>,
    /// Stretches of a row that lie on a line.
    on: Vec<(u32, f64, f64)>,
    count: u64,
}

impl Rows {
    fn edge(&mut self, from: [f64; 2], to: [f64; 2]) -> Result<(), TooComplex> {
        let (upper, lower) = if from[1] <= to[1] { (from, to) } else { (to, from) };
        let last = f64::from(self.rows);
        // Ends and flat edges on a row of centres.
        let row = upper[1].round();
        let flat = (upper[1] - row).abs() <= ON_THE_LINE && (lower[1] - row).abs() <= ON_THE_LINE;
        for (end, other) in [(upper, lower), (lower, upper)] {
            let row = end[1].round();
            if (end[1] - row).abs() <= ON_THE_LINE && row >= 0.0 && row < last {
                let reach = if flat { other[0] } else { end[0] };
                self.on.push((row as u32, end[0].min(reach), end[0].max(reach)));
            }
        }
        // A row is crossed by the edge that begins on or above it and ends below it.
        let (first, end) = (upper[1].ceil().max(0.0), lower[1].ceil().min(last));
        if first >= end {
            return Ok(());
        }
        self.count += (end - first) as u64;
        if self.count + self.on.len() as u64 > CROSSINGS_MOST {
            return Err(TooComplex);
        }
        for row in first as u32..end as u32 {
            let share = (f64::from(row) - upper[1]) / (lower[1] - upper[1]);
            self.crossings[row as usize].push(upper[0] + share * (lower[0] - upper[0]));
        }
        Ok(())
    }

    /// Start and length of the runs, in order.
    fn runs(mut self) -> Vec<(u32, u32)> {
        let mut runs = Vec::new();
        let mut on = std::mem::take(&mut self.on);
        on.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut on = on.into_iter().peekable();
        let columns = f64::from(self.columns);
        for (row, crossings) in (0..).zip(&mut self.crossings) {
            crossings.sort_by(f64::total_cmp);
            let mut stretches: Vec<(f64, f64)> =
                crossings.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            while let Some((_, from, to)) = on.next_if(|(at, _, _)| *at == row) {
                stretches.push((from, to));
            }
            stretches.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut begun: Option<(u32, u32)> = None;
            for (from, to) in stretches {
                let (start, end) = ((from - ON_THE_LINE).ceil().max(0.0), (to + ON_THE_LINE).floor() + 1.0);
                let end = end.min(columns);
                if start >= end {
                    continue;
                }
                let (start, end) = (start as u32, end as u32);
                match &mut begun {
                    Some(last) if start <= last.1 => last.1 = last.1.max(end),
                    Some(_) | None => {
                        runs.extend(
                            begun.replace((start, end)).map(|(a, b)| (row * self.columns + a, b - a)),
                        );
                    }
                }
            }
            runs.extend(begun.map(|(start, end)| (row * self.columns + start, end - start)));
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Grid;
    use proptest::prelude::*;

    fn map(columns: u32, rows: u32, labels: &[u16]) -> LabelMap {
        let axes = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([columns, rows, 1], [1.0; 3], [0.0; 3], axes).unwrap();
        LabelMap::from_dense(grid, labels).unwrap()
    }

    fn lines(loops: &[Loop]) -> Vec<Vec<[f64; 2]>> {
        let place = |corner: &[u32; 2]| corner.map(|part| f64::from(part) - 0.5);
        loops.iter().map(|one| one.corners.iter().map(place).collect()).collect()
    }

    #[test]
    fn a_ring_has_an_outline_and_one_of_its_hole() {
        let loops = outlines(&map(3, 3, &[1, 1, 1, 1, 0, 1, 1, 1, 1]), 1, 0);
        let [outer, inner] = loops.as_slice() else { panic!("{loops:?}") };
        assert!(!outer.hole && inner.hole);
        assert_eq!(outer.corners, [[3, 0], [3, 3], [0, 3], [0, 0]]);
        assert_eq!(inner.corners.len(), 4);
    }

    #[test]
    fn voxels_that_touch_at_a_corner_have_outlines_of_their_own() {
        let loops = outlines(&map(2, 2, &[1, 0, 0, 1]), 1, 0);
        assert_eq!(loops.iter().map(|one| one.corners.len()).collect::<Vec<_>>(), [4, 4]);
    }

    #[test]
    fn a_line_through_centres_keeps_the_voxels_that_it_runs_through() {
        let line = vec![[1.0, 1.0], [3.0, 1.0], [3.0, 2.0], [1.0, 2.0]];
        assert_eq!(filled(&[line], 5, 4), Ok(vec![(6, 3), (11, 3)]));
        // A single voxel is a single point, and one row is a line.
        assert_eq!(filled(&[vec![[2.0, 1.0]]], 5, 4), Ok(vec![(7, 1)]));
        assert_eq!(filled(&[vec![[2.0, 1.0], [4.0, 1.0]]], 5, 4), Ok(vec![(7, 3)]));
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let line = vec![[-5.0, -5.0], [50.0, -5.0], [50.0, 50.0], [-5.0, 50.0]];
        assert_eq!(filled(&[line], 2, 2), Ok(vec![(0, 2), (2, 2)]));
    }

    proptest! {
        #[test]
        fn filling_outlines_gives_back_the_voxels(labels in proptest::collection::vec(0_u16..3, 63)) {
            let drawn = map(9, 7, &labels);
            for label in [1, 2] {
                let loops = outlines(&drawn, label, 0);
                let found = filled(&lines(&loops), 9, 7).unwrap();
                let mut dense = vec![0; 63];
                for (start, length) in found {
                    dense[start as usize..(start + length) as usize].fill(1);
                }
                let expected: Vec<u16> = labels.iter().map(|one| u16::from(*one == label)).collect();
                prop_assert_eq!(dense, expected);
            }
        }
    }
}
