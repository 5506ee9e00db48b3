// One stroke while the button is held: it writes into the label map at once and remembers what was there.

import { voxelsOfStep } from "./brush";
import type { BrushStep, SlicePoint } from "./brush";
import { LabelEdit } from "./edit";
import type { Labels } from "./labels";
import type { ChangeSlice } from "../api/types";
import type { Vector3 } from "../volume/grid";

export interface StrokeSettings extends Omit<BrushStep, "grid" | "from" | "to"> {
  /** The label to write; 0 erases. */
  readonly label: number;
  /** The distances of the viewed slice, where it has its own. */
  readonly spacingMm?: Vector3;
  /** Which voxels may be written at all; every one without it. */
  readonly accepts?: (offset: number) => boolean;
}

export class Stroke {
  readonly #labels: Labels;
  readonly #settings: StrokeSettings;
  readonly #edit: LabelEdit;
  #last: SlicePoint | undefined;

  constructor(labels: Labels, settings: StrokeSettings) {
    this.#labels = labels;
    this.#settings = settings;
    this.#edit = new LabelEdit(labels);
  }

  get label(): number {
    return this.#settings.label;
  }

  /** Draws from the last point to this one and answers with the offsets of the voxels that changed. */
  moveTo(point: SlicePoint): readonly number[] {
    const { label, accepts, spacingMm, ...step } = this.#settings;
    const { grid } = this.#labels;
    const from = this.#last ?? point;
    this.#last = point;
    const touched = voxelsOfStep({ ...step, grid: spacingMm ? { ...grid, spacingMm } : grid, from, to: point });
    return touched.filter((offset) => (accepts === undefined || accepts(offset)) && this.#edit.set(offset, label));
  }

  /** What the stroke changed, ready for the log. */
  changes(): ChangeSlice[] {
    return this.#edit.changes();
  }

  /** Puts everything back, for a stroke that was broken off; answers with the slices that changed. */
  cancel(): ReadonlySet<number> {
    return this.#edit.cancel();
  }
}
