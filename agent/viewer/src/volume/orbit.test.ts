// The eye that goes around the volume, and how finely is drawn what it sees.

import { describe, expect, it } from "vitest";
import { SLOWEST_FRAME_MS, SLOW_FRAMES, SceneDesk } from "../pages/scene-desk";
import { firstSettings } from "../pages/settings";
import type { Task } from "../api/types";
import { Store } from "../ui/store";
import { FrameBudget } from "./frame-budget";
import { dot } from "./grid";
import { STANDARD_VIEWS, pitched, projected, rightOf, viewFrom } from "./orbit";
import { patientLetters } from "./planes";

describe("the standard views", () => {
  it("have the patient's sides where radiologists expect them", () => {
    const sides = STANDARD_VIEWS.map((view) => [patientLetters(rightOf(viewFrom(view))), patientLetters(viewFrom(view).up)].join(""));
    expect(sides).toEqual(["LH", "RH", "PH", "AH", "RA", "LA"]);
  });
});

describe("turning", () => {
  it("to the right brings the patient's right side to the front", () => {
    const turned = pitched(viewFrom("front"), Math.PI / 2, 0);
    expect(patientLetters(turned.towardsEye)).toBe("R");
    expect(patientLetters(pitched(viewFrom("front"), 0, Math.PI / 2).towardsEye)).toBe("H");
  });

  it("keeps right angles and lengths over thousands of turns", () => {
    let orbit = viewFrom("head");
    for (let turn = 0; turn < 5_000; turn += 1) orbit = pitched(orbit, Math.sin(turn), Math.cos(turn * 1.7));
    expect(dot(orbit.up, orbit.up)).toBeCloseTo(1, 9);
    expect(dot(orbit.towardsEye, orbit.towardsEye)).toBeCloseTo(1, 9);
    expect(dot(orbit.up, orbit.towardsEye)).toBeCloseTo(0, 9);
  });

  it("sees points where they are", () => {
    expect(projected(viewFrom("front"), [10, 0, 5], 50, [35, 7, 30])).toEqual([0.5, 0.5]);
    expect(projected({ ...viewFrom("back"), zoom: 2 }, [0, 0, 0], 50, [25, 0, 0])[0]).toBeCloseTo(-1);
  });
});

describe("how finely a picture is drawn", () => {
  it("starts small, and fills the pane where the machine is quick", () => {
    const budget = new FrameBudget();
    expect(budget.scale(400_000, "still")).toBeLessThan(0.5);
    budget.note(50_000, 2);
    expect(budget.scale(400_000, "still")).toBe(1);
    expect(budget.scale(400_000, "moving")).toBe(1);
  });

  it("becomes coarser while it turns, and where a frame takes long", () => {
    const budget = new FrameBudget();
    budget.note(10_000, 40);
    const [still, moving] = [budget.scale(400_000, "still"), budget.scale(400_000, "moving")];
    expect(still ** 2 * 400_000 * 0.004).toBeCloseTo(400, 5);
    expect(moving ** 2 * 400_000 * 0.004).toBeCloseTo(80, 5);
    budget.note(10_000, 40_000);
    expect(budget.scale(400_000, "moving")).toBe(0.2);
  });

  it("gives way to what is quicker when even that takes too long, and says so", () => {
    const task = { volume: { windows: [], default_window: 0, minimum: 0, maximum: 1, spacing_mm: [1, 1, 1] }, instruction: { objects: [] } } as unknown as Task;
    const settings = new Store(firstSettings(task));
    const desk = new SceneDesk({ settings, hover: new Store({ plane: undefined, point: [0, 0] as const, index: undefined }), change: (part) => settings.set(part), noteRead: () => undefined });
    desk.show("volume");
    const slow = (times: number): void => {
      for (let frame = 0; frame < times; frame += 1) desk.drawn(SLOWEST_FRAME_MS + 1, "coarsest");
    };
    slow(SLOW_FRAMES - 1);
    // One that is quick enough, or could be drawn coarser, clears what was before.
    desk.drawn(SLOWEST_FRAME_MS, "coarsest");
    slow(SLOW_FRAMES - 1);
    desk.drawn(9_000, "finer");
    slow(SLOW_FRAMES - 1);
    expect(desk.shows).toBe("volume");
    slow(1);
    expect(desk.shows).toBe("surfaces");
    expect(desk.state.value.notice).toMatch(/^Volume rendering takes too long/);
    slow(SLOW_FRAMES);
    expect(desk.shows).toBe("off");
    desk.show("surfaces");
    expect(desk.state.value.notice).toBeUndefined();
  });
});
