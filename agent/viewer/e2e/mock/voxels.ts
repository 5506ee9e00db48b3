// Voxels of a volume by their places: what the mock agent computes with.

import type { VoxelBox, VoxelIndex } from "../../src/api/types";

export type Three = readonly [number, number, number];

export interface Computed {
  readonly labels: Uint8Array;
  readonly values: Int16Array;
  readonly dimensions: Three;
  readonly spacingMm: Three;
}

export function indexOf(offset: number, [columns, rows]: Three): Three {
  return [offset % columns, Math.floor(offset / columns) % rows, Math.floor(offset / (columns * rows))];
}

export function offsetOf([i, j, k]: VoxelIndex, [columns, rows]: Three): number {
  return (k * rows + j) * columns + i;
}

export function* voxelsOf({ lower, upper }: VoxelBox): Generator<Three> {
  for (let k = lower[2]; k <= upper[2]; k += 1) for (let j = lower[1]; j <= upper[1]; j += 1) for (let i = lower[0]; i <= upper[0]; i += 1) yield [i, j, k];
}

export function holds({ lower, upper }: VoxelBox, index: VoxelIndex): boolean {
  return ([0, 1, 2] as const).every((n) => index[n] >= lower[n] && index[n] <= upper[n]);
}

export const SIX: readonly Three[] = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]];
