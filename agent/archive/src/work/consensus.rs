//! Consensus: what was made of the submissions of a task by a rule. It is derived and never changes: a second
//! one makes a new version, and no submission is touched.

use agent_work::Slice;
use proto_ids::{AssetToken, ProjectId, SubmissionId, TaskId, Timestamp};
use proto_instruction::Geometry;
use serde::{Deserialize, Serialize};
use serde_bytes::{ByteArray, ByteBuf};

use super::gold::check_slices;
use super::records::DrawnRecord;
use super::slots::slots_in;
use super::submissions::submission_row_in;
use crate::assets::AssetRow;
use crate::keys::{Place, open_blob};
use crate::outbox::outbox_put;
use crate::record::{IdBytes, Record, Rows, decode, encode, id_in_key, joined, load_all};
use crate::worklist::{ConsensusKind, TaskCopy, instruction_in, tasks_in};
use crate::{Archive, StorageError};

/// By which rule a consensus was painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaintRule {
    Majority,
    Staple,
    /// What the arbiter handed in.
    Arbiter,
}

/// A consensus of one object that is still to be painted. All its submissions are here.
#[derive(Debug, Clone, PartialEq)]
pub struct ConsensusWaiting {
    pub task: TaskId,
    pub project: ProjectId,
    pub asset: AssetRow,
    pub object_id: u32,
    pub rule: PaintRule,
    /// In the order of the bits of a pattern; the arbiter's alone for theirs.
    pub submissions: Vec<SubmissionId>,
    /// Which patterns are painted, a bit for each; empty for an arbiter's.
    pub truth_table: Vec<u8>,
}

/// A consensus to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsensus {
    pub task: TaskId,
    pub object_id: u32,
    pub rule: PaintRule,
    pub submissions: Vec<SubmissionId>,
    pub truth_table: Vec<u8>,
    /// On the asset's grid, with the object's label.
    pub slices: Vec<Slice>,
    pub voxels: u64,
}

/// The newest consensus of an object of a task, without its mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsensusRow {
    pub task: TaskId,
    pub project: ProjectId,
    pub asset: AssetToken,
    pub object_id: u32,
    /// From 1.
    pub version: u32,
    /// The newest version of the instruction that its submissions followed.
    pub instruction_version: u32,
    pub rule: PaintRule,
    pub submissions: Vec<SubmissionId>,
    pub voxels: u64,
    pub painted_at: Timestamp,
}

/// A consensus with its mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consensus {
    pub row: ConsensusRow,
    pub slices: Vec<Slice>,
}

/// Why a consensus was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ConsensusError {
    /// Nor its asset, if the study was deleted.
    #[error("the site has no such task")]
    UnknownTask,
    #[error("the site has no such submission on the task")]
    UnknownSubmission,
    #[error("slice {k} is not a label map on the asset's grid")]
    OutOfGrid {
        /// The slice.
        k: u32,
    },
    #[error("cannot keep the consensus")]
    Storage(#[source] StorageError),
}

impl<E: Into<StorageError>> From<E> for ConsensusError {
    fn from(error: E) -> Self {
        Self::Storage(error.into())
    }
}

/// `consensus`: task, object and version → what is kept in clear; the mask is the row's blob, sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct ConsensusRecord {
    instruction_version: u32,
    rule: RuleRecord,
    submissions: Vec<IdBytes>,
    truth_table: ByteBuf,
    voxels: u64,
    painted_at: i64,
    blob_nonce: ByteArray<12>,
}

impl Record for ConsensusRecord {
    const TABLE: &'static str = "consensus";
}

#[derive(Serialize, Deserialize, Clone, Copy)]
enum RuleRecord {
    Majority,
    Staple,
    Arbiter,
}

const BLOB: &str = "consensus blob";

