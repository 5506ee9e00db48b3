// Polygon scissors under the hand: corners by clicks or along a held button, and one operation when the polygon is closed.

import { labelOf } from "@ringfence/web/instruction";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { ChangeSlice, PaintTool } from "../api/types";
import type { SlicePoint } from "../segmentation/brush";
import { LabelEdit } from "../segmentation/edit";
import type { Labels } from "../segmentation/labels";
import { mayChange } from "../segmentation/masking";
import { eachOfCut } from "../segmentation/polygon";
import type { Reach, Side } from "../segmentation/polygon";
import type { Drag } from "../tools/drag";
import { Store } from "../ui/store";
import { toPane } from "../volume/affine";
import type { Point } from "../volume/affine";
import type { Presentation } from "../volume/description";
import { indexOf } from "../volume/grid";
import type { Axis } from "../volume/grid";
import type { PlaneName } from "../volume/planes";
import type { Settings } from "./settings";
import type { Place } from "./shape-desk";

export type CutAction = "erase_inside" | "erase_outside" | "fill_inside";

/** What the scissors do, and how deep. */
export interface CutSettings {
  readonly action: CutAction;
  readonly reach: Reach["kind"];
  /** To either side of the slice, where the reach is a depth. */
  readonly depthMm: number;
}

interface ScissorsRoom {
  readonly labels: Labels;
  readonly presentation: Presentation;
  readonly settings: Store<Settings>;
  readonly mayDraw: boolean;
  readonly chosenObject: InstructionObject | undefined;
  place(name: PlaneName, point: Point): Place | undefined;
  noteEdit(): void;
  painted(tool: PaintTool, changes: readonly ChangeSlice[]): void;
}

interface OpenPolygon {
  readonly pane: PlaneName;
  readonly axis: Axis;
  readonly slice: number;
  readonly corners: readonly SlicePoint[];
}

export interface ScissorsState {
  readonly open: OpenPolygon | undefined;
  /** Where the next corner would be. */
  readonly tip: SlicePoint | undefined;
}

/** A press this near to the first corner closes the polygon. */
const CLOSING_PX = 8;
/** How far the cursor goes between two corners of a freely drawn edge. */
const FREE_STEP_PX = 3;
const FEWEST_CORNERS = 3;

export class ScissorsDesk {
  readonly state = new Store<ScissorsState>({ open: undefined, tip: undefined });
  readonly #room: ScissorsRoom;

  constructor(room: ScissorsRoom) {
    this.#room = room;
  }

  get busy(): boolean {
    return this.state.value.open !== undefined;
  }

  press(name: PlaneName, start: Point): Drag | undefined {
    const place = this.#room.place(name, start);
    if (!place || !this.#room.mayDraw || this.#label === undefined) return undefined;
    const { open } = this.state.value;
    if (open && open.pane !== name) return undefined;
    const first = open?.corners[0];
    if (open && first && open.corners.length >= FEWEST_CORNERS && distancePx(toPane(place.affine, first), start) <= CLOSING_PX) {
      this.close();
      return undefined;
    }
    this.#add(name, place);
    let last = start;
    return {
      move: (point) => {
        const next = this.#room.place(name, point);
        if (!next || !this.busy || distancePx(point, last) < FREE_STEP_PX) return;
        last = point;
        this.#add(name, next);
      },
      end: () => undefined,
      cancel: () => this.escape(),
    };
  }

  /** Shows the edge to the cursor. */
  hover(name: PlaneName, point: Point): void {
    if (this.state.value.open?.pane === name) this.state.set({ tip: this.#room.place(name, point)?.inSlice });
  }

  /** Takes the last corner back; false when there is none. */
  stepBack(): boolean {
    const { open } = this.state.value;
    if (!open) return false;
    const corners = open.corners.slice(0, -1);
    this.state.set({ open: corners.length > 0 ? { ...open, corners } : undefined });
    return true;
  }

  /** Breaks off; false when nothing was begun. */
  escape(): boolean {
    if (!this.busy) return false;
    this.state.set({ open: undefined, tip: undefined });
    return true;
  }

  /** Joins the last corner to the first and cuts; false when there is no polygon yet. */
  close(): boolean {
    const { open } = this.state.value;
    const label = this.#label;
    if (!open || open.corners.length < FEWEST_CORNERS || label === undefined || !this.#room.mayDraw) return false;
    this.escape();
    const { labels, presentation, settings } = this.#room;
    const { cut, masking } = settings.value;
    const edit = new LabelEdit(labels);
    const reach: Reach = cut.reach === "depth" ? { kind: "depth", depthMm: cut.depthMm } : { kind: cut.reach };
    const side: Side = cut.action === "erase_outside" ? "outside" : "inside";
    eachOfCut({ ...open, grid: labels.grid, reach }, side, (offset) => {
      if (!mayChange(masking, label, labels.at(offset))) return;
      if (cut.action !== "fill_inside") {
        if (labels.at(offset) === label) edit.set(offset, 0);
      } else if (presentation.inPicture(indexOf(labels.grid, offset))) edit.set(offset, label);
    });
    this.#room.painted("scissors", edit.changes());
    return true;
  }

  get #label(): number | undefined {
    return this.#room.chosenObject && labelOf(this.#room.chosenObject);
  }

  #add(name: PlaneName, { axis, slice, inSlice }: Place): void {
    const { open } = this.state.value;
    this.#room.noteEdit();
    this.state.set({ open: { pane: name, axis, slice, corners: [...(open?.corners ?? []), inSlice] }, tip: inSlice });
  }
}

function distancePx(from: Point, to: Point): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}
