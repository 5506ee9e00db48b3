// Brushes: the stroke follows the cursor and is saved as one operation when the button is let go.

import type { DragTool } from "./drag";

export const paint: DragTool = (session, pane, start) => session.paint.begin(pane, start);

/** Takes the range of the threshold brush from the picture under the cursor, for as long as the button is held. */
export const sample: DragTool = (session, pane, start) => {
  session.paint.sample(pane, start);
  return { move: (point) => session.paint.sample(pane, point), end: () => undefined, cancel: () => undefined };
};
