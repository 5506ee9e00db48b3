// The mock agent's side of operations that it computes: one at a time, a newer one in the place of the one before,
// asked for again and again, and gone once dropped.

import { randomUUID } from "node:crypto";
import { PROVIDER_NAMES } from "@ringfence/web/model-name";
import type { ChangeSlice, Masking, NumberedOperation, PreviewAnswer, PreviewOperation, PreviewRequest, Proposal, ReadyPreview, TaskModel } from "../../src/api/types";
import { changes, compute } from "./compute";
import type { Computed } from "./voxels";

export interface Answered {
  readonly status: number;
  readonly body?: unknown;
  readonly code?: string;
}

interface Job {
  readonly operation: PreviewOperation;
  readonly done: Promise<void>;
  answer: PreviewAnswer;
  cancelled: boolean;
}

export const BUILT_IN = "00000000000000000000000000000001";
export const SPLEEN = "00000000000000000000000000000002";

export const MODELS: readonly TaskModel[] = [
  { id: BUILT_IN, name: "Random walker", provider: "built_in", prompts: ["points", "box", "scribbles", "mask"], automatic: false, object_ids: [], licence: "", available: true, trouble: "" },
  { id: SPLEEN, name: "Liver and lesions", provider: "monai_label", prompts: [], automatic: true, object_ids: [1, 2], licence: "Research only, not for care", available: true, trouble: "" },
];

const NAMES: Readonly<Record<Exclude<PreviewOperation["kind"], "assist">, string>> = {
  grow_from_seeds: "Grow from seeds",
  fill_between_slices: "Fill between slices",
  islands: "Islands",
  smooth: "Smooth",
  threshold: "Threshold",
  region_grow: "Grow region",
  level_trace: "Trace level",
  margin: "Margin",
  shell: "Shell",
  logic: "Combine objects",
  fill_holes: "Fill holes",
};
/** How long an agent holds a question for news. */
const LONG_POLL_MS = 2_000;

interface MockState {
  readonly revision: number;
  readonly computed: Computed;
  readonly labelOf: (objectId: number | null) => number;
}

export class MockPreviews {
  models: readonly TaskModel[] = MODELS;
  proposal: Proposal | undefined;
  /** Whoever asks for the proposal waits for this. */
  proposalHold: Promise<void> | undefined;
  /** Nothing is finished before this is. */
  hold: Promise<void> | undefined;
  /** The next operation fails with this. */
  failure: { readonly code: string; readonly title: string } | undefined;
  /** Cuts the connection of whoever asks for news. */
  lineDown = false;
  readonly started: PreviewOperation[] = [];
  /** What each of those may change. */
  readonly masked: (Masking | undefined)[] = [];
  readonly dropped: { readonly id: string; readonly outcome: string }[] = [];
  readonly #jobs = new Map<string, Job>();
  readonly #state: () => MockState;

  constructor(state: () => MockState) {
    this.#state = state;
  }

  start({ revision, operation, masking }: PreviewRequest): Answered {
    const state = this.#state();
    if (revision !== state.revision) return { status: 409, code: "revision-conflict" };
    this.#jobs.clear();
    const id = randomUUID().replaceAll("-", "");
    const job: Job = { operation, answer: { state: "running", progress: 0.35, doing: "computing 7 of 20 slices" }, cancelled: false, done: Promise.resolve() };
    this.started.push(operation);
    this.masked.push(masking);
    this.#jobs.set(id, { ...job, done: this.#work(id, [operation, masking], state) });
    return { status: 202, body: { id } };
  }

  async look(id: string): Promise<Answered> {
    const job = this.#jobs.get(id);
    if (!job) return { status: 404, code: "not-found" };
    await Promise.race([job.done, new Promise((resolve) => setTimeout(resolve, LONG_POLL_MS))]);
    return { status: 200, body: this.#jobs.get(id)?.answer ?? { state: "cancelled" } };
  }

  /** Without a word, a person has rejected it. */
  drop(id: string, outcome = "rejected"): Answered {
    if (outcome !== "ended" && outcome !== "rejected") return { status: 422, code: "invalid" };
    this.dropped.push({ id, outcome });
    if (this.proposal?.id === id) this.proposal = undefined;
    else if (!this.#jobs.delete(id)) return { status: 404, code: "not-found" };
    return { status: 204 };
  }

  /** Whether an accepted operation is what the agent has computed. */
  takes(operation: NumberedOperation): boolean {
    if (operation.kind !== "paint" || operation.preview === undefined || operation.preview === null) return operation.kind !== "paint" || operation.tool !== "assist";
    const same = (slices: readonly ChangeSlice[]): boolean => JSON.stringify(slices) === JSON.stringify(operation.slices);
    if (this.proposal?.id === operation.preview) return same(this.proposal.slices);
    const answer = this.#jobs.get(operation.preview)?.answer;
    return answer?.state === "done" && same(answer.slices);
  }

  async #work(id: string, [operation, masking]: readonly [PreviewOperation, Masking | undefined], { computed, labelOf }: Omit<MockState, "revision">): Promise<void> {
    await this.hold;
    await new Promise((resolve) => setImmediate(resolve));
    const job = this.#jobs.get(id);
    if (!job) return;
    if (this.failure) {
      job.answer = { state: "failed", ...this.failure };
      this.failure = undefined;
      return;
    }
    const label = operation.kind === "assist" ? labelOf(operation.object_id) : 0;
    const slices = changes(computed.labels, compute(computed, operation, label, masking), computed.dimensions);
    job.answer = { state: "done", slices, voxels: slices.reduce((total, { runs }) => runs.reduce((sum, run) => sum + run[1], total), 0), source: this.#source(operation) };
  }

  #source(operation: PreviewOperation): ReadyPreview["source"] {
    if (operation.kind !== "assist") return { kind: operation.kind, model_id: null, name: NAMES[operation.kind] };
    const model = this.models.find((candidate) => candidate.id === operation.model_id);
    return { kind: "assist", model_id: operation.model_id, name: model ? `${PROVIDER_NAMES[model.provider]} · ${model.name}` : "a model" };
  }
}
