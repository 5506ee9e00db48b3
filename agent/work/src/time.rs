//! How long work took, and how much of it was doing, looking and neither.

use proto_ids::Timestamp;

/// Doing counts on through gaps of up to a minute.
const ACTIVE_GAP_MS: i64 = 60 * 1000;
/// Looking counts on through gaps of up to three minutes.
const READING_GAP_MS: i64 = 180 * 1000;
/// No time that leaves is longer than four hours.
const LONGEST_MS: i64 = 4 * 60 * 60 * 1000;
/// The most stretches that are kept for one lease; they last longer than four hours together.
const STRETCHES: usize = 1_000;

/// What somebody was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Drawing.
    Edit,
    /// Answering a question.
    Answer,
    /// Looking: scroll, window, pan, zoom, pointer over a picture.
    Read,
}

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub kind: SpanKind,
    pub began_at: Timestamp,
    pub ended_at: Timestamp,
}

/// Where the time of a lease went. The last three make up the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeUse {
    /// From the grant of the lease to the submission, at most 4 hours.
    pub wall_seconds: u32,
    /// Drawing and answering.
    pub active_seconds: u32,
    /// Looking without doing.
    pub reading_seconds: u32,
    pub idle_seconds: u32,
}

/// The spans of one lease, folded: adding one twice changes nothing, and the order does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans {
    active: Stretches,
    reading: Stretches,
}

/// Rising, disjoint stretches from and to a millisecond, with small gaps closed.
type Stretches = Vec<(Timestamp, Timestamp)>;

impl Spans {
    /// Nothing was done.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`Spans::active`] and [`Spans::reading`] gave them.
    pub const fn from_stretches(active: Stretches, reading: Stretches) -> Self {
        Self { active, reading }
    }

    /// Adds what was done in a lease that was granted at `from`; what lies before that or after `now` is cut.
    pub fn add(&mut self, spans: &[Span], from: Timestamp, now: Timestamp) {
        for span in spans {
            let cut = (span.began_at.max(from), span.ended_at.min(now));
            if cut.0 <= cut.1 {
                match span.kind {
                    SpanKind::Edit | SpanKind::Answer => self.active.push(cut),
                    SpanKind::Read => self.reading.push(cut),
                }
            }
        }
        close(&mut self.active, ACTIVE_GAP_MS);
        close(&mut self.reading, READING_GAP_MS);
    }

    /// Stretches of drawing and answering.
    pub fn active(&self) -> &[(Timestamp, Timestamp)] {
        &self.active
    }

    /// Stretches of looking; they may overlap those of doing.
    pub fn reading(&self) -> &[(Timestamp, Timestamp)] {
        &self.reading
    }

    /// Where the time from `granted_at` to `submitted_at` went.
    pub fn time_use(&self, granted_at: Timestamp, submitted_at: Timestamp) -> TimeUse {
        let wall_ms = submitted_at.millis_since(granted_at).clamp(0, LONGEST_MS);
        let within = |stretches: &[(Timestamp, Timestamp)]| -> Stretches {
            let cut = |(began, ended): &(Timestamp, Timestamp)| {
                ((*began).max(granted_at), (*ended).min(submitted_at))
            };
            stretches.iter().map(cut).filter(|(began, ended)| began < ended).collect()
        };
        let (active, reading) = (within(&self.active), within(&self.reading));
        let looking_ms = length_ms(&reading) - overlap_ms(&active, &reading);
        let wall_seconds = seconds(wall_ms);
        let active_seconds = seconds(length_ms(&active)).min(wall_seconds);
        let reading_seconds = seconds(looking_ms).min(wall_seconds - active_seconds);
        let idle_seconds = wall_seconds - active_seconds - reading_seconds;
        TimeUse { wall_seconds, active_seconds, reading_seconds, idle_seconds }
    }
}

/// Joins what overlaps or is apart by no more than `gap_ms`. Joining step by step gives the same as at once.
fn close(stretches: &mut Stretches, gap_ms: i64) {
    stretches.sort_unstable();
    stretches.dedup_by(|next, kept| {
        let near = next.0.millis_since(kept.1) <= gap_ms;
        if near {
            kept.1 = kept.1.max(next.1);
        }
        near
    });
    stretches.truncate(STRETCHES);
}

fn length_ms(stretches: &[(Timestamp, Timestamp)]) -> i64 {
    stretches.iter().map(|(began, ended)| ended.millis_since(*began)).sum()
}

fn overlap_ms(first: &[(Timestamp, Timestamp)], second: &[(Timestamp, Timestamp)]) -> i64 {
    let both = |one: &(Timestamp, Timestamp), other: &(Timestamp, Timestamp)| {
        one.1.min(other.1).millis_since(one.0.max(other.0)).max(0)
    };
    first.iter().map(|one| second.iter().map(|other| both(one, other)).sum::<i64>()).sum()
}

fn seconds(millis: i64) -> u32 {
    u32::try_from(millis / 1000).unwrap_or(0)
}