impl Archive {
    /// What is to be painted: what orders say of submissions that are all here, and what arbiters handed in, as
    /// far as the newest consensus is another one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn consensus_waiting(&self) -> Result<Vec<ConsensusWaiting>, StorageError> {
        let mut waiting = Vec::new();
        for (order, _) in tasks_in(&self.work)?.into_iter().filter(|(order, _)| !order.withdrawn) {
            let arbitrated = slots_in(&self.work, &order)?.arbiter_submission();
            if arbitrated.is_none() && order.consensus.is_empty() {
                continue;
            }
            let Some(asset) = self.asset(order.asset)? else { continue };
            let wanted = match arbitrated {
                Some((_, submission)) => self.wanted_of_arbiter(&order, &asset, submission)?,
                None => wanted_of_order(&self.work, &order, &asset)?,
            };
            for one in wanted {
                let newest = newest_in(&self.work, one.task, one.object_id)?;
                if !newest.is_some_and(|(_, kept)| kept.made_by(one.rule, &one.submissions, &one.truth_table))
                {
                    waiting.push(one);
                }
            }
        }
        Ok(waiting)
    }

    /// Keeps a consensus as the next version of its object's, with its messages. The very same one is kept
    /// once. Gives its version.
    ///
    /// # Errors
    /// [`ConsensusError`]; nothing was kept.
    pub fn consensus_put(
        &self,
        new: &NewConsensus,
        messages: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<u32, ConsensusError> {
        let order = self.task(new.task)?.ok_or(ConsensusError::UnknownTask)?;
        let asset = self.asset(order.asset)?.ok_or(ConsensusError::UnknownTask)?;
        let key = self.study_key(asset.study)?.ok_or(ConsensusError::UnknownTask)?;
        check_slices(&new.slices, asset.grid.size()).map_err(|k| ConsensusError::OutOfGrid { k })?;
        let mut blob = encode(&DrawnRecord::of_slices(&new.slices))?;
        let version = self.work.write(|tx| {
            let newest = newest_in(tx, new.task, new.object_id)?;
            let version = match newest {
                Some((version, kept)) if kept.made_by(new.rule, &new.submissions, &new.truth_table) => {
                    return Ok(version);
                }
                Some((version, _)) => version + 1,
                None => 1,
            };
            let row_key = consensus_key(new.task, new.object_id, version);
            let nonce = self.keys.seal_blob(&key, Place { table: BLOB, key: &row_key }, &mut blob)?;
            // A deletion takes the submissions along, so that nothing can slip in behind it.
            let record = ConsensusRecord::of(tx, new, nonce, now)?;
            tx.put_with_blob(ConsensusRecord::TABLE, &row_key, encode(&record)?, blob);
            for bytes in messages {
                outbox_put(tx, bytes)?;
            }
            Ok::<_, ConsensusError>(version)
        })?;
        self.outbox_tell();
        Ok(version)
    }

    /// The newest consensus of every object of every task, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn consensus_list(&self) -> Result<Vec<ConsensusRow>, StorageError> {
        let mut newest = std::collections::BTreeMap::new();
        // Keys rise with the version, so the last of an object is its newest.
        for (key, record) in load_all::<ConsensusRecord>(&self.work, &[])? {
            let (task, object_id, version) = read_key(&key)?;
            newest.insert((task, object_id), (version, record));
        }
        let mut rows = Vec::new();
        for ((task, object_id), (version, record)) in newest {
            if let Some(order) = self.task(task)? {
                rows.push(record.read(&order, object_id, version));
            }
        }
        rows.sort_by_key(|row| (std::cmp::Reverse(row.painted_at), row.task, row.object_id));
        Ok(rows)
    }

    /// The newest consensus of an object of a task, with its mask.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn consensus_get(&self, task: TaskId, object_id: u32) -> Result<Option<Consensus>, StorageError> {
        let Some(order) = self.task(task)? else { return Ok(None) };
        let Some(asset) = self.asset(order.asset)? else { return Ok(None) };
        let Some(key) = self.study_key(asset.study)? else { return Ok(None) };
        let prefix = joined(task.bytes(), &object_id.to_be_bytes());
        let Some((row_key, row)) = self.work.rows(ConsensusRecord::TABLE, &prefix)?.pop() else {
            return Ok(None);
        };
        let (_, _, version) = read_key(&row_key)?;
        let record: ConsensusRecord = decode(&row.value)?;
        let blob = row.blob.ok_or(StorageError::Record { table: ConsensusRecord::TABLE })?;
        let place = Place { table: BLOB, key: &row_key };
        let drawn = open_blob(&key, place, record.blob_nonce.as_slice(), self.work.blob(&blob)?)?;
        let slices = decode::<DrawnRecord>(&drawn)?.read().slices;
        Ok(Some(Consensus { row: record.read(&order, object_id, version), slices }))
    }

    /// What an arbiter handed in becomes the consensus of each object that is drawn into the label map.
    fn wanted_of_arbiter(
        &self,
        order: &TaskCopy,
        asset: &AssetRow,
        submission: SubmissionId,
    ) -> Result<Vec<ConsensusWaiting>, StorageError> {
        let Some(row) = submission_row_in(&self.work, submission)? else { return Ok(Vec::new()) };
        let Some(instruction) = instruction_in(&self.work, row.project, row.instruction_version)? else {
            return Ok(Vec::new());
        };
        let drawn =
            instruction.objects.iter().filter(|object| matches!(object.geometry, Geometry::LabelMap { .. }));
        let waiting = drawn.map(|object| ConsensusWaiting {
            task: order.task,
            project: order.project,
            asset: asset.clone(),
            object_id: object.id,
            rule: PaintRule::Arbiter,
            submissions: vec![submission],
            truth_table: Vec::new(),
        });
        Ok(waiting.collect())
    }
}

