// Strokes, the log of work and the agent's own log, which have to agree.

import type { Shape } from "@ringfence/web/instruction";
import { describe, expect, it } from "vitest";
import type { NumberedOperation, Work } from "../api/types";
import type { Grid } from "../volume/grid";
import { LabelEdit } from "./edit";
import { newOperationId, newShapeId, uuidFrom } from "./ids";
import { Labels } from "./labels";
import { inverse } from "./runs";
import { Stroke } from "./stroke";
import { WorkLog } from "./work-log";
import { MockWork } from "../../e2e/mock/work";

const GRID: Grid = { dimensions: [24, 20, 6], spacingMm: [1, 1.5, 4], originMm: [0, 0, 0], directions: [[1, 0, 0], [0, 1, 0], [0, 0, 1]] };
const EMPTY: Work = { revision: 0, slices: [], undo: [], redo: [], answers: [], operations: [], shapes: [], statements: [] };

function open(work: Work): { readonly labels: Labels; readonly log: WorkLog } {
  const labels = new Labels(GRID);
  const log = new WorkLog(labels, newOperationId);
  log.load(work);
  return { labels, log };
}

function valuesOf(labels: Labels): number[] {
  return Array.from({ length: GRID.dimensions[2] }, (_, k) => [...labels.slice(k)]).flat();
}

/** The agent's own log, fed with what the browser's log makes. */
class Agent {
  readonly work = new MockWork(GRID.dimensions);

  take(operation: NumberedOperation | Omit<NumberedOperation, "base_revision">): void {
    const applied = this.work.apply([{ ...operation, base_revision: this.work.revision } as NumberedOperation]);
    expect(applied).toEqual({ revision: this.work.revision });
  }
}

describe("a stroke", () => {
  it("becomes sorted runs of what changed, slice by slice", () => {
    const { labels } = open(EMPTY);
    labels.set(3, 2);
    const edit = new LabelEdit(labels);
    for (const offset of [480 + 5, 4, 2, 1, 3]) expect(edit.set(offset, 1)).toBe(true);
    expect(edit.set(4, 1)).toBe(false);
    edit.set(9, 1);
    edit.set(9, 0);
    expect(edit.changes()).toEqual([
      { k: 0, runs: [[1, 2, 0, 1], [3, 1, 2, 1], [4, 1, 0, 1]] },
      { k: 1, runs: [[5, 1, 0, 1]] },
    ]);
  });

  it("remembers what was there before it, also where it crosses itself", () => {
    const { labels } = open({ ...EMPTY, slices: [{ k: 2, runs: [[0, 480, 2]] }] });
    const stroke = new Stroke(labels, { axis: 2, slice: 2, radiusMm: 3, form: "disc", label: 1 });
    stroke.moveTo([5, 5]);
    stroke.moveTo([12, 9]);
    stroke.moveTo([5, 5]);
    const changes = stroke.changes();
    expect(changes.flatMap((slice) => slice.runs).every(([, , old, now]) => old === 2 && now === 1)).toBe(true);
    labels.apply(inverse(changes));
    expect(labels.voxelsOf(1)).toBe(0);
    expect(labels.voxelsOf(2)).toBe(480);
  });

  it("leaves nothing behind when it is broken off", () => {
    const { labels } = open(EMPTY);
    const stroke = new Stroke(labels, { axis: 0, slice: 4, radiusMm: 5, form: "disc", label: 1 });
    expect(stroke.moveTo([10, 3]).length).toBeGreaterThan(1);
    stroke.cancel();
    expect(valuesOf(labels).every((label) => label === 0)).toBe(true);
    expect(stroke.changes()).toEqual([]);
  });

  it("that changes nothing is no operation", () => {
    expect(open(EMPTY).log.paint("eraser", [])).toBeUndefined();
  });
});

