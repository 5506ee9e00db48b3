// What a person has chosen on the task page: tool, object, brush, window, and what is shown.

import { labelOf } from "@ringfence/web/instruction";
import type { GeometryType, InstructionObject } from "@ringfence/web/instruction";
import type { Task, WindowPreset } from "../api/types";
import type { MaskingChoices } from "../segmentation/masking";
import type { ValueRange } from "../segmentation/value-range";
import { axesInSlice } from "../volume/grid";
import type { PlaneName } from "../volume/planes";
import type { Slab } from "../volume/plate";
import { firstMasking } from "./masking";
import type { CutSettings } from "./scissors-desk";

/** `none`: nothing is drawn, as for an object that is only stated. */
export type Tool = "brush" | "eraser" | "sphere" | "threshold" | "scissors" | "box" | "line" | "point" | "crosshair" | "ruler" | ComputedTool | "none";

/** Tools whose work the agent does. */
export type ComputedTool = "grow" | "fill" | "islands" | "smooth" | "margin" | "combine" | "region" | "assist";

const COMPUTED: ReadonlySet<string> = new Set<ComputedTool>(["grow", "fill", "islands", "smooth", "margin", "combine", "region", "assist"]);

export function isComputed(tool: Tool): tool is ComputedTool {
  return COMPUTED.has(tool);
}

/** What the 3D pane shows. */
export type SceneShows = "surfaces" | "volume" | "off";

/** A pane of the task page: a plane, or the three-dimensional picture. */
export type PaneName = PlaneName | "scene";

export const SCENE_SHOWS: readonly SceneShows[] = ["surfaces", "volume", "off"];

export const SMALLEST_BRUSH_MM = 0.5;
export const LARGEST_BRUSH_MM = 50;
const FIRST_SLAB_MM = 10;

export interface Settings {
  readonly tool: Tool;
  readonly objectId: number;
  readonly radiusMm: number;
  /** Whether the eraser and the threshold brush are balls, not discs. */
  readonly ball: boolean;
  /** The values that the threshold brush paints. */
  readonly threshold: ValueRange;
  readonly cut: CutSettings;
  /** What may change, whichever tool is chosen. */
  readonly masking: MaskingChoices;
  readonly slab: Slab;
  readonly scene: SceneShows;
  readonly window: { readonly centre: number; readonly width: number };
  /** Index of the chosen preset; undefined once the window was dragged. */
  readonly preset: number | undefined;
  readonly fillAlpha: number;
  readonly hidden: boolean;
  readonly cornerText: boolean;
  readonly crossLines: boolean;
  readonly maximised: PaneName | undefined;
}

const TOOL_OF: Readonly<Record<GeometryType, Tool>> = { label_map: "brush", box: "box", line: "line", point: "point", classification: "none" };

/** The tool that draws an object. */
export function toolOf(object: InstructionObject | undefined): Tool {
  return object ? TOOL_OF[object.geometry.type] : "none";
}

/** Tools that only help to look. */
export const LOOKING: ReadonlySet<Tool> = new Set(["crosshair", "ruler"]);

const ON_LABELS: ReadonlySet<Tool> = new Set(["eraser", "sphere", "threshold", "scissors"]);

/** Whether a tool draws an object or takes it away. */
export function fits(tool: Tool, object: InstructionObject): boolean {
  return ON_LABELS.has(tool) || isComputed(tool) ? labelOf(object) !== undefined : toolOf(object) === tool;
}

/** Whether a tool is of any use in a task: it draws one of the objects, or helps to look, and the pictures are of its kind. */
export function offers(tool: Tool, task: Task, kind: "volume" | "stack"): boolean {
  // Slices of a stack do not fill space: there is nothing between them, and a model is asked of one picture at most.
  if (kind === "stack" && (tool === "sphere" || tool === "crosshair" || (isComputed(tool) && tool !== "assist"))) return false;
  if ((tool === "threshold" || tool === "region") && task.volume.data_type === "rgb8") return false;
  return LOOKING.has(tool) || task.instruction.objects.some((object) => fits(tool, object));
}

/** Tools that go on when another object of their kind is chosen; with others, an object comes with its own tool. */
export function keeps(tool: Tool, object: InstructionObject): boolean {
  return (tool === "sphere" || tool === "threshold" || tool === "scissors" || isComputed(tool)) && fits(tool, object);
}

/** A first brush that is a few voxels wide, in whole millimetres. */
function firstRadiusMm(task: Task): number {
  const [first, second] = axesInSlice(2);
  const finest = Math.min(task.volume.spacing_mm[first], task.volume.spacing_mm[second]);
  return Math.min(LARGEST_BRUSH_MM, Math.max(1, Math.round(finest * 6)));
}

export function firstSettings(task: Task): Settings {
  const { windows, default_window, minimum, maximum } = task.volume;
  const preset: WindowPreset | undefined = windows[default_window];
  const [object] = task.instruction.objects;
  return {
    tool: toolOf(object),
    objectId: object?.id ?? 0,
    radiusMm: firstRadiusMm(task),
    ball: false,
    threshold: preset ? { low: preset.centre - preset.width / 2, high: preset.centre + preset.width / 2 } : { low: minimum, high: maximum },
    cut: { action: "erase_inside", reach: "slice", depthMm: 10 },
    masking: firstMasking(task),
    slab: { mode: "off", thicknessMm: FIRST_SLAB_MM },
    scene: "surfaces",
    window: preset ? { centre: preset.centre, width: preset.width } : { centre: (minimum + maximum) / 2, width: Math.max(1, maximum - minimum) },
    preset: preset ? default_window : undefined,
    fillAlpha: 0.4,
    hidden: false,
    cornerText: true,
    crossLines: true,
    maximised: undefined,
  };
}
