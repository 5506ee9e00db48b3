// The frame of the settings of a tool of the agent: its name, what it does, what stands in its way, and the button that
// starts it.

import type { ReactElement, ReactNode } from "react";
import type { PlainTool } from "../pages/preview-tools";
import type { TaskSession } from "../pages/task-session";
import { StartButton } from "./preview-parts";
import { useStore } from "./store";

export interface SettingProps {
  readonly session: TaskSession;
}

const TITLES: Readonly<Record<PlainTool, string>> = {
  grow: "Grow from seeds", fill: "Fill between slices", islands: "Islands", smooth: "Smooth", margin: "Margin", combine: "Combine", region: "Region",
};

interface ToolSettingProps extends SettingProps {
  readonly tool: PlainTool;
  readonly words: ReactNode;
  /** Undefined when a click on a picture starts it. */
  readonly starts: string | undefined;
  readonly children: ReactNode;
}

export function Setting({ session, tool, words, starts, children }: ToolSettingProps): ReactElement {
  const { tools, previews } = session.computed;
  // What stands in the way depends on the drawing, on what was chosen, and on what is under way.
  useStore(session.progress);
  useStore(tools.choices);
  useStore(session.settings);
  const { phase } = useStore(previews.state);
  const obstacle = tools.obstacle(tool);
  return (
    <div className="tool-setting computed-setting" role="group" aria-label={`${TITLES[tool]} settings`} data-testid={`setting-${tool}`}>
      <strong className="tool-title">{TITLES[tool]}</strong>
      <p className="tool-words">{words}</p>
      {children}
      {obstacle === undefined ? null : <p className="tool-words tool-obstacle">{obstacle}</p>}
      {starts === undefined ? null : <StartButton text={starts} disabled={obstacle !== undefined || phase.kind !== "idle"} enters={phase.kind === "idle"} onStart={() => tools.run(tool)} />}
    </div>
  );
}
