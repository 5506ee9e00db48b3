//! Tasks with three annotators, judged by what they drew, stated and answered.

use proptest::prelude::*;
use proto_ids::{AssetToken, PersonId, ProjectId, SiteId, TaskId};
use proto_instruction::{NumberGrid, Object, Question, QuestionKind, Scale};

use super::*;
use crate::pattern::tests::{id, pattern, shapes};
use crate::quality::samples::{instruction, label_map, object, yes_no};
use crate::submission::tests::submission;
use crate::{CodedAnswer, ObjectPresence};

/// A task whose slots are submitted by 1, 2, … and everything known of it.
struct Case {
    task: Task,
    progress: Progress,
    instruction: Instruction,
    submissions: Vec<Submission>,
    patterns: Vec<VotingPattern>,
    shapes: Vec<ShapeAgreement>,
}

impl Case {
    fn new(slots: u8, instruction: Instruction) -> Self {
        let task = Task {
            id: TaskId::from_random([1; 16]),
            project: ProjectId::from_random([2; 16]),
            site: SiteId::from_random([3; 16]),
            asset: AssetToken::from_random([4; 16]),
            instruction_version: 1,
            overlap: u32::from(slots),
            gold: false,
            withdrawn: false,
            consensus: Vec::new(),
            arbitration: false,
            created_at: Timestamp::from_millis(0),
        };
        let mut progress = Progress::new(task.id, task.overlap);
        for (slot, byte) in (0..).zip(1..=slots) {
            let person = PersonId::from_random([byte; 16]);
            progress.submit(WorkRole::Annotator, slot, person, id(byte)).unwrap();
        }
        let submissions = (1..=slots).map(|byte| submission(byte, Vec::new())).collect();
        Self { task, progress, instruction, submissions, patterns: Vec::new(), shapes: Vec::new() }
    }

    fn judge(&self) -> Option<Judgement> {
        let evidence = Evidence {
            task: &self.task,
            progress: &self.progress,
            instruction: &self.instruction,
            submissions: &self.submissions,
            patterns: &self.patterns,
            shapes: &self.shapes,
        };
        judge(&evidence, 0.7, Timestamp::from_millis(5))
    }

    fn reasons(&self) -> Vec<DisputeReason> {
        self.judge().unwrap().reasons
    }
}

fn near(found: Option<f64>, expect: f64) {
    assert!((found.unwrap() - expect).abs() < 1e-6, "{found:?} is not {expect}");
}

/// Three 6×6 masks: rows 1–3 × columns 1–3, rows 1–3 × columns 1–4, rows 2–4 × columns 1–3; their
/// pairs have a Dice of 0.857, 0.667 and 0.571.
#[test]
fn the_worked_example_is_just_below_the_usual_target() {
    let mut case = Case::new(3, instruction(vec![label_map(1)], Vec::new()));
    case.patterns = vec![pattern(1, &[1, 2, 3], &[(0b010, 3), (0b011, 3), (0b100, 3), (0b111, 6)])];
    let judgement = case.judge().unwrap();
    assert_eq!((judgement.decision, judgement.judged_at.millis()), (Decision::Disputed, 5));
    assert_eq!(judgement.reasons.len(), 1);
    assert_eq!(judgement.reasons[0].subject, DisputeSubject::Object(1));
    assert_eq!(judgement.reasons[0].target, Some(0.7));
    near(judgement.reasons[0].measure, (6.0 / 7.0 + 2.0 / 3.0 + 4.0 / 7.0) / 3.0);
}

#[test]
fn nothing_is_decided_while_something_is_missing() {
    let mut case = Case::new(2, instruction(vec![label_map(1), object(2, Geometry::Box)], Vec::new()));
    assert_eq!(case.judge(), None, "no pattern, no matches");
    case.patterns = vec![pattern(1, &[1, 2], &[(3, 5)])];
    assert_eq!(case.judge(), None, "no matches");
    case.shapes = vec![shapes(2, &[1, 9], &[1, 1], &[(0, 1, 1)])];
    assert_eq!(case.judge(), None, "the matches are without the second submission");
    case.shapes = vec![shapes(2, &[2, 1], &[1, 1], &[(0, 1, 1)])];
    assert_eq!(case.judge().unwrap().decision, Decision::Accepted);
    case.progress.slots[1] = Slot::Free;
    assert_eq!(case.judge(), None, "a slot is free");
}

