// The outline of what a brush would touch, under the cursor: of the brushes that paint, and of those that scribble.

import type { ReactElement } from "react";
import type { PaneView, TaskSession } from "../pages/task-session";
import type { Plane } from "../volume/planes";
import { useStore } from "./store";

interface BrushOutlineProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
  readonly look: "brush" | "scribble";
  /** Of what is painted; without one, the line is white. */
  readonly colour?: string | undefined;
}

const CLASSES = { brush: "brush-outline", scribble: "brush-outline scribble-outline" } as const;

/** Nothing while the cursor is elsewhere. */
export function BrushOutline({ session, plane, view, look, colour }: BrushOutlineProps): ReactElement | null {
  const { plane: over, point } = useStore(session.hover);
  const { radiusMm, tool } = useStore(session.settings);
  if (over !== plane.name || !view.affine) return null;
  const circle = { cx: point[0], cy: point[1], r: radiusMm / view.mmPerPixel };
  return (
    <>
      <circle className="brush-shadow" {...circle} />
      <circle className={CLASSES[look]} data-testid={`${look}-outline`} data-tool={tool} stroke={colour} {...circle} />
    </>
  );
}
