// A model at work with a person: points, a box, scribbles and what is drawn, by a real mouse; accepted, rejected, asked
// again, refused by a server that is away; and what a batch job has prepared.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";
import { compute } from "./mock/compute";
import { BUILT_IN, MODELS, SPLEEN } from "./mock/previews";
import type { PreviewOperation } from "../src/api/types";

const DIMENSIONS = [96, 88, 24] as const;
const SPACING_MM = [1.5, 1.5, 3] as const;

type Asked = Extract<PreviewOperation, { readonly kind: "assist" }>;

let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: DIMENSIONS, spacingMm: SPACING_MM } });
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

async function openTask(): Promise<void> {
  await bed.signIn();
  await bed.opened();
}

async function openAssist(): Promise<void> {
  await openTask();
  await bed.page.keyboard.press("a");
  await bed.page.getByLabel("Model", { exact: true }).waitFor();
}

/** Clicks and answers with the voxel that lies there. */
async function click(plane: string, index: readonly [number, number], alt = false): Promise<readonly number[]> {
  const { page, inSlice } = await bed.spot(plane, index);
  if (alt) await bed.page.keyboard.down("Alt");
  await bed.page.mouse.click(...page);
  if (alt) await bed.page.keyboard.up("Alt");
  return inSlice.map((value) => Math.floor(value + 0.5));
}

async function previewed(): Promise<void> {
  await bed.page.locator('[data-testid=preview-bar][data-state="open"]').waitFor();
}

function labels(): Uint8Array {
  return bed.agent.work.labels.slice();
}

function lastAsked(): Asked {
  const operation = bed.agent.previews.started.at(-1);
  if (operation?.kind !== "assist") throw new Error("no model was asked");
  return operation;
}

function expected(before: Uint8Array, operation: Asked, label: number): Uint8Array {
  const { pixels } = bed.agent.phantom;
  const values = new Int16Array(pixels.buffer, pixels.byteOffset, pixels.length / 2);
  return compute({ labels: before, values, dimensions: DIMENSIONS, spacingMm: SPACING_MM }, operation, label);
}

async function prompts(plane: string, kind: string): Promise<number> {
  return bed.page.getByTestId(`prompts-${plane}`).locator(`[data-prompt=${kind}]`).count();
}

