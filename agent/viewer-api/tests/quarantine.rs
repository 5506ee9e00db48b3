//! Facts about quarantine over HTTPS: who sees it, what annotators get, and what a preview of de-identification keeps.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{
    AtRisk, AuditAction, Device, ImportRefusal, ImportReport, ImportSource, Role, TokenView,
};
use axum::http::StatusCode;
use proto_ids::{AssetToken, ImportId, ProjectId};
use serde_json::{Value, json};
use support::Site;
use support::dicom::PictureFile;
use support::tasks::{every_geometry, task};

const PIXELS: std::ops::Range<u8> = 10..22;

fn device() -> Device {
    Device {
        manufacturer: "Maker".to_owned(),
        model: "One".to_owned(),
        software_version: Some("1".to_owned()),
        modality: "US".to_owned(),
        rows: 3,
        columns: 4,
    }
}

fn device_json() -> Value {
    json!({ "manufacturer": "Maker", "model": "One", "modality": "US", "rows": 3, "columns": 4 })
}

/// Two pictures of 4 by 3, in quarantine for these reasons.
fn waiting(site: &Site, reasons: &[&str]) -> AssetToken {
    let file = || PictureFile { columns: 4, rows: 3, photometric: "MONOCHROME2", bytes: PIXELS.collect() };
    let reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
    let risk = AtRisk { reasons, device: Some(device()) };
    site.picture_set_at_risk(&[file(), file()], &[None, None], &risk)
}

struct People {
    annotator: String,
    reviewer: String,
    admin: String,
}

async fn people(site: &Site, asset: AssetToken) -> People {
    let anna = site.account("anna", &[Role::Annotator]);
    site.account("rita", &[Role::Reviewer]);
    site.account("it", &[Role::HospitalAdmin]);
    site.project_with(every_geometry(), &[anna], &[]);
    site.order(task(1), asset, false);
    People {
        annotator: site.sign_in("anna").await,
        reviewer: site.sign_in("rita").await,
        admin: site.sign_in("it").await,
    }
}

async fn next(site: &Site, cookie: &str) -> StatusCode {
    site.post("/api/v1/tasks/next", cookie, json!({})).await.status
}

async fn pixels(site: &Site, cookie: &str) -> Vec<u8> {
    let answer = site.get(&format!("/api/v1/tasks/{}/volume/pixels", task(1)), cookie).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    // 16 bits a voxel, all below 256.
    answer.bytes.chunks(2).map(|voxel| voxel[0]).collect()
}

fn actions(site: &Site) -> Vec<AuditAction> {
    let wanted = [
        AuditAction::QuarantineViewed,
        AuditAction::QuarantineReleased,
        AuditAction::QuarantineWithheld,
        AuditAction::DeviceRuleAdded,
        AuditAction::DeviceRuleRemoved,
        AuditAction::DeidentificationPreviewed,
    ];
    let lines = site.archive.audit_list(0, 1000).unwrap().into_iter();
    lines.map(|line| line.event.action).filter(|action| wanted.contains(action)).collect()
}

#[tokio::test]
async fn a_reviewer_looks_and_releases_and_the_annotator_gets_it_as_it_came() {
    let site = Site::new();
    let asset = waiting(&site, &["modality", "says-burned-in"]);
    let people = people(&site, asset).await;
    assert_eq!(next(&site, &people.annotator).await, StatusCode::NO_CONTENT);
    let overview = site.get("/api/v1/admin/overview", &people.admin).await.json();
    assert_eq!(overview["quarantine"], json!({ "waiting": 1, "withheld": 0, "tasks": 1 }));
    let listed = site.get("/api/v1/quarantine?state=waiting", &people.reviewer).await.json();
    let codes: Vec<&Value> =
        listed["assets"][0]["reasons"].as_array().unwrap().iter().map(|r| &r["code"]).collect();
    assert_eq!(codes, ["modality", "says-burned-in"]);
    assert_eq!(listed["assets"][0]["rule_helps"], true);
    let picture = site.get(&format!("/api/v1/quarantine/{asset}/pictures/1"), &people.reviewer).await;
    assert_eq!((picture.status, picture.header("content-type")), (StatusCode::OK, "image/png".to_owned()));
    let image = png::Decoder::new(std::io::Cursor::new(picture.bytes.to_vec())).read_info().unwrap();
    assert_eq!((image.info().width, image.info().height), (4, 3));
    let gone = site.get(&format!("/api/v1/quarantine/{asset}/pictures/2"), &people.reviewer).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let released =
        site.post(&format!("/api/v1/quarantine/{asset}/release"), &people.reviewer, json!({})).await;
    assert_eq!((released.status, &released.json()["decided_by"]), (StatusCode::OK, &json!("RITA")));
    assert_eq!(next(&site, &people.annotator).await, StatusCode::OK);
    assert_eq!(pixels(&site, &people.annotator).await, PIXELS.chain(PIXELS).collect::<Vec<u8>>());
    let expected =
        [AuditAction::QuarantineViewed, AuditAction::QuarantineViewed, AuditAction::QuarantineReleased];
    assert_eq!(actions(&site), expected);
}

