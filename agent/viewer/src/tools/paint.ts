// Brush and eraser: the stroke follows the cursor and is saved as one operation when the button is let go.

import type { DragTool } from "./drag";

export const paint: DragTool = (session, pane, start) => {
  if (!session.beginStroke(pane, start)) return undefined;
  return {
    move: (point) => session.moveStroke(pane, point),
    end: () => session.endStroke(),
    cancel: () => session.cancelStroke(),
  };
};
