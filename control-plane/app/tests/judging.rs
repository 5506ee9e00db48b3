//! Tasks from the last submission on: accepted with rules, disputed, given to an arbiter, resolved.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use control_plane_app::reports::Outcome;
use control_plane_app::{AppError, NewPolicy, TaskDetail};
use control_plane_domain::*;
use plane::{Plane, draft, mixed_draft, pattern, submission, submission_id};
use proto_ids::*;

fn policy(arbiters: &[&Person]) -> NewPolicy {
    NewPolicy {
        gold_percent: 0,
        rule: ConsensusKind::Majority,
        minimum_agreement: 0.7,
        arbitration: true,
        arbiters: arbiters.iter().map(|person| person.id).collect(),
    }
}

/// A plane with one site and one task of the mixed instruction for two, and three people.
struct Case {
    plane: Plane,
    agent: AgentIdentity,
    task: Task,
    people: [Person; 3],
}

impl Case {
    fn new() -> Self {
        let plane = Plane::new();
        let agent = plane.site(1);
        let project = plane.project_of(&mixed_draft());
        let people = ["ada", "bob", "cy"].map(|name| plane.annotator(name));
        plane
            .app
            .annotators_set(&Actor::Operator, project, &people.each_ref().map(|person| person.id))
            .unwrap();
        let asset = plane.asset(agent, 1, false);
        let task = plane.task(project, asset, 2, false);
        Self { plane, agent, task, people }
    }

    fn set(&self, new: &NewPolicy) {
        self.plane.app.policy_set(&Actor::Operator, self.task.project, new).unwrap();
    }

    fn told(&self, report: &Report) {
        self.plane.told(self.agent, report);
    }

    /// Both submit; the second says of the classification and the question what is given.
    fn both_submit(&self, presence: StatedPresence, option: u32) {
        let said = |presence, option| {
            let objects = vec![ObjectPresence { object_id: 3, presence, count: 0 }];
            let answers = vec![CodedAnswer { question_id: 1, value: CodedValue::Option(option) }];
            (objects, answers)
        };
        for (slot, (objects, answers)) in
            (0..).zip([said(StatedPresence::Present, 1), said(presence, option)])
        {
            let byte = u8::try_from(slot).unwrap() + 1;
            let person = self.people[usize::from(byte) - 1].id;
            let facts = Submission { objects, answers, ..submission(byte, &self.task, person, slot) };
            self.told(&Report::Submission(facts));
        }
    }

    fn compared(&self, counts: &[(u32, u64)], matched: u32) {
        self.told(&Report::Pattern(pattern(&self.task, 1, 2, counts)));
        self.told(&Report::Shapes(ShapeAgreement {
            task: self.task.id,
            object_id: 2,
            submissions: [1, 2].map(submission_id).to_vec(),
            counts: vec![1, 1],
            pairs: vec![ShapePair { first: 0, second: 1, matched }],
        }));
    }

    fn detail(&self) -> TaskDetail {
        self.plane.app.task_get(&Actor::Operator, self.task.id).unwrap()
    }

    fn state(&self) -> TaskState {
        self.plane.task_now(&self.task).state
    }

    /// The task's newest order after a revision.
    fn order(&self, after: u64) -> Option<TaskOrder> {
        let changes = self.plane.app.store().changes_since(self.agent.site, after, 1000).unwrap();
        changes.changes.into_iter().rev().find_map(|change| match change.item {
            WorklistItem::Task(order) => Some(order),
            WorklistItem::Project(_) | WorklistItem::Instruction(_) | WorklistItem::Person(_) => None,
        })
    }

    fn revision(&self) -> u64 {
        *self.plane.app.store().revisions().borrow()
    }

    fn arbitrates(&self, person: &Person, state: LeaseState) -> Report {
        let role = WorkRole::Arbiter;
        Report::Lease(LeaseEvent { task: self.task.id, person: person.id, slot: 0, state, role })
    }
}

