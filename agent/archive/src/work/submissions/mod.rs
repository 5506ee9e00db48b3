//! Work that was handed in. A submission never changes.
//!
//! Handing in has two halves: `prepare.rs` outside of any transaction, since scoring takes its time, and
//! `commit.rs` in one, which looks again at everything that the preparation was built on.

mod commit;
mod prepare;
mod record;

use agent_work::{Drawn, FencingRefusal, Override, Role, TimeUse, VerdictKind, VerdictProblem};
use proto_ids::{AssetToken, PersonId, ProjectId, SubmissionId, TaskId, Timestamp};
use proto_journal::Tx;

pub use commit::HandIn;
pub use prepare::{OtherSubmission, OtherWork, Prepared};
use record::{BLOB, SubmissionRecord};

use super::ground::GroundError;
use super::records::DrawnRecord;
use crate::keys::{Place, open_blob};
use crate::record::{Record, Rows, decode, id_in_key, load, load_all};
use crate::{Archive, StorageError};

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
    pub role: Role,
    /// From 0; 0 for an arbiter.
    pub slot: u32,
    pub instruction_version: u32,
    pub revision: u64,
    pub granted_at: Timestamp,
    pub submitted_at: Timestamp,
    pub time: TimeUse,
    /// Keyed digest of the log of work that it was made from.
    pub log_digest: [u8; 32],
}

/// Work that was handed in.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    pub row: SubmissionRow,
    /// What counted under the version of the instruction that it followed.
    pub drawn: Drawn,
    /// The warnings that were answered with a reason.
    pub overrides: Vec<Override>,
    /// What an arbiter says of the others; empty for an annotator.
    pub verdicts: Vec<SubmissionVerdict>,
}

/// What an arbiter says of one object in another submission of the task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmissionVerdict {
    pub submission: SubmissionId,
    /// 0 for the answers.
    pub object_id: u32,
    pub verdict: VerdictKind,
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
    #[error("the verdicts on the work of the others are not complete")]
    Verdicts(#[source] VerdictProblem),
    /// Submissions, gold or the version of the instruction are others than they were: prepare again.
    #[error("what the submission is built on changed meanwhile")]
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

impl Archive {
    /// The submission of a person on a task, so that whoever lost the receipt gets it again.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn submission_of(
        &self,
        task: TaskId,
        person: PersonId,
    ) -> Result<Option<SubmissionReceipt>, StorageError> {
        let slots = self.task_slots(task)?;
        let Some(submission) = slots.and_then(|slots| slots.submission_of(person)) else { return Ok(None) };
        let row = submission_row_in(&self.work, submission)?;
        Ok(row.map(|row| SubmissionReceipt { submission, submitted_at: row.submitted_at }))
    }

    /// A submission with what was drawn and said.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn submission(&self, submission: SubmissionId) -> Result<Option<Submission>, StorageError> {
        let Some(row) = self.work.row(SubmissionRecord::TABLE, submission.bytes())? else { return Ok(None) };
        let record: SubmissionRecord = decode(&row.value)?;
        let malformed = || StorageError::Record { table: SubmissionRecord::TABLE };
        let kept = record.read(submission);
        let Some(asset) = self.asset(kept.asset)? else { return Ok(None) };
        let Some(key) = self.study_key(asset.study)? else { return Ok(None) };
        let blob = self.work.blob(&row.blob.ok_or_else(malformed)?)?;
        let place = Place { table: BLOB, key: submission.bytes() };
        let drawn = open_blob(&key, place, record.blob_nonce.as_slice(), blob)?;
        Ok(Some(Submission {
            row: kept,
            drawn: decode::<DrawnRecord>(&drawn)?.read(),
            overrides: record.overrides().ok_or_else(malformed)?,
            verdicts: record.verdicts(),
        }))
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

/// A submission without what was drawn.
pub(super) fn submission_row_in(
    rows: &impl Rows,
    submission: SubmissionId,
) -> Result<Option<SubmissionRow>, StorageError> {
    let record = load::<SubmissionRecord>(rows, submission.bytes())?;
    Ok(record.map(|record| record.read(submission)))
}

/// Removes the submissions on an asset as part of a transaction.
pub(super) fn submissions_remove(tx: &mut Tx<'_>, asset: AssetToken) -> Result<(), StorageError> {
    for (key, record) in load_all::<SubmissionRecord>(tx, &[])? {
        let submission = SubmissionId::from_bytes(id_in_key(SubmissionRecord::TABLE, &key, 0)?);
        if record.read(submission).asset == asset {
            tx.delete(SubmissionRecord::TABLE, &key);
        }
    }
    Ok(())
}
