// Which places an address may ask for, and what is said of those that it may not.

import { describe, expect, it } from "vitest";
import type { Grid } from "../volume/grid";
import { focusOf, withoutFocus } from "./focus-link";

const GRID: Grid = { dimensions: [120, 90, 12], spacingMm: [1, 1, 1], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
const IMAGES = { grid: GRID, inPicture: ([i, , k]: readonly [number, number, number]) => k !== 5 || i < 60 };

describe("an address", () => {
  it("asks for no place, or for a voxel", () => {
    expect(focusOf("", IMAGES)).toEqual({ kind: "none" });
    expect(focusOf("?theme=dark", IMAGES)).toEqual({ kind: "none" });
    expect(focusOf("?focus=0,0,0", IMAGES)).toEqual({ kind: "voxel", index: [0, 0, 0] });
    expect(focusOf("?focus=119%2C89%2C11", IMAGES)).toEqual({ kind: "voxel", index: [119, 89, 11] });
  });

  it.each(["", "40", "1,2", "1,2,3,4", "1.5,2,3", "-1,2,3", "1, 2,3", "1e2,0,0", "a,b,c", "0x1,0,0", "9999999999,0,0"])("that asks for %j is refused by name", (value) => {
    expect(focusOf(`?focus=${encodeURIComponent(value)}`, IMAGES)).toEqual({
      kind: "refused",
      why: "The address asks for a place (focus) that is not three whole numbers, such as focus=120,88,40. The middle is shown.",
    });
  });

  it("that asks twice is refused", () => {
    expect(focusOf("?focus=1,2,3&focus=1,2,3", IMAGES).kind).toBe("refused");
  });

  it.each(["120,0,0", "0,90,0", "0,0,12"])("that asks for a voxel beyond the images, %s, is told how large they are", (value) => {
    expect(focusOf(`?focus=${value}`, IMAGES)).toMatchObject({ why: `The address asks for voxel ${value.replaceAll(",", ", ")} (focus), and the images have 120 × 90 × 12 voxels. The middle is shown.` });
  });

  it("that asks for what is beside a smaller picture is told so", () => {
    expect(focusOf("?focus=59,0,5", IMAGES).kind).toBe("voxel");
    expect(focusOf("?focus=60,0,5", IMAGES)).toMatchObject({ kind: "refused", why: expect.stringContaining("does not reach so far") as unknown });
  });

  it("is left without the place that was another task's", () => {
    expect(withoutFocus("https://agent.hospital/?focus=1,2,3&theme=dark#top")).toBe("https://agent.hospital/?theme=dark#top");
  });
});
