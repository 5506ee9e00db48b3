// Sizes, steps and words that a person sees.

import { describe, expect, it } from "vitest";
import { scaleBar } from "../ui/scale-bar";
import { saveWords } from "../ui/save-state";
import { resized } from "./keys";
import { Wheel } from "./wheel";

describe("the brush size", () => {
  it("goes up and down the same steps", () => {
    const up: number[] = [0.5];
    while ((up.at(-1) ?? 50) < 50) up.push(resized(up.at(-1) ?? 50, 1));
    const down: number[] = [50];
    while ((down.at(-1) ?? 0.5) > 0.5) down.push(resized(down.at(-1) ?? 0.5, -1));
    expect(new Set(up)).toEqual(new Set(up.map((size) => Math.min(50, size))));
    expect(resized(5, 1)).toBe(6);
    expect(resized(5, -1)).toBe(4.5);
    expect(resized(0.5, -1)).toBe(0.5);
    expect(resized(50, 1)).toBe(50);
  });
});

describe("the wheel", () => {
  it("goes one slice a notch", () => {
    const wheel = new Wheel();
    expect(wheel.stepsOf({ deltaY: 100, deltaMode: 0, ctrlKey: false })).toBe(1);
    expect(wheel.stepsOf({ deltaY: -120, deltaMode: 0, ctrlKey: false })).toBe(-1);
    expect(wheel.stepsOf({ deltaY: 3, deltaMode: 1, ctrlKey: false })).toBe(1);
  });

  it("adds up the small turns of a touch pad", () => {
    const wheel = new Wheel();
    const steps = Array.from({ length: 20 }, () => wheel.stepsOf({ deltaY: 10, deltaMode: 0, ctrlKey: false }));
    expect(steps.reduce((total, step) => total + step, 0)).toBe(4);
  });
});

describe("the scale bar", () => {
  it("is a round length that fits", () => {
    expect(scaleBar(0.4, 110)).toEqual({ lengthPx: 50, text: "2 cm" });
    expect(scaleBar(0.04, 110)?.text).toBe("2 mm");
    expect(scaleBar(100, 0.001)).toBeUndefined();
  });
});

describe("the saved state in words", () => {
  const state = { revision: 3, unsaved: 0, savedAtMs: undefined, trouble: { kind: "none" } } as const;

  it("never says saved before the agent did", () => {
    expect(saveWords({ ...state, unsaved: 2 }).text).toBe("saving · 2 unsaved");
    expect(saveWords({ ...state, savedAtMs: 0 }).text).toMatch(/^saved \d\d:\d\d:\d\d · 0 unsaved$/);
  });

  it("says that all is saved when the page was loaded again", () => {
    expect(saveWords(state).text).toBe("all saved · 0 unsaved");
    expect(saveWords({ ...state, revision: 0 }).text).toBe("no changes yet · 0 unsaved");
  });

  it("says what is not saved and since when", () => {
    const words = saveWords({ ...state, unsaved: 3, trouble: { kind: "line-down", sinceMs: 0 } });
    expect(words).toMatchObject({ tone: "needs" });
    expect(words.text).toMatch(/^3 changes unsaved, line down since \d\d:\d\d:\d\d$/);
    expect(saveWords({ ...state, unsaved: 1, trouble: { kind: "refused", code: "stale-lease" } }).text).toBe("1 change unsaved, refused");
  });
});
