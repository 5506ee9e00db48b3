// What a person has chosen on the task page: tool, object, brush, window, and what is shown.

import { labelOf } from "@ringfence/web/instruction";
import type { GeometryType, InstructionObject } from "@ringfence/web/instruction";
import type { Task, WindowPreset } from "../api/types";
import { axesInSlice } from "../volume/grid";
import type { PlaneName } from "../volume/planes";

/** `none`: nothing is drawn, as for an object that is only stated. */
export type Tool = "brush" | "eraser" | "box" | "line" | "point" | "none";

export const SMALLEST_BRUSH_MM = 0.5;
export const LARGEST_BRUSH_MM = 50;

export interface Settings {
  readonly tool: Tool;
  readonly objectId: number;
  readonly radiusMm: number;
  readonly window: { readonly centre: number; readonly width: number };
  /** Index of the chosen preset; undefined once the window was dragged. */
  readonly preset: number | undefined;
  readonly fillAlpha: number;
  readonly hidden: boolean;
  readonly cornerText: boolean;
  readonly crossLines: boolean;
  readonly maximised: PlaneName | undefined;
}

const TOOL_OF: Readonly<Record<GeometryType, Tool>> = { label_map: "brush", box: "box", line: "line", point: "point", classification: "none" };

/** The tool that draws an object. */
export function toolOf(object: InstructionObject | undefined): Tool {
  return object ? TOOL_OF[object.geometry.type] : "none";
}

/** Whether a tool draws an object or takes it away. */
export function fits(tool: Tool, object: InstructionObject): boolean {
  return tool === "eraser" ? labelOf(object) !== undefined : toolOf(object) === tool;
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
    window: preset ? { centre: preset.centre, width: preset.width } : { centre: (minimum + maximum) / 2, width: Math.max(1, maximum - minimum) },
    preset: preset ? default_window : undefined,
    fillAlpha: 0.4,
    hidden: false,
    cornerText: true,
    crossLines: true,
    maximised: undefined,
  };
}
