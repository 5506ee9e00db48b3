// One operation that the agent computes, from the question to the answer: it starts when everything is saved, tells how far
// it is, and ends as a preview that a person accepts or rejects. Only one is under way, and nothing is drawn meanwhile.

import { problemOfError } from "@ringfence/web/api";
import type { Problem } from "@ringfence/web/api";
import type { ChangeSlice, Masking, PaintTool, PreviewAnswer, PreviewOperation, Proposal, ReadyPreview } from "../api/types";
import type { Labels } from "../segmentation/labels";
import { PreviewMap, checkedSlices } from "../segmentation/preview";
import type { SaveQueue, Time } from "../segmentation/save-queue";
import { Store } from "../ui/store";
import type { Remark } from "./note";
import { CHANGED, LEASE_LOST, droppedWords, failedWords, nothingWords, refusedWords, startWords } from "./preview-words";

/** The calls to the agent. */
export interface PreviewPort {
  start(revision: number, operation: PreviewOperation, masking?: Masking): Promise<string>;
  look(previewId: string, signal: AbortSignal): Promise<PreviewAnswer>;
  /** `rejected` when a person said no; `ended` when nobody has judged it. */
  drop(previewId: string, outcome: DropOutcome): Promise<void>;
  proposal(): Promise<Proposal | undefined>;
}

export type DropOutcome = "ended" | "rejected";

/** What an operation may change. */
export interface PreviewLimits {
  readonly masking: Masking;
  /** Whether a person has said so. */
  readonly limited: boolean;
}

/** What the desk needs of the task around it. */
export interface PreviewRoom {
  readonly labels: Labels;
  readonly queue: Pick<SaveQueue, "state" | "settled" | "subscribe">;
  readonly mayEdit: boolean;
  /** Whether nothing is drawn yet and no hand is at work. */
  readonly untouched: boolean;
  /** Draws the slices as one step, and saves it. */
  acceptPreview(tool: PaintTool, slices: readonly ChangeSlice[], previewId: string): void;
}

export interface OpenPreview {
  readonly id: string;
  readonly tool: PaintTool;
  /** Where it comes from, such as the name of a tool or of a model. */
  readonly name: string;
  /** The model that answered. */
  readonly modelId: string | undefined;
  readonly map: PreviewMap;
}

export type PreviewPhase =
  | { readonly kind: "idle" }
  /** `stale` is what a run before this one had answered; it is shown, and no longer to be accepted. */
  | { readonly kind: "running"; readonly name: string; readonly doing: string; readonly progress: number | undefined; readonly lineDown: boolean; readonly stale: PreviewMap | undefined }
  | { readonly kind: "open"; readonly preview: OpenPreview };

export interface PreviewState {
  readonly phase: PreviewPhase;
  /** What became of the last one, where a person has to know. */
  readonly said: Remark | undefined;
  /** Grows whenever somebody wants to draw and may not. */
  readonly nudges: number;
}

const TOOLS: Readonly<Record<PreviewOperation["kind"], PaintTool>> = {
  grow_from_seeds: "grow",
  fill_between_slices: "fill",
  islands: "islands",
  smooth: "smooth",
  threshold: "region",
  region_grow: "region",
  level_trace: "region",
  margin: "margin",
  shell: "margin",
  logic: "combine",
  fill_holes: "combine",
  assist: "assist",
};

const IDLE: PreviewPhase = { kind: "idle" };
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8_000;
/** News that follow each other at once are not asked for at once. */
const BETWEEN_LOOKS_MS = 100;
/** How often the agent is told again that something was dropped, when the line is down. */
const DROP_WAITS_MS: readonly number[] = [2_000, 8_000, 30_000];

/** One run; whoever waits for something compares it with the desk's own, and gives up when it is another. */
interface Run {
  readonly name: string;
  readonly operation: PreviewOperation;
  readonly limits: PreviewLimits | undefined;
  readonly abort: AbortController;
  id: string | undefined;
}

export class PreviewDesk {
  readonly state = new Store<PreviewState>({ phase: IDLE, said: undefined, nudges: 0 });
  readonly #room: PreviewRoom;
  readonly #port: PreviewPort;
  readonly #time: Time;
  #run: Run | undefined;
  #stopQueue: (() => void) | undefined;
  #closed = false;

  constructor(room: PreviewRoom, port: PreviewPort, time: Time) {
    this.#room = room;
    this.#port = port;
    this.#time = time;
  }

  /** Whether drawing waits for the end of a run or for a decision. */
  get holds(): boolean {
    return this.state.value.phase.kind !== "idle";
  }

