// The voxels inside a polygon drawn on a slice, and in the slices that it reaches. Exact by definition: a voxel is
// inside when a ray from its centre along the first axis crosses the edges an odd number of times (even-odd rule).

import { axesInSlice, indexInSlice, offsetOf } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import type { SlicePoint } from "./brush";

/** How deep a polygon cuts: its own slice, all slices, or those whose centres lie within so many mm on either side. */
export type Reach = { readonly kind: "slice" } | { readonly kind: "all" } | { readonly kind: "depth"; readonly depthMm: number };

export interface Cut {
  readonly grid: Grid;
  readonly axis: Axis;
  readonly slice: number;
  /** Corners in fractional slice indices; the last is joined to the first. */
  readonly corners: readonly SlicePoint[];
  readonly reach: Reach;
}

/**
 * Where the edges of a polygon cross the row at `b`, in rising order. An edge counts from its lower end up to, but not
 * including, its upper one, so that a corner on the row is crossed once and an edge along it never.
 */
export function crossings(corners: readonly SlicePoint[], b: number): number[] {
  const found: number[] = [];
  corners.forEach((to, n) => {
    const from = corners.at(n - 1) ?? to;
    if (from[1] <= b === to[1] <= b) return;
    found.push(from[0] + ((b - from[1]) / (to[1] - from[1])) * (to[0] - from[0]));
  });
  return found.sort((first, second) => first - second);
}

/** Spans of whole numbers `[first, last]` below `size` that lie inside on the row at `b`. */
export function insideOfRow(corners: readonly SlicePoint[], b: number, size: number): (readonly [number, number])[] {
  const edges = crossings(corners, b);
  const spans: [number, number][] = [];
  for (let n = 0; n + 1 < edges.length; n += 2) {
    // A centre that lies on an edge belongs to what is to the right of it.
    const first = Math.max(0, Math.ceil(edges[n] ?? 0));
    const last = Math.min(size - 1, Math.ceil(edges[n + 1] ?? 0) - 1);
    if (first <= last) spans.push([first, last]);
  }
  return spans;
}

/** The slices along the axis that a cut reaches, in rising order. */
export function slicesOf({ grid, axis, slice, reach }: Cut): number[] {
  const all = Array.from({ length: grid.dimensions[axis] }, (_, n) => n);
  if (reach.kind === "slice") return all.filter((n) => n === slice);
  if (reach.kind === "all") return all;
  return all.filter((n) => Math.abs(n - slice) * grid.spacingMm[axis] <= reach.depthMm);
}

export type Side = "inside" | "outside";

/** Goes through the voxels on one side of a cut, in the slices that it reaches. */
export function eachOfCut(cut: Cut, side: Side, visit: (offset: number) => void): void {
  const { grid, axis, corners } = cut;
  const [first, second] = axesInSlice(axis);
  const width = grid.dimensions[first];
  const rows = Array.from({ length: grid.dimensions[second] }, (_, b) => {
    const inside = insideOfRow(corners, b, width);
    return side === "inside" ? inside : between(inside, width);
  });
  for (const n of slicesOf(cut)) {
    const start = offsetOf(grid, indexInSlice(axis, n, [0, 0]));
    const perA = offsetOf(grid, indexInSlice(axis, n, [1, 0])) - start;
    const perB = offsetOf(grid, indexInSlice(axis, n, [0, 1])) - start;
    rows.forEach((spans, b) => {
      for (const [from, to] of spans) for (let a = from; a <= to; a += 1) visit(start + a * perA + b * perB);
    });
  }
}

/** What the spans of a row leave over. */
function between(spans: readonly (readonly [number, number])[], size: number): (readonly [number, number])[] {
  const rest: [number, number][] = [];
  let next = 0;
  for (const [from, to] of [...spans, [size, size] as const]) {
    if (next < from) rest.push([next, from - 1]);
    next = to + 1;
  }
  return rest;
}
