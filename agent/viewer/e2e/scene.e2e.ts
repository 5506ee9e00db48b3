// The 3D pane: the surface of what was drawn is seen in its colour, follows strokes and undo, and turns under the hand.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

/** Software draws the 3D pane here, beside whatever else runs on the machine. */
const PATIENCE = { timeout: 90_000 };

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [160, 144, 40], spacingMm: [0.9, 0.9, 2.5] } });
  await bed.signIn();
  await bed.opened();
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

function scene(): ReturnType<TestBed["page"]["locator"]> {
  return bed.page.getByTestId("pane-scene");
}

async function triangles(): Promise<number> {
  return Number(await scene().getAttribute("data-triangles"));
}

/** Pictures drawn so far. */
async function frames(): Promise<number> {
  return Number(await scene().getAttribute("data-frames"));
}

/** Where the shown point is seen, and the colour a little beside it. */
async function besidePoint(): Promise<readonly [number, number, number]> {
  const box = await bed.page.getByTestId("scene-point").boundingBox();
  if (!box) throw new Error("the point is not shown");
  return bed.pixel([Math.round(box.x + box.width / 2 + 6), Math.round(box.y + box.height / 2 + 6)]);
}

describe("surfaces", () => {
  it("appear where an object is drawn, in its colour, and go with undo", async () => {
    await bed.page.keyboard.press("s");
    for (let press = 0; press < 6; press += 1) await bed.page.keyboard.press("]");
    const { page } = await bed.spot("axial", [70, 72]);
    await bed.page.keyboard.down("Shift");
    await bed.page.mouse.click(...page);
    await bed.page.keyboard.up("Shift");
    expect(await triangles()).toBe(0);
    expect(await besidePoint()).toEqual([0, 0, 0]);
    await bed.page.mouse.click(...page);
    await bed.saved(1);
    await expect.poll(triangles, PATIENCE).toBeGreaterThan(500);
    await expect.poll(async () => (([red, , blue]) => blue - red)(await besidePoint()), PATIENCE).toBeGreaterThan(60);
    await bed.picture("surface");

    const one = await triangles();
    await bed.page.mouse.click(...(await bed.spot("axial", [110, 72])).page);
    await bed.saved(2);
    await expect.poll(triangles, PATIENCE).toBeGreaterThan(one * 1.5);
    await bed.page.keyboard.press("z");
    await expect.poll(triangles, PATIENCE).toBe(one);
    await bed.page.keyboard.press("z");
    await expect.poll(triangles, PATIENCE).toBe(0);
    await expect.poll(besidePoint, PATIENCE).toEqual([0, 0, 0]);
    await bed.page.keyboard.press("y");
    await bed.saved(5);
    await bed.page.reload();
    await bed.opened();
    await expect.poll(triangles, PATIENCE).toBe(one);
  });

  it("turn by a drag and by keys, and fill the window with M", async () => {
    await bed.page.keyboard.press("s");
    await bed.page.mouse.click(...(await bed.spot("axial", [50, 60])).page);
    await bed.saved(1);
    await expect.poll(triangles, PATIENCE).toBeGreaterThan(100);
    const box = await scene().boundingBox();
    if (!box) throw new Error("the pane is not on the page");
    const middle = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)] as const;
    const letters = async (): Promise<readonly string[]> => scene().locator(".scene-letters text").allTextContents();
    expect(await letters()).toEqual(["L", "R", "F"]);
    await bed.page.mouse.move(...middle);
    await bed.page.keyboard.press("3");
    expect(await letters()).toEqual(["P", "A", "F"]);
    await bed.page.keyboard.press("5");
    expect(await letters()).toEqual(["R", "L", "P"]);
    // A quarter of a turn: 157 pixels at 0.01 radians each.
    await bed.page.keyboard.press("1");
    await bed.drag(middle, [middle[0] + 157, middle[1]]);
    expect(await letters()).toEqual(["A", "P", "F"]);
    const before = await frames();
    await bed.page.keyboard.press("m");
    await expect.poll(async () => (await scene().boundingBox())?.height, PATIENCE).toBeGreaterThan(600);
    await expect.poll(frames, PATIENCE).toBeGreaterThan(before);
    await bed.picture("scene-large");
    expect(await bed.violations()).toEqual([]);
    await bed.page.keyboard.press("m");
    await expect.poll(async () => (await scene().boundingBox())?.height, PATIENCE).toBeLessThan(400);
  });
});

describe("the volume", () => {
  it("is looked through, and can be switched off", async () => {
    await bed.page.keyboard.press("v");
    await scene().and(bed.page.locator("[data-shows=volume]")).waitFor();
    // The spine stands in the middle.
    const box = await scene().boundingBox();
    if (!box) throw new Error("the pane is not on the page");
    const spine = [Math.round(box.x + box.width / 2 + 3), Math.round(box.y + box.height / 2 + 30)] as const;
    await expect.poll(async () => (await bed.pixel(spine))[0], PATIENCE).toBeGreaterThan(60);
    await bed.page.getByLabel("Look of the volume").selectOption("Skin");
    const side = [Math.round(box.x + box.width / 2 - 60), Math.round(box.y + box.height / 2 + 30)] as const;
    await expect.poll(async () => (await bed.pixel(side))[0], PATIENCE).toBeGreaterThan(60);
    await bed.picture("volume");
    await bed.page.keyboard.press("v");
    await expect.poll(async () => (await scene().boundingBox())?.height, PATIENCE).toBeLessThan(40);
    expect(await scene().locator("canvas").count()).toBe(0);
    expect(await bed.violations()).toEqual([]);
    await bed.page.getByRole("button", { name: "Surfaces" }).click();
    await scene().locator("canvas").waitFor();
  });
});
