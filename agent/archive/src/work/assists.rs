//! What models answered for tasks: offers to a person at work, and proposals that a batch made beforehand.
//!
//! Whether an offer was accepted stands in the log of work, by the id of the preview; that it was rejected
//! stands here. What a proposal draws is sealed under the key of the asset's study.

use agent_work::Slice;
use proto_ids::{ModelToken, PersonId, PreviewId, ProjectId, TaskId, Timestamp};
use proto_journal::Tx;
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::gold::check_slices;
use super::ground::work_key;
use super::records::DrawnRecord;
use crate::assets::asset_is_in;
use crate::keys::{Place, open_blob};
use crate::outbox::outbox_put;
use crate::record::{IdBytes, Record, Rows, decode, encode, id_in_key, joined, load, load_all, save};
use crate::worklist::{TaskCopy, task_in, tasks_in};
use crate::{Archive, StorageError};

/// What a model answered a person at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AssistOffer {
    pub preview: PreviewId,
    pub model: ModelToken,
    /// How many voxels it would have drawn.
    pub voxels: u64,
    pub offered_at: Timestamp,
    pub rejected: bool,
}

/// What a batch made of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProposal {
    pub task: TaskId,
    pub preview: PreviewId,
    pub model: ModelToken,
    /// The number of the batch.
    pub run: u32,
    /// What it draws; none when the model failed on this task.
    pub slices: Option<Vec<Slice>>,
}

/// What a batch drew for a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub preview: PreviewId,
    pub model: ModelToken,
    pub run: u32,
    pub slices: Vec<Slice>,
}

/// How far a batch is at this site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BatchState {
    /// In the order in which they were ordered.
    pub waiting: Vec<TaskCopy>,
    pub done: u32,
    pub failed: u32,
}

impl BatchState {
    /// In numbers.
    pub fn counts(&self) -> BatchCounts {
        let waiting = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        BatchCounts { waiting, done: self.done, failed: self.failed }
    }
}

/// How far a batch is, in tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BatchCounts {
    pub waiting: u32,
    pub done: u32,
    pub failed: u32,
}

/// How far a batch is, to be told to the control plane.
#[expect(missing_debug_implementations, reason = "a function has none")]
pub struct BatchReport<'a> {
    pub project: ProjectId,
    pub run: u32,
    pub counts: BatchCounts,
    /// The message, from the number of the report: it counts up within a run, from 1.
    pub message: &'a dyn Fn(u32) -> Vec<u8>,
}

/// Why a proposal was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    #[error("the site has no such task, or its images are gone")]
    UnknownTask,
    #[error("slice {k} is not a label map on the asset's grid")]
    OutOfGrid {
        /// The slice.
        k: u32,
    },
    #[error("cannot keep the proposal")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for ProposalError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// `assist`: task, person and preview → what was offered.
#[derive(Serialize, Deserialize)]
pub(super) struct OfferRecord {
    model: IdBytes,
    voxels: u64,
    offered_at: i64,
    rejected: bool,
}

impl Record for OfferRecord {
    const TABLE: &'static str = "assist";
}

/// `proposal`: task → the newest batch's; what it draws is the row's blob, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct ProposalRecord {
    preview: IdBytes,
    model: IdBytes,
    run: u32,
    made_at: i64,
    /// None when the model failed.
    blob_nonce: Option<ByteArray<12>>,
}

impl Record for ProposalRecord {
    const TABLE: &'static str = "proposal";
}

/// `batch`: project → what was told last of its newest batch.
#[derive(Serialize, Deserialize)]
struct BatchRecord {
    run: u32,
    report: u32,
    waiting: u32,
    done: u32,
    failed: u32,
}

impl Record for BatchRecord {
    const TABLE: &'static str = "batch";
}

const BLOB: &str = "proposal blob";

