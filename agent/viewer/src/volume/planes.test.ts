// Which way the panes look and how they are turned.

import { describe, expect, it } from "vitest";
import { toPane, toSlice } from "./affine";
import { cross, dot } from "./grid";
import type { Grid, Vector3 } from "./grid";
import { patientLetters, planesOf, stackPlane } from "./planes";

function grid(directions: readonly [Vector3, Vector3, Vector3]): Grid {
  return { dimensions: [10, 11, 12], spacingMm: [1, 2, 3], originMm: [0, 0, 0], directions };
}

const AXIAL = grid([[1, 0, 0], [0, 1, 0], [0, 0, 1]]);
const SAGITTAL_SERIES = grid([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]);
const LEFT_HANDED = grid([[-1, 0, 0], [0, 1, 0], [0, 0, 1]]);

describe("the panes", () => {
  it("show an axial series in the radiological way", () => {
    const [axial, sagittal, coronal] = planesOf(AXIAL);
    expect(axial).toMatchObject({ name: "axial", axis: 2, reading: -1, letters: { left: "R", right: "L", top: "A", bottom: "P" } });
    expect(sagittal).toMatchObject({ name: "sagittal", axis: 0, letters: { left: "A", right: "P", top: "H", bottom: "F" } });
    expect(coronal).toMatchObject({ name: "coronal", axis: 1, letters: { left: "R", right: "L", top: "H", bottom: "F" } });
  });

  it.each([["sagittal series", SAGITTAL_SERIES], ["left-handed grid", LEFT_HANDED]] as const)("are turned the same way for a %s", (_name, series) => {
    expect(planesOf(series).map((plane) => plane.letters)).toEqual(planesOf(AXIAL).map((plane) => plane.letters));
  });

  it("look across a different axis each", () => {
    for (const series of [AXIAL, SAGITTAL_SERIES, LEFT_HANDED]) {
      expect(new Set(planesOf(series).map((plane) => plane.axis)).size).toBe(3);
    }
  });

  it("look along the axis that they cut", () => {
    const angle = 0.6;
    const oblique = grid([[Math.cos(angle), 0, Math.sin(angle)], [0, 1, 0], [-Math.sin(angle), 0, Math.cos(angle)]]);
    for (const plane of planesOf(oblique)) {
      expect(Math.abs(dot(plane.normal, oblique.directions[plane.axis]))).toBeCloseTo(1);
      expect(cross(plane.right, plane.up).every((value, n) => Math.abs(value - (plane.normal[n] ?? 0)) < 1e-9)).toBe(true);
    }
  });

  it("of a stack show the images as they were taken", () => {
    expect(stackPlane(SAGITTAL_SERIES)).toMatchObject({ name: "sagittal", axis: 2, letters: { left: "A", top: "H" } });
  });
});

describe("patient letters", () => {
  it("name the strongest direction first and leave weak ones out", () => {
    expect(patientLetters([0.8, -0.6, 0])).toBe("LA");
    expect(patientLetters([0.1, 0, -0.99])).toBe("F");
  });
});

describe("the map between slice and pane", () => {
  it("goes there and back", () => {
    const affine = { origin: [12.5, 300.25], perA: [2.1, 0.3], perB: [-0.2, -3.4] } as const;
    const [a, b] = toSlice(affine, toPane(affine, [17.25, 4.5]));
    expect(a).toBeCloseTo(17.25, 9);
    expect(b).toBeCloseTo(4.5, 9);
  });
});
