// A series whose slices do not form a volume: one pane, the reason in words, and the same exact brush.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.start(
    { phantom: { dimensions: [200, 180, 9], spacingMm: [0.8, 1.2, 5], stackReasons: ["variable-spacing"] } },
    { width: 1920, height: 1080 },
  );
  await bed.signIn();
  await bed.opened();
});

afterAll(async () => {
  await bed.stop();
});

describe("a stack", () => {
  it("shows one pane and says why", async () => {
    expect(await bed.page.locator(".pane").count()).toBe(1);
    expect(await bed.page.getByTestId("stack-reason").textContent()).toBe("One pane only: the slices are not evenly spaced.");
  });

  it("is painted exactly, on the slice that is shown", async () => {
    const { page, inSlice } = await bed.spot("axial", [90, 80]);
    await bed.page.mouse.move(...page);
    await bed.page.mouse.wheel(0, 100);
    await bed.page.locator('[data-axial-slice="5"]').waitFor();
    await bed.page.mouse.click(...page);
    await bed.saved(1);
    const expected: number[] = [];
    for (let j = 0; j < 180; j += 1)
      for (let i = 0; i < 200; i += 1)
        if (((i - inSlice[0]) * 0.8) ** 2 + ((j - inSlice[1]) * 1.2) ** 2 <= 25) expected.push((5 * 180 + j) * 200 + i);
    expect(bed.agent.work.voxels(1)).toEqual(expected);
    // The stroke is seen too: its colour is mixed into the grey of the picture.
    await expect.poll(async () => (([red, , blue]) => blue - red)(await bed.pixel(page))).toBeGreaterThan(30);
    await bed.picture("stack");
    expect(bed.complaints).toEqual([]);
  });
});
