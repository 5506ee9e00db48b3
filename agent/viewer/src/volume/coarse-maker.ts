// The coarse volume of a task: made once, however often it is asked for meanwhile, and broken off when nobody wants it.

import type { CoarseVolume } from "./coarse";

export interface CoarseMakerInput {
  /** Makes it; `pause` is waited for after each slice, and rejects to break off. */
  readonly make: (pause: () => Promise<void>) => Promise<CoarseVolume>;
  /** Lets the page go on where it has waited long enough. */
  readonly rest: () => Promise<void>;
  readonly wanted: () => boolean;
}

class Unwanted extends Error {}

export class CoarseMaker {
  readonly #input: CoarseMakerInput;
  #made: Promise<CoarseVolume> | undefined;

  constructor(input: CoarseMakerInput) {
    this.#input = input;
  }

  /** Undefined when it is no longer wanted; then, or when it failed, it is made anew the next time. */
  async get(): Promise<CoarseVolume | undefined> {
    const made = (this.#made ??= this.#make());
    try {
      return await made;
    } catch (error) {
      if (this.#made === made) this.#made = undefined;
      if (error instanceof Unwanted) return undefined;
      throw error;
    }
  }

  #make(): Promise<CoarseVolume> {
    const { make, rest, wanted } = this.#input;
    return make(async () => {
      await rest();
      if (wanted()) return;
      // Whoever asks from now on wants one that is not broken off.
      this.#made = undefined;
      throw new Unwanted();
    });
  }
}
