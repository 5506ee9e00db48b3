// Sphere, threshold brush, scissors, slab, ruler and crosshair by a real mouse: at the agent are exactly the voxels that
// the definitions name, asked of every voxel of the volume.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

const DIMENSIONS = [160, 144, 40] as const;
const SPACING_MM = [0.9, 0.9, 2.5] as const;
const AXIS = { axial: 2, sagittal: 0, coronal: 1 } as const;

type Point = readonly [number, number];
type Index = readonly [number, number, number];
type PlaneName = keyof typeof AXIS;

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: DIMENSIONS, spacingMm: SPACING_MM } });
  await bed.signIn();
  await bed.opened();
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

/** Offsets of all voxels that a rule takes. */
function voxels(takes: (index: Index) => boolean): number[] {
  const found: number[] = [];
  let offset = 0;
  for (let k = 0; k < DIMENSIONS[2]; k += 1)
    for (let j = 0; j < DIMENSIONS[1]; j += 1)
      for (let i = 0; i < DIMENSIONS[0]; i += 1, offset += 1) if (takes([i, j, k])) found.push(offset);
  return found;
}

/** Where in the volume a point of a slice lies, in fractional indices. */
function inVolume(plane: PlaneName, slice: number, [a, b]: Point): Index {
  if (plane === "axial") return [a, b, slice];
  return plane === "sagittal" ? [slice, a, b] : [a, slice, b];
}

function inSlice(plane: PlaneName, [i, j, k]: Index): Point {
  if (plane === "axial") return [i, j];
  return plane === "sagittal" ? [j, k] : [i, k];
}

function ball(centre: Index, radiusMm: number): (index: Index) => boolean {
  return (index) => {
    const square = [0, 1, 2].reduce((total, axis) => total + (((index[axis] ?? 0) - (centre[axis] ?? 0)) * (SPACING_MM[axis] ?? 1)) ** 2, 0);
    return square <= radiusMm ** 2 || index.every((place, axis) => place === Math.floor((centre[axis] ?? 0) + 0.5));
  };
}

function evenOdd(corners: readonly Point[], [a, b]: Point): boolean {
  let inside = false;
  corners.forEach(([x, y], n) => {
    const [u, v] = corners.at(n - 1) ?? [0, 0];
    if (v <= b !== y <= b && u + ((b - v) / (y - v)) * (x - u) <= a) inside = !inside;
  });
  return inside;
}

async function polygon(plane: PlaneName, wanted: readonly Point[]): Promise<{ readonly corners: readonly Point[]; readonly slice: number }> {
  const corners: Point[] = [];
  for (const [n, place] of wanted.entries()) {
    const spot = await bed.spot(plane, place);
    await bed.page.mouse.click(...spot.page);
    await bed.page.locator(`[data-testid=polygon][data-corners="${n + 1}"]`).waitFor();
    corners.push(spot.inSlice);
  }
  return { corners, slice: (await bed.geometry(plane)).slice };
}

describe("the sphere brush", () => {
  it("paints exactly the voxels within its radius in three dimensions in each pane; undo is exact after a reload", async () => {
    await bed.page.keyboard.press("s");
    await bed.page.getByRole("button", { name: "Sphere brush", pressed: true }).waitFor();
    const drawn: (readonly number[])[] = [];
    for (const [plane, place] of [["axial", [60, 70]], ["sagittal", [60, 12]], ["coronal", [100, 20]]] as const) {
      const spot = await bed.spot(plane, place);
      const { slice } = await bed.geometry(plane);
      await bed.page.mouse.click(...spot.page);
      await bed.saved(drawn.length + 1);
      const expected = new Set([...(drawn.at(-1) ?? []), ...voxels(ball(inVolume(plane, slice, spot.inSlice), 5))]);
      drawn.push([...expected].sort((a, b) => a - b));
      expect(bed.agent.work.voxels(1)).toEqual(drawn.at(-1));
    }
    expect(bed.agent.saves.flat().map((operation) => operation.kind === "paint" && operation.tool)).toEqual(["sphere", "sphere", "sphere"]);
    await bed.page.reload();
    await bed.opened();
    await bed.page.keyboard.press("z");
    await bed.saved(4);
    expect(bed.agent.work.voxels(1)).toEqual(drawn[1]);
    await bed.page.keyboard.press("z");
    await bed.page.keyboard.press("z");
    await bed.page.keyboard.press("y");
    await bed.saved(7);
    expect(bed.agent.work.voxels(1)).toEqual(drawn[0]);
  });

  it("has an eraser of its own form", async () => {
    await bed.page.keyboard.press("s");
    const paint = await bed.spot("axial", [60, 70]);
    const { slice } = await bed.geometry("axial");
    await bed.page.mouse.click(...paint.page);
    await bed.saved(1);
    await bed.page.keyboard.press("e");
    await bed.page.getByRole("group", { name: "Eraser settings" }).getByLabel("Sphere").check();
    const rub = await bed.spot("axial", [63, 71]);
    await bed.page.mouse.click(...rub.page);
    await bed.saved(2);
    const erased = ball([...rub.inSlice, slice], 5);
    const painted = ball([...paint.inSlice, slice], 5);
    expect(bed.agent.work.voxels(1)).toEqual(voxels((index) => painted(index) && !erased(index)));
  });
});

