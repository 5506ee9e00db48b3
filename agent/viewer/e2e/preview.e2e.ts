// Operations that the agent computes, by a real mouse and keyboard: what is hatched is what is accepted, voxel for voxel,
// what is rejected leaves nothing, and undo after a reload goes back to the exact set.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";
import { changes, compute } from "./mock/compute";
import type { PreviewOperation } from "../src/api/types";

const DIMENSIONS = [96, 88, 24] as const;
const SPACING_MM = [1.5, 1.5, 3] as const;
const PER_SLICE = DIMENSIONS[0] * DIMENSIONS[1];
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

async function click(plane: string, index: readonly [number, number]): Promise<void> {
  const { page } = await bed.spot(plane, index);
  await bed.page.mouse.click(...page);
}

async function hover(plane: string, index: readonly [number, number]): Promise<void> {
  const { page } = await bed.spot(plane, index);
  await bed.page.mouse.move(...page);
}

async function key(name: string): Promise<void> {
  await bed.page.keyboard.press(name);
}

async function scroll(plane: string, slices: number): Promise<void> {
  const { slice } = await bed.geometry(plane);
  for (let n = 0; n < Math.abs(slices); n += 1) await bed.page.mouse.wheel(0, Math.sign(slices) * 100);
  await bed.page.locator(`[data-testid=pane-${plane}][data-slice="${slice - slices}"]`).waitFor();
}

async function previewed(): Promise<void> {
  await bed.page.locator('[data-testid=preview-bar][data-state="open"]').waitFor();
}

async function decided(): Promise<void> {
  await bed.page.getByTestId("preview-bar").waitFor({ state: "detached" });
}

function labels(): Uint8Array {
  return bed.agent.work.labels.slice();
}

/** What the agent's operation makes of the labels, by its definition, and not by what the browser did. */
function expected(before: Uint8Array, operation: PreviewOperation, label = 0): Uint8Array {
  const { pixels } = bed.agent.phantom;
  const values = new Int16Array(pixels.buffer, pixels.byteOffset, pixels.length / 2);
  return compute({ labels: before, values, dimensions: DIMENSIONS, spacingMm: SPACING_MM }, operation, label);
}

function lastAsked(): PreviewOperation {
  const operation = bed.agent.previews.started.at(-1);
  if (!operation) throw new Error("nothing was asked of the agent");
  return operation;
}

/** Voxels that would get or lose a label in a slice across k. */
function changedIn(before: Uint8Array, after: Uint8Array, k: number): { readonly added: number; readonly removed: number } {
  const runs = changes(before, after, DIMENSIONS).find((slice) => slice.k === k)?.runs ?? [];
  const voxels = (of: (now: number) => boolean): number => runs.reduce((sum, run) => sum + (of(run[3]) ? run[1] : 0), 0);
  return { added: voxels((now) => now !== 0), removed: voxels((now) => now === 0) };
}

async function hatched(plane: string): Promise<{ readonly added: number; readonly removed: number }> {
  const canvas = bed.page.getByTestId(`preview-${plane}`);
  return { added: Number(await canvas.getAttribute("data-added")), removed: Number(await canvas.getAttribute("data-removed")) };
}

/** The voxels of an axial slice, as places in it, whose middle is painted over on the screen. */
async function painted(): Promise<readonly number[]> {
  return bed.page.evaluate(
    ([columns, rows]) => {
      const pane = document.querySelector("[data-testid=pane-axial]");
      const canvas = document.querySelector<HTMLCanvasElement>("[data-testid=preview-axial]");
      const { origin, perA, perB } = JSON.parse(pane?.getAttribute("data-voxel-to-pane") ?? "null") as { readonly origin: number[]; readonly perA: number[]; readonly perB: number[] };
      const image = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height);
      const found: number[] = [];
      for (let b = 0; b < rows; b += 1) {
        for (let a = 0; a < columns; a += 1) {
          const [x, y] = [0, 1].map((n) => Math.floor((origin[n] ?? 0) + a * (perA[n] ?? 0) + b * (perB[n] ?? 0)));
          if (image && (image.data[4 * ((y ?? 0) * image.width + (x ?? 0)) + 3] ?? 0) > 0) found.push(b * columns + a);
        }
      }
      return found;
    },
    [DIMENSIONS[0], DIMENSIONS[1]] as const,
  );
}

