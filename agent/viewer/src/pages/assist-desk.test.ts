// Facts about the question to a model: which prompts go with it, for which object, and when it is not asked.

import type { InstructionObject } from "@ringfence/web/instruction";
import { describe, expect, it } from "vitest";
import type { PreviewOperation, TaskModel } from "../api/types";
import { Labels } from "../segmentation/labels";
import { Store } from "../ui/store";
import { presentationOf } from "../volume/description";
import { AssistDesk, INSIDE, OUTSIDE, REGION, deepened, modesOf } from "./assist-desk";
import type { PreviewDesk } from "./preview-desk";
import type { ComputedRoom } from "./preview-tools";
import type { Settings } from "./settings";

const PRESENTATION = presentationOf({
  dimensions: [40, 30, 12], spacing_mm: [1, 1, 2], origin_mm: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1], data_type: "int16",
  minimum: 0, maximum: 1, modality: "CT", unit: "", tools_3d: true, reasons: [], windows: [], default_window: 0, inverted: false, frame_time_ms: null,
});
const GRID = PRESENTATION.grid;
const WALKER: TaskModel = { id: "w", name: "Random walker", provider: "built_in", prompts: ["points", "box", "scribbles", "mask"], automatic: false, object_ids: [], licence: "", available: true, trouble: "" };
const UNET: TaskModel = { ...WALKER, id: "u", name: "U-Net", provider: "monai_label", prompts: [], automatic: true, object_ids: [1, 2] };

function object(id: number, label: number | undefined): InstructionObject {
  return {
    id, key: `o${id}`, name: `Object ${id}`, help: "", colour: "#ffffff", hotkey: "", geometry: label === undefined ? { type: "box" } : { type: "label_map", label, tolerance_mm: 1 },
    count: { minimum: 0, maximum: null }, severity: "warn", must_state: false, codes: { category: null, kind: null, anatomy: null },
    limits: { minimum_diameter_mm: null, maximum_diameter_mm: null, minimum_volume_mm3: null, maximum_volume_mm3: null, minimum_slices: null, maximum_slices: null, maximum_elongation: null, no_cavities: false },
  };
}

class Bed {
  chosen: InstructionObject | undefined = object(1, 1);
  readonly asked: { readonly operation: PreviewOperation; readonly name: string }[] = [];
  readonly labels = new Labels(GRID);
  readonly desk: AssistDesk;

  constructor(models: readonly TaskModel[] | "silent" = [WALKER, UNET]) {
    const bed = this;
    const room: ComputedRoom = {
      task: { instruction: { objects: [] } }, labels: this.labels, settings: new Store({} as Settings), mayEdit: true, presentation: PRESENTATION, sights: [], place: () => undefined, locate: () => undefined, noteEdit: () => undefined,
      get chosenObject() {
        return bed.chosen;
      },
    };
    const previews = { start: async (operation: PreviewOperation, name: string) => void this.asked.push({ operation, name }) } as unknown as PreviewDesk;
    this.desk = new AssistDesk(room, previews, async () => {
      if (models === "silent") throw new TypeError("no answer");
      return models;
    });
  }

  static async loaded(models?: readonly TaskModel[]): Promise<Bed> {
    const bed = new Bed(models);
    await bed.desk.load();
    return bed;
  }
}

describe("prompts", () => {
  it("go to the agent as whole voxels, with what they say", async () => {
    const { desk, asked } = await Bed.loaded();
    desk.putShape({ id: "a", object_id: INSIDE, form: { type: "point", at: [3.4, 7.6, 2] } });
    desk.putShape({ id: "b", object_id: OUTSIDE, form: { type: "point", at: [39.49, -0.5, 11] } });
    desk.putShape({ id: "c", object_id: REGION, form: { type: "box", lower: [2, 3, 5], upper: [11, 22, 5] } });
    desk.scribbles.mark([0, 1, 1200], 1);
    desk.scribbles.mark([5], 2);
    desk.run();
    expect(asked).toEqual([
      {
        name: "Built-in · Random walker",
        operation: {
          kind: "assist", model_id: "w", object_id: 1, from_mask: false,
          points: [{ at: [3, 8, 2], positive: true }, { at: [39, 0, 11], positive: false }],
          // Ten voxels of 1 mm are five slices of 2 mm: two to either side.
          box: { lower: [2, 3, 3], upper: [11, 22, 7] },
          scribbles: [{ k: 0, runs: [[0, 2, 1], [5, 1, 0]] }, { k: 1, runs: [[0, 1, 1]] }],
        },
      },
    ]);
  });

  it("keep the depth that somebody gave a box, and are one box at most", async () => {
    const { desk } = await Bed.loaded();
    desk.putShape({ id: "c", object_id: REGION, form: { type: "box", lower: [2, 3, 5], upper: [11, 22, 5] } });
    desk.putShape({ id: "c", object_id: REGION, form: { type: "box", lower: [2, 3, 5], upper: [11, 22, 5] } });
    expect(desk.box).toEqual({ lower: [2, 3, 5], upper: [11, 22, 5] });
    desk.putShape({ id: "d", object_id: REGION, form: { type: "box", lower: [0, 0, 0], upper: [1, 1, 1] } });
    expect([desk.shapes.size, desk.box]).toEqual([1, { lower: [0, 0, 0], upper: [1, 1, 1] }]);
    desk.clear();
    expect([desk.shapes.size, desk.box, desk.points]).toEqual([0, null, []]);
  });

  it("say the opposite while they are turned round", async () => {
    const { desk } = await Bed.loaded();
    expect([desk.chosenObject?.id, desk.scribbleValue]).toEqual([INSIDE, 1]);
    desk.turn(true);
    expect([desk.chosenObject?.id, desk.scribbleValue]).toEqual([OUTSIDE, 2]);
    desk.change({ inside: false });
    expect([desk.chosenObject?.id, desk.scribbleValue]).toEqual([INSIDE, 1]);
    desk.turn(false);
    desk.change({ mode: "box" });
    expect(desk.chosenObject?.id).toBe(REGION);
    desk.change({ mode: "scribble" });
    expect(desk.chosenObject).toBeUndefined();
  });
});

