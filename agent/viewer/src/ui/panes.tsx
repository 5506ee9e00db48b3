// The pictures in their places. Opens the session once every pane stands in the page.

import { Waiting } from "@ringfence/web/parts";
import { useCallback, useEffect, useRef } from "react";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import type { PlaneName } from "../volume/planes";
import { Pane } from "./pane";
import { Pane3D } from "./pane-3d";
import { PreviewBar } from "./preview-bar";
import { useStore } from "./store";

export function Panes({ session }: { readonly session: TaskSession }): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const elements = useRef(new Map<PlaneName, HTMLDivElement>());
  const { slicesReady, failed } = useStore(session.progress);
  const { maximised, scene } = useStore(session.settings);
  const { kind, noScene } = session.presentation;
  const total = session.grid.dimensions[2];

  const onElement = useCallback((name: PlaneName, element: HTMLDivElement | null): void => {
    if (element) elements.current.set(name, element);
    else elements.current.delete(name);
  }, []);

  useEffect(() => {
    session.open(elements.current);
    return () => session.close();
  }, [session]);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => session.resize());
    observer.observe(element);
    return () => observer.disconnect();
  }, [session]);

  useEffect(() => session.resize(), [session, maximised, scene]);

  return (
    <div ref={frame} className="panes" data-kind={kind} data-scene={noScene === undefined ? scene : "off"} data-testid="panes" data-complete={slicesReady === total || undefined}>
      {session.planes.map((plane) => (
        <Pane key={plane.name} session={session} plane={plane} onElement={onElement} />
      ))}
      {kind === "volume" && noScene === undefined ? <Pane3D session={session} /> : null}
      {noScene === undefined ? null : <p className="no-scene" data-testid="no-scene">No 3D: {noScene}.</p>}
      {session.presentation.kind === "stack" && session.presentation.reasons.length > 0 ? (
        <p className="stack-reason" data-testid="stack-reason">
          One pane only: {session.presentation.reasons.join("; ")}.
        </p>
      ) : null}
      {slicesReady < total && !failed ? (
        <div className="receiving">
          <Waiting what="Receiving slices" done={slicesReady} total={total} />
        </div>
      ) : null}
      <PreviewBar session={session} />
    </div>
  );
}
