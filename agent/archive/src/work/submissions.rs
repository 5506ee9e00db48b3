//! Handing work in: prepared outside of any transaction, since scoring takes its time, and committed in one.
//!
//! The commit looks again at everything that the preparation was built on. A submission never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use agent_work::{FencingRefusal, Lease, Slice, SubmitProblem, submit_problems};
use proto_ids::{AssetToken, PersonId, ProjectId, SubmissionId, TaskId, Timestamp};
use proto_instruction::{Answer, Instruction};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteArray;

use super::Holder;
use super::gold::Gold;
use super::operations::{Ground, GroundError, WorkRecord, work_key};
use super::records::DrawnRecord;
use super::slots::{slots_in, slots_save};
use crate::assets::AssetRow;
use crate::keys::{Place, open_blob};
use crate::outbox::outbox_put;
use crate::record::{IdBytes, Record, Rows, decode, encode, id_in_key, load, load_all};
use crate::worklist::task_in;
use crate::{Archive, StorageError};

/// Another person's work on the same task.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherSubmission {
    pub submission: SubmissionId,
    pub slot: u32,
    pub slices: Vec<Slice>,
}

/// Work that may be handed in, with everything that scores are computed from.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The id that the submission gets.
    pub submission: SubmissionId,
    pub holder: Holder,
    pub slot: u32,
    pub project: ProjectId,
    pub asset: AssetRow,
    pub instruction: Arc<Instruction>,
    pub instruction_version: u32,
    pub granted_at: Timestamp,
    pub revision: u64,
    /// The candidate's label map.
    pub slices: Vec<Slice>,
    pub answers: BTreeMap<u32, Answer>,
    /// The gold annotation of the asset, where the task is to be scored and there is one.
    pub gold: Option<Gold>,
    /// In the order of the slots.
    pub others: Vec<OtherSubmission>,
}

/// What is said to whoever handed work in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmissionReceipt {
    pub submission: SubmissionId,
    pub submitted_at: Timestamp,
}

/// A submission without what was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmissionRow {
    pub submission: SubmissionId,
    pub task: TaskId,
    pub project: ProjectId,
    pub asset: AssetToken,
    pub person: PersonId,
    pub slot: u32,
    pub instruction_version: u32,
    pub revision: u64,
    pub granted_at: Timestamp,
    pub submitted_at: Timestamp,
    /// Keyed digest of the log of work that it was made from.
    pub log_digest: [u8; 32],
}

/// Work that was handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub row: SubmissionRow,
    pub slices: Vec<Slice>,
    pub answers: BTreeMap<u32, Answer>,
}