#[test]
fn submissions_that_agree_are_accepted_and_the_rules_go_down() {
    let case = Case::new();
    case.both_submit(StatedPresence::Present, 1);
    assert_eq!(case.state(), TaskState::Evaluated);
    let before = case.revision();
    case.told(&Report::Pattern(pattern(&case.task, 1, 2, &[(1, 10), (3, 90)])));
    assert_eq!((case.state(), case.order(before)), (TaskState::Evaluated, None), "the boxes are missing");
    case.compared(&[(1, 10), (3, 90)], 1);
    assert_eq!(case.state(), TaskState::Accepted);
    let order = case.order(before).unwrap();
    let rule = ConsensusRule {
        object_id: 1,
        submissions: [1, 2].map(submission_id).to_vec(),
        kind: ConsensusKind::Majority,
        truth_table: vec![0b1000],
    };
    assert_eq!((order.consensus, order.arbitration), (vec![rule], false));
    let wanted = case.detail().consensus;
    assert_eq!((wanted.len(), wanted[0].rule, wanted[0].voxels), (1, RuleKind::Majority, None));
    let (submissions, rule) = ([1, 2].map(submission_id).to_vec(), RuleKind::Majority);
    case.told(&Report::Consensus(ConsensusPainted {
        task: case.task.id,
        object_id: 1,
        submissions,
        rule,
        voxels: 90,
    }));
    let painted = case.detail().consensus;
    assert_eq!((painted[0].voxels, painted[0].painted_at), (Some(90), Some(case.plane.now())));
    assert_eq!(painted[0].name, "Liver");
}

#[test]
fn a_dispute_goes_to_an_arbiter_whose_work_settles_it() {
    let case = Case::new();
    let [ada, _, cy] = &case.people;
    case.set(&policy(&[ada, cy]));
    case.both_submit(StatedPresence::Absent, 2);
    let before = case.revision();
    case.compared(&[(1, 60), (2, 60), (3, 40)], 0);
    assert_eq!(case.state(), TaskState::Arbitration);
    let order = case.order(before).unwrap();
    assert!(order.arbitration && order.consensus.is_empty());
    let judgement = case.detail().judgement.unwrap();
    let subjects: Vec<DisputeSubject> = judgement.reasons.iter().map(|reason| reason.subject).collect();
    let object = DisputeSubject::Object;
    assert_eq!(subjects, [object(1), object(2), object(3), DisputeSubject::Question(1)]);
    assert_eq!((judgement.reasons[0].measure, judgement.reasons[0].target), (Some(0.4), Some(0.7)));

    let last = control_plane_app::reports::dealt_with(case.plane.app.store().as_ref(), case.agent).unwrap();
    let of_ada = case.plane.push(case.agent, last + 1, &case.arbitrates(ada, LeaseState::Granted)).unwrap();
    assert_eq!(of_ada, Outcome::Refused(Refusal::invalid("lease.person")), "nobody settles their own work");
    case.told(&case.arbitrates(cy, LeaseState::Granted));
    let arbiter = case.plane.task_now(&case.task).arbiter.unwrap();
    assert_eq!((arbiter.person.id, arbiter.submitted), (cy.id, false));
    let verdict = |byte, object_id, verdict| Verdict { submission: submission_id(byte), object_id, verdict };
    let verdicts = vec![
        verdict(1, 1, VerdictKind::Right),
        verdict(1, 0, VerdictKind::Acceptable),
        verdict(2, 1, VerdictKind::Wrong),
        verdict(2, 0, VerdictKind::NotDecidable),
    ];
    let role = WorkRole::Arbiter;
    let facts = Submission { role, verdicts, ..submission(3, &case.task, cy.id, 0) };
    case.told(&Report::Submission(facts));
    assert_eq!(case.state(), TaskState::Resolved);
    let detail = case.detail();
    assert_eq!(detail.submissions.len(), 3);
    assert_eq!((detail.consensus.len(), detail.consensus[0].rule), (1, RuleKind::Arbiter));

    let results = case.plane.app.results(&Actor::Operator, case.task.project).unwrap();
    let names: Vec<&str> = results.annotators.iter().map(|row| row.person.user_name.as_str()).collect();
    assert_eq!(names, ["ada", "bob"], "an arbiter's work is not an annotator's");
    let tally = results.annotators[1].verdicts;
    assert_eq!(tally, VerdictTally { wrong: 1, not_decidable: 1, ..VerdictTally::default() });
}

