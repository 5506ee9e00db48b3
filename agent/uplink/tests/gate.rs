//! The wall around the gate: no other file of the uplink can open a connection or hold one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

/// Words without which nothing is dialled, and the files that may use them.
const DIALLING: [(&str, &[&str]); 9] = [
    ("tonic::transport", &["channel.rs", "gate.rs"]),
    ("transport::Channel", &["gate.rs"]),
    ("Endpoint::from", &["channel.rs"]),
    ("TcpStream", &["channel.rs"]),
    ("std::net", &[]),
    ("UdpSocket", &[]),
    ("UnixStream", &[]),
    ("hyper", &["channel.rs"]),
    ("tokio_rustls", &["channel.rs"]),
];

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn nothing_but_the_gate_holds_a_connection() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut breaches = Vec::new();
    for path in sources(&root) {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for (word, allowed) in DIALLING {
            if text.contains(word) && !allowed.contains(&name.as_str()) {
                breaches.push(format!("{name}: {word}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn the_dialler_gives_its_connection_to_the_gate_alone() {
    let dialler = include_str!("../src/channel.rs");
    assert_eq!(dialler.matches("connect_with_connector(").count(), 1);
    assert!(dialler.contains("Ok(channel) => Ok((Gate::around(channel, Arc::clone(&self.ledger)), peer))"));
    let gate = include_str!("../src/gate.rs");
    // The channel is called in one place, and what it is called with is the body that the ledger sees.
    assert_eq!(gate.matches("self.channel.call(").count(), 1);
    assert!(gate.contains("self.channel.call(http::Request::from_parts(head, Body::new(body)))"));
    assert!(gate.contains("    channel: Channel,\n"), "the field is private");
}

#[test]
fn clients_are_made_of_the_gate() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in sources(&root) {
        let text = std::fs::read_to_string(&path).unwrap();
        for client in ["EnrolmentClient::", "WorklistClient::", "results::push("] {
            for (at, _) in text.match_indices(client) {
                let rest = &text[at + client.len()..];
                let made = rest.starts_with("new(gate") || rest.starts_with("gate,") || rest.starts_with("<");
                assert!(made, "{}: {client} is not made of the gate", path.display());
            }
        }
    }
}
