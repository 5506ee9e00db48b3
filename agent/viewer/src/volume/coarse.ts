// A volume made small enough to be looked through in three dimensions: means over blocks of voxels, in 256 steps between
// two values. Made slice by slice, so that the page can go on in between.

import { AXES } from "./grid";
import type { Vector3 } from "./grid";
import type { VoxelSource } from "./plate";

export interface CoarseVolume {
  readonly size: Vector3;
  /** Voxels of the volume that one of these stands for, along each axis. */
  readonly step: Vector3;
  readonly values: Uint8Array;
  /** What 0 and 255 stand for. */
  readonly low: number;
  readonly high: number;
}

/** How far the axes have to be thinned so that none is longer than `longest`. */
export function stepsFor(dimensions: Vector3, longest: number): Vector3 {
  const [i, j, k] = AXES.map((axis) => Math.max(1, Math.ceil(dimensions[axis] / longest)));
  return [i ?? 1, j ?? 1, k ?? 1];
}

export interface CoarseInput {
  readonly source: VoxelSource;
  readonly range: { readonly low: number; readonly high: number };
  readonly longest: number;
  /** Waited for after each slice; rejects to break off. */
  readonly pause: () => Promise<void>;
}

export async function coarseOf({ source, range, longest, pause }: CoarseInput): Promise<CoarseVolume> {
  const { dimensions } = source.grid;
  const step = stepsFor(dimensions, longest);
  const [nx, ny, nz] = AXES.map((axis) => Math.ceil(dimensions[axis] / step[axis])) as [number, number, number];
  const values = new Uint8Array(nx * ny * nz);
  const sums = new Float64Array(nx * ny);
  const counts = new Uint32Array(nx * ny);
  const scale = 255 / Math.max(1e-9, range.high - range.low);
  for (let layer = 0; layer < nz; layer += 1) {
    sums.fill(0);
    counts.fill(0);
    for (let k = layer * step[2]; k < Math.min(dimensions[2], (layer + 1) * step[2]); k += 1) {
      addSlice(source, k, step, { sums, counts, columns: nx });
      await pause();
    }
    for (let n = 0; n < nx * ny; n += 1) {
      const mean = (sums[n] ?? 0) / (counts[n] ?? 1);
      values[layer * nx * ny + n] = Math.round(Math.min(255, Math.max(0, (mean - range.low) * scale)));
    }
  }
  return { size: [nx, ny, nz], step, values, low: range.low, high: range.high };
}

interface Layer {
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
  readonly columns: number;
}

function addSlice(source: VoxelSource, k: number, step: Vector3, { sums, counts, columns }: Layer): void {
  const slice = source.slice(k);
  const [width, height] = source.grid.dimensions;
  if (!slice) return;
  for (let j = 0; j < height; j += 1) {
    const row = Math.floor(j / step[1]) * columns;
    for (let i = 0; i < width; i += 1) {
      const target = row + Math.floor(i / step[0]);
      sums[target] = (sums[target] ?? 0) + (slice[j * width + i] ?? 0);
      counts[target] = (counts[target] ?? 0) + 1;
    }
  }
}