#[test]
fn a_dispute_waits_for_a_policy_that_lets_it_be_settled() {
    let case = Case::new();
    let [ada, bob, cy] = &case.people;
    case.both_submit(StatedPresence::Present, 1);
    case.compared(&[(1, 60), (2, 60)], 1);
    assert_eq!(case.state(), TaskState::Disputed, "there is no arbiter");
    case.set(&policy(&[ada, bob]));
    assert_eq!(case.state(), TaskState::Disputed, "both of them handed in work");
    case.set(&NewPolicy { arbitration: false, ..policy(&[cy]) });
    assert_eq!(case.state(), TaskState::Disputed, "arbitration is off");
    case.set(&policy(&[cy]));
    assert_eq!(case.state(), TaskState::Arbitration);
    case.set(&policy(&[]));
    assert_eq!(case.state(), TaskState::Disputed, "nobody had begun");
    case.set(&policy(&[cy]));
    case.told(&case.arbitrates(cy, LeaseState::Granted));
    case.set(&policy(&[]));
    assert_eq!(case.state(), TaskState::Arbitration, "what was begun goes on");
    case.set(&NewPolicy { minimum_agreement: 0.0, ..policy(&[cy]) });
    assert_eq!(case.detail().judgement.unwrap().decision, Decision::Disputed, "a judgement stays");
}

#[test]
fn a_dispute_that_its_last_arbiter_let_go_of_waits_again() {
    let case = Case::new();
    let cy = &case.people[2];
    case.set(&policy(&[cy]));
    case.both_submit(StatedPresence::Present, 1);
    case.compared(&[(1, 60), (2, 60)], 1);
    case.told(&case.arbitrates(cy, LeaseState::Granted));
    case.told(&case.arbitrates(cy, LeaseState::Released));
    assert_eq!(case.state(), TaskState::Arbitration, "cy may take it up again");
    case.told(&case.arbitrates(cy, LeaseState::Granted));
    case.set(&policy(&[]));
    let before = case.revision();
    case.told(&case.arbitrates(cy, LeaseState::Expired));
    assert_eq!(case.state(), TaskState::Disputed, "nobody may take it up");
    assert!(!case.order(before).unwrap().arbitration);
}

#[test]
fn staple_is_used_where_it_was_asked_for() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let project = plane.project_of(&draft());
    let new = NewPolicy { rule: ConsensusKind::Staple, minimum_agreement: 0.5, ..policy(&[]) };
    plane.app.policy_set(&Actor::Operator, project, &new).unwrap();
    let task = plane.task(project, plane.asset(agent, 1, false), 3, false);
    let people = ["ada", "bob", "cy"].map(|name| plane.annotator(name).id);
    for (slot, person) in (0..).zip(people) {
        let byte = u8::try_from(slot).unwrap() + 1;
        plane.told(agent, &Report::Submission(submission(byte, &task, person, slot)));
    }
    plane.told(agent, &Report::Pattern(pattern(&task, 1, 3, &[(0b111, 80), (0b011, 15), (0b100, 5)])));
    let accepted = plane.task_now(&task);
    assert_eq!(accepted.state, TaskState::Accepted);
    assert_eq!(accepted.task.consensus[0].kind, ConsensusKind::Staple);
    let detail = plane.app.task_get(&Actor::Operator, task.id).unwrap();
    assert_eq!(detail.agreement[0].pairs.len(), 3);
    assert_eq!(detail.agreement[0].pairs[0].dice, Some(MetricValue::Value(1.0)));
    assert_eq!(detail.agreement[0].staple.as_ref().unwrap().len(), 3);
    let labels = plane.app.label_list(&Actor::Operator, project).unwrap();
    assert_eq!((labels[0].name.as_str(), labels[0].submissions, labels[0].dice_pairs.n), ("Liver", 3, 3));
    assert_eq!((labels[0].annotators.len(), labels[0].disputed), (3, 0));
}

