// What a held button does to a pane until it is let go. One tool, one file; this one says what a tool is.

import type { TaskSession } from "../pages/task-session";
import type { PlaneName } from "../volume/planes";

/** Pane point in CSS pixels from the pane's top left corner. */
export type PanePoint = readonly [number, number];

export interface Drag {
  readonly move: (point: PanePoint) => void;
  readonly end: () => void;
  /** The drag was broken off and leaves nothing behind. */
  readonly cancel: () => void;
}

/** Begins a drag; undefined when the tool has nothing to do there. */
export type DragTool = (session: TaskSession, pane: PlaneName, start: PanePoint) => Drag | undefined;

export const LEFT_BUTTON = 0;
export const MIDDLE_BUTTON = 1;
export const RIGHT_BUTTON = 2;
