//! `segments …`: closed segments of images, where they are and where they go.

use clap::Subcommand;

use super::run::answer_with;
use super::show::result;
use crate::config::{Config, Flags};
use crate::requests::Request;
use crate::segments::{ClosedSegments, S3Flags, SegmentRequest};

#[derive(Debug, Subcommand)]
pub(super) enum SegmentsCommand {
    /// List closed segments and where each is
    List {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        s3: Box<S3Flags>,
    },
    /// Move all closed segments; one that was interrupted goes on where it stopped
    Move {
        /// Where to
        #[arg(long, value_enum, value_name = "PLACE")]
        to: ClosedSegments,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        s3: Box<S3Flags>,
    },
}

/// A running agent knows its own object store; the flags are for a store that is opened here.
pub(super) fn segments(flags: &Flags, command: SegmentsCommand) -> anyhow::Result<()> {
    let (call, json, s3) = match command {
        SegmentsCommand::List { json, s3 } => (SegmentRequest::List, json, s3),
        SegmentsCommand::Move { to, json, s3 } => (SegmentRequest::Move { to }, json, s3),
    };
    let config = Config::load_with(flags, Some(&*s3))?;
    result(&answer_with(&config, &Request::Segments { call })?, json)
}
