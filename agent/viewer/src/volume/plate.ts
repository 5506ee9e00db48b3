// One slice of a volume as a flat picture of values, across any axis; or a slab of slices seen through: the largest, the
// smallest or the mean value along the axis. Pure arithmetic on what has arrived; what has not is left at the fill value.

import { axesInSlice } from "./grid";
import type { Axis, Grid } from "./grid";

export type Voxels = Int16Array | Float32Array | Uint8Array;

export type SlabMode = "off" | "max" | "min" | "mean";

export const SLAB_MODES: readonly SlabMode[] = ["off", "max", "min", "mean"];

export interface Slab {
  readonly mode: SlabMode;
  readonly thicknessMm: number;
}

/** Where the voxels come from: slice `k`, or undefined while it has not arrived. */
export interface VoxelSource {
  readonly grid: Grid;
  /** Values a voxel: 1, or 3 for colours. */
  readonly channels: 1 | 3;
  slice(k: number): Voxels | undefined;
}

/** Values of a slice, the faster axis in memory first. */
export interface ValuePlate {
  readonly width: number;
  readonly height: number;
  readonly values: Voxels;
}

/** The slices along `axis` that a slab around `slice` holds: those whose centres lie within half its thickness. */
export function slabSlices(grid: Grid, axis: Axis, slice: number, slab: Slab): readonly [first: number, last: number] {
  if (slab.mode === "off") return [slice, slice];
  // A hair more, so that 5 mm are five slices of 1 mm and not three when half of it comes out at 2.4999….
  const reach = Math.floor(slab.thicknessMm / 2 / grid.spacingMm[axis] + 1e-6);
  return [Math.max(0, slice - reach), Math.min(grid.dimensions[axis] - 1, slice + reach)];
}

/** The slice or slab as a picture; undefined while nothing of it has arrived. `fill` stands for what has not. */
export function plateOf(source: VoxelSource, axis: Axis, slice: number, slab: Slab, fill: number): ValuePlate | undefined {
  const { grid } = source;
  const [first, second] = axesInSlice(axis);
  const [width, height] = [grid.dimensions[first], grid.dimensions[second]];
  const [from, to] = slabSlices(grid, axis, slice, slab);
  if (from === to && axis === 2) {
    const values = source.slice(slice);
    return values && { width, height, values };
  }
  if (slab.mode === "off" || from === to) {
    const values = cut(source, axis, slice, width * height, fill);
    return values && { width, height, values };
  }
  return { width, height, values: through(source, axis, [from, to], slab.mode, fill) };
}

/** A slice across i or j. */
function cut(source: VoxelSource, axis: Axis, slice: number, size: number, fill: number): Voxels | undefined {
  const { grid, channels } = source;
  const [columns, rows, slices] = grid.dimensions;
  const sample = anySlice(source);
  if (!sample) return undefined;
  const values = sample.constructor === Float32Array ? new Float32Array(size * channels) : sample.constructor === Uint8Array ? new Uint8Array(size * channels) : new Int16Array(size);
  let target = 0;
  for (let k = 0; k < slices; k += 1) {
    const plane = source.slice(k);
    const length = axis === 0 ? rows : columns;
    if (!plane) {
      values.fill(fill, target, target + length);
      target += length;
      continue;
    }
    let place = axis === 0 ? slice : slice * columns;
    const step = axis === 0 ? columns : 1;
    for (let n = 0; n < length; n += 1, place += step, target += 1) values[target] = plane[place] ?? fill;
  }
  return values;
}

/** One of those that have arrived, which tells the kind of their values. */
function anySlice(source: VoxelSource): Voxels | undefined {
  for (let k = 0; k < source.grid.dimensions[2]; k += 1) {
    const slice = source.slice(k);
    if (slice) return slice;
  }
  return undefined;
}

function through(source: VoxelSource, axis: Axis, [from, to]: readonly [number, number], mode: Exclude<SlabMode, "off">, fill: number): Float32Array {
  const { grid } = source;
  const [first, second] = axesInSlice(axis);
  const size = grid.dimensions[first] * grid.dimensions[second];
  const start = mode === "max" ? -Infinity : mode === "min" ? Infinity : 0;
  const values = new Float32Array(size).fill(start);
  let counted = 0;
  for (let n = from; n <= to; n += 1) {
    const layer = axis === 2 ? source.slice(n) : cut(source, axis, n, size, fill);
    if (!layer) continue;
    counted += 1;
    fold(values, layer, mode);
  }
  if (counted === 0) values.fill(fill);
  else if (mode === "mean") for (let n = 0; n < size; n += 1) values[n] = (values[n] ?? 0) / counted;
  return values;
}

function fold(values: Float32Array, layer: Voxels, mode: Exclude<SlabMode, "off">): void {
  for (let n = 0; n < values.length; n += 1) {
    const value = layer[n] ?? 0;
    const known = values[n] ?? 0;
    if (mode === "mean") values[n] = known + value;
    else if (mode === "max" ? value > known : value < known) values[n] = value;
  }
}

/** The labels of a slice in the same layout. */
export function labelPlate(grid: Grid, labelsOf: (k: number) => Uint8Array, axis: Axis, slice: number): Uint8Array {
  if (axis === 2) return labelsOf(slice);
  const [columns, rows, slices] = grid.dimensions;
  const length = axis === 0 ? rows : columns;
  const values = new Uint8Array(length * slices);
  for (let k = 0; k < slices; k += 1) {
    const plane = labelsOf(k);
    let place = axis === 0 ? slice : slice * columns;
    const step = axis === 0 ? columns : 1;
    for (let n = 0; n < length; n += 1, place += step) values[k * length + n] = plane[place] ?? 0;
  }
  return values;
}
