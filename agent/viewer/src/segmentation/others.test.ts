// The label maps of others: slices across each axis, outlines, and where they disagree.

import { describe, expect, it } from "vitest";
import type { LabelSlice } from "../api/types";
import type { Grid } from "../volume/grid";
import { Labels } from "./labels";
import { RunMap, disagreement, slicesByDisagreement } from "./others";
import { outlineOf } from "./outline";
import type { Plate } from "./outline";
import { numbers } from "./test-numbers";

const GRID: Grid = { dimensions: [7, 5, 4], spacingMm: [1, 1, 1], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };

function plateOf(rows: readonly string[]): Plate {
  return { width: rows[0]?.length ?? 0, height: rows.length, values: Uint8Array.from(rows.join(""), Number) };
}

/** Random label maps as runs, some of them over several rows. */
function random(seed: number): { readonly labels: Uint8Array; readonly slices: readonly LabelSlice[] } {
  const next = numbers(seed);
  const labels = new Uint8Array(7 * 5 * 4);
  const slices = [0, 1, 3].map((k) => {
    const runs: [number, number, number][] = [];
    for (let start = Math.floor(next() * 4); start < 35; start += Math.floor(next() * 5)) {
      const length = Math.min(35 - start, 1 + Math.floor(next() * 12));
      const label = 1 + Math.floor(next() * 2);
      runs.push([start, length, label]);
      labels.fill(label, k * 35 + start, k * 35 + start + length);
      start += length;
    }
    return { k, runs };
  });
  return { labels, slices };
}

describe("a map of runs", () => {
  it("gives the slices across each axis as they are in the volume", () => {
    for (let seed = 1; seed < 60; seed += 1) {
      const { labels, slices } = random(seed);
      const map = new RunMap(GRID, slices);
      const at = (i: number, j: number, k: number): number => labels[(k * 5 + j) * 7 + i] ?? 0;
      for (let k = 0; k < 4; k += 1) expect(map.plate(2, k).values).toEqual(labels.slice(k * 35, k * 35 + 35));
      for (let i = 0; i < 7; i += 1) expect([...map.plate(0, i).values]).toEqual(Array.from({ length: 20 }, (_, n) => at(i, n % 5, Math.floor(n / 5))));
      for (let j = 0; j < 5; j += 1) expect([...map.plate(1, j).values]).toEqual(Array.from({ length: 28 }, (_, n) => at(n % 7, j, Math.floor(n / 7))));
    }
  });

  it("takes the place of another label map, and knows what was there", () => {
    const labels = new Labels(GRID);
    labels.set(70, 2);
    labels.set(1, 1);
    const edit = new RunMap(GRID, [{ k: 0, runs: [[0, 3, 1], [9, 2, 7]] }]).writeTo(labels, (label) => label < 3);
    expect([labels.voxelsOf(1), labels.voxelsOf(2), labels.voxelsOf(7)]).toEqual([3, 0, 0]);
    expect(edit.changes()).toEqual([{ k: 0, runs: [[0, 1, 0, 1], [2, 1, 0, 1]] }, { k: 2, runs: [[0, 1, 2, 0]] }]);
  });
});

describe("an outline", () => {
  it("goes along the borders of voxels and keeps the corners alone", () => {
    expect(outlineOf(plateOf(["000", "011", "010"]), (value) => value === 1)).toEqual([[[0.5, 0.5], [2.5, 0.5], [2.5, 1.5], [1.5, 1.5], [1.5, 2.5], [0.5, 2.5]]]);
  });

  it("goes around a hole, too, and keeps voxels apart that touch by a corner", () => {
    expect(outlineOf(plateOf(["111", "101", "111"]), (value) => value === 1).map((path) => path.length)).toEqual([4, 4]);
    expect(outlineOf(plateOf(["10", "01"]), (value) => value === 1)).toHaveLength(2);
  });

  it("encloses exactly the voxels, whatever their shape", () => {
    for (let seed = 1; seed < 80; seed += 1) {
      const plate = new RunMap(GRID, random(seed).slices).plate(2, 1);
      const paths = outlineOf(plate, (value) => value === 2);
      // The shoelace formula: voxels lie to the right, holes count against them.
      const area = paths.reduce((total, path) => total + path.reduce((sum, [x, y], n) => {
        const [nextX, nextY] = path[(n + 1) % path.length] ?? [x, y];
        return sum + (x * nextY - nextX * y) / 2;
      }, 0), 0);
      expect(area).toBe(plate.values.filter((value) => value === 2).length);
    }
  });
});

describe("disagreement", () => {
  it("is where not all say the same", () => {
    expect([...(disagreement([plateOf(["012"]), plateOf(["011"]), plateOf(["012"])])?.values ?? [])]).toEqual([0, 0, 1]);
    expect(disagreement([])).toBeUndefined();
  });

  it("leads to the worst slice first", () => {
    const one = new RunMap(GRID, [{ k: 0, runs: [[0, 3, 1]] }, { k: 2, runs: [[0, 5, 1]] }]);
    const other = new RunMap(GRID, [{ k: 0, runs: [[1, 2, 1]] }, { k: 3, runs: [[4, 2, 1]] }]);
    expect(slicesByDisagreement([one, other])).toEqual([{ k: 2, voxels: 5 }, { k: 3, voxels: 2 }, { k: 0, voxels: 1 }]);
  });
});