describe("the threshold brush", () => {
  it("takes its range from what lies under it, and paints exactly what lies in the range", async () => {
    const values = new Int16Array(bed.agent.phantom.pixels.buffer, bed.agent.phantom.pixels.byteOffset, bed.agent.phantom.pixels.length / 2);
    await bed.page.keyboard.press("h");
    const settings = bed.page.getByRole("group", { name: "Threshold brush settings" });
    // Inside of the liver.
    const sampled = await bed.spot("axial", [40, 75]);
    const { slice } = await bed.geometry("axial");
    await bed.page.keyboard.down("Alt");
    await bed.page.mouse.click(...sampled.page);
    await bed.page.keyboard.up("Alt");
    const disc = (centre: Point): ((index: Index) => boolean) => (index) => index[2] === slice && ball([...centre, slice], 5)(index);
    const under = voxels(disc(sampled.inSlice)).map((offset) => values[offset] ?? 0);
    const mean = under.reduce((total, value) => total + value, 0) / under.length;
    const deviation = Math.sqrt(under.reduce((total, value) => total + (value - mean) ** 2, 0) / under.length);
    const range = [Number(await settings.getByLabel("From (HU)").inputValue()), Number(await settings.getByLabel("To (HU)").inputValue())] as const;
    expect(range[0]).toBeCloseTo(mean - 2 * deviation, 1);
    expect(range[1]).toBeCloseTo(mean + 2 * deviation, 1);
    expect(bed.agent.saves).toEqual([]);

    // Across the border of the liver.
    const spot = await bed.spot("axial", [78, 75]);
    await bed.page.mouse.click(...spot.page);
    await bed.saved(1);
    const within = (low: number, high: number): number[] => voxels(disc(spot.inSlice)).filter((offset) => (values[offset] ?? 0) >= low && (values[offset] ?? 0) <= high);
    expect(within(...range).length).toBeGreaterThan(5);
    expect(bed.agent.work.voxels(1)).toEqual(within(...range));

    await settings.getByLabel("From (HU)").fill("60");
    await settings.getByLabel("To (HU)").fill("90");
    await settings.getByLabel("To (HU)").press("Enter");
    await bed.page.mouse.click(...spot.page);
    await bed.saved(2);
    expect(bed.agent.work.voxels(1)).toEqual([...new Set([...within(...range), ...within(60, 90)])].sort((a, b) => a - b));
    await bed.picture("threshold");
  });
});

describe("the scissors", () => {
  it("fill and erase by the even-odd rule in each plane and at each depth, and undo is exact after a reload", async () => {
    await bed.page.keyboard.press("k");
    const settings = bed.page.getByRole("group", { name: "Scissors settings" });
    await settings.getByLabel("What the scissors do").selectOption("fill_inside");
    await settings.getByLabel("How deep the scissors cut").selectOption("all");
    // A polygon that crosses itself: what it goes around twice is outside.
    const filled = await polygon("axial", [[40, 40], [110, 95], [110, 40], [45, 90], [75, 30]]);
    await bed.picture("scissors");
    await bed.page.keyboard.press("Enter");
    await bed.saved(1);
    const first = (index: Index): boolean => evenOdd(filled.corners, inSlice("axial", index));
    expect(bed.agent.work.voxels(1)).toEqual(voxels(first));

    await settings.getByLabel("What the scissors do").selectOption("erase_inside");
    await settings.getByLabel("How deep the scissors cut").selectOption("depth");
    const erased = await polygon("coronal", [[50, 5], [90, 8], [85, 30], [48, 33]]);
    await bed.page.mouse.dblclick(...(await bed.spot("coronal", [48, 20])).page);
    await bed.saved(2);
    const last = (await bed.spot("coronal", [48, 20])).inSlice;
    const cut = [...erased.corners, last, last];
    const second = (index: Index): boolean => first(index) && !(Math.abs(index[1] - erased.slice) * 0.9 <= 10 && evenOdd(cut, inSlice("coronal", index)));
    expect(bed.agent.work.voxels(1)).toEqual(voxels(second));

    await settings.getByLabel("What the scissors do").selectOption("erase_outside");
    await settings.getByLabel("How deep the scissors cut").selectOption("slice");
    const kept = await polygon("sagittal", [[40, 10], [90, 12], [70, 30]]);
    await bed.page.mouse.click(...(await bed.spot("sagittal", [40, 10])).page);
    await bed.saved(3);
    const third = (index: Index): boolean => second(index) && (index[0] !== kept.slice || evenOdd(kept.corners, inSlice("sagittal", index)));
    expect(bed.agent.work.voxels(1)).toEqual(voxels(third));

    await bed.page.reload();
    await bed.opened();
    await bed.page.keyboard.press("z");
    await bed.page.keyboard.press("z");
    await bed.saved(5);
    expect(bed.agent.work.voxels(1)).toEqual(voxels(first));
  });

  it("take corners back, are broken off by Escape, and cut along a held button", async () => {
    await bed.page.keyboard.press("k");
    await polygon("axial", [[40, 40], [80, 40], [80, 80]]);
    await bed.page.keyboard.press("Backspace");
    await bed.page.locator('[data-testid=polygon][data-corners="2"]').waitFor();
    await bed.page.keyboard.press("Enter");
    await bed.page.keyboard.press("Escape");
    await bed.page.getByTestId("polygon").waitFor({ state: "detached" });
    expect(bed.agent.saves).toEqual([]);
    await bed.page.getByLabel("What the scissors do").selectOption("fill_inside");
    const [from, over, to] = [await bed.spot("axial", [40, 60]), await bed.spot("axial", [70, 40]), await bed.spot("axial", [90, 80])];
    await bed.page.mouse.move(...from.page);
    await bed.page.mouse.down();
    await bed.page.mouse.move(...over.page, { steps: 8 });
    await bed.page.mouse.move(...to.page, { steps: 8 });
    await bed.page.mouse.up();
    await bed.page.keyboard.press("Enter");
    await bed.saved(1);
    const drawn = new Set(bed.agent.work.voxels(1));
    expect(drawn.size).toBeGreaterThan(500);
    expect(drawn.has((20 * 144 + 58) * 160 + 65)).toBe(true);
  });
});

