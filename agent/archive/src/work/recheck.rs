//! Finished work under a new version of its instruction: which is to be looked at again, and that it was.

use std::collections::BTreeMap;

use proto_ids::{ProjectId, Timestamp};
use serde::{Deserialize, Serialize};

use super::submissions::SubmissionRow;
use crate::assets::AssetRow;
use crate::outbox::outbox_put;
use crate::record::{Record, Rows, load, save};
use crate::worklist::{instruction_key, projects_in};
use crate::{Archive, StorageError};

/// A submission that followed an older version, and the asset that it was drawn on. What was drawn is to be
/// had by [`Archive::submission`], one at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct ToRecheck {
    pub submission: SubmissionRow,
    pub asset: AssetRow,
}

/// `recheck`: project and version → when the finished work was looked at under it.
#[derive(Serialize, Deserialize)]
struct RecheckRecord {
    at: i64,
}

impl Record for RecheckRecord {
    const TABLE: &'static str = "recheck";
}

impl Archive {
    /// The projects whose newest version of the instruction is here and was not yet held against work that
    /// followed an older one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rechecks_waiting(&self) -> Result<Vec<(ProjectId, u32)>, StorageError> {
        let mut oldest: BTreeMap<ProjectId, u32> = BTreeMap::new();
        for row in self.submissions()? {
            let version = oldest.entry(row.project).or_insert(row.instruction_version);
            *version = (*version).min(row.instruction_version);
        }
        let mut waiting = Vec::new();
        for project in projects_in(&self.work)? {
            let (id, version) = (project.project, project.instruction_version);
            let key = instruction_key(id, version);
            if oldest.get(&id).is_some_and(|oldest| *oldest < version)
                && self.work.row("instruction", &key)?.is_some()
                && load::<RecheckRecord>(&self.work, &key)?.is_none()
            {
                waiting.push((id, version));
            }
        }
        Ok(waiting)
    }

    /// The submissions of a project that followed an older version than `version`, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn submissions_to_recheck(
        &self,
        project: ProjectId,
        version: u32,
    ) -> Result<Vec<ToRecheck>, StorageError> {
        let older = self.submissions()?.into_iter();
        let older = older.filter(|row| row.project == project && row.instruction_version < version);
        let mut found = Vec::new();
        for submission in older {
            if let Some(asset) = self.asset(submission.asset)? {
                found.push(ToRecheck { submission, asset });
            }
        }
        Ok(found)
    }

    /// Keeps that the finished work of a project was held against a version, with the messages that say what
    /// came of it. Gives false, and sends nothing, when that was kept before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn recheck_put(
        &self,
        project: ProjectId,
        version: u32,
        messages: Vec<Vec<u8>>,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let new = self.work.write(|tx| {
            let key = instruction_key(project, version);
            if load::<RecheckRecord>(tx, &key)?.is_some() {
                return Ok(false);
            }
            save(tx, &key, &RecheckRecord { at: now.millis() })?;
            for bytes in messages {
                outbox_put(tx, bytes)?;
            }
            Ok::<_, StorageError>(true)
        })?;
        self.outbox_tell();
        Ok(new)
    }
}
