//! Facts about objects, frames, headers and pictures as DICOMweb gives them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod support;

use std::io::Read;

use agent_archive::{AuditAction, AuditSubject, TokenView};
use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::json;
use support::Site;
use support::dicomweb::{ANY_DICOM, PLANTED, request};

/// One image in four forms; see PROVENANCE.txt there.
const PLAIN: &[u8] = include_bytes!("../../formats/tests/data/MR_small.dcm");
const RLE: &[u8] = include_bytes!("../../formats/tests/data/MR_small_RLE.dcm");
const BIG_ENDIAN: &[u8] = include_bytes!("../../formats/tests/data/MR_small_bigendian.dcm");
const JPEG_2000: &[u8] = include_bytes!("../../formats/tests/data/MR_small_jp2klossless.dcm");

const EXPLICIT: &str = "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.1";
const SAMPLES: &str = "multipart/related; type=\"application/octet-stream\"";

async fn site_of(object: &[u8]) -> (Site, String, String) {
    let site = Site::new();
    let token = site.token("pacs", TokenView::Original, true);
    let stored = site.stow("/dicom-web/studies", &token, &[object]).await;
    assert_eq!(stored.status, StatusCode::OK, "{stored:?}");
    let address = site.first_address(&token).await;
    (site, token, address)
}

#[tokio::test]
async fn an_object_comes_as_it_is_stored_with_nothing_in_its_preamble() {
    let mut object = RLE.to_vec();
    object[..4].copy_from_slice(b"MZ\x90\0");
    let (site, token, address) = site_of(&object).await;
    let parts = site.web(&address, &token, ANY_DICOM).await.parts();
    assert_eq!(parts[0].content_type(), "application/dicom; transfer-syntax=1.2.840.10008.1.2.5");
    assert_eq!((&parts[0].bytes[..128], &parts[0].bytes[128..]), (&[0; 128][..], &RLE[128..]));
    let single = site.web(&address, &token, "application/dicom; transfer-syntax=*").await;
    assert_eq!(single.header("content-type"), "application/dicom; transfer-syntax=1.2.840.10008.1.2.5");
    assert_eq!(&single.bytes[..], &parts[0].bytes[..]);
}

#[tokio::test]
async fn every_stored_form_gives_the_same_samples_in_explicit_little_endian() {
    let (site, token, address) = site_of(PLAIN).await;
    let expected = site.web(&format!("{address}/frames/1"), &token, SAMPLES).await.parts();
    assert_eq!(expected[0].bytes.len(), 64 * 64 * 2);
    for (object, syntax) in [
        (PLAIN, "1.2.840.10008.1.2.1"),
        (RLE, "1.2.840.10008.1.2.5"),
        (BIG_ENDIAN, "1.2.840.10008.1.2.2"),
        (JPEG_2000, "1.2.840.10008.1.2.4.90"),
    ] {
        let (site, token, address) = site_of(object).await;
        let frame = site.web(&format!("{address}/frames/1"), &token, SAMPLES).await.parts();
        assert_eq!(frame[0].bytes, expected[0].bytes, "{syntax}");
        let whole = site.web(&address, &token, EXPLICIT).await.parts();
        assert_eq!(whole[0].content_type(), "application/dicom; transfer-syntax=1.2.840.10008.1.2.1");
        let header = agent_formats::header::read(&whole[0].bytes).unwrap();
        assert_eq!(header.identity.syntax.uid(), "1.2.840.10008.1.2.1");
        let decoded = agent_formats::pixels::decode(&whole[0].bytes).unwrap();
        assert_eq!(decoded.stored, agent_formats::pixels::decode(PLAIN).unwrap().stored, "{syntax}");
        let stored = site.first("/dicom-web/instances", &token).await;
        assert_eq!(stored["00083002"]["Value"], json!([syntax]));
    }
}

#[tokio::test]
async fn a_transfer_syntax_that_is_not_there_is_refused_by_name() {
    let (site, token, address) = site_of(PLAIN).await;
    for accept in [
        "multipart/related; type=\"application/dicom\"; transfer-syntax=1.2.840.10008.1.2.4.50",
        "multipart/related; type=\"application/dicom+xml\"",
        "image/jpeg",
    ] {
        let answer = site.web(&address, &token, accept).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (StatusCode::NOT_ACCEPTABLE, "not-acceptable"),
            "{accept}"
        );
        assert!(answer.json()["detail"].as_str().unwrap().contains("transfer-syntax=*"));
    }
    let xml = site
        .web(&format!("{address}/metadata"), &token, "multipart/related; type=\"application/dicom+xml\"")
        .await;
    assert_eq!(xml.status, StatusCode::NOT_ACCEPTABLE);
    let frames =
        site.web(&format!("{address}/frames/1"), &token, "multipart/related; type=\"image/jls\"").await;
    assert_eq!(frames.status, StatusCode::NOT_ACCEPTABLE);
}