/// Why work was not handed in.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    #[error("the site has no such task")]
    UnknownTask,
    #[error("the task was withdrawn")]
    Withdrawn,
    /// The task's asset or instruction is not at the site any more.
    #[error("the task cannot be worked on")]
    NotWorkable,
    #[error("the slot is not held")]
    Fencing(#[source] FencingRefusal),
    #[error("the work is at another revision than the one handed in")]
    RevisionConflict {
        /// Where it is.
        revision: u64,
    },
    #[error("the work is not complete")]
    Incomplete(Vec<SubmitProblem>),
    /// Somebody else handed in work on the task meanwhile: prepare again.
    #[error("the submissions of the task changed meanwhile")]
    Changed,
    #[error("cannot keep the submission")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for SubmitError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

impl From<GroundError> for SubmitError {
    fn from(error: GroundError) -> Self {
        match error {
            GroundError::UnknownTask => Self::UnknownTask,
            GroundError::NotWorkable => Self::NotWorkable,
            GroundError::Storage(error) => Self::Storage(error),
        }
    }
}

/// `submission`: id → what is kept in clear; what was drawn is the row's blob, sealed.
#[derive(Serialize, Deserialize)]
struct SubmissionRecord {
    task: IdBytes,
    project: IdBytes,
    asset: IdBytes,
    person: IdBytes,
    slot: u32,
    instruction_version: u32,
    revision: u64,
    granted_at: i64,
    submitted_at: i64,
    log_digest: ByteArray<32>,
    blob_nonce: ByteArray<12>,
}

impl Record for SubmissionRecord {
    const TABLE: &'static str = "submission";
}

const BLOB: &str = "submission blob";

impl Archive {
    /// Checks that work may be handed in and gives what scores are computed from. Writes nothing.
    ///
    /// # Errors
    /// [`SubmitError`] says what is missing or who holds the slot.
    pub fn submission_prepare(&self, holder: Holder, revision: u64) -> Result<Prepared, SubmitError> {
        let ground = self.ground(holder.task, holder.person)?;
        if ground.task.withdrawn {
            return Err(SubmitError::Withdrawn);
        }
        let slots = slots_in(&self.work, holder.task, ground.task.overlap)?;
        let (slot, lease) = slots.check(holder.person, holder.fencing).map_err(SubmitError::Fencing)?;
        let (at, problems, slices, answers) = self.work_with(&ground, holder.person, |work| {
            let problems = submit_problems(work, &ground.instruction);
            (work.revision(), problems, work.slices(), work.answers().clone())
        })?;
        if at != revision {
            return Err(SubmitError::RevisionConflict { revision: at });
        }
        if !problems.is_empty() {
            return Err(SubmitError::Incomplete(problems));
        }
        let mut others = Vec::new();
        for (slot, _, submission) in slots.submissions() {
            let other = self.submission(submission)?.ok_or(SubmitError::NotWorkable)?;
            others.push(OtherSubmission { submission, slot, slices: other.slices });
        }
        let gold = if ground.task.gold { self.gold(ground.task.asset)? } else { None };
        let Lease { granted_at, .. } = lease;
        let Ground { task, asset, instruction, instruction_version, .. } = ground;
        Ok(Prepared {
            submission: SubmissionId::from_random(self.keys.random_id()?),
            holder,
            slot,
            project: task.project,
            asset,
            instruction,
            instruction_version,
            granted_at,
            revision,
            slices,
            answers,
            gold,
            others,
        })
    }

    /// Hands work in: the submission, the end of the lease and the messages are one transaction. Whatever the
    /// preparation was built on is looked at again inside of it.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing happened.
    pub fn submission_commit(
        &self,
        prepared: &Prepared,
        outbox: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<SubmissionReceipt, SubmitError> {
        let Holder { task, person, fencing } = prepared.holder;
        let key = self.study_key(prepared.asset.study)?.ok_or(SubmitError::NotWorkable)?;
        let mut blob = encode(&DrawnRecord::of(&prepared.slices, &prepared.answers))?;
        let place = Place { table: BLOB, key: prepared.submission.bytes() };
        let blob_nonce = ByteArray::new(self.keys.seal_blob(&key, place, &mut blob)?);
        self.work.write(|tx| {
            let order = task_in(tx, task)?.ok_or(SubmitError::UnknownTask)?;
            if order.withdrawn {
                return Err(SubmitError::Withdrawn);
            }
            if tx.row("asset", order.asset.bytes())?.is_none() {
                return Err(SubmitError::NotWorkable);
            }
            let mut slots = slots_in(tx, task, order.overlap)?;
            let work = load::<WorkRecord>(tx, &work_key(task, person))?;
            let revision = work.map_or(0, |work| work.revision);
            if revision != prepared.revision {
                return Err(SubmitError::RevisionConflict { revision });
            }
            let others = slots.submissions().map(|(_, _, submission)| submission);
            if !others.eq(prepared.others.iter().map(|other| other.submission)) {
                return Err(SubmitError::Changed);
            }
            slots.submit(person, fencing, prepared.submission, now).map_err(SubmitError::Fencing)?;
            slots_save(tx, &slots)?;
            let record = SubmissionRecord {
                log_digest: work.map_or(ByteArray::new([0; 32]), |work| work.log_digest),
                blob_nonce,
                ..SubmissionRecord::of(prepared, now)
            };
            tx.put_with_blob(SubmissionRecord::TABLE, prepared.submission.bytes(), encode(&record)?, blob);
            for bytes in outbox {
                outbox_put(tx, bytes)?;
            }
            Ok(())
        })?;
        self.outbox_tell();
        Ok(SubmissionReceipt { submission: prepared.submission, submitted_at: now })
    }

    /// The submission of a person on a task, so that whoever lost the receipt gets it again.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn submission_of(
        &self,
        task: TaskId,
        person: PersonId,
    ) -> Result<Option<SubmissionReceipt>, StorageError> {
        let Some(slots) = self.task_slots(task)? else { return Ok(None) };
        let found = slots.submissions().find(|(_, who, _)| *who == person);
        let Some((_, _, submission)) = found else { return Ok(None) };
        let record = load::<SubmissionRecord>(&self.work, submission.bytes())?;
        Ok(record.map(|record| SubmissionReceipt {
            submission,
            submitted_at: Timestamp::from_millis(record.submitted_at),
        }))
    }

    /// A submission with what was drawn and said.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn submission(&self, submission: SubmissionId) -> Result<Option<Submission>, StorageError> {
        let Some(row) = self.work.row(SubmissionRecord::TABLE, submission.bytes())? else { return Ok(None) };
        let record: SubmissionRecord = decode(&row.value)?;
        let malformed = || StorageError::Record { table: SubmissionRecord::TABLE };
        let Some(asset) = self.asset(AssetToken::from_bytes(*record.asset))? else { return Ok(None) };
        let Some(key) = self.study_key(asset.study)? else { return Ok(None) };
        let blob = self.work.blob(&row.blob.ok_or_else(malformed)?)?;
        let place = Place { table: BLOB, key: submission.bytes() };
        let drawn = open_blob(&key, place, record.blob_nonce.as_slice(), blob)?;
        let (slices, answers) = decode::<DrawnRecord>(&drawn)?.read();
        Ok(Some(Submission { row: record.read(submission), slices, answers }))
    }

    /// All submissions, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn submissions(&self) -> Result<Vec<SubmissionRow>, StorageError> {
        let mut rows = Vec::new();
        for (key, record) in load_all::<SubmissionRecord>(&self.work, &[])? {
            rows.push(record.read(SubmissionId::from_bytes(id_in_key(SubmissionRecord::TABLE, &key, 0)?)));
        }
        rows.sort_by_key(|row| (std::cmp::Reverse(row.submitted_at), row.submission));
        Ok(rows)
    }
}

