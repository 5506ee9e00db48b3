// Margins, combinations, regions and what may change, by a real mouse and keyboard: what is asked of the agent, what is
// saved of its answer, and how the page tells what is limited.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";
import { compute } from "./mock/compute";
import type { Masking, PreviewOperation } from "../src/api/types";

const DIMENSIONS = [96, 88, 24] as const;
const SPACING_MM = [1.5, 1.5, 3] as const;
const UNLIMITED: Masking = { area: "everywhere", area_labels: [], values: null, overwrite: "nothing", overwrite_labels: [] };
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

async function click(plane: string, index: readonly [number, number]): Promise<void> {
  const { page } = await bed.spot(plane, index);
  await bed.page.mouse.click(...page);
}

async function key(name: string): Promise<void> {
  await bed.page.keyboard.press(name);
}

async function previewed(): Promise<void> {
  await bed.page.locator('[data-testid=preview-bar][data-state="open"]').waitFor();
}

function labels(): Uint8Array {
  return bed.agent.work.labels.slice();
}

function asked(): { readonly operation: PreviewOperation; readonly masking: Masking | undefined } {
  const operation = bed.agent.previews.started.at(-1);
  if (!operation) throw new Error("nothing was asked of the agent");
  return { operation, masking: bed.agent.previews.masked.at(-1) };
}

/** What was asked for makes of the labels, by its definition. */
function expected(before: Uint8Array): Uint8Array {
  const { pixels } = bed.agent.phantom;
  const values = new Int16Array(pixels.buffer, pixels.byteOffset, pixels.length / 2);
  const { operation, masking } = asked();
  return compute({ labels: before, values, dimensions: DIMENSIONS, spacingMm: SPACING_MM }, operation, 0, masking);
}

function voxelsOf(map: Uint8Array, label: number): number {
  return map.reduce((count, value) => count + (value === label ? 1 : 0), 0);
}

async function pick(label: string, option: string): Promise<void> {
  await bed.page.getByLabel(label, { exact: true }).selectOption({ label: option });
}

async function type(label: string, value: string): Promise<void> {
  const field = bed.page.getByLabel(label, { exact: true });
  await field.fill(value);
  await field.press("Enter");
  await field.blur();
}

describe("a margin", () => {
  it("grows the object by millimetres, is accepted as one step, and undone", async () => {
    await click("axial", [30, 40]);
    await bed.saved(1);
    const before = labels();
    await key("Shift+M");
    await bed.page.getByTestId("setting-margin").waitFor();
    await type("By (mm)", "4");
    await key("Enter");
    await previewed();
    expect(asked()).toEqual({ operation: { kind: "margin", label: 1, by_mm: 4 }, masking: UNLIMITED });
    await bed.picture("operations-margin");
    expect(await bed.violations()).toEqual([]);
    const after = expected(before);
    expect(voxelsOf(after, 1)).toBeGreaterThan(voxelsOf(before, 1));
    await key("Enter");
    await bed.saved(2);
    expect(labels()).toEqual(after);
    expect(bed.agent.saves.at(-1)).toMatchObject([{ kind: "paint", tool: "margin" }]);
    await key("z");
    await bed.saved(3);
    expect(labels()).toEqual(before);
  });

  it("hollows the object out, and leaves nothing when it is rejected", async () => {
    await click("axial", [30, 40]);
    await bed.saved(1);
    const before = labels();
    await key("Shift+M");
    await pick("How", "Shell inward");
    await type("Thick (mm)", "1.5");
    await bed.page.getByRole("button", { name: "Preview", exact: false }).click();
    await previewed();
    expect(asked().operation).toEqual({ kind: "shell", label: 1, side: "inward", thickness_mm: 1.5 });
    await key("Escape");
    await bed.page.getByTestId("preview-bar").waitFor({ state: "detached" });
    expect([labels(), bed.agent.work.revision]).toEqual([before, 1]);
  });
});

describe("combining", () => {
  it("takes over another object, and says why nothing can be subtracted", async () => {
    await click("axial", [30, 40]);
    await key("Alt+2");
    await click("axial", [60, 40]);
    await bed.saved(2);
    const before = labels();
    await key("Alt+1");
    await key("Shift+C");
    await pick("How", "Subtract");
    await bed.page.getByText("Objects never overlap here: nothing of Liver is Lesion.").waitFor();
    await bed.picture("operations-combine-obstacle");
    await key("Enter");
    expect(bed.agent.previews.started).toEqual([]);
    await pick("How", "Add");
    await bed.page.getByRole("button", { name: "Preview", exact: false }).click();
    await previewed();
    expect(asked()).toEqual({ operation: { kind: "logic", label: 1, how: "add", operand: [2] }, masking: { ...UNLIMITED, overwrite: "only", overwrite_labels: [2] } });
    await bed.picture("operations-combine");
    expect(await bed.violations()).toEqual([]);
    await key("Enter");
    await bed.saved(3);
    expect([voxelsOf(labels(), 1), voxelsOf(labels(), 2)]).toEqual([voxelsOf(before, 1) + voxelsOf(before, 2), 0]);
    expect(bed.agent.saves.at(-1)).toMatchObject([{ kind: "paint", tool: "combine" }]);
  });

  it("fills the holes of the slices across an axis", async () => {
    await click("axial", [30, 40]);
    await bed.saved(1);
    await key("Shift+M");
    await pick("How", "Shell inward");
    await type("Thick (mm)", "1.5");
    await key("Enter");
    await previewed();
    await key("Enter");
    await bed.saved(2);
    const before = labels();
    await key("Shift+C");
    await pick("How", "Fill holes");
    await pick("Holes", "In axial slices");
    await bed.page.getByRole("button", { name: "Preview", exact: false }).click();
    await previewed();
    expect(asked().operation).toEqual({ kind: "fill_holes", label: 1, axis: 2 });
    const after = expected(before);
    expect(voxelsOf(after, 1)).toBeGreaterThan(voxelsOf(before, 1));
    await key("Enter");
    await bed.saved(3);
    expect(labels()).toEqual(after);
  });
});