#[tokio::test]
async fn compressed_frames_come_as_what_they_are_to_whom_takes_that() {
    let (site, token, address) = site_of(JPEG_2000).await;
    let path = format!("{address}/frames/1");
    for accept in [
        "multipart/related; type=\"image/jp2\"; transfer-syntax=1.2.840.10008.1.2.4.90",
        "multipart/related; type=application/octet-stream; transfer-syntax=*",
        "*/*",
    ] {
        let answer = site.web(&path, &token, accept).await;
        assert!(
            answer.header("content-type").starts_with("multipart/related; type=\"image/jp2\""),
            "{accept}"
        );
        let parts = answer.parts();
        assert_eq!(parts[0].content_type(), "image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90");
        // The code stream begins with SOC and SIZ.
        assert_eq!(parts[0].bytes[..4], [0xFF, 0x4F, 0xFF, 0x51]);
        assert!(parts[0].head.contains(&format!("Content-Location: https://pacs.local:8443{path}")));
    }
    let single = site.web(&path, &token, "application/octet-stream").await;
    assert_eq!(
        (single.header("content-type").as_str(), single.bytes.len()),
        ("application/octet-stream", 8192)
    );
}

#[tokio::test]
async fn frames_are_named_by_their_numbers_from_one() {
    let site = Site::new();
    site.cine(3, 128);
    let token = site.token("pacs", TokenView::Original, false);
    let address = site.first_address(&token).await;
    let parts = site.web(&format!("{address}/frames/3,1"), &token, SAMPLES).await.parts();
    let values: Vec<u8> = parts.iter().map(|part| part.bytes[0]).collect();
    assert_eq!((values, parts[0].bytes.len()), (vec![2, 0], 128 * 128));
    let all = site.web(&format!("{address}/bulkdata/7FE00010"), &token, ANY_DICOM).await;
    assert_eq!(all.status, StatusCode::NOT_ACCEPTABLE);
    let all = site.web(&format!("{address}/bulkdata/7FE00010"), &token, "").await.parts();
    assert_eq!(all.len(), 3);
    assert_eq!(all[0].content_type(), "image/dicom-rle; transfer-syntax=1.2.840.10008.1.2.5");
    for (frames, status) in [
        ("4", StatusCode::NOT_FOUND),
        ("0", StatusCode::BAD_REQUEST),
        ("x", StatusCode::BAD_REQUEST),
        ("1,", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(
            site.web(&format!("{address}/frames/{frames}"), &token, SAMPLES).await.status,
            status,
            "{frames}"
        );
    }
}

#[tokio::test]
async fn metadata_gives_headers_and_the_addresses_of_what_is_long() {
    let (site, token, address) = site_of(PLAIN).await;
    let answer = site.web(&format!("{address}/metadata"), &token, "").await;
    assert_eq!(answer.header("content-type"), "application/dicom+json");
    let header = answer.json()[0].clone();
    assert_eq!(header["00100010"], json!({"vr": "PN", "Value": [{"Alphabetic": "CompressedSamples^MR1"}]}));
    assert_eq!(header["00280010"], json!({"vr": "US", "Value": [64]}));
    assert!(header.get("00020010").is_none(), "the file meta group is no part of the object");
    let at = header["7FE00010"]["BulkDataURI"].as_str().unwrap();
    assert_eq!(at, format!("https://pacs.local:8443{address}/bulkdata/7FE00010"));
    let path = at.strip_prefix("https://pacs.local:8443").unwrap();
    let bulk = site.web(path, &token, "application/octet-stream").await;
    assert_eq!(bulk.header("content-type"), "application/octet-stream");
    let parts = site.web(path, &token, SAMPLES).await.parts();
    let frame = site.web(&format!("{address}/frames/1"), &token, SAMPLES).await.parts();
    assert_eq!((&bulk.bytes[..], &parts[0].bytes), (&frame[0].bytes[..], &frame[0].bytes));
    for missing in ["00431001", "7FE0001", "00100010/0/00100020"] {
        let answer = site.web(&format!("{address}/bulkdata/{missing}"), &token, "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn headers_are_packed_for_whom_takes_that() {
    let (site, token, address) = site_of(PLAIN).await;
    let path = format!("{address}/metadata");
    let plain = site.web(&path, &token, "").await;
    let asked = request(Method::GET, &path, &token).header(header::ACCEPT_ENCODING, "gzip");
    let packed = site.send(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.bytes[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.bytes);
}

#[tokio::test]
async fn a_series_that_has_grown_shows_all_of_its_objects() {
    let site = Site::new();
    let token = site.token("pacs", TokenView::Original, true);
    site.stow("/dicom-web/studies", &token, &PLANTED[..2]).await;
    let address = site.first_address(&token).await;
    let (series, first) = address.split_once("/instances/").unwrap();
    let study = series.split("/series/").next().unwrap();
    let count = |path: String| {
        let (site, token) = (&site, &token);
        async move { site.web(&path, token, "").await.json().as_array().unwrap().len() }
    };
    for _ in 0..2 {
        assert_eq!(count(format!("{series}/metadata")).await, 2);
    }
    site.stow("/dicom-web/studies", &token, &PLANTED[2..]).await;
    for below in [study, series] {
        assert_eq!(count(format!("{below}/metadata")).await, 3);
        let parts = site.web(below, &token, ANY_DICOM).await.parts();
        let bodies: Vec<&[u8]> = parts.iter().map(|part| &part.bytes[128..]).collect();
        assert_eq!(bodies, PLANTED.map(|object| &object[128..]), "objects come in the order of arrival");
    }
    assert_eq!(count(format!("{series}/instances")).await, 3);
    let lines = site.archive.audit_list(0, 1000).unwrap();
    let of_study = |line: &&agent_archive::AuditEvent| {
        line.event.action == AuditAction::StudyRetrieved
            && matches!(line.event.subject, AuditSubject::Study(_))
            && line.event.detail.as_ref().is_some_and(|name| name.expose(agent_phi::Purpose::Store) == "pacs")
    };
    assert_eq!(lines.iter().filter(of_study).count(), 6, "each retrieval has its line");
    assert!(!first.is_empty());
    site.archive.study_delete(site.archive.study_tokens().unwrap()[0]).unwrap();
    assert_eq!(site.web(&format!("{series}/metadata"), &token, "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.web("/dicom-web/studies", &token, "").await.json(), json!([]));
}

fn size_of_png(bytes: &[u8]) -> (u32, u32) {
    let info = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    (info.info().width, info.info().height)
}

#[tokio::test]
async fn a_picture_has_the_window_and_the_size_that_are_asked_for() {
    let (site, token, address) = site_of(PLAIN).await;
    let path = format!("{address}/rendered");
    let jpeg = site.web(&path, &token, "").await;
    assert_eq!(jpeg.header("content-type"), "image/jpeg");
    assert!(jpeg.bytes.starts_with(&[0xFF, 0xD8]));
    let png = site.web(&path, &token, "image/png").await;
    assert_eq!((png.header("content-type").as_str(), size_of_png(&png.bytes)), ("image/png", (64, 64)));
    let asked = site.web(&format!("{path}?viewport=100,32&accept=image/png"), &token, "").await;
    assert_eq!(size_of_png(&asked.bytes), (32, 32));
    let thumbnail = site.web(&format!("{address}/frames/1/thumbnail"), &token, "image/png").await;
    assert_eq!(size_of_png(&thumbnail.bytes), (256, 256));
    let white = site.web(&format!("{path}?window=-100,1"), &token, "image/png").await;
    let mut reader = png::Decoder::new(std::io::Cursor::new(&white.bytes[..])).read_info().unwrap();
    let mut pixels = vec![0; 64 * 64];
    reader.next_frame(&mut pixels).unwrap();
    assert!(pixels.iter().all(|pixel| *pixel == 255), "all values are above the window");
    for (query, status) in [
        ("window=1", StatusCode::BAD_REQUEST),
        ("window=1,0", StatusCode::BAD_REQUEST),
        ("window=1,2,log", StatusCode::BAD_REQUEST),
        ("viewport=0,5", StatusCode::BAD_REQUEST),
        ("viewport=5,5,1,1,2,2", StatusCode::BAD_REQUEST),
        ("quality=0", StatusCode::BAD_REQUEST),
        ("annotation=patient", StatusCode::BAD_REQUEST),
        ("accept=image/gif", StatusCode::NOT_ACCEPTABLE),
    ] {
        assert_eq!(site.web(&format!("{path}?{query}"), &token, "").await.status, status, "{query}");
    }
    let missing = site.web(&format!("{address}/frames/2/rendered"), &token, "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}
