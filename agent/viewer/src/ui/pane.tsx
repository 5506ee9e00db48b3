// One pane: the element that the stage draws into, the marks on top of it, and the mouse.

import { useEffect, useRef } from "react";
import type { ReactElement, RefObject } from "react";
import { isBrush } from "../pages/paint-desk";
import { isComputed } from "../pages/settings";
import type { Tool } from "../pages/settings";
import { UNDRAWN } from "../pages/task-session";
import type { TaskSession } from "../pages/task-session";
import { computedTool } from "../tools/computed";
import { LEFT_BUTTON, MIDDLE_BUTTON, RIGHT_BUTTON } from "../tools/drag";
import type { Drag, DragTool, PanePoint } from "../tools/drag";
import { leaveControl } from "../tools/focus";
import { jump } from "../tools/jump";
import { paint, sample } from "../tools/paint";
import { pan } from "../tools/pan";
import { polygon } from "../tools/polygon";
import { ruler } from "../tools/ruler";
import { shape } from "../tools/shape";
import { Wheel } from "../tools/wheel";
import { dragWindow } from "../tools/window";
import { AXIS_NAMES, axesInSlice } from "../volume/grid";
import type { Plane, PlaneName } from "../volume/planes";
import { AssistMarks } from "./assist-marks";
import { CornerText } from "./corner-text";
import { LiveCanvas } from "./live-canvas";
import { Marks } from "./marks";
import { OtherMarks } from "./other-marks";
import { PolygonMarks } from "./polygon-marks";
import { PreviewCanvas } from "./preview-canvas";
import { RulerMarks } from "./ruler-marks";
import { ShapeMarks } from "./shape-marks";
import { Store, useStore } from "./store";

export interface PaneProps {
  readonly session: TaskSession;
  readonly plane: Plane;
  /** Tells the element to draw into, once it stands in the page. */
  readonly onElement: (name: PlaneName, element: HTMLDivElement | null) => void;
}

export const PLANE_TITLES: Readonly<Record<PlaneName, string>> = { axial: "Axial", sagittal: "Sagittal", coronal: "Coronal" };

const HAND_TOOLS: Readonly<Partial<Record<Tool, DragTool>>> = { scissors: polygon, crosshair: jump, ruler };

function toolFor(session: TaskSession, event: PointerEvent): DragTool | undefined {
  if (event.button === MIDDLE_BUTTON) return pan;
  if (event.button === RIGHT_BUTTON) return dragWindow;
  if (event.button !== LEFT_BUTTON) return undefined;
  if (event.shiftKey) return jump;
  const computed = computedTool(session, event.altKey);
  if (computed) return computed;
  const { tool } = session.settings.value;
  if (tool === "threshold" && event.altKey) return sample;
  if (isBrush(tool)) return paint;
  return HAND_TOOLS[tool] ?? shape;
}

/** Shows by the cursor what a press would take hold of; during a drag it stays as it was. */
function showGrip(element: HTMLElement, session: TaskSession, point: PanePoint | undefined, name: PlaneName): void {
  if (!point) return;
  const { tool } = session.settings.value;
  if (isComputed(tool)) return showUnder(element, tool === "assist" ? session.computed.assist.hand.under(name, point) : undefined);
  const under = isBrush(tool) || tool === "scissors" || tool === "crosshair" ? undefined : (tool === "ruler" ? session.ruler : session.desk).under(name, point);
  showUnder(element, under);
}

function showUnder(element: HTMLElement, under: "handle" | "shape" | undefined): void {
  if (under) element.dataset["under"] = under;
  else delete element.dataset["under"];
}

/** Listens on the element itself: React hears the wheel too late to stop the page from scrolling. */
function usePointer(session: TaskSession, name: PlaneName, frame: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const wheel = new Wheel();
    const stop = new AbortController();
    let drag: Drag | undefined;
    const pointOf = (event: MouseEvent): PanePoint => {
      const box = element.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const listen = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void =>
      element.addEventListener(type, listener, { signal: stop.signal, passive: false });
    const finish = (how: "end" | "cancel"): void => {
      const ended = drag;
      drag = undefined;
      ended?.[how]();
    };
    // Keys go where the pointer is.
    listen("pointerenter", () => leaveControl(document.activeElement));
    listen("pointerdown", (event) => {
      if (drag) return;
      element.focus({ preventScroll: true });
      drag = toolFor(session, event)?.(session, name, pointOf(event));
      if (drag) element.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    listen("pointermove", (event) => {
      // A refused submission puts the focus into the form while the pointer rests here; the next real move takes it back.
      if (event.movementX !== 0 || event.movementY !== 0) {
        leaveControl(document.activeElement);
        session.time.note("read");
      }
      // The browser bundles moves; each one counts for the path of a stroke.
      const moves = drag ? event.getCoalescedEvents() : [];
      for (const move of moves.length > 0 ? moves : [event]) drag?.move(pointOf(move));
      session.point(name, pointOf(event));
      session.scissors.hover(name, pointOf(event));
      showGrip(element, session, drag ? undefined : pointOf(event), name);
    });
    listen("dblclick", () => session.scissors.close());
    listen("pointerup", () => finish("end"));
    listen("pointercancel", () => finish("cancel"));
    listen("lostpointercapture", () => finish("end"));
    listen("pointerleave", () => session.unpoint());
    listen("contextmenu", (event) => event.preventDefault());
    listen("wheel", (event) => {
      event.preventDefault();
      if (drag) return;
      wheel.turn(session, name, event, pointOf(event));
      session.point(name, pointOf(event));
    });
    return () => {
      finish("end");
      stop.abort();
    };
  }, [session, name, frame]);
}

const NO_VIEW = new Store(UNDRAWN);

export function Pane({ session, plane, onElement }: PaneProps): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const view = useStore(session.panes.get(plane.name) ?? NO_VIEW);
  const { maximised, cornerText } = useStore(session.settings);
  usePointer(session, plane.name, frame);
  useEffect(() => {
    onElement(plane.name, picture.current);
    return () => onElement(plane.name, null);
  }, [plane.name, onElement]);
  const [first, second] = axesInSlice(plane.axis);
  const geometry = view.affine && {
    axes: [AXIS_NAMES[first], AXIS_NAMES[second]],
    across: AXIS_NAMES[plane.axis],
    slice: view.slice,
    origin: view.affine.origin,
    perA: view.affine.perA,
    perB: view.affine.perB,
  };
  return (
    <div
      ref={frame}
      className="pane"
      role="application"
      tabIndex={0}
      aria-label={`${PLANE_TITLES[plane.name]} pictures`}
      data-testid={`pane-${plane.name}`}
      data-plane={plane.name}
      data-slice={view.slice}
      data-voxel-to-pane={geometry && JSON.stringify(geometry)}
      data-maximised={maximised === plane.name || undefined}
      data-behind={(maximised !== undefined && maximised !== plane.name) || undefined}
    >
      <div ref={picture} className="pane-picture" />
      <LiveCanvas session={session} plane={plane} />
      <PreviewCanvas session={session} plane={plane} view={view} />
      <OtherMarks session={session} plane={plane} view={view} />
      <ShapeMarks session={session} plane={plane} view={view} />
      <RulerMarks session={session} plane={plane} view={view} />
      <PolygonMarks session={session} plane={plane} view={view} />
      <AssistMarks session={session} plane={plane} view={view} />
      <Marks session={session} plane={plane} view={view} />
      {cornerText ? <CornerText session={session} plane={plane} view={view} /> : null}
    </div>
  );
}
