// Scribbles that are no labels: seeds and prompts, one value a voxel, kept by slice so that an empty one costs nothing.

import { Store } from "../ui/store";
import { axesInSlice, voxelsPerSlice } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import type { Plate } from "./outline";

/** 0 takes a scribble away. */
export type ScribbleValue = 0 | 1 | 2;

export class Scribbles {
  /** Grows with every change. */
  readonly changes = new Store<{ readonly version: number }>({ version: 0 });
  readonly #grid: Grid;
  readonly #perSlice: number;
  readonly #slices = new Map<number, Uint8Array>();
  #voxels = 0;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#perSlice = voxelsPerSlice(grid);
  }

  /** How many voxels have a scribble. */
  get voxels(): number {
    return this.#voxels;
  }

  /** Writes a value at places in memory. */
  mark(offsets: readonly number[], value: ScribbleValue): void {
    for (const offset of offsets) {
      const k = Math.floor(offset / this.#perSlice);
      let slice = this.#slices.get(k);
      if (!slice) {
        if (value === 0) continue;
        slice = new Uint8Array(this.#perSlice);
        this.#slices.set(k, slice);
      }
      const place = offset - k * this.#perSlice;
      const old = slice[place] ?? 0;
      slice[place] = value;
      this.#voxels += (value === 0 ? 0 : 1) - (old === 0 ? 0 : 1);
    }
    this.#tell();
  }

  clear(): void {
    this.#slices.clear();
    this.#voxels = 0;
    this.#tell();
  }

  /** Every run of one value, slice by slice. */
  runs(): readonly { readonly k: number; readonly runs: readonly (readonly [start: number, length: number, value: 1 | 2])[] }[] {
    const found = [...this.#slices].sort(([one], [other]) => one - other).map(([k, slice]) => ({ k, runs: runsOf(slice) }));
    return found.filter(({ runs }) => runs.length > 0);
  }

  /** One slice across an axis. */
  plate(axis: Axis, slice: number): Plate {
    const [first, second] = axesInSlice(axis);
    const [width, height] = [this.#grid.dimensions[first], this.#grid.dimensions[second]];
    const values = new Uint8Array(width * height);
    if (axis === 2) {
      const own = this.#slices.get(slice);
      if (own) values.set(own);
      return { width, height, values };
    }
    const columns = this.#grid.dimensions[0];
    for (const [k, own] of this.#slices) {
      for (let a = 0; a < width; a += 1) values[k * width + a] = own[axis === 1 ? slice * columns + a : a * columns + slice] ?? 0;
    }
    return { width, height, values };
  }

  #tell(): void {
    this.changes.set({ version: this.changes.value.version + 1 });
  }
}

function runsOf(slice: Uint8Array): [number, number, 1 | 2][] {
  const runs: [number, number, 1 | 2][] = [];
  slice.forEach((value, start) => {
    if (value === 0) return;
    const last = runs.at(-1);
    if (last && last[0] + last[1] === start && last[2] === value) last[1] += 1;
    else runs.push([start, 1, value === 1 ? 1 : 2]);
  });
  return runs;
}
