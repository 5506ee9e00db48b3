// Margins and combinations of objects: what a person may choose of each, what stands in the way, and what the agent is
// asked for.

import { labelOf } from "@ringfence/web/instruction";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { LogicHow, PreviewOperation, ShellSide } from "../api/types";
import type { Axis } from "../volume/grid";

export type MarginMode = "grow" | "shrink" | ShellSide;
export type CombineMode = LogicHow | "holes";
/** Closed in on all sides, or in each slice across an axis by itself. */
export type HoleKind = "cavities" | Axis;

export interface OperationChoices {
  readonly margin: MarginMode;
  readonly marginMm: number;
  readonly combine: CombineMode;
  /** The object that is put together with the chosen one. */
  readonly operandId: number | undefined;
  readonly holes: HoleKind;
}

export const FIRST_OPERATIONS: OperationChoices = { margin: "grow", marginMm: 5, combine: "add", operandId: undefined, holes: "cavities" };

export const SMALLEST_MARGIN_MM = 0.1;

export const MARGIN_NAMES: Readonly<Record<MarginMode, string>> = { grow: "Grow", shrink: "Shrink", inward: "Shell inward", medial: "Shell medial", outward: "Shell outward" };

export const COMBINE_NAMES: Readonly<Record<CombineMode, string>> = {
  add: "Add", subtract: "Subtract", intersect: "Intersect", copy: "Copy", holes: "Fill holes", invert: "Invert", fill: "Fill all", clear: "Clear",
};

const WITH_OPERAND: ReadonlySet<CombineMode> = new Set(["add", "subtract", "intersect", "copy"]);

/** Whether another object has a part in it. */
export function needsOperand(mode: CombineMode): boolean {
  return WITH_OPERAND.has(mode);
}

/** Painted objects that can be put together with the chosen one. */
export function operandsFor(objects: readonly InstructionObject[], chosen: InstructionObject | undefined): readonly InstructionObject[] {
  return objects.filter((object) => object.id !== chosen?.id && labelOf(object) !== undefined);
}

/** The one that was chosen, or the first where that is not to be had. */
export function operandOf(operands: readonly InstructionObject[], operandId: number | undefined): InstructionObject | undefined {
  return operands.find((object) => object.id === operandId) ?? operands[0];
}

export function marginOperation({ margin, marginMm }: OperationChoices, label: number): PreviewOperation {
  if (margin === "grow" || margin === "shrink") return { kind: "margin", label, by_mm: margin === "grow" ? marginMm : -marginMm };
  return { kind: "shell", label, side: margin, thickness_mm: marginMm };
}

export function marginName({ margin, marginMm }: OperationChoices, object: string): string {
  return `${MARGIN_NAMES[margin]} ${object}, ${marginMm} mm`;
}

/** What the operation makes of the chosen object, in words. */
export function marginWords(margin: MarginMode): string {
  switch (margin) {
    case "grow":
      return "gets all within this distance.";
    case "shrink":
      return "loses all within this distance of its surface.";
    case "inward":
      return "is hollowed out: its rim stays.";
    case "medial":
      return "becomes a shell, half inside and half outside of its surface.";
    case "outward":
      return "becomes a shell around what it is now.";
  }
}

export function combineOperation({ combine, holes }: OperationChoices, label: number, operand: number | undefined): PreviewOperation {
  if (combine === "holes") return { kind: "fill_holes", label, axis: holes === "cavities" ? null : holes };
  return { kind: "logic", label, how: combine, operand: operand === undefined || !needsOperand(combine) ? [] : [operand] };
}

export function combineName({ combine }: OperationChoices, object: string, operand: string): string {
  switch (combine) {
    case "add":
      return `Add ${operand} to ${object}`;
    case "subtract":
      return `Subtract ${operand} from ${object}`;
    case "intersect":
      return `Intersect ${object} with ${operand}`;
    case "copy":
      return `Copy ${operand} to ${object}`;
    case "holes":
      return `Fill holes of ${object}`;
    default:
      return `${COMBINE_NAMES[combine]}: ${object}`;
  }
}

/** What becomes of both objects. A voxel has one label at most, so that what one gets the other loses. */
export function combineWords(combine: CombineMode, object: string, operand: string): string {
  switch (combine) {
    case "add":
      return `All of ${operand} becomes ${object}.`;
    case "subtract":
      return `What is ${operand} is taken from ${object}.`;
    case "intersect":
      return `What is not ${operand} is taken from ${object}. Objects never overlap here, so nothing of it stays.`;
    case "copy":
      return `${object} becomes what ${operand} is; what it was goes away.`;
    case "holes":
      return `What ${object} closes in becomes ${object}.`;
    case "invert":
      return `What has no object becomes ${object}, and ${object} goes away.`;
    case "fill":
      return `All that has no object becomes ${object}.`;
    case "clear":
      return `All of ${object} goes away.`;
  }
}

interface Drawn {
  readonly object: InstructionObject;
  readonly operand: InstructionObject | undefined;
  readonly voxelsOf: (object: InstructionObject) => number;
}

/** Why objects cannot be combined, in words; undefined when they can. */
export function combineObstacle(combine: CombineMode, { object, operand, voxelsOf }: Drawn): string | undefined {
  const empty = (what: InstructionObject): string | undefined => (voxelsOf(what) === 0 ? `Nothing is drawn of ${what.name}.` : undefined);
  if (needsOperand(combine) && operand === undefined) return "There is no other object that is painted.";
  switch (combine) {
    case "add":
    case "copy":
      return operand && empty(operand);
    case "subtract":
      return `Objects never overlap here: nothing of ${object.name} is ${operand?.name ?? ""}.`;
    case "invert":
    case "fill":
      return undefined;
    default:
      return empty(object);
  }
}
