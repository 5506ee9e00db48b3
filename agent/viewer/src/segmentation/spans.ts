// What a person did and when, as spans: editing, answering, reading. Pure: the present time is an argument.

import type { SpanAgo, SpanKind } from "../api/types";

interface Span {
  readonly kind: SpanKind;
  beganMs: number;
  endedMs: number;
}

/** Signs that are closer together than this belong to one span. */
const LONGEST_GAP_MS = 2_000;
/** The agent takes nothing older than ten minutes and no more than 500 at once; half a minute is left for the way. */
const OLDEST_MS = 9.5 * 60_000;
const MOST_SPANS = 500;

export class SpanCollector {
  #spans: Span[] = [];
  #underway: readonly Span[] = [];

  /** Notes a sign of work. Spans of one kind grow; those of different kinds may overlap. */
  note(kind: SpanKind, nowMs: number): void {
    const last = this.#spans.findLast((span) => span.kind === kind);
    // A clock that was set back begins anew.
    if (last && nowMs >= last.endedMs && nowMs - last.endedMs < LONGEST_GAP_MS) last.endedMs = nowMs;
    else this.#spans.push({ kind, beganMs: nowMs, endedMs: nowMs });
  }

  /** Takes out everything noted so far, as ages. It has to be told afterwards whether the spans arrived. */
  take(nowMs: number): readonly SpanAgo[] {
    const recent = [...this.#underway, ...this.#spans].filter((span) => nowMs - span.endedMs <= OLDEST_MS && span.endedMs <= nowMs);
    this.#underway = recent.slice(-MOST_SPANS);
    this.#spans = [];
    return this.#underway.map((span) => ({
      kind: span.kind,
      began_ms_ago: Math.round(Math.min(OLDEST_MS, nowMs - span.beganMs)),
      ended_ms_ago: Math.round(nowMs - span.endedMs),
    }));
  }

  arrived(): void {
    this.#underway = [];
  }

  /** Keeps the spans that were taken out for the next time. */
  lost(): void {
    this.#spans = [...this.#underway, ...this.#spans];
    this.#underway = [];
  }
}