describe("a box of one slice", () => {
  it("becomes as deep as its shorter side, cut at the volume", () => {
    expect(deepened(GRID, { lower: [2, 3, 0], upper: [11, 22, 0] })).toEqual({ lower: [2, 3, 0], upper: [11, 22, 2] });
    expect(deepened(GRID, { lower: [7, 3, 2], upper: [7, 22, 5] })).toEqual({ lower: [4, 3, 2], upper: [10, 22, 5] });
    expect(deepened(GRID, { lower: [7, 3, 2], upper: [7, 3, 5] })).toEqual({ lower: [7, 3, 2], upper: [7, 3, 5] });
    expect(deepened(GRID, { lower: [1, 1, 1], upper: [4, 4, 4] })).toEqual({ lower: [1, 1, 1], upper: [4, 4, 4] });
  });
});

describe("a model", () => {
  it("is not asked without what it needs", async () => {
    const { desk, asked } = await Bed.loaded();
    expect(desk.obstacle).toBe("Set a point inside, a box, a scribble or a drawing to start from first.");
    desk.putShape({ id: "b", object_id: OUTSIDE, form: { type: "point", at: [1, 1, 1] } });
    desk.run();
    expect(asked).toEqual([]);
    desk.change({ fromMask: true });
    expect(desk.obstacle).toBe("Nothing is drawn of Object 1 to start from.");
    desk.change({ fromMask: false });
    desk.putShape({ id: "a", object_id: INSIDE, form: { type: "point", at: [1, 1, 1] } });
    expect(desk.obstacle).toBeUndefined();
  });

  it("answers for the chosen object, or for all that it knows", async () => {
    const bed = await Bed.loaded();
    bed.desk.choose("u");
    bed.desk.run();
    bed.desk.change({ all: false });
    bed.desk.run();
    bed.chosen = object(3, 3);
    bed.desk.run();
    expect(bed.asked.map(({ operation }) => operation.kind === "assist" && operation.object_id)).toEqual([null, 1, null]);
    bed.desk.choose("w");
    bed.desk.putShape({ id: "a", object_id: INSIDE, form: { type: "point", at: [1, 1, 1] } });
    bed.chosen = object(4, undefined);
    expect(bed.desk.obstacle).toBe("Choose an object that is painted.");
  });

  it("is sent only what it takes", async () => {
    const { desk, asked } = await Bed.loaded([{ ...WALKER, prompts: ["points"] }]);
    desk.putShape({ id: "a", object_id: INSIDE, form: { type: "point", at: [1, 1, 1] } });
    desk.putShape({ id: "c", object_id: REGION, form: { type: "box", lower: [0, 0, 0], upper: [3, 3, 3] } });
    desk.scribbles.mark([5], 2);
    desk.change({ fromMask: true });
    desk.run();
    expect(asked[0]?.operation).toMatchObject({ points: [{ positive: true }], box: null, scribbles: [], from_mask: false });
    expect(modesOf({ ...WALKER, prompts: ["box", "mask"] })).toEqual(["box"]);
  });

  it("that is away is chosen last, and says why it is not asked", async () => {
    const { desk } = await Bed.loaded([{ ...WALKER, available: false, trouble: "It rests until 14:05." }, UNET]);
    expect(desk.model?.id).toBe("u");
    desk.choose("w");
    expect(desk.obstacle).toBe("It rests until 14:05.");
  });

  it("is looked for again when the agent did not say", async () => {
    const bed = new Bed("silent");
    await bed.desk.load();
    expect([bed.desk.state.value.failed, bed.desk.model, bed.desk.obstacle]).toEqual([true, undefined, "Choose a model."]);
  });
});
