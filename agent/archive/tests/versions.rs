//! Instruction versions: leases keep theirs until they are moved, and finished work is looked at again.

#![allow(clippy::expect_used, reason = "a helper of tests fails by panicking")]

mod support;

use agent_archive::{Archive, InstructionCopy, SubmitError, VersionError, WorklistItem, reindex};
use agent_work::{FencingRefusal, Form, OperationKind, OperationRefusal, Shape};
use proto_ids::ShapeId;
use proto_instruction::{
    Code, Comparison, Condition, CountLimits, Geometry, Instruction, Object, ObjectCodes, ObjectLimits,
    Parent, Presence, Question, QuestionKind, Rule, Scale, Severity,
};
use support::{
    NOON, answer, apply, asset, hand_in, handing_in, instruction, messages, next, open, operation, ordered,
    paint, person, project, project_of, staffed, task,
};

/// Version 2: the nodule is a point now, and whatever an instruction may have is there.
fn second() -> Instruction {
    let mut instruction = instruction();
    let first = instruction.objects.remove(0);
    let object = |id, key: &str, geometry| Object { id, key: key.to_owned(), geometry, ..first.clone() };
    let code = |value: &str| {
        Some(Code { value: value.to_owned(), scheme: "SCT".to_owned(), meaning: "a thing".to_owned() })
    };
    instruction.objects = vec![
        object(2, "lesion", Geometry::Point),
        object(3, "organ", Geometry::Classification),
        Object {
            help: "as a whole".to_owned(),
            count: CountLimits { minimum: 1, maximum: Some(3) },
            limits: ObjectLimits {
                maximum_diameter_mm: Some(30.5),
                no_cavities: true,
                ..ObjectLimits::default()
            },
            severity: Severity::Refuse,
            must_state: true,
            codes: ObjectCodes { category: code("1"), kind: code("2"), anatomy: None },
            ..object(4, "box", Geometry::Box)
        },
        object(5, "line", Geometry::Line),
        object(6, "map", Geometry::LabelMap { label: 9, tolerance_mm: 0.5 }),
    ];
    let question = |id, kind| Question {
        id,
        prompt: "What?".to_owned(),
        help: "look twice".to_owned(),
        required: false,
        parent: None,
        visible_when: None,
        kind,
    };
    let scale =
        Scale { minimum: -1, maximum: 3, minimum_text: "none".to_owned(), maximum_text: "much".to_owned() };
    instruction.questions.extend([
        question(2, QuestionKind::YesNo),
        Question {
            parent: Some(Parent { question_id: 2, option_id: 1 }),
            visible_when: Some(condition()),
            ..question(3, QuestionKind::Scale(scale))
        },
    ]);
    let must_hold = condition();
    instruction.rules =
        vec![Rule { id: 1, message: "It fits.".to_owned(), severity: Severity::Warn, must_hold }];
    instruction
}

/// Every kind of condition and of comparison.
fn condition() -> Condition {
    let comparison = Comparison::GreaterOrEqual;
    Condition::All(vec![
        Condition::Any(vec![Condition::Answered { question_id: 1 }]),
        Condition::Not(Box::new(Condition::Option { question_id: 2, option_id: 2 })),
        Condition::Number { question_id: 3, comparison: Comparison::Equal, value: 1.0 },
        Condition::Number { question_id: 3, comparison: Comparison::NotEqual, value: 2.0 },
        Condition::Presence { object_id: 3, presence: Presence::NotAssessable },
        Condition::Count { object_id: 2, comparison: Comparison::Less, value: 4 },
        Condition::Volume { object_id: 6, comparison: Comparison::LessOrEqual, value_mm3: 10.5 },
        Condition::Diameter { object_id: 4, comparison: Comparison::Greater, value_mm: 0.1 },
        Condition::Diameter { object_id: 4, comparison, value_mm: 0.2 },
    ])
}

fn publish(archive: &Archive, asset: proto_ids::AssetToken) {
    let mut moved = project_of(&[1, 2]);
    moved.instruction_version = 2;
    let mut order = ordered(1, asset, 2);
    order.instruction_version = 2;
    let version = InstructionCopy { project: project(), version: 2, instruction: second() };
    let items = [WorklistItem::Instruction(version), WorklistItem::Project(moved), WorklistItem::Task(order)];
    apply(archive, items);
}

fn point() -> Shape {
    Shape { id: ShapeId::from_random([7; 16]), object_id: 2, form: Form::Point { at: [1.0, 0.5, 0.0] } }
}

#[test]
fn every_part_of_an_instruction_is_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = asset(&archive, 1);
    publish(&archive, asset.token);
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    let archive = open(directory.path());
    let kept = archive.instruction(project(), 2).expect("read").expect("there");
    assert_eq!(*kept, second());
}

