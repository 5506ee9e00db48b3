// Wheel: scrolls through the slices, or enlarges while Ctrl is held. Fine-grained wheels and touch pads add up to steps.

import type { TaskSession } from "../pages/task-session";
import type { PlaneName } from "../volume/planes";
import type { PanePoint } from "./drag";

/** A notch of a mouse wheel is 100 to 120 pixels; half of that is a step, so that no notch is lost. */
const PIXELS_PER_STEP = 50;
const PIXELS_PER_LINE = 40;
const ZOOM_PER_PIXEL = 0.002;
/** No single event goes further than this, however hard the wheel was spun. */
const LARGEST_ZOOM_PIXELS = 200;

export interface WheelTurn {
  readonly deltaY: number;
  readonly deltaMode: number;
  readonly ctrlKey: boolean;
}

export class Wheel {
  #rest = 0;

  /** Whole slices that a turn amounts to; what is left over counts for the next turn. */
  stepsOf(turn: WheelTurn): number {
    const pixels = turn.deltaMode === 0 ? turn.deltaY : turn.deltaY * PIXELS_PER_LINE;
    if (Math.abs(pixels) >= PIXELS_PER_STEP) {
      this.#rest = 0;
      return Math.sign(pixels) * Math.max(1, Math.floor(Math.abs(pixels) / (2 * PIXELS_PER_STEP)));
    }
    this.#rest += pixels;
    const steps = Math.trunc(this.#rest / PIXELS_PER_STEP);
    this.#rest -= steps * PIXELS_PER_STEP;
    return steps;
  }

  turn(session: TaskSession, pane: PlaneName, turn: WheelTurn, at: PanePoint): void {
    if (turn.ctrlKey) {
      const pixels = Math.max(-LARGEST_ZOOM_PIXELS, Math.min(LARGEST_ZOOM_PIXELS, turn.deltaY));
      session.zoom(pane, Math.exp(-pixels * ZOOM_PER_PIXEL), at);
      return;
    }
    const steps = this.stepsOf(turn);
    if (steps !== 0) session.scroll(pane, steps);
  }
}
