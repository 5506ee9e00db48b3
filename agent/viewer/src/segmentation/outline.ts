// The border of a set of voxels in one slice, as closed paths along the edges of voxels.

import type { SlicePoint } from "./brush";

/** One byte a voxel of a slice, the faster axis in memory first. */
export interface Plate {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
}

/**
 * Closed paths around the voxels that `inside` takes, in fractional slice indices; voxels lie to the right of the way.
 * Corners alone are kept. Where two voxels touch by a corner, each has a path of its own.
 */
export function outlineOf(plate: Plate, inside: (value: number) => boolean): readonly (readonly SlicePoint[])[] {
  const { width, height, values } = plate;
  const at = (a: number, b: number): boolean => a >= 0 && b >= 0 && a < width && b < height && inside(values[b * width + a] ?? 0);
  // Corners of voxels are counted on a lattice that is one wider than the voxels; an edge is known by its start.
  const starts = new Map<number, number[]>();
  const corner = (a: number, b: number): number => b * (width + 1) + a;
  const add = (from: number, to: number): void => {
    const known = starts.get(from);
    if (known) known.push(to);
    else starts.set(from, [to]);
  };
  for (let b = 0; b < height; b += 1) {
    for (let a = 0; a < width; a += 1) {
      if (!at(a, b)) continue;
      if (!at(a, b - 1)) add(corner(a, b), corner(a + 1, b));
      if (!at(a + 1, b)) add(corner(a + 1, b), corner(a + 1, b + 1));
      if (!at(a, b + 1)) add(corner(a + 1, b + 1), corner(a, b + 1));
      if (!at(a - 1, b)) add(corner(a, b + 1), corner(a, b));
    }
  }
  const paths: SlicePoint[][] = [];
  for (const start of starts.keys()) while (starts.has(start)) paths.push(follow(starts, start, width + 1));
  return paths;
}

function follow(starts: Map<number, number[]>, start: number, stride: number): SlicePoint[] {
  const path: SlicePoint[] = [];
  let last = 0;
  let first = 0;
  let step = 0;
  let here = start;
  do {
    const choices = starts.get(here) ?? [];
    // At a corner that two voxels share, the way turns right and stays with its own voxel.
    const right = choices.findIndex((to) => step !== 0 && to - here === rightOf(step, stride));
    const next = choices.splice(Math.max(0, right), 1)[0];
    if (choices.length === 0) starts.delete(here);
    if (next === undefined) break;
    step = next - here;
    if (first === 0) first = step;
    if (step !== last) path.push([(here % stride) - 0.5, Math.floor(here / stride) - 0.5]);
    last = step;
    here = next;
  } while (here !== start);
  // A way that began in the middle of a straight edge ends on that edge, too.
  return step === first ? path.slice(1) : path;
}

/** The step to the right of a step on the lattice, with the second axis pointing down. */
function rightOf(step: number, stride: number): number {
  if (step === 1) return stride;
  if (step === stride) return -1;
  if (step === -1) return -stride;
  return 1;
}
