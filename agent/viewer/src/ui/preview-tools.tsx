// The settings of the tools of the agent, right below the tool, and the button that starts it.

import type { ReactElement } from "react";
import type { IslandMode, SmoothMethod } from "../api/types";
import { ISLAND_NAMES, LARGEST_SMOOTHING_MM, SMALLEST_SMOOTHING_MM, SMOOTH_NAMES, isPicked } from "../pages/preview-tools";
import type { Axis } from "../volume/grid";
import { AssistPanel } from "./assist-panel";
import { BrushSize, lengthText } from "./brush-size";
import { Setting } from "./computed-setting";
import type { SettingProps } from "./computed-setting";
import { CombineSetting, MarginSetting } from "./operation-tools";
import { Choice, Marked } from "./preview-parts";
import { RegionSetting } from "./region-setting";
import { useStore } from "./store";

const AXIS_OF_VALUE: Readonly<Record<string, Axis>> = { "0": 0, "1": 1, "2": 2 };

/** Nothing where the chosen tool is none of the agent's. */
export function ComputedSetting({ session }: SettingProps): ReactElement | null {
  const { tool } = useStore(session.settings);
  switch (tool) {
    case "grow":
      return <GrowSetting session={session} />;
    case "fill":
      return <FillSetting session={session} />;
    case "islands":
      return <IslandSetting session={session} />;
    case "smooth":
      return <SmoothSetting session={session} />;
    case "region":
      return <RegionSetting session={session} />;
    case "margin":
      return <MarginSetting session={session} />;
    case "combine":
      return <CombineSetting session={session} />;
    case "assist":
      return <AssistPanel session={session} />;
    default:
      return null;
  }
}

function GrowSetting({ session }: SettingProps): ReactElement {
  const { tools } = session.computed;
  const { growBox } = useStore(tools.choices);
  useStore(tools.background.changes);
  const { voxels } = tools.background;
  return (
    <Setting session={session} tool="grow" words="Everything painted is a seed. Drag on a picture to mark background; Alt and drag rubs it out." starts="Grow">
      <BrushSize session={session} />
      <Choice label="Grow within" value={growBox} options={{ automatic: "Around seeds", view: "Current view" }} onChange={(value) => tools.choices.set({ growBox: value })} />
      <Marked what="background" voxels={voxels} onClear={() => tools.background.clear()} />
    </Setting>
  );
}

function FillSetting({ session }: SettingProps): ReactElement {
  const { choices } = session.computed.tools;
  const { fillAxis } = useStore(choices);
  const names = Object.fromEntries(session.planes.map((plane) => [String(plane.axis), `${plane.name.charAt(0).toUpperCase()}${plane.name.slice(1)}`]));
  return (
    <Setting session={session} tool="fill" words={<>Fills <strong>{session.chosenObject?.name}</strong> between the slices on which it is drawn.</>} starts="Fill">
      <Choice label="Across slices" value={String(fillAxis)} options={names} onChange={(value) => choices.set({ fillAxis: AXIS_OF_VALUE[value] ?? 2 })} />
    </Setting>
  );
}

function IslandSetting({ session }: SettingProps): ReactElement {
  const { choices } = session.computed.tools;
  const { islands, minimum, minimumUnit } = useStore(choices);
  const picked = isPicked(islands);
  return (
    <Setting session={session} tool="islands" words={<>Separate parts of <strong>{session.chosenObject?.name}</strong>.</>} starts={picked ? undefined : "Preview"}>
      <Choice<IslandMode> label="Islands" value={islands} options={ISLAND_NAMES} onChange={(value) => choices.set({ islands: value })} />
      {islands === "remove_small" ? (
        <span className="tool-wide tool-pair">
          <input type="number" min={0} step="any" aria-label="Smallest island that stays" value={Number.isNaN(minimum) ? "" : minimum} onChange={(event) => choices.set({ minimum: event.currentTarget.valueAsNumber })} />
          <select aria-label="Unit" value={minimumUnit} onChange={(event) => choices.set({ minimumUnit: event.currentTarget.value === "mL" ? "mL" : "mm3" })}>
            <option value="mm3">mm³</option>
            <option value="mL">mL</option>
          </select>
        </span>
      ) : null}
      {picked ? <p className="tool-words tool-next">Click an island.</p> : null}
    </Setting>
  );
}

function SmoothSetting({ session }: SettingProps): ReactElement {
  const { choices } = session.computed.tools;
  const { smooth, smoothRadiusMm } = useStore(choices);
  const words = smooth === "joint" ? "Smooths all painted objects together, without gaps between them." : <>Smooths <strong>{session.chosenObject?.name}</strong>, never over another object.</>;
  return (
    <Setting session={session} tool="smooth" words={words} starts="Smooth">
      <Choice<SmoothMethod> label="Method" value={smooth} options={SMOOTH_NAMES} onChange={(value) => choices.set({ smooth: value })} />
      <label htmlFor="smooth-radius">Radius</label>
      <output htmlFor="smooth-radius">{lengthText(smoothRadiusMm, "mm")}</output>
      <input id="smooth-radius" type="range" min={SMALLEST_SMOOTHING_MM} max={LARGEST_SMOOTHING_MM} step={0.5} value={smoothRadiusMm} onChange={(event) => choices.set({ smoothRadiusMm: Number(event.currentTarget.value) })} />
    </Setting>
  );
}
