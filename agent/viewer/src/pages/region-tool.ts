// Regions of like values: what a person may choose of them, and what the agent is asked for.

import type { PreviewOperation, VoxelBox, VoxelIndex } from "../api/types";
import type { Axis, Grid } from "../volume/grid";

export interface RegionChoices {
  readonly region: "trace" | "grow" | "threshold";
  /** Of a traced level, which side is enclosed. */
  readonly side: "bright" | "dark";
  /** What a region grows through. */
  readonly through: "automatic" | "range";
  readonly deviations: number;
  /** In the unit of the volume, as `through` and a threshold have it. */
  readonly regionLow: number;
  readonly regionHigh: number;
  readonly gateMm: number;
  readonly compactPercent: number;
  readonly within: "whole" | "view";
}

/** Where somebody clicked, and across which axis the clicked pane cuts. */
export interface RegionClick {
  readonly at: VoxelIndex;
  readonly axis: Axis;
}

/** 2.5 deviations are what ITK's ConfidenceConnected begins with. */
export function firstRegion({ low, high }: { readonly low: number; readonly high: number }): RegionChoices {
  return { region: "grow", side: "bright", through: "automatic", deviations: 2.5, regionLow: low, regionHigh: high, gateMm: 0, compactPercent: 0, within: "whole" };
}

export const MOST_DEVIATIONS = 6;
export const LARGEST_GATE_MM = 20;
/** A cube fills the box around it, a ball 52 % of it; more is asked of no region. */
export const MOST_COMPACT_PERCENT = 50;

export const REGION_NAMES: Readonly<Record<RegionChoices["region"], string>> = { trace: "Level trace", grow: "Region grow", threshold: "Threshold" };

/** Whether a click on a picture starts it. */
export function isClicked({ region }: Pick<RegionChoices, "region">): boolean {
  return region !== "threshold";
}

/** Whether the two values play a part. */
export function hasRange({ region, through }: Pick<RegionChoices, "region" | "through">): boolean {
  return region === "threshold" || (region === "grow" && through === "range");
}

export function regionObstacle(choices: RegionChoices): string | undefined {
  return hasRange(choices) && choices.regionLow > choices.regionHigh ? "Nothing lies in this range." : undefined;
}

interface RegionPlace {
  readonly label: number;
  readonly grid: Pick<Grid, "dimensions">;
  readonly click: RegionClick | undefined;
  /** What the panes show. */
  readonly view: VoxelBox | null;
}

/** Undefined where a click is missing. */
export function regionOperation(choices: RegionChoices, { label, grid, click, view }: RegionPlace): PreviewOperation | undefined {
  const values = [choices.regionLow, choices.regionHigh] as const;
  const box = choices.within === "view" ? view : null;
  if (choices.region === "threshold") return { kind: "threshold", label, values, box };
  if (!click) return undefined;
  const { at, axis } = click;
  if (choices.region === "trace") return { kind: "level_trace", label, at, axis, bright: choices.side === "bright" };
  return {
    kind: "region_grow", label, seeds: [{ k: at[2], runs: [[at[1] * grid.dimensions[0] + at[0], 1]] }], values: choices.through === "range" ? values : null,
    deviations: choices.deviations, gate_mm: choices.gateMm, compactness: choices.compactPercent / 100, box,
  };
}
