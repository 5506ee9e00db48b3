//! One import: files in, what became of each out.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use agent_archive::{
    Archive, AssetRow, AuditAction, AuditActor, AuditOutcome, AuditSubject, ImportRefusal, ImportReport,
    ImportSource, InstancePlace, NewAuditEvent, NewInstance, StorageError, Stored,
};
use agent_formats::{bare, header, nifti, part10};
use agent_viewer_api::new_instance;
use proto_ids::{SeriesToken, StudyToken, Timestamp};
use proto_program::commands::Progress;

use super::{LARGEST_FILE_BYTES, zip};
use crate::ingest::{Ingested, ingest};

/// An import under way.
pub(super) struct Run<'a> {
    archive: &'a Archive,
    report: ImportReport,
    series: BTreeSet<SeriesToken>,
    /// Studies that got something, each of which is in the audit trail once.
    studies: BTreeSet<StudyToken>,
    left: Vec<&'static str>,
}

impl<'a> Run<'a> {
    pub(super) fn begin(archive: &'a Archive, source: ImportSource, now: Timestamp) -> anyhow::Result<Self> {
        let report = ImportReport {
            id: archive.import_id()?,
            source,
            begun_at: now,
            ended_at: now,
            files: 0,
            bytes: 0,
            taken: 0,
            skipped: 0,
            kept_beside: 0,
            refused: 0,
            refusals: Vec::new(),
            assets: 0,
            left: Vec::new(),
        };
        Ok(Self { archive, report, series: BTreeSet::new(), studies: BTreeSet::new(), left: Vec::new() })
    }

