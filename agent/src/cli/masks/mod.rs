//! `masks …`: what label maps have in common, for people's own scripts and for anyone who wants to check us. Needs
//! neither a running agent nor a configuration.

mod apply;
mod consensus;
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
use files::{read, write};
use measure::{Asked, measured};

#[derive(Debug, Subcommand)]
pub(super) enum MasksCommand {
    /// How well two label maps agree, label by label
    #[command(
        after_help = "Example: ringfence-agent masks measure gold.nii.gz drawn.nii.gz --tau-mm 2 --json"
    )]
    Measure {
        /// The reference, a NIfTI label map
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
        /// NIfTI label maps on one grid, 2 to 16
        #[arg(required = true, num_args = 2..=16)]
        maps: Vec<PathBuf>,
        #[command(flatten)]
        rule: Rule,
        /// A new NIfTI file
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
    }
}

fn labels_of(maps: &[&LabelMap]) -> BTreeSet<u16> {
    maps.iter().flat_map(|map| map.labels()).collect()
}

fn grid(grid: &Grid) -> Value {
    json!({ "size": grid.size(), "spacing_mm": grid.spacing_mm() })
}