describe("a slab", () => {
  it("shows the largest values of its thickness, says so, and takes no stroke", async () => {
    const { page } = await bed.spot("axial", [100, 100]);
    const area = async (): Promise<number> => {
      let total = 0;
      for (const [x, y] of [[0, 0], [6, 0], [0, 6], [6, 6], [3, 3]] as const) total += (await bed.pixel([page[0] + x, page[1] + y]))[0];
      return total;
    };
    const before = await area();
    await bed.page.keyboard.press("q");
    await bed.page.getByTestId("slab-axial").getByText("MIP 10 mm").waitFor();
    await expect.poll(area).toBeGreaterThan(before + 25);
    await bed.page.mouse.click(...page);
    await bed.picture("slab");
    expect(await bed.violations()).toEqual([]);
    await bed.page.keyboard.press("q");
    await bed.page.getByTestId("slab-axial").getByText("MinIP 10 mm").waitFor();
    await expect.poll(area).toBeLessThan(before - 25);
    await bed.page.keyboard.press("q");
    await bed.page.getByTestId("slab-axial").getByText("Mean 10 mm").waitFor();
    await bed.page.keyboard.press("q");
    await bed.page.getByTestId("slab-axial").waitFor({ state: "detached" });
    await expect.poll(area).toBe(before);
    expect(bed.agent.saves).toEqual([]);
    await bed.page.mouse.click(...page);
    await bed.saved(1);
  });
});

describe("a ruler", () => {
  it("measures in mm, is no part of the work, and is removed by Delete", async () => {
    await bed.page.keyboard.press("u");
    const [from, to] = [await bed.spot("coronal", [30, 10]), await bed.spot("coronal", [80, 30])];
    await bed.drag(from.page, to.page);
    const length = Math.hypot((to.inSlice[0] - from.inSlice[0]) * 0.9, (to.inSlice[1] - from.inSlice[1]) * 2.5);
    const rulers = bed.page.getByTestId("pane-coronal").getByTestId("ruler");
    expect(await rulers.textContent()).toBe(`${length.toFixed(1)} mm`);
    await bed.drag((await bed.spot("coronal", [100, 10])).page, (await bed.spot("coronal", [130, 10])).page);
    expect(await rulers.count()).toBe(2);
    await bed.picture("ruler");
    // An end is taken and moved; the other one stays.
    const moved = await bed.spot("coronal", [60, 30]);
    await bed.drag(to.page, moved.page);
    const shorter = Math.hypot((moved.inSlice[0] - from.inSlice[0]) * 0.9, (moved.inSlice[1] - from.inSlice[1]) * 2.5);
    expect(await rulers.first().textContent()).toBe(`${shorter.toFixed(1)} mm`);
    await bed.page.keyboard.press("Delete");
    expect(await rulers.count()).toBe(1);
    await bed.page.mouse.move(...from.page);
    await bed.page.keyboard.press("ArrowDown");
    await rulers.waitFor({ state: "detached" });
    expect(bed.agent.saves).toEqual([]);
  });
});

describe("the crosshair", () => {
  it("shows the point under the cursor in all panes while it is dragged", async () => {
    await bed.page.keyboard.press("c");
    const [from, to] = [await bed.spot("axial", [40, 50]), await bed.spot("axial", [101, 92])];
    await bed.drag(from.page, to.page);
    const place = to.inSlice.map((value) => Math.floor(value + 0.5));
    expect((await bed.geometry("sagittal")).slice).toBe(place[0]);
    expect((await bed.geometry("coronal")).slice).toBe(place[1]);
    expect(await bed.page.getByTestId("scene-point").getAttribute("data-voxel")).toBe(`${place.join(",")},20`);
    expect(bed.agent.saves).toEqual([]);
  });
});
