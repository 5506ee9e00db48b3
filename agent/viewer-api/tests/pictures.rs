//! Facts about pictures that make no volume: radiographs, mammograms, ultrasound.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::Role;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use futures::StreamExt;
use proto_ids::AssetToken;
use serde_json::{Value, json};
use support::Site;
use support::calls::{digits, path, put_shape, uuid};
use support::dicom::PictureFile;
use support::tasks::{every_geometry, task};
use tower::ServiceExt;

fn grey(columns: u16, rows: u16, photometric: &'static str, first: u8) -> PictureFile {
    let bytes = (0..columns * rows).map(|index| first + index as u8).collect();
    PictureFile { columns, rows, photometric, bytes }
}

/// A site whose annotator holds task 1 on an asset under an instruction with every geometry.
async fn holding(site: &Site, asset: AssetToken) -> (String, Value) {
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_with(every_geometry(), &[anna], &[]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    let given = site.post("/api/v1/tasks/next", &cookie, json!({})).await;
    assert_eq!(given.status, StatusCode::OK, "{given:?}");
    (cookie, given.json()["volume"].clone())
}

/// Two pictures, the second smaller and without a known spacing.
async fn two_sizes(site: &Site) -> (String, Value) {
    let pictures = [grey(4, 3, "MONOCHROME1", 10), grey(2, 2, "MONOCHROME1", 50)];
    let asset = site.picture_set(&pictures, &[Some([0.5, 0.5]), None]);
    holding(site, asset).await
}

#[tokio::test]
async fn pictures_of_two_sizes_come_as_one_stack_with_their_sizes() {
    let site = Site::new();
    let (cookie, volume) = two_sizes(&site).await;
    assert_eq!((&volume["dimensions"], &volume["tools_3d"]), (&json!([4, 3, 2]), &json!(false)));
    assert_eq!(volume["reasons"], json!(["mixed-size", "missing-geometry"]));
    assert_eq!((&volume["inverted"], &volume["data_type"]), (&json!(true), &json!("int16")));
    assert_eq!(
        volume["slices"],
        json!([
            {"columns": 4, "rows": 3, "spacing_mm": [0.5, 0.5]},
            {"columns": 2, "rows": 2, "spacing_mm": null},
        ])
    );
    let pixels = site.get(&path(task(1), "/volume/pixels"), &cookie).await;
    // Beside the smaller picture lies the value that is shown black: of an inverted one the highest.
    let second = [50_i16, 51, 53, 53, 52, 53, 53, 53, 53, 53, 53, 53];
    let expected: Vec<u8> = (10_i16..22).chain(second).flat_map(i16::to_le_bytes).collect();
    assert_eq!(pixels.bytes, expected);
}

#[tokio::test]
async fn slices_come_outward_from_where_one_looks() {
    let site = Site::new();
    let pictures = [0, 1, 2, 3].map(|number| grey(1, 1, "MONOCHROME2", number));
    let asset = site.picture_set(&pictures, &[None; 4]);
    let (cookie, _) = holding(&site, asset).await;
    let order = |bytes: Bytes| bytes.as_chunks().0.iter().map(|pair| i16::from_le_bytes(*pair)).collect();
    let from = |focus: &str| path(task(1), &format!("/volume/pixels{focus}"));
    let came: Vec<i16> = order(site.get(&from("?focus=1"), &cookie).await.bytes);
    assert_eq!(came, [1, 2, 0, 3]);
    let came: Vec<i16> = order(site.get(&from(""), &cookie).await.bytes);
    assert_eq!(came, [0, 1, 2, 3]);
    assert_eq!(site.get(&from("?order=any"), &cookie).await.code(), "invalid");
}

#[tokio::test]
async fn colours_come_as_three_bytes_and_have_no_windows() {
    let site = Site::new();
    let colours = PictureFile { columns: 2, rows: 1, photometric: "RGB", bytes: vec![1, 2, 3, 4, 5, 6] };
    let asset = site.picture_set(&[colours], &[Some([1.0, 1.0])]);
    let (cookie, volume) = holding(&site, asset).await;
    assert_eq!((&volume["data_type"], &volume["windows"]), (&json!("rgb8"), &json!([])));
    assert_eq!((volume["minimum"].as_f64(), volume["maximum"].as_f64()), (Some(0.0), Some(255.0)));
    let pixels = site.get(&path(task(1), "/volume/pixels"), &cookie).await;
    assert_eq!(pixels.bytes.to_vec(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(pixels.header("content-length"), "6");
}

/// 100 frames of 8 MiB each: what a viewer needs of them must not wait for all of them.
#[tokio::test]
async fn a_large_cine_comes_frame_by_frame_from_the_one_that_is_looked_at() {
    let site = Site::new();
    let asset = site.cine(100, 2048);
    let (cookie, volume) = holding(&site, asset).await;
    assert_eq!(
        (&volume["dimensions"], volume["frame_time_ms"].as_f64()),
        (&json!([2048, 2048, 100]), Some(40.0))
    );
    // Some of the slices, evenly over all of them.
    assert_eq!((volume["minimum"].as_f64(), volume["maximum"].as_f64()), (Some(0.0), Some(99.0)));
    let request = Request::get(path(task(1), "/volume/pixels?focus=60"))
        .header("host", "localhost:8443")
        .header("cookie", cookie)
        .body(Body::empty());
    let response = site.router.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-length"], (2048_u64 * 2048 * 2 * 100).to_string());
    let mut pieces = response.into_body().into_data_stream();
    for expected in [60_u8, 61, 59] {
        let piece = pieces.next().await.unwrap().unwrap();
        assert_eq!((piece.len(), piece[0], piece[piece.len() - 2]), (2048 * 2048 * 2, expected, expected));
    }
}

fn drawn(number: u8, object_id: u32, form: Value) -> Value {
    put_shape(
        number,
        u64::from(number) - 1,
        &json!({"id": digits(number), "object_id": object_id, "form": form}),
    )
}

#[tokio::test]
async fn drawing_beside_a_smaller_picture_is_refused() {
    let site = Site::new();
    let (cookie, _) = two_sizes(&site).await;
    let paint = |runs: Value| json!({"id": uuid(1), "kind": "paint", "tool": "brush", "base_revision": 0, "slices": [{"k": 1, "runs": runs}]});
    let boxed = |upper: Value| drawn(1, 2, json!({"type": "box", "lower": [0, 0, 0], "upper": upper}));
    let point = |at: Value| drawn(1, 3, json!({"type": "point", "at": at}));
    let refused = [
        paint(json!([[2, 1, 0, 1]])),
        paint(json!([[0, 3, 0, 1]])),
        paint(json!([[8, 1, 0, 1]])),
        paint(json!([[0, 1, 0, 1], [1, 4, 0, 1]])),
        boxed(json!([2, 1, 1])),
        point(json!([1.6, 0.0, 1.0])),
    ];
    for operation in refused {
        let answer = site.save(&cookie, 1, vec![operation.clone()]).await;
        assert_eq!(answer.json()["problem"], "out-of-picture", "{operation}: {answer:?}");
    }
    let taken = site.save(&cookie, 1, vec![paint(json!([[0, 2, 0, 1], [4, 2, 0, 1]]))]).await;
    assert_eq!(taken.json(), json!({"revision": 1}));
}

#[tokio::test]
async fn what_is_drawn_has_the_millimetres_of_its_picture_or_none() {
    let site = Site::new();
    let (cookie, _) = two_sizes(&site).await;
    let line = |number, k: f64| {
        drawn(number, 4, json!({"type": "line", "from": [0.0, 0.0, k], "to": [1.0, 0.0, k]}))
    };
    let boxed = drawn(3, 2, json!({"type": "box", "lower": [0, 0, 0], "upper": [1, 1, 0]}));
    let saved = site.save(&cookie, 1, vec![line(1, 0.0), line(2, 1.0), boxed]).await;
    assert_eq!(saved.json(), json!({"revision": 3}));
    let facts = site.get(&path(task(1), "/facts"), &cookie).await.json();
    let of = |id: u32| {
        let objects = facts["facts"]["objects"].as_array().unwrap();
        objects.iter().find(|object| object["object_id"] == id).unwrap()["instances"].clone()
    };
    let lines = of(4);
    assert_eq!((lines[0]["diameter_mm"].as_f64(), &lines[1]["diameter_mm"]), (Some(0.5), &Value::Null));
    let cyst = of(2);
    let diagonal = cyst[0]["diameter_mm"].as_f64().unwrap();
    assert!((diagonal - 2.0_f64.sqrt()).abs() < 1e-12, "{cyst}");
    assert_eq!(cyst[0]["volume_mm3"], Value::Null);
}
