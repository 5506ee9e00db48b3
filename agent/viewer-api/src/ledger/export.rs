//! The ledger as JSON Lines: one line for each message, and a last one that says whether all is intact.

use std::sync::Arc;

use agent_archive::{AuditAction, AuditActor, AuditOutcome, AuditSubject};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::Value;
use tokio::sync::mpsc;

use super::{Filter, MessagesQuery, ledger_line, ledger_state};
use crate::access::HospitalAdmin;
use crate::app::App;
use crate::problem::Problem;

/// Pieces of the file that may wait for the browser.
const WAITING: usize = 8;
const PIECE_BYTES: usize = 64 * 1024;

type Piece = Result<Bytes, std::io::Error>;

/// The messages that left, each with its fields and plain bytes, checked while they are read.
#[utoipa::path(get, path = "/admin/ledger/export", operation_id = "ledger_export",
    params(("day" = Option<String>, Query), ("kind" = Option<String>, Query)),
    responses((status = 200, content_type = "application/x-ndjson"), (status = 401), (status = 403), (status = 422)))]
pub(crate) async fn export(
    State(app): State<Arc<App>>,
    HospitalAdmin(actor): HospitalAdmin,
    Query(query): Query<MessagesQuery>,
) -> Result<Response, Problem> {
    let filter = Filter::of(query.day.as_deref(), query.kind.as_deref())?;
    let by = AuditActor::Person(actor.id());
    let noted = app.blocking(move |app| {
        app.audit(by, AuditAction::LedgerExported, AuditSubject::Nothing, AuditOutcome::Done)
    });
    noted.await??;
    let (pieces, waiting) = mpsc::channel(WAITING);
    let reader = Arc::clone(&app);
    // It ends when the last piece is taken, or when nobody takes them any more.
    tokio::task::spawn_blocking(move || write(&reader, filter, &pieces));
    let body = stream::unfold(waiting, |mut waiting| async move {
        let piece: Option<Piece> = waiting.recv().await;
        piece.map(|piece| (piece, waiting))
    });
    let name = ["ledger", query.day.as_deref().unwrap_or("all"), query.kind.as_deref().unwrap_or("messages")];
    let name = format!("attachment; filename=\"{}.jsonl\"", name.join("-"));
    let name = HeaderValue::from_str(&name).map_err(|cause| Problem::ours(&cause))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Reads the whole ledger, and writes what the filter takes. Blocks.
fn write(app: &App, filter: Filter, pieces: &mpsc::Sender<Piece>) {
    let mut file = Pieces { pieces, piece: Vec::new(), taken: true };
    let read = app.archive.ledger_read(&mut |entry| {
        if file.taken && filter.takes(&entry) {
            file.line(&ledger_line(&entry, app.schema.as_ref()));
        }
    });
    match read {
        Ok(verified) => {
            file.line(&ledger_state(&verified));
            app.remember(app.now(), verified);
            file.send();
        }
        Err(cause) => {
            tracing::error!(error = &cause as &dyn std::error::Error, "the ledger cannot be exported");
            // A file without its last line must not look like a whole one.
            let _ = pieces.blocking_send(Err(std::io::ErrorKind::Other.into()));
        }
    }
}

struct Pieces<'a> {
    pieces: &'a mpsc::Sender<Piece>,
    piece: Vec<u8>,
    /// Whether somebody still takes them.
    taken: bool,
}

impl Pieces<'_> {
    fn line(&mut self, line: &Value) {
        self.piece.extend_from_slice(line.to_string().as_bytes());
        self.piece.push(b'\n');
        if self.piece.len() >= PIECE_BYTES {
            self.send();
        }
    }

    fn send(&mut self) {
        let piece = Bytes::from(std::mem::take(&mut self.piece));
        self.taken &= self.pieces.blocking_send(Ok(piece)).is_ok();
    }
}
