// Window: to the right widens, down lowers the centre (the picture gets brighter), as at a radiology workstation.

import type { DragTool } from "./drag";

/** A drag across this many pixels goes through the whole range of values. */
const PIXELS_PER_RANGE = 800;

export const dragWindow: DragTool = (session, _pane, start) => {
  const { minimum, maximum } = session.task.volume;
  const before = session.settings.value;
  const perPixel = Math.max(maximum - minimum, 1e-6) / PIXELS_PER_RANGE;
  return {
    move: (point) => {
      const width = Math.max(perPixel, before.window.width + (point[0] - start[0]) * perPixel);
      const centre = before.window.centre + (point[1] - start[1]) * perPixel;
      session.change({ window: { centre, width }, preset: undefined });
    },
    end: () => undefined,
    cancel: () => session.change({ window: before.window, preset: before.preset }),
  };
};
