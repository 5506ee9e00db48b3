//! Gold: the trusted annotation of an asset. It stays at the site; the control plane hears that there is one.
//!
//! Nothing here is reachable for an annotator; leases and the log of work never look at it.

use agent_work::{Drawn, Occupancy, Slice};
use proto_ids::{AssetToken, PersonId, SubmissionId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::assists::{OfferRecord, ProposalRecord};
use super::consensus::ConsensusRecord;
use super::ground::WorkRecord;
use super::operations::APART;
use super::records::{DrawnRecord, OperationRecord};
use super::slots::{SlotsRecord, slots_in};
use super::submissions::submissions_remove;
use super::time::TimeRecord;
use crate::assets::asset_in;
use crate::keys::{Place, open_blob};
use crate::outbox::outbox_put;
use crate::record::{IdBytes, Record, Rows, decode, encode, joined, load};
use crate::worklist::{instruction_in, tasks_in};
use crate::{Archive, StorageError};

/// Where gold came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GoldSource {
    /// A label map that somebody brought in.
    Upload,
    /// A submission that a reviewer promoted.
    Promoted(SubmissionId),
}

/// A gold annotation to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewGold {
    pub asset: AssetToken,
    /// On the asset's grid.
    pub slices: Vec<Slice>,
    /// The labels that it makes a statement about, whether or not they are drawn anywhere.
    pub labels: Vec<u16>,
    pub source: GoldSource,
    /// Who; none for the command line.
    pub person: Option<PersonId>,
}

/// The gold annotation of an asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Gold {
    /// From 1; the newest is the one that counts.
    pub version: u32,
    /// Shapes, answers and statements only where it came from a submission.
    pub drawn: Drawn,
    /// The labels that it makes a statement about.
    pub labels: Vec<u16>,
    /// The objects that are no label maps and that it makes a statement about.
    pub objects: Vec<u32>,
    pub source: GoldSource,
    pub person: Option<PersonId>,
    pub put_at: Timestamp,
}

/// Why gold was not kept.
#[derive(Debug, thiserror::Error)]
pub enum GoldError {
    #[error("the site has no such asset")]
    UnknownAsset,
    #[error("the site has no such submission")]
    UnknownSubmission,
    #[error("slice {k} is not a label map on the asset's grid")]
    OutOfGrid {
        /// The slice.
        k: u32,
    },
    #[error("cannot keep the gold annotation")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for GoldError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// `gold`: asset → the newest version; the label map is the row's blob, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct GoldRecord {
    pub(super) version: u32,
    labels: Vec<u16>,
    #[serde(default)]
    objects: Vec<u32>,
    promoted: Option<IdBytes>,
    person: Option<IdBytes>,
    put_at: i64,
    blob_nonce: ByteArray<12>,
}

impl Record for GoldRecord {
    const TABLE: &'static str = "gold";
}

const BLOB: &str = "gold blob";

impl Archive {
    /// Keeps a gold annotation in the place of an earlier one, and tells of an asset's first. Gives its version.
    ///
    /// # Errors
    /// [`GoldError`]; nothing was kept.
    pub fn gold_put(&self, gold: &NewGold, now: Timestamp) -> Result<u32, GoldError> {
        self.gold_keep(gold, encode(&DrawnRecord::of_slices(&gold.slices))?, Vec::new(), now)
    }

    fn gold_keep(
        &self,
        gold: &NewGold,
        drawn: Vec<u8>,
        objects: Vec<u32>,
        now: Timestamp,
    ) -> Result<u32, GoldError> {
        let asset = self.asset(gold.asset)?.ok_or(GoldError::UnknownAsset)?;
        let key = self.study_key(asset.study)?.ok_or(GoldError::UnknownAsset)?;
        let version = self.work.write(|tx| {
            // Looked at here, since an asset without gold may still grow.
            let asset = asset_in(tx, gold.asset)?.ok_or(GoldError::UnknownAsset)?;
            check_slices(&gold.slices, asset.grid.size()).map_err(|k| GoldError::OutOfGrid { k })?;
            let before = load::<GoldRecord>(tx, gold.asset.bytes())?;
            let version = before.as_ref().map_or(1, |before| before.version + 1);
            let mut blob = drawn;
            let blob_key = blob_key(gold.asset, version);
            let nonce = self.keys.seal_blob(&key, Place { table: BLOB, key: &blob_key }, &mut blob)?;
            let record = GoldRecord {
                version,
                labels: gold.labels.clone(),
                objects,
                promoted: match gold.source {
                    GoldSource::Upload => None,
                    GoldSource::Promoted(submission) => Some(ByteArray::new(*submission.bytes())),
                },
                person: gold.person.map(|person| ByteArray::new(*person.bytes())),
                put_at: now.millis(),
                blob_nonce: ByteArray::new(nonce),
            };
            tx.put_with_blob(GoldRecord::TABLE, gold.asset.bytes(), encode(&record)?, blob);
            if before.is_none()
                && let Some(bytes) = self.messages().gold(gold.asset)
            {
                outbox_put(tx, bytes)?;
            }
            Ok::<_, GoldError>(version)
        })?;
        self.outbox_tell();
        Ok(version)
    }

