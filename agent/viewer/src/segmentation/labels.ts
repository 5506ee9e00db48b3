// The label map of one task in memory, with the number of voxels of each label kept while it changes.

import { voxelCount, voxelsPerSlice } from "../volume/grid";
import type { Grid } from "../volume/grid";
import { fillLabels } from "./runs";
import type { ChangeSlice, LabelSlice } from "../api/types";

export class Labels {
  readonly grid: Grid;
  /** One label a voxel, i fastest, then j, then k; 0 is nothing. */
  readonly values: Uint8Array;
  readonly perSlice: number;
  readonly #counts = new Uint32Array(256);

  constructor(grid: Grid) {
    this.grid = grid;
    this.perSlice = voxelsPerSlice(grid);
    this.values = new Uint8Array(voxelCount(grid));
    this.#counts[0] = this.values.length;
  }

  load(slices: readonly LabelSlice[]): void {
    this.values.fill(0);
    fillLabels(this.values, this.perSlice, slices);
    this.#counts.fill(0);
    for (const label of this.values) this.#counts[label] = (this.#counts[label] ?? 0) + 1;
  }

  at(offset: number): number {
    return this.values[offset] ?? 0;
  }

  set(offset: number, label: number): void {
    const old = this.at(offset);
    this.values[offset] = label;
    this.#counts[old] = (this.#counts[old] ?? 0) - 1;
    this.#counts[label] = (this.#counts[label] ?? 0) + 1;
  }

  voxelsOf(label: number): number {
    return this.#counts[label] ?? 0;
  }

  /** Labels that some voxel has, 0 left out. */
  labelsInUse(): number[] {
    return [...this.#counts.keys()].filter((label) => label !== 0 && this.voxelsOf(label) > 0);
  }

  /** Applies a change; its old labels are not looked at. */
  apply(slices: readonly ChangeSlice[]): void {
    for (const { k, runs } of slices) {
      for (const [start, length, , now] of runs) {
        const first = k * this.perSlice + start;
        for (let offset = first; offset < first + length; offset += 1) this.set(offset, now);
      }
    }
  }

  /** The slices (k) that have any label. */
  occupiedSlices(): number[] {
    const { perSlice, values } = this;
    return Array.from({ length: this.grid.dimensions[2] }, (_, k) => k).filter((k) => values.subarray(k * perSlice, (k + 1) * perSlice).some((label) => label !== 0));
  }

  /** The part of `values` that is slice `k`; a view, not a copy. */
  slice(k: number): Uint8Array {
    return this.values.subarray(k * this.perSlice, (k + 1) * this.perSlice);
  }
}