describe("points", () => {
  it("inside and outside ask the model, more of them ask again, and the answer is accepted as one step", async () => {
    await openAssist();
    await bed.page.getByText("Answers for Liver.").waitFor();
    await bed.page.getByText("Set a point inside, a box, a scribble or a drawing to start from first.").waitFor();
    const { slice } = await bed.geometry("axial");
    const inside = await click("axial", [30, 40]);
    const outside = await click("axial", [48, 44], true);
    expect([await prompts("axial", "inside"), await prompts("axial", "outside")]).toEqual([1, 1]);
    await bed.page.keyboard.press("Enter");
    await previewed();
    expect(lastAsked()).toEqual({
      kind: "assist", model_id: BUILT_IN, object_id: 1, box: null, scribbles: [], from_mask: false,
      points: [{ at: [...inside, slice], positive: true }, { at: [...outside, slice], positive: false }],
    });
    await bed.page.getByTestId("preview-bar").getByText("Built-in · Random walker").waitFor();
    await bed.picture("assist-points");
    expect(await bed.violations()).toEqual([]);
    // Another point, and the first one moved; the answer before is dropped.
    const more = await click("axial", [24, 52]);
    const grip = await bed.spot("axial", [30, 40]);
    const to = await bed.spot("axial", [28, 36]);
    await bed.drag(grip.page, to.page);
    await bed.page.getByRole("button", { name: "Run again" }).click();
    await expect.poll(() => bed.agent.previews.started.length).toBe(2);
    await previewed();
    expect(lastAsked().points).toEqual([
      { at: [...to.inSlice.map((value) => Math.floor(value + 0.5)), slice], positive: true },
      { at: [...outside, slice], positive: false },
      { at: [...more, slice], positive: true },
    ]);
    expect(bed.agent.previews.dropped.map(({ outcome }) => outcome)).toEqual(["ended"]);
    const before = labels();
    const after = expected(before, lastAsked(), 1);
    await bed.page.getByRole("button", { name: "Accept", exact: true }).click();
    await bed.saved(1);
    expect(labels()).toEqual(after);
    expect(await prompts("axial", "inside")).toBe(0);
    expect(bed.agent.saves.at(-1)).toMatchObject([{ tool: "assist", preview: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown }]);
    await bed.page.reload();
    await bed.opened();
    await bed.page.keyboard.press("z");
    await bed.saved(2);
    expect(labels()).toEqual(before);
  });

  it("are selected, removed and cleared", async () => {
    await openAssist();
    await click("axial", [30, 40]);
    await click("axial", [40, 40]);
    await bed.page.keyboard.press("Delete");
    expect(await prompts("axial", "inside")).toBe(1);
    await bed.page.getByRole("button", { name: "− Outside" }).click();
    await click("axial", [60, 40]);
    expect([await prompts("axial", "inside"), await prompts("axial", "outside")]).toEqual([1, 1]);
    await bed.page.getByRole("button", { name: "Clear all prompts" }).click();
    expect([await prompts("axial", "inside"), await prompts("axial", "outside")]).toEqual([0, 0]);
  });

  it("are rejected with Escape and leave nothing", async () => {
    await openAssist();
    await click("axial", [30, 40]);
    await bed.page.keyboard.press("Enter");
    await previewed();
    await bed.page.keyboard.press("Escape");
    await bed.page.getByText("Random walker: rejected. Nothing was changed.").waitFor();
    await expect.poll(() => bed.agent.previews.dropped.map(({ outcome }) => outcome)).toEqual(["rejected"]);
    expect([bed.agent.work.revision, labels().some((label) => label !== 0)]).toEqual([0, false]);
    // The prompts stay for another try.
    expect(await prompts("axial", "inside")).toBe(1);
  });
});

describe("a box", () => {
  it("is dragged, made deep by a handle in another pane, and accepted", async () => {
    await openAssist();
    await bed.page.getByRole("button", { name: "Box", exact: true }).last().click();
    const [from, to] = [await bed.spot("axial", [62, 40]), await bed.spot("axial", [78, 58])];
    await bed.drag(from.page, to.page);
    expect(await prompts("axial", "box")).toBe(1);
    const { slice } = await bed.geometry("axial");
    const corner = (spot: typeof from): readonly number[] => spot.inSlice.map((value) => Math.floor(value + 0.5));
    // As deep as its shorter side: 17 voxels of 1.5 mm are 8.5 slices of 3 mm, so three to either side.
    const depth = Math.floor((((corner(to)[0] ?? 0) - (corner(from)[0] ?? 0) + 1) * 1.5 / 3 - 1) / 2);
    await bed.page.keyboard.press("Enter");
    await previewed();
    expect(lastAsked().box).toEqual({ lower: [...corner(from), slice - depth], upper: [...corner(to), slice + depth] });
    await bed.picture("assist-box");
    await bed.page.keyboard.press("Escape");

    const jump = await bed.spot("axial", [70, 49]);
    await bed.page.keyboard.down("Shift");
    await bed.page.mouse.click(...jump.page);
    await bed.page.keyboard.up("Shift");
    const middle = ((corner(from)[0] ?? 0) + (corner(to)[0] ?? 0)) / 2;
    const [side, above] = [await bed.spot("coronal", [middle, slice + depth + 0.5]), await bed.spot("coronal", [middle, slice + depth + 2.5])];
    await bed.drag(side.page, above.page);
    await bed.page.keyboard.press("Enter");
    await previewed();
    expect(lastAsked().box).toEqual({ lower: [...corner(from), slice - depth], upper: [...corner(to), slice + depth + 2] });
    const after = expected(labels(), lastAsked(), 1);
    await bed.page.keyboard.press("Enter");
    await bed.saved(1);
    expect(labels()).toEqual(after);
    expect(after.some((label) => label === 1)).toBe(true);
  });
});

