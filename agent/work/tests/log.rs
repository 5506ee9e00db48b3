//! Facts about the log of work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_work::{
    Acceptance, Form, MAX_SHAPES, Operation, OperationKind, OperationRefusal, Run, RunChange, Shape, Slice,
    SliceDelta, Terms, Tool, Work,
};
use proptest::prelude::*;
use proto_ids::{OperationId, ShapeId};
use proto_instruction::{Answer, Geometry, Instruction, Presence};
use support::{SIZE, instruction};

const VOXELS: usize = 32;

const fn id(number: u8) -> OperationId {
    OperationId::from_bytes([number; 16])
}

fn run(start: u32, length: u32, old: u16, new: u16) -> RunChange {
    RunChange { start, length, old, new }
}

fn paint(k: u32, runs: Vec<RunChange>) -> OperationKind {
    let erases = runs.first().is_some_and(|run| run.new == 0);
    let tool = if erases { Tool::Eraser } else { Tool::Brush };
    OperationKind::Paint { tool, slices: vec![SliceDelta { k, runs }] }
}

fn accept(work: &mut Work, number: u8, kind: OperationKind) -> Result<Acceptance, OperationRefusal> {
    let instruction = instruction();
    let terms = Terms { size: SIZE, pictures: &[], instruction: &instruction };
    work.accept(Operation { id: id(number), base_revision: work.revision(), kind }, &terms)
}

fn drawn() -> Work {
    let mut work = Work::new();
    accept(&mut work, 1, paint(1, vec![run(2, 3, 0, 1), run(10, 2, 0, 1)])).unwrap();
    work
}

#[test]
fn painting_makes_runs_and_erasing_takes_them_away() {
    let mut work = drawn();
    accept(&mut work, 2, paint(1, vec![run(5, 2, 0, 1)])).unwrap();
    accept(&mut work, 3, paint(1, vec![run(3, 1, 1, 2)])).unwrap();
    accept(&mut work, 4, paint(1, vec![run(10, 2, 1, 0)])).unwrap();
    let runs = vec![
        Run { start: 2, length: 1, label: 1 },
        Run { start: 3, length: 1, label: 2 },
        Run { start: 4, length: 3, label: 1 },
    ];
    assert_eq!(work.slices(), [Slice { k: 1, runs }]);
    assert_eq!(work.revision(), 4);
}

#[test]
fn what_came_twice_counts_once() {
    let mut work = drawn();
    let instruction = instruction();
    let terms = Terms { size: SIZE, pictures: &[], instruction: &instruction };
    let same = work.operation(id(1)).unwrap().clone();
    let before = work.clone();
    assert_eq!(work.accept(same.clone(), &terms), Ok(Acceptance::AlreadySeen));
    let other = Operation { kind: paint(0, vec![run(0, 1, 0, 1)]), ..same };
    assert_eq!(work.accept(other, &terms), Err(OperationRefusal::IdReused));
    assert_eq!(work, before);
}

#[test]
fn an_operation_on_another_revision_is_refused() {
    let mut work = drawn();
    let instruction = instruction();
    let terms = Terms { size: SIZE, pictures: &[], instruction: &instruction };
    for base_revision in [0, 2] {
        let operation = Operation { id: id(2), base_revision, kind: paint(0, vec![run(0, 1, 0, 1)]) };
        assert_eq!(work.accept(operation, &terms), Err(OperationRefusal::RevisionConflict { revision: 1 }));
    }
}

