// Where a three-dimensional picture is looked at from: an eye that goes around the middle of the volume, in patient space
// (LPS). Pure arithmetic.

import { cross, dot, scaled, sum } from "./grid";
import type { Vector3 } from "./grid";

export interface Orbit {
  /** From the middle of the volume to the eye; a unit vector. */
  readonly towardsEye: Vector3;
  /** What is up on the screen; a unit vector at right angles to it. */
  readonly up: Vector3;
  /** 1 shows the whole volume; larger is nearer. */
  readonly zoom: number;
}

export type StandardView = "front" | "back" | "left" | "right" | "head" | "feet";

export const STANDARD_VIEWS: readonly StandardView[] = ["front", "back", "left", "right", "head", "feet"];

// LPS: x goes to the patient's left, y to the back, z to the head. From the head, the front is up.
const VIEWS: Readonly<Record<StandardView, Omit<Orbit, "zoom">>> = {
  front: { towardsEye: [0, -1, 0], up: [0, 0, 1] },
  back: { towardsEye: [0, 1, 0], up: [0, 0, 1] },
  left: { towardsEye: [1, 0, 0], up: [0, 0, 1] },
  right: { towardsEye: [-1, 0, 0], up: [0, 0, 1] },
  head: { towardsEye: [0, 0, 1], up: [0, -1, 0] },
  feet: { towardsEye: [0, 0, -1], up: [0, -1, 0] },
};

export function viewFrom(view: StandardView): Orbit {
  return { ...VIEWS[view], zoom: 1 };
}

/** What is to the right on the screen. */
export function rightOf({ towardsEye, up }: Orbit): Vector3 {
  return cross(up, towardsEye);
}

function unit(vector: Vector3): Vector3 {
  return scaled(vector, 1 / Math.sqrt(dot(vector, vector)));
}

/** A vector turned about an axis (a unit vector) by an angle. */
export function rotated(vector: Vector3, axis: Vector3, angleRad: number): Vector3 {
  const [c, s] = [Math.cos(angleRad), Math.sin(angleRad)];
  return sum(sum(scaled(vector, c), scaled(cross(axis, vector), s)), scaled(axis, dot(axis, vector) * (1 - c)));
}

/** The volume turned under a hand that goes to the right and down; the eye goes the other way. */
export function pitched(orbit: Orbit, rightRad: number, downRad: number): Orbit {
  const aside = rotated(orbit.towardsEye, orbit.up, -rightRad);
  const across = unit(cross(orbit.up, aside));
  const towardsEye = unit(rotated(aside, across, -downRad));
  const up = rotated(orbit.up, across, -downRad);
  // Rounding would let the two drift apart over many turns.
  return { ...orbit, towardsEye, up: unit(sum(up, scaled(towardsEye, -dot(up, towardsEye)))) };
}

/** Where a point of the patient is seen: to the right and up from the middle of the picture, in half heights of it. */
export function projected(orbit: Orbit, centre: Vector3, radiusMm: number, point: Vector3): readonly [number, number] {
  const from = sum(point, scaled(centre, -1));
  const perMm = orbit.zoom / radiusMm;
  return [dot(from, rightOf(orbit)) * perMm, dot(from, orbit.up) * perMm];
}
