//! Drains the outbox: each report is read back, encoded canonically and sent through the gate, which
//! writes it to the egress ledger first. At least once; the control plane makes it exactly once.

use std::collections::BTreeSet;
use std::sync::Arc;

use proto::agent::v1 as wire;
use proto::results::ReportBytes;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status as Answer, Streaming};

use crate::calls::{Call, Leaving};
use crate::gate::Gate;
use crate::outbound::{InvalidOutbound, Outbound, empty};
use crate::run::SessionEnd;
use crate::status::Status;

/// Reports that may be on their way without a receipt.
const WINDOW: usize = 256;
/// Kind of a report that takes the place of one that may not leave.
pub(crate) const PLACEHOLDER: &str = "empty";

/// A report that waits, as [`Outbound::encode`] made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number, assigned by the outbox without gaps.
    pub sequence: u64,
    /// The encoded report, without the number.
    pub report: Vec<u8>,
}

/// A report as it is to go over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its number.
    pub sequence: u64,
    /// What kind it is, as the schema names it; `empty` for a placeholder.
    pub kind: &'static str,
    /// The canonical bytes, number included.
    pub bytes: Vec<u8>,
}

impl Sent {
    /// The report as the gate hands it to the ledger. `None` when it may not leave.
    pub fn leaving(&self) -> Option<Leaving> {
        Leaving::read(Call::Push, self.bytes.clone()).ok()
    }
}

/// Why a report was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// Here, before it left: it is not a report, or a field holds what may not leave.
    MayNotLeave,
    /// The control plane: a field has a value that it cannot have.
    InvalidField,
    /// The control plane: a field that it does not know.
    UnknownField,
    /// The control plane: it does not know the thing.
    UnknownThing,
    /// The control plane: the thing belongs to another site.
    ForeignSite,
    /// The control plane: a reason that this version does not know.
    Other,
}

/// A report that was refused and must not be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its number.
    pub sequence: u64,
    /// Why.
    pub reason: RefusalReason,
    /// The field as the schema names it; at most 128 characters out of a–z, 0–9, `_`, `.`, `[` and `]`.
    pub field: String,
}

/// The outbox failed.
#[derive(Debug, thiserror::Error)]
#[error("the outbox cannot be read or written")]
pub struct OutboxError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// What waits to be sent. Calls block.
pub trait Outbox: Send + Sync {
    /// Reports with numbers above `after`, in order, at most `limit`. A report that was sent is
    /// returned too, as long as it is kept: a control plane out of a backup asks for it again.
    ///
    /// # Errors
    /// The store failed.
    fn peek(&self, after: u64, limit: usize) -> Result<Vec<Waiting>, OutboxError>;

    /// The control plane has dealt with everything up to this number.
    ///
    /// # Errors
    /// The store failed.
    fn dealt_with(&self, up_to: u64) -> Result<(), OutboxError>;

    /// Puts a refused report aside for people to see.
    ///
    /// # Errors
    /// The store failed.
    fn shelve(&self, refusal: &Refusal) -> Result<(), OutboxError>;

    /// Changes whenever a report is added.
    fn changed(&self) -> watch::Receiver<u64>;
}

/// Sends and takes receipts until the stream ends.
pub(crate) async fn drain(gate: Gate, outbox: Arc<dyn Outbox>, status: &watch::Sender<Status>) -> SessionEnd {
    match Drain::open(gate, outbox).await {
        Ok(drain) => {
            // The first receipt has come: the control plane lets this agent in.
            status.send_modify(|status| {
                status.connected = true;
                status.problem = None;
            });
            metrics::gauge!("ringfence_uplink_connected").set(1.0);
            drain.run().await
        }
        Err(end) => end,
    }
}

struct Drain {
    outbox: Arc<dyn Outbox>,
    changed: watch::Receiver<u64>,
    reports: mpsc::Sender<ReportBytes>,
    receipts: Streaming<wire::Receipt>,
    /// Number of the last report that was sent on this stream.
    sent: u64,
    /// Highest number that is dealt with.
    dealt_with: u64,
    /// Numbers of empty reports, which are refused as a matter of course.
    placeholders: BTreeSet<u64>,
}

impl Drain {
    /// Opens the stream. The first receipt says where to begin.
    async fn open(gate: Gate, outbox: Arc<dyn Outbox>) -> Result<Self, SessionEnd> {
        let (reports, waiting) = mpsc::channel(WINDOW);
        let mut receipts = proto::results::push(gate, ReceiverStream::new(waiting))
            .await
            .map_err(|answer| SessionEnd::of(&answer))?;
        let first = next(&mut receipts).await?;
        let changed = outbox.changed();
        let begin = first.dealt_with;
        let placeholders = BTreeSet::new();
        let mut drain =
            Self { outbox, changed, reports, receipts, sent: begin, dealt_with: begin, placeholders };
        drain.record(first).await?;
        Ok(drain)
    }

