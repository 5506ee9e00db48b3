//! Protocol data units on a byte stream, each with a length that is checked and a time by which it must be whole.
//!
//! Knows the six bytes in front of a unit (PS3.8 §9.3.1) and nothing of what is inside.

use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::{Instant, timeout, timeout_at};

/// Small reads come out of here; long ones go past it.
const BUFFER_BYTES: usize = 8 * 1024;

/// Why a connection ends other than by release.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the caller hung up")]
    Closed,
    #[error("the caller hung up before it said anything")]
    Silent,
    #[error("the caller was silent for too long")]
    Idle,
    #[error("a data unit was not complete in time")]
    Slow,
    #[error("an answer was not taken in time")]
    NotTaken,
    #[error("a data unit is longer than was agreed")]
    TooLong,
    #[error("a data unit is malformed")]
    Malformed,
    #[error("a data unit of type {kind:#04x} came where it has no place")]
    Unexpected { kind: u8 },
    #[error("the caller aborted")]
    Aborted,
    #[error("the agent is shutting down")]
    Shutdown,
    #[error("the TLS handshake failed")]
    Handshake(#[source] std::io::Error),
    #[error("the connection failed")]
    Broken(#[source] std::io::Error),
}

impl WireError {
    /// The word under which it is counted.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Silent => "silent",
            Self::Idle => "idle",
            Self::Slow => "slow",
            Self::NotTaken => "not-taken",
            Self::TooLong => "too-long",
            Self::Malformed => "malformed",
            Self::Unexpected { .. } => "unexpected",
            Self::Aborted => "aborted",
            Self::Shutdown => "shutdown",
            Self::Handshake(_) => "tls-handshake",
            Self::Broken(_) => "broken",
        }
    }
}

/// The six bytes in front of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnitHeader {
    pub(crate) kind: u8,
    pub(crate) length: u32,
}

pub(crate) struct Wire<S> {
    stream: BufReader<S>,
    /// By when the current unit must be whole.
    deadline: Instant,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream: BufReader::with_capacity(BUFFER_BYTES, stream), deadline: Instant::now() }
    }

    /// Waits until something comes, and then for the six bytes, from which on the unit's own time runs.
    pub(crate) async fn header(&mut self, idle: Duration, unit: Duration) -> Result<UnitHeader, WireError> {
        let waited = timeout(idle, self.stream.fill_buf()).await.map_err(|_| WireError::Idle)?;
        if waited.map_err(WireError::Broken)?.is_empty() {
            return Err(WireError::Closed);
        }
        self.deadline = Instant::now() + unit;
        let [kind, _reserved, length @ ..] = self.array::<6>().await?;
        Ok(UnitHeader { kind, length: u32::from_be_bytes(length) })
    }

    /// Whether something is there to be read at this moment; the end of the stream counts as something.
    pub(crate) async fn ready(&mut self) -> bool {
        tokio::select! {
            biased;
            _ = self.stream.fill_buf() => true,
            // The runtime gets a chance to look at the socket before the answer is no.
            () = tokio::task::yield_now() => false,
        }
    }

    /// Waits until something is there to be read. May be given up at any time without losing a byte.
    pub(crate) async fn readable(&mut self) {
        let _ = self.stream.fill_buf().await;
    }

    pub(crate) async fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let mut bytes = [0; N];
        let read = timeout_at(self.deadline, self.stream.read_exact(&mut bytes)).await;
        read.map_err(|_| WireError::Slow)?.map_err(broken)?;
        Ok(bytes)
    }

    /// Appends so many bytes of the current unit.
    pub(crate) async fn append(&mut self, count: usize, to: &mut Vec<u8>) -> Result<(), WireError> {
        let start = to.len();
        // Callers ask for at most one data unit, so a claim costs no more memory than was agreed.
        to.resize(start + count, 0);
        let place = to.get_mut(start..).unwrap_or_default();
        let read = timeout_at(self.deadline, self.stream.read_exact(place)).await;
        read.map_err(|_| WireError::Slow)?.map_err(broken)?;
        Ok(())
    }

    /// Reads past so many bytes of the current unit.
    pub(crate) async fn skip(&mut self, count: usize) -> Result<(), WireError> {
        let mut left = count;
        while left > 0 {
            let waited = timeout_at(self.deadline, self.stream.fill_buf()).await;
            let held = waited.map_err(|_| WireError::Slow)?.map_err(WireError::Broken)?.len();
            if held == 0 {
                return Err(WireError::Closed);
            }
            let past = held.min(left);
            self.stream.consume(past);
            left -= past;
        }
        Ok(())
    }

    pub(crate) async fn write(&mut self, bytes: &[u8], limit: Duration) -> Result<(), WireError> {
        let stream = self.stream.get_mut();
        let write = async {
            stream.write_all(bytes).await?;
            stream.flush().await
        };
        timeout(limit, write).await.map_err(|_| WireError::NotTaken)?.map_err(WireError::Broken)
    }

    /// Hangs up. For the side that asked for the release and was answered (PS3.8 §9.2.3, AR-3): nothing more can come,
    /// and some peers wait for just this.
    pub(crate) async fn close(&mut self, limit: Duration) {
        let _ = timeout(limit, self.stream.get_mut().shutdown()).await;
    }

    /// After our last word, the caller is the one to hang up (PS3.8 §9.2.3, state 13).
    pub(crate) async fn linger(&mut self, limit: Duration) {
        let _ = self.stream.get_mut().shutdown().await;
        let drained = async {
            loop {
                match self.stream.fill_buf().await {
                    Ok(bytes) if !bytes.is_empty() => {
                        let held = bytes.len();
                        self.stream.consume(held);
                    }
                    Ok(_) | Err(_) => break,
                }
            }
        };
        let _ = timeout(limit, drained).await;
    }
}

fn broken(error: std::io::Error) -> WireError {
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        WireError::Closed
    } else {
        WireError::Broken(error)
    }
}
