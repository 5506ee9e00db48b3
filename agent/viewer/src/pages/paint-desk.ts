// The brushes under the hand: disc and ball, eraser, and the brush that paints only within a range of values. A stroke is
// written into the label map while the button is held, and becomes one operation when it is let go.

import { labelOf } from "@ringfence/web/instruction";
import type { InstructionObject } from "@ringfence/web/instruction";
import type { ChangeSlice, PaintTool } from "../api/types";
import { voxelsOfStep } from "../segmentation/brush";
import type { BrushForm } from "../segmentation/brush";
import type { Labels } from "../segmentation/labels";
import { mayChange } from "../segmentation/masking";
import { Stroke } from "../segmentation/stroke";
import { rangeAround } from "../segmentation/value-range";
import type { ValueRange } from "../segmentation/value-range";
import type { Drag } from "../tools/drag";
import { Store } from "../ui/store";
import type { Point } from "../volume/affine";
import type { Presentation } from "../volume/description";
import { indexOf } from "../volume/grid";
import type { PlaneName } from "../volume/planes";
import type { Settings } from "./settings";
import type { Place } from "./shape-desk";

/** The stroke under the held button, as far as it was drawn with the last move. */
export interface LiveStroke {
  readonly pane: PlaneName | undefined;
  readonly label: number;
  /** Voxels that changed with the last move. */
  readonly fresh: readonly number[];
}

/** What the desk needs of the task around it. */
export interface PaintRoom {
  readonly labels: Labels;
  readonly presentation: Presentation;
  readonly settings: Store<Settings>;
  readonly mayDraw: boolean;
  readonly chosenObject: InstructionObject | undefined;
  place(name: PlaneName, point: Point): Place | undefined;
  /** The value at an offset of the volume; undefined while it has not arrived. */
  valueOf(offset: number): number | undefined;
  noteEdit(): void;
  /** The label map changed under the hand. */
  drawing(): void;
  /** A stroke was ended, and is saved. */
  painted(tool: PaintTool, changes: readonly ChangeSlice[]): void;
  /** A stroke was broken off in these slices (k). */
  unpainted(slices: ReadonlySet<number>): void;
  change(settings: Partial<Settings>): void;
}

/** The tools that paint along the path of the cursor. */
export type BrushTool = Extract<PaintTool, "brush" | "eraser" | "sphere" | "threshold">;

const BRUSHES: ReadonlySet<string> = new Set<BrushTool>(["brush", "eraser", "sphere", "threshold"]);

export function isBrush(tool: string): tool is BrushTool {
  return BRUSHES.has(tool);
}

/** The form of a brush; eraser and threshold brush have the one that was chosen for them. */
export function brushForm({ tool, ball }: Pick<Settings, "tool" | "ball">): BrushForm {
  if (tool === "sphere") return "ball";
  return tool === "brush" ? "disc" : ball ? "ball" : "disc";
}

export class PaintDesk {
  readonly live = new Store<LiveStroke>({ pane: undefined, label: 0, fresh: [] });
  readonly #room: PaintRoom;
  #stroke: Stroke | undefined;

  constructor(room: PaintRoom) {
    this.#room = room;
  }

  get busy(): boolean {
    return this.#stroke !== undefined;
  }

  begin(name: PlaneName, start: Point): Drag | undefined {
    const place = this.#room.place(name, start);
    const { tool } = this.#room.settings.value;
    const chosen = this.#room.chosenObject && labelOf(this.#room.chosenObject);
    if (!place || !this.#room.mayDraw || this.#stroke || chosen === undefined || !isBrush(tool)) return undefined;
    const stroke = this.#strokeFor(place, chosen);
    this.#stroke = stroke;
    this.live.set({ pane: name, label: stroke.label, fresh: [] });
    const move = (point: Point): void => this.#move(stroke, name, point);
    move(start);
    return { move, end: () => this.#end(stroke, tool), cancel: () => this.#stroke === stroke && this.escape() };
  }

  /** Breaks off the stroke under the hand; false when there is none. */
  escape(): boolean {
    const stroke = this.#stroke;
    if (!stroke) return false;
    this.#stroke = undefined;
    this.live.set({ pane: undefined, fresh: [] });
    this.#room.unpainted(stroke.cancel());
    return true;
  }

  /** Takes the range of the threshold brush from what lies under it: mean ± 2 standard deviations. */
  sample(name: PlaneName, point: Point): void {
    const place = this.#room.place(name, point);
    if (!place) return;
    const { radiusMm } = this.#room.settings.value;
    const { axis, slice, inSlice } = place;
    const { labels, presentation } = this.#room;
    const { spacingMm } = presentation.gridAt(axis === 2 ? slice : 0);
    const offsets = voxelsOfStep({ grid: { ...labels.grid, spacingMm }, axis, slice, from: inSlice, to: inSlice, radiusMm, form: "disc" });
    const range = rangeAround(offsets.flatMap((offset) => this.#room.valueOf(offset) ?? []));
    if (range) this.#room.change({ threshold: range });
  }

  #strokeFor({ axis, slice }: Place, chosen: number): Stroke {
    const { settings, labels, presentation } = this.#room;
    const { tool, radiusMm, threshold, masking } = settings.value;
    const within = tool === "threshold" ? this.#within(threshold) : () => true;
    return new Stroke(labels, {
      axis,
      slice,
      radiusMm,
      form: brushForm(settings.value),
      label: tool === "eraser" ? 0 : chosen,
      spacingMm: presentation.gridAt(axis === 2 ? slice : 0).spacingMm,
      accepts: (offset) => within(offset) && mayChange(masking, chosen, labels.at(offset)) && presentation.inPicture(indexOf(labels.grid, offset)),
    });
  }

  #within({ low, high }: ValueRange): (offset: number) => boolean {
    return (offset) => {
      const value = this.#room.valueOf(offset);
      return value !== undefined && value >= low && value <= high;
    };
  }

  #move(stroke: Stroke, name: PlaneName, point: Point): void {
    const place = this.#room.place(name, point);
    if (!place || this.#stroke !== stroke) return;
    this.#room.noteEdit();
    // The pane shows the stroke by itself; drawing all pictures again with each move would lag behind the hand.
    this.live.set({ fresh: stroke.moveTo(place.inSlice) });
    this.#room.drawing();
  }

  #end(stroke: Stroke, tool: BrushTool): void {
    if (this.#stroke !== stroke) return;
    this.#stroke = undefined;
    const changes = stroke.changes();
    this.live.set({ pane: undefined, fresh: [] });
    this.#room.painted(tool, changes);
  }
}
