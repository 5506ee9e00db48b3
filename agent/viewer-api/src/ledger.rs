//! What left, for hospital IT: counted by day and kind, message by message, field by field, checked and
//! exported. Reads the ledger; nothing here can change it.

pub(crate) mod export;
mod line;
mod schema;
mod tally;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use agent_archive::{LedgerEntry, LedgerVerified, MessageKind, StorageError};
use axum::Json;
use axum::extract::{Path, Query, State};
use proto_ids::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Body, HospitalAdmin};
use crate::app::App;
use crate::json::time_text;
use crate::problem::Problem;
use crate::session::NothingJson;
use line::hex;
use tally::{Counts, Day, Tally, day_of, kinds_of};

pub use line::{ledger_finding, ledger_line, ledger_state};
pub use schema::{EgressContent, EgressField, EgressSchema};

/// Messages on one page.
const PAGE: usize = 50;
/// Lines that are looked through for one page at most.
const LOOKED_AT: u64 = 20_000;
const BLOCK: u64 = 500;

/// What this room remembers of the ledger, so that a page does not read all of it.
#[derive(Default)]
pub(crate) struct Egress {
    tally: Mutex<Tally>,
    verified: Mutex<Option<(Timestamp, LedgerVerified)>>,
    /// Whether the first check since the start was begun.
    looked: AtomicBool,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EgressJson {
    /// The last seven days, the newest first; days are UTC.
    days: Vec<EgressDayJson>,
    /// What left on them, by kind.
    kinds: Vec<EgressKindJson>,
    /// Messages in the whole ledger.
    messages: u64,
    head: EgressHeadJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    anchored_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    verified: Option<EgressVerifiedJson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct EgressDayJson {
    /// As 2026-11-30.
    day: String,
    messages: u64,
    /// Numbers, truth values and names of closed lists in them.
    numbers: u64,
    /// How many assets they are about.
    assets: u64,
    /// Messages with keys or proofs of the enrolment.
    credentials: u64,
    /// Fields of text in them, which the schema does not have.
    texts: u64,
    /// Messages that this version cannot read.
    unread: u64,
}

#[derive(Debug, Serialize, ToSchema)]
struct EgressKindJson {
    kind: &'static str,
    /// What a message of this kind tells.
    tells: String,
    messages_today: u64,
    numbers_today: u64,
    messages: u64,
    numbers: u64,
}

/// The last record of the ledger: note it down elsewhere, and no later change goes unseen.
#[derive(Debug, Serialize, ToSchema)]
struct EgressHeadJson {
    record: u64,
    /// The chain value, hexadecimal.
    chain: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EgressVerifiedJson {
    at: String,
    intact: bool,
    messages: u64,
    records: u64,
    /// Heads in the audit trail that were compared.
    anchors: u64,
    /// What is not as it was written, in words.
    findings: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct MessagesQuery {
    /// As 2026-11-30; all days when it is left out.
    day: Option<String>,
    /// All kinds when it is left out.
    kind: Option<String>,
    /// Only messages with a lower number.
    before: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EgressMessagesJson {
    /// The newest first.
    messages: Vec<EgressMessageJson>,
    /// Ask again with this number for older ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    before: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct EgressMessageJson {
    sequence: u64,
    at: String,
    /// The call of the schema that carried it.
    call: &'static str,
    kind: &'static str,
    tells: String,
    /// Length of the plain message.
    bytes: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EgressOpenedJson {
    #[serde(flatten)]
    message: EgressMessageJson,
    /// Null when this version cannot read the message.
    #[schema(required = true)]
    fields: Option<Vec<EgressFieldJson>>,
    sha256: String,
    /// The plain bytes, exactly as they went onto the wire.
    hex: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct EgressFieldJson {
    path: String,
    value: String,
    class: String,
    why: String,
}

/// What left on the last days, and the state of the ledger.
#[utoipa::path(get, path = "/admin/ledger", operation_id = "ledger_overview",
    responses((status = 200, body = EgressJson), (status = 401), (status = 403)))]
pub(crate) async fn overview(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
) -> Result<Json<EgressJson>, Problem> {
    let now = app.now();
    if !app.egress.looked.swap(true, Ordering::Relaxed) {
        // Whoever looks first after a start sees the result when they look again.
        let app = Arc::clone(&app);
        tokio::task::spawn_blocking(move || app.check_ledger(now).map_err(|cause| Problem::ours(&cause)));
    }
    let read = app.blocking(move |app| egress(app, now)).await?;
    read.map(Json).map_err(|cause| Problem::ours(&cause))
}

/// Messages that left, the newest first.
#[utoipa::path(get, path = "/admin/ledger/messages", operation_id = "ledger_messages",
    params(("day" = Option<String>, Query), ("kind" = Option<String>, Query), ("before" = Option<u64>, Query)),
    responses((status = 200, body = EgressMessagesJson), (status = 401), (status = 403), (status = 422)))]
pub(crate) async fn messages(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<EgressMessagesJson>, Problem> {
    let filter = Filter::of(query.day.as_deref(), query.kind.as_deref())?;
    let page = app.blocking(move |app| page(app, filter, query.before)).await?;
    page.map(Json).map_err(|cause| Problem::ours(&cause))
}

/// One message, field by field.
#[utoipa::path(get, path = "/admin/ledger/messages/{sequence}", operation_id = "ledger_message",
    params(("sequence" = u64, Path)),
    responses((status = 200, body = EgressOpenedJson), (status = 401), (status = 403), (status = 404)))]
pub(crate) async fn message(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
    Path(sequence): Path<String>,
) -> Result<Json<EgressOpenedJson>, Problem> {
    let sequence: u64 = sequence.parse().map_err(|_| Problem::not_found())?;
    let opened = app.blocking(move |app| {
        let entry = app.archive.ledger_show(sequence)?;
        Ok::<_, StorageError>(entry.map(|entry| opened(app, &entry)))
    });
    let opened = opened.await?.map_err(|cause| Problem::ours(&cause))?;
    opened.map(Json).ok_or_else(Problem::not_found)
}

/// Reads every byte of the ledger, recomputes its chain and compares its anchors.
#[utoipa::path(post, path = "/admin/ledger/verify", operation_id = "ledger_verify", request_body = NothingJson,
    responses((status = 200, body = EgressVerifiedJson), (status = 401), (status = 403)))]
