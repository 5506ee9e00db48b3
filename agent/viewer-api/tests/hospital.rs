//! Facts about what hospital IT, reviewers and DICOMweb clients get, and about invitations.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{
    AuditAction, Invitation, NewInstance, PersonCopy, Role, StudyHeader, TokenView, WorklistItem,
};
use agent_imaging::{Grid, LabelMap, VoxelIndex};
use agent_phi::{HeaderText, InstanceUid, PatientId, SeriesUid, StudyUid};
use agent_viewer_api::secret_hash;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use proto_ids::PersonId;
use serde_json::{Value, json};
use support::tasks::grid;
use support::{Answer, Site};

async fn admin(site: &Site) -> String {
    site.account("it", &[Role::HospitalAdmin]);
    site.sign_in("it").await
}

#[tokio::test]
async fn the_overview_tells_the_state_of_the_agent() {
    let site = Site::new();
    let cookie = admin(&site).await;
    site.asset(1);
    let overview = site.get("/api/v1/admin/overview", &cookie).await.json();
    assert_eq!(overview["agent"]["enrolled"], true);
    assert_eq!(overview["agent"]["certificate_expires_at"], "2026-01-01T12:00:00Z");
    assert_eq!(overview["today"], json!({"instances": 1, "refused": 0}));
    assert_eq!(overview["outbox"], json!({"waiting": 0, "shelved": 0}));
    assert_eq!((overview["assets"].as_u64(), overview["disk_free_percent"].as_u64()), (Some(1), Some(85)));
    assert_eq!(overview["left"], json!([]));
}

#[tokio::test]
async fn the_overview_tells_what_was_refused_and_what_cannot_be_annotated() {
    let site = Site::new();
    let cookie = admin(&site).await;
    let series = site.archive.nifti_store(b"no volume".to_vec()).unwrap().place().series;
    site.archive.series_claim(series, 1, Some("pixels-not-supported")).unwrap();
    site.archive.arrivals_refused(3);
    let overview = site.get("/api/v1/admin/overview", &cookie).await.json();
    assert_eq!(overview["today"], json!({"instances": 1, "refused": 3}));
    assert_eq!(overview["left"], json!([{"reason": "pixels-not-supported", "count": 1}]));
}

