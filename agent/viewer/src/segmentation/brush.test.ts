// The brush against its definition, asked of every voxel in patient space.

import { describe, expect, it } from "vitest";
import type { Axis, Grid } from "../volume/grid";
import { axesInSlice, indexToWorld } from "../volume/grid";
import type { Vector3 } from "../volume/grid";
import { cellsAlong, voxelsOfStep } from "./brush";
import { numbers } from "./test-numbers";

const ANGLE = 0.3;
const STRAIGHT: Grid = { dimensions: [40, 32, 12], spacingMm: [0.7, 1.1, 3], originMm: [-10, 5, 80], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
const OBLIQUE: Grid = {
  ...STRAIGHT,
  directions: [[Math.cos(ANGLE), Math.sin(ANGLE), 0], [-Math.sin(ANGLE), Math.cos(ANGLE), 0], [0, 0, -1]],
};

function place(axis: Axis, slice: number, inPlane: readonly [number, number]): Vector3 {
  const index: [number, number, number] = [0, 0, 0];
  const [first, second] = axesInSlice(axis);
  index[axis] = slice;
  index[first] = inPlane[0];
  index[second] = inPlane[1];
  return index;
}

function distanceMm(a: Vector3, b: Vector3): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** The definition in patient space, asked of every voxel of the volume. */
function byDefinition(grid: Grid, axis: Axis, slice: number, cursor: readonly [number, number], radiusMm: number): number[] {
  const centre = indexToWorld(grid, place(axis, slice, cursor));
  const [first, second] = axesInSlice(axis);
  const found: number[] = [];
  let offset = 0;
  for (let k = 0; k < grid.dimensions[2]; k += 1)
    for (let j = 0; j < grid.dimensions[1]; j += 1)
      for (let i = 0; i < grid.dimensions[0]; i += 1, offset += 1) {
        const index: Vector3 = [i, j, k];
        if (index[axis] !== slice) continue;
        const under = index[first] === Math.floor(cursor[0] + 0.5) && index[second] === Math.floor(cursor[1] + 0.5);
        if (under || distanceMm(indexToWorld(grid, index), centre) <= radiusMm) found.push(offset);
      }
  return found;
}

const sorted = (offsets: readonly number[]): number[] => [...offsets].sort((a, b) => a - b);

describe("the brush", () => {
  it.each([["straight", STRAIGHT], ["oblique", OBLIQUE]] as const)("touches exactly the voxels within its radius on a %s grid", (_name, grid) => {
    const next = numbers(7);
    for (let round = 0; round < 60; round += 1) {
      const axis = (round % 3) as Axis;
      const [first, second] = axesInSlice(axis);
      const slice = Math.floor(next() * grid.dimensions[axis]);
      const cursor = [next() * grid.dimensions[first] - 0.5, next() * grid.dimensions[second] - 0.5] as const;
      const radiusMm = next() * 9;
      const touched = voxelsOfStep({ grid, axis, slice, from: cursor, to: cursor, radiusMm, form: "disc" });
      expect(sorted(touched).join()).toBe(byDefinition(grid, axis, slice, cursor, radiusMm).join());
    }
  });

  it("always touches the voxel under the cursor, however small it is", () => {
    const touched = voxelsOfStep({ grid: STRAIGHT, axis: 2, slice: 3, from: [10.4, 7.4], to: [10.4, 7.4], radiusMm: 0.01, form: "disc" });
    expect(touched).toEqual([(3 * 32 + 7) * 40 + 10]);
  });

  it("touches nothing outside the volume", () => {
    expect(voxelsOfStep({ grid: STRAIGHT, axis: 2, slice: 3, from: [-30, -30], to: [-25, -30], radiusMm: 2, form: "disc" })).toEqual([]);
    expect(voxelsOfStep({ grid: STRAIGHT, axis: 2, slice: 12, from: [5, 5], to: [5, 5], radiusMm: 2, form: "disc" })).toEqual([]);
  });

  it("leaves no gap along a fast drag", () => {
    const [from, to] = [[3.2, 4.1], [36.7, 27.9]] as const;
    const touched = new Set(voxelsOfStep({ grid: OBLIQUE, axis: 2, slice: 5, from, to, radiusMm: 2, form: "disc" }));
    for (let part = 0; part <= 150; part += 1) {
      const t = part / 150;
      const cursor = [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])] as const;
      expect(byDefinition(OBLIQUE, 2, 5, cursor, 2 - 1e-9).filter((offset) => !touched.has(offset))).toEqual([]);
    }
  });
});

