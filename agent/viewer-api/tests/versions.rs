//! Facts about newer versions of an instruction: offered, accepted, and what becomes of the work.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{Role, TaskCopy};
use axum::http::StatusCode;
use proto_ids::AssetToken;
use proto_instruction::{Geometry, Instruction};
use serde_json::{Value, json};
use support::Site;
use support::calls::{cyst, digits, path, put_shape, state};
use support::tasks::{every_geometry, object, ordered, task};

/// As [`every_geometry`], but the cyst is gone and there is a stone.
fn second() -> Instruction {
    let mut instruction = every_geometry();
    instruction.title = "Organs and stones".into();
    instruction.objects.remove(1);
    instruction.objects.push(object(6, "Stone", Geometry::Point));
    instruction
}

async fn begun() -> (Site, AssetToken, String) {
    let site = Site::new();
    let asset = site.asset(1);
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_with(every_geometry(), &[anna], &[]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    assert_eq!(site.next(&cookie).await, 1);
    (site, asset, cookie)
}

fn raise(site: &Site, asset: AssetToken) {
    site.version(2, second());
    site.order_with(TaskCopy { instruction_version: 2, ..ordered(task(1), asset) });
}

async fn given(site: &Site, cookie: &str) -> Value {
    site.get(&path(task(1), ""), cookie).await.json()
}

async fn accept(site: &Site, cookie: &str, fencing: u64, version: u32) -> support::Answer {
    site.post(&path(task(1), "/version"), cookie, json!({"fencing": fencing, "version": version})).await
}

#[tokio::test]
async fn a_newer_version_is_offered_and_the_old_one_stays_until_it_is_accepted() {
    let (site, asset, cookie) = begun().await;
    assert_eq!(given(&site, &cookie).await["newer"], Value::Null);
    raise(&site, asset);
    let offered = given(&site, &cookie).await;
    assert_eq!((&offered["instruction_version"], &offered["newer"]["version"]), (&json!(1), &json!(2)));
    assert_eq!(offered["instruction"]["title"], "Organs");
    assert_eq!(offered["newer"]["instruction"]["title"], "Organs and stones");
    let edits = offered["newer"]["edits"].as_array().unwrap();
    let subjects: Vec<&Value> = edits.iter().map(|edit| &edit["subject"]).collect();
    for subject in [
        json!({"type": "instruction", "id": null}),
        json!({"type": "object", "id": 2}),
        json!({"type": "object", "id": 6}),
    ] {
        assert!(subjects.contains(&&subject), "{subject} is not among {subjects:?}");
    }
    assert!(edits.iter().all(|edit| !edit["what"].as_str().unwrap().is_empty()));
    let stone = json!({"id": digits(9), "object_id": 6, "form": {"type": "point", "at": [1.0, 1.0, 1.0]}});
    let refused = site.save(&cookie, 1, vec![put_shape(1, 0, &stone)]).await;
    assert_eq!(refused.json()["problem"], "unknown-object");
}

#[tokio::test]
async fn an_accepted_version_moves_the_lease_and_leaves_the_work() {
    let (site, asset, cookie) = begun().await;
    let drawn = cyst(8, [2, 2, 2]);
    site.save(&cookie, 1, vec![put_shape(1, 0, &drawn)]).await;
    raise(&site, asset);
    let moved = accept(&site, &cookie, 1, 2).await;
    assert_eq!(moved.status, StatusCode::OK, "{moved:?}");
    let json = moved.json();
    assert_eq!((&json["instruction_version"], &json["newer"]), (&json!(2), &Value::Null));
    assert_eq!(json["instruction"]["title"], "Organs and stones");
    assert_eq!(json["lease"]["fencing"], 1);
    assert_eq!(given(&site, &cookie).await, json);
    assert_eq!(accept(&site, &cookie, 1, 2).await.status, StatusCode::OK, "once more changes nothing");
    assert_eq!(site.work(&cookie).await["shapes"], json!([drawn]), "what was drawn is shown as gone");
    let facts = site.get(&path(task(1), "/facts"), &cookie).await.json();
    assert_eq!(facts, json!({"revision": 1, "facts": {"objects": []}}), "and counts for nothing");
    let stone = json!({"id": digits(9), "object_id": 6, "form": {"type": "point", "at": [1.0, 1.0, 1.0]}});
    let saved = site.save(&cookie, 1, vec![put_shape(2, 1, &stone), state(3, 2, 5, json!("absent"))]).await;
    assert_eq!(saved.json(), json!({"revision": 3}), "{saved:?}");
    let done = site.submit(&cookie, 1, 3, json!({})).await;
    assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    let row = site.archive.submissions().unwrap()[0];
    assert_eq!(row.instruction_version, 2);
    let kept = site.archive.submission(row.submission).unwrap().unwrap();
    let objects: Vec<u32> = kept.drawn.shapes.iter().map(|shape| shape.object_id).collect();
    assert_eq!(objects, [6]);
}

#[tokio::test]
async fn only_the_newest_version_is_accepted_and_only_from_the_holder() {
    let (site, asset, cookie) = begun().await;
    raise(&site, asset);
    for version in [0, 1, 3] {
        let refused = accept(&site, &cookie, 1, version).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::CONFLICT, "not-newest"));
        assert_eq!(refused.json()["version"], 2);
    }
    assert_eq!(accept(&site, &cookie, 7, 2).await.status, StatusCode::FORBIDDEN);
    site.account("ben", &[Role::Annotator]);
    let ben = site.sign_in("ben").await;
    assert_eq!(accept(&site, &ben, 1, 2).await.status, StatusCode::FORBIDDEN);
    assert_eq!(given(&site, &cookie).await["instruction_version"], 1);
    let more = json!({"fencing": 1, "version": 2, "force": true});
    assert_eq!(site.post(&path(task(1), "/version"), &cookie, more).await.code(), "invalid");
}

#[tokio::test]
async fn new_work_follows_the_version_of_the_order() {
    let (site, asset, cookie) = begun().await;
    raise(&site, asset);
    let anna = site.archive.task_slots(task(1)).unwrap().unwrap();
    assert_eq!(anna.slots.len(), 1);
    site.post(&path(task(1), "/release"), &cookie, json!({"fencing": 1})).await;
    let again = site.post("/api/v1/tasks/next", &cookie, json!({})).await.json();
    assert_eq!((&again["instruction_version"], &again["newer"]), (&json!(2), &Value::Null));
}
