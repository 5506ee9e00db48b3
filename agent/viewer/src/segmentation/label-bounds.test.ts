// The box of a label and its mask, against all voxels of the volume.

import { describe, expect, it } from "vitest";
import type { Grid } from "../volume/grid";
import { LabelBounds, maskOf } from "./label-bounds";
import { Labels } from "./labels";
import { numbers } from "./test-numbers";

const GRID: Grid = { dimensions: [9, 8, 7], spacingMm: [1, 1, 1], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };

function indexOf(offset: number): readonly [number, number, number] {
  return [offset % 9, Math.floor(offset / 9) % 8, Math.floor(offset / 72)];
}

describe("the box of a label", () => {
  it("is the smallest around its voxels, whatever is drawn and taken away", () => {
    const next = numbers(6);
    const labels = new Labels(GRID);
    const bounds = new LabelBounds(labels);
    for (let round = 0; round < 600; round += 1) {
      labels.set(Math.floor(next() * 504), next() < 0.7 ? 0 : 1 + Math.floor(next() * 2));
      if (round === 300) labels.load([{ k: 3, runs: [[4, 3, 2]] }]);
      if (round % 7 > 0) continue;
      for (const label of [1, 2]) {
        const places = Array.from({ length: 504 }, (_, offset) => offset).filter((offset) => labels.at(offset) === label).map(indexOf);
        const box = bounds.of(label);
        if (places.length === 0) expect(box).toBeUndefined();
        else {
          expect(box?.lower).toEqual([0, 1, 2].map((axis) => Math.min(...places.map((place) => place[axis] ?? 0))));
          expect(box?.upper).toEqual([0, 1, 2].map((axis) => Math.max(...places.map((place) => place[axis] ?? 0))));
        }
      }
    }
  });

  it("gives the mask of the label alone, and a coarser one where it would be large", () => {
    const labels = new Labels(GRID);
    labels.load([{ k: 2, runs: [[10, 4, 1], [14, 1, 2]] }, { k: 3, runs: [[19, 5, 1]] }]);
    const box = new LabelBounds(labels).of(1);
    if (!box) throw new Error("there is no box");
    const { mask, size, step } = maskOf(labels, 1, box, 1000);
    expect([size, step]).toEqual([[5, 2, 2], 1]);
    expect([...mask]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(maskOf(labels, 1, box, 4)).toMatchObject({ size: [3, 1, 1], step: 2 });
  });
});
