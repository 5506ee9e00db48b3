//! Pre-annotation and model assistance as the console's pages read them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "each test file uses its own part of what is shared")]

mod server;

use control_plane_app::{NewTasks, transact};
use control_plane_domain::*;
use proto_ids::*;
use proto_instruction::{
    CountLimits, Draft, DraftGeometry, DraftObject, ObjectCodes, ObjectLimits, Severity,
};
use serde_json::{Value, json};
use server::{Server, server};

const OPERATOR: Actor = Actor::Operator;

fn draft() -> Draft {
    let liver = DraftObject {
        id: 1,
        key: "liver".to_owned(),
        name: "Liver".to_owned(),
        help: String::new(),
        colour: "#0ea5a4".to_owned(),
        hotkey: String::new(),
        geometry: DraftGeometry::LabelMap { label: 1, tolerance_mm: 2.0 },
        count: CountLimits::default(),
        limits: ObjectLimits::default(),
        severity: Severity::Warn,
        must_state: false,
        codes: ObjectCodes::default(),
    };
    let (title, body_markdown) = ("Livers".to_owned(), "Mark it.".to_owned());
    Draft { title, body_markdown, objects: vec![liver], ..Draft::default() }
}

fn card(asset: AssetToken) -> AssetCard {
    AssetCard {
        asset,
        modality: Modality::Ct,
        region: BodyRegion::Abdomen,
        plane: Plane::Axial,
        dimensionality: Dimensionality::Volume,
        contrast: Contrast::Unknown,
        slices_up_to: 512,
        size_up_to: 512,
        spacing_tenths_mm: 7,
        thickness_halves_mm: 2,
        frames_up_to: 1,
    }
}

/// A site with a model that answers and one that does not, and a project with a task there.
fn with_models(server: &Server) -> (SiteId, ProjectId) {
    let site = server.app.site_add(&OPERATOR, "North").unwrap().site.id;
    let asset = AssetToken::from_random([5; 16]);
    let at = server.app.now();
    transact(server.app.store().as_ref(), |tx| {
        tx.asset_put(&Asset { site, card: card(asset), gold: false, received_at: at })?;
        for (byte, provider, available) in
            [(0x3f, ModelProvider::BuiltIn, true), (0x12, ModelProvider::KserveV2, false)]
        {
            let state = ModelState { model: ModelToken::from_random([byte; 16]), provider, available };
            tx.model_put(&Model { site, state, received_at: at })?;
        }
        Ok(())
    })
    .unwrap();
    let project = server.app.project_add(&OPERATOR, "Livers").unwrap().id;
    server.app.draft_save(&OPERATOR, project, &draft()).unwrap();
    server.app.instruction_publish(&OPERATOR, project).unwrap();
    let new = NewTasks { assets: vec![asset], overlap: 1, gold_assets: Vec::new() };
    server.app.tasks_add(&OPERATOR, project, &new).unwrap();
    (site, project)
}

