// The 3D pane: what it shows, the hand that turns it, and the point of the other panes in it.

import { useEffect, useRef } from "react";
import type { ReactElement, RefObject } from "react";
import { SCENE_SHOWS } from "../pages/settings";
import type { SceneShows } from "../pages/settings";
import type { TaskSession } from "../pages/task-session";
import { leaveControl } from "../tools/focus";
import { STANDARD_VIEWS } from "../volume/orbit";
import { presetsOf } from "../volume/volume-presets";
import { SceneDrawing } from "./scene-drawing";
import { SceneMarks } from "./scene-marks";
import { useStore } from "./store";

const RADIANS_PER_PIXEL = 0.01;
const ZOOM_PER_PIXEL = 0.002;
const ARROW_RAD = Math.PI / 12;
const NAMES: Readonly<Record<SceneShows, string>> = { surfaces: "Surfaces", volume: "Volume", off: "Off" };
const VIEW_NAMES = ["Front", "Back", "Left", "Right", "Head", "Feet"];

function useTurning(session: TaskSession, frame: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const stop = new AbortController();
    const listen = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void =>
      element.addEventListener(type, listener, { signal: stop.signal, passive: false });
    let last: readonly [number, number] | undefined;
    const onControl = (event: Event): boolean => event.target instanceof Element && event.target.closest("button, select") !== null;
    listen("pointerenter", () => {
      leaveControl(document.activeElement);
      session.hover.set({ plane: "scene", index: undefined });
    });
    listen("pointerleave", () => session.unpoint());
    listen("pointerdown", (event) => {
      if (onControl(event)) return;
      element.focus({ preventScroll: true });
      element.setPointerCapture(event.pointerId);
      last = [event.clientX, event.clientY];
      event.preventDefault();
    });
    listen("pointermove", (event) => {
      if (!last) return;
      session.scene.turn((event.clientX - last[0]) * RADIANS_PER_PIXEL, (event.clientY - last[1]) * RADIANS_PER_PIXEL);
      last = [event.clientX, event.clientY];
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"] as const) listen(end, () => (last = undefined));
    listen("contextmenu", (event) => event.preventDefault());
    listen("wheel", (event) => {
      event.preventDefault();
      session.scene.zoom(Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) * ZOOM_PER_PIXEL));
    });
    listen("keydown", (event) => {
      const turn = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!turn || onControl(event)) return;
      session.scene.turn((turn[0] ?? 0) * ARROW_RAD, (turn[1] ?? 0) * ARROW_RAD);
      event.preventDefault();
    });
    return () => stop.abort();
  }, [session, frame]);
}

/** Starts the drawing while there is something to show, and tells it of turns and sizes. */
function useDrawing(session: TaskSession, picture: RefObject<HTMLDivElement | null>, shows: SceneShows): void {
  const drawing = useRef<SceneDrawing | undefined>(undefined);
  const on = shows !== "off";
  useEffect(() => {
    if (!on || !picture.current) return;
    const made = new SceneDrawing(session, picture.current);
    drawing.current = made;
    let { orbit } = session.scene.state.value;
    const stop = session.scene.state.subscribe(() => {
      if (session.scene.state.value.orbit === orbit) return;
      ({ orbit } = session.scene.state.value);
      made.turned();
    });
    const sizes = new ResizeObserver(() => made.resize());
    sizes.observe(picture.current);
    made.start().catch(() => session.scene.missing());
    return () => {
      stop();
      sizes.disconnect();
      drawing.current = undefined;
      made.close();
    };
  }, [session, picture, on]);
  useEffect(() => {
    void drawing.current?.show();
  }, [shows]);
}

export function Pane3D({ session }: { readonly session: TaskSession }): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const { scene: shows, maximised } = useStore(session.settings);
  const state = useStore(session.scene.state);
  useTurning(session, frame);
  useDrawing(session, picture, shows);
  return (
    <div
      ref={frame}
      className="pane pane-3d"
      role="application"
      tabIndex={0}
      aria-label="3D picture"
      data-testid="pane-scene"
      data-pane="scene"
      data-shows={shows}
      data-frames={state.frames}
      data-triangles={state.triangles}
      data-settled={state.settled || undefined}
      data-maximised={maximised === "scene" || undefined}
      data-behind={(maximised !== undefined && maximised !== "scene") || undefined}
    >
      <div ref={picture} className="pane-picture" />
      {shows === "off" ? null : <SceneMarks session={session} />}
      <SceneControls session={session} />
      {shows === "surfaces" && state.triangles === 0 && state.notice === undefined ? <p className="scene-empty">Surfaces appear as objects are drawn</p> : null}
      {state.notice === undefined ? null : <p className="scene-notice" role="status">{state.notice}</p>}
    </div>
  );
}

function SceneControls({ session }: { readonly session: TaskSession }): ReactElement {
  const { scene: shows } = useStore(session.settings);
  const { preset } = useStore(session.scene.state);
  const { modality, minimum, maximum } = session.task.volume;
  return (
    <div className="scene-controls">
      <div className="scene-group" role="group" aria-label="3D shows">
        <span className="scene-title" aria-hidden="true">3D</span>
        {SCENE_SHOWS.map((one) => (
          <button key={one} type="button" className="scene-button" aria-pressed={shows === one} onClick={() => session.scene.show(one)}>
            {NAMES[one]}
          </button>
        ))}
      </div>
      {shows === "volume" ? (
        <select className="scene-select" aria-label="Look of the volume" value={preset} onChange={(event) => session.scene.state.set({ preset: Number(event.currentTarget.value) })}>
          {presetsOf(modality, minimum, maximum).map(({ name }, n) => <option key={name} value={n}>{name}</option>)}
        </select>
      ) : null}
      {shows === "off" ? null : (
        <div className="scene-group scene-views" role="group" aria-label="Look from">
          {STANDARD_VIEWS.map((view, n) => (
            <button key={view} type="button" className="scene-button" title={`${VIEW_NAMES[n]} (${n + 1} with the pointer here)`} onClick={() => session.scene.lookFrom(view)}>
              {VIEW_NAMES[n]}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
