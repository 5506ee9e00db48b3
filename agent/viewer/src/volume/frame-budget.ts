// How large a three-dimensional picture may be drawn: as large as it is on the screen where the machine is quick, and
// coarser where a frame would take longer than a hand or an eye waits. Pure: times are arguments.

/** A picture that turns under the hand. */
const MOVING_MS = 80;
/** A picture that stands still. */
const STILL_MS = 400;
/** Below this share of the pane's width and height nothing is recognised any more. */
export const COARSEST = 0.2;
/** The first guess, before anything was measured. */
const FIRST = 0.35;

export type Motion = "moving" | "still";

export class FrameBudget {
  #msPerPixel: number | undefined;

  /** What a frame of so many pixels took. */
  note(pixels: number, tookMs: number): void {
    const now = tookMs / Math.max(1, pixels);
    // A frame may be held up by something else: quicker is believed at once, slower only by and by.
    this.#msPerPixel = this.#msPerPixel === undefined || now < this.#msPerPixel ? now : (this.#msPerPixel + now) / 2;
  }

  /** Forgets, because something else is drawn from now on. */
  reset(): void {
    this.#msPerPixel = undefined;
  }

  /** By which factor the sides of a picture of so many pixels have to be made smaller, 0.2 to 1. */
  scale(pixels: number, motion: Motion): number {
    if (this.#msPerPixel === undefined) return FIRST;
    const share = (motion === "moving" ? MOVING_MS : STILL_MS) / (this.#msPerPixel * Math.max(1, pixels));
    return Math.min(1, Math.max(COARSEST, Math.sqrt(share)));
  }
}
