// What a newer version of the instruction changes, and the choice to go on under it or to finish under the old one.

import { useEffect, useRef } from "react";
import type { ReactElement } from "react";
import type { Edit, EditClass, NewerVersion } from "../api/types";
import type { Instruction } from "@ringfence/web/instruction";

const CLASSES: readonly { readonly class: EditClass; readonly title: string; readonly meaning: string }[] = [
  { class: "breaking", title: "Means something else now", meaning: "Look at these again from the start." },
  { class: "narrowing", title: "Stricter", meaning: "What you have may not fit any more." },
  { class: "widening", title: "New or looser", meaning: "What you have stays valid." },
  { class: "cosmetic", title: "Wording and looks", meaning: "Nothing to do." },
];

interface VersionDialogProps {
  readonly newer: NewerVersion;
  readonly version: number;
  readonly instruction: Instruction;
  readonly busy: boolean;
  readonly onTake: () => void;
  readonly onStay: () => void;
  readonly onClose: () => void;
}

export function VersionDialog({ newer, version, instruction, busy, onTake, onStay, onClose }: VersionDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="version-heading" onClose={onClose}>
      <h2 id="version-heading">Version {newer.version} of the instruction</h2>
      {newer.edits.length === 0 ? <p>Nothing in it concerns the work.</p> : null}
      {CLASSES.map(({ class: kind, title, meaning }) => {
        const edits = newer.edits.filter((edit) => edit.class === kind);
        return edits.length === 0 ? null : (
          <section key={kind} className="edits" data-class={kind}>
            <h3>{title}</h3>
            <p className="quiet">{meaning}</p>
            <ul>
              {edits.map((edit, index) => (
                <li key={index}>{editText(edit, newer.instruction, instruction)}</li>
              ))}
            </ul>
          </section>
        );
      })}
      <p className="quiet">What is drawn and answered is kept. What has no place in version {newer.version} is left out when you submit.</p>
      <div className="dialog-actions">
        <button type="button" className="plain-button" onClick={onStay}>Finish under version {version}</button>
        <button type="button" className="primary-button" disabled={busy} onClick={onTake}>Take it over</button>
      </div>
    </dialog>
  );
}

function editText(edit: Edit, now: Instruction, before: Instruction): string {
  const name = subjectName(edit, now) ?? subjectName(edit, before);
  return name === undefined ? edit.what : `${name}: ${edit.what}`;
}

function subjectName({ subject }: Edit, instruction: Instruction): string | undefined {
  switch (subject.type) {
    case "instruction":
      return undefined;
    case "object":
      return instruction.objects.find((object) => object.id === subject.id)?.name;
    case "question":
      return instruction.questions.find((question) => question.id === subject.id)?.prompt;
    case "rule":
      return instruction.rules.find((rule) => rule.id === subject.id)?.message;
  }
}
