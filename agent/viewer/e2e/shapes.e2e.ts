// Boxes, lines and points by a real mouse end up at the agent as the numbers that the definition names.

import type { Shape, ShapeForm } from "@ringfence/web/instruction";
import { afterEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";
import { EVERYTHING } from "./mock/instructions";

const DIMENSIONS = [160, 144, 40] as const;
const ANGLE = Math.PI / 12;
const TILTED = [1, 0, 0, 0, Math.cos(ANGLE), Math.sin(ANGLE), 0, -Math.sin(ANGLE), Math.cos(ANGLE)];

type Spot = Awaited<ReturnType<TestBed["spot"]>>;

let bed: TestBed;

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

async function open(direction?: readonly number[]): Promise<void> {
  bed = await TestBed.start({ phantom: { dimensions: DIMENSIONS, spacingMm: [0.9, 0.9, 2.5], ...(direction ? { direction } : {}) }, instruction: EVERYTHING });
  await bed.signIn();
  await bed.opened();
}

function shapes(): readonly Shape[] {
  return [...bed.agent.work.shapes.values()];
}

function formOf<K extends ShapeForm["type"]>(kind: K, nth = 0): Extract<ShapeForm, { readonly type: K }> {
  const forms = shapes().map((shape) => shape.form).filter((form): form is Extract<ShapeForm, { readonly type: K }> => form.type === kind);
  const form = forms[nth];
  if (!form) throw new Error(`there is no ${kind}`);
  return form;
}

/** The voxels under two spots of an axial slice, the smaller ones first. */
function voxels(from: Spot, to: Spot): readonly [readonly number[], readonly number[]] {
  const pairs = [0, 1].map((n) => [from.inSlice[n] ?? 0, to.inSlice[n] ?? 0].sort((a, b) => a - b).map((value) => Math.floor(value + 0.5)));
  return [pairs.map((pair) => pair[0] ?? 0), pairs.map((pair) => pair[1] ?? 0)];
}

function close(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, n) => expect(value).toBeCloseTo(expected[n] ?? NaN, 2));
}

describe.each([["straight", undefined], ["tilted by 15 degrees", TILTED]])("on a volume that is %s", (name, direction) => {
  it("a dragged box holds the voxels under its corners, and becomes deep by a handle in another pane", async () => {
    await open(direction);
    await bed.page.keyboard.press("o");
    await bed.page.getByRole("button", { name: "Box", pressed: true }).waitFor();
    const { slice } = await bed.geometry("axial");
    const [from, to] = [await bed.spot("axial", [40, 50]), await bed.spot("axial", [80, 90])];
    await bed.drag(from.page, to.page);
    await bed.saved(1);
    const [lower, upper] = voxels(from, to);
    expect(formOf("box")).toEqual({ type: "box", lower: [...lower, slice], upper: [...upper, slice] });
    expect(shapes()[0]).toMatchObject({ object_id: 2, id: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown });

    // In the coronal pane the box is one row of voxels; its upper side is half a voxel above the slice.
    const { slice: coronal } = await bed.geometry("coronal");
    expect(coronal).toBeGreaterThan(lower[1] ?? 0);
    const middle = ((lower[0] ?? 0) + (upper[0] ?? 0)) / 2;
    const [side, above] = [await bed.spot("coronal", [middle, slice + 0.5]), await bed.spot("coronal", [middle, slice + 6.5])];
    await bed.drag(side.page, above.page);
    await bed.saved(2);
    expect(formOf("box")).toEqual({ type: "box", lower: [...lower, slice], upper: [...upper, slice + 6] });
    await bed.page.waitForTimeout(700);
    await bed.picture(`shapes-box-${name.replaceAll(" ", "-")}`);

    // Its inside moves it, and nothing of it is lost on undo, redo and a reload.
    const [inside, beside] = [await bed.spot("axial", [60, 70]), await bed.spot("axial", [70, 65])];
    await bed.drag(inside.page, beside.page);
    await bed.saved(3);
    const move = [0, 1].map((n) => Math.round((beside.inSlice[n] ?? 0) - (inside.inSlice[n] ?? 0)));
    expect(formOf("box")).toEqual({ type: "box", lower: [...lower.map((value, n) => value + (move[n] ?? 0)), slice], upper: [...upper.map((value, n) => value + (move[n] ?? 0)), slice + 6] });
    await bed.page.keyboard.press("Control+z");
    await bed.saved(4);
    expect(formOf("box").upper).toEqual([...upper, slice + 6]);
    await bed.page.reload();
    await bed.opened();
    await bed.page.keyboard.press("Control+z");
    await bed.page.keyboard.press("Control+z");
    await bed.saved(6);
    expect(shapes()).toEqual([]);
    await bed.page.keyboard.press("Control+y");
    await bed.saved(7);
    expect(formOf("box")).toEqual({ type: "box", lower: [...lower, slice], upper: [...upper, slice] });
  });

  it("a dragged line and a clicked point lie where the mouse was", async () => {
    await open(direction);
    await bed.page.keyboard.press("l");
    const { slice } = await bed.geometry("axial");
    const [from, to] = [await bed.spot("axial", [40, 60]), await bed.spot("axial", [70, 75])];
    await bed.drag(from.page, to.page);
    await bed.saved(1);
    close(formOf("line").from, [...from.inSlice, slice]);
    close(formOf("line").to, [...to.inSlice, slice]);

    await bed.page.keyboard.press("p");
    const sagittal = await bed.geometry("sagittal");
    const place = await bed.spot("sagittal", [50, 12]);
    await bed.page.mouse.click(...place.page);
    await bed.saved(2);
    close(formOf("point").at, [sagittal.slice, ...place.inSlice]);

    // The end of the line is taken with the line's own tool, or with any other one that draws shapes.
    await bed.page.mouse.click(...(await bed.spot("axial", [55, 67.5])).page);
    const [end, moved] = [await bed.spot("axial", [70, 75]), await bed.spot("axial", [75, 60])];
    await bed.drag(end.page, moved.page);
    await bed.saved(3);
    close(formOf("line").from, [...from.inSlice, slice]);
    const changed = [0, 1].map((n) => (to.inSlice[n] ?? 0) + (moved.inSlice[n] ?? 0) - (end.inSlice[n] ?? 0));
    close(formOf("line").to, [...changed, slice]);
    await bed.page.waitForTimeout(700);
    await bed.picture(`shapes-line-${name.replaceAll(" ", "-")}`);
  });
});

