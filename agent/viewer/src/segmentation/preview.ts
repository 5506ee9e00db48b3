// What the agent computed and nobody has accepted yet: which voxels would get a label, and which would lose theirs.

import type { ChangeSlice, VoxelIndex } from "../api/types";
import { voxelsPerSlice } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import type { Labels } from "./labels";
import { RunMap } from "./others";
import type { Plate } from "./outline";

const LARGEST_LABEL = 255;

/**
 * The same slices when they are changes of this grid: in order, disjoint, with labels that fit into a byte. Undefined when
 * they are not, since what comes over the wire is not to be trusted.
 */
export function checkedSlices(grid: Grid, slices: readonly ChangeSlice[]): readonly ChangeSlice[] | undefined {
  const perSlice = voxelsPerSlice(grid);
  const label = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= LARGEST_LABEL;
  let last = -1;
  for (const { k, runs } of slices) {
    if (!Number.isInteger(k) || k <= last || k >= grid.dimensions[2]) return undefined;
    last = k;
    let end = 0;
    for (const [start, length, old, now] of runs) {
      const inside = Number.isInteger(start) && Number.isInteger(length) && start >= end && length >= 1 && start + length <= perSlice;
      if (!inside || !label(old) || !label(now) || old === now) return undefined;
      end = start + length;
    }
  }
  return slices;
}

export class PreviewMap {
  readonly slices: readonly ChangeSlice[];
  /** Voxels that would get a label that they do not have. */
  readonly added: number;
  /** Voxels that would have no label any more. */
  readonly removed: number;
  readonly #grid: Grid;
  readonly #addition: RunMap;
  readonly #removal: RunMap;

  /** Takes slices that `checkedSlices` has let through. */
  constructor(grid: Grid, slices: readonly ChangeSlice[]) {
    this.#grid = grid;
    this.slices = slices;
    const part = (takes: (now: number) => boolean, shows: (old: number, now: number) => number): RunMap =>
      new RunMap(grid, slices.map(({ k, runs }) => ({ k, runs: runs.filter((run) => takes(run[3])).map(([start, length, old, now]) => [start, length, shows(old, now)] as const) })));
    this.#addition = part((now) => now !== 0, (_, now) => now);
    this.#removal = part((now) => now === 0, (old) => old);
    const voxels = (takes: (now: number) => boolean): number => slices.reduce((total, { runs }) => runs.reduce((sum, run) => sum + (takes(run[3]) ? run[1] : 0), total), 0);
    this.added = voxels((now) => now !== 0);
    this.removed = voxels((now) => now === 0);
  }

  /** The labels that voxels of a slice would get; 0 where none. */
  additionPlate(axis: Axis, slice: number): Plate {
    return this.#addition.plate(axis, slice);
  }

  /** The labels that voxels of a slice would lose; 0 where none. */
  removalPlate(axis: Axis, slice: number): Plate {
    return this.#removal.plate(axis, slice);
  }

  /** Whether the label map is still the one that this was computed for, as far as it is touched. */
  fits(labels: Labels): boolean {
    return this.slices.every(({ k, runs }) => {
      const slice = labels.slice(k);
      for (const [start, length, old] of runs) {
        for (let place = start; place < start + length; place += 1) if (slice[place] !== old) return false;
      }
      return true;
    });
  }

  /** A changed voxel in the middle of the slice that changes most, to look at it; undefined when nothing changes. */
  middle(): VoxelIndex | undefined {
    const size = ({ runs }: ChangeSlice): number => runs.reduce((sum, run) => sum + run[1], 0);
    const largest = this.slices.reduce<ChangeSlice | undefined>((best, slice) => (size(slice) > (best ? size(best) : 0) ? slice : best), undefined);
    if (!largest) return undefined;
    let left = Math.floor(size(largest) / 2);
    const run = largest.runs.find(([, length]) => (left -= length) < 0);
    if (!run) return undefined;
    const offset = run[0] + run[1] + left;
    const columns = this.#grid.dimensions[0];
    return [offset % columns, Math.floor(offset / columns), largest.k];
  }
}
