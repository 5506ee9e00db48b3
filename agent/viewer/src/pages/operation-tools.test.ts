// Facts about margins and combinations: what is asked of the agent, and what stands in the way.

import type { InstructionObject } from "@ringfence/web/instruction";
import { describe, expect, it } from "vitest";
import type { PreviewOperation } from "../api/types";
import { Labels } from "../segmentation/labels";
import { Store } from "../ui/store";
import { presentationOf } from "../volume/description";
import { COMBINE_NAMES, combineWords, marginWords } from "./operation-tools";
import type { CombineMode } from "./operation-tools";
import type { PreviewDesk, PreviewLimits } from "./preview-desk";
import { PreviewTools } from "./preview-tools";
import type { ComputedRoom, ToolChoices } from "./preview-tools";
import { firstSettings } from "./settings";
import { painted, taskOf } from "./test-objects";

const LIVER = painted(1, "Liver", 1);
const LESION = painted(2, "Lesion", 4);
const SPLEEN = painted(3, "Spleen", 2);
const BOX = painted(4, "Finding", undefined);

class Bed {
  readonly task;
  readonly labels;
  readonly tools: PreviewTools;
  readonly asked: { readonly operation: PreviewOperation; readonly name: string }[] = [];
  limits: PreviewLimits | undefined;
  readonly settings;
  chosen: InstructionObject | undefined = LIVER;

  constructor(objects: readonly InstructionObject[] = [LIVER, BOX, LESION, SPLEEN]) {
    const bed = this;
    this.task = taskOf(objects);
    const presentation = presentationOf(this.task.volume);
    this.labels = new Labels(presentation.grid);
    this.settings = new Store(firstSettings(this.task));
    const room: ComputedRoom = {
      task: this.task, labels: this.labels, settings: this.settings, mayEdit: true, presentation, sights: [],
      place: (_name, point) => ({ axis: 1, slice: 0, affine: { origin: [0, 0], perA: [1, 0], perB: [0, 1] }, inSlice: point, inside: true }),
      locate: (_name, point) => ({ index: point[0] < 0 ? undefined : [point[0], 6, point[1]] }), noteEdit: () => undefined,
      get chosenObject() {
        return bed.chosen;
      },
    };
    const start = async (operation: PreviewOperation, name: string, limits?: PreviewLimits): Promise<void> => {
      this.asked.push({ operation, name });
      this.limits = limits;
    };
    const previews = { start } as unknown as PreviewDesk;
    this.tools = new PreviewTools(room, previews);
  }

  /** What a tool asks for, and under which name; or why it does not. */
  run(tool: "margin" | "combine", choices: Partial<ToolChoices>): { readonly operation: PreviewOperation; readonly name: string } | string | undefined {
    this.tools.choices.set(choices);
    this.asked.length = 0;
    this.tools.run(tool);
    const obstacle = this.tools.obstacle(tool);
    expect(this.asked.length).toBe(obstacle === undefined ? 1 : 0);
    return obstacle ?? this.asked[0];
  }
}

describe("a margin", () => {
  it("grows, shrinks or hollows out the chosen object, in millimetres", () => {
    const bed = new Bed();
    bed.labels.set(7, 1);
    expect(bed.run("margin", { margin: "grow", marginMm: 4.5 })).toEqual({ name: "Grow Liver, 4.5 mm", operation: { kind: "margin", label: 1, by_mm: 4.5 } });
    expect(bed.run("margin", { margin: "shrink" })).toEqual({ name: "Shrink Liver, 4.5 mm", operation: { kind: "margin", label: 1, by_mm: -4.5 } });
    for (const side of ["inward", "medial", "outward"] as const) {
      expect(bed.run("margin", { margin: side, marginMm: 3 })).toEqual({ name: `Shell ${side} Liver, 3 mm`, operation: { kind: "shell", label: 1, side, thickness_mm: 3 } });
    }
    expect(new Set((["grow", "shrink", "inward", "medial", "outward"] as const).map(marginWords)).size).toBe(5);
  });

  it("needs an object of which something is drawn", () => {
    const bed = new Bed();
    expect(bed.run("margin", {})).toBe("Nothing is drawn of Liver.");
    bed.chosen = BOX;
    expect(bed.run("margin", {})).toBe("Choose an object that is painted.");
  });
});