pub(crate) async fn verify(
    State(app): State<Arc<App>>,
    _admin: HospitalAdmin,
    Body(NothingJson {}): Body<NothingJson>,
) -> Result<Json<EgressVerifiedJson>, Problem> {
    let now = app.now();
    let verified = app.measuring(move |app| app.check_ledger(now)).await?;
    let verified = verified.map_err(|cause| Problem::ours(&cause))?;
    Ok(Json(verified_json(now, &verified)))
}

impl App {
    /// Blocks as long as every byte takes.
    fn check_ledger(&self, now: Timestamp) -> Result<LedgerVerified, LedgerUnreadable> {
        let verified = self.archive.ledger_read(&mut |_| ()).map_err(LedgerUnreadable)?;
        self.remember(now, verified.clone());
        Ok(verified)
    }

    fn remember(&self, now: Timestamp, verified: LedgerVerified) {
        *locked(&self.egress.verified) = Some((now, verified));
    }
}

/// The ledger's files cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the ledger's files cannot be read")]
struct LedgerUnreadable(#[source] agent_archive::JournalError);

fn egress(app: &App, now: Timestamp) -> Result<EgressJson, StorageError> {
    let today = day_of(now);
    let days = locked(&app.egress.tally).update(&app.archive, app.schema.as_ref(), today)?.clone();
    let known = locked(&app.egress.verified).clone();
    let head = app.archive.ledger_head();
    Ok(EgressJson {
        days: (0..tally::DAYS).map(|ago| day_json(today - ago, days.get(&(today - ago)))).collect(),
        kinds: kind_lines(app, &days, today),
        messages: app.archive.ledger_last()?,
        head: EgressHeadJson { record: head.sequence, chain: hex(&head.link) },
        anchored_at: app.archive.ledger_anchored()?.map(|anchor| time_text(anchor.at)),
        verified: known.map(|(at, verified)| verified_json(at, &verified)),
    })
}

fn day_json(day: i64, left: Option<&Day>) -> EgressDayJson {
    let sums = kinds_of(left.into_iter());
    let sum = |of: fn(&Counts) -> u64| -> u64 { sums.values().map(of).sum() };
    EgressDayJson {
        day: day_text(day),
        messages: sum(|counts| counts.messages),
        numbers: sum(|counts| counts.numbers),
        assets: left.map_or(0, |left| left.assets.len() as u64),
        credentials: sum(|counts| counts.credentials),
        texts: sum(|counts| counts.texts),
        unread: sum(|counts| counts.unread),
    }
}

fn kind_lines(app: &App, days: &BTreeMap<i64, Day>, today: i64) -> Vec<EgressKindJson> {
    let now = kinds_of(days.get(&today).into_iter());
    let line = |(kind, all): (&'static str, Counts)| {
        let counts = now.get(kind).copied().unwrap_or_default();
        EgressKindJson {
            kind,
            tells: MessageKind::from_code(kind).map_or_else(String::new, |kind| app.schema.words(kind)),
            messages_today: counts.messages,
            numbers_today: counts.numbers,
            messages: all.messages,
            numbers: all.numbers,
        }
    };
    kinds_of(days.values()).into_iter().map(line).collect()
}

fn verified_json(at: Timestamp, verified: &LedgerVerified) -> EgressVerifiedJson {
    EgressVerifiedJson {
        at: time_text(at),
        intact: verified.findings.is_empty(),
        messages: verified.lines,
        records: verified.records,
        anchors: verified.anchors,
        findings: verified.findings.iter().map(ledger_finding).collect(),
    }
}

/// Which messages are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Filter {
    day: Option<i64>,
    kind: Option<MessageKind>,
}

