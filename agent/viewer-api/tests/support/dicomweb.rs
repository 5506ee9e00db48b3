//! A DICOMweb client of the site, and objects for it.

use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::Value;

use super::{Answer, Site};

/// Objects of one patient that are full of planted identifiers; see PROVENANCE.txt there.
pub const PLANTED: [&[u8]; 3] = [
    include_bytes!("../data/planted/IM00001.dcm"),
    include_bytes!("../data/planted/IM00002.dcm"),
    include_bytes!("../data/planted/IM00003.dcm"),
];
pub const CANARIES: &str = include_str!("../data/planted/canaries.json");

pub const ANY_DICOM: &str = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

/// A request with a token, and no trace of a browser.
pub fn request(method: Method, path: &str, token: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "pacs.local:8443");
    if token.is_empty() { request } else { request.header(header::AUTHORIZATION, token) }
}

/// A body of many parts, as a client of STOW-RS sends it.
pub fn related(parts: &[&[u8]]) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(b"\r\n--frontier\r\nContent-Type: application/dicom\r\n\r\n");
        body.extend_from_slice(part);
    }
    body.extend_from_slice(b"\r\n--frontier--\r\n");
    body
}

/// A part of an answer: its head and its payload.
#[derive(Debug)]
pub struct Part {
    pub head: String,
    pub bytes: Vec<u8>,
}

impl Part {
    pub fn content_type(&self) -> &str {
        self.head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).unwrap()
    }
}

impl Answer {
    /// The parts of an answer of many parts, by the lengths that they say they have.
    pub fn parts(&self) -> Vec<Part> {
        let content_type = self.header("content-type");
        let boundary = content_type.split("boundary=").nth(1).unwrap_or_else(|| panic!("{self:?}"));
        let (start, end) = (format!("\r\n--{boundary}\r\n"), format!("\r\n--{boundary}--\r\n"));
        let mut rest = &self.bytes[..];
        let mut parts = Vec::new();
        while let Some(after) = rest.strip_prefix(start.as_bytes()) {
            let head_end = after.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
            let head = String::from_utf8(after[..head_end].to_vec()).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
            let body = &after[head_end + 4..];
            let (bytes, further) = body.split_at(length.parse().unwrap());
            parts.push(Part { head, bytes: bytes.to_vec() });
            rest = further;
        }
        assert_eq!(rest, end.as_bytes(), "an answer ends with its last boundary");
        parts
    }
}

impl Site {
    pub async fn web(&self, path: &str, token: &str, accept: &str) -> Answer {
        let mut request = request(Method::GET, path, token);
        if !accept.is_empty() {
            request = request.header(header::ACCEPT, accept);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn stow(&self, path: &str, token: &str, parts: &[&[u8]]) -> Answer {
        let content_type = "multipart/related; type=\"application/dicom\"; boundary=frontier";
        let request = request(Method::POST, path, token).header(header::CONTENT_TYPE, content_type);
        self.send(request.body(Body::from(related(parts))).unwrap()).await
    }

    /// The first row of a query's answer.
    pub async fn first(&self, path: &str, token: &str) -> Value {
        self.web(path, token, "").await.json()[0].clone()
    }

    /// The address of the first instance that a token sees.
    pub async fn first_address(&self, token: &str) -> String {
        let row = self.first("/dicom-web/instances?limit=1", token).await;
        let address = row["00081190"]["Value"][0].as_str().unwrap_or_else(|| panic!("{row}"));
        address.strip_prefix("https://pacs.local:8443").unwrap().to_owned()
    }
}
