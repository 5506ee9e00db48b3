//! Takes files, folders, zip archives and media with a DICOMDIR into the archive.
//!
//! A file that is refused is named, with the reason, to the person at the command line and in the report that
//! hospital IT sees, and nowhere else: a path can hold a name. What is there already is known by its digest, so an
//! import that was interrupted is done again at little cost.

mod plan;
mod report;
mod run;
pub(crate) mod watch;
mod zip;

use std::path::PathBuf;

use agent_archive::{Archive, ImportSource};
use proto_ids::{Clock, Timestamp};
use proto_program::SystemClock;
use proto_program::commands::Progress;
use serde_json::{Value, json};

use self::plan::Plan;
use self::run::Run;

/// Larger files are refused before they are read.
const LARGEST_FILE_BYTES: u64 = 1 << 30;

/// Stores every file under `paths`, makes assets of the series that they belong to, and keeps a report.
///
/// # Errors
/// When a path cannot be listed or the store cannot be read or written. A refused file is no error.
pub(crate) fn import(
    archive: &Archive,
    paths: &[PathBuf],
    report: &mut dyn FnMut(Progress),
) -> anyhow::Result<Value> {
    let plan = Plan::of(paths)?;
    let mut run = Run::begin(archive, ImportSource::Command, SystemClock.now())?;
    let (of, mut bytes, begun_at) = (plan.files.len() as u64, 0, SystemClock.now());
    for (file, reason) in plan.refused {
        run.refuse(file, reason);
    }
    for (done, (file, size)) in plan.files.iter().enumerate() {
        let what = format!("storing{}", rate(bytes, plan.bytes, begun_at, SystemClock.now()));
        report(Progress { what, done: done as u64, of });
        run.path(file)?;
        bytes += size;
    }
    let assets = run.assets(report)?;
    let lines: Vec<Value> = assets.iter().map(asset_line).collect();
    let left: Vec<Value> = run.left().map(|reason| json!({ "reason": reason })).collect();
    let kept = run.end(SystemClock.now())?;
    let mut answer = report::value(&kept);
    if let Some(fields) = answer.as_object_mut() {
        fields.insert("assets".to_owned(), lines.into());
        fields.insert("left".to_owned(), left.into());
    }
    Ok(answer)
}

/// An asset as the command line lists it.
pub(crate) fn asset_line(asset: &agent_archive::AssetRow) -> Value {
    let reasons: Vec<&str> = asset.reasons.iter().map(|reason| reason.code()).collect();
    json!({
        "id": asset.token.to_string(), "modality": asset.modality.code(), "dimensions": asset.grid.size(),
        "reasons": reasons,
    })
}

/// How many of the bytes are done, and how fast; nothing in the first second.
fn rate(done: u64, of: u64, begun_at: Timestamp, now: Timestamp) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let seconds = now.millis_since(begun_at) as f64 / 1e3;
    if seconds < 1.0 {
        return String::new();
    }
    format!(" {:.1} of {:.1} MB, {:.1} MB/s", megabytes(done), megabytes(of), megabytes(done) / seconds)
}

#[cfg(test)]
pub(crate) mod tests;
