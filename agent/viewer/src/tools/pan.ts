// Pan: the picture goes with the cursor.

import type { DragTool } from "./drag";

export const pan: DragTool = (session, pane, start) => {
  let last = start;
  return {
    move: (point) => {
      session.pan(pane, point[0] - last[0], point[1] - last[1]);
      last = point;
    },
    end: () => undefined,
    cancel: () => undefined,
  };
};
