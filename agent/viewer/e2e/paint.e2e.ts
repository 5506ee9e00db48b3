// Strokes by a real mouse end up at the agent as exactly the voxels that the definition of the brush names.

import { afterEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

const DIMENSIONS = [160, 144, 40] as const;
const SPACING_MM = [0.9, 0.9, 2.5] as const;
const ANGLE = Math.PI / 12;
const LEFT_HANDED = [1, 0, 0, 0, 1, 0, 0, 0, -1];
const TILTED = [1, 0, 0, 0, Math.cos(ANGLE), Math.sin(ANGLE), 0, -Math.sin(ANGLE), Math.cos(ANGLE)];

type Point = readonly [number, number];

/** Offsets within the radius (mm) of a centre in a slice: the definition itself, voxel by voxel over the whole slice. */
function disc(axis: 0 | 1 | 2, slice: number, centre: Point, radiusMm: number): number[] {
  const inPlane = [0, 1, 2].filter((other) => other !== axis);
  const found: number[] = [];
  for (let k = 0; k < DIMENSIONS[2]; k += 1) {
    for (let j = 0; j < DIMENSIONS[1]; j += 1) {
      for (let i = 0; i < DIMENSIONS[0]; i += 1) {
        const index = [i, j, k];
        if (index[axis] !== slice) continue;
        const square = inPlane.reduce((total, other, n) => total + (((index[other] ?? 0) - (centre[n] ?? 0)) * (SPACING_MM[other] ?? 1)) ** 2, 0);
        const under = inPlane.every((other, n) => index[other] === Math.floor((centre[n] ?? 0) + 0.5));
        if (square <= radiusMm ** 2 || under) found.push((k * DIMENSIONS[1] + j) * DIMENSIONS[0] + i);
      }
    }
  }
  return found;
}

describe.each([
  ["straight", undefined],
  ["tilted by 15 degrees", TILTED],
  ["left-handed", LEFT_HANDED],
])("on a volume that is %s", (name, direction) => {
  let bed: TestBed;

  afterEach(async () => {
    const { complaints } = bed;
    await bed.stop();
    expect(complaints).toEqual([]);
  });

  async function open(): Promise<void> {
    bed = await TestBed.start({ phantom: { dimensions: DIMENSIONS, spacingMm: SPACING_MM, ...(direction ? { direction } : {}) } });
    await bed.signIn();
    await bed.opened();
  }

  async function tintAt(page: Point): Promise<number> {
    const [red, , blue] = await bed.pixel(page);
    return blue - red;
  }

  it("a click paints exactly the disc in each pane, and undo and reload agree", async () => {
    await open();
    const expected = new Set<number>();
    let revision = 0;
    for (const [plane, axis, at] of [["axial", 2, [60, 70]], ["sagittal", 0, [60, 12]], ["coronal", 1, [100, 20]]] as const) {
      const { page, inSlice } = await bed.spot(plane, at);
      const { slice } = await bed.geometry(plane);
      await bed.page.mouse.click(page[0], page[1]);
      revision += 1;
      await bed.saved(revision);
      for (const offset of disc(axis, slice, inSlice, 5)) expected.add(offset);
      expect(bed.agent.work.voxels(1)).toEqual([...expected].sort((a, b) => a - b));
      // The copy that is drawn shows the stroke at the same place.
      await expect.poll(async () => tintAt(page)).toBeGreaterThan(20);
    }
    await bed.picture(`painted-${name.replaceAll(" ", "-")}`);

    await bed.page.reload();
    await bed.opened();
    const again = await bed.spot("axial", [60, 70]);
    await expect.poll(async () => tintAt(again.page)).toBeGreaterThan(20);
    await bed.page.keyboard.press("z");
    await bed.page.keyboard.press("z");
    await bed.page.keyboard.press("z");
    await bed.saved(revision + 3);
    expect(bed.agent.work.voxels(1)).toEqual([]);
    await bed.page.keyboard.press("y");
    await bed.saved(revision + 4);
    expect(bed.agent.work.voxels(1).length).toBeGreaterThan(0);
  });

  it("a fast drag leaves no gap and the eraser takes exactly its disc away", async () => {
    await open();
    const from = await bed.spot("axial", [40, 60]);
    const to = await bed.spot("axial", [110, 80]);
    const { slice } = await bed.geometry("axial");
    await bed.page.mouse.move(...from.page);
    await bed.page.mouse.down();
    await bed.page.mouse.move(...to.page);
    await bed.page.mouse.up();
    await bed.saved(1);
    const painted = new Set(bed.agent.work.voxels(1));
    for (let part = 0; part <= 400; part += 1) {
      const along: Point = [0, 1].map((n) => (from.inSlice[n] ?? 0) + (part / 400) * ((to.inSlice[n] ?? 0) - (from.inSlice[n] ?? 0))) as [number, number];
      for (const offset of disc(2, slice, along, 5 - 1e-6).slice(0, 400)) if (!painted.has(offset)) expect.fail("a voxel of the path is missing");
      if (part % 40 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const middle = await bed.spot("axial", [75, 70]);
    await bed.page.keyboard.press("e");
    await bed.page.mouse.click(...middle.page);
    await bed.saved(2);
    for (const offset of disc(2, slice, middle.inSlice, 5)) painted.delete(offset);
    expect(bed.agent.work.voxels(1)).toEqual([...painted].sort((a, b) => a - b));
  });
});
