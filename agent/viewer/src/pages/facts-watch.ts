// The measures of the work, which the agent alone takes: asked for again a moment after a drawing was saved.

import type { Facts } from "@ringfence/web/instruction";
import type { MeasuredFacts } from "../api/types";
import type { SaveQueue, Time } from "../segmentation/save-queue";
import { Store } from "../ui/store";

export interface FactsState {
  readonly facts: Facts;
  /** Whether these are the facts of all that is drawn now. */
  readonly current: boolean;
}

/** Strokes that follow each other closely are measured once. */
const CALM_MS = 400;
const AGAIN_AFTER_FAILURE_MS = 10_000;

export class FactsWatch {
  readonly state = new Store<FactsState>({ facts: { objects: [] }, current: false });
  readonly #ask: () => Promise<MeasuredFacts>;
  readonly #queue: SaveQueue;
  readonly #time: Time;
  #cancelWait: (() => void) | undefined;
  #asking: Promise<boolean> | undefined;
  #drawings = 0;
  #stopped = false;

  constructor(ask: () => Promise<MeasuredFacts>, queue: SaveQueue, time: Time) {
    this.#ask = ask;
    this.#queue = queue;
    this.#time = time;
  }

  start(): void {
    this.#stopped = false;
    this.#queue.subscribe(() => this.#look());
    void this.now();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  /** What is drawn has changed; the facts are those of before. */
  drawn(): void {
    this.#drawings += 1;
    this.state.set({ current: false });
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#look();
  }

  /** Asks at once, unless the facts are those of now; false when the agent did not say. Everything has to be saved. */
  async now(): Promise<boolean> {
    if (this.state.value.current) return true;
    const before = this.#asking;
    if (before && (await before)) return true;
    this.#asking ??= this.#measure();
    return this.#asking;
  }

  /** Waits for calm once everything is saved. */
  #look(): void {
    const { unsaved, trouble } = this.#queue.state;
    if (this.#stopped || this.state.value.current || this.#cancelWait || unsaved > 0 || trouble.kind !== "none") return;
    this.#wait(CALM_MS);
  }

  #wait(waitMs: number): void {
    this.#cancelWait = this.#time.after(waitMs, () => {
      this.#cancelWait = undefined;
      void this.now();
    });
  }

  async #measure(): Promise<boolean> {
    const drawings = this.#drawings;
    try {
      const { facts } = await this.#ask();
      const current = drawings === this.#drawings && this.#queue.state.unsaved === 0;
      if (!this.#stopped) this.state.set({ facts, current });
      return current;
    } catch {
      if (!this.#stopped && !this.#cancelWait) this.#wait(AGAIN_AFTER_FAILURE_MS);
      return false;
    } finally {
      this.#asking = undefined;
      this.#look();
    }
  }
}
