// What stands between the work and its submission, apart from the questions, which say it themselves. Each line leads to
// its object.

import { findingText } from "@ringfence/web/finding-text";
import { counted } from "@ringfence/web/format";
import type { Finding } from "@ringfence/web/instruction";
import { focusStatement, statementElementId } from "@ringfence/web/statement-form";
import { useEffect, useRef } from "react";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { useStore } from "./store";

/** The element id of the row of an object. */
export function objectElementId(objectId: number): string {
  return `object-${objectId}`;
}

/** Moves the focus to what has to be done about an object: its statement where that is asked, else its row. */
export function focusObject(objectId: number, check?: Finding["check"]): void {
  const stated = check === "statement-missing" || check === "statement-contradicts";
  if (stated && document.getElementById(statementElementId(objectId))) {
    focusStatement(objectId);
    return;
  }
  const row = document.getElementById(objectElementId(objectId));
  row?.querySelector<HTMLElement>("input")?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

interface FindingListProps {
  readonly session: TaskSession;
  readonly findings: readonly Finding[];
}

export function FindingList({ session, findings }: FindingListProps): ReactElement | null {
  const { facts } = useStore(session.facts.state);
  const box = useRef<HTMLDivElement>(null);
  const listed = findings.filter((finding) => finding.subject.type !== "question");
  const any = listed.length > 0;
  useEffect(() => {
    if (any) box.current?.scrollIntoView({ block: "nearest" });
  }, [any]);
  if (!any) return null;
  return (
    <section className="side-section">
      <div ref={box} className="finding-list" role="alert" data-testid="findings">
        <p>Not submitted: {counted(listed.length, "thing needs", "things need")} you.</p>
        <ul>
          {listed.map((finding) => {
            const text = findingText(finding, session.task.instruction, facts);
            const { type, id } = finding.subject;
            return (
              <li key={`${type}-${id}-${finding.check}`}>
                {type === "object" ? (
                  <button type="button" className="rf-link" onClick={() => focusObject(id, finding.check)}>
                    {text}
                  </button>
                ) : text}
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}
