// Runs: how label maps and changes to them are written down, slice by slice. Offsets count i fastest, then j.

import type { ChangeSlice } from "../api/types";

type ChangeRun = readonly [start: number, length: number, old: number, now: number];

/** What differs between two states of one slice, as sorted and disjoint runs; undefined is a slice without a label. */
export function changesBetween(before: Uint8Array | undefined, after: Uint8Array): ChangeRun[] {
  const runs: [number, number, number, number][] = [];
  for (let place = 0; place < after.length; place += 1) {
    const old = before?.[place] ?? 0;
    const now = after[place] ?? 0;
    if (old === now) continue;
    const run = runs.at(-1);
    if (run !== undefined && run[0] + run[1] === place && run[2] === old && run[3] === now) run[1] += 1;
    else runs.push([place, 1, old, now]);
  }
  return runs;
}

/** The change that takes `slices` back. */
export function inverse(slices: readonly ChangeSlice[]): ChangeSlice[] {
  return slices.map(({ k, runs }) => ({ k, runs: runs.map(([start, length, old, now]) => [start, length, now, old] as const) }));
}
