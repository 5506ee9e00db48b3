//! A site in a temporary directory, called through the router.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

pub mod calls;
pub mod dicom;
pub mod dicomweb;
pub mod people;
pub mod schema;
pub mod tasks;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use agent_archive::Archive;
use agent_viewer_api::{AgentStatus, StatusNow, ViewerState, router};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use proto_ids::{Clock, SiteId, Timestamp};
use serde_json::{Value, json};
use tower::ServiceExt;

/// 2026-01-01T12:00:00Z.
pub const NOON: i64 = 1_767_268_800_000;

#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

struct Status;

impl AgentStatus for Status {
    fn now(&self) -> StatusNow {
        StatusNow {
            version: "0.1.0".into(),
            site: Some(SiteId::from_bytes([7; 16])),
            connected: true,
            certificate_expires_at: Some(Timestamp::from_millis(NOON)),
            disk_free_percent: 85,
        }
    }
}

pub struct Site {
    directory: tempfile::TempDir,
    pub archive: Arc<Archive>,
    pub clock: Arc<TestClock>,
    pub router: Router,
    pub worklist: Mutex<u64>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}

impl Site {
    pub fn new() -> Self {
        Self::with_assist(Arc::new(agent_viewer_api::NoAssist))
    }

    /// A site with these models.
    pub fn with_assist(assist: Arc<dyn agent_viewer_api::Assist>) -> Self {
        Self::with_rooms(assist, Arc::new(agent_viewer_api::NoPeers))
    }

    /// A site with these peers.
    pub fn with_peers(peers: Arc<dyn agent_viewer_api::Peers>) -> Self {
        Self::with_rooms(Arc::new(agent_viewer_api::NoAssist), peers)
    }

    fn with_rooms(
        assist: Arc<dyn agent_viewer_api::Assist>,
        peers: Arc<dyn agent_viewer_api::Peers>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOON)));
        let archive =
            Arc::new(Archive::open_on_disk(directory.path(), Arc::clone(&clock) as Arc<dyn Clock>).unwrap());
        let state = ViewerState {
            archive: Arc::clone(&archive),
            submitter: Arc::new(tasks::PlainSubmitter(Arc::clone(&archive))),
            status: Arc::new(Status),
            schema: Arc::new(schema::PlainSchema),
            assist,
            peers,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
        };
        Self { directory, archive, clock, router: router(state), worklist: Mutex::new(0) }
    }

    /// Where the store is.
    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.0.fetch_add(minutes * 60_000, Ordering::SeqCst);
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Answer {
        let request =
            Request::get(path).header(header::HOST, "localhost:8443").header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, cookie: &str, body: Value) -> Answer {
        self.post_bytes(path, cookie, "application/json", body.to_string().into_bytes()).await
    }

    pub async fn put(&self, path: &str, cookie: &str, body: Value) -> Answer {
        let bytes = body.to_string().into_bytes();
        self.change(Request::put(path), cookie, "application/json", bytes).await
    }

    pub async fn delete(&self, path: &str, cookie: &str) -> Answer {
        let request = own(Request::delete(path)).header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn post_bytes(&self, path: &str, cookie: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.change(Request::post(path), cookie, content_type, body).await
    }

    /// A call that changes something, as the viewer's pages make it.
    async fn change(
        &self,
        request: axum::http::request::Builder,
        cookie: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Answer {
        let request = own(request).header(header::CONTENT_TYPE, content_type).header(header::COOKIE, cookie);
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Signs in and gives the cookie.
    pub async fn sign_in(&self, user_name: &str) -> String {
        let body = json!({"user_name": user_name, "password": people::PASSWORD});
        let answer = self.post("/api/v1/session", "", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }
}

/// A request with the headers of the viewer's own pages.
fn own(request: axum::http::request::Builder) -> axum::http::request::Builder {
    request
        .header(header::HOST, "localhost:8443")
        .header(header::ORIGIN, "https://localhost:8443")
        .header("sec-fetch-site", "same-origin")
        .header("x-ringfence", "1")
}