describe("scribbles and what is drawn", () => {
  it("go with the question, each on its side, and the answer can be edited at once", async () => {
    await openTask();
    const seed = await bed.spot("axial", [30, 40]);
    for (let n = 0; n < 8; n += 1) await bed.page.keyboard.press("[");
    await bed.page.mouse.click(...seed.page);
    await bed.saved(1);
    await bed.page.keyboard.press("a");
    await bed.page.getByRole("button", { name: "Scribble", exact: true }).click();
    const inside = [await bed.spot("axial", [24, 50]), await bed.spot("axial", [34, 50])] as const;
    await bed.drag(inside[0].page, inside[1].page);
    await bed.page.keyboard.down("Alt");
    const outside = [await bed.spot("axial", [46, 30]), await bed.spot("axial", [46, 50])] as const;
    await bed.drag(outside[0].page, outside[1].page);
    await bed.page.keyboard.up("Alt");
    await bed.page.getByLabel("From what is drawn").check();
    await bed.picture("assist-scribbles");
    await bed.page.getByRole("button", { name: "Run", exact: true }).click();
    await previewed();
    const { slice } = await bed.geometry("axial");
    const asked = lastAsked();
    expect([asked.from_mask, asked.points, asked.scribbles.map((scribble) => scribble.k)]).toEqual([true, [], [slice]]);
    const voxels = (sign: 0 | 1): number => asked.scribbles.flatMap((scribble) => scribble.runs).filter((run) => run[2] === sign).reduce((sum, run) => sum + run[1], 0);
    const drawn = Number(await bed.page.getByTestId("scribbles-axial").getAttribute("data-voxels"));
    expect([voxels(0) > 20, voxels(1) > 20, voxels(0) + voxels(1)]).toEqual([true, true, drawn]);
    const after = expected(labels(), asked, 1);
    await bed.page.getByRole("button", { name: "Accept and edit" }).click();
    await bed.saved(2);
    expect(labels()).toEqual(after);
    await bed.page.getByRole("button", { name: "Brush", exact: true, pressed: true }).waitFor();
    const beside = await bed.spot("axial", [60, 20]);
    await bed.page.mouse.click(...beside.page);
    await bed.saved(3);
  });
});

describe("a model", () => {
  it("that needs no prompt names itself, its licence, and all objects that it knows", async () => {
    await openAssist();
    await bed.page.getByLabel("Model", { exact: true }).selectOption(SPLEEN);
    await bed.page.getByText("MONAI Label · Research only, not for care").waitFor();
    await bed.page.getByRole("button", { name: "All 2 objects", pressed: true }).waitFor();
    await bed.picture("assist-automatic");
    expect(await bed.violations()).toEqual([]);
    bed.agent.previews.failure = { code: "resting", title: "The model server failed several times and is given 30 s of rest." };
    await bed.page.getByRole("button", { name: "Run", exact: true }).click();
    await bed.page.getByText("MONAI Label · Liver and lesions failed. The model server failed several times and is given 30 s of rest. Until then choose another model, or go on by hand.").waitFor();
    await bed.picture("assist-failed");
    expect(lastAsked()).toMatchObject({ model_id: SPLEEN, object_id: null, points: [], box: null });
    await bed.page.getByTestId("setting-assist").getByRole("button", { name: "Liver", exact: true }).click();
    await bed.page.getByRole("button", { name: "Run", exact: true }).click();
    await expect.poll(() => bed.agent.previews.started.length).toBe(2);
    expect(lastAsked().object_id).toBe(1);
  });

  it("that is away says so and is not asked", async () => {
    bed.agent.previews.models = MODELS.map((model) => ({ ...model, available: false, trouble: "The model server failed several times; it is asked again at 14:05." }));
    await openAssist();
    await bed.page.getByTestId("model-trouble").getByText("it is asked again at 14:05").waitFor();
    await click("axial", [30, 40]);
    await bed.page.keyboard.press("Enter");
    expect(bed.agent.previews.started).toEqual([]);
    await bed.picture("assist-away");
    expect(await bed.violations()).toEqual([]);
  });

  it("is missing where none is registered", async () => {
    bed.agent.previews.models = [];
    await openTask();
    await bed.page.keyboard.press("a");
    await bed.page.getByText("No model is registered for images of this kind.").waitFor();
  });
});

