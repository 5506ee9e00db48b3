// The voxel grid of one volume and its place in the patient (LPS, mm). Pure arithmetic: no DOM.

export type Vector3 = readonly [number, number, number];

/** An index axis of the grid: 0 = i (fastest in memory), 1 = j, 2 = k. */
export type Axis = 0 | 1 | 2;

export interface Grid {
  /** Voxels along i, j, k. */
  readonly dimensions: Vector3;
  /** Distance between voxel centres along i, j, k. */
  readonly spacingMm: Vector3;
  /** Centre of voxel (0, 0, 0) in LPS. */
  readonly originMm: Vector3;
  /** Unit vectors of the i, j and k axes in LPS. */
  readonly directions: readonly [Vector3, Vector3, Vector3];
}

export const AXES: readonly Axis[] = [0, 1, 2];
export const AXIS_NAMES: readonly ["i", "j", "k"] = ["i", "j", "k"];

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

export function scaled(a: Vector3, factor: number): Vector3 {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

export function sum(a: Vector3, b: Vector3): Vector3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/** The point in LPS (mm) of a possibly fractional index. */
export function indexToWorld(grid: Grid, index: Vector3): Vector3 {
  let point = grid.originMm;
  for (const axis of AXES) {
    point = sum(point, scaled(grid.directions[axis], grid.spacingMm[axis] * index[axis]));
  }
  return point;
}

export function voxelsPerSlice(grid: Grid): number {
  return grid.dimensions[0] * grid.dimensions[1];
}

export function voxelCount(grid: Grid): number {
  return voxelsPerSlice(grid) * grid.dimensions[2];
}

export function voxelVolumeMm3(grid: Grid): number {
  return grid.spacingMm[0] * grid.spacingMm[1] * grid.spacingMm[2];
}

/** The place of a voxel in memory: i fastest, then j, then k. */
export function offsetOf(grid: Grid, index: Vector3): number {
  return (index[2] * grid.dimensions[1] + index[1]) * grid.dimensions[0] + index[0];
}

/** The voxel at a place in memory. */
export function indexOf(grid: Grid, offset: number): Vector3 {
  const [columns, rows] = grid.dimensions;
  return [offset % columns, Math.floor(offset / columns) % rows, Math.floor(offset / (columns * rows))];
}

/** The voxel in the middle; of an even number, the later one of two. */
export function middleOf({ dimensions }: Grid): Vector3 {
  return [Math.floor(dimensions[0] / 2), Math.floor(dimensions[1] / 2), Math.floor(dimensions[2] / 2)];
}

/** The two axes that span a slice across `axis`, the faster one in memory first. */
export function axesInSlice(axis: Axis): readonly [Axis, Axis] {
  if (axis === 0) return [1, 2];
  if (axis === 1) return [0, 2];
  return [0, 1];
}

/** An index with `slice` along `axis` and `inPlane` along the other two (order of `axesInSlice`). */
export function indexInSlice(axis: Axis, slice: number, inPlane: readonly [number, number]): Vector3 {
  if (axis === 0) return [slice, inPlane[0], inPlane[1]];
  if (axis === 1) return [inPlane[0], slice, inPlane[1]];
  return [inPlane[0], inPlane[1], slice];
}
