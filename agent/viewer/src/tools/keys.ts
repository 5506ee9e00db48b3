// The keys of the task page: what each does, and the list that the help shows. Letters are those of the buttons.

import type { TaskSession } from "../pages/task-session";
import type { PlaneName } from "../volume/planes";
import { LARGEST_BRUSH_MM, SCENE_SHOWS, SMALLEST_BRUSH_MM } from "../pages/settings";
import { SLAB_MODES } from "../volume/plate";
import { COMPUTED_KEYS, COMPUTED_KEY_HELP, SHIFTED_KEYS } from "./computed";

export interface KeyPress {
  readonly key: string;
  /** Place on the keyboard; digits are told by it, since Alt changes what they type on some systems. */
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
}

export interface PageActions {
  readonly submit: () => void;
  readonly showKeys: () => void;
}

interface KeyHelp {
  readonly keys: readonly string[];
  readonly what: string;
}

/** What an arbiter's page knows besides. */
export const ARBITER_KEYS: readonly KeyHelp[] = [
  { keys: ["Shift", "1–9"], what: "Outlines of A, B, C" },
  { keys: ["D"], what: "Where the others disagree" },
  { keys: ["N"], what: "Next largest disagreement" },
];

export const KEY_HELP: readonly KeyHelp[] = [
  { keys: ["B"], what: "Brush" },
  { keys: ["E"], what: "Eraser" },
  { keys: ["S"], what: "Sphere brush" },
  { keys: ["H"], what: "Threshold brush" },
  { keys: ["Alt", "click"], what: "Threshold from what is under the brush" },
  { keys: ["K"], what: "Scissors" },
  { keys: ["Enter"], what: "Close the polygon, as a double click does" },
  ...COMPUTED_KEY_HELP,
  { keys: ["O"], what: "Box" },
  { keys: ["L"], what: "Line" },
  { keys: ["P"], what: "Point" },
  { keys: ["U"], what: "Ruler" },
  { keys: ["Delete"], what: "Remove the selected shape or length" },
  { keys: ["Esc"], what: "Break off, or select nothing" },
  { keys: ["[", "]"], what: "Smaller or larger brush" },
  { keys: ["Alt", "1–9"], what: "Choose an object" },
  { keys: ["1–9"], what: "Window preset" },
  { keys: ["Z", "Y"], what: "Undo, redo" },
  { keys: ["Space"], what: "Hide the masks while held" },
  { keys: ["Wheel"], what: "Scroll through the slices" },
  { keys: ["↑", "↓"], what: "One slice back or forward" },
  { keys: ["Ctrl", "wheel"], what: "Zoom" },
  { keys: ["Right drag"], what: "Window: width across, centre up and down" },
  { keys: ["Middle drag"], what: "Pan" },
  { keys: ["C"], what: "Crosshair: drag to show a point in all panes" },
  { keys: ["Shift", "click"], what: "The same with any tool" },
  { keys: ["Q"], what: "Slab: off, maximum, minimum, mean" },
  { keys: ["V"], what: "3D: surfaces, volume, off" },
  { keys: ["W"], what: "Cine: play or stop; any other input stops it, too" },
  { keys: ["1–6"], what: "In 3D: from front, back, left, right, head, feet" },
  { keys: ["M"], what: "One pane large, or all" },
  { keys: ["R"], what: "Fit the pictures" },
  { keys: ["X"], what: "Lines of the other panes" },
  { keys: ["T"], what: "Corner text" },
  { keys: ["Ctrl", "Enter"], what: "Submit" },
  { keys: ["?"], what: "This list" },
];

/** Finer steps for small brushes: a tenth of the size, but at least half a millimetre. */
export function resized(radiusMm: number, direction: 1 | -1): number {
  const step = radiusMm < 5 || (radiusMm === 5 && direction < 0) ? 0.5 : radiusMm < 15 || (radiusMm === 15 && direction < 0) ? 1 : 2;
  const next = Math.round((radiusMm + direction * step) * 2) / 2;
  return Math.min(LARGEST_BRUSH_MM, Math.max(SMALLEST_BRUSH_MM, next));
}

function digitOf(press: KeyPress): number | undefined {
  const match = /^(?:Digit|Numpad)([1-9])$/.exec(press.code);
  return match ? Number(match[1]) : undefined;
}

function chooseObject(session: TaskSession, press: KeyPress): boolean {
  const digit = digitOf(press);
  const hotkey = digit === undefined ? press.key.toLowerCase() : String(digit);
  const { objects } = session.task.instruction;
  const object = objects.find((candidate) => candidate.hotkey.toLowerCase() === hotkey);
  if (!object) return false;
  session.chooseObject(object);
  return true;
}

