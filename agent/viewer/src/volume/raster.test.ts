// Slices as pixels: interpolation, windows, masks and borders, against what is worked out by hand or pixel by pixel.

import { describe, expect, it } from "vitest";
import { numbers } from "../segmentation/test-numbers";
import { drawColour, drawGrey, drawMasks, walkOf } from "./raster";
import type { Canvas32, View } from "./raster";

function canvas(width: number, height: number): Canvas32 {
  return { width, height, pixels: new Uint32Array(width * height) };
}

function rgb(pixel: number | undefined): readonly number[] {
  return [0, 8, 16].map((shift) => ((pixel ?? 0) >>> shift) & 0xff);
}

/** One pixel a voxel, so that pixels and voxels are the same. */
function straight(width: number, height: number): View {
  return { across: walkOf(width, -0.5, 1, width), down: walkOf(height, -0.5, 1, height), turned: false };
}

describe("a walk", () => {
  it("asks at the centres of pixels, and nothing beyond the outer borders of voxels", () => {
    const walk = walkOf(8, -1, 0.5, 2);
    expect([...walk.low]).toEqual([-1, 0, 0, 0, 1, -1, -1, -1]);
    expect([...walk.nearest].slice(1, 5)).toEqual([0, 0, 1, 1]);
    expect([...walk.weight].slice(1, 5)).toEqual([0, 0.25, 0.75, 0]);
  });

  it("goes backwards where the index falls along the screen", () => {
    expect([...walkOf(3, 2.5, -1, 3).nearest]).toEqual([2, 1, 0]);
  });
});

describe("grey", () => {
  it("is the window's, with black below and white above, and the other way round when inverted", () => {
    const plate = { width: 5, height: 1, values: Int16Array.from([-200, -100, 20, 100, 300]) };
    const target = canvas(5, 1);
    drawGrey(target, plate, straight(5, 1), { lower: -100, upper: 100, inverted: false });
    expect([...target.pixels].map((pixel) => rgb(pixel)[0])).toEqual([0, 0, 153, 255, 255]);
    drawGrey(target, plate, straight(5, 1), { lower: -100, upper: 100, inverted: true });
    expect([...target.pixels].map((pixel) => rgb(pixel)[0])).toEqual([255, 255, 102, 0, 0]);
    expect([...target.pixels].every((pixel) => pixel >>> 24 === 255)).toBe(true);
  });

  it("is interpolated between voxel centres before it is windowed, whichever way the slice is turned", () => {
    const next = numbers(2);
    for (let round = 0; round < 20; round += 1) {
      const [width, height] = [2 + Math.floor(next() * 6), 2 + Math.floor(next() * 6)];
      const values = Float32Array.from({ length: width * height }, () => next() * 1000);
      const turned = round % 2 === 1;
      const [sizeX, sizeY] = turned ? [height, width] : [width, height];
      const [startX, stepX, startY, stepY] = [next() * 3 - 1, (next() - 0.5) * 1.5, next() * 3 - 1, (next() - 0.5) * 1.5];
      const target = canvas(9, 7);
      drawGrey(target, { width, height, values }, { across: walkOf(9, startX, stepX, sizeX), down: walkOf(7, startY, stepY, sizeY), turned }, { lower: 100, upper: 900, inverted: false });
      const at = (x: number, y: number): number => values[turned ? x * width + y : y * width + x] ?? 0;
      for (let row = 0; row < 7; row += 1)
        for (let column = 0; column < 9; column += 1) {
          const [x, y] = [startX + (column + 0.5) * stepX, startY + (row + 0.5) * stepY];
          const inside = x >= -0.5 && y >= -0.5 && x < sizeX - 0.5 && y < sizeY - 0.5;
          const [u, v] = [Math.min(sizeX - 1, Math.max(0, x)), Math.min(sizeY - 1, Math.max(0, y))];
          const [i, j] = [Math.floor(u), Math.floor(v)];
          const [p, q] = [Math.min(sizeX - 1, i + 1), Math.min(sizeY - 1, j + 1)];
          const mean = (at(i, j) * (1 - u + i) + at(p, j) * (u - i)) * (1 - v + j) + (at(i, q) * (1 - u + i) + at(p, q) * (u - i)) * (v - j);
          const level = inside ? Math.min(255, Math.max(0, ((mean - 100) / 800) * 255)) : 0;
          expect(Math.abs((rgb(target.pixels[row * 9 + column])[0] ?? 0) - level)).toBeLessThan(0.51);
        }
    }
  });
});

describe("colour", () => {
  it("stays what it is at voxel centres, and is mixed between them", () => {
    const plate = { width: 2, height: 1, values: Uint8Array.from([10, 20, 30, 110, 220, 30]) };
    const target = canvas(3, 1);
    drawColour(target, plate, { across: walkOf(3, -0.25, 0.5, 2), down: walkOf(1, -0.5, 1, 1), turned: false });
    expect([...target.pixels].map(rgb)).toEqual([[10, 20, 30], [60, 120, 30], [110, 220, 30]]);
  });
});

describe("masks", () => {
  const colours = new Map([[1, [200, 100, 0] as const]]);

  it("are mixed with the picture inside, and solid at the border of a label", () => {
    const target = canvas(5, 5);
    target.pixels.fill(0xff646464);
    const labels = new Uint8Array(25);
    for (let j = 1; j < 4; j += 1) labels.fill(1, j * 5 + 1, j * 5 + 4);
    drawMasks(target, straight(5, 5), { labels, width: 5, colours, fillAlpha: 0.5 });
    expect(rgb(target.pixels[12])).toEqual([150, 100, 50]);
    expect(rgb(target.pixels[6])).toEqual([200, 100, 0]);
    expect(rgb(target.pixels[0])).toEqual([100, 100, 100]);
  });

  it("without a colour of their own are not drawn", () => {
    const target = canvas(3, 3);
    drawMasks(target, straight(3, 3), { labels: new Uint8Array(9).fill(7), width: 3, colours, fillAlpha: 0.5 });
    expect([...target.pixels]).toEqual(new Array(9).fill(0));
  });
});