describe("the log", () => {
  it("agrees with the agent after any sequence of strokes, shapes, statements, undo, redo and reload", () => {
    const agent = new Agent();
    let { labels, log } = open(EMPTY);
    let state = 99;
    const next = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
    for (let step = 0; step < 400; step += 1) {
      const what = next();
      if (what < 0.5) {
        const axis = ([0, 1, 2] as const)[Math.floor(next() * 3)] ?? 2;
        const label = Math.floor(next() * 3);
        const stroke = new Stroke(labels, { axis, slice: Math.floor(next() * GRID.dimensions[axis]), radiusMm: next() * 6, form: next() < 0.5 ? "disc" : "ball", label });
        stroke.moveTo([next() * 20, next() * 20]);
        stroke.moveTo([next() * 20, next() * 20]);
        const operation = log.paint(label === 0 ? "eraser" : "brush", stroke.changes());
        if (operation) agent.take(operation);
      } else if (what < 0.7) {
        const undone = log.undo();
        if (undone) agent.take(undone.operation);
      } else if (what < 0.85) {
        const redone = log.redo();
        if (redone) agent.take(redone.operation);
      } else if (what < 0.9) {
        const known = [...log.shapes.keys()];
        const old = known[Math.floor(next() * known.length)];
        const shape: Shape = { id: (next() < 0.5 ? old : undefined) ?? newShapeId(), object_id: 3, form: { type: "point", at: [next() * 20, next() * 20, 1] } };
        if (old !== undefined && next() < 0.3) agent.take(log.removeShape(old) ?? log.putShape(shape));
        else agent.take(log.putShape(shape));
        agent.take(log.state(4, next() < 0.5 ? "absent" : null));
      } else if (what < 0.95) {
        ({ labels, log } = open(agent.work.toJson()));
      }
      for (let k = 0; k < GRID.dimensions[2]; k += 1) expect(Buffer.compare(labels.slice(k), agent.work.labels.subarray(k * labels.perSlice, (k + 1) * labels.perSlice))).toBe(0);
      expect(new Map(log.shapes)).toEqual(agent.work.shapes);
      expect(new Map(log.statements)).toEqual(agent.work.statements);
    }
    for (const label of [0, 1, 2]) expect(labels.voxelsOf(label)).toBe(valuesOf(labels).filter((value) => value === label).length);
  });

  it("closes the way forward with a new stroke", () => {
    const { labels, log } = open(EMPTY);
    const draw = (at: number): void => {
      const stroke = new Stroke(labels, { axis: 2, slice: 0, radiusMm: 1, form: "disc", label: 1 });
      stroke.moveTo([at, at]);
      log.paint("brush", stroke.changes());
    };
    draw(3);
    log.undo();
    expect(log.canRedo).toBe(true);
    draw(9);
    expect(log.canRedo).toBe(false);
    expect(log.redo()).toBeUndefined();
  });

  it("says when only the agent knows the stroke that is undone", () => {
    const { log } = open({ ...EMPTY, revision: 1, undo: [{ operation_id: "old" }], slices: [{ k: 0, runs: [[0, 3, 1]] }] });
    const step = log.undo();
    expect(step?.operation).toMatchObject({ kind: "undo", operation_id: "old" });
    expect(step?.touched).toBeUndefined();
  });

  it("takes a shape back to what it was before each change, after a reload, too", () => {
    const agent = new Agent();
    const { log } = open(EMPTY);
    const shape = (at: number): Shape => ({ id: "a".repeat(32), object_id: 3, form: { type: "point", at: [at, 2, 1] } });
    agent.take(log.putShape(shape(4)));
    agent.take(log.putShape(shape(8)));
    const again = open(agent.work.toJson()).log;
    again.undo();
    expect([...again.shapes.values()]).toEqual([shape(4)]);
    again.undo();
    expect(again.shapes.size).toBe(0);
    again.redo();
    again.redo();
    expect([...again.shapes.values()]).toEqual([shape(8)]);
    expect(again.removeShape("b".repeat(32))).toBeUndefined();
  });

  it("keeps and takes back answers", () => {
    const { log } = open({ ...EMPTY, answers: [{ question_id: 4, answer: { number: 2.5 } }] });
    expect(log.answers.get(4)).toEqual({ number: 2.5 });
    expect(log.answer(4, null)).toMatchObject({ kind: "answer", question_id: 4, answer: null });
    expect(log.answers.size).toBe(0);
  });
});

describe("operation ids", () => {
  it("are version 4 UUIDs", () => {
    expect(uuidFrom(new Uint8Array(16).fill(0xff))).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
    expect(newOperationId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
