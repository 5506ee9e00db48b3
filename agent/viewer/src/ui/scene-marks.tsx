// Over the 3D picture: the box of the volume with the patient's directions, and the point that the panes show.

import { useLayoutEffect, useRef, useState } from "react";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { indexToWorld, scaled } from "../volume/grid";
import type { Vector3 } from "../volume/grid";
import { projected, rightOf } from "../volume/orbit";
import type { Orbit } from "../volume/orbit";
import { patientLetters } from "../volume/planes";
import { sceneBall } from "./scene-drawing";
import { useStore } from "./store";

const ARM_PX = 9;
const GAP_PX = 3;
/** Corners of the box by bits: which of them an edge joins differs in one bit. */
const EDGES = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((corner) => [1, 2, 4].filter((bit) => (corner & bit) === 0).map((bit) => [corner, corner | bit] as const));

type Point = readonly [number, number];

export function SceneMarks({ session }: { readonly session: TaskSession }): ReactElement {
  const frame = useRef<SVGSVGElement>(null);
  const [size, setSize] = useState<Point>([0, 0]);
  const { orbit } = useStore(session.scene.state);
  const { crossLines, cornerText } = useStore(session.settings);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const measure = (): void => setSize([element.clientWidth, element.clientHeight]);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const { centre, radiusMm } = sceneBall(session.grid);
  const place = (point: Vector3): Point => {
    const [right, up] = projected(orbit, centre, radiusMm, point);
    return [size[0] / 2 + (right * size[1]) / 2, size[1] / 2 - (up * size[1]) / 2];
  };
  return (
    <svg ref={frame} className="marks" aria-hidden="true">
      {cornerText ? <Box session={session} place={place} /> : null}
      {crossLines ? <ShownPoint session={session} place={place} /> : null}
      <Facing orbit={orbit} size={size} />
    </svg>
  );
}

interface PlacedProps {
  readonly session: TaskSession;
  readonly place: (point: Vector3) => Point;
}

function Box({ session: { grid }, place }: PlacedProps): ReactElement {
  const corner = (bits: number): Point => {
    const index = [0, 1, 2].map((axis) => ((bits >> axis) & 1 ? (grid.dimensions[axis] ?? 1) - 0.5 : -0.5));
    return place(indexToWorld(grid, [index[0] ?? 0, index[1] ?? 0, index[2] ?? 0]));
  };
  const path = EDGES.map(([from, to]) => `M${corner(from).join(" ")}L${corner(to).join(" ")}`).join("");
  return <path className="scene-box" d={path} />;
}

/** The voxel in which the shown slices of the three panes meet. */
function ShownPoint({ session, place }: PlacedProps): ReactElement | null {
  const index: [number, number, number] = [0, 0, 0];
  for (const plane of session.planes) index[plane.axis] = session.panes.get(plane.name)?.value.slice ?? 0;
  useSlices(session);
  const [x, y] = place(indexToWorld(session.grid, index));
  const path = [[1, 0], [-1, 0], [0, 1], [0, -1]].map(([a = 0, b = 0]) => `M${x + a * GAP_PX} ${y + b * GAP_PX}L${x + a * ARM_PX} ${y + b * ARM_PX}`).join("");
  return (
    <g data-testid="scene-point" data-voxel={index.join(",")}>
      <path className="shape-shadow" d={path} />
      <path className="scene-point" d={path} />
    </g>
  );
}

/** Draws again when a pane shows another slice. */
function useSlices(session: TaskSession): void {
  const [, redraw] = useState(0);
  useLayoutEffect(() => {
    const stops = [...session.panes.values()].map((view) => view.subscribe(() => redraw((count) => count + 1)));
    return () => {
      for (const stop of stops) stop();
    };
  }, [session]);
}

/** The patient's directions at the edges, as in the other panes. */
function Facing({ orbit, size }: { readonly orbit: Orbit; readonly size: Point }): ReactElement {
  const right = rightOf(orbit);
  return (
    <g className="scene-letters">
      <text x={size[0] - 10} y={size[1] / 2 + 4} textAnchor="end">{patientLetters(right)}</text>
      <text x={10} y={size[1] / 2 + 4}>{patientLetters(scaled(right, -1))}</text>
      <text x={size[0] / 2} y={size[1] - 8} textAnchor="middle">{patientLetters(scaled(orbit.up, -1))}</text>
    </g>
  );
}
