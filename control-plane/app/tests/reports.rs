//! Reports of agents: exactly once in effect, each site's own things only, named refusals.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use control_plane_app::AppError;
use control_plane_app::reports::{Outcome, dealt_with, refuse};
use control_plane_domain::*;
use plane::{Plane, card, mixed_draft, pattern, score, submission, submission_id};
use proptest::prelude::*;
use proto_ids::*;

fn refused(outcome: Result<Outcome, AppError>) -> (RefusalReason, String) {
    match outcome.unwrap() {
        Outcome::Refused(refusal) => (refusal.reason, refusal.field),
        other @ (Outcome::Accepted | Outcome::AlreadySeen) => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_report_that_comes_twice_has_its_effect_once() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let asset = plane.asset(agent, 1, true);
    let task = plane.task(plane.project(), asset, 1, true);
    let ada = plane.annotator("ada").id;
    let report = Report::Submission(submission(1, &task, ada, 0));
    assert_eq!(plane.push(agent, 3, &report).unwrap(), Outcome::Accepted);
    for _ in 0..3 {
        assert_eq!(plane.push(agent, 3, &report).unwrap(), Outcome::AlreadySeen);
    }
    assert_eq!(plane.push(agent, 1, &report).unwrap(), Outcome::AlreadySeen);
    let results = plane.app.results(&Actor::Operator, task.project).unwrap();
    assert_eq!(results.submissions.len(), 1);
    let tasks = plane.app.task_list(&Actor::Operator, task.project).unwrap();
    assert!(tasks[0].progress.surplus.is_empty());
    assert_eq!(tasks[0].state, TaskState::Evaluated);
}

#[test]
fn a_gap_is_refused_until_it_is_closed() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let report = |byte| Report::Asset(card(byte));
    plane.told(agent, &report(1));
    let out_of_order = (RefusalReason::OutOfOrder, "sequence".to_owned());
    assert_eq!(refused(plane.push(agent, 3, &report(3))), out_of_order);
    assert_eq!(dealt_with(plane.app.store().as_ref(), agent).unwrap(), 1);
    assert_eq!(plane.push(agent, 2, &report(2)).unwrap(), Outcome::Accepted);
    assert_eq!(plane.push(agent, 3, &report(3)).unwrap(), Outcome::Accepted);
    assert_eq!(refused(plane.push(agent, 0, &report(3))), out_of_order);
}

#[test]
fn a_refused_report_uses_its_number_up() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let gold = Report::Gold(GoldPresence { asset: card(9).asset, present: true });
    assert_eq!(refused(plane.push(agent, 1, &gold)), (RefusalReason::UnknownThing, "gold.asset".to_owned()));
    assert_eq!(plane.push(agent, 1, &gold).unwrap(), Outcome::AlreadySeen);
    let unreadable = Refusal { reason: RefusalReason::UnknownField, field: "report".to_owned() };
    let outcome = refuse(plane.app.store().as_ref(), agent, 2, &unreadable, plane.now()).unwrap();
    assert_eq!(outcome, Outcome::Refused(unreadable));
    assert_eq!(dealt_with(plane.app.store().as_ref(), agent).unwrap(), 2);
}

#[test]
fn nothing_of_another_site_can_be_spoken_of() {
    let plane = Plane::new();
    let (north, south) = (plane.site(1), plane.site(2));
    let asset = plane.asset(north, 1, true);
    let task = plane.task(plane.project(), asset, 2, false);
    let ada = plane.annotator("ada").id;
    let (state, role) = (LeaseState::Granted, WorkRole::Annotator);
    let lease = LeaseEvent { task: task.id, person: ada, slot: 0, state, role };
    let submissions = vec![submission_id(1)];
    let shapes = ShapeAgreement {
        task: task.id,
        object_id: 1,
        submissions: submissions.clone(),
        counts: vec![0],
        pairs: Vec::new(),
    };
    let rule = RuleKind::Majority;
    let painted = ConsensusPainted { task: task.id, object_id: 1, submissions, rule, voxels: 1 };
    let recheck = Recheck { project: task.project, instruction_version: 1, checked: 1, failing: 0 };
    let reports = [
        (Report::Asset(card(1)), "asset.asset"),
        (Report::Gold(GoldPresence { asset, present: false }), "gold.asset"),
        (Report::Lease(lease), "lease.task"),
        (Report::Submission(submission(1, &task, ada, 0)), "submission.task"),
        (Report::Pattern(pattern(&task, 1, 1, &[])), "pattern.task"),
        (Report::Shapes(shapes), "shapes.task"),
        (Report::Consensus(painted), "consensus.task"),
        (Report::Recheck(recheck), "recheck.project"),
    ];
    for (sequence, (report, field)) in (1..).zip(reports) {
        let outcome = refused(plane.push(south, sequence, &report));
        assert_eq!(outcome, (RefusalReason::ForeignSite, field.to_owned()));
    }
    let forged = AgentIdentity { site: north.site, ..south };
    assert!(matches!(plane.push(forged, 12, &Report::Asset(card(3))), Err(AppError::NotFound(_))));
    assert!(plane.app.results(&Actor::Operator, task.project).unwrap().submissions.is_empty());
}

