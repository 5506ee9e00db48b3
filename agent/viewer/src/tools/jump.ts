// Jump: the other panes go to the slices through the voxel under the cursor.

import type { DragTool } from "./drag";

export const jump: DragTool = (session, pane, start) => {
  const go = (point: readonly [number, number]): void => {
    const index = session.locate(pane, point)?.index;
    if (index) session.jumpTo(index, pane);
  };
  go(start);
  return { move: go, end: () => undefined, cancel: () => undefined };
};
