// What may change, as a person chooses it for all tools: what of it goes to the agent, and how it is told.

import { decimal } from "@ringfence/web/format";
import { labelOf } from "@ringfence/web/instruction";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { Masking, MaskingArea, PreviewOperation, Task } from "../api/types";
import { isUnmasked } from "../segmentation/masking";
import type { MaskingChoices, MaskingOverwrite } from "../segmentation/masking";

export const AREA_NAMES: Readonly<Record<MaskingArea, string>> = {
  everywhere: "Everywhere", inside_all: "Inside all objects", outside_all: "Outside all", inside: "Inside one", outside: "Outside one",
};

export const OVERWRITE_NAMES: Readonly<Record<MaskingOverwrite, string>> = { tool: "As the tool does", all: "All objects", only: "One object", nothing: "No other object" };

export function firstMasking({ instruction, volume }: Pick<Task, "instruction" | "volume">): MaskingChoices {
  const label = instruction.objects.flatMap((object) => labelOf(object) ?? [])[0] ?? 0;
  return { area: "everywhere", areaLabel: label, inRange: false, low: volume.minimum, high: volume.maximum, overwrite: "tool", overwriteLabel: label };
}

/** Every choice back to what it was first; objects and values stay for the next time. */
export function unmasked(choices: MaskingChoices): MaskingChoices {
  return { ...choices, area: "everywhere", inRange: false, overwrite: "tool" };
}

/** Why nothing at all may change, in words; undefined when something may. */
export function maskingObstacle({ inRange, low, high }: MaskingChoices): string | undefined {
  return inRange && low > high ? "No value lies in the range of What may change." : undefined;
}

/** What goes to the agent with an operation. Taking over another object means to write over it. */
export function maskingFor({ area, areaLabel, inRange, low, high, overwrite, overwriteLabel }: MaskingChoices, operation: PreviewOperation): Masking {
  const takesOver = operation.kind === "logic" && (operation.how === "add" || operation.how === "copy");
  const only = overwrite === "only" ? [overwriteLabel] : overwrite === "tool" && takesOver ? operation.operand : [];
  return {
    area,
    area_labels: area === "inside" || area === "outside" ? [areaLabel] : [],
    values: inRange ? [low, high] : null,
    overwrite: overwrite === "all" ? "all" : only.length > 0 ? "only" : "nothing",
    overwrite_labels: only,
  };
}

/** What is not as it was first, in words; undefined when all is. */
export function maskingWords(choices: MaskingChoices, unit: string, objectOf: (label: number) => InstructionObject | undefined): string | undefined {
  if (isUnmasked(choices)) return undefined;
  const { area, areaLabel, inRange, low, high, overwrite, overwriteLabel } = choices;
  const name = (label: number): string => objectOf(label)?.name ?? "";
  const areas: Readonly<Record<MaskingArea, readonly string[]>> = {
    everywhere: [], inside_all: ["inside all objects"], outside_all: ["outside all objects"], inside: [`inside ${name(areaLabel)}`], outside: [`outside ${name(areaLabel)}`],
  };
  const overs: Readonly<Record<MaskingOverwrite, readonly string[]>> = {
    tool: [], all: ["writes over all objects"], only: [`writes over ${name(overwriteLabel)} alone`], nothing: ["writes over no other object"],
  };
  const value = (number: number): string => decimal(number, Number.isInteger(number) ? 0 : 2);
  const range = inRange ? [`${value(low)} to ${value(high)}${unit === "" ? "" : ` ${unit}`}`] : [];
  const parts = [...areas[area], ...range, ...overs[overwrite]].join(" · ");
  return parts.charAt(0).toUpperCase() + parts.slice(1);
}
