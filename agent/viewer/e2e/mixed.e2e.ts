// Pictures of different sizes in one stack: each is seen as a whole, measured as it says, and nothing is drawn beside it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [120, 90, 3], spacingMm: [1, 1, 1], stackReasons: ["mixed-size"] } });
  const slices = [
    { columns: 120, rows: 90, spacing_mm: [1, 1] as const },
    { columns: 60, rows: 80, spacing_mm: [0.5, 0.5] as const },
    { columns: 30, rows: 30, spacing_mm: null },
  ];
  bed.agent.task = { ...bed.agent.task, volume: { ...bed.agent.task.volume, slices } };
  await bed.signIn();
  await bed.opened();
});

afterAll(async () => {
  await bed.stop();
});

describe("a picture smaller than the grid of its stack", () => {
  it("fills the pane, and strokes end at its border", async () => {
    // Slice 1 is shown first: 60 by 80 pixels of half a millimetre.
    const { perB } = await bed.geometry("axial");
    expect(await bed.page.getByTestId("brush-size").textContent()).toBe("6 mm");
    const box = await bed.page.getByTestId("pane-axial").boundingBox();
    expect((Math.abs(perB[1]) * 80) / (box?.height ?? 1)).toBeGreaterThan(0.9);
    const { page, inSlice } = await bed.spot("axial", [58, 40]);
    await bed.page.mouse.click(...page);
    await bed.saved(1);
    const expected: number[] = [];
    for (let j = 0; j < 80; j += 1) for (let i = 0; i < 60; i += 1) if (((i - inSlice[0]) / 2) ** 2 + ((j - inSlice[1]) / 2) ** 2 <= 36) expected.push((90 + j) * 120 + i);
    expect(bed.agent.work.voxels(1)).toEqual(expected);

    await bed.page.keyboard.press("k");
    await bed.page.getByLabel("What the scissors do").selectOption("fill_inside");
    for (const place of [[50, 5], [70, 5], [70, 20], [50, 20]] as const) await bed.page.mouse.click(...(await bed.spot("axial", place)).page);
    await bed.page.keyboard.press("Enter");
    await bed.saved(2);
    const filled = bed.agent.work.voxels(1).filter((offset) => !expected.includes(offset));
    expect(filled.length).toBeGreaterThan(100);
    expect(filled.every((offset) => offset % 120 < 60)).toBe(true);
    await bed.picture("mixed");
  });

  it("is measured in its own pixels, or in pixels alone where it does not say how large they are", async () => {
    await bed.page.keyboard.press("u");
    const measured = async (from: readonly [number, number], to: readonly [number, number]): Promise<readonly [string | null, number]> => {
      const [start, end] = [await bed.spot("axial", from), await bed.spot("axial", to)];
      await bed.drag(start.page, end.page);
      return [await bed.page.getByTestId("ruler").textContent(), Math.hypot(end.inSlice[0] - start.inSlice[0], end.inSlice[1] - start.inSlice[1])];
    };
    const [text, pixels] = await measured([10, 10], [40, 50]);
    expect(text).toBe(`${(pixels / 2).toFixed(1)} mm`);
    await bed.page.keyboard.press("ArrowDown");
    await bed.page.getByTestId("pane-axial").and(bed.page.locator('[data-slice="2"]')).waitFor();
    const [other, count] = await measured([5, 5], [20, 25]);
    expect(other).toBe(`${count.toFixed(0)} px`);
    // The brush, too, is as large as the slice below it can say: the slice before has millimetres, this one has none.
    await bed.page.keyboard.press("b");
    expect(await bed.page.getByTestId("brush-size").textContent()).toBe("6 px");
    await bed.picture("mixed-pixels");
    await bed.page.keyboard.press("ArrowUp");
    await bed.page.getByTestId("pane-axial").and(bed.page.locator('[data-slice="1"]')).waitFor();
    expect(await bed.page.getByTestId("brush-size").textContent()).toBe("6 mm");
    expect(bed.complaints).toEqual([]);
  });
});
