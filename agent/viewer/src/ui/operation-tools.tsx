// The settings of the tools that make one object out of another: margin and combine.

import { labelOf } from "@ringfence/web/instruction";
import type { ReactElement } from "react";
import { COMBINE_NAMES, MARGIN_NAMES, SMALLEST_MARGIN_MM, combineWords, marginWords, needsOperand } from "../pages/operation-tools";
import type { CombineMode, HoleKind, MarginMode } from "../pages/operation-tools";
import { Setting } from "./computed-setting";
import type { SettingProps } from "./computed-setting";
import { NumberField } from "./number-field";
import { Choice } from "./preview-parts";
import { useStore } from "./store";

export function MarginSetting({ session }: SettingProps): ReactElement {
  const { choices } = session.computed.tools;
  const { margin, marginMm } = useStore(choices);
  const shell = margin !== "grow" && margin !== "shrink";
  return (
    <Setting session={session} tool="margin" words={<><strong>{session.chosenObject?.name}</strong> {marginWords(margin)}</>} starts="Preview">
      <Choice<MarginMode> label="How" value={margin} options={MARGIN_NAMES} onChange={(value) => choices.set({ margin: value })} />
      <NumberField name={shell ? "Thick (mm)" : "By (mm)"} value={marginMm} minimum={SMALLEST_MARGIN_MM} onChange={(value) => choices.set({ marginMm: value })} />
    </Setting>
  );
}

const HOLES_OF_VALUE: Readonly<Record<string, HoleKind>> = { cavities: "cavities", "0": 0, "1": 1, "2": 2 };

export function CombineSetting({ session }: SettingProps): ReactElement {
  const { tools } = session.computed;
  const { combine, holes } = useStore(tools.choices);
  const { operands, operand } = tools;
  const planes = session.planes.map((plane) => [String(plane.axis), `In ${plane.name} slices`] as const);
  const kinds = { cavities: "Cavities", ...Object.fromEntries(planes) };
  const names = Object.fromEntries(operands.map((object) => [String(object.id), object.name]));
  const chosen = session.chosenObject;
  return (
    <Setting session={session} tool="combine" words={combineWords(combine, chosen?.name ?? "", operand?.name ?? "the other object")} starts="Preview">
      <Choice<CombineMode> label="How" value={combine} options={COMBINE_NAMES} onChange={(value) => tools.choices.set({ combine: value })} />
      {needsOperand(combine) && chosen && labelOf(chosen) !== undefined && operand ? (
        <Choice label="Other object" value={String(operand.id)} options={names} onChange={(value) => tools.choices.set({ operandId: Number(value) })} />
      ) : null}
      {combine === "holes" ? (
        <Choice label="Holes" value={String(holes)} options={kinds} onChange={(value) => tools.choices.set({ holes: HOLES_OF_VALUE[value] ?? "cavities" })} />
      ) : null}
    </Setting>
  );
}
