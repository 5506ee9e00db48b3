//! The command line: what can be asked, and how answers are shown. Decides nothing.

mod run;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::{Flags, ServeFlags};

pub use run::run;

/// Decides who annotates what and judges how well it is done; holds no image and no mask.
#[derive(Debug, Parser)]
#[command(
    name = "ringfence-control-plane",
    version,
    after_help = "Example: ringfence-control-plane init --admin-user ada --dir /var/lib/ringfence-control-plane"
)]
pub struct Arguments {
    #[command(flatten)]
    flags: Flags,
    /// Print results as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve agents, the console, and health
    Serve(ServeFlags),
    /// Make the store, the certificate authority and the first administrator
    Init {
        /// Name that the first administrator signs in with
        #[arg(long, value_name = "NAME")]
        admin_user: String,
        /// Holds the password; one is made and printed once when missing
        #[arg(long, value_name = "FILE")]
        admin_password_file: Option<PathBuf>,
        /// Change nothing where there is somebody already
        #[arg(long)]
        once: bool,
    },
    /// Join tokens for agents
    #[command(subcommand)]
    JoinToken(JoinTokenCommand),
    /// Sites and their state
    #[command(subcommand)]
    Site(SiteCommand),
    /// Managers and administrators
    #[command(subcommand)]
    User(UserCommand),
    /// Ask the running control plane whether it is well; where none runs, read every byte of the journal
    Check {
        /// Read every byte of the journal and recompute its chain, whether or not the control plane runs
        #[arg(long)]
        deep: bool,
        /// Ask the running control plane and nothing else; fails where none answers, as a health check must
        #[arg(long, conflicts_with = "deep")]
        running: bool,
    },
    /// Rebuild the index from the journal (the control plane must not run)
    Reindex,
}

#[derive(Debug, Subcommand)]
enum JoinTokenCommand {
    /// Print a join string, good once and for 15 minutes; makes the site when there is none
    Create {
        /// Name of the site
        #[arg(long, value_name = "NAME")]
        site: String,
        /// host:port that the agent dials [default: of the settings]
        #[arg(long, value_name = "HOST:PORT")]
        endpoint: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
enum SiteCommand {
    /// List sites
    List,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add somebody who signs in at the console
    Add {
        /// Name to sign in with
        name: String,
        /// What others read [default: the name]
        #[arg(long, value_name = "TEXT")]
        display_name: Option<String>,
        /// manager or administrator; repeat for both
        #[arg(long = "role", required = true, value_parser = ["manager", "administrator"])]
        roles: Vec<String>,
        /// Holds the password; asked for on the terminal when missing
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Set a password; ends the person's sessions
    Password {
        /// Name to sign in with
        name: String,
        /// Holds the password; asked for on the terminal when missing
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// List everybody
    List,
}
