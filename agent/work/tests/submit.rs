//! Facts about handing in: what counts, what stands in the way, what an arbiter has to say.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::collections::BTreeMap;

use agent_work::{
    Drawn, Form, Operation, OperationKind, Override, OverrideReason, Run, RunChange, Shape, Slice,
    SliceDelta, SubmitProblem, Terms, Tool, Verdict, VerdictKind, VerdictProblem, Work, check_verdicts,
    counted, needed_overrides, submit_problems,
};
use proto_ids::{OperationId, ShapeId};
use proto_instruction::{
    Answer, Check, Facts, Geometry, Instruction, ObjectFacts, Parent, Presence, Question, QuestionKind,
    Severity, Subject,
};
use support::{SIZE, instruction};

fn work(kinds: Vec<OperationKind>) -> Work {
    let instruction = instruction();
    let terms = Terms { size: SIZE, pictures: &[], instruction: &instruction };
    let mut work = Work::new();
    for (number, kind) in (0u8..).zip(kinds) {
        let id = OperationId::from_bytes([number; 16]);
        work.accept(Operation { id, base_revision: work.revision(), kind }, &terms).unwrap();
    }
    work
}

fn all_kinds() -> Work {
    let run = |start, new| RunChange { start, length: 1, old: 0, new };
    let runs = vec![run(0, 1), run(1, 2)];
    let shape = Shape { id: ShapeId::from_bytes([1; 16]), object_id: 4, form: Form::Point { at: [1.0; 3] } };
    work(vec![
        OperationKind::Paint { tool: Tool::Brush, slices: vec![SliceDelta { k: 0, runs }] },
        OperationKind::PutShape { shape },
        OperationKind::State { object_id: 6, presence: Some(Presence::Absent) },
        OperationKind::Answer { question_id: 1, answer: Some(Answer::Option(1)) },
    ])
}

fn facts(counts: impl IntoIterator<Item = (u32, u32)>) -> Facts {
    let object = |(id, count)| (id, ObjectFacts { count, ..ObjectFacts::default() });
    Facts { objects: counts.into_iter().map(object).collect() }
}

#[test]
fn what_the_instruction_lost_is_left_out_and_stands_in_nobodys_way() {
    let work = all_kinds();
    let all = counted(&work, &instruction());
    assert_eq!((all.shapes.len(), all.answers.len(), all.statements.len()), (1, 1, 1));
    let mut fewer = instruction();
    fewer.objects.retain(|object| object.id == 2 || object.id == 4);
    fewer.objects[1].geometry = Geometry::Line;
    fewer.questions.clear();
    let left = counted(&work, &fewer);
    let runs = vec![Run { start: 1, length: 1, label: 2 }];
    assert_eq!(left, Drawn { slices: vec![Slice { k: 0, runs }], ..Drawn::default() });
    assert_eq!(submit_problems(&left, &fewer, &facts([(2, 1)]), &[]), []);
    fewer.objects.clear();
    assert_eq!(counted(&work, &fewer), Drawn::default());
}

#[test]
fn what_is_missing_is_named() {
    let nothing = counted(&Work::new(), &instruction());
    let problems = submit_problems(&nothing, &instruction(), &Facts::default(), &[]);
    let named: Vec<(Subject, Check)> =
        problems.iter().map(|problem| (problem.finding().subject, problem.finding().check)).collect();
    let missing =
        [(Subject::Question(1), Check::AnswerMissing), (Subject::Object(6), Check::StatementMissing)];
    assert_eq!(named, missing);
    assert!(problems.iter().all(|problem| matches!(problem, SubmitProblem::Refused(_))));
    let all = counted(&all_kinds(), &instruction());
    assert_eq!(submit_problems(&all, &instruction(), &facts([(1, 1), (2, 1), (4, 1)]), &[]), []);
}

#[test]
fn a_warning_needs_a_reason_and_a_refusal_takes_none() {
    let mut instruction = instruction();
    instruction.objects[3].count.minimum = 2;
    let drawn = counted(&all_kinds(), &instruction);
    let facts = facts([(1, 1), (2, 1), (4, 1)]);
    let reason = OverrideReason::UnusualAnatomy;
    let given = Override { subject: Subject::Object(4), check: Check::TooFew, reason };
    let others = Override { subject: Subject::Object(1), ..given };
    let problems = submit_problems(&drawn, &instruction, &facts, &[others]);
    assert!(matches!(problems[..], [SubmitProblem::ReasonMissing(_)]));
    assert_eq!(submit_problems(&drawn, &instruction, &facts, &[others, given]), []);
    assert_eq!(needed_overrides(&drawn, &instruction, &facts, &[others, given, given]), [given]);
    instruction.objects[3].severity = Severity::Refuse;
    let problems = submit_problems(&drawn, &instruction, &facts, &[given]);
    assert!(matches!(problems[..], [SubmitProblem::Refused(_)]));
    assert_eq!(needed_overrides(&drawn, &instruction, &facts, &[given]), []);
    assert_eq!(OverrideReason::from_code(reason.code()), Some(reason));
}

#[test]
fn answers_to_what_is_not_asked_stay_in_the_work_and_leave_the_submission() {
    let mut instruction = instruction();
    instruction.questions.push(Question {
        id: 2,
        prompt: "Where?".into(),
        help: String::new(),
        required: true,
        parent: Some(Parent { question_id: 1, option_id: 2 }),
        visible_when: None,
        kind: QuestionKind::Text { max_length: 10 },
    });
    let answers = BTreeMap::from([(1, Answer::Option(1)), (2, Answer::Text("left".into()))]);
    let drawn = Drawn { answers, ..Drawn::default() };
    let asked = drawn.asked_answers(&instruction, &Facts::default());
    assert_eq!(asked, BTreeMap::from([(1, Answer::Option(1))]));
}

fn verdicts(letters: &str, instruction: &Instruction) -> Vec<Verdict> {
    let objects = instruction.objects.iter().map(|object| object.id).chain([0]);
    let objects: Vec<u32> = objects.collect();
    let verdict = VerdictKind::Acceptable;
    let of = |letter| objects.iter().map(move |id| Verdict { letter, object_id: *id, verdict });
    letters.chars().flat_map(of).collect()
}

#[test]
fn an_arbiter_judges_every_object_and_the_answers_of_every_letter_once() {
    let instruction = instruction();
    let all = verdicts("AB", &instruction);
    assert_eq!(check_verdicts(2, &instruction, &all), Ok(()));
    let missing = VerdictProblem::Missing { letter: 'C', object_id: 0 };
    assert_eq!(check_verdicts(3, &instruction, &all), Err(missing));
    let unknown = VerdictProblem::Unknown { letter: 'B', object_id: 1 };
    assert_eq!(check_verdicts(1, &instruction, &all), Err(unknown));
    let twice: Vec<Verdict> = all.iter().chain(&all[..1]).copied().collect();
    let problem = VerdictProblem::Twice { letter: 'A', object_id: 1 };
    assert_eq!(check_verdicts(2, &instruction, &twice), Err(problem));
    let no_questions = Instruction { questions: Vec::new(), ..instruction };
    let answers = VerdictProblem::Unknown { letter: 'A', object_id: 0 };
    assert_eq!(check_verdicts(2, &no_questions, &all), Err(answers));
    assert_eq!(VerdictKind::from_code("not_decidable"), Some(VerdictKind::NotDecidable));
}