async function focused(): Promise<string | null | undefined> {
  return bed.page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
}

/** How many canvases the page makes meanwhile. */
async function canvasesMade(meanwhile: () => Promise<void>): Promise<number> {
  await bed.page.evaluate(() => {
    const make = document.createElement.bind(document);
    Object.assign(window, { canvasesMade: 0 });
    document.createElement = (name: string, options?: ElementCreationOptions): HTMLElement => {
      if (name === "canvas") Object.assign(window, { canvasesMade: Number(Reflect.get(window, "canvasesMade")) + 1 });
      return make(name, options);
    };
  });
  await meanwhile();
  return bed.page.evaluate(() => Number(Reflect.get(window, "canvasesMade")));
}

describe("growing from seeds", () => {
  it("is shown hatched, accepted with Enter as one step, and undone to the exact set after a reload", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await key("Alt+2");
    await click("axial", [69, 49]);
    await bed.saved(2);
    const before = labels();
    await key("g");
    const background = [await bed.spot("axial", [48, 30]), await bed.spot("axial", [56, 58])] as const;
    await bed.drag(background[0].page, background[1].page);
    await expect.poll(async () => Number(await bed.page.getByTestId("scribbles-axial").getAttribute("data-voxels"))).toBeGreaterThan(50);
    expect(bed.agent.work.revision).toBe(2);
    await bed.picture("preview-grow-seeds");
    await key("Enter");
    await previewed();
    const asked = lastAsked();
    if (asked.kind !== "grow_from_seeds") throw new Error("something else was asked");
    expect([asked.box, asked.background.length]).toEqual([null, 1]);
    const after = expected(before, asked);
    const { slice } = await bed.geometry("axial");
    expect(await hatched("axial")).toEqual(changedIn(before, after, slice));
    const wanted = [...after.subarray(slice * PER_SLICE, (slice + 1) * PER_SLICE)].flatMap((label, place) => (label !== before[slice * PER_SLICE + place] ? [place] : []));
    await expect.poll(painted).toEqual(wanted);
    await bed.picture("preview-grow-open");
    expect(await bed.violations()).toEqual([]);
    // Nothing is drawn meanwhile, and the page says why.
    await key("b");
    await click("axial", [48, 20]);
    await bed.page.locator(".preview-held[data-nudged]").waitFor();
    expect(bed.agent.work.revision).toBe(2);
    expect(labels()).toEqual(before);

    await key("Enter");
    await bed.saved(3);
    await decided();
    expect(labels()).toEqual(after);
    expect(bed.agent.saves.at(-1)).toMatchObject([{ kind: "paint", tool: "grow", preview: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown }]);
    expect(bed.agent.previews.dropped).toEqual([]);

    await bed.page.reload();
    await bed.opened();
    await key("z");
    await bed.saved(4);
    expect(labels()).toEqual(before);
    await key("y");
    await bed.saved(5);
    expect(labels()).toEqual(after);
  });

  it("draws longer scribbles with what the first one was drawn with", async () => {
    await openTask();
    await key("g");
    const voxels = async (): Promise<number> => Number(await bed.page.getByTestId("scribbles-axial").getAttribute("data-voxels"));
    const [from, to, on] = [await bed.spot("axial", [48, 30]), await bed.spot("axial", [56, 58]), await bed.spot("axial", [70, 62])];
    await bed.drag(from.page, to.page);
    await expect.poll(voxels).toBeGreaterThan(50);
    const before = await voxels();
    const made = await canvasesMade(async () => {
      await bed.drag(to.page, on.page);
      await expect.poll(voxels).toBeGreaterThan(before);
    });
    expect(made).toBe(0);
  });

  it("rejected with Escape leaves nothing and is told to the agent", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await bed.saved(1);
    const before = labels();
    await key("g");
    await bed.page.getByLabel("Grow within").selectOption("view");
    await bed.page.getByRole("button", { name: "Grow", exact: true }).click();
    await previewed();
    expect(lastAsked()).toMatchObject({ box: { lower: [0, 0, 0], upper: [DIMENSIONS[0] - 1, DIMENSIONS[1] - 1, DIMENSIONS[2] - 1] } });
    // Whoever started it by the button accepts or rejects by the next key, and then goes on in the pictures.
    expect(await bed.page.evaluate(() => document.activeElement?.textContent)).toContain("Accept");
    expect(await bed.page.getByTestId("preview-news").textContent()).toMatch(/^Preview of Grow from seeds: [\d.]+ mL \([\d,]+ voxels\) added\. Enter accepts, Escape rejects\.$/);
    expect(await bed.violations()).toEqual([]);
    await key("Escape");
    await decided();
    expect(await focused()).toBe("pane-axial");
    await bed.page.getByText("Grow from seeds: rejected. Nothing was changed.").waitFor();
    await expect.poll(() => bed.agent.previews.dropped.map(({ outcome }) => outcome)).toEqual(["rejected"]);
    expect([bed.agent.work.revision, await hatched("axial")]).toEqual([1, { added: 0, removed: 0 }]);
    expect(labels()).toEqual(before);
    await key("b");
    await click("axial", [60, 40]);
    await bed.saved(2);
  });

  it("takes the box of what is seen", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await bed.saved(1);
    await hover("axial", [30, 40]);
    await bed.page.keyboard.down("Control");
    for (let n = 0; n < 4; n += 1) await bed.page.mouse.wheel(0, -200);
    await bed.page.keyboard.up("Control");
    await key("g");
    await bed.page.getByLabel("Grow within").selectOption("view");
    const { origin, perA, perB } = await bed.geometry("axial");
    const pane = await bed.page.getByTestId("pane-axial").boundingBox();
    await hover("axial", [30, 40]);
    await key("Enter");
    await previewed();
    const asked = lastAsked();
    if (asked.kind !== "grow_from_seeds" || !asked.box || !pane) throw new Error("no box was asked for");
    const seen = [[-origin[0] / perA[0], (pane.width - origin[0]) / perA[0]], [-origin[1] / perB[1], (pane.height - origin[1]) / perB[1]]];
    seen.forEach((ends, n) => {
      const [low, high] = [Math.min(...ends), Math.max(...ends)];
      expect(asked.box?.lower[n]).toBe(Math.max(0, Math.floor(low + 0.5)));
      expect(asked.box?.upper[n]).toBe(Math.min((DIMENSIONS[n] ?? 0) - 1, Math.ceil(high - 0.5)));
    });
    expect(asked.box.upper[0] - asked.box.lower[0]).toBeLessThan(DIMENSIONS[0] - 10);
  });
});

