//! The running program's socket for its command line: a Unix socket in the data directory, which
//! only the program's own user can open. One JSON request a connection, then lines of replies.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::sync::mpsc;

/// Longest request: an import may name many paths.
const LONGEST_REQUEST: u64 = 4 << 20;

/// How far long work has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub what: String,
    /// So many are done.
    pub done: u64,
    /// Of so many.
    pub of: u64,
}

/// One line of the answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reply {
    Progress(Progress),
    Done(serde_json::Value),
    Failed(String),
}

/// Does what the command line asks, on a thread that may block.
pub trait Executor: Send + Sync + 'static {
    /// What can be asked.
    type Request: DeserializeOwned + Send;

    /// Does it.
    ///
    /// # Errors
    /// In words for the person at the command line.
    fn execute(
        &self,
        request: Self::Request,
        report: &mut dyn FnMut(Progress),
    ) -> anyhow::Result<serde_json::Value>;
}

/// Answers requests on the socket `path` until the task is dropped. The caller holds the lock of
/// the data directory, so a socket that is left over belongs to nobody.
///
/// # Errors
/// When the socket cannot be made.
pub async fn serve<E: Executor>(path: &Path, executor: Arc<E>) -> anyhow::Result<()> {
    let _ = std::fs::remove_file(path);
    let listener = UnixListener::bind(path).context("cannot make the command socket")?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    loop {
        let (stream, _) = listener.accept().await?;
        let executor = Arc::clone(&executor);
        tokio::spawn(async move {
            if answer(executor, stream).await.is_err() {
                tracing::warn!("a command's connection broke");
            }
        });
    }
}

async fn answer<E: Executor>(executor: Arc<E>, stream: tokio::net::UnixStream) -> anyhow::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    tokio::io::BufReader::new(read.take(LONGEST_REQUEST)).read_until(b'\n', &mut line).await?;
    let (replies, mut lines) = mpsc::channel(64);
    let work = tokio::task::spawn_blocking(move || {
        let mut report = |progress: Progress| {
            // A command line that was interrupted does not stop what it began.
            let _ = replies.blocking_send(Reply::Progress(progress));
        };
        let done = serde_json::from_slice(&line)
            .context("the running program does not know this request; is it another version?")
            .and_then(|request| executor.execute(request, &mut report));
        let last = done.map_or_else(|error| Reply::Failed(format!("{error:#}")), Reply::Done);
        let _ = replies.blocking_send(last);
    });
    while let Some(reply) = lines.recv().await {
        let mut line = serde_json::to_vec(&reply)?;
        line.push(b'\n');
        write.write_all(&line).await?;
    }
    Ok(work.await?)
}

/// Hands a request to the running program. `None` when none listens on `path`.
///
/// # Errors
/// When the program refuses it or the connection breaks.
pub fn ask<R: Serialize>(
    path: &Path,
    request: &R,
    report: &mut dyn FnMut(Progress),
) -> anyhow::Result<Option<serde_json::Value>> {
    let Ok(mut stream) = UnixStream::connect(path) else { return Ok(None) };
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
    bail!("the running program ended before it answered")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Doubler;

    impl Executor for Doubler {
        type Request = u64;

        fn execute(
            &self,
            request: u64,
            report: &mut dyn FnMut(Progress),
        ) -> anyhow::Result<serde_json::Value> {
            report(Progress { what: "doubling".to_owned(), done: 0, of: 1 });
            anyhow::ensure!(request < 100, "too large");
            Ok((request * 2).into())
        }
    }

    #[tokio::test]
    async fn a_request_is_answered_by_the_running_program_or_by_nobody() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        assert!(ask(&path, &4, &mut |_| ()).unwrap().is_none());
        let serving = {
            let path = path.clone();
            tokio::spawn(async move { serve(&path, Arc::new(Doubler)).await })
        };
        while !path.exists() {
            tokio::task::yield_now().await;
        }
        let asked = tokio::task::spawn_blocking(move || {
            let mut told = Vec::new();
            let answer = ask(&path, &21, &mut |progress| told.push(progress.what)).unwrap();
            let refusal = ask(&path, &100, &mut |_| ()).unwrap_err();
            let unknown = ask(&path, &"text", &mut |_| ()).unwrap_err();
            (answer, told, refusal.to_string(), unknown.to_string())
        });
        let (answer, told, refusal, unknown) = asked.await.unwrap();
        assert_eq!((answer, told.as_slice()), (Some(42.into()), ["doubling".to_owned()].as_slice()));
        assert_eq!(refusal, "too large");
        assert!(unknown.contains("does not know this request"));
        serving.abort();
    }
}