/** The plane under the cursor, or the large one, or the first. */
function planeAtHand(session: TaskSession): PlaneName | undefined {
  const { maximised } = session.settings.value;
  const at = session.hover.value.plane ?? maximised;
  return at === undefined || at === "scene" ? session.planes[0]?.name : at;
}

function toggleMaximised(session: TaskSession): void {
  const { maximised } = session.settings.value;
  session.change({ maximised: maximised ? undefined : (session.hover.value.plane ?? session.planes[0]?.name) });
}

function scroll(session: TaskSession, steps: number): void {
  const pane = planeAtHand(session);
  if (pane) session.scroll(pane, steps);
}

function showNextDisagreement(session: TaskSession): void {
  const k = session.others.nextDisagreement();
  const pane = session.planes.find((plane) => plane.axis === 2)?.name;
  if (k !== undefined && pane) session.showSlice(pane, k);
}

function after<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length] ?? one;
}

function changeSlab(session: TaskSession): void {
  const { noSlab } = session.presentation;
  const { slab } = session.settings.value;
  if (noSlab !== undefined) return session.note.say(`No slab: ${noSlab}.`);
  session.change({ slab: { ...slab, mode: after(SLAB_MODES, slab.mode) } });
}

function changeScene(session: TaskSession): void {
  const { kind, reasons, noScene } = session.presentation;
  const missing = kind === "stack" ? reasons.join("; ") : noScene;
  if (missing !== undefined) return session.note.say(`No 3D: ${missing}.`);
  session.scene.show(after(SCENE_SHOWS, session.settings.value.scene));
}

function removeSelected(session: TaskSession): boolean {
  if (session.settings.value.tool === "assist") return session.computed.assist.hand.removeSelected();
  return session.ruler.removeSelected() || session.desk.removeSelected();
}

const SINGLE_KEYS: Readonly<Record<string, (session: TaskSession) => void>> = {
  ...COMPUTED_KEYS,
  b: (session) => session.chooseTool("brush"),
  e: (session) => session.chooseTool("eraser"),
  o: (session) => session.chooseTool("box"),
  s: (session) => session.chooseTool("sphere"),
  h: (session) => session.chooseTool("threshold"),
  k: (session) => session.chooseTool("scissors"),
  c: (session) => session.chooseTool("crosshair"),
  u: (session) => session.chooseTool("ruler"),
  q: changeSlab,
  v: changeScene,
  w: (session) => {
    if (!session.cine.toggle()) session.note.say("No cine: the images are no loop with a time from frame to frame.");
  },
  l: (session) => session.chooseTool("line"),
  p: (session) => session.chooseTool("point"),
  d: (session) => session.others.toggleDisagreement(),
  n: showNextDisagreement,
  "[": (session) => session.change({ radiusMm: resized(session.settings.value.radiusMm, -1) }),
  "]": (session) => session.change({ radiusMm: resized(session.settings.value.radiusMm, 1) }),
  z: (session) => session.undo(),
  y: (session) => session.redo(),
  m: toggleMaximised,
  r: (session) => {
    session.fitAll();
    session.scene.reset();
  },
  x: (session) => session.change({ crossLines: !session.settings.value.crossLines }),
  t: (session) => session.change({ cornerText: !session.settings.value.cornerText }),
  arrowup: (session) => scroll(session, -1),
  arrowdown: (session) => scroll(session, 1),
  pageup: (session) => scroll(session, -10),
  pagedown: (session) => scroll(session, 10),
};

/** True when the key meant something and the browser should leave it alone. */
export function keyDown(session: TaskSession, actions: PageActions, press: KeyPress): boolean {
  const control = press.ctrlKey || press.metaKey;
  const key = press.key.toLowerCase();
  if (control && key === "enter") {
    actions.submit();
    return true;
  }
  if (control && key === "z") {
    if (press.shiftKey) session.redo();
    else session.undo();
    return true;
  }
  if (control && key === "y") {
    session.redo();
    return true;
  }
  if (control) return false;
  if (press.altKey) return chooseObject(session, press);
  if (key === "?") {
    actions.showKeys();
    return true;
  }
  if (key === " ") {
    if (!press.repeat) session.change({ hidden: true });
    return true;
  }
  if (key === "enter") return session.computed.enter() || session.scissors.close();
  if (key === "escape") return session.escape();
  if (key === "delete" || key === "backspace") return (key === "backspace" && session.scissors.stepBack()) || removeSelected(session);
  const digit = digitOf(press);
  const letter = digit !== undefined && press.shiftKey ? session.task.others[digit - 1] : undefined;
  if (letter !== undefined) {
    session.others.toggle(letter);
    return true;
  }
  if (digit !== undefined) {
    if (!session.scene.view(digit - 1)) session.usePreset(digit - 1);
    return true;
  }
  const action = (press.shiftKey ? SHIFTED_KEYS[key] : undefined) ?? SINGLE_KEYS[key];
  action?.(session);
  return action !== undefined;
}
