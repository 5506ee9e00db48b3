//! The gate: every byte that leaves the hospital goes through [`Gate`], which hands a message to the
//! connection only after it stands in the egress ledger on disk.
//!
//! It works on the framed bytes that gRPC would put onto the wire, below clients and codecs, so that no
//! call can pass beside it: the connection itself is closed in here, and a test of the crate sees to it
//! that nothing else opens one. What is no message of the schema, in canonical form and with values that
//! may leave, does not pass; neither does a header that is not in the agreed list.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http_body::Frame;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{Body as HttpBody, Bytes, Service, StdError, http};
use tonic::transport::Channel;

use crate::calls::{Call, Leaving, NotAMessage};

/// Bytes of messages that are written to the ledger in one step, at most, beyond a single message.
const BATCH_BYTES: usize = 256 * 1024;
/// Length of what gRPC puts before each message: whether it is compressed (1), its length (4).
const PREFIX_BYTES: usize = 5;
/// Names of the headers that a call may carry when it comes to the gate. The others of
/// [`proto::headers::SENT`] are constants of the connection.
const HEADERS: [&str; 4] = ["te", "content-type", "user-agent", "grpc-timeout"];

/// The ledger cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the egress ledger cannot be written")]
pub struct LedgerError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where everything is written down before it leaves.
pub trait Ledger: Send + Sync {
    /// Writes down what is about to leave, in this order, in one step. When this returns it is on disk,
    /// and only then may it leave. Blocks.
    ///
    /// # Errors
    /// The store failed; nothing of it may leave.
    fn append(&self, rows: &[Leaving]) -> Result<(), LedgerError>;
}

/// Why a message did not pass.
#[derive(Debug, thiserror::Error)]
enum Closed {
    /// It may not leave.
    #[error("what was to be sent may not leave")]
    MayNotLeave(#[source] NotAMessage),
    /// The ledger cannot be written.
    #[error("the ledger cannot be written, so nothing leaves")]
    Ledger(#[source] LedgerError),
}

/// A connection to the control plane behind the ledger. See the module.
#[derive(Clone)]
pub(crate) struct Gate {
    channel: Channel,
    ledger: Arc<dyn Ledger>,
    stuck: Arc<AtomicBool>,
}

impl Gate {
    /// Closes the connection in.
    pub(crate) fn around(channel: Channel, ledger: Arc<dyn Ledger>) -> Self {
        Self { channel, ledger, stuck: Arc::default() }
    }

    /// Whether the ledger could not be written: what ended a call was on this side.
    pub(crate) fn stuck(&self) -> bool {
        self.stuck.load(Ordering::Relaxed)
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<http::Response<Body>, StdError>> + Send>>;

impl Service<http::Request<Body>> for Gate {
    type Response = http::Response<Body>;
    type Error = StdError;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), StdError>> {
        self.channel.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: http::Request<Body>) -> Answer {
        let (head, body) = request.into_parts();
        let known = |name: &http::HeaderName| HEADERS.contains(&name.as_str());
        let call = Call::of_path(head.uri.path()).filter(|_| head.headers.keys().all(known));
        let Some(call) = call else {
            tracing::error!("a call or a header that is not agreed may not leave");
            return Box::pin(async { Err(Status::internal("may not leave").into()) });
        };
        let (ledger, stuck) = (Arc::clone(&self.ledger), Arc::clone(&self.stuck));
        let body = Ledgered { body, call, ledger, stuck, waiting: Vec::new(), state: State::Gathering };
        let answer = self.channel.call(http::Request::from_parts(head, Body::new(body)));
        Box::pin(async { answer.await.map_err(Into::into) })
    }
}

/// The body of a request on its way through the gate.
struct Ledgered {
    body: Body,
    call: Call,
    ledger: Arc<dyn Ledger>,
    stuck: Arc<AtomicBool>,
    /// What has come and is not in the ledger yet.
    waiting: Vec<u8>,
    state: State,
}

enum State {
    /// Takes what comes.
    Gathering,
    /// The body has come to its end.
    Ended,
    /// Whole messages are being written down.
    Writing { written: JoinHandle<Result<Bytes, Closed>>, ended: bool },
}

impl HttpBody for Ledgered {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            if let State::Writing { written, ended } = &mut self.state {
                let outcome = ready!(Pin::new(written).poll(cx));
                self.state = if *ended { State::Ended } else { State::Gathering };
                return Poll::Ready(Some(self.passed(outcome).map(Frame::data)));
            }
            let ended = match &self.state {
                State::Ended => true,
                State::Gathering | State::Writing { .. } => match self.gather(cx) {
                    Ok(ended) => ended,
                    Err(status) => return Poll::Ready(Some(Err(status))),
                },
            };
            let whole = whole_messages(&self.waiting);
            if whole > 0 {
                self.write(whole, ended);
            } else if !ended {
                return Poll::Pending;
            } else if self.waiting.is_empty() {
                return Poll::Ready(None);
            } else {
                return Poll::Ready(Some(Err(Status::internal("a message has no end"))));
            }
        }
    }
}

impl Ledgered {
    /// Takes what is there. Gives whether it was the end; otherwise more is woken up for.
    fn gather(&mut self, cx: &mut Context<'_>) -> Result<bool, Status> {
        loop {
            if whole_messages(&self.waiting) >= BATCH_BYTES {
                return Ok(false);
            }
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    // A client has no trailers to send.
                    if let Ok(data) = frame.into_data() {
                        self.waiting.extend_from_slice(&data);
                    }
                }
                Poll::Ready(Some(Err(status))) => return Err(status),
                Poll::Ready(None) => return Ok(true),
                Poll::Pending => return Ok(false),
            }
        }
    }

    /// Writes the first `whole` bytes down, on a thread that may block.
    fn write(&mut self, whole: usize, ended: bool) {
        let rest = self.waiting.split_off(whole);
        let framed = std::mem::replace(&mut self.waiting, rest);
        let (call, ledger) = (self.call, Arc::clone(&self.ledger));
        let written = tokio::task::spawn_blocking(move || {
            let rows = rows(call, &framed).map_err(Closed::MayNotLeave)?;
            ledger.append(&rows).map_err(Closed::Ledger)?;
            Ok(Bytes::from(framed))
        });
        self.state = State::Writing { written, ended };
    }

    fn passed(
        &self,
        outcome: Result<Result<Bytes, Closed>, tokio::task::JoinError>,
    ) -> Result<Bytes, Status> {
        match outcome {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(closed)) => {
                let error = &closed as &dyn std::error::Error;
                tracing::error!(error, call = self.call.name(), "the gate stays shut");
                metrics::counter!("ringfence_gate_shut_total").increment(1);
                self.stuck.store(true, Ordering::Relaxed);
                Err(Status::aborted("the gate stays shut"))
            }
            Err(_) => {
                self.stuck.store(true, Ordering::Relaxed);
                Err(Status::aborted("the gate stays shut"))
            }
        }
    }
}

