//! Facts about the hospital's other DICOM systems on the pages of hospital IT.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::sync::{Arc, Mutex};

use agent_archive::Role;
use agent_phi::{HeaderText, Purpose};
use agent_viewer_api::{
    PeerCounts, PeerFault, PeerInfo, PeerLevel, PeerList, PeerMatches, PeerPull, PeerQuery, PeerRefusal,
    PeerWay, PeerWork, Peers,
};
use axum::http::StatusCode;
use proto_ids::{AssetToken, PersonId};
use serde_json::{Value, json};
use support::{Answer, Site};

/// A PACS of one study. What it is asked is written down; a pull of `1.2.9` lasts until it is cancelled.
#[derive(Default)]
struct Pacs {
    asked: Mutex<Vec<(PersonId, String)>>,
}

impl Pacs {
    fn note(&self, by: PersonId, what: impl Into<String>) {
        self.asked.lock().unwrap().push((by, what.into()));
    }
}

fn refused(fault: PeerFault, code: &'static str) -> PeerRefusal {
    PeerRefusal { fault, code, title: "It was not done.", advice: "Do something about it.".into() }
}

impl Peers for Pacs {
    fn list(&self) -> PeerList {
        let peer = PeerInfo {
            name: "pacs".into(),
            ae_title: "PACS1".into(),
            address: Some("10.1.2.3:104".into()),
            tls: true,
            may: vec!["store", "receive"],
        };
        let caller = PeerInfo { name: "CT1".into(), address: None, ..peer.clone() };
        PeerList { ae_title: "RINGFENCE".into(), peers: vec![peer, caller] }
    }

    fn echo(&self, peer: &str, by: PersonId) -> Result<(), PeerRefusal> {
        self.note(by, format!("echo {peer}"));
        if peer == "pacs" { Ok(()) } else { Err(refused(PeerFault::Peer, "peer-unreachable")) }
    }

    fn find(&self, peer: &str, query: &PeerQuery, by: PersonId) -> Result<PeerMatches, PeerRefusal> {
        let keys: Vec<String> = query
            .keys
            .iter()
            .map(|(keyword, value)| format!("{keyword}={}", value.expose(Purpose::DicomPeer)))
            .collect();
        let level = if query.level == PeerLevel::Study { "study" } else { "series" };
        self.note(by, format!("find {peer} {level} {} {}", keys.join(","), query.limit));
        let text = |text: &str| HeaderText::new(text).unwrap();
        let one = vec![("PatientName", text("Muster^Anna")), ("StudyInstanceUID", text("1.2.3"))];
        Ok(PeerMatches { matches: vec![one], more: true })
    }

    fn pull(&self, peer: &str, wanted: &PeerPull, by: PersonId) -> Result<PeerWork, PeerRefusal> {
        let study = wanted.study.expose(Purpose::DicomPeer).to_owned();
        let way = if wanted.way == PeerWay::Move { "move" } else { "get" };
        self.note(by, format!("pull {peer} {study} {way}"));
        if way == "move" {
            return Err(refused(PeerFault::Settings, "peer-may-not-store"));
        }
        Ok(Box::new(move |watch| {
            (watch.tell)(1, 3);
            if study != "1.2.9" {
                return Ok(PeerCounts { completed: 2, failed: 1, ..PeerCounts::default() });
            }
            while !watch.cancel.is_cancelled() {
                std::thread::yield_now();
            }
            Ok(PeerCounts { completed: 1, cancelled: true, ..PeerCounts::default() })
        }))
    }

    fn send(&self, peer: &str, asset: AssetToken, by: PersonId) -> Result<PeerWork, PeerRefusal> {
        self.note(by, format!("send {peer} {asset}"));
        Ok(Box::new(|_| Err(refused(PeerFault::Peer, "peer-rejected"))))
    }
}

async fn hospital() -> (Site, Arc<Pacs>, PersonId, String) {
    let pacs = Arc::new(Pacs::default());
    let site = Site::with_peers(Arc::clone(&pacs) as Arc<dyn Peers>);
    let it = site.account("it", &[Role::HospitalAdmin]);
    let cookie = site.sign_in("it").await;
    (site, pacs, it, cookie)
}