#[test]
fn scores_and_answers_are_of_the_instruction() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let asset = plane.asset(agent, 1, true);
    let task = plane.task(plane.project(), asset, 1, true);
    let ada = plane.annotator("ada").id;
    let base = submission(1, &task, ada, 0);
    let answered = |question_id, value| {
        let answers = vec![CodedAnswer { question_id, value }];
        Submission { answers, ..base.clone() }
    };
    let wrong_score = LabelScore { object_id: 2, ..score(0.5) };
    let cases = [
        (Submission { scores: vec![wrong_score], ..base.clone() }, "submission.scores[0].object_id"),
        (answered(1, CodedValue::Option(3)), "submission.answers[0]"),
        (answered(1, CodedValue::GridStep(0)), "submission.answers[0]"),
        (answered(2, CodedValue::GridStep(21)), "submission.answers[0]"),
        (answered(3, CodedValue::Option(1)), "submission.answers[0]"),
        (answered(4, CodedValue::Option(1)), "submission.answers[0]"),
        (Submission { instruction_version: 2, ..base.clone() }, "submission.instruction_version"),
        (Submission { person: PersonId::from_random([99; 16]), ..base.clone() }, "submission.person"),
        (Submission { slot: 1, ..base.clone() }, "submission.slot"),
    ];
    for (sequence, (facts, field)) in (3..).zip(cases) {
        assert_eq!(refused(plane.push(agent, sequence, &Report::Submission(facts))).1, field);
    }
    plane.told(agent, &Report::Submission(answered(2, CodedValue::GridStep(20))));
    let results = plane.app.results(&Actor::Operator, task.project).unwrap();
    assert_eq!(results.submissions[0].answers, [(2, control_plane_app::AnswerValue::Number(20.0))]);
}

#[test]
fn a_submission_under_a_new_number_is_the_same_submission() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let asset = plane.asset(agent, 1, false);
    let task = plane.task(plane.project(), asset, 2, false);
    let ada = plane.annotator("ada").id;
    let facts = submission(1, &task, ada, 0);
    plane.told(agent, &Report::Submission(facts.clone()));
    plane.told(agent, &Report::Submission(facts.clone()));
    assert_eq!(plane.app.results(&Actor::Operator, task.project).unwrap().submissions.len(), 1);
    let other = Report::Submission(Submission { duration_seconds: 61, ..facts });
    assert_eq!(refused(plane.push(agent, 4, &other)).1, "submission.submission");
}

#[test]
fn the_first_report_makes_agent_and_site_active() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let health = Health { version: 1, queue_depth: 2, disk_free_percent: 50, certificate_days_left: 7 };
    plane.told(agent, &Report::Health(health.clone()));
    let view = plane.app.site_list(&Actor::Operator).unwrap().remove(0);
    assert_eq!(view.site.state, SiteState::Active);
    assert_eq!(view.site.health, Some((health, plane.now())));
}

