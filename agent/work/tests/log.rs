//! Facts about the log of work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

use agent_work::{
    Acceptance, Operation, OperationKind, OperationRefusal, Run, RunChange, Slice, SliceDelta, SubmitProblem,
    Terms, Tool, Work, submit_problems,
};
use proptest::prelude::*;
use proto_ids::OperationId;
use proto_instruction::{Answer, ChoiceOption, Colour, Instruction, Object, Question, QuestionKind};

const SIZE: [u32; 3] = [8, 4, 3];
const VOXELS: usize = 32;

fn instruction() -> Instruction {
    let object = |label: u8| Object {
        id: u32::from(label),
        key: format!("o{label}"),
        name: "Organ".into(),
        colour: Colour::from_rgb(0xff).unwrap(),
        hotkey: None,
        label,
        tolerance_mm: 1.0,
    };
    let options = vec![ChoiceOption { id: 1, text: "Yes".into() }];
    Instruction {
        title: "Organs".into(),
        body: Vec::new(),
        objects: vec![object(1), object(2)],
        questions: vec![Question {
            id: 1,
            prompt: "Seen?".into(),
            required: true,
            kind: QuestionKind::Choice { options },
        }],
    }
}

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
    let terms = Terms { size: SIZE, instruction: &instruction };
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
    let terms = Terms { size: SIZE, instruction: &instruction };
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
    let terms = Terms { size: SIZE, instruction: &instruction };
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
    assert_eq!(work.paints(1)[0].id, id(2));
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
fn work_is_handed_in_only_with_its_answers() {
    let mut work = drawn();
    let instruction = instruction();
    assert_eq!(submit_problems(&work, &instruction), [SubmitProblem::AnswerMissing { question_id: 1 }]);
    let answer = |answer| OperationKind::Answer { question_id: 1, answer };
    accept(&mut work, 2, answer(Some(Answer::Option(1)))).unwrap();
    assert_eq!(submit_problems(&work, &instruction), []);
    let wrong = accept(&mut work, 3, answer(Some(Answer::Option(9))));
    assert!(matches!(wrong, Err(OperationRefusal::InvalidAnswer { question_id: 1, .. })));
    accept(&mut work, 3, answer(None)).unwrap();
    assert_eq!(submit_problems(&work, &instruction).len(), 1);
    let unknown = OperationKind::Answer { question_id: 9, answer: None };
    assert_eq!(accept(&mut work, 4, unknown), Err(OperationRefusal::UnknownQuestion { question_id: 9 }));
}

#[test]
fn labels_that_the_instruction_lost_are_named() {
    let mut fewer = instruction();
    fewer.objects.remove(0);
    fewer.questions.clear();
    assert_eq!(submit_problems(&drawn(), &fewer), [SubmitProblem::UnknownLabel { label: 1 }]);
}

#[test]
fn a_batch_stops_at_the_first_refusal() {
    let instruction = instruction();
    let terms = Terms { size: SIZE, instruction: &instruction };
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

/// A naive model: a dense slice and a stack of whole pictures.
#[derive(Debug, Clone)]
enum Step {
    Paint { start: usize, length: usize, new: u16, k: u32 },
    Undo,
    Redo,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..VOXELS, 1..12usize, 0..3u16, 0..3u32)
            .prop_map(|(start, length, new, k)| Step::Paint { start, length, new, k }),
        1 => Just(Step::Undo),
        1 => Just(Step::Redo),
    ]
}

fn dense(work: &Work) -> Vec<[u16; VOXELS]> {
    let mut volume = vec![[0; VOXELS]; 3];
    for slice in work.slices() {
        for run in slice.runs {
            let range = run.start as usize..(run.start + run.length) as usize;
            volume[slice.k as usize][range].fill(run.label);
        }
    }
    volume
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

proptest! {
    #[test]
    fn the_log_agrees_with_a_dense_picture(steps in prop::collection::vec(step(), 1..60)) {
        let instruction = instruction();
        let terms = Terms { size: SIZE, instruction: &instruction };
        let mut work = Work::new();
        let mut log = Vec::new();
        let (mut pictures, mut undone) = (vec![dense(&work)], Vec::new());
        for (number, step) in (0u8..).zip(steps) {
            let kind = match step {
                Step::Paint { start, length, new, k } => {
                    let mut picture = pictures.last().unwrap().clone();
                    let runs = delta_between(&picture[k as usize], start, length, new);
                    let end = (start + length).min(VOXELS);
                    picture[k as usize][start..end].fill(new);
                    pictures.push(picture);
                    undone.clear();
                    paint(k, runs)
                }
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
            };
            let operation = Operation { id: id(number), base_revision: work.revision(), kind };
            work.accept(operation.clone(), &terms).unwrap();
            log.push(operation);
            prop_assert_eq!(&dense(&work), pictures.last().unwrap());
        }
        prop_assert_eq!(&Work::replay(log.clone(), &terms).unwrap(), &work);
        // Every operation delivered a second time changes nothing.
        let batch = work.accept_batch(log, &terms);
        prop_assert!(batch.accepted.is_empty() && batch.refused.is_none());
    }
}
