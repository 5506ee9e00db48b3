// The prompts over a picture, and the outline of the brush where scribbles are drawn.

import type { Shape } from "@ringfence/web/instruction";
import type { ReactElement } from "react";
import { INSIDE } from "../pages/assist-desk";
import type { PaneView, TaskSession } from "../pages/task-session";
import { sectionOf } from "../segmentation/shape-section";
import { toPane } from "../volume/affine";
import type { Plane } from "../volume/planes";
import { BrushOutline } from "./brush-outline";
import { Drawn, Handles } from "./shape-marks";
import { useStore } from "./store";

interface AssistMarksProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  readonly view: PaneView;
}

const POINT_PX = 7;
const ARM_PX = 3.5;

export function AssistMarks(props: AssistMarksProps): ReactElement | null {
  const { tool, hidden } = useStore(props.session.settings);
  if (hidden) return null;
  return (
    <svg className="marks" aria-hidden="true" data-testid={`prompts-${props.plane.name}`}>
      {tool === "assist" ? <Prompts {...props} /> : null}
      {tool === "grow" || tool === "assist" ? <ScribbleOutline {...props} /> : null}
    </svg>
  );
}

function Prompts(props: AssistMarksProps): ReactElement {
  const { hand, state } = props.session.computed.assist;
  const { selected } = useStore(hand.state);
  useStore(state);
  return (
    <>
      {hand.seen.map((shape) => (
        <Prompt key={shape.id} {...props} shape={shape} selected={shape.id === selected} />
      ))}
    </>
  );
}

function Prompt({ plane, view, shape, selected }: AssistMarksProps & { readonly shape: Shape; readonly selected: boolean }): ReactElement | null {
  const section = sectionOf(shape.form, { axis: plane.axis, slice: view.slice });
  const { affine } = view;
  if (!section || !affine || section.kind === "line") return null;
  if (section.kind === "box") {
    return (
      <g className="shape prompt-box" data-prompt="box" data-selected={selected || undefined}>
        <Drawn section={section} affine={affine} />
        {selected ? <Handles section={section} affine={affine} /> : null}
      </g>
    );
  }
  const [x, y] = toPane(affine, section.at);
  const inside = shape.object_id === INSIDE;
  return (
    <g className="prompt-point" data-prompt={inside ? "inside" : "outside"} data-selected={selected || undefined} data-dim={section.dim || undefined}>
      <circle cx={x} cy={y} r={POINT_PX} />
      <path d={`M${x - ARM_PX} ${y}H${x + ARM_PX}${inside ? `M${x} ${y - ARM_PX}V${y + ARM_PX}` : ""}`} />
    </g>
  );
}

function ScribbleOutline(props: AssistMarksProps): ReactElement | null {
  const { tool } = useStore(props.session.settings);
  const { mode } = useStore(props.session.computed.assist.state);
  return tool === "grow" || mode === "scribble" ? <BrushOutline {...props} look="scribble" /> : null;
}
