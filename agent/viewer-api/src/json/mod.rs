//! What travels between the browser and this room, and nothing else: private forms of this room.

pub(crate) mod answer;
pub(crate) mod facts;
pub(crate) mod finding;
pub(crate) mod instruction;
pub(crate) mod model;
pub(crate) mod operation;
pub(crate) mod peer;
pub(crate) mod person;
pub(crate) mod preview;
pub(crate) mod quarantine;
pub(crate) mod shape;
pub(crate) mod span;
pub(crate) mod submit;
pub(crate) mod task;
pub(crate) mod work;

use proto_ids::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time as RFC 3339 text, UTC.
pub(crate) fn time_text(at: Timestamp) -> String {
    let nanos = i128::from(at.millis()) * 1_000_000;
    let date = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    date.format(&Rfc3339).unwrap_or_default()
}