describe("the ball", () => {
  it.each([["straight", STRAIGHT], ["oblique", OBLIQUE]] as const)("holds exactly the voxels within its radius in three dimensions on a %s grid", (_name, grid) => {
    const next = numbers(23);
    for (let round = 0; round < 24; round += 1) {
      const axis = (round % 3) as Axis;
      const [first, second] = axesInSlice(axis);
      const slice = Math.floor(next() * grid.dimensions[axis]);
      const cursor = [next() * grid.dimensions[first] - 0.5, next() * grid.dimensions[second] - 0.5] as const;
      const radiusMm = next() * 11;
      const centre = indexToWorld(grid, place(axis, slice, cursor));
      const expected: number[] = [];
      let offset = 0;
      for (let k = 0; k < grid.dimensions[2]; k += 1)
        for (let j = 0; j < grid.dimensions[1]; j += 1)
          for (let i = 0; i < grid.dimensions[0]; i += 1, offset += 1) {
            const index: Vector3 = [i, j, k];
            const under = index[axis] === slice && index[first] === Math.floor(cursor[0] + 0.5) && index[second] === Math.floor(cursor[1] + 0.5);
            if (under || distanceMm(indexToWorld(grid, index), centre) <= radiusMm) expected.push(offset);
          }
      expect(sorted(voxelsOfStep({ grid, axis, slice, from: cursor, to: cursor, radiusMm, form: "ball" })).join()).toBe(expected.join());
    }
  });

  it("holds the balls of all places of its path, and nothing else", () => {
    const next = numbers(5);
    for (let round = 0; round < 15; round += 1) {
      const axis = (round % 3) as Axis;
      const [first, second] = axesInSlice(axis);
      const slice = Math.floor(next() * OBLIQUE.dimensions[axis]);
      const end = (): readonly [number, number] => [next() * OBLIQUE.dimensions[first], next() * OBLIQUE.dimensions[second]];
      const [from, to] = [end(), end()];
      const radiusMm = 1 + next() * 5;
      const touched = voxelsOfStep({ grid: OBLIQUE, axis, slice, from, to, radiusMm, form: "ball" });
      expect(new Set(touched).size).toBe(touched.length);
      const ends = [indexToWorld(OBLIQUE, place(axis, slice, from)), indexToWorld(OBLIQUE, place(axis, slice, to))] as const;
      const crossed = new Set(cellsAlong(from, to).map(String));
      const known = new Set(touched);
      const wrong: number[] = [];
      let offset = 0;
      for (let k = 0; k < OBLIQUE.dimensions[2]; k += 1)
        for (let j = 0; j < OBLIQUE.dimensions[1]; j += 1)
          for (let i = 0; i < OBLIQUE.dimensions[0]; i += 1, offset += 1) {
            const index: Vector3 = [i, j, k];
            if (index[axis] === slice && crossed.has(`${index[first]},${index[second]}`)) continue;
            const distance = toSegment(indexToWorld(OBLIQUE, index), ends);
            // Between the two is the rounding of this test's own arithmetic.
            if (distance <= radiusMm - 1e-9 ? !known.has(offset) : distance > radiusMm + 1e-9 && known.has(offset)) wrong.push(offset);
          }
      expect(wrong).toEqual([]);
    }
  });
});

function toSegment(point: Vector3, [from, to]: readonly [Vector3, Vector3]): number {
  const path = [0, 1, 2].map((n) => (to[n] ?? 0) - (from[n] ?? 0));
  const square = path.reduce((total, part) => total + part * part, 0);
  const along = square === 0 ? 0 : path.reduce((total, part, n) => total + part * ((point[n] ?? 0) - (from[n] ?? 0)), 0) / square;
  const t = Math.min(1, Math.max(0, along));
  return distanceMm(point, [from[0] + t * (path[0] ?? 0), from[1] + t * (path[1] ?? 0), from[2] + t * (path[2] ?? 0)]);
}

describe("the cells along a path", () => {
  it("are neighbours by an edge, from the first cell to the last", () => {
    const next = numbers(11);
    for (let round = 0; round < 300; round += 1) {
      const from = [next() * 30, next() * 30] as const;
      const to = [next() * 30, next() * 30] as const;
      const cells = cellsAlong(from, to);
      expect(cells[0]).toEqual([Math.floor(from[0] + 0.5), Math.floor(from[1] + 0.5)]);
      expect(cells.at(-1)).toEqual([Math.floor(to[0] + 0.5), Math.floor(to[1] + 0.5)]);
      cells.slice(1).forEach((cell, n) => {
        const before = cells[n] ?? cell;
        expect(Math.abs(cell[0] - before[0]) + Math.abs(cell[1] - before[1])).toBe(1);
      });
    }
  });
});
