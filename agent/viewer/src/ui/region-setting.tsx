// The settings of the region tool: traced levels, grown regions, thresholds.

import { decimal } from "@ringfence/web/format";
import type { ReactElement } from "react";
import { LARGEST_GATE_MM, MOST_COMPACT_PERCENT, MOST_DEVIATIONS, REGION_NAMES, hasRange } from "../pages/region-tool";
import type { RegionChoices } from "../pages/region-tool";
import { lengthText } from "./brush-size";
import { Setting } from "./computed-setting";
import type { SettingProps } from "./computed-setting";
import { NumberField } from "./number-field";
import { Choice, Slider } from "./preview-parts";
import { useStore } from "./store";

const WORDS: Readonly<Record<RegionChoices["region"], string>> = {
  trace: "gets what the line of one value encloses in the slice.",
  grow: "gets what is connected through like values.",
  threshold: "gets all values in the range.",
};

export function RegionSetting({ session }: SettingProps): ReactElement {
  const { choices } = session.computed.tools;
  const now = useStore(choices);
  const clicked = session.computed.tools.waitsForClick("region");
  return (
    <Setting session={session} tool="region" words={<><strong>{session.chosenObject?.name}</strong> {WORDS[now.region]}</>} starts={clicked ? undefined : "Preview"}>
      <Choice label="Method" value={now.region} options={REGION_NAMES} onChange={(region) => choices.set({ region })} />
      {now.region === "trace" ? (
        <Choice label="Encloses" value={now.side} options={{ bright: "What is brighter", dark: "What is darker" }} onChange={(side) => choices.set({ side })} />
      ) : null}
      {now.region === "grow" ? <Choice label="Through" value={now.through} options={{ automatic: "Like values", range: "A range" }} onChange={(through) => choices.set({ through })} /> : null}
      {now.region === "grow" && now.through === "automatic" ? (
        <Slider label="Deviations" value={now.deviations} minimum={0.5} maximum={MOST_DEVIATIONS} step={0.25} text={`± ${decimal(now.deviations, 2)}`} onChange={(deviations) => choices.set({ deviations })} />
      ) : null}
      {hasRange(now) ? <Range session={session} /> : null}
      {now.region === "grow" ? (
        <>
          <Slider label="Gate" value={now.gateMm} minimum={0} maximum={LARGEST_GATE_MM} step={0.5} text={now.gateMm === 0 ? "None" : lengthText(now.gateMm, "mm")} onChange={(gateMm) => choices.set({ gateMm })} />
          <Slider label="Fills box" value={now.compactPercent} minimum={0} maximum={MOST_COMPACT_PERCENT} step={1} text={now.compactPercent === 0 ? "Any" : `≥ ${now.compactPercent} %`} onChange={(compactPercent) => choices.set({ compactPercent })} />
        </>
      ) : null}
      {now.region === "trace" ? null : <Choice label="Within" value={now.within} options={{ whole: "Whole volume", view: "Current view" }} onChange={(within) => choices.set({ within })} />}
      {clicked ? <p className="tool-words tool-next">Click a voxel.</p> : null}
    </Setting>
  );
}

function Range({ session }: SettingProps): ReactElement {
  const { choices } = session.computed.tools;
  const { regionLow, regionHigh } = useStore(choices);
  const { unit } = session.task.volume;
  const of = unit === "" ? "" : ` (${unit})`;
  return (
    <>
      <NumberField name={`From${of}`} value={regionLow} onChange={(low) => choices.set({ regionLow: low })} />
      <NumberField name={`To${of}`} value={regionHigh} onChange={(high) => choices.set({ regionHigh: high })} />
    </>
  );
}
