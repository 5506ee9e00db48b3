//! Facts about what an annotator is told of a gold task: nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::collections::BTreeSet;

use agent_archive::{GoldSource, NewGold, Role, TaskCopy};
use agent_work::{Run, Slice};
use axum::http::StatusCode;
use proto_ids::AssetToken;
use proto_instruction::Instruction;
use serde_json::{Value, json};
use support::calls::{cyst, paint, path, put_shape, state};
use support::tasks::{every_geometry, ordered, task};
use support::{Answer, Site};

fn gold_put(site: &Site, asset: AssetToken) {
    let runs = vec![Run { start: 3, length: 4, label: 1 }];
    let gold = NewGold {
        asset,
        slices: vec![Slice { k: 2, runs }],
        labels: vec![1, 2],
        source: GoldSource::Upload,
        person: None,
    };
    site.archive.gold_put(&gold, site.now()).unwrap();
}

/// An answer without what is drawn anew for each: its status, its headers, its text.
type Told = (StatusCode, Vec<(String, String)>, String);

fn plain(answer: &Answer, replaced: &[(String, &str)]) -> Told {
    let headers = answer.headers.iter().filter(|(name, _)| *name != "content-security-policy");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut text = String::from_utf8_lossy(&answer.bytes).into_owned();
    for (found, name) in replaced {
        text = text.replace(found, name);
    }
    (answer.status, headers.collect(), text)
}

/// Everything an annotator can be told of a task, from its grant to its receipt.
async fn told(site: &Site, gold: bool) -> Vec<Told> {
    let asset = site.asset(1);
    if gold {
        gold_put(site, asset);
    }
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_with(every_geometry(), &[anna], &[]);
    site.order(task(1), asset, gold);
    let cookie = site.sign_in("anna").await;
    let mut answers = vec![
        site.get("/api/v1/tasks/mine", &cookie).await,
        site.post("/api/v1/tasks/next", &cookie, json!({})).await,
        site.post("/api/v1/tasks/next", &cookie, json!({})).await,
    ];
    for rest in ["", "/work", "/facts", "/others/A", "/volume/pixels"] {
        answers.push(site.get(&path(task(1), rest), &cookie).await);
    }
    let strokes = vec![paint(1, 0, json!([[3, 4, 0, 1]]))];
    answers.push(site.save(&cookie, 1, strokes.clone()).await);
    answers.push(site.save(&cookie, 1, strokes).await);
    answers.push(site.save(&cookie, 1, vec![paint(2, 1, json!([[3, 4, 0, 1]]))]).await);
    answers.push(site.save(&cookie, 1, vec![put_shape(3, 1, &cyst(1, [2, 2, 2]))]).await);
    answers.push(site.save(&cookie, 9, vec![]).await);
    answers.push(site.post(&path(task(1), "/renew"), &cookie, json!({"fencing": 1})).await);
    let span = json!({"kind": "edit", "began_ms_ago": 5000, "ended_ms_ago": 0});
    let time = json!({"fencing": 1, "spans": [span]});
    answers.push(site.post(&path(task(1), "/time"), &cookie, time).await);
    site.version(2, Instruction { title: "Organs and bones".into(), ..every_geometry() });
    site.order_with(TaskCopy { instruction_version: 2, gold, ..ordered(task(1), asset) });
    answers.push(site.get(&path(task(1), ""), &cookie).await);
    answers.push(site.post(&path(task(1), "/version"), &cookie, json!({"fencing": 1, "version": 2})).await);
    answers.push(site.submit(&cookie, 1, 2, json!({})).await);
    answers.push(site.save(&cookie, 1, vec![state(4, 2, 5, json!("absent"))]).await);
    answers.push(site.submit(&cookie, 1, 3, json!({})).await);
    answers.push(site.get(&path(task(1), "/work"), &cookie).await);
    answers.push(site.get(&path(task(1), "/facts"), &cookie).await);
    let warned =
        json!({"subject": {"type": "object", "id": 1}, "check": "volume-too-small", "reason": "other"});
    let receipt = site.submit(&cookie, 1, 3, json!({"overrides": [warned]})).await;
    let submission = receipt.json()["submission_id"].as_str().unwrap().to_owned();
    answers.push(receipt);
    answers.push(site.submit(&cookie, 1, 3, json!({})).await);
    answers.push(site.get(&path(task(1), ""), &cookie).await);
    answers.push(site.get("/api/v1/tasks/mine", &cookie).await);
    let replaced = [(submission, "SUBMISSION"), (asset.to_string(), "ASSET")];
    answers.iter().map(|answer| plain(answer, &replaced)).collect()
}

#[tokio::test]
async fn nothing_tells_a_gold_task_from_another() {
    let ordinary = told(&Site::new(), false).await;
    let gold = told(&Site::new(), true).await;
    assert_eq!(ordinary.len(), gold.len());
    for (ordinary, gold) in ordinary.into_iter().zip(gold) {
        assert_eq!(ordinary, gold);
        assert!(!gold.2.to_lowercase().contains("gold"));
    }
}

/// The keys of a JSON value, at every depth.
fn keys(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let at = format!("{at}.{key}");
                keys(value, &at, found);
                found.insert(at);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, at, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn nothing_tells_what_a_draw_gave() {
    let site = Site::new();
    let anna = site.account("anna", &[Role::Annotator]);
    site.project_drawn(&[anna], 50);
    let mut gold = Vec::new();
    for number in 1..=16 {
        let asset = site.asset(number);
        if number > 8 {
            gold_put(&site, asset);
            gold.push(task(number).to_string());
        }
        site.order(task(number), asset, number > 8);
    }
    let cookie = site.sign_in("anna").await;
    let mut given = Vec::new();
    let mut told = Vec::new();
    loop {
        let next = site.post("/api/v1/tasks/next", &cookie, json!({})).await;
        if next.status == StatusCode::NO_CONTENT {
            break;
        }
        let json = next.json();
        let id = json["id"].as_str().unwrap().to_owned();
        let mut names = BTreeSet::new();
        keys(&json, "", &mut names);
        let (_, headers, _) = plain(&next, &[]);
        let headers: Vec<_> = headers.into_iter().filter(|(name, _)| name != "content-length").collect();
        let mine = site.get("/api/v1/tasks/mine", &cookie).await.json();
        assert_eq!(mine["open"], 1);
        let body = json!({"fencing": json["lease"]["fencing"]});
        let released = site.post(&format!("/api/v1/tasks/{id}/release"), &cookie, body).await;
        assert_eq!(released.status, StatusCode::NO_CONTENT);
        told.push((names, headers, json["instruction"].clone(), json["project_title"].clone()));
        given.push(id);
        if given.len() == 40 {
            break;
        }
    }
    let drawn = given.iter().filter(|id| gold.contains(id)).count();
    assert!(drawn > 0 && drawn < given.len(), "{drawn} of {}", given.len());
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]));
}
