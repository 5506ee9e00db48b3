// The one way a page of ours talks to its own server: JSON over same-origin fetch, with the header that a
// foreign page cannot set, and problem documents turned into one error type. It retries nothing and stores nothing.

/** A field that the server refused, in the terms of the request. */
export interface FieldProblem {
  readonly field?: string;
  readonly question_id?: number;
  readonly object_id?: number;
  readonly problem: string;
}

/** `application/problem+json`, as both servers write it. */
export interface Problem {
  readonly status: number;
  /** kebab-case; `unreachable` and `unreadable` are made here, all others by the server. */
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly fields: readonly FieldProblem[];
  /** Further members of the document, such as `revision` of a `revision-conflict`. */
  readonly members: Readonly<Record<string, unknown>>;
}

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.title);
    this.name = "ProblemError";
    this.problem = problem;
  }
}

export type Json = Readonly<Record<string, unknown>>;

export interface ApiOptions {
  /** Where the API stands, such as `/api/v1`. */
  readonly base: string;
  /** Called for every 401 except that of a sign-in, so that the page can ask for the password again. */
  readonly onSignedOut?: () => void;
  readonly fetch?: typeof fetch;
}

export interface Api {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  /** A 204 answers `undefined`. */
  post<T>(path: string, body: Json | readonly unknown[], signal?: AbortSignal): Promise<T>;
  put<T>(path: string, body: Json | readonly unknown[], signal?: AbortSignal): Promise<T>;
  /** A 204 answers `undefined`. Outlives the page when `keepalive` is set, for what is taken back as the page goes away. */
  remove<T = void>(path: string, init?: Pick<RequestInit, "keepalive">): Promise<T>;
  /** Sends bytes, such as a label map. */
  postBytes<T>(path: string, bytes: BodyInit, signal?: AbortSignal): Promise<T>;
  /** The response itself, its status already checked, for bodies that are streamed. */
  open(path: string, signal?: AbortSignal): Promise<Response>;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function fieldProblems(value: unknown): readonly FieldProblem[] {
  if (!Array.isArray(value)) return [];
  return value.map((entry: unknown) => {
    const fields = record(entry);
    const field = text(fields["field"]);
    const questionId = fields["question_id"];
    const objectId = fields["object_id"];
    return {
      problem: text(fields["problem"]) ?? "invalid",
      ...(field === undefined ? {} : { field }),
      ...(typeof questionId === "number" ? { question_id: questionId } : {}),
      ...(typeof objectId === "number" ? { object_id: objectId } : {}),
    };
  });
}

/** Reads a problem document; one that is not readable becomes a problem of its own. */
export function problemFrom(status: number, body: unknown): Problem {
  const members = record(body);
  const code = text(members["code"]);
  const detail = text(members["detail"]);
  return {
    status,
    code: code ?? "unreadable",
    title: text(members["title"]) ?? `The server answered with status ${status}`,
    ...(detail === undefined ? {} : { detail }),
    fields: fieldProblems(members["fields"]),
    members,
  };
}

async function problemOf(response: Response): Promise<Problem> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = undefined;
  }
  return problemFrom(response.status, body);
}

/** The problem behind anything that was thrown. */
export function problemOfError(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return { status: 0, code: "unreachable", title: "The server does not answer", fields: [], members: {} };
}

export function createApi(options: ApiOptions): Api {
  const send = options.fetch ?? fetch.bind(globalThis);

  async function call(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await send(options.base + path, { credentials: "same-origin", redirect: "error", ...init });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ProblemError(problemOfError(error));
    }
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (response.status === 401 && problem.code !== "wrong-credentials") options.onSignedOut?.();
    throw new ProblemError(problem);
  }

  async function read<T>(response: Response): Promise<T> {
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch {
      throw new ProblemError(problemFrom(response.status, undefined));
    }
  }

  const withSignal = (signal: AbortSignal | undefined): RequestInit => (signal ? { signal } : {});

  async function sendJson<T>(method: "POST" | "PUT", path: string, body: Json | readonly unknown[], signal: AbortSignal | undefined): Promise<T> {
    const headers = { "content-type": "application/json", accept: "application/json", "x-ringfence": "1" };
    return read<T>(await call(path, { method, headers, body: JSON.stringify(body), ...withSignal(signal) }));
  }

  return {
    async get<T>(path: string, signal?: AbortSignal): Promise<T> {
      return read<T>(await call(path, { headers: { accept: "application/json" }, ...withSignal(signal) }));
    },
    post<T>(path: string, body: Json | readonly unknown[], signal?: AbortSignal): Promise<T> {
      return sendJson<T>("POST", path, body, signal);
    },
    put<T>(path: string, body: Json | readonly unknown[], signal?: AbortSignal): Promise<T> {
      return sendJson<T>("PUT", path, body, signal);
    },
    async remove<T = void>(path: string, init: Pick<RequestInit, "keepalive"> = {}): Promise<T> {
      return read<T>(await call(path, { method: "DELETE", headers: { accept: "application/json", "x-ringfence": "1" }, ...init }));
    },
    async postBytes<T>(path: string, bytes: BodyInit, signal?: AbortSignal): Promise<T> {
      const headers = { "content-type": "application/octet-stream", accept: "application/json", "x-ringfence": "1" };
      return read<T>(await call(path, { method: "POST", headers, body: bytes, ...withSignal(signal) }));
    },
    async open(path: string, signal?: AbortSignal): Promise<Response> {
      return call(path, withSignal(signal));
    },
  };
}
