// One open task on the screen: top bar, tools, pictures, side panel, and everything that can go wrong on the way.

import type { Finding } from "@ringfence/web/instruction";
import { problemOfError } from "@ringfence/web/api";
import { focusQuestion } from "@ringfence/web/question-form";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ReactElement } from "react";
import type { AgentApi } from "../api/agent";
import type { Override, Person, Submission, Task, TaskCounts } from "../api/types";
import { ownsKey, typesText } from "../tools/focus";
import { keyDown } from "../tools/keys";
import { Banner } from "../ui/banner";
import type { BannerWords } from "../ui/banner";
import { ConfirmDialog } from "../ui/confirm-dialog";
import { focusObject } from "../ui/finding-list";
import { KeysDialog } from "../ui/keys-dialog";
import { Panes } from "../ui/panes";
import { ReasonsDialog } from "../ui/reasons-dialog";
import { SaveStateLine, useSaveState } from "../ui/save-state";
import { SidePanel } from "../ui/side-panel";
import { useStore } from "../ui/store";
import { ToolPanel } from "../ui/tool-panel";
import { TopBar } from "../ui/top-bar";
import { focusVerdict } from "../ui/verdicts-panel";
import { VersionDialog } from "../ui/version-dialog";
import { useLease } from "./lease";
import { questionProblems, standing } from "./refusal";
import type { Refusal } from "./refusal";
import { UNDECIDED, trySubmit } from "./submit";
import type { SubmitResult } from "./submit";
import type { TaskSession } from "./task-session";

interface OpenTaskProps {
  readonly api: AgentApi;
  readonly person: Person;
  readonly session: TaskSession;
  readonly counts: TaskCounts | undefined;
  readonly locked: boolean;
  readonly onSubmitted: (submission: Submission) => void;
  readonly onAskAgain: () => void;
  /** The task goes on under another version of its instruction. */
  readonly onMoved: (task: Task) => Promise<void>;
  readonly onSignOut: () => void;
  readonly onGo: (path: string) => void;
}

const OUT_OF_LIMITS: BannerWords = { tone: "needs", text: "Not submitted: an answer is out of its limits." };
const UNJUDGED: BannerWords = { tone: "needs", text: "Not submitted: a verdict on each of the others is missing." };

export function OpenTask(props: OpenTaskProps): ReactElement {
  const { api, session, locked } = props;
  const { task, queue } = session;
  const saving = useSaveState(queue);
  const shown = useStore(session.firstPane);
  const handing = useHandOver(api, session, props.onSubmitted);
  const { refusedDrafts } = useStore(session.progress);
  const [notice, setNotice] = useState<BannerWords>();
  const [keysShown, setKeysShown] = useState(false);
  const lease = useLease(api, task, locked);
  useEffect(() => {
    if (lease.lost) session.computed.previews.leaseLost();
  }, [lease.lost, session]);
  const version = useNewVersion(props, lease.newer, setNotice);

  const skip = useCallback(async (): Promise<void> => {
    try {
      await queue.settled();
      await session.time.flush();
      await api.release(task.id, task.lease.fencing);
      props.onAskAgain();
    } catch (error) {
      setNotice({ tone: "bad", text: problemOfError(error).code === "unreachable" ? "The task could not be given back: the agent does not answer." : "The task could not be given back." });
    }
  }, [api, queue, session, task, props.onAskAgain]);

  useEffect(() => {
    if (locked) session.cine.stop();
  }, [locked, session]);

  useEffect(() => {
    if (locked) return;
    const retry = (): void => queue.retryNow();
    retry();
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [locked, queue]);
  useKeys(session, locked || keysShown || handing.asks !== undefined || version.shown, handing.submit, setKeysShown);
  useLeaveGuard(saving.unsaved > 0);
  const said = handing.draftRefused && refusedDrafts.size > 0 ? OUT_OF_LIMITS : (handing.notice ?? notice);

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
          <span className="quiet"> · {task.volume.modality}{task.role === "arbiter" ? " · arbitration" : ""}{props.counts ? ` · ${props.counts.submitted_today} submitted today` : ""}</span>
        </span>
        <SaveStateLine queue={queue} />
        <button type="button" className="rf-link" data-testid="skip" onClick={() => void skip()}>
          Skip task
        </button>
        <button type="button" className="small-button" aria-label="Keys and mouse" onClick={() => setKeysShown(true)}>
          ?
        </button>
      </TopBar>
      <TaskBanner session={session} saving={saving} leaseLost={lease.lost} notice={said} newer={version.offered} onShowNewer={version.show} onAskAgain={props.onAskAgain} />
      <main className="task-main">
        <h1 className="rf-visually-hidden">{task.project_title}</h1>
        <ToolPanel session={session} />
        <Panes session={session} />
        <SidePanel session={session} problems={handing.problems} refused={handing.standing} unjudged={handing.unjudged} submitting={handing.submitting} onSubmit={() => void handing.submit()} />
      </main>
      {locked ? null : <HandOverDialogs session={session} handing={handing} />}
      {version.shown && !locked && lease.newer ? (
        <VersionDialog newer={lease.newer} version={task.instruction_version} instruction={task.instruction} busy={version.busy} onTake={version.take} onStay={version.stay} onClose={version.close} />
      ) : null}
      {keysShown && !locked ? <KeysDialog arbiter={task.role === "arbiter"} onClose={() => setKeysShown(false)} /> : null}
    </div>
  );
}

