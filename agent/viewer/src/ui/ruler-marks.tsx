// Measured lengths over a picture, each with its label.

import { decimal } from "@ringfence/web/format";
import type { ReactElement } from "react";
import { lengthOf, pixelsOf } from "../pages/ruler-desk";
import type { Measurement } from "../pages/ruler-desk";
import type { PaneView, TaskSession } from "../pages/task-session";
import { toPane } from "../volume/affine";
import type { SliceAffine } from "../volume/affine";
import type { Plane } from "../volume/planes";
import { useStore } from "./store";

interface RulerMarksProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

const TICK_PX = 5;
const LABEL_PX = 8;

export function RulerMarks({ session, plane, view }: RulerMarksProps): ReactElement | null {
  const { measurements, selected } = useStore(session.ruler.state);
  const { affine } = view;
  const here = measurements.filter(({ axis, slice }) => axis === plane.axis && slice === view.slice);
  if (!affine || here.length === 0) return null;
  return (
    <svg className="marks" aria-hidden="true">
      {here.map((measurement) => (
        <Length key={measurement.id} session={session} measurement={measurement} affine={affine} chosen={measurement.id === selected} />
      ))}
    </svg>
  );
}

interface LengthProps {
  readonly session: TaskSession;
  readonly measurement: Measurement;
  readonly affine: SliceAffine;
  readonly chosen: boolean;
}

function Length({ session, measurement, affine, chosen }: LengthProps): ReactElement {
  const [from, to] = [toPane(affine, measurement.from), toPane(affine, measurement.to)];
  const length = Math.max(1e-6, Math.hypot(to[0] - from[0], to[1] - from[1]));
  const [x, y] = [((to[1] - from[1]) / length) * TICK_PX, ((from[0] - to[0]) / length) * TICK_PX];
  const path = `M${from[0]} ${from[1]}L${to[0]} ${to[1]}` + [from, to].map((end) => `M${end[0] - x} ${end[1] - y}L${end[0] + x} ${end[1] + y}`).join("");
  const right = from[0] > to[0] ? from : to;
  return (
    <g className="ruler" data-testid="ruler" data-selected={chosen || undefined}>
      <path className="ruler-shadow" d={path} />
      <path className="ruler-line" d={path} />
      <text className="shape-measure" x={right[0] + LABEL_PX} y={right[1] - LABEL_PX / 2}>
        {lengthText(session, measurement)}
      </text>
    </g>
  );
}

function lengthText(session: TaskSession, measurement: Measurement): string {
  const { calibratedAt, gridAt } = session.presentation;
  const k = measurement.axis === 2 ? measurement.slice : 0;
  return calibratedAt(k) ? `${decimal(lengthOf(gridAt(k), measurement), 1)} mm` : `${decimal(pixelsOf(measurement), 0)} px`;
}
