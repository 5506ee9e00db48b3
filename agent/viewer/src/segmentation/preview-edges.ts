// The border of a set of voxels in one slice as straight pieces, in no order: what a line is drawn along, however ragged.

import type { Plate } from "./outline";

/** Pieces one after the other, four numbers each (from a, from b, to a, to b), in fractional slice indices. */
export function edgesOf({ width, height, values }: Plate, value: number): readonly number[] {
  const edges: number[] = [];
  // Between each row and the next, above the first and below the last; and the same for columns.
  for (let b = 0; b <= height; b += 1) {
    addPieces(width, (a) => differ(b > 0 ? values[(b - 1) * width + a] : 0, b < height ? values[b * width + a] : 0, value), (from, to) => edges.push(from, b - 0.5, to, b - 0.5));
  }
  for (let a = 0; a <= width; a += 1) {
    addPieces(height, (b) => differ(a > 0 ? values[b * width + a - 1] : 0, a < width ? values[b * width + a] : 0, value), (from, to) => edges.push(a - 0.5, from, a - 0.5, to));
  }
  return edges;
}

function differ(one: number | undefined, other: number | undefined, value: number): boolean {
  return (one === value) !== (other === value);
}

/** Joins neighbouring places to pieces that are as long as they go. */
function addPieces(length: number, at: (place: number) => boolean, add: (from: number, to: number) => void): void {
  let from = -1;
  for (let place = 0; place <= length; place += 1) {
    const edge = place < length && at(place);
    if (edge && from < 0) from = place;
    if (!edge && from >= 0) {
      add(from - 0.5, place - 0.5);
      from = -1;
    }
  }
}
