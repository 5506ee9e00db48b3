//! Old bytes stay readable: one frozen record of each kind for each version.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use control_plane_domain::Project;

use super::*;
use crate::samples;

const FROZEN: &str = include_str!("fixtures/v1.txt");
/// As they were written before there were policies, shapes, arbiters and conditions.
const EARLY: &str = include_str!("fixtures/v1_early.txt");
/// As they were written before there were models.
const BEFORE_MODELS: &str = include_str!("fixtures/v1_before_models.txt");

/// A record of a run as it was written before reports were counted.
const BEFORE_REPORTS: &str = include_str!("fixtures/v1_before_reports.txt");

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Checks that the frozen bytes are read as the thing; answers with the line as it is written now.
fn frozen<R: Record>(lines: &BTreeMap<&str, &str>, thing: &R::Thing) -> String
where
    R::Thing: PartialEq + std::fmt::Debug,
{
    if let Some(bytes) = lines.get(R::TABLE) {
        assert_eq!(&decode::<R>(&unhex(bytes)).unwrap(), thing, "{}", R::TABLE);
    }
    format!("{} {}\n", R::TABLE, hex(&encode::<R>(thing).unwrap()))
}

#[test]
fn records_of_version_1_stay_readable_and_are_written_so() {
    let lines: BTreeMap<&str, &str> = FROZEN.lines().filter_map(|line| line.split_once(' ')).collect();
    let now = [
        frozen::<SiteV1>(&lines, &samples::site()),
        frozen::<AgentV1>(&lines, &samples::agent()),
        frozen::<JoinTokenV1>(&lines, &samples::join_token()),
        frozen::<AuditV1>(&lines, &samples::audit_row()),
        frozen::<PersonV1>(&lines, &samples::person()),
        frozen::<CredentialV1>(&lines, &samples::credential()),
        frozen::<SessionV1>(&lines, &samples::session()),
        frozen::<ProjectV1>(&lines, &samples::project()),
        frozen::<InstructionVersionV1>(&lines, &samples::instruction_version()),
        frozen::<AssetV1>(&lines, &samples::asset()),
        frozen::<DatasetV1>(&lines, &samples::dataset()),
        frozen::<TaskV1>(&lines, &samples::task()),
        frozen::<ProgressV1>(&lines, &samples::progress()),
        frozen::<SubmissionV1>(&lines, &samples::submission()),
        frozen::<PatternV1>(&lines, &samples::pattern()),
        frozen::<ShapeAgreementV1>(&lines, &samples::shape_agreement()),
        frozen::<JudgementV1>(&lines, &samples::judgement()),
        frozen::<ConsensusPaintedV1>(&lines, &samples::consensus_painted()),
        frozen::<RecheckV1>(&lines, &samples::recheck()),
        frozen::<ModelV1>(&lines, &samples::model()),
        frozen::<SitePreannotationV1>(&lines, &samples::site_preannotation()),
    ]
    .concat();
    if std::env::var_os("OVERWRITE_FIXTURES").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/records/fixtures/v1.txt"), now).unwrap();
    } else {
        assert_eq!(now, FROZEN);
    }
}

#[test]
fn an_unknown_version_and_damaged_bytes_are_refused() {
    let mut bytes = encode::<SiteV1>(&samples::site()).unwrap();
    for length in 0..bytes.len() {
        assert!(decode::<SiteV1>(&bytes[..length]).is_err(), "{length} bytes");
    }
    bytes[0] = 2;
    assert!(decode::<SiteV1>(&bytes).is_err());
}

fn early<R: Record>() -> R::Thing {
    read_from::<R>(EARLY)
}

fn read_from<R: Record>(fixture: &str) -> R::Thing {
    let line = fixture.lines().filter_map(|line| line.split_once(' ')).find(|(table, _)| *table == R::TABLE);
    decode::<R>(&unhex(line.unwrap().1)).unwrap()
}

#[test]
fn an_early_project_has_no_arbiters_and_the_policy_of_a_new_one() {
    let project = early::<ProjectV1>();
    assert!(project.arbiters.is_empty());
    assert_eq!(project.policy, control_plane_domain::Policy::default());
    assert!(project.preannotations.is_empty());
    let instruction = project.draft.check().unwrap();
    let published = early::<InstructionVersionV1>().instruction;
    assert_eq!(instruction, published, "the early records agree with each other");
    assert_eq!(published.objects[0].label(), Some(1));
    assert!(published.rules.is_empty() && !published.objects[0].must_state);
    assert_eq!(published.objects[0].severity, proto_instruction::Severity::Warn);
}

#[test]
fn early_work_is_annotators_work() {
    let submission = early::<SubmissionV1>().facts;
    assert_eq!(submission.role, control_plane_domain::WorkRole::Annotator);
    assert_eq!(submission.duration_seconds, 61);
    assert!(submission.objects.is_empty() && submission.verdicts.is_empty());
    assert!(submission.assists.is_empty());
    assert_eq!(early::<ProgressV1>().arbiter, control_plane_domain::Slot::Free);
    let task = early::<TaskV1>();
    assert!(!task.arbitration && task.consensus.is_empty());
    assert_eq!(early::<PatternV1>().region_voxels, 0);
}

#[test]
fn work_and_projects_from_before_there_were_models_have_none() {
    let without = Project { preannotations: BTreeMap::new(), ..samples::project() };
    assert_eq!(read_from::<ProjectV1>(BEFORE_MODELS), without);
    let mut without = samples::submission();
    without.facts.assists.clear();
    assert_eq!(read_from::<SubmissionV1>(BEFORE_MODELS), without);
}

#[test]
fn a_run_from_before_reports_were_counted_has_told_of_none_by_number() {
    let mut uncounted = samples::site_preannotation();
    uncounted.facts.report = 0;
    assert_eq!(read_from::<SitePreannotationV1>(BEFORE_REPORTS), uncounted);
}

#[test]
fn every_early_record_is_read() {
    early::<SiteV1>();
    early::<AgentV1>();
    early::<JoinTokenV1>();
    early::<AuditV1>();
    early::<PersonV1>();
    early::<CredentialV1>();
    early::<SessionV1>();
    early::<AssetV1>();
    early::<DatasetV1>();
}
