//! Facts about what the agent computes for a person to accept or reject, and about models of assistance.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::sync::Arc;

use agent_archive::{ModelProvider, NewModel, Role};
use agent_imaging::LabelMap;
use agent_imaging::window::Modality;
use agent_viewer_api::{
    Assist, AssistAnswer, AssistModel, AssistRefusal, AssistRequest, AssistWatch, InvalidModel, TriedModel,
};
use axum::http::StatusCode;
use proto_ids::{ModelToken, PreviewId};
use serde_json::{Value, json};
use support::calls::{paint, path, undo, uuid};
use support::tasks::task;
use support::{Answer, Site};

/// A model that marks each place it is pointed at, and nothing else; by the value of a voxel where it is
/// given a box. Small enough to be checked by hand.
struct Pointer;

impl Assist for Pointer {
    fn models(&self, _modality: Option<Modality>) -> Vec<AssistModel> {
        let known = |model| AssistModel {
            model,
            prompts: vec!["points"],
            automatic: false,
            available: true,
            trouble: String::new(),
        };
        vec![known(MODEL)]
    }

    fn infer(&self, request: AssistRequest, watch: AssistWatch) -> Result<AssistAnswer, AssistRefusal> {
        (watch.tell)("pointing", 0.5);
        let label = request.target.ok_or(AssistRefusal::new("no-target", &"choose"))?;
        if request.points.is_empty() {
            // Waits for whoever cancels.
            while !watch.cancel.is_cancelled() {
                std::thread::yield_now();
            }
            return Err(AssistRefusal::new("cancelled", &"cancelled"));
        }
        let grid = *request.volume.grid();
        let mut labels = vec![0; grid.voxels() as usize];
        for (at, on) in request.points {
            let [columns, rows, _] = grid.size();
            labels[((at[2] * rows + at[1]) * columns + at[0]) as usize] = if on { label } else { 0 };
        }
        Ok(AssistAnswer { labels: LabelMap::from_dense(grid, &labels).unwrap(), name: "Pointer".into() })
    }

    fn try_model(&self, _model: ModelToken) -> Result<TriedModel, AssistRefusal> {
        Err(AssistRefusal::new("unreachable", &"the server cannot be reached"))
    }

    fn registered(&self) {}

    fn check(&self, model: &NewModel) -> Result<(), InvalidModel> {
        let bad = InvalidModel { field: "address", problem: "the address is no address".into() };
        if model.address.starts_with("http") { Ok(()) } else { Err(bad) }
    }
}

const MODEL: ModelToken = ModelToken::from_bytes([5; 16]);

