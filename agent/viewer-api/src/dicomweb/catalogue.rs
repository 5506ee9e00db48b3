//! All studies and series as one view shows them, held in memory: what queries search and addresses name.
//!
//! Filled at the first question, then kept up with what has changed. Pseudonyms lead back nowhere, so this is also how
//! a de-identified UID finds its object. Instances are not in here; see `listing`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use agent_archive::{Archive, SeriesRow, StorageError, StudyOverview};
use agent_phi::{HeaderText, Purpose, SeriesUid, StudyUid};
use proto_ids::{SeriesToken, StudyToken, Timestamp};

use super::attributes::{self, Attribute, Field, Fields};
use super::view::{View, ViewKey};

/// A study as a view shows it.
#[derive(Debug)]
pub(super) struct StudyEntry {
    pub(super) study: StudyToken,
    pub(super) uid: StudyUid,
    pub(super) fields: Fields,
    pub(super) series: Vec<SeriesEntry>,
}

/// A series as a view shows it.
#[derive(Debug)]
pub(super) struct SeriesEntry {
    pub(super) series: SeriesToken,
    pub(super) uid: SeriesUid,
    pub(super) fields: Fields,
    pub(super) instances: u32,
}

/// The studies of one view in the order of arrival, so that pages of an answer do not overlap.
#[derive(Debug, Default)]
struct Catalogue {
    loaded: bool,
    /// The change that was seen last.
    number: u64,
    studies: BTreeMap<Place, Arc<StudyEntry>>,
    places: HashMap<StudyToken, Place>,
    by_uid: HashMap<StudyUid, Place>,
    /// By the values that clients look studies up by.
    by_value: BTreeMap<(u32, HeaderText), BTreeSet<Place>>,
}

/// What clients look studies up by, rather than search for.
static LOOKED_UP: [&Attribute; 3] =
    [&attributes::STUDY_UID, &attributes::PATIENT_ID, &attributes::ACCESSION_NUMBER];

/// Whether studies are found by this attribute without going through all of them.
pub(super) fn looked_up(attribute: &Attribute) -> bool {
    LOOKED_UP.iter().any(|one| one.tag == attribute.tag)
}

type Place = (Timestamp, StudyToken);

/// The catalogues of all views that were asked for.
#[derive(Debug, Default)]
pub(super) struct Catalogues {
    of: Mutex<HashMap<ViewKey, Arc<RwLock<Catalogue>>>>,
}

impl Catalogues {
    /// The studies that `wanted` takes, in the order of arrival; looked for among those that have one of the values
    /// of an attribute that is [`looked_up`], where one is named. Blocks.
    pub(super) fn studies(
        &self,
        archive: &Archive,
        view: &View,
        among: Option<(&Attribute, &[String])>,
        mut wanted: impl FnMut(&StudyEntry) -> bool,
    ) -> Result<Vec<Arc<StudyEntry>>, StorageError> {
        self.with(archive, view, |catalogue| match among {
            Some((attribute, values)) => {
                let places: BTreeSet<Place> =
                    values.iter().flat_map(|value| catalogue.places_of(attribute, value)).collect();
                let studies = places.iter().filter_map(|place| catalogue.studies.get(place));
                studies.filter(|study| wanted(study)).map(Arc::clone).collect()
            }
            None => catalogue.studies.values().filter(|study| wanted(study)).map(Arc::clone).collect(),
        })
    }

    /// The study of a UID of this view. Blocks.
    pub(super) fn study(
        &self,
        archive: &Archive,
        view: &View,
        uid: &str,
    ) -> Result<Option<Arc<StudyEntry>>, StorageError> {
        let Ok(uid) = StudyUid::new(uid) else { return Ok(None) };
        self.with(archive, view, |catalogue| {
            let place = catalogue.by_uid.get(&uid)?;
            catalogue.studies.get(place).map(Arc::clone)
        })
    }

    fn with<R>(
        &self,
        archive: &Archive,
        view: &View,
        look: impl FnOnce(&Catalogue) -> R,
    ) -> Result<R, StorageError> {
        let catalogue = {
            let mut all = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(view.key()).or_default())
        };
        if let Ok(catalogue) = catalogue.read()
            && catalogue.up_to_date(archive)
        {
            return Ok(look(&catalogue));
        }
        let mut kept = catalogue.write().unwrap_or_else(|poisoned| {
            // It may be half kept up: begin again.
            let mut inner = poisoned.into_inner();
            *inner = Catalogue::default();
            catalogue.clear_poison();
            inner
        });
        kept.keep_up(archive, view)?;
        Ok(look(&kept))
    }
}

