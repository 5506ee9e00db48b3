// What every property sheet has: its head with the ways to move and remove, its parts, and a choice from a short list.

import { NativeSelect } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import type { ReactElement, ReactNode } from "react";

import type { Instruction } from "@ringfence/web/instruction";

import type { InstructionDraft } from "../api/types";
import { useFieldProblem } from "./fields";

export interface SheetProps {
  readonly draft: InstructionDraft;
  readonly published: Instruction | null;
  readonly onDraft: (draft: InstructionDraft) => void;
}

export interface SheetFrameProps {
  readonly title: string;
  readonly canMoveUp: boolean;
  readonly canMoveDown: boolean;
  readonly onMove: (by: -1 | 1) => void;
  readonly onRemove: () => void;
  readonly children: ReactNode;
}

export function SheetFrame(props: SheetFrameProps): ReactElement {
  const { title } = props;
  return (
    <section className="sheet" aria-label={title}>
      <div className="sheet-head">
        <h2>{title}</h2>
        <div className="sheet-buttons">
          <IconButton label="Move up" disabled={!props.canMoveUp} onClick={() => props.onMove(-1)}>
            <IconArrowUp size={16} aria-hidden="true" />
          </IconButton>
          <IconButton label="Move down" disabled={!props.canMoveDown} onClick={() => props.onMove(1)}>
            <IconArrowDown size={16} aria-hidden="true" />
          </IconButton>
          <IconButton label="Remove" onClick={props.onRemove}>
            <IconTrash size={16} aria-hidden="true" />
          </IconButton>
        </div>
      </div>
      {props.children}
    </section>
  );
}

interface IconButtonProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

export function IconButton({ label, disabled, onClick, children }: IconButtonProps): ReactElement {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      {children}
    </button>
  );
}

export interface SheetPartProps {
  readonly title: string;
  readonly note?: string | undefined;
  readonly children: ReactNode;
}

/** Fields that belong together. */
export function SheetPart({ title, note, children }: SheetPartProps): ReactElement {
  return (
    <fieldset className="sheet-part">
      <legend>{title}</legend>
      {note === undefined ? null : <p className="sheet-note">{note}</p>}
      {children}
    </fieldset>
  );
}

export interface PickFieldProps<Value extends string> {
  readonly path: string;
  readonly label: string;
  readonly className?: string;
  readonly value: Value;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
}

export function PickField<Value extends string>(props: PickFieldProps<Value>): ReactElement {
  const error = useFieldProblem(props.path);
  return (
    <NativeSelect
      className={props.className}
      size="sm"
      label={props.label}
      data={[...props.options]}
      value={props.value}
      error={error}
      onChange={(event) => {
        const chosen = props.options.find(({ value }) => value === event.currentTarget.value);
        if (chosen !== undefined && chosen.value !== props.value) props.onChange(chosen.value);
      }}
    />
  );
}

export interface CheckFieldProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function CheckField({ label, checked, onChange }: CheckFieldProps): ReactElement {
  return (
    <label className="check sheet-check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

/** A problem that belongs to no single input. */
export function PartProblem({ path }: { readonly path: string }): ReactElement | null {
  const problem = useFieldProblem(path);
  return problem === undefined ? null : <p className="editor-problem">{problem}</p>;
}

export const SEVERITIES = [
  { value: "warn", label: "Work can be handed in with a reason" },
  { value: "refuse", label: "Work cannot be handed in" },
] as const;
