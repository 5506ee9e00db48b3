// The calls of the viewer to its agent, one method each. What an answer means for the page is the page's business.

import { ProblemError, createApi, problemOfError } from "@ringfence/web/api";
import type { Api } from "@ringfence/web/api";
import type { SaveOutcome } from "../segmentation/save-queue";
import type {
  Assets,
  BeginPreview,
  Consensus,
  DeidPreview,
  DeviceRuleAdded,
  DeviceRuleDraft,
  DeviceRuleRemoved,
  DeviceRules,
  Egress,
  EgressMessages,
  EgressOpened,
  EgressVerified,
  Imports,
  MeasuredFacts,
  ModelDraft,
  ModelTrial,
  NumberedOperation,
  OtherWork,
  Override,
  Overview,
  PeerEcho,
  PeerJob,
  PeerJobs,
  PeerMatches,
  PeerPull,
  PeerQuery,
  Peers,
  People,
  PreviewAnswer,
  PreviewRequest,
  Proposal,
  Quarantine,
  QuarantineState,
  Quarantined,
  Redeemed,
  Renewal,
  Revision,
  Session,
  SiteModel,
  SiteModels,
  SpanAgo,
  Submission,
  Submissions,
  Task,
  TaskCounts,
  TaskModel,
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

  /** The slices of the volume, from the slice `focus` outward. */
  async pixels(taskId: string, focus: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const response = await this.#api.open(`/tasks/${taskId}/volume/pixels${selection({ focus })}`, signal);
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

  async startPreview(taskId: string, request: PreviewRequest): Promise<string> {
    const body: BeginPreview = request;
    const { id } = await this.#api.post<{ readonly id: string }>(`/tasks/${taskId}/previews`, { ...body });
    return id;
  }

  /** Waits for news of an operation that is still under way. */
  preview(taskId: string, previewId: string, signal: AbortSignal): Promise<PreviewAnswer> {
    return this.#api.get(`/tasks/${taskId}/previews/${previewId}`, signal);
  }

  /**
   * Cancels what is under way, or drops what came of it; also called while the page goes away. `rejected` when a person
   * said no, `ended` when nobody has judged it.
   */
  dropPreview(taskId: string, previewId: string, outcome: "ended" | "rejected"): Promise<void> {
    return this.#api.remove(`/tasks/${taskId}/previews/${previewId}${selection({ outcome })}`, { keepalive: true });
  }

  taskModels(taskId: string): Promise<readonly TaskModel[]> {
    return this.#api.get(`/tasks/${taskId}/models`);
  }

  /** Undefined when no batch job has prepared anything. */
  async proposal(taskId: string): Promise<Proposal | undefined> {
    try {
      return await this.#api.get<Proposal>(`/tasks/${taskId}/proposal`);
    } catch (error) {
      if (problemOfError(error).status === 404) return undefined;
      throw error;
    }
  }

  models(): Promise<SiteModels> {
    return this.#api.get("/admin/models");
  }

  addModel(draft: ModelDraft): Promise<SiteModel> {
    return this.#api.post("/admin/models", { ...draft });
  }

  changeModel(modelId: string, draft: ModelDraft): Promise<SiteModel> {
    return this.#api.put(`/admin/models/${modelId}`, { ...draft });
  }

  removeModel(modelId: string): Promise<void> {
    return this.#api.remove(`/admin/models/${modelId}`);
  }

  tryModel(modelId: string): Promise<ModelTrial> {
    return this.#api.post(`/admin/models/${modelId}/try`, {});
  }

  overview(): Promise<Overview> {
    return this.#api.get("/admin/overview");
  }

  /** What left on the last days, and the state of the ledger. */
  egress(): Promise<Egress> {
    return this.#api.get("/admin/ledger");
  }

  /** Messages that left, the newest first; empty day or kind for all. */
  egressMessages(day: string, kind: string, before?: number): Promise<EgressMessages> {
    return this.#api.get(`/admin/ledger/messages${selection({ day, kind, before })}`);
  }

  egressMessage(sequence: number): Promise<EgressOpened> {
    return this.#api.get(`/admin/ledger/messages/${sequence}`);
  }

  verifyEgress(): Promise<EgressVerified> {
    return this.#api.post("/admin/ledger/verify", {});
  }

  /** Where the browser finds the messages as a file. */
  egressExportUrl(day: string, kind: string): string {
    return `${BASE}/admin/ledger/export${selection({ day, kind })}`;
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

  peers(): Promise<Peers> {
    return this.#api.get("/admin/peers");
  }

  echoPeer(peer: string): Promise<PeerEcho> {
    return this.#api.post("/admin/peers/echo", { peer });
  }

  findAtPeer(query: PeerQuery): Promise<PeerMatches> {
    return this.#api.post("/admin/peers/find", { ...query });
  }

  pullFromPeer(wanted: PeerPull): Promise<PeerJob> {
    return this.#api.post("/admin/peers/pull", { ...wanted });
  }

  sendToPeer(peer: string, assetId: string): Promise<PeerJob> {
    return this.#api.post("/admin/peers/send", { peer, asset_id: assetId });
  }

  peerJobs(): Promise<PeerJobs> {
    return this.#api.get("/admin/peers/jobs");
  }

  cancelPeerJob(jobId: number): Promise<PeerJob> {
    return this.#api.post(`/admin/peers/jobs/${jobId}/cancel`, {});
  }

  /** What de-identification would do to a file; with what it keeps, too. */
  deidPreview(file: Blob, options: readonly string[]): Promise<DeidPreview> {
    const chosen = options.length === 0 ? "none" : options.join(",");
    return this.#api.postBytes(`/admin/deid/preview${selection({ options: chosen, all: "true" })}`, file);
  }

  /** The newest first; empty for every state. */
  quarantine(state: QuarantineState | ""): Promise<Quarantine> {
    return this.#api.get(`/quarantine${selection({ state })}`);
  }

  /** Where the browser finds a picture as it came, counted from 0. */
  quarantinePictureUrl(assetId: string, number: number): string {
    return `${BASE}/quarantine/${assetId}/pictures/${number}`;
  }

  releaseQuarantined(assetId: string): Promise<Quarantined> {
    return this.#api.post(`/quarantine/${assetId}/release`, {});
  }

  withholdQuarantined(assetId: string): Promise<Quarantined> {
    return this.#api.post(`/quarantine/${assetId}/withhold`, {});
  }

  deviceRules(): Promise<DeviceRules> {
    return this.#api.get("/device-rules");
  }

  addDeviceRule(draft: DeviceRuleDraft): Promise<DeviceRuleAdded> {
    return this.#api.post("/device-rules", { ...draft });
  }

  /** What became of the assets that it had released. */
  removeDeviceRule(ruleId: string): Promise<DeviceRuleRemoved> {
    return this.#api.remove(`/device-rules/${ruleId}`);
  }

  imports(): Promise<Imports> {
    return this.#api.get("/admin/imports");
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

function selection(chosen: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(chosen)) if (value !== undefined && value !== "") query.set(name, String(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
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
