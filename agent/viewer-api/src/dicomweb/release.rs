//! Whether the pixels of a series may leave in the de-identified view, and what is painted over in them.
//!
//! Headers are cleaned by rules, but what is burned into pixels is not looked for: where it may be, a person of the
//! hospital has released the pictures, or a rule for their device says what to paint over, or they stay.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::sync::PoisonError;

use agent_archive::{Rectangle, Showing};
use agent_deid::File;
use agent_deid::risk::{self, Reason};
use agent_phi::Purpose;
use axum::http::StatusCode;
use proto_ids::{InstanceToken, SeriesToken};
use serde_json::json;

use super::catalogue::SeriesEntry;
use super::view::View;
use crate::app::App;
use crate::problem::Problem;

/// Series whose risk is remembered; each takes some 50 bytes.
const REMEMBERED_MAX: usize = 100_000;

/// What was found of series whose instances are not all in assets, as they stood then.
#[derive(Debug, Default)]
pub(super) struct Risks {
    of: Mutex<HashMap<SeriesToken, Found>>,
}

/// How many instances there were, how many of them in assets, and what was found of the others.
type Found = ((u32, usize), BTreeSet<Reason>);

/// How the objects of what an address names are shown, in one view.
#[derive(Debug, Default)]
pub(super) struct Showings {
    painted: HashMap<InstanceToken, Vec<Rectangle>>,
}

impl Showings {
    /// As what was decided of the series says, whether or not their pixels may leave: for headers. Blocks.
    pub(super) fn of(app: &App, view: &View, series: &[SeriesEntry]) -> Result<Self, Problem> {
        let mut showings = Self::default();
        if !view.original() {
            for one in series {
                let decided =
                    app.archive.series_showing(one.series).map_err(|cause| Problem::ours(&cause))?;
                showings.add(decided);
            }
        }
        Ok(showings)
    }

    /// Regions of every picture of an instance that are painted over; none for most.
    pub(super) fn regions(&self, instance: InstanceToken) -> &[Rectangle] {
        self.painted.get(&instance).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing is painted over.
    pub(super) fn as_they_are(&self) -> bool {
        self.painted.is_empty()
    }

    fn add(&mut self, decided: HashMap<InstanceToken, Showing>) {
        self.painted.extend(decided.into_iter().filter_map(|(instance, showing)| match showing {
            Showing::Blanked(regions) => Some((instance, regions)),
            Showing::AsIs | Showing::Held => None,
        }));
    }
}

/// How everything of these series is given out under a view, headers and pixels. Blocks.
///
/// # Errors
/// A refusal by name, with the reasons, where pixels may carry text and nobody has decided that they leave.
pub(super) fn may_leave(app: &App, view: &View, series: &[SeriesEntry]) -> Result<Showings, Problem> {
    let mut showings = Showings::default();
    if view.original() {
        return Ok(showings);
    }
    for one in series {
        let decided = app.archive.series_showing(one.series).map_err(|cause| Problem::ours(&cause))?;
        if decided.values().any(|showing| *showing == Showing::Held) {
            return Err(Problem::quarantined().with("series", json!(one.uid.expose(Purpose::DicomPeer))));
        }
        let reasons = reasons(app, one, &decided)?;
        if !reasons.is_empty() {
            return Err(at_risk(one, reasons));
        }
        showings.add(decided);
    }
    Ok(showings)
}

fn at_risk(series: &SeriesEntry, reasons: BTreeSet<Reason>) -> Problem {
    let title = "The pixels of this series may carry text, and nobody has released them.";
    let reasons: Vec<&str> = reasons.into_iter().map(Reason::text).collect();
    Problem::new(StatusCode::FORBIDDEN, "pixels-at-risk", title)
        .with("series", json!(series.uid.expose(Purpose::DicomPeer)))
        .with("reasons", json!(reasons))
}

/// Why pixels of the instances that are in no asset may carry text.
fn reasons(
    app: &App,
    series: &SeriesEntry,
    decided: &HashMap<InstanceToken, Showing>,
) -> Result<BTreeSet<Reason>, Problem> {
    let known = || app.dicomweb.risks.of.lock().unwrap_or_else(PoisonError::into_inner);
    let standing = (series.instances, decided.len());
    if let Some((then, reasons)) = known().get(&series.series)
        && *then == standing
    {
        return Ok(reasons.clone());
    }
    let mut reasons = BTreeSet::new();
    let listed = app.archive.series_instances(series.series).map_err(|cause| Problem::ours(&cause))?;
    let listed = listed.map(|content| content.instances).unwrap_or_default();
    for instance in listed.into_iter().filter(|instance| !decided.contains_key(instance)) {
        let file = app.archive.instance_bytes(instance).map_err(|cause| Problem::ours(&cause))?;
        reasons.extend(file.map_or_else(Vec::new, |file| of_object(&file.bytes)));
    }
    let mut known = known();
    if known.len() >= REMEMBERED_MAX {
        known.clear();
    }
    known.insert(series.series, (standing, reasons.clone()));
    Ok(reasons)
}

/// An object that cannot be read cannot be shown to be harmless.
fn of_object(bytes: &[u8]) -> Vec<Reason> {
    let unreadable = vec![Reason::NoModality];
    let Ok(file) = File::open(bytes) else { return unreadable };
    file.set().map_or(unreadable, |set| risk::assess(&set))
}
