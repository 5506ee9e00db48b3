// The smallest thing that React can watch: a value, replaced as a whole, and those who want to know.

import { useSyncExternalStore } from "react";

export class Store<T extends object> {
  readonly #listeners = new Set<() => void>();
  #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  /** Replaces some members; listeners hear of it only when one differs. */
  set(change: Partial<T>): void {
    const next = { ...this.#value, ...change };
    const keys = Object.keys(change) as (keyof T)[];
    if (keys.every((key) => Object.is(next[key], this.#value[key]))) return;
    this.#value = next;
    for (const listener of [...this.#listeners]) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (): T => this.#value;
}

export function useStore<T extends object>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.read);
}
