//! The console's API as a browser meets it: roles by endpoint, refusals, headers, sessions.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod server;

use std::collections::BTreeSet;

use axum::http::{StatusCode, header};
use control_plane_console_api::openapi;
use control_plane_domain::Actor;
use serde_json::{Value, json};

use server::{PASSWORD, server};

const ID: &str = "00000000-0000-4000-8000-000000000001";

fn policy(gold_percent: u32) -> Value {
    json!({
        "gold_percent": gold_percent, "consensus": "staple", "minimum_agreement": 0.8, "arbitration": true,
        "arbiter_ids": []
    })
}

fn draft() -> Value {
    let limits = json!({
        "minimum_diameter_mm": 10.0, "maximum_diameter_mm": 300.0, "minimum_volume_mm3": null,
        "maximum_volume_mm3": null, "minimum_slices": null, "maximum_slices": 40, "maximum_elongation": null,
        "no_cavities": true
    });
    let object = json!({
        "id": 1, "key": "liver", "name": "Liver", "help": "All of it.", "colour": "#0ea5a4", "hotkey": "1",
        "geometry": { "type": "label_map", "label": 1, "tolerance_mm": 2.0 },
        "count": { "minimum": 1, "maximum": null }, "limits": limits, "severity": "warn", "must_state": true,
        "codes": { "category": { "value": "91723000", "scheme": "SCT", "meaning": "Anatomical Structure" }, "kind": null, "anatomy": null }
    });
    let there = json!({ "type": "count", "object_id": 1, "comparison": "gt", "value": 0 });
    let question = |id: u32, parent: Value, visible_when: Value, kind: Value| {
        json!({
            "id": id, "prompt": "Well?", "help": "", "required": true, "parent": parent,
            "visible_when": visible_when, "kind": kind
        })
    };
    let scale =
        json!({ "type": "scale", "minimum": 1, "maximum": 5, "minimum_text": "bad", "maximum_text": "good" });
    json!({
        "title": "Livers",
        "body_markdown": "# See\n\nMark **all** of it.",
        "objects": [object],
        "questions": [
            question(1, Value::Null, Value::Null, json!({ "type": "yes_no" })),
            question(2, json!({ "question_id": 1, "option_id": 1 }), Value::Null, scale),
            question(3, Value::Null, json!({ "type": "not", "of": there }), json!({ "type": "text", "max_length": 80 })),
        ],
        "rules": [{ "id": 1, "message": "Draw it.", "severity": "refuse", "must_hold": { "type": "any", "of": [there] } }]
    })
}