#[test]
fn tests_and_tasks_that_were_taken_back_are_not_judged() {
    let mut case = Case::new(1, instruction(vec![label_map(1)], Vec::new()));
    assert_eq!(case.judge().unwrap().decision, Decision::Accepted, "one alone differs from nobody");
    case.task.gold = true;
    assert_eq!(case.judge(), None);
    case.task.gold = false;
    case.task.withdrawn = true;
    assert_eq!(case.judge(), None);
}

#[test]
fn both_empty_is_no_dispute_and_one_empty_is() {
    let mut case = Case::new(2, instruction(vec![label_map(1), label_map(2)], Vec::new()));
    case.patterns = vec![pattern(1, &[1, 2], &[]), pattern(2, &[1, 2], &[(1, 40)])];
    let reasons = case.reasons();
    assert_eq!(reasons.iter().map(|reason| reason.subject).collect::<Vec<_>>(), [DisputeSubject::Object(2)]);
    assert_eq!(reasons[0].measure, Some(0.0));
}

/// F1 of the pairs: 2·2/(2+3), 2·2/(2+2), 2·2/(3+2); the mean is 13/15.
#[test]
fn shapes_are_judged_by_the_mean_f1_of_pairs_that_have_any() {
    let mut case = Case::new(3, instruction(vec![object(1, Geometry::Point)], Vec::new()));
    case.shapes = vec![shapes(1, &[1, 2, 3], &[2, 3, 2], &[(0, 1, 2), (0, 2, 2), (1, 2, 2)])];
    assert_eq!(case.judge().unwrap().decision, Decision::Accepted);
    case.shapes = vec![shapes(1, &[1, 2, 3], &[2, 3, 0], &[(0, 1, 2)])];
    near(case.reasons()[0].measure, 0.8 / 3.0);
    case.shapes = vec![shapes(1, &[1, 2, 3], &[0, 0, 0], &[])];
    assert_eq!(case.judge().unwrap().decision, Decision::Accepted, "nobody has any");
}

#[test]
fn a_classification_needs_more_than_half() {
    let said = |case: &mut Case, said: &[StatedPresence]| {
        for (submission, &presence) in case.submissions.iter_mut().zip(said) {
            submission.objects = vec![ObjectPresence { object_id: 1, presence, count: 0 }];
        }
    };
    use StatedPresence::{Absent, NotAssessable, Present};
    let mut case = Case::new(3, instruction(vec![object(1, Geometry::Classification)], Vec::new()));
    said(&mut case, &[Present, Present, Absent]);
    assert_eq!(case.judge().unwrap().decision, Decision::Accepted);
    said(&mut case, &[Present, NotAssessable, Absent]);
    let reason = case.reasons()[0];
    near(reason.measure, 1.0 / 3.0);
    assert_eq!((reason.subject, reason.target), (DisputeSubject::Object(1), Some(0.5)));
    let mut two = Case::new(2, instruction(vec![object(1, Geometry::Classification)], Vec::new()));
    said(&mut two, &[Present, Absent]);
    assert_eq!(two.judge().unwrap().decision, Decision::Disputed, "half is not more than half");
}

#[test]
fn an_answer_counts_where_everybody_gave_one() {
    let mut case = Case::new(3, instruction(Vec::new(), vec![yes_no(1)]));
    let answer = |option| vec![CodedAnswer { question_id: 1, value: CodedValue::Option(option) }];
    case.submissions[0].answers = answer(1);
    case.submissions[1].answers = answer(2);
    assert_eq!(case.judge().unwrap().decision, Decision::Accepted, "it was not asked of the third");
    case.submissions[2].answers = answer(2);
    assert_eq!(case.judge().unwrap().decision, Decision::Accepted);
    case.submissions[2].answers = vec![CodedAnswer { question_id: 1, value: CodedValue::GridStep(1) }];
    assert_eq!(case.reasons()[0].subject, DisputeSubject::Question(1));
}

