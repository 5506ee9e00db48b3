// The stream of voxels and the description that comes before it.

import { describe, expect, it } from "vitest";
import type { VolumeDescription } from "../api/types";
import { DescriptionError, gridOf, presentationOf } from "./description";
import type { Grid } from "./grid";
import { VoxelStream, VoxelStreamError, outward } from "./stream";

const GRID: Grid = { dimensions: [4, 3, 5], spacingMm: [1, 1, 1], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
const VALUES = Int16Array.from({ length: 60 }, (_, n) => n * 11 - 300);

function body(bytes: Uint8Array, piece: number): ReadableStream<Uint8Array> {
  let start = 0;
  return new ReadableStream({
    pull(controller) {
      if (start >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(start, start + piece));
      start += piece;
    },
  });
}

describe("the stream of voxels", () => {
  it.each([1, 5, 24, 25, 1000])("puts slices together from pieces of %i bytes", async (piece) => {
    const stream = new VoxelStream(GRID, "int16", 0);
    await stream.readFrom(body(new Uint8Array(VALUES.buffer), piece));
    expect(stream.complete).toBe(true);
    for (let k = 0; k < 5; k += 1) expect(stream.slice(k)).toEqual(VALUES.slice(12 * k, 12 * k + 12));
  });

  it("takes slices in the order in which they are sent, from the one that is looked at", async () => {
    expect(outward(3, 5)).toEqual([3, 4, 2, 1, 0]);
    expect(outward(0, 3)).toEqual([0, 1, 2]);
    expect(outward(2, 3)).toEqual([2, 1, 0]);
    expect(outward(0, 1)).toEqual([0]);
    const stream = new VoxelStream(GRID, "int16", 3);
    const seen: (number | undefined)[][] = [];
    stream.subscribe(() => seen.push([0, 1, 2, 3, 4].map((k) => stream.slice(k)?.[0])));
    await stream.readFrom(body(new Uint8Array(VALUES.buffer), 24));
    const at = (n: number): number | undefined => VALUES[12 * n];
    expect(seen[0]).toEqual([undefined, undefined, undefined, at(0), undefined]);
    expect(seen[2]).toEqual([undefined, undefined, at(2), at(0), at(1)]);
    expect(seen.at(-1)).toEqual([at(4), at(3), at(2), at(0), at(1)]);
  });

  it("keeps colours as three bytes a voxel", async () => {
    const stream = new VoxelStream(GRID, "rgb8", 0);
    const bytes = Uint8Array.from({ length: 180 }, (_, n) => n);
    await stream.readFrom(body(bytes, 7));
    expect(stream.channels).toBe(3);
    expect(stream.slice(4)).toEqual(bytes.slice(144));
  });

  it("that ends too early fails and never calls itself complete", async () => {
    const stream = new VoxelStream(GRID, "int16", 0);
    let told = 0;
    stream.subscribe(() => (told += 1));
    await expect(stream.readFrom(body(new Uint8Array(VALUES.buffer, 0, 100), 30))).rejects.toBeInstanceOf(VoxelStreamError);
    expect(told).toBeGreaterThan(4);
    expect(stream.failure).toBeInstanceOf(VoxelStreamError);
    expect(stream.slice(4)).toBeUndefined();
    expect(stream.ready).toBe(4);
    expect(stream.complete).toBe(false);
  });

  it("that is too long is refused", async () => {
    const stream = new VoxelStream(GRID, "float32", 0);
    await expect(stream.readFrom(body(new Uint8Array(241), 241))).rejects.toThrow("longer");
  });
});

const DESCRIPTION: VolumeDescription = {
  dimensions: [4, 3, 5], spacing_mm: [1, 2, 3], origin_mm: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1], data_type: "int16",
  minimum: 0, maximum: 1, modality: "MR", unit: "", tools_3d: true, reasons: [], windows: [], default_window: 0, inverted: false,
};

