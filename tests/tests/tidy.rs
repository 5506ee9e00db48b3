//! The form of the repo: what stands at the top, how long files are, that rooms introduce themselves.

use std::collections::BTreeSet;

use e2e::workspace::{files, root};

const LONGEST_FILE: usize = 500;
const TOP_LEVEL: &[&str] = &[
    ".ci",
    ".dockerignore",
    ".gitignore",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "agent",
    "clippy.toml",
    "control-plane",
    "deny.toml",
    "deploy",
    "helm",
    "package-lock.json",
    "package.json",
    "proto",
    "rustfmt.toml",
    "tests",
    "tsconfig.base.json",
];

fn source(file: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| file.ends_with(ending))
}

fn read(file: &str) -> String {
    std::fs::read_to_string(root().join(file)).unwrap_or_default()
}

#[test]
fn only_agreed_names_stand_at_the_top() {
    let top: BTreeSet<String> =
        files().unwrap().iter().filter_map(|file| file.split('/').next()).map(str::to_owned).collect();
    let strange: Vec<_> = top.iter().filter(|name| !TOP_LEVEL.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn files_stay_short_enough_to_read() {
    let long: Vec<String> = files()
        .unwrap()
        .into_iter()
        .filter(|file| source(file, &[".rs", ".ts", ".tsx", ".mjs", ".css", ".proto"]))
        .filter(|file| !file.contains("__generated__"))
        .map(|file| (read(&file).lines().count(), file))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, file)| format!("{file}: {lines}"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_rust_file_says_what_it_is() {
    let mute: Vec<String> = files()
        .unwrap()
        .into_iter()
        .filter(|file| source(file, &[".rs"]) && !read(file).starts_with("//!"))
        .collect();
    assert!(mute.is_empty(), "{mute:#?}");
}

#[test]
fn no_lock_file_names_a_host_beyond_the_default_registries() {
    for line in read("package-lock.json").lines().filter(|line| line.contains("\"resolved\"")) {
        let local = !line.contains("://");
        assert!(local || line.contains("https://registry.npmjs.org/"), "{line}");
    }
    for line in read("Cargo.lock").lines().filter(|line| line.starts_with("source = ")) {
        assert_eq!(line, "source = \"registry+https://github.com/rust-lang/crates.io-index\"");
    }
}

#[test]
fn a_crate_of_ours_takes_the_lints_of_the_workspace() {
    for file in files().unwrap().iter().filter(|file| file.ends_with("/Cargo.toml")) {
        assert!(read(file).contains("[lints]\nworkspace = true"), "{file}");
    }
}
