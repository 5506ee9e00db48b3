// Surfaces: closed, turned outwards, and never further from the mask than half a voxel.

import { describe, expect, it } from "vitest";
import type { Grid, Vector3 } from "./grid";
import { meshOf, netOf, relax } from "./surface-nets";
import type { MaskBox, Mesh } from "./surface-nets";

const GRID: Grid = { dimensions: [60, 60, 60], spacingMm: [0.8, 1.1, 2.5], originMm: [-20, 10, 5], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
const LEFT_HANDED: Grid = { ...GRID, directions: [[1, 0, 0], [0, 1, 0], [0, 0, -1]] };

function boxOf(size: Vector3, inside: (i: number, j: number, k: number) => boolean): MaskBox {
  const mask = new Uint8Array(size[0] * size[1] * size[2]);
  for (let k = 0; k < size[2]; k += 1) for (let j = 0; j < size[1]; j += 1) for (let i = 0; i < size[0]; i += 1) if (inside(i, j, k)) mask[(k * size[1] + j) * size[0] + i] = 1;
  return { mask, size };
}

const BALL = boxOf([21, 19, 17], (i, j, k) => ((i - 10) / 9.6) ** 2 + ((j - 9) / 8.6) ** 2 + ((k - 8) / 7.6) ** 2 <= 1);

function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

function surface(box: MaskBox, grid: Grid): Mesh {
  const net = netOf(box);
  relax(net);
  return meshOf(net, grid, [3, 4, 5], 1);
}

/** Enclosed volume in mm³ by the divergence theorem; positive when the faces are turned outwards. */
function volume({ positions, triangles }: Mesh): number {
  let total = 0;
  const at = (n: number): readonly number[] => [...positions.subarray(3 * (triangles[n] ?? 0), 3 * (triangles[n] ?? 0) + 3)];
  for (let n = 0; n < triangles.length; n += 3) {
    const [a, b, c] = [at(n), at(n + 1), at(n + 2)] as [number[], number[], number[]];
    const [ax = 0, ay = 0, az = 0] = a;
    const [bx = 0, by = 0, bz = 0] = b;
    const [cx = 0, cy = 0, cz = 0] = c;
    total += (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6;
  }
  return total;
}

describe("a surface", () => {
  it.each([["right-handed", GRID], ["left-handed", LEFT_HANDED]])("encloses about the volume of its voxels on a %s grid, and is turned outwards", (_name, grid) => {
    const voxels = BALL.mask.reduce((total, value) => total + value, 0) * 0.8 * 1.1 * 2.5;
    const enclosed = volume(surface(BALL, grid));
    expect(enclosed / voxels).toBeGreaterThan(0.93);
    expect(enclosed / voxels).toBeLessThan(1.02);
  });

  it("is closed: every edge is gone along once in each direction", () => {
    const next = numbers(4);
    for (let round = 0; round < 30; round += 1) {
      const { quads } = netOf(boxOf([6, 5, 4], () => next() < 0.4));
      const edges = new Map<string, number>();
      for (let quad = 0; quad < quads.length; quad += 4)
        for (let corner = 0; corner < 4; corner += 1) {
          const [from, to] = [quads[quad + corner] ?? 0, quads[quad + ((corner + 1) % 4)] ?? 0];
          const [key, way] = from < to ? [`${from}-${to}`, 1] : [`${to}-${from}`, -1];
          edges.set(key, (edges.get(key) ?? 0) + way);
        }
      expect([...edges.values()].every((balance) => balance === 0)).toBe(true);
    }
  });

  it("stays in its cells however often it is relaxed", () => {
    const next = numbers(9);
    const net = netOf(boxOf([8, 8, 8], () => next() < 0.5));
    const before = net.places.slice();
    relax(net, 50);
    expect(net.places.every((place, n) => Math.abs(place - (before[n] ?? 0)) <= 0.5)).toBe(true);
  });

  it("of one voxel is a small box around its centre", () => {
    const mesh = surface(boxOf([1, 1, 1], () => true), GRID);
    expect(mesh.positions).toHaveLength(24);
    const [x, y, z] = [0, 1, 2].map((axis) => mesh.positions.filter((_, n) => n % 3 === axis).reduce((total, value) => total + value, 0) / 8);
    expect(x).toBeCloseTo(-20 + 3 * 0.8, 4);
    expect(y).toBeCloseTo(10 + 4 * 1.1, 4);
    expect(z).toBeCloseTo(5 + 5 * 2.5, 4);
  });

  it("of nothing is nothing", () => {
    expect(netOf(boxOf([3, 3, 3], () => false)).quads).toHaveLength(0);
  });

  it("has normals that point away from the middle of a ball", () => {
    const { positions, normals } = surface(BALL, GRID);
    const middle = [-20 + 13 * 0.8, 10 + 13 * 1.1, 5 + 13 * 2.5];
    let away = 0;
    for (let n = 0; n < positions.length; n += 3) {
      const outwards = [0, 1, 2].reduce((total, axis) => total + (normals[n + axis] ?? 0) * ((positions[n + axis] ?? 0) - (middle[axis] ?? 0)), 0);
      if (outwards > 0) away += 1;
    }
    expect(away).toBe(positions.length / 3);
  });
});
