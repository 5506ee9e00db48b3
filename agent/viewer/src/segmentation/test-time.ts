// The clock of the tests.

import type { Time } from "./save-queue";

/** A clock that moves only when told to. */
export class TestTime implements Time {
  #now = 1_000_000;
  #waits: { readonly atMs: number; readonly callback: () => void }[] = [];
  readonly lengths: number[] = [];

  readonly now = (): number => this.#now;

  readonly after = (waitMs: number, callback: () => void): (() => void) => {
    const wait = { atMs: this.#now + waitMs, callback };
    this.lengths.push(waitMs);
    this.#waits.push(wait);
    return () => {
      this.#waits = this.#waits.filter((other) => other !== wait);
    };
  };

  async pass(lengthMs: number): Promise<void> {
    this.#now += lengthMs;
    const due = this.#waits.filter((wait) => wait.atMs <= this.#now);
    this.#waits = this.#waits.filter((wait) => wait.atMs > this.#now);
    for (const wait of due) wait.callback();
    await settle();
  }
}

/** Lets promises that are already settled call back. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