#[test]
fn unsound_paint_is_refused_and_changes_nothing() {
    let check = |kind: OperationKind, refusal| {
        let mut work = drawn();
        assert_eq!(accept(&mut work, 2, kind), Err(refusal));
        assert_eq!(work, drawn());
    };
    check(paint(1, vec![]), OperationRefusal::EmptyPaint);
    check(paint(3, vec![run(0, 1, 0, 1)]), OperationRefusal::OutOfVolume { k: 3 });
    check(paint(0, vec![run(31, 2, 0, 1)]), OperationRefusal::OutOfVolume { k: 0 });
    check(paint(0, vec![run(u32::MAX, u32::MAX, 0, 1)]), OperationRefusal::OutOfVolume { k: 0 });
    check(paint(0, vec![run(3, 2, 0, 1), run(4, 1, 0, 1)]), OperationRefusal::Unordered);
    check(paint(0, vec![run(3, 0, 0, 1)]), OperationRefusal::Unordered);
    check(paint(0, vec![run(3, 1, 0, 7)]), OperationRefusal::UnknownLabel { label: 7 });
    check(paint(1, vec![run(0, 3, 0, 1)]), OperationRefusal::OutOfStep { k: 1 });
    check(paint(1, vec![run(2, 1, 2, 1)]), OperationRefusal::OutOfStep { k: 1 });
    let eraser_that_paints = OperationKind::Paint {
        tool: Tool::Eraser,
        slices: vec![SliceDelta { k: 0, runs: vec![run(0, 1, 0, 1)] }],
    };
    check(eraser_that_paints, OperationRefusal::WrongTool);
    let delta = |k, start| SliceDelta { k, runs: vec![run(start, 1, 0, 1)] };
    let half = OperationKind::Paint { tool: Tool::Brush, slices: vec![delta(0, 0), delta(1, 2)] };
    check(half, OperationRefusal::OutOfStep { k: 1 });
    let twice = OperationKind::Paint { tool: Tool::Brush, slices: vec![delta(0, 0), delta(0, 1)] };
    check(twice, OperationRefusal::Unordered);
}

#[test]
fn only_the_newest_is_undone_and_only_the_last_undone_is_redone() {
    let mut work = drawn();
    accept(&mut work, 2, paint(0, vec![run(0, 1, 0, 2)])).unwrap();
    let full = work.slices();
    let undo = |number| OperationKind::Undo { operation: id(number) };
    let redo = |number| OperationKind::Redo { operation: id(number) };
    assert_eq!(accept(&mut work, 3, undo(1)), Err(OperationRefusal::NotNewest));
    assert_eq!(accept(&mut work, 3, redo(2)), Err(OperationRefusal::NotUndone));
    accept(&mut work, 3, undo(2)).unwrap();
    accept(&mut work, 4, undo(1)).unwrap();
    assert_eq!(work.slices(), []);
    assert_eq!((work.undo_stack(), work.redo_stack()), (&[][..], &[id(2), id(1)][..]));
    assert_eq!(accept(&mut work, 5, redo(2)), Err(OperationRefusal::NotUndone));
    accept(&mut work, 5, redo(1)).unwrap();
    accept(&mut work, 6, redo(2)).unwrap();
    assert_eq!(work.slices(), full);
    assert_eq!(work.reversible(1)[0].0.id, id(2));
}

#[test]
fn painting_after_an_undo_ends_the_redo() {
    let mut work = drawn();
    accept(&mut work, 2, OperationKind::Undo { operation: id(1) }).unwrap();
    accept(&mut work, 3, paint(0, vec![run(0, 1, 0, 2)])).unwrap();
    assert_eq!(work.redo_stack(), []);
    let redo = OperationKind::Redo { operation: id(1) };
    assert_eq!(accept(&mut work, 4, redo), Err(OperationRefusal::NotUndone));
}

#[test]
fn answers_and_statements_are_kept_as_they_were_last_said() {
    let mut work = drawn();
    let answer = |answer| OperationKind::Answer { question_id: 1, answer };
    accept(&mut work, 2, answer(Some(Answer::Option(1)))).unwrap();
    let wrong = accept(&mut work, 3, answer(Some(Answer::Option(9))));
    assert!(matches!(wrong, Err(OperationRefusal::InvalidAnswer { question_id: 1, .. })));
    accept(&mut work, 3, answer(None)).unwrap();
    assert!(work.answers().is_empty());
    let unknown = OperationKind::Answer { question_id: 9, answer: None };
    assert_eq!(accept(&mut work, 4, unknown), Err(OperationRefusal::UnknownQuestion { question_id: 9 }));
    let state = |object_id, presence| OperationKind::State { object_id, presence };
    accept(&mut work, 4, state(6, Some(Presence::Absent))).unwrap();
    accept(&mut work, 5, state(6, Some(Presence::NotAssessable))).unwrap();
    assert_eq!(work.statements()[&6], Presence::NotAssessable);
    accept(&mut work, 6, state(6, None)).unwrap();
    assert!(work.statements().is_empty());
    let refused = accept(&mut work, 7, state(1, Some(Presence::Absent)));
    assert_eq!(refused, Err(OperationRefusal::NotStated { object_id: 1 }));
    let refused = accept(&mut work, 7, state(9, None));
    assert_eq!(refused, Err(OperationRefusal::UnknownObject { object_id: 9 }));
    assert_eq!(work.undo_stack(), [id(1)], "neither is undone");
}

