// What the left button does for the tools of the agent: background seeds, the pick of an island, prompts for a model. While
// something is under way or waits for a decision it draws nothing, and says so.

import { LOOKING, isComputed } from "../pages/settings";
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
  return tool === "islands" ? pick : nothing;
}
