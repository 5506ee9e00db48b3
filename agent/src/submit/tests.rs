//! Facts about handing work in: what is told of it, and what is refused.

use agent_archive::{GoldSource, NewGold, TaskCopy, WorklistItem};
use agent_work::{OverrideReason, Slice, Verdict, VerdictKind, VerdictProblem};
use proto_ids::{Clock, PersonId, TaskId};
use proto_instruction::{
    Answer, Check, ChoiceOption, CountLimits, Finding, Geometry, Presence, Question, QuestionKind, Severity,
    Subject,
};
use proto_program::SystemClock;

use super::*;
use crate::samples::{Place, cuboid, instruction, label_map as labelled, person, stroke};
use agent_work::OperationKind;

fn submissions(told: &[Outbound]) -> Vec<&out::Submission> {
    told.iter()
        .filter_map(|told| if let Outbound::Submission(submission) = told { Some(submission) } else { None })
        .collect()
}

fn liver() -> Instruction {
    let mut instruction = instruction(&[(1, labelled(1)), (2, Geometry::Box), (3, Geometry::Classification)]);
    instruction.objects[0].limits.maximum_volume_mm3 = Some(100.0);
    let question = |id, required, kind| Question {
        id,
        prompt: "Prompt".into(),
        help: String::new(),
        required,
        parent: None,
        visible_when: None,
        kind,
    };
    let options = vec![ChoiceOption { id: 4, text: "Yes".into() }];
    instruction.questions = vec![
        question(1, true, QuestionKind::Choice { options }),
        question(2, false, QuestionKind::Text { max_length: 100 }),
    ];
    instruction
}

fn answered() -> Vec<OperationKind> {
    vec![
        OperationKind::Answer { question_id: 1, answer: Some(Answer::Option(4)) },
        OperationKind::Answer { question_id: 2, answer: Some(Answer::Text("Doe, Jane".into())) },
        OperationKind::State { object_id: 3, presence: Some(Presence::Absent) },
    ]
}

fn drawn(start: u32, length: u32) -> Vec<OperationKind> {
    let mut kinds = answered();
    kinds.push(stroke(start, length, 1));
    kinds
}

#[test]
fn work_on_a_withdrawn_task_is_refused_as_that() {
    let place = tempfile::tempdir().unwrap();
    let archive = Archive::open_on_disk(place.path(), Arc::new(SystemClock)).unwrap();
    let request = SubmitRequest {
        task: TaskId::from_random([1; 16]),
        person: PersonId::from_random([2; 16]),
        fencing: 1,
        revision: 0,
        overrides: Vec::new(),
        verdicts: Vec::new(),
        now: SystemClock.now(),
    };
    let submitter = ScoringSubmitter::new(Arc::new(archive), Arc::new(Notify::new()));
    let refused = submitter.refusal(&request, SubmitError::Withdrawn);
    assert_eq!(refused, Err(SubmitRefusal::Withdrawn));
}

#[test]
fn what_is_missing_is_found_by_the_agent_and_nothing_is_told() {
    let place = Place::new(&liver());
    place.apply(WorklistItem::Task(place.order()));
    let SubmitRefusal::Incomplete { problems } = place.submit(place.work(1, Vec::new())).unwrap_err() else {
        panic!("incomplete")
    };
    let found: Vec<Finding> = problems.iter().map(SubmitProblem::finding).collect();
    let expect = |subject, check| Finding { subject, check, severity: Severity::Refuse };
    assert_eq!(
        found,
        [
            expect(Subject::Question(1), Check::AnswerMissing),
            expect(Subject::Object(3), Check::StatementMissing)
        ]
    );
    assert_eq!(place.told(), []);
}

#[test]
fn a_warning_needs_a_reason_and_the_reason_is_told() {
    let place = Place::new(&liver());
    place.apply(WorklistItem::Task(place.order()));
    // 40 voxels of 3 mm³ are more than 100 mm³.
    let request = place.work(1, drawn(0, 40));
    let refused = place.submit(request.clone()).unwrap_err();
    let SubmitRefusal::Incomplete { problems } = refused else { panic!("incomplete") };
    assert_eq!(problems.len(), 1);
    let reason =
        |check| Override { subject: Subject::Object(1), check, reason: OverrideReason::ImageQuality };
    let overrides = vec![reason(Check::Cavities), reason(Check::VolumeTooLarge)];
    place.submit(SubmitRequest { overrides, ..request }).unwrap();
    let told = place.told();
    let [submission] = submissions(&told)[..] else { panic!("{told:?}") };
    assert_eq!(
        submission.overrides,
        [out::Override {
            subject: out::OverrideSubject::Object(1),
            check: out::CheckCode::VolumeTooLarge,
            reason: out::OverrideReason::ImageQuality,
        }]
    );
    let objects: Vec<_> =
        submission.objects.iter().map(|object| (object.object_id, object.presence, object.count)).collect();
    assert_eq!(
        objects,
        [(1, out::Presence::Present, 1), (2, out::Presence::NotStated, 0), (3, out::Presence::Absent, 0)]
    );
}