/// Removes the submissions on an asset as part of a transaction.
pub(super) fn submissions_remove(
    tx: &mut proto_journal::Tx<'_>,
    asset: AssetToken,
) -> Result<(), StorageError> {
    for (key, record) in load_all::<SubmissionRecord>(tx, &[])? {
        if *record.asset == *asset.bytes() {
            tx.delete(SubmissionRecord::TABLE, &key);
        }
    }
    Ok(())
}

impl SubmissionRecord {
    fn of(prepared: &Prepared, now: Timestamp) -> Self {
        Self {
            task: ByteArray::new(*prepared.holder.task.bytes()),
            project: ByteArray::new(*prepared.project.bytes()),
            asset: ByteArray::new(*prepared.asset.token.bytes()),
            person: ByteArray::new(*prepared.holder.person.bytes()),
            slot: prepared.slot,
            instruction_version: prepared.instruction_version,
            revision: prepared.revision,
            granted_at: prepared.granted_at.millis(),
            submitted_at: now.millis(),
            log_digest: ByteArray::new([0; 32]),
            blob_nonce: ByteArray::new([0; 12]),
        }
    }

    fn read(&self, submission: SubmissionId) -> SubmissionRow {
        SubmissionRow {
            submission,
            task: TaskId::from_bytes(*self.task),
            project: ProjectId::from_bytes(*self.project),
            asset: AssetToken::from_bytes(*self.asset),
            person: PersonId::from_bytes(*self.person),
            slot: self.slot,
            instruction_version: self.instruction_version,
            revision: self.revision,
            granted_at: Timestamp::from_millis(self.granted_at),
            submitted_at: Timestamp::from_millis(self.submitted_at),
            log_digest: *self.log_digest,
        }
    }
}
