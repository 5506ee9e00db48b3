// The tools at the left, each with its key, and right below them the settings of the chosen one.

import { decimal } from "@ringfence/web/format";
import type { ReactElement, ReactNode } from "react";
import { LARGEST_BRUSH_MM, SMALLEST_BRUSH_MM } from "../pages/task-session";
import type { TaskSession, Tool } from "../pages/task-session";
import { resized } from "../tools/keys";
import { BrushIcon, EraserIcon, FitIcon, RedoIcon, UndoIcon } from "./icons";
import { useStore } from "./store";

const TOOLS: readonly { readonly tool: Tool; readonly name: string; readonly key: string; readonly icon: ReactNode }[] = [
  { tool: "brush", name: "Brush", key: "B", icon: <BrushIcon /> },
  { tool: "eraser", name: "Eraser", key: "E", icon: <EraserIcon /> },
];

export function ToolPanel({ session }: { readonly session: TaskSession }): ReactElement {
  const settings = useStore(session.settings);
  const { canUndo, canRedo } = useStore(session.progress);
  return (
    <aside className="tool-panel" aria-label="Tools">
      <div className="tool-group" role="group" aria-label="Tool">
        {TOOLS.map(({ tool, name, key, icon }) => (
          <ToolButton key={tool} name={name} keyName={key} icon={icon} pressed={settings.tool === tool} onClick={() => session.change({ tool })} />
        ))}
      </div>
      <div className="tool-setting">
        <label htmlFor="brush-size">Radius</label>
        <output htmlFor="brush-size" data-testid="brush-size">{decimal(settings.radiusMm, settings.radiusMm % 1 === 0 ? 0 : 1)} mm</output>
        <input
          id="brush-size"
          type="range"
          min={SMALLEST_BRUSH_MM}
          max={LARGEST_BRUSH_MM}
          step={0.5}
          value={settings.radiusMm}
          onChange={(event) => session.change({ radiusMm: Number(event.currentTarget.value) })}
        />
        <span className="tool-steps">
          <button type="button" className="small-button" aria-label="Smaller brush" onClick={() => session.change({ radiusMm: resized(settings.radiusMm, -1) })}>
            [
          </button>
          <button type="button" className="small-button" aria-label="Larger brush" onClick={() => session.change({ radiusMm: resized(settings.radiusMm, 1) })}>
            ]
          </button>
        </span>
      </div>
      <div className="tool-group">
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
      <p className="tool-hint">
        Wheel scrolls, right drag windows, middle drag pans. Press <kbd>?</kbd> for all keys.
      </p>
    </aside>
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
    <button type="button" className="tool-button" aria-pressed={pressed} aria-keyshortcuts={keyName} disabled={disabled} onClick={onClick}>
      {icon}
      <span className="tool-name">{name}</span>
      <kbd aria-hidden="true">{keyName}</kbd>
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
