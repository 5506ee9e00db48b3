// Pictures in colour, as of ultrasound: shown as they are, without windows, and painted as exactly as grey ones.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestBed } from "./browser";
import { colourAt } from "./mock/phantom";

let bed: TestBed;

beforeAll(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [120, 90, 5], spacingMm: [1, 1, 1], colour: true, stackReasons: ["uncalibrated"] } });
  await bed.signIn();
  await bed.opened();
});

afterAll(async () => {
  await bed.stop();
});

describe("a stack in colour", () => {
  it("shows the colours, says why there is one pane, and has no windows", async () => {
    expect(await bed.page.locator(".pane").count()).toBe(1);
    expect(await bed.page.getByTestId("stack-reason").textContent()).toBe("One pane only: the images do not say how far apart their pixels are.");
    for (const place of [[20, 30], [60, 45], [100, 70]] as const) {
      const { page, inSlice } = await bed.spot("axial", place);
      const seen = await bed.pixel(page);
      colourAt(inSlice[0], inSlice[1], 2).forEach((part, n) => expect(Math.abs((seen[n] ?? 0) - part)).toBeLessThanOrEqual(3));
    }
    await bed.page.mouse.move(...(await bed.spot("axial", [60, 45])).page);
    expect(await bed.page.getByTestId("value-under-cursor").textContent()).toMatch(/^RGB \d+, \d+, \d+$/);
    expect(await bed.page.getByRole("group", { name: "Window" }).count()).toBe(0);
    expect(await bed.page.getByRole("button", { name: "Threshold brush" }).count()).toBe(0);
    expect(await bed.page.getByTestId("brush-size").textContent()).toBe("6 px");
    expect(await bed.violations()).toEqual([]);
  });

  it("is not seen through: the keys of slab and 3D say why, and what is drawn stays possible", async () => {
    await bed.page.keyboard.press("q");
    await bed.page.getByTestId("note").getByText("No slab: the images are in colour; the images do not say how far apart their pixels are.").waitFor();
    await bed.picture("colour-no-slab");
    expect(await bed.violations()).toEqual([]);
    expect(await bed.page.getByTestId("slab-axial").count()).toBe(0);
    await bed.page.keyboard.press("v");
    await bed.page.getByTestId("note").getByText("No 3D: the images do not say how far apart their pixels are.").waitFor();
    await bed.page.getByRole("button", { name: "Close this message" }).click();
    await bed.page.getByTestId("note").waitFor({ state: "detached" });
  });

  it("is painted exactly, and measured in pixels", async () => {
    const { page, inSlice } = await bed.spot("axial", [60, 45]);
    await bed.page.mouse.click(...page);
    await bed.saved(1);
    const expected: number[] = [];
    for (let j = 0; j < 90; j += 1) for (let i = 0; i < 120; i += 1) if ((i - inSlice[0]) ** 2 + (j - inSlice[1]) ** 2 <= 36) expected.push((2 * 90 + j) * 120 + i);
    expect(bed.agent.work.voxels(1)).toEqual(expected);
    await bed.page.keyboard.press("u");
    const [from, to] = [await bed.spot("axial", [20, 20]), await bed.spot("axial", [50, 60])];
    await bed.drag(from.page, to.page);
    const length = Math.hypot(to.inSlice[0] - from.inSlice[0], to.inSlice[1] - from.inSlice[1]);
    expect(await bed.page.getByTestId("ruler").textContent()).toBe(`${length.toFixed(0)} px`);
    await bed.picture("colour");
    expect(bed.complaints).toEqual([]);
  });
});
