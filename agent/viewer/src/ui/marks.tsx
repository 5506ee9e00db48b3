// The marks over a picture: where the other panes cut it, and the outline of the brush under the cursor.

import type { ReactElement } from "react";
import { isBrush } from "../pages/paint-desk";
import { UNDRAWN } from "../pages/task-session";
import type { PaneView, TaskSession } from "../pages/task-session";
import { toPane } from "../volume/affine";
import type { Point } from "../volume/affine";
import { axesInSlice } from "../volume/grid";
import type { Plane } from "../volume/planes";
import { BrushOutline } from "./brush-outline";
import { Store, useStore } from "./store";

interface MarksProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

export function Marks({ session, plane, view }: MarksProps): ReactElement {
  const { crossLines } = useStore(session.settings);
  return (
    <svg className="marks" aria-hidden="true">
      {crossLines
        ? session.planes.filter((other) => other.name !== plane.name).map((other) => <CrossLine key={other.name} session={session} plane={plane} view={view} other={other} />)
        : null}
      <PaintOutline session={session} plane={plane} view={view} />
    </svg>
  );
}

const NO_VIEW = new Store<PaneView>(UNDRAWN);

function CrossLine({ session, plane, view, other }: MarksProps & { readonly other: Plane }): ReactElement | null {
  const { slice } = useStore(session.panes.get(other.name) ?? NO_VIEW);
  if (!view.affine) return null;
  const [first, second] = axesInSlice(plane.axis);
  const ends: readonly [Point, Point] =
    other.axis === first
      ? [[slice, -0.5], [slice, session.grid.dimensions[second] - 0.5]]
      : [[-0.5, slice], [session.grid.dimensions[first] - 0.5, slice]];
  const [from, to] = [toPane(view.affine, ends[0]), toPane(view.affine, ends[1])];
  return <line className="cross-line" data-plane={other.name} x1={from[0]} y1={from[1]} x2={to[0]} y2={to[1]} />;
}

/** The outline of a brush that paints, in the colour of what it paints. */
function PaintOutline({ session, plane, view }: MarksProps): ReactElement | null {
  const { tool, objectId } = useStore(session.settings);
  if (!isBrush(tool)) return null;
  return <BrushOutline session={session} plane={plane} view={view} look="brush" colour={tool === "eraser" ? undefined : session.object(objectId)?.colour} />;
}
