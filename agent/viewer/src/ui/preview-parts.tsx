// The parts that the settings of the tools of the agent are made of.

import { count, decimal } from "@ringfence/web/format";
import { useId } from "react";
import type { ReactElement } from "react";
import { LARGEST_BRUSH_MM, SMALLEST_BRUSH_MM } from "../pages/settings";
import type { TaskSession } from "../pages/task-session";
import { useStore } from "./store";

interface StartButtonProps {
  readonly text: string;
  readonly disabled: boolean;
  /** Whether Enter starts it now, and does not accept a preview. */
  readonly enters: boolean;
  readonly onStart: () => void;
}

export function StartButton({ text, disabled, enters, onStart }: StartButtonProps): ReactElement {
  // Marked disabled and not made so: the focus stays on it while it works, and goes on from it to the preview.
  return (
    <button type="button" className="primary-button tool-wide tool-start" data-starts aria-disabled={disabled} aria-keyshortcuts={enters ? "Enter" : undefined} onClick={() => (disabled ? undefined : onStart())}>
      {text} {enters ? <kbd aria-hidden="true">Enter</kbd> : null}
    </button>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChange: (value: T) => void;
}

export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>): ReactElement {
  const values = Object.keys(options) as T[];
  const id = useId();
  return (
    <>
      <label className="tool-wide" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        className="tool-wide tool-select"
        value={value}
        onChange={(event) => {
          const chosen = values.find((candidate) => candidate === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {values.map((candidate) => (
          <option key={candidate} value={candidate}>
            {options[candidate]}
          </option>
        ))}
      </select>
    </>
  );
}

export function ScribbleRadius({ session }: { readonly session: TaskSession }): ReactElement {
  const { radiusMm } = useStore(session.settings);
  return (
    <>
      <label htmlFor="scribble-radius">Radius</label>
      <output htmlFor="scribble-radius">{millimetres(radiusMm)}</output>
      <input id="scribble-radius" type="range" min={SMALLEST_BRUSH_MM} max={LARGEST_BRUSH_MM} step={0.5} value={radiusMm} onChange={(event) => session.change({ radiusMm: Number(event.currentTarget.value) })} />
    </>
  );
}

/** How much is marked, and the way to take it away. Keeps its place while nothing is. */
export function Marked({ what, voxels, onClear }: { readonly what: string; readonly voxels: number; readonly onClear: () => void }): ReactElement {
  return (
    <span className="tool-wide tool-marked">
      <span>{voxels === 0 ? `No ${what}` : `${count(voxels)} ${what}`}</span>
      <button type="button" className="small-button" disabled={voxels === 0} onClick={onClear}>
        Clear<span className="rf-visually-hidden"> {what}</span>
      </button>
    </span>
  );
}

export function millimetres(value: number): string {
  return `${decimal(value, value % 1 === 0 ? 0 : 1)} mm`;
}
