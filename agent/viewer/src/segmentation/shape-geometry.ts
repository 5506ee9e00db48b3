// Boxes, lines and points in the index space of the grid: how they are drawn, moved and measured. Pure arithmetic; where
// a shape lies in a pane is the concern of `shape-section`.

import type { ShapeForm } from "@ringfence/web/instruction";
import { AXES, axesInSlice, indexInSlice } from "../volume/grid";
import type { Axis, Grid, Vector3 } from "../volume/grid";
import type { SlicePoint } from "./brush";

export type PointForm = Extract<ShapeForm, { readonly type: "point" }>;
export type LineForm = Extract<ShapeForm, { readonly type: "line" }>;
export type BoxForm = Extract<ShapeForm, { readonly type: "box" }>;

/** A slice across one axis of the grid. */
export interface SliceOfGrid {
  readonly axis: Axis;
  readonly slice: number;
}

/** Places are kept to a thousandth of a voxel: finer than any screen, and the same on both sides of the line. */
const PLACES_PER_VOXEL = 1_000;

function mapAxes(of: (axis: Axis) => number): Vector3 {
  return [of(0), of(1), of(2)];
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** The place nearest to a point that lies inside the volume. */
export function insideVolume(grid: Grid, point: Vector3): Vector3 {
  return mapAxes((axis) => within(Math.round(point[axis] * PLACES_PER_VOXEL) / PLACES_PER_VOXEL, -0.5, grid.dimensions[axis] - 0.5));
}

/** The whole voxel, inside the volume, that a continuous index lies in. */
function voxelAt(grid: Grid, value: number, axis: Axis): number {
  return within(Math.floor(value + 0.5), 0, grid.dimensions[axis] - 1);
}

export function pointAt(grid: Grid, { axis, slice }: SliceOfGrid, at: SlicePoint): PointForm {
  return { type: "point", at: insideVolume(grid, indexInSlice(axis, slice, at)) };
}

export function lineBetween(grid: Grid, { axis, slice }: SliceOfGrid, from: SlicePoint, to: SlicePoint): LineForm {
  return { type: "line", from: insideVolume(grid, indexInSlice(axis, slice, from)), to: insideVolume(grid, indexInSlice(axis, slice, to)) };
}

/** One slice thick: the voxels from the one under one corner to the one under the other. */
export function boxBetween(grid: Grid, { axis, slice }: SliceOfGrid, from: SlicePoint, to: SlicePoint): BoxForm {
  const [a, b] = [indexInSlice(axis, slice, from), indexInSlice(axis, slice, to)];
  return {
    type: "box",
    lower: mapAxes((n) => voxelAt(grid, Math.min(a[n], b[n]), n)),
    upper: mapAxes((n) => voxelAt(grid, Math.max(a[n], b[n]), n)),
  };
}

/** How far a move may go along each axis so that a shape from `low` to `high` stays inside the volume. */
function allowed(grid: Grid, low: Vector3, high: Vector3, move: Vector3, margin: number): Vector3 {
  return mapAxes((n) => within(move[n], -margin - low[n], grid.dimensions[n] - 1 + margin - high[n]));
}

function shifted(point: Vector3, move: Vector3): Vector3 {
  return mapAxes((n) => point[n] + move[n]);
}

/** A shape moved within a slice, as far as the volume goes. Boxes move by whole voxels. */
export function moved(grid: Grid, form: ShapeForm, axis: Axis, by: SlicePoint): ShapeForm {
  const move = indexInSlice(axis, 0, by);
  switch (form.type) {
    case "point":
      return { type: "point", at: insideVolume(grid, shifted(form.at, move)) };
    case "line": {
      const low = mapAxes((n) => Math.min(form.from[n], form.to[n]));
      const high = mapAxes((n) => Math.max(form.from[n], form.to[n]));
      const far = allowed(grid, low, high, move, 0.5);
      return { type: "line", from: insideVolume(grid, shifted(form.from, far)), to: insideVolume(grid, shifted(form.to, far)) };
    }
    case "box": {
      const far = allowed(grid, form.lower, form.upper, mapAxes((n) => Math.round(move[n])), 0);
      return { type: "box", lower: shifted(form.lower, far), upper: shifted(form.upper, far) };
    }
  }
}

/** A part of a shape that can be taken hold of: the end of a line, or an edge or corner of a box. */
export type Handle =
  | { readonly kind: "end"; readonly end: "from" | "to" }
  /** By axis in the slice: the lower side, the upper side, or neither. */
  | { readonly kind: "side"; readonly sides: readonly [-1 | 0 | 1, -1 | 0 | 1] };

/** A shape after one of its handles was put at a place of the slice. */
export function reshaped(grid: Grid, form: ShapeForm, axis: Axis, handle: Handle, at: SlicePoint): ShapeForm {
  if (form.type === "line" && handle.kind === "end") {
    return { ...form, [handle.end]: insideVolume(grid, indexInSlice(axis, form[handle.end][axis], at)) };
  }
  if (form.type === "box" && handle.kind === "side") return resizedBox(grid, form, axis, handle.sides, at);
  return form;
}

function resizedBox(grid: Grid, form: BoxForm, axis: Axis, sides: readonly [-1 | 0 | 1, -1 | 0 | 1], at: SlicePoint): BoxForm {
  const lower: [number, number, number] = [...form.lower];
  const upper: [number, number, number] = [...form.upper];
  axesInSlice(axis).forEach((n, place) => {
    const border = at[place] ?? 0;
    // A side lies half a voxel outside its voxel's centre, and never passes the side across from it.
    if (sides[place] === -1) lower[n] = within(Math.round(border + 0.5), 0, upper[n] ?? 0);
    if (sides[place] === 1) upper[n] = within(Math.round(border - 0.5), lower[n] ?? 0, grid.dimensions[n] - 1);
  });
  return { type: "box", lower, upper };
}

function distanceMm(grid: Grid, a: Vector3, b: Vector3): number {
  // The axes of a volume stand at right angles to each other, as those of an image do.
  return Math.hypot(...AXES.map((n) => (a[n] - b[n]) * grid.spacingMm[n]));
}

/** Length of a line; undefined for what has none. */
export function lengthMm(grid: Grid, form: ShapeForm): number | undefined {
  return form.type === "line" ? distanceMm(grid, form.from, form.to) : undefined;
}

/** Lengths of the edges of a box along i, j and k, voxels and all. */
export function edgesMm(grid: Grid, form: BoxForm): Vector3 {
  return mapAxes((n) => (form.upper[n] - form.lower[n] + 1) * grid.spacingMm[n]);
}

/** A voxel in the middle of a shape, to look at it. */
export function middleOf(grid: Grid, form: ShapeForm): Vector3 {
  const [a, b] = form.type === "point" ? [form.at, form.at] : form.type === "line" ? [form.from, form.to] : [form.lower, form.upper];
  return mapAxes((n) => voxelAt(grid, Math.floor((a[n] + b[n]) / 2 + 1e-9), n));
}