describe("a region", () => {
  it("grows from the clicked voxel, and is saved as a region", async () => {
    const before = labels();
    await key("Shift+R");
    await bed.page.getByText("Click a voxel.").waitFor();
    await bed.picture("operations-region");
    expect(await bed.violations()).toEqual([]);
    await pick("Through", "A range");
    await type("From (HU)", "60");
    await type("To (HU)", "180");
    await click("axial", [30, 42]);
    await previewed();
    const { slice } = await bed.geometry("axial");
    expect(asked()).toEqual({
      operation: { kind: "region_grow", label: 1, seeds: [{ k: slice, runs: [[42 * 96 + 30, 1]] }], values: [60, 180], deviations: 2.5, gate_mm: 0, compactness: 0, box: null },
      masking: UNLIMITED,
    });
    await bed.picture("operations-region-open");
    const after = expected(before);
    expect(voxelsOf(after, 1)).toBeGreaterThan(1_000);
    await key("Enter");
    await bed.saved(1);
    expect(labels()).toEqual(after);
    expect(bed.agent.saves.at(-1)).toMatchObject([{ kind: "paint", tool: "region" }]);
  });

  it("traces the level of the voxel in the slice of the clicked pane", async () => {
    await key("Shift+R");
    await pick("Method", "Level trace");
    await click("coronal", [30, 12]);
    await previewed();
    const { slice } = await bed.geometry("coronal");
    expect(asked().operation).toEqual({ kind: "level_trace", label: 1, at: [30, slice, 12], axis: 1, bright: true });
    const after = expected(labels());
    await key("Enter");
    await bed.saved(1);
    expect(labels()).toEqual(after);
  });
});

describe("what may change", () => {
  it("goes with what is computed, holds for the brush, is told while it is limited, and is reset", async () => {
    await click("axial", [30, 40]);
    await key("Alt+2");
    await click("axial", [44, 40]);
    await bed.saved(2);
    await key("Alt+1");
    await bed.page.getByText("What may change", { exact: true }).click();
    await pick("Area", "Outside all");
    await bed.page.getByLabel("Values in a range").check();
    await type("Least (HU)", "50");
    await type("Most (HU)", "150");
    await pick("Writes over", "No other object");
    expect(await bed.page.getByTestId("masking-state").textContent()).toBe("Outside all objects · 50 to 150 HU · writes over no other object");
    await bed.picture("operations-masking");
    expect(await bed.violations()).toEqual([]);
    const before = labels();
    await key("Shift+M");
    await type("By (mm)", "6");
    await key("Enter");
    await previewed();
    expect(asked().masking).toEqual({ area: "outside_all", area_labels: [], values: [50, 150], overwrite: "nothing", overwrite_labels: [] });
    const after = expected(before);
    await key("Enter");
    await bed.saved(3);
    expect(labels()).toEqual(after);
    expect(voxelsOf(after, 2)).toBe(voxelsOf(before, 2));
    // The brush goes around what is another object's.
    await key("b");
    await click("axial", [48, 40]);
    await bed.saved(4);
    expect([voxelsOf(labels(), 1) > voxelsOf(after, 1), voxelsOf(labels(), 2)]).toEqual([true, voxelsOf(before, 2)]);
    await bed.page.getByText("What may change", { exact: true }).click();
    await bed.picture("operations-masking-closed");
    await bed.page.getByRole("button", { name: "Reset what may change" }).click();
    await bed.page.getByTestId("masking-state").waitFor({ state: "detached" });
    await click("axial", [44, 40]);
    await bed.saved(5);
    expect(voxelsOf(labels(), 2)).toBe(0);
  });

  it("is named when it leaves nothing of what is computed", async () => {
    await click("axial", [30, 40]);
    await bed.saved(1);
    await bed.page.getByText("What may change", { exact: true }).click();
    await pick("Area", "Inside all objects");
    await key("Shift+M");
    await bed.page.getByRole("button", { name: "Preview", exact: false }).click();
    await bed.page.getByText("would change nothing. What may change is limited, as is said below the tools.").waitFor();
    await bed.picture("operations-nothing");
    expect(bed.agent.work.revision).toBe(1);
  });
});
