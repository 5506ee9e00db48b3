// The facts are those of the saved drawing, asked for once it is calm, and never called current when they are not.

import { describe, expect, it } from "vitest";
import type { MeasuredFacts } from "../api/types";
import { SaveQueue } from "../segmentation/save-queue";
import type { SaveOutcome } from "../segmentation/save-queue";
import { TestTime, settle } from "../segmentation/test-time";
import { FactsWatch } from "./facts-watch";

function start(): { readonly time: TestTime; readonly queue: SaveQueue; readonly watch: FactsWatch; readonly asked: () => number; readonly line: { outcome: SaveOutcome; fails: boolean } } {
  const time = new TestTime();
  const line: { outcome: SaveOutcome; fails: boolean } = { outcome: { kind: "saved", revision: 0 }, fails: false };
  let revision = 0;
  let asked = 0;
  const queue = new SaveQueue(async (operations) => {
    await Promise.resolve();
    if (line.outcome.kind !== "saved") return line.outcome;
    revision += operations.length;
    return { kind: "saved", revision };
  }, time, 0);
  const ask = async (): Promise<MeasuredFacts> => {
    asked += 1;
    await Promise.resolve();
    if (line.fails) throw new TypeError("the line broke");
    return { revision, facts: { objects: [{ object_id: 1, count: revision, cavities: 0, instances: [] }] } };
  };
  const watch = new FactsWatch(ask, queue, time);
  watch.start();
  return { time, queue, watch, asked: () => asked, line };
}

function draw({ queue, watch }: ReturnType<typeof start>, n: number): void {
  queue.add({ id: `${n}`, kind: "remove_shape", shape_id: "a" });
  watch.drawn();
}

describe("the facts", () => {
  it("are asked for at once, and once more for strokes that follow each other closely", async () => {
    const bed = start();
    await settle();
    expect([bed.asked(), bed.watch.state.value.current]).toEqual([1, true]);
    for (let n = 0; n < 4; n += 1) {
      draw(bed, n);
      expect(bed.watch.state.value.current).toBe(false);
      await bed.time.pass(200);
    }
    expect(bed.asked()).toBe(1);
    await bed.time.pass(400);
    expect(bed.asked()).toBe(2);
    expect(bed.watch.state.value).toMatchObject({ current: true, facts: { objects: [{ count: 4 }] } });
  });

  it("are not asked for while a stroke is unsaved", async () => {
    const bed = start();
    await settle();
    bed.line.outcome = { kind: "unreachable" };
    draw(bed, 1);
    await bed.time.pass(600);
    expect(bed.asked()).toBe(1);
    bed.line.outcome = { kind: "saved", revision: 0 };
    await bed.time.pass(1_000);
    await bed.time.pass(400);
    expect(bed.watch.state.value.current).toBe(true);
  });

  it("say when the agent did not answer, and are asked for again later", async () => {
    const bed = start();
    await settle();
    bed.line.fails = true;
    draw(bed, 1);
    await settle();
    expect(await bed.watch.now()).toBe(false);
    bed.line.fails = false;
    await bed.time.pass(10_000);
    expect(bed.watch.state.value.current).toBe(true);
  });
});
