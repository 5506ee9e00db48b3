// Ruler: the left button measures from here to there, or takes hold of a measurement that is there.

import type { DragTool } from "./drag";

export const ruler: DragTool = (session, pane, start) => session.ruler.begin(pane, start);