#[tokio::test]
async fn a_manager_starts_sees_and_stops_a_run() {
    let server = server();
    let (site, project) = with_models(&server);
    let cookie = server.sign_in("max").await;
    let path = format!("/api/v1/projects/{project}/preannotation");
    let (_, list) = server.json("GET", &path, &cookie, None).await;
    let first = &list["sites"][0];
    assert_eq!((first["site_name"].as_str(), first["tasks"].as_u64()), (Some("North"), Some(1)));
    assert_eq!(first["run"], Value::Null);
    let models: Vec<_> =
        first["models"].as_array().unwrap().iter().map(|one| one["provider"].clone()).collect();
    assert_eq!(models, ["built_in", "kserve_v2"], "those that can be asked come first");
    let (built_in, away) = (first["models"][0]["id"].clone(), first["models"][1]["id"].clone());
    assert!(built_in.as_str().unwrap().starts_with("3f3f3f"));

    let start = |model: &Value| json!({ "site_id": site.to_string(), "model_id": model });
    let (status, problem) = server.json("POST", &path, &cookie, Some(&start(&away))).await;
    assert_eq!((status, problem["fields"][0]["field"].as_str()), (422, Some("model_id")), "{problem}");
    assert_eq!(server.json("POST", &path, &cookie, Some(&start(&built_in))).await.0, 204);
    let (_, list) = server.json("GET", &path, &cookie, None).await;
    let run = json!({ "model_id": built_in, "run": 1, "state": "ordered", "progress": null });
    assert_eq!(list["sites"][0]["run"], run);

    let facts = PreannotationProgress { project, run: 1, waiting: 0, done: 1, failed: 0, report: 1 };
    let received_at = server.app.now();
    transact(server.app.store().as_ref(), |tx| {
        Ok(tx.preannotation_put(&SitePreannotation { site, facts, received_at })?)
    })
    .unwrap();
    let (_, list) = server.json("GET", &path, &cookie, None).await;
    let run = &list["sites"][0]["run"];
    assert_eq!((run["state"].as_str(), run["progress"]["done"].as_u64()), (Some("finished"), Some(1)));

    assert_eq!(server.json("POST", &path, &cookie, Some(&start(&built_in))).await.0, 204);
    let stop = json!({ "site_id": site.to_string() });
    assert_eq!(server.json("POST", &format!("{path}/stop"), &cookie, Some(&stop)).await.0, 204);
    let (_, list) = server.json("GET", &path, &cookie, None).await;
    let run = &list["sites"][0]["run"];
    assert_eq!((run["state"].as_str(), run["run"].as_u64()), (Some("stopped"), Some(2)));
    let (_, sites) = server.json("GET", "/api/v1/sites", &cookie, None).await;
    assert_eq!(sites["sites"][0]["models"][0]["id"], built_in);
}

#[tokio::test]
async fn shares_of_proposals_carry_their_number_and_interval() {
    let server = server();
    let (site, project) = with_models(&server);
    let cookie = server.sign_in("max").await;
    let path = format!("/api/v1/projects/{project}/assistance");
    let (_, nothing) = server.json("GET", &path, &cookie, None).await;
    assert_eq!((nothing["assisted"].as_u64(), nothing["models"].clone()), (Some(0), json!([])));

    let ada = server.app.annotator_add(&OPERATOR, "eve", "Eve").unwrap().person.id;
    let task = server.app.task_list(&OPERATOR, project).unwrap()[0].task.clone();
    let model = ModelToken::from_random([0x3f; 16]);
    let used = |outcome| AssistUse { model, outcome, proposed_voxels: 9, added_voxels: 0, removed_voxels: 0 };
    let facts = Submission {
        id: SubmissionId::from_random([8; 16]),
        task: task.id,
        person: ada,
        slot: 0,
        role: WorkRole::Annotator,
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
        assists: vec![used(AssistOutcome::Rejected), used(AssistOutcome::Unused)],
    };
    let (asset, received_at) = (task.asset, server.app.now());
    transact(server.app.store().as_ref(), |tx| {
        let facts = facts.clone();
        Ok(tx.submission_put(&ReceivedSubmission {
            facts,
            site,
            project,
            asset,
            surplus: false,
            received_at,
        })?)
    })
    .unwrap();
    let (_, view) = server.json("GET", &path, &cookie, None).await;
    let tally = &view["annotators"][0]["tally"];
    assert_eq!((tally["rejected"]["count"].as_u64(), tally["rejected"]["n"].as_u64()), (Some(1), Some(1)));
    assert!(tally["rejected"]["low"].as_f64().unwrap() < 0.3);
    assert_eq!((tally["unused"].as_u64(), tally["edit_share_median"].clone()), (Some(1), Value::Null));
    assert_eq!(view["models"][0]["annotators"][0]["person"]["user_name"], "eve");
}
