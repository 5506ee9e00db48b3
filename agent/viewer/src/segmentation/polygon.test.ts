// The scissors against the even-odd rule, asked of every voxel of the volume.

import { describe, expect, it } from "vitest";
import { axesInSlice } from "../volume/grid";
import type { Axis, Grid, Vector3 } from "../volume/grid";
import type { SlicePoint } from "./brush";
import { eachOfCut, slicesOf } from "./polygon";
import type { Cut, Reach } from "./polygon";
import { numbers } from "./test-numbers";

const GRID: Grid = { dimensions: [23, 17, 11], spacingMm: [0.7, 1.1, 3], originMm: [4, 5, 6], directions: [[1, 0, 0], [0, 1, 0], [0, 0, -1]] };

/** The rule as it is written: a ray to the left of the centre crosses the edges an odd number of times. */
function evenOdd(corners: readonly SlicePoint[], [a, b]: SlicePoint): boolean {
  let inside = false;
  for (let n = 0, m = corners.length - 1; n < corners.length; m = n, n += 1) {
    const [x, y] = corners[n] ?? [0, 0];
    const [u, v] = corners[m] ?? [0, 0];
    if (v <= b !== y <= b && u + ((b - v) / (y - v)) * (x - u) <= a) inside = !inside;
  }
  return inside;
}

function byRule(cut: Cut, wanted: boolean): number[] {
  const [first, second] = axesInSlice(cut.axis);
  const found: number[] = [];
  let offset = 0;
  for (let k = 0; k < GRID.dimensions[2]; k += 1)
    for (let j = 0; j < GRID.dimensions[1]; j += 1)
      for (let i = 0; i < GRID.dimensions[0]; i += 1, offset += 1) {
        const index: Vector3 = [i, j, k];
        const away = Math.abs(index[cut.axis] - cut.slice);
        const reached = cut.reach.kind === "all" || (cut.reach.kind === "slice" ? away === 0 : away * GRID.spacingMm[cut.axis] <= cut.reach.depthMm);
        if (reached && evenOdd(cut.corners, [index[first], index[second]]) === wanted) found.push(offset);
      }
  return found;
}

function cutOut(cut: Cut, side: "inside" | "outside"): number[] {
  const found: number[] = [];
  eachOfCut(cut, side, (offset) => found.push(offset));
  return found.sort((a, b) => a - b);
}

describe("the scissors", () => {
  it("take exactly the voxels whose centres the even-odd rule calls inside, in each plane, at each depth", () => {
    const next = numbers(3);
    for (let round = 0; round < 90; round += 1) {
      const axis = (round % 3) as Axis;
      const [first, second] = axesInSlice(axis);
      // Every third one has its corners on centres and borders of voxels, where rounding would show.
      const snapped = (value: number): number => (round % 9 < 3 ? Math.round(value * 2) / 2 : value);
      const corners = Array.from({ length: 3 + Math.floor(next() * 9) }, (): SlicePoint => [
        snapped(next() * (GRID.dimensions[first] + 6) - 3),
        snapped(next() * (GRID.dimensions[second] + 6) - 3),
      ]);
      const reach = ([{ kind: "slice" }, { kind: "all" }, { kind: "depth", depthMm: next() * 8 }] as const)[Math.floor(next() * 3)] ?? { kind: "all" };
      const cut: Cut = { grid: GRID, axis, slice: Math.floor(next() * GRID.dimensions[axis]), corners, reach };
      // As text: comparing thousands of numbers one by one takes most of the time.
      expect(cutOut(cut, "inside").join()).toBe(byRule(cut, true).join());
      expect(cutOut(cut, "outside").join()).toBe(byRule(cut, false).join());
    }
  });

  it("leave out what a polygon goes around twice", () => {
    const star: SlicePoint[] = [[10, 0], [14, 13], [2, 5], [18, 5], [6, 13]];
    const cut: Cut = { grid: GRID, axis: 2, slice: 4, corners: star, reach: { kind: "slice" } };
    expect(cutOut(cut, "inside")).not.toContain((4 * 17 + 7) * 23 + 10);
  });

  it("take half of what two squares share, and each voxel of both once", () => {
    const left: Cut = { grid: GRID, axis: 2, slice: 0, corners: [[2, 2], [6, 2], [6, 8], [2, 8]], reach: { kind: "slice" } };
    const right: Cut = { ...left, corners: [[6, 2], [11, 2], [11, 8], [6, 8]] };
    const both = [...cutOut(left, "inside"), ...cutOut(right, "inside")];
    expect(new Set(both).size).toBe(both.length);
    expect(both).toHaveLength(9 * 6);
  });

  it("reach evenly to both sides by a depth in mm", () => {
    const reach: Reach = { kind: "depth", depthMm: 6 };
    expect(slicesOf({ grid: GRID, axis: 2, slice: 5, corners: [], reach })).toEqual([3, 4, 5, 6, 7]);
    expect(slicesOf({ grid: GRID, axis: 2, slice: 1, corners: [], reach })).toEqual([0, 1, 2, 3]);
  });
});
