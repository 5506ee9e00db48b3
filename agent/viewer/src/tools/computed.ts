// What the left button does for the tools of the agent: background seeds, the pick of an island, prompts for a model. While
// something is under way or waits for a decision it draws nothing, and says so.

import { LOOKING, isComputed, offers } from "../pages/settings";
import type { ComputedTool } from "../pages/settings";
import type { TaskSession } from "../pages/task-session";
import { BACKGROUND } from "../pages/preview-tools";
import type { Drag, DragTool, PanePoint } from "./drag";
import type { PlaneName } from "../volume/planes";

const background: DragTool = ({ computed }, pane, start) => computed.tools.scribble(computed.tools.background, BACKGROUND, pane, start);

const rubOut: DragTool = ({ computed }, pane, start) => computed.tools.scribble(computed.tools.background, 0, pane, start);

const pick: DragTool = (session, pane, start) => {
  session.computed.tools.pick(pane, start);
  return undefined;
};

const touch: DragTool = (session, pane, start) => {
  session.computed.tools.touch(pane, start);
  return undefined;
};

const nothing: DragTool = () => undefined;

const held: DragTool = (session) => {
  session.computed.previews.refusesToDraw();
  return undefined;
};

function prompt(turned: boolean): DragTool {
  return (session: TaskSession, pane: PlaneName, start: PanePoint): Drag | undefined => {
    const { assist, tools } = session.computed;
    assist.turn(turned);
    return assist.state.value.mode === "scribble" ? tools.scribble(assist.scribbles, assist.scribbleValue, pane, start) : assist.hand.begin(pane, start);
  };
}

/** Undefined when the left button belongs to another tool. */
export function computedTool(session: TaskSession, altKey: boolean): DragTool | undefined {
  const { tool } = session.settings.value;
  // Prompts stay open to change, so that the model can be asked again.
  if (tool === "assist") return prompt(altKey);
  if (session.computed.previews.holds && !LOOKING.has(tool)) return held;
  if (!isComputed(tool)) return undefined;
  if (tool === "grow") return altKey ? rubOut : background;
  if (tool === "region") return touch;
  return tool === "islands" ? pick : nothing;
}

function choose(session: TaskSession, tool: ComputedTool): void {
  if (offers(tool, session.task, session.presentation.kind)) session.chooseTool(tool);
}

/** Across the slices of the pane under the cursor. */
function fill(session: TaskSession): void {
  const axis = session.planes.find((plane) => plane.name === session.hover.value.plane)?.axis;
  if (axis !== undefined) session.computed.tools.choices.set({ fillAxis: axis });
  choose(session, "fill");
}

export const COMPUTED_KEYS: Readonly<Record<string, (session: TaskSession) => void>> = {
  g: (session) => choose(session, "grow"),
  f: fill,
  i: (session) => choose(session, "islands"),
  j: (session) => choose(session, "smooth"),
  a: (session) => choose(session, "assist"),
};

/** With Shift, since each letter by itself has a meaning. */
export const SHIFTED_KEYS: Readonly<Record<string, (session: TaskSession) => void>> = {
  r: (session) => choose(session, "region"),
  m: (session) => choose(session, "margin"),
  c: (session) => choose(session, "combine"),
};

export const COMPUTED_KEY_HELP: readonly { readonly keys: readonly string[]; readonly what: string }[] = [
  { keys: ["G"], what: "Grow from seeds; a drag marks background, Alt and drag rubs it out" },
  { keys: ["F"], what: "Fill between the slices of the pane under the cursor" },
  { keys: ["I"], what: "Islands" },
  { keys: ["J"], what: "Smooth" },
  { keys: ["Shift", "R"], what: "Region of like values; a click says where" },
  { keys: ["Shift", "M"], what: "Margin: grow, shrink, or make a shell" },
  { keys: ["Shift", "C"], what: "Combine objects, or fill holes" },
  { keys: ["A"], what: "Assist by a model; Alt turns inside and outside round" },
  { keys: ["Enter"], what: "Start the tool, or accept its preview" },
  { keys: ["Esc"], what: "Cancel what is computed, or reject its preview" },
];
