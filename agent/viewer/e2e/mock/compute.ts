// What the mock agent computes, plainly and slowly: the definitions of the operations themselves on small volumes.

import type { ChangeSlice, Masking, PreviewOperation, VoxelBox, VoxelIndex } from "../../src/api/types";
import { computeOperation, masked } from "./operations";
import { SIX, holds, indexOf, offsetOf, voxelsOf } from "./voxels";
import type { Computed, Three } from "./voxels";

type Operation<K extends PreviewOperation["kind"]> = Extract<PreviewOperation, { readonly kind: K }>;

/** The whole volume, or a box in it, cut at the volume. */
function clipped(box: VoxelBox, dimensions: Three): VoxelBox {
  const cut = (index: VoxelIndex): Three => [0, 1, 2].map((n) => Math.min((dimensions[n] ?? 1) - 1, Math.max(0, index[n as 0 | 1 | 2]))) as unknown as Three;
  return { lower: cut(box.lower), upper: cut(box.upper) };
}

function neighbours(index: Three): Three[] {
  return SIX.map(([i, j, k]) => [index[0] + i, index[1] + j, index[2] + k]);
}

/** The changes from the labels of now to others, as runs. */
export function changes(now: Uint8Array, wanted: Uint8Array, [columns, rows, slices]: Three): ChangeSlice[] {
  const perSlice = columns * rows;
  const found: { k: number; runs: [number, number, number, number][] }[] = [];
  for (let k = 0; k < slices; k += 1) {
    const runs: [number, number, number, number][] = [];
    for (let start = 0; start < perSlice; start += 1) {
      const [old, next] = [now[k * perSlice + start] ?? 0, wanted[k * perSlice + start] ?? 0];
      const last = runs.at(-1);
      if (old === next) continue;
      if (last && last[0] + last[1] === start && last[2] === old && last[3] === next) last[1] += 1;
      else runs.push([start, 1, old, next]);
    }
    if (runs.length > 0) found.push({ k, runs });
  }
  return found;
}

/** Of all seeds, the one with the cheapest way through the image wins a voxel; the way over an edge is long. */
function grow({ labels, values, dimensions, spacingMm }: Computed, { box, background }: Operation<"grow_from_seeds">): Uint8Array {
  const seeds = [...labels.keys()].filter((offset) => labels[offset] !== 0).map((offset) => indexOf(offset, dimensions));
  const edge = (pick: (...all: number[]) => number, n: 0 | 1 | 2): number => seeds.reduce((best, seed) => pick(best, seed[n]), seeds[0]?.[n] ?? 0);
  const margin = (n: 0 | 1 | 2): number => Math.ceil((0.1 * (edge(Math.max, n) - edge(Math.min, n) + 1) * spacingMm[n] + 5) / spacingMm[n]);
  const around: VoxelBox = { lower: [0, 1, 2].map((n) => edge(Math.min, n as 0) - margin(n as 0)) as unknown as Three, upper: [0, 1, 2].map((n) => edge(Math.max, n as 0) + margin(n as 0)) as unknown as Three };
  const region = clipped(box ?? around, dimensions);
  const BACKGROUND = 256;
  const winner = new Map<number, number>();
  const rim = (index: Three): boolean => ([0, 1, 2] as const).some((n) => index[n] === region.lower[n] || index[n] === region.upper[n]);
  for (const index of voxelsOf(region)) {
    const offset = offsetOf(index, dimensions);
    const label = labels[offset] ?? 0;
    if (label !== 0 || rim(index)) winner.set(offset, label === 0 ? BACKGROUND : label);
  }
  for (const { k, runs } of background) {
    for (const [start, length] of runs) {
      for (let place = start; place < start + length; place += 1) {
        const offset = k * dimensions[0] * dimensions[1] + place;
        if (holds(region, indexOf(offset, dimensions)) && labels[offset] === 0) winner.set(offset, BACKGROUND);
      }
    }
  }
  spread(winner, region, { dimensions, values });
  const wanted = labels.slice();
  for (const [offset, label] of winner) if (wanted[offset] === 0 && label !== BACKGROUND) wanted[offset] = label;
  return wanted;
}

/** Dijkstra's way, with buckets of whole costs. */
function spread(winner: Map<number, number>, region: VoxelBox, { dimensions, values }: Pick<Computed, "dimensions" | "values">): void {
  const costs = new Map<number, number>([...winner.keys()].map((offset) => [offset, 0]));
  const buckets: number[][] = [[...winner.keys()]];
  for (let cost = 0; cost < buckets.length; cost += 1) {
    for (const offset of buckets[cost] ?? []) {
      if (costs.get(offset) !== cost) continue;
      for (const next of neighbours(indexOf(offset, dimensions))) {
        if (!holds(region, next)) continue;
        const to = offsetOf(next, dimensions);
        const total = cost + 1 + Math.abs((values[to] ?? 0) - (values[offset] ?? 0));
        if (total >= (costs.get(to) ?? Infinity)) continue;
        costs.set(to, total);
        winner.set(to, winner.get(offset) ?? 0);
        (buckets[total] ??= []).push(to);
      }
    }
  }
}

