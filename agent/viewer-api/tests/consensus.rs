//! Facts about the consensus that hospital IT sees.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{AuditAction, AuditSubject, NewConsensus, PaintRule, Role};
use agent_work::{Run, Slice};
use axum::http::StatusCode;
use proto_ids::{AssetToken, SubmissionId};
use serde_json::json;
use support::Site;
use support::calls::{answer, paint};
use support::tasks::{grid, task};

/// A site where work on task 1 was handed in and 5 voxels of object 2 were painted.
async fn painted() -> (Site, AssetToken) {
    let site = Site::new();
    let asset = site.asset(1);
    let anna = site.account("anna", &[Role::Annotator]);
    site.project(&[anna]);
    site.order(task(1), asset, false);
    let cookie = site.sign_in("anna").await;
    let fencing = site.next(&cookie).await;
    site.save(&cookie, fencing, vec![paint(1, 0, json!([[3, 5, 0, 2]])), answer(2, 1)]).await;
    let done = site.submit(&cookie, fencing, 2, json!({})).await;
    let submission: SubmissionId = done.json()["submission_id"].as_str().unwrap().parse().unwrap();
    let consensus = NewConsensus {
        task: task(1),
        object_id: 2,
        rule: PaintRule::Staple,
        submissions: vec![submission],
        truth_table: vec![2],
        slices: vec![Slice { k: 2, runs: vec![Run { start: 3, length: 5, label: 2 }] }],
        voxels: 5,
    };
    assert_eq!(site.archive.consensus_put(&consensus, Vec::new(), site.now()).unwrap(), 1);
    (site, asset)
}

fn mask(object_id: &str) -> String {
    format!("/api/v1/consensus/{}/{object_id}/mask", task(1))
}

#[tokio::test]
async fn what_was_painted_is_listed() {
    let (site, asset) = painted().await;
    site.account("it", &[Role::HospitalAdmin]);
    let it = site.sign_in("it").await;
    let listed = site.get("/api/v1/consensus", &it).await;
    let expected = json!({"consensus": [{
        "task_id": task(1).to_string(), "asset_id": asset.to_string(),
        "project_title": "Organs of the abdomen", "object_id": 2, "object_name": "Spleen",
        "rule": "staple", "voxels": 5, "painted_at": "2026-01-01T12:00:00Z",
    }]});
    assert_eq!(listed.json(), expected, "{listed:?}");
}

#[tokio::test]
async fn a_mask_lies_on_the_grid_of_its_asset_and_its_reading_is_written_down() {
    let (site, asset) = painted().await;
    site.account("it", &[Role::HospitalAdmin]);
    let it = site.sign_in("it").await;
    let file = site.get(&mask("2"), &it).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert!(file.header("content-disposition").ends_with("-2.nii.gz\""));
    let (of_file, labels) = agent_formats::nifti::read_labels(&file.bytes).unwrap();
    assert!(of_file.same_as(&grid()));
    let mut expected = vec![0_u16; 120];
    expected[63..68].fill(2);
    assert_eq!(labels, expected);
    let lines = site.archive.audit_list(0, 1000).unwrap();
    let reads = lines.iter().filter(|line| line.event.action == AuditAction::VolumeRead);
    let subjects: Vec<AuditSubject> = reads.map(|line| line.event.subject).collect();
    assert_eq!(subjects, [AuditSubject::Asset(asset)]);
    for unknown in ["1", "x", "-1", "99999999999"] {
        assert_eq!(site.get(&mask(unknown), &it).await.status, StatusCode::NOT_FOUND, "{unknown}");
    }
}

#[tokio::test]
async fn only_hospital_admins_see_it() {
    let (site, _) = painted().await;
    site.account("rita", &[Role::Annotator, Role::Reviewer]);
    let rita = site.sign_in("rita").await;
    for path in ["/api/v1/consensus".to_owned(), mask("2")] {
        assert_eq!(site.get(&path, &rita).await.status, StatusCode::FORBIDDEN);
        assert_eq!(site.get(&path, "").await.status, StatusCode::UNAUTHORIZED);
    }
}