fn shape(number: u16, object_id: u32, form: Form) -> Shape {
    let [high, low] = number.to_be_bytes();
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&[high, low]);
    Shape { id: ShapeId::from_bytes(bytes), object_id, form }
}

fn put(shape: Shape) -> OperationKind {
    OperationKind::PutShape { shape }
}

fn point(number: u16, at: [f64; 3]) -> Shape {
    shape(number, 4, Form::Point { at })
}

#[test]
fn shapes_are_put_moved_and_removed_and_each_step_is_undone() {
    let mut work = Work::new();
    let (first, moved) = (point(1, [0.0, 1.5, 2.0]), point(1, [7.5, 3.5, 2.5]));
    let boxed = shape(2, 3, Form::Box { lower: [0, 0, 0], upper: [7, 3, 2] });
    accept(&mut work, 1, put(first)).unwrap();
    accept(&mut work, 2, put(moved)).unwrap();
    accept(&mut work, 3, put(boxed)).unwrap();
    accept(&mut work, 4, OperationKind::RemoveShape { shape: first.id }).unwrap();
    assert_eq!(work.shapes(), [boxed]);
    let befores: Vec<Option<Shape>> =
        work.reversible(9).into_iter().map(|(_, before)| before.copied()).collect();
    assert_eq!(befores, [None, Some(first), None, Some(moved)]);
    let undo = |number| OperationKind::Undo { operation: id(number) };
    accept(&mut work, 5, undo(4)).unwrap();
    assert_eq!(work.shapes(), [moved, boxed]);
    accept(&mut work, 6, undo(3)).unwrap();
    accept(&mut work, 7, undo(2)).unwrap();
    assert_eq!(work.shapes(), [first]);
    accept(&mut work, 8, undo(1)).unwrap();
    assert_eq!(work.shapes(), []);
    for (number, of) in (9..).zip(1..=4) {
        accept(&mut work, number, OperationKind::Redo { operation: id(of) }).unwrap();
    }
    assert_eq!(work.shapes(), [boxed]);
    assert_eq!(work.reversible(1)[0].0.id, id(4));
}

#[test]
fn unsound_shapes_are_refused_and_change_nothing() {
    let check = |kind: OperationKind, refusal| {
        let mut work = drawn();
        assert_eq!(accept(&mut work, 2, kind), Err(refusal));
        assert_eq!(work, drawn());
    };
    for at in [[-0.6, 0.0, 0.0], [0.0, 3.6, 0.0], [0.0, 0.0, f64::NAN], [f64::INFINITY, 0.0, 0.0]] {
        check(put(point(1, at)), OperationRefusal::ShapeOutOfVolume);
    }
    let line = |to| put(shape(1, 5, Form::Line { from: [0.0; 3], to }));
    check(line([8.0, 0.0, 0.0]), OperationRefusal::ShapeOutOfVolume);
    let boxed = |lower, upper| put(shape(1, 3, Form::Box { lower, upper }));
    check(boxed([0, 0, 0], [8, 0, 0]), OperationRefusal::ShapeOutOfVolume);
    check(boxed([2, 0, 0], [1, 0, 0]), OperationRefusal::ShapeOutOfVolume);
    let at = Form::Point { at: [0.0; 3] };
    check(put(shape(1, 9, at)), OperationRefusal::UnknownObject { object_id: 9 });
    for object_id in [1, 3, 5, 6] {
        check(put(shape(1, object_id, at)), OperationRefusal::WrongForm { object_id });
    }
    let missing = OperationKind::RemoveShape { shape: point(1, [0.0; 3]).id };
    check(missing, OperationRefusal::UnknownShape);
}