describe("filling between slices", () => {
  it("fills across the slices of the pane under the cursor", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await scroll("axial", 4);
    await click("axial", [34, 42]);
    await bed.saved(2);
    const before = labels();
    await hover("axial", [60, 20]);
    await key("f");
    await key("Enter");
    await previewed();
    expect(lastAsked()).toEqual({ kind: "fill_between_slices", label: 1, axis: 2 });
    await scroll("axial", -2);
    const after = expected(before, lastAsked());
    const { slice } = await bed.geometry("axial");
    expect(changedIn(before, after, slice).added).toBeGreaterThan(20);
    await expect.poll(() => hatched("axial")).toEqual(changedIn(before, after, slice));
    await bed.picture("preview-fill");
    await key("Enter");
    await bed.saved(3);
    expect(labels()).toEqual(after);
  });

  it("takes another axis from the sagittal pane", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await bed.saved(1);
    await hover("sagittal", [40, 12]);
    await key("f");
    await key("Enter");
    await bed.page.getByText("Fill between slices would change nothing.").waitFor();
    expect(lastAsked()).toEqual({ kind: "fill_between_slices", label: 1, axis: 0 });
    await expect.poll(() => bed.agent.previews.dropped.map(({ outcome }) => outcome)).toEqual(["ended"]);
  });
});