#[test]
fn results_are_summed_by_label_and_annotator() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let asset = plane.asset(agent, 1, true);
    let task = plane.task(plane.project(), asset, 2, true);
    let people = [plane.annotator("ada"), plane.annotator("bob")];
    for (slot, (person, dice)) in (0..).zip(people.iter().zip([0.8, 0.6])) {
        let byte = u8::try_from(slot).unwrap() + 1;
        let facts = Submission { scores: vec![score(dice)], ..submission(byte, &task, person.id, slot) };
        plane.told(agent, &Report::Submission(facts));
    }
    plane.told(agent, &Report::Pattern(pattern(&task, 1, 2, &[(1, 10), (3, 10)])));
    let results = plane.app.results(&Actor::Operator, task.project).unwrap();
    let label = &results.labels[0];
    assert_eq!((label.name.as_str(), label.n, label.dice.n), ("Liver", 2, 2));
    assert!((label.dice.mean.unwrap() - 0.7).abs() < 1e-12);
    assert_eq!((label.hd95_mm.n, label.hd95_mm.n_one_empty, label.hd95_mm.mean), (0, 2, None));
    let ada = &results.annotators[0];
    assert_eq!((ada.person.user_name.as_str(), ada.gold_n, ada.duration_median_s), ("ada", 1, Some(60.0)));
    assert_eq!(results.agreement[0].dice_pairwise_mean, MetricValue::Value(2.0 / 3.0));
    assert_eq!(ada.time.reading_seconds, Some(20.0));
    // An NSD of one half does not pass; the other's mask is the majority of the others.
    assert_eq!(ada.gold_pass, PassRate { passes: 0, n: 1 });
    assert_eq!((ada.leave_one_out.n, ada.leave_one_out.mean), (1, Some(2.0 / 3.0)));
}

#[test]
fn agreement_is_between_people_by_object() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let task = plane.task(plane.project(), plane.asset(agent, 1, false), 3, false);
    let people = ["bob", "ada", "cy"].map(|name| plane.annotator(name));
    for (slot, person) in (0..).zip(&people) {
        let byte = u8::try_from(slot).unwrap() + 1;
        plane.told(agent, &Report::Submission(submission(byte, &task, person.id, slot)));
    }
    let nothing = plane.app.agreement(&Actor::Operator, task.project, None).unwrap();
    assert_eq!((nothing.object_id, nothing.people.len(), nothing.cells.len()), (None, 0, 0));
    plane.told(agent, &Report::Pattern(pattern(&task, 1, 3, &[(0b001, 10), (0b011, 10)])));
    let view = plane.app.agreement(&Actor::Operator, task.project, None).unwrap();
    assert_eq!((view.objects.as_slice(), view.object_id), ([(1, "Liver".to_owned())].as_slice(), Some(1)));
    let names: Vec<&str> = view.people.iter().map(|person| person.user_name.as_str()).collect();
    assert_eq!(names, ["ada", "bob", "cy"]);
    let mut means: Vec<(usize, Option<f64>)> =
        view.cells.iter().map(|cell| (cell.dice.n, cell.dice.mean)).collect();
    means.sort_by(|a, b| a.partial_cmp(b).unwrap());
    assert_eq!(means, [(1, Some(0.0)), (1, Some(0.0)), (1, Some(2.0 / 3.0))]);
    let refused = plane.app.agreement(&Actor::Operator, task.project, Some(2));
    assert!(matches!(refused, Err(AppError::Invalid(_))));
}

#[test]
fn what_is_said_beside_scores_is_of_the_instruction() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let asset = plane.asset(agent, 1, false);
    let task = plane.task(plane.project_of(&mixed_draft()), asset, 2, false);
    let (ada, bob) = (plane.annotator("ada").id, plane.annotator("bob").id);
    plane.told(agent, &Report::Submission(submission(1, &task, ada, 0)));
    let base = submission(2, &task, bob, 1);
    let object = |object_id| ObjectPresence { object_id, presence: StatedPresence::Absent, count: 0 };
    let shape = |object_id| ShapeScore { object_id, reference_count: 1, candidate_count: 1, matched: 1 };
    let said = |subject, check| Override { subject, check, reason: OverrideReason::Other };
    let verdict =
        |byte, object_id| Verdict { submission: submission_id(byte), object_id, verdict: VerdictKind::Right };
    let arbiter = |verdicts| Submission { role: WorkRole::Arbiter, slot: 0, verdicts, ..base.clone() };
    let answer = |value| vec![CodedAnswer { question_id: 1, value }];
    let cases = [
        (Submission { objects: vec![object(4)], ..base.clone() }, "submission.objects[0].object_id"),
        (Submission { shapes: vec![shape(1)], ..base.clone() }, "submission.shapes[0].object_id"),
        (
            Submission {
                overrides: vec![said(OverrideSubject::Rule(1), CheckCode::RuleBroken)],
                ..base.clone()
            },
            "submission.overrides[0].subject",
        ),
        (arbiter(vec![verdict(1, 0), verdict(9, 0)]), "submission.verdicts[1].submission"),
        (arbiter(vec![verdict(1, 4)]), "submission.verdicts[0].object_id"),
        (Submission { answers: answer(CodedValue::Option(3)), ..base.clone() }, "submission.answers[0]"),
        (Submission { answers: answer(CodedValue::GridStep(0)), ..base.clone() }, "submission.answers[0]"),
    ];
    for (sequence, (facts, field)) in (3..).zip(cases) {
        assert_eq!(
            refused(plane.push(agent, sequence, &Report::Submission(facts))),
            (RefusalReason::UnknownThing, field.to_owned())
        );
    }
    let fine = Submission {
        objects: vec![object(3)],
        shapes: vec![shape(2)],
        overrides: vec![said(OverrideSubject::Object(2), CheckCode::TooMany)],
        answers: answer(CodedValue::Option(2)),
        ..base
    };
    plane.told(agent, &Report::Submission(fine));
}

