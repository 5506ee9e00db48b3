//! From what is asked for to a page of rows.

use std::collections::HashSet;
use std::sync::Arc;

use agent_phi::InstanceUid;
use axum::http::StatusCode;
use proto_ids::StudyToken;
use serde_json::{Map, Value};

use super::condition::{Condition, Level, level};
use super::{Asked, Page};
use crate::app::App;
use crate::dicomweb::address::Origin;
use crate::dicomweb::attributes::{self, Fields};
use crate::dicomweb::catalogue::{self, SeriesEntry, StudyEntry};
use crate::dicomweb::listing::InstanceEntry;
use crate::dicomweb::view::View;
use crate::problem::Problem;

/// The matches from `offset` on, in the order of arrival of studies, of series, of instances. Blocks.
pub(super) fn page(app: &App, view: &View, origin: &Origin, asked: &Asked) -> Result<Page, Problem> {
    let search = Search { app, view, origin, asked };
    let among = search.studies_of_instance()?;
    let of_study: Vec<&Condition> = search.conditions(Level::Study).collect();
    let narrowed = of_study
        .iter()
        .filter(|condition| catalogue::looked_up(condition.attribute))
        .find_map(|condition| condition.values().map(|values| (condition.attribute, values)));
    let studies = app.dicomweb.catalogues.studies(&app.archive, view, narrowed, |study| {
        among.as_ref().is_none_or(|among| among.contains(&study.study))
            && of_study.iter().all(|condition| condition.met(&study.fields))
    });
    let studies = studies.map_err(|cause| Problem::ours(&cause))?;
    let mut cut = Cut { skip: asked.offset as u64, room: asked.limit, page: Page::default() };
    for study in &studies {
        match asked.level {
            Level::Study => cut.one(|| search.study_row(study)),
            Level::Series => {
                for series in search.series(study) {
                    cut.one(|| search.series_row(study, series));
                }
            }
            Level::Instance => {
                for series in search.series(study) {
                    search.instances(study, series, &mut cut)?;
                }
            }
        }
    }
    Ok(cut.page)
}

/// Where in the matches a page lies.
struct Cut {
    skip: u64,
    room: usize,
    page: Page,
}

impl Cut {
    /// Counts a match, and makes its row if it is on the page.
    fn one(&mut self, row: impl FnOnce() -> Value) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.room > 0 {
            self.room -= 1;
            self.page.rows.push(row());
        } else {
            self.page.remaining += 1;
        }
    }

    /// Counts so many matches that are not on the page; false where some of them are.
    fn passed(&mut self, matches: u64) -> bool {
        if self.skip >= matches {
            self.skip -= matches;
            true
        } else if self.skip == 0 && self.room == 0 {
            self.page.remaining += matches;
            true
        } else {
            false
        }
    }
}

struct Search<'s> {
    app: &'s App,
    view: &'s View,
    origin: &'s Origin,
    asked: &'s Asked,
}

impl<'s> Search<'s> {
    fn conditions(&self, at: Level) -> impl Iterator<Item = &'s Condition> + use<'s> {
        self.asked.conditions.iter().filter(move |condition| level(condition.attribute) == Some(at))
    }

    /// The studies that an instance which is asked for by its UID can be in; none where all must be looked at.
    ///
    /// What instances are matched by is not held in memory, so that one of them must say where to look.
    fn studies_of_instance(&self) -> Result<Option<HashSet<StudyToken>>, Problem> {
        let named = |attribute| {
            self.asked
                .conditions
                .iter()
                .find(|condition| condition.attribute == attribute)
                .and_then(Condition::uid)
        };
        if self.conditions(Level::Instance).next().is_none() || named(&attributes::STUDY_UID).is_some() {
            return Ok(None);
        }
        let uid = named(&attributes::SOP_INSTANCE_UID).filter(|_| self.view.original());
        let Some(uid) = uid.and_then(|uid| InstanceUid::new(uid).ok()) else {
            let title = "Instances are matched within one study: name its StudyInstanceUID.";
            return Err(Problem::new(StatusCode::BAD_REQUEST, "study-needed", title));
        };
        let found = self.app.archive.instances_of_uid(&uid).map_err(|cause| Problem::ours(&cause))?;
        Ok(Some(found.into_iter().map(|one| one.place.study).collect()))
    }

    fn series<'e>(&self, study: &'e StudyEntry) -> impl Iterator<Item = &'e SeriesEntry> + use<'e, 's> {
        let conditions: Vec<&Condition> = self.conditions(Level::Series).collect();
        study
            .series
            .iter()
            .filter(move |series| conditions.iter().all(|condition| condition.met(&series.fields)))
    }

    fn instances(&self, study: &Arc<StudyEntry>, series: &SeriesEntry, cut: &mut Cut) -> Result<(), Problem> {
        let conditions: Vec<&Condition> = self.conditions(Level::Instance).collect();
        if conditions.is_empty() && cut.passed(series.instances.into()) {
            return Ok(());
        }
        let listing = self.app.dicomweb.listings.of(&self.app.archive, self.view, series);
        for instance in listing.map_err(|cause| Problem::ours(&cause))?.iter() {
            let fields = instance.fields();
            if conditions.iter().all(|condition| condition.met(&fields)) {
                cut.one(|| self.instance_row(study, series, instance, &fields));
            }
        }
        Ok(())
    }

    fn study_row(&self, study: &StudyEntry) -> Value {
        row(&[&study.fields], self.origin.study(study))
    }

    fn series_row(&self, study: &StudyEntry, series: &SeriesEntry) -> Value {
        row(&[&study.fields, &series.fields], self.origin.series(study, series))
    }

    fn instance_row(
        &self,
        study: &StudyEntry,
        series: &SeriesEntry,
        instance: &InstanceEntry,
        fields: &Fields,
    ) -> Value {
        let address = self.origin.instance(study, series, instance);
        row(&[&study.fields, &series.fields, fields], address)
    }
}

fn row(parts: &[&Fields], address: String) -> Value {
    let mut out = Map::new();
    for part in parts {
        part.write(&mut out);
    }
    let mut at = Fields::default();
    at.text(&attributes::RETRIEVE_URL, address);
    at.write(&mut out);
    Value::Object(out)
}