  /** Watches the saving, and shows what a batch job has prepared where nothing is drawn yet. May be called again. */
  open(): void {
    this.#closed = false;
    this.#stopQueue?.();
    this.#stopQueue = this.#room.queue.subscribe(() => {
      if (this.#room.queue.state.trouble.kind === "refused") this.#dropWith(LEASE_LOST);
    });
    void this.#propose();
  }

  /** Ends what is under way. What is open stays at the agent, which forgets it by itself; nobody has rejected it. */
  close(): void {
    this.#closed = true;
    this.#stopQueue?.();
    const run = this.#end();
    if (!run) return;
    this.state.set({ phase: IDLE });
    if (run.id !== undefined) void this.#port.drop(run.id, "ended").catch(() => undefined);
  }

  /** Starts an operation once everything is saved; one that is under way or open makes room for it. */
  async start(operation: PreviewOperation, name: string, limits?: PreviewLimits): Promise<void> {
    if (!this.#room.mayEdit || this.#closed) return;
    const { phase } = this.state.value;
    const stale = phase.kind === "open" ? phase.preview.map : phase.kind === "running" ? phase.stale : undefined;
    const before = phase.kind === "open" ? phase.preview.id : this.#run?.id;
    this.#end();
    const run: Run = { name, operation, limits, abort: new AbortController(), id: undefined };
    this.#run = run;
    this.state.set({ said: undefined, phase: { kind: "running", name, doing: "saving", progress: undefined, lineDown: false, stale } });
    // The agent lets the new one take the place of the other; it hears first that nobody has judged that.
    if (before !== undefined) await this.#tellDropped(before, "ended");
    const id = await this.#begin(run);
    if (id === undefined) return;
    if (this.#run !== run) return void this.#tellDropped(id, "ended");
    run.id = id;
    await this.#follow(run, id);
  }

  /** Ends the run that is under way. */
  cancel(): void {
    if (this.state.value.phase.kind !== "running") return;
    const run = this.#end();
    this.state.set({ phase: IDLE, said: run && { tone: "quiet", text: `${run.name} was cancelled. Nothing was changed.` } });
    if (run?.id !== undefined) void this.#tellDropped(run.id, "ended");
  }

  accept(): boolean {
    const { phase } = this.state.value;
    if (phase.kind !== "open") return false;
    const { id, map, name, tool } = phase.preview;
    if (!this.#room.mayEdit) {
      this.state.set({ said: { tone: "needs", text: "This cannot be accepted now: the work cannot be saved." } });
    } else if (!map.fits(this.#room.labels)) {
      this.#dropWith(CHANGED);
    } else {
      this.state.set({ phase: IDLE, said: { tone: "quiet", text: `${name}: accepted. Undo takes it back as one step.` } });
      this.#room.acceptPreview(tool, map.slices, id);
    }
    return true;
  }

  reject(): boolean {
    const { phase } = this.state.value;
    if (phase.kind !== "open") return false;
    this.state.set({ phase: IDLE, said: { tone: "quiet", text: `${phase.preview.name}: rejected. Nothing was changed.` } });
    void this.#tellDropped(phase.preview.id, "rejected");
    return true;
  }

  /** Rejects what is open or cancels what is under way; false when there is neither. */
  escape(): boolean {
    if (!this.holds) return false;
    if (!this.reject()) this.cancel();
    return true;
  }

  /** Somebody wants to draw; true when that has to wait, which the bar then says aloud. */
  refusesToDraw(): boolean {
    if (!this.holds) return false;
    this.state.set({ nudges: this.state.value.nudges + 1 });
    return true;
  }

  /** The labels are other ones than those that were computed with. */
  workChanged(): void {
    this.#dropWith(CHANGED);
  }

  leaseLost(): void {
    this.#dropWith(LEASE_LOST);
  }

  /** What was said is no longer of interest. */
  hush(): void {
    this.state.set({ said: undefined });
  }

  #end(): Run | undefined {
    const run = this.#run;
    this.#run = undefined;
    run?.abort.abort();
    return run;
  }

  #dropWith(why: string): void {
    const { phase } = this.state.value;
    if (phase.kind === "idle") return;
    const name = phase.kind === "open" ? phase.preview.name : phase.name;
    const id = phase.kind === "open" ? phase.preview.id : this.#run?.id;
    this.#end();
    this.state.set({ phase: IDLE, said: { tone: "needs", text: droppedWords(name, why) } });
    if (id !== undefined) void this.#tellDropped(id, "ended");
  }

  /** Ends a run with words. */
  #fail(run: Run, text: string): undefined {
    if (this.#run !== run) return;
    this.#end();
    this.state.set({ phase: IDLE, said: { tone: "bad", text } });
  }

  /** The id under which the agent computes; undefined when it does not. */
  async #begin(run: Run): Promise<string | undefined> {
    while (this.#run === run) {
      if (!(await this.#room.queue.settled())) return this.#fail(run, startWords(run.name, "unsaved"));
      if (this.#run !== run) return undefined;
      const { revision } = this.#room.queue.state;
      try {
        return await this.#port.start(revision, run.operation, run.limits?.masking);
      } catch (error) {
        const problem = problemOfError(error);
        const { state } = this.#room.queue;
        // An answer to a question was saved meanwhile, or is about to be; the labels are the same.
        if (problem.code === "revision-conflict" && (state.revision !== revision || state.unsaved > 0)) continue;
        return this.#fail(run, problem.status === 0 ? startWords(run.name, "unreachable") : refusedWords(run.name, problem));
      }
    }
    return undefined;
  }

  async #follow(run: Run, id: string): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    this.#tell(run, { doing: "starting" });
    while (this.#run === run) {
      try {
        const answer = await this.#port.look(id, run.abort.signal);
        if (this.#run !== run) return;
        waitMs = FIRST_WAIT_MS;
        if (answer.state !== "running") return this.#answered(run, id, answer);
        this.#tell(run, { doing: answer.doing, progress: answer.progress, lineDown: false });
        await this.#pause(BETWEEN_LOOKS_MS);
      } catch (error) {
        if (this.#run !== run) return;
        const problem = problemOfError(error);
        if (!mayWork(problem)) return this.#fail(run, refusedWords(run.name, problem));
        this.#tell(run, { lineDown: true });
        await this.#pause(waitMs);
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      }
    }
  }

  #answered(run: Run, id: string, answer: Exclude<PreviewAnswer, { readonly state: "running" }>): void {
    if (answer.state === "failed") return this.#fail(run, failedWords(run.name, answer.code, answer.title));
    if (answer.state === "cancelled") return this.#fail(run, `${run.name} was ended at the agent. Nothing was changed.`);
    this.#run = undefined;
    this.#show(id, TOOLS[run.operation.kind], answer, run.limits?.limited);
  }

  #show(id: string, tool: PaintTool, answer: Pick<ReadyPreview, "slices" | "source">, limited = false): void {
    const { labels } = this.#room;
    const { name, model_id: modelId } = answer.source;
    const slices = checkedSlices(labels.grid, answer.slices);
    const map = slices && new PreviewMap(labels.grid, slices);
    const nothing = map && map.added + map.removed === 0;
    if (map && !nothing && map.fits(labels)) {
      this.state.set({ phase: { kind: "open", preview: { id, tool, name, modelId: modelId ?? undefined, map } }, said: undefined });
      return;
    }
    const text = nothing ? nothingWords(name, limited) : map ? droppedWords(name, CHANGED) : `${name}: the answer does not fit these images. Nothing was changed.`;
    this.state.set({ phase: IDLE, said: { tone: nothing ? "quiet" : "bad", text } });
    void this.#tellDropped(id, "ended");
  }

  async #propose(): Promise<void> {
    if (!this.#room.untouched) return;
    // A courtesy: without it the person begins with an empty map.
    const proposal = await this.#port.proposal().catch(() => undefined);
    if (!proposal || this.#closed || this.holds) return;
    // What was prepared for an empty map does not come between once somebody has begun to draw, also while the button is held.
    if (this.#room.untouched) this.#show(proposal.id, "assist", proposal);
  }

  #tell(run: Run, change: { readonly doing?: string; readonly progress?: number; readonly lineDown?: boolean }): void {
    const { phase } = this.state.value;
    if (this.#run === run && phase.kind === "running") this.state.set({ phase: { ...phase, ...change } });
  }

  #pause(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#time.after(waitMs, resolve);
    });
  }

  /** Resolves after the first try; a line that is down is tried again on the side. */
  async #tellDropped(id: string, outcome: DropOutcome, tried = 0): Promise<void> {
    try {
      await this.#port.drop(id, outcome);
    } catch (error) {
      const waitMs = DROP_WAITS_MS[tried];
      if (waitMs === undefined || this.#closed || !mayWork(problemOfError(error))) return;
      this.#time.after(waitMs, () => void this.#tellDropped(id, outcome, tried + 1));
    }
  }
}

/** Whether asking the same again can help; also after a new sign-in, for which the page asks by itself. */
function mayWork({ status }: Problem): boolean {
  return status === 0 || status === 401 || status === 408 || status === 429 || status >= 500;
}
