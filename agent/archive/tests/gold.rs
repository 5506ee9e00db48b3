//! Hidden gold: drawn, never twice, and no submission scored against another gold than the newest. Time, too.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use agent_archive::{
    Archive, AssetRow, GoldSource, Holder, InstructionCopy, LeaseError, NewGold, ProjectCopy, SubmitError,
    TaskCopy, WorklistItem,
};
use agent_work::{FencingRefusal, Span, SpanKind, TimeUse, gold_draw};
use proto_ids::{ProjectId, TaskId, Timestamp};
use proto_instruction::{Answer, Geometry, Object};
use support::{
    NOON, answer, apply, asset, drawn, hand_in, handing_in, instruction, next, open, ordered, paint, person,
    project, project_of, staffed, task,
};

fn upload(archive: &Archive, asset: &AssetRow) -> u32 {
    let new = NewGold {
        asset: asset.token,
        slices: drawn(4),
        labels: vec![1],
        source: GoldSource::Upload,
        person: None,
    };
    archive.gold_put(&new, NOON).expect("kept")
}

/// A project that mixes tests in: tasks 1 to `plain` are none, those after it up to `all` are.
fn mixed(archive: &Archive, plain: u8, all: u8, percent: u32) {
    staffed(archive, &[1, 2]);
    let mut project = project_of(&[1, 2]);
    project.gold_percent = percent;
    apply(archive, [WorklistItem::Project(project)]);
    let (pictures, tests) = (asset(archive, 1).token, asset(archive, 2).token);
    let order = |number| {
        let gold = number > plain;
        TaskCopy { gold, ..ordered(number, if gold { tests } else { pictures }, 2) }
    };
    apply(archive, (1..=all).map(|number| WorklistItem::Task(order(number))));
}

/// Takes the next task and hands in nothing but an answer.
fn work_off(archive: &Archive, who: u8) -> Option<TaskId> {
    let holder = next(archive, who, NOON)?;
    archive.operations_append(holder, vec![answer(1, 0)], NOON).expect("taken");
    let prepared = archive.submission_prepare(holder, 1, NOON).expect("prepared");
    archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON).expect("handed in");
    Some(holder.task)
}

#[test]
fn tests_come_as_the_draw_says_and_once_for_an_asset() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut archive = open(directory.path());
    mixed(&archive, 12, 20, 50);
    let first = (0..).find(|number| gold_draw(7, person(1), *number) < 0.5).expect("a test");
    let mut given = Vec::new();
    while let Some(task) = work_off(&archive, 1) {
        given.push(task);
        // What was drawn is not forgotten.
        drop(archive);
        archive = open(directory.path());
    }
    let tests: Vec<usize> =
        (0..given.len()).filter(|at| (13..=20).any(|number| given[*at] == task(number))).collect();
    assert_eq!(tests, [first as usize], "all tests are of one asset");
    assert_eq!(given.len(), 13);
}

#[test]
fn without_a_share_tests_are_given_like_others_but_once_for_an_asset() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    mixed(&archive, 2, 5, 0);
    let given: Vec<TaskId> = std::iter::from_fn(|| work_off(&archive, 1)).collect();
    assert_eq!(given, [task(1), task(2), task(3)]);
}

#[test]
fn two_at_once_draw_two_numbers() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    mixed(&archive, 30, 30, 50);
    std::thread::scope(|scope| {
        for who in [1, 2] {
            let archive = &archive;
            scope.spawn(move || {
                for _ in 0..10 {
                    let holder = next(archive, who, NOON).expect("a slot");
                    let prepared = archive.submission_prepare(holder, 0, NOON).expect("prepared");
                    // Somebody else may have handed in on the task meanwhile.
                    let handed_in = archive.submission_commit(&prepared, handing_in(&prepared, "x"), NOON);
                    if matches!(handed_in, Err(SubmitError::Changed)) {
                        let prepared = archive.submission_prepare(holder, 0, NOON).expect("prepared");
                        archive.submission_commit(&prepared, handing_in(&prepared, "x"), NOON).expect("kept");
                    }
                }
            });
        }
    });
    let submissions = archive.submissions().expect("read");
    let of = |who| submissions.iter().filter(|row| row.person == person(who)).count();
    assert_eq!((of(1), of(2)), (10, 10));
}

#[test]
fn gold_that_arrives_between_the_halves_of_handing_in_is_scored_against() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let holder = next(&archive, 1, NOON).expect("a slot");
    for version in 1..=2 {
        let prepared = archive.submission_prepare(holder, 0, NOON).expect("prepared");
        assert_eq!(upload(&archive, &asset), version);
        let overtaken = archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON);
        assert!(matches!(overtaken, Err(SubmitError::Changed)));
    }
    let prepared = archive.submission_prepare(holder, 0, NOON).expect("prepared");
    assert_eq!(prepared.gold.as_ref().map(|gold| gold.version), Some(2));
    archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON).expect("handed in");
}

