// The way of every operation to the agent: at once, in order, one request at a time, again and again until it is
// acknowledged. It never drops an operation and never claims that one is saved before the agent said so.

import type { NumberedOperation, Operation, Revision } from "../api/types";

/** What became of one attempt to save, as the queue has to tell it apart. */
export type SaveOutcome =
  | ({ readonly kind: "saved" } & Revision)
  | { readonly kind: "unreachable" }
  | { readonly kind: "signed-out" }
  | { readonly kind: "refused"; readonly code: string };

export type SavePort = (operations: readonly NumberedOperation[]) => Promise<SaveOutcome>;

export interface Time {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once after a wait; the answer takes the call back. */
  readonly after: (waitMs: number, callback: () => void) => () => void;
}

export type SaveTrouble =
  | { readonly kind: "none" }
  | { readonly kind: "line-down"; readonly sinceMs: number }
  | { readonly kind: "signed-out" }
  | { readonly kind: "refused"; readonly code: string };

export interface SaveState {
  readonly revision: number;
  readonly unsaved: number;
  readonly savedAtMs: number | undefined;
  readonly trouble: SaveTrouble;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const LARGEST_BATCH = 64;
/** Keeps a request well under the agent's limit; a single operation may be larger. */
const LARGEST_BATCH_RUNS = 100_000;

function runsOf(operation: Operation): number {
  return operation.kind === "paint" ? operation.slices.reduce((total, slice) => total + slice.runs.length, 0) : 0;
}

function firstBatch(pending: readonly NumberedOperation[]): readonly NumberedOperation[] {
  let runs = 0;
  const end = pending.slice(0, LARGEST_BATCH).findIndex((operation, index) => (runs += runsOf(operation)) > LARGEST_BATCH_RUNS && index > 0);
  return pending.slice(0, end === -1 ? LARGEST_BATCH : end);
}

export class SaveQueue {
  readonly #send: SavePort;
  readonly #time: Time;
  readonly #listeners = new Set<() => void>();
  #pending: NumberedOperation[] = [];
  #state: SaveState;
  #sending = false;
  #waitMs = FIRST_WAIT_MS;
  #cancelWait: (() => void) | undefined;
  #stopped = false;

  constructor(send: SavePort, time: Time, revision: number) {
    this.#send = send;
    this.#time = time;
    this.#state = { revision, unsaved: 0, savedAtMs: undefined, trouble: { kind: "none" } };
  }

  get state(): SaveState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  add(operation: Operation): void {
    const base = this.#state.revision + this.#pending.length;
    this.#pending.push({ ...operation, base_revision: base });
    this.#change({ unsaved: this.#pending.length });
    // While the line is down the running wait decides; a stroke must not turn into a storm of requests.
    if (this.#state.trouble.kind === "none") void this.#run();
  }

  /** Tries at once, after a new sign-in or when the browser says that the line is back. */
  retryNow(): void {
    if (this.#stopped || this.#state.trouble.kind === "refused") return;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#waitMs = FIRST_WAIT_MS;
    if (this.#state.trouble.kind === "signed-out") this.#change({ trouble: { kind: "none" } });
    void this.#run();
  }

  /** Resolves with true once everything is saved, with false when that cannot happen without the person. */
  async settled(): Promise<boolean> {
    for (;;) {
      if (this.#pending.length === 0) return true;
      if (this.#state.trouble.kind !== "none" || this.#stopped) return false;
      await new Promise<void>((resolve) => {
        const stop = this.subscribe(() => {
          stop();
          resolve();
        });
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWait?.();
    this.#listeners.clear();
  }

  async #run(): Promise<void> {
    if (this.#sending || this.#stopped) return;
    this.#sending = true;
    try {
      while (this.#pending.length > 0 && !this.#stopped) {
        const batch = firstBatch(this.#pending);
        if (!this.#settle(await this.#attempt(batch), batch.length)) return;
      }
    } finally {
      this.#sending = false;
    }
  }

  async #attempt(batch: readonly NumberedOperation[]): Promise<SaveOutcome> {
    try {
      return await this.#send(batch);
    } catch {
      return { kind: "unreachable" };
    }
  }

  /** Takes in an outcome; false ends the current run. */
  #settle(outcome: SaveOutcome, count: number): boolean {
    switch (outcome.kind) {
      case "saved":
        this.#pending = this.#pending.slice(count);
        this.#waitMs = FIRST_WAIT_MS;
        this.#change({
          revision: outcome.revision,
          unsaved: this.#pending.length,
          savedAtMs: this.#time.now(),
          trouble: { kind: "none" },
        });
        return true;
      case "unreachable":
        this.#wait();
        return false;
      case "signed-out":
        this.#change({ trouble: { kind: "signed-out" } });
        return false;
      case "refused":
        this.#change({ trouble: { kind: "refused", code: outcome.code } });
        return false;
    }
  }

  #wait(): void {
    const { trouble } = this.#state;
    const sinceMs = trouble.kind === "line-down" ? trouble.sinceMs : this.#time.now();
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    this.#cancelWait = this.#time.after(waitMs, () => {
      this.#cancelWait = undefined;
      void this.#run();
    });
    this.#change({ trouble: { kind: "line-down", sinceMs } });
  }

  #change(change: Partial<SaveState>): void {
    if (this.#stopped) return;
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}
