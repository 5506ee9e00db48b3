// Tells the agent what the person did and when, every half minute, while the page is seen and has the keyboard.

import type { SpanAgo, SpanKind } from "../api/types";
import type { Time } from "../segmentation/save-queue";
import { SpanCollector } from "../segmentation/spans";

const SEND_EVERY_MS = 30_000;

export class TimeKeeper {
  readonly #spans = new SpanCollector();
  readonly #send: (spans: readonly SpanAgo[]) => Promise<boolean>;
  readonly #time: Time;
  #sending: Promise<void> | undefined;
  #cancelWait: (() => void) | undefined;

  constructor(send: (spans: readonly SpanAgo[]) => Promise<boolean>, time: Time) {
    this.#send = send;
    this.#time = time;
  }

  readonly note = (kind: SpanKind): void => {
    if (document.visibilityState === "visible" && document.hasFocus()) this.#spans.note(kind, this.#time.now());
  };

  start(): void {
    this.#wait();
    document.addEventListener("visibilitychange", this.#onHide);
    window.addEventListener("pagehide", this.#onHide);
  }

  stop(): void {
    this.#cancelWait?.();
    document.removeEventListener("visibilitychange", this.#onHide);
    window.removeEventListener("pagehide", this.#onHide);
    void this.flush();
  }

  /** Sends what is there; spans that do not arrive are kept for the next time. */
  async flush(): Promise<void> {
    await this.#sending;
    this.#sending ??= this.#sendAll();
    await this.#sending;
  }

  readonly #onHide = (event: Event): void => {
    if (event.type === "pagehide" || document.visibilityState === "hidden") void this.flush();
  };

  async #sendAll(): Promise<void> {
    const spans = this.#spans.take(this.#time.now());
    if (spans.length > 0) {
      if (await this.#send(spans)) this.#spans.arrived();
      else this.#spans.lost();
    }
    this.#sending = undefined;
  }

  #wait(): void {
    this.#cancelWait = this.#time.after(SEND_EVERY_MS, () => {
      this.#wait();
      void this.flush();
    });
  }
}