#[test]
fn gold_from_a_submission_has_all_that_was_drawn_and_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let submission = hand_in(&archive, next(&archive, 1, NOON).expect("a slot"), 0).submission;
    archive.submission_promote(submission, person(1), NOON).expect("kept");
    let gold = archive.gold(asset.token).expect("read").expect("there");
    assert_eq!(gold.drawn, archive.submission(submission).expect("read").expect("there").drawn);
    assert_eq!(gold.drawn.answers[&1], Answer::Text("CANARYANSWER".to_owned()));
    assert_eq!((gold.labels, gold.objects), (vec![1], Vec::new()));
    upload(&archive, &asset);
    assert!(archive.gold(asset.token).expect("read").expect("there").drawn.answers.is_empty());
}

fn span(kind: SpanKind, began: i64, ended: i64) -> Span {
    Span { kind, began_at: NOON.plus_seconds(began), ended_at: NOON.plus_seconds(ended) }
}

#[test]
fn the_time_of_a_lease_goes_with_its_submission() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let holder = next(&archive, 1, NOON).expect("a slot");
    let later: Timestamp = NOON.plus_seconds(500);
    let add = |holder: Holder, spans: &[Span]| archive.time_add(holder, spans, later);
    let edits = [span(SpanKind::Edit, 0, 100), span(SpanKind::Edit, -50, 10)];
    add(holder, &edits).expect("kept");
    let digest = archive.state_digest().expect("a digest");
    add(holder, &edits).expect("kept");
    assert_eq!(archive.state_digest().expect("a digest"), digest, "what came twice counts once");
    add(holder, &[span(SpanKind::Read, 100, 300)]).expect("kept");
    let stranger = Holder { fencing: 7, ..holder };
    let refused = add(stranger, &edits);
    assert!(matches!(refused, Err(LeaseError::Fencing(FencingRefusal::NotHeld))));
    drop(archive);
    let archive = open(directory.path());
    archive.operations_append(holder, vec![paint(1, 0, 0)], NOON).expect("taken");
    let prepared = archive.submission_prepare(holder, 1, later).expect("prepared");
    let time = TimeUse { wall_seconds: 500, active_seconds: 100, reading_seconds: 200, idle_seconds: 200 };
    assert_eq!(prepared.time, time);
    archive.submission_commit(&prepared, handing_in(&prepared, "scores"), later).expect("handed in");
    let row = archive.submissions().expect("read").remove(0);
    assert_eq!(row.time, time);
    let late = archive.time_add(holder, &edits, later);
    assert!(matches!(late, Err(LeaseError::Fencing(FencingRefusal::Submitted))));
}

/// Labels and objects are numbers of the instruction that a submission followed: under another one the same
/// number is another thing.
#[test]
fn gold_from_a_submission_speaks_of_the_objects_of_its_own_instruction_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 3, 4, 5, 6]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 1))]);
    let submission = hand_in(&archive, next(&archive, 1, NOON).expect("a slot"), 0).submission;
    archive.submission_promote(submission, person(1), NOON).expect("kept");
    let elsewhere = ProjectId::from_random([201; 16]);
    let mut relabelled = instruction();
    relabelled.objects[0].geometry = Geometry::LabelMap { label: 2, tolerance_mm: 2.0 };
    relabelled.objects.push(Object { id: 2, key: "cyst".to_owned(), ..instruction().objects.remove(0) });
    let copy = |project, version, instruction| {
        WorklistItem::Instruction(InstructionCopy { project, version, instruction })
    };
    apply(&archive, [copy(project(), 2, relabelled), copy(project(), 3, instruction())]);
    let mut other = instruction();
    other.objects[0].key = "cyst".to_owned();
    apply(&archive, [copy(elsewhere, 1, other), copy(elsewhere, 2, instruction())]);
    apply(&archive, [WorklistItem::Project(ProjectCopy { project: elsewhere, ..project_of(&[5, 6]) })]);
    let known_by = |number, project, instruction_version| {
        let order = TaskCopy { project, instruction_version, ..ordered(number, asset.token, 1) };
        apply(&archive, [WorklistItem::Task(order)]);
        let holder = next(&archive, number, NOON).expect("a slot");
        assert_eq!(holder.task, task(number));
        let gold = archive.submission_prepare(holder, 0, NOON).expect("prepared").gold.expect("gold");
        gold.labels
    };
    assert_eq!(known_by(3, project(), 2), Vec::<u16>::new(), "label 1 is a cyst now");
    assert_eq!(known_by(4, project(), 3), [1], "a nodule again");
    assert_eq!(known_by(5, elsewhere, 1), Vec::<u16>::new(), "label 1 of another project");
    assert_eq!(known_by(6, elsewhere, 2), [1], "the same key");
    assert_eq!(archive.gold(asset.token).expect("read").expect("there").labels, [1]);
}
