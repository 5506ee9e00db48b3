// One open task on the screen: top bar, tools, pictures, side panel, and everything that can go wrong on the way.

import { openQuestions } from "@ringfence/web/answers";
import { problemOfError } from "@ringfence/web/api";
import { focusQuestion } from "@ringfence/web/question-form";
import { useCallback, useEffect, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Person, Submission, TaskCounts } from "../api/types";
import { keyDown } from "../tools/keys";
import { Banner } from "../ui/banner";
import type { BannerWords } from "../ui/banner";
import { KeysDialog } from "../ui/keys-dialog";
import { Panes } from "../ui/panes";
import { SaveStateLine, useSaveState } from "../ui/save-state";
import { SidePanel } from "../ui/side-panel";
import { useStore } from "../ui/store";
import { ToolPanel } from "../ui/tool-panel";
import { TopBar } from "../ui/top-bar";
import { useLease } from "./lease";
import type { TaskSession } from "./task-session";

interface OpenTaskProps {
  readonly api: AgentApi;
  readonly person: Person;
  readonly session: TaskSession;
  readonly counts: TaskCounts | undefined;
  readonly locked: boolean;
  readonly onSubmitted: (submission: Submission) => void;
  readonly onAskAgain: () => void;
  readonly onSignOut: () => void;
  readonly onGo: (path: string) => void;
}

export function OpenTask(props: OpenTaskProps): ReactElement {
  const { api, session, locked } = props;
  const { task, queue } = session;
  const saving = useSaveState(queue);
  const shown = useStore(session.firstPane);
  const [problems, setProblems] = useState<ReadonlyMap<number, string>>(new Map());
  const { answers } = useStore(session.progress);
  // What a submission was refused for is old as soon as an answer changes.
  useEffect(() => setProblems(new Map()), [answers]);
  const [notice, setNotice] = useState<BannerWords>();
  const [submitting, setSubmitting] = useState(false);
  const [keysShown, setKeysShown] = useState(false);
  const leaseLost = useLease(api, task, locked);

  const submit = useCallback(async (): Promise<void> => {
    setSubmitting(true);
    setNotice(undefined);
    try {
      const result = await trySubmit(api, session);
      if (result.kind === "submitted") props.onSubmitted(result.submission);
      else if (result.kind === "incomplete") showProblems(result.problems, setProblems);
      else setNotice(result.words);
    } finally {
      setSubmitting(false);
    }
  }, [api, session, props.onSubmitted]);

  const skip = useCallback(async (): Promise<void> => {
    try {
      await queue.settled();
      await api.release(task.id, task.lease.fencing);
      props.onAskAgain();
    } catch (error) {
      setNotice({ tone: "bad", text: problemOfError(error).code === "unreachable" ? "The task could not be given back: the agent does not answer." : "The task could not be given back." });
    }
  }, [api, queue, task, props.onAskAgain]);

  useEffect(() => {
    if (locked) return;
    const retry = (): void => queue.retryNow();
    retry();
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [locked, queue]);
  useKeys(session, locked || keysShown, submit, setKeysShown);
  useLeaveGuard(saving.unsaved > 0);
  const onFailed = useCallback(() => setNotice({ tone: "bad", text: "The pictures cannot be drawn on this machine: WebGL is missing or switched off." }), []);

  return (
    <div
      className="frame task-frame"
      inert={locked}
      data-locked={locked || undefined}
      data-testid="task"
      data-task={task.id}
      data-saved-revision={saving.revision}
      data-unsaved={saving.unsaved}
      data-axial-slice={shown.slice}
    >
      <TopBar person={props.person} page="task" onSignOut={props.onSignOut} onGo={props.onGo}>
        <span className="task-title">
          <strong>{task.project_title}</strong>
          <span className="quiet"> · {task.volume.modality}{props.counts ? ` · ${props.counts.submitted_today} submitted today` : ""}</span>
        </span>
        <SaveStateLine queue={queue} />
        <button type="button" className="rf-link" data-testid="skip" onClick={() => void skip()}>
          Skip task
        </button>
        <button type="button" className="small-button" aria-label="Keys and mouse" onClick={() => setKeysShown(true)}>
          ?
        </button>
      </TopBar>
      <TaskBanner session={session} saving={saving} leaseLost={leaseLost} notice={notice} onAskAgain={props.onAskAgain} />
      <main className="task-main">
        <h1 className="rf-visually-hidden">{task.project_title}</h1>
        <ToolPanel session={session} />
        <Panes session={session} onFailed={onFailed} />
        <SidePanel session={session} problems={problems} submitting={submitting} onSubmit={() => void submit()} />
      </main>
      {keysShown ? <KeysDialog onClose={() => setKeysShown(false)} /> : null}
    </div>
  );
}

type SubmitResult =
  | { readonly kind: "submitted"; readonly submission: Submission }
  | { readonly kind: "incomplete"; readonly problems: ReadonlyMap<number, string> }
  | { readonly kind: "failed"; readonly words: BannerWords };

async function trySubmit(api: AgentApi, session: TaskSession): Promise<SubmitResult> {
  // A text that is still being typed becomes an answer when its field loses the focus.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  const open = openQuestions(session.task.instruction.questions, session.progress.value.answers);
  if (open.length > 0) return { kind: "incomplete", problems: new Map(open.map((question) => [question.id, "This needs an answer."])) };
  const refused = document.querySelector<HTMLElement>(".rf-question[data-invalid]");
  if (refused) {
    // On the screen stands something that is no answer; handing in the one before it would be a surprise.
    refused.querySelector<HTMLElement>("input, textarea")?.focus();
    return { kind: "failed", words: { tone: "needs", text: "Not submitted: an answer is out of its limits." } };
  }
  if (!(await session.queue.settled())) {
    return { kind: "failed", words: { tone: "needs", text: "Not submitted: there are unsaved changes. Submit again when they are saved." } };
  }
  try {
    const submission = await api.submit(session.task.id, session.task.lease.fencing, session.queue.state.revision);
    return { kind: "submitted", submission };
  } catch (error) {
    const problem = problemOfError(error);
    if (problem.code === "incomplete") {
      const named = problem.fields.flatMap((field) => (field.question_id === undefined ? [] : [[field.question_id, "This needs an answer."] as const]));
      if (named.length > 0) return { kind: "incomplete", problems: new Map(named) };
    }
    return { kind: "failed", words: { tone: "bad", text: submitFailure(problem.code) } };
  }
}

function submitFailure(code: string): string {
  switch (code) {
    case "unreachable":
      return "Not submitted: the agent does not answer. The work is saved; submit again when the line is back.";
    case "withdrawn":
      return "Not submitted: the task was withdrawn.";
    case "stale-lease":
    case "not-yours":
      return "Not submitted: the time for this task ran out and it was given on. What was saved is kept.";
    case "revision-conflict":
      return "Not submitted: this task was changed in another window. Load the saved state and look at it first.";
    default:
      return "Not submitted: the agent refused this work. It is saved; load the task again and look at it.";
  }
}

function showProblems(problems: ReadonlyMap<number, string>, setProblems: (problems: ReadonlyMap<number, string>) => void): void {
  setProblems(problems);
  const [first] = problems.keys();
  if (first !== undefined) requestAnimationFrame(() => focusQuestion(first));
}

interface TaskBannerProps {
  readonly session: TaskSession;
  readonly saving: ReturnType<typeof useSaveState>;
  readonly leaseLost: boolean;
  readonly notice: BannerWords | undefined;
  readonly onAskAgain: () => void;
}

function TaskBanner({ session, saving, leaseLost, notice, onAskAgain }: TaskBannerProps): ReactElement | null {
  const { failed } = useStore(session.progress);
  if (failed) return <Banner tone="bad" text="The pictures did not arrive completely. What was drawn is saved." action="Load again" onAction={onAskAgain} />;
  if (saving.trouble.kind === "refused") return <Banner {...refusal(saving.trouble.code, saving.unsaved)} onAction={onAskAgain} />;
  if (leaseLost) return <Banner tone="bad" text="The time for this task ran out. What was saved is kept." action="Go on" onAction={onAskAgain} />;
  return notice ? <Banner {...notice} /> : null;
}

function refusal(code: string, unsaved: number): BannerWords & { readonly action: string } {
  const lost = unsaved === 1 ? "1 change is not part of the work" : `${unsaved} changes are not part of the work`;
  if (code === "stale-lease") {
    return { tone: "bad", text: `The time for this task ran out and it was given on. What was drawn is kept apart at the agent; ${lost}.`, action: "Go on" };
  }
  if (code === "not-yours" || code === "not-found") {
    return { tone: "bad", text: `The time for this task ran out, or the task was withdrawn; ${lost}.`, action: "Go on" };
  }
  if (code === "already-submitted") {
    return { tone: "bad", text: `This work was handed in from another window; ${lost}.`, action: "Go on" };
  }
  if (code === "revision-conflict" || code === "out-of-step") {
    return { tone: "bad", text: `This task was changed in another window; ${lost}.`, action: "Load the saved state" };
  }
  return { tone: "bad", text: `The agent refused a change (${code}); ${lost}.`, action: "Load the saved state" };
}

/** Asks before the page is left with changes that the agent does not have. */
function useLeaveGuard(unsaved: boolean): void {
  useEffect(() => {
    if (!unsaved) return;
    const guard = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener("beforeunload", guard);
    return () => window.removeEventListener("beforeunload", guard);
  }, [unsaved]);
}

function typesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && target.type !== "radio" && target.type !== "range";
}

