//! Recorded HTTP: what was asked, in a form that can be compared, and what was answered.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method, Uri, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// One part of a body. Gzipped content is unpacked before it is measured, since compressors differ in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub name: String,
    pub file_name: Option<String>,
    /// Short texts as they are.
    pub text: Option<String>,
    pub bytes: usize,
    pub blake3: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    pub status: u16,
    pub content_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    pub body: String,
}

impl Answered {
    pub fn new(status: u16, content_type: &str, body: &[u8]) -> Self {
        Self { status, content_type: content_type.into(), location: None, body: STANDARD.encode(body) }
    }

    pub fn body(&self) -> Vec<u8> {
        STANDARD.decode(&self.body).unwrap()
    }
}

/// A request and its answer; none when the client gave up before it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub asked: Asked,
    pub answered: Option<Answered>,
}

pub fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    if bytes.starts_with(&[0x1F, 0x8B]) {
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    } else {
        plain.extend_from_slice(bytes);
    }
    plain
}

/// The parts of a body with their unpacked content; a body that is no form is one part.
pub async fn parts(headers: &HeaderMap, body: Bytes) -> Vec<(Part, Vec<u8>)> {
    let kind = headers.get(header::CONTENT_TYPE).map_or("", |kind| kind.to_str().unwrap());
    let mut found = Vec::new();
    if let Ok(boundary) = multer::parse_boundary(kind) {
        let stream = futures::stream::iter([Ok::<_, std::io::Error>(body)]);
        let mut form = multer::Multipart::new(stream, boundary);
        while let Some(part) = form.next_field().await.unwrap() {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            found.push(measured(name, file_name, &part.bytes().await.unwrap()));
        }
    } else if !body.is_empty() {
        found.push(measured(String::new(), None, &body));
    }
    found
}

fn measured(name: String, file_name: Option<String>, content: &[u8]) -> (Part, Vec<u8>) {
    let plain = unzipped(content);
    let text = file_name.is_none().then(|| String::from_utf8_lossy(&plain).into_owned());
    let blake3 = blake3::hash(&plain).to_hex().to_string();
    (Part { name, file_name, text, bytes: plain.len(), blake3 }, plain)
}

pub fn asked(method: &Method, uri: &Uri, parts: Vec<Part>) -> Asked {
    let pairs = uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Asked { method: method.to_string(), path: uri.path().to_owned(), query, parts }
}

fn file(scenario: &str) -> PathBuf {
    let top = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/recorded/monai-label");
    top.join(format!("{scenario}.json"))
}

pub fn load(scenario: &str) -> Vec<Exchange> {
    let path = file(scenario);
    let text = std::fs::read(&path).unwrap_or_else(|_| panic!("no recording {}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

pub fn save(scenario: &str, exchanges: &[Exchange]) {
    let path = file(scenario);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, serde_json::to_string_pretty(exchanges).unwrap() + "\n").unwrap();
}
