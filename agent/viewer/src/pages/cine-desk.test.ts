// Facts about cine loops: their rate, round and round, and that whatever a person does stops them.

import { describe, expect, it } from "vitest";
import { TestTime } from "../segmentation/test-time";
import { CineDesk, cineRate } from "./cine-desk";
import type { CineRate } from "./cine-desk";

class Bed {
  readonly time = new TestTime();
  readonly seen: number[] = [];
  frame = 1;
  ready = 4;
  readonly desk: CineDesk;

  constructor(rate: CineRate | undefined = { frameMs: 40, recordedMs: 40 }) {
    const show = (k: number): void => {
      this.frame = k;
      this.seen.push(k);
    };
    this.desk = new CineDesk({ rate, frames: 4, shown: () => this.frame, has: (k) => k < this.ready, show }, this.time);
  }
}

describe("the rate", () => {
  const dimensions = [10, 10, 4] as const;

  it("is the recorded one, between one and sixty frames a second", () => {
    expect(cineRate({ dimensions, frame_time_ms: 40 }, "stack")).toEqual({ frameMs: 40, recordedMs: 40 });
    expect(cineRate({ dimensions, frame_time_ms: 2 }, "stack")).toEqual({ frameMs: 1_000 / 60, recordedMs: 2 });
    expect(cineRate({ dimensions, frame_time_ms: 60_000 }, "stack")).toEqual({ frameMs: 1_000, recordedMs: 60_000 });
  });

  it.each([null, 0, -5, Number.NaN, Number.POSITIVE_INFINITY])("is none with a time of %s", (time) => {
    expect(cineRate({ dimensions, frame_time_ms: time }, "stack")).toBeUndefined();
  });

  it("is none of one picture, or of a volume", () => {
    expect(cineRate({ dimensions: [10, 10, 1], frame_time_ms: 40 }, "stack")).toBeUndefined();
    expect(cineRate({ dimensions, frame_time_ms: 40 }, "volume")).toBeUndefined();
    expect(cineRate({ dimensions }, "stack")).toBeUndefined();
  });
});

describe("a loop", () => {
  it("shows frame after frame, and begins again after the last", async () => {
    const bed = new Bed();
    expect(bed.desk.toggle()).toBe(true);
    for (let n = 0; n < 5; n += 1) await bed.time.pass(40);
    expect([bed.seen, bed.desk.state.value.playing]).toEqual([[2, 3, 0, 1, 2], true]);
  });

  it("keeps its rate on a slow machine by leaving frames out", async () => {
    const bed = new Bed();
    bed.desk.toggle();
    await bed.time.pass(130);
    await bed.time.pass(30);
    expect(bed.seen).toEqual([0, 1]);
  });

  it("waits for a frame that has not arrived", async () => {
    const bed = new Bed();
    bed.ready = 3;
    bed.desk.toggle();
    await bed.time.pass(40);
    await bed.time.pass(40);
    expect(bed.seen).toEqual([2]);
    bed.ready = 4;
    await bed.time.pass(40);
    expect(bed.seen).toEqual([2, 3]);
  });

  it("is stopped by a second toggle and by whatever a person does, and then shows nothing more", async () => {
    const bed = new Bed();
    bed.desk.toggle();
    await bed.time.pass(40);
    bed.desk.toggle();
    await bed.time.pass(400);
    bed.desk.toggle();
    await bed.time.pass(40);
    expect([bed.desk.interrupt(), bed.desk.interrupt()]).toEqual([true, false]);
    await bed.time.pass(400);
    expect([bed.seen, bed.desk.state.value.playing]).toEqual([[2, 3], false]);
  });

  it("begins by itself once, but not after a person has done something", async () => {
    const bed = new Bed();
    bed.desk.begin();
    bed.desk.begin();
    await bed.time.pass(40);
    expect(bed.seen).toEqual([2]);
    bed.desk.interrupt();
    bed.desk.begin();
    await bed.time.pass(40);
    expect([bed.seen, bed.desk.state.value.playing]).toEqual([[2], false]);
  });

  it("is nothing where there is no rate", () => {
    const bed = new Bed(undefined);
    const none = new CineDesk({ rate: undefined, frames: 4, shown: () => 0, has: () => true, show: (k) => bed.seen.push(k) }, bed.time);
    none.begin();
    expect([none.toggle(), none.interrupt(), bed.time.lengths, none.state.value.playing]).toEqual([false, false, [], false]);
  });
});
