// Shapes: the left button draws a new one, or takes hold of one that is there.

import type { DragTool } from "./drag";

export const shape: DragTool = (session, pane, start) => session.desk.begin(pane, start);
