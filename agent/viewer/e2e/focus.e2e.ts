// An address that asks for a place in the images: they open there, its slice comes first, and a bad place is refused by name.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

const DIMENSIONS = [48, 44, 16] as const;
let bed: TestBed;
let asked: string[];

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: DIMENSIONS, spacingMm: [3, 3, 5] } });
  asked = [];
  bed.page.on("request", (request) => {
    if (request.url().includes("/volume/pixels")) asked.push(new URL(request.url()).search);
  });
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

/** The slices that the panes show, as a voxel. */
async function shown(): Promise<readonly number[]> {
  const slices = ["sagittal", "coronal", "axial"].map(async (plane) => (await bed.geometry(plane)).slice);
  return Promise.all(slices);
}

describe("an address with a place", () => {
  it("opens the images there, also when it is loaded again, but not the next ones", async () => {
    await bed.signIn("m.keller", "/?focus=20,31,5");
    await bed.opened();
    expect([await shown(), asked]).toEqual([[20, 31, 5], ["?focus=5"]]);
    await bed.picture("focus");
    await bed.page.mouse.move(...(await bed.spot("axial", [20, 31])).page);
    // The same voxels as ever, though they came in another order.
    const { pixels } = bed.agent.phantom;
    const value = pixels.readInt16LE(2 * ((5 * DIMENSIONS[1] + 31) * DIMENSIONS[0] + 20));
    await bed.page.locator('[data-testid=value-under-cursor][data-voxel="20,31,5"]').getByText(`${value.toLocaleString("en-US").replace("-", "−")} HU`).waitFor();
    await bed.page.reload();
    await bed.opened();
    expect(await shown()).toEqual([20, 31, 5]);
    const before = bed.agent.task.id;
    bed.agent.next = { ...bed.agent.task, id: "5f0f5c1e-0a3d-4a0e-9a57-0f2f3a4b5c6d" };
    await bed.page.getByTestId("skip").click();
    await bed.page.locator(`[data-testid=task]:not([data-task="${before}"])`).waitFor();
    await bed.opened();
    expect(await shown()).toEqual([24, 22, 8]);
    expect(bed.page.url()).not.toContain("focus");
  });

  it.each([
    ["48,0,0", "The address asks for voxel 48, 0, 0 (focus), and the images have 48 × 44 × 16 voxels. The middle is shown."],
    ["liver", "The address asks for a place (focus) that is not three whole numbers, such as focus=120,88,40. The middle is shown."],
  ])("that is %s says what is wrong with it and shows the middle", async (place, words) => {
    await bed.signIn("m.keller", `/?focus=${place}`);
    await bed.opened();
    await bed.page.getByTestId("note").getByText(words).waitFor();
    expect([await shown(), asked]).toEqual([[24, 22, 8], ["?focus=8"]]);
    await bed.picture("focus-refused");
    expect(await bed.violations()).toEqual([]);
  });
});