/** Controls that do something of their own with the space bar and the arrows. */
function ownsKey(target: EventTarget | null, key: string): boolean {
  if (target instanceof HTMLInputElement) return key === " " || key.startsWith("Arrow") || key.startsWith("Page");
  return key === " " && (target instanceof HTMLButtonElement || (target instanceof HTMLElement && target.tagName === "SUMMARY"));
}

function useKeys(session: TaskSession, off: boolean, submit: () => Promise<void>, setKeysShown: (shown: boolean) => void): void {
  useEffect(() => {
    if (off) return;
    const actions = { submit: () => void submit(), showKeys: () => setKeysShown(true) };
    const onDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const submits = (event.ctrlKey || event.metaKey) && event.key === "Enter";
      if (!submits && (typesText(event.target) || ownsKey(event.target, event.key))) return;
      if (keyDown(session, actions, event)) event.preventDefault();
    };
    const show = (): void => session.change({ hidden: false });
    const onUp = (event: KeyboardEvent): void => {
      if (event.key === " ") show();
    };
    window.addEventListener("keydown", onDown);
    window.addEventListener("keyup", onUp);
    // The release of the key is not heard while another window has the keyboard.
    window.addEventListener("blur", show);
    return () => {
      window.removeEventListener("keydown", onDown);
      window.removeEventListener("keyup", onUp);
      window.removeEventListener("blur", show);
    };
  }, [session, off, submit, setKeysShown]);
}
