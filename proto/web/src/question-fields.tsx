// The fields of the questions, one for each way to answer. A field keeps only what is being typed and is not yet an answer.

import { useState } from "react";
import type { KeyboardEvent, ReactElement } from "react";

import { numberOf, optionOf, optionOfKey, readNumber, textOf } from "./answers";
import type { Answer, ChoiceOption, NumberKind, ScaleKind, TextKind } from "./instruction";

export interface FieldProps {
  /** The element with `-prompt` behind this id names the field. */
  readonly elementId: string;
  /** Ids of the help and of what is wrong. */
  readonly describedBy: string | undefined;
  readonly answer: Answer | undefined;
  readonly invalid: boolean;
  readonly required: boolean;
  readonly disabled: boolean;
  readonly onAnswer: (answer: Answer | null) => void;
  /** What the field itself finds wrong while typing; undefined when it is fine. */
  readonly onProblem: (problem: string | undefined) => void;
  /** Tells whether the field holds something that is on its way to become an answer. */
  readonly onTyping: (typing: boolean) => void;
}

export interface OptionFieldProps extends FieldProps {
  readonly options: readonly ChoiceOption[];
  /** Beside each other, for a few short words. */
  readonly inline?: boolean;
}

/** Cards with number keys: a digit chooses, the digit of the chosen card takes the choice back. */
export function OptionField(props: OptionFieldProps): ReactElement {
  const chosen = optionOf(props.answer);
  const choose = (optionId: number): void => props.onAnswer(optionId === chosen ? null : { option_id: optionId });
  return (
    <div
      className={props.inline === true ? "rf-choice rf-choice-inline" : "rf-choice"}
      onKeyDown={onDigit((digit) => {
        const option = optionOfKey(props.options, digit);
        if (option !== undefined) choose(option.id);
        return option !== undefined;
      })}
      {...groupOf(props)}
    >
      {props.options.map((option, index) => (
        <label key={option.id} className="rf-choice-card" data-chosen={option.id === chosen || undefined}>
          <input
            type="radio"
            name={props.elementId}
            checked={option.id === chosen}
            onChange={() => props.onAnswer({ option_id: option.id })}
            onClick={() => {
              if (option.id === chosen) props.onAnswer(null);
            }}
          />
          <span className="rf-choice-text">{option.text}</span>
          {index < 9 ? <kbd aria-hidden="true">{index + 1}</kbd> : null}
        </label>
      ))}
    </div>
  );
}

export interface ScaleFieldProps extends FieldProps {
  readonly kind: ScaleKind;
}

/** A row of whole numbers with words for its ends; a digit chooses its number, once more takes it back. */
export function ScaleField({ kind, ...props }: ScaleFieldProps): ReactElement {
  const chosen = numberOf(props.answer);
  const values = scaleValues(kind);
  const choose = (value: number): void => props.onAnswer(value === chosen ? null : { number: value });
  const wordOf = (value: number): string => {
    if (value === kind.minimum) return kind.minimum_text;
    return value === kind.maximum ? kind.maximum_text : "";
  };
  return (
    <div className="rf-scale">
      <div
        className="rf-scale-row"
        onKeyDown={onDigit((digit) => {
          const known = values.includes(Number(digit));
          if (known) choose(Number(digit));
          return known;
        })}
        {...groupOf(props)}
      >
        {values.map((value) => (
          <label key={value} className="rf-scale-point" data-chosen={value === chosen || undefined}>
            <input
              type="radio"
              name={props.elementId}
              checked={value === chosen}
              aria-label={wordOf(value) === "" ? `${value}` : `${value}, ${wordOf(value)}`}
              onChange={() => props.onAnswer({ number: value })}
              onClick={() => {
                if (value === chosen) props.onAnswer(null);
              }}
            />
            <span aria-hidden="true">{value}</span>
          </label>
        ))}
      </div>
      {kind.minimum_text === "" && kind.maximum_text === "" ? null : (
        <div className="rf-scale-ends" aria-hidden="true">
          <span>{kind.minimum_text}</span>
          <span>{kind.maximum_text}</span>
        </div>
      )}
    </div>
  );
}

/** The points of a scale; a draft may name more than a scale can have, and then only the first are drawn. */
function scaleValues({ minimum, maximum }: ScaleKind): readonly number[] {
  const points = Math.max(0, Math.min(SCALE_POINTS, maximum - minimum + 1));
  return Array.from({ length: points }, (_none, index) => minimum + index);
}

const SCALE_POINTS = 11;

function groupOf(props: FieldProps) {
  return {
    role: "radiogroup",
    "aria-labelledby": `${props.elementId}-prompt`,
    "aria-describedby": props.describedBy,
    "aria-invalid": props.invalid,
    "aria-required": props.required,
  } as const;
}

function onDigit(take: (digit: string) => boolean): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[0-9]$/.test(event.key) || !take(event.key)) return;
    // The same digits choose window presets elsewhere on the viewer's page.
    event.preventDefault();
    event.stopPropagation();
  };
}

export interface NumberFieldProps extends FieldProps {
  readonly kind: NumberKind;
}

export function NumberField(props: NumberFieldProps): ReactElement {
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const value = numberOf(props.answer);
  const range = `${props.kind.minimum} to ${props.kind.maximum}`;

  const commit = (): void => {
    if (draft === undefined) return;
    props.onTyping(false);
    const read = readNumber(props.kind, draft);
    if ("problem" in read) {
      props.onProblem(read.problem);
      return;
    }
    props.onProblem(undefined);
    setDraft(undefined);
    const next = read.answer === null ? undefined : numberOf(read.answer);
    if (next !== value) props.onAnswer(read.answer);
  };

  return (
    <div className="rf-number">
      <input
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={draft ?? (value === undefined ? "" : `${value}`)}
        aria-labelledby={`${props.elementId}-prompt`}
        aria-describedby={props.describedBy}
        aria-invalid={props.invalid}
        aria-required={props.required}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          props.onTyping(event.currentTarget.value.trim() !== "");
          props.onProblem(undefined);
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter") commit();
        }}
      />
      {props.kind.unit === "" ? null : <span className="rf-number-unit">{props.kind.unit}</span>}
      <span className="rf-number-range">{range}</span>
    </div>
  );
}

export interface TextFieldProps extends FieldProps {
  readonly kind: TextKind;
}

export function TextField(props: TextFieldProps): ReactElement {
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const said = textOf(props.answer) ?? "";
  const shown = draft ?? said;
  const left = props.kind.max_length - [...shown].length;

  const commit = (): void => {
    if (draft === undefined) return;
    props.onTyping(false);
    if (left < 0) {
      props.onProblem(`At most ${props.kind.max_length} characters.`);
      return;
    }
    setDraft(undefined);
    if (draft !== said) props.onAnswer(draft.trim() === "" ? null : { text: draft });
  };

  return (
    <div className="rf-text">
      <textarea
        rows={2}
        value={shown}
        aria-labelledby={`${props.elementId}-prompt`}
        aria-describedby={props.describedBy}
        aria-invalid={props.invalid}
        aria-required={props.required}
        onChange={(event) => {
          setDraft(event.currentTarget.value);
          props.onTyping(event.currentTarget.value.trim() !== "");
          props.onProblem(undefined);
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) commit();
        }}
      />
      {left <= 50 ? <span className="rf-text-left">{left} characters left</span> : null}
    </div>
  );
}