describe("a shape", () => {
  it("is seen on its slice, dimly on the next, and not beyond; its length stands beside it", async () => {
    await open();
    await bed.page.keyboard.press("l");
    const [from, to] = [await bed.spot("axial", [40, 60]), await bed.spot("axial", [70, 60])];
    await bed.drag(from.page, to.page);
    await bed.saved(1);
    const line = bed.page.getByTestId("pane-axial").locator("[data-shape=line]");
    const length = Math.abs((to.inSlice[0] - from.inSlice[0]) * 0.9).toFixed(1);
    expect(await line.textContent()).toBe(`${length} mm`);
    expect(await line.getAttribute("data-dim")).toBeNull();
    await bed.page.keyboard.press("ArrowDown");
    await bed.page.getByTestId("pane-axial").locator("[data-shape=line][data-dim]").waitFor();
    await bed.page.keyboard.press("ArrowDown");
    await line.waitFor({ state: "detached" });
  });

  it("is broken off with Escape, selected by a click, removed with Delete, and brought back with undo", async () => {
    await open();
    await bed.page.keyboard.press("o");
    const [from, to] = [await bed.spot("axial", [40, 50]), await bed.spot("axial", [80, 90])];
    await bed.page.mouse.move(...from.page);
    await bed.page.mouse.down();
    await bed.page.mouse.move(...to.page);
    await bed.page.locator("[data-shape=box]").first().waitFor();
    await bed.page.keyboard.press("Escape");
    await bed.page.mouse.up();
    expect(bed.agent.saves).toEqual([]);
    expect(await bed.page.locator("[data-shape=box]").count()).toBe(0);

    await bed.drag(from.page, to.page);
    await bed.saved(1);
    await bed.page.keyboard.press("Escape");
    expect(await bed.page.locator("[data-selected]").count()).toBe(0);
    await bed.page.keyboard.press("Delete");
    // A stroke and a shape share one history.
    await bed.page.keyboard.press("b");
    await bed.page.mouse.click(...(await bed.spot("axial", [100, 100])).page);
    await bed.saved(2);
    await bed.page.keyboard.press("o");
    await bed.page.mouse.click(from.page[0], Math.round((from.page[1] + to.page[1]) / 2));
    await bed.page.locator("[data-selected]").first().waitFor();
    await bed.page.keyboard.press("Backspace");
    await bed.saved(3);
    expect(shapes()).toEqual([]);
    await bed.page.keyboard.press("z");
    await bed.page.keyboard.press("z");
    await bed.saved(5);
    expect(shapes()).toHaveLength(1);
    expect(bed.agent.work.voxels(1)).toEqual([]);
  });
});
