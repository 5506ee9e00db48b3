//! Facts about tasks, voxels, work and submissions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::Role;
use axum::http::StatusCode;
use proto_ids::{AssetToken, TaskId};
use serde_json::json;
use support::Site;
use support::calls::{answer, paint, path, uuid};
use support::tasks::{SIZE, task, voxels};

/// A site with one annotator, and their cookie.
async fn with_annotator(tasks: &[(TaskId, AssetToken, bool)], site: &Site) -> String {
    let anna = site.account("anna", &[Role::Annotator]);
    site.project(&[anna]);
    for (task, asset, gold) in tasks {
        site.order(*task, *asset, *gold);
    }
    site.sign_in("anna").await
}

#[tokio::test]
async fn the_next_task_comes_with_its_volume_and_instruction() {
    let site = Site::new();
    let asset = site.asset(1);
    let cookie = with_annotator(&[(task(1), asset, false)], &site).await;
    let given = site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    assert_eq!(given.status, StatusCode::OK, "{given:?}");
    let json = given.json();
    assert_eq!(json["id"], task(1).to_string());
    assert_eq!(json["lease"], json!({"fencing": 1, "expires_at": "2026-01-01T12:15:00Z"}));
    let volume = &json["volume"];
    assert_eq!(volume["dimensions"], json!(SIZE));
    assert_eq!(volume["spacing_mm"], json!([0.5, 0.5, 2.0]));
    assert_eq!(volume["direction"], json!([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]));
    assert_eq!((volume["minimum"].as_f64(), volume["maximum"].as_f64()), (Some(0.0), Some(119.0)));
    assert_eq!((&volume["data_type"], &volume["tools_3d"]), (&json!("int16"), &json!(true)));
    assert_eq!(json["instruction"]["objects"][0]["colour"], "#0ea5a4");
    assert_eq!(
        json["instruction"]["body"][0],
        json!({"type": "paragraph", "inlines": [{"type": "text", "text": "Mark all."}]})
    );
    assert_eq!(json["instruction"]["questions"][0]["kind"]["type"], "choice");
    assert_eq!(site.get(&path(task(1), ""), &cookie).await.json(), json);
    assert_eq!(site.post("/api/v1/tasks/next", &cookie, json!({})).await.json(), json, "given again");
    let pixels = site.get(&path(task(1), "/volume/pixels"), &cookie).await;
    let expected: Vec<u8> = voxels(1).into_iter().flat_map(i16::to_le_bytes).collect();
    assert_eq!(pixels.bytes, expected);
    assert_eq!(pixels.header("content-length"), "240");
    assert_eq!(
        site.get("/api/v1/tasks/mine", &cookie).await.json(),
        json!({"submitted_today": 0, "open": 1})
    );
}

#[tokio::test]
async fn the_slices_of_a_dicom_series_come_in_their_order() {
    let site = Site::new();
    let asset = site.mr_series();
    let cookie = with_annotator(&[(task(1), asset, false)], &site).await;
    let given = site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    assert_eq!(given.status, StatusCode::OK, "{given:?}");
    let volume = given.json()["volume"].clone();
    assert_eq!((&volume["modality"], &volume["dimensions"]), (&json!("MR"), &json!([2, 2, 3])));
    assert_eq!(volume["windows"][0], json!({"name": "Scanner", "centre": 20.0, "width": 30.0}));
    assert_eq!(volume["inverted"], false);
    let pixels = site.get(&path(task(1), "/volume/pixels"), &cookie).await;
    let expected = [0_i16, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23];
    assert_eq!(pixels.bytes, expected.into_iter().flat_map(i16::to_le_bytes).collect::<Vec<u8>>());
}

