//! The running control plane's socket for its own command line: a Unix socket in the data directory
//! that only its user can open. One line of JSON asks, one line answers.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;

use crate::plane::Plane;
use crate::requests::Request;

/// The longest request in bytes; a password has 1024 at most.
const LONGEST_REQUEST: u64 = 64 * 1024;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Done(Value),
    Failed(String),
}

fn socket(directory: &Path) -> PathBuf {
    directory.join("control.socket")
}

/// Makes the socket. The store's lock is held by us, so one that is left over belongs to nobody.
pub(crate) fn listen(directory: &Path) -> anyhow::Result<UnixListener> {
    let path = socket(directory);
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).context("cannot make the command socket")?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers requests until the task is dropped.
pub(crate) async fn serve(listener: UnixListener, plane: Arc<Plane>, endpoint: String) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let (plane, endpoint) = (Arc::clone(&plane), endpoint.clone());
        tokio::spawn(async move {
            if answer(stream, plane, endpoint).await.is_err() {
                tracing::warn!("a command went away before it was answered");
            }
        });
    }
}

async fn answer(stream: tokio::net::UnixStream, plane: Arc<Plane>, endpoint: String) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    tokio::io::BufReader::new(read.take(LONGEST_REQUEST)).read_until(b'\n', &mut line).await?;
    let request: Request = serde_json::from_slice(&line)?;
    let reply = tokio::task::spawn_blocking(move || match plane.execute(request, &endpoint) {
        Ok(value) => Reply::Done(value),
        Err(error) => Reply::Failed(format!("{error:#}")),
    });
    let mut line = serde_json::to_vec(&reply.await?)?;
    line.push(b'\n');
    Ok(write.write_all(&line).await?)
}

/// Asks the running control plane; none when none runs on this directory.
pub(crate) fn ask(directory: &Path, request: &Request) -> anyhow::Result<Option<Value>> {
    let Ok(mut stream) = UnixStream::connect(socket(directory)) else { return Ok(None) };
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    if answer.is_empty() {
        bail!("the control plane ended before it answered");
    }
    match serde_json::from_str(&answer)? {
        Reply::Done(value) => Ok(Some(value)),
        Reply::Failed(why) => bail!(why),
    }
}
