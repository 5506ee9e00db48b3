// The one fake of the viewer's tests: an agent over HTTP with the real headers, whose line and sessions can be broken.

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { findings } from "@ringfence/web/evaluate";
import type { Facts, Finding, Instruction } from "@ringfence/web/instruction";
import { labelOf } from "@ringfence/web/instruction";
import type { NewerVersion, NumberedOperation, OtherWork, Override, Person, PreviewRequest, SpanAgo, Task } from "../../src/api/types";
import { outward } from "../../src/volume/stream";
import { factsOf } from "./facts";
import { LIVER } from "./instructions";
import { MockIntake, png } from "./intake";
import { MockLedger } from "./ledger";
import { MockModels } from "./models";
import { MockPeers } from "./peers";
import { MockPreviews } from "./previews";
import type { Answered } from "./previews";
import { makePhantom } from "./phantom";
import type { Phantom, PhantomOptions } from "./phantom";
import { MockWork } from "./work";

const DIST = fileURLToPath(new URL("../../dist", import.meta.url));
const TYPES: Readonly<Record<string, string>> = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml", woff2: "font/woff2" };

export const PASSWORD = "correct horse battery";

export const PEOPLE: readonly Person[] = [
  { id: "6f2b6a58-3f0c-4b8e-9d53-0a3f6f1f7a01", user_name: "m.keller", display_name: "M. Keller", roles: ["annotator"] },
  { id: "6f2b6a58-3f0c-4b8e-9d53-0a3f6f1f7a02", user_name: "it", display_name: "Hospital IT", roles: ["hospital_admin"] },
  { id: "6f2b6a58-3f0c-4b8e-9d53-0a3f6f1f7a03", user_name: "r.osei", display_name: "R. Osei", roles: ["annotator", "reviewer"] },
];

export interface MockOptions {
  readonly phantom: PhantomOptions;
  readonly instruction?: Instruction;
  readonly newer?: NewerVersion;
  /** Makes the person an arbiter of this work, by letter. */
  readonly others?: Readonly<Record<string, OtherWork>>;
}

export class MockAgent {
  readonly phantom: Phantom;
  readonly work: MockWork;
  readonly ledger = new MockLedger();
  task: Task;
  readonly saves: (readonly NumberedOperation[])[] = [];
  /** Cuts every connection of a save. */
  lineDown = false;
  /** Answers saves as if another browser held the lease. */
  leaseGivenOn = false;
  /** Ends all sessions when the next save arrives, before it is taken. */
  endSessionsAtNextSave = false;
  /** Serves the voxels only up to this fraction, then waits. */
  stall: Promise<void> | undefined;
  submitted = false;
  /** Follows when the task is given back. */
  next: Task | undefined;
  /** What went with the work when it was handed in. */
  handover: Readonly<Record<string, unknown>> = {};
  /** Findings that the agent alone has. */
  finds: readonly Finding[] = [];
  readonly spans: SpanAgo[] = [];
  readonly previews: MockPreviews;
  readonly models = new MockModels();
  readonly peers = new MockPeers();
  readonly intake = new MockIntake();
  readonly #options: MockOptions;
  readonly #sessions = new Map<string, Person>();
  readonly #server: Server;