describe("islands", () => {
  async function threeIslands(): Promise<Uint8Array> {
    await openTask();
    await click("axial", [30, 40]);
    await key("]");
    await click("axial", [60, 40]);
    for (let n = 0; n < 8; n += 1) await key("[");
    await click("axial", [45, 60]);
    await bed.saved(3);
    await key("i");
    return labels();
  }

  it("keeps the largest and shows what would go crossed out", async () => {
    const before = await threeIslands();
    await key("Enter");
    await previewed();
    const after = expected(before, lastAsked());
    const { slice } = await bed.geometry("axial");
    const change = changedIn(before, after, slice);
    expect([change.added, change.removed > 20]).toEqual([0, true]);
    expect(await hatched("axial")).toEqual(change);
    await bed.picture("preview-islands");
    await key("Enter");
    await bed.saved(4);
    expect(labels()).toEqual(after);
    await key("z");
    await bed.saved(5);
    expect(labels()).toEqual(before);
  });

  it("removes what is smaller than so many millilitres", async () => {
    const before = await threeIslands();
    await bed.page.getByLabel("Islands", { exact: true }).selectOption("remove_small");
    await bed.page.getByLabel("Unit").selectOption("mL");
    await bed.page.getByLabel("Smallest island that stays").fill("0.2");
    await bed.page.getByRole("button", { name: "Preview" }).click();
    await previewed();
    expect(lastAsked()).toEqual({ kind: "islands", label: 1, mode: "remove_small", minimum_mm3: 200, picked: null });
    const after = expected(before, lastAsked());
    await bed.page.getByRole("button", { name: "Accept", exact: true }).click();
    await bed.saved(4);
    await decided();
    expect(await focused()).toBe("pane-axial");
    expect(labels()).toEqual(after);
    expect(changes(before, after, DIMENSIONS).flatMap(({ runs }) => runs).reduce((sum, run) => sum + run[1], 0)).toBeGreaterThan(0);
  });

  it("takes away the one that is clicked, and none where there is none", async () => {
    const before = await threeIslands();
    await bed.page.getByLabel("Islands", { exact: true }).selectOption("remove_picked");
    await click("axial", [80, 20]);
    expect(bed.agent.previews.started).toEqual([]);
    const { slice } = await bed.geometry("axial");
    await click("axial", [60, 40]);
    await previewed();
    expect(lastAsked()).toMatchObject({ mode: "remove_picked", picked: [60, 40, slice] });
    const after = expected(before, lastAsked());
    await key("Enter");
    await bed.saved(4);
    expect(labels()).toEqual(after);
    expect([after[slice * PER_SLICE + 40 * DIMENSIONS[0] + 60], after[slice * PER_SLICE + 40 * DIMENSIONS[0] + 30]]).toEqual([0, 1]);
  });
});

describe("smoothing", () => {
  it("by a method and a radius changes what its definition says, for one object or for all", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await scroll("axial", 1);
    await click("axial", [32, 41]);
    await key("Alt+2");
    await click("axial", [44, 40]);
    await bed.saved(3);
    await key("Alt+1");
    const before = labels();
    await key("j");
    await bed.page.getByLabel("Method").selectOption("median");
    await bed.page.getByLabel("Radius").fill("4");
    await bed.page.getByRole("button", { name: "Smooth", exact: true }).last().click();
    await previewed();
    expect(lastAsked()).toEqual({ kind: "smooth", label: 1, method: "median", radius_mm: 4 });
    const median = expected(before, lastAsked());
    await bed.picture("preview-smooth");
    await key("Enter");
    await bed.saved(4);
    expect(labels()).toEqual(median);
    await bed.page.getByLabel("Method").selectOption("joint");
    await hover("axial", [60, 20]);
    await key("Enter");
    await previewed();
    expect(lastAsked()).toEqual({ kind: "smooth", label: null, method: "joint", radius_mm: 4 });
    const joint = expected(median, lastAsked());
    const { slice } = await bed.geometry("axial");
    await expect.poll(() => hatched("axial")).toEqual(changedIn(median, joint, slice));
    await key("Enter");
    await bed.saved(5);
    expect(labels()).toEqual(joint);
  });
});

