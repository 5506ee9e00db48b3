// What may change, by the label that a voxel has before: the same for what is painted here and what the agent computes.

import type { MaskingArea } from "../api/types";

/** `tool`: brushes write over other objects, what is computed does not. */
export type MaskingOverwrite = "tool" | "all" | "only" | "nothing";

export interface MaskingChoices {
  readonly area: MaskingArea;
  /** The label of `inside` and `outside`. */
  readonly areaLabel: number;
  /** Whether only voxels with values of the range may change. Brushes have a range of their own. */
  readonly inRange: boolean;
  readonly low: number;
  readonly high: number;
  readonly overwrite: MaskingOverwrite;
  /** The label of `only`. */
  readonly overwriteLabel: number;
}

/** Whether everything may change that the tools themselves let change. */
export function isUnmasked({ area, inRange, overwrite }: MaskingChoices): boolean {
  return area === "everywhere" && !inRange && overwrite === "tool";
}

/** Whether a hand at work on an object may change a voxel with this label. */
export function mayChange({ area, areaLabel, overwrite, overwriteLabel }: MaskingChoices, label: number, old: number): boolean {
  return inArea(area, areaLabel, old) && (old === 0 || old === label || overwrite === "tool" || overwrite === "all" || (overwrite === "only" && old === overwriteLabel));
}

function inArea(area: MaskingArea, label: number, old: number): boolean {
  switch (area) {
    case "everywhere":
      return true;
    case "inside_all":
      return old !== 0;
    case "outside_all":
      return old === 0;
    case "inside":
      return old === label;
    case "outside":
      return old !== label;
  }
}
