// Facts about what may change: what goes to the agent, what a brush may write over, and how it is told.

import { describe, expect, it } from "vitest";
import { isUnmasked, mayChange } from "../segmentation/masking";
import type { MaskingChoices } from "../segmentation/masking";
import { firstMasking, maskingFor, maskingObstacle, maskingWords, unmasked } from "./masking";
import { painted, taskOf } from "./test-objects";

const LIVER = painted(1, "Liver", 3);
const LESION = painted(2, "Lesion", 5);
const TASK = taskOf([painted(9, "Finding", undefined), LIVER, LESION]);
const FIRST = firstMasking(TASK);
const MARGIN = { kind: "margin", label: 3, by_mm: 2 } as const;
const LABELS = [0, 3, 5, 7];

function words(part: Partial<MaskingChoices>): string | undefined {
  return maskingWords({ ...FIRST, ...part }, "HU", (label) => [LIVER, LESION].find(({ geometry }) => geometry.type === "label_map" && geometry.label === label));
}

/** Of the labels 0, 3, 5 and 7, those that a brush for label 3 may write over. */
function writable(part: Partial<MaskingChoices>): number[] {
  return LABELS.filter((old) => mayChange({ ...FIRST, ...part }, 3, old));
}

describe("what may change", () => {
  it("is at first what the agent lets change by itself, with the first painted object at hand", () => {
    expect(FIRST).toMatchObject({ areaLabel: 3, overwriteLabel: 3, low: -1000, high: 3000 });
    expect(isUnmasked(FIRST)).toBe(true);
    expect(maskingFor(FIRST, MARGIN)).toEqual({ area: "everywhere", area_labels: [], values: null, overwrite: "nothing", overwrite_labels: [] });
    expect(words({})).toBeUndefined();
  });

  it("goes to the agent with the labels that it speaks of, and with no others", () => {
    expect(maskingFor({ ...FIRST, area: "inside", areaLabel: 5, inRange: true, low: -20, high: 80, overwrite: "only" }, MARGIN)).toEqual({
      area: "inside", area_labels: [5], values: [-20, 80], overwrite: "only", overwrite_labels: [3],
    });
    expect(maskingFor({ ...FIRST, area: "inside_all", overwrite: "all" }, MARGIN)).toMatchObject({ area_labels: [], overwrite: "all", overwrite_labels: [] });
  });

  it("lets an object be taken over by another, and only that one, unless somebody says otherwise", () => {
    const logic = (how: "add" | "copy" | "invert") => ({ kind: "logic", label: 3, how, operand: how === "invert" ? [] : [5] }) as const;
    for (const how of ["add", "copy"] as const) expect(maskingFor(FIRST, logic(how))).toMatchObject({ overwrite: "only", overwrite_labels: [5] });
    expect(maskingFor(FIRST, logic("invert"))).toMatchObject({ overwrite: "nothing", overwrite_labels: [] });
    expect(maskingFor({ ...FIRST, overwrite: "nothing" }, logic("add"))).toMatchObject({ overwrite: "nothing", overwrite_labels: [] });
    expect(maskingFor({ ...FIRST, overwrite: "all" }, logic("add"))).toMatchObject({ overwrite: "all" });
  });

  it("holds for brushes by the label that a voxel has", () => {
    expect(writable({})).toEqual(LABELS);
    expect(writable({ area: "inside_all" })).toEqual([3, 5, 7]);
    expect(writable({ area: "outside_all" })).toEqual([0]);
    expect(writable({ area: "inside", areaLabel: 5 })).toEqual([5]);
    expect(writable({ area: "outside", areaLabel: 5 })).toEqual([0, 3, 7]);
    expect(writable({ overwrite: "all" })).toEqual(LABELS);
    expect(writable({ overwrite: "only", overwriteLabel: 5 })).toEqual([0, 3, 5]);
    expect(writable({ overwrite: "nothing" })).toEqual([0, 3]);
    expect(writable({ area: "inside", areaLabel: 5, overwrite: "nothing" })).toEqual([]);
  });

  it("is told in words as soon as it is not as it was first, and goes back", () => {
    expect(words({ area: "inside", areaLabel: 5, inRange: true, low: -20, high: 80.5, overwrite: "all" })).toBe("Inside Lesion · −20 to 80.50 HU · writes over all objects");
    expect(words({ overwrite: "only", overwriteLabel: 5 })).toBe("Writes over Lesion alone");
    expect(words({ area: "outside_all" })).toBe("Outside all objects");
    const back = unmasked({ ...FIRST, area: "inside", areaLabel: 5, inRange: true, low: 4, overwrite: "nothing" });
    expect([isUnmasked(back), back.areaLabel, back.low]).toEqual([true, 5, 4]);
  });

  it("is nothing where the range holds no value", () => {
    expect(maskingObstacle({ ...FIRST, inRange: true, low: 5, high: 4 })).toBe("No value lies in the range of What may change.");
    expect(maskingObstacle({ ...FIRST, low: 5, high: 4 })).toBeUndefined();
    expect(maskingObstacle({ ...FIRST, inRange: true, low: 5, high: 5 })).toBeUndefined();
  });
});
