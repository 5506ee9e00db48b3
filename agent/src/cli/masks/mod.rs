//! `masks …`: what label maps have in common, for people's own scripts and for anyone who wants to check us. Needs
//! neither a running agent nor a configuration.

mod apply;
mod consensus;
mod convert;
mod files;
mod measure;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;

use agent_imaging::{Grid, LabelMap};
use clap::Subcommand;
use serde_json::{Value, json};

use super::show;
use apply::{Apply, apply};
use consensus::{Rule, decide};
use convert::{As, Wanted, convert};
use files::{read, write};
use measure::{Asked, measured};

#[derive(Debug, Subcommand)]
pub(super) enum MasksCommand {
    /// How well two label maps agree, label by label
    #[command(
        after_help = "Example: ringfence-agent masks measure gold.nii.gz drawn.nii.gz --tau-mm 2 --json"
    )]
    Measure {
        /// The reference, a label map: NIfTI, NRRD or DICOM SEG
        reference: PathBuf,
        /// What is judged, on the same grid
        candidate: PathBuf,
        #[command(flatten)]
        asked: Asked,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// One label map out of several
    #[command(
        after_help = "Example: ringfence-agent masks consensus a.nii.gz b.nii.gz c.nii.gz --method staple -o one.nii.gz"
    )]
    Consensus {
        /// Label maps on one grid, 2 to 16: NIfTI, NRRD or DICOM SEG
        #[arg(required = true, num_args = 2..=16)]
        maps: Vec<PathBuf>,
        #[command(flatten)]
        rule: Rule,
        /// A new NIfTI or NRRD file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// Only this label; repeat for more [default: every label there is]
        #[arg(long = "label", value_name = "NUMBER")]
        labels: Vec<u16>,
        /// Print what was found as JSON
        #[arg(long)]
        json: bool,
    },
    /// One operation on a label map
    Apply {
        #[command(subcommand)]
        operation: Box<Apply>,
    },
    /// One kind of file to another, read back and compared voxel by voxel
    #[command(
        after_help = "Example: ringfence-agent masks convert drawn.nii.gz drawn.dcm --reference series/ --as seg"
    )]
    Convert {
        /// A NIfTI, NRRD, DICOM SEG, RTSTRUCT or COCO file
        input: PathBuf,
        /// A new file, by its end: .nii .nii.gz .nrrd .seg.nrrd .dcm .json .stl .ply
        output: PathBuf,
        /// This segment only
        #[arg(long, value_name = "NUMBER")]
        segment: Option<u16>,
        /// The DICOM series that it belongs to, a folder or a file; or a NIfTI or NRRD file that gives the grid
        #[arg(long, value_name = "PATH")]
        reference: Option<PathBuf>,
        /// What a .dcm is written as
        #[arg(long = "as", value_enum, default_value_t = As::Seg)]
        kind: As,
        /// Print what was found as JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn masks(command: MasksCommand) -> anyhow::Result<()> {
    match command {
        MasksCommand::Measure { reference, candidate, asked, json } => {
            asked.check()?;
            show::result(&measured(&read(&reference)?, &read(&candidate)?, &asked)?, json)
        }
        MasksCommand::Consensus { maps, rule, output, labels, json } => {
            let maps = maps.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
            let maps: Vec<&LabelMap> = maps.iter().collect();
            let (decided, found) = decide(&maps, &rule, &labels)?;
            let disputed = rule.disputed(&maps, &labels)?;
            write(&output, &decided)?;
            if let Some((path, map)) = disputed {
                write(path, &map)?;
            }
            show::result(&found, json)
        }
        MasksCommand::Apply { operation } => apply(&operation),
        MasksCommand::Convert { input, output, segment, reference, kind, json } => {
            let (input, output, reference) = (&input, &output, reference.as_ref());
            show::result(&convert(&Wanted { input, output, segment, reference, kind })?, json)
        }
    }
}

fn labels_of(maps: &[&LabelMap]) -> BTreeSet<u16> {
    maps.iter().flat_map(|map| map.labels()).collect()
}

fn grid(grid: &Grid) -> Value {
    json!({ "size": grid.size(), "spacing_mm": grid.spacing_mm() })
}
