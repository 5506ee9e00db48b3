// Where the voxels of each label lie, kept slice by slice, so that after a stroke only the slices it touched are gone
// through again; and the mask of one label in its box.

import type { Vector3 } from "../volume/grid";
import type { MaskBox } from "../volume/surface-nets";
import type { Labels } from "./labels";

/** Inclusive corners of a box of voxels. */
export interface LabelBox {
  readonly lower: Vector3;
  readonly upper: Vector3;
}

/** Smallest and largest i and j of a label in one slice. */
type Span = [lowI: number, highI: number, lowJ: number, highJ: number];

interface SliceSpans {
  readonly version: number;
  readonly spans: ReadonlyMap<number, Span>;
}

export class LabelBounds {
  readonly #labels: Labels;
  readonly #slices = new Map<number, SliceSpans>();

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** The smallest box around all voxels of a label; undefined when there is none. */
  of(label: number): LabelBox | undefined {
    const { dimensions } = this.#labels.grid;
    let box: { lower: [number, number, number]; upper: [number, number, number] } | undefined;
    for (let k = 0; k < dimensions[2]; k += 1) {
      const span = this.#spansOf(k).get(label);
      if (!span) continue;
      const [lowI, highI, lowJ, highJ] = span;
      if (!box) box = { lower: [lowI, lowJ, k], upper: [highI, highJ, k] };
      else {
        const { lower, upper } = box;
        box = { lower: [Math.min(lower[0], lowI), Math.min(lower[1], lowJ), lower[2]], upper: [Math.max(upper[0], highI), Math.max(upper[1], highJ), k] };
      }
    }
    return box;
  }

  #spansOf(k: number): ReadonlyMap<number, Span> {
    const version = this.#labels.sliceVersion(k);
    const known = this.#slices.get(k);
    if (known?.version === version) return known.spans;
    const spans = this.#labels.touched(k) ? spansIn(this.#labels.slice(k), this.#labels.grid.dimensions[0]) : new Map<number, Span>();
    this.#slices.set(k, { version, spans });
    return spans;
  }
}

function spansIn(values: Uint8Array, columns: number): ReadonlyMap<number, Span> {
  const spans = new Map<number, Span>();
  for (let place = 0; place < values.length; place += 1) {
    const label = values[place] ?? 0;
    if (label === 0) continue;
    const [i, j] = [place % columns, Math.floor(place / columns)];
    const span = spans.get(label);
    if (!span) spans.set(label, [i, i, j, j]);
    else {
      if (i < span[0]) span[0] = i;
      if (i > span[1]) span[1] = i;
      span[3] = j;
    }
  }
  return spans;
}

/** The mask of a label in its box; every `step`-th voxel along each axis where the box has more than `most` voxels. */
export function maskOf(labels: Labels, label: number, { lower, upper }: LabelBox, most: number): MaskBox & { readonly step: number } {
  const extent = [0, 1, 2].map((axis) => (upper[axis] ?? 0) - (lower[axis] ?? 0) + 1);
  const voxels = extent.reduce((product, size) => product * size, 1);
  const step = Math.max(1, Math.ceil(Math.cbrt(voxels / most)));
  const [nx = 1, ny = 1, nz = 1] = extent.map((size) => Math.ceil(size / step));
  const mask = new Uint8Array(nx * ny * nz);
  const columns = labels.grid.dimensions[0];
  // The middle of what a coarse voxel stands for, as far as the box goes.
  const middle = (low: number, n: number, high: number): number => Math.min(high, low + n * step + ((step - 1) >> 1));
  let target = 0;
  for (let k = 0; k < nz; k += 1) {
    const values = labels.slice(middle(lower[2], k, upper[2]));
    for (let j = 0; j < ny; j += 1) {
      const row = middle(lower[1], j, upper[1]) * columns;
      for (let i = 0; i < nx; i += 1, target += 1) if (values[row + middle(lower[0], i, upper[0])] === label) mask[target] = 1;
    }
  }
  return { mask, size: [nx, ny, nz], step };
}
