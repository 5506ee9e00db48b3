//! `peers …`: the hospital's other DICOM systems, as the running agent calls them.

use anyhow::Context;
use clap::Subcommand;

use super::run::ask;
use crate::config::Flags;
use crate::peers::PeerRequest;
use crate::requests::Request;

#[derive(Debug, Subcommand)]
pub(super) enum PeersCommand {
    /// List the peers of the settings
    List {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask whether a peer is there and knows this agent (C-ECHO)
    Echo {
        /// The peer's name in the settings
        name: String,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Ask what a peer holds (C-FIND)
    Find {
        /// The peer's name in the settings
        name: String,
        /// KEYWORD=VALUE, such as PatientID=4711 or StudyDate=20260101-; * and ? as wildcards
        #[arg(value_name = "KEY=VALUE", value_parser = pair)]
        wanted: Vec<(String, String)>,
        /// study, series or image
        #[arg(long, default_value = "study", value_parser = ["study", "series", "image"])]
        level: String,
        /// At most so many matches
        #[arg(long, default_value_t = 100)]
        limit: usize,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Have a peer send a study to this agent (C-MOVE, or C-GET with --get)
    Pull {
        /// The peer's name in the settings
        name: String,
        /// Study Instance UID
        #[arg(long, value_name = "UID")]
        study: String,
        /// Series Instance UID, for one series alone
        #[arg(long, value_name = "UID")]
        series: Option<String>,
        /// Over the agent's own association: the peer needs not know its address
        #[arg(long)]
        get: bool,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Send an asset's objects to a peer, as they were received (C-STORE)
    Send {
        /// The peer's name in the settings
        name: String,
        /// The asset's id, as `assets` lists it
        asset: String,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
}

fn pair(text: &str) -> anyhow::Result<(String, String)> {
    let (key, value) = text.split_once('=').context("not of the form KEYWORD=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn peers(flags: &Flags, command: PeersCommand) -> anyhow::Result<()> {
    let (call, json) = match command {
        PeersCommand::List { json } => (PeerRequest::List, json),
        PeersCommand::Echo { name, json } => (PeerRequest::Echo { name }, json),
        PeersCommand::Find { name, wanted, level, limit, json } => {
            (PeerRequest::Find { name, level, wanted, limit }, json)
        }
        PeersCommand::Pull { name, study, series, get, json } => {
            (PeerRequest::Pull { name, study, series, get }, json)
        }
        PeersCommand::Send { name, asset, json } => (PeerRequest::Send { name, asset }, json),
    };
    ask(flags, Request::Peer { call }, json)
}
