// Cine: the button that plays a loop, its rate, and all that stops it.

import { trimmed } from "@ringfence/web/format";
import { useEffect } from "react";
import type { ReactElement } from "react";
import type { TaskSession } from "../pages/task-session";
import { typesText } from "../tools/focus";
import { useStore } from "./store";

/** Nothing where the images are no loop. */
export function CineSetting({ session }: { readonly session: TaskSession }): ReactElement | null {
  const { rate } = session.cine;
  const { playing } = useStore(session.cine.state);
  useInterruption(session, rate !== undefined);
  useBeginning(session);
  if (!rate) return null;
  return (
    <div className="tool-setting" role="group" aria-label="Cine" data-testid="cine" data-playing={playing || undefined}>
      <span>Cine</span>
      <span className="cine-rate">{trimmed(1_000 / rate.frameMs, 1)} frames/s</span>
      <button type="button" className="small-button tool-wide" data-cine aria-keyshortcuts="W" onClick={() => session.cine.toggle()}>
        {playing ? "Stop" : "Play"} <kbd aria-hidden="true">W</kbd>
      </button>
      {rate.frameMs === rate.recordedMs ? null : <p className="tool-words">Recorded at {trimmed(1_000 / rate.recordedMs, 2)} frames/s.</p>}
    </div>
  );
}

/** The button and the key start and stop it themselves. */
function isForCine(event: Event): boolean {
  if (event.target instanceof Element && event.target.closest("[data-cine]")) return true;
  return event instanceof KeyboardEvent && event.key.toLowerCase() === "w" && !event.ctrlKey && !event.metaKey && !event.altKey && !typesText(event.target);
}

function useInterruption(session: TaskSession, loops: boolean): void {
  useEffect(() => {
    if (!loops) return;
    const stop = new AbortController();
    const onInput = (event: Event): void => {
      if (isForCine(event) || !session.cine.interrupt()) return;
      // A press that stops a picture that moves draws nothing on the one that happens to be there.
      if (event.type === "pointerdown" && event.target instanceof Element && event.target.closest(".pane")) event.stopPropagation();
    };
    for (const type of ["pointerdown", "wheel", "keydown"]) window.addEventListener(type, onInput, { signal: stop.signal, capture: true, passive: true });
    document.addEventListener("visibilitychange", () => document.hidden && session.cine.stop(), { signal: stop.signal });
    return () => {
      stop.abort();
      session.cine.stop();
    };
  }, [session, loops]);
}

/** Plays when all frames are here, for those who want things to move and have no decision to make first. */
function useBeginning(session: TaskSession): void {
  const { slicesReady, opened } = useStore(session.progress);
  const complete = opened && slicesReady === session.grid.dimensions[2];
  useEffect(() => {
    if (complete && !matchMedia("(prefers-reduced-motion: reduce)").matches && !session.computed.previews.holds) session.cine.begin();
  }, [session, complete]);
}
