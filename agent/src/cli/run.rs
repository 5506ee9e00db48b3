//! Runs one command: here, or in the running agent where there is one.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::deid::deid;
use super::ledger::ledger;
use super::masks::masks;
use super::peers::peers;
use super::segments::segments;
use super::show::{Meter, result};
use super::{Arguments, Command, TokenCommand, UserCommand, ViewArgument};
use crate::config::{Config, ConfigError, Flags};
use crate::requests::Request;
use crate::segments::segmentation;
use crate::site::{Site, socket};
use crate::wiring;
use proto_program::commands::{self, Executor, Progress};
use proto_program::{InvalidLevel, runtime, start_logging};

/// 1 failed, 2 wrong usage, as the contract has them.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let usage = error.is::<ConfigError>() || error.is::<InvalidLevel>();
    if usage || error.is::<agent_uplink::InvalidJoinString>() { 2 } else { 1 }
}

/// Does what the command line says.
///
/// # Errors
/// In words for the person who typed it.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { flags, command } = arguments;
    match command {
        Command::Serve(serve) => {
            let config = Config::load(&flags, Some(&serve))?;
            start_logging(&config.log)?;
            runtime()?.block_on(wiring::serve(config))
        }
        Command::Enrol { join_string } => enrol(&flags, &join_string),
        Command::Reindex => reindex(&Config::load(&flags, None)?.dir),
        Command::Check { deep: true, json, .. } => read_everything(&Config::load(&flags, None)?, json),
        Command::Check { running: true, json, .. } => check_running(&Config::load(&flags, None)?.dir, json),
        Command::Check { json, .. } => check(&Config::load(&flags, None)?, json),
        Command::Import { paths, report, json } => import(&flags, &paths, report.as_deref(), json),
        Command::Gold { asset, file } => {
            let file = absolute(std::slice::from_ref(&file))?.remove(0);
            ask(&flags, Request::Gold { asset, file }, false)
        }
        // `yes` is required, so it says nothing more here.
        Command::Delete { asset, yes: _ } => ask(&flags, Request::StudyDelete { asset }, false),
        Command::Assets { json } => ask(&flags, Request::Assets, json),
        Command::User(command) => user(&flags, command),
        Command::Token(command) => token(&flags, command),
        Command::Ledger(command) => ledger(&flags, command),
        Command::Deid(command) => deid(command),
        Command::Masks(command) => masks(command),
        Command::Peers(command) => peers(&flags, command),
        Command::Segments(command) => segments(&flags, command),
    }
}

fn user(flags: &Flags, command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Add { name, roles, password_file: Some(file) } => {
            let password_file = absolute(&[file])?.remove(0);
            ask(flags, Request::UserAdd { name, roles, password_file }, false)
        }
        UserCommand::Add { name, roles, password_file: None } => {
            if !std::io::stdin().is_terminal() {
                bail!("there is no terminal to ask for a password; use --password-file");
            }
            let password = rpassword::prompt_password(format!("Password for {name}: "))?;
            let mut file = private_file(&Config::load(flags, None)?.dir)?;
            file.1.write_all(password.as_bytes())?;
            let asked = ask(flags, Request::UserAdd { name, roles, password_file: file.0.clone() }, false);
            std::fs::remove_file(&file.0)?;
            asked
        }
        UserCommand::List { json } => ask(flags, Request::UserList, json),
        UserCommand::Suspend { name } => ask(flags, Request::UserSuspend { name }, false),
        UserCommand::Resume { name } => ask(flags, Request::UserResume { name }, false),
    }
}

fn token(flags: &Flags, command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create { name, view, project, store, json } => {
            let deidentified = view == ViewArgument::Deidentified;
            if !deidentified && project.is_some() {
                bail!("--project goes with --view de-identified");
            }
            if deidentified && store {
                bail!("--store goes with --view original");
            }
            ask(flags, Request::TokenCreate { name, project, store }, json)
        }
        TokenCommand::List { json } => ask(flags, Request::TokenList, json),
        TokenCommand::Revoke { name } => ask(flags, Request::TokenRevoke { name }, false),
    }
}

/// A file for a secret that only this user can read.
fn private_file(directory: &Path) -> anyhow::Result<(PathBuf, std::fs::File)> {
    use std::os::unix::fs::OpenOptionsExt;
    std::fs::create_dir_all(directory)?;
    let path = std::path::absolute(directory.join(format!("secret-{}", std::process::id())))?;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    Ok((path, file))
}

fn absolute(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let absolute = |path: &PathBuf| {
        std::fs::canonicalize(path).with_context(|| format!("cannot read {}", path.display()))
    };
    paths.iter().map(absolute).collect()
}

/// A file that was not there before. It may name patients, so it is for its owner alone.
fn new_file(path: &Path) -> anyhow::Result<std::fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.with_context(|| format!("cannot make {}", path.display()))
}

