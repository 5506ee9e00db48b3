// The label maps of others, kept as runs: a slice of one is made when it is looked at, so that many fit into memory.

import type { LabelSlice } from "../api/types";
import { axesInSlice } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import { LabelEdit } from "./edit";
import type { Labels } from "./labels";
import type { Plate } from "./outline";

export class RunMap {
  readonly #grid: Grid;
  readonly #slices: ReadonlyMap<number, LabelSlice["runs"]>;

  constructor(grid: Grid, slices: readonly LabelSlice[]) {
    this.#grid = grid;
    this.#slices = new Map(slices.map((slice) => [slice.k, slice.runs]));
  }

  /** The slices (k) that have any label. */
  occupied(): Iterable<number> {
    return this.#slices.keys();
  }

  /** One slice across an axis. */
  plate(axis: Axis, slice: number): Plate {
    const [first, second] = axesInSlice(axis);
    const [width, height] = [this.#grid.dimensions[first], this.#grid.dimensions[second]];
    const values = new Uint8Array(width * height);
    if (axis === 2) {
      for (const [start, length, label] of this.#slices.get(slice) ?? []) values.fill(label, start, start + length);
    } else {
      for (const [k, runs] of this.#slices) this.#fillRow(values.subarray(k * width, (k + 1) * width), axis, slice, runs);
    }
    return { width, height, values };
  }

  /** Makes a label map the same as this one, without the labels that are not known. */
  writeTo(labels: Labels, known: (label: number) => boolean): LabelEdit {
    const edit = new LabelEdit(labels);
    for (const k of new Set([...labels.occupiedSlices(), ...this.occupied()])) {
      const first = k * labels.perSlice;
      this.plate(2, k).values.forEach((label, place) => edit.set(first + place, label !== 0 && known(label) ? label : 0));
    }
    return edit;
  }

  /** Writes the labels of slice `k` where it is cut across i or j. */
  #fillRow(row: Uint8Array, axis: Axis, slice: number, runs: LabelSlice["runs"]): void {
    const columns = this.#grid.dimensions[0];
    for (const [start, length, label] of runs) {
      if (axis === 1) {
        const from = Math.max(0, start - slice * columns);
        const to = Math.min(columns, start + length - slice * columns);
        if (to > from) row.fill(label, from, to);
      } else {
        const from = Math.ceil((start - slice) / columns);
        const to = Math.floor((start + length - 1 - slice) / columns);
        if (to >= from) row.fill(label, Math.max(0, from), to + 1);
      }
    }
  }
}

/** 1 where not all agree. */
export function disagreement(plates: readonly Plate[]): Plate | undefined {
  const [first, ...rest] = plates;
  if (!first) return undefined;
  const values = new Uint8Array(first.values.length);
  for (const other of rest) {
    for (let offset = 0; offset < values.length; offset += 1) if (other.values[offset] !== first.values[offset]) values[offset] = 1;
  }
  return { ...first, values };
}

/** The slices (k) in which not all agree, those with the most such voxels first. */
export function slicesByDisagreement(maps: readonly RunMap[]): readonly { readonly k: number; readonly voxels: number }[] {
  const slices = new Set(maps.flatMap((map) => [...map.occupied()]));
  const counted = [...slices].map((k) => {
    const differs = disagreement(maps.map((map) => map.plate(2, k)));
    return { k, voxels: differs ? differs.values.reduce((total, value) => total + value, 0) : 0 };
  });
  return counted.filter(({ voxels }) => voxels > 0).sort((one, other) => other.voxels - one.voxels || one.k - other.k);
}