/// The rules of an order whose submissions are all here.
fn wanted_of_order(
    rows: &impl Rows,
    order: &TaskCopy,
    asset: &AssetRow,
) -> Result<Vec<ConsensusWaiting>, StorageError> {
    let mut wanted = Vec::new();
    for rule in &order.consensus {
        if all_here(rows, order.task, &rule.submissions)? {
            wanted.push(ConsensusWaiting {
                task: order.task,
                project: order.project,
                asset: asset.clone(),
                object_id: rule.object_id,
                rule: match rule.kind {
                    ConsensusKind::Majority => PaintRule::Majority,
                    ConsensusKind::Staple => PaintRule::Staple,
                },
                submissions: rule.submissions.clone(),
                truth_table: rule.truth_table.clone(),
            });
        }
    }
    Ok(wanted)
}

fn all_here(rows: &impl Rows, task: TaskId, submissions: &[SubmissionId]) -> Result<bool, StorageError> {
    for submission in submissions {
        if submission_row_in(rows, *submission)?.is_none_or(|row| row.task != task) {
            return Ok(false);
        }
    }
    Ok(!submissions.is_empty())
}

fn newest_in(
    rows: &impl Rows,
    task: TaskId,
    object_id: u32,
) -> Result<Option<(u32, ConsensusRecord)>, StorageError> {
    let prefix = joined(task.bytes(), &object_id.to_be_bytes());
    let newest = load_all::<ConsensusRecord>(rows, &prefix)?.pop();
    newest.map(|(key, record)| read_key(&key).map(|(_, _, version)| (version, record))).transpose()
}

fn consensus_key(task: TaskId, object_id: u32, version: u32) -> Vec<u8> {
    [task.bytes().as_slice(), &object_id.to_be_bytes(), &version.to_be_bytes()].concat()
}

fn read_key(key: &[u8]) -> Result<(TaskId, u32, u32), StorageError> {
    let number = |at: usize| {
        let bytes = key.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
        bytes.ok_or(StorageError::Record { table: ConsensusRecord::TABLE })
    };
    Ok((TaskId::from_bytes(id_in_key(ConsensusRecord::TABLE, key, 0)?), number(16)?, number(20)?))
}

impl ConsensusRecord {
    fn of(
        rows: &impl Rows,
        new: &NewConsensus,
        nonce: [u8; 12],
        now: Timestamp,
    ) -> Result<Self, ConsensusError> {
        if !all_here(rows, new.task, &new.submissions)? {
            return Err(ConsensusError::UnknownSubmission);
        }
        let mut instruction_version = 0;
        for submission in &new.submissions {
            let row = submission_row_in(rows, *submission)?;
            instruction_version = instruction_version.max(row.map_or(0, |row| row.instruction_version));
        }
        Ok(Self {
            instruction_version,
            rule: RuleRecord::of(new.rule),
            submissions: new.submissions.iter().map(|id| ByteArray::new(*id.bytes())).collect(),
            truth_table: ByteBuf::from(new.truth_table.clone()),
            voxels: new.voxels,
            painted_at: now.millis(),
            blob_nonce: ByteArray::new(nonce),
        })
    }

    fn made_by(&self, rule: PaintRule, submissions: &[SubmissionId], truth_table: &[u8]) -> bool {
        self.rule.read() == rule
            && self.submissions().eq(submissions.iter().copied())
            && self.truth_table.as_slice() == truth_table
    }

    fn submissions(&self) -> impl Iterator<Item = SubmissionId> + '_ {
        self.submissions.iter().map(|bytes| SubmissionId::from_bytes(**bytes))
    }

    fn read(&self, order: &TaskCopy, object_id: u32, version: u32) -> ConsensusRow {
        ConsensusRow {
            task: order.task,
            project: order.project,
            asset: order.asset,
            object_id,
            version,
            instruction_version: self.instruction_version,
            rule: self.rule.read(),
            submissions: self.submissions().collect(),
            voxels: self.voxels,
            painted_at: Timestamp::from_millis(self.painted_at),
        }
    }
}

impl RuleRecord {
    const fn of(rule: PaintRule) -> Self {
        match rule {
            PaintRule::Majority => Self::Majority,
            PaintRule::Staple => Self::Staple,
            PaintRule::Arbiter => Self::Arbiter,
        }
    }

    const fn read(self) -> PaintRule {
        match self {
            Self::Majority => PaintRule::Majority,
            Self::Staple => PaintRule::Staple,
            Self::Arbiter => PaintRule::Arbiter,
        }
    }
}
