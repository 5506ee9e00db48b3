// The tools whose work the agent does: what a person has chosen of each, whether it can start, and its start.

import { labelOf } from "@ringfence/web/instruction";
import type { Instruction, InstructionObject } from "@ringfence/web/instruction";
import type { IslandMode, PreviewOperation, SeedSlice, SmoothMethod } from "../api/types";
import { voxelsOfStep } from "../segmentation/brush";
import type { Labels } from "../segmentation/labels";
import { isUnmasked } from "../segmentation/masking";
import { boxOfSights } from "../segmentation/preview-box";
import type { Sight } from "../segmentation/preview-box";
import { Scribbles } from "../segmentation/preview-scribbles";
import type { ScribbleValue } from "../segmentation/preview-scribbles";
import type { Drag } from "../tools/drag";
import { Store } from "../ui/store";
import type { Point } from "../volume/affine";
import type { Presentation } from "../volume/description";
import { indexOf } from "../volume/grid";
import type { Axis, Vector3 } from "../volume/grid";
import type { PlaneName } from "../volume/planes";
import { maskingFor, maskingObstacle } from "./masking";
import { FIRST_OPERATIONS, combineName, combineObstacle, combineOperation, marginName, marginOperation, operandOf, operandsFor } from "./operation-tools";
import type { OperationChoices } from "./operation-tools";
import { REGION_NAMES, firstRegion, isClicked, regionObstacle, regionOperation } from "./region-tool";
import type { RegionChoices, RegionClick } from "./region-tool";
import type { PreviewDesk } from "./preview-desk";
import type { ComputedTool, Settings } from "./settings";
import type { Place } from "./shape-desk";

/** Tools that need no model. */
export type PlainTool = Exclude<ComputedTool, "assist">;

export interface ToolChoices extends OperationChoices, RegionChoices {
  /** Where seeds may grow to: around them, or within what the panes show. */
  readonly growBox: "automatic" | "view";
  /** Across the slices that are filled between. */
  readonly fillAxis: Axis;
  readonly islands: IslandMode;
  readonly minimum: number;
  readonly minimumUnit: "mm3" | "mL";
  readonly smooth: SmoothMethod;
  readonly smoothRadiusMm: number;
}

/** What these tools need of the task around them. */
export interface ComputedRoom {
  readonly task: { readonly instruction: Pick<Instruction, "objects"> };
  readonly labels: Labels;
  readonly settings: Store<Settings>;
  readonly chosenObject: InstructionObject | undefined;
  readonly mayEdit: boolean;
  readonly presentation: Presentation;
  /** What each pane shows now. */
  readonly sights: readonly Sight[];
  place(name: PlaneName, point: Point): Place | undefined;
  locate(name: PlaneName, point: Point): { readonly index: Vector3 | undefined } | undefined;
  noteEdit(): void;
}

export const SMALLEST_SMOOTHING_MM = 0.5;
export const LARGEST_SMOOTHING_MM = 20;
/** A background seed. */
export const BACKGROUND: ScribbleValue = 2;
const MM3_PER_ML = 1_000;

export const ISLAND_NAMES: Readonly<Record<IslandMode, string>> = {
  keep_largest: "Keep largest",
  remove_small: "Remove small",
  keep_picked: "Keep clicked",
  remove_picked: "Remove clicked",
};

export const SMOOTH_NAMES: Readonly<Record<SmoothMethod, string>> = { median: "Median", open: "Open", close: "Close", gaussian: "Gaussian", joint: "Joint, all" };

export function isPicked(mode: IslandMode): boolean {
  return mode === "keep_picked" || mode === "remove_picked";
}

export class PreviewTools {
  readonly choices: Store<ToolChoices>;
  /** Seeds of what belongs to no object. They are part of no drawing and go away with the page. */
  readonly background: Scribbles;
  readonly #room: ComputedRoom;
  readonly #previews: PreviewDesk;

  constructor(room: ComputedRoom, previews: PreviewDesk) {
    this.#room = room;
    this.#previews = previews;
    this.background = new Scribbles(room.labels.grid);
    this.choices = new Store<ToolChoices>({
      ...FIRST_OPERATIONS, ...firstRegion(room.settings.value.threshold), growBox: "automatic", fillAxis: 2, islands: "keep_largest", minimum: 100, minimumUnit: "mm3", smooth: "median", smoothRadiusMm: 2,
    });
  }

  /** Why a tool cannot start, in words; undefined when it can. */
  obstacle(tool: PlainTool): string | undefined {
    const { labels, chosenObject, settings } = this.#room;
    const { smooth, islands, minimum } = this.choices.value;
    const masked = maskingObstacle(settings.value.masking);
    if (masked !== undefined) return masked;
    const seeds = tool === "grow";
    if (seeds || (tool === "smooth" && smooth === "joint")) {
      if (labels.labelsInUse().length === 0) return seeds ? "Draw a seed on each object first." : "Nothing is drawn yet.";
      return undefined;
    }
    const label = chosenObject && labelOf(chosenObject);
    if (chosenObject === undefined || label === undefined) return "Choose an object that is painted.";
    if (tool === "region") return regionObstacle(this.choices.value);
    if (tool === "combine") return combineObstacle(this.choices.value.combine, { object: chosenObject, operand: this.operand, voxelsOf: (object) => labels.voxelsOf(labelOf(object) ?? 0) });
    if (labels.voxelsOf(label) === 0) return `Nothing is drawn of ${chosenObject.name}.`;
    if (tool === "islands" && islands === "remove_small" && !(minimum > 0)) return "Say how small: more than 0.";
    return undefined;
  }

