// The settings of the chosen tool: two or three, right below the tools.

import type { ReactElement, ReactNode } from "react";
import type { Settings } from "../pages/settings";
import type { CutAction, CutSettings } from "../pages/scissors-desk";
import type { TaskSession } from "../pages/task-session";
import { BrushSize } from "./brush-size";
import { NumberField } from "./number-field";
import { useStore } from "./store";

interface ToolSettingsProps {
  readonly session: TaskSession;
  readonly settings: Settings;
}

/** What the chosen tool can be told; nothing for tools that need no telling. */
export function ToolSettings({ session, settings }: ToolSettingsProps): ReactElement | null {
  switch (settings.tool) {
    case "brush":
      return <Group name="Brush"><BrushSize session={session} /></Group>;
    case "sphere":
      return <Group name="Sphere brush"><BrushSize session={session} /><Words>Paints every voxel within the radius, across slices, too.</Words></Group>;
    case "eraser":
      return <Group name="Eraser"><BrushSize session={session} /><BallSwitch session={session} settings={settings} /></Group>;
    case "threshold":
      return (
        <Group name="Threshold brush">
          <BrushSize session={session} />
          <ThresholdRange session={session} settings={settings} />
          <BallSwitch session={session} settings={settings} />
          <Words><kbd>Alt</kbd> click takes mean ± 2 SD under the brush.</Words>
        </Group>
      );
    case "scissors":
      return <Group name="Scissors"><Scissors session={session} settings={settings} /></Group>;
    case "crosshair":
      return <Group name="Crosshair"><Words>Drag to show a point in all panes.</Words></Group>;
    case "ruler":
      return <Group name="Ruler"><Ruler session={session} /></Group>;
    default:
      return null;
  }
}

function Group({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="tool-setting" role="group" aria-label={`${name} settings`}>
      <strong className="tool-title">{name}</strong>
      {children}
    </div>
  );
}

function Words({ children }: { readonly children: ReactNode }): ReactElement {
  return <p className="tool-words">{children}</p>;
}

function BallSwitch({ session, settings }: ToolSettingsProps): ReactElement | null {
  if (session.presentation.kind === "stack") return null;
  return (
    <label className="tool-check">
      <input type="checkbox" checked={settings.ball} onChange={(event) => session.change({ ball: event.currentTarget.checked })} />
      Sphere
    </label>
  );
}

function ThresholdRange({ session, settings }: ToolSettingsProps): ReactElement {
  const { threshold } = settings;
  const { unit } = session.task.volume;
  return (
    <>
      <NumberField name={unit === "" ? "From" : `From (${unit})`} value={threshold.low} onChange={(low) => session.change({ threshold: { ...threshold, low } })} />
      <NumberField name={unit === "" ? "To" : `To (${unit})`} value={threshold.high} onChange={(high) => session.change({ threshold: { ...threshold, high } })} />
      {threshold.low > threshold.high ? <p className="tool-words" role="status">Nothing lies in this range.</p> : null}
    </>
  );
}

const ACTIONS: readonly { readonly value: CutAction; readonly text: string }[] = [
  { value: "erase_inside", text: "Erase inside" },
  { value: "erase_outside", text: "Erase outside" },
  { value: "fill_inside", text: "Fill inside" },
];

function Scissors({ session, settings: { cut } }: ToolSettingsProps): ReactElement {
  const { open } = useStore(session.scissors.state);
  const stack = session.presentation.kind === "stack";
  const change = (part: Partial<CutSettings>): void => session.change({ cut: { ...cut, ...part } });
  return (
    <>
      <select className="tool-select" aria-label="What the scissors do" value={cut.action} onChange={(event) => change({ action: event.currentTarget.value as CutAction })}>
        {ACTIONS.map(({ value, text }) => <option key={value} value={value}>{text}</option>)}
      </select>
      <select className="tool-select" aria-label="How deep the scissors cut" value={cut.reach} onChange={(event) => change({ reach: event.currentTarget.value as CutSettings["reach"] })}>
        <option value="slice">This slice</option>
        <option value="all">All slices</option>
        {stack ? null : <option value="depth">± depth</option>}
      </select>
      {cut.reach === "depth" ? <NumberField name="± mm" value={cut.depthMm} minimum={0} onChange={(depthMm) => change({ depthMm })} /> : null}
      <Words>
        {open ? <><kbd>Enter</kbd> or double click closes, <kbd>Esc</kbd> breaks off.</> : "Click corners, or draw around. Acts on the chosen object."}
      </Words>
    </>
  );
}

function Ruler({ session }: { readonly session: TaskSession }): ReactElement {
  const { measurements, selected } = useStore(session.ruler.state);
  return (
    <>
      <Words>Drag from end to end. Not part of the work.</Words>
      {selected !== undefined ? (
        <button type="button" className="small-button tool-wide" aria-keyshortcuts="Delete" onClick={() => session.ruler.removeSelected()}>
          Remove<span className="rf-visually-hidden"> the selected length</span> <kbd aria-hidden="true">Del</kbd>
        </button>
      ) : null}
      {measurements.length > 1 ? (
        <button type="button" className="small-button tool-wide" onClick={() => session.ruler.removeAll()}>
          Remove all {measurements.length}
        </button>
      ) : null}
    </>
  );
}
