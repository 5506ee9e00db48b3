//! Models of sites, runs of pre-annotation, and what became of proposals.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use std::collections::BTreeSet;

use control_plane_app::reports::Outcome;
use control_plane_app::{AppError, SitePreannotationView, Thing, read};
use control_plane_domain::*;
use plane::{Plane, submission};
use proptest::prelude::*;
use proto_ids::*;

fn token(byte: u8) -> ModelToken {
    ModelToken::from_random([byte; 16])
}

fn model(byte: u8, available: bool) -> Report {
    Report::Model(ModelState { model: token(byte), provider: ModelProvider::MonaiLabel, available })
}

fn progress(project: ProjectId, run: u32, counts: [u32; 3]) -> Report {
    let [waiting, done, failed] = counts;
    Report::Preannotation(PreannotationProgress {
        project,
        run,
        waiting,
        done,
        failed,
        report: done + failed,
    })
}

fn used(byte: u8, outcome: AssistOutcome, edits: (u64, u64)) -> AssistUse {
    AssistUse {
        model: token(byte),
        outcome,
        proposed_voxels: 100,
        added_voxels: edits.0,
        removed_voxels: edits.1,
    }
}

/// A plane, a site whose agent has one model, a project with one task there.
fn with_model() -> (Plane, AgentIdentity, Task) {
    let plane = Plane::new();
    let agent = plane.site(1);
    let asset = plane.asset(agent, 1, false);
    let task = plane.task(plane.project(), asset, 2, false);
    plane.told(agent, &model(1, true));
    (plane, agent, task)
}

fn view(plane: &Plane, project: ProjectId) -> SitePreannotationView {
    let mut views = plane.app.preannotation_list(&Actor::Operator, project).unwrap();
    assert_eq!(views.len(), 1);
    views.remove(0)
}

fn state(view: &SitePreannotationView) -> RunState {
    view.run.unwrap().state(view.progress.as_ref().map(|(facts, _)| facts))
}

/// The order that the site was told last.
fn ordered(plane: &Plane, site: SiteId) -> Option<PreannotationOrder> {
    let changes = plane.app.store().changes_since(site, 0, 1000).unwrap().changes;
    let project = changes.into_iter().find_map(|change| match change.item {
        WorklistItem::Project(project) => Some(project),
        WorklistItem::Instruction(_) | WorklistItem::Person(_) | WorklistItem::Task(_) => None,
    });
    project.unwrap().preannotation
}

