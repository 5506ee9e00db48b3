// Boxes, lines and points over a picture, with their measures. Widths are those of the screen, places those of the voxels.

import { decimal } from "@ringfence/web/format";
import type { Shape } from "@ringfence/web/instruction";
import type { ReactElement } from "react";
import type { PaneView, TaskSession } from "../pages/task-session";
import { edgesMm, lengthMm } from "../segmentation/shape-geometry";
import { cornersOf, handlesOf, sectionOf } from "../segmentation/shape-section";
import type { Section } from "../segmentation/shape-section";
import { toPane } from "../volume/affine";
import type { Point, SliceAffine } from "../volume/affine";
import { axesInSlice } from "../volume/grid";
import type { Plane } from "../volume/planes";
import { useStore } from "./store";

interface ShapeMarksProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

const HANDLE_PX = 8;
const CROSSING_PX = 8;
const POINT_ARM_PX = 10;
const POINT_GAP_PX = 3;

export function ShapeMarks({ session, plane, view }: ShapeMarksProps): ReactElement | null {
  const { hidden } = useStore(session.settings);
  const { selected } = useStore(session.desk.state);
  useStore(session.progress);
  const { affine } = view;
  if (!affine || hidden) return null;
  return (
    <svg className="marks" aria-hidden="true">
      {session.desk.seen.map((shape) => {
        const section = sectionOf(shape.form, { axis: plane.axis, slice: view.slice });
        const colour = session.object(shape.object_id)?.colour;
        if (!section || colour === undefined) return null;
        return (
          <g key={shape.id} className="shape" data-shape={shape.form.type} data-object={shape.object_id} data-selected={shape.id === selected || undefined} data-dim={(section.kind !== "box" && section.dim) || undefined} stroke={colour} fill={colour}>
            <Drawn section={section} affine={affine} />
            {shape.id === selected ? <Handles section={section} affine={affine} /> : null}
            <Measure text={measureText(session, shape, plane)} section={section} affine={affine} widthPx={view.widthPx} />
          </g>
        );
      })}
    </svg>
  );
}

interface SectionProps {
  readonly section: Section;
  readonly affine: SliceAffine;
}

/** Each line twice: dark and wide below, so that it is seen on bone as on air. */
export function Drawn({ section, affine }: SectionProps): ReactElement {
  const path = pathOf(section, affine);
  return (
    <>
      <path className="shape-shadow" d={path} />
      <path className="shape-line" d={path} />
      {section.kind === "line" && section.ends.length === 0 ? <Crossing section={section} affine={affine} /> : null}
      {section.kind === "line" ? section.ends.map(({ end, at, dim }) => <End key={end} at={toPane(affine, at)} dim={dim && !section.dim} />) : null}
    </>
  );
}

/** Where a line goes straight through the slice, so that there is hardly a length to see. */
function Crossing({ section, affine }: { readonly section: Extract<Section, { readonly kind: "line" }>; readonly affine: SliceAffine }): ReactElement | null {
  const [from, to] = [toPane(affine, section.from), toPane(affine, section.to)];
  if (Math.hypot(to[0] - from[0], to[1] - from[1]) > CROSSING_PX) return null;
  return <circle className="shape-crossing" cx={(from[0] + to[0]) / 2} cy={(from[1] + to[1]) / 2} r={CROSSING_PX / 2} />;
}

function End({ at, dim }: { readonly at: Point; readonly dim: boolean }): ReactElement {
  return <circle className="shape-end" data-dim={dim || undefined} cx={at[0]} cy={at[1]} r={3} />;
}

function pathOf(section: Section, affine: SliceAffine): string {
  switch (section.kind) {
    case "point": {
      const [x, y] = toPane(affine, section.at);
      const arms = [[1, 0], [-1, 0], [0, 1], [0, -1]] as const;
      return arms.map(([a, b]) => `M${x + a * POINT_GAP_PX} ${y + b * POINT_GAP_PX}L${x + a * POINT_ARM_PX} ${y + b * POINT_ARM_PX}`).join("");
    }
    case "line": {
      const [from, to] = [toPane(affine, section.from), toPane(affine, section.to)];
      return `M${from[0]} ${from[1]}L${to[0]} ${to[1]}`;
    }
    case "box":
      return `${cornersOf(section, affine).map(([x, y], n) => `${n === 0 ? "M" : "L"}${x} ${y}`).join("")}Z`;
  }
}

export function Handles({ section, affine }: SectionProps): ReactElement {
  if (section.kind === "point") {
    const [x, y] = toPane(affine, section.at);
    return <circle className="shape-ring" cx={x} cy={y} r={14} />;
  }
  return (
    <>
      {handlesOf(section).map(({ handle, at }) => {
        const [x, y] = toPane(affine, at);
        return <rect key={JSON.stringify(handle)} className="shape-handle" x={x - HANDLE_PX / 2} y={y - HANDLE_PX / 2} width={HANDLE_PX} height={HANDLE_PX} />;
      })}
    </>
  );
}

/** The measure of a shape in words; slices of a stack do not fill space, so only what lies in a slice is measured there. */
export function measureText(session: TaskSession, shape: Shape, plane?: Plane): string | undefined {
  const { presentation } = session;
  const k = Math.round(shape.form.type === "box" ? shape.form.lower[2] : shape.form.type === "line" ? shape.form.from[2] : shape.form.at[2]);
  const [grid, calibrated] = [presentation.gridAt(k), presentation.calibratedAt(k)];
  const unit = calibrated ? "mm" : "px";
  if (shape.form.type === "point") return undefined;
  if (shape.form.type === "line") {
    const length = lengthMm(grid, shape.form);
    return length === undefined || (presentation.kind === "stack" && shape.form.from[2] !== shape.form.to[2]) ? undefined : `${decimal(length, calibrated ? 1 : 0)} ${unit}`;
  }
  const edges = edgesMm(grid, shape.form);
  const across = plane?.axis ?? 2;
  const [first, second] = axesInSlice(across);
  const shown = presentation.kind === "stack" ? [edges[first], edges[second]] : [edges[first], edges[second], edges[across]];
  return `${shown.map((edge) => decimal(edge, calibrated ? 1 : 0)).join(" × ")} ${unit}`;
}

/** Wide enough for a character of the measures. */
const CHARACTER_PX = 7;
const BESIDE_PX = 8;

interface MeasureProps extends SectionProps {
  readonly text: string | undefined;
  readonly widthPx: number;
}

/** To the right of a shape, or to its left where the pane ends. */
function Measure({ text, section, affine, widthPx }: MeasureProps): ReactElement | null {
  if (text === undefined || section.kind === "point") return null;
  const places = section.kind === "line" ? [toPane(affine, section.from), toPane(affine, section.to)] : cornersOf(section, affine);
  const utmost = (sign: 1 | -1): Point => places.reduce((best, place) => (sign * place[0] > sign * best[0] || (place[0] === best[0] && place[1] < best[1]) ? place : best));
  const right = utmost(1);
  const fits = right[0] + BESIDE_PX + text.length * CHARACTER_PX <= widthPx;
  const [x, y] = fits ? right : utmost(-1);
  return (
    <text className="shape-measure" x={fits ? x + BESIDE_PX : x - BESIDE_PX} y={y - 4} textAnchor={fits ? "start" : "end"}>
      {text}
    </text>
  );
}
