//! Facts about the time that work takes.

mod support;

use agent_work::{Span, SpanKind, Spans, TimeUse};
use proptest::prelude::*;
use proto_ids::Timestamp;
use support::NOON;

const HOUR: i64 = 3600;

fn span(kind: SpanKind, began: i64, ended: i64) -> Span {
    Span { kind, began_at: NOON.plus_seconds(began), ended_at: NOON.plus_seconds(ended) }
}

/// The use of `wall` seconds from noon on.
fn used(spans: &[Span], wall: i64) -> TimeUse {
    let mut kept = Spans::new();
    let until = NOON.plus_seconds(wall);
    kept.add(spans, NOON, until);
    kept.time_use(NOON, until)
}

fn of(wall_seconds: u32, active_seconds: u32, reading_seconds: u32) -> TimeUse {
    let idle_seconds = wall_seconds - active_seconds - reading_seconds;
    TimeUse { wall_seconds, active_seconds, reading_seconds, idle_seconds }
}

#[test]
fn what_overlaps_counts_once() {
    let spans = [span(SpanKind::Edit, 10, 30), span(SpanKind::Answer, 20, 40), span(SpanKind::Read, 25, 60)];
    assert_eq!(used(&spans, 100), of(100, 30, 20));
    let twice: Vec<Span> = spans.iter().chain(&spans).copied().collect();
    assert_eq!(used(&twice, 100), of(100, 30, 20));
}

#[test]
fn gaps_count_up_to_a_minute_of_doing_and_three_of_looking() {
    let edits = |gap: i64| [span(SpanKind::Edit, 0, 10), span(SpanKind::Answer, 10 + gap, 20 + gap)];
    assert_eq!(used(&edits(60), 400), of(400, 80, 0));
    assert_eq!(used(&edits(61), 400), of(400, 20, 0));
    let reads = |gap: i64| [span(SpanKind::Read, 0, 10), span(SpanKind::Read, 10 + gap, 20 + gap)];
    assert_eq!(used(&reads(180), 400), of(400, 0, 200));
    assert_eq!(used(&reads(181), 400), of(400, 0, 20));
}

#[test]
fn doing_in_the_midst_of_looking_is_doing() {
    let spans = [span(SpanKind::Read, 0, 100), span(SpanKind::Edit, 40, 60), span(SpanKind::Read, 250, 260)];
    assert_eq!(used(&spans, 300), of(300, 20, 240));
}

#[test]
fn what_was_before_the_lease_or_after_now_is_cut() {
    let spans = [span(SpanKind::Edit, -50, 10), span(SpanKind::Read, 90, 500), span(SpanKind::Edit, -9, -2)];
    assert_eq!(used(&spans, 100), of(100, 10, 10));
    let turned = [span(SpanKind::Edit, 50, 40)];
    assert_eq!(used(&turned, 100), of(100, 0, 0));
}

#[test]
fn no_time_is_longer_than_four_hours() {
    let spans = [span(SpanKind::Edit, 0, 3 * HOUR), span(SpanKind::Read, 3 * HOUR, 9 * HOUR)];
    assert_eq!(used(&spans, 10 * HOUR), of(14_400, 10_800, 3_600));
    let busy = [span(SpanKind::Edit, 0, 9 * HOUR)];
    assert_eq!(used(&busy, 10 * HOUR), of(14_400, 14_400, 0));
    assert_eq!(used(&[], -5), of(0, 0, 0), "a clock that was set back");
}

#[test]
fn stretches_are_few_however_many_spans_there_are() {
    let mut kept = Spans::new();
    let now = NOON.plus_seconds(1_000_000);
    for part in 0..20 {
        let spans: Vec<Span> =
            (0..500).map(|at| (part * 500 + at) * 100).map(|at| span(SpanKind::Edit, at, at + 1)).collect();
        kept.add(&spans, NOON, now);
    }
    assert_eq!(kept.active().len(), 1_000);
    assert!(kept.time_use(NOON, now).active_seconds <= 14_400);
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    let kind = prop::sample::select(vec![SpanKind::Edit, SpanKind::Answer, SpanKind::Read]);
    let one = (kind, 0..3_000i64, 0..300i64).prop_map(|(kind, at, length)| span(kind, at, at + length));
    prop::collection::vec(one, 0..40)
}

/// Second by second, without any cleverness.
fn by_seconds(spans: &[Span], wall: usize) -> TimeUse {
    let marks = |wanted: &dyn Fn(SpanKind) -> bool, gap: usize| {
        let mut busy = vec![false; wall];
        for span in spans.iter().filter(|span| wanted(span.kind)) {
            let second = |at: Timestamp| (at.millis_since(NOON) / 1000) as usize;
            let (from, to) = (second(span.began_at).min(wall), second(span.ended_at).min(wall));
            busy[from..to].fill(true);
        }
        let mut at = 0;
        while let Some(from) = (at..wall)
            .find(|second| busy[*second])
            .and_then(|first| (first..wall).find(|second| !busy[*second]))
        {
            let to = (from..wall).find(|second| busy[*second]).unwrap_or(wall);
            if to < wall && to - from <= gap {
                busy[from..to].fill(true);
            }
            at = to;
        }
        busy
    };
    let active = marks(&|kind| kind != SpanKind::Read, 60);
    let reading = marks(&|kind| kind == SpanKind::Read, 180);
    let looking = reading.iter().zip(&active).filter(|(reading, active)| **reading && !**active).count();
    of(wall as u32, active.iter().filter(|busy| **busy).count() as u32, looking as u32)
}

proptest! {
    #[test]
    fn parts_in_any_order_give_what_counting_seconds_gives(
        spans in spans().prop_map(|spans| {
            spans.into_iter().filter(|span| span.began_at < span.ended_at).collect::<Vec<_>>()
        }),
        parts in 1..5usize,
        wall in 1..4_000i64,
    ) {
        let until = NOON.plus_seconds(wall);
        let mut kept = Spans::new();
        for part in spans.chunks(spans.len() / parts + 1).rev() {
            kept.add(part, NOON, NOON.plus_seconds(10_000));
            kept.add(part, NOON, NOON.plus_seconds(10_000));
        }
        let at_once = used(&spans, 10_000);
        prop_assert_eq!(kept.time_use(NOON, NOON.plus_seconds(10_000)), at_once);
        prop_assert_eq!(at_once, by_seconds(&spans, 10_000));
        let early = kept.time_use(NOON, until);
        prop_assert_eq!(early.active_seconds + early.reading_seconds + early.idle_seconds, early.wall_seconds);
    }
}
