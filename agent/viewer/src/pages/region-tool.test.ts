// Facts about regions of like values: what is asked of the agent after a click, and what stands in the way.

import { describe, expect, it } from "vitest";
import { firstRegion, hasRange, isClicked, regionObstacle, regionOperation } from "./region-tool";

const FIRST = firstRegion({ low: -160, high: 240 });
const VIEW = { lower: [1, 2, 3], upper: [9, 8, 7] } as const;
const PLACE = { label: 4, grid: { dimensions: [40, 30, 12] as const }, click: { at: [5, 6, 7], axis: 1 }, view: VIEW } as const;

describe("a region", () => {
  it("grows from the clicked voxel through like values", () => {
    expect(regionOperation({ ...FIRST, deviations: 3, gateMm: 1.5, compactPercent: 8 }, PLACE)).toEqual({
      kind: "region_grow", label: 4, seeds: [{ k: 7, runs: [[6 * 40 + 5, 1]] }], values: null, deviations: 3, gate_mm: 1.5, compactness: 0.08, box: null,
    });
  });

  it("grows through a range, within what the panes show", () => {
    const asked = regionOperation({ ...FIRST, through: "range", regionLow: 20, regionHigh: 90, within: "view" }, PLACE);
    expect(asked).toMatchObject({ kind: "region_grow", values: [20, 90], box: VIEW });
  });

  it("traces the level of the clicked voxel in the slice of the pane", () => {
    expect(regionOperation({ ...FIRST, region: "trace", side: "dark" }, PLACE)).toEqual({ kind: "level_trace", label: 4, at: [5, 6, 7], axis: 1, bright: false });
    expect(regionOperation({ ...FIRST, region: "trace" }, PLACE)).toMatchObject({ bright: true });
  });

  it("of a range needs no click; the others wait for one", () => {
    expect(regionOperation({ ...FIRST, region: "threshold" }, { ...PLACE, click: undefined })).toEqual({ kind: "threshold", label: 4, values: [-160, 240], box: null });
    expect(regionOperation(FIRST, { ...PLACE, click: undefined })).toBeUndefined();
    expect((["trace", "grow", "threshold"] as const).map((region) => isClicked({ region }))).toEqual([true, true, false]);
  });

  it("is not asked for with a range that holds nothing, where the range plays a part", () => {
    const turned = { ...FIRST, regionLow: 5, regionHigh: 4 };
    expect(regionObstacle(turned)).toBeUndefined();
    expect(hasRange({ ...turned, region: "trace", through: "range" })).toBe(false);
    expect(regionObstacle({ ...turned, through: "range" })).toBe("Nothing lies in this range.");
    expect(regionObstacle({ ...turned, region: "threshold" })).toBe("Nothing lies in this range.");
    expect(regionObstacle({ ...turned, region: "threshold", regionHigh: 5 })).toBeUndefined();
  });
});
