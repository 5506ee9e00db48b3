//! Facts about who gets in, what they may call, and what every answer carries.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::Role;
use axum::body::Body;
use axum::http::request::Builder;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::json;
use support::Site;
use support::people::PASSWORD;
use support::tasks::task;

#[tokio::test]
async fn a_session_begins_with_the_right_password_and_ends_with_sign_out() {
    let site = Site::new();
    site.account("anna", &[Role::Annotator]);
    assert_eq!(site.get("/api/v1/session", "").await.code(), "signed-out");
    let body = json!({"user_name": "Anna", "password": PASSWORD});
    let answer = site.post("/api/v1/session", "", body).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.json()["person"]["roles"], json!(["annotator"]));
    let cookie = answer.header("set-cookie");
    for part in ["__Host-viewer=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(site.get("/api/v1/session", cookie).await.json()["person"]["user_name"], "anna");
    let end = site.post("/api/v1/session/end", cookie, json!({})).await;
    assert_eq!(end.status, StatusCode::NO_CONTENT);
    assert!(end.header("clear-site-data").contains("\"storage\""));
    assert_eq!(site.get("/api/v1/session", cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_password_tells_nothing_and_the_sixth_try_waits() {
    let site = Site::new();
    site.account("anna", &[Role::Annotator]);
    let wrong = |name: &str| json!({"user_name": name, "password": "wrong"});
    let unknown = site.post("/api/v1/session", "", wrong("nobody")).await;
    for _ in 0..5 {
        let answer = site.post("/api/v1/session", "", wrong("anna")).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::UNAUTHORIZED, unknown.json()));
    }
    let right = json!({"user_name": "anna", "password": PASSWORD});
    let answer = site.post("/api/v1/session", "", right.clone()).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "slow-down"));
    assert_eq!(answer.header("retry-after"), "1");
    site.wait_minutes(1);
    assert_eq!(site.post("/api/v1/session", "", right).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_ends_when_idle_and_after_twelve_hours() {
    let site = Site::new();
    site.account("anna", &[Role::Annotator]);
    let cookie = site.sign_in("anna").await;
    for _ in 0..51 {
        site.wait_minutes(14);
        assert_eq!(site.get("/api/v1/tasks/mine", &cookie).await.status, StatusCode::OK);
    }
    site.wait_minutes(7);
    assert_eq!(site.get("/api/v1/tasks/mine", &cookie).await.status, StatusCode::UNAUTHORIZED);
    let cookie = site.sign_in("anna").await;
    site.wait_minutes(15);
    assert_eq!(site.get("/api/v1/tasks/mine", &cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_heartbeat_of_a_lease_keeps_no_session_alive() {
    let site = Site::new();
    site.account("anna", &[Role::Annotator]);
    let cookie = site.sign_in("anna").await;
    let path = format!("/api/v1/tasks/{}/renew", task(1));
    for _ in 0..14 {
        site.wait_minutes(1);
        assert_eq!(site.post(&path, &cookie, json!({"fencing": 1})).await.status, StatusCode::NOT_FOUND);
    }
    site.wait_minutes(1);
    assert_eq!(site.get("/api/v1/tasks/mine", &cookie).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn suspension_shuts_out_at_once() {
    let site = Site::new();
    let anna = site.account("anna", &[Role::Annotator]);
    site.account("it", &[Role::HospitalAdmin]);
    let (cookie, admin) = (site.sign_in("anna").await, site.sign_in("it").await);
    let suspended = site.post(&format!("/api/v1/admin/people/{anna}/suspend"), &admin, json!({})).await;
    assert_eq!(suspended.status, StatusCode::NO_CONTENT);
    assert_eq!(site.get("/api/v1/tasks/mine", &cookie).await.status, StatusCode::UNAUTHORIZED);
    let body = json!({"user_name": "anna", "password": PASSWORD});
    assert_eq!(site.post("/api/v1/session", "", body).await.code(), "suspended");
    let resumed = site.post(&format!("/api/v1/admin/people/{anna}/resume"), &admin, json!({})).await;
    assert_eq!(resumed.status, StatusCode::NO_CONTENT);
    site.sign_in("anna").await;
}

#[tokio::test]
async fn a_change_that_another_site_caused_is_refused() {
    let site = Site::new();
    let send = |change: fn(Builder) -> Builder| {
        let request = Request::post("/api/v1/session/end").header(header::HOST, "localhost:8443");
        site.send(change(request).body(Body::from("{}")).unwrap())
    };
    let good = send(|r| {
        r.header("x-ringfence", "1")
            .header("origin", "https://localhost:8443")
            .header("content-type", "application/json")
    });
    assert_eq!(good.await.status, StatusCode::NO_CONTENT);
    let no_header =
        send(|r| r.header("origin", "https://localhost:8443").header("content-type", "application/json"));
    assert_eq!(no_header.await.code(), "cross-site");
    let foreign = send(|r| {
        r.header("x-ringfence", "1")
            .header("origin", "https://evil.example")
            .header("content-type", "application/json")
    });
    assert_eq!(foreign.await.code(), "cross-site");
    let plain = send(|r| {
        r.header("x-ringfence", "1")
            .header("origin", "http://localhost:8443")
            .header("content-type", "application/json")
    });
    assert_eq!(plain.await.code(), "cross-site");
    let same_site = send(|r| {
        r.header("x-ringfence", "1")
            .header("sec-fetch-site", "same-site")
            .header("content-type", "application/json")
    });
    assert_eq!(same_site.await.code(), "cross-site");
    let neither = send(|r| r.header("x-ringfence", "1").header("content-type", "application/json"));
    assert_eq!(neither.await.code(), "cross-site");
    let form = send(|r| {
        r.header("x-ringfence", "1")
            .header("origin", "https://localhost:8443")
            .header("content-type", "text/plain")
    });
    assert_eq!(form.await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let site = Site::new();
    for path in ["/api/v1/session", "/api/v1/nothing", "/", "/missing.js", "/dicom-web/studies"] {
        let answer = site.get(path, "").await;
        let policy = answer.header("content-security-policy");
        for part in
            ["default-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "'nonce-"]
        {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-embedder-policy"), "require-corp");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        if path.starts_with("/api") || path.starts_with("/dicom") {
            assert_eq!(answer.header("cache-control"), "no-store");
        }
    }
    let nonce = |answer: support::Answer| answer.header("content-security-policy");
    assert_ne!(nonce(site.get("/", "").await), nonce(site.get("/", "").await));
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let site = Site::new();
    site.account("anna", &[Role::Annotator]);
    let cookie = site.sign_in("anna").await;
    let is_problem = |answer: support::Answer, status: StatusCode, code: &str| {
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let json = answer.json();
        assert_eq!(answer.status, status);
        assert_eq!(
            (json["status"].as_u64(), json["code"].as_str()),
            (Some(status.as_u16().into()), Some(code))
        );
        assert_eq!(json["type"], format!("about:blank#{code}"));
    };
    is_problem(site.get("/api/v1/nothing", &cookie).await, StatusCode::NOT_FOUND, "not-found");
    is_problem(site.get("/api/v1/tasks/no-id", &cookie).await, StatusCode::NOT_FOUND, "not-found");
    let next = "/api/v1/tasks/next";
    is_problem(
        site.get("/api/v1/session/end", &cookie).await,
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
    );
    let bytes = |body: &[u8]| site.post_bytes(next, &cookie, "application/json", body.to_vec());
    is_problem(bytes(b"{").await, StatusCode::BAD_REQUEST, "malformed");
    is_problem(bytes(b"{\"a\":1}").await, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    is_problem(bytes(&[b' '; 70_000]).await, StatusCode::PAYLOAD_TOO_LARGE, "too-large");
    let octets = site.post_bytes(next, &cookie, "application/octet-stream", b"{}".to_vec()).await;
    is_problem(octets, StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type");
}

/// Method, path, whether an annotator, a reviewer, hospital IT gets past the check of roles.
const TABLE: [(Method, &str, [bool; 3]); 56] = [
    (Method::GET, "/session", [true, true, true]),
    (Method::POST, "/tasks/next", [true, false, false]),
    (Method::GET, "/tasks/mine", [true, false, false]),
    (Method::GET, "/tasks/ID", [true, false, false]),
    (Method::GET, "/tasks/ID/volume/pixels", [true, false, false]),
    (Method::GET, "/tasks/ID/work", [true, false, false]),
    (Method::GET, "/tasks/ID/facts", [true, false, false]),
    (Method::GET, "/tasks/ID/others/A", [true, false, false]),
    (Method::GET, "/tasks/ID/models", [true, false, false]),
    (Method::GET, "/tasks/ID/proposal", [true, false, false]),
    (Method::POST, "/tasks/ID/previews", [true, false, false]),
    (Method::GET, "/tasks/ID/previews/ID", [true, false, false]),
    (Method::DELETE, "/tasks/ID/previews/ID", [true, false, false]),
    (Method::POST, "/tasks/ID/operations", [true, false, false]),
    (Method::POST, "/tasks/ID/submit", [true, false, false]),
    (Method::POST, "/tasks/ID/release", [true, false, false]),
    (Method::POST, "/tasks/ID/renew", [true, false, false]),
    (Method::POST, "/tasks/ID/version", [true, false, false]),
    (Method::POST, "/tasks/ID/time", [true, false, false]),
    (Method::GET, "/admin/overview", [false, false, true]),
    (Method::GET, "/admin/people", [false, false, true]),
    (Method::POST, "/admin/people/ID/suspend", [false, false, true]),
    (Method::POST, "/admin/people/ID/resume", [false, false, true]),
    (Method::GET, "/admin/assets", [false, false, true]),
    (Method::POST, "/admin/assets/ID/gold", [false, false, true]),
    (Method::GET, "/admin/models", [false, false, true]),
    (Method::POST, "/admin/models", [false, false, true]),
    (Method::PUT, "/admin/models/ID", [false, false, true]),
    (Method::DELETE, "/admin/models/ID", [false, false, true]),
    (Method::POST, "/admin/models/ID/try", [false, false, true]),
    (Method::GET, "/admin/peers", [false, false, true]),
    (Method::POST, "/admin/peers/echo", [false, false, true]),
    (Method::POST, "/admin/peers/find", [false, false, true]),
    (Method::POST, "/admin/peers/pull", [false, false, true]),
    (Method::POST, "/admin/peers/send", [false, false, true]),
    (Method::GET, "/admin/peers/jobs", [false, false, true]),
    (Method::POST, "/admin/peers/jobs/1/cancel", [false, false, true]),
    (Method::GET, "/admin/ledger", [false, false, true]),
    (Method::GET, "/admin/ledger/messages", [false, false, true]),
    (Method::GET, "/admin/ledger/messages/1", [false, false, true]),
    (Method::GET, "/admin/ledger/export", [false, false, true]),
    (Method::POST, "/admin/ledger/verify", [false, false, true]),
    (Method::GET, "/consensus", [false, false, true]),
    (Method::GET, "/consensus/ID/1/mask", [false, false, true]),
    (Method::GET, "/review/submissions", [false, true, false]),
    (Method::POST, "/review/submissions/ID/promote", [false, true, false]),
    (Method::POST, "/admin/deid/preview", [false, false, true]),
    (Method::GET, "/admin/imports", [false, false, true]),
    (Method::GET, "/quarantine", [false, true, true]),
    (Method::POST, "/quarantine/ID/release", [false, true, true]),
    (Method::POST, "/quarantine/ID/withhold", [false, true, true]),
    (Method::GET, "/quarantine/ID/pictures/0", [false, true, true]),
    (Method::GET, "/device-rules", [false, true, true]),
    (Method::POST, "/device-rules", [false, true, false]),
    (Method::DELETE, "/device-rules/ID", [false, true, false]),
    (Method::GET, "/openapi.json", [true, true, true]),
];

#[tokio::test]
async fn each_role_reaches_its_own_calls_and_no_others() {
    let site = Site::new();
    let roles = [("anna", Role::Annotator), ("rita", Role::Reviewer), ("it", Role::HospitalAdmin)];
    let mut cookies = Vec::new();
    for (name, role) in roles {
        site.account(name, &[role]);
        cookies.push(site.sign_in(name).await);
    }
    for (method, path, allowed) in TABLE {
        let path = format!("/api/v1{}", path.replace("ID", &task(1).to_string()));
        let body = if path.ends_with("operations") {
            json!({"fencing": 1, "operations": []})
        } else if path.ends_with("submit") {
            json!({"fencing": 1, "revision": 0})
        } else if path.ends_with("release") || path.ends_with("renew") {
            json!({"fencing": 1})
        } else if path.ends_with("version") {
            json!({"fencing": 1, "version": 1})
        } else if path.ends_with("time") {
            json!({"fencing": 1, "spans": []})
        } else {
            json!({})
        };
        let call = |cookie: String| {
            let (method, path, body, site) = (method.clone(), path.clone(), body.clone(), &site);
            async move {
                match method {
                    Method::GET => site.get(&path, &cookie).await,
                    Method::PUT => site.put(&path, &cookie, body).await,
                    Method::DELETE => site.delete(&path, &cookie).await,
                    _ => site.post(&path, &cookie, body).await,
                }
            }
        };
        for (cookie, allowed) in cookies.iter().zip(allowed) {
            let answer = call(cookie.clone()).await;
            let passed = answer.status != StatusCode::FORBIDDEN && answer.status != StatusCode::UNAUTHORIZED;
            assert_eq!(passed, allowed, "{method} {path} {cookie}: {}", answer.status);
        }
        let expected = path.ends_with("openapi.json");
        for nobody in ["", "__Host-viewer=guess", "viewer=x"] {
            let passed = call(nobody.to_owned()).await.status != StatusCode::UNAUTHORIZED;
            assert_eq!(passed, expected, "{method} {path} without a session");
        }
    }
}

#[tokio::test]
async fn the_openapi_document_lists_every_call_of_the_table() {
    let site = Site::new();
    let document = site.get("/api/v1/openapi.json", "").await.json();
    let paths = document["paths"].as_object().unwrap();
    for (method, path, _) in TABLE.iter().filter(|(_, path, _)| *path != "/openapi.json") {
        let path = path.replace("/consensus/ID/1/", "/consensus/{task_id}/{object_id}/");
        let path = path.replace("/messages/1", "/messages/{sequence}");
        let path = path.replace("/pictures/0", "/pictures/{number}");
        let path = path.replace("/previews/ID", "/previews/{preview}").replace("/jobs/1", "/jobs/{id}");
        let path = path.replace("ID", "{id}").replace("/others/A", "/others/{letter}");
        let described = &paths[&path];
        assert!(described[method.as_str().to_lowercase()].is_object(), "{method} {path}");
    }
    let called = TABLE.len() - 1 + ["POST /session", "/session/end", "/invitations/redeem"].len();
    let listed: usize = paths.values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(listed, called, "a call is missing in the table of roles");
}