#[test]
fn labels_tell_what_is_disputed_and_who_says_it_is_there() {
    let case = Case::new();
    case.both_submit(StatedPresence::Absent, 1);
    case.compared(&[(1, 60), (2, 60)], 0);
    let labels = case.plane.app.label_list(&Actor::Operator, case.task.project).unwrap();
    let disputed: Vec<(u32, usize)> = labels.iter().map(|label| (label.object_id, label.disputed)).collect();
    assert_eq!(disputed, [(1, 1), (2, 1), (3, 1)]);
    assert_eq!(labels[2].presence, PresenceTally { present: 1, absent: 1, ..PresenceTally::default() });
    assert_eq!(labels[2].presence_pairs, PresenceAgreement { agree: 0, n: 1 });
    let shapes = &case.detail().agreement[1];
    assert_eq!((shapes.pairs[0].matched, shapes.pairs[0].counts), (Some(0), Some([1, 1])));
}

#[test]
fn one_alone_is_accepted_and_a_test_is_not_judged() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let project = plane.project();
    let ada = plane.annotator("ada").id;
    let alone = plane.task(project, plane.asset(agent, 1, false), 1, false);
    plane.told(agent, &Report::Submission(submission(1, &alone, ada, 0)));
    let view = plane.task_now(&alone);
    assert_eq!((view.state, view.task.consensus.len()), (TaskState::Accepted, 0));
    let test = plane.task(project, plane.asset(agent, 2, true), 1, true);
    plane.told(agent, &Report::Submission(submission(2, &test, ada, 0)));
    assert_eq!(plane.task_now(&test).state, TaskState::Evaluated);
}

#[test]
fn a_policy_is_within_its_ranges_and_its_arbiters_work_at_sites() {
    let case = Case::new();
    let set = |new: &NewPolicy| case.plane.app.policy_set(&Actor::Operator, case.task.project, new);
    let refused = |new: NewPolicy| match set(&new) {
        Err(AppError::Invalid(problems)) => problems[0].field.clone(),
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(refused(NewPolicy { gold_percent: 51, ..policy(&[]) }), "gold_percent");
    for minimum_agreement in [-0.1, 1.1, f64::NAN] {
        assert_eq!(refused(NewPolicy { minimum_agreement, ..policy(&[]) }), "minimum_agreement");
    }
    let stranger = PersonId::from_random([99; 16]);
    assert_eq!(refused(NewPolicy { arbiters: vec![stranger], ..policy(&[]) }), "arbiter_ids[0]");
    let before = case.revision();
    set(&NewPolicy { gold_percent: 50, ..policy(&[&case.people[2]]) }).unwrap();
    let changes = case.plane.app.store().changes_since(case.agent.site, before, 100).unwrap().changes;
    let [Change { item: WorklistItem::Project(order), .. }] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!((order.gold_percent, order.arbiters.as_slice()), (50, [case.people[2].id].as_slice()));
    assert_ne!(order.gold_seed, 0);
    set(&policy(&[])).unwrap();
    let project = case.plane.app.project_get(&Actor::Operator, case.task.project).unwrap().project;
    assert_eq!(project.policy.gold_seed, order.gold_seed, "the seed is drawn once");
}

#[test]
fn the_seed_is_on_record() {
    let case = Case::new();
    let rows =
        control_plane_app::read(case.plane.app.store().as_ref(), |rows| Ok(rows.audit_list(100)?)).unwrap();
    let project = case.plane.app.project_get(&Actor::Operator, case.task.project).unwrap().project;
    let subject = Subject::GoldSeed { project: project.id, seed: project.policy.gold_seed };
    assert_eq!(rows.iter().filter(|row| row.subject == subject).count(), 1);
}