/// A site whose annotator holds task 1.
async fn begun() -> (Site, String) {
    let site = Site::with_assist(Arc::new(Pointer));
    let asset = site.asset(1);
    let anna = site.account("anna", &[Role::Annotator]);
    site.project(&[anna]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    assert_eq!(site.next(&cookie).await, 1);
    (site, cookie)
}

async fn begin(site: &Site, cookie: &str, revision: u64, operation: Value) -> Answer {
    let body = json!({"fencing": 1, "revision": revision, "operation": operation});
    site.post(&path(task(1), "/previews"), cookie, body).await
}

/// Begins and waits for the end.
async fn preview(site: &Site, cookie: &str, revision: u64, operation: Value) -> (String, Value) {
    let begun = begin(site, cookie, revision, operation).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{begun:?}");
    let id = begun.json()["id"].as_str().unwrap().to_owned();
    loop {
        let state = site.get(&path(task(1), &format!("/previews/{id}")), cookie).await.json();
        if state["state"] != "running" {
            return (id, state);
        }
    }
}

fn grow() -> Value {
    json!({"kind": "grow_from_seeds", "box": {"lower": [0, 0, 0], "upper": [5, 4, 3]}, "background": []})
}

fn point(at: [u32; 3]) -> Value {
    json!({"kind": "assist", "model_id": MODEL.to_string(), "object_id": 1, "box": null, "scribbles": [],
        "points": [{"at": at, "positive": true}], "from_mask": false})
}

fn accept(number: u8, base_revision: u64, tool: &str, preview: &str, slices: &Value) -> Value {
    json!({"id": uuid(number), "kind": "paint", "tool": tool, "base_revision": base_revision, "slices": slices,
        "preview": preview})
}

#[tokio::test]
async fn seeds_grow_and_what_is_accepted_is_one_step_that_can_be_undone() {
    let (site, cookie) = begun().await;
    site.save(&cookie, 1, vec![paint(1, 0, json!([[14, 2, 0, 1], [20, 1, 0, 2]]))]).await;
    let before = site.work(&cookie).await["slices"].clone();
    let (id, grown) = preview(&site, &cookie, 1, grow()).await;
    assert_eq!((&grown["state"], &grown["source"]["name"]), (&json!("done"), &json!("Grow from seeds")));
    assert!(grown["voxels"].as_u64().unwrap() > 0, "{grown}");
    assert_eq!(site.work(&cookie).await["slices"], before, "a preview is no part of the work");
    let saved = site.save(&cookie, 1, vec![accept(2, 1, "grow", &id, &grown["slices"])]).await;
    assert_eq!(saved.status, StatusCode::OK, "{saved:?}");
    let work = site.work(&cookie).await;
    assert_ne!(work["slices"], before);
    assert_eq!(work["operations"][1]["tool"], "grow");
    site.save(&cookie, 1, vec![undo(3, 2, 2)]).await;
    assert_eq!(site.work(&cookie).await["slices"], before);
}

#[tokio::test]
async fn what_does_not_fit_the_task_is_refused_by_its_field() {
    let (site, cookie) = begun().await;
    site.save(&cookie, 1, vec![paint(1, 0, json!([[14, 2, 0, 1]]))]).await;
    let stale = begin(&site, &cookie, 0, grow()).await;
    assert_eq!((stale.status, stale.code().as_str()), (StatusCode::CONFLICT, "revision-conflict"));
    let body = json!({"fencing": 7, "revision": 1, "operation": grow()});
    let fencing = site.post(&path(task(1), "/previews"), &cookie, body).await;
    assert_eq!(fencing.code(), "stale-lease");
    let outside = json!({"lower": [0, 0, 0], "upper": [6, 4, 3]});
    for (operation, field) in [
        (json!({"kind": "grow_from_seeds", "box": outside, "background": []}), "operation.box"),
        (
            json!({"kind": "grow_from_seeds", "box": null, "background": [{"k": 9, "runs": [[0, 1]]}]}),
            "operation.background",
        ),
        (json!({"kind": "fill_between_slices", "label": 3, "axis": 2}), "operation.label"),
        (json!({"kind": "fill_between_slices", "label": 1, "axis": 3}), "operation.axis"),
        (
            json!({"kind": "islands", "label": 1, "mode": "remove_small", "minimum_mm3": null, "picked": null}),
            "operation.minimum_mm3",
        ),
        (
            json!({"kind": "islands", "label": 1, "mode": "keep_picked", "minimum_mm3": null, "picked": null}),
            "operation.picked",
        ),
        (json!({"kind": "smooth", "label": null, "method": "median", "radius_mm": 2.0}), "operation.label"),
        (json!({"kind": "margin", "label": 9, "by_mm": 1.0}), "operation.label"),
        (json!({"kind": "logic", "label": 1, "how": "add", "operand": [9]}), "operation.label"),
        (json!({"kind": "fill_holes", "label": 1, "axis": 3}), "operation.axis"),
        (point([0, 0, 4]), "operation.points"),
    ] {
        let refused = begin(&site, &cookie, 1, operation).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        assert_eq!(refused.json()["fields"][0]["field"], field);
    }
    let (_, nothing) =
        preview(&site, &cookie, 1, json!({"kind": "fill_between_slices", "label": 1, "axis": 2})).await;
    assert_eq!((&nothing["state"], &nothing["code"]), (&json!("failed"), &json!("no-gap")));
    let title = nothing["title"].as_str().unwrap();
    assert!(title.ends_with('.') && title.starts_with(char::is_uppercase), "{title}");
}

/// What an operation on slice 2 would change there, of a drawing with label 1 at (2..4, 2) and label 2 at (2, 3).
async fn changed(site: &Site, cookie: &str, operation: Value, masking: Value) -> Value {
    let body = json!({"fencing": 1, "revision": 1, "operation": operation, "masking": masking});
    let begun = site.post(&path(task(1), "/previews"), cookie, body).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{begun:?}");
    let id = begun.json()["id"].as_str().unwrap().to_owned();
    loop {
        let state = site.get(&path(task(1), &format!("/previews/{id}")), cookie).await.json();
        if state["state"] != "running" {
            let slices = state["slices"].as_array().unwrap_or_else(|| panic!("{state}"));
            assert!(slices.len() <= 1 && slices.iter().all(|slice| slice["k"] == 2), "{state}");
            return slices.first().map_or(json!([]), |slice| slice["runs"].clone());
        }
    }
}

#[tokio::test]
async fn each_operation_of_the_engine_says_what_it_would_change_and_leaves_other_objects() {
    let (site, cookie) = begun().await;
    site.save(&cookie, 1, vec![paint(1, 0, json!([[14, 2, 0, 1], [20, 1, 0, 2]]))]).await;
    let free = Value::Null;
    let inside = json!({"lower": [0, 0, 2], "upper": [5, 4, 2]});
    for (operation, expected) in [
        // Half a millimetre in the slice is one voxel, and no slice is nearer than two millimetres.
        (
            json!({"kind": "margin", "label": 1, "by_mm": 0.5}),
            json!([[8, 2, 0, 1], [13, 1, 0, 1], [16, 1, 0, 1], [21, 1, 0, 1]]),
        ),
        (
            json!({"kind": "shell", "label": 1, "side": "outward", "thickness_mm": 0.5}),
            json!([[8, 2, 0, 1], [13, 1, 0, 1], [14, 2, 1, 0], [16, 1, 0, 1], [21, 1, 0, 1]]),
        ),
        (json!({"kind": "logic", "label": 1, "how": "clear", "operand": []}), json!([[14, 2, 1, 0]])),
        (
            json!({"kind": "threshold", "label": 1, "values": [79.0, 82.0], "box": inside}),
            json!([[19, 1, 0, 1], [21, 2, 0, 1]]),
        ),
        (
            json!({"kind": "region_grow", "label": 1, "seeds": [{"k": 2, "runs": [[22, 1]]}],
                "values": [82.0, 83.0], "deviations": 2.0, "gate_mm": 0.0, "compactness": 0.0, "box": inside}),
            json!([[22, 2, 0, 1]]),
        ),
        (
            json!({"kind": "level_trace", "label": 1, "at": [4, 4, 2], "axis": 2, "bright": true}),
            json!([[28, 2, 0, 1]]),
        ),
        (
            json!({"kind": "scissors", "polygon": [[1.5, 1.5, 2.0], [2.5, 1.5, 2.0], [2.5, 3.5, 2.0], [1.5, 3.5, 2.0]],
                "direction": [0.0, 0.0, 1.0], "depth_mm": null, "outside": false, "erase": [1, 2], "fill": null}),
            json!([[14, 1, 1, 0], [20, 1, 2, 0]]),
        ),
        (json!({"kind": "fill_holes", "label": 1, "axis": 2}), json!([])),
    ] {
        assert_eq!(changed(&site, &cookie, operation.clone(), free.clone()).await, expected, "{operation}");
    }
}

#[tokio::test]
async fn masking_holds_for_every_operation() {
    let (site, cookie) = begun().await;
    site.save(&cookie, 1, vec![paint(1, 0, json!([[14, 2, 0, 1], [20, 1, 0, 2]]))]).await;
    let margin = || json!({"kind": "margin", "label": 1, "by_mm": 0.5});
    let masking = |area: &str, values: Value, overwrite: &str| json!({"area": area, "area_labels": [2], "values": values, "overwrite": overwrite, "overwrite_labels": [2]});
    for (masking, expected) in [
        (
            masking("everywhere", Value::Null, "all"),
            json!([[8, 2, 0, 1], [13, 1, 0, 1], [16, 1, 0, 1], [20, 1, 2, 1], [21, 1, 0, 1]]),
        ),
        (masking("inside", Value::Null, "only"), json!([[20, 1, 2, 1]])),
        (masking("outside_all", json!([69.0, 73.0]), "nothing"), json!([[9, 1, 0, 1], [13, 1, 0, 1]])),
    ] {
        assert_eq!(changed(&site, &cookie, margin(), masking.clone()).await, expected, "{masking}");
    }
    let mut unknown = masking("inside", Value::Null, "all");
    unknown["area_labels"] = json!([9]);
    let body = json!({"fencing": 1, "revision": 1, "operation": margin(), "masking": unknown});
    let refused = site.post(&path(task(1), "/previews"), &cookie, body).await;
    assert_eq!(refused.json()["fields"][0]["field"], "masking.area_labels");
    let unordered = json!({"fencing": 1, "revision": 1, "operation": margin(),
        "masking": masking("everywhere", json!([5.0, 1.0]), "all")});
    let begun = site.post(&path(task(1), "/previews"), &cookie, unordered).await;
    let id = begun.json()["id"].as_str().unwrap().to_owned();
    let ended = loop {
        let state = site.get(&path(task(1), &format!("/previews/{id}")), &cookie).await.json();
        if state["state"] != "running" {
            break state;
        }
    };
    assert_eq!((&ended["state"], &ended["code"]), (&json!("failed"), &json!("masking")));
}

#[tokio::test]
async fn a_preview_belongs_to_who_began_it_and_to_their_task() {
    let (site, cookie) = begun().await;
    let (id, _) = preview(&site, &cookie, 0, point([1, 1, 1])).await;
    site.account("ben", &[Role::Annotator]);
    let ben = site.sign_in("ben").await;
    let read = site.get(&path(task(1), &format!("/previews/{id}")), &ben).await;
    assert_eq!(read.status, StatusCode::FORBIDDEN, "the task is another's");
    let read = site.get(&path(task(2), &format!("/previews/{id}")), &cookie).await;
    assert_eq!(read.status, StatusCode::NOT_FOUND, "there is no such task");
    let ended = site.delete(&path(task(1), &format!("/previews/{id}")), &ben).await;
    assert_eq!(ended.status, StatusCode::FORBIDDEN);
    let read = site.get(&path(task(1), &format!("/previews/{id}")), &cookie).await;
    assert_eq!(read.status, StatusCode::OK, "nobody else ended it");
    let other = PreviewId::from_random([77; 16]);
    let read = site.get(&path(task(1), &format!("/previews/{other}")), &cookie).await;
    assert_eq!(read.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_nobody_judged_is_not_rejected_and_an_empty_answer_is_no_offer() {
    let (site, cookie) = begun().await;
    let person = site.person("anna");
    let (id, _) = preview(&site, &cookie, 0, point([1, 2, 3])).await;
    let of = |outcome: &str| path(task(1), &format!("/previews/{id}?outcome={outcome}"));
    assert_eq!(site.delete(&of("lost"), &cookie).await.code(), "invalid");
    assert_eq!(site.delete(&of("ended"), &cookie).await.status, StatusCode::NO_CONTENT);
    let offers = || site.archive.assist_offers(task(1), person).unwrap();
    assert_eq!((offers().len(), offers()[0].rejected), (1, false));
    assert_eq!(site.delete(&of("rejected"), &cookie).await.status, StatusCode::NO_CONTENT);
    assert!(offers()[0].rejected);
    let mut nothing = point([1, 2, 3]);
    nothing["points"][0]["positive"] = json!(false);
    let (_, empty) = preview(&site, &cookie, 0, nothing).await;
    assert_eq!((&empty["voxels"], offers().len()), (&json!(0), 1));
}

#[tokio::test]
async fn what_a_model_offered_is_kept_and_rejected_or_taken_over() {
    let (site, cookie) = begun().await;
    let person = site.person("anna");
    let (refused, offered) = preview(&site, &cookie, 0, point([1, 2, 3])).await;
    assert_eq!(offered["slices"], json!([{"k": 3, "runs": [[13, 1, 0, 1]]}]));
    assert_eq!(offered["source"]["name"], "Pointer");
    let offers = || site.archive.assist_offers(task(1), person).unwrap();
    assert_eq!((offers().len(), offers()[0].voxels, offers()[0].rejected), (1, 1, false));
    let ended = site.delete(&path(task(1), &format!("/previews/{refused}")), &cookie).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert!(offers()[0].rejected);
    let (taken, offered) = preview(&site, &cookie, 0, point([4, 2, 3])).await;
    let unnamed = json!({"id": uuid(1), "kind": "paint", "tool": "assist", "base_revision": 0,
        "slices": offered["slices"]});
    assert_eq!(site.save(&cookie, 1, vec![unnamed]).await.code(), "invalid");
    site.save(&cookie, 1, vec![accept(1, 0, "assist", &taken, &offered["slices"])]).await;
    assert_eq!(site.work(&cookie).await["operations"][0]["preview"], json!(taken));
    let preview: PreviewId = taken.parse().unwrap();
    assert!(offers().iter().any(|offer| offer.preview == preview && !offer.rejected));
}

#[tokio::test]
async fn a_call_that_is_cancelled_ends_and_offers_nothing() {
    let (site, cookie) = begun().await;
    let mut endless = point([0, 0, 0]);
    endless["points"] = json!([]);
    let id = begin(&site, &cookie, 0, endless).await.json()["id"].as_str().unwrap().to_owned();
    let ended = site.delete(&path(task(1), &format!("/previews/{id}")), &cookie).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    let gone = site.get(&path(task(1), &format!("/previews/{id}")), &cookie).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(site.archive.assist_offers(task(1), site.person("anna")).unwrap().is_empty());
}

fn draft() -> Value {
    json!({"name": "Spleen", "provider": "monai_label", "address": "http://models:8000", "model": "spleen",
        "labels": [{"model_label": 1, "object_key": "spleen"}], "modalities": ["CT"], "licence": "", "enabled": true})
}

#[tokio::test]
async fn hospital_it_registers_models_and_annotators_see_those_that_help() {
    let (site, anna) = begun().await;
    site.account("it", &[Role::HospitalAdmin]);
    let admin = site.sign_in("it").await;
    assert_eq!(site.post("/api/v1/admin/models", &anna, draft()).await.code(), "not-yours");
    let added = site.post("/api/v1/admin/models", &admin, draft()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let id = added.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(added.json()["short"].as_str(), id.get(..6));
    for (field, value) in [("address", json!("nowhere")), ("modalities", json!(["computer"]))] {
        let mut wrong = draft();
        wrong[field] = value;
        let refused = site.post("/api/v1/admin/models", &admin, wrong).await;
        assert_eq!(refused.json()["fields"][0]["field"], field);
    }
    let mut built_in = draft();
    built_in["provider"] = json!("built_in");
    let refused = site.post("/api/v1/admin/models", &admin, built_in).await;
    assert_eq!(refused.json()["fields"][0]["field"], "provider");
    let tried = site.post(&format!("/api/v1/admin/models/{id}/try"), &admin, json!({})).await.json();
    assert_eq!(tried, json!({"ok": false, "message": "The server cannot be reached."}));
    // Nothing is known of it, so that it helps nobody yet; what is known helps with what it marks.
    assert_eq!(site.get(&path(task(1), "/models"), &anna).await.json(), json!([]));
    let removed = site.delete(&format!("/api/v1/admin/models/{id}"), &admin).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get("/api/v1/admin/models", &admin).await.json(), json!({"models": []}));
}

#[tokio::test]
async fn the_built_in_model_can_be_switched_off_and_not_be_removed() {
    let (site, _) = begun().await;
    site.account("it", &[Role::HospitalAdmin]);
    let admin = site.sign_in("it").await;
    let walker = NewModel {
        name: "Random walker".into(),
        provider: ModelProvider::BuiltIn,
        address: "http".into(),
        model: String::new(),
        labels: Vec::new(),
        modalities: Vec::new(),
        licence: String::new(),
        enabled: true,
    };
    let token = site.archive.model_built_in(&walker, site.now()).unwrap();
    assert_eq!(site.archive.model_built_in(&walker, site.now()).unwrap(), token, "there is one");
    let removed = site.delete(&format!("/api/v1/admin/models/{token}"), &admin).await;
    assert_eq!(removed.json()["fields"][0]["field"], "provider");
    let mut off = draft();
    off["provider"] = json!("built_in");
    off["enabled"] = json!(false);
    let changed = site.put(&format!("/api/v1/admin/models/{token}"), &admin, off).await;
    assert_eq!((changed.status, &changed.json()["enabled"]), (StatusCode::OK, &json!(false)));
}
