//! Rows of bytes, inside a transaction and outside; the names of the tables; keys.

use control_plane_app::StoreError;
use proto_journal::{Row, Tables, Tx};

/// The tables. A name is never used again for something else.
pub(crate) mod table {
    pub(crate) const META: &str = "meta";
    pub(crate) const SITE: &str = "site";
    pub(crate) const AGENT: &str = "agent";
    pub(crate) const HIGH_WATER: &str = "high_water";
    pub(crate) const JOIN_TOKEN: &str = "join_token";
    pub(crate) const PERSON: &str = "person";
    pub(crate) const PERSON_BY_USER_NAME: &str = "person_by_user_name";
    pub(crate) const CREDENTIAL: &str = "credential";
    pub(crate) const SESSION: &str = "session";
    pub(crate) const PROJECT: &str = "project";
    pub(crate) const INSTRUCTION: &str = "instruction";
    pub(crate) const ASSET: &str = "asset";
    pub(crate) const DATASET: &str = "dataset";
    /// Dataset → its project.
    pub(crate) const PROJECT_BY_DATASET: &str = "project_by_dataset";
    pub(crate) const TASK: &str = "task";
    pub(crate) const TASK_BY_PROJECT: &str = "task_by_project";
    pub(crate) const TASK_BY_ASSET: &str = "task_by_asset";
    /// Which projects concern a site: those with a task there.
    pub(crate) const PROJECT_BY_SITE: &str = "project_by_site";
    pub(crate) const PROGRESS: &str = "progress";
    pub(crate) const SUBMISSION: &str = "submission";
    pub(crate) const SUBMISSION_BY_PROJECT: &str = "submission_by_project";
    pub(crate) const PATTERN: &str = "pattern";
    pub(crate) const SHAPE_AGREEMENT: &str = "shape_agreement";
    pub(crate) const JUDGEMENT: &str = "judgement";
    pub(crate) const CONSENSUS_PAINTED: &str = "consensus_painted";
    pub(crate) const RECHECK: &str = "recheck";
    pub(crate) const MODEL: &str = "model";
    /// Project and site → how far the site has come.
    pub(crate) const PREANNOTATION: &str = "preannotation";
    pub(crate) const AUDIT: &str = "audit";
    /// Revision → which thing was last written at it.
    pub(crate) const CHANGE: &str = "change";
    /// Thing → the revision it was last written at.
    pub(crate) const CHANGE_BY_THING: &str = "change_by_thing";
}

/// Key in `META`: the epoch's 16 bytes.
pub(crate) const EPOCH: &[u8] = b"epoch";
/// Key in `META`: the newest revision.
pub(crate) const REVISION: &[u8] = b"revision";
/// Key in `META`: the newest set of index tables that is filled; see `indexes.rs`.
pub(crate) const INDEXES: &[u8] = b"indexes";
/// Key in `META`: the number of audit rows.
pub(crate) const AUDIT_COUNT: &[u8] = b"audit_count";

/// Keys and values, in the order of the keys.
pub(crate) type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// Reads of rows.
pub(crate) trait Rows {
    fn get(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;
    fn scan(&self, table: &'static str, prefix: &[u8]) -> Result<Entries, StoreError>;

    /// A number in `META`; zero when it was never written.
    fn number(&self, key: &[u8]) -> Result<u64, StoreError> {
        match self.get(table::META, key)? {
            Some(bytes) => number_of(table::META, &bytes),
            None => Ok(0),
        }
    }
}

pub(crate) fn number_of(table: &'static str, bytes: &[u8]) -> Result<u64, StoreError> {
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| StoreError::Record { table })
}

/// What is committed.
pub(crate) struct Committed<'a>(pub(crate) &'a Tables);

impl Rows for Committed<'_> {
    fn get(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.0.get(table, key).map_err(|cause| StoreError::Read(Box::new(cause)))?;
        Ok(row.map(|row| row.value))
    }

    fn scan(&self, table: &'static str, prefix: &[u8]) -> Result<Entries, StoreError> {
        let rows = self.0.scan(table, prefix).map_err(|cause| StoreError::Read(Box::new(cause)))?;
        Ok(values(rows))
    }
}

/// What a transaction sees, its own writes included.
pub(crate) struct InTransaction<'a, 'b>(pub(crate) &'a mut Tx<'b>);

impl Rows for InTransaction<'_, '_> {
    fn get(&self, table: &'static str, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.0.get(table, key).map_err(|cause| StoreError::Read(Box::new(cause)))?;
        Ok(row.map(|row| row.value))
    }

    fn scan(&self, table: &'static str, prefix: &[u8]) -> Result<Entries, StoreError> {
        let rows = self.0.scan(table, prefix).map_err(|cause| StoreError::Read(Box::new(cause)))?;
        Ok(values(rows))
    }
}

fn values(rows: Vec<(Vec<u8>, Row)>) -> Entries {
    rows.into_iter().map(|(key, row)| (key, row.value)).collect()
}

/// Two keys one after the other; the first has a fixed length.
pub(crate) fn pair(first: &[u8; 16], second: &[u8]) -> Vec<u8> {
    [first.as_slice(), second].concat()
}