describe("the description of a volume", () => {
  it("with right angles and even spacing gives three panes", () => {
    expect(presentationOf(DESCRIPTION)).toMatchObject({ kind: "volume", reasons: [], noSlab: undefined });
  });

  it("that cannot be a volume gives one pane and the reason in words", () => {
    const stack = presentationOf({ ...DESCRIPTION, tools_3d: false, reasons: ["variable-spacing"] });
    expect(stack).toMatchObject({ kind: "stack", reasons: ["the slices are not evenly spaced"], noSlab: "the slices are not evenly spaced" });
  });

  it("that is sheared or in colour is shown as a stack, whatever it says", () => {
    expect(presentationOf({ ...DESCRIPTION, direction: [1, 0, 0, 0, 1, 0, 0, 0.6, 0.8] }).kind).toBe("stack");
    expect(presentationOf({ ...DESCRIPTION, data_type: "rgb8" })).toMatchObject({ kind: "stack", reasons: ["the images are in colour"], noSlab: "the images are in colour" });
  });

  it("may be longer along an axis than a graphics card takes", () => {
    expect(presentationOf({ ...DESCRIPTION, dimensions: [512, 512, 4000] }).kind).toBe("volume");
  });

  it("that does not say how large its pixels are is measured in pixels", () => {
    expect(presentationOf({ ...DESCRIPTION, tools_3d: false, reasons: ["uncalibrated"] }).calibratedAt(0)).toBe(false);
    expect(presentationOf({ ...DESCRIPTION, tools_3d: false, reasons: ["single-slice"] }).calibratedAt(0)).toBe(true);
  });

  it("has no left and right where the images do not say how they lie", () => {
    expect(presentationOf({ ...DESCRIPTION, tools_3d: false, reasons: ["single-slice"] }).oriented).toBe(true);
    expect(presentationOf({ ...DESCRIPTION, tools_3d: false, reasons: ["single-slice", "missing-geometry", "detector-spacing"] }).oriented).toBe(false);
  });

  it("with an axis that is too long for 3D keeps its three panes, and says why there is no fourth", () => {
    const long = { ...DESCRIPTION, dimensions: [64, 64, 2_500] as const, tools_3d: false, reasons: ["axis-over-2048"] };
    expect(presentationOf(long)).toMatchObject({ kind: "volume", noScene: "an axis is longer than 2,048 voxels" });
    expect(presentationOf({ ...long, direction: [1, 0, 0, 0, 1, 0, 0, 0.6, 0.8] }).kind).toBe("stack");
  });

  it("whose pictures differ in size says what of each slice is picture", () => {
    const slices = [{ columns: 4, rows: 3, spacing_mm: [1, 2] as const }, { columns: 2, rows: 3, spacing_mm: null }, ...Array.from({ length: 3 }, () => ({ columns: 4, rows: 1, spacing_mm: [0.5, 0.5] as const }))];
    const stack = presentationOf({ ...DESCRIPTION, tools_3d: false, reasons: ["mixed-size"], slices });
    expect([stack.calibratedAt(0), stack.calibratedAt(1)]).toEqual([true, false]);
    expect(stack.gridAt(1)).toMatchObject({ dimensions: [2, 3, 5], spacingMm: [1, 1, 3] });
    expect(stack.gridAt(4)).toMatchObject({ dimensions: [4, 1, 5], spacingMm: [0.5, 0.5, 3] });
    expect([stack.inPicture([1, 2, 1]), stack.inPicture([2, 2, 1]), stack.inPicture([3, 0, 4]), stack.inPicture([3, 1, 4])]).toEqual([true, false, true, false]);
    expect(() => presentationOf({ ...DESCRIPTION, tools_3d: false, reasons: ["mixed-size"], slices: slices.slice(1) })).toThrow(DescriptionError);
  });

  it.each([
    ["dimensions", { dimensions: [4, 0, 5] as const }],
    ["spacing", { spacing_mm: [1, -1, 1] as const }],
    ["direction", { direction: [1, 0, 0, 0, 1, 0] }],
    ["direction", { direction: [2, 0, 0, 0, 1, 0, 0, 0, 1] }],
    ["origin", { origin_mm: [0, Number.NaN, 0] as const }],
  ])("with an unusable %s is refused by name", (field, change) => {
    expect(() => gridOf({ ...DESCRIPTION, ...change })).toThrow(new DescriptionError(field));
  });
});
