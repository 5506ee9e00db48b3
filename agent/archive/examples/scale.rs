//! Fills a store with many tiny instances through the archive's own code, and measures what it then takes to ask it.
//!
//! `scale fill` makes the store; `scale ask`, a process of its own so that nothing of the filling is in its memory,
//! opens it and prints one line of JSON.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use agent_archive::{Archive, DateRange, DiskIo, NewInstance, StudyFilter, StudyHeader};
use agent_phi::{HeaderText, InstanceUid, PatientId, SeriesUid, StudyUid};
use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use proto_ids::{Clock, Timestamp};
use proto_journal::{Io, IoFile};
use serde_json::json;

/// Instances of a series, and series of a study, as a CT has them.
const PER_SERIES: u32 = 100;
/// How often each query is asked.
const ROUNDS: u32 = 200;

/// Measures an archive of many instances.
#[derive(Debug, Parser)]
#[command(name = "scale")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill a new store
    Fill {
        /// Where
        directory: PathBuf,
        /// How many instances, a multiple of 100
        #[arg(long)]
        instances: u32,
    },
    /// Open it, ask it, and print what that took as JSON
    Ask {
        /// Where
        directory: PathBuf,
    },
}

/// What time it is, in milliseconds.
#[derive(Debug)]
struct Wall;

impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "what is measured here is time")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_millis(since.map_or(0, |since| since.as_millis() as i64))
    }
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Fill { directory, instances } => fill(&directory, instances / PER_SERIES),
        Command::Ask { directory } => ask(&directory),
    }
}

/// The disk without its syncs: what is measured is reading, and a million syncs would take the night.
#[derive(Debug)]
struct Unsynced;

impl Io for Unsynced {
    fn create_dir_all(&self, directory: &Path) -> std::io::Result<()> {
        DiskIo.create_dir_all(directory)
    }

    fn list(&self, directory: &Path) -> std::io::Result<Vec<String>> {
        DiskIo.list(directory)
    }

    fn open(&self, path: &Path) -> std::io::Result<Arc<dyn IoFile>> {
        DiskIo.open(path).map(|file| Arc::new(UnsyncedFile(file)) as _)
    }

    fn create(&self, path: &Path) -> std::io::Result<Arc<dyn IoFile>> {
        DiskIo.create(path).map(|file| Arc::new(UnsyncedFile(file)) as _)
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        DiskIo.remove(path)
    }

