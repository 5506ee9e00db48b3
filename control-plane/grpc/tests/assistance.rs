//! Pre-annotation between a real uplink and a real control plane: a model goes up as a token, a run
//! comes down, progress and what became of proposals go up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod plane;

use agent_uplink as uplink;
use agent_uplink::{InboundItem, Outbound, RefusalReason};
use control_plane_app::NewTasks;
use control_plane_domain::{Actor, RunState};
use plane::{Plane, card};
use proto_ids::{AssetToken, ModelToken, PersonId, ProjectId, SubmissionId, TaskId};
use proto_instruction::{
    CountLimits, Draft, DraftGeometry, DraftObject, ObjectCodes, ObjectLimits, Severity,
};

const OPERATOR: Actor = Actor::Operator;

fn draft() -> Draft {
    let liver = DraftObject {
        id: 1,
        key: "liver".into(),
        name: "Liver".into(),
        help: String::new(),
        colour: "#0ea5a4".into(),
        hotkey: "1".into(),
        geometry: DraftGeometry::LabelMap { label: 1, tolerance_mm: 2.0 },
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    };
    Draft {
        title: "Livers".into(),
        body_markdown: "Mark it.".into(),
        objects: vec![liver],
        ..Draft::default()
    }
}

/// A published project with a task on the asset.
fn project(plane: &Plane, asset: AssetToken) -> ProjectId {
    let id = plane.app.project_add(&OPERATOR, "Livers").unwrap().id;
    plane.app.draft_save(&OPERATOR, id, &draft()).unwrap();
    plane.app.instruction_publish(&OPERATOR, id).unwrap();
    let new = NewTasks { assets: vec![asset], overlap: 1, gold_assets: Vec::new() };
    assert_eq!(plane.app.tasks_add(&OPERATOR, id, &new).unwrap(), 1);
    id
}

fn model(model: ModelToken, available: bool) -> Outbound {
    Outbound::Model(uplink::ModelState { model, provider: uplink::ModelProvider::MonaiLabel, available })
}

/// As a site that has done `done` of its tasks says, having told of each.
fn progress(project: ProjectId, run: u32, waiting: u32, done: u32) -> Outbound {
    let report = done + 1;
    Outbound::Preannotation(uplink::PreannotationProgress { project, run, waiting, done, failed: 0, report })
}

fn work(task: TaskId, person: PersonId, model: ModelToken) -> Outbound {
    Outbound::Submission(uplink::Submission {
        submission: SubmissionId::from_random([4; 16]),
        task,
        person,
        slot: 0,
        role: uplink::Role::Annotator,
        instruction_version: 1,
        duration_seconds: 60,
        active_seconds: 30,
        reading_seconds: 20,
        idle_seconds: 10,
        engine: 1,
        scores: Vec::new(),
        answers: Vec::new(),
        objects: Vec::new(),
        shapes: Vec::new(),
        overrides: Vec::new(),
        verdicts: Vec::new(),
        assists: vec![uplink::AssistUse {
            model,
            outcome: uplink::AssistOutcome::Accepted,
            proposed_voxels: 200,
            added_voxels: 30,
            removed_voxels: 20,
        }],
    })
}

/// Waits until the site was told of the project with this run, or with none.
async fn told(running: &plane::Running, run: Option<u32>) {
    let newest = || {
        let items = running.store.items.lock().unwrap();
        items.iter().rev().find_map(|(_, _, item)| match item {
            InboundItem::Project(project) => Some(project.preannotation.map(|order| order.run)),
            InboundItem::Instruction(_) | InboundItem::Person(_) | InboundItem::Task(_) => None,
        })
    };
    let arrived = async {
        while newest() != Some(run) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), arrived).await.unwrap();
}

#[tokio::test]
async fn a_run_goes_down_and_its_progress_comes_up() {
    let plane = Plane::start().await;
    let site = plane.site("North");
    plane.enrol(&plane.join(site), "agent").await.unwrap();
    let mut running = plane.run("agent");
    let token = ModelToken::from_random([7; 16]);
    running.store.say(&card(1));
    running.store.say(&model(token, true));
    running.until_dealt_with(2).await;
    let id = project(&plane, AssetToken::from_random([1; 16]));
    told(&running, None).await;

    plane.app.preannotation_start(&OPERATOR, id, site, token).unwrap();
    told(&running, Some(1)).await;
    running.store.say(&progress(id, 1, 1, 0));
    running.store.say(&progress(id, 1, 0, 1));
    running.until_dealt_with(4).await;
    let view = plane.app.preannotation_list(&OPERATOR, id).unwrap().remove(0);
    let (facts, _) = view.progress.unwrap();
    assert_eq!((facts.waiting, facts.done), (0, 1));
    assert_eq!(view.run.unwrap().state(Some(&facts)), RunState::Finished);

    let ada = plane.app.annotator_add(&OPERATOR, "ada", "Ada").unwrap().person.id;
    let task = plane.app.task_list(&OPERATOR, id).unwrap()[0].task.id;
    running.store.say(&work(task, ada, token));
    running.until_dealt_with(5).await;
    let assistance = plane.app.assistance(&OPERATOR, id).unwrap();
    assert_eq!(assistance.models[0].tally.edit_share, Some(0.25));
    assert_eq!(assistance.annotators[0].person.id, ada);

    plane.app.preannotation_stop(&OPERATOR, id, site).unwrap();
    told(&running, None).await;
    running.until(|status| status.connected).await;
    assert!(running.store.shelved.lock().unwrap().is_empty());
    let kinds: Vec<_> = running.store.reports().iter().map(|row| row.kind()).collect();
    assert_eq!(kinds, ["asset", "model", "preannotation", "preannotation", "submission"]);
}

#[tokio::test]
async fn a_run_that_nobody_ordered_and_a_model_of_another_site_are_refused_by_name() {
    let plane = Plane::start().await;
    let (north, south) = (plane.site("North"), plane.site("South"));
    plane.enrol(&plane.join(north), "north").await.unwrap();
    plane.enrol(&plane.join(south), "south").await.unwrap();
    let token = ModelToken::from_random([7; 16]);
    let owner = plane.run("north");
    owner.store.say(&card(1));
    owner.store.say(&model(token, true));
    owner.until_dealt_with(2).await;
    let id = project(&plane, AssetToken::from_random([1; 16]));
    owner.store.say(&progress(id, 1, 0, 1));
    owner.until_dealt_with(3).await;
    let other = plane.run("south");
    other.store.say(&model(token, false));
    other.store.say(&progress(id, 1, 0, 1));
    other.until_dealt_with(2).await;
    let shelved = |running: &plane::Running| {
        let rows = running.store.shelved.lock().unwrap();
        rows.iter().map(|row| (row.reason, row.field.clone())).collect::<Vec<_>>()
    };
    let expected = [(RefusalReason::UnknownThing, "preannotation.run".to_owned())];
    assert_eq!(shelved(&owner), expected);
    let expected = [
        (RefusalReason::ForeignSite, "model.model".to_owned()),
        (RefusalReason::ForeignSite, "preannotation.project".to_owned()),
    ];
    assert_eq!(shelved(&other), expected);
    let sites = plane.app.site_list(&OPERATOR).unwrap();
    assert!(sites[0].models[0].state.available, "the word of another site changes nothing");
}
