//! `ledger …`: what left, message by message, checked and exported from the files alone.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use agent_archive::{Head, LedgerVerified, ReadOnlyIo};
use agent_viewer_api::{ledger_line, ledger_state};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::run::ask;
use super::show::result;
use crate::config::{Config, Flags};
use crate::egress::{Selection, WireSchema};
use crate::requests::Request;

/// Which messages are meant.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Only those of a day, as 2026-11-30 (UTC)
    #[arg(long)]
    day: Option<String>,
    /// Only those of a kind, such as asset, submission or renew
    #[arg(long)]
    kind: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// List the newest messages
    List {
        /// So many
        #[arg(long, default_value_t = 20)]
        limit: u64,
        #[command(flatten)]
        which: Which,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one message, field by field, with the reason why each field may leave
    Show {
        /// Number in the ledger
        sequence: u64,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Read every byte, recompute the hash chain, compare the anchors; needs no running agent and no configuration
    Verify {
        /// The store that the ledger is in [default: the one of --dir]
        directory: Option<PathBuf>,
        /// A head that was noted down elsewhere, as this command printed it: the ledger must still hold it
        #[arg(long, value_name = "RECORD:CHAIN")]
        head: Option<String>,
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Write messages as JSON Lines, each with its fields and its plain bytes; the last line says whether all is intact
    Export {
        /// The store that the ledger is in [default: the one of --dir]
        directory: Option<PathBuf>,
        #[command(flatten)]
        which: Which,
        /// Where to [default: standard output]
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

impl From<Which> for Selection {
    fn from(Which { day, kind }: Which) -> Self {
        Self { day, kind }
    }
}

pub(super) fn ledger(flags: &Flags, command: LedgerCommand) -> anyhow::Result<()> {
    match command {
        LedgerCommand::List { limit, which, json } => {
            ask(flags, Request::LedgerList { limit, selection: which.into() }, json)
        }
        LedgerCommand::Show { sequence, json } => ask(flags, Request::LedgerShow { sequence }, json),
        LedgerCommand::Verify { directory, head, json } => {
            let noted = head.as_deref().map(head_named).transpose()?;
            let directory = store(flags, directory.as_deref())?;
            let verified = agent_archive::read_ledger(&ReadOnlyIo, &directory, noted, &mut |_| ());
            let verified = verified.context("the ledger cannot be read")?;
            result(&ledger_state(&verified), json)?;
            intact(&verified)
        }
        LedgerCommand::Export { directory, which, output } => {
            let selection = Selection::from(which);
            drop(selection.checked()?);
            if directory.is_none() {
                // Who reads the store of an agent leaves a trace in its audit trail, whatever they find there.
                ask_quietly(flags)?;
            }
            export(&store(flags, directory.as_deref())?, &selection, output.as_deref())
        }
    }
}

fn ask_quietly(flags: &Flags) -> anyhow::Result<()> {
    super::run::answer(flags, &Request::LedgerExported).map(|_| ())
}

fn store(flags: &Flags, directory: Option<&Path>) -> anyhow::Result<PathBuf> {
    match directory {
        Some(directory) => Ok(directory.to_path_buf()),
        None => Ok(Config::load(flags, None)?.dir),
    }
}

/// Fails when something is not as it was written; what is said before names the places.
fn intact(verified: &LedgerVerified) -> anyhow::Result<()> {
    if verified.findings.is_empty() { Ok(()) } else { bail!("the ledger is not what was written") }
}

/// Writes what is meant, one line a message, and a last line with the state of the ledger.
fn export(directory: &Path, selection: &Selection, output: Option<&Path>) -> anyhow::Result<()> {
    let meant = selection.checked()?;
    let mut out: Box<dyn Write> = match output {
        Some(path) => {
            Box::new(File::create_new(path).with_context(|| format!("cannot make {}", path.display()))?)
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let mut out = BufWriter::new(&mut out);
    let mut written = Ok(());
    let verified = agent_archive::read_ledger(&ReadOnlyIo, directory, None, &mut |entry| {
        if written.is_ok() && meant(&entry) {
            written = writeln!(out, "{}", ledger_line(&entry, &WireSchema));
        }
    });
    let verified = verified.context("the ledger cannot be read")?;
    written.context("the export cannot be written")?;
    writeln!(out, "{}", ledger_state(&verified))?;
    out.flush()?;
    if let Some(path) = output {
        let state = ledger_state(&verified);
        result(&json!({ "file": path, "ledger": state["ledger"], "head": state["head"] }), false)?;
    }
    intact(&verified)
}

/// A head as `verify` prints it.
fn head_named(text: &str) -> anyhow::Result<Head> {
    let parsed = text.split_once(':').and_then(|(record, chain)| {
        let mut link = [0; 32];
        if chain.len() != 64 || !chain.is_ascii() {
            return None;
        }
        for (byte, digits) in link.iter_mut().zip(chain.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Head { sequence: record.parse().ok()?, link })
    });
    parsed.context("a head is written as RECORD:CHAIN, the way `ledger verify` prints it")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use agent_archive::{Archive, Direction, MessageKind, NewLedgerEntry};
    use agent_uplink::{GoldPresence, Outbound};
    use proto_ids::AssetToken;
    use proto_program::SystemClock;
    use serde_json::Value;

    use super::*;

    /// A store with two messages in its ledger that nobody has open.
    fn kept(directory: &Path) {
        let archive = Archive::open_on_disk(directory, Arc::new(SystemClock)).unwrap();
        for (kind, present) in [(MessageKind::Gold, true), (MessageKind::Gold, false)] {
            let bytes =
                Outbound::Gold(GoldPresence { asset: AssetToken::from_random([3; 16]), present }).encode();
            let entry = NewLedgerEntry { direction: Direction::Sent, kind, outbox_sequence: 1, bytes };
            archive.ledger_append(vec![entry]).unwrap();
        }
        archive.ledger_anchor().unwrap();
    }

    fn exported(directory: &Path, name: &str, selection: &Selection) -> (anyhow::Result<()>, Vec<Value>) {
        let file = directory.join(name);
        let outcome = export(directory, selection, Some(&file));
        let text = std::fs::read_to_string(file).unwrap();
        (outcome, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn an_export_has_a_line_for_each_message_and_ends_with_the_state() {
        let place = tempfile::tempdir().unwrap();
        kept(place.path());
        let (outcome, lines) = exported(place.path(), "all", &Selection::default());
        outcome.unwrap();
        assert_eq!(
            (lines.len(), &lines[2]["ledger"], &lines[2]["anchors"]),
            (3, &json!("intact"), &json!(1))
        );
        assert_eq!(lines[0]["fields"][1]["why"], json!("whether there is a gold annotation"));
        let none = Selection { kind: Some("lease".to_owned()), day: None };
        assert_eq!(exported(place.path(), "none", &none).1.len(), 1);
    }

    #[test]
    fn damage_fails_the_export_and_the_check_and_names_the_place() {
        let place = tempfile::tempdir().unwrap();
        kept(place.path());
        let segment = std::fs::read_dir(place.path().join("ledger/segments")).unwrap().next().unwrap();
        let segment = segment.unwrap().path();
        let mut bytes = std::fs::read(&segment).unwrap();
        bytes[150] ^= 4;
        std::fs::write(&segment, bytes).unwrap();
        let (outcome, lines) = exported(place.path(), "damaged", &Selection::default());
        assert!(outcome.is_err());
        let state = lines.last().unwrap();
        // The link of the record behind the damage cannot be recomputed either, so neither is shown as intact.
        assert_eq!((lines.len(), &state["ledger"]), (1, &json!("damaged")));
        assert!(state["findings"][0].as_str().unwrap().contains("from byte 64"), "{state}");
    }

    #[test]
    fn a_head_is_read_as_it_is_printed() {
        let head = Head { sequence: 12, link: [0xab; 32] };
        assert_eq!(head_named(&format!("12:{}", "ab".repeat(32))).unwrap(), head);
        for wrong in ["12", "12:ab", "x:00", &format!("12:{}", "zz".repeat(32))] {
            assert!(head_named(wrong).is_err(), "{wrong}");
        }
    }
}
