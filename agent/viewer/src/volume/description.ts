// From the agent's description of a volume to the grid the viewer works on, distrusting it as anything from the wire.

import type { VolumeDescription } from "../api/types";
import { cross, dot } from "./grid";
import type { Grid, Vector3 } from "./grid";

export class DescriptionError extends Error {
  constructor(field: string) {
    super(`the description of the volume has an unusable ${field}`);
    this.name = "DescriptionError";
  }
}

const SLACK = 1e-3;

function vectorAt(values: readonly number[], start: number, field: string): Vector3 {
  const [x, y, z] = values.slice(start, start + 3);
  if (x === undefined || y === undefined || z === undefined || ![x, y, z].every(Number.isFinite)) {
    throw new DescriptionError(field);
  }
  return [x, y, z];
}

export function gridOf(volume: VolumeDescription): Grid {
  const dimensions = vectorAt(volume.dimensions, 0, "dimensions");
  const spacingMm = vectorAt(volume.spacing_mm, 0, "spacing");
  if (!dimensions.every((size) => Number.isInteger(size) && size > 0)) throw new DescriptionError("dimensions");
  if (!spacingMm.every((spacing) => spacing > 0)) throw new DescriptionError("spacing");
  const directions = [0, 3, 6].map((start) => vectorAt(volume.direction, start, "direction"));
  const [i, j, k] = directions;
  if (!i || !j || !k) throw new DescriptionError("direction");
  if (![i, j, k].every((axis) => Math.abs(dot(axis, axis) - 1) < SLACK)) throw new DescriptionError("direction");
  return { dimensions, spacingMm, originMm: vectorAt(volume.origin_mm, 0, "origin"), directions: [i, j, k] };
}

function orthogonal(grid: Grid): boolean {
  const [i, j, k] = grid.directions;
  return [dot(i, j), dot(j, k), dot(i, k)].every((cosine) => Math.abs(cosine) < SLACK);
}

export interface Presentation {
  /** The grid as it is drawn; in a stack the slices are laid straight behind each other. */
  readonly grid: Grid;
  readonly kind: "volume" | "stack";
  /** Why there is only one pane, in words. */
  readonly reasons: readonly string[];
  /** Why slices cannot be seen through as a slab, in words; undefined where they can. */
  readonly noSlab: string | undefined;
  /** Why there is no 3D pane, in words, where there could be one. */
  readonly noScene: string | undefined;
  /** Whether the images say where left, right, front and back are. */
  readonly oriented: boolean;
  /** Whether slice `k` says how large it is; if not, its lengths are in pixels. */
  readonly calibratedAt: (k: number) => boolean;
  /** The grid as slice `k` has it: its own extent and the distance of its pixels. In a volume, all are the same. */
  readonly gridAt: (k: number) => Grid;
  /** Whether a voxel (i, j) of slice `k` is picture; what is beside a smaller picture is nothing. */
  readonly inPicture: (index: Vector3) => boolean;
}

const REASONS: Readonly<Record<string, string>> = {
  "variable-spacing": "the slices are not evenly spaced",
  "gantry-tilt": "the scanner was tilted",
  "missing-slices": "slices are missing",
  "duplicate-position": "several slices lie at the same place",
  "several-volumes": "several volumes lie at the same place",
  localizer: "images that others were planned by are among them",
  "mixed-orientation": "the slices are turned against each other",
  "mixed-spacing": "the pixels differ in size from slice to slice",
  "mixed-size": "the slices differ in size",
  "missing-geometry": "the images do not say where they lie",
  "invalid-geometry": "what the images say about where they lie cannot be right",
  "single-slice": "there is one slice",
  "uncalibrated": "the images do not say how far apart their pixels are",
  "detector-spacing": "distances are those at the detector, not in the patient",
  "left-out": "images that cannot be decoded are left out",
  "axis-over-2048": "an axis is longer than 2,048 voxels",
};

const UNCALIBRATED: ReadonlySet<string> = new Set(["uncalibrated"]);
/** Pictures with these do not say how they lie in the patient. */
const UNPLACED: ReadonlySet<string> = new Set(["missing-geometry", "invalid-geometry", "uncalibrated"]);
/** A volume all the same: its slices are drawn across each axis, and only three dimensions are too much. */
const TOO_LONG = "axis-over-2048";

const IN_COLOUR = "the images are in colour";

/** How the slices of a stack differ from one another. */
function picturesOf({ slices, reasons }: VolumeDescription, grid: Grid): Pick<Presentation, "calibratedAt" | "gridAt" | "inPicture"> {
  const calibrated = !reasons.some((reason) => UNCALIBRATED.has(reason));
  if (!slices) return { calibratedAt: () => calibrated, gridAt: () => grid, inPicture: () => true };
  const [width, height, depth] = grid.dimensions;
  if (slices.length !== depth) throw new DescriptionError("list of slices");
  const grids = slices.map(({ columns, rows, spacing_mm: spacing }): Grid => {
    const sized = [columns, rows].every((size) => Number.isInteger(size) && size > 0) && columns <= width && rows <= height;
    if (!sized || spacing?.every((part) => part > 0 && Number.isFinite(part)) === false) throw new DescriptionError("list of slices");
    return { ...grid, dimensions: [columns, rows, depth], spacingMm: [spacing?.[0] ?? 1, spacing?.[1] ?? 1, grid.spacingMm[2]] };
  });
  return {
    calibratedAt: (k) => (slices[k]?.spacing_mm ?? null) !== null,
    gridAt: (k) => grids[k] ?? grid,
    inPicture: ([i, j, k]) => i < (slices[k]?.columns ?? 0) && j < (slices[k]?.rows ?? 0),
  };
}

function stackGrid(grid: Grid): Grid {
  const [i, j] = grid.directions;
  return { ...grid, directions: [i, j, cross(i, j)] };
}

/** One volume in three panes, or a stack in one pane where the geometry does not carry three. */
export function presentationOf(volume: VolumeDescription): Presentation {
  const grid = gridOf(volume);
  const reasons = volume.reasons.map((reason) => REASONS[reason] ?? reason.replaceAll("-", " "));
  if (grid.dimensions[2] === 1 && reasons.length === 0) reasons.push("there is one slice");
  if (!orthogonal(grid) && reasons.length === 0) reasons.push("the slices are shifted against each other");
  // Colours have no values to look through, so that there is nothing to see across the slices.
  if (volume.data_type === "rgb8" && reasons.length === 0) reasons.push(IN_COLOUR);
  const tooLong = volume.reasons.length === 1 && volume.reasons[0] === TOO_LONG && orthogonal(grid) && volume.data_type !== "rgb8";
  if (tooLong || (volume.tools_3d && reasons.length === 0)) {
    return { grid, kind: "volume", reasons: [], noSlab: undefined, noScene: tooLong ? reasons[0] : undefined, oriented: true, calibratedAt: () => true, gridAt: () => grid, inPicture: () => true };
  }
  const stack = stackGrid(grid);
  const flat = volume.data_type === "rgb8" && !reasons.includes(IN_COLOUR) ? [IN_COLOUR, ...reasons] : reasons;
  const oriented = !volume.reasons.some((reason) => UNPLACED.has(reason));
  return { grid: stack, kind: "stack", reasons, noSlab: flat.join("; "), noScene: undefined, oriented, ...picturesOf(volume, stack) };
}
