//! Facts about shapes, statements and the measures of what was drawn.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::Role;
use axum::http::StatusCode;
use serde_json::{Value, json};
use support::Site;
use support::calls::{cyst, digits, paint, path, put_shape, state, undo, uuid};
use support::tasks::{every_geometry, task};

/// A site whose annotator holds task 1 under an instruction with every geometry.
async fn begun() -> (Site, String) {
    let site = Site::new();
    let asset = site.asset(1);
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_with(every_geometry(), &[anna], &[]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    assert_eq!(site.next(&cookie).await, 1);
    (site, cookie)
}

fn remove(number: u8, base_revision: u64, shape: u8) -> Value {
    json!({"id": uuid(number), "kind": "remove_shape", "base_revision": base_revision, "shape_id": digits(shape)})
}

async fn facts(site: &Site, cookie: &str) -> Value {
    let answer = site.get(&path(task(1), "/facts"), cookie).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn shapes_are_saved_moved_taken_away_and_undone() {
    let (site, cookie) = begun().await;
    let (small, large) = (cyst(9, [2, 2, 1]), cyst(9, [3, 3, 2]));
    let operations = vec![put_shape(1, 0, &small), put_shape(2, 1, &large)];
    assert_eq!(site.save(&cookie, 1, operations).await.json(), json!({"revision": 2}));
    let work = site.work(&cookie).await;
    assert_eq!(work["shapes"], json!([large]));
    assert_eq!(
        work["operations"],
        json!([
            {"kind": "put_shape", "id": uuid(1), "base_revision": 0, "shape": small, "before": null},
            {"kind": "put_shape", "id": uuid(2), "base_revision": 1, "shape": large, "before": small},
        ])
    );
    let operations = vec![remove(3, 2, 9)];
    assert_eq!(site.save(&cookie, 1, operations).await.json(), json!({"revision": 3}));
    let work = site.work(&cookie).await;
    assert_eq!(work["shapes"], json!([]));
    assert_eq!(
        work["operations"][2],
        json!({"kind": "remove_shape", "id": uuid(3), "base_revision": 2, "shape_id": digits(9), "before": large})
    );
    site.save(&cookie, 1, vec![undo(4, 3, 3), undo(5, 4, 2)]).await;
    let work = site.work(&cookie).await;
    assert_eq!((&work["shapes"], &work["revision"]), (&json!([small]), &json!(5)));
    assert_eq!(work["undo"], json!([{"operation_id": uuid(1)}]));
    assert_eq!(work["redo"], json!([{"operation_id": uuid(3)}, {"operation_id": uuid(2)}]));
    let redo = json!({"id": uuid(6), "kind": "redo", "base_revision": 5, "operation_id": uuid(2)});
    site.save(&cookie, 1, vec![redo]).await;
    assert_eq!(site.work(&cookie).await["shapes"], json!([large]));
}

#[tokio::test]
async fn points_and_lines_come_back_as_they_were_sent() {
    let (site, cookie) = begun().await;
    let point = json!({"id": digits(8), "object_id": 3, "form": {"type": "point", "at": [-0.5, 4.5, 1.25]}});
    let line = json!({"id": digits(9), "object_id": 4,
        "form": {"type": "line", "from": [0.0, 0.0, 0.0], "to": [5.5, 4.5, 3.5]}});
    let saved = site.save(&cookie, 1, vec![put_shape(1, 0, &point), put_shape(2, 1, &line)]).await;
    assert_eq!(saved.status, StatusCode::OK, "{saved:?}");
    assert_eq!(site.work(&cookie).await["shapes"], json!([point, line]));
}

#[tokio::test]
async fn what_was_stated_can_be_said_anew_and_taken_back() {
    let (site, cookie) = begun().await;
    assert_eq!(site.work(&cookie).await["statements"], json!([]));
    site.save(&cookie, 1, vec![state(1, 0, 5, json!("absent")), state(2, 1, 5, json!("not_assessable"))])
        .await;
    let work = site.work(&cookie).await;
    assert_eq!(work["statements"], json!([{"object_id": 5, "presence": "not_assessable"}]));
    assert_eq!((&work["undo"], &work["operations"]), (&json!([]), &json!([])), "it is on no list");
    site.save(&cookie, 1, vec![state(3, 2, 5, json!(null))]).await;
    assert_eq!(site.work(&cookie).await["statements"], json!([]));
}

#[tokio::test]
async fn shapes_that_do_not_fit_are_refused_by_name() {
    let (site, cookie) = begun().await;
    let with = |object_id: u32, form: Value| {
        put_shape(1, 0, &json!({"id": digits(9), "object_id": object_id, "form": form}))
    };
    let point = |at: Value| json!({"type": "point", "at": at});
    let turned = json!({"type": "box", "lower": [2, 0, 0], "upper": [1, 0, 0]});
    for (operation, problem) in [
        (with(3, point(json!([6.0, 0.0, 0.0]))), "shape-out-of-volume"),
        (with(2, turned), "shape-out-of-volume"),
        (with(2, point(json!([0.0, 0.0, 0.0]))), "wrong-form"),
        (with(7, point(json!([0.0, 0.0, 0.0]))), "unknown-object"),
        (remove(1, 0, 9), "unknown-shape"),
        (state(1, 0, 2, json!("absent")), "not-stated"),
        (state(1, 0, 7, json!("absent")), "unknown-object"),
    ] {
        let refused = site.save(&cookie, 1, vec![operation]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!((refused.code().as_str(), &refused.json()["problem"]), ("invalid", &json!(problem)));
    }
    let mut more = cyst(9, [2, 2, 2]);
    more["form"]["name"] = json!("x");
    let mut before = put_shape(1, 0, &cyst(9, [2, 2, 2]));
    before["before"] = json!(null);
    for operation in [
        put_shape(1, 0, &more),
        before,
        with(3, point(json!([0.0, 0.0]))),
        with(3, point(json!([0.0, 0.0, null]))),
        with(2, json!({"type": "sphere"})),
        state(1, 0, 5, json!("perhaps")),
        put_shape(1, 0, &json!({"id": "no", "object_id": 2, "form": point(json!([0, 0, 0]))})),
    ] {
        assert_eq!(site.save(&cookie, 1, vec![operation]).await.code(), "invalid");
    }
    assert_eq!(site.work(&cookie).await["revision"], 0);
}

#[tokio::test]
async fn the_facts_of_a_painted_box_are_the_known_numbers() {
    let (site, cookie) = begun().await;
    let none = facts(&site, &cookie).await;
    assert_eq!(none, json!({"revision": 0, "facts": {"objects": []}}));
    // Voxels i 1 to 4, j 1 to 3 of slice 2, in a volume of 6 by 5 by 4 voxels of 0.5 by 0.5 by 2 mm.
    let rows = json!([[7, 4, 0, 1], [13, 4, 0, 1], [19, 4, 0, 1]]);
    site.save(&cookie, 1, vec![paint(1, 0, rows)]).await;
    let measured = facts(&site, &cookie).await;
    assert_eq!(measured["revision"], 1);
    let liver = &measured["facts"]["objects"][0];
    assert_eq!((&liver["object_id"], &liver["count"], &liver["cavities"]), (&json!(1), &json!(1), &json!(0)));
    let all = &liver["instances"][0];
    assert_eq!((&all["volume_mm3"], &all["slices"]), (&json!(6.0), &json!(1)));
    let near = |value: &Value, expected: f64| (value.as_f64().unwrap() - expected).abs() < 1e-9;
    // Corner to corner of the voxel centres: 1.5 mm and 1 mm.
    assert!(near(&all["diameter_mm"], 3.25_f64.sqrt()), "{all}");
    // Variances of 4 and of 3 places: 15/12 and 8/12 of a squared half millimetre.
    assert!(near(&all["elongation"], (15.0_f64 / 8.0).sqrt()), "{all}");
}

#[tokio::test]
async fn a_ring_has_a_cavity_only_when_it_is_closed_above_and_below() {
    let (site, cookie) = begun().await;
    let plate = json!([[7, 3, 0, 1], [13, 3, 0, 1], [19, 3, 0, 1]]);
    let ring = json!([[7, 3, 0, 1], [13, 1, 0, 1], [15, 1, 0, 1], [19, 3, 0, 1]]);
    let stroke = |number: u8, base: u64, slices: Value| json!({"id": uuid(number), "kind": "paint", "tool": "brush", "base_revision": base, "slices": slices});
    site.save(&cookie, 1, vec![stroke(1, 0, json!([{"k": 1, "runs": ring}]))]).await;
    assert_eq!(facts(&site, &cookie).await["facts"]["objects"][0]["cavities"], 0);
    let closed = json!([{"k": 0, "runs": plate}, {"k": 2, "runs": plate}]);
    site.save(&cookie, 1, vec![stroke(2, 1, closed)]).await;
    assert_eq!(facts(&site, &cookie).await["facts"]["objects"][0]["cavities"], 1);
}

#[tokio::test]
async fn every_shape_is_an_instance_with_its_own_measures() {
    let (site, cookie) = begun().await;
    let line = json!({"id": digits(9), "object_id": 4,
        "form": {"type": "line", "from": [0.0, 0.0, 0.0], "to": [3.0, 4.0, 0.0]}});
    let point = json!({"id": digits(8), "object_id": 3, "form": {"type": "point", "at": [1.0, 1.0, 1.0]}});
    let operations = vec![
        put_shape(1, 0, &cyst(6, [2, 2, 1])),
        put_shape(2, 1, &cyst(7, [4, 1, 1])),
        put_shape(3, 2, &line),
        put_shape(4, 3, &point),
    ];
    site.save(&cookie, 1, operations).await;
    let objects = facts(&site, &cookie).await["facts"]["objects"].clone();
    assert_eq!(objects[0]["count"], 2);
    // 2 by 2 by 1 and 4 by 1 by 1 voxels of 0.5 mm³ each.
    assert_eq!(
        (&objects[0]["instances"][0]["volume_mm3"], &objects[0]["instances"][1]["volume_mm3"]),
        (&json!(2.0), &json!(2.0))
    );
    // Corner to corner of the voxels: 1, 1 and 2 mm.
    let diameter = objects[0]["instances"][0]["diameter_mm"].as_f64().unwrap();
    assert!((diameter - 6.0_f64.sqrt()).abs() < 1e-9, "{diameter}");
    let instance = |diameter: f64| json!([{"diameter_mm": diameter, "volume_mm3": 0.0, "slices": 1, "elongation": null}]);
    assert_eq!((&objects[1]["object_id"], &objects[1]["instances"]), (&json!(3), &instance(0.0)));
    assert_eq!((&objects[2]["object_id"], &objects[2]["instances"]), (&json!(4), &instance(2.5)));
}
