//! Versions of an instruction and the tasks that go along with them; tests that everybody can take.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use control_plane_app::{AppError, NewPolicy, NewTasks, PublishPreview};
use control_plane_domain::*;
use plane::{Plane, mixed_draft, submission};
use proto_ids::*;
use proto_instruction::{Draft, DraftGeometry, EditClass};

/// A project with a task that nobody has begun, one that is leased and one that is submitted.
struct Case {
    plane: Plane,
    agent: AgentIdentity,
    project: ProjectId,
    open: Task,
    leased: Task,
    submitted: Task,
    ada: PersonId,
}

impl Case {
    fn new() -> Self {
        let plane = Plane::new();
        let agent = plane.site(1);
        let project = plane.project_of(&mixed_draft());
        let [open, leased, submitted] =
            [1, 2, 3].map(|byte| plane.task(project, plane.asset(agent, byte, false), 2, false));
        let ada = plane.annotator("ada").id;
        let (state, role) = (LeaseState::Granted, WorkRole::Annotator);
        plane.told(agent, &Report::Lease(LeaseEvent { task: leased.id, person: ada, slot: 0, state, role }));
        plane.told(agent, &Report::Submission(submission(1, &submitted, ada, 0)));
        Self { plane, agent, project, open, leased, submitted, ada }
    }

    fn versions(&self) -> [u32; 3] {
        [&self.open, &self.leased, &self.submitted]
            .map(|task| self.plane.task_now(task).task.instruction_version)
    }

    fn preview(&self, draft: &Draft) -> PublishPreview {
        self.plane.app.draft_save(&Actor::Operator, self.project, draft).unwrap();
        self.plane.app.publish_preview(&Actor::Operator, self.project).unwrap()
    }
}

fn retitled(title: &str) -> Draft {
    Draft { title: title.to_owned(), ..mixed_draft() }
}

/// Boxes become points.
fn broken(title: &str) -> Draft {
    let mut draft = retitled(title);
    draft.objects[1].geometry = DraftGeometry::Point;
    draft
}

#[test]
fn a_change_of_words_moves_every_task() {
    let case = Case::new();
    let preview = case.preview(&retitled("Livers and more"));
    assert_eq!((preview.version, preview.class), (2, Some(EditClass::Cosmetic)));
    assert_eq!((preview.tasks_moved, preview.tasks_pinned, preview.edits.len()), (3, 0, 1));
    assert_eq!(case.versions(), [1, 1, 1], "a preview changes nothing");
    let before = *case.plane.app.store().revisions().borrow();
    assert_eq!(case.plane.publish(case.project, &retitled("Livers and more")), 2);
    assert_eq!(case.versions(), [2, 2, 2]);
    let told = case.plane.app.store().changes_since(case.agent.site, before, 100).unwrap().changes;
    let kinds: Vec<&str> = told
        .iter()
        .map(|change| match &change.item {
            WorklistItem::Instruction(_) => "instruction",
            WorklistItem::Project(_) => "project",
            WorklistItem::Task(_) => "task",
            WorklistItem::Person(_) => "person",
        })
        .collect();
    assert_eq!(kinds, ["instruction", "project", "task", "task", "task"]);
}

#[test]
fn a_breaking_change_leaves_begun_tasks_where_they_are() {
    let case = Case::new();
    let preview = case.preview(&broken("Livers"));
    assert_eq!(preview.class, Some(EditClass::Breaking));
    assert_eq!((preview.tasks_moved, preview.tasks_pinned), (1, 2));
    case.plane.publish(case.project, &broken("Livers"));
    assert_eq!(case.versions(), [2, 1, 1]);
    let preview = case.preview(&broken("Livers again"));
    assert_eq!(preview.class, Some(EditClass::Cosmetic));
    assert_eq!((preview.tasks_moved, preview.tasks_pinned), (1, 2), "what stayed behind stays behind");
    case.plane.publish(case.project, &broken("Livers again"));
    assert_eq!(case.versions(), [3, 1, 1]);
}

#[test]
fn a_task_that_was_taken_back_does_not_move() {
    let case = Case::new();
    case.plane.app.task_withdraw(&Actor::Operator, case.open.id).unwrap();
    let preview = case.preview(&retitled("Livers and more"));
    assert_eq!((preview.tasks_moved, preview.tasks_pinned), (2, 0));
}

#[test]
fn nothing_new_is_nothing_to_publish() {
    let case = Case::new();
    let preview = case.preview(&mixed_draft());
    let nothing =
        PublishPreview { version: 1, class: None, edits: Vec::new(), tasks_moved: 0, tasks_pinned: 0 };
    assert_eq!(preview, nothing);
    let plane = Plane::new();
    let id = plane.app.project_add(&Actor::Operator, "Livers").unwrap().id;
    plane.app.draft_save(&Actor::Operator, id, &mixed_draft()).unwrap();
    assert_eq!(plane.app.publish_preview(&Actor::Operator, id).unwrap(), nothing, "a first one has no class");
}

#[test]
fn versions_tell_what_changed_between_them() {
    let case = Case::new();
    case.plane.publish(case.project, &broken("Livers"));
    let versions = case.plane.app.instruction_versions(&Actor::Operator, case.project).unwrap();
    let found: Vec<(u32, Option<EditClass>)> =
        versions.iter().map(|view| (view.version.version, view.class)).collect();
    assert_eq!(found, [(2, Some(EditClass::Breaking)), (1, None)]);
    assert!(!versions[0].edits.is_empty() && versions[1].edits.is_empty());
}