type Asks = Extract<SubmitResult, { readonly kind: "empty" | "warned" }>;

interface HandingOver {
  readonly submit: (overrides?: readonly Override[]) => Promise<void>;
  readonly submitting: boolean;
  readonly draftRefused: boolean;
  readonly unjudged: boolean;
  readonly notice: BannerWords | undefined;
  /** What the person is asked before the work may go. */
  readonly asks: Asks | undefined;
  readonly standing: readonly Finding[];
  readonly problems: ReadonlyMap<number, string>;
  readonly submitEmpty: () => void;
  readonly dismiss: () => void;
}

/** Handing in, and what of a refusal still stands. */
function useHandOver(api: AgentApi, session: TaskSession, onSubmitted: (submission: Submission) => void): HandingOver {
  const { instruction } = session.task;
  const { answers, statements } = useStore(session.progress);
  const { facts } = useStore(session.facts.state);
  // What is missing of the verdicts goes away with the last of them, and what a preview holds up with the decision on it.
  useStore(session.others.state);
  useStore(session.computed.previews.state);
  const [refusal, setRefusal] = useState<Refusal>();
  const [draftRefused, setDraftRefused] = useState(false);
  const [unjudged, setUnjudged] = useState(false);
  const [notice, setNotice] = useState<BannerWords>();
  const [submitting, setSubmitting] = useState(false);
  const [asks, setAsks] = useState<Asks>();
  const emptyMeant = useRef(false);
  const given = useRef<readonly Override[]>([]);

  const submit = useCallback(async (overrides?: readonly Override[]): Promise<void> => {
    if (overrides) given.current = overrides;
    setSubmitting(true);
    setNotice(undefined);
    setDraftRefused(false);
    setUnjudged(false);
    setRefusal(undefined);
    setAsks(undefined);
    try {
      const result = await trySubmit(api, session, { empty: emptyMeant.current, overrides: given.current });
      switch (result.kind) {
        case "submitted":
          return onSubmitted(result.submission);
        case "empty":
        case "warned":
          return setAsks(result);
        case "unjudged":
          setUnjudged(true);
          setNotice(UNJUDGED);
          return afterDrawing(() => session.others.open[0] && focusVerdict(session.others.open[0]));
        case "refused":
          setRefusal({ findings: result.findings, said: session.said });
          setDraftRefused(session.progress.value.refusedDrafts.size > 0);
          return afterDrawing(() => focusFirst(result));
        case "failed":
          return setNotice(result.words);
      }
    } finally {
      setSubmitting(false);
    }
  }, [api, session, onSubmitted]);

  const said = useMemo(() => ({ answers, statements, facts }), [answers, statements, facts]);
  const left = useMemo(() => standing(refusal, instruction, said), [refusal, instruction, said]);
  const problems = useMemo(() => questionProblems(left, instruction, said), [left, instruction, said]);
  return {
    submit,
    submitting,
    draftRefused,
    unjudged: unjudged && session.others.open.length > 0,
    notice: (notice === UNJUDGED && session.others.open.length === 0) || (notice === UNDECIDED && !session.computed.previews.holds) ? undefined : notice,
    asks,
    standing: left,
    problems,
    submitEmpty: () => {
      emptyMeant.current = true;
      void submit();
    },
    dismiss: () => setAsks(undefined),
  };
}