/// One row for each endpoint: what nobody, a manager and an administrator get.
fn table() -> Vec<(&'static str, String, Option<Value>, [u16; 3])> {
    let empty = || Some(json!({}));
    let of = |rest: &str| format!("/api/v1/projects/{ID}{rest}");
    vec![
        ("GET", "/api/v1/session".into(), None, [401, 200, 200]),
        ("GET", "/api/v1/sites".into(), None, [401, 200, 200]),
        ("POST", "/api/v1/sites".into(), Some(json!({ "name": "North" })), [401, 403, 201]),
        ("POST", format!("/api/v1/sites/{ID}/join-tokens"), empty(), [401, 403, 404]),
        ("POST", format!("/api/v1/sites/{ID}/revoke"), empty(), [401, 403, 404]),
        ("GET", "/api/v1/people".into(), None, [401, 200, 200]),
        (
            "POST",
            "/api/v1/people".into(),
            Some(json!({ "user_name": "A", "display_name": "" })),
            [401, 422, 422],
        ),
        ("POST", format!("/api/v1/people/{ID}/invitations"), empty(), [401, 404, 404]),
        ("GET", "/api/v1/assets?modality=CT".into(), None, [401, 200, 200]),
        ("GET", "/api/v1/projects".into(), None, [401, 200, 200]),
        ("POST", "/api/v1/projects".into(), Some(json!({ "title": "Livers" })), [401, 201, 201]),
        ("GET", of(""), None, [401, 404, 404]),
        (
            "POST",
            of("/instruction"),
            Some(json!({ "title": "", "body_markdown": "", "objects": [], "questions": [], "rules": [] })),
            [401, 422, 422],
        ),
        ("POST", of("/publish"), empty(), [401, 404, 404]),
        ("POST", of("/publish/preview"), empty(), [401, 404, 404]),
        ("GET", of("/instructions"), None, [401, 404, 404]),
        ("POST", of("/policy"), Some(policy(0)), [401, 404, 404]),
        ("GET", of("/labels"), None, [401, 404, 404]),
        ("GET", format!("/api/v1/datasets/{ID}"), None, [401, 404, 404]),
        ("GET", format!("/api/v1/assets/{ID}"), None, [401, 404, 404]),
        ("GET", format!("/api/v1/tasks/{ID}"), None, [401, 404, 404]),
        ("POST", of("/annotators"), Some(json!({ "person_ids": [] })), [401, 404, 404]),
        ("GET", of("/datasets"), None, [401, 404, 404]),
        ("POST", of("/datasets"), Some(json!({ "name": "first", "asset_ids": [ID] })), [401, 404, 404]),
        ("GET", of("/tasks"), None, [401, 404, 404]),
        ("POST", of("/tasks"), Some(json!({ "asset_ids": [ID], "overlap": 1 })), [401, 404, 404]),
        ("POST", format!("/api/v1/tasks/{ID}/withdraw"), empty(), [401, 404, 404]),
        ("GET", of("/results"), None, [401, 404, 404]),
        ("GET", of("/agreement?object=1"), None, [401, 404, 404]),
        ("GET", of("/preannotation"), None, [401, 404, 404]),
        ("POST", of("/preannotation"), Some(json!({ "site_id": ID, "model_id": ID })), [401, 404, 404]),
        ("POST", of("/preannotation/stop"), Some(json!({ "site_id": ID })), [401, 404, 404]),
        ("GET", of("/assistance"), None, [401, 404, 404]),
    ]
}

#[tokio::test]
async fn each_endpoint_lets_each_role_do_what_the_table_says() {
    let server = server();
    let (manager, administrator) = (server.sign_in("max").await, server.sign_in("ada").await);
    for (method, path, body, expected) in table() {
        for (who, expected) in
            [None, Some(manager.as_str()), Some(administrator.as_str())].into_iter().zip(expected)
        {
            let response = server.call(method, &path, who, body.as_ref()).await;
            assert_eq!(response.status().as_u16(), expected, "{method} {path}");
            if expected >= 400 {
                assert_eq!(
                    response.headers()[header::CONTENT_TYPE],
                    "application/problem+json",
                    "{method} {path}"
                );
            }
        }
    }
}

