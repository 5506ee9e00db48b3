// The save queue on lines that break, with a clock that moves only when told to.

import { describe, expect, it } from "vitest";
import type { NumberedOperation, Operation } from "../api/types";
import { SaveQueue } from "./save-queue";
import type { SaveOutcome } from "./save-queue";
import { TestTime, settle } from "./test-time";

function answer(n: number): Operation {
  return { id: `operation-${n}`, kind: "answer", question_id: n, answer: { number: n } };
}

/** An agent that applies each id once, and whose answers can be lost. */
class Line {
  readonly applied: NumberedOperation[] = [];
  readonly requests: string[][] = [];
  readonly plan: ("lost-before" | "lost-after" | SaveOutcome)[] = [];
  inFlight = 0;

  readonly send = async (operations: readonly NumberedOperation[]): Promise<SaveOutcome> => {
    this.inFlight += 1;
    expect(this.inFlight).toBe(1);
    await Promise.resolve();
    this.inFlight -= 1;
    this.requests.push(operations.map((operation) => operation.id));
    const planned = this.plan.shift();
    if (planned === "lost-before") throw new TypeError("the line broke");
    if (typeof planned === "object") return planned;
    for (const operation of operations) {
      if (this.applied.some((known) => known.id === operation.id)) continue;
      expect(operation.base_revision).toBe(this.applied.length);
      this.applied.push(operation);
    }
    if (planned === "lost-after") throw new TypeError("the line broke");
    return { kind: "saved", revision: this.applied.length };
  };
}

function start(): { readonly line: Line; readonly time: TestTime; readonly queue: SaveQueue } {
  const line = new Line();
  const time = new TestTime();
  return { line, time, queue: new SaveQueue(line.send, time, 0) };
}

describe("the save queue", () => {
  it("saves at once and says when", async () => {
    const { queue } = start();
    queue.add(answer(1));
    expect(queue.state.unsaved).toBe(1);
    expect(queue.state.savedAtMs).toBeUndefined();
    await settle();
    expect(queue.state).toEqual({ revision: 1, unsaved: 0, savedAtMs: 1_000_000, trouble: { kind: "none" } });
  });

  it("sends in order, one request at a time", async () => {
    const { queue, line } = start();
    for (let n = 1; n <= 5; n += 1) queue.add(answer(n));
    await settle();
    expect(line.applied.map((operation) => operation.id)).toEqual([1, 2, 3, 4, 5].map((n) => `operation-${n}`));
    expect(queue.state.unsaved).toBe(0);
  });

  it("splits what has piled up into requests that the agent takes", async () => {
    const { queue, line, time } = start();
    line.plan.push("lost-before");
    const runs = Array.from({ length: 60_000 }, (_, n) => [2 * n, 1, 0, 1] as const);
    for (let n = 1; n <= 3; n += 1) queue.add({ id: `operation-${n}`, kind: "paint", tool: "brush", slices: [{ k: n, runs }] });
    await settle();
    await time.pass(1_000);
    expect(line.requests.map((ids) => ids.length)).toEqual([1, 1, 1, 1]);
    expect(queue.state).toMatchObject({ revision: 3, unsaved: 0 });
  });

  it("keeps everything while the line is down and says since when", async () => {
    const { queue, line, time } = start();
    line.plan.push("lost-before", "lost-before", "lost-before");
    queue.add(answer(1));
    await settle();
    queue.add(answer(2));
    await time.pass(1_000);
    await time.pass(2_000);
    expect(queue.state).toMatchObject({ unsaved: 2, trouble: { kind: "line-down", sinceMs: 1_000_000 } });
    await time.pass(4_000);
    expect(queue.state).toMatchObject({ revision: 2, unsaved: 0, savedAtMs: 1_007_000, trouble: { kind: "none" } });
  });

  it("waits longer after each failure, up to half a minute", async () => {
    const { queue, line, time } = start();
    line.plan.push(...Array.from({ length: 8 }, () => "lost-before" as const));
    queue.add(answer(1));
    await settle();
    for (let turn = 0; turn < 8; turn += 1) await time.pass(30_000);
    expect(time.lengths).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(queue.state.unsaved).toBe(0);
  });

  it("does not ask more often because more is drawn while the line is down", async () => {
    const { queue, line } = start();
    line.plan.push("lost-before");
    queue.add(answer(1));
    await settle();
    for (let n = 2; n <= 9; n += 1) queue.add(answer(n));
    await settle();
    expect(line.requests.length).toBe(1);
  });

  it("has each operation applied once when an answer is lost", async () => {
    const { queue, line, time } = start();
    line.plan.push("lost-after");
    queue.add(answer(1));
    await settle();
    queue.add(answer(2));
    await time.pass(1_000);
    expect(line.applied.map((operation) => operation.id)).toEqual(["operation-1", "operation-2"]);
    expect(queue.state).toMatchObject({ revision: 2, unsaved: 0 });
  });

  it("keeps unsaved work over a new sign-in", async () => {
    const { queue, line, time } = start();
    line.plan.push({ kind: "signed-out" });
    queue.add(answer(1));
    await settle();
    queue.add(answer(2));
    await time.pass(60_000);
    expect(queue.state).toMatchObject({ unsaved: 2, trouble: { kind: "signed-out" } });
    expect(line.requests.length).toBe(1);
    queue.retryNow();
    await settle();
    expect(queue.state).toMatchObject({ unsaved: 0, trouble: { kind: "none" } });
  });

  it("stops when the agent refuses, and never calls refused work saved", async () => {
    const { queue, line, time } = start();
    line.plan.push({ kind: "refused", code: "stale-lease" });
    queue.add(answer(1));
    await settle();
    queue.add(answer(2));
    queue.retryNow();
    await time.pass(60_000);
    expect(line.requests.length).toBe(1);
    expect(queue.state).toMatchObject({ unsaved: 2, savedAtMs: undefined, trouble: { kind: "refused", code: "stale-lease" } });
    expect(await queue.settled()).toBe(false);
  });

  it("tells who waits when everything is saved", async () => {
    const { queue } = start();
    queue.add(answer(1));
    queue.add(answer(2));
    expect(await queue.settled()).toBe(true);
    expect(queue.state.revision).toBe(2);
  });
});
