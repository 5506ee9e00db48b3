//! Runs one command: in the running control plane where there is one, here otherwise.

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane_app::Chance;
use serde_json::{Value, json};

use super::{Arguments, Command, JoinTokenCommand, SiteCommand, UserCommand};
use crate::config::{Config, ConfigError, Flags};
use crate::plane::{self, Missing, Plane, socket};
use crate::requests::Request;
use crate::wiring;
use proto_program::{InvalidLevel, commands};

/// Does what the command line says. Answers with the exit code: 0 done, 1 failed, 2 wrong usage,
/// 3 something is missing on the machine.
pub fn run(arguments: Arguments) -> u8 {
    let Arguments { flags, json, command } = arguments;
    match execute(&flags, command).and_then(|answer| show(&answer, json).and_then(|()| verdict(&answer))) {
        Ok(()) => 0,
        Err(error) => {
            // Nobody reads standard error any more when this fails.
            let _ = writeln!(std::io::stderr(), "ringfence-control-plane: {error:#}");
            exit_code(&error)
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Missing>() {
        3
    } else if error.is::<ConfigError>() || error.is::<InvalidLevel>() {
        2
    } else {
        1
    }
}

fn execute(flags: &Flags, command: Command) -> anyhow::Result<Value> {
    let config = |serve| Config::load(flags, serve);
    match command {
        Command::Serve(serve) => wiring::run(config(Some(&serve))?).map(|()| Value::Null),
        Command::Init { once: true, admin_user, admin_password_file } => {
            init_once(&config(None)?.dir, admin_user, admin_password_file.as_deref())
        }
        Command::Init { once: false, admin_user, admin_password_file } => {
            init(&config(None)?.dir, admin_user, admin_password_file.as_deref())
        }
        Command::JoinToken(JoinTokenCommand::Create { site, endpoint }) => {
            ask(&config(None)?, Request::JoinTokenCreate { site, endpoint })
        }
        Command::Site(SiteCommand::List) => ask(&config(None)?, Request::SiteList),
        Command::User(command) => ask(&config(None)?, user(command)?),
        Command::Check { deep: true, .. } => plane::check(&config(None)?.dir),
        Command::Check { running: true, .. } => check_running(&config(None)?.dir),
        Command::Check { .. } => check(&config(None)?.dir),
        Command::Reindex => plane::reindex(&config(None)?.dir),
    }
}

fn user(command: UserCommand) -> anyhow::Result<Request> {
    Ok(match command {
        UserCommand::Add { name, display_name, roles, password_file } => Request::UserAdd {
            display_name: display_name.unwrap_or_else(|| name.clone()),
            password: password(&name, password_file.as_deref())?,
            user_name: name,
            roles,
        },
        UserCommand::Password { name, password_file } => {
            Request::UserPassword { password: password(&name, password_file.as_deref())?, user_name: name }
        }
        UserCommand::List => Request::UserList,
    })
}

/// A password out of a file, or typed.
fn password(name: &str, file: Option<&Path>) -> anyhow::Result<String> {
    match file {
        Some(file) => password_of(file),
        None if std::io::stdin().is_terminal() => {
            Ok(rpassword::prompt_password(format!("Password for {name}: "))?)
        }
        None => anyhow::bail!("there is no terminal to ask for a password; use --password-file"),
    }
}

fn password_of(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Makes what is missing, and the first administrator unless there is somebody: an `init` that was
/// interrupted before the first person goes on.
fn init_once(directory: &Path, admin_user: String, file: Option<&Path>) -> anyhow::Result<Value> {
    let people = Plane::init(directory)?.execute(Request::UserList, "")?;
    if people.get("people").and_then(Value::as_array).is_some_and(|people| !people.is_empty()) {
        return Ok(json!({ "init": "done before" }));
    }
    init(directory, admin_user, file)
}

fn init(directory: &Path, admin_user: String, file: Option<&Path>) -> anyhow::Result<Value> {
    let (password, made) = match file {
        Some(file) => (password_of(file)?, None),
        None => {
            let made = URL_SAFE_NO_PAD.encode(Chance::default().bytes::<15>()?);
            (made.clone(), Some(made))
        }
    };
    let plane = Plane::init(directory)?;
    let request = Request::UserAdd {
        display_name: admin_user.clone(),
        user_name: admin_user.clone(),
        roles: vec!["administrator".to_owned()],
        password,
    };
    plane.execute(request, "").context("the first administrator")?;
    let ca_file = directory.join("ca").join("ca.pem").display().to_string();
    Ok(match made {
        Some(password) => json!({ "admin_user": admin_user, "password": password, "ca_file": ca_file }),
        None => json!({ "admin_user": admin_user, "ca_file": ca_file }),
    })
}

/// Hands a request to the running control plane, or opens the store when none runs.
fn ask(config: &Config, request: Request) -> anyhow::Result<Value> {
    match commands::ask(&socket(&config.dir), &request, &mut |_| ())? {
        Some(answer) => Ok(answer),
        None => Plane::open(&config.dir)?.execute(request, &config.endpoint()),
    }
}

/// Asks the running control plane where there is one, and reads every byte of the journal otherwise.
fn check(directory: &Path) -> anyhow::Result<Value> {
    ask_running(directory)?.map_or_else(|| plane::check(directory), Ok)
}

/// A control plane that is still starting does not answer yet, and a sound journal says nothing of it.
fn check_running(directory: &Path) -> anyhow::Result<Value> {
    let socket = socket(directory);
    ask_running(directory)?.with_context(|| format!("no control plane answers at {}", socket.display()))
}

/// Quick enough to be asked every few seconds.
fn ask_running(directory: &Path) -> anyhow::Result<Option<Value>> {
    commands::ask(&socket(directory), &Request::Check, &mut |_| ())
}

/// An answer that says of the control plane that it is not well is shown, and is a failure all the same.
fn verdict(answer: &Value) -> anyhow::Result<()> {
    anyhow::ensure!(answer.get("well") != Some(&Value::Bool(false)), "the control plane is not well");
    Ok(())
}

fn show(answer: &Value, json: bool) -> anyhow::Result<()> {
    if answer.is_null() {
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{answer}")?;
    } else {
        for line in lines(answer) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

/// An answer for people: one line for each value, tables as one line for each row.
fn lines(answer: &Value) -> Vec<String> {
    let Some(fields) = answer.as_object() else { return Vec::new() };
    let mut lines = Vec::new();
    for (name, value) in fields {
        match value {
            Value::Array(rows) => lines.extend(rows.iter().map(row)),
            Value::Object(_) => lines.push(format!("{name}: {}", row(value))),
            Value::String(text) => lines.push(format!("{name}: {text}")),
            Value::Null | Value::Bool(_) | Value::Number(_) => lines.push(format!("{name}: {value}")),
        }
    }
    lines
}

fn row(value: &Value) -> String {
    let Some(fields) = value.as_object() else { return value.to_string() };
    let texts: Vec<String> = fields
        .values()
        .map(|value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
        .collect();
    texts.join("  ")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn administrator(directory: &Path) -> std::path::PathBuf {
        let file = directory.join("password");
        std::fs::write(&file, "a long password of nobody").unwrap();
        file
    }

    #[test]
    fn a_sound_journal_is_no_running_control_plane() {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("plane");
        init(&directory, "ada".to_owned(), Some(&administrator(place.path()))).unwrap();
        assert_eq!(check(&directory).unwrap()["damaged"], json!(0));
        let refusal = check_running(&directory).unwrap_err();
        let socket = socket(&directory);
        assert_eq!(refusal.to_string(), format!("no control plane answers at {}", socket.display()));
        assert_eq!(exit_code(&refusal), 1);
    }

    #[test]
    fn a_check_is_of_the_running_control_plane_or_of_every_byte() {
        Arguments::try_parse_from(["ringfence-control-plane", "check", "--running"]).unwrap();
        let both = ["ringfence-control-plane", "check", "--running", "--deep"];
        let refusal = Arguments::try_parse_from(both).unwrap_err();
        assert_eq!(refusal.kind(), clap::error::ErrorKind::ArgumentConflict);
    }

    #[test]
    fn init_once_goes_on_until_there_is_somebody_and_then_changes_nothing() {
        let place = tempfile::tempdir().unwrap();
        let (directory, password) = (place.path().join("plane"), administrator(place.path()));
        drop(Plane::init(&directory).unwrap());
        let made = init_once(&directory, "ada".to_owned(), Some(&password)).unwrap();
        assert_eq!(made["admin_user"], json!("ada"));
        let again = init_once(&directory, "eve".to_owned(), Some(&password)).unwrap();
        assert_eq!(again, json!({ "init": "done before" }));
        let people = Plane::open(&directory).unwrap().execute(Request::UserList, "").unwrap();
        assert_eq!(people["people"].as_array().unwrap().len(), 1);
    }
}