#[test]
fn a_lease_follows_its_version_until_it_is_moved_to_the_newest() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 2))]);
    let holder = next(&archive, 1, NOON).expect("a slot");
    archive.operations_append(holder, vec![paint(1, 0, 0), answer(2, 1)], NOON).expect("taken");
    publish(&archive, asset.token);
    let view = || archive.work_view(task(1), person(1)).expect("read").expect("a view");
    assert_eq!(view().instruction_version, 1);
    let put = |number, revision| operation(number, revision, OperationKind::PutShape { shape: point() });
    let refused = archive.operations_append(holder, vec![put(3, 2)], NOON);
    let unknown = OperationRefusal::UnknownObject { object_id: 2 };
    assert!(
        matches!(refused, Err(agent_archive::AppendError::Refused { refusal, .. }) if refusal == unknown)
    );
    let prepared = archive.submission_prepare(holder, 2, NOON).expect("prepared");
    assert_eq!(prepared.instruction_version, 1);
    let older = archive.version_accept(holder, 1, NOON);
    assert!(matches!(older, Err(VersionError::NotNewest { newest: 2 })));
    let stranger = agent_archive::Holder { fencing: 9, ..holder };
    let refused = archive.version_accept(stranger, 2, NOON);
    assert!(matches!(refused, Err(VersionError::Fencing(FencingRefusal::NotHeld))));
    let held = archive.version_accept(holder, 2, NOON.plus_seconds(60)).expect("moved");
    assert_eq!((held.lease.instruction_version, held.lease.fencing), (2, holder.fencing));
    let overtaken = archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON);
    assert!(matches!(overtaken, Err(SubmitError::Changed)));
    archive.operations_append(holder, vec![put(3, 2)], NOON).expect("an object of version 2");
    let prepared = archive.submission_prepare(holder, 3, NOON).expect("prepared");
    assert_eq!((prepared.instruction_version, prepared.drawn.slices.len()), (2, 0), "label 1 is gone");
    assert_eq!(prepared.drawn.shapes, [point()]);
    assert_eq!((view().slices.len(), view().shapes.len()), (1, 1), "the work itself stays");
    drop(archive);
    let archive = open(directory.path());
    let again = archive.work_view(task(1), person(1)).expect("read").expect("a view");
    assert_eq!((again.instruction_version, again.revision, again.slices.len()), (2, 3, 1));
    let second = archive.task_next(person(2), NOON).expect("read").expect("the other slot");
    assert_eq!(second.instruction_version, 2);
}

#[test]
fn shapes_and_statements_are_there_after_a_restart_with_what_they_replaced() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1]);
    let asset = asset(&archive, 1);
    publish(&archive, asset.token);
    let holder = next(&archive, 1, NOON).expect("a slot");
    let moved = Shape { form: Form::Point { at: [2.0, 0.0, 1.0] }, ..point() };
    let shape = |id, object_id, form| Shape { id: ShapeId::from_random([id; 16]), object_id, form };
    let line = shape(8, 5, Form::Line { from: [0.0; 3], to: [1.0, 2.0, -0.5] });
    let boxed = shape(9, 4, Form::Box { lower: [0, 0, 0], upper: [3, 3, 1] });
    let put = |shape| OperationKind::PutShape { shape };
    let kinds = [
        put(point()),
        put(moved),
        put(line),
        put(boxed),
        OperationKind::RemoveShape { shape: line.id },
        OperationKind::State { object_id: 3, presence: Some(Presence::NotAssessable) },
        OperationKind::State { object_id: 4, presence: Some(Presence::Present) },
        OperationKind::State { object_id: 4, presence: None },
    ];
    let operations = (0..).zip(kinds).map(|(base, kind)| operation(base as u8 + 1, base, kind)).collect();
    archive.operations_append(holder, operations, NOON).expect("taken");
    let before = archive.work_view(task(1), person(1)).expect("read").expect("a view");
    assert_eq!(before.shapes, [moved, boxed]);
    assert_eq!(before.statements.len(), 1);
    let befores: Vec<Option<Shape>> = before.operations.iter().map(|one| one.before).collect();
    assert_eq!(befores, [None, Some(point()), None, None, Some(line)]);
    drop(archive);
    reindex(directory.path()).expect("reindexed");
    let archive = open(directory.path());
    assert_eq!(archive.work_view(task(1), person(1)).expect("read").expect("a view"), before);
    let prepared = archive.submission_prepare(holder, 8, NOON).expect("prepared");
    let receipt =
        archive.submission_commit(&prepared, handing_in(&prepared, "scores"), NOON).expect("handed in");
    let kept = archive.submission(receipt.submission).expect("read").expect("there");
    assert_eq!(kept.drawn, prepared.drawn);
}

#[test]
fn finished_work_waits_once_to_be_looked_at_under_a_new_version() {
    let directory = tempfile::tempdir().expect("a directory");
    let archive = open(directory.path());
    staffed(&archive, &[1, 2]);
    let asset = asset(&archive, 1);
    apply(&archive, [WorklistItem::Task(ordered(1, asset.token, 2))]);
    let submission = hand_in(&archive, next(&archive, 1, NOON).expect("a slot"), 0).submission;
    assert!(archive.rechecks_waiting().expect("read").is_empty());
    publish(&archive, asset.token);
    assert_eq!(archive.rechecks_waiting().expect("read"), [(project(), 2)]);
    let found = archive.submissions_to_recheck(project(), 2).expect("read");
    assert_eq!((found.len(), found[0].submission.submission), (1, submission));
    assert_eq!(found[0].asset.token, asset.token);
    assert!(archive.submissions_to_recheck(project(), 1).expect("read").is_empty());
    let put = || archive.recheck_put(project(), 2, vec![b"checked".to_vec()], NOON).expect("kept");
    assert_eq!((put(), put()), (true, false));
    assert!(archive.rechecks_waiting().expect("read").is_empty());
    assert_eq!(messages(&archive).into_iter().filter(|message| message == "checked").count(), 1);
}
