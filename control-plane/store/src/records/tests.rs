//! Old bytes stay readable: one frozen record of each kind for each version.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::*;
use crate::samples;

const FROZEN: &str = include_str!("fixtures/v1.txt");

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