#[tokio::test]
async fn strokes_are_saved_undone_and_there_after_a_reload() {
    let site = Site::new();
    let asset = site.asset(1);
    let cookie = with_annotator(&[(task(1), asset, false)], &site).await;
    site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    let first = paint(1, 0, json!([[3, 4, 0, 1]]));
    let second = paint(2, 1, json!([[7, 2, 0, 2], [12, 1, 0, 2]]));
    assert_eq!(
        site.save(&cookie, 1, vec![first.clone(), second.clone()]).await.json(),
        json!({"revision": 2})
    );
    assert_eq!(site.save(&cookie, 1, vec![first.clone()]).await.json(), json!({"revision": 2}), "sent twice");
    let undo = json!({"id": uuid(3), "kind": "undo", "base_revision": 2, "operation_id": uuid(2)});
    assert_eq!(site.save(&cookie, 1, vec![undo, answer(4, 3)]).await.json(), json!({"revision": 4}));
    let work = site.get(&path(task(1), "/work"), &cookie).await.json();
    assert_eq!(work["revision"], 4);
    assert_eq!(work["slices"], json!([{"k": 2, "runs": [[3, 4, 1]]}]));
    assert_eq!(work["undo"], json!([{"operation_id": uuid(1)}]));
    assert_eq!(work["redo"], json!([{"operation_id": uuid(2)}]));
    assert_eq!(work["answers"], json!([{"question_id": 1, "answer": {"option_id": 2}}]));
    assert_eq!(work["operations"], json!([first, second]));
}

#[tokio::test]
async fn work_that_does_not_fit_is_refused() {
    let site = Site::new();
    let asset = site.asset(1);
    let cookie = with_annotator(&[(task(1), asset, false)], &site).await;
    site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    site.save(&cookie, 1, vec![paint(1, 0, json!([[3, 4, 0, 1]]))]).await;
    let out_of_step = site.save(&cookie, 1, vec![paint(2, 1, json!([[3, 1, 0, 1]]))]).await;
    assert_eq!(
        (out_of_step.status, out_of_step.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "out-of-step")
    );
    let conflict = site.save(&cookie, 1, vec![paint(2, 0, json!([[9, 1, 0, 1]]))]).await;
    assert_eq!((conflict.status, &conflict.json()["revision"]), (StatusCode::CONFLICT, &json!(1)));
    assert_eq!(conflict.code(), "revision-conflict");
    let label = site.save(&cookie, 1, vec![paint(2, 1, json!([[9, 1, 0, 7]]))]).await;
    assert_eq!((label.code().as_str(), &label.json()["problem"]), ("invalid", &json!("unknown-label")));
    let outside = site.save(&cookie, 1, vec![paint(2, 1, json!([[29, 2, 0, 1]]))]).await;
    assert_eq!(outside.json()["problem"], "out-of-volume");
    let other_lease = site.save(&cookie, 9, vec![]).await;
    assert_eq!((other_lease.status, other_lease.code().as_str()), (StatusCode::FORBIDDEN, "not-yours"));
    let no_id = json!({"id": "x", "kind": "undo", "base_revision": 1, "operation_id": "y"});
    assert_eq!(site.save(&cookie, 1, vec![no_id]).await.code(), "invalid");
    let text = json!({"id": uuid(5), "kind": "answer", "base_revision": 1, "question_id": 1, "answer": {"text": "x"}});
    assert_eq!(site.save(&cookie, 1, vec![text]).await.json()["problem"], "invalid-answer");
}

#[tokio::test]
async fn work_is_handed_in_when_complete_and_then_closed() {
    let site = Site::new();
    let asset = site.asset(1);
    let cookie = with_annotator(&[(task(1), asset, false)], &site).await;
    site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    site.save(&cookie, 1, vec![paint(1, 0, json!([[3, 4, 0, 1]]))]).await;
    let submit = |revision: u64| {
        let (site, cookie) = (&site, &cookie);
        async move {
            site.post(&path(task(1), "/submit"), cookie, json!({"fencing": 1, "revision": revision})).await
        }
    };
    let incomplete = submit(1).await;
    assert_eq!(
        (incomplete.status, incomplete.code().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "incomplete")
    );
    assert_eq!(incomplete.json()["fields"], json!([{"question_id": 1, "problem": "required"}]));
    site.save(&cookie, 1, vec![answer(2, 1)]).await;
    assert_eq!(submit(1).await.code(), "revision-conflict");
    let done = submit(2).await;
    assert_eq!(done.status, StatusCode::CREATED, "{done:?}");
    assert_eq!(submit(2).await.json(), done.json(), "the receipt is given again");
    for rest in ["", "/work", "/volume/pixels"] {
        assert_eq!(site.get(&path(task(1), rest), &cookie).await.status, StatusCode::FORBIDDEN, "{rest}");
    }
    assert_eq!(site.save(&cookie, 1, vec![]).await.code(), "already-submitted");
    assert_eq!(site.post("/api/v1/tasks/next", &cookie, json!({})).await.status, StatusCode::NO_CONTENT);
    assert_eq!(
        site.get("/api/v1/tasks/mine", &cookie).await.json(),
        json!({"submitted_today": 1, "open": 0})
    );
}

