// The log of work in the browser: which operations were made, which can be undone and redone, and what was said. Strokes
// and shapes share one history. It turns what a person does into operations; sending them is the save queue's part.

import type { Answer, Presence, Shape } from "@ringfence/web/instruction";
import type { ChangeSlice, Operation, PaintTool, PastShape, Work } from "../api/types";
import type { Labels } from "./labels";
import { inverse } from "./runs";

export interface LogStep {
  readonly operation: Operation;
  /** The slices (k) whose labels changed; undefined when the change is known to the agent alone. */
  readonly touched: ReadonlySet<number> | undefined;
}

/** What an operation changed, so that it can be taken back. */
type Change =
  | { readonly kind: "paint"; readonly slices: readonly ChangeSlice[] }
  | { readonly kind: "shape"; readonly shapeId: string; readonly before: Shape | undefined; readonly after: Shape | undefined };

export class WorkLog {
  readonly #labels: Labels;
  readonly #newId: () => string;
  readonly #changes = new Map<string, Change>();
  #undo: string[] = [];
  #redo: string[] = [];
  // The maps are replaced and never changed, so that whoever holds an old one can tell what is new.
  #answers: ReadonlyMap<number, Answer> = new Map();
  #statements: ReadonlyMap<number, Presence> = new Map();
  #shapes: ReadonlyMap<string, Shape> = new Map();

  constructor(labels: Labels, newId: () => string) {
    this.#labels = labels;
    this.#newId = newId;
  }

  /** Takes over what the agent holds. */
  load(work: Work): void {
    this.#labels.load(work.slices);
    this.#changes.clear();
    for (const operation of work.operations) this.#changes.set(operation.id, operation.kind === "paint" ? { kind: "paint", slices: operation.slices } : shapeChange(operation));
    this.#undo = work.undo.map((reference) => reference.operation_id);
    this.#redo = work.redo.map((reference) => reference.operation_id);
    this.#answers = new Map(work.answers.map((entry) => [entry.question_id, entry.answer]));
    this.#statements = new Map(work.statements.map((entry) => [entry.object_id, entry.presence]));
    this.#shapes = new Map(work.shapes.map((shape) => [shape.id, shape]));
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

  /** What was stated of objects, by id. */
  get statements(): ReadonlyMap<number, Presence> {
    return this.#statements;
  }

  /** By id, in the order in which they were drawn. */
  get shapes(): ReadonlyMap<string, Shape> {
    return this.#shapes;
  }

  /** Records a stroke that is already in the label map; nothing when it changed nothing. */
  paint(tool: PaintTool, slices: readonly ChangeSlice[]): Operation | undefined {
    if (slices.length === 0) return undefined;
    const id = this.#record({ kind: "paint", slices });
    return { id, kind: "paint", tool, slices };
  }

  /** Draws what the agent computed, as one step. */
  accept(tool: PaintTool, slices: readonly ChangeSlice[], preview: string): Operation {
    this.#labels.apply(slices);
    return { id: this.#record({ kind: "paint", slices }), kind: "paint", tool, slices, preview };
  }

  /** Draws a shape, or changes the one that has its id. */
  putShape(shape: Shape): Operation {
    const id = this.#record({ kind: "shape", shapeId: shape.id, before: this.#shapes.get(shape.id), after: shape });
    this.#setShape(shape.id, shape);
    return { id, kind: "put_shape", shape };
  }

  /** Nothing when there is no such shape. */
  removeShape(shapeId: string): Operation | undefined {
    const before = this.#shapes.get(shapeId);
    if (!before) return undefined;
    const id = this.#record({ kind: "shape", shapeId, before, after: undefined });
    this.#setShape(shapeId, undefined);
    return { id, kind: "remove_shape", shape_id: shapeId };
  }

  undo(): LogStep | undefined {
    const target = this.#undo.pop();
    if (target === undefined) return undefined;
    this.#redo.push(target);
    return { operation: { id: this.#newId(), kind: "undo", operation_id: target }, touched: this.#apply(target, "back") };
  }

  redo(): LogStep | undefined {
    const target = this.#redo.pop();
    if (target === undefined) return undefined;
    this.#undo.push(target);
    return { operation: { id: this.#newId(), kind: "redo", operation_id: target }, touched: this.#apply(target, "forward") };
  }

  answer(questionId: number, answer: Answer | null): Operation {
    this.#answers = replaced(this.#answers, questionId, answer ?? undefined);
    return { id: this.#newId(), kind: "answer", question_id: questionId, answer };
  }

  state(objectId: number, presence: Presence | null): Operation {
    this.#statements = replaced(this.#statements, objectId, presence ?? undefined);
    return { id: this.#newId(), kind: "state", object_id: objectId, presence };
  }

  #record(change: Change): string {
    const id = this.#newId();
    this.#changes.set(id, change);
    this.#undo.push(id);
    // Something new closes the way forward, here as at the agent.
    this.#redo = [];
    return id;
  }

  #apply(operationId: string, way: "back" | "forward"): ReadonlySet<number> | undefined {
    const change = this.#changes.get(operationId);
    if (!change) return undefined;
    if (change.kind === "shape") {
      this.#setShape(change.shapeId, way === "back" ? change.before : change.after);
      return new Set();
    }
    this.#labels.apply(way === "back" ? inverse(change.slices) : change.slices);
    return new Set(change.slices.map((slice) => slice.k));
  }

  #setShape(shapeId: string, shape: Shape | undefined): void {
    this.#shapes = replaced(this.#shapes, shapeId, shape);
  }
}

function shapeChange(operation: PastShape): Change {
  const before = operation.before ?? undefined;
  return operation.kind === "put_shape"
    ? { kind: "shape", shapeId: operation.shape.id, before, after: operation.shape }
    : { kind: "shape", shapeId: operation.shape_id, before, after: undefined };
}

/** A copy with one entry set, or taken out when its value is undefined. */
function replaced<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): ReadonlyMap<K, V> {
  const next = new Map(map);
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  return next;
}