#[test]
fn there_are_only_so_many_shapes() {
    let instruction = instruction();
    let terms = Terms { size: SIZE, pictures: &[], instruction: &instruction };
    let mut work = Work::new();
    let operation = |number: u32, kind| {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Operation { id: OperationId::from_bytes(bytes), base_revision: u64::from(number), kind }
    };
    for number in 0..MAX_SHAPES as u16 {
        let kind = put(point(number, [0.0; 3]));
        work.accept(operation(u32::from(number), kind), &terms).unwrap();
    }
    let next = MAX_SHAPES as u32;
    let one_more = operation(next, put(point(next as u16, [0.0; 3])));
    assert_eq!(work.accept(one_more, &terms), Err(OperationRefusal::TooManyShapes));
    assert!(work.accept(operation(next, put(point(0, [1.0; 3]))), &terms).is_ok(), "one that is there moves");
}

#[test]
fn a_log_is_replayed_also_when_the_instruction_has_lost_what_it_draws() {
    let mut work = drawn();
    accept(&mut work, 2, put(point(1, [0.0; 3]))).unwrap();
    accept(&mut work, 3, OperationKind::Undo { operation: id(2) }).unwrap();
    let mut fewer = instruction();
    fewer.objects.retain(|object| object.id == 2);
    let log = (1..=3).map(|number| work.operation(id(number)).unwrap().clone());
    let mut replayed = Work::replay(log, SIZE).unwrap();
    assert_eq!(replayed, work);
    let terms = Terms { size: SIZE, pictures: &[], instruction: &fewer };
    let mut take = |number, kind| {
        let base_revision = replayed.revision();
        replayed.accept(Operation { id: id(number), base_revision, kind }, &terms)
    };
    assert!(take(4, OperationKind::Redo { operation: id(2) }).is_ok());
    assert!(take(5, OperationKind::RemoveShape { shape: point(1, [0.0; 3]).id }).is_ok());
    let lost = take(6, put(point(2, [0.0; 3])));
    assert_eq!(lost, Err(OperationRefusal::UnknownObject { object_id: 4 }));
    assert!(fewer.objects.iter().all(|object| object.geometry != Geometry::Point));
}

#[test]
fn a_batch_stops_at_the_first_refusal() {
    let instruction = instruction();
    let terms = Terms { size: SIZE, pictures: &[], instruction: &instruction };
    let operation = |number, base_revision, kind| Operation { id: id(number), base_revision, kind };
    let mut work = Work::new();
    let batch = work.accept_batch(
        vec![
            operation(1, 0, paint(0, vec![run(0, 1, 0, 1)])),
            operation(1, 0, paint(0, vec![run(0, 1, 0, 1)])),
            operation(2, 1, paint(0, vec![run(0, 1, 0, 1)])),
            operation(3, 1, paint(0, vec![run(4, 1, 0, 1)])),
        ],
        &terms,
    );
    assert_eq!(batch.accepted.len(), 1);
    assert_eq!(batch.refused, Some((id(2), OperationRefusal::OutOfStep { k: 0 })));
    assert_eq!(work.revision(), 1);
}

/// A naive model: a stack of whole pictures, each with all shapes.
#[derive(Debug, Clone)]
enum Step {
    Paint { start: usize, length: usize, new: u16, k: u32 },
    Put { number: u16, at: u8 },
    Remove { number: u16 },
    State(bool),
    Undo,
    Redo,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..VOXELS, 1..12usize, 0..3u16, 0..3u32)
            .prop_map(|(start, length, new, k)| Step::Paint { start, length, new, k }),
        3 => (0..4u16, 0..8u8).prop_map(|(number, at)| Step::Put { number, at }),
        1 => (0..4u16).prop_map(|number| Step::Remove { number }),
        1 => any::<bool>().prop_map(Step::State),
        2 => Just(Step::Undo),
        2 => Just(Step::Redo),
    ]
}

