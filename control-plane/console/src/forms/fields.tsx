// The small fields of the instruction editor. Each shows the server's problem with its own path.

import { Textarea, TextInput } from "@mantine/core";
import type { FieldProblem } from "@ringfence/web/api";
import { createContext, use, useState } from "react";
import type { ReactElement } from "react";

import { fieldText, sentence } from "../ui/field-text";

export const FieldProblemsContext = createContext<readonly FieldProblem[]>([]);

export function useFieldProblem(path: string): string | undefined {
  return fieldText(use(FieldProblemsContext), path);
}

/** The problems of the path and of everything inside it. */
export function useProblemsInside(path: string): string | undefined {
  const inside = use(FieldProblemsContext).filter(({ field }) => field !== undefined && isInside(field, path));
  return inside.length === 0 ? undefined : [...new Set(inside.map(({ problem }) => sentence(problem)))].join(" ");
}

export function isInside(field: string, path: string): boolean {
  return field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
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
  /** Takes whole numbers below 0, too. */
  readonly signed?: boolean;
  readonly onChange: (value: number) => void;
}

/** A number; what is typed becomes the value as soon as it is one. */
export function FigureField(props: FigureFieldProps): ReactElement {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const serverProblem = useFieldProblem(props.path);
  const read = readerOf(props);
  const parsed = typed === undefined ? props.value : read(typed);
  const typingProblem = read === readFigure ? "This is not a number." : "This is not a whole number.";
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

function readerOf({ whole, signed }: FigureFieldProps): (typed: string) => number | undefined {
  if (signed) return readSigned;
  return whole ? readWhole : readFigure;
}

export interface LimitFieldProps extends FieldProps {
  /** Null: no limit. */
  readonly value: number | null;
  readonly unit?: string;
  readonly whole?: boolean;
  readonly onChange: (value: number | null) => void;
}

/** A number that may be left out: an empty field is no limit. */
export function LimitField(props: LimitFieldProps): ReactElement {
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const serverProblem = useFieldProblem(props.path);
  const read = (text: string): number | null | undefined => {
    if (text.trim() === "") return null;
    return props.whole ? readWhole(text) : readFigure(text);
  };
  const parsed = typed === undefined ? props.value : read(typed);
  const typingProblem = props.whole ? "This is not a whole number." : "This is not a number.";
  return (
    <TextInput
      className={props.className}
      label={props.label}
      title={props.hint}
      inputMode="decimal"
      autoComplete="off"
      placeholder="none"
      value={typed ?? `${props.value ?? ""}`}
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

export interface LongFieldProps extends FieldProps {
  readonly value: string;
  readonly maxLength: number;
  readonly onChange: (value: string) => void;
}

/** A sentence or two. */
export function LongField(props: LongFieldProps): ReactElement {
  const error = useFieldProblem(props.path);
  return (
    <Textarea
      className={props.className}
      label={props.label}
      title={props.hint}
      autosize={false}
      rows={2}
      value={props.value}
      maxLength={props.maxLength}
      error={error}
      onChange={(event) => props.onChange(event.currentTarget.value)}
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

export function readSigned(typed: string): number | undefined {
  return /^[-−]?\d{1,9}$/.test(typed.trim()) ? Number(typed.trim().replace("−", "-")) : undefined;
}