describe("an operation that takes long", () => {
  it("tells how far it is, holds the brush, is cancelled, and its late answer is not taken", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await bed.saved(1);
    let release: () => void = () => undefined;
    bed.agent.previews.hold = new Promise((resolve) => {
      release = resolve;
    });
    await key("g");
    await key("Enter");
    await bed.page.getByText("computing 7 of 20 slices").waitFor();
    expect(await bed.page.getByTestId("preview-news").textContent()).toBe("Grow from seeds: 25 % done.");
    await bed.picture("preview-running");
    expect(await bed.violations()).toEqual([]);
    await key("b");
    await click("axial", [60, 40]);
    await bed.page.locator(".preview-held[data-nudged]").waitFor();
    expect(bed.agent.work.revision).toBe(1);
    await key("Escape");
    await bed.page.getByText("Grow from seeds was cancelled. Nothing was changed.").waitFor();
    release();
    await expect.poll(() => bed.agent.previews.dropped.map(({ outcome }) => outcome)).toEqual(["ended"]);
    await click("axial", [60, 40]);
    await bed.saved(2);
    await decided();
  });

  it("goes on when the line was down, and says so meanwhile", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await bed.saved(1);
    bed.agent.previews.lineDown = true;
    await key("g");
    await key("Enter");
    await bed.page.getByText("the line is down; the agent goes on, and is asked again").waitFor();
    bed.agent.previews.lineDown = false;
    await previewed();
    await key("Enter");
    await bed.saved(2);
  });

  it("goes on in a page that the browser keeps and brings back, and ends with one that goes for good", async () => {
    const travels = async (type: "pagehide" | "pageshow", persisted: boolean): Promise<void> =>
      bed.page.evaluate(([name, kept]) => void window.dispatchEvent(new PageTransitionEvent(name, { persisted: kept })), [type, persisted] as const);
    await openTask();
    await click("axial", [30, 40]);
    await bed.saved(1);
    let release: () => void = () => undefined;
    bed.agent.previews.hold = new Promise((resolve) => {
      release = resolve;
    });
    await key("g");
    await key("Enter");
    await bed.page.getByText("computing 7 of 20 slices").waitFor();
    await travels("pagehide", true);
    await travels("pageshow", true);
    release();
    await previewed();
    await key("Enter");
    await bed.saved(2);
    expect(bed.agent.previews.dropped).toEqual([]);
    bed.agent.previews.hold = new Promise(() => undefined);
    await key("Enter");
    await bed.page.getByText("computing 7 of 20 slices").waitFor();
    await travels("pagehide", false);
    await expect.poll(() => bed.agent.previews.dropped.map(({ outcome }) => outcome)).toEqual(["ended"]);
    await decided();
  });

  it("fails in words", async () => {
    await openTask();
    await key("g");
    await bed.page.getByText("Draw a seed on each object first.").waitFor();
    await key("b");
    await click("axial", [30, 40]);
    await bed.saved(1);
    bed.agent.previews.failure = { code: "too-large", title: "the box has more voxels than can be grown in" };
    await key("g");
    await key("Enter");
    await bed.page.getByText("Grow from seeds failed. The box has more voxels than can be grown in. Zoom in and take the box of the current view.").waitFor();
    await bed.picture("preview-failed");
    expect(await bed.violations()).toEqual([]);
    await bed.page.getByRole("button", { name: "Close this message" }).click();
    await bed.page.getByTestId("preview-said").waitFor({ state: "detached" });
  });

  it("is dropped with words when the time for the task runs out", async () => {
    await openTask();
    await click("axial", [30, 40]);
    await bed.saved(1);
    await key("g");
    await key("Enter");
    await previewed();
    bed.agent.leaseGivenOn = true;
    await bed.page.getByText("Sharp", { exact: true }).click();
    await bed.page.getByText("Grow from seeds was dropped: the time for this task ran out.").waitFor();
    await decided();
  });
});
