//! From the label map that a model answered to the changes that it asks for.

use std::collections::BTreeSet;

use agent_imaging::LabelMap;
use agent_imaging::mask::{DeltaRun, Run, SliceDelta};

/// What becomes of voxels that have an answered label already and that the answer leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// They stay: the answer adds.
    Stay,
    /// They go: the answer is the whole of its objects.
    Go,
}

/// The changes that lead from what is drawn to what a model answered for the objects with `answered` labels.
/// A voxel of another object is never written over. Both maps are on one grid.
pub(crate) fn changes(
    drawn: &LabelMap,
    answer: &LabelMap,
    answered: &BTreeSet<u16>,
    kept: Kept,
) -> Vec<SliceDelta> {
    let slices: BTreeSet<u32> = drawn.slices().chain(answer.slices()).map(|(k, _)| k).collect();
    let change = |old: u16, new: u16| {
        let own = old == 0 || answered.contains(&old);
        let new = if answered.contains(&new) { new } else { 0 };
        let goes = new != 0 || kept == Kept::Go;
        (own && goes && old != new).then_some(new)
    };
    let deltas = slices.into_iter().filter_map(|k| {
        let runs = pieces(drawn.slice(k), answer.slice(k))
            .filter_map(|(start, end, old, new)| {
                change(old, new).map(|new| DeltaRun { start, length: end - start, old, new })
            })
            .collect();
        SliceDelta::new(k, joined(runs)).ok()
    });
    deltas.collect()
}

/// Stretches `start..end` of a slice on which both have one label, 0 included, from left to right.
fn pieces<'a>(first: &'a [Run], second: &'a [Run]) -> impl Iterator<Item = (u32, u32, u16, u16)> + 'a {
    let ends = |run: &Run| [run.start, run.start + run.length];
    let cuts: BTreeSet<u32> = first.iter().chain(second).flat_map(ends).collect();
    let cuts: Vec<u32> = cuts.into_iter().collect();
    let (mut a, mut b) = (0, 0);
    (1..cuts.len()).map(move |index| {
        let (start, end) = (cuts[index - 1], cuts[index]);
        (start, end, label_at(first, &mut a, start), label_at(second, &mut b, start))
    })
}

/// The label at a place that never falls; `next` is the first run that does not end before it.
fn label_at(runs: &[Run], next: &mut usize, place: u32) -> u16 {
    while runs.get(*next).is_some_and(|run| run.start + run.length <= place) {
        *next += 1;
    }
    runs.get(*next).filter(|run| run.start <= place).map_or(0, |run| run.label)
}

/// Joins runs that touch and change alike.
fn joined(runs: Vec<DeltaRun>) -> Vec<DeltaRun> {
    let mut joined: Vec<DeltaRun> = Vec::with_capacity(runs.len());
    for run in runs {
        match joined.last_mut() {
            Some(last)
                if last.start + last.length == run.start && (last.old, last.new) == (run.old, run.new) =>
            {
                last.length += run.length;
            }
            Some(_) | None => joined.push(run),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use agent_imaging::Grid;

    use super::*;

    fn map(labels: [u16; 8]) -> LabelMap {
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let grid = Grid::new([8, 1, 1], [1.0; 3], [0.0; 3], direction).unwrap();
        LabelMap::from_dense(grid, &labels).unwrap()
    }

    fn after(drawn: [u16; 8], answer: [u16; 8], answered: &[u16], kept: Kept) -> Vec<u16> {
        let mut drawn = map(drawn);
        let answered = answered.iter().copied().collect();
        let deltas = changes(&drawn, &map(answer), &answered, kept);
        drawn.apply_all(&deltas).unwrap();
        drawn.to_dense()
    }

    #[test]
    fn an_answer_adds_and_never_writes_over_another_object() {
        let drawn = [1, 1, 2, 2, 0, 0, 0, 1];
        assert_eq!(after(drawn, [0, 1, 1, 0, 1, 0, 0, 0], &[1], Kept::Stay), [1, 1, 2, 2, 1, 0, 0, 1]);
    }

    #[test]
    fn a_refined_object_is_what_the_answer_says() {
        let drawn = [1, 1, 2, 2, 0, 0, 0, 1];
        assert_eq!(after(drawn, [0, 1, 1, 0, 1, 0, 0, 0], &[1], Kept::Go), [0, 1, 2, 2, 1, 0, 0, 0]);
    }

    #[test]
    fn several_objects_may_change_places_and_unasked_labels_count_for_nothing() {
        let drawn = [1, 1, 2, 2, 0, 0, 0, 0];
        assert_eq!(after(drawn, [2, 2, 1, 3, 3, 2, 0, 0], &[1, 2], Kept::Stay), [2, 2, 1, 2, 0, 2, 0, 0]);
        assert!(changes(&map(drawn), &map(drawn), &[1, 2].into(), Kept::Go).is_empty());
    }
}
