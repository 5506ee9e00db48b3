//! Facts about objects that come in over DICOMweb, and about queries for them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use agent_archive::{AuditAction, TokenView};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use support::Site;
use support::dicomweb::{PLANTED, related, request};

fn items(answer: &Value, tag: &str) -> usize {
    answer[tag]["Value"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn what_is_kept_and_what_is_not_is_told_object_by_object() {
    let site = Site::new();
    let token = site.token("modality", TokenView::Original, true);
    let mixed = site.stow("/dicom-web/studies", &token, &[PLANTED[0], b"no object", PLANTED[1]]).await;
    assert_eq!(mixed.status, StatusCode::ACCEPTED);
    assert_eq!(mixed.header("content-type"), "application/dicom+json");
    let told = mixed.json();
    assert_eq!((items(&told, "00081199"), items(&told, "00081198"), items(&told, "0008119A")), (2, 0, 1));
    assert_eq!(told["0008119A"]["Value"][0]["00081197"], json!({"vr": "US", "Value": [0xC000]}));
    let first = &told["00081199"]["Value"][0];
    let address = first["00081190"]["Value"][0].as_str().unwrap();
    assert_eq!(address.strip_prefix("https://pacs.local:8443").unwrap(), site.first_address(&token).await);
    assert!(address.starts_with(told["00081190"]["Value"][0].as_str().unwrap()));
    assert!(address.ends_with(first["00081155"]["Value"][0].as_str().unwrap()));
    let again = site.stow("/dicom-web/studies", &token, &PLANTED).await;
    assert_eq!((again.status, items(&again.json(), "00081199")), (StatusCode::OK, 3));
    assert_eq!(site.web("/dicom-web/instances", &token, "").await.json().as_array().unwrap().len(), 3);
    let none = site.stow("/dicom-web/studies", &token, &[b"x", b"y"]).await;
    assert_eq!((none.status, items(&none.json(), "0008119A")), (StatusCode::CONFLICT, 2));
    let lines = site.archive.audit_list(0, 1000).unwrap();
    let received = lines.iter().filter(|line| line.event.action == AuditAction::InstanceReceived);
    assert_eq!(received.count(), 5);
}

#[tokio::test]
async fn an_object_of_another_study_than_the_address_is_refused() {
    let site = Site::new();
    let token = site.token("modality", TokenView::Original, true);
    let other = site.stow("/dicom-web/studies/1.2.3", &token, &PLANTED[..1]).await;
    assert_eq!(other.status, StatusCode::CONFLICT);
    let failed = &other.json()["00081198"]["Value"][0];
    assert_eq!(failed["00081197"], json!({"vr": "US", "Value": [0xA900]}));
    assert_eq!(failed["00081150"]["Value"][0], "1.2.840.10008.5.1.4.1.1.2");
    assert_eq!(site.archive.study_tokens().unwrap(), []);
    site.stow("/dicom-web/studies", &token, &PLANTED[..1]).await;
    let study = site.first("/dicom-web/studies", &token).await["0020000D"]["Value"][0].clone();
    let path = format!("/dicom-web/studies/{}", study.as_str().unwrap());
    assert_eq!(site.stow(&path, &token, &PLANTED[1..2]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_request_of_many_objects_is_refused_by_name() {
    let site = Site::new();
    let token = site.token("modality", TokenView::Original, true);
    let send = |content_type: &'static str, accept: &'static str, body: Vec<u8>| {
        let request = request(Method::POST, "/dicom-web/studies", &token)
            .header(header::CONTENT_TYPE, content_type)
            .header(header::ACCEPT, accept);
        site.send(request.body(Body::from(body)).unwrap())
    };
    let good = "multipart/related; type=\"application/dicom\"; boundary=frontier";
    for content_type in [
        "application/dicom",
        "multipart/form-data; boundary=frontier",
        "multipart/related; type=\"application/dicom+json\"; boundary=frontier",
        "multipart/related; type=\"application/dicom\"",
    ] {
        let answer = send(content_type, "*/*", related(&PLANTED)).await;
        assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    assert_eq!(
        send(good, "application/dicom+xml", related(&PLANTED)).await.status,
        StatusCode::NOT_ACCEPTABLE
    );
    assert_eq!(send(good, "*/*", Vec::new()).await.status, StatusCode::CONFLICT);
    assert_eq!(send(good, "*/*", b"--frontier--\r\n".to_vec()).await.code(), "malformed");
    assert_eq!(site.archive.study_tokens().unwrap(), []);
    // What came whole before the line broke stays.
    let mut cut = related(&PLANTED);
    cut.truncate(cut.len() - 1_000);
    let answer = send(good, "*/*", cut).await;
    assert_eq!((answer.status, items(&answer.json(), "00081199")), (StatusCode::ACCEPTED, 2));
    assert_eq!(site.web("/dicom-web/instances", &token, "").await.json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn instances_are_found_page_by_page_and_by_what_they_are() {
    let site = Site::new();
    let token = site.token("pacs", TokenView::Original, true);
    site.stow("/dicom-web/studies", &token, &PLANTED).await;
    let uid = |row: &Value| row["00080018"]["Value"][0].as_str().unwrap().to_owned();
    let all = site.web("/dicom-web/instances", &token, "").await;
    assert_eq!(all.header("warning"), "");
    let all: Vec<String> = all.json().as_array().unwrap().iter().map(uid).collect();
    assert_eq!(all.len(), 3);
    let mut paged = Vec::new();
    for offset in 0..3 {
        let page = site.web(&format!("/dicom-web/instances?limit=1&offset={offset}"), &token, "").await;
        paged.extend(page.json().as_array().unwrap().iter().map(uid));
        let more = match 2 - offset {
            0 => String::new(),
            more => {
                format!("299 ringfence-agent \"There are {more} additional results that can be requested.\"")
            }
        };
        assert_eq!(page.header("warning"), more);
    }
    assert_eq!(paged, all);
    let address = site.first_address(&token).await;
    let study = address.split("/series/").next().unwrap();
    let count = |path: String| {
        let (site, token) = (&site, &token);
        async move { site.web(&path, token, "").await.json().as_array().unwrap().len() }
    };
    assert_eq!(count(format!("/dicom-web/instances?SOPInstanceUID={}", all[1])).await, 1);
    assert_eq!(count(format!("{study}/instances?InstanceNumber=2")).await, 1);
    assert_eq!(count(format!("{study}/instances?00080016=1.2.840.10008.5.1.4.1.1.2&Modality=CT")).await, 3);
    assert_eq!(count(format!("{study}/instances?Modality=MR")).await, 0);
    let wide = site.web("/dicom-web/instances?InstanceNumber=2", &token, "").await;
    assert_eq!((wide.status, wide.code().as_str()), (StatusCode::BAD_REQUEST, "study-needed"));
}

#[tokio::test]
async fn what_a_query_cannot_do_is_said() {
    let site = Site::new();
    let token = site.token("pacs", TokenView::Original, true);
    site.stow("/dicom-web/studies", &token, &PLANTED).await;
    let fuzzy = site.web("/dicom-web/studies?fuzzymatching=true&includefield=all,00081030", &token, "").await;
    assert_eq!(fuzzy.status, StatusCode::OK);
    let literal = "The fuzzymatching parameter is not supported. Only literal matching has been performed.";
    assert_eq!(fuzzy.header("warning"), format!("299 ringfence-agent \"{literal}\""));
    for (query, code) in [
        ("Modality=CT", "parameter-not-supported"),
        ("RetrieveURL=x", "parameter-not-supported"),
        ("anything=x", "parameter-not-supported"),
        ("limit=-1", "malformed"),
        ("fuzzymatching=maybe", "malformed"),
        ("includefield=a/b", "malformed"),
        ("StudyTime=noon", "malformed"),
    ] {
        let answer = site.web(&format!("/dicom-web/studies?{query}"), &token, "").await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, code), "{query}");
    }
    let xml =
        site.web("/dicom-web/studies", &token, "multipart/related; type=\"application/dicom+xml\"").await;
    assert_eq!(xml.status, StatusCode::NOT_ACCEPTABLE);
}
