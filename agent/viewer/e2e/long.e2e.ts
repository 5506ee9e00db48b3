// A series of 2,000 slices: the first picture is there long before the last slice, scrolling reaches every slice, and a
// stroke across all of them is exact. An axis that is too long for 3D says so.

import { afterEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

let bed: TestBed;

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

describe("2,000 slices", () => {
  it("show the middle one while most of them are on the way", async () => {
    bed = await TestBed.start({ phantom: { dimensions: [96, 80, 2_000], spacingMm: [1, 1, 0.5] } });
    let go = (): void => undefined;
    bed.agent.stall = new Promise((resolve) => (go = resolve));
    await bed.signIn();
    await bed.page.locator('[data-axial-slice="1000"]').waitFor({ timeout: 60_000 });
    const early = await bed.spot("axial", [60, 50]);
    await expect.poll(async () => (await bed.pixel(early.page))[0], { timeout: 30_000 }).toBeGreaterThan(60);
    expect(await bed.page.getByTestId("panes").getAttribute("data-complete")).toBeNull();
    await bed.picture("long-early");
    go();
    await bed.opened();
    await bed.page.locator('[data-axial-slice="1000"]').waitFor();

    const { page } = await bed.spot("axial", [40, 40]);
    await bed.page.mouse.move(...page);
    for (let notch = 0; notch < 30; notch += 1) await bed.page.mouse.wheel(0, 1_000);
    // Reading order goes from head to feet, down the axis.
    await bed.page.locator('[data-axial-slice="700"]').waitFor();

    // A stroke down the coronal pane goes through hundreds of slices, each exactly as wide as the brush.
    const [from, to] = [await bed.spot("coronal", [48, 1_500]), await bed.spot("coronal", [48, 500])];
    const { slice } = await bed.geometry("coronal");
    await bed.drag(from.page, to.page);
    await bed.saved(1);
    const { labels } = bed.agent.work;
    const row = (k: number): number => labels.subarray((k * 80 + slice) * 96, (k * 80 + slice + 1) * 96).reduce((total, label) => total + label, 0);
    for (let k = 520; k < 1_480; k += 1) expect(row(k)).toBeGreaterThanOrEqual(12);
    expect(row(400) + row(1_600)).toBe(0);
    await bed.page.keyboard.press("z");
    await bed.saved(2);
    expect(bed.agent.work.voxels(1)).toEqual([]);
  });
});

describe("an axis over 2,048", () => {
  it("keeps its three panes and says why there is no 3D", async () => {
    bed = await TestBed.start({ phantom: { dimensions: [40, 40, 2_100], spacingMm: [1, 1, 0.5], stackReasons: ["axis-over-2048"] } });
    await bed.signIn();
    await bed.opened();
    expect(await bed.page.locator(".pane").count()).toBe(3);
    expect(await bed.page.getByTestId("no-scene").textContent()).toBe("No 3D: an axis is longer than 2,048 voxels.");
    expect(await bed.violations()).toEqual([]);
  });
});