    async fn run(mut self) -> SessionEnd {
        loop {
            if let Err(end) = self.send_what_waits().await {
                return end;
            }
            tokio::select! {
                receipt = next(&mut self.receipts) => {
                    let taken = match receipt {
                        Ok(receipt) => self.record(receipt).await,
                        Err(end) => Err(end),
                    };
                    if let Err(end) = taken {
                        return end;
                    }
                }
                changed = self.changed.changed() => {
                    if changed.is_err() {
                        return SessionEnd::Store;
                    }
                }
            }
        }
    }

    /// Fills the window. The gate takes what is there at once, so that one sync serves many reports.
    async fn send_what_waits(&mut self) -> Result<(), SessionEnd> {
        self.changed.borrow_and_update();
        loop {
            let on_the_way = usize::try_from(self.sent.saturating_sub(self.dealt_with)).unwrap_or(WINDOW);
            let free = WINDOW.saturating_sub(on_the_way);
            if free == 0 {
                return Ok(());
            }
            let after = self.sent;
            let rows = blocking(&self.outbox, move |outbox| prepare(outbox, after, free)).await?;
            let Some(last) = rows.last().map(|row| row.sequence) else { return Ok(()) };
            let empty = rows.iter().filter(|row| row.kind == PLACEHOLDER).map(|row| row.sequence);
            self.placeholders.extend(empty);
            for row in rows {
                let gone = |_| SessionEnd::of(&Answer::unavailable("the stream ended"));
                self.reports.send(row.bytes).await.map_err(gone)?;
            }
            self.sent = last;
        }
    }

    async fn record(&mut self, receipt: wire::Receipt) -> Result<(), SessionEnd> {
        // A gap means that this side and the other disagree on what was sent: begin again from
        // the number that the next stream opens with.
        let out_of_order = i32::from(wire::RefusalReason::OutOfOrder);
        if receipt.refusals.iter().any(|refusal| refusal.reason == out_of_order) {
            return Err(SessionEnd::of(&Answer::unavailable("the reports are out of order")));
        }
        let up_to = receipt.dealt_with;
        self.dealt_with = self.dealt_with.max(up_to);
        // A placeholder's report is on the shelf already, with the true reason.
        let new = |refusal: &Refusal| !self.placeholders.contains(&refusal.sequence);
        let refusals: Vec<Refusal> = receipt.refusals.into_iter().map(refusal).filter(new).collect();
        self.placeholders = self.placeholders.split_off(&up_to.saturating_add(1));
        blocking(&self.outbox, move |outbox| {
            for refusal in &refusals {
                outbox.shelve(refusal)?;
            }
            outbox.dealt_with(up_to)
        })
        .await
    }
}

/// Reads what waits after a number and shelves what may not leave: what comes back may be sent.
///
/// # Errors
/// The outbox failed; nothing may be sent.
pub fn prepare(outbox: &dyn Outbox, after: u64, limit: usize) -> Result<Vec<Sent>, OutboxError> {
    let mut rows = Vec::new();
    for waiting in outbox.peek(after, limit)? {
        let sequence = waiting.sequence;
        // What was shelved before waits no more, and the control plane takes no number out of turn.
        let next = after.saturating_add(1 + rows.len() as u64);
        for missing in (next..sequence).take(limit.saturating_sub(rows.len())) {
            rows.push(Sent { sequence: missing, kind: PLACEHOLDER, bytes: empty(missing) });
        }
        if rows.len() >= limit {
            break;
        }
        match Outbound::decode(&waiting.report) {
            Ok((_, outbound)) => {
                rows.push(Sent { sequence, kind: outbound.kind(), bytes: outbound.numbered(sequence) });
            }
            Err(invalid) => {
                outbox.shelve(&may_not_leave(sequence, &invalid))?;
                rows.push(Sent { sequence, kind: PLACEHOLDER, bytes: empty(sequence) });
            }
        }
    }
    Ok(rows)
}

fn may_not_leave(sequence: u64, invalid: &InvalidOutbound) -> Refusal {
    let field = match invalid {
        InvalidOutbound::NotAReport => "report",
        InvalidOutbound::Field { field } => field,
    };
    tracing::error!(sequence, field, "a report may not leave and was shelved");
    metrics::counter!("ringfence_reports_shelved_total", "field" => field).increment(1);
    Refusal { sequence, reason: RefusalReason::MayNotLeave, field: field.to_owned() }
}

