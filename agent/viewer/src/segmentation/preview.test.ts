// Facts about previews: which voxels are hatched, when one still fits, and what is no change of this grid at all.

import { describe, expect, it } from "vitest";
import type { ChangeSlice } from "../api/types";
import { gridOf } from "../volume/description";
import { axesInSlice, indexInSlice, offsetOf, voxelCount } from "../volume/grid";
import type { Axis, Grid } from "../volume/grid";
import { Labels } from "./labels";
import { PreviewMap, checkedSlices } from "./preview";
import { boxOfSights } from "./preview-box";
import { edgesOf } from "./preview-edges";
import { Scribbles } from "./preview-scribbles";
import { inverse } from "./runs";
import { numbers } from "./test-numbers";

const GRID: Grid = gridOf({
  dimensions: [7, 5, 4], spacing_mm: [1, 1, 3], origin_mm: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1], data_type: "int16",
  minimum: 0, maximum: 1, modality: "CT", unit: "", tools_3d: true, reasons: [], windows: [], default_window: 0, inverted: false, frame_time_ms: null,
});

const SLICES: readonly ChangeSlice[] = [
  { k: 1, runs: [[3, 6, 0, 1], [12, 2, 2, 0]] },
  { k: 3, runs: [[0, 1, 0, 2], [20, 9, 1, 2], [34, 1, 1, 0]] },
];

/** The labels that the slices expect to find. */
function expected(): Labels {
  const labels = new Labels(GRID);
  labels.load(SLICES.map(({ k, runs }) => ({ k, runs: runs.filter((run) => run[2] !== 0).map(([start, length, old]) => [start, length, old] as const) })));
  return labels;
}

function eachVoxel(axis: Axis, slice: number, check: (place: number, offset: number) => void): void {
  const [first, second] = axesInSlice(axis);
  const [width, height] = [GRID.dimensions[first], GRID.dimensions[second]];
  for (let b = 0; b < height; b += 1) for (let a = 0; a < width; a += 1) check(b * width + a, offsetOf(GRID, indexInSlice(axis, slice, [a, b])));
}

describe("a preview", () => {
  it("hatches in every slice of every pane exactly what accepting it would change", () => {
    const map = new PreviewMap(GRID, SLICES);
    const before = expected();
    const after = expected();
    after.apply(SLICES);
    for (const axis of [0, 1, 2] as const) {
      for (let slice = 0; slice < GRID.dimensions[axis]; slice += 1) {
        const [addition, removal] = [map.additionPlate(axis, slice), map.removalPlate(axis, slice)];
        eachVoxel(axis, slice, (place, offset) => {
          const [old, now] = [before.at(offset), after.at(offset)];
          expect(addition.values[place]).toBe(old === now ? 0 : now);
          expect(removal.values[place]).toBe(old !== now && now === 0 ? old : 0);
        });
      }
    }
    expect([map.added, map.removed]).toEqual([16, 3]);
  });

  it("is taken back by its inverse to the same labels", () => {
    const labels = expected();
    const all = (): number[] => Array.from({ length: voxelCount(GRID) }, (_, offset) => labels.at(offset));
    const before = all();
    labels.apply(SLICES);
    expect(all()).not.toEqual(before);
    labels.apply(inverse(SLICES));
    expect(all()).toEqual(before);
  });

  it("fits only while every voxel that it touches has the label it was computed for", () => {
    const map = new PreviewMap(GRID, SLICES);
    const labels = expected();
    expect(map.fits(labels)).toBe(true);
    labels.set(GRID.dimensions[0] * GRID.dimensions[1] + 30, 2);
    expect(map.fits(labels)).toBe(true);
    labels.set(GRID.dimensions[0] * GRID.dimensions[1] + 4, 2);
    expect(map.fits(labels)).toBe(false);
  });

  it("is looked at where it changes most", () => {
    const middle = new PreviewMap(GRID, SLICES).middle();
    expect(middle?.[2]).toBe(3);
    // The sixth of eleven changed voxels.
    expect(middle).toEqual([24 % 7, Math.floor(24 / 7), 3]);
    expect(new PreviewMap(GRID, []).middle()).toBeUndefined();
  });

  it.each<readonly [string, ChangeSlice[]]>([
    ["beyond the last slice", [{ k: 4, runs: [[0, 1, 0, 1]] }]],
    ["slices out of order", [{ k: 2, runs: [] }, { k: 1, runs: [] }]],
    ["beyond the end of a slice", [{ k: 0, runs: [[30, 6, 0, 1]] }]],
    ["overlapping runs", [{ k: 0, runs: [[3, 4, 0, 1], [6, 2, 0, 1]] }]],
    ["an empty run", [{ k: 0, runs: [[3, 0, 0, 1]] }]],
    ["no change", [{ k: 0, runs: [[3, 1, 1, 1]] }]],
    ["a label that does not fit", [{ k: 0, runs: [[3, 1, 0, 256]] }]],
    ["a fraction", [{ k: 0, runs: [[3.5, 1, 0, 1]] }]],
  ])("is refused with %s", (_, slices) => {
    expect(checkedSlices(GRID, slices)).toBeUndefined();
    expect(checkedSlices(GRID, SLICES)).toBe(SLICES);
  });
});

