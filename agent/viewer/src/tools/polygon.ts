// Scissors: a click sets a corner, a held button draws freely.

import type { DragTool } from "./drag";

export const polygon: DragTool = (session, pane, start) => session.scissors.press(pane, start);