#[test]
fn the_table_has_a_row_for_each_endpoint() {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut declared = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|key| matches!(key.as_str(), "get" | "post"))
        {
            declared.insert((method.to_uppercase(), path.replace("{id}", ID)));
        }
    }
    let mut tested: BTreeSet<_> = table()
        .into_iter()
        .map(|(method, path, _, _)| (method.to_owned(), path.split('?').next().unwrap().to_owned()))
        .collect();
    // Signing in and out are open to everybody and tested by themselves.
    tested.insert(("POST".to_owned(), "/api/v1/session".to_owned()));
    tested.insert(("POST".to_owned(), "/api/v1/session/end".to_owned()));
    assert_eq!(tested, declared);
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let server = server();
    for path in ["/api/v1/session", "/api/v1/openapi.json", "/api/v1/nothing", "/missing.js"] {
        let response = server.call("GET", path, None, None).await;
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("'nonce-"), "{path}: {policy}");
        assert!(
            policy.contains("require-trusted-types-for 'script'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn what_is_wrong_gets_a_problem_document() {
    let server = server();
    let cookie = server.sign_in("ada").await;
    let wrong = json!({ "user_name": "ada", "password": "no" });
    let cases = [
        ("GET", "/api/v1/nothing".to_owned(), None, 404, "not-found"),
        ("PUT", "/api/v1/sites".to_owned(), Some(json!({})), 405, "method-not-allowed"),
        ("POST", "/api/v1/sites".to_owned(), Some(json!({ "nome": 1 })), 422, "invalid"),
        ("POST", "/api/v1/sites".to_owned(), None, 403, "cross-site"),
        ("GET", "/api/v1/projects/no-id".to_owned(), None, 404, "not-found"),
        ("GET", "/api/v1/assets?modality=XX".to_owned(), None, 422, "invalid"),
        ("GET", format!("/api/v1/projects/{ID}/agreement?object=liver"), None, 422, "invalid"),
        ("POST", "/api/v1/session".to_owned(), Some(wrong), 401, "wrong-credentials"),
    ];
    for (method, path, body, status, code) in cases {
        let (got, problem) = server.json(method, &path, &cookie, body.as_ref()).await;
        assert_eq!((got, problem["code"].as_str()), (status, Some(code)), "{method} {path}");
        assert_eq!(problem["type"], format!("about:blank#{code}"));
    }
}

#[tokio::test]
async fn a_manager_walks_from_a_project_to_its_instruction() {
    let server = server();
    let cookie = server.sign_in("max").await;
    let (_, project) =
        server.json("POST", "/api/v1/projects", &cookie, Some(&json!({ "title": "Livers" }))).await;
    let path = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    let draft = draft();
    let (status, parsed) = server.json("POST", &format!("{path}/instruction"), &cookie, Some(&draft)).await;
    assert_eq!(status, 200, "{parsed}");
    assert_eq!(parsed["body"][0]["type"], "heading");
    assert_eq!(parsed["body"][1]["inlines"][1]["type"], "strong");
    let (_, published) = server.json("POST", &format!("{path}/publish"), &cookie, Some(&json!({}))).await;
    assert_eq!(published, json!({ "version": 1 }));
    let (_, view) = server.json("GET", &path, &cookie, None).await;
    assert_eq!(view["draft"]["objects"], draft["objects"]);
    assert_eq!(view["published"]["questions"], draft["questions"]);
    assert_eq!(view["state"], "running");
    assert_eq!(view["published"]["rules"], draft["rules"]);
    let (_, agreement) = server.json("GET", &format!("{path}/agreement"), &cookie, None).await;
    assert_eq!(agreement, json!({ "objects": [], "object_id": null, "people": [], "cells": [] }));
    let (status, problem) = server.json("GET", &format!("{path}/agreement?object=1"), &cookie, None).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("invalid")));
}

#[tokio::test]
async fn an_administrator_gets_a_join_string_and_a_code_once() {
    let server = server();
    let cookie = server.sign_in("ada").await;
    let (_, site) = server.json("POST", "/api/v1/sites", &cookie, Some(&json!({ "name": "North" }))).await;
    let path = format!("/api/v1/sites/{}/join-tokens", site["id"].as_str().unwrap());
    let (status, token) = server.json("POST", &path, &cookie, Some(&json!({}))).await;
    assert_eq!(status, 201);
    let join_string = token["join_string"].as_str().unwrap();
    assert!(join_string.starts_with("rg1.") && join_string.ends_with(".localhost:7443"), "{join_string}");
    let person = json!({ "user_name": "bob", "display_name": "Bob" });
    let (status, invited) = server.json("POST", "/api/v1/people", &cookie, Some(&person)).await;
    assert_eq!((status, invited["code"].as_str().unwrap().len()), (201, 19));
    let (_, people) = server.json("GET", "/api/v1/people", &cookie, None).await;
    assert!(!people.to_string().contains(invited["code"].as_str().unwrap()));
    assert_eq!(people["people"][0]["state"], "invited");
    let (status, problem) = server.json("POST", "/api/v1/people", &cookie, Some(&person)).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("exists")));
}

