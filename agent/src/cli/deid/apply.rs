//! `deid apply`: files without what identifies a patient, written under names that say nothing.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use agent_deid::blank::{Region, blank};
use agent_deid::{Counts, Deidentifier, Done, File, ProjectKey, names, nifti, risk};
use anyhow::{Context, bail};
use proto_program::commands::Progress;
use serde_json::{Value, json};

use super::{How, read};
use crate::cli::show::{Meter, result};

/// What is done to each file.
pub(super) struct Job {
    deidentifier: Deidentifier,
    key: ProjectKey,
    regions: Vec<Region>,
    reviewed: bool,
    options: Vec<&'static str>,
    key_drawn: bool,
}

impl Job {
    pub(super) fn new(how: &How, regions: Vec<Region>, reviewed: bool) -> anyhow::Result<Self> {
        let (deidentifier, key) = how.deidentifier()?;
        Ok(Self {
            deidentifier,
            key,
            regions,
            reviewed,
            options: how.option_names(),
            key_drawn: how.key_file.is_none(),
        })
    }
}

/// A file that came out, and the name it gets in a folder.
struct Made {
    bytes: Vec<u8>,
    name: String,
    counts: Counts,
}

/// What became of the files.
#[derive(Default)]
struct Outcome {
    written: Vec<Value>,
    refused: Vec<Value>,
}

pub(super) fn apply(input: &Path, output: &Path, job: &Job, as_json: bool) -> anyhow::Result<()> {
    let mut outcome = Outcome::default();
    if input.is_dir() {
        folder(input, output, job, &mut outcome)?;
    } else {
        let made =
            make(&read(input)?, job).with_context(|| format!("cannot de-identify {}", input.display()))?;
        let to = if output.is_dir() { output.join(&made.name) } else { output.to_owned() };
        put(&to, &made)?;
        outcome.written.push(written(&to, &made));
    }
    let refused = outcome.refused.len();
    let files = outcome.written.len() + refused;
    let value = json!({
        "profile": format!("PS3.15 {} Basic", agent_deid::EDITION),
        "options": job.options,
        "key": if job.key_drawn { "drawn for this run and forgotten" } else { "from a file" },
        "written": outcome.written,
        "refused": outcome.refused,
    });
    result(&value, as_json)?;
    if refused > 0 {
        bail!("{refused} of {files} files were refused");
    }
    Ok(())
}

fn folder(input: &Path, output: &Path, job: &Job, outcome: &mut Outcome) -> anyhow::Result<()> {
    std::fs::create_dir_all(output).with_context(|| format!("cannot make {}", output.display()))?;
    let mut files = Vec::new();
    list(input, &mut files)?;
    let mut meter = Meter::new();
    for (done, file) in files.iter().enumerate() {
        meter.show(&Progress {
            what: "de-identifying".to_owned(),
            done: done as u64,
            of: files.len() as u64,
        });
        let made = read(file).and_then(|bytes| make(&bytes, job));
        let put = made.and_then(|made| {
            let to = output.join(&made.name);
            put(&to, &made)?;
            Ok(written(&to, &made))
        });
        match put {
            Ok(value) => outcome.written.push(value),
            Err(error) => {
                let file = file.display().to_string();
                outcome.refused.push(json!({ "file": file, "reason": format!("{error:#}") }));
            }
        }
    }
    meter.clear();
    Ok(())
}

/// The files of a folder and of those in it, in the order of their names.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        // A link could lead around in circles, or out of what was meant.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn make(bytes: &[u8], job: &Job) -> anyhow::Result<Made> {
    if nifti::looks_like(bytes) {
        let cleaned = nifti::clean(bytes)?;
        let name = names::nifti(&job.key, &cleaned.bytes, cleaned.suffix);
        return Ok(Made { bytes: cleaned.bytes, name, counts: Counts::default() });
    }
    let file = File::open(bytes)?;
    let mut set = file.set()?;
    let risks = risk::assess(&set);
    if !risks.is_empty() && job.regions.is_empty() && !job.reviewed {
        let reasons: Vec<_> = risks.iter().map(|reason| reason.text()).collect();
        bail!(
            "its pixels may carry text ({}); use --blank, or --reviewed if somebody has looked",
            reasons.join("; ")
        );
    }
    let blanked = match job.regions.as_slice() {
        [] => None,
        regions => Some(blank(&mut set, regions, &|| agent_viewer_api::native(bytes))?),
    };
    let mut counts = Counts::default();
    let done = job.deidentifier.object(set, file.syntax(), blanked.as_ref(), &mut counts);
    let name = names::dicom(&job.key, &done.instance_uid, &done.bytes);
    Ok(Made { bytes: done.bytes, name, counts })
}

/// Never writes over a file that is there.
fn put(path: &Path, made: &Made) -> anyhow::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = file.with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(&made.bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn written(path: &Path, made: &Made) -> Value {
    let counts = Done::ALL.iter().filter(|done| made.counts.of(**done) > 0);
    let counts: serde_json::Map<String, Value> =
        counts.map(|done| (done.word().to_owned(), made.counts.of(*done).into())).collect();
    json!({ "file": path.display().to_string(), "attributes": counts })
}
