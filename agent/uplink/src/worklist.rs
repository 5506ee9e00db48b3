//! Follows the worklist: from the cursor on, each change is applied before the next is read.

use std::sync::Arc;

use proto::agent::v1 as wire;
use proto::agent::v1::worklist_client::WorklistClient;
use proto_ids::EpochId;
use tokio::sync::watch;
use tonic::Status as Answer;

use crate::gate::Gate;
use crate::inbound::{Event, InboundItem};
use crate::run::SessionEnd;
use crate::status::Status;

/// How far the worklist is stored: the control plane's epoch and the last sequence in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The epoch; none before the first event.
    pub epoch: Option<EpochId>,
    /// The sequence of the last stored event; 0 before the first.
    pub sequence: u64,
}

/// What came down could not be stored.
#[derive(Debug, thiserror::Error)]
#[error("what came down cannot be stored")]
pub struct InboundError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where the worklist is stored. Calls block.
pub trait Inbound: Send + Sync {
    /// How far it is stored.
    ///
    /// # Errors
    /// The store failed.
    fn cursor(&self) -> Result<Cursor, InboundError>;

    /// Stores one thing and the cursor with it. An `epoch` other than the cursor's means that the
    /// control plane's history was exchanged: what follows is everything, from the beginning.
    ///
    /// # Errors
    /// The store failed; the cursor has not moved.
    fn apply(&self, epoch: EpochId, sequence: u64, item: InboundItem) -> Result<(), InboundError>;
}

/// Follows until the stream ends.
pub(crate) async fn follow(
    gate: Gate,
    inbound: Arc<dyn Inbound>,
    status: &watch::Sender<Status>,
) -> SessionEnd {
    let cursor = match blocking(&inbound, |inbound| inbound.cursor()).await {
        Ok(cursor) => cursor,
        Err(end) => return end,
    };
    let epoch = cursor.epoch.map(|epoch| epoch.halves());
    let request = wire::FollowRequest {
        epoch: epoch.map(|(high, low)| proto::types::v1::Id { high, low }),
        cursor: cursor.sequence,
    };
    let mut events = match WorklistClient::new(gate).follow(request).await {
        Ok(response) => response.into_inner(),
        Err(answer) => return SessionEnd::of(&answer),
    };
    loop {
        let event = match events.message().await {
            Ok(Some(event)) => event,
            Ok(None) => return SessionEnd::of(&Answer::unavailable("the worklist ended")),
            Err(answer) => return SessionEnd::of(&answer),
        };
        if let Err(end) = take(event, &inbound, status).await {
            return end;
        }
    }
}

async fn take(
    event: wire::WorklistEvent,
    inbound: &Arc<dyn Inbound>,
    status: &watch::Sender<Status>,
) -> Result<(), SessionEnd> {
    let event = match Event::try_from(event) {
        Ok(event) => event,
        Err(invalid) => {
            metrics::counter!("ringfence_worklist_refused_total", "field" => invalid.field).increment(1);
            tracing::warn!(field = invalid.field, "an event of the worklist was refused");
            return Ok(());
        }
    };
    match event.item {
        None => {
            status.send_if_modified(|status| !std::mem::replace(&mut status.caught_up, true));
            Ok(())
        }
        Some(item) => {
            blocking(inbound, move |inbound| inbound.apply(event.epoch, event.sequence, item)).await
        }
    }
}

async fn blocking<T: Send + 'static>(
    inbound: &Arc<dyn Inbound>,
    call: impl FnOnce(&dyn Inbound) -> Result<T, InboundError> + Send + 'static,
) -> Result<T, SessionEnd> {
    let inbound = Arc::clone(inbound);
    match tokio::task::spawn_blocking(move || call(inbound.as_ref())).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the worklist cannot be stored");
            Err(SessionEnd::Store)
        }
        Err(_) => Err(SessionEnd::Store),
    }
}
