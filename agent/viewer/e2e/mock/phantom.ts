// A synthetic abdomen: an elliptic body with a spine, a liver and a lesion, in Hounsfield units, with repeatable noise.

import type { VolumeDescription } from "../../src/api/types";

export interface PhantomOptions {
  readonly dimensions: readonly [number, number, number];
  readonly spacingMm: readonly [number, number, number];
  readonly direction?: readonly number[];
  readonly inverted?: boolean;
  readonly stackReasons?: readonly string[];
  /** Three bytes a voxel, in a stack: `colourAt` says which. */
  readonly colour?: boolean;
  /** From slice to slice, as in a cine loop. */
  readonly frameTimeMs?: number;
}

export interface Phantom {
  readonly description: VolumeDescription;
  readonly pixels: Buffer;
}

function inEllipsoid(point: readonly number[], centre: readonly number[], radii: readonly number[]): boolean {
  return point.reduce((total, value, n) => total + ((value - (centre[n] ?? 0)) / (radii[n] ?? 1)) ** 2, 0) <= 1;
}

/** Value at a point given in fractions of the volume, -1 to 1 along each axis. */
function tissue(x: number, y: number, z: number): number {
  const flat = [x, y, 0];
  if (!inEllipsoid(flat, [0, 0, 0], [0.86, 0.66, 1])) return -1000;
  if (!inEllipsoid(flat, [0, 0, 0], [0.8, 0.6, 1])) return -95;
  if (inEllipsoid(flat, [0, 0.42, 0], [0.1, 0.12, 1])) return inEllipsoid(flat, [0, 0.42, 0], [0.07, 0.09, 1]) ? 240 : 620;
  if (inEllipsoid([x, y, z], [-0.34, -0.12, 0.1], [0.09, 0.08, 0.16])) return 25;
  if (inEllipsoid([x, y, z], [-0.36, -0.05, 0], [0.36, 0.38, 0.75])) return 110;
  if (inEllipsoid([x, y, z], [0.45, 0.12, 0.1], [0.16, 0.22, 0.5])) return 130;
  if (inEllipsoid(flat, [0.06, 0.22, 0], [0.055, 0.06, 1])) return 190;
  if (inEllipsoid([x, y, z], [0.28, -0.3, -0.1], [0.26, 0.18, 0.5])) return inEllipsoid([x, y, z], [0.3, -0.36, 0], [0.14, 0.08, 0.3]) ? -880 : 20;
  return 45;
}

export function makePhantom(options: PhantomOptions): Phantom {
  const [columns, rows, slices] = options.dimensions;
  if (options.colour) return { description: describe(options), pixels: colours(options.dimensions) };
  const values = new Int16Array(columns * rows * slices);
  let seed = 12_345;
  let offset = 0;
  for (let k = 0; k < slices; k += 1) {
    for (let j = 0; j < rows; j += 1) {
      for (let i = 0; i < columns; i += 1) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
        const noise = ((seed >> 12) % 61) - 30;
        values[offset] = tissue((2 * i) / (columns - 1) - 1, (2 * j) / (rows - 1) - 1, (2 * k) / Math.max(1, slices - 1) - 1) + noise;
        offset += 1;
      }
    }
  }
  return { description: describe(options), pixels: Buffer.from(values.buffer) };
}

/** Red grows to the right, green downwards, and blue from slice to slice. */
export function colourAt(i: number, j: number, k: number): readonly [number, number, number] {
  return [(40 + i) % 256, (20 + 2 * j) % 256, (30 * k) % 256];
}

function colours([columns, rows, slices]: readonly [number, number, number]): Buffer {
  const bytes = Buffer.alloc(columns * rows * slices * 3);
  let offset = 0;
  for (let k = 0; k < slices; k += 1) for (let j = 0; j < rows; j += 1) for (let i = 0; i < columns; i += 1) for (const part of colourAt(i, j, k)) bytes[offset++] = part;
  return bytes;
}

function describe(options: PhantomOptions): VolumeDescription {
  return {
    dimensions: options.dimensions,
    spacing_mm: options.spacingMm,
    origin_mm: [-120, -90, 40],
    direction: options.direction ?? [1, 0, 0, 0, 1, 0, 0, 0, 1],
    data_type: options.colour ? "rgb8" : "int16",
    minimum: options.colour ? 0 : -1030,
    maximum: options.colour ? 255 : 650,
    modality: options.colour ? "US" : "CT",
    unit: options.colour ? "" : "HU",
    tools_3d: options.stackReasons === undefined,
    reasons: options.stackReasons ?? [],
    windows: options.colour ? [] : [
      { name: "Soft tissue", centre: 40, width: 400 },
      { name: "Liver", centre: 90, width: 150 },
      { name: "Lung", centre: -600, width: 1500 },
      { name: "Bone", centre: 400, width: 1800 },
    ],
    default_window: 0,
    inverted: options.inverted ?? false,
    frame_time_ms: options.frameTimeMs ?? null,
  };
}
