//! What somebody was doing at a task, and how long ago.

use agent_work::{Span, SpanKind};
use proto_ids::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// What began longer ago than this is cut.
const OLDEST_MS: u32 = 10 * 60 * 1000;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeJson {
    pub(crate) fencing: u64,
    pub(crate) spans: Vec<SpanJson>,
}

/// A stretch of doing or looking. Ages, since the clock of a browser may be wrong.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanJson {
    kind: SpanKindJson,
    began_ms_ago: u32,
    ended_ms_ago: u32,
}

/// Drawing, answering, or looking: scroll, window, pan, zoom, pointer over a picture.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SpanKindJson {
    Edit,
    Answer,
    Read,
}

impl SpanJson {
    /// What of the span lies in the ten minutes before `now`.
    pub(crate) fn before(&self, now: Timestamp) -> Result<Option<Span>, Problem> {
        if self.began_ms_ago < self.ended_ms_ago {
            return Err(Problem::invalid("spans: a span ends after it began"));
        }
        if self.ended_ms_ago > OLDEST_MS {
            return Ok(None);
        }
        let kind = match self.kind {
            SpanKindJson::Edit => SpanKind::Edit,
            SpanKindJson::Answer => SpanKind::Answer,
            SpanKindJson::Read => SpanKind::Read,
        };
        let at = |ago_ms: u32| now.plus_millis(-i64::from(ago_ms.min(OLDEST_MS)));
        Ok(Some(Span { kind, began_at: at(self.began_ms_ago), ended_at: at(self.ended_ms_ago) }))
    }
}