async fn post(site: &Site, cookie: &str, path: &str, body: Value) -> Answer {
    site.post(&format!("/api/v1/admin/peers/{path}"), cookie, body).await
}

/// Waits until the newest job is in this state.
async fn job(site: &Site, cookie: &str, state: &str) -> Value {
    loop {
        let jobs = site.get("/api/v1/admin/peers/jobs", cookie).await.json();
        if jobs["jobs"][0]["state"] == state {
            return jobs["jobs"][0].clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn peers_are_listed_with_what_they_have_to_know_of_this_agent() {
    let (site, _, _, cookie) = hospital().await;
    let list = site.get("/api/v1/admin/peers", &cookie).await.json();
    assert_eq!(list["ae_title"], "RINGFENCE");
    assert_eq!(
        list["peers"][0],
        json!({"name": "pacs", "ae_title": "PACS1", "address": "10.1.2.3:104", "tls": true, "may": ["store", "receive"]})
    );
    assert!(list["peers"][1].get("address").is_none());
}

#[tokio::test]
async fn an_echo_is_answered_or_says_what_to_do() {
    let (site, pacs, it, cookie) = hospital().await;
    let answer = post(&site, &cookie, "echo", json!({"peer": "pacs"})).await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({"took_ms": 0})));
    let silent = post(&site, &cookie, "echo", json!({"peer": "CT1"})).await;
    assert_eq!((silent.status, silent.code().as_str()), (StatusCode::BAD_GATEWAY, "peer-unreachable"));
    assert_eq!(silent.json()["detail"], "Do something about it.");
    let asked = pacs.asked.lock().unwrap().clone();
    assert_eq!(asked, [(it, "echo pacs".to_owned()), (it, "echo CT1".to_owned())]);
}

#[tokio::test]
async fn a_query_takes_attributes_and_gives_what_is_not_empty() {
    let (site, pacs, it, cookie) = hospital().await;
    let query =
        |key: Value, limit: usize| json!({"peer": "pacs", "level": "study", "keys": [key], "limit": limit});
    let name = json!({"keyword": "PatientName", "value": "Muster*"});
    let found = post(&site, &cookie, "find", query(name.clone(), 50)).await;
    assert_eq!(
        found.json(),
        json!({"matches": [{"PatientName": "Muster^Anna", "StudyInstanceUID": "1.2.3"}], "more": true})
    );
    assert_eq!(found.header("cache-control"), "no-store");
    assert_eq!(*pacs.asked.lock().unwrap(), [(it, "find pacs study PatientName=Muster* 50".to_owned())]);
    let control =
        post(&site, &cookie, "find", query(json!({"keyword": "PatientID", "value": "a\nb"}), 50)).await;
    assert_eq!(
        (control.status, &control.json()["fields"][0]["field"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("PatientID"))
    );
    for limit in [0, 501] {
        let refused = post(&site, &cookie, "find", query(name.clone(), limit)).await;
        assert_eq!(refused.json()["fields"][0]["field"], "limit", "{limit}");
    }
    assert_eq!(pacs.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_pull_is_a_job_that_ends_with_counts() {
    let (site, _, _, cookie) = hospital().await;
    let order = json!({"peer": "pacs", "study_uid": "1.2.3", "way": "get"});
    let begun = post(&site, &cookie, "pull", order).await;
    assert_eq!((begun.status, &begun.json()["study_uid"]), (StatusCode::ACCEPTED, &json!("1.2.3")));
    let done = job(&site, &cookie, "done").await;
    assert_eq!(done["id"], begun.json()["id"]);
    assert_eq!(done["counts"], json!({"completed": 2, "warned": 0, "failed": 1}));
    assert_eq!((&done["kind"], &done["by"], &done["peer"]), (&json!("pull"), &json!("IT"), &json!("pacs")));
    assert!(done["ended_at"].is_string() && done.get("refusal").is_none());
}

#[tokio::test]
async fn a_job_that_is_cancelled_tells_how_far_it_came() {
    let (site, _, _, cookie) = hospital().await;
    let order = json!({"peer": "pacs", "study_uid": "1.2.9", "way": "get"});
    let begun = post(&site, &cookie, "pull", order).await.json();
    let running = job(&site, &cookie, "running").await;
    assert_eq!((&running["of"], &running["cancelling"]), (&json!(3), &json!(false)));
    let path = format!("jobs/{}/cancel", begun["id"]);
    assert_eq!(post(&site, &cookie, &path, json!({})).await.status, StatusCode::OK);
    let ended = job(&site, &cookie, "cancelled").await;
    assert_eq!(ended["counts"]["completed"], 1);
    // What has ended stays as it is.
    assert_eq!(post(&site, &cookie, &path, json!({})).await.json()["state"], "cancelled");
    assert_eq!(post(&site, &cookie, "jobs/7/cancel", json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn jobs_beyond_what_runs_at_a_time_wait_and_can_be_cancelled_while_they_wait() {
    let (site, _, _, cookie) = hospital().await;
    let order = json!({"peer": "pacs", "study_uid": "1.2.9", "way": "get"});
    for _ in 0..3 {
        post(&site, &cookie, "pull", order.clone()).await;
        job(&site, &cookie, "running").await;
    }
    let fourth = post(&site, &cookie, "pull", order).await.json();
    assert_eq!(fourth["state"], "waiting");
    post(&site, &cookie, &format!("jobs/{}/cancel", fourth["id"]), json!({})).await;
    let ended = job(&site, &cookie, "cancelled").await;
    assert!(ended["id"] == fourth["id"] && ended.get("counts").is_none());
    let jobs = site.get("/api/v1/admin/peers/jobs", &cookie).await.json();
    for job in &jobs["jobs"].as_array().unwrap()[1..] {
        assert_eq!(job["state"], "running");
        post(&site, &cookie, &format!("jobs/{}/cancel", job["id"]), json!({})).await;
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_at_once_and_is_no_job() {
    let (site, _, _, cookie) = hospital().await;
    let moved =
        post(&site, &cookie, "pull", json!({"peer": "pacs", "study_uid": "1.2.3", "way": "move"})).await;
    assert_eq!((moved.status, moved.code().as_str()), (StatusCode::CONFLICT, "peer-may-not-store"));
    let nonsense =
        post(&site, &cookie, "pull", json!({"peer": "pacs", "study_uid": "1.2.x", "way": "get"})).await;
    assert_eq!(nonsense.json()["fields"][0]["field"], "study_uid");
    let nonsense = post(&site, &cookie, "send", json!({"peer": "pacs", "asset_id": "7"})).await;
    assert_eq!(nonsense.json()["fields"][0]["field"], "asset_id");
    assert_eq!(site.get("/api/v1/admin/peers/jobs", &cookie).await.json(), json!({"jobs": []}));
}

#[tokio::test]
async fn a_sending_that_fails_says_why() {
    let (site, pacs, it, cookie) = hospital().await;
    let asset = AssetToken::from_bytes([7; 16]).to_string();
    post(&site, &cookie, "send", json!({"peer": "pacs", "asset_id": asset})).await;
    let failed = job(&site, &cookie, "failed").await;
    assert_eq!((&failed["kind"], &failed["asset_id"]), (&json!("send"), &json!(asset)));
    assert_eq!(
        failed["refusal"],
        json!({"code": "peer-rejected", "title": "It was not done.", "advice": "Do something about it."})
    );
    assert_eq!(*pacs.asked.lock().unwrap(), [(it, format!("send pacs {asset}"))]);
}

#[tokio::test]
async fn looking_at_jobs_keeps_no_session_alive() {
    let (site, _, _, cookie) = hospital().await;
    for _ in 0..14 {
        site.wait_minutes(1);
        assert_eq!(site.get("/api/v1/admin/peers/jobs", &cookie).await.status, StatusCode::OK);
    }
    site.wait_minutes(1);
    assert_eq!(site.get("/api/v1/admin/peers/jobs", &cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_agent_without_peers_knows_none() {
    let site = Site::new();
    site.account("it", &[Role::HospitalAdmin]);
    let cookie = site.sign_in("it").await;
    assert_eq!(site.get("/api/v1/admin/peers", &cookie).await.json()["peers"], json!([]));
    let unknown = post(&site, &cookie, "echo", json!({"peer": "pacs"})).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::NOT_FOUND, "peer-unknown"));
}