#[derive(Debug, Clone, PartialEq)]
struct Picture {
    voxels: Vec<[u16; VOXELS]>,
    shapes: Vec<Shape>,
}

fn picture(work: &Work) -> Picture {
    let mut voxels = vec![[0; VOXELS]; 3];
    for slice in work.slices() {
        for run in slice.runs {
            let range = run.start as usize..(run.start + run.length) as usize;
            voxels[slice.k as usize][range].fill(run.label);
        }
    }
    Picture { voxels, shapes: work.shapes() }
}

fn delta_between(old: &[u16; VOXELS], start: usize, length: usize, new: u16) -> Vec<RunChange> {
    let mut runs: Vec<RunChange> = Vec::new();
    for (offset, &label) in old.iter().enumerate().skip(start).take(length) {
        match runs.last_mut() {
            Some(last) if last.old == label => last.length += 1,
            _ => runs.push(run(offset as u32, 1, label, new)),
        }
    }
    runs
}

/// The operation that a step is, and the picture after it; none when the step has nothing to do.
fn drawn_step(step: &Step, before: &Picture) -> Option<(OperationKind, Picture)> {
    let mut after = before.clone();
    match *step {
        Step::Paint { start, length, new, k } => {
            let runs = delta_between(&before.voxels[k as usize], start, length, new);
            after.voxels[k as usize][start..(start + length).min(VOXELS)].fill(new);
            Some((paint(k, runs), after))
        }
        Step::Put { number, at } => {
            let shape = point(number, [f64::from(at), 0.5, 1.0]);
            after.shapes.retain(|one| one.id != shape.id);
            after.shapes.push(shape);
            after.shapes.sort_by_key(|shape| shape.id);
            Some((put(shape), after))
        }
        Step::Remove { number } => {
            let id = point(number, [0.0; 3]).id;
            after.shapes.retain(|shape| shape.id != id);
            (after != *before).then_some((OperationKind::RemoveShape { shape: id }, after))
        }
        Step::State(_) | Step::Undo | Step::Redo => None,
    }
}

proptest! {
    #[test]
    fn the_log_agrees_with_whole_pictures(steps in prop::collection::vec(step(), 1..80)) {
        let instruction: Instruction = instruction();
        let terms = Terms { size: SIZE, pictures: &[], instruction: &instruction };
        let mut work = Work::new();
        let mut log = Vec::new();
        let (mut pictures, mut undone) = (vec![picture(&work)], Vec::new());
        for (number, step) in (0u8..).zip(steps) {
            let kind = match step {
                Step::Undo => {
                    let Some(newest) = work.undo_stack().last().copied() else { continue };
                    undone.push(pictures.pop().unwrap());
                    OperationKind::Undo { operation: newest }
                }
                Step::Redo => {
                    let Some(newest) = work.redo_stack().last().copied() else { continue };
                    pictures.push(undone.pop().unwrap());
                    OperationKind::Redo { operation: newest }
                }
                Step::State(said) => {
                    OperationKind::State { object_id: 6, presence: said.then_some(Presence::Absent) }
                }
                Step::Paint { .. } | Step::Put { .. } | Step::Remove { .. } => {
                    let Some((kind, after)) = drawn_step(&step, pictures.last().unwrap()) else { continue };
                    pictures.push(after);
                    undone.clear();
                    kind
                }
            };
            let operation = Operation { id: id(number), base_revision: work.revision(), kind };
            work.accept(operation.clone(), &terms).unwrap();
            log.push(operation);
            prop_assert_eq!(&picture(&work), pictures.last().unwrap());
        }
        prop_assert_eq!(&Work::replay(log.clone(), SIZE).unwrap(), &work);
        // Every operation delivered a second time changes nothing.
        let batch = work.accept_batch(log, &terms);
        prop_assert!(batch.accepted.is_empty() && batch.refused.is_none());
    }
}
