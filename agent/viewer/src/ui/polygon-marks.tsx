// The polygon of the scissors while it is drawn.

import type { ReactElement } from "react";
import type { PaneView, TaskSession } from "../pages/task-session";
import { toPane } from "../volume/affine";
import type { Plane } from "../volume/planes";
import { useStore } from "./store";

interface PolygonMarksProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

/** Corners nearer together than this belong to a freely drawn edge and have no mark of their own. */
const CORNER_PX = 6;

export function PolygonMarks({ session, plane, view }: PolygonMarksProps): ReactElement | null {
  const { open, tip } = useStore(session.scissors.state);
  const { affine } = view;
  if (open?.pane !== plane.name || !affine) return null;
  const corners = open.corners.map((corner) => toPane(affine, corner));
  const edge = tip ? [...corners, toPane(affine, tip)] : corners;
  const path = edge.map(([x, y], n) => `${n === 0 ? "M" : "L"}${x} ${y}`).join("");
  const shown = corners.filter(([x, y], n) => {
    const before = corners[n - 1];
    return !before || Math.hypot(x - before[0], y - before[1]) >= CORNER_PX;
  });
  return (
    <svg className="marks" aria-hidden="true" data-testid="polygon" data-corners={corners.length}>
      <path className="polygon-inside" d={`${path}Z`} />
      <path className="polygon-shadow" d={path} />
      <path className="polygon-line" d={path} />
      {shown.map(([x, y], n) => <circle key={n} className="polygon-corner" data-first={n === 0 || undefined} cx={x} cy={y} r={n === 0 ? 5 : 3} />)}
    </svg>
  );
}
