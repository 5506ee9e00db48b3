// Slices and slabs across each axis, asked of every voxel.

import { describe, expect, it } from "vitest";
import { axesInSlice, indexInSlice, offsetOf } from "./grid";
import type { Axis, Grid } from "./grid";
import { coarseOf, stepsFor } from "./coarse";
import { labelPlate, plateOf, slabSlices } from "./plate";
import type { Slab, VoxelSource } from "./plate";

const GRID: Grid = { dimensions: [7, 5, 6], spacingMm: [1, 2, 2.5], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
const VALUES = Int16Array.from({ length: 210 }, (_, n) => ((n * 7919) % 401) - 200);
const OFF: Slab = { mode: "off", thicknessMm: 10 };

function source(ready = 6): VoxelSource {
  return { grid: GRID, channels: 1, slice: (k) => (k < ready ? VALUES.subarray(k * 35, k * 35 + 35) : undefined) };
}

function at(axis: Axis, slice: number, place: number): number {
  const width = GRID.dimensions[axesInSlice(axis)[0]];
  return VALUES[offsetOf(GRID, indexInSlice(axis, slice, [place % width, Math.floor(place / width)]))] ?? NaN;
}

describe.each([0, 1, 2] as const)("across axis %i", (axis) => {
  it("a slice has the values of its voxels", () => {
    for (let slice = 0; slice < GRID.dimensions[axis]; slice += 1) {
      const plate = plateOf(source(), axis, slice, OFF, -999);
      expect([...(plate?.values ?? [])]).toEqual(Array.from({ length: (plate?.width ?? 0) * (plate?.height ?? 0) }, (_, place) => at(axis, slice, place)));
    }
  });

  it.each([["max", Math.max], ["min", Math.min], ["mean", (...all: number[]) => all.reduce((total, value) => total + value, 0) / all.length]] as const)("a slab shows the %s of its slices", (mode, fold) => {
    for (let slice = 0; slice < GRID.dimensions[axis]; slice += 1) {
      const slab: Slab = { mode, thicknessMm: 5 };
      const slices = Array.from({ length: GRID.dimensions[axis] }, (_, n) => n).filter((n) => Math.abs(n - slice) * GRID.spacingMm[axis] <= 2.5);
      const plate = plateOf(source(), axis, slice, slab, -999);
      plate?.values.forEach((value, place) => expect(value).toBeCloseTo(fold(...slices.map((n) => at(axis, n, place))), 4));
    }
  });

  it("labels lie as the values do", () => {
    const labels = (k: number): Uint8Array => Uint8Array.from(VALUES.subarray(k * 35, k * 35 + 35), (value) => value + 200);
    expect([...labelPlate(GRID, labels, axis, 3)]).toEqual([...(plateOf(source(), axis, 3, OFF, 0)?.values ?? [])].map((value) => (value + 200) % 256));
  });
});

describe("what has not arrived", () => {
  it("is no picture, or is left at the fill value", () => {
    expect(plateOf(source(2), 2, 3, OFF, -999)).toBeUndefined();
    expect(plateOf(source(0), 0, 3, OFF, -999)).toBeUndefined();
    expect([...(plateOf(source(2), 1, 3, OFF, -999)?.values ?? [])].slice(14)).toEqual(new Array(28).fill(-999));
    expect([...(plateOf(source(3), 2, 3, { mode: "max", thicknessMm: 5 }, -999)?.values ?? [])]).toEqual([...VALUES.subarray(70, 105)]);
  });

  it("leaves whole what has arrived around a slice in the middle", () => {
    const some: VoxelSource = { ...source(), slice: (k) => (k === 3 || k === 4 ? source().slice(k) : undefined) };
    for (const axis of [0, 1] as const) {
      const values = [...(plateOf(some, axis, 2, OFF, -999)?.values ?? [])];
      const width = values.length / 6;
      expect(values).toEqual(values.map((_, place) => ([3, 4].includes(Math.floor(place / width)) ? at(axis, 2, place) : -999)));
    }
  });

  it("takes nothing from a slab that is thinner than the slices are apart", () => {
    expect(slabSlices(GRID, 2, 3, { mode: "max", thicknessMm: 4 })).toEqual([3, 3]);
    expect(slabSlices(GRID, 2, 0, { mode: "max", thicknessMm: 100 })).toEqual([0, 5]);
  });
});

describe("a coarse volume", () => {
  it("has the means of its blocks, between two values", async () => {
    expect(stepsFor([512, 512, 2000], 256)).toEqual([2, 2, 8]);
    const coarse = await coarseOf({ source: source(), range: { low: -200, high: 200 }, longest: 3, pause: () => Promise.resolve() });
    expect([coarse.size, coarse.step]).toEqual([[3, 3, 3], [3, 2, 2]]);
    const block: number[] = [];
    for (const k of [2, 3]) for (const j of [0, 1]) for (const i of [3, 4, 5]) block.push(VALUES[(k * 5 + j) * 7 + i] ?? NaN);
    const mean = block.reduce((total, value) => total + value, 0) / block.length;
    expect(coarse.values[9 + 1]).toBe(Math.round(((mean + 200) / 400) * 255));
  });
});
