//! Facts about who sees what over DICOMweb: tokens, views, and what never leaves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::collections::BTreeMap;

use agent_archive::{AuditAction, AuditOutcome, Role, TokenView};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use proto_ids::ProjectId;
use support::dicomweb::{ANY_DICOM, CANARIES, PLANTED, related, request};
use support::{Answer, Site};

const PROJECT: TokenView = TokenView::Deidentified(ProjectId::from_bytes([1; 16]));

/// Every address, with UIDs of an instance that is there.
fn addresses(instance: &str) -> Vec<(Method, String)> {
    let series = instance.split("/instances/").next().unwrap();
    let study = series.split("/series/").next().unwrap();
    let root = "/dicom-web";
    let mut addresses: Vec<String> =
        ["studies", "series", "instances"].map(|all| format!("{root}/{all}")).into();
    addresses.extend(
        ["", "/metadata", "/series", "/instances", "/thumbnail"].map(|rest| format!("{study}{rest}")),
    );
    addresses.extend(["", "/metadata", "/instances", "/thumbnail"].map(|rest| format!("{series}{rest}")));
    addresses.extend(
        ["", "/metadata", "/rendered", "/thumbnail", "/bulkdata/7FE00010", "/frames/1", "/frames/1/rendered"]
            .map(|rest| format!("{instance}{rest}")),
    );
    addresses.push(format!("{instance}/frames/1/thumbnail"));
    let mut all: Vec<(Method, String)> = addresses.into_iter().map(|path| (Method::GET, path)).collect();
    all.push((Method::POST, format!("{root}/studies")));
    all.push((Method::POST, study.to_owned()));
    all
}

async fn call(site: &Site, method: &Method, path: &str, token: &str, cookie: &str) -> Answer {
    let content_type = "multipart/related; type=\"application/dicom\"; boundary=frontier";
    let request = request(method.clone(), path, token)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, content_type);
    site.send(request.body(Body::from(related(&PLANTED))).unwrap()).await
}

async fn planted() -> (Site, String) {
    let site = Site::new();
    let token = site.token("pacs", TokenView::Original, true);
    let stored = site.stow("/dicom-web/studies", &token, &PLANTED).await;
    assert_eq!(stored.status, StatusCode::OK, "{stored:?}");
    (site, token)
}

#[tokio::test]
async fn each_address_opens_to_the_tokens_it_is_for_and_to_nobody_else() {
    let (site, original) = planted().await;
    let deidentified = site.token("research", PROJECT, false);
    let reader = site.token("viewer", TokenView::Original, false);
    site.account("anna", &[Role::Annotator, Role::Reviewer, Role::HospitalAdmin]);
    let session = site.sign_in("anna").await;
    let (own, other) = (site.first_address(&original).await, site.first_address(&deidentified).await);
    assert_ne!(own, other);
    for (method, path) in addresses(&own) {
        for token in ["", "Bearer", "Bearer guess", "Basic guess"] {
            for cookie in ["", session.as_str()] {
                let answer = call(&site, &method, &path, token, cookie).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path} {token}");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
                assert_eq!(answer.code(), "token-refused");
            }
        }
        let answer = call(&site, &method, &path, &original, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let answer = call(&site, &method, &path, &reader, "").await;
        let expected = if method == Method::POST { StatusCode::FORBIDDEN } else { StatusCode::OK };
        assert_eq!(answer.status, expected, "{method} {path}");
        // A UID of the other view is not there, and queries by address find nothing.
        let answer = call(&site, &method, &path, &deidentified, "").await;
        match (
            method == Method::POST,
            path.contains("/studies/"),
            path.ends_with("/series") || path.ends_with("/instances"),
        ) {
            (true, _, _) => {
                assert_eq!((answer.status, answer.code().as_str()), (StatusCode::FORBIDDEN, "may-not-store"))
            }
            (false, true, false) => assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}"),
            (false, true, true) => {
                assert_eq!((answer.status, &answer.bytes[..]), (StatusCode::OK, &b"[]"[..]))
            }
            (false, false, _) => assert_eq!(answer.status, StatusCode::OK, "{path}"),
        }
    }
    for (method, path) in addresses(&other).into_iter().filter(|(method, _)| method == Method::GET) {
        assert_eq!(call(&site, &method, &path, &deidentified, "").await.status, StatusCode::OK, "{path}");
        let found = call(&site, &method, &path, &original, "").await;
        let there = found.status == StatusCode::OK && &found.bytes[..] != b"[]";
        assert_eq!(there, !path.contains("/studies/"), "{path}");
    }
}