#[test]
fn numbers_agree_when_they_are_close_to_their_median() {
    let numbers = |steps: [u32; 3], kind: QuestionKind| {
        let question = Question { kind, ..yes_no(1) };
        let mut case = Case::new(3, instruction(Vec::new(), vec![question]));
        for (submission, step) in case.submissions.iter_mut().zip(steps) {
            submission.answers = vec![CodedAnswer { question_id: 1, value: CodedValue::GridStep(step) }];
        }
        case.judge().unwrap().decision
    };
    let (minimum_text, maximum_text) = (String::new(), String::new());
    let scale = || {
        let (minimum_text, maximum_text) = (minimum_text.clone(), maximum_text.clone());
        QuestionKind::Scale(Scale { minimum: 1, maximum: 5, minimum_text, maximum_text })
    };
    assert_eq!(numbers([4, 3, 1], scale()), Decision::Accepted, "two are within one step of 3");
    assert_eq!(numbers([4, 2, 0], scale()), Decision::Disputed);
    let grid = NumberGrid { minimum: 0.0, maximum: 100.0, step: 0.5, unit: "mm".into() };
    assert_eq!(numbers([80, 85, 200], QuestionKind::Number(grid.clone())), Decision::Accepted);
    assert_eq!(numbers([80, 105, 200], QuestionKind::Number(grid)), Decision::Disputed);
}

#[test]
fn an_arbiters_work_has_no_vote() {
    let mut case = Case::new(2, instruction(Vec::new(), vec![yes_no(1)]));
    for (submission, option) in case.submissions.iter_mut().zip([1, 2]) {
        submission.answers = vec![CodedAnswer { question_id: 1, value: CodedValue::Option(option) }];
    }
    let third = Submission { role: WorkRole::Arbiter, ..case.submissions[0].clone() };
    case.submissions.push(third);
    assert_eq!(case.judge().unwrap().decision, Decision::Disputed);
}

#[test]
fn only_what_every_version_has_in_the_same_kind_was_asked_of_all() {
    let old =
        instruction(vec![label_map(1), label_map(2), object(3, Geometry::Box)], vec![yes_no(1), yes_no(2)]);
    let mut new = instruction(
        vec![label_map(1), object(2, Geometry::Box), object(3, Geometry::Box), label_map(4)],
        vec![yes_no(1), yes_no(2), yes_no(3)],
    );
    let grid = NumberGrid { minimum: 0.0, maximum: 1.0, step: 1.0, unit: String::new() };
    new.questions[1].kind = QuestionKind::Number(grid);
    let common = asked_of_all(&[&old, &new]).unwrap();
    assert_eq!(common.objects.iter().map(|object| object.id).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(common.questions.iter().map(|question| question.id).collect::<Vec<_>>(), [1]);
    assert_eq!(asked_of_all(&[&new]), Some(new.clone()));
    assert_eq!(asked_of_all(&[]), None);
}

/// Voting patterns hold only those who drew by the same label, and steps count on their own grid.
#[test]
fn another_label_or_another_grid_is_not_compared() {
    let number = |minimum, unit: &str| {
        let grid = NumberGrid { minimum, maximum: 10.0, step: 1.0, unit: unit.to_owned() };
        Question { kind: QuestionKind::Number(grid), ..yes_no(1) }
    };
    let relabelled = Object { id: 1, ..label_map(7) };
    let old = instruction(vec![label_map(1)], vec![number(0.0, "mm")]);
    for newer in [number(5.0, "mm"), number(0.0, "cm")] {
        let new = instruction(vec![relabelled.clone()], vec![newer]);
        let common = asked_of_all(&[&old, &new]).unwrap();
        assert_eq!((common.objects, common.questions), (Vec::new(), Vec::new()));
    }
    let tolerance = Geometry::LabelMap { label: 1, tolerance_mm: 9.0 };
    let new = instruction(vec![object(1, tolerance)], vec![number(0.0, "mm")]);
    let common = asked_of_all(&[&old, &new]).unwrap();
    assert_eq!((common.objects.len(), common.questions.len()), (1, 1));
}

proptest! {
    #[test]
    fn a_judgement_is_disputed_for_a_reason_that_misses_its_target(
        counts in proptest::collection::btree_map(1_u32..8, 1_u64..50, 0..8),
        options in proptest::collection::vec(1_u32..4, 3),
    ) {
        let mut case = Case::new(3, instruction(vec![label_map(1)], vec![yes_no(1)]));
        let counts: Vec<(u32, u64)> = counts.into_iter().collect();
        case.patterns = vec![pattern(1, &[1, 2, 3], &counts)];
        for (submission, option) in case.submissions.iter_mut().zip(options) {
            submission.answers = vec![CodedAnswer { question_id: 1, value: CodedValue::Option(option) }];
        }
        let judgement = case.judge().unwrap();
        prop_assert_eq!(judgement.decision == Decision::Disputed, !judgement.reasons.is_empty());
        for reason in judgement.reasons {
            let (measure, target) = (reason.measure.unwrap(), reason.target.unwrap());
            prop_assert!((0.0..=1.0).contains(&measure) && measure <= target);
        }
    }
}