#[test]
fn comparisons_are_of_submissions_and_objects_of_the_task() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let project = plane.project_of(&mixed_draft());
    let task = plane.task(project, plane.asset(agent, 1, false), 2, false);
    let other = plane.task(project, plane.asset(agent, 2, false), 1, false);
    let (ada, bob) = (plane.annotator("ada").id, plane.annotator("bob").id);
    plane.told(agent, &Report::Submission(submission(1, &task, ada, 0)));
    plane.told(agent, &Report::Submission(submission(2, &other, bob, 0)));
    let shapes = |object_id, raters: u8| {
        let submissions = (1..=raters).map(submission_id).collect();
        let counts = vec![0; usize::from(raters)];
        Report::Shapes(ShapeAgreement { task: task.id, object_id, submissions, counts, pairs: Vec::new() })
    };
    let painted = |object_id, rule| {
        let submissions = vec![submission_id(1)];
        Report::Consensus(ConsensusPainted { task: task.id, object_id, submissions, rule, voxels: 1 })
    };
    let recheck = |instruction_version| {
        Report::Recheck(Recheck { project, instruction_version, checked: 1, failing: 1 })
    };
    let cases = [
        (Report::Pattern(pattern(&task, 1, 2, &[])), "pattern.submissions[1]"),
        (Report::Pattern(pattern(&task, 2, 1, &[])), "pattern.object_id"),
        (shapes(2, 2), "shapes.submissions[1]"),
        (shapes(1, 1), "shapes.object_id"),
        (painted(3, RuleKind::Majority), "consensus.object_id"),
        (painted(1, RuleKind::Arbiter), "consensus.submissions[0]"),
        (recheck(2), "recheck.instruction_version"),
    ];
    for (sequence, (report, field)) in (5..).zip(cases) {
        let outcome = refused(plane.push(agent, sequence, &report));
        assert_eq!(outcome, (RefusalReason::UnknownThing, field.to_owned()));
    }
    for report in [shapes(2, 1), painted(1, RuleKind::Majority), recheck(1)] {
        plane.told(agent, &report);
    }
    let versions = plane.app.instruction_versions(&Actor::Operator, project).unwrap();
    let (told, site) = &versions[0].rechecks[0];
    assert_eq!((told.facts.failing, site.as_str()), (1, "Site 1"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_sent_again_the_effect_is_that_of_each_number_once(replays in proptest::collection::vec(1_u64..12, 0..40)) {
        let plane = Plane::new();
        let agent = plane.site(1);
        let report = |sequence: u64| Report::Asset(card(u8::try_from(sequence).unwrap()));
        let mut dealt = 0;
        for sequence in replays.into_iter().chain(1..12) {
            let outcome = plane.push(agent, sequence, &report(sequence)).unwrap();
            if dealt == 0 || sequence == dealt + 1 {
                prop_assert_eq!(outcome, Outcome::Accepted);
                dealt = sequence;
            } else if sequence <= dealt {
                prop_assert_eq!(outcome, Outcome::AlreadySeen);
            } else {
                prop_assert!(matches!(outcome, Outcome::Refused(_)));
            }
            prop_assert_eq!(dealt_with(plane.app.store().as_ref(), agent).unwrap(), dealt);
        }
    }
}