describe("what a batch job has prepared", () => {
  const SLICES = [{ k: 11, runs: [[40 * 96 + 20, 12, 0, 1], [41 * 96 + 20, 12, 0, 2]] }] as const;

  it("is shown when the task is opened and nothing is drawn, and accepted as one step", async () => {
    bed.agent.previews.proposal = { id: "ab".repeat(16), source: { kind: "assist", model_id: SPLEEN, name: "Liver and lesions" }, slices: SLICES };
    await openTask();
    await previewed();
    await bed.page.getByTestId("preview-bar").getByText("MONAI Label · Liver and lesions").waitFor();
    await bed.page.getByRole("button", { name: "Show" }).click();
    await expect.poll(async () => bed.page.getByTestId("preview-axial").getAttribute("data-added")).toBe("24");
    await bed.picture("assist-proposal");
    await bed.page.keyboard.press("Control+Enter");
    await bed.page.getByText("Not submitted: accept or reject the preview first.").waitFor();
    await bed.page.keyboard.press("Enter");
    await bed.page.getByText("Not submitted: accept or reject the preview first.").waitFor({ state: "detached" });
    await bed.saved(1);
    expect([bed.agent.work.voxels(1).length, bed.agent.work.voxels(2).length]).toEqual([12, 12]);
    expect(bed.agent.saves.at(-1)).toMatchObject([{ tool: "assist", preview: "ab".repeat(16) }]);
    await bed.page.keyboard.press("z");
    await bed.saved(2);
    expect(labels().some((label) => label !== 0)).toBe(false);
  });

  it("does not come between when it arrives under a hand at work, though nothing is drawn yet", async () => {
    bed.agent.previews.proposal = { id: "ab".repeat(16), source: { kind: "assist", model_id: SPLEEN, name: "Liver and lesions" }, slices: SLICES };
    let arrive: () => void = () => undefined;
    bed.agent.previews.proposalHold = new Promise((resolve) => (arrive = resolve));
    await openTask();
    // An eraser at work on an empty map leaves no trace in it.
    await bed.page.keyboard.press("e");
    const [from, to] = [await bed.spot("axial", [30, 40]), await bed.spot("axial", [40, 44])];
    await bed.page.mouse.move(...from.page);
    await bed.page.mouse.down();
    await bed.page.mouse.move(...to.page);
    const answered = bed.page.waitForResponse((response) => response.url().endsWith("/proposal"));
    arrive();
    await (await answered).finished();
    await bed.page.mouse.up();
    await bed.page.keyboard.press("b");
    await bed.page.mouse.click(...from.page);
    await bed.saved(1);
    expect([await bed.page.getByTestId("preview-bar").count(), bed.agent.previews.dropped]).toEqual([0, []]);
  });

  it("and the panel of models fit a narrow screen", async () => {
    await bed.page.setViewportSize({ width: 390, height: 844 });
    bed.agent.previews.proposal = { id: "ab".repeat(16), source: { kind: "assist", model_id: SPLEEN, name: "Liver and lesions" }, slices: SLICES };
    await openTask();
    await previewed();
    await bed.page.getByRole("button", { name: "Assist by a model" }).click();
    await bed.page.getByRole("button", { name: "Accept", exact: true }).scrollIntoViewIfNeeded();
    expect(await bed.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await bed.picture("assist-narrow");
    expect(await bed.violations()).toEqual([]);
  });

  it("is rejected for good", async () => {
    bed.agent.previews.proposal = { id: "ab".repeat(16), source: { kind: "assist", model_id: SPLEEN, name: "Liver and lesions" }, slices: SLICES };
    await openTask();
    await previewed();
    await bed.page.getByRole("button", { name: "Reject", exact: true }).click();
    await expect.poll(() => bed.agent.previews.dropped).toEqual([{ id: "ab".repeat(16), outcome: "rejected" }]);
    await bed.page.reload();
    await bed.opened();
    expect(await bed.page.getByTestId("preview-bar").count()).toBe(0);
    expect(bed.agent.work.revision).toBe(0);
  });
});
