// One stroke while the button is held: it writes into the label map at once and remembers what was there.

import { voxelsOfStep } from "./brush";
import type { BrushStep, SlicePoint } from "./brush";
import type { Labels } from "./labels";
import { changesOf } from "./runs";
import type { ChangeSlice } from "../api/types";

export interface StrokeSettings extends Omit<BrushStep, "grid" | "from" | "to"> {
  /** The label to write; 0 erases. */
  readonly label: number;
}

export class Stroke {
  readonly #labels: Labels;
  readonly #settings: StrokeSettings;
  readonly #before = new Map<number, number>();
  #last: SlicePoint | undefined;

  constructor(labels: Labels, settings: StrokeSettings) {
    this.#labels = labels;
    this.#settings = settings;
  }

  get label(): number {
    return this.#settings.label;
  }

  /** Draws from the last point to this one and answers with the offsets of the voxels that changed. */
  moveTo(point: SlicePoint): readonly number[] {
    const { axis, slice, radiusMm, label } = this.#settings;
    const from = this.#last ?? point;
    this.#last = point;
    const changed: number[] = [];
    for (const offset of voxelsOfStep({ grid: this.#labels.grid, axis, slice, from, to: point, radiusMm })) {
      const old = this.#labels.at(offset);
      if (old === label) continue;
      if (!this.#before.has(offset)) this.#before.set(offset, old);
      this.#labels.set(offset, label);
      changed.push(offset);
    }
    return changed;
  }

  /** What the stroke changed, ready for the log. */
  changes(): ChangeSlice[] {
    return changesOf(this.#before, this.#labels.values, this.#labels.perSlice);
  }

  /** Puts everything back, for a stroke that was broken off; answers with the slices that changed. */
  cancel(): Set<number> {
    const touched = new Set<number>();
    for (const [offset, old] of this.#before) {
      this.#labels.set(offset, old);
      touched.add(Math.floor(offset / this.#labels.perSlice));
    }
    this.#before.clear();
    return touched;
  }
}
