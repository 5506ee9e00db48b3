//! The command line: what can be asked, and how answers are shown. Decides nothing.

mod deid;
mod ledger;
mod masks;
mod peers;
mod run;
mod segments;
mod show;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::config::{Flags, ServeFlags};
use deid::DeidCommand;
use ledger::LedgerCommand;
use masks::MasksCommand;
use peers::PeersCommand;
use segments::SegmentsCommand;

pub use run::{exit_code, run};

/// Keeps a hospital's images inside it: receives DICOM and NIfTI, serves the viewer, reports numbers.
#[derive(Debug, Parser)]
#[command(
    name = "ringfence-agent",
    version,
    after_help = "Example: ringfence-agent import /mnt/studies --dir /var/lib/ringfence-agent"
)]
pub struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Receive images, serve the viewer, talk to the control plane
    Serve(Box<ServeFlags>),
    /// Join a control plane with the string that its console showed
    Enrol {
        /// rg1.… as the console showed it
        join_string: String,
    },
    /// Take files, folders, zip archives and media with a DICOMDIR
    Import {
        /// Files and folders; what is there already is skipped, so that an interrupted import can be done again
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Write the result as JSON into a new file, too
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a label map (NIfTI, NRRD, DICOM SEG or RTSTRUCT) the gold annotation of an asset
    Gold {
        /// The asset's id, as `assets` lists it
        asset: String,
        /// The label map, on the asset's own grid
        file: PathBuf,
    },
    /// List what can be annotated
    Assets {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Delete the study of an asset: its images, all work on them, and the key that could read them
    Delete {
        /// The asset's id, as `assets` lists it
        asset: String,
        /// Yes, for ever
        #[arg(long, required = true)]
        yes: bool,
    },
    /// Rebuild the indexes from the journals (the agent must not run)
    Reindex,
    /// Ask the running agent whether it is well; where none runs, read every byte of the journals
    Check {
        /// Read every byte of the journals and recompute their chains, whether or not the agent runs
        #[arg(long)]
        deep: bool,
        /// Ask the running agent and nothing else; fails where none answers, as a health check must
        #[arg(long, conflicts_with = "deep")]
        running: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// The hospital's own accounts
    #[command(subcommand)]
    User(UserCommand),
    /// DICOMweb tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// What left the hospital
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Take what identifies a patient out of files; needs neither a running agent nor a configuration
    #[command(subcommand)]
    Deid(DeidCommand),
    /// Measure, join, change and convert label maps; needs neither a running agent nor a configuration
    #[command(subcommand)]
    Masks(MasksCommand),
    /// The hospital's other DICOM systems
    #[command(subcommand)]
    Peers(PeersCommand),
    /// Closed segments of images: in their directory, or in an object store
    #[command(subcommand)]
    Segments(SegmentsCommand),
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add an account
    Add {
        /// Name to sign in with
        name: String,
        /// hospital-admin or reviewer; repeat for both
        #[arg(long = "role", required = true, value_parser = ["hospital-admin", "reviewer"])]
        roles: Vec<String>,
        /// Holds the password; asked for on the terminal when missing
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// List accounts
    List {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Take an account's access away at once
    Suspend {
        /// Name to sign in with
        name: String,
    },
    /// Give an account its access back
    Resume {
        /// Name to sign in with
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token; it is shown once
    Create {
        /// What it is for
        name: String,
        /// What its holder sees
        #[arg(long, value_enum, default_value_t = ViewArgument::Original)]
        view: ViewArgument,
        /// The project whose secret the de-identified view is made with
        #[arg(long, value_name = "ID", required_if_eq("view", "de-identified"))]
        project: Option<String>,
        /// Its holder may bring objects in, too
        #[arg(long)]
        store: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// List tokens, without their values
    List {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a token useless
    Revoke {
        /// What it was for
        name: String,
    },
}

/// The views of `token create`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ViewArgument {
    /// Objects as they arrived
    Original,
    /// Objects without what identifies a patient, with the same pseudonyms throughout a project
    #[value(name = "de-identified")]
    Deidentified,
}