#[tokio::test]
async fn what_is_withheld_while_it_is_held_is_shown_no_more() {
    let site = Site::new();
    let asset = waiting(&site, &["modality"]);
    let people = people(&site, asset).await;
    site.post(&format!("/api/v1/quarantine/{asset}/release"), &people.admin, json!({})).await;
    assert_eq!(next(&site, &people.annotator).await, StatusCode::OK);
    let withheld =
        site.post(&format!("/api/v1/quarantine/{asset}/withhold"), &people.reviewer, json!({})).await;
    assert_eq!(withheld.json()["state"], "withheld");
    for address in ["", "/volume/pixels", "/models", "/work"] {
        let answer = site.get(&format!("/api/v1/tasks/{}{address}", task(1)), &people.annotator).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::FORBIDDEN, "quarantined"),
            "{address}"
        );
    }
    let again = site.post(&format!("/api/v1/quarantine/{asset}/release"), &people.reviewer, json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (StatusCode::CONFLICT, "withheld"));
}

#[tokio::test]
async fn a_rule_for_the_device_paints_over_and_nothing_else_changes() {
    let site = Site::new();
    let asset = waiting(&site, &["modality"]);
    let people = people(&site, asset).await;
    let regions = json!([{ "left": 1, "top": 0, "width": 2, "height": 2 }]);
    let draft = json!({ "device": device_json(), "regions": regions });
    let added = site.post("/api/v1/device-rules", &people.reviewer, draft.clone()).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let added = added.json();
    assert_eq!((&added["rule"]["released"], &added["still_waiting"]), (&json!(1), &json!(0)));
    let twice = site.post("/api/v1/device-rules", &people.reviewer, draft).await;
    assert_eq!((twice.status, twice.code().as_str()), (StatusCode::CONFLICT, "rule-exists"));
    assert_eq!(next(&site, &people.annotator).await, StatusCode::OK);
    let painted = [10, 0, 0, 13, 14, 0, 0, 17, 18, 19, 20, 21];
    assert_eq!(pixels(&site, &people.annotator).await, [painted, painted].concat());
    let id = added["rule"]["id"].as_str().unwrap();
    let removed = site.delete(&format!("/api/v1/device-rules/{id}"), &people.reviewer).await;
    assert_eq!(removed.json(), json!({ "returned": 0, "kept": 1 }), "somebody holds it");
    assert_eq!(pixels(&site, &people.annotator).await, [painted, painted].concat());
    assert_eq!(site.get("/api/v1/device-rules", &people.admin).await.json(), json!({ "rules": [] }));
}

#[tokio::test]
async fn the_deidentified_view_gives_what_was_decided_and_the_original_what_came() {
    let site = Site::new();
    let asset = waiting(&site, &["modality"]);
    let people = people(&site, asset).await;
    let masked = site.token("research", TokenView::Deidentified(ProjectId::from_bytes([9; 16])), false);
    let original = site.token("pacs", TokenView::Original, false);
    let address = site.first_address(&masked).await;
    let frames = format!("{address}/frames/1");
    let samples = "multipart/related; type=\"application/octet-stream\"";
    for held in [&address, &frames, &format!("{address}/rendered")] {
        let refused = site.web(held, &masked, "").await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::FORBIDDEN, "quarantined"),
            "{held}"
        );
    }
    // Headers are clean without anybody having looked at pixels.
    assert_eq!(site.web(&format!("{address}/metadata"), &masked, "").await.status, StatusCode::OK);
    let draft =
        json!({ "device": device_json(), "regions": [{ "left": 1, "top": 0, "width": 2, "height": 2 }] });
    let added = site.post("/api/v1/device-rules", &people.reviewer, draft).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let given = site.web(&frames, &masked, samples).await.parts();
    assert_eq!(given[0].bytes, [10, 0, 0, 13, 14, 0, 0, 17, 18, 19, 20, 21]);
    let whole = site.web(&address, &masked, "application/dicom; transfer-syntax=*").await;
    assert_eq!(whole.header("content-type"), "application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
    let came = site.first_address(&original).await;
    let given = site.web(&format!("{came}/frames/1"), &original, samples).await.parts();
    assert_eq!(given[0].bytes, PIXELS.collect::<Vec<u8>>());
}

