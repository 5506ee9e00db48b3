// The mock agent's margins, combinations, regions and masking: their definitions, plainly and slowly.

import type { Masking, PreviewOperation, VoxelBox } from "../../src/api/types";
import { SIX, holds, indexOf, offsetOf, voxelsOf } from "./voxels";
import type { Computed, Three } from "./voxels";

type Operation<K extends PreviewOperation["kind"]> = Extract<PreviewOperation, { readonly kind: K }>;

/** Whether a voxel belongs to something. */
type Holds = (offset: number) => boolean;

const ROUNDING = 1 + 1e-9;

/** Steps to all voxels whose centres lie within a distance. */
function ballOf({ spacingMm }: Computed, radiusMm: number): Three[] {
  const reach = spacingMm.map((mm) => Math.floor((radiusMm * ROUNDING) / mm));
  const box = { lower: reach.map((n) => -n), upper: reach } as unknown as VoxelBox;
  return [...voxelsOf(box)].filter((step) => Math.hypot(...step.map((n, axis) => n * (spacingMm[axis] ?? 1))) <= radiusMm * ROUNDING);
}

function whole({ dimensions }: Computed): VoxelBox {
  return { lower: [0, 0, 0], upper: [dimensions[0] - 1, dimensions[1] - 1, dimensions[2] - 1] };
}

function around(computed: Computed, ball: readonly Three[], offset: number): number[] {
  const [i, j, k] = indexOf(offset, computed.dimensions);
  const box = whole(computed);
  return ball.map((step) => [i + step[0], j + step[1], k + step[2]] as const).filter((index) => holds(box, index)).map((index) => offsetOf(index, computed.dimensions));
}

/** What lies within a distance of a set, or what a negative one leaves of it. */
function moved(computed: Computed, set: ReadonlySet<number>, byMm: number): Set<number> {
  const ball = ballOf(computed, Math.abs(byMm));
  if (byMm >= 0) return new Set([...set].flatMap((offset) => around(computed, ball, offset)));
  return new Set([...set].filter((offset) => around(computed, ball, offset).every((other) => set.has(other))));
}

/** The label is what the set says, and nothing else is. */
function given(labels: Uint8Array, label: number, has: Holds): Uint8Array {
  return labels.map((old, offset) => (has(offset) ? label : old === label ? 0 : old));
}

function setOf(labels: Uint8Array, label: number): Set<number> {
  return new Set([...labels.keys()].filter((offset) => labels[offset] === label));
}

function margin(computed: Computed, { label, by_mm: byMm }: Operation<"margin">): Uint8Array {
  const after = moved(computed, setOf(computed.labels, label), byMm);
  return given(computed.labels, label, (offset) => after.has(offset));
}

function shell(computed: Computed, { label, side, thickness_mm: thickness }: Operation<"shell">): Uint8Array {
  const own = setOf(computed.labels, label);
  const [outMm, inMm] = { inward: [0, thickness], medial: [thickness / 2, thickness / 2], outward: [thickness, 0] }[side] as [number, number];
  const [outer, inner] = [moved(computed, own, outMm), inMm === 0 ? own : moved(computed, own, -inMm)];
  return given(computed.labels, label, (offset) => outer.has(offset) && !inner.has(offset));
}

function logic({ labels }: Computed, { label, how, operand }: Operation<"logic">): Uint8Array {
  const other: Holds = (offset) => operand.includes(labels[offset] ?? 0);
  const own: Holds = (offset) => labels[offset] === label;
  const rules: Readonly<Record<typeof how, Holds>> = {
    copy: other,
    add: (offset) => own(offset) || other(offset),
    subtract: (offset) => own(offset) && !other(offset),
    intersect: (offset) => own(offset) && other(offset),
    invert: (offset) => !own(offset),
    clear: () => false,
    fill: () => true,
  };
  return given(labels, label, rules[how]);
}