/// How many of the bytes are whole messages with what stands before them.
fn whole_messages(framed: &[u8]) -> usize {
    let mut whole = 0;
    while let Some(length) = framed.get(whole..).and_then(framed_length) {
        if framed.len() - whole < length {
            break;
        }
        whole += length;
    }
    whole
}

/// Length of the first message with its prefix, as the prefix has it.
fn framed_length(framed: &[u8]) -> Option<usize> {
    let [_, length @ ..] = framed.first_chunk::<PREFIX_BYTES>()?;
    usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_add(PREFIX_BYTES)
}

/// The messages in whole frames, read as the ledger has them.
fn rows(call: Call, mut framed: &[u8]) -> Result<Vec<Leaving>, NotAMessage> {
    let mut rows = Vec::new();
    while let Some(length) = framed_length(framed) {
        let (message, rest) = framed.split_at_checked(length).ok_or(NotAMessage::Malformed)?;
        // Compressed bytes would be no plaintext; no client here compresses.
        if message.first() != Some(&0) {
            return Err(NotAMessage::Compressed);
        }
        rows.push(Leaving::read(call, message.get(PREFIX_BYTES..).unwrap_or_default().to_vec())?);
        framed = rest;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(messages: &[&[u8]]) -> Vec<u8> {
        let frame = |message: &&[u8]| {
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            [&[0], length.as_slice(), message].concat()
        };
        messages.iter().flat_map(frame).collect()
    }

    #[test]
    fn messages_are_cut_where_they_end_and_a_part_waits() {
        let all = framed(&[b"one", b"", b"three"]);
        assert_eq!(whole_messages(&all), all.len());
        assert_eq!(whole_messages(&all[..all.len() - 1]), 8 + 5);
        assert_eq!(whole_messages(&all[..4]), 0);
    }

    #[test]
    fn what_is_compressed_or_no_message_does_not_pass() {
        let health = crate::Outbound::Health(crate::Health {
            version: 1,
            queue_depth: 0,
            disk_free_percent: 50,
            certificate_days_left: 3,
        });
        let mut message = framed(&[&health.numbered(7)]);
        let passed = rows(Call::Push, &message).unwrap();
        assert_eq!((passed[0].kind(), passed[0].number(), passed.len()), ("health", 7, 1));
        assert_eq!(rows(Call::Follow, &message).unwrap_err(), NotAMessage::Malformed);
        message[0] = 1;
        assert_eq!(rows(Call::Push, &message).unwrap_err(), NotAMessage::Compressed);
        // Field 15, of which the schema knows nothing, with text in it.
        let text = framed(&[&[0x08, 1, 0x7a, 4, b'N', b'a', b'm', b'e']]);
        assert_eq!(rows(Call::Push, &text).unwrap_err(), NotAMessage::Malformed);
    }
}