    fn sync_directory(&self, _directory: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct UnsyncedFile(Arc<dyn IoFile>);

impl IoFile for UnsyncedFile {
    fn length(&self) -> std::io::Result<u64> {
        self.0.length()
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
        self.0.read_at(buffer, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> std::io::Result<()> {
        self.0.write_at(bytes, offset)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        Ok(())
    }

    fn truncate(&self, length: u64) -> std::io::Result<()> {
        self.0.truncate(length)
    }
}

fn fill(directory: &Path, studies: u32) -> Result<()> {
    const THREADS: u32 = 2;
    let archive = Archive::open(directory, Arc::new(Unsynced), Arc::new(Wall))?;
    let next = AtomicU32::new(0);
    std::thread::scope(|scope| {
        let work = || {
            loop {
                let study = next.fetch_add(1, Ordering::Relaxed);
                if study >= studies {
                    return Ok::<(), anyhow::Error>(());
                }
                for number in 0..PER_SERIES {
                    archive.instance_store(instance(study, number)?)?;
                }
                if study % 1000 == 999 {
                    writeln!(std::io::stderr(), "{} instances", (study + 1) * PER_SERIES)?;
                }
            }
        };
        let working: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        working
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread broke"))?)
    })
}

/// An instance as small as one gets, with a header as long as headers are.
fn instance(study: u32, number: u32) -> Result<NewInstance> {
    let text = |text: String| HeaderText::new(text).map(Some);
    Ok(NewInstance {
        study_uid: study_uid(study)?,
        series_uid: SeriesUid::new(format!("1.2.826.0.1.3680043.8.498.{study}.1"))?,
        instance_uid: InstanceUid::new(format!("1.2.826.0.1.3680043.8.498.{study}.1.{number}"))?,
        sop_class_uid: "1.2.840.10008.5.1.4.1.1.2".to_owned(),
        transfer_syntax_uid: "1.2.840.10008.1.2.1".to_owned(),
        calling_ae: text("MODALITY".to_owned())?,
        header: StudyHeader {
            patient_name: text(format!("Family{study}^Given{}", study % 97))?,
            patient_id: Some(patient_id(study)?),
            patient_birth_date: text("19700101".to_owned())?,
            patient_sex: text("O".to_owned())?,
            study_date: text(day(study))?,
            study_time: text("120000".to_owned())?,
            study_id: text(study.to_string())?,
            accession_number: text(format!("ACC{study}"))?,
            study_description: text("CT of the abdomen with contrast".to_owned())?,
            modality: text(if study.is_multiple_of(1000) { "MR" } else { "CT" }.to_owned())?,
            series_number: text("1".to_owned())?,
            series_description: text("axial 1 mm".to_owned())?,
            instance_number: text(number.to_string())?,
            ..StudyHeader::default()
        },
        bytes: format!("{study} {number}").into_bytes(),
    })
}

fn study_uid(study: u32) -> Result<StudyUid> {
    Ok(StudyUid::new(format!("1.2.826.0.1.3680043.8.498.{study}"))?)
}

fn patient_id(study: u32) -> Result<PatientId> {
    Ok(PatientId::new(format!("PATIENT{study}"))?)
}

/// Twelve studies a day and more, over the 28 days of each month of many years.
fn day(study: u32) -> String {
    let day = study / 12;
    format!("{:04}{:02}{:02}", 2000 + day / 336, day / 28 % 12 + 1, day % 28 + 1)
}

fn ask(directory: &Path) -> Result<()> {
    let began = Wall.now();
    let archive = Archive::open(directory, Arc::new(Unsynced), Arc::new(Wall))?;
    let opened_ms = Wall.now().millis_since(began);
    let opened_kib = status("VmRSS:")?;
    let studies =
        archive.studies_find(&StudyFilter { limit: Some(50), ..StudyFilter::default() })?.len() as u32;
    ensure!(studies > 20, "the store is too small to be asked");
    let one = |filter: &dyn Fn(u32) -> Result<StudyFilter>, matches: usize| time(&archive, filter, matches);
    let none = StudyFilter::default;
    let text = |text: &str| HeaderText::new(text).map(Some);
    let queries = [
        ("study uid", one(&|n| Ok(StudyFilter { study_uid: Some(study_uid(n)?), ..none() }), 1)?),
        ("patient id", one(&|n| Ok(StudyFilter { patient_id: Some(patient_id(n)?), ..none() }), 1)?),
        (
            "accession number",
            one(&|n| Ok(StudyFilter { accession_number: text(&format!("ACC{n}"))?, ..none() }), 1)?,
        ),
        (
            "a day",
            one(
                &|n| {
                    let day = text(&day(n))?;
                    Ok(StudyFilter { study_date: Some(DateRange { from: day.clone(), to: day }), ..none() })
                },
                12,
            )?,
        ),
        ("first page", one(&|_| Ok(StudyFilter { limit: Some(25), ..none() }), 25)?),
        (
            "first page of a modality",
            one(&|_| Ok(StudyFilter { modality: text("CT")?, limit: Some(25), ..none() }), 25)?,
        ),
        ("a name", one(&|n| Ok(StudyFilter { patient_name: text(&format!("Family{n}^*"))?, ..none() }), 1)?),
    ];
    let queries: serde_json::Map<_, _> =
        queries.into_iter().map(|(name, ms)| (name.to_owned(), json!(ms))).collect();
    let line = json!({
        "opened_ms": opened_ms,
        "opened_mib": opened_kib / 1024,
        "asked_mib": status("VmRSS:")? / 1024,
        "most_mib": status("VmHWM:")? / 1024,
        "query_ms": queries,
    });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// Milliseconds that the query of one of the first studies takes, on average over studies. The first one warms up.
fn time(archive: &Archive, filter: &dyn Fn(u32) -> Result<StudyFilter>, matches: usize) -> Result<f64> {
    archive.studies_find(&filter(0)?)?;
    let began = Wall.now();
    for round in 0..ROUNDS {
        let found = archive.studies_find(&filter(round % 60)?)?.len();
        ensure!(found == matches, "{found} instead of {matches} studies were found");
    }
    Ok(Wall.now().millis_since(began) as f64 / f64::from(ROUNDS))
}

/// A line of /proc/self/status, in KiB.
fn status(name: &str) -> Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no such line of the status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