impl Catalogue {
    fn up_to_date(&self, archive: &Archive) -> bool {
        self.loaded && archive.studies_changed(self.number).number == self.number
    }

    fn places_of(&self, attribute: &Attribute, value: &str) -> impl Iterator<Item = Place> + use<'_> {
        let value = HeaderText::new(value).ok();
        let places = value.and_then(|value| self.by_value.get(&(attribute.tag, value)));
        places.into_iter().flatten().copied()
    }

    fn keep_up(&mut self, archive: &Archive, view: &View) -> Result<(), StorageError> {
        // Asked before anything is read: what changes meanwhile is read once more the next time.
        let changed = archive.studies_changed(self.number);
        let studies = if self.loaded { changed.studies } else { archive.study_tokens()? };
        for study in studies {
            let overview = archive.study_overview(study)?;
            self.remove(study);
            if let Some((place, entry)) = overview.and_then(|overview| entry(view, &overview)) {
                self.places.insert(study, place);
                self.by_uid.insert(entry.uid.clone(), place);
                for key in keys(&entry) {
                    self.by_value.entry(key).or_default().insert(place);
                }
                self.studies.insert(place, Arc::new(entry));
            }
        }
        self.loaded = true;
        self.number = changed.number;
        Ok(())
    }

    fn remove(&mut self, study: StudyToken) {
        let Some(place) = self.places.remove(&study) else { return };
        let Some(entry) = self.studies.remove(&place) else { return };
        self.by_uid.remove(&entry.uid);
        for key in keys(&entry) {
            if let Some(places) = self.by_value.get_mut(&key) {
                places.remove(&place);
                if places.is_empty() {
                    self.by_value.remove(&key);
                }
            }
        }
    }
}

/// What a study is looked up by.
fn keys(entry: &StudyEntry) -> impl Iterator<Item = (u32, HeaderText)> + use<'_> {
    LOOKED_UP.iter().flat_map(|attribute| {
        entry.fields.values(attribute).iter().map(|value| (attribute.tag, value.clone()))
    })
}

/// None where the view cannot name the study.
fn entry(view: &View, overview: &StudyOverview) -> Option<(Place, StudyEntry)> {
    let study = &overview.study;
    let mut fields = view.fields(Fields::of_study(study));
    let series: Vec<SeriesEntry> = overview.series.iter().filter_map(|row| series_entry(view, row)).collect();
    let mut modalities: Vec<HeaderText> = Vec::new();
    for modality in series.iter().flat_map(|series| series.fields.values(&attributes::MODALITY)) {
        if !modalities.contains(modality) {
            modalities.push(modality.clone());
        }
    }
    fields.put(&attributes::MODALITIES_IN_STUDY, modalities);
    fields.text(&attributes::SERIES_IN_STUDY, study.series.to_string());
    fields.text(&attributes::INSTANCES_IN_STUDY, study.instances.to_string());
    fields.text(&attributes::INSTANCE_AVAILABILITY, "ONLINE");
    let uid = fields.values(&attributes::STUDY_UID).first()?;
    let uid = StudyUid::new(uid.expose(Purpose::DicomPeer)).ok()?;
    let place = (overview.arrived_at, study.study);
    Some((place, StudyEntry { study: study.study, uid, fields, series }))
}

fn series_entry(view: &View, row: &SeriesRow) -> Option<SeriesEntry> {
    let of_series = |field: &Field| {
        let tag = field.attribute.tag;
        [&attributes::MODALITY, &attributes::SERIES_DESCRIPTION, &attributes::BODY_PART]
            .into_iter()
            .chain([&attributes::SERIES_UID, &attributes::SERIES_NUMBER])
            .any(|attribute| attribute.tag == tag)
    };
    let mut fields = view.fields(Fields::of_series(row));
    fields.0.retain(of_series);
    fields.text(&attributes::INSTANCES_IN_SERIES, row.instances.to_string());
    let uid = fields.values(&attributes::SERIES_UID).first()?;
    let uid = SeriesUid::new(uid.expose(Purpose::DicomPeer)).ok()?;
    Some(SeriesEntry { series: row.series, uid, fields, instances: row.instances })
}
