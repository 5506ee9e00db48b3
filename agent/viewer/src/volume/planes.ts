// Which index axis each pane looks along, and how it is turned. The panes follow the grid of the volume, not the
// axes of the room: a slice on the screen is then a slice of voxels, and a brush in it is exact, also on oblique series.

import { AXES, axesInSlice, cross, dot, scaled } from "./grid";
import type { Axis, Grid, Vector3 } from "./grid";

export type PlaneName = "axial" | "sagittal" | "coronal";

export interface Plane {
  readonly name: PlaneName;
  /** The index axis that is perpendicular to the pane. */
  readonly axis: Axis;
  /** +1 when scrolling forward (the reading order) raises the index, else -1. */
  readonly reading: 1 | -1;
  /** Unit vectors in LPS. */
  readonly right: Vector3;
  readonly up: Vector3;
  /** From the picture towards the eye. */
  readonly normal: Vector3;
  /** Patient directions at the edges of the pane, for example `A` or `AL` on oblique series. */
  readonly letters: { readonly left: string; readonly right: string; readonly top: string; readonly bottom: string };
}

interface Convention {
  readonly name: PlaneName;
  readonly right: Vector3;
  readonly up: Vector3;
  /** Where reading order goes: head to feet, right to left, front to back. */
  readonly forward: Vector3;
}

// Radiological convention: the patient's left is on the right of axial and coronal pictures, the front on the left of
// sagittal ones.
const CONVENTIONS: readonly Convention[] = [
  { name: "axial", right: [1, 0, 0], up: [0, -1, 0], forward: [0, 0, -1] },
  { name: "sagittal", right: [0, 1, 0], up: [0, 0, 1], forward: [1, 0, 0] },
  { name: "coronal", right: [1, 0, 0], up: [0, 0, 1], forward: [0, 1, 0] },
];

const PERMUTATIONS: readonly (readonly [Axis, Axis, Axis])[] = [
  [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0],
];

/** The index axis nearest to each patient axis (left-right, front-back, feet-head), each axis used once. */
export function nearestAxes(grid: Grid): readonly [Axis, Axis, Axis] {
  let best: readonly [Axis, Axis, Axis] = [0, 1, 2];
  let bestScore = -1;
  for (const permutation of PERMUTATIONS) {
    let score = 0;
    for (const patient of AXES) score += Math.abs(grid.directions[permutation[patient]][patient]);
    // The margin keeps the file's own order when a series lies at exactly 45 degrees.
    if (score > bestScore + 1e-9) {
      best = permutation;
      bestScore = score;
    }
  }
  return best;
}

/** Letters of the patient directions that a unit vector points to, the strongest first; weak components are left out. */
export function patientLetters(direction: Vector3): string {
  const names = [["L", "R"], ["P", "A"], ["H", "F"]] as const;
  return AXES.map((axis) => ({ size: Math.abs(direction[axis]), letter: direction[axis] >= 0 ? names[axis][0] : names[axis][1] }))
    .filter((part) => part.size > 0.25)
    .sort((first, second) => second.size - first.size)
    .map((part) => part.letter)
    .join("");
}

function alongGrid(grid: Grid, axis: Axis, wanted: Vector3): Vector3 {
  const direction = grid.directions[axis];
  return dot(direction, wanted) >= 0 ? direction : scaled(direction, -1);
}

function planeFor(grid: Grid, convention: Convention, nearest: readonly [Axis, Axis, Axis]): Plane {
  const patientAxisOf = (vector: Vector3): Axis => (vector[0] !== 0 ? 0 : vector[1] !== 0 ? 1 : 2);
  const axis = nearest[patientAxisOf(convention.forward)];
  const right = alongGrid(grid, nearest[patientAxisOf(convention.right)], convention.right);
  const up = alongGrid(grid, nearest[patientAxisOf(convention.up)], convention.up);
  return {
    name: convention.name,
    axis,
    reading: dot(grid.directions[axis], convention.forward) >= 0 ? 1 : -1,
    right,
    up,
    normal: cross(right, up),
    letters: {
      left: patientLetters(scaled(right, -1)),
      right: patientLetters(right),
      top: patientLetters(up),
      bottom: patientLetters(scaled(up, -1)),
    },
  };
}

/** The three panes of a volume, in the order axial, sagittal, coronal. */
export function planesOf(grid: Grid): readonly Plane[] {
  const nearest = nearestAxes(grid);
  return CONVENTIONS.map((convention) => planeFor(grid, convention, nearest));
}

/** The one pane of a series whose slices do not form a volume: its images as they were taken. */
export function stackPlane(grid: Grid): Plane {
  const [first, second] = axesInSlice(2);
  const right = grid.directions[first];
  const up = scaled(grid.directions[second], -1);
  const across = planesOf(grid).find((plane) => plane.axis === 2);
  return {
    name: across?.name ?? "axial",
    axis: 2,
    reading: 1,
    right,
    up,
    normal: cross(right, up),
    letters: {
      left: patientLetters(scaled(right, -1)),
      right: patientLetters(right),
      top: patientLetters(up),
      bottom: patientLetters(scaled(up, -1)),
    },
  };
}
