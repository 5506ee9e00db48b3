// When the spans of work are sent, and what is not counted at all.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { SpanAgo } from "../api/types";
import { TestTime, settle } from "../segmentation/test-time";
import { TimeKeeper } from "./time-keeper";

let time: TestTime;
let sent: (readonly SpanAgo[])[];
let arrives: boolean;
let keeper: TimeKeeper;
let focused: boolean;
let visibility: DocumentVisibilityState;

beforeEach(() => {
  [time, sent, arrives, focused, visibility] = [new TestTime(), [], true, true, "visible"];
  vi.spyOn(document, "hasFocus").mockImplementation(() => focused);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  keeper = new TimeKeeper(async (spans) => {
    sent.push(spans);
    await Promise.resolve();
    return arrives;
  }, time);
  keeper.start();
});

afterEach(() => {
  keeper.stop();
  vi.restoreAllMocks();
});

it("sends every half minute, and nothing when there was nothing", async () => {
  keeper.note("edit");
  await time.pass(30_000);
  await time.pass(30_000);
  expect(sent).toEqual([[{ kind: "edit", began_ms_ago: 30_000, ended_ms_ago: 30_000 }]]);
});

it("sends again what did not arrive", async () => {
  arrives = false;
  keeper.note("answer");
  await time.pass(30_000);
  arrives = true;
  await time.pass(30_000);
  await time.pass(30_000);
  expect(sent.map((spans) => spans.map((span) => span.ended_ms_ago))).toEqual([[30_000], [60_000]]);
});

it("counts nothing while the page is hidden or has not the keyboard", async () => {
  focused = false;
  keeper.note("read");
  [focused, visibility] = [true, "hidden"];
  keeper.note("read");
  await keeper.flush();
  expect(sent).toEqual([]);
});

it("sends at once when the page is hidden", async () => {
  keeper.note("read");
  visibility = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(sent).toHaveLength(1);
});
