//! A report as the command line prints it.

use agent_archive::ImportReport;
use serde_json::{Value, json};

/// Counts, and every refusal with its reason.
pub(super) fn value(report: &ImportReport) -> Value {
    let refusals = report.refusals.iter();
    let refused: Vec<Value> =
        refusals.map(|refusal| json!({ "file": refusal.file, "reason": refusal.reason })).collect();
    json!({
        "files": report.files, "bytes": report.bytes, "taken": report.taken, "skipped": report.skipped,
        "kept_beside": report.kept_beside, "refused": refused,
    })
}
