//! Reports of imports: what was taken, skipped and refused. The newest are kept; names of files are sealed under a
//! key of the site, since a name can be a patient's.

use proto_ids::{ImportId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::keys::{Place, open_sealed};
use crate::record::{Record, decode, encode, id_in_key, joined, load_all, save};
use crate::{Archive, StorageError};

/// How many reports are kept.
const KEPT: usize = 200;
/// How many refusals a report names; it counts all of them.
const NAMED_REFUSALS: usize = 1_000;

/// Where files came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportSource {
    /// Somebody at the command line.
    Command,
    WatchedFolder,
}

/// A file that was refused.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportRefusal {
    /// Its name as the person knows it; inside an archive, the archive's name and its own.
    pub file: String,
    pub reason: String,
}

impl std::fmt::Debug for ImportRefusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ImportRefusal(..)")
    }
}

/// What became of the files of one import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    pub id: ImportId,
    pub source: ImportSource,
    pub begun_at: Timestamp,
    pub ended_at: Timestamp,
    pub files: u64,
    pub bytes: u64,
    pub taken: u64,
    /// Already there, by their digest.
    pub skipped: u64,
    /// Another object of the same UID was there.
    pub kept_beside: u64,
    pub refused: u64,
    /// Of them, the first 1,000 by name.
    pub refusals: Vec<ImportRefusal>,
    pub assets: u64,
    /// Code of the reason why series made no asset → how many.
    pub left: Vec<(String, u64)>,
}

/// `import_report`: time of its beginning and id → the report.
#[derive(Serialize, Deserialize)]
struct ReportRecord {
    source: u8,
    ended_at: i64,
    files: u64,
    bytes: u64,
    taken: u64,
    skipped: u64,
    kept_beside: u64,
    refused: u64,
    assets: u64,
    left: Vec<(String, u64)>,
    /// [`Refusals`].
    sealed: ByteBuf,
}

impl Record for ReportRecord {
    const TABLE: &'static str = "import_report";
}

/// Name and reason.
#[derive(Serialize, Deserialize)]
struct Refusals(Vec<(String, String)>);

impl Record for Refusals {
    const TABLE: &'static str = "import_report";
}

impl Archive {
    /// A new random id for an import.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn import_id(&self) -> Result<ImportId, StorageError> {
        Ok(ImportId::from_random(self.keys.random_id()?))
    }

    /// Keeps a report, and forgets the oldest ones beyond 200.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn import_report_put(&self, report: &ImportReport) -> Result<(), StorageError> {
        let key = joined(&report.begun_at.millis().to_be_bytes(), report.id.bytes());
        let named = report.refusals.iter().take(NAMED_REFUSALS);
        let refusals =
            Refusals(named.map(|refusal| (refusal.file.clone(), refusal.reason.clone())).collect());
        let place = Place { table: ReportRecord::TABLE, key: &key };
        let record = ReportRecord {
            source: match report.source {
                ImportSource::Command => 0,
                ImportSource::WatchedFolder => 1,
            },
            ended_at: report.ended_at.millis(),
            files: report.files,
            bytes: report.bytes,
            taken: report.taken,
            skipped: report.skipped,
            kept_beside: report.kept_beside,
            refused: report.refused,
            assets: report.assets,
            left: report.left.clone(),
            sealed: ByteBuf::from(self.keys.seal(self.keys.site(), place, encode(&refusals)?)?),
        };
        self.work.write(|tx| {
            save(tx, &key, &record)?;
            let keys: Vec<Vec<u8>> =
                tx.scan(ReportRecord::TABLE, &[])?.into_iter().map(|(key, _)| key).collect();
            for oldest in keys.iter().take(keys.len().saturating_sub(KEPT)) {
                tx.delete(ReportRecord::TABLE, oldest);
            }
            Ok(())
        })
    }

    /// The reports that are kept, the newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn import_reports(&self) -> Result<Vec<ImportReport>, StorageError> {
        let mut reports = Vec::new();
        for (key, record) in load_all::<ReportRecord>(&self.work, &[])?.into_iter().rev() {
            reports.push(self.import_report_read(&key, record)?);
        }
        Ok(reports)
    }

    fn import_report_read(&self, key: &[u8], record: ReportRecord) -> Result<ImportReport, StorageError> {
        let malformed = || StorageError::Record { table: ReportRecord::TABLE };
        let begun_at = key.first_chunk::<8>().ok_or_else(malformed)?;
        let place = Place { table: ReportRecord::TABLE, key };
        let refusals: Refusals = decode(&open_sealed(self.keys.site(), place, &record.sealed)?)?;
        Ok(ImportReport {
            id: ImportId::from_bytes(id_in_key(ReportRecord::TABLE, key, 8)?),
            source: match record.source {
                0 => ImportSource::Command,
                1 => ImportSource::WatchedFolder,
                _ => return Err(malformed()),
            },
            begun_at: Timestamp::from_millis(i64::from_be_bytes(*begun_at)),
            ended_at: Timestamp::from_millis(record.ended_at),
            files: record.files,
            bytes: record.bytes,
            taken: record.taken,
            skipped: record.skipped,
            kept_beside: record.kept_beside,
            refused: record.refused,
            refusals: refusals.0.into_iter().map(|(file, reason)| ImportRefusal { file, reason }).collect(),
            assets: record.assets,
            left: record.left,
        })
    }
}
