//! The HTTP client of this room: it goes to the registered address and nowhere else.
//!
//! No redirects, no proxies of the environment, no cookies, one TLS provider; waits and sizes have limits.

use std::collections::VecDeque;
use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::{RequestBuilder, Response, StatusCode};

use crate::answer::{Doing, Watch};
use crate::broker::Limits;
use crate::error::{AssistError, Wait};
use crate::tls::{self, Trust};

/// Bytes that are handed to the connection at once.
const UPLOAD_CHUNK: usize = 64 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    limits: Limits,
}

impl Http {
    pub(crate) fn new(trust: &Trust, limits: Limits) -> Result<Self, AssistError> {
        let client = reqwest::Client::builder()
            .use_preconfigured_tls(tls::client_config(trust, b"http/1.1")?)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .referer(false)
            .tcp_nodelay(true)
            .connect_timeout(limits.connect)
            .pool_idle_timeout(Duration::from_secs(15))
            .build()
            .map_err(|_| AssistError::Internal)?;
        Ok(Self { client, limits })
    }

    pub(crate) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a request and waits for the head of a successful answer.
    ///
    /// # Errors
    /// The variant for what went wrong; what the server wrote about it is not read.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Response, AssistError> {
        let sent = tokio::time::timeout(self.limits.first_byte, request.send()).await;
        let response = sent
            .map_err(|_| AssistError::Timeout { wait: Wait::FirstByte })?
            .map_err(|error| transport(&error))?;
        match response.status() {
            status if status.is_success() => Ok(response),
            status if status.is_redirection() => Err(AssistError::Redirected),
            StatusCode::NOT_FOUND => Err(AssistError::NotServed),
            status if status.is_server_error() => Err(AssistError::ServerFailed { status: status.as_u16() }),
            status => Err(AssistError::Refused { status: status.as_u16() }),
        }
    }

    /// Reads the body of an answer, and no more of it than is allowed.
    ///
    /// # Errors
    /// `AnswerTooLarge`, or the variant for what happened to the connection.
    pub(crate) async fn body(&self, mut response: Response, limit: u64) -> Result<Vec<u8>, AssistError> {
        let too_large = AssistError::AnswerTooLarge { limit_mib: limit / (1024 * 1024) };
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(too_large);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
            if bytes.len() as u64 + chunk.len() as u64 > limit {
                return Err(too_large);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }

    pub(crate) const fn limits(&self) -> Limits {
        self.limits
    }
}

fn transport(error: &reqwest::Error) -> AssistError {
    if causes(error).any(untrusted) {
        return AssistError::Untrusted;
    }
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => AssistError::Timeout { wait: Wait::Connect },
        (_, true) => AssistError::Timeout { wait: Wait::Total },
        (_, false) => AssistError::Unreachable,
    }
}

/// An error and what caused it, one after the other.
pub(crate) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), cause)
}

fn cause<'a>(error: &&'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let error: &'a (dyn Error + 'static) = *error;
    error.source()
}

/// Whether TLS failed, rather than the line. An `io::Error` hides what it wraps from its `source`.
pub(crate) fn untrusted(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || wrapped.is_some_and(|inner| untrusted(inner))
}

/// A body that tells how much of it has gone. Its pieces are shared, not copied.
pub(crate) struct Upload {
    pieces: VecDeque<Bytes>,
    left: u64,
    total: u64,
    watch: Watch,
    span: Span,
}

/// The stretch of a call's progress that sending a body is, and what comes then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: f32,
    pub(crate) to: f32,
    pub(crate) then: Doing,
}

impl Upload {
    pub(crate) fn body(pieces: Vec<Bytes>, watch: &Watch, span: Span) -> reqwest::Body {
        let total = pieces.iter().map(|piece| piece.len() as u64).sum();
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
        reqwest::Body::wrap(Self { pieces, left: total, total, watch: watch.clone(), span })
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Some(mut piece) = self.pieces.pop_front() else { return Poll::Ready(None) };
        let chunk = piece.split_to(piece.len().min(UPLOAD_CHUNK));
        if !piece.is_empty() {
            self.pieces.push_front(piece);
        }
        self.left -= chunk.len() as u64;
        let Span { from, to, then } = self.span;
        let gone = 1.0 - self.left as f32 / self.total as f32;
        let doing = if self.left == 0 { then } else { Doing::Sending };
        self.watch.tell(doing, from + (to - from) * gone);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
