//! The running agent's socket for the command line: a Unix socket in the data directory, which
//! only the agent's own user can open. One JSON request a connection, then lines of [`Reply`].

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::sync::mpsc;

use crate::requests::{Progress, Reply, Request};
use crate::site::Site;

/// Longest request: an import may name many paths.
const LONGEST_REQUEST: usize = 4 << 20;

/// Where the socket is.
pub(crate) fn socket(directory: &Path) -> PathBuf {
    directory.join("agent.socket")
}

/// Answers requests until the task is dropped.
///
/// # Errors
/// When the socket cannot be made.
pub(crate) async fn serve(site: Arc<Site>) -> anyhow::Result<()> {
    let path = socket(site.directory());
    // The store's lock is held by us, so a socket that is left over belongs to nobody.
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).context("cannot make the command socket")?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let (stream, _) = listener.accept().await?;
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            if let Err(error) = answer(site, stream).await {
                tracing::warn!(%error, "a command's connection broke");
            }
        });
    }
}

async fn answer(site: Arc<Site>, stream: tokio::net::UnixStream) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    let mut reader = tokio::io::BufReader::new(tokio::io::AsyncReadExt::take(read, LONGEST_REQUEST as u64));
    reader.read_until(b'\n', &mut line).await?;
    let request: Request = serde_json::from_slice(&line)?;
    let (replies, mut lines) = mpsc::channel(64);
    let work = tokio::task::spawn_blocking(move || {
        let mut report = |progress: Progress| {
            // A command that was interrupted does not stop what it began.
            let _ = replies.blocking_send(Reply::Progress(progress));
        };
        let last = match site.execute(request, &mut report) {
            Ok(value) => Reply::Done(value),
            Err(error) => Reply::Failed(format!("{error:#}")),
        };
        let _ = replies.blocking_send(last);
    });
    while let Some(reply) = lines.recv().await {
        let mut line = serde_json::to_vec(&reply)?;
        line.push(b'\n');
        write.write_all(&line).await?;
    }
    Ok(work.await?)
}

/// Hands a request to the running agent. `None` when no agent runs on this directory.
///
/// # Errors
/// When the agent refuses it or the connection breaks.
pub(crate) fn ask(
    directory: &Path,
    request: &Request,
    report: &mut dyn FnMut(Progress),
) -> anyhow::Result<Option<serde_json::Value>> {
    let Ok(mut stream) = UnixStream::connect(socket(directory)) else { return Ok(None) };
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    for line in BufReader::new(stream).lines() {
        match serde_json::from_str(&line?)? {
            Reply::Progress(progress) => report(progress),
            Reply::Done(value) => return Ok(Some(value)),
            Reply::Failed(why) => bail!(why),
        }
    }
    bail!("the agent ended before it answered")
}
