//! Answers of many parts (RFC 2387, PS3.18 §8.6), written while they are sent: no more than a few parts are held.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::app::App;
use crate::problem::Problem;
use crate::secrets;
use crate::slice_stream::{Broken, STALLED, body, taken};

/// Pieces that are made before they are sent.
const AHEAD: usize = 2;
const PIECE_BYTES: usize = 1024 * 1024;

/// One part: a payload and what it is.
pub(super) struct Part {
    /// With its transfer syntax.
    pub(super) content_type: String,
    /// The address that gives this part alone.
    pub(super) location: Option<String>,
    pub(super) bytes: Bytes,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

impl Part {
    /// The payload alone, as an answer of its own.
    pub(super) fn single(self) -> Result<Response, Problem> {
        let content_type =
            HeaderValue::from_str(&self.content_type).map_err(|cause| Problem::ours(&cause))?;
        Ok(([(header::CONTENT_TYPE, content_type)], self.bytes).into_response())
    }

    fn head(&self, boundary: &str) -> Vec<u8> {
        let Self { content_type, bytes, .. } = self;
        let location = self.location.as_ref().map(|location| format!("Content-Location: {location}\r\n"));
        let location = location.unwrap_or_default();
        format!(
            "\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{location}\r\n",
            bytes.len()
        )
        .into_bytes()
    }
}

/// Whether the client still takes something.
pub(super) type Send<'s> = &'s mut dyn FnMut(Bytes) -> bool;

/// An answer that `make` writes piece by piece on a thread of its own. When it fails, the line is cut, so that the
/// client sees that something is missing.
pub(super) async fn written<F>(app: &Arc<App>, make: F) -> Result<Body, Problem>
where
    F: FnOnce(&App, Send<'_>) -> Result<(), Problem> + std::marker::Send + 'static,
{
    let place = Arc::clone(&app.dicomweb.retrievals).acquire_owned().await;
    let place = place.map_err(|cause| Problem::ours(&cause))?;
    let (sender, receiver) = mpsc::channel(AHEAD);
    let app = Arc::clone(app);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let made = make(&app, &mut |piece| runtime.block_on(taken(&sender, Ok(piece), STALLED)));
        if made.is_err() {
            // Whether anybody still listens makes no difference.
            runtime.block_on(taken(&sender, Err(Broken), STALLED));
        }
        drop(place);
    });
    Ok(body(receiver))
}

/// Whether the client still takes parts.
pub(super) type Give<'g> = &'g mut dyn FnMut(Part) -> bool;

/// An answer of parts of this media type: `first`, and those that `rest` gives. The first was made already: what cannot
/// be given at all is refused before anything is sent.
pub(super) async fn related<F>(app: &Arc<App>, media: &str, first: Part, rest: F) -> Result<Response, Problem>
where
    F: FnOnce(&App, Give<'_>) -> Result<(), Problem> + std::marker::Send + 'static,
{
    let random = secrets::random::<16>().map_err(|cause| Problem::ours(&cause))?;
    let boundary: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let content_type = format!("multipart/related; type=\"{media}\"; boundary={boundary}");
    let content_type = HeaderValue::from_str(&content_type).map_err(|cause| Problem::ours(&cause))?;
    let body = written(app, move |app, send| {
        let mut give = |part: Part| send(part.head(&boundary).into()) && pieces(part.bytes, send);
        if give(first) {
            rest(app, &mut give)?;
        }
        send(Bytes::from(format!("\r\n--{boundary}--\r\n")));
        Ok(())
    });
    Ok(([(header::CONTENT_TYPE, content_type)], body.await?).into_response())
}

/// Sends a payload in pieces, so that a slow line is seen to take them.
fn pieces(bytes: Bytes, send: &mut dyn FnMut(Bytes) -> bool) -> bool {
    (0..bytes.len())
        .step_by(PIECE_BYTES)
        .all(|from| send(bytes.slice(from..bytes.len().min(from + PIECE_BYTES))))
}
