// What a person is told in one line over the pictures, such as why a key did nothing.

import { Store } from "../ui/store";

export interface Remark {
  /** Quiet ones go away by themselves. */
  readonly tone: "quiet" | "needs" | "bad";
  readonly text: string;
}

export class Note {
  /** `times` tells the same words said again from those said before. */
  readonly state = new Store<{ readonly said: Remark | undefined; readonly times: number }>({ said: undefined, times: 0 });

  say(text: string, tone: Remark["tone"] = "quiet"): void {
    this.state.set({ said: { tone, text }, times: this.state.value.times + 1 });
  }

  /** What was said is no longer of interest. */
  readonly hush = (): void => this.state.set({ said: undefined });
}
