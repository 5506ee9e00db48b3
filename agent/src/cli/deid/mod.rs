//! `deid …`: what de-identification does to a file, shown or done. Needs neither a running agent nor a configuration.

mod apply;
mod preview;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use agent_deid::blank::Region;
use agent_deid::{Deidentifier, Options, ProfileOption, ProjectKey};
use anyhow::Context;
use clap::{Args, Subcommand};
use ring::rand::{SecureRandom, SystemRandom};

#[derive(Debug, Subcommand)]
pub(super) enum DeidCommand {
    /// Show before and after, attribute by attribute
    Preview {
        /// A DICOM or NIfTI file
        file: PathBuf,
        #[command(flatten)]
        how: How,
        /// Show what stays as it is, too
        #[arg(long)]
        all: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a file or a folder of files without what identifies a patient
    #[command(
        after_help = "Example: ringfence-agent deid apply in/ out/ --options modified-dates,clean-descriptors --key-file project.key"
    )]
    Apply {
        /// A DICOM or NIfTI file, or a folder of them
        input: PathBuf,
        /// A new file; for a folder, a folder, in which the files get new names
        output: PathBuf,
        #[command(flatten)]
        how: How,
        /// Paint this region of every picture over, in pixels: LEFT,TOP,WIDTH,HEIGHT; repeat for more
        #[arg(long = "blank", value_name = "REGION")]
        regions: Vec<RegionArgument>,
        /// Somebody has looked: take pictures whose pixels may carry text as they are
        #[arg(long)]
        reviewed: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

/// How to de-identify.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Beside the Basic profile: safe-private, device, patient-characteristics, modified-dates, clean-descriptors;
    /// none for the Basic profile alone
    #[arg(long, value_delimiter = ',', value_name = "LIST", default_value = "safe-private")]
    options: Vec<Choice>,
    /// The project's key, 32 bytes or more: files de-identified under one key stay consistent with each other
    /// [default: a key that is drawn and forgotten]
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl How {
    fn deidentifier(&self) -> anyhow::Result<(Deidentifier, ProjectKey)> {
        let key = self.key()?;
        Ok((Deidentifier::new(Options::new(&self.options()), key.clone()), key))
    }

    fn options(&self) -> Vec<ProfileOption> {
        self.options.iter().filter_map(|choice| choice.0).collect()
    }

    fn key(&self) -> anyhow::Result<ProjectKey> {
        let secret = match &self.key_file {
            Some(file) => read(file)?,
            None => {
                let mut drawn = vec![0; 32];
                SystemRandom::new()
                    .fill(&mut drawn)
                    .map_err(|_| anyhow::anyhow!("no random bytes for a key"))?;
                drawn
            }
        };
        Ok(ProjectKey::new(&secret)?)
    }

    fn option_names(&self) -> Vec<&'static str> {
        self.options.iter().filter_map(|choice| choice.0).map(ProfileOption::name).collect()
    }
}

/// An option's name, or `none`.
#[derive(Debug, Clone, Copy)]
struct Choice(Option<ProfileOption>);

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        let known = ProfileOption::ALL.into_iter().find(|option| option.name() == text);
        known.map(|option| Self(Some(option))).ok_or_else(|| {
            let names: Vec<_> = ProfileOption::ALL.into_iter().map(ProfileOption::name).collect();
            format!("one of {} or none", names.join(", "))
        })
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct RegionArgument(Region);

impl FromStr for RegionArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<u32>, _> = text.split(',').map(str::parse).collect();
        match numbers.as_deref() {
            Ok([left, top, width, height]) => {
                Ok(Self(Region { left: *left, top: *top, width: *width, height: *height }))
            }
            Ok(_) | Err(_) => Err("four numbers: LEFT,TOP,WIDTH,HEIGHT".to_owned()),
        }
    }
}

pub(super) fn deid(command: DeidCommand) -> anyhow::Result<()> {
    match command {
        DeidCommand::Preview { file, how, all, json } => preview::preview(&file, &how, all, json),
        DeidCommand::Apply { input, output, how, regions, reviewed, json } => {
            let regions = regions.into_iter().map(|region| region.0).collect();
            apply::apply(&input, &output, &apply::Job::new(&how, regions, reviewed)?, json)
        }
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_regions_are_read_or_refused_by_name() {
        assert!(matches!(
            "modified-dates".parse::<Choice>(),
            Ok(Choice(Some(ProfileOption::RetainModifiedDates)))
        ));
        assert!(matches!("none".parse::<Choice>(), Ok(Choice(None))));
        assert!("dates".parse::<Choice>().unwrap_err().contains("modified-dates"));
        let region = "1,2,3,4".parse::<RegionArgument>().unwrap().0;
        assert_eq!(region, Region { left: 1, top: 2, width: 3, height: 4 });
        assert!("1,2,3".parse::<RegionArgument>().is_err());
    }
}