/** All that is reached from face to face over what may be gone through; within a slice when an axis is given. */
function reached({ dimensions }: Pick<Computed, "dimensions">, seeds: Iterable<number>, box: VoxelBox, through: Holds, axis: number | null = null): Set<number> {
  const found = new Set([...seeds].filter(through));
  const open = [...found];
  for (let offset = open.pop(); offset !== undefined; offset = open.pop()) {
    const [i, j, k] = indexOf(offset, dimensions);
    for (const step of SIX) {
      const next: Three = [i + step[0], j + step[1], k + step[2]];
      if ((axis !== null && step[axis] !== 0) || !holds(box, next)) continue;
      const to = offsetOf(next, dimensions);
      if (found.has(to) || !through(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}

/** The voxels at the end of a box, but not at that along an axis. */
function rim({ dimensions }: Pick<Computed, "dimensions">, box: VoxelBox, axis: number | null): number[] {
  const ends = ([0, 1, 2] as const).filter((n) => n !== axis);
  return [...voxelsOf(box)].filter((index) => ends.some((n) => index[n] === box.lower[n] || index[n] === box.upper[n])).map((index) => offsetOf(index, dimensions));
}

function fillHoles(computed: Computed, { label, axis }: Operation<"fill_holes">): Uint8Array {
  const { labels } = computed;
  const box = whole(computed);
  const open = reached(computed, rim(computed, box, axis), box, (offset) => labels[offset] !== label, axis);
  return given(labels, label, (offset) => !open.has(offset));
}

function threshold(computed: Computed, { label, values: [low, high], box }: Operation<"threshold">): Uint8Array {
  const { labels, values, dimensions } = computed;
  return labels.map((old, offset) => {
    const value = values[offset] ?? NaN;
    return value >= low && value <= high && (box === null || holds(box, indexOf(offset, dimensions))) ? label : old;
  });
}

function levelTrace(computed: Computed, { label, at, axis, bright }: Operation<"level_trace">): Uint8Array {
  const { labels, values, dimensions } = computed;
  const seed = offsetOf(at, dimensions);
  const level = values[seed] ?? 0;
  const [lower, upper] = [[...whole(computed).lower], [...whole(computed).upper]];
  lower[axis] = upper[axis] = at[axis];
  const slice = { lower, upper } as unknown as VoxelBox;
  const alike = reached(computed, [seed], slice, (offset) => (bright ? (values[offset] ?? 0) >= level : (values[offset] ?? 0) <= level), axis);
  const beyond = reached(computed, rim(computed, slice, axis), slice, (offset) => !alike.has(offset), axis);
  return labels.map((old, offset) => (indexOf(offset, dimensions)[axis] === at[axis] && !beyond.has(offset) ? label : old));
}

/** How far around the seeds the first mean is taken, and how often it is taken anew, as at the agent. */
const AROUND_MM = 2;
const ROUNDS = 4;

function regionGrow(computed: Computed, operation: Operation<"region_grow">): Uint8Array {
  const { labels, values, dimensions } = computed;
  const perSlice = dimensions[0] * dimensions[1];
  const seeds = operation.seeds.flatMap(({ k, runs }) => runs.flatMap(([start, length]) => Array.from({ length }, (_, n) => k * perSlice + start + n)));
  const box = operation.box ?? whole(computed);
  const value = (offset: number): number => values[offset] ?? 0;
  const spread = (offsets: readonly number[]): readonly [number, number] => {
    const mean = offsets.reduce((sum, offset) => sum + value(offset), 0) / offsets.length;
    const deviation = Math.sqrt(offsets.reduce((sum, offset) => sum + (value(offset) - mean) ** 2, 0) / offsets.length);
    const own = seeds.map(value);
    return [Math.min(mean - operation.deviations * deviation, ...own), Math.max(mean + operation.deviations * deviation, ...own)];
  };
  const grown = ([low, high]: readonly [number, number]): Set<number> => {
    const alike: Holds = (offset) => value(offset) >= low && value(offset) <= high;
    if (operation.gate_mm === 0) return reached(computed, seeds, box, alike);
    const ball = ballOf(computed, operation.gate_mm);
    const near = seeds.flatMap((seed) => around(computed, ball, seed));
    const way = reached(computed, near, box, (offset) => around(computed, ball, offset).every(alike));
    return moved(computed, way, operation.gate_mm);
  };
  let found: Set<number>;
  if (operation.values !== null) found = grown(operation.values);
  else {
    const ball = ballOf(computed, AROUND_MM);
    found = grown(spread(seeds.flatMap((seed) => around(computed, ball, seed))));
    for (let round = 0; round < ROUNDS; round += 1) found = grown(spread([...found]));
  }
  return labels.map((old, offset) => (found.has(offset) ? operation.label : old));
}

/** The label map as an operation would leave it where everything may change. */
export function computeOperation(computed: Computed, operation: Operation<"margin" | "shell" | "logic" | "fill_holes" | "threshold" | "level_trace" | "region_grow">): Uint8Array {
  switch (operation.kind) {
    case "margin":
      return margin(computed, operation);
    case "shell":
      return shell(computed, operation);
    case "logic":
      return logic(computed, operation);
    case "fill_holes":
      return fillHoles(computed, operation);
    case "threshold":
      return threshold(computed, operation);
    case "level_trace":
      return levelTrace(computed, operation);
    case "region_grow":
      return regionGrow(computed, operation);
  }
}

const BY_DEFAULT: Masking = { area: "everywhere", area_labels: [], values: null, overwrite: "nothing", overwrite_labels: [] };

/** What masking leaves of an operation: each voxel changes as the operation says, or not at all. */
export function masked({ labels, values }: Computed, wanted: Uint8Array, operation: PreviewOperation, masking: Masking = BY_DEFAULT): Uint8Array {
  const about = (old: number): boolean => !("label" in operation) || operation.label === null ? old !== 0 : operation.label === old;
  const over = (old: number): boolean => old === 0 || about(old) || masking.overwrite === "all" || (masking.overwrite === "only" && masking.overwrite_labels.includes(old));
  const areas: Readonly<Record<Masking["area"], (old: number) => boolean>> = {
    everywhere: () => true,
    inside_all: (old) => old !== 0,
    outside_all: (old) => old === 0,
    inside: (old) => masking.area_labels.includes(old),
    outside: (old) => !masking.area_labels.includes(old),
  };
  return wanted.map((label, offset) => {
    const [old, value] = [labels[offset] ?? 0, values[offset] ?? NaN];
    const inRange = masking.values === null || (value >= masking.values[0] && value <= masking.values[1]);
    return over(old) && areas[masking.area](old) && inRange ? label : old;
  });
}