function afterDrawing(act: () => void): void {
  requestAnimationFrame(act);
}

function focusFirst({ first, findings }: Extract<SubmitResult, { readonly kind: "refused" }>): void {
  const object = findings.find(({ subject }) => subject.type === "object");
  if (first !== undefined) focusQuestion(first);
  else if (object) focusObject(object.subject.id, object.check);
}

function HandOverDialogs({ session, handing }: { readonly session: TaskSession; readonly handing: HandingOver }): ReactElement | null {
  const { asks } = handing;
  if (asks?.kind === "empty") {
    return <ConfirmDialog title="Nothing is drawn" text="Nothing is drawn. Submit as empty?" action="Submit as empty" onClose={handing.dismiss} onConfirm={handing.submitEmpty} />;
  }
  return asks ? <ReasonsDialog session={session} findings={asks.findings} onClose={handing.dismiss} onSubmit={(overrides) => void handing.submit(overrides)} /> : null;
}

interface VersionChoice {
  /** The version that the banner speaks of; undefined when there is none, or when the person stays with the old one. */
  readonly offered: number | undefined;
  readonly shown: boolean;
  readonly busy: boolean;
  readonly show: () => void;
  readonly close: () => void;
  readonly stay: () => void;
  readonly take: () => void;
}

function useNewVersion({ api, session, onMoved }: OpenTaskProps, newer: Task["newer"] | undefined, setNotice: (notice: BannerWords) => void): VersionChoice {
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [declined, setDeclined] = useState<number>();
  const take = async (version: number): Promise<void> => {
    setBusy(true);
    try {
      if (!(await session.queue.settled())) {
        setNotice({ tone: "needs", text: "There are unsaved changes. Take the version over when they are saved." });
        return;
      }
      await session.time.flush();
      await onMoved(await api.takeVersion(session.task.id, session.task.lease.fencing, version));
    } catch (error) {
      const gone = problemOfError(error).status === 409;
      setNotice({ tone: "needs", text: gone ? "There is a still newer version by now. It is offered within a minute." : "The version could not be taken over. The work is kept under the old one." });
    } finally {
      setBusy(false);
      setShown(false);
    }
  };
  return {
    offered: newer && newer.version !== declined ? newer.version : undefined,
    shown,
    busy,
    show: () => setShown(true),
    close: () => setShown(false),
    stay: () => {
      setDeclined(newer?.version);
      setShown(false);
    },
    take: () => {
      if (newer) void take(newer.version);
    },
  };
}

interface TaskBannerProps {
  readonly session: TaskSession;
  readonly saving: ReturnType<typeof useSaveState>;
  readonly leaseLost: boolean;
  readonly notice: BannerWords | undefined;
  readonly newer: number | undefined;
  readonly onShowNewer: () => void;
  readonly onAskAgain: () => void;
}

function TaskBanner({ session, saving, leaseLost, notice, newer, onShowNewer, onAskAgain }: TaskBannerProps): ReactElement | null {
  const { failed } = useStore(session.progress);
  if (failed) return <Banner tone="bad" text="The pictures did not arrive completely. What was drawn is saved." action="Load again" onAction={onAskAgain} />;
  if (saving.trouble.kind === "refused") return <Banner {...refusal(saving.trouble.code, saving.unsaved)} onAction={onAskAgain} />;
  if (leaseLost) return <Banner tone="bad" text="The time for this task ran out. What was saved is kept." action="Go on" onAction={onAskAgain} />;
  if (notice) return <Banner {...notice} />;
  return newer === undefined ? null : <Banner tone="needs" text={`The instruction has version ${newer}.`} action="See what changed" onAction={onShowNewer} />;
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
