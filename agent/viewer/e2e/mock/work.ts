// The log of work as the agent keeps it, in short: it applies operations in order and refuses what does not fit.

import type { Answer, Presence, Shape } from "@ringfence/web/instruction";
import type { ChangeSlice, LabelSlice, NumberedOperation, PastOperation, Work } from "../../src/api/types";

export type Applied = { readonly revision: number } | { readonly status: number; readonly code: string };

export class MockWork {
  readonly labels: Uint8Array;
  readonly #perSlice: number;
  readonly #past = new Map<string, PastOperation>();
  readonly #seen = new Set<string>();
  #undo: string[] = [];
  #redo: string[] = [];
  readonly answers = new Map<number, Answer>();
  readonly statements = new Map<number, Presence>();
  readonly shapes = new Map<string, Shape>();
  revision = 0;
  /** How many of the newest drawing operations the browser is told on a reload. */
  remembered = 200;

  constructor(dimensions: readonly [number, number, number]) {
    this.#perSlice = dimensions[0] * dimensions[1];
    this.labels = new Uint8Array(this.#perSlice * dimensions[2]);
  }

  voxels(label: number): number[] {
    const found: number[] = [];
    this.labels.forEach((value, offset) => {
      if (value === label) found.push(offset);
    });
    return found;
  }

  apply(operations: readonly NumberedOperation[]): Applied {
    for (const operation of operations) {
      if (this.#seen.has(operation.id)) continue;
      if (operation.base_revision !== this.revision) return { status: 409, code: "revision-conflict" };
      if (!this.#one(operation)) return { status: 422, code: "out-of-step" };
      this.#seen.add(operation.id);
      this.revision += 1;
    }
    return { revision: this.revision };
  }

  toJson(): Work {
    const known = [...this.#undo, ...this.#redo].flatMap((id) => this.#past.get(id) ?? []).slice(-this.remembered);
    return {
      revision: this.revision,
      slices: this.#slices(),
      undo: this.#undo.map((id) => ({ operation_id: id })),
      redo: this.#redo.map((id) => ({ operation_id: id })),
      answers: [...this.answers].map(([question_id, answer]) => ({ question_id, answer })),
      operations: known,
      shapes: [...this.shapes.values()],
      statements: [...this.statements].map(([object_id, presence]) => ({ object_id, presence })),
    };
  }

  #one(operation: NumberedOperation): boolean {
    switch (operation.kind) {
      case "paint":
        if (!this.#paint(operation.slices, false)) return false;
        return this.#remember(operation);
      case "put_shape":
        this.#remember({ ...operation, before: this.shapes.get(operation.shape.id) ?? null });
        this.shapes.set(operation.shape.id, operation.shape);
        return true;
      case "remove_shape": {
        const before = this.shapes.get(operation.shape_id);
        if (!before) return false;
        this.#remember({ ...operation, before });
        return this.shapes.delete(operation.shape_id);
      }
      case "state":
        if (operation.presence === null) this.statements.delete(operation.object_id);
        else this.statements.set(operation.object_id, operation.presence);
        return true;
      case "undo": {
        if (this.#undo.at(-1) !== operation.operation_id) return false;
        this.#undo.pop();
        this.#redo.push(operation.operation_id);
        return this.#again(operation.operation_id, true);
      }
      case "redo": {
        if (this.#redo.at(-1) !== operation.operation_id) return false;
        this.#redo.pop();
        this.#undo.push(operation.operation_id);
        return this.#again(operation.operation_id, false);
      }
      case "answer":
        if (operation.answer === null) this.answers.delete(operation.question_id);
        else this.answers.set(operation.question_id, operation.answer);
        return true;
    }
  }

  #remember(operation: PastOperation): true {
    this.#past.set(operation.id, operation);
    this.#undo.push(operation.id);
    this.#redo = [];
    return true;
  }

  #again(id: string, backwards: boolean): boolean {
    const past = this.#past.get(id);
    if (!past) return false;
    if (past.kind === "paint") return this.#paint(past.slices, backwards);
    const shapeId = past.kind === "put_shape" ? past.shape.id : past.shape_id;
    const shape = backwards ? past.before : past.kind === "put_shape" ? past.shape : null;
    if (shape) this.shapes.set(shapeId, shape);
    else this.shapes.delete(shapeId);
    return true;
  }

  #paint(slices: readonly ChangeSlice[], backwards: boolean): boolean {
    for (const { k, runs } of slices) {
      let end = 0;
      for (const [start, length, old, now] of runs) {
        if (start < end || length < 1 || start + length > this.#perSlice || old === now) return false;
        end = start + length;
        const first = k * this.#perSlice + start;
        const part = this.labels.subarray(first, first + length);
        if (part.some((label) => label !== (backwards ? now : old))) return false;
        part.fill(backwards ? old : now);
      }
    }
    return true;
  }

  #slices(): LabelSlice[] {
    const slices: LabelSlice[] = [];
    for (let k = 0; k * this.#perSlice < this.labels.length; k += 1) {
      const runs: [number, number, number][] = [];
      for (let offset = 0; offset < this.#perSlice; offset += 1) {
        const label = this.labels[k * this.#perSlice + offset] ?? 0;
        const last = runs.at(-1);
        if (label === 0) continue;
        if (last && last[2] === label && last[0] + last[1] === offset) last[1] += 1;
        else runs.push([offset, 1, label]);
      }
      if (runs.length > 0) slices.push({ k, runs });
    }
    return slices;
  }
}