    /// Takes a file, or what is in it where it is a zip archive. Says whether nothing of it was refused.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) fn path(&mut self, path: &Path) -> anyhow::Result<bool> {
        match File::open(path) {
            Ok(file) => self.opened(&path.display().to_string(), file),
            Err(error) => {
                self.refuse(path.display().to_string(), format!("cannot be read: {}", error.kind()));
                Ok(false)
            }
        }
    }

    /// As [`Run::path`], for a file that is open.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) fn opened(&mut self, name: &str, mut file: File) -> anyhow::Result<bool> {
        let before = self.report.refused;
        match zip::looks_like(&mut file) {
            Ok(true) => self.zip(name, file)?,
            Ok(false) => match bytes_of(file) {
                Ok(bytes) => self.bytes(name, bytes)?,
                Err(reason) => self.refuse(name.to_owned(), reason),
            },
            Err(error) => self.refuse(name.to_owned(), format!("cannot be read: {}", error.kind())),
        }
        Ok(self.report.refused == before)
    }

    fn zip(&mut self, name: &str, file: File) -> anyhow::Result<()> {
        let mut take = |entry: String, read: Result<Vec<u8>, zip::EntryRefusal>| {
            let entry = format!("{name}: {entry}");
            match read {
                Ok(bytes) => self.bytes(&entry, bytes),
                Err(refusal) => {
                    self.refuse(entry, refusal.to_string());
                    Ok(())
                }
            }
        };
        if let Some(refusal) = zip::entries(file, &mut take)? {
            self.refuse(name.to_owned(), refusal.to_string());
        }
        Ok(())
    }

    fn bytes(&mut self, name: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        let size = bytes.len() as u64;
        let stored = match self.usable(bytes)? {
            Ok(Usable::Known(place)) => Stored::Duplicate(place),
            Ok(Usable::Dicom(instance)) => self.archive.instance_store(*instance)?,
            Ok(Usable::Nifti(bytes)) => self.archive.nifti_store(bytes)?,
            Err(reason) => {
                self.refuse(name.to_owned(), reason);
                return Ok(());
            }
        };
        self.report.files += 1;
        self.report.bytes += size;
        match stored {
            Stored::New(_) => self.report.taken += 1,
            Stored::Duplicate(_) => self.report.skipped += 1,
            Stored::KeptBeside(_) => self.report.kept_beside += 1,
        }
        self.series.insert(stored.place().series);
        if !matches!(stored, Stored::Duplicate(_)) {
            self.audit(stored.place().study)?;
        }
        Ok(())
    }

    /// Writes down, with the first object of a study, that some were brought: it stays known where the run is killed.
    fn audit(&mut self, study: StudyToken) -> Result<(), StorageError> {
        if !self.studies.insert(study) {
            return Ok(());
        }
        let actor = match self.report.source {
            ImportSource::Command => AuditActor::Operator,
            ImportSource::WatchedFolder => AuditActor::Agent,
        };
        let (action, subject) = (AuditAction::InstanceImported, AuditSubject::Study(study));
        let event = NewAuditEvent { actor, action, subject, outcome: AuditOutcome::Done, detail: None };
        self.archive.audit_append(&event).map(|_| ())
    }

    /// Counts a file that is not taken, and names it.
    pub(super) fn refuse(&mut self, file: String, reason: String) {
        metrics::counter!("ringfence_import_refused_total").increment(1);
        self.archive.arrivals_refused(1);
        self.report.files += 1;
        self.report.refused += 1;
        self.report.refusals.push(ImportRefusal { file, reason });
    }

    /// Makes assets of the series that something came for.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub(super) fn assets(&mut self, tell: &mut dyn FnMut(Progress)) -> anyhow::Result<Vec<AssetRow>> {
        let mut assets = Vec::new();
        let of = self.series.len() as u64;
        for (done, series) in std::mem::take(&mut self.series).into_iter().enumerate() {
            tell(Progress { what: "building assets".to_owned(), done: done as u64, of });
            // What an earlier run has finished is not looked at again.
            if !self.archive.series_unclaimed(series)? {
                continue;
            }
            match ingest(self.archive, series)? {
                Ingested::Asset(token) => assets.extend(self.archive.asset(token)?),
                Ingested::Left(why) => self.left.push(why.code()),
                Ingested::Nothing => {}
            }
        }
        self.report.assets = assets.len() as u64;
        Ok(assets)
    }

    /// Codes of the reasons why series made no asset, one for each of them.
    pub(super) fn left(&self) -> impl Iterator<Item = &'static str> {
        self.left.iter().copied()
    }

    /// Whether there is anything to report.
    pub(super) fn empty(&self) -> bool {
        self.report.files == 0
    }

    /// Keeps the report. What was skipped is durable when this returns, as what was taken is.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub(super) fn end(mut self, now: Timestamp) -> anyhow::Result<ImportReport> {
        self.archive.arrivals_settle()?;
        self.report.ended_at = now;
        for code in self.left {
            match self.report.left.iter_mut().find(|(known, _)| known == code) {
                Some((_, count)) => *count += 1,
                None => self.report.left.push((code.to_owned(), 1)),
            }
        }
        self.archive.import_report_put(&self.report)?;
        Ok(self.report)
    }

    /// Reads bytes and looks whether they are usable, or says in words why not.
    fn usable(&self, bytes: Vec<u8>) -> anyhow::Result<Result<Usable, String>> {
        let bytes = match bare::with_preamble(&bytes) {
            Some(file) => file,
            None => bytes,
        };
        if part10::looks_like_part10(&bytes) {
            let identity = match header::identity(&bytes) {
                Ok(identity) => identity,
                Err(error) => return Ok(Err(format!("not a usable DICOM file: {error}"))),
            };
            if let Some(place) = self.archive.instance_known(&identity.instance, &bytes)? {
                return Ok(Ok(Usable::Known(place)));
            }
            return Ok(Ok(Usable::Dicom(Box::new(new_instance(identity, bytes)))));
        }
        if let Some(place) = self.archive.nifti_known(&bytes)? {
            return Ok(Ok(Usable::Known(place)));
        }
        Ok(match nifti::read_volume(&bytes) {
            Ok(_) => Ok(Usable::Nifti(bytes)),
            Err(nifti::NiftiError::NotNifti) => Err("neither DICOM nor NIfTI".to_owned()),
            Err(error) => Err(format!("not a usable NIfTI file: {error}")),
        })
    }
}

/// What may be stored, or is already.
enum Usable {
    Known(InstancePlace),
    Dicom(Box<NewInstance>),
    Nifti(Vec<u8>),
}

fn bytes_of(file: File) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = file.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("cannot be read: {}", error.kind()))?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err(format!("larger than {LARGEST_FILE_BYTES} bytes"));
    }
    Ok(bytes)
}
