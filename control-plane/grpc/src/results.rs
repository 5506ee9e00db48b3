//! `Results.Push`: reports come in, receipts go out. A report that cannot be taken is refused by its
//! number and the stream lives on.

use control_plane_app::reports::{Outcome, accept, dealt_with, refuse};
use control_plane_app::{App, AppError};
use control_plane_domain::{AgentIdentity, Refusal, RefusalReason};
use futures::FutureExt;
use prost::Message;
use proto::agent::v1 as wire;
use proto::exact::{InexactMessage, decode};
use proto::results::{Receipts, ReportBytes, Results};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

use crate::policy::{Caller, admit};
use crate::report::report;
use crate::worklist::RECHECK;

/// Reports that are answered with one receipt.
const BATCH: usize = 64;

pub(crate) struct Pushes {
    pub(crate) app: App,
}

impl Results for Pushes {
    async fn push(&self, reports: Request<Streaming<ReportBytes>>) -> Result<Response<Receipts>, Status> {
        let caller = Caller::of(&reports)?;
        let (receipts, stream) = mpsc::channel(4);
        let pusher = Pusher { app: self.app.clone(), caller, reports: reports.into_inner() };
        tokio::spawn(pusher.run(receipts));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}

struct Pusher {
    app: App,
    caller: Caller,
    reports: Streaming<ReportBytes>,
}

type Answers = mpsc::Sender<Result<wire::Receipt, Status>>;

impl Pusher {
    async fn run(mut self, receipts: Answers) {
        let _connected = self.app.presence().connected(self.caller.identity.site, self.app.now());
        let end = tokio::select! {
            () = receipts.closed() => return,
            end = self.take_all(&receipts) => end,
        };
        if let Err(status) = end {
            // Nobody listens any more when this fails.
            let _ = receipts.send(Err(status)).await;
        }
    }

    async fn take_all(&mut self, receipts: &Answers) -> Result<(), Status> {
        let (app, identity) = (self.app.clone(), self.caller.identity);
        let first = blocking(move || receipt(&app, identity, Vec::new())).await?;
        let gone = |_| Status::cancelled("nobody takes the receipts");
        // The first receipt tells the agent where to begin.
        receipts.send(Ok(first)).await.map_err(gone)?;
        let mut recheck = tokio::time::interval(RECHECK);
        loop {
            let first = tokio::select! {
                first = self.reports.message() => first?,
                _ = recheck.tick() => {
                    self.caller = admit(&self.app, self.caller.name).await?;
                    continue;
                }
            };
            let Some(first) = first else { return Ok(()) };
            let batch = self.batch(first)?;
            // A busy stream may never see a tick, so the caller is looked at for each batch too.
            self.caller = admit(&self.app, self.caller.name).await?;
            let (app, identity) = (self.app.clone(), self.caller.identity);
            let answer = blocking(move || take_batch(&app, identity, batch)).await?;
            self.app.presence().heard(identity.site, self.app.now());
            receipts.send(Ok(answer)).await.map_err(gone)?;
        }
    }

    /// What is there already, up to a limit, so that one receipt answers many reports.
    fn batch(&mut self, first: ReportBytes) -> Result<Vec<ReportBytes>, Status> {
        let mut batch = vec![first];
        while batch.len() < BATCH {
            match self.reports.message().now_or_never() {
                Some(Ok(Some(next))) => batch.push(next),
                Some(Err(status)) => return Err(status),
                Some(Ok(None)) | None => break,
            }
        }
        Ok(batch)
    }
}

/// A report could not be dealt with at all; the stream ends and the agent sends it again.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// What came is no message.
    #[error("the bytes are not a report")]
    Malformed,
    /// Nothing was dealt with.
    #[error("the store failed")]
    App(#[source] AppError),
}

/// Takes reports of an agent in their order and answers with one receipt.
///
/// # Errors
/// [`PushError`]; the reports before the one that failed are dealt with.
pub fn take_batch(
    app: &App,
    agent: AgentIdentity,
    batch: Vec<ReportBytes>,
) -> Result<wire::Receipt, PushError> {
    let mut refusals = Vec::new();
    for bytes in batch {
        let (sequence, outcome) = take(app, agent, &bytes)?;
        match outcome {
            Outcome::Accepted => {
                metrics::counter!("ringfence_reports_total", "outcome" => "accepted").increment(1)
            }
            Outcome::AlreadySeen => {
                metrics::counter!("ringfence_reports_total", "outcome" => "seen").increment(1)
            }
            Outcome::Refused(refusal) => {
                metrics::counter!("ringfence_reports_total", "outcome" => "refused").increment(1);
                refusals.push(wire::Refusal {
                    sequence,
                    reason: reason(refusal.reason),
                    field: refusal.field,
                });
            }
        }
    }
    receipt(app, agent, refusals)
}

fn take(app: &App, agent: AgentIdentity, bytes: &[u8]) -> Result<(u64, Outcome), PushError> {
    let (store, now) = (app.store().as_ref(), app.now());
    let unknown = |field: &str| Refusal { reason: RefusalReason::UnknownField, field: field.to_owned() };
    let (sequence, read) = match decode::<wire::Report>(bytes) {
        Ok(message) => (message.sequence, report(message.of)),
        Err(InexactMessage::NotCanonical) => {
            let message = wire::Report::decode(bytes).map_err(|_| PushError::Malformed)?;
            (message.sequence, Err(unknown("report")))
        }
        Err(InexactMessage::Malformed) => return Err(PushError::Malformed),
    };
    let outcome = match read {
        Ok(report) => accept(store, agent, sequence, &report, now),
        Err(refusal) => refuse(store, agent, sequence, &refusal, now),
    };
    Ok((sequence, outcome.map_err(PushError::App)?))
}

fn receipt(
    app: &App,
    agent: AgentIdentity,
    refusals: Vec<wire::Refusal>,
) -> Result<wire::Receipt, PushError> {
    let dealt_with = dealt_with(app.store().as_ref(), agent).map_err(PushError::App)?;
    Ok(wire::Receipt { dealt_with, refusals })
}

fn reason(reason: RefusalReason) -> i32 {
    use wire::RefusalReason as Wire;
    let reason = match reason {
        RefusalReason::InvalidField => Wire::InvalidField,
        RefusalReason::UnknownField => Wire::UnknownField,
        RefusalReason::UnknownThing => Wire::UnknownThing,
        RefusalReason::OutOfOrder => Wire::OutOfOrder,
        RefusalReason::ForeignSite => Wire::ForeignSite,
    };
    reason.into()
}

async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, PushError> + Send + 'static,
) -> Result<T, Status> {
    match tokio::task::spawn_blocking(call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(PushError::Malformed)) => Err(Status::invalid_argument("the bytes are not a report")),
        Ok(Err(PushError::App(error))) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a report could not be taken");
            Err(Status::unavailable("the report could not be taken"))
        }
        Err(_) => Err(Status::internal("the report could not be taken")),
    }
}
