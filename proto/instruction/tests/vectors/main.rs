//! What is asked and what is found, for both evaluators: this one and the one in `proto/web`.
//!
//! `vectors/findings.json` has cases that were written by hand and cases that were drawn by chance, whose
//! expectation this evaluator wrote. Write it anew with
//! `UPDATE_GOLDEN=1 cargo test -p proto-instruction --test vectors`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail where it stands")]

mod case;
#[path = "../common/mod.rs"]
mod common;
mod drawn;
mod hand;
mod read;
mod write;

use std::collections::BTreeSet;
use std::path::Path;

use case::Case;

fn golden() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/findings.json")
}

fn cases() -> Vec<Case> {
    hand::cases().into_iter().chain(drawn::cases()).collect()
}

#[test]
fn the_cases_written_by_hand_have_what_was_written() {
    for case in hand::cases() {
        assert_eq!(case.evaluate(), (case.asked, case.findings), "{}", case.name);
    }
}

#[test]
fn the_file_has_these_cases_and_each_finds_what_it_says() {
    let written = write::file(&cases());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden(), &written).unwrap();
    }
    let stored = std::fs::read_to_string(golden()).unwrap_or_default();
    assert!(stored == written, "vectors/findings.json is another");
    let found = read::file(&stored);
    assert_eq!(found, cases());
    for case in found {
        assert_eq!(case.evaluate(), (case.asked, case.findings), "{}", case.name);
    }
}

#[test]
fn there_are_enough_cases_and_each_kind_is_among_them() {
    assert!(hand::cases().len() >= 70);
    let cases = cases();
    assert!(cases.len() >= 220);
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len());
    let checks = [
        "answer-missing",
        "answer-invalid",
        "statement-missing",
        "statement-contradicts",
        "too-few",
        "too-many",
        "diameter-too-small",
        "diameter-too-large",
        "volume-too-small",
        "volume-too-large",
        "too-few-slices",
        "too-many-slices",
        "too-elongated",
        "cavities",
        "rule-broken",
    ];
    for check in checks {
        let times =
            cases.iter().filter(|case| case.findings.iter().any(|found| found.check == check)).count();
        assert!(times >= 3, "{check}: {times}");
    }
    let hidden = cases.iter().filter(|case| case.answers.keys().any(|id| !case.asked.contains(id))).count();
    assert!(hidden >= 20, "{hidden}");
}
