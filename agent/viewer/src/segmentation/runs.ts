// Runs: how label maps and changes to them are written down, slice by slice. Offsets count i fastest, then j.

import type { ChangeSlice, LabelSlice } from "../api/types";

/** Writes the label map of a volume from its slices; everything else in `labels` is left as it is. */
export function fillLabels(labels: Uint8Array, perSlice: number, slices: readonly LabelSlice[]): void {
  for (const { k, runs } of slices) {
    for (const [start, length, label] of runs) {
      labels.fill(label, k * perSlice + start, k * perSlice + start + length);
    }
  }
}

/**
 * Changes as sorted, disjoint runs. `before` maps the offset of each touched voxel in the volume to its old label;
 * voxels whose label did not change are left out.
 */
export function changesOf(before: ReadonlyMap<number, number>, labels: Uint8Array, perSlice: number): ChangeSlice[] {
  const offsets = [...before.keys()].sort((first, second) => first - second);
  const slices: { k: number; runs: [number, number, number, number][] }[] = [];
  for (const offset of offsets) {
    const old = before.get(offset) ?? 0;
    const now = labels[offset] ?? 0;
    if (old === now) continue;
    const k = Math.floor(offset / perSlice);
    const start = offset - k * perSlice;
    let slice = slices.at(-1);
    if (slice?.k !== k) {
      slice = { k, runs: [] };
      slices.push(slice);
    }
    const run = slice.runs.at(-1);
    if (run !== undefined && run[0] + run[1] === start && run[2] === old && run[3] === now) run[1] += 1;
    else slice.runs.push([start, 1, old, now]);
  }
  return slices;
}

/** The change that takes `slices` back. */
export function inverse(slices: readonly ChangeSlice[]): ChangeSlice[] {
  return slices.map(({ k, runs }) => ({ k, runs: runs.map(([start, length, old, now]) => [start, length, now, old] as const) }));
}
