//! The instances of a series as a view shows them, kept for the series that were asked for last.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use agent_archive::{Archive, InstanceRow, StorageError};
use agent_phi::{HeaderText, InstanceUid, Purpose};
use proto_ids::{InstanceToken, SeriesToken};

use super::attributes::{self, Fields};
use super::catalogue::SeriesEntry;
use super::view::{View, ViewKey};

/// Instances that are kept altogether; each takes some 300 bytes.
const KEPT_MAX: usize = 200_000;

/// An instance as a view shows it.
#[derive(Debug)]
pub(super) struct InstanceEntry {
    pub(super) instance: InstanceToken,
    pub(super) uid: InstanceUid,
    pub(super) sop_class_uid: String,
    /// The transfer syntax that it has in this view.
    pub(super) syntax: String,
    number: Option<HeaderText>,
}

/// The instances of one series, in the order of arrival.
pub(super) type Listing = Arc<Vec<InstanceEntry>>;

#[derive(Debug, Default)]
pub(super) struct Listings {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    of: HashMap<(ViewKey, SeriesToken), (u32, Listing)>,
    instances: usize,
}

impl InstanceEntry {
    fn of(view: &View, row: InstanceRow) -> Option<Self> {
        Some(Self {
            instance: row.instance,
            uid: view.instance_uid(row.instance_uid)?,
            syntax: view.syntax(&row.transfer_syntax_uid).to_owned(),
            sop_class_uid: row.sop_class_uid,
            number: row.number,
        })
    }

    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.text(&attributes::SOP_CLASS_UID, self.sop_class_uid.as_str());
        fields.text(&attributes::SOP_INSTANCE_UID, self.uid.expose(Purpose::DicomPeer));
        fields.text(&attributes::INSTANCE_AVAILABILITY, "ONLINE");
        fields.text(&attributes::AVAILABLE_TRANSFER_SYNTAX, self.syntax.as_str());
        fields.put(&attributes::INSTANCE_NUMBER, self.number.clone());
        fields
    }
}

impl Listings {
    /// The instances of a series. Blocks.
    pub(super) fn of(
        &self,
        archive: &Archive,
        view: &View,
        series: &SeriesEntry,
    ) -> Result<Listing, StorageError> {
        let key = (view.key(), series.series);
        if let Some((instances, listing)) = self.kept().of.get(&key)
            && *instances == series.instances
        {
            return Ok(Arc::clone(listing));
        }
        let rows = archive.series_instance_rows(series.series)?;
        let listing: Vec<_> = rows.into_iter().filter_map(|row| InstanceEntry::of(view, row)).collect();
        let listing = Arc::new(listing);
        self.keep(key, series.instances, &listing);
        Ok(listing)
    }

    fn keep(&self, key: (ViewKey, SeriesToken), instances: u32, listing: &Listing) {
        let mut kept = self.kept();
        if kept.instances + listing.len() > KEPT_MAX {
            *kept = Kept::default();
        }
        kept.instances += listing.len();
        if let Some((_, before)) = kept.of.insert(key, (instances, Arc::clone(listing))) {
            kept.instances = kept.instances.saturating_sub(before.len());
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A count that a panic left wrong empties it too early, no more.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
