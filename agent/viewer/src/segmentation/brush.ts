// The voxels that a round brush touches. Exact by definition, not by drawing: a voxel belongs to the stroke when its
// centre lies within the radius of the path of the cursor, or when the path crosses the voxel. A disc stays in the
// viewed slice; a ball measures the distance in three dimensions, so that it reaches as far across slices as along them.

import { axesInSlice, indexInSlice, offsetOf } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";

/** A point in a slice, as fractional indices along the two axes of `axesInSlice`. */
export type SlicePoint = readonly [number, number];

export type BrushForm = "disc" | "ball";

export interface BrushStep {
  readonly grid: Grid;
  /** The axis across the viewed slice, and the index of the slice along it. */
  readonly axis: Axis;
  readonly slice: number;
  readonly from: SlicePoint;
  readonly to: SlicePoint;
  readonly radiusMm: number;
  readonly form: BrushForm;
}

/** Offsets in memory of all voxels that one step of a stroke touches, each once, in no promised order. */
export function voxelsOfStep(step: BrushStep): number[] {
  const { grid, axis, slice, radiusMm } = step;
  const [first, second] = axesInSlice(axis);
  if (slice < 0 || slice >= grid.dimensions[axis]) return [];
  const found: number[] = [];
  const limit = radiusMm * radiusMm;
  // A division is rounded: one slice more, and one voxel below, since each is asked for its distance anyway.
  const beyond = step.form === "ball" ? Math.floor(radiusMm / grid.spacingMm[axis]) + 1 : 0;
  for (let n = Math.max(0, slice - beyond); n <= Math.min(grid.dimensions[axis] - 1, slice + beyond); n += 1) {
    const across = (n - slice) * grid.spacingMm[axis];
    addWithin(step, n, limit - across * across, found);
  }
  const sizes: SlicePoint = [grid.dimensions[first], grid.dimensions[second]];
  const spacing: SlicePoint = [grid.spacingMm[first], grid.spacingMm[second]];
  for (const [a, b] of cellsAlong(step.from, step.to)) {
    if (a < 0 || b < 0 || a >= sizes[0] || b >= sizes[1] || squaredDistanceMm2([a, b], step, spacing) <= limit) continue;
    found.push(offsetOf(grid, indexInSlice(axis, slice, [a, b])));
  }
  return found;
}

/** Adds the voxels of slice `n` whose squared distance (mm²) to the path, seen along the axis, is within a limit. */
function addWithin(step: BrushStep, n: number, limit: number, found: number[]): void {
  if (limit < 0) return;
  const { grid, axis } = step;
  const [first, second] = axesInSlice(axis);
  const spacing: SlicePoint = [grid.spacingMm[first], grid.spacingMm[second]];
  const sizes: SlicePoint = [grid.dimensions[first], grid.dimensions[second]];
  const radius = Math.sqrt(limit);
  const reach: SlicePoint = [radius / spacing[0], radius / spacing[1]];
  const low = (m: 0 | 1): number => Math.max(0, Math.ceil(Math.min(step.from[m], step.to[m]) - reach[m]) - 1);
  const high = (m: 0 | 1): number => Math.min(sizes[m] - 1, Math.floor(Math.max(step.from[m], step.to[m]) + reach[m]) + 1);
  const start = offsetOf(grid, indexInSlice(axis, n, [0, 0]));
  const perA = offsetOf(grid, indexInSlice(axis, n, [1, 0])) - start;
  const perB = offsetOf(grid, indexInSlice(axis, n, [0, 1])) - start;
  for (let b = low(1); b <= high(1); b += 1) {
    for (let a = low(0); a <= high(0); a += 1) {
      if (squaredDistanceMm2([a, b], step, spacing) <= limit) found.push(start + a * perA + b * perB);
    }
  }
}

/** Squared distance (mm²) from a voxel centre to the straight path of the step. */
function squaredDistanceMm2(centre: SlicePoint, step: BrushStep, spacing: SlicePoint): number {
  const pathX = (step.to[0] - step.from[0]) * spacing[0];
  const pathY = (step.to[1] - step.from[1]) * spacing[1];
  const x = (centre[0] - step.from[0]) * spacing[0];
  const y = (centre[1] - step.from[1]) * spacing[1];
  const length = pathX * pathX + pathY * pathY;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, (x * pathX + y * pathY) / length));
  const restX = x - along * pathX;
  const restY = y - along * pathY;
  return restX * restX + restY * restY;
}

/** The cells of the unit lattice (centres at whole numbers) that a straight path crosses, without gaps. */
export function cellsAlong(from: SlicePoint, to: SlicePoint): SlicePoint[] {
  let a = Math.floor(from[0] + 0.5);
  let b = Math.floor(from[1] + 0.5);
  const lastA = Math.floor(to[0] + 0.5);
  const lastB = Math.floor(to[1] + 0.5);
  const stepA = Math.sign(to[0] - from[0]);
  const stepB = Math.sign(to[1] - from[1]);
  // Where along the path (0 to 1) the next border of a cell is crossed, and how far apart such borders are.
  const everyA = stepA === 0 ? Infinity : 1 / Math.abs(to[0] - from[0]);
  const everyB = stepB === 0 ? Infinity : 1 / Math.abs(to[1] - from[1]);
  let nextA = stepA === 0 ? Infinity : Math.abs(a + stepA * 0.5 - from[0]) * everyA;
  let nextB = stepB === 0 ? Infinity : Math.abs(b + stepB * 0.5 - from[1]) * everyB;
  const cells: [number, number][] = [[a, b]];
  let left = Math.abs(lastA - a) + Math.abs(lastB - b);
  for (; left > 0; left -= 1) {
    if (nextA < nextB) {
      a += stepA;
      nextA += everyA;
    } else {
      b += stepB;
      nextB += everyB;
    }
    cells.push([a, b]);
  }
  return cells;
}
