// The task page: asks for the next task, holds its lease, and hands it in.

import { ProblemError, problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import { timeOfDay } from "@ringfence/web/format";
import { EmptyState, ProblemMessage, Waiting } from "@ringfence/web/parts";
import { useCallback, useEffect, useRef, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Person, Submission, Task, TaskCounts } from "../api/types";
import { TopBar } from "../ui/top-bar";
import { DescriptionError } from "../volume/description";
import { withoutFocus } from "./focus-link";
import { OpenTask } from "./open-task";
import { TaskSession } from "./task-session";

interface TaskPageProps {
  readonly api: AgentApi;
  readonly person: Person;
  /** True while somebody has to sign in again; nothing is sent then. */
  readonly locked: boolean;
  readonly onSignOut: () => void;
  readonly onGo: (path: string) => void;
}

type State =
  | { readonly kind: "asking" }
  | { readonly kind: "nothing" }
  | { readonly kind: "failed"; readonly problem: Problem }
  | { readonly kind: "open"; readonly session: TaskSession }
  | { readonly kind: "submitted"; readonly submission: Submission };

/** How often the page looks by itself when there was nothing to do. */
const LOOK_AGAIN_MS = 60_000;

export function TaskPage({ api, person, locked, onSignOut, onGo }: TaskPageProps): ReactElement {
  const [state, setState] = useState<State>({ kind: "asking" });
  const [counts, setCounts] = useState<TaskCounts>();
  const queryFor = useQuery();

  const ask = useCallback(async (): Promise<void> => {
    setState({ kind: "asking" });
    try {
      const task = await api.nextTask();
      setState(task ? await opened(api, task, queryFor(task)) : { kind: "nothing" });
    } catch (error) {
      setState({ kind: "failed", problem: problemOfTask(error) });
    }
    // The counts are a courtesy; the page works without them.
    setCounts(await api.taskCounts().catch(() => undefined));
  }, [api, queryFor]);

  useEffect(() => {
    void ask();
  }, [ask]);

  useEffect(() => {
    if (state.kind !== "nothing" || locked) return;
    const timer = setTimeout(() => void ask(), LOOK_AGAIN_MS);
    return () => clearTimeout(timer);
  }, [state, locked, ask]);

  if (state.kind === "open") {
    return (
      <OpenTask
        key={`${state.session.task.id}/${state.session.task.instruction_version}`}
        api={api}
        person={person}
        session={state.session}
        counts={counts}
        locked={locked}
        onSubmitted={(submission) => {
          setState({ kind: "submitted", submission });
          setCounts((now) => now && { ...now, submitted_today: now.submitted_today + 1 });
        }}
        onAskAgain={() => void ask()}
        onMoved={async (task) => setState(await opened(api, task, ""))}
        onSignOut={onSignOut}
        onGo={onGo}
      />
    );
  }
  return (
    <div className="frame">
      <TopBar person={person} page="task" onSignOut={onSignOut} onGo={onGo}>
        <span className="task-title">{counts ? `${counts.submitted_today} submitted today` : ""}</span>
      </TopBar>
      <main className="quiet-page">
        <h1 className="rf-visually-hidden">Tasks</h1>
        {quietContent(state, ask)}
      </main>
    </div>
  );
}

async function opened(api: AgentApi, task: Task, query: string): Promise<State> {
  return { kind: "open", session: new TaskSession(api, task, await api.work(task.id), query) };
}

/** The query of the address for the first task that is opened; the place that it may ask for is not one of the next. */
function useQuery(): (task: Task) => string {
  const first = useRef<string>(undefined);
  return useCallback((task: Task): string => {
    first.current ??= task.id;
    if (task.id !== first.current) window.history.replaceState(window.history.state, "", withoutFocus(window.location.href));
    return window.location.search;
  }, []);
}

/** What the agent said, or that this browser cannot hold the volume that it described. */
function problemOfTask(error: unknown): Problem {
  if (error instanceof ProblemError) return problemOfError(error);
  const detail = error instanceof DescriptionError ? error.message : "there is not enough memory for it in this browser";
  return { status: 0, code: "not-shown", title: "The volume of the next task cannot be shown", detail, fields: [], members: {} };
}

function quietContent(state: Exclude<State, { kind: "open" }>, ask: () => Promise<void>): ReactElement {
  switch (state.kind) {
    case "asking":
      return <Waiting what="Looking for the next task" />;
    case "nothing":
      return (
        <EmptyState
          title="Nothing to do now"
          action={
            <button type="button" className="plain-button" onClick={() => void ask()}>
              Look again
            </button>
          }
        >
          Tasks appear here when a manager gives you images of this hospital to annotate. This page looks again every minute.
        </EmptyState>
      );
    case "failed":
      return <ProblemMessage problem={state.problem} onRetry={() => void ask()} />;
    case "submitted":
      return (
        <EmptyState
          title={`Submitted ${timeOfDay(state.submission.submitted_at)}`}
          action={
            <button type="button" className="primary-button" data-testid="next-task" autoFocus onClick={() => void ask()}>
              Next task
            </button>
          }
        >
          The work is kept at this hospital and can no longer be changed.
        </EmptyState>
      );
  }
}
