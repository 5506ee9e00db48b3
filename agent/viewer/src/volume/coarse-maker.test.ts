// Facts about the making of the coarse volume: once for all, broken off, and made again.

import { describe, expect, it } from "vitest";
import { coarseOf } from "./coarse";
import { CoarseMaker } from "./coarse-maker";
import type { Grid } from "./grid";

const GRID: Grid = { dimensions: [4, 3, 6], spacingMm: [1, 1, 1], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };

class Bed {
  wanted = true;
  makes = 0;
  pauses = 0;
  /** Called at each pause. */
  onPause: () => void = () => undefined;
  fails = false;
  readonly maker = new CoarseMaker({
    make: (pause) => {
      this.makes += 1;
      if (this.fails) return Promise.reject(new RangeError("no memory"));
      return coarseOf({ source: { grid: GRID, channels: 1, slice: (k) => new Int16Array(12).fill(k) }, range: { low: 0, high: 5 }, longest: 10, pause });
    },
    rest: async () => {
      this.pauses += 1;
      this.onPause();
    },
    wanted: () => this.wanted,
  });
}

describe("the coarse volume", () => {
  it("is made once, also for those who ask while it is made", async () => {
    const bed = new Bed();
    const [one, other] = await Promise.all([bed.maker.get(), bed.maker.get()]);
    expect(one?.values[12 * 5]).toBe(255);
    expect([other === one, (await bed.maker.get()) === one, bed.makes]).toEqual([true, true, 1]);
  });

  it("is broken off when it is no longer wanted, and made again when it is", async () => {
    const bed = new Bed();
    bed.onPause = () => {
      if (bed.pauses === 2) bed.wanted = false;
    };
    expect(await bed.maker.get()).toBeUndefined();
    expect(bed.pauses).toBe(2);
    bed.wanted = true;
    expect((await bed.maker.get())?.size).toEqual([4, 3, 6]);
    expect([bed.makes, bed.pauses]).toEqual([2, 8]);
  });

  it("that was wanted again before a pause noticed is the same one", async () => {
    const bed = new Bed();
    const first = bed.maker.get();
    bed.wanted = false;
    bed.wanted = true;
    expect(await bed.maker.get()).toBe(await first);
    expect(bed.makes).toBe(1);
  });

  it("that could not be made is tried again", async () => {
    const bed = new Bed();
    bed.fails = true;
    await expect(bed.maker.get()).rejects.toBeInstanceOf(RangeError);
    bed.fails = false;
    expect(await bed.maker.get()).toBeDefined();
  });
});