#[test]
fn no_text_and_no_place_is_told() {
    let place = Place::new(&liver());
    place.apply(WorklistItem::Task(place.order()));
    place.hand_in(1, drawn(100, 10));
    let told = place.told();
    let [submission] = submissions(&told)[..] else { panic!("{told:?}") };
    assert_eq!(submission.answers.len(), 1);
    assert_eq!(
        (submission.role, submission.duration_seconds, submission.idle_seconds),
        (out::Role::Annotator, 90, 90)
    );
    assert!(!format!("{told:?}").contains("Doe"));
}

#[test]
fn the_same_work_handed_in_again_gives_the_same_receipt_and_is_told_once() {
    let place = Place::new(&liver());
    place.apply(WorklistItem::Task(place.order()));
    let request = place.work(1, drawn(100, 10));
    let receipt = place.submit(request.clone()).unwrap();
    assert_eq!(place.submit(request).unwrap(), receipt);
    assert_eq!(place.told().len(), 1);
}

#[test]
fn three_submissions_tell_how_they_overlap() {
    let place = Place::new(&liver());
    place.apply(WorklistItem::Task(place.order()));
    let shape = |who: u8| OperationKind::PutShape { shape: cuboid(2, [u32::from(who), 0, 0], [9, 9, 3]) };
    let with_box = |who, start| {
        let mut kinds = drawn(start, 10);
        kinds.push(shape(who));
        kinds
    };
    let receipts = [
        place.hand_in(1, with_box(1, 100)),
        place.hand_in(2, with_box(2, 105)),
        place.hand_in(3, drawn(105, 5)),
    ];
    let told = place.told();
    let [Outbound::Submission(_), Outbound::Submission(_), _, _, last @ ..] = told.as_slice() else {
        panic!("{told:?}")
    };
    let [Outbound::Submission(_), Outbound::Pattern(pattern), Outbound::Shapes(shapes)] = last else {
        panic!("{told:?}")
    };
    let all = receipts.map(|receipt| receipt.submission);
    assert_eq!(
        (pattern.submissions.as_slice(), shapes.submissions.as_slice()),
        (all.as_slice(), all.as_slice())
    );
    let counts: Vec<_> = pattern.counts.iter().map(|count| (count.marked_by, count.voxels)).collect();
    assert_eq!(counts, [(0b001, 5), (0b010, 5), (0b111, 5)]);
    assert_eq!(shapes.counts, [1, 1, 0]);
    assert_eq!(shapes.pairs.iter().map(|pair| pair.matched).collect::<Vec<_>>(), [1, 0, 0]);
}

#[test]
fn work_is_scored_against_gold_where_the_order_says_so() {
    let place = Place::new(&liver());
    place.apply(WorklistItem::Task(TaskCopy { gold: true, ..place.order() }));
    let runs = vec![agent_work::Run { start: 100, length: 10, label: 1 }];
    let gold = NewGold {
        asset: place.asset.token,
        slices: vec![Slice { k: 5, runs }],
        labels: vec![1],
        source: GoldSource::Upload,
        person: None,
    };
    place.archive.gold_put(&gold, crate::samples::NOON).unwrap();
    place.hand_in(1, drawn(105, 5));
    let told = place.told();
    let [submission] = submissions(&told)[..] else { panic!("{told:?}") };
    assert_eq!(submission.scores.len(), 1);
    assert_eq!(submission.scores[0].dice, out::MetricValue::Value(10.0 / 15.0));
    assert_eq!(submission.shapes, []);
}

#[test]
fn an_arbiter_judges_everybody_and_tells_no_overlap() {
    let mut instruction = instruction(&[(1, labelled(1))]);
    instruction.objects[0].count = CountLimits { minimum: 1, maximum: None };
    let place = Place::new(&instruction);
    place.apply(WorklistItem::Task(TaskCopy { overlap: 2, ..place.order() }));
    let receipts = [place.hand_in(1, vec![stroke(0, 5, 1)]), place.hand_in(2, vec![stroke(50, 5, 1)])];
    place.apply(WorklistItem::Task(TaskCopy { overlap: 2, arbitration: true, ..place.order() }));
    let request = place.work(4, vec![stroke(0, 9, 1)]);
    let refused = place.submit(request.clone()).unwrap_err();
    assert_eq!(refused, SubmitRefusal::Verdicts(VerdictProblem::Missing { letter: 'A', object_id: 1 }));
    let verdict = |letter, verdict| Verdict { letter, object_id: 1, verdict };
    let verdicts = vec![verdict('A', VerdictKind::Right), verdict('B', VerdictKind::Wrong)];
    let before = place.told().len();
    place.submit(SubmitRequest { verdicts, ..request }).unwrap();
    let told = place.told();
    let [Outbound::Submission(arbiter)] = &told[before..] else { panic!("{told:?}") };
    assert_eq!((arbiter.role, arbiter.slot, arbiter.person), (out::Role::Arbiter, 0, person(4)));
    let judged: std::collections::BTreeSet<_> = arbiter.verdicts.iter().map(|one| one.submission).collect();
    assert_eq!(judged, receipts.map(|receipt| receipt.submission).into());
    let kinds: Vec<_> = arbiter.verdicts.iter().map(|one| one.verdict).collect();
    assert_eq!(kinds, [out::VerdictKind::Right, out::VerdictKind::Wrong]);
}
