// The arbiter's verdict on the work of each of the others, object by object.

import type { ReactElement } from "react";
import type { VerdictKind } from "../api/types";
import { ANSWERS, verdictKey } from "../pages/others-desk";
import type { Judged } from "../pages/others-desk";
import type { TaskSession } from "../pages/task-session";
import { useStore } from "./store";

const VERDICTS: readonly { readonly verdict: VerdictKind; readonly text: string }[] = [
  { verdict: "right", text: "Right" },
  { verdict: "acceptable", text: "Acceptable" },
  { verdict: "wrong", text: "Wrong" },
  { verdict: "not_decidable", text: "Not decidable" },
];

function elementId(judged: Judged): string {
  return `verdict-${judged.letter}-${judged.objectId}`;
}

/** Moves the focus to a verdict. */
export function focusVerdict(judged: Judged): void {
  const field = document.getElementById(elementId(judged));
  field?.focus();
  field?.scrollIntoView({ block: "nearest" });
}

interface VerdictsPanelProps {
  readonly session: TaskSession;
  /** Whether the missing ones stand in the way of a submission. */
  readonly asked: boolean;
}

export function VerdictsPanel({ session, asked }: VerdictsPanelProps): ReactElement {
  const { verdicts } = useStore(session.others.state);
  const { judged } = session.others;
  const subjects = [...new Set(judged.map(({ objectId }) => objectId))];
  return (
    <section className="side-section" aria-labelledby="verdicts-heading">
      <h2 id="verdicts-heading">Verdicts</h2>
      {subjects.map((objectId) => {
        const name = objectId === ANSWERS ? "Answers" : (session.object(objectId)?.name ?? "");
        return (
          <fieldset key={objectId} className="verdicts">
            <legend>{name}</legend>
            {judged.filter((one) => one.objectId === objectId).map((one) => {
              const given = verdicts.get(verdictKey(one));
              return (
                <div key={one.letter} className="verdict" data-invalid={(asked && given === undefined) || undefined}>
                  <label htmlFor={elementId(one)}>
                    <span className="rf-visually-hidden">Verdict on the {name} of </span>
                    {one.letter}
                  </label>
                  <select
                    id={elementId(one)}
                    aria-invalid={asked && given === undefined}
                    value={given ?? ""}
                    onChange={(event) => {
                      session.time.note("answer");
                      session.others.judge(one, VERDICTS.find(({ verdict }) => verdict === event.currentTarget.value)?.verdict);
                    }}
                  >
                    <option value="">Choose</option>
                    {VERDICTS.map(({ verdict, text }) => (
                      <option key={verdict} value={verdict}>{text}</option>
                    ))}
                  </select>
                </div>
              );
            })}
          </fieldset>
        );
      })}
    </section>
  );
}