/** Distance in steps along rows and columns to the border, negative outside. */
function signedSteps(inside: Uint8Array, width: number, height: number): Int32Array {
  const far = width + height;
  const toward = (wanted: number): Int32Array => {
    const steps = new Int32Array(inside.length).map((_, place) => (inside[place] === wanted ? 0 : far));
    const at = (a: number, b: number): number => (a < 0 || b < 0 || a >= width || b >= height ? far : (steps[b * width + a] ?? far));
    for (let b = 0; b < height; b += 1) for (let a = 0; a < width; a += 1) steps[b * width + a] = Math.min(at(a, b), at(a - 1, b) + 1, at(a, b - 1) + 1);
    for (let b = height - 1; b >= 0; b -= 1) for (let a = width - 1; a >= 0; a -= 1) steps[b * width + a] = Math.min(at(a, b), at(a + 1, b) + 1, at(a, b + 1) + 1);
    return steps;
  };
  const [out, into] = [toward(0), toward(1)];
  return out.map((value, place) => (inside[place] === 1 ? value : -(into[place] ?? 0)));
}

function fill({ labels, dimensions }: Computed, { label, axis }: Operation<"fill_between_slices">): Uint8Array {
  const [first, second] = ([0, 1, 2] as const).filter((n) => n !== axis);
  const [width, height] = [dimensions[first ?? 0], dimensions[second ?? 1]];
  const at = (slice: number, a: number, b: number): number => {
    const index: [number, number, number] = [0, 0, 0];
    index[axis] = slice;
    index[first ?? 0] = a;
    index[second ?? 1] = b;
    return offsetOf(index, dimensions);
  };
  const plate = (slice: number): Uint8Array => Uint8Array.from({ length: width * height }, (_, place) => (labels[at(slice, place % width, Math.floor(place / width))] === label ? 1 : 0));
  const drawn = Array.from({ length: dimensions[axis] }, (_, slice) => slice).filter((slice) => plate(slice).includes(1));
  const wanted = labels.slice();
  drawn.forEach((from, n) => {
    const to = drawn[n + 1];
    if (to === undefined || to === from + 1) return;
    const [start, end] = [signedSteps(plate(from), width, height), signedSteps(plate(to), width, height)];
    for (let slice = from + 1; slice < to; slice += 1) {
      const part = (slice - from) / (to - from);
      start.forEach((value, place) => {
        const offset = at(slice, place % width, Math.floor(place / width));
        if ((1 - part) * value + part * (end[place] ?? 0) > 0 && wanted[offset] === 0) wanted[offset] = label;
      });
    }
  });
  return wanted;
}

/** Parts that hang together by faces, edges or corners. */
function partsOf({ labels, dimensions }: Computed, label: number): number[][] {
  const left = new Set([...labels.keys()].filter((offset) => labels[offset] === label));
  const parts: number[][] = [];
  for (const seed of left) {
    const part: number[] = [];
    const open = [seed];
    left.delete(seed);
    for (let offset = open.pop(); offset !== undefined; offset = open.pop()) {
      part.push(offset);
      const [i, j, k] = indexOf(offset, dimensions);
      for (const index of voxelsOf(clipped({ lower: [i - 1, j - 1, k - 1], upper: [i + 1, j + 1, k + 1] }, dimensions))) {
        const next = offsetOf(index, dimensions);
        if (left.delete(next)) open.push(next);
      }
    }
    parts.push(part);
  }
  return parts;
}

function islands(computed: Computed, { label, mode, minimum_mm3: minimum, picked }: Operation<"islands">): Uint8Array {
  const { labels, dimensions, spacingMm } = computed;
  const parts = partsOf(computed, label);
  const largest = parts.reduce<number[]>((best, part) => (part.length > best.length ? part : best), []);
  const voxel = spacingMm[0] * spacingMm[1] * spacingMm[2];
  const under = picked ? offsetOf(picked, dimensions) : -1;
  const stays = (part: number[]): boolean => {
    if (mode === "keep_largest") return part === largest;
    if (mode === "remove_small") return part.length * voxel >= (minimum ?? 0);
    return part.includes(under) === (mode === "keep_picked");
  };
  const wanted = labels.slice();
  for (const part of parts) if (!stays(part)) for (const offset of part) wanted[offset] = 0;
  return wanted;
}

