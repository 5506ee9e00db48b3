//! What follows from submissions and from the worklist: consensus masks to be painted, and finished
//! work to be held against a new version of its instruction. Each is kept with its message in one
//! transaction and found again after a crash, so that it happens once.

mod paint;
pub(crate) mod preannotate;
mod recheck;

use std::error::Error;

use agent_archive::Archive;
use agent_imaging::{LabelMap, mask};
use agent_work::{Run, Slice};
use proto_ids::Timestamp;

/// Does everything that waits. What cannot be done is told to the log and left for the next time.
pub(crate) fn follow(archive: &Archive, now: Timestamp) {
    if let Err(error) = paint::paint_all(archive, now) {
        tracing::error!(error = &error as &dyn Error, "it cannot be read which consensus is to be painted");
    }
    if let Err(error) = recheck::recheck_all(archive, now) {
        tracing::error!(error = &error as &dyn Error, "finished work cannot be checked again");
    }
}

/// The runs of a label map as the log of work has them.
pub(crate) fn slices_of(map: &LabelMap) -> Vec<Slice> {
    let run = |run: &mask::Run| Run { start: run.start, length: run.length, label: run.label };
    map.slices().map(|(k, runs)| Slice { k, runs: runs.iter().map(run).collect() }).collect()
}
