// The label map of one task in memory, with the number of voxels of each label kept while it changes. Slices on which
// nothing is drawn take no memory, so that a series of thousands of slices costs what is drawn on it.

import { voxelCount, voxelsPerSlice } from "../volume/grid";
import type { Grid } from "../volume/grid";
import type { ChangeSlice, LabelSlice } from "../api/types";

/** Labels are bytes: 0 is nothing, and no more than 255 can be told apart. */
const LABELS = 256;

export class Labels {
  readonly grid: Grid;
  readonly perSlice: number;
  readonly #slices: (Uint8Array | undefined)[];
  /** Stands for every slice on which nothing was drawn yet. Never written to. */
  readonly #empty: Uint8Array;
  readonly #counts = new Float64Array(LABELS);
  readonly #labelVersions = new Uint32Array(LABELS);
  readonly #sliceVersions: Uint32Array;

  constructor(grid: Grid) {
    this.grid = grid;
    this.perSlice = voxelsPerSlice(grid);
    this.#slices = new Array<Uint8Array | undefined>(grid.dimensions[2]);
    this.#sliceVersions = new Uint32Array(grid.dimensions[2]);
    this.#empty = new Uint8Array(this.perSlice);
    this.#counts[0] = voxelCount(grid);
  }

  /** Takes over a whole label map; what was there is forgotten. */
  load(slices: readonly LabelSlice[]): void {
    this.#slices.fill(undefined);
    this.#counts.fill(0);
    this.#counts[0] = voxelCount(this.grid);
    for (const { k, runs } of slices) {
      const values = this.#own(k);
      for (const [start, length, label] of runs) {
        values.fill(label, start, start + length);
        this.#counts[label] = (this.#counts[label] ?? 0) + length;
        this.#counts[0] -= length;
      }
    }
    for (let label = 0; label < LABELS; label += 1) this.#touch(this.#labelVersions, label);
    for (let k = 0; k < this.#sliceVersions.length; k += 1) this.#touch(this.#sliceVersions, k);
  }

  at(offset: number): number {
    const k = Math.floor(offset / this.perSlice);
    return this.#slices[k]?.[offset - k * this.perSlice] ?? 0;
  }

  set(offset: number, label: number): void {
    const k = Math.floor(offset / this.perSlice);
    const place = offset - k * this.perSlice;
    const old = this.#slices[k]?.[place] ?? 0;
    if (old === label) return;
    this.#own(k)[place] = label;
    this.#counts[old] = (this.#counts[old] ?? 0) - 1;
    this.#counts[label] = (this.#counts[label] ?? 0) + 1;
    this.#touch(this.#labelVersions, old);
    this.#touch(this.#labelVersions, label);
    this.#touch(this.#sliceVersions, k);
  }

  voxelsOf(label: number): number {
    return this.#counts[label] ?? 0;
  }

  /** Labels that some voxel has, 0 left out. */
  labelsInUse(): number[] {
    return [...this.#counts.keys()].filter((label) => label !== 0 && this.voxelsOf(label) > 0);
  }

  /** Another number after every change of what has this label. */
  versionOf(label: number): number {
    return this.#labelVersions[label] ?? 0;
  }

  /** Another number after every change in this slice (k). */
  sliceVersion(k: number): number {
    return this.#sliceVersions[k] ?? 0;
  }

  /** Applies a change; its old labels are not looked at. */
  apply(slices: readonly ChangeSlice[]): void {
    for (const { k, runs } of slices) {
      const values = this.#own(k);
      for (const [start, length, , now] of runs) this.#fill(values, start, length, now);
      this.#touch(this.#sliceVersions, k);
    }
  }

  /** Whether anything was ever drawn on slice `k`; it may have been taken away again. */
  touched(k: number): boolean {
    return this.#slices[k] !== undefined;
  }

  /** The slices (k) that have any label. */
  occupiedSlices(): number[] {
    return [...this.#slices.keys()].filter((k) => this.#slices[k]?.some((label) => label !== 0));
  }

  /** The labels of slice `k`, i fastest. To be read only, and only until the next change. */
  slice(k: number): Uint8Array {
    return this.#slices[k] ?? this.#empty;
  }

  /** Puts back what slice `k` was; undefined for a slice without a label. */
  restore(k: number, values: Uint8Array | undefined): void {
    const first = k * this.perSlice;
    for (let place = 0; place < this.perSlice; place += 1) this.set(first + place, values?.[place] ?? 0);
  }

  /** Sets a whole run at once: what an operation at the agent changes are millions of voxels. */
  #fill(values: Uint8Array, start: number, length: number, now: number): void {
    let last = now;
    for (let place = start; place < start + length; place += 1) {
      const old = values[place] ?? 0;
      this.#counts[old] = (this.#counts[old] ?? 0) - 1;
      if (old !== last) this.#touch(this.#labelVersions, old);
      last = old;
    }
    values.fill(now, start, start + length);
    this.#counts[now] = (this.#counts[now] ?? 0) + length;
    this.#touch(this.#labelVersions, now);
  }

  #own(k: number): Uint8Array {
    const known = this.#slices[k];
    if (known) return known;
    const made = new Uint8Array(this.perSlice);
    this.#slices[k] = made;
    return made;
  }

  #touch(versions: Uint32Array, place: number): void {
    versions[place] = (versions[place] ?? 0) + 1;
  }
}
