//! Facts about what hospital IT sees of the ledger.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{AuditAction, Direction, MessageKind, NewLedgerEntry, Role};
use axum::http::StatusCode;
use serde_json::{Value, json};
use support::Site;

async fn admin(site: &Site) -> String {
    site.account("it", &[Role::HospitalAdmin]);
    site.sign_in("it").await
}

fn left(site: &Site, kind: MessageKind, bytes: &[u8]) {
    let entry = NewLedgerEntry {
        direction: Direction::Sent,
        kind,
        outbox_sequence: 0,
        bytes: [b"+", bytes].concat(),
    };
    site.archive.ledger_append(vec![entry]).unwrap();
}

/// A card with two numbers about the asset of this byte.
fn card(asset: u8) -> Vec<u8> {
    [[asset; 16].as_slice(), &[4, 5]].concat()
}

#[tokio::test]
async fn what_left_is_counted_by_day_and_kind() {
    let site = Site::new();
    let cookie = admin(&site).await;
    left(&site, MessageKind::Asset, &card(1));
    left(&site, MessageKind::Asset, &card(2));
    site.wait_minutes(24 * 60);
    let cookie_of_today = site.sign_in("it").await;
    left(&site, MessageKind::Asset, &card(1));
    left(&site, MessageKind::Health, &[1, 2, 3]);
    left(&site, MessageKind::Renew, &[9]);
    drop(cookie);
    let told = site.get("/api/v1/admin/ledger", &cookie_of_today).await.json();
    let days = told["days"].as_array().unwrap();
    assert_eq!(days.len(), 7);
    let day = |day: &Value| {
        ["messages", "numbers", "assets", "credentials", "texts", "unread"]
            .map(|name| day[name].as_u64().unwrap())
    };
    assert_eq!(
        (day(&days[0]), day(&days[1]), day(&days[2])),
        ([3, 5, 1, 1, 0, 0], [2, 4, 2, 0, 0, 0], [0; 6])
    );
    let asset = &told["kinds"][0];
    assert_eq!(
        (&asset["kind"], &asset["tells"], &asset["messages_today"], &asset["messages"], &asset["numbers"]),
        (&json!("asset"), &json!("words about asset"), &json!(1), &json!(3), &json!(6))
    );
    // What is added later is counted without reading all again.
    site.archive.ledger_append(vec![]).unwrap();
    left(&site, MessageKind::Health, &[1]);
    let again = site.get("/api/v1/admin/ledger", &cookie_of_today).await.json();
    assert_eq!((&again["days"][0]["messages"], &again["messages"]), (&json!(4), &json!(6)));
}

#[tokio::test]
async fn a_message_that_cannot_be_read_is_counted_as_such() {
    let site = Site::new();
    let cookie = admin(&site).await;
    let bytes = b"of another version".to_vec();
    let (direction, kind) = (Direction::Sent, MessageKind::Asset);
    site.archive.ledger_append(vec![NewLedgerEntry { direction, kind, outbox_sequence: 1, bytes }]).unwrap();
    let told = site.get("/api/v1/admin/ledger", &cookie).await.json();
    assert_eq!((&told["days"][0]["unread"], &told["days"][0]["numbers"]), (&json!(1), &json!(0)));
    let opened = site.get("/api/v1/admin/ledger/messages/1", &cookie).await.json();
    assert_eq!((&opened["fields"], &opened["hex"]), (&Value::Null, &json!(hex(b"of another version"))));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn messages_are_listed_by_day_and_kind_and_opened_field_by_field() {
    let site = Site::new();
    let cookie = admin(&site).await;
    for number in 0..120 {
        left(&site, if number % 2 == 0 { MessageKind::Lease } else { MessageKind::Health }, &[number]);
    }
    let list = |query: &str| {
        let path = format!("/api/v1/admin/ledger/messages{query}");
        let (site, cookie) = (&site, cookie.clone());
        async move { site.get(&path, &cookie).await }
    };
    let numbers = |page: &Value| -> Vec<u64> {
        page["messages"].as_array().unwrap().iter().map(|row| row["sequence"].as_u64().unwrap()).collect()
    };
    let first = list("?kind=lease").await.json();
    let expected: Vec<u64> = (0..50).map(|step| 119 - 2 * step).collect();
    assert_eq!(numbers(&first), expected);
    let rest = list(&format!("?kind=lease&before={}", first["before"])).await.json();
    assert_eq!((numbers(&rest).len(), numbers(&rest)[0], &rest["before"]), (10, 19, &Value::Null));
    let yesterday = list("?day=2025-11-20").await.json();
    assert_eq!(numbers(&yesterday), Vec::<u64>::new());
    assert_eq!(list("?day=tomorrow").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(list("?kind=picture").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let opened = site.get("/api/v1/admin/ledger/messages/120", &cookie).await.json();
    let fields = json!([{
        "path": "numbers[0]", "value": "119", "class": "measure", "why": "because of the test",
    }]);
    assert_eq!((&opened["fields"], &opened["call"]), (&fields, &json!("Results.Push")));
    let missing = site.get("/api/v1/admin/ledger/messages/121", &cookie).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_check_reads_the_files_and_an_export_ends_with_its_result() {
    let site = Site::new();
    let cookie = admin(&site).await;
    left(&site, MessageKind::Asset, &card(1));
    left(&site, MessageKind::Health, &[1]);
    let checked = site.post("/api/v1/admin/ledger/verify", &cookie, json!({})).await.json();
    assert_eq!((&checked["intact"], &checked["messages"]), (&json!(true), &json!(2)));
    let exported = site.get("/api/v1/admin/ledger/export?kind=health", &cookie).await;
    assert_eq!(exported.header("content-disposition"), "attachment; filename=\"ledger-all-health.jsonl\"");
    let text = String::from_utf8(exported.bytes.to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["kind"], &lines[0]["bytes"]), (2, &json!("health"), &json!("2b01")));
    assert_eq!((&lines[1]["ledger"], &lines[1]["messages"]), (&json!("intact"), &json!(2)));
    let told = site.archive.audit_list(0, 100).unwrap();
    assert!(told.iter().any(|line| line.event.action == AuditAction::LedgerExported));
    let head = site.archive.ledger_head();
    let told = site.get("/api/v1/admin/ledger", &cookie).await.json();
    assert_eq!(
        lines[1]["head"],
        json!(format!("{}:{}", head.sequence, told["head"]["chain"].as_str().unwrap()))
    );
    assert_eq!(told["verified"]["intact"], json!(true));
}

#[tokio::test]
async fn a_changed_byte_is_told_with_its_place() {
    let site = Site::new();
    let cookie = admin(&site).await;
    left(&site, MessageKind::Asset, &card(1));
    left(&site, MessageKind::Health, &[1]);
    let segments = site.directory().join("ledger/segments");
    let segment = std::fs::read_dir(segments).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[200] ^= 1;
    std::fs::write(&segment, bytes).unwrap();
    let checked = site.post("/api/v1/admin/ledger/verify", &cookie, json!({})).await.json();
    assert_eq!(checked["intact"], json!(false));
    let found = checked["findings"][0].as_str().unwrap();
    assert!(found.starts_with("record 1 of the ledger is not as it was written"), "{found}");
}
