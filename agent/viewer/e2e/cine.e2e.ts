// A cine loop: plays by itself at its rate, stops at whatever a person does, and stands still for those who want no motion.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestBed } from "./browser";

const FRAMES = 8;
let bed: TestBed;

beforeEach(async () => {
  bed = await TestBed.start({ phantom: { dimensions: [120, 90, FRAMES], spacingMm: [1, 1, 1], colour: true, stackReasons: ["missing-geometry"], frameTimeMs: 50 } });
});

afterEach(async () => {
  const { complaints } = bed;
  await bed.stop();
  expect(complaints).toEqual([]);
});

async function frame(): Promise<number> {
  return Number(await bed.page.getByTestId("pane-axial").getAttribute("data-slice"));
}

async function playing(): Promise<void> {
  await bed.page.locator("[data-testid=cine][data-playing]").waitFor();
}

async function stopped(): Promise<void> {
  await bed.page.locator("[data-testid=cine]:not([data-playing])").waitFor();
}

/** Waits until every frame was seen, and the first of them a second time. */
async function goesRound(): Promise<void> {
  await bed.page.evaluate(async (frames) => {
    const pane = document.querySelector("[data-testid=pane-axial]");
    const seen = new Set<string>();
    const first = pane?.getAttribute("data-slice");
    await new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        const now = pane?.getAttribute("data-slice") ?? "";
        if (seen.size >= frames - 1 && now === first) {
          observer.disconnect();
          resolve();
        }
        seen.add(now);
      });
      if (pane) observer.observe(pane, { attributeFilter: ["data-slice"] });
    });
  }, FRAMES - 2);
}

describe("a cine loop", () => {
  it("plays when it is here, goes round, and a press on the picture stops it and draws nothing", async () => {
    await bed.signIn();
    await bed.opened();
    await playing();
    await goesRound();
    expect(await bed.page.getByTestId("cine").textContent()).toContain("20 frames/s");
    await bed.picture("cine-playing");
    expect(await bed.violations()).toEqual([]);
    const { page } = await bed.spot("axial", [60, 45]);
    await bed.page.mouse.click(...page);
    await stopped();
    const shown = await frame();
    expect([bed.agent.work.revision, await bed.page.getByRole("button", { name: "Play" }).count()]).toEqual([0, 1]);
    // The next press draws, on the frame that stands still.
    await bed.page.mouse.click(...page);
    await bed.saved(1);
    expect(new Set(bed.agent.work.voxels(1).map((offset) => Math.floor(offset / (120 * 90))))).toEqual(new Set([shown]));
    await bed.picture("cine-stopped");
  });

  it("is started by its key and its button, and stopped by them, by the wheel, and by any other key", async () => {
    await bed.page.emulateMedia({ reducedMotion: "reduce" });
    await bed.signIn();
    await bed.opened();
    expect(await frame()).toBe(FRAMES / 2);
    await stopped();
    await bed.page.keyboard.press("w");
    await playing();
    await goesRound();
    await bed.page.keyboard.press("w");
    await stopped();
    await bed.page.getByRole("button", { name: "Play" }).click();
    await playing();
    await bed.page.getByRole("button", { name: "Stop" }).click();
    await stopped();
    await bed.page.getByRole("button", { name: "Play" }).focus();
    await bed.page.keyboard.press("Enter");
    await playing();
    const { page } = await bed.spot("axial", [60, 45]);
    await bed.page.mouse.move(...page);
    await bed.page.mouse.wheel(0, 100);
    await stopped();
    await bed.page.keyboard.press("w");
    await playing();
    await bed.page.keyboard.press("t");
    await stopped();
  });
});

describe("a stack without a time", () => {
  it("says so at the key, and has no button", async () => {
    bed.agent.task = { ...bed.agent.task, volume: { ...bed.agent.task.volume, frame_time_ms: null } };
    await bed.signIn();
    await bed.opened();
    await bed.page.keyboard.press("w");
    await bed.page.getByTestId("note").getByText("No cine: the images are no loop with a time from frame to frame.").waitFor();
    expect(await bed.page.getByTestId("cine").count()).toBe(0);
  });
});