describe("combining", () => {
  it("takes the object that was chosen beside it, or else the first that is painted", () => {
    const bed = new Bed();
    bed.labels.set(7, 4);
    bed.labels.set(8, 2);
    expect(bed.tools.operands).toEqual([LESION, SPLEEN]);
    expect(bed.run("combine", { combine: "add" })).toEqual({ name: "Add Lesion to Liver", operation: { kind: "logic", label: 1, how: "add", operand: [4] } });
    expect(bed.run("combine", { combine: "copy", operandId: 3 })).toEqual({ name: "Copy Spleen to Liver", operation: { kind: "logic", label: 1, how: "copy", operand: [2] } });
    bed.chosen = SPLEEN;
    expect(bed.tools.operand).toBe(LIVER);
  });

  it("says what stands in the way", () => {
    const bed = new Bed();
    expect(bed.run("combine", { combine: "add" })).toBe("Nothing is drawn of Lesion.");
    expect(bed.run("combine", { combine: "clear" })).toBe("Nothing is drawn of Liver.");
    expect(bed.run("combine", { combine: "holes" })).toBe("Nothing is drawn of Liver.");
    expect(bed.run("combine", { combine: "intersect" })).toBe("Nothing is drawn of Liver.");
    bed.labels.set(7, 1);
    bed.labels.set(8, 4);
    expect(bed.run("combine", { combine: "subtract" })).toBe("Objects never overlap here: nothing of Liver is Lesion.");
    expect(new Bed([LIVER, BOX]).run("combine", { combine: "add" })).toBe("There is no other object that is painted.");
  });

  it("asks for holes as cavities or across an axis, and for no operand where none has a part", () => {
    const bed = new Bed();
    bed.labels.set(7, 1);
    expect(bed.run("combine", { combine: "holes" })).toEqual({ name: "Fill holes of Liver", operation: { kind: "fill_holes", label: 1, axis: null } });
    expect(bed.run("combine", { holes: 0 })).toMatchObject({ operation: { kind: "fill_holes", label: 1, axis: 0 } });
    for (const how of ["invert", "fill", "clear"] as const) expect(bed.run("combine", { combine: how })).toMatchObject({ operation: { kind: "logic", label: 1, how, operand: [] } });
    expect(bed.run("combine", { combine: "intersect" })).toMatchObject({ name: "Intersect Liver with Lesion", operation: { how: "intersect", operand: [4] } });
  });

  it("tells of each what becomes of both", () => {
    const modes = Object.keys(COMBINE_NAMES) as CombineMode[];
    expect(new Set(modes.map((mode) => combineWords(mode, "Liver", "Lesion"))).size).toBe(8);
  });
});

describe("a click", () => {
  it("starts a region where it is, in the slice of its pane, and nothing beside the images", () => {
    const bed = new Bed();
    bed.tools.choices.set({ region: "trace" });
    bed.tools.touch("coronal", [5, 7]);
    bed.tools.touch("coronal", [-1, 7]);
    bed.tools.run("region");
    expect(bed.asked).toEqual([{ name: "Level trace: Liver", operation: { kind: "level_trace", label: 1, at: [5, 6, 7], axis: 1, bright: true } }]);
    bed.tools.choices.set({ region: "threshold" });
    bed.tools.touch("coronal", [5, 7]);
    expect(bed.asked).toHaveLength(1);
    bed.tools.run("region");
    expect(bed.asked[1]?.operation).toEqual({ kind: "threshold", label: 1, values: [-160, 240], box: null });
  });
});

describe("what may change", () => {
  it("goes with what is asked for, and stops what could change nothing", () => {
    const bed = new Bed();
    bed.labels.set(7, 1);
    bed.tools.run("margin");
    expect(bed.limits).toEqual({ limited: false, masking: { area: "everywhere", area_labels: [], values: null, overwrite: "nothing", overwrite_labels: [] } });
    const { masking } = bed.settings.value;
    bed.settings.set({ masking: { ...masking, area: "outside", areaLabel: 4, inRange: true, low: 1, high: 2 } });
    bed.tools.run("margin");
    expect(bed.limits).toEqual({ limited: true, masking: { area: "outside", area_labels: [4], values: [1, 2], overwrite: "nothing", overwrite_labels: [] } });
    bed.settings.set({ masking: { ...masking, inRange: true, low: 3, high: 2 } });
    expect(bed.run("margin", {})).toBe("No value lies in the range of What may change.");
  });
});
