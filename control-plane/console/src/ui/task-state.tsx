// The states of a task: a word, a shape of its own, and what each means. Nothing hangs on the colour.

import type { Tone } from "@ringfence/web/parts";
import type { ReactElement } from "react";

import type { TaskState } from "../api/types";

/** In the order of a task's life. */
export const TASK_STATES: readonly TaskState[] = [
  "open",
  "collecting",
  "evaluated",
  "disputed",
  "arbitration",
  "accepted",
  "resolved",
  "withdrawn",
];

interface StateWords {
  readonly tone: Tone;
  readonly text: string;
  readonly meaning: string;
}

export const TASK_STATE: Readonly<Record<TaskState, StateWords>> = {
  open: { tone: "quiet", text: "open", meaning: "Nobody has begun" },
  collecting: { tone: "accent", text: "collecting", meaning: "Some of its slots are taken or submitted" },
  evaluated: { tone: "accent", text: "evaluated", meaning: "Every slot is submitted; it has not been judged" },
  disputed: { tone: "needs", text: "disputed", meaning: "The submissions differ more than the policy allows" },
  arbitration: { tone: "needs", text: "in arbitration", meaning: "It differs too much and waits for an arbiter" },
  accepted: { tone: "good", text: "accepted", meaning: "The submissions agree well enough, or one was asked for" },
  resolved: { tone: "good", text: "resolved", meaning: "An arbiter has decided; that work is the consensus" },
  withdrawn: { tone: "quiet", text: "withdrawn", meaning: "Nobody gets it any more" },
};

export function TaskStateLine({ state }: { readonly state: TaskState }): ReactElement {
  const { tone, text, meaning } = TASK_STATE[state];
  return (
    <span className="rf-state task-state" data-tone={tone} title={meaning}>
      <StateMark state={state} />
      <span>{text}</span>
    </span>
  );
}

function StateMark({ state }: { readonly state: TaskState }): ReactElement {
  return (
    <svg className="task-mark" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {markOf(state)}
    </svg>
  );
}

const RING = <circle className="task-mark-line" cx="6" cy="6" r="4.5" />;
const DIAMOND = <path className="task-mark-line" d="M6 0.8 11.2 6 6 11.2 0.8 6Z" />;

function markOf(state: TaskState): ReactElement {
  switch (state) {
    case "open":
      return RING;
    case "collecting":
      return (
        <>
          {RING}
          <path className="task-mark-fill" d="M6 1.5a4.5 4.5 0 0 1 0 9Z" />
        </>
      );
    case "evaluated":
      return <circle className="task-mark-fill" cx="6" cy="6" r="5" />;
    case "disputed":
      return (
        <>
          {DIAMOND}
          <path className="task-mark-line" d="M6 3.4v3.2M6 8.2v0.6" />
        </>
      );
    case "arbitration":
      return (
        <>
          {DIAMOND}
          <path className="task-mark-fill" d="M6 1v10L1 6Z" />
        </>
      );
    case "accepted":
      return <path className="task-mark-line" d="M1.5 6.5 4.7 9.7 10.5 2.8" />;
    case "resolved":
      return (
        <>
          {DIAMOND}
          <path className="task-mark-line" d="M4 6.1 5.5 7.6 8.2 4.5" />
        </>
      );
    case "withdrawn":
      return (
        <>
          {RING}
          <path className="task-mark-line" d="M2.8 9.2 9.2 2.8" />
        </>
      );
  }
}