impl Filter {
    fn of(day: Option<&str>, kind: Option<&str>) -> Result<Self, Problem> {
        let day = day.map(|day| day_named(day).ok_or_else(|| Problem::invalid("day: as 2026-11-30")));
        let kind = kind.map(|kind| {
            MessageKind::from_code(kind).ok_or_else(|| Problem::invalid("kind: there is no such kind"))
        });
        Ok(Self { day: day.transpose()?, kind: kind.transpose()? })
    }

    fn takes(&self, entry: &LedgerEntry) -> bool {
        self.day.is_none_or(|day| day_of(entry.at) == day) && self.kind.is_none_or(|kind| entry.kind == kind)
    }
}

/// The newest messages that the filter takes, before a number.
fn page(app: &App, filter: Filter, before: Option<u64>) -> Result<EgressMessagesJson, StorageError> {
    let last = app.archive.ledger_last()?;
    let mut end = before.map_or(last, |before| before.saturating_sub(1).min(last));
    // The tally knows where a day of the last week ends.
    if let Some(day) = filter.day {
        let mut tally = locked(&app.egress.tally);
        let days = tally.update(&app.archive, app.schema.as_ref(), day_of(app.now()))?;
        end = days.get(&day).and_then(|day| day.lines).map_or(end, |(_, last)| end.min(last));
    }
    let lowest = end.saturating_sub(LOOKED_AT);
    let mut found = Vec::new();
    while end > lowest {
        let start = end.saturating_sub(BLOCK).max(lowest);
        let lines = app.archive.ledger_list(start, usize::try_from(end - start).unwrap_or(usize::MAX))?;
        for entry in lines.iter().rev() {
            if found.len() == PAGE {
                return Ok(EgressMessagesJson { messages: found, before: Some(entry.sequence + 1) });
            }
            if filter.takes(entry) {
                found.push(message_json(app, entry));
            }
            // Clocks step back a little, but not by days.
            if filter.day.is_some_and(|day| day_of(entry.at) < day - 1) {
                return Ok(EgressMessagesJson { messages: found, before: None });
            }
        }
        end = start;
    }
    Ok(EgressMessagesJson { messages: found, before: (end > 0).then_some(end + 1) })
}

fn message_json(app: &App, entry: &LedgerEntry) -> EgressMessageJson {
    EgressMessageJson {
        sequence: entry.sequence,
        at: time_text(entry.at),
        call: app.schema.call(entry.kind),
        kind: entry.kind.code(),
        tells: app.schema.words(entry.kind),
        bytes: entry.bytes.len(),
    }
}

fn opened(app: &App, entry: &LedgerEntry) -> EgressOpenedJson {
    let field = |field: EgressField| {
        let EgressField { path, value, class, why, .. } = field;
        EgressFieldJson { path, value, class, why }
    };
    let fields = app.schema.fields(entry.kind, &entry.bytes);
    EgressOpenedJson {
        message: message_json(app, entry),
        fields: fields.map(|fields| fields.into_iter().map(field).collect()),
        sha256: hex(&entry.sha256),
        hex: hex(&entry.bytes),
    }
}

/// A day as 2026-11-30.
fn day_text(day: i64) -> String {
    time_text(Timestamp::from_millis(day * 24 * 60 * 60 * 1000)).chars().take(10).collect()
}

/// The day that is written so.
pub fn day_named(text: &str) -> Option<i64> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = time::Date::parse(text, format).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp().div_euclid(24 * 60 * 60))
}

/// The day of a time, as [`day_named`] counts.
pub fn day_at(at: Timestamp) -> i64 {
    day_of(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_named_as_it_is_read() {
        let noon = Timestamp::from_millis(1_700_049_600_000);
        let day = day_of(noon);
        assert_eq!((day_text(day).as_str(), day_named("2023-11-15")), ("2023-11-15", Some(day)));
        assert_eq!((day_named("2023-02-30"), day_named("today")), (None, None));
    }
}