fn refusal(refusal: wire::Refusal) -> Refusal {
    use wire::RefusalReason as Wire;
    let reason = match Wire::try_from(refusal.reason) {
        Ok(Wire::InvalidField) => RefusalReason::InvalidField,
        Ok(Wire::UnknownField) => RefusalReason::UnknownField,
        Ok(Wire::UnknownThing) => RefusalReason::UnknownThing,
        Ok(Wire::ForeignSite) => RefusalReason::ForeignSite,
        Ok(Wire::Unspecified | Wire::OutOfOrder) | Err(_) => RefusalReason::Other,
    };
    let known = |c: &char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '.' | '[' | ']');
    Refusal {
        sequence: refusal.sequence,
        reason,
        field: refusal.field.chars().filter(known).take(128).collect(),
    }
}

async fn next(receipts: &mut Streaming<wire::Receipt>) -> Result<wire::Receipt, SessionEnd> {
    match receipts.message().await {
        Ok(Some(receipt)) => Ok(receipt),
        Ok(None) => Err(SessionEnd::of(&Answer::unavailable("the receipts ended"))),
        Err(answer) => Err(SessionEnd::of(&answer)),
    }
}

async fn blocking<T: Send + 'static>(
    outbox: &Arc<dyn Outbox>,
    call: impl FnOnce(&dyn Outbox) -> Result<T, OutboxError> + Send + 'static,
) -> Result<T, SessionEnd> {
    let outbox = Arc::clone(outbox);
    match tokio::task::spawn_blocking(move || call(outbox.as_ref())).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the outbox cannot be drained");
            Err(SessionEnd::Store)
        }
        Err(_) => Err(SessionEnd::Store),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use proto_ids::AssetToken;

    use super::*;
    use crate::outbound::GoldPresence;

    /// Keeps what the archive keeps: a shelved report waits no more.
    struct Memory {
        waiting: Mutex<BTreeMap<u64, Vec<u8>>>,
        changed: watch::Sender<u64>,
    }

    impl Memory {
        fn new(reports: impl IntoIterator<Item = (u64, Vec<u8>)>) -> Self {
            let (changed, _) = watch::channel(0);
            Self { waiting: Mutex::new(reports.into_iter().collect()), changed }
        }
    }

    impl Outbox for Memory {
        fn peek(&self, after: u64, limit: usize) -> Result<Vec<Waiting>, OutboxError> {
            let waiting = self.waiting.lock().unwrap();
            let rows = waiting.range(after + 1..).take(limit);
            Ok(rows
                .map(|(sequence, report)| Waiting { sequence: *sequence, report: report.clone() })
                .collect())
        }

        fn dealt_with(&self, _up_to: u64) -> Result<(), OutboxError> {
            Ok(())
        }

        fn shelve(&self, refusal: &Refusal) -> Result<(), OutboxError> {
            self.waiting.lock().unwrap().remove(&refusal.sequence);
            Ok(())
        }

        fn changed(&self) -> watch::Receiver<u64> {
            self.changed.subscribe()
        }
    }

    fn report() -> Vec<u8> {
        Outbound::Gold(GoldPresence { asset: AssetToken::from_random([1; 16]), present: true }).encode()
    }

    fn numbers(rows: &[Sent]) -> Vec<(u64, &'static str)> {
        rows.iter().map(|row| (row.sequence, row.kind)).collect()
    }

    #[test]
    fn what_was_shelved_before_a_broken_stream_leaves_no_gap_on_the_next() {
        let outbox = Memory::new([(1, report()), (2, b"not a report".to_vec()), (3, report())]);
        let expected = [(1, "gold"), (2, "empty"), (3, "gold")];
        assert_eq!(numbers(&prepare(&outbox, 0, 10).unwrap()), expected);
        // The stream broke before the receipt: the same numbers are sent again.
        assert_eq!(numbers(&prepare(&outbox, 0, 10).unwrap()), expected);
        assert_eq!(numbers(&prepare(&outbox, 1, 10).unwrap()), expected[1..]);
    }

    #[test]
    fn a_long_gap_is_filled_a_window_at_a_time() {
        let outbox = Memory::new([(1, report()), (9, report())]);
        assert_eq!(
            numbers(&prepare(&outbox, 0, 4).unwrap()),
            [(1, "gold"), (2, "empty"), (3, "empty"), (4, "empty")]
        );
        assert_eq!(numbers(&prepare(&outbox, 7, 4).unwrap()), [(8, "empty"), (9, "gold")]);
    }
}
