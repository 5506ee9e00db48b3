// The log of work in the browser: which operations were made, which can be undone and redone, and what was answered.
// It turns what a person does into operations; sending them is the save queue's part.

import type { Answer } from "@ringfence/web/instruction";
import type { ChangeSlice, Operation, PaintOperation, PaintTool, Work } from "../api/types";
import type { Labels } from "./labels";
import { inverse } from "./runs";

export interface LogStep {
  readonly operation: Operation;
  /** The slices (k) whose picture changed; undefined when the change is known to the agent alone. */
  readonly touched: ReadonlySet<number> | undefined;
}

export class WorkLog {
  readonly #labels: Labels;
  readonly #newId: () => string;
  readonly #paints = new Map<string, PaintOperation>();
  #undo: string[] = [];
  #redo: string[] = [];
  #answers = new Map<number, Answer>();

  constructor(labels: Labels, newId: () => string) {
    this.#labels = labels;
    this.#newId = newId;
  }

  /** Takes over what the agent holds. */
  load(work: Work): void {
    this.#labels.load(work.slices);
    this.#paints.clear();
    for (const operation of work.operations) this.#paints.set(operation.id, operation);
    this.#undo = work.undo.map((reference) => reference.operation_id);
    this.#redo = work.redo.map((reference) => reference.operation_id);
    this.#answers = new Map(work.answers.map((entry) => [entry.question_id, entry.answer]));
  }

  get canUndo(): boolean {
    return this.#undo.length > 0;
  }

  get canRedo(): boolean {
    return this.#redo.length > 0;
  }

  get answers(): ReadonlyMap<number, Answer> {
    return this.#answers;
  }

  /** Records a stroke that is already in the label map; nothing when it changed nothing. */
  paint(tool: PaintTool, slices: readonly ChangeSlice[]): PaintOperation | undefined {
    if (slices.length === 0) return undefined;
    const operation: PaintOperation = { id: this.#newId(), kind: "paint", tool, slices };
    this.#paints.set(operation.id, operation);
    this.#undo.push(operation.id);
    // A new stroke closes the way forward, here as at the agent.
    this.#redo = [];
    return operation;
  }

  undo(): LogStep | undefined {
    const target = this.#undo.pop();
    if (target === undefined) return undefined;
    this.#redo.push(target);
    const paint = this.#paints.get(target);
    return {
      operation: { id: this.#newId(), kind: "undo", operation_id: target },
      touched: paint && this.#apply(inverse(paint.slices)),
    };
  }

  redo(): LogStep | undefined {
    const target = this.#redo.pop();
    if (target === undefined) return undefined;
    this.#undo.push(target);
    const paint = this.#paints.get(target);
    return {
      operation: { id: this.#newId(), kind: "redo", operation_id: target },
      touched: paint && this.#apply(paint.slices),
    };
  }

  answer(questionId: number, answer: Answer | null): Operation {
    // The map is replaced and never changed, so that whoever holds the old one can tell what is new.
    const answers = new Map(this.#answers);
    if (answer === null) answers.delete(questionId);
    else answers.set(questionId, answer);
    this.#answers = answers;
    return { id: this.#newId(), kind: "answer", question_id: questionId, answer };
  }

  #apply(slices: readonly ChangeSlice[]): ReadonlySet<number> {
    this.#labels.apply(slices);
    return new Set(slices.map((slice) => slice.k));
  }
}