    /// Makes a submission the gold annotation of its asset, for all objects of its instruction.
    ///
    /// # Errors
    /// [`GoldError`]; nothing was kept.
    pub fn submission_promote(
        &self,
        submission: SubmissionId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<u32, GoldError> {
        let found = self.submission(submission)?.ok_or(GoldError::UnknownSubmission)?;
        let row = found.row;
        let instruction = instruction_in(&self.work, row.project, row.instruction_version)?;
        let instruction = instruction.ok_or(GoldError::UnknownSubmission)?;
        let drawn = encode(&DrawnRecord::of(&found.drawn))?;
        let objects = instruction.objects.iter();
        let new = NewGold {
            asset: row.asset,
            slices: found.drawn.slices,
            labels: objects.clone().filter_map(|object| object.label().map(u16::from)).collect(),
            source: GoldSource::Promoted(submission),
            person: Some(person),
        };
        let others = objects.filter(|object| object.label().is_none()).map(|object| object.id).collect();
        self.gold_keep(&new, drawn, others, now)
    }

    /// The gold annotation of an asset, if it has one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn gold(&self, asset: AssetToken) -> Result<Option<Gold>, StorageError> {
        let Some(row) = self.work.row(GoldRecord::TABLE, asset.bytes())? else { return Ok(None) };
        let Some(found) = self.asset(asset)? else { return Ok(None) };
        let Some(key) = self.study_key(found.study)? else { return Ok(None) };
        let record: GoldRecord = decode(&row.value)?;
        let malformed = || StorageError::Record { table: GoldRecord::TABLE };
        let blob = self.work.blob(&row.blob.ok_or_else(malformed)?)?;
        let blob_key = blob_key(asset, record.version);
        let place = Place { table: BLOB, key: &blob_key };
        let drawn = open_blob(&key, place, record.blob_nonce.as_slice(), blob)?;
        Ok(Some(Gold {
            version: record.version,
            drawn: decode::<DrawnRecord>(&drawn)?.read(),
            source: record.source(),
            labels: record.labels,
            objects: record.objects,
            person: record.person.map(|person| PersonId::from_bytes(*person)),
            put_at: Timestamp::from_millis(record.put_at),
        }))
    }

    /// Whether an asset has a gold annotation, and where it came from.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn gold_source(&self, asset: AssetToken) -> Result<Option<GoldSource>, StorageError> {
        Ok(load::<GoldRecord>(&self.work, asset.bytes())?.map(|record| record.source()))
    }

    /// Removes all work on an asset; the key that opens it is gone already.
    pub(crate) fn asset_work_remove(&self, asset: AssetToken) -> Result<(), StorageError> {
        let tasks: Vec<TaskId> = self.work.write(|tx| {
            let mut tasks = Vec::new();
            for (task, _) in tasks_in(tx)?.into_iter().filter(|(task, _)| task.asset == asset) {
                let task = task.task;
                tx.delete(SlotsRecord::TABLE, task.bytes());
                tx.delete(ProposalRecord::TABLE, task.bytes());
                let tables = [OperationRecord::TABLE, APART, WorkRecord::TABLE, TimeRecord::TABLE];
                for table in tables.into_iter().chain([ConsensusRecord::TABLE, OfferRecord::TABLE]) {
                    for (key, _) in tx.rows(table, task.bytes())? {
                        tx.delete(table, &key);
                    }
                }
                tasks.push(task);
            }
            submissions_remove(tx, asset)?;
            tx.delete(GoldRecord::TABLE, asset.bytes());
            Ok::<_, StorageError>(tasks)
        })?;
        for task in tasks {
            self.works.forget_task(task);
        }
        Ok(())
    }
}

impl GoldRecord {
    fn source(&self) -> GoldSource {
        self.promoted.map_or(GoldSource::Upload, |id| GoldSource::Promoted(SubmissionId::from_bytes(*id)))
    }
}

/// Whether anything hangs on an asset as it is: an order, without which there is no work, or gold.
pub(crate) fn asset_begun(rows: &impl Rows, asset: AssetToken) -> Result<bool, StorageError> {
    let ordered = tasks_in(rows)?.iter().any(|(task, _)| task.asset == asset);
    Ok(ordered || rows.row(GoldRecord::TABLE, asset.bytes())?.is_some())
}

/// Whether somebody has begun work on an asset: a place was given out or handed in, something was drawn, or there
/// is gold.
pub(crate) fn asset_worked_on(rows: &impl Rows, asset: AssetToken) -> Result<bool, StorageError> {
    for (task, _) in tasks_in(rows)?.into_iter().filter(|(task, _)| task.asset == asset) {
        let slots = slots_in(rows, &task)?;
        let mut places = slots.slots.iter().chain([&slots.arbiter]);
        let taken = places.any(|place| !matches!(place.occupancy, Occupancy::Free));
        if taken || !rows.rows(WorkRecord::TABLE, task.task.bytes())?.is_empty() {
            return Ok(true);
        }
    }
    Ok(rows.row(GoldRecord::TABLE, asset.bytes())?.is_some())
}

fn blob_key(asset: AssetToken, version: u32) -> Vec<u8> {
    joined(asset.bytes(), &version.to_be_bytes())
}

/// Whether slices are rising and inside the grid, and their runs rising, disjoint and labelled; else the slice
/// that is not.
pub(super) fn check_slices(slices: &[Slice], [size_i, size_j, size_k]: [u32; 3]) -> Result<(), u32> {
    let voxels = u64::from(size_i) * u64::from(size_j);
    let mut next_k = 0;
    for slice in slices {
        let mut at = 0;
        let sound = slice.k >= next_k
            && slice.k < size_k
            && slice.runs.iter().all(|run| {
                let rising = u64::from(run.start) >= at;
                at = u64::from(run.start) + u64::from(run.length);
                rising && run.length > 0 && run.label != 0 && at <= voxels
            });
        if !sound {
            return Err(slice.k);
        }
        next_k = slice.k + 1;
    }
    Ok(())
}