impl Archive {
    /// A random id for a preview.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn preview_id(&self) -> Result<PreviewId, StorageError> {
        Ok(PreviewId::from_random(self.keys.random_id().map_err(StorageError::from)?))
    }

    /// Keeps what was offered to a person. Offering it again changes nothing.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn assist_offered(
        &self,
        task: TaskId,
        person: PersonId,
        offer: AssistOffer,
    ) -> Result<(), StorageError> {
        let key = joined(&work_key(task, person), offer.preview.bytes());
        self.work.write(|tx| {
            if load::<OfferRecord>(tx, &key)?.is_some() {
                return Ok(());
            }
            let record = OfferRecord {
                model: ByteArray::new(*offer.model.bytes()),
                voxels: offer.voxels,
                offered_at: offer.offered_at.millis(),
                rejected: offer.rejected,
            };
            save(tx, &key, &record)
        })
    }

    /// Keeps that a person rejected what was offered. False when it was not offered to them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn assist_rejected(
        &self,
        task: TaskId,
        person: PersonId,
        preview: PreviewId,
    ) -> Result<bool, StorageError> {
        let key = joined(&work_key(task, person), preview.bytes());
        self.work.write(|tx| match load::<OfferRecord>(tx, &key)? {
            Some(record) => {
                save(tx, &key, &OfferRecord { rejected: true, ..record })?;
                Ok(true)
            }
            None => Ok(false),
        })
    }

    /// What was offered to a person on a task, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn assist_offers(&self, task: TaskId, person: PersonId) -> Result<Vec<AssistOffer>, StorageError> {
        let mut offers = Vec::new();
        let prefix = work_key(task, person);
        for (key, record) in load_all::<OfferRecord>(&self.work, &prefix)? {
            offers.push(AssistOffer {
                preview: PreviewId::from_bytes(id_in_key(OfferRecord::TABLE, &key, prefix.len())?),
                model: ModelToken::from_bytes(*record.model),
                voxels: record.voxels,
                offered_at: Timestamp::from_millis(record.offered_at),
                rejected: record.rejected,
            });
        }
        offers.sort_by_key(|offer| (offer.offered_at, offer.preview));
        Ok(offers)
    }

    /// Keeps what a batch made of a task in the place of an earlier batch's, and tells how far it is with that.
    ///
    /// # Errors
    /// [`ProposalError`]; nothing was kept or told.
    pub fn proposal_put(
        &self,
        new: &NewProposal,
        report: &BatchReport<'_>,
        now: Timestamp,
    ) -> Result<(), ProposalError> {
        let task = self.task(new.task)?.ok_or(ProposalError::UnknownTask)?;
        let asset = self.asset(task.asset)?.ok_or(ProposalError::UnknownTask)?;
        let seal = self.study_key(asset.study)?.ok_or(ProposalError::UnknownTask)?;
        if let Some(slices) = &new.slices {
            check_slices(slices, asset.grid.size()).map_err(|k| ProposalError::OutOfGrid { k })?;
        }
        self.work.write(|tx| {
            task_in(tx, new.task)?.ok_or(ProposalError::UnknownTask)?;
            let mut record = ProposalRecord {
                preview: ByteArray::new(*new.preview.bytes()),
                model: ByteArray::new(*new.model.bytes()),
                run: new.run,
                made_at: now.millis(),
                blob_nonce: None,
            };
            match &new.slices {
                Some(slices) => {
                    let mut blob = encode(&DrawnRecord::of_slices(slices))?;
                    let place = Place { table: BLOB, key: new.preview.bytes() };
                    let nonce = self.keys.seal_blob(&seal, place, &mut blob)?;
                    record.blob_nonce = Some(ByteArray::new(nonce));
                    tx.put_with_blob(ProposalRecord::TABLE, new.task.bytes(), encode(&record)?, blob);
                }
                None => save(tx, new.task.bytes(), &record)?,
            }
            tell(tx, report)?;
            Ok::<_, ProposalError>(())
        })?;
        self.outbox_tell();
        Ok(())
    }

    /// Tells how far a batch is, unless that is what was told last.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn batch_tell(&self, report: &BatchReport<'_>) -> Result<(), StorageError> {
        if self.work.write(|tx| tell(tx, report))? {
            self.outbox_tell();
        }
        Ok(())
    }

    /// What a batch drew for a task, if one did.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn proposal(&self, task: TaskId) -> Result<Option<Proposal>, StorageError> {
        let Some(row) = self.work.row(ProposalRecord::TABLE, task.bytes())? else { return Ok(None) };
        let record: ProposalRecord = decode(&row.value)?;
        let Some(nonce) = record.blob_nonce else { return Ok(None) };
        let Some(task) = self.task(task)? else { return Ok(None) };
        let Some(asset) = self.asset(task.asset)? else { return Ok(None) };
        let Some(seal) = self.study_key(asset.study)? else { return Ok(None) };
        let blob = row.blob.ok_or(StorageError::Record { table: ProposalRecord::TABLE })?;
        let place = Place { table: BLOB, key: record.preview.as_slice() };
        let drawn = open_blob(&seal, place, nonce.as_slice(), self.work.blob(&blob)?)?;
        Ok(Some(Proposal {
            preview: PreviewId::from_bytes(*record.preview),
            model: ModelToken::from_bytes(*record.model),
            run: record.run,
            slices: decode::<DrawnRecord>(&drawn)?.read().slices,
        }))
    }

    /// How far batch `run` of a project is at this site: every task that is in force, hidden tests too.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn batch_state(&self, project: ProjectId, run: u32) -> Result<BatchState, StorageError> {
        let mut tasks = tasks_in(&self.work)?;
        tasks.retain(|(task, _)| task.project == project && !task.withdrawn);
        tasks.sort_by_key(|(task, ordered)| (*ordered, task.task));
        let mut state = BatchState::default();
        for (task, _) in tasks {
            // The images of a task may have been deleted; nothing can be prepared for it.
            if !asset_is_in(&self.work, task.asset)? {
                continue;
            }
            match load::<ProposalRecord>(&self.work, task.task.bytes())? {
                Some(record) if record.run >= run && record.blob_nonce.is_some() => state.done += 1,
                Some(record) if record.run >= run => state.failed += 1,
                Some(_) | None => state.waiting.push(task),
            }
        }
        Ok(state)
    }
}

/// Whether there was something to tell.
fn tell(tx: &mut Tx<'_>, told: &BatchReport<'_>) -> Result<bool, StorageError> {
    let BatchReport { project, run, counts: BatchCounts { waiting, done, failed }, message } = told;
    let before = load::<BatchRecord>(tx, project.bytes())?.filter(|before| before.run == *run);
    if before
        .as_ref()
        .is_some_and(|before| (before.waiting, before.done, before.failed) == (*waiting, *done, *failed))
    {
        return Ok(false);
    }
    let report = before.map_or(0, |before| before.report).saturating_add(1);
    let record = BatchRecord { run: *run, report, waiting: *waiting, done: *done, failed: *failed };
    save(tx, project.bytes(), &record)?;
    outbox_put(tx, message(report))?;
    Ok(true)
}
