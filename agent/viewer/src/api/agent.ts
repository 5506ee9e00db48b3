// The calls of the viewer to its agent, one method each. What an answer means for the page is the page's business.

import { ProblemError, createApi, problemOfError } from "@ringfence/web/api";
import type { Api } from "@ringfence/web/api";
import type { SaveOutcome } from "../segmentation/save-queue";
import type {
  Assets,
  Consensus,
  MeasuredFacts,
  NumberedOperation,
  OtherWork,
  Override,
  Overview,
  People,
  Redeemed,
  Renewal,
  Revision,
  Session,
  SpanAgo,
  Submission,
  Submissions,
  Task,
  TaskCounts,
  Verdict,
  Work,
} from "./types";

const BASE = "/api/v1";

/** What goes with the work when it is handed in. */
export interface Handover {
  readonly overrides: readonly Override[];
  readonly verdicts: readonly Verdict[];
}

export class AgentApi {
  readonly #api: Api;
  readonly #send: typeof fetch;

  constructor(onSignedOut: () => void, send: typeof fetch = fetch.bind(globalThis)) {
    this.#send = send;
    this.#api = createApi({ base: BASE, onSignedOut, fetch: send });
  }

  session(): Promise<Session> {
    return this.#api.get("/session");
  }

  signIn(userName: string, password: string): Promise<Session> {
    return this.#api.post("/session", { user_name: userName, password });
  }

  signOut(): Promise<void> {
    return this.#api.post("/session/end", {});
  }

  redeem(code: string, password: string): Promise<Redeemed> {
    return this.#api.post("/invitations/redeem", { code, password });
  }

  /** Undefined when there is nothing to do now. */
  nextTask(): Promise<Task | undefined> {
    return this.#api.post("/tasks/next", {});
  }

  taskCounts(): Promise<TaskCounts> {
    return this.#api.get("/tasks/mine");
  }

  async pixels(taskId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#api.open(`/tasks/${taskId}/volume/pixels`, signal);
    return response.body ?? new Response(new Uint8Array()).body ?? new ReadableStream();
  }

  work(taskId: string): Promise<Work> {
    return this.#api.get(`/tasks/${taskId}/work`);
  }

  /** Never throws: what went wrong is told apart for the save queue. */
  async save(taskId: string, fencing: number, operations: readonly NumberedOperation[]): Promise<SaveOutcome> {
    try {
      const { revision } = await this.#api.post<Revision>(`/tasks/${taskId}/operations`, { fencing, operations });
      return { kind: "saved", revision };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  submit(taskId: string, fencing: number, revision: number, { overrides, verdicts }: Handover): Promise<Submission> {
    return this.#api.post(`/tasks/${taskId}/submit`, { fencing, revision, overrides, verdicts });
  }

  task(taskId: string): Promise<Task> {
    return this.#api.get(`/tasks/${taskId}`);
  }

  facts(taskId: string): Promise<MeasuredFacts> {
    return this.#api.get(`/tasks/${taskId}/facts`);
  }

  /** Goes on under the newest version of the instruction. */
  takeVersion(taskId: string, fencing: number, version: number): Promise<Task> {
    return this.#api.post(`/tasks/${taskId}/version`, { fencing, version });
  }

  others(taskId: string, letter: string): Promise<OtherWork> {
    return this.#api.get(`/tasks/${taskId}/others/${encodeURIComponent(letter)}`);
  }

  /** True when the agent took the spans, or never will. Outlives the page, since it is also called when that goes away. */
  async spans(taskId: string, fencing: number, spans: readonly SpanAgo[]): Promise<boolean> {
    try {
      const { status } = await this.#send(`${BASE}/tasks/${taskId}/time`, {
        method: "POST",
        credentials: "same-origin",
        redirect: "error",
        keepalive: true,
        headers: { "content-type": "application/json", accept: "application/json", "x-ringfence": "1" },
        body: JSON.stringify({ fencing, spans }),
      });
      return status < 500 && status !== 401 && status !== 408 && status !== 429;
    } catch {
      return false;
    }
  }

  release(taskId: string, fencing: number): Promise<void> {
    return this.#api.post(`/tasks/${taskId}/release`, { fencing });
  }

  renew(taskId: string, fencing: number): Promise<Renewal> {
    return this.#api.post(`/tasks/${taskId}/renew`, { fencing });
  }

  overview(): Promise<Overview> {
    return this.#api.get("/admin/overview");
  }

  people(): Promise<People> {
    return this.#api.get("/admin/people");
  }

  suspend(personId: string): Promise<void> {
    return this.#api.post(`/admin/people/${personId}/suspend`, {});
  }

  resume(personId: string): Promise<void> {
    return this.#api.post(`/admin/people/${personId}/resume`, {});
  }

  assets(): Promise<Assets> {
    return this.#api.get("/admin/assets");
  }

  uploadGold(assetId: string, labels: readonly number[], labelMap: Blob): Promise<void> {
    return this.#api.postBytes(`/admin/assets/${assetId}/gold?labels=${labels.join(",")}`, labelMap);
  }

  consensus(): Promise<Consensus> {
    return this.#api.get("/consensus");
  }

  /** Where the browser finds a mask to save. */
  consensusMaskUrl(taskId: string, objectId: number): string {
    return `${BASE}/consensus/${taskId}/${objectId}/mask`;
  }

  submissions(): Promise<Submissions> {
    return this.#api.get("/review/submissions");
  }

  promote(submissionId: string): Promise<void> {
    return this.#api.post(`/review/submissions/${submissionId}/promote`, {});
  }
}

/** A save that may work later, one that needs a sign-in, or one that the agent will never take. */
export function outcomeOf(error: unknown): SaveOutcome {
  const { status, code } = problemOfError(error);
  if (status === 401) return { kind: "signed-out" };
  if (!(error instanceof ProblemError) || status === 0 || status === 408 || status === 429 || status >= 500) {
    return { kind: "unreachable" };
  }
  return { kind: "refused", code };
}
