//! The walls between the rooms: who may import what, and what nobody may reach.
//!
//! A changed line in `crate-graph.txt` is a decision that its commit explains. Overwrite the
//! golden file with `UPDATE_GOLDEN=1 cargo test -p e2e --test walls`.

use std::collections::BTreeSet;

use e2e::workspace::{crate_graph, files, reaches, root};

const OURS: &[&str] = &["agent", "control-plane", "proto", "e2e"];
const SQL: &[&str] = &["sqlx", "tokio-postgres", "postgres", "rusqlite", "diesel"];
const DICOM: &[&str] =
    &["dicom-core", "dicom-object", "dicom-ul", "dicom-encoding", "dicom-parser", "dicom-pixeldata", "nifti"];

/// A room, and what it must never reach, even through others. A name that ends in `*` stands for
/// all crates that begin so; `ours` stands for all of ours but those named behind `but`.
const WALLS: &[(&str, &[&str])] = &[
    ("proto-ids", &["ours", "serde", "serde_core", "prost", "tonic", "tokio"]),
    ("proto-journal", &["ours", "tokio", "serde", "prost", "tonic"]),
    (
        "proto-instruction",
        &["agent*", "control-plane*", "proto", "proto-journal", "serde", "serde_core", "tokio"],
    ),
    (
        "proto-patterns",
        &["agent*", "control-plane*", "proto", "proto-journal", "serde", "serde_core", "tokio"],
    ),
    ("proto-program", &["agent*", "control-plane*", "proto", "proto-journal", "tonic", "prost", "sled"]),
    ("proto", &["ours"]),
    ("agent-phi", &["ours", "serde", "serde_core", "tracing"]),
    ("agent-imaging", &["agent-phi", "proto", "tokio", "serde", "serde_core"]),
    ("agent-formats", &["tokio", "proto", "tonic", "axum", "hyper"]),
    (
        "agent-deid",
        &[
            "agent-formats",
            "agent-imaging",
            "agent-archive",
            "agent-dicom",
            "tokio",
            "proto",
            "tonic",
            "axum",
            "hyper",
            "serde",
        ],
    ),
    ("agent-work", &["agent-phi", "tokio", "proto", "axum", "serde", "serde_core"]),
    // Its object store's client brings tokio along; what finds keys and hosts by itself stays out.
    ("agent-archive", &["proto", "tonic", "axum", "aws-config"]),
    ("agent-dicom", &["proto", "tonic", "axum"]),
    (
        "agent-assist",
        &["proto", "agent-archive", "agent-work", "agent-dicom", "agent-viewer-api", "agent-uplink", "sled"],
    ),
    ("agent-viewer-api", &["proto", "tonic", "agent-dicom", "agent-assist", "agent-uplink"]),
    (
        "agent-uplink",
        &[
            "agent-phi",
            "agent-archive",
            "agent-dicom",
            "agent-imaging",
            "agent-formats",
            "agent-work",
            "agent-viewer-api",
            "dicom*",
            "nifti",
            "sled",
            "aws*",
        ],
    ),
    ("agent", &["control-plane*", "aws-config"]),
    ("control-plane-domain", &["tokio", "serde", "serde_core", "proto", "agent*"]),
    ("control-plane-app", &["control-plane-store", "proto", "tonic", "axum", "agent*"]),
    ("control-plane-store", &["proto", "tonic", "axum", "agent*"]),
    ("control-plane-grpc", &["control-plane-console-api", "sled", "agent*"]),
    ("control-plane-console-api", &["proto", "tonic", "agent*"]),
    ("control-plane", &["agent*", "dicom*", "nifti", "aws*"]),
];

fn matches(name: &str, banned: &str) -> bool {
    match banned.strip_suffix('*') {
        Some(prefix) => name == prefix || name.starts_with(&format!("{prefix}-")),
        None if banned == "ours" => {
            OURS.iter().any(|ours| name == *ours || name.starts_with(&format!("{ours}-")))
        }
        None => name == banned,
    }
}

#[test]
fn no_room_reaches_through_a_wall() {
    let mut breaches = Vec::new();
    for (room, banned) in WALLS {
        let reached = reaches(room).unwrap_or_else(|error| panic!("{room}: {error}"));
        for name in &reached {
            if banned.iter().any(|banned| matches(name, banned)) {
                breaches.push(format!("{room} reaches {name}"));
            }
        }
    }
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn the_control_plane_has_no_sql_outside_its_store_and_no_image_parser() {
    for room in ["control-plane-domain", "control-plane-app", "control-plane-grpc"] {
        let reached = reaches(room).unwrap();
        assert!(SQL.iter().all(|name| !reached.contains(*name)), "{room} reaches an SQL crate");
    }
    let reached = reaches("control-plane").unwrap();
    assert!(DICOM.iter().all(|name| !reached.contains(*name)), "the control plane can parse an image");
}

#[test]
fn only_the_archive_speaks_to_an_object_store() {
    let speaks = |file: &String| {
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        text.lines().any(|line| line.starts_with("aws-"))
    };
    let speaking: Vec<String> =
        files().unwrap().into_iter().filter(|file| file.ends_with("/Cargo.toml")).filter(speaks).collect();
    assert_eq!(speaking, ["agent/archive/Cargo.toml"]);
}

#[test]
fn there_is_one_tls_stack_with_one_provider() {
    for program in ["agent", "control-plane"] {
        let reached = reaches(program).unwrap();
        for name in ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls"] {
            assert!(!reached.contains(name), "{program} reaches {name}");
        }
        assert!(reached.contains("ring"), "{program} lost its provider");
    }
}

#[test]
fn every_crate_stands_in_the_table_and_the_graph_is_the_golden_one() {
    let graph = crate_graph().unwrap();
    let walled: BTreeSet<&str> = WALLS.iter().map(|(room, _)| *room).chain(["e2e"]).collect();
    let found: BTreeSet<&str> = graph.keys().map(String::as_str).collect();
    assert_eq!(found, walled, "each crate has a row in the table of walls, and each row a crate");
    let lines: String = graph
        .iter()
        .map(|(name, named)| {
            format!("{name}: {}\n", named.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
        })
        .collect();
    let golden = root().join("tests/crate-graph.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &lines).unwrap();
    }
    assert_eq!(std::fs::read_to_string(golden).unwrap_or_default(), lines, "the crate graph has changed");
}