#[tokio::test]
async fn what_is_given_deidentified_holds_nothing_that_was_planted() {
    let (site, original) = planted().await;
    let token = site.token("research", PROJECT, false);
    let planted: BTreeMap<String, String> = serde_json::from_str(CANARIES).unwrap();
    // Moved dates keep their times of day (PS3.15 §E.3.6); everything else goes.
    let time =
        |text: &str| text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let canaries: Vec<&String> = planted.keys().filter(|canary| !time(canary)).collect();
    assert!(canaries.len() > 70);
    let holds = |answer: &Answer| -> Vec<&String> {
        let shown = [format!("{:?}", answer.headers).as_bytes(), &answer.bytes[..]].concat();
        let inside = |canary: &&&String| shown.windows(canary.len()).any(|part| part == canary.as_bytes());
        canaries.iter().filter(inside).copied().collect()
    };
    let address = site.first_address(&token).await;
    let mut given = 0;
    for (_, path) in addresses(&address).into_iter().filter(|(method, _)| method == Method::GET) {
        for accept in ["", ANY_DICOM] {
            let answer = site.web(&path, &token, accept).await;
            given += usize::from(answer.status == StatusCode::OK);
            assert_eq!(holds(&answer), Vec::<&String>::new(), "{path}");
        }
    }
    assert!(given > 20, "only {given} answers were given");
    // The same question of the other view finds them, so that this test would see them.
    let own = site.web("/dicom-web/studies", &original, "").await;
    assert!(!holds(&own).is_empty());
    let whole = site.first_address(&original).await;
    assert!(holds(&site.web(&whole, &original, ANY_DICOM).await).len() > 50);
}

#[tokio::test]
async fn a_query_of_the_deidentified_view_is_compared_with_pseudonyms() {
    let (site, original) = planted().await;
    let token = site.token("research", PROJECT, false);
    let row = site.first("/dicom-web/studies", &original).await;
    let pseudonym = site.first("/dicom-web/studies", &token).await;
    for (tag, keyword) in
        [("00100020", "PatientID"), ("0020000D", "StudyInstanceUID"), ("00080020", "StudyDate")]
    {
        let own = row[tag]["Value"][0].as_str().unwrap().to_owned();
        let shown = pseudonym[tag]["Value"][0].as_str().unwrap().to_owned();
        assert_ne!(own, shown, "{keyword}");
        let ask = |value: String, token: String| {
            let site = &site;
            async move { site.web(&format!("/dicom-web/studies?{keyword}={value}"), &token, "").await.json() }
        };
        assert_eq!(ask(own.clone(), token.clone()).await.as_array().unwrap().len(), 0, "{keyword}");
        assert_eq!(ask(shown, token.clone()).await.as_array().unwrap().len(), 1, "{keyword}");
        assert_eq!(ask(own, original.clone()).await.as_array().unwrap().len(), 1, "{keyword}");
    }
}

#[tokio::test]
async fn queries_and_objects_of_a_project_have_the_same_pseudonyms() {
    let (site, _) = planted().await;
    let token = site.token("research", PROJECT, false);
    let again = site.token("the same project", PROJECT, false);
    let other = site.token("another", TokenView::Deidentified(ProjectId::from_bytes([2; 16])), false);
    let address = site.first_address(&token).await;
    let queried = site.first("/dicom-web/instances?limit=1", &token).await;
    let header = site.web(&format!("{address}/metadata"), &token, "").await.json()[0].clone();
    for tag in ["00080018", "0020000D", "0020000E", "00100010", "00100020", "00080020", "00080016"] {
        assert_eq!(queried[tag]["Value"], header[tag]["Value"], "{tag}");
    }
    assert_eq!(header["00120062"]["Value"][0], "YES");
    assert_eq!(site.first_address(&again).await, address);
    assert_ne!(site.first_address(&other).await, address);
    assert_eq!(site.web(&format!("{address}/metadata"), &other, "").await.status, StatusCode::NOT_FOUND);
}

/// An image that no asset has yet, and whose modality says that it may carry text.
fn ultrasound() -> Vec<u8> {
    let mut file = include_bytes!("../../formats/tests/data/MR_small.dcm").to_vec();
    let modality = [b"\x08\0\x60\0CS\x02\0".as_slice(), b"MR"].concat();
    let at = file.windows(modality.len()).position(|bytes| bytes == modality).unwrap();
    file[at + modality.len() - 2..at + modality.len()].copy_from_slice(b"US");
    file
}

#[tokio::test]
async fn pixels_of_a_series_at_risk_stay_and_headers_may_go() {
    let site = Site::new();
    let original = site.token("pacs", TokenView::Original, true);
    let token = site.token("research", PROJECT, false);
    assert_eq!(site.stow("/dicom-web/studies", &original, &[&ultrasound()]).await.status, StatusCode::OK);
    let own = site.first_address(&original).await;
    assert_eq!(site.web(&own, &original, ANY_DICOM).await.status, StatusCode::OK);
    let address = site.first_address(&token).await;
    for (_, path) in addresses(&address).into_iter().filter(|(method, _)| method == Method::GET) {
        let answer = site.web(&path, &token, "").await;
        let header = path.ends_with("/metadata")
            || ["studies", "series", "instances"].iter().any(|all| path.ends_with(all));
        if header {
            assert_eq!(answer.status, StatusCode::OK, "{path}");
        } else {
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::FORBIDDEN, "pixels-at-risk"),
                "{path}"
            );
            assert_eq!(answer.json()["reasons"][0], "pictures of this modality carry text as a rule");
            assert!(path.contains(answer.json()["series"].as_str().unwrap()) || !path.contains("/series/"));
        }
    }
    let lines = site.archive.audit_list(0, 1000).unwrap();
    let refused = lines.iter().filter(|line| line.event.outcome == AuditOutcome::Refused).count();
    assert!(refused > 5, "refusals are written down");
    assert!(lines.iter().any(|line| line.event.action == AuditAction::StudyRetrieved));
}
