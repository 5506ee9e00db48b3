import { describe, expect, it } from "vitest";
import { changed, dragged, regionWords, strip, withRegion } from "./regions";

const SIZE = { columns: 640, rows: 480 };

describe("a rectangle", () => {
  it("holds every pixel that a drag touches, in any direction", () => {
    expect(dragged([10.2, 20.9], [12.1, 22], SIZE)).toEqual({ left: 10, top: 20, width: 3, height: 2 });
    expect(dragged([12.1, 22], [10.2, 20.9], SIZE)).toEqual({ left: 10, top: 20, width: 3, height: 2 });
  });

  it("ends where the picture does, and is none without any pixel", () => {
    expect(dragged([-5, -5], [700, 3.5], SIZE)).toEqual({ left: 0, top: 0, width: 640, height: 4 });
    expect(dragged([5, 5], [5, 9], SIZE)).toBeUndefined();
    expect(dragged([700, 5], [900, 9], SIZE)).toBeUndefined();
  });

  it("stays whole and inside when its numbers change", () => {
    const region = { left: 10, top: 10, width: 20, height: 20 };
    expect(changed(region, { left: 630 }, SIZE)).toEqual({ left: 630, top: 10, width: 10, height: 20 });
    expect(changed(region, { width: 0, height: 1e6 }, SIZE)).toEqual({ left: 10, top: 10, width: 1, height: 470 });
    expect(changed(region, { left: -3, top: 479.6 }, SIZE)).toEqual({ left: 0, top: 479, width: 20, height: 1 });
  });

  it("begins as a strip along the upper edge, and has words", () => {
    expect(strip(SIZE)).toEqual({ left: 0, top: 0, width: 640, height: 40 });
    expect(regionWords(strip(SIZE))).toBe("640 × 40 at 0, 0");
  });

  it("has a key of its own in a list, whatever was taken out of it", () => {
    const two = withRegion(withRegion([], strip(SIZE)), strip(SIZE));
    expect(withRegion(two.slice(1), strip(SIZE)).map(({ key }) => key)).toEqual([2, 3]);
  });
});