#[test]
fn work_may_be_done_under_any_published_version() {
    let case = Case::new();
    case.plane.publish(case.project, &broken("Livers"));
    let shape = ShapeScore { object_id: 2, reference_count: 1, candidate_count: 1, matched: 1 };
    let under = |byte, slot, instruction_version| Submission {
        instruction_version,
        shapes: vec![shape],
        ..submission(byte, &case.leased, case.ada, slot)
    };
    let last = control_plane_app::reports::dealt_with(case.plane.app.store().as_ref(), case.agent).unwrap();
    let refused = case.plane.push(case.agent, last + 1, &Report::Submission(under(2, 0, 3))).unwrap();
    let unknown = Refusal::unknown("submission.instruction_version");
    assert_eq!(refused, control_plane_app::reports::Outcome::Refused(unknown));
    case.plane.told(case.agent, &Report::Submission(under(3, 0, 1)));
    let bob = case.plane.annotator("bob").id;
    case.plane.told(case.agent, &Report::Submission(Submission { person: bob, ..under(4, 1, 2) }));
    let patterns = VotingPattern {
        submissions: vec![plane::submission_id(3), plane::submission_id(4)],
        ..plane::pattern(&case.leased, 1, 2, &[(3, 10)])
    };
    case.plane.told(case.agent, &Report::Pattern(patterns));
    let view = case.plane.task_now(&case.leased);
    assert_eq!(view.state, TaskState::Accepted, "boxes and points are not compared");
    assert_eq!(view.task.consensus.len(), 1);
}

#[test]
fn an_instruction_comes_down_before_the_orders_that_follow_it() {
    let case = Case::new();
    case.plane.publish(case.project, &retitled("Whole livers"));
    case.plane.task(case.project, case.plane.asset(case.agent, 4, false), 2, false);
    let changes = case.plane.app.store().changes_since(case.agent.site, 0, 1000).unwrap().changes;
    let place =
        |wanted: &dyn Fn(&WorklistItem) -> bool| changes.iter().position(|one| wanted(&one.item)).unwrap();
    let instruction =
        place(&|item| matches!(item, WorklistItem::Instruction(version) if version.version == 2));
    let order = place(&|item| matches!(item, WorklistItem::Task(order) if order.instruction_version == 2));
    assert!(instruction < order);
}

fn gold(percent: u32) -> NewPolicy {
    NewPolicy {
        gold_percent: percent,
        rule: ConsensusKind::Majority,
        minimum_agreement: 0.7,
        arbitration: false,
        arbiters: Vec::new(),
    }
}

#[test]
fn every_annotator_can_be_tested_with_every_gold_asset() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let project = plane.project();
    let people: Vec<PersonId> = (0..17).map(|n| plane.annotator(&format!("a{n}")).id).collect();
    let (plain, test) = (plane.asset(agent, 1, false), plane.asset(agent, 2, true));
    plane.app.policy_set(&Actor::Operator, project, &gold(10)).unwrap();
    let new = NewTasks { assets: vec![plain, test], overlap: 2, gold_assets: vec![test] };
    let add = || plane.app.tasks_add(&Actor::Operator, project, &new).unwrap();
    assert_eq!(add(), 2, "one test for nobody yet");
    plane.app.annotators_set(&Actor::Operator, project, &people).unwrap();
    assert_eq!(add(), 1, "seventeen people need two tests of sixteen");
    assert_eq!(add(), 0);
    let tasks = plane.app.task_list(&Actor::Operator, project).unwrap();
    let tests: Vec<(u32, bool)> = tasks
        .iter()
        .filter(|view| view.task.asset == test)
        .map(|view| (view.task.overlap, view.task.gold))
        .collect();
    assert_eq!(tests, [(16, true), (16, true)]);
    let ordinary = tasks.iter().find(|view| view.task.asset == plain).unwrap();
    assert_eq!((ordinary.task.overlap, ordinary.task.gold), (2, false));
}

/// Somebody who was given the same pictures twice under one version would know the second for a test.
#[test]
fn an_asset_that_is_worked_on_gets_no_test_beside() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let project = plane.project();
    let people: Vec<PersonId> = (0..17).map(|n| plane.annotator(&format!("a{n}")).id).collect();
    plane.app.annotators_set(&Actor::Operator, project, &people).unwrap();
    plane.app.policy_set(&Actor::Operator, project, &gold(10)).unwrap();
    let asset = plane.asset(agent, 1, true);
    plane.task(project, asset, 2, false);
    let new = NewTasks { assets: vec![asset], overlap: 2, gold_assets: vec![asset] };
    assert_eq!(plane.app.tasks_add(&Actor::Operator, project, &new).unwrap(), 0);
}

#[test]
fn without_a_draw_a_gold_asset_gets_one_task_like_any_other() {
    let plane = Plane::new();
    let agent = plane.site(1);
    let task = plane.task(plane.project(), plane.asset(agent, 1, true), 3, true);
    assert_eq!((task.overlap, task.gold), (3, true));
}

#[test]
fn a_draft_may_begin_with_its_text_and_cannot_be_published_so() {
    let plane = Plane::new();
    let id = plane.app.project_add(&Actor::Operator, "Livers").unwrap().id;
    let text = Draft { objects: Vec::new(), questions: Vec::new(), ..plane::draft() };
    plane.app.draft_save(&Actor::Operator, id, &text).unwrap();
    let refused = plane.app.instruction_publish(&Actor::Operator, id);
    assert!(matches!(refused, Err(AppError::Invalid(_))), "{refused:?}");
}