#[tokio::test]
async fn painting_over_does_not_let_out_what_is_at_risk_for_another_reason() {
    let site = Site::new();
    let asset = waiting(&site, &["modality", "says-recognizable"]);
    let people = people(&site, asset).await;
    let regions = json!([{ "left": 0, "top": 0, "width": 1, "height": 1 }]);
    let draft = json!({ "device": device_json(), "regions": regions });
    let added = site.post("/api/v1/device-rules", &people.reviewer, draft).await.json();
    assert_eq!((&added["rule"]["released"], &added["still_waiting"]), (&json!(0), &json!(1)));
    assert_eq!(next(&site, &people.annotator).await, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_rule_that_cannot_hold_is_refused_by_its_field() {
    let site = Site::new();
    site.account("rita", &[Role::Reviewer]);
    let reviewer = site.sign_in("rita").await;
    let refuse = |device: Value, regions: Value, field: &'static str| {
        let (site, reviewer) = (&site, &reviewer);
        async move {
            let draft = json!({ "device": device, "regions": regions });
            let answer = site.post("/api/v1/device-rules", reviewer, draft).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(answer.json()["fields"][0]["field"], field);
        }
    };
    let region = |left: u32, width: u32| json!([{ "left": left, "top": 0, "width": width, "height": 1 }]);
    refuse(device_json(), json!([]), "regions").await;
    refuse(device_json(), region(3, 2), "regions.0").await;
    refuse(device_json(), region(u32::MAX, 2), "regions.0").await;
    refuse(device_json(), region(0, 0), "regions.0").await;
    let mut nameless = device_json();
    nameless["model"] = json!(" ");
    refuse(nameless, region(0, 1), "device.model").await;
    let mut flat = device_json();
    flat["rows"] = json!(0);
    refuse(flat, region(0, 1), "device.rows").await;
}

#[tokio::test]
async fn a_preview_shows_before_and_after_and_keeps_nothing() {
    let site = Site::new();
    let asset = waiting(&site, &["modality"]);
    let people = people(&site, asset).await;
    let instance = site.archive.asset(asset).unwrap().unwrap().instances[0];
    let file = site.archive.instance_bytes(instance).unwrap().unwrap().bytes;
    let before = site.archive.day_counts(site.now()).unwrap().instances;
    let preview = |query: &'static str, bytes: Vec<u8>| {
        let path = format!("/api/v1/admin/deid/preview{query}");
        let (site, admin) = (&site, &people.admin);
        async move { site.post_bytes(&path, admin, "application/octet-stream", bytes).await }
    };
    let shown = preview("?options=none", file.clone()).await;
    assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
    let shown = shown.json();
    assert_eq!((&shown["format"], &shown["options"]), (&json!("dicom"), &json!([])));
    let attributes = shown["attributes"].as_array().unwrap();
    let uid = attributes.iter().find(|one| one["keyword"] == "SOPInstanceUID").unwrap();
    assert_eq!((&uid["done"], &uid["before"]), (&json!("new-uid"), &json!("1.2.4.1.1")));
    assert!(attributes.iter().all(|one| one["done"] != "kept"));
    let all = preview("?options=none&all=true", file.clone()).await.json();
    assert!(all["attributes"].as_array().unwrap().iter().any(|one| one["done"] == "kept"));
    let unknown = preview("?options=nothing", file.clone()).await;
    assert_eq!(unknown.json()["fields"][0]["field"], "options");
    for hostile in [b"no image".to_vec(), file[..200].to_vec(), vec![0x1F, 0x8B, 8, 0]] {
        assert_eq!(preview("", hostile).await.code(), "not-deidentifiable");
    }
    assert_eq!(preview("", vec![0; 65 << 20]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(site.archive.day_counts(site.now()).unwrap().instances, before);
    let refused = site
        .post_bytes("/api/v1/admin/deid/preview", &people.reviewer, "application/octet-stream", file)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn hospital_it_reads_what_became_of_imports() {
    let site = Site::new();
    site.account("it", &[Role::HospitalAdmin]);
    let admin = site.sign_in("it").await;
    let report = |number: u8| ImportReport {
        id: ImportId::from_bytes([number; 16]),
        source: ImportSource::WatchedFolder,
        begun_at: site.now().plus_seconds(i64::from(number)),
        ended_at: site.now().plus_seconds(60),
        files: 3,
        bytes: 100,
        taken: 1,
        skipped: 1,
        kept_beside: 0,
        refused: 1,
        refusals: vec![ImportRefusal {
            file: "a/letter".to_owned(),
            reason: "neither DICOM nor NIfTI".to_owned(),
        }],
        assets: 0,
        left: vec![("no-image".to_owned(), 2)],
    };
    site.archive.import_report_put(&report(1)).unwrap();
    site.archive.import_report_put(&report(2)).unwrap();
    assert_eq!(site.archive.import_reports().unwrap(), [report(2), report(1)]);
    let listed = site.get("/api/v1/admin/imports", &admin).await.json();
    let newest = &listed["imports"][0];
    assert_eq!(
        (&newest["id"], &newest["source"]),
        (&json!(report(2).id.to_string()), &json!("watched_folder"))
    );
    assert_eq!(newest["refusals"], json!([{ "file": "a/letter", "reason": "neither DICOM nor NIfTI" }]));
    assert_eq!(newest["left"], json!([{ "reason": "no-image", "count": 2 }]));
}
