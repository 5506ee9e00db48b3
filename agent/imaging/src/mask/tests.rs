//! Facts about label maps and their changes.

use super::*;
use proptest::prelude::*;

const COLUMNS: u32 = 7;
const ROWS: u32 = 5;
const SLICES: u32 = 3;

fn grid() -> Grid {
    let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    Grid::new([COLUMNS, ROWS, SLICES], [1.0; 3], [0.0; 3], direction).unwrap()
}

fn dense() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(0..3_u16, (COLUMNS * ROWS * SLICES) as usize)
}

/// The change of slice `k` from one dense map to another, on the voxels where `touched` is set.
fn delta(k: u32, before: &[u16], after: &[u16], touched: &[bool]) -> Option<SliceDelta> {
    let from = (k * COLUMNS * ROWS) as usize;
    let runs = (0..COLUMNS * ROWS)
        .filter(|&offset| touched[offset as usize])
        .map(|start| {
            let voxel = from + start as usize;
            DeltaRun { start, length: 1, old: before[voxel], new: after[voxel] }
        })
        .collect();
    SliceDelta::new(k, runs).ok()
}

#[test]
fn a_change_made_on_other_labels_is_refused_and_changes_nothing() {
    let mut map = LabelMap::empty(grid());
    let paint = SliceDelta::new(1, vec![DeltaRun { start: 3, length: 4, old: 0, new: 2 }]).unwrap();
    map.apply(&paint).unwrap();
    let before = map.clone();
    assert_eq!(map.apply(&paint), Err(DeltaRefusal::OutOfStep { k: 1 }));
    let fits = SliceDelta::new(0, vec![DeltaRun { start: 0, length: 1, old: 0, new: 1 }]).unwrap();
    assert_eq!(map.apply_all(&[fits, paint]), Err(DeltaRefusal::OutOfStep { k: 1 }));
    assert_eq!(map, before);
}

#[test]
fn a_change_beyond_the_grid_is_refused() {
    let mut map = LabelMap::empty(grid());
    let run = DeltaRun { start: COLUMNS * ROWS - 1, length: 2, old: 0, new: 1 };
    let beyond = SliceDelta::new(0, vec![run]).unwrap();
    assert_eq!(map.apply(&beyond), Err(DeltaRefusal::OutsideGrid { k: 0 }));
    let below = SliceDelta::new(SLICES, vec![DeltaRun { start: 0, ..run }]).unwrap();
    assert_eq!(map.apply(&below), Err(DeltaRefusal::OutsideGrid { k: SLICES }));
}

#[test]
fn runs_that_are_no_delta_are_refused_by_name() {
    let run = |start, length| DeltaRun { start, length, old: 0, new: 1 };
    assert_eq!(SliceDelta::new(0, vec![]), Err(InvalidDelta::Empty));
    assert_eq!(SliceDelta::new(0, vec![run(3, 0)]), Err(InvalidDelta::Length));
    assert_eq!(SliceDelta::new(0, vec![run(u32::MAX, 2)]), Err(InvalidDelta::Length));
    assert_eq!(SliceDelta::new(0, vec![run(3, 3), run(5, 1)]), Err(InvalidDelta::Order));
}

#[test]
fn runs_that_are_no_label_map_are_refused_by_slice() {
    let run = |start, length, label| Run { start, length, label };
    let check = |k, runs, expect| assert_eq!(LabelMap::from_slices(grid(), [(k, runs)]), Err(expect));
    check(SLICES, vec![], InvalidLabelMap::Slice { k: SLICES });
    check(0, vec![run(0, 0, 1)], InvalidLabelMap::Run { k: 0 });
    check(0, vec![run(0, 1, 0)], InvalidLabelMap::Run { k: 0 });
    check(1, vec![run(4, 2, 1), run(5, 1, 1)], InvalidLabelMap::Run { k: 1 });
    check(1, vec![run(COLUMNS * ROWS, 1, 1)], InvalidLabelMap::Run { k: 1 });
    check(1, vec![run(u32::MAX, 2, 1)], InvalidLabelMap::Run { k: 1 });
    let refused = LabelMap::from_dense(grid(), &[1]);
    assert_eq!(refused, Err(InvalidLabelMap::Count { expected: 105, found: 1 }));
}

#[test]
fn neighbouring_runs_of_one_label_are_one() {
    let halves = vec![Run { start: 2, length: 2, label: 5 }, Run { start: 4, length: 1, label: 5 }];
    let map = LabelMap::from_slices(grid(), [(0, halves)]).unwrap();
    assert_eq!(map.slice(0), [Run { start: 2, length: 3, label: 5 }]);
    assert_eq!(map.label_at([4, 0, 0]), Some(5));
    assert_eq!(map.label_at([5, 0, 0]), Some(0));
    assert_eq!(map.label_at([0, ROWS, 0]), None);
}

proptest! {
    #[test]
    fn a_dense_map_comes_back_from_its_runs(labels in dense()) {
        let map = LabelMap::from_dense(grid(), &labels).unwrap();
        prop_assert_eq!(&map.to_dense(), &labels);
        let again = LabelMap::from_slices(grid(), map.slices().map(|(k, runs)| (k, runs.to_vec()))).unwrap();
        prop_assert_eq!(&again, &map);
        for label in 1..3 {
            prop_assert_eq!(map.count(label), labels.iter().filter(|&&found| found == label).count() as u64);
        }
        for (voxel, &label) in labels.iter().enumerate() {
            let voxel = voxel as u32;
            let place = [voxel % COLUMNS, voxel / COLUMNS % ROWS, voxel / COLUMNS / ROWS];
            prop_assert_eq!(map.label_at(place), Some(label));
        }
    }

    #[test]
    fn a_change_and_its_inverse_leave_the_map_as_it_was(
        before in dense(), after in dense(), k in 0..SLICES,
        touched in prop::collection::vec(any::<bool>(), (COLUMNS * ROWS) as usize),
    ) {
        let Some(delta) = delta(k, &before, &after, &touched) else { return Ok(()) };
        let start = LabelMap::from_dense(grid(), &before).unwrap();
        let mut map = start.clone();
        map.apply(&delta).unwrap();
        let mut expected = before.clone();
        for run in delta.runs() {
            expected[(k * COLUMNS * ROWS + run.start) as usize] = run.new;
        }
        prop_assert_eq!(&map, &LabelMap::from_dense(grid(), &expected).unwrap());
        map.apply(&delta.inverse()).unwrap();
        prop_assert_eq!(map, start);
        prop_assert_eq!(delta.inverse().inverse(), delta);
    }

    #[test]
    fn two_changes_in_one_do_what_the_two_do(
        a in dense(), b in dense(), c in dense(), k in 0..SLICES,
        first in prop::collection::vec(any::<bool>(), (COLUMNS * ROWS) as usize),
        second in prop::collection::vec(any::<bool>(), (COLUMNS * ROWS) as usize),
    ) {
        let Some(first) = delta(k, &a, &b, &first) else { return Ok(()) };
        let mut map = LabelMap::from_dense(grid(), &a).unwrap();
        let start = map.clone();
        map.apply(&first).unwrap();
        let Some(second) = delta(k, &map.to_dense(), &c, &second) else { return Ok(()) };
        map.apply(&second).unwrap();
        let both = first.then(&second).unwrap();
        let mut at_once = start.clone();
        at_once.apply(&both).unwrap();
        prop_assert_eq!(&at_once, &map);
        at_once.apply(&both.inverse()).unwrap();
        prop_assert_eq!(at_once, start);
    }
}
