//! Handing work in: the submission, the end of the lease and the messages are one transaction.

use std::collections::BTreeMap;

use agent_work::{Drawn, Override, TaskSlots, Verdict};
use proto_ids::Timestamp;
use proto_instruction::Answer;
use proto_journal::Tx;
use serde_bytes::ByteArray;

use super::super::Holder;
use super::super::gold::GoldRecord;
use super::super::ground::{WorkRecord, work_key};
use super::super::records::DrawnRecord;
use super::super::slots::{slots_in, slots_save};
use super::super::time::spans_remove;
use super::record::{BLOB, SubmissionRecord};
use super::{Prepared, SubmissionReceipt, SubmitError};
use crate::keys::Place;
use crate::outbox::outbox_put;
use crate::record::{Record, Rows, encode, load};
use crate::worklist::{TaskCopy, task_in};
use crate::{Archive, StorageError};

/// What is handed in with prepared work.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HandIn {
    /// The answers that count: those to questions that are asked.
    pub answers: BTreeMap<u32, Answer>,
    /// The warnings that were answered with a reason.
    pub overrides: Vec<Override>,
    /// What an arbiter says of the others, by their letters; empty for an annotator.
    pub verdicts: Vec<Verdict>,
    /// For the outbox.
    pub messages: Vec<Vec<u8>>,
}

impl Archive {
    /// Hands work in: the submission, the end of the lease and the messages are one transaction. Whatever the
    /// preparation was built on is looked at again inside of it.
    ///
    /// # Errors
    /// [`SubmitError`]; nothing happened.
    pub fn submission_commit(
        &self,
        prepared: &Prepared,
        hand_in: HandIn,
        now: Timestamp,
    ) -> Result<SubmissionReceipt, SubmitError> {
        let HandIn { answers, overrides, verdicts, messages } = hand_in;
        let verdicts = prepared.verdicts(&verdicts).map_err(SubmitError::Verdicts)?;
        let key = self.study_key(prepared.asset.study)?.ok_or(SubmitError::NotWorkable)?;
        let drawn = Drawn { answers, ..prepared.drawn.clone() };
        let mut blob = encode(&DrawnRecord::of(&drawn))?;
        let place = Place { table: BLOB, key: prepared.submission.bytes() };
        let blob_nonce = ByteArray::new(self.keys.seal_blob(&key, place, &mut blob)?);
        let mut record = SubmissionRecord::of(prepared, &overrides, &verdicts, now);
        record.blob_nonce = blob_nonce;
        self.work.write(|tx| {
            let Holder { task, person, fencing } = prepared.holder;
            let (mut slots, work) = unchanged(tx, prepared)?;
            slots.submit(person, fencing, prepared.submission, now).map_err(SubmitError::Fencing)?;
            slots_save(tx, &slots)?;
            spans_remove(tx, task, person)?;
            if let Some(work) = work {
                record.log_digest = work.log_digest;
            }
            tx.put_with_blob(SubmissionRecord::TABLE, prepared.submission.bytes(), encode(&record)?, blob);
            for bytes in messages {
                outbox_put(tx, bytes)?;
            }
            Ok::<_, SubmitError>(())
        })?;
        self.outbox_tell();
        Ok(SubmissionReceipt { submission: prepared.submission, submitted_at: now })
    }
}

/// The slots and the log as they are, if everything that was prepared still holds.
fn unchanged(tx: &Tx<'_>, prepared: &Prepared) -> Result<(TaskSlots, Option<WorkRecord>), SubmitError> {
    let Holder { task, person, fencing } = prepared.holder;
    let order = task_in(tx, task)?.ok_or(SubmitError::UnknownTask)?;
    if order.withdrawn {
        return Err(SubmitError::Withdrawn);
    }
    if tx.row("asset", order.asset.bytes())?.is_none() {
        return Err(SubmitError::NotWorkable);
    }
    let slots = slots_in(tx, &order)?;
    let work = load::<WorkRecord>(tx, &work_key(task, person))?;
    let revision = work.map_or(0, |work| work.revision);
    if revision != prepared.revision {
        return Err(SubmitError::RevisionConflict { revision });
    }
    let others = slots.submissions().map(|(_, _, submission)| submission);
    let same_others = others.eq(prepared.others.iter().map(|other| other.submission));
    let same_gold = gold_version(tx, &order)? == prepared.gold.as_ref().map(|gold| gold.version);
    if !same_others || !same_gold {
        return Err(SubmitError::Changed);
    }
    let held = slots.check(person, fencing).map_err(SubmitError::Fencing)?;
    if held.lease.instruction_version != prepared.instruction_version {
        return Err(SubmitError::Changed);
    }
    Ok((slots, work))
}

/// The version of the gold annotation that a submission on the task is scored against.
fn gold_version(tx: &Tx<'_>, order: &TaskCopy) -> Result<Option<u32>, StorageError> {
    if !order.gold {
        return Ok(None);
    }
    Ok(load::<GoldRecord>(tx, order.asset.bytes())?.map(|gold| gold.version))
}