#[tokio::test]
async fn a_reviewer_makes_a_submission_gold() {
    let site = Site::new();
    let asset = site.asset(1);
    let cookie = with_annotator(&[(task(1), asset, false)], &site).await;
    site.account("rita", &[Role::Reviewer]);
    site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    site.save(&cookie, 1, vec![paint(1, 0, json!([[3, 4, 0, 1]])), answer(2, 1)]).await;
    let body = json!({"fencing": 1, "revision": 2});
    let submitted = site.post(&path(task(1), "/submit"), &cookie, body).await.json();
    let rita = site.sign_in("rita").await;
    let list = site.get("/api/v1/review/submissions", &rita).await.json();
    assert_eq!(list["submissions"][0]["id"], submitted["submission_id"]);
    assert_eq!(
        (&list["submissions"][0]["annotator"], &list["submissions"][0]["promoted"]),
        (&json!("ANNA"), &json!(false))
    );
    let id = submitted["submission_id"].as_str().unwrap();
    let promoted = site.post(&format!("/api/v1/review/submissions/{id}/promote"), &rita, json!({})).await;
    assert_eq!(promoted.status, StatusCode::CREATED);
    let list = site.get("/api/v1/review/submissions", &rita).await.json();
    assert_eq!(list["submissions"][0]["promoted"], true);
    assert_eq!(site.archive.gold(asset).unwrap().unwrap().drawn.slices[0].runs[0].start, 3);
    let unknown = format!("/api/v1/review/submissions/{}/promote", uuid(1));
    assert_eq!(site.post(&unknown, &rita, json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn only_the_holder_of_a_lease_sees_the_task() {
    let site = Site::new();
    let asset = site.asset(1);
    let (anna, ben) = (site.account("anna", &[Role::Annotator]), site.account("ben", &[Role::Annotator]));
    site.project(&[anna, ben]);
    site.order(task(1), asset, false);
    let (anna, ben) = (site.sign_in("anna").await, site.sign_in("ben").await);
    site.post("/api/v1/tasks/next", &anna, json!({})).await;
    assert_eq!(site.post("/api/v1/tasks/next", &ben, json!({})).await.status, StatusCode::NO_CONTENT);
    for rest in ["", "/work", "/volume/pixels"] {
        assert_eq!(site.get(&path(task(1), rest), &ben).await.status, StatusCode::FORBIDDEN, "{rest}");
    }
    site.save(&anna, 1, vec![paint(1, 0, json!([[3, 4, 0, 1]]))]).await;
    assert_eq!(site.save(&ben, 7, vec![]).await.status, StatusCode::FORBIDDEN);
    site.wait_minutes(10);
    let renewed = site.post(&path(task(1), "/renew"), &anna, json!({"fencing": 1})).await.json();
    assert_eq!(renewed, json!({"expires_at": "2026-01-01T12:25:00Z"}));
    site.wait_minutes(14);
    let (anna, ben) = (site.sign_in("anna").await, site.sign_in("ben").await);
    assert_eq!(site.post("/api/v1/tasks/next", &ben, json!({})).await.status, StatusCode::NO_CONTENT);
    site.wait_minutes(1);
    assert_eq!(site.get(&path(task(1), ""), &anna).await.status, StatusCode::FORBIDDEN, "the lease ran out");
    let given = site.post("/api/v1/tasks/next", &ben, json!({})).await.json();
    assert_eq!(given["lease"]["fencing"], 2);
    assert_eq!(
        site.get(&path(task(1), "/work"), &ben).await.json()["slices"],
        json!([]),
        "work is one's own"
    );
    let late = site.save(&anna, 1, vec![paint(2, 1, json!([[9, 1, 0, 1]]))]).await;
    assert_eq!((late.status, late.code().as_str()), (StatusCode::CONFLICT, "stale-lease"));
    let released = site.post(&path(task(1), "/release"), &ben, json!({"fencing": 2})).await;
    assert_eq!(released.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get(&path(task(1), ""), &ben).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_leaves_the_project_loses_the_task() {
    let site = Site::new();
    let asset = site.asset(1);
    let cookie = with_annotator(&[(task(1), asset, false)], &site).await;
    site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    site.project(&[]);
    assert_eq!(site.get(&path(task(1), "/volume/pixels"), &cookie).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.save(&cookie, 1, vec![]).await.status, StatusCode::FORBIDDEN);
}