describe("scribbles", () => {
  it("are the same in all panes, and gone where they are rubbed out", () => {
    const scribbles = new Scribbles(GRID);
    const offsets = [0, 1, 2, 36, 40, 104];
    scribbles.mark(offsets, 2);
    scribbles.mark([1, 36], 1);
    scribbles.mark([0, 139], 0);
    expect(scribbles.voxels).toBe(5);
    const values = new Map([[1, 1], [2, 2], [36, 1], [40, 2], [104, 2]]);
    for (const axis of [0, 1, 2] as const) {
      for (let slice = 0; slice < GRID.dimensions[axis]; slice += 1) {
        const plate = scribbles.plate(axis, slice);
        eachVoxel(axis, slice, (place, offset) => expect(plate.values[place]).toBe(values.get(offset) ?? 0));
      }
    }
    expect(scribbles.runs()).toEqual([
      { k: 0, runs: [[1, 1, 1], [2, 1, 2]] },
      { k: 1, runs: [[1, 1, 1], [5, 1, 2]] },
      { k: 2, runs: [[34, 1, 2]] },
    ]);
    scribbles.clear();
    expect([scribbles.voxels, scribbles.runs()]).toEqual([0, []]);
  });
});

describe("the box of the current view", () => {
  it("is what all panes show, cut at the volume, half voxels and all", () => {
    const axial = { axis: 2, affine: { origin: [10, 10], perA: [10, 0], perB: [0, 10] }, widthPx: 44, heightPx: 200 } as const;
    expect(boxOfSights(GRID, [axial])).toEqual({ lower: [0, 0, 0], upper: [3, 4, 3] });
    // Turned upside down, as the slices of a coronal pane are.
    const coronal = { axis: 1, affine: { origin: [0, 25], perA: [10, 0], perB: [0, -10] }, widthPx: 200, heightPx: 28 } as const;
    expect(boxOfSights(GRID, [axial, coronal])).toEqual({ lower: [0, 0, 0], upper: [3, 4, 2] });
    expect(boxOfSights(GRID, [axial, { ...coronal, heightPx: 18 }])).toEqual({ lower: [0, 0, 1], upper: [3, 4, 2] });
    expect(boxOfSights(GRID, [{ ...axial, affine: { ...axial.affine, origin: [500, 10] } }])).toBeUndefined();
  });
});

describe("the border of a set of voxels", () => {
  it("runs between every voxel inside and every one outside, and nowhere else", () => {
    const next = numbers(7);
    const below = (limit: number): number => Math.floor(next() * limit);
    for (let turn = 0; turn < 40; turn += 1) {
      const [width, height] = [1 + below(7), 1 + below(7)];
      const plate = { width, height, values: Uint8Array.from({ length: width * height }, () => below(3)) };
      const at = (a: number, b: number): boolean => a >= 0 && b >= 0 && a < width && b < height && plate.values[b * width + a] === 1;
      const expected = new Set<string>();
      for (let b = 0; b <= height; b += 1) {
        for (let a = 0; a <= width; a += 1) {
          if (at(a, b) !== at(a, b - 1)) expected.add(`across ${a} ${b}`);
          if (at(a, b) !== at(a - 1, b)) expected.add(`down ${a} ${b}`);
        }
      }
      const edges = edgesOf(plate, 1);
      const found: string[] = [];
      for (let n = 0; n < edges.length; n += 4) {
        const [fromA = 0, fromB = 0, toA = 0, toB = 0] = edges.slice(n, n + 4).map((place) => place + 0.5);
        for (let a = fromA; a < toA; a += 1) found.push(`across ${a} ${fromB}`);
        for (let b = fromB; b < toB; b += 1) found.push(`down ${fromA} ${b}`);
      }
      expect(found).toHaveLength(expected.size);
      expect(new Set(found)).toEqual(expected);
    }
  });

  it("is as few pieces as it has straight sides", () => {
    const values = new Uint8Array(30).fill(2);
    expect(edgesOf({ width: 6, height: 5, values }, 2)).toEqual([-0.5, -0.5, 5.5, -0.5, -0.5, 4.5, 5.5, 4.5, -0.5, -0.5, -0.5, 4.5, 5.5, -0.5, 5.5, 4.5]);
    expect(edgesOf({ width: 6, height: 5, values }, 1)).toEqual([]);
  });
});