fn refused(plane: &Plane, agent: AgentIdentity, report: &Report) -> (RefusalReason, String) {
    let last = control_plane_app::reports::dealt_with(plane.app.store().as_ref(), agent).unwrap();
    match plane.push(agent, last + 1, report).unwrap() {
        Outcome::Refused(refusal) => (refusal.reason, refusal.field),
        other @ (Outcome::Accepted | Outcome::AlreadySeen) => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_run_is_started_followed_stopped_and_started_again() {
    let (plane, agent, task) = with_model();
    let (actor, id) = (Actor::Operator, task.project);
    let before = view(&plane, id);
    assert_eq!((before.tasks, before.models.len(), before.run), (1, 1, None));
    assert_eq!(ordered(&plane, agent.site), None);

    plane.app.preannotation_start(&actor, id, agent.site, token(1)).unwrap();
    assert_eq!(ordered(&plane, agent.site), Some(PreannotationOrder { model: token(1), run: 1 }));
    assert_eq!(state(&view(&plane, id)), RunState::Ordered);
    plane.told(agent, &progress(id, 1, [3, 0, 0]));
    assert_eq!(state(&view(&plane, id)), RunState::Running);
    plane.told(agent, &progress(id, 1, [0, 2, 1]));
    assert_eq!(state(&view(&plane, id)), RunState::Finished);
    // Tasks are taken back, and then one is added: the newest word counts, though it tells of less.
    let newest = PreannotationProgress { project: id, run: 1, waiting: 1, done: 1, failed: 0, report: 4 };
    plane.told(agent, &Report::Preannotation(newest));
    assert_eq!(view(&plane, id).progress.unwrap().0, newest);
    assert_eq!(state(&view(&plane, id)), RunState::Running);

    plane.app.preannotation_start(&actor, id, agent.site, token(1)).unwrap();
    let again = view(&plane, id);
    assert_eq!((state(&again), again.progress.is_none()), (RunState::Ordered, true));
    plane.app.preannotation_stop(&actor, id, agent.site).unwrap();
    plane.app.preannotation_stop(&actor, id, agent.site).unwrap();
    assert_eq!((state(&view(&plane, id)), ordered(&plane, agent.site)), (RunState::Stopped, None));
    // What was under way when the word came is still counted.
    plane.told(agent, &progress(id, 2, [1, 2, 0]));
    assert_eq!(view(&plane, id).progress.unwrap().0.done, 2);

    let rows = read(plane.app.store().as_ref(), |reader| Ok(reader.audit_list(100)?)).unwrap();
    let of_runs = rows.iter().rev().filter_map(|row| {
        let Subject::Preannotation { project, site, model, run } = row.subject else { return None };
        assert_eq!((project, site, model), (id, agent.site, token(1)));
        Some((row.action, run))
    });
    let expected = [
        (Action::PreannotationStarted, 1),
        (Action::PreannotationStarted, 2),
        (Action::PreannotationStopped, 2),
    ];
    assert_eq!(of_runs.collect::<Vec<_>>(), expected);
}

fn field_of(error: AppError) -> String {
    let AppError::Invalid(fields) = error else { panic!("{error}") };
    fields[0].field.clone()
}

#[test]
fn a_run_needs_a_published_instruction_a_task_and_a_model_of_the_site_that_answers() {
    let (plane, agent, task) = with_model();
    let (actor, id) = (Actor::Operator, task.project);
    let start = |site, model| plane.app.preannotation_start(&actor, id, site, model);
    let south = plane.site(2);
    plane.told(south, &model(2, true));
    plane.told(agent, &model(3, false));
    assert_eq!(field_of(start(south.site, token(2)).unwrap_err()), "site_id");
    assert_eq!(field_of(start(SiteId::from_random([77; 16]), token(1)).unwrap_err()), "site_id");
    for strange in [token(2), token(3), token(9)] {
        assert_eq!(field_of(start(agent.site, strange).unwrap_err()), "model_id");
    }
    let draft = plane.app.project_add(&actor, "Lungs").unwrap().id;
    let early = plane.app.preannotation_start(&actor, draft, agent.site, token(1));
    assert!(matches!(early, Err(AppError::NotPublished)));
    let unknown =
        plane.app.preannotation_start(&actor, ProjectId::from_random([7; 16]), agent.site, token(1));
    assert!(matches!(unknown, Err(AppError::NotFound(Thing::Project))));
    let never = plane.app.preannotation_stop(&actor, id, agent.site);
    assert!(matches!(never, Err(AppError::NotFound(Thing::Preannotation))));
    let stranger =
        Actor::Person { id: PersonId::from_random([1; 16]), roles: BTreeSet::from([Role::Annotator]) };
    let denied = plane.app.preannotation_start(&stranger, id, agent.site, token(1));
    assert!(matches!(denied, Err(AppError::Denied)));
    plane.app.site_revoke(&actor, agent.site).unwrap();
    assert!(matches!(start(agent.site, token(1)), Err(AppError::Revoked)));
    assert_eq!(view(&plane, id).run, None);
}

#[test]
fn each_site_has_its_own_model_and_hears_of_no_other() {
    let (plane, north, task) = with_model();
    let (actor, id) = (Actor::Operator, task.project);
    let south = plane.site(2);
    let asset = plane.asset(south, 2, false);
    plane.task(id, asset, 1, false);
    plane.told(south, &model(2, true));
    plane.app.preannotation_start(&actor, id, south.site, token(2)).unwrap();
    assert_eq!(ordered(&plane, north.site), None);
    plane.app.preannotation_start(&actor, id, north.site, token(1)).unwrap();
    plane.app.preannotation_start(&actor, id, north.site, token(1)).unwrap();
    assert_eq!(ordered(&plane, north.site).unwrap().run, 2);
    assert_eq!(ordered(&plane, south.site), Some(PreannotationOrder { model: token(2), run: 1 }));
    plane.told(south, &progress(id, 1, [0, 1, 0]));
    let views = plane.app.preannotation_list(&actor, id).unwrap();
    assert_eq!(views.iter().map(|view| view.progress.is_some()).collect::<Vec<_>>(), [false, true]);
    let sites = plane.app.site_list(&actor).unwrap();
    let models: Vec<_> = sites.iter().map(|view| view.models[0].state.model).collect();
    assert_eq!(models, [token(1), token(2)]);
}

#[test]
fn a_site_speaks_of_its_own_models_and_of_runs_that_were_ordered() {
    let (plane, north, task) = with_model();
    let south = plane.site(2);
    let id = task.project;
    use RefusalReason::{ForeignSite, InvalidField, UnknownThing};
    let refuse = |agent, report: &Report, reason, field: &str| {
        assert_eq!(refused(&plane, agent, report), (reason, field.to_owned()));
    };
    refuse(south, &model(1, true), ForeignSite, "model.model");
    refuse(south, &progress(id, 1, [0, 1, 0]), ForeignSite, "preannotation.project");
    refuse(north, &progress(id, 1, [0, 1, 0]), UnknownThing, "preannotation.run");
    refuse(north, &progress(id, 0, [0, 1, 0]), InvalidField, "preannotation.run");
    let nothing = ProjectId::from_random([7; 16]);
    refuse(north, &progress(nothing, 1, [0, 1, 0]), UnknownThing, "preannotation.project");
    plane.told(north, &model(1, false));
    assert!(!view(&plane, id).models[0].state.available);

    let ada = plane.annotator("ada").id;
    plane.told(south, &model(2, true));
    let with = |assists| Report::Submission(Submission { assists, ..submission(1, &task, ada, 0) });
    let rejected = |byte| used(byte, AssistOutcome::Rejected, (0, 0));
    refuse(north, &with(vec![rejected(9)]), UnknownThing, "submission.assists[0].model");
    refuse(
        north,
        &with(vec![rejected(1), rejected(1), rejected(2)]),
        ForeignSite,
        "submission.assists[2].model",
    );
    let much = AssistUse { removed_voxels: 101, ..used(1, AssistOutcome::Accepted, (0, 0)) };
    refuse(north, &with(vec![much]), InvalidField, "submission.assists[0].removed_voxels");
    plane.told(north, &with(vec![rejected(1)]));
}

#[test]
fn proposals_are_told_by_model_and_by_annotator() {
    let (plane, agent, task) = with_model();
    plane.told(agent, &model(2, true));
    let (ada, bob, cleo) = (plane.annotator("ada").id, plane.annotator("bob").id, plane.annotator("cleo").id);
    let nothing = plane.app.assistance(&Actor::Operator, task.project).unwrap();
    assert_eq!((nothing.submissions, nothing.models.len(), nothing.annotators.len()), (0, 0, 0));

    let hand_in = |byte, person, slot, assists| {
        let facts = Submission { assists, ..submission(byte, &task, person, slot) };
        plane.told(agent, &Report::Submission(facts));
    };
    let (accepted, rejected) = (AssistOutcome::Accepted, AssistOutcome::Rejected);
    hand_in(
        1,
        ada,
        0,
        vec![used(1, accepted, (0, 0)), used(2, accepted, (30, 10)), used(1, accepted, (0, 0))],
    );
    hand_in(2, bob, 1, vec![used(1, rejected, (0, 0))]);
    // Surplus work counts, work without a proposal has nothing to count, and an arbiter is no annotator.
    hand_in(3, cleo, 1, Vec::new());
    let arbiter = Submission {
        role: WorkRole::Arbiter,
        assists: vec![used(1, accepted, (0, 0))],
        ..submission(4, &task, plane.annotator("dana").id, 0)
    };
    plane.told(agent, &Report::Submission(arbiter));

    let view = plane.app.assistance(&Actor::Operator, task.project).unwrap();
    assert_eq!((view.submissions, view.assisted), (3, 2));
    let names: Vec<_> = view.annotators.iter().map(|by| by.person.user_name.as_str()).collect();
    assert_eq!(names, ["ada", "bob"]);
    assert_eq!(view.annotators[0].tally.unedited, PassRate { passes: 2, n: 3 });
    assert_eq!(view.annotators[1].tally.rejected, PassRate { passes: 1, n: 1 });
    let (first, second) = (&view.models[0], &view.models[1]);
    assert_eq!((first.model.state.model, first.tally.rejected), (token(1), PassRate { passes: 1, n: 3 }));
    assert_eq!(first.annotators.len(), 2);
    assert_eq!((second.tally.edit_share, second.tally.edit_n), (Some(0.4), 1));
    assert_eq!(second.annotators[0].person.user_name, "ada");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn progress_in_any_order_and_twice_gives_the_same_state(
        told in proptest::collection::vec((1..3_u32, 0..4_u32, 0..4_u32, 0..4_u32), 1..8),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let reach = |reports: &mut dyn Iterator<Item = (u32, u32, u32, u32)>| {
            let (plane, agent, task) = with_model();
            for _ in 0..2 {
                plane.app.preannotation_start(&Actor::Operator, task.project, agent.site, token(1)).unwrap();
            }
            for (run, waiting, done, failed) in reports {
                plane.told(agent, &progress(task.project, run, [waiting, done, failed]));
            }
            let view = view(&plane, task.project);
            (state(&view), view.progress.map(|(facts, _)| (facts.run, facts.waiting, facts.done, facts.failed)))
        };
        let straight = reach(&mut told.iter().copied());
        let shuffled = order.iter().map(|index| *index.get(&told)).chain(told.iter().rev().copied());
        prop_assert_eq!(straight, reach(&mut shuffled.collect::<Vec<_>>().into_iter()));
    }
}
