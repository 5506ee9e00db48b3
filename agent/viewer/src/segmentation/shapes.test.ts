// Shapes against their definition: whole voxels for boxes, continuous places inside the volume for points and lines.

import type { Shape, ShapeForm } from "@ringfence/web/instruction";
import { describe, expect, it } from "vitest";
import type { SliceAffine } from "../volume/affine";
import { toPane } from "../volume/affine";
import type { Axis, Grid, Vector3 } from "../volume/grid";
import { AXES } from "../volume/grid";
import { newShapeId } from "./ids";
import { boxBetween, edgesMm, insideVolume, lengthMm, lineBetween, middleOf, moved, pointAt, reshaped } from "./shape-geometry";
import { handlesOf, hitOf, sectionOf } from "./shape-section";
import { numbers } from "./test-numbers";

const GRID: Grid = { dimensions: [40, 32, 12], spacingMm: [0.5, 1, 3], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
/** Ten pixels a voxel along a, the other way round along b. */
const AFFINE: SliceAffine = { origin: [20, 400], perA: [10, 0], perB: [0, -10] };

function fits(form: ShapeForm): boolean {
  const inside = (point: Vector3, margin: number): boolean => AXES.every((n) => point[n] >= -margin && point[n] <= GRID.dimensions[n] - 1 + margin);
  if (form.type === "point") return inside(form.at, 0.5);
  if (form.type === "line") return inside(form.from, 0.5) && inside(form.to, 0.5);
  return [...form.lower, ...form.upper].every(Number.isInteger) && inside(form.lower, 0) && inside(form.upper, 0) && AXES.every((n) => form.lower[n] <= form.upper[n]);
}

describe("shapes", () => {
  it("hold the voxels under the corners of a drag, one slice thick", () => {
    expect(boxBetween(GRID, { axis: 2, slice: 5 }, [10.4, 20.6], [3.6, 8.5])).toEqual({ type: "box", lower: [4, 9, 5], upper: [10, 21, 5] });
    expect(boxBetween(GRID, { axis: 0, slice: 7 }, [2, 3], [2, 3])).toEqual({ type: "box", lower: [7, 2, 3], upper: [7, 2, 3] });
    expect(boxBetween(GRID, { axis: 1, slice: 7 }, [-9, -9], [99, 99])).toEqual({ type: "box", lower: [0, 7, 0], upper: [39, 7, 11] });
  });

  it("keep places inside the volume, to a thousandth of a voxel", () => {
    expect(insideVolume(GRID, [-3, 31.9, 4.12345])).toEqual([-0.5, 31.5, 4.123]);
    expect(pointAt(GRID, { axis: 1, slice: 4 }, [3.25, 2.5])).toEqual({ type: "point", at: [3.25, 4, 2.5] });
    expect(lineBetween(GRID, { axis: 2, slice: 4 }, [1, 2], [3.5, 4])).toEqual({ type: "line", from: [1, 2, 4], to: [3.5, 4, 4] });
  });

  it("stay valid, and keep their size, whatever is done to them", () => {
    const next = numbers(5);
    const place = (): readonly [number, number] => [next() * 60 - 10, next() * 60 - 10];
    for (let round = 0; round < 600; round += 1) {
      const axis = (round % 3) as Axis;
      const where = { axis, slice: Math.floor(next() * GRID.dimensions[axis]) };
      let form: ShapeForm = [boxBetween(GRID, where, place(), place()), lineBetween(GRID, where, place(), place()), pointAt(GRID, where, place())][Math.floor(next() * 3)] ?? pointAt(GRID, where, place());
      for (let step = 0; step < 6; step += 1) {
        const turned = Math.floor(next() * 3) as Axis;
        const section = sectionOf(form, { axis: turned, slice: middleOf(GRID, form)[turned] });
        const handles = section ? handlesOf(section) : [];
        const handle = handles[Math.floor(next() * handles.length)];
        const before: ShapeForm = form;
        form = handle && next() < 0.5 ? reshaped(GRID, form, turned, handle.handle, place()) : moved(GRID, form, turned, place());
        expect(fits(form)).toBe(true);
        if (!handle && before.type === "box" && form.type === "box") expect(edgesMm(GRID, form)).toEqual(edgesMm(GRID, before));
      }
    }
  });

  it("are moved by whole voxels when they are boxes, and no further than the volume goes", () => {
    const box = boxBetween(GRID, { axis: 2, slice: 5 }, [4, 9], [10, 21]);
    expect(moved(GRID, box, 2, [1.6, -2.4])).toEqual({ type: "box", lower: [6, 7, 5], upper: [12, 19, 5] });
    expect(moved(GRID, box, 1, [-100, 100])).toEqual({ type: "box", lower: [0, 9, 11], upper: [6, 21, 11] });
    expect(moved(GRID, { type: "line", from: [1, 2, 3], to: [5, 2, 3] }, 2, [-100, 0])).toEqual({ type: "line", from: [-0.5, 2, 3], to: [3.5, 2, 3] });
  });

  it("become deep by a handle in another plane, and never turn inside out", () => {
    const box = boxBetween(GRID, { axis: 2, slice: 5 }, [4, 9], [10, 21]);
    const deep = reshaped(GRID, box, 0, { kind: "side", sides: [0, 1] }, [0, 8.4]);
    expect(deep).toEqual({ type: "box", lower: [4, 9, 5], upper: [10, 21, 8] });
    expect(reshaped(GRID, deep, 2, { kind: "side", sides: [-1, -1] }, [50, 50])).toEqual({ type: "box", lower: [10, 21, 5], upper: [10, 21, 8] });
  });

  it("are measured in millimetres", () => {
    expect(lengthMm(GRID, { type: "line", from: [0, 0, 0], to: [8, 3, 0] })).toBe(5);
    expect(edgesMm(GRID, boxBetween(GRID, { axis: 2, slice: 5 }, [4, 9], [10, 21]))).toEqual([3.5, 13, 3]);
    expect(middleOf(GRID, { type: "box", lower: [4, 9, 5], upper: [10, 21, 8] })).toEqual([7, 15, 6]);
  });

  it("have ids of 32 hexadecimal digits", () => {
    expect(newShapeId()).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe("what is seen of a shape", () => {
  it("is a point in its slice, and dimly in the next", () => {
    const at = (slice: number): unknown => sectionOf({ type: "point", at: [3, 4, 5.4] }, { axis: 2, slice });
    expect([3, 4, 5, 6, 7].map(at)).toEqual([undefined, { kind: "point", at: [3, 4], dim: true }, { kind: "point", at: [3, 4], dim: false }, { kind: "point", at: [3, 4], dim: true }, undefined]);
  });

  it("is the part of a line that goes through the slice", () => {
    const line: ShapeForm = { type: "line", from: [0, 0, 2], to: [10, 0, 6] };
    expect(sectionOf(line, { axis: 2, slice: 4 })).toEqual({ kind: "line", from: [3.75, 0], to: [6.25, 0], dim: false, ends: [] });
    expect(sectionOf(line, { axis: 2, slice: 2 })).toMatchObject({ from: [0, 0], to: [1.25, 0], dim: false, ends: [{ end: "from", dim: false }] });
    expect(sectionOf(line, { axis: 2, slice: 7 })).toMatchObject({ to: [10, 0], dim: true, ends: [{ end: "to", dim: true }] });
    expect(sectionOf(line, { axis: 2, slice: 8 })).toBeUndefined();
  });

  it("is a box up to the borders of its voxels, on the slices that it holds", () => {
    const box: ShapeForm = { type: "box", lower: [4, 9, 5], upper: [10, 21, 6] };
    expect(sectionOf(box, { axis: 2, slice: 6 })).toEqual({ kind: "box", low: [3.5, 8.5], high: [10.5, 21.5] });
    expect(sectionOf(box, { axis: 2, slice: 7 })).toBeUndefined();
    expect(sectionOf(box, { axis: 0, slice: 4 })).toEqual({ kind: "box", low: [8.5, 4.5], high: [21.5, 6.5] });
  });
});

describe("taking hold", () => {
  const box: Shape = { id: "box", object_id: 1, form: { type: "box", lower: [4, 9, 5], upper: [10, 21, 6] } };
  const line: Shape = { id: "line", object_id: 2, form: { type: "line", from: [6, 12, 5], to: [9, 12, 5] } };
  const hit = (inSlice: readonly [number, number], selected?: string): ReturnType<typeof hitOf> =>
    hitOf({ axis: 2, slice: 5, shapes: [box, line], selected, affine: AFFINE, point: toPane(AFFINE, inSlice), inSlice });

  it("is of an edge, not of the inside, so that shapes can lie within each other", () => {
    expect(hit([3.6, 15])).toEqual({ shape: box, handle: undefined });
    expect(hit([7, 12.3])).toEqual({ shape: line, handle: undefined });
    expect(hit([7, 17])).toBeUndefined();
  });

  it("is of the handles and the inside once the shape is selected", () => {
    expect(hit([10.4, 21.6], "box")).toEqual({ shape: box, handle: { kind: "side", sides: [1, 1] } });
    expect(hit([7, 8.4], "box")).toEqual({ shape: box, handle: { kind: "side", sides: [0, -1] } });
    expect(hit([7, 17], "box")).toEqual({ shape: box, handle: undefined });
    expect(hit([8.9, 12.1], "line")).toEqual({ shape: line, handle: { kind: "end", end: "to" } });
  });
});
