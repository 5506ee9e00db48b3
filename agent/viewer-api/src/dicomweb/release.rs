//! Whether the pixels of a series may leave in the de-identified view.
//!
//! Decided for series as a whole and by one function, [`may_leave`]: headers are cleaned by rules, but what is burned
//! into pixels is not looked for, so that a series of which any object is at risk stays.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::PoisonError;

use agent_deid::File;
use agent_deid::risk::{self, Reason};
use agent_phi::Purpose;
use axum::http::StatusCode;
use proto_ids::SeriesToken;
use serde_json::json;

use super::catalogue::SeriesEntry;
use super::view::View;
use crate::app::App;
use crate::problem::Problem;

/// Series whose risk is remembered; each takes some 50 bytes.
const REMEMBERED_MAX: usize = 100_000;

/// What was found of series, as they stood when they had so many instances.
#[derive(Debug, Default)]
pub(super) struct Risks {
    of: Mutex<HashMap<SeriesToken, (u32, BTreeSet<Reason>)>>,
}

/// Whether everything of a series may be given out under a view: headers and pixels. Blocks.
///
/// # Errors
/// A refusal by name, with the reasons, where pixels may carry text and nobody has released the series.
pub(super) fn may_leave(app: &App, view: &View, series: &SeriesEntry) -> Result<(), Problem> {
    if view.original() {
        return Ok(());
    }
    let reasons = reasons(app, series)?;
    if reasons.is_empty() {
        return Ok(());
    }
    let title = "The pixels of this series may carry text, and nobody has released them.";
    let reasons: Vec<&str> = reasons.into_iter().map(Reason::text).collect();
    Err(Problem::new(StatusCode::FORBIDDEN, "pixels-at-risk", title)
        .with("series", json!(series.uid.expose(Purpose::DicomPeer)))
        .with("reasons", json!(reasons)))
}

fn reasons(app: &App, series: &SeriesEntry) -> Result<BTreeSet<Reason>, Problem> {
    let known = || app.dicomweb.risks.of.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((instances, reasons)) = known().get(&series.series)
        && *instances == series.instances
    {
        return Ok(reasons.clone());
    }
    let mut reasons = BTreeSet::new();
    let listed = app.archive.series_instances(series.series).map_err(|cause| Problem::ours(&cause))?;
    for instance in listed.map(|content| content.instances).unwrap_or_default() {
        let file = app.archive.instance_bytes(instance).map_err(|cause| Problem::ours(&cause))?;
        reasons.extend(file.map_or_else(Vec::new, |file| of_object(&file.bytes)));
    }
    let mut known = known();
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(series.series, (series.instances, reasons.clone()));
    Ok(reasons)
}

/// An object that cannot be read cannot be shown to be harmless.
fn of_object(bytes: &[u8]) -> Vec<Reason> {
    let unreadable = vec![Reason::NoModality];
    let Ok(file) = File::open(bytes) else { return unreadable };
    file.set().map_or(unreadable, |set| risk::assess(&set))
}