#[tokio::test]
async fn nobody_suspends_their_own_account() {
    let site = Site::new();
    let cookie = admin(&site).await;
    let people = site.get("/api/v1/admin/people", &cookie).await.json();
    let id = people["people"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(people["people"][0]["state"], "active");
    let own = site.post(&format!("/api/v1/admin/people/{id}/suspend"), &cookie, json!({})).await;
    assert_eq!(own.code(), "own-account");
    let unknown = PersonId::from_bytes([1; 16]);
    let answer = site.post(&format!("/api/v1/admin/people/{unknown}/suspend"), &cookie, json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn gold_lies_on_the_very_grid_of_its_asset() {
    let site = Site::new();
    let cookie = admin(&site).await;
    let asset = site.asset(1);
    let mut labels = vec![0_u16; 120];
    labels[30..34].fill(2);
    let on = |grid: Grid| agent_formats::nifti::write_labels(&grid, &labels).unwrap();
    let put = |query: &str, file: Vec<u8>| {
        let path = format!("/api/v1/admin/assets/{asset}/gold{query}");
        let (site, cookie) = (&site, &cookie);
        async move { site.post_bytes(&path, cookie, "application/octet-stream", file).await }
    };
    let moved = Grid::new(grid().size(), grid().spacing_mm(), [0.0; 3], grid().direction()).unwrap();
    assert_eq!(put("", on(moved)).await.code(), "grid-mismatch");
    assert_eq!(put("", b"no image".to_vec()).await.code(), "not-a-label-map");
    assert_eq!(put("?labels=1", on(grid())).await.code(), "unknown-label");
    assert_eq!(put("?labels=0", on(grid())).await.code(), "invalid");
    assert_eq!(site.get("/api/v1/admin/assets", &cookie).await.json()["assets"][0]["gold"], false);
    let done = put("?labels=1,2", on(grid())).await;
    assert_eq!((done.status, &done.json()["labels"]), (StatusCode::CREATED, &json!([1, 2])));
    assert_eq!(site.get("/api/v1/admin/assets", &cookie).await.json()["assets"][0]["gold"], true);
    let kept = site.archive.gold(asset).unwrap().unwrap();
    let run = kept.drawn.slices[0].runs[0];
    assert_eq!(
        (kept.drawn.slices.len(), kept.drawn.slices[0].k, run.start, run.length, run.label),
        (1, 1, 0, 4, 2)
    );
    // The same voxels from above to below, as another program may have written them.
    let [columns, rows, slices] = grid().size();
    let [x, y, _] = grid().direction();
    let top = grid().to_patient(VoxelIndex([0.0, 0.0, f64::from(slices - 1)])).0;
    let turned = Grid::new(grid().size(), grid().spacing_mm(), top, [x, y, [0.0, 0.0, -1.0]]).unwrap();
    let mut below = vec![0_u16; 120];
    let at = ((slices - 2) * rows * columns) as usize;
    below[at..at + 4].fill(2);
    let map = LabelMap::from_dense(turned, &below).unwrap();
    let nrrd = agent_formats::nrrd::write(&[map], &[], agent_formats::nrrd::Encoding::Gzip).unwrap();
    assert_eq!(put("?labels=1,2", nrrd).await.status, StatusCode::CREATED);
    assert_eq!(site.archive.gold(asset).unwrap().unwrap().drawn, kept.drawn);
}

#[tokio::test]
async fn an_invitation_is_taken_up_once() {
    let site = Site::new();
    let code = "ABCDEFGH2345WXYZ";
    let expires_at = site.now().plus_seconds(3600);
    site.told(&WorklistItem::Person(PersonCopy {
        person: PersonId::from_bytes([5; 16]),
        user_name: "anna".into(),
        display_name: "Anna".into(),
        invitation: Some(Invitation { sha256: secret_hash(code), expires_at }),
        suspended: false,
    }));
    let redeem = |code: &str, password: &str| {
        let body = json!({"code": code, "password": password});
        let site = &site;
        async move { site.post("/api/v1/invitations/redeem", "", body).await }
    };
    let password = support::people::PASSWORD;
    assert_eq!(redeem("ABCD-EFGH-2345-WXYY", password).await.code(), "invitation-unknown");
    assert_eq!(redeem("abcd-efgh-2345-wxyz", "short").await.code(), "password-too-short");
    assert_eq!(redeem("abcd-efgh-2345-wxyz", "password123").await.code(), "password-common");
    let done = redeem("abcd-efgh-2345-wxyz", password).await;
    assert_eq!((done.status, &done.json()["user_name"]), (StatusCode::CREATED, &json!("anna")));
    assert_eq!(redeem("abcd-efgh-2345-wxyz", password).await.code(), "invitation-unknown");
    site.sign_in("anna").await;
}

fn text(value: &str) -> Option<HeaderText> {
    Some(HeaderText::new(value).unwrap())
}

fn arrive(site: &Site, study: &str, name: &str, date: &str) {
    let header = StudyHeader {
        patient_name: text(name),
        patient_id: Some(PatientId::new("P1").unwrap()),
        study_date: text(date),
        modality: text("MR"),
        series_number: text("3"),
        ..StudyHeader::default()
    };
    let new = NewInstance {
        study_uid: StudyUid::new(study).unwrap(),
        series_uid: SeriesUid::new(format!("{study}.1")).unwrap(),
        instance_uid: InstanceUid::new(format!("{study}.1.1")).unwrap(),
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.4".into(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".into(),
        calling_ae: None,
        header,
        bytes: study.as_bytes().to_vec(),
    };
    site.archive.instance_store(new).unwrap();
}

async fn query(site: &Site, path: &str, token: &str) -> Answer {
    let request = Request::get(path).header("host", "localhost:8443").header("authorization", token);
    site.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_token_finds_studies_and_series() {
    let site = Site::new();
    arrive(&site, "1.2.3", "Doe^Jane", "20250102");
    site.wait_minutes(1);
    arrive(&site, "1.2.4", "Roe^Richard", "20260304");
    let token = site.token("pacs", TokenView::Original, false);
    let found = |answer: &Answer| -> Vec<Value> {
        let rows = answer.json();
        rows.as_array().unwrap().iter().map(|row| row["0020000D"]["Value"][0].clone()).collect()
    };
    let all = query(&site, "/dicom-web/studies", &token).await;
    assert_eq!(all.header("content-type"), "application/dicom+json");
    assert_eq!(found(&all), ["1.2.3", "1.2.4"]);
    let first = &all.json()[0];
    assert_eq!(first["00100010"], json!({"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]}));
    assert_eq!(first["00080061"], json!({"vr": "CS", "Value": ["MR"]}));
    assert_eq!(first["00201208"], json!({"vr": "IS", "Value": [1]}));
    assert_eq!(first["00080050"], json!({"vr": "SH"}));
    for (filter, expected) in [
        ("PatientName=doe*", vec!["1.2.3"]),
        ("StudyDate=20260101-", vec!["1.2.4"]),
        ("StudyDate=20250102", vec!["1.2.3"]),
        ("00100020=P1&limit=1&offset=1", vec!["1.2.4"]),
        ("StudyInstanceUID=1.2.9", vec![]),
        ("ModalitiesInStudy=CT", vec![]),
    ] {
        let answer = query(&site, &format!("/dicom-web/studies?{filter}"), &token).await;
        assert_eq!(found(&answer), expected, "{filter}");
    }
    let series = query(&site, "/dicom-web/studies/1.2.4/series", &token).await.json();
    assert_eq!(series[0]["0020000E"]["Value"][0], "1.2.4.1");
    assert_eq!(series[0]["00200011"], json!({"vr": "IS", "Value": [3]}));
    assert_eq!(found(&query(&site, "/dicom-web/series?Modality=MR", &token).await).len(), 2);
    let queried = site.archive.audit_list(0, 1000).unwrap();
    let queried = queried.iter().filter(|line| line.event.action == AuditAction::StudyQueried);
    assert_eq!(queried.count(), 9);
    let wrong = query(&site, "/dicom-web/studies?StudyDate=yesterday", &token).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert!(!String::from_utf8_lossy(&wrong.bytes).contains("yesterday"));
}

#[tokio::test]
async fn without_a_token_nothing_is_found() {
    let site = Site::new();
    arrive(&site, "1.2.3", "Doe^Jane", "20250102");
    let admin = admin(&site).await;
    for path in ["/dicom-web/studies", "/dicom-web/series", "/dicom-web/studies/1.2.3/series"] {
        for token in ["", "Bearer", "Bearer guess", "Basic guess"] {
            let answer = query(&site, path, token).await;
            assert_eq!(
                (answer.status, answer.header("www-authenticate").as_str()),
                (StatusCode::UNAUTHORIZED, "Bearer")
            );
        }
        assert_eq!(site.get(path, &admin).await.status, StatusCode::UNAUTHORIZED);
    }
}