  /** The painted objects that can be put together with the chosen one. */
  get operands(): readonly InstructionObject[] {
    return operandsFor(this.#room.task.instruction.objects, this.#room.chosenObject);
  }

  get operand(): InstructionObject | undefined {
    return operandOf(this.operands, this.choices.value.operandId);
  }

  /** Starts a tool with what was chosen for it; what needs a place waits for the click that says which. */
  run(tool: PlainTool): void {
    if (!this.waitsForClick(tool)) this.#start(tool, undefined);
  }

  /** Whether a click on a picture starts it. */
  waitsForClick(tool: PlainTool): boolean {
    return (tool === "islands" && isPicked(this.choices.value.islands)) || (tool === "region" && isClicked(this.choices.value));
  }

  /** Starts with the region around the voxel under the cursor. */
  touch(name: PlaneName, point: Point): void {
    const index = this.#room.locate(name, point)?.index;
    const axis = this.#room.place(name, point)?.axis;
    if (index && axis !== undefined && this.waitsForClick("region")) this.#start("region", { at: index, axis });
  }

  /** Starts with the island under the cursor. */
  pick(name: PlaneName, point: Point): void {
    const index = this.#room.locate(name, point)?.index;
    const { labels, chosenObject } = this.#room;
    const label = chosenObject && labelOf(chosenObject);
    if (!index || label === undefined || !isPicked(this.choices.value.islands)) return;
    const [columns, rows] = labels.grid.dimensions;
    if (labels.at((index[2] * rows + index[1]) * columns + index[0]) === label) this.#start("islands", { at: index, axis: 2 });
  }

  /** Draws a scribble along the path of the cursor. */
  scribble(marks: Scribbles, value: ScribbleValue, name: PlaneName, start: Point): Drag | undefined {
    const first = this.#room.place(name, start);
    if (!first || !this.#room.mayEdit) return undefined;
    const { labels, presentation, settings } = this.#room;
    const { axis, slice } = first;
    const { radiusMm } = settings.value;
    const grid = { ...labels.grid, spacingMm: presentation.gridAt(axis === 2 ? slice : 0).spacingMm };
    let from = first.inSlice;
    const draw = (to: typeof from): void => {
      const touched = voxelsOfStep({ grid, axis, slice, from, to, radiusMm, form: "disc" });
      marks.mark(touched.filter((offset) => presentation.inPicture(indexOf(grid, offset))), value);
      from = to;
      this.#room.noteEdit();
    };
    draw(from);
    const move = (point: Point): void => {
      const place = this.#room.place(name, point);
      if (place) draw(place.inSlice);
    };
    return { move, end: () => undefined, cancel: () => undefined };
  }

  #start(tool: PlainTool, click: RegionClick | undefined): void {
    const operation = this.obstacle(tool) === undefined ? this.#operation(tool, click) : undefined;
    const { masking } = this.#room.settings.value;
    if (operation) void this.#previews.start(operation, this.#name(tool), { masking: maskingFor(masking, operation), limited: !isUnmasked(masking) });
  }

  #operation(tool: PlainTool, click: RegionClick | undefined): PreviewOperation | undefined {
    const { labels, chosenObject, sights } = this.#room;
    const choices = this.choices.value;
    const label = chosenObject && labelOf(chosenObject);
    if (tool === "grow") {
      const box = choices.growBox === "view" ? (boxOfSights(labels.grid, sights) ?? null) : null;
      return { kind: "grow_from_seeds", box, background: seedsOf(this.background) };
    }
    if (tool === "smooth" && choices.smooth === "joint") return { kind: "smooth", label: null, method: "joint", radius_mm: choices.smoothRadiusMm };
    if (label === undefined) return undefined;
    if (tool === "region") return regionOperation(choices, { label, grid: labels.grid, click, view: boxOfSights(labels.grid, sights) ?? null });
    if (tool === "margin") return marginOperation(choices, label);
    if (tool === "combine") return combineOperation(choices, label, this.operand && labelOf(this.operand));
    if (tool === "fill") return { kind: "fill_between_slices", label, axis: choices.fillAxis };
    if (tool === "smooth") return { kind: "smooth", label, method: choices.smooth, radius_mm: choices.smoothRadiusMm };
    const minimum = choices.islands === "remove_small" ? choices.minimum * (choices.minimumUnit === "mL" ? MM3_PER_ML : 1) : null;
    return { kind: "islands", label, mode: choices.islands, minimum_mm3: minimum, picked: click?.at ?? null };
  }

  #name(tool: PlainTool): string {
    const { smooth, smoothRadiusMm } = this.choices.value;
    const object = this.#room.chosenObject?.name ?? "";
    if (tool === "grow") return "Grow from seeds";
    if (tool === "margin") return marginName(this.choices.value, object);
    if (tool === "region") return `${REGION_NAMES[this.choices.value.region]}: ${object}`;
    if (tool === "combine") return combineName(this.choices.value, object, this.operand?.name ?? "");
    if (tool === "smooth") return smooth === "joint" ? `Smooth all, ${smoothRadiusMm} mm` : `Smooth ${object}, ${smoothRadiusMm} mm`;
    return tool === "fill" ? `Fill between slices of ${object}` : `Islands of ${object}`;
  }
}

function seedsOf(background: Scribbles): readonly SeedSlice[] {
  return background.runs().map(({ k, runs }) => ({ k, runs: runs.map(([start, length]) => [start, length] as const) }));
}
