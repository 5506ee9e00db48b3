// The objects of an instruction: a row each, with name, colour, key, label and tolerance.

import { Button } from "@mantine/core";
import { IconArrowUp, IconX } from "@tabler/icons-react";
import type { Instruction, InstructionObject } from "@ringfence/web/instruction";
import type { ReactElement } from "react";

import type { InstructionDraft } from "../api/types";
import { addObject, changeObject, movedUp, removeObject, renameObject } from "./draft";
import { FigureField, useFieldProblem, WordField } from "./fields";

export interface EditorProps {
  readonly draft: InstructionDraft;
  readonly published: Instruction | null;
  readonly onDraft: (draft: InstructionDraft) => void;
}

export function ObjectEditor({ draft, published, onDraft }: EditorProps): ReactElement {
  const problem = useFieldProblem("objects");
  return (
    <section className="editor-part" aria-label="Objects">
      <div className="editor-head">
        <h2>Objects</h2>
        <span className="section-note">What is drawn. The tolerance is the distance that surface agreement forgives.</span>
      </div>
      {draft.objects.length === 0 ? <p className="editor-none">No objects: nothing is drawn in this project.</p> : null}
      {draft.objects.map((object, index) => (
        <ObjectRow
          key={object.id}
          object={object}
          index={index}
          onRename={(name) => onDraft(renameObject(draft, object.id, name, published))}
          onChange={(change) => onDraft(changeObject(draft, object.id, change))}
          onMoveUp={() => onDraft({ ...draft, objects: movedUp(draft.objects, index) })}
          onRemove={() => onDraft(removeObject(draft, object.id))}
        />
      ))}
      {problem === undefined ? null : <p className="editor-problem">{problem}</p>}
      <Button variant="default" onClick={() => onDraft(addObject(draft, published))}>
        Add object
      </Button>
    </section>
  );
}

interface ObjectRowProps {
  readonly object: InstructionObject;
  readonly index: number;
  readonly onRename: (name: string) => void;
  readonly onChange: (change: Partial<InstructionObject>) => void;
  readonly onMoveUp: () => void;
  readonly onRemove: () => void;
}

function ObjectRow({ object, index, onRename, onChange, onMoveUp, onRemove }: ObjectRowProps): ReactElement {
  const at = (name: string): string => `objects[${index}].${name}`;
  const title = object.name === "" ? `object ${index + 1}` : object.name;
  return (
    <div className="object-row" role="group" aria-label={title}>
      <div className="colour-field">
        <label htmlFor={`colour-${object.id}`}>Colour</label>
        <input
          id={`colour-${object.id}`}
          type="color"
          value={object.colour}
          onChange={(event) => onChange({ colour: event.currentTarget.value })}
        />
      </div>
      <WordField
        className="grow"
        path={at("name")}
        label="Name"
        value={object.name}
        maxLength={100}
        autoFocus={object.name === "" && index > 0}
        onChange={onRename}
      />
      <WordField
        className="field-key"
        path={at("hotkey")}
        label="Key"
        hint="Pressed together with Alt in the viewer"
        value={object.hotkey}
        maxLength={1}
        onChange={(hotkey) => onChange({ hotkey })}
      />
      <FigureField
        className="field-label"
        path={at("label")}
        label="Label"
        hint="The object’s value in exported label maps, 1 to 255"
        whole
        value={object.label}
        onChange={(label) => onChange({ label })}
      />
      <FigureField
        className="field-tolerance"
        path={at("tolerance_mm")}
        label="Tolerance"
        unit="mm"
        value={object.tolerance_mm}
        onChange={(toleranceMm) => onChange({ tolerance_mm: toleranceMm })}
      />
      <RowButtons title={title} first={index === 0} onMoveUp={onMoveUp} onRemove={onRemove} />
    </div>
  );
}

export interface RowButtonsProps {
  readonly title: string;
  readonly first: boolean;
  readonly onMoveUp: () => void;
  readonly onRemove: () => void;
}

export function RowButtons({ title, first, onMoveUp, onRemove }: RowButtonsProps): ReactElement {
  return (
    <div className="row-buttons">
      <button
        type="button"
        className="icon-button"
        disabled={first}
        aria-label={`Move ${title} up`}
        title="Move up"
        onClick={onMoveUp}
      >
        <IconArrowUp size={16} aria-hidden="true" />
      </button>
      <button type="button" className="icon-button" aria-label={`Remove ${title}`} title="Remove" onClick={onRemove}>
        <IconX size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
