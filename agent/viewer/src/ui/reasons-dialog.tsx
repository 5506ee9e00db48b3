// The reasons that work outside its limits needs before it may be handed in.

import { findingText } from "@ringfence/web/finding-text";
import type { Finding } from "@ringfence/web/instruction";
import { useEffect, useRef, useState } from "react";
import type { FormEvent, ReactElement } from "react";
import type { Override, OverrideReason } from "../api/types";
import type { TaskSession } from "../pages/task-session";

const REASONS: readonly { readonly reason: OverrideReason; readonly text: string }[] = [
  { reason: "unusual-anatomy", text: "Unusual anatomy" },
  { reason: "image-quality", text: "Image quality" },
  { reason: "instruction-unclear", text: "Instruction is unclear" },
  { reason: "other", text: "Other" },
];

interface ReasonsDialogProps {
  readonly session: TaskSession;
  readonly findings: readonly Finding[];
  readonly onSubmit: (overrides: readonly Override[]) => void;
  readonly onClose: () => void;
}

function keyOf(finding: Finding): string {
  return `${finding.subject.type}-${finding.subject.id}-${finding.check}`;
}

export function ReasonsDialog({ session, findings, onSubmit, onClose }: ReasonsDialogProps): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);
  const [reasons, setReasons] = useState<ReadonlyMap<string, OverrideReason>>(new Map());
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit(
      findings.flatMap((finding): readonly Override[] => {
        const { type, id } = finding.subject;
        const reason = reasons.get(keyOf(finding));
        return reason === undefined || type === "question" ? [] : [{ subject: { type, id }, check: finding.check, reason }];
      }),
    );
  };
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="reasons-heading" onClose={onClose}>
      <h2 id="reasons-heading">Outside the limits</h2>
      <p>This work may be submitted when a reason is given for each of these.</p>
      <form onSubmit={submit}>
        {findings.map((finding) => (
          <div key={keyOf(finding)} className="reason" data-testid={`reason-${keyOf(finding)}`}>
            <label htmlFor={`reason-${keyOf(finding)}`}>{findingText(finding, session.task.instruction, session.facts.state.value.facts)}</label>
            <select
              id={`reason-${keyOf(finding)}`}
              required
              value={reasons.get(keyOf(finding)) ?? ""}
              onChange={(event) => {
                const chosen = REASONS.find(({ reason }) => reason === event.currentTarget.value);
                const next = new Map(reasons);
                if (chosen) next.set(keyOf(finding), chosen.reason);
                else next.delete(keyOf(finding));
                setReasons(next);
              }}
            >
              <option value="">Choose a reason</option>
              {REASONS.map(({ reason, text }) => (
                <option key={reason} value={reason}>{text}</option>
              ))}
            </select>
          </div>
        ))}
        <div className="dialog-actions">
          <button type="button" className="plain-button" onClick={() => dialog.current?.close()}>Go on drawing</button>
          <button type="submit" className="primary-button">Submit with reasons</button>
        </div>
      </form>
    </dialog>
  );
}
