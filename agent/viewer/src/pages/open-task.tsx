// One open task on the screen: top bar, tools, pictures, side panel, and everything that can go wrong on the way.

import { openQuestions } from "@ringfence/web/answers";
import type { Answers } from "@ringfence/web/answers";
import { problemOfError } from "@ringfence/web/api";
import { focusQuestion } from "@ringfence/web/question-form";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Person, Submission, TaskCounts } from "../api/types";
import { ownsKey, typesText } from "../tools/focus";
import { keyDown } from "../tools/keys";
import { Banner } from "../ui/banner";
import type { BannerWords } from "../ui/banner";
import { ConfirmDialog } from "../ui/confirm-dialog";
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

const OUT_OF_LIMITS: BannerWords = { tone: "needs", text: "Not submitted: an answer is out of its limits." };

export function OpenTask(props: OpenTaskProps): ReactElement {
  const { api, session, locked } = props;
  const { task, queue } = session;
  const saving = useSaveState(queue);
  const shown = useStore(session.firstPane);
  const [refused, setRefused] = useState<Refused>();
  const [draftRefused, setDraftRefused] = useState(false);
  const { answers, refusedDrafts } = useStore(session.progress);
  const problems = useMemo(() => standing(refused, answers), [refused, answers]);
  const [notice, setNotice] = useState<BannerWords>();
  const [submitting, setSubmitting] = useState(false);
  const [keysShown, setKeysShown] = useState(false);
  const [asksEmpty, setAsksEmpty] = useState(false);
  const emptyMeant = useRef(false);
  const leaseLost = useLease(api, task, locked);

  const submit = useCallback(async (): Promise<void> => {
    setSubmitting(true);
    setNotice(undefined);
    setDraftRefused(false);
    try {
      const result = await trySubmit(api, session, emptyMeant.current);
      if (result.kind === "submitted") props.onSubmitted(result.submission);
      else if (result.kind === "empty") setAsksEmpty(true);
      else if (result.kind === "incomplete") {
        setRefused({ questions: result.missing, answers: session.progress.value.answers });
        setDraftRefused(session.progress.value.refusedDrafts.size > 0);
        const { first } = result;
        if (first !== undefined) requestAnimationFrame(() => focusQuestion(first));
      }
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
  useKeys(session, locked || keysShown || asksEmpty, submit, setKeysShown);
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
      <TaskBanner session={session} saving={saving} leaseLost={leaseLost} notice={draftRefused && refusedDrafts.size > 0 ? OUT_OF_LIMITS : notice} onAskAgain={props.onAskAgain} />
      <main className="task-main">
        <h1 className="rf-visually-hidden">{task.project_title}</h1>
        <ToolPanel session={session} />
        <Panes session={session} onFailed={onFailed} />
        <SidePanel session={session} problems={problems} submitting={submitting} onSubmit={() => void submit()} />
      </main>
      {asksEmpty && !locked ? (
        <ConfirmDialog
          title="Nothing is drawn"
          text="Nothing is drawn. Submit as empty?"
          action="Submit as empty"
          onClose={() => setAsksEmpty(false)}
          onConfirm={() => {
            emptyMeant.current = true;
            setAsksEmpty(false);
            void submit();
          }}
        />
      ) : null}
      {keysShown && !locked ? <KeysDialog onClose={() => setKeysShown(false)} /> : null}
    </div>
  );
}

type SubmitResult =
  | { readonly kind: "submitted"; readonly submission: Submission }
  | { readonly kind: "incomplete"; readonly missing: readonly number[]; readonly first: number | undefined }
  | { readonly kind: "empty" }
  | { readonly kind: "failed"; readonly words: BannerWords };

async function trySubmit(api: AgentApi, session: TaskSession, emptyMeant: boolean): Promise<SubmitResult> {
  // A text that is still being typed becomes an answer when its field loses the focus.
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  const { questions } = session.task.instruction;
  const { answers, refusedDrafts } = session.progress.value;
  const open = openQuestions(questions, answers, refusedDrafts);
  if (open.length > 0) {
    // A draft says itself why it is no answer.
    const missing = open.map((question) => question.id).filter((id) => !refusedDrafts.has(id));
    return { kind: "incomplete", missing, first: open[0]?.id };
  }
  if (!emptyMeant && session.nothingDrawn) return { kind: "empty" };
  if (!(await session.queue.settled())) {
    return { kind: "failed", words: { tone: "needs", text: "Not submitted: there are unsaved changes. Submit again when they are saved." } };
  }
  try {
    const submission = await api.submit(session.task.id, session.task.lease.fencing, session.queue.state.revision);
    return { kind: "submitted", submission };
  } catch (error) {
    const problem = problemOfError(error);
    if (problem.code === "incomplete") {
      const named = problem.fields.flatMap((field) => (field.question_id === undefined ? [] : [field.question_id]));
      if (named.length > 0) return { kind: "incomplete", missing: named, first: named[0] };
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

/** The questions that a submission was refused for, and the answers as they were then. */
interface Refused {
  readonly questions: readonly number[];
  readonly answers: Answers;
}

/** What of a refusal still stands: a question that was answered since no longer needs an answer. */
function standing(refused: Refused | undefined, answers: Answers): ReadonlyMap<number, string> {
  const left = refused?.questions.filter((id) => answers.get(id) === refused.answers.get(id)) ?? [];
  return new Map(left.map((id) => [id, "This needs an answer."]));
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