#[tokio::test]
async fn signing_in_again_ends_the_session_before() {
    let server = server();
    let former = server.sign_in("ada").await;
    let body = json!({ "user_name": "max", "password": PASSWORD });
    let response = server.call("POST", "/api/v1/session", Some(&former), Some(&body)).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(server.json("GET", "/api/v1/session", &former, None).await.0, 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_browser() {
    let server = server();
    let cookie = server.sign_in("ada").await;
    let response = server.call("POST", "/api/v1/session/end", Some(&cookie), Some(&json!({}))).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(response.headers().contains_key("clear-site-data"));
    assert_eq!(
        server.call("GET", "/api/v1/session", Some(&cookie), None).await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert!(server.app.annotator_list(&Actor::Operator).unwrap().is_empty());
}

#[tokio::test]
async fn publishing_says_before_what_it_changes() {
    let server = server();
    let cookie = server.sign_in("max").await;
    let (_, project) =
        server.json("POST", "/api/v1/projects", &cookie, Some(&json!({ "title": "Livers" }))).await;
    let path = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    let (save, preview) = (format!("{path}/instruction"), format!("{path}/publish/preview"));
    let mut draft = draft();
    server.json("POST", &save, &cookie, Some(&draft)).await;
    let (_, first) = server.json("POST", &preview, &cookie, Some(&json!({}))).await;
    assert_eq!((first["version"].as_u64(), first["class"].clone()), (Some(1), Value::Null), "{first}");
    server.json("POST", &format!("{path}/publish"), &cookie, Some(&json!({}))).await;
    draft["objects"][0]["limits"]["maximum_diameter_mm"] = json!(250.0);
    server.json("POST", &save, &cookie, Some(&draft)).await;
    let (_, second) = server.json("POST", &preview, &cookie, Some(&json!({}))).await;
    assert_eq!(
        (second["version"].as_u64(), second["class"].as_str()),
        (Some(2), Some("narrowing")),
        "{second}"
    );
    assert_eq!(second["edits"][0]["subject"], json!({ "type": "object", "id": 1 }));
    server.json("POST", &format!("{path}/publish"), &cookie, Some(&json!({}))).await;
    let (_, list) = server.json("GET", &format!("{path}/instructions"), &cookie, None).await;
    let versions: Vec<_> =
        list["versions"].as_array().unwrap().iter().map(|one| one["version"].as_u64()).collect();
    assert_eq!(versions, [Some(2), Some(1)]);
}

#[tokio::test]
async fn a_policy_has_a_seed_that_is_drawn_once() {
    let server = server();
    let cookie = server.sign_in("max").await;
    let (_, project) =
        server.json("POST", "/api/v1/projects", &cookie, Some(&json!({ "title": "Livers" }))).await;
    let path = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    let set = format!("{path}/policy");
    let (status, problem) = server.json("POST", &set, &cookie, Some(&policy(51))).await;
    assert_eq!((status, problem["fields"][0]["field"].as_str()), (422, Some("gold_percent")), "{problem}");
    let mut seeds = BTreeSet::new();
    for percent in [10, 20] {
        assert_eq!(server.json("POST", &set, &cookie, Some(&policy(percent))).await.0, 204);
        let (_, view) = server.json("GET", &path, &cookie, None).await;
        assert_eq!(view["policy"]["gold_percent"], percent);
        assert_eq!(view["policy"]["consensus"], "staple");
        seeds.insert(view["policy"]["gold_seed"].as_str().unwrap().to_owned());
    }
    assert_eq!(seeds.len(), 1);
    let seed = seeds.pop_first().unwrap();
    assert!(seed.len() == 16 && seed != "0000000000000000", "{seed}");
}
