//! Takes files and folders of DICOM and NIfTI into the archive.
//!
//! A file that is refused is named to the person at the command line with the reason, and nowhere
//! else: a path can hold a name.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use agent_archive::{Archive, NewInstance, Stored, StudyHeader};
use agent_formats::{StudyText, header, nifti, part10};
use anyhow::Context;
use proto_ids::SeriesToken;
use serde_json::{Value, json};

use crate::ingest::{Ingested, ingest};
use proto_program::commands::Progress;

/// Larger files are refused before they are read.
const LARGEST_FILE_BYTES: u64 = 1 << 30;

/// What became of the files.
#[derive(Debug, Default)]
struct Outcome {
    taken: u64,
    skipped: u64,
    kept_beside: u64,
    refused: Vec<Value>,
    series: BTreeSet<SeriesToken>,
}

/// Stores every file under `paths` and makes assets of the series that they belong to.
///
/// # Errors
/// When a path cannot be listed or the store cannot be written. A refused file is no error.
pub(crate) fn import(
    archive: &Archive,
    paths: &[PathBuf],
    report: &mut dyn FnMut(Progress),
) -> anyhow::Result<Value> {
    let mut files = Vec::new();
    for path in paths {
        list(path, &mut files)?;
    }
    let mut outcome = Outcome::default();
    let of = files.len() as u64;
    for (done, file) in files.iter().enumerate() {
        report(Progress { what: "storing".to_owned(), done: done as u64, of });
        take(archive, file, &mut outcome)?;
    }
    let mut assets = Vec::new();
    let mut left = Vec::new();
    let of = outcome.series.len() as u64;
    for (done, series) in outcome.series.iter().enumerate() {
        report(Progress { what: "building assets".to_owned(), done: done as u64, of });
        match ingest(archive, *series)? {
            Ingested::Asset(token) => assets.extend(archive.asset(token)?),
            Ingested::Left(why) => left.push(json!({ "reason": why.code() })),
            Ingested::Nothing => {}
        }
    }
    let assets: Vec<Value> = assets.iter().map(asset_line).collect();
    Ok(json!({
        "files": files.len(), "taken": outcome.taken, "skipped": outcome.skipped,
        "kept_beside": outcome.kept_beside, "refused": outcome.refused, "assets": assets, "left": left,
    }))
}

/// An asset as the command line lists it.
pub(crate) fn asset_line(asset: &agent_archive::AssetRow) -> Value {
    let reasons: Vec<&str> = asset.reasons.iter().map(|reason| reason.code()).collect();
    json!({
        "id": asset.token.to_string(), "modality": asset.modality.code(), "dimensions": asset.grid.size(),
        "reasons": reasons,
    })
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let metadata = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !metadata.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))?;
    let mut inside = Vec::new();
    for entry in entries {
        let entry = entry?;
        // A link could lead in a circle, or out of what the person named.
        if !entry.file_type()?.is_symlink() {
            inside.push(entry.path());
        }
    }
    inside.sort();
    inside.iter().try_for_each(|path| list(path, files))
}

fn take(archive: &Archive, file: &Path, outcome: &mut Outcome) -> anyhow::Result<()> {
    let read = match read(file) {
        Ok(read) => read,
        Err(reason) => {
            archive.arrivals_refused(1);
            outcome.refuse(file, reason);
            return Ok(());
        }
    };
    let stored = match read {
        Usable::Dicom(instance) => archive.instance_store(*instance)?,
        Usable::Nifti(bytes) => archive.nifti_store(bytes)?,
    };
    match stored {
        Stored::New(_) => outcome.taken += 1,
        Stored::Duplicate(_) => outcome.skipped += 1,
        Stored::KeptBeside(_) => outcome.kept_beside += 1,
    }
    outcome.series.insert(stored.place().series);
    Ok(())
}

/// A file that may be stored.
enum Usable {
    Dicom(Box<NewInstance>),
    Nifti(Vec<u8>),
}

/// Reads a file and looks whether it is usable, or says in words why not.
fn read(file: &Path) -> Result<Usable, String> {
    let bytes = bytes_of(file)?;
    if part10::looks_like_part10(&bytes) {
        let identity =
            header::identity(&bytes).map_err(|error| format!("not a usable DICOM file: {error}"))?;
        return Ok(Usable::Dicom(Box::new(instance(identity, bytes))));
    }
    match nifti::read_volume(&bytes) {
        Ok(_) => Ok(Usable::Nifti(bytes)),
        Err(nifti::NiftiError::NotNifti) => Err("neither DICOM nor NIfTI".to_owned()),
        Err(error) => Err(format!("not a usable NIfTI file: {error}")),
    }
}

impl Outcome {
    fn refuse(&mut self, file: &Path, reason: String) {
        metrics::counter!("ringfence_import_refused_total").increment(1);
        self.refused.push(json!({ "file": file.display().to_string(), "reason": reason }));
    }
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("cannot be read: {}", error.kind());
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    let mut bytes = Vec::new();
    opened.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err(format!("larger than {LARGEST_FILE_BYTES} bytes"));
    }
    Ok(bytes)
}

/// An instance for the archive, out of what was read of its header.
pub(crate) fn instance(identity: header::Identity, bytes: Vec<u8>) -> NewInstance {
    NewInstance {
        study_uid: identity.study,
        series_uid: identity.series,
        instance_uid: identity.instance,
        sop_class_uid: identity.sop_class_uid,
        transfer_syntax_uid: identity.syntax.uid().to_owned(),
        calling_ae: None,
        header: study_header(identity.text),
        bytes,
    }
}

fn study_header(text: StudyText) -> StudyHeader {
    StudyHeader {
        patient_name: text.patient_name,
        patient_id: text.patient_id,
        patient_birth_date: text.patient_birth_date,
        patient_sex: text.patient_sex,
        study_date: text.study_date,
        study_time: text.study_time,
        study_id: text.study_id,
        accession_number: text.accession_number,
        study_description: text.study_description,
        referring_physician: text.referring_physician,
        modality: text.modality,
        series_number: text.series_number,
        series_description: text.series_description,
        body_part: text.body_part,
        instance_number: text.instance_number,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proto_ids::Clock;
    use proto_program::SystemClock;

    use super::*;

    #[test]
    fn a_refused_file_is_one_of_the_refusals_of_the_day() {
        let place = tempfile::tempdir().unwrap();
        let archive = Archive::open_on_disk(&place.path().join("store"), Arc::new(SystemClock)).unwrap();
        let file = place.path().join("letter.txt");
        std::fs::write(&file, "no image").unwrap();
        let outcome = import(&archive, &[file], &mut |_| {}).unwrap();
        assert_eq!(outcome["refused"][0]["reason"], "neither DICOM nor NIfTI");
        assert_eq!(archive.day_counts(SystemClock.now()).unwrap().refused, 1);
    }
}
