// A number that is typed: taken with Enter or when the field is left, and never rewritten under the hand.

import { useId, useState } from "react";
import type { ReactElement } from "react";

interface NumberFieldProps {
  readonly name: string;
  readonly value: number;
  readonly minimum?: number;
  readonly onChange: (value: number) => void;
}

/** What is no number, or is too small, gives way to the number before; so does everything typed at Escape. */
export function NumberField({ name, value, minimum, onChange }: NumberFieldProps): ReactElement {
  const id = useId();
  // What stands in the field while it is typed in; without it, the number as it is.
  const [draft, setDraft] = useState<string>();
  const take = (typed: number): void => {
    setDraft(undefined);
    if (Number.isFinite(typed) && (minimum === undefined || typed >= minimum) && typed !== value) onChange(typed);
  };
  return (
    <>
      <label htmlFor={id}>{name}</label>
      <input
        id={id}
        className="tool-number"
        type="number"
        step="any"
        min={minimum}
        value={draft ?? value}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={(event) => take(event.currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          if (event.key === "Enter") take(event.currentTarget.valueAsNumber);
          if (event.key === "Escape") setDraft(undefined);
        }}
      />
    </>
  );
}
