// The parts that the settings of the tools of the agent are made of.

import { count } from "@ringfence/web/format";
import { useId } from "react";
import type { ReactElement } from "react";

interface StartButtonProps {
  readonly text: string;
  readonly disabled: boolean;
  /** Whether Enter starts it now, and does not accept a preview. */
  readonly enters: boolean;
  readonly onStart: () => void;
}

export function StartButton({ text, disabled, enters, onStart }: StartButtonProps): ReactElement {
  // Marked disabled and not made so: the focus stays on it while it works.
  return (
    <button type="button" className="primary-button tool-wide tool-start" aria-disabled={disabled} aria-keyshortcuts={enters ? "Enter" : undefined} onClick={() => (disabled ? undefined : onStart())}>
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

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step: number;
  /** The value as it is told. */
  readonly text: string;
  readonly onChange: (value: number) => void;
}

export function Slider({ label, value, minimum, maximum, step, text, onChange }: SliderProps): ReactElement {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id}>{text}</output>
      <input id={id} type="range" min={minimum} max={maximum} step={step} value={value} aria-valuetext={text} onChange={(event) => onChange(Number(event.currentTarget.value))} />
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
