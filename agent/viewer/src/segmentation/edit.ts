// One change of the label map while it is made: written at once, and remembered slice by slice, so that it can become
// one operation or be taken back as if it had never been, however many voxels it touches.

import type { ChangeSlice } from "../api/types";
import type { Labels } from "./labels";
import { changesBetween } from "./runs";

export class LabelEdit {
  readonly #labels: Labels;
  /** What the touched slices (k) were; undefined where nothing was drawn. */
  readonly #before = new Map<number, Uint8Array | undefined>();

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  /** Writes a label; true when the voxel had another one. */
  set(offset: number, label: number): boolean {
    const labels = this.#labels;
    if (labels.at(offset) === label) return false;
    const k = Math.floor(offset / labels.perSlice);
    if (!this.#before.has(k)) this.#before.set(k, labels.touched(k) ? labels.slice(k).slice() : undefined);
    labels.set(offset, label);
    return true;
  }

  /** What changed, as sorted and disjoint runs, ready for the log. */
  changes(): ChangeSlice[] {
    const slices = [...this.#before.keys()].sort((first, second) => first - second);
    return slices.flatMap((k) => {
      const runs = changesBetween(this.#before.get(k), this.#labels.slice(k));
      return runs.length > 0 ? [{ k, runs }] : [];
    });
  }

  /** Puts everything back; answers with the slices that it had changed. */
  cancel(): ReadonlySet<number> {
    const touched = new Set(this.#before.keys());
    for (const [k, values] of this.#before) this.#labels.restore(k, values);
    this.#before.clear();
    return touched;
  }
}