function smooth(computed: Computed, { label, method, radius_mm: radius }: Operation<"smooth">): Uint8Array {
  const { labels, dimensions, spacingMm } = computed;
  const reach = [0, 1, 2].map((n) => Math.floor(radius / (spacingMm[n] ?? 1)));
  const ball: Three[] = [...voxelsOf({ lower: reach.map((n) => -n) as unknown as Three, upper: reach as unknown as Three })].filter(([i, j, k]) => Math.hypot(i * spacingMm[0], j * spacingMm[1], k * spacingMm[2]) <= radius);
  const around = (index: Three): number[] => ball.map((step) => [index[0] + step[0], index[1] + step[1], index[2] + step[2]] as const).filter((next) => next.every((value, n) => value >= 0 && value < (dimensions[n] ?? 0))).map((next) => offsetOf(next, dimensions));
  const wanted = labels.slice();
  const used = label === null ? [...new Set(labels)].filter((value) => value !== 0) : [label];
  const near = new Set<number>();
  labels.forEach((value, offset) => {
    if (used.includes(value)) for (const next of around(indexOf(offset, dimensions))) near.add(next);
  });
  const share = (map: Uint8Array, offset: number, value: number): number => {
    const all = around(indexOf(offset, dimensions));
    return all.filter((next) => map[next] === value).length / all.length;
  };
  if (label === null) {
    for (const offset of near) {
      const votes = [0, ...used].map((value) => [value, share(labels, offset, value)] as const);
      wanted[offset] = votes.reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
    }
    return wanted;
  }
  const steps: readonly ((map: Uint8Array, offset: number) => boolean)[] = {
    median: [(map: Uint8Array, offset: number) => share(map, offset, label) > 0.5],
    gaussian: [(map: Uint8Array, offset: number) => share(map, offset, label) >= 0.5],
    joint: [],
    open: [(map: Uint8Array, offset: number) => share(map, offset, label) === 1, (map: Uint8Array, offset: number) => share(map, offset, label) > 0],
    close: [(map: Uint8Array, offset: number) => share(map, offset, label) > 0, (map: Uint8Array, offset: number) => share(map, offset, label) === 1],
  }[method];
  let map = labels;
  for (const step of steps) {
    const next = map.slice();
    for (const offset of near) next[offset] = step(map, offset) ? label : map[offset] === label ? 0 : (map[offset] ?? 0);
    map = next;
  }
  // Never over another label.
  map.forEach((value, offset) => {
    if (labels[offset] === 0 || labels[offset] === label) wanted[offset] = value;
  });
  return wanted;
}

/** How far from the first point the built-in model looks when there is no box. */
const REACH_MM = 25;
const LIKE_HU = 70;

/** All that hangs together with a point inside, is of its value, and lies nearer to points inside than to those outside. */
function assist({ labels, values, dimensions, spacingMm }: Computed, { points, box, scribbles, from_mask: fromMask }: Operation<"assist">, label: number): Uint8Array {
  const perSlice = dimensions[0] * dimensions[1];
  const drawn = scribbles.flatMap(({ k, runs }) => runs.flatMap(([start, length, positive]) => Array.from({ length }, (_, n) => ({ at: indexOf(k * perSlice + start + n, dimensions), positive: positive === 1 }))));
  const all = [...points, ...drawn];
  const middle = box && ([0, 1, 2].map((n) => Math.floor((box.lower[n as 0] + box.upper[n as 0]) / 2)) as unknown as Three);
  const mask = fromMask ? [...labels.keys()].filter((offset) => labels[offset] === label).map((offset) => indexOf(offset, dimensions)) : [];
  const inside = [...all.filter((point) => point.positive).map((point) => point.at), ...mask, ...(middle && all.length === 0 ? [middle] : [])];
  const outside = all.filter((point) => !point.positive).map((point) => point.at);
  const away = (one: VoxelIndex, other: VoxelIndex): number => Math.hypot(...([0, 1, 2] as const).map((n) => (one[n] - other[n]) * spacingMm[n]));
  const nearest = (index: VoxelIndex, of: readonly VoxelIndex[]): number => of.reduce((best, one) => Math.min(best, away(index, one)), Infinity);
  const wanted = labels.slice();
  const seen = new Set<number>();
  for (const seed of inside) {
    const value = values[offsetOf(seed, dimensions)] ?? 0;
    const open: Three[] = [[seed[0], seed[1], seed[2]]];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const offset = offsetOf(index, dimensions);
      if (index.some((place, n) => place < 0 || place >= (dimensions[n] ?? 0)) || seen.has(offset)) continue;
      if (Math.abs((values[offset] ?? 0) - value) > LIKE_HU || (box ? !holds(box, index) : away(index, seed) > REACH_MM) || nearest(index, outside) < nearest(index, inside)) continue;
      seen.add(offset);
      open.push(...neighbours(index));
    }
  }
  for (const offset of seen) if (wanted[offset] === 0) wanted[offset] = label;
  return wanted;
}

/** The label map as an operation would leave it. `label` is that of the object that a model is asked for, whose answer is not masked. */
export function compute(computed: Computed, operation: PreviewOperation, label: number, masking?: Masking): Uint8Array {
  return operation.kind === "assist" ? assist(computed, operation, label) : masked(computed, unmasked(computed, operation), operation, masking);
}

function unmasked(computed: Computed, operation: Exclude<PreviewOperation, { readonly kind: "assist" }>): Uint8Array {
  switch (operation.kind) {
    case "grow_from_seeds":
      return grow(computed, operation);
    case "fill_between_slices":
      return fill(computed, operation);
    case "islands":
      return islands(computed, operation);
    case "smooth":
      return smooth(computed, operation);
    default:
      return computeOperation(computed, operation);
  }
}