  constructor(options: MockOptions) {
    this.#options = options;
    this.phantom = makePhantom(options.phantom);
    this.work = new MockWork(options.phantom.dimensions);
    this.task = {
      id: randomUUID(),
      project_title: "Liver lesions",
      lease: { fencing: 7, expires_at: "2030-01-01T00:00:00Z" },
      volume: this.phantom.description,
      instruction: options.instruction ?? LIVER,
      instruction_version: 1,
      role: options.others ? "arbiter" : "annotator",
      newer: options.newer ?? null,
      others: Object.keys(options.others ?? {}),
    };
    this.previews = new MockPreviews(() => this.#computed());
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return `http://localhost:${typeof address === "object" && address ? address.port : 0}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  endSessions(): void {
    this.#sessions.clear();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (!path.startsWith("/api/v1/")) return this.#file(path, response);
    response.setHeader("cache-control", "no-store");
    if (request.method !== "GET" && request.headers["x-ringfence"] !== "1") return problem(response, 403, "not-yours");
    const body = (request.method === "POST" || request.method === "PUT") && !path.endsWith("/gold") && !path.endsWith("/deid/preview") ? ((await json(request)) as Record<string, unknown>) : {};
    const route = `${request.method} ${path.slice("/api/v1".length)}`;
    if (route === "POST /session") return this.#signIn(body, response);
    if (route === "POST /invitations/redeem") {
      return body["code"] === "AAAA-BBBB-CCCC-DDDD" ? send(response, 201, { user_name: "m.keller" }) : problem(response, 404, "invitation-unknown");
    }
    if (this.endSessionsAtNextSave && route === `POST /tasks/${this.task.id}/operations`) {
      this.endSessionsAtNextSave = false;
      this.endSessions();
    }
    const person = this.#sessions.get(/__Host-viewer=([^;]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "");
    if (!person) return problem(response, 401, "signed-out");
    const query = new URL(request.url ?? "/", "http://localhost").searchParams;
    if (path.endsWith("/deid/preview")) return answer(response, this.intake.preview(query, await bytes(request)));
    const picture = /^GET \/quarantine\/[^/]+\/pictures\/(\d+)$/.exec(route)?.[1];
    if (picture !== undefined) {
      response.setHeader("content-type", "image/png");
      response.end(png(Number(picture)));
      return;
    }
    const atDoor = this.intake.answer(route, query, body);
    if (atDoor) return answer(response, atDoor);
    if (this.ledger.answer(route, query, (answer) => send(response, 200, answer), response)) return;
    const previewId = path.startsWith(`/api/v1/tasks/${this.task.id}/previews/`) ? path.slice(path.lastIndexOf("/") + 1) : undefined;
    if (previewId !== undefined) return this.#preview(`${request.method}`, previewId, query, response);
    if (route === `GET /tasks/${this.task.id}/volume/pixels`) return this.#pixels(query.get("focus"), response);
    return this.#known(route, body, person, response);
  }

  #signIn(body: Record<string, unknown>, response: ServerResponse): void {
    const person = PEOPLE.find((candidate) => candidate.user_name === body["user_name"]);
    if (!person || body["password"] !== PASSWORD) return problem(response, 401, "wrong-credentials");
    const token = randomUUID();
    this.#sessions.set(token, person);
    response.setHeader("set-cookie", `__Host-viewer=${token}; Path=/; Secure; HttpOnly; SameSite=Strict`);
    return send(response, 200, { person });
  }

  async #known(route: string, body: Record<string, unknown>, person: Person, response: ServerResponse): Promise<void> {
    const task = `/tasks/${this.task.id}`;
    switch (route) {
      case "GET /session":
        return send(response, 200, { person });
      case "POST /session/end":
        this.endSessions();
        response.setHeader("clear-site-data", '"cache", "cookies", "storage"');
        return send(response, 204);
      case "POST /tasks/next":
        return this.submitted ? send(response, 204) : send(response, 200, this.task);
      case "GET /tasks/mine":
        return send(response, 200, { submitted_today: this.submitted ? 3 : 2, open: 15 });
      case `GET ${task}/work`:
        return send(response, 200, this.work.toJson());
      case `GET ${task}`:
        return send(response, 200, this.task);
      case `GET ${task}/facts`:
        return send(response, 200, { revision: this.work.revision, facts: this.#facts() });
      case `POST ${task}/time`:
        this.spans.push(...(body["spans"] as readonly SpanAgo[]));
        return send(response, 204);
      case `POST ${task}/version`:
        return this.#moveTo(body["version"], response);
      case `POST ${task}/operations`:
        return this.#save(body, response);
      case `POST ${task}/renew`:
        return send(response, 200, { expires_at: "2030-01-01T00:15:00Z" });
      case `POST ${task}/release`:
        this.task = this.next ?? this.task;
        return send(response, 204);
      case `POST ${task}/submit`:
        return this.#submit(body, response);
      case `POST ${task}/previews`:
        return answer(response, this.previews.start(body as unknown as PreviewRequest));
      case `GET ${task}/models`:
        return send(response, 200, this.previews.models);
      case `GET ${task}/proposal`:
        await this.previews.proposalHold;
        return this.previews.proposal ? send(response, 200, this.previews.proposal) : problem(response, 404, "not-found");
      default:
        return route.startsWith(`GET ${task}/others/`) ? this.#other(route.slice(-1), response) : this.#admin(route, body, response);
    }
  }

  async #preview(method: string, id: string, query: URLSearchParams, response: ServerResponse): Promise<void> {
    if (method === "DELETE") return answer(response, this.previews.drop(id, query.get("outcome") ?? undefined));
    if (this.previews.lineDown) {
      response.destroy();
      return;
    }
    return answer(response, await this.previews.look(id));
  }

  #admin(route: string, body: Record<string, unknown>, response: ServerResponse): void {
    const answered = this.models.answer(route, body) ?? this.peers.answer(route, body);
    return answered ? answer(response, answered) : adminAnswer(route, response);
  }

  #computed(): ReturnType<ConstructorParameters<typeof MockPreviews>[0]> {
    const { dimensions, spacingMm } = this.#options.phantom;
    const { pixels } = this.phantom;
    const values = new Int16Array(pixels.buffer, pixels.byteOffset, pixels.length / 2);
    const { objects } = this.task.instruction;
    const labelFor = (objectId: number | null): number => objects.flatMap((object) => (objectId === null || object.id === objectId ? (labelOf(object) ?? []) : []))[0] ?? 0;
    return { revision: this.work.revision, computed: { labels: this.work.labels.slice(), values, dimensions, spacingMm }, labelOf: labelFor };
  }

  /** From the slice that is asked for, outward, as the agent sends them. */
  async #pixels(focus: string | null, response: ServerResponse): Promise<void> {
    const count = this.#options.phantom.dimensions[2];
    const size = this.phantom.pixels.length / count;
    const first = focus !== null && /^\d+$/.test(focus) ? Math.min(count - 1, Number(focus)) : undefined;
    if (first === undefined) return problem(response, 422, "invalid");
    const pixels = Buffer.concat(outward(first, count).map((k) => this.phantom.pixels.subarray(k * size, (k + 1) * size)));
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": pixels.length });
    // Pieces that do not end where a slice or even a voxel does.
    const piece = 300_001;
    for (let start = 0; start < pixels.length; start += piece) {
      if (start > pixels.length / 3) await this.stall;
      if (!response.write(pixels.subarray(start, start + piece))) await new Promise((resolve) => response.once("drain", resolve));
    }
    response.end();
  }

  #save(body: Record<string, unknown>, response: ServerResponse): void {
    if (this.lineDown) {
      response.destroy();
      return;
    }
    if (this.leaseGivenOn || body["fencing"] !== this.task.lease.fencing) return problem(response, 409, "stale-lease");
    const operations = body["operations"] as readonly NumberedOperation[];
    this.saves.push(operations);
    if (operations.some((operation) => !this.previews.takes(operation))) return problem(response, 422, "invalid");
    const applied = this.work.apply(operations);
    return "revision" in applied ? send(response, 200, applied) : problem(response, applied.status, applied.code);
  }

  #other(letter: string, response: ServerResponse): void {
    const other = this.#options.others?.[letter];
    return other ? send(response, 200, other) : problem(response, 404, "not-found");
  }

  #facts(): Facts {
    const { dimensions, spacingMm } = this.#options.phantom;
    return factsOf(this.task.instruction, { labels: this.work.labels, shapes: [...this.work.shapes.values()], dimensions, spacingMm });
  }

  #moveTo(version: unknown, response: ServerResponse): void {
    const { newer } = this.task;
    if (newer === null || newer.version !== version) return problem(response, 409, "not-newest");
    this.task = { ...this.task, instruction: newer.instruction, instruction_version: newer.version, newer: null };
    return send(response, 200, this.task);
  }

  #submit(body: Record<string, unknown>, response: ServerResponse): void {
    const { answers, statements } = this.work;
    const given = (body["overrides"] ?? []) as readonly Override[];
    const found = [...findings(this.task.instruction, { answers, statements, facts: this.#facts() }), ...this.finds];
    const left = found.filter(
      (finding) => finding.severity === "refuse" || !given.some((override) => override.subject.id === finding.subject.id && override.check === finding.check),
    );
    if (left.length > 0) return problem(response, 422, "incomplete", { fields: [], findings: left });
    this.submitted = true;
    this.handover = body;
    return send(response, 201, { submission_id: randomUUID(), submitted_at: "2026-11-23T14:02:31Z" });
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = path.includes(".") ? normalize(path) : "/index.html";
    const nonce = randomUUID().replaceAll("-", "");
    response.setHeader("content-security-policy", `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; img-src 'self' blob:; style-src 'self' 'nonce-${nonce}'; font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'`);
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    response.setHeader("x-content-type-options", "nosniff");
    try {
      const content = await readFile(join(DIST, name));
      response.setHeader("content-type", TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream");
      response.end(name === "/index.html" ? content.toString().replaceAll("__CSP_NONCE__", nonce) : content);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function adminAnswer(route: string, response: ServerResponse): void {
  switch (route) {
    case "GET /admin/overview":
      return send(response, 200, {
        agent: { version: "0.1.0", enrolled: true, site_id: randomUUID(), connected: true, certificate_expires_at: new Date(Date.now() + 5 * 86_400_000).toISOString() },
        today: { instances: 1204, refused: 3 },
        left: [],
        outbox: { waiting: 12, shelved: 0 },
        quarantine: { waiting: 2, withheld: 0, tasks: 1 },
        disk_free_percent: 62.4,
        assets: 86,
      });
    case "GET /admin/people":
      return send(response, 200, { people: PEOPLE.map((person, index) => ({ ...person, state: ["active", "active", "suspended"][index] })) });
    case "GET /admin/assets":
      return send(response, 200, {
        assets: [
          { id: "0b9a1f9e-5b51-4d4d-8f0e-1d1f8f9f0001", modality: "CT", dimensions: [512, 512, 300], gold: true, tools_3d: true, reasons: [], received_at: "2026-11-23T08:00:00Z" },
          { id: "7c0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0002", modality: "MR", dimensions: [320, 320, 24], gold: false, tools_3d: false, reasons: ["variable-spacing"], received_at: "2026-11-22T17:30:00Z" },
        ],
      });
    case "GET /consensus":
      return send(response, 200, {
        consensus: [
          { task_id: "3c0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0003", asset_id: "0b9a1f9e-5b51-4d4d-8f0e-1d1f8f9f0001", project_title: "Liver lesions", object_id: 1, object_name: "Liver", rule: "staple", voxels: 1_204_332, painted_at: "2026-11-23T10:00:00Z" },
          { task_id: "3c0a1f9e-5b51-4d4d-8f0e-1d1f8f9f0003", asset_id: "0b9a1f9e-5b51-4d4d-8f0e-1d1f8f9f0001", project_title: "Liver lesions", object_id: 2, object_name: "Lesion", rule: "arbiter", voxels: 812, painted_at: "2026-11-23T10:00:00Z" },
        ],
      });
    case "GET /review/submissions":
      return send(response, 200, {
        submissions: [{ id: randomUUID(), asset_id: "0b9a1f9e-5b51-4d4d-8f0e-1d1f8f9f0001", task_id: randomUUID(), annotator: "M. Keller", submitted_at: "2026-11-23T09:12:00Z", promoted: false }],
      });
    default:
      return problem(response, 404, "not-found");
  }
}

function answer(response: ServerResponse, { status, body, code }: Answered): void {
  return code === undefined ? send(response, status, body) : problem(response, status, code, body ?? {});
}

async function bytes(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function json(request: IncomingMessage): Promise<unknown> {
  return JSON.parse((await bytes(request)).toString());
}

function send(response: ServerResponse, status: number, body?: unknown): void {
  response.writeHead(status, body === undefined ? {} : { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string, more: object = {}): void {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: `about:blank#${code}`, title: code, status, code, ...more }));
}
