// The small fields of the instruction editor. Each shows the server's problem with its own path.

import { TextInput } from "@mantine/core";
import type { FieldProblem } from "@ringfence/web/api";
import { createContext, use, useState } from "react";
import type { ReactElement } from "react";

import { fieldText } from "../ui/field-text";

export const FieldProblemsContext = createContext<readonly FieldProblem[]>([]);

export function useFieldProblem(path: string): string | undefined {
  return fieldText(use(FieldProblemsContext), path);
}

// The paths that the editor asks `useFieldProblem` for. The server also checks what no input holds, such as an object's key.
const SHOWN = [
  /^(title|body_markdown|body|objects|questions)$/,
  /^objects\[\d+\]\.(name|hotkey|label|tolerance_mm)$/,
  /^questions\[\d+\]\.prompt$/,
  /^questions\[\d+\]\.kind\.(options|options\[\d+\]\.text|minimum|maximum|step|unit|max_length)$/,
];

/** Whether the editor shows the problem of this path at one of its inputs. */
export function shownByEditor(path: string): boolean {
  return SHOWN.some((pattern) => pattern.test(path));
}

interface FieldProps {
  /** As the server names it: `objects[0].name`. */
  readonly path: string;
  readonly label: string;
  readonly className?: string;
  readonly hint?: string;
}

export interface WordFieldProps extends FieldProps {
  readonly value: string;
  readonly maxLength: number;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly onChange: (value: string) => void;
  readonly onEnter?: () => void;
}

export function WordField(props: WordFieldProps): ReactElement {
  const error = useFieldProblem(props.path);
  return (
    <TextInput
      className={props.className}
      label={props.label}
      title={props.hint}
      value={props.value}
      maxLength={props.maxLength}
      placeholder={props.placeholder}
      autoComplete="off"
      autoFocus={props.autoFocus ?? false}
      error={error}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || props.onEnter === undefined) return;
        event.preventDefault();
        props.onEnter();
      }}
    />
  );
}

export interface FigureFieldProps extends FieldProps {
  readonly value: number;
  readonly unit?: string;
  /** Takes 0, 1, 2 … alone. */
  readonly whole?: boolean;
  readonly onChange: (value: number) => void;
}

/** A number; what is typed becomes the value as soon as it is one. */
export function FigureField(props: FigureFieldProps): ReactElement {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const serverProblem = useFieldProblem(props.path);
  const read = props.whole ? readWhole : readFigure;
  const parsed = typed === undefined ? props.value : read(typed);
  const typingProblem = props.whole ? "This is not a whole number." : "This is not a number.";
  return (
    <TextInput
      className={props.className}
      label={props.label}
      title={props.hint}
      inputMode="decimal"
      autoComplete="off"
      value={typed ?? `${props.value}`}
      error={parsed === undefined ? typingProblem : serverProblem}
      {...(props.unit === undefined ? {} : { rightSection: <span className="field-unit">{props.unit}</span> })}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        const value = read(text);
        if (value !== undefined && value !== props.value) props.onChange(value);
      }}
      onBlur={() => {
        if (parsed !== undefined) setTyped(undefined);
      }}
    />
  );
}

/** A point or a comma parts the decimals; an empty field is no number. */
export function readFigure(typed: string): number | undefined {
  const trimmed = typed.trim().replace(",", ".");
  const value = Number(trimmed);
  return trimmed === "" || !Number.isFinite(value) ? undefined : value;
}

export function readWhole(typed: string): number | undefined {
  return /^\d{1,9}$/.test(typed.trim()) ? Number(typed) : undefined;
}
