// Whether an object is there, stated by a person. What is drawn is there: for a drawn object only absent and not
// assessable can be said, and for a classification all three.

import type { KeyboardEvent, ReactElement } from "react";

import type { InstructionObject, Presence } from "./instruction";

export const PRESENCE_NAMES: Readonly<Record<Presence, string>> = {
  present: "Present",
  absent: "Absent",
  not_assessable: "Not assessable",
};

const DRAWABLE: readonly Presence[] = ["absent", "not_assessable"];
const ALL: readonly Presence[] = ["present", "absent", "not_assessable"];

/** What can be stated of an object, in the order of its number keys. */
export function statementsOf(object: InstructionObject): readonly Presence[] {
  return object.geometry.type === "classification" ? ALL : DRAWABLE;
}

export interface StatementFormProps {
  readonly object: InstructionObject;
  /** What was stated; undefined when nothing was. */
  readonly stated: Presence | undefined;
  /** How many are drawn now. */
  readonly drawn: number;
  /** `null` takes the statement back. */
  readonly onState: (presence: Presence | null) => void;
  /** What is wrong, such as that nothing is stated. */
  readonly problem?: string | undefined;
  readonly disabled?: boolean;
  /** Keeps element ids apart when two forms stand on one page. */
  readonly idPrefix?: string;
}

/** The element id of the statement about an object. */
export function statementElementId(objectId: number, idPrefix = "statement"): string {
  return `${idPrefix}-${objectId}`;
}

/** Moves the focus to the statement about an object. */
export function focusStatement(objectId: number, idPrefix = "statement"): void {
  const group = document.getElementById(statementElementId(objectId, idPrefix));
  const field = group?.querySelector<HTMLElement>("input:checked") ?? group?.querySelector<HTMLElement>("input");
  field?.focus();
  group?.scrollIntoView({ block: "nearest" });
}

/**
 * A digit chooses, the digit of what is chosen takes it back. Of an object that is drawn nothing has to be stated; a
 * statement that contradicts the drawing stays in sight, so that it can be taken back.
 */
export function StatementForm(props: StatementFormProps): ReactElement | null {
  const { object, stated, onState, problem } = props;
  const choices = statementsOf(object);
  const elementId = statementElementId(object.id, props.idPrefix);
  if (props.drawn > 0 && stated === undefined) return null;
  const choose = (presence: Presence): void => onState(presence === stated ? null : presence);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const presence = /^[1-9]$/.test(event.key) ? choices[Number(event.key) - 1] : undefined;
    if (presence === undefined) return;
    // The same digits choose window presets elsewhere on the viewer's page.
    event.preventDefault();
    event.stopPropagation();
    choose(presence);
  };
  return (
    <fieldset
      id={elementId}
      className="rf-statement"
      data-testid={elementId}
      data-invalid={problem !== undefined || undefined}
      disabled={props.disabled ?? false}
      aria-describedby={problem === undefined ? undefined : `${elementId}-problem`}
    >
      <legend className="rf-visually-hidden">{object.name}: is it there?</legend>
      <div className="rf-statement-row" role="radiogroup" aria-label={`${object.name}: is it there?`} onKeyDown={onKeyDown}>
        {choices.map((presence, index) => (
          <label key={presence} className="rf-choice-card" data-chosen={presence === stated || undefined}>
            <input
              type="radio"
              name={elementId}
              checked={presence === stated}
              onChange={() => onState(presence)}
              onClick={() => {
                if (presence === stated) onState(null);
              }}
            />
            <span className="rf-choice-text">{PRESENCE_NAMES[presence]}</span>
            <kbd aria-hidden="true">{index + 1}</kbd>
          </label>
        ))}
      </div>
      {problem === undefined ? null : (
        <p className="rf-question-problem" id={`${elementId}-problem`}>
          {problem}
        </p>
      )}
    </fieldset>
  );
}
