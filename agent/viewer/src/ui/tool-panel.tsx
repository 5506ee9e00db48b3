// The tools at the left, each with its key, and right below them the settings of the chosen one.

import type { ReactElement, ReactNode } from "react";
import { offers } from "../pages/settings";
import type { Tool } from "../pages/settings";
import type { TaskSession } from "../pages/task-session";
import { CineSetting } from "./cine-setting";
import { BoxIcon, BrushIcon, CrosshairIcon, EraserIcon, FitIcon, LineIcon, PointIcon, RedoIcon, RulerIcon, ScissorsIcon, SphereIcon, ThresholdIcon, UndoIcon } from "./icons";
import { MaskingSetting } from "./masking-setting";
import { AssistIcon, CombineIcon, FillIcon, GrowIcon, IslandsIcon, MarginIcon, RegionIcon, SmoothIcon } from "./preview-icons";
import { ComputedSetting } from "./preview-tools";
import { SlabSetting } from "./slab-setting";
import { useStore } from "./store";
import { ToolSettings } from "./tool-settings";

const TOOLS: readonly { readonly tool: Tool; readonly name: string; readonly key: string; readonly icon: ReactNode }[] = [
  { tool: "brush", name: "Brush", key: "B", icon: <BrushIcon /> },
  { tool: "eraser", name: "Eraser", key: "E", icon: <EraserIcon /> },
  { tool: "sphere", name: "Sphere brush", key: "S", icon: <SphereIcon /> },
  { tool: "threshold", name: "Threshold brush", key: "H", icon: <ThresholdIcon /> },
  { tool: "scissors", name: "Scissors", key: "K", icon: <ScissorsIcon /> },
  { tool: "box", name: "Box", key: "O", icon: <BoxIcon /> },
  { tool: "line", name: "Line", key: "L", icon: <LineIcon /> },
  { tool: "point", name: "Point", key: "P", icon: <PointIcon /> },
  { tool: "grow", name: "Grow from seeds", key: "G", icon: <GrowIcon /> },
  { tool: "fill", name: "Fill between slices", key: "F", icon: <FillIcon /> },
  { tool: "islands", name: "Islands", key: "I", icon: <IslandsIcon /> },
  { tool: "smooth", name: "Smooth", key: "J", icon: <SmoothIcon /> },
  { tool: "region", name: "Region", key: "Shift+R", icon: <RegionIcon /> },
  { tool: "margin", name: "Margin", key: "Shift+M", icon: <MarginIcon /> },
  { tool: "combine", name: "Combine", key: "Shift+C", icon: <CombineIcon /> },
  { tool: "assist", name: "Assist by a model", key: "A", icon: <AssistIcon /> },
  { tool: "crosshair", name: "Crosshair", key: "C", icon: <CrosshairIcon /> },
  { tool: "ruler", name: "Ruler", key: "U", icon: <RulerIcon /> },
];

export function ToolPanel({ session }: { readonly session: TaskSession }): ReactElement {
  const settings = useStore(session.settings);
  const { canUndo, canRedo } = useStore(session.progress);
  const tools = TOOLS.filter(({ tool }) => offers(tool, session.task, session.presentation.kind));
  return (
    <aside className="tool-panel" aria-label="Tools">
      {tools.length > 0 ? (
        <div className="tool-group tool-grid" role="group" aria-label="Tool">
          {tools.map(({ tool, name, key, icon }) => (
            <ToolButton key={tool} name={name} keyName={key} icon={icon} pressed={settings.tool === tool} onClick={() => session.chooseTool(tool)} />
          ))}
        </div>
      ) : null}
      <ToolSettings session={session} settings={settings} />
      <ComputedSetting session={session} />
      {SHAPE_HINTS[settings.tool] === undefined ? null : <ShapeSetting session={session} hint={SHAPE_HINTS[settings.tool] ?? ""} />}
      <MaskingSetting session={session} />
      <div className="tool-group tool-grid">
        <ToolButton name="Undo" keyName="Z" icon={<UndoIcon />} disabled={!canUndo} onClick={() => session.undo()} />
        <ToolButton name="Redo" keyName="Y" icon={<RedoIcon />} disabled={!canRedo} onClick={() => session.redo()} />
        <ToolButton name="Fit" keyName="R" icon={<FitIcon />} onClick={() => session.fitAll()} />
      </div>
      <div className="tool-setting">
        <label htmlFor="mask-opacity">Masks</label>
        <output htmlFor="mask-opacity">{Math.round(settings.fillAlpha * 100)} %</output>
        <input
          id="mask-opacity"
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={settings.fillAlpha}
          onChange={(event) => session.change({ fillAlpha: Number(event.currentTarget.value) })}
        />
      </div>
      <WindowPresets session={session} />
      <SlabSetting session={session} />
      <CineSetting session={session} />
      <p className="tool-hint">
        Wheel scrolls, right drag windows, middle drag pans. Press <kbd>?</kbd> for all keys.
      </p>
    </aside>
  );
}

const SHAPE_HINTS: Readonly<Partial<Record<Tool, string>>> = {
  box: "Drag a box on a slice; its handles in the other panes make it deep.",
  line: "Drag from end to end.",
  point: "Click a place.",
  none: "Nothing is drawn for this object.",
};

function ShapeSetting({ session, hint }: { readonly session: TaskSession; readonly hint: string }): ReactElement {
  const { selected } = useStore(session.desk.state);
  const { shapes } = useStore(session.progress);
  const there = selected !== undefined && shapes.has(selected);
  return (
    <div className="tool-setting">
      <p className="tool-words">{hint}</p>
      {there ? (
        <button type="button" className="small-button tool-wide" aria-keyshortcuts="Delete" onClick={() => session.desk.removeSelected()}>
          Remove<span className="rf-visually-hidden"> the selected shape</span> <kbd aria-hidden="true">Del</kbd>
        </button>
      ) : null}
    </div>
  );
}

interface ToolButtonProps {
  readonly name: string;
  readonly keyName: string;
  readonly icon: ReactNode;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

function ToolButton({ name, keyName, icon, pressed, disabled, onClick }: ToolButtonProps): ReactElement {
  return (
    <button type="button" className="tool-button" title={name} aria-pressed={pressed} aria-keyshortcuts={keyName} disabled={disabled} onClick={onClick}>
      {icon}
      <span className="rf-visually-hidden">{name}</span>
      <kbd aria-hidden="true">{keyName.replace("Shift+", "⇧")}</kbd>
    </button>
  );
}

function WindowPresets({ session }: { readonly session: TaskSession }): ReactElement | null {
  const { preset } = useStore(session.settings);
  const { windows } = session.task.volume;
  if (windows.length === 0) return null;
  return (
    <div className="preset-group" role="group" aria-label="Window">
      <span className="panel-label">Window</span>
      {windows.map((window, index) => (
        <button
          key={window.name}
          type="button"
          className="preset-button"
          aria-pressed={preset === index}
          title={`Centre ${window.centre}, width ${window.width}`}
          onClick={() => session.usePreset(index)}
        >
          <span>{window.name}</span>
          {index < 9 ? <kbd aria-hidden="true">{index + 1}</kbd> : null}
        </button>
      ))}
    </div>
  );
}
