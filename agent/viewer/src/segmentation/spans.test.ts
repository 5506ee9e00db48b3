// Spans of work, with a clock that is an argument.

import { describe, expect, it } from "vitest";
import { SpanCollector } from "./spans";

describe("the collector of spans", () => {
  it("joins signs that are less than two seconds apart", () => {
    const spans = new SpanCollector();
    for (const at of [1_000, 2_500, 4_499, 6_499, 7_000]) spans.note("read", at);
    expect(spans.take(10_000)).toEqual([
      { kind: "read", began_ms_ago: 9_000, ended_ms_ago: 5_501 },
      { kind: "read", began_ms_ago: 3_501, ended_ms_ago: 3_000 },
    ]);
  });

  it("keeps the kinds apart and lets them overlap", () => {
    const spans = new SpanCollector();
    spans.note("read", 0);
    spans.note("edit", 500);
    spans.note("read", 1_000);
    spans.note("answer", 1_500);
    spans.note("edit", 1_500);
    expect(spans.take(2_000)).toEqual([
      { kind: "read", began_ms_ago: 2_000, ended_ms_ago: 1_000 },
      { kind: "edit", began_ms_ago: 1_500, ended_ms_ago: 500 },
      { kind: "answer", began_ms_ago: 500, ended_ms_ago: 500 },
    ]);
  });

  it("gives each span out once, and again only when it was lost", () => {
    const spans = new SpanCollector();
    spans.note("edit", 0);
    expect(spans.take(100)).toHaveLength(1);
    spans.lost();
    spans.note("edit", 5_000);
    expect(spans.take(6_000)).toEqual([
      { kind: "edit", began_ms_ago: 6_000, ended_ms_ago: 6_000 },
      { kind: "edit", began_ms_ago: 1_000, ended_ms_ago: 1_000 },
    ]);
    spans.arrived();
    expect(spans.take(7_000)).toEqual([]);
  });

  it("does not lose what is noted while spans are on their way", () => {
    const spans = new SpanCollector();
    spans.note("edit", 0);
    spans.take(10);
    spans.note("edit", 20);
    spans.lost();
    expect(spans.take(30).map((span) => span.ended_ms_ago)).toEqual([30, 10]);
  });

  it("forgets what the agent would not take: too old, or too many", () => {
    const spans = new SpanCollector();
    spans.note("read", 0);
    for (let n = 0; n < 600; n += 1) spans.note("edit", 600_000 + n * 2_000);
    const taken = spans.take(600_000 + 599 * 2_000);
    expect(taken.length).toBeLessThanOrEqual(500);
    expect(taken.every((span) => span.kind === "edit" && span.began_ms_ago <= 600_000)).toBe(true);
  });

  it("begins anew when the clock was set back", () => {
    const spans = new SpanCollector();
    spans.note("edit", 10_000);
    spans.note("edit", 4_000);
    expect(spans.take(5_000)).toEqual([{ kind: "edit", began_ms_ago: 1_000, ended_ms_ago: 1_000 }]);
  });
});