/// Fails when there were files and none of them was usable.
fn import(flags: &Flags, paths: &[PathBuf], report: Option<&Path>, json: bool) -> anyhow::Result<()> {
    // Made before the work is done: afterwards it is too late to hear that it cannot be written.
    let report = report.map(|path| new_file(path).map(|file| (path, file))).transpose()?;
    let outcome = answer(flags, &Request::Import { paths: absolute(paths)? })?;
    if let Some((path, mut file)) = report {
        let text = serde_json::to_string_pretty(&outcome)? + "\n";
        file.write_all(text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    result(&outcome, json)?;
    let refused = outcome.get("refused").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    if refused > 0 && outcome.get("files").and_then(Value::as_u64) == Some(refused) {
        bail!("no file was usable");
    }
    Ok(())
}

pub(super) fn ask(flags: &Flags, request: Request, json: bool) -> anyhow::Result<()> {
    result(&answer(flags, &request)?, json)
}

/// Hands the request to the running agent, or opens the store when none runs.
pub(super) fn answer(flags: &Flags, request: &Request) -> anyhow::Result<Value> {
    answer_with(&Config::load(flags, None)?, request)
}

/// As [`answer`], with these settings where the store is opened here.
pub(super) fn answer_with(config: &Config, request: &Request) -> anyhow::Result<Value> {
    let mut meter = Meter::new();
    let mut report = |progress| meter.show(&progress);
    let answer = there_or_here(config, request, &mut report)?;
    meter.clear();
    Ok(answer)
}

/// An agent that is starting has the store open before it listens, so a store in use is tried again.
fn there_or_here(
    config: &Config,
    request: &Request,
    report: &mut dyn FnMut(Progress),
) -> anyhow::Result<Value> {
    const TRIES: u32 = 50;
    const PAUSE: Duration = Duration::from_millis(200);
    let mut tries = 0;
    loop {
        if let Some(answer) = commands::ask(&socket(&config.dir), request, report)? {
            return Ok(answer);
        }
        match Site::open(config) {
            Ok(site) => return site.execute(request.clone(), report),
            Err(error) if in_use(&error) && tries < TRIES => std::thread::sleep(PAUSE),
            Err(error) => return Err(error),
        }
        tries += 1;
    }
}

fn in_use(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(agent_archive::OpenError::InUse { .. })))
}

/// The join string holds a secret, so it goes to the running agent in a file that only its user can read.
fn enrol(flags: &Flags, join_string: &str) -> anyhow::Result<()> {
    let _: agent_uplink::JoinString = join_string.parse()?;
    let (path, mut file) = private_file(&Config::load(flags, None)?.dir)?;
    file.write_all(join_string.as_bytes())?;
    let asked = ask(flags, Request::Enrol { join_file: path.clone() }, false);
    std::fs::remove_file(&path)?;
    asked
}

fn reindex(directory: &Path) -> anyhow::Result<()> {
    agent_archive::reindex(directory).context("cannot rebuild the indexes; is the agent running?")?;
    result(&json!({ "indexes": "rebuilt" }), false)
}

/// Asks the running agent where there is one, and reads every byte of the journals otherwise.
fn check(config: &Config, json: bool) -> anyhow::Result<()> {
    match ask_running(&config.dir)? {
        Some(answer) => verdict(&answer, json),
        None => read_everything(config, json),
    }
}

/// An agent that is still starting does not answer yet, and sound journals say nothing of it.
fn check_running(directory: &Path, json: bool) -> anyhow::Result<()> {
    let Some(answer) = ask_running(directory)? else {
        bail!("no agent answers at {}", socket(directory).display());
    };
    verdict(&answer, json)
}

/// Quick enough to be asked every few seconds.
fn ask_running(directory: &Path) -> anyhow::Result<Option<Value>> {
    commands::ask(&socket(directory), &Request::Check, &mut |_| ())
}

fn verdict(answer: &Value, json: bool) -> anyhow::Result<()> {
    result(answer, json)?;
    if answer.get("well") == Some(&Value::Bool(true)) { Ok(()) } else { bail!("the agent is not well") }
}

fn read_everything(config: &Config, json: bool) -> anyhow::Result<()> {
    let mut journals = Vec::new();
    let mut sound = true;
    let store = segmentation(config)?.store;
    for (name, verified) in
        agent_archive::verify_all(Arc::new(agent_archive::ReadOnlyIo), &config.dir, store)?
    {
        sound &= verified.damage.is_empty();
        journals
            .push(json!({ "journal": name, "records": verified.records, "damaged": verified.damage.len() }));
    }
    result(&json!({ "journals": journals }), json)?;
    if sound { Ok(()) } else { bail!("records are damaged") }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn sound_journals_are_no_running_agent() {
        let place = tempfile::tempdir().unwrap();
        let config = Config { dir: place.path().to_path_buf(), ..Config::default() };
        drop(Site::open(&config).unwrap());
        check(&config, true).unwrap();
        let refusal = check_running(place.path(), true).unwrap_err();
        let socket = socket(place.path());
        assert_eq!(refusal.to_string(), format!("no agent answers at {}", socket.display()));
        assert_eq!(exit_code(&refusal), 1);
    }

    #[test]
    fn a_check_is_of_the_running_agent_or_of_every_byte() {
        Arguments::try_parse_from(["ringfence-agent", "check", "--running", "--json"]).unwrap();
        let both = ["ringfence-agent", "check", "--running", "--deep"];
        let refusal = Arguments::try_parse_from(both).unwrap_err();
        assert_eq!(refusal.kind(), clap::error::ErrorKind::ArgumentConflict);
    }
}
