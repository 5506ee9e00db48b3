// One object of the preview: its row as in the viewer, what is stated of it, and what the manager says is drawn.

import { millilitres } from "@ringfence/web/format";
import type { InstructionObject, Presence } from "@ringfence/web/instruction";
import { isStated } from "@ringfence/web/instruction";
import { StatementForm } from "@ringfence/web/statement-form";
import { useState } from "react";
import type { ReactElement } from "react";

import { readFigure, readWhole } from "./fields";
import { sampleFields } from "./sample-facts";
import type { Sample } from "./sample-facts";

export interface PreviewObjectProps {
  readonly object: InstructionObject;
  readonly sample: Sample;
  readonly stated: Presence | undefined;
  readonly problem: string | undefined;
  readonly onSample: (sample: Sample) => void;
  readonly onState: (presence: Presence | null) => void;
}

export function PreviewObject(props: PreviewObjectProps): ReactElement {
  const { object, sample } = props;
  const drawable = object.geometry.type !== "classification";
  return (
    <li>
      <div className="preview-object">
        <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
          <circle cx="6" cy="6" r="5" fill={object.colour} />
        </svg>
        <span className="preview-name">{object.name === "" ? "Unnamed" : object.name}</span>
        <span className="preview-size">{drawable ? sizeText(object, sample) : "stated"}</span>
        {object.hotkey === "" ? null : <kbd className="rf-key">Alt {object.hotkey}</kbd>}
      </div>
      {isStated(object) || props.stated !== undefined ? (
        <StatementForm
          object={object}
          stated={props.stated}
          drawn={drawable ? sample.count : 0}
          problem={props.problem}
          onState={props.onState}
          idPrefix="preview-statement"
        />
      ) : null}
      {drawable ? <SampleFields {...props} /> : null}
    </li>
  );
}

function sizeText({ geometry }: InstructionObject, sample: Sample): string {
  if (sample.count === 0) return "nothing drawn";
  switch (geometry.type) {
    case "label_map":
      return millilitres(sample.volume_mm3);
    case "box":
    case "line":
    case "point":
    case "classification":
      return `${sample.count} drawn`;
  }
}

const NAMES: Readonly<Record<keyof Sample, string>> = {
  count: "As if drawn",
  diameter_mm: "Diameter, mm",
  volume_mm3: "Volume, mm³",
  slices: "Slices",
  elongation: "Elongation",
  cavities: "Cavities",
};

const WHOLE: readonly (keyof Sample)[] = ["count", "slices", "cavities"];

/** What is drawn, as if it were: counts and sizes to try limits and conditions with. */
function SampleFields({ object, sample, onSample }: PreviewObjectProps): ReactElement {
  const fields: readonly (keyof Sample)[] = ["count", ...(sample.count === 0 ? [] : sampleFields(object))];
  return (
    <div className="sample" data-only={fields.length === 1 || undefined} role="group" aria-label={`As if drawn: ${object.name === "" ? "Unnamed" : object.name}`}>
      {fields.map((name) => (
        <SampleField
          key={name}
          label={NAMES[name]}
          whole={WHOLE.includes(name)}
          value={sample[name]}
          onChange={(value) => onSample({ ...sample, [name]: value })}
        />
      ))}
    </div>
  );
}

/** More instances than this say nothing more. */
const MOST = 1000;

interface SampleFieldProps {
  readonly label: string;
  readonly whole: boolean;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

function SampleField({ label, whole, value, onChange }: SampleFieldProps): ReactElement {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const read = (text: string): number | undefined => {
    const figure = whole ? readWhole(text) : readFigure(text);
    return figure !== undefined && figure >= 0 && (!whole || figure <= MOST) ? figure : undefined;
  };
  const wrong = typed !== undefined && read(typed) === undefined;
  return (
    <label className="sample-field">
      <span>{label}</span>
      <input
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={typed ?? `${value}`}
        aria-invalid={wrong}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          const figure = read(event.currentTarget.value);
          if (figure !== undefined) onChange(figure);
        }}
        onBlur={() => {
          if (!wrong) setTyped(undefined);
        }}
      />
    </label>
  );
}
