// Facts about operations at the agent: one at a time, nothing lost, nothing late, and every end is told in words.

import { ProblemError } from "@ringfence/web/api";
import { describe, expect, it } from "vitest";
import type { ChangeSlice, Masking, PaintTool, PreviewAnswer, PreviewOperation, Proposal } from "../api/types";
import { Labels } from "../segmentation/labels";
import { SaveQueue } from "../segmentation/save-queue";
import type { SaveOutcome } from "../segmentation/save-queue";
import { TestTime, settle } from "../segmentation/test-time";
import { gridOf } from "../volume/description";
import { PreviewDesk } from "./preview-desk";

const GRID = gridOf({
  dimensions: [6, 5, 4], spacing_mm: [1, 1, 1], origin_mm: [0, 0, 0], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1], data_type: "int16",
  minimum: 0, maximum: 1, modality: "CT", unit: "", tools_3d: true, reasons: [], windows: [], default_window: 0, inverted: false, frame_time_ms: null,
});
const FILL: PreviewOperation = { kind: "fill_between_slices", label: 1, axis: 2 };
const SLICES: readonly ChangeSlice[] = [{ k: 1, runs: [[4, 3, 0, 1]] }];
const DONE: PreviewAnswer = { state: "done", slices: SLICES, voxels: 3, source: { kind: "fill_between_slices", model_id: null, name: "Fill between slices" } };

function problem(status: number, code: string): ProblemError {
  return new ProblemError({ status, code, title: code.replaceAll("-", " "), fields: [], members: {} });
}

/** An answer that the test gives when it likes. */
class Later<T> {
  readonly promise: Promise<T>;
  give!: (value: T) => void;
  fail!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.give = resolve;
      this.fail = reject;
    });
  }
}

class Bed {
  readonly time = new TestTime();
  readonly labels = new Labels(GRID);
  readonly starts: { readonly revision: number; readonly masking: Masking | undefined; readonly answer: Later<string> }[] = [];
  readonly looks: { readonly id: string; readonly signal: AbortSignal; readonly answer: Later<PreviewAnswer> }[] = [];
  /** As `id outcome`. */
  readonly drops: string[] = [];
  readonly accepted: { readonly tool: PaintTool; readonly slices: readonly ChangeSlice[]; readonly id: string }[] = [];
  readonly saves: Later<SaveOutcome>[] = [];
  readonly queue = new SaveQueue(async () => {
    const answer = new Later<SaveOutcome>();
    this.saves.push(answer);
    return answer.promise;
  }, this.time, 5);
  proposal: Proposal | undefined;
  dropFails: ProblemError | undefined;
  mayEdit = true;
  busy = false;
  readonly desk: PreviewDesk;

  constructor() {
    const bed = this;
    this.desk = new PreviewDesk(
      {
        labels: this.labels,
        queue: this.queue,
        get mayEdit() {
          return bed.mayEdit;
        },
        get untouched() {
          return !bed.busy && bed.labels.labelsInUse().length === 0;
        },
        acceptPreview: (tool, slices, id) => {
          this.labels.apply(slices);
          this.accepted.push({ tool, slices, id });
        },
      },
      {
        start: (revision, _operation, masking) => {
          const answer = new Later<string>();
          this.starts.push({ revision, masking, answer });
          return answer.promise;
        },
        look: (id, signal) => {
          const answer = new Later<PreviewAnswer>();
          this.looks.push({ id, signal, answer });
          return answer.promise;
        },
        drop: async (id, outcome) => {
          this.drops.push(`${id} ${outcome}`);
          if (this.dropFails) throw this.dropFails;
        },
        proposal: async () => this.proposal,
      },
      this.time,
    );
    this.desk.open();
  }

  get phase(): string {
    return this.desk.state.value.phase.kind;
  }

  get said(): string {
    return this.desk.state.value.said?.text ?? "";
  }

  async running(id = "p1"): Promise<void> {
    void this.desk.start(FILL, "Fill between slices");
    await settle();
    this.starts.at(-1)?.answer.give(id);
    await settle();
  }

  async answer(answer: PreviewAnswer): Promise<void> {
    this.looks.at(-1)?.answer.give(answer);
    await settle();
  }

  async opened(id = "p1"): Promise<void> {
    await this.running(id);
    await this.answer(DONE);
    expect(this.phase).toBe("open");
  }
}

describe("an operation", () => {
  it("starts once every stroke is saved, with the revision of then", async () => {
    const bed = new Bed();
    bed.queue.add({ id: "a", kind: "remove_shape", shape_id: "a" });
    void bed.desk.start(FILL, "Fill between slices");
    await settle();
    expect([bed.phase, bed.starts.length]).toEqual(["running", 0]);
    bed.saves[0]?.give({ kind: "saved", revision: 6 });
    await settle();
    expect(bed.starts.map((start) => start.revision)).toEqual([6]);
  });

  it("does not start while a stroke cannot be saved", async () => {
    const bed = new Bed();
    bed.queue.add({ id: "a", kind: "remove_shape", shape_id: "a" });
    void bed.desk.start(FILL, "Fill between slices");
    await settle();
    bed.saves[0]?.give({ kind: "unreachable" });
    await settle();
    expect([bed.phase, bed.starts.length]).toEqual(["idle", 0]);
    expect(bed.said).toBe("Fill between slices did not start: there are unsaved changes. Start it again when they are saved.");
  });

  it("tells its progress and becomes a preview, which changes nothing until it is accepted", async () => {
    const bed = new Bed();
    await bed.running();
    await bed.answer({ state: "running", progress: 0.4, doing: "growing" });
    expect(bed.desk.state.value.phase).toMatchObject({ kind: "running", progress: 0.4, doing: "growing", lineDown: false });
    await bed.time.pass(100);
    await bed.answer(DONE);
    expect(bed.desk.state.value.phase).toMatchObject({ kind: "open", preview: { id: "p1", tool: "fill", name: "Fill between slices" } });
    expect([bed.labels.voxelsOf(1), bed.desk.refusesToDraw(), bed.desk.state.value.nudges]).toEqual([0, true, 1]);
    bed.desk.accept();
    expect(bed.accepted).toEqual([{ tool: "fill", slices: SLICES, id: "p1" }]);
    expect([bed.phase, bed.drops.length, bed.desk.refusesToDraw()]).toEqual(["idle", 0, false]);
    expect(bed.desk.accept()).toBe(false);
  });

  it("that is rejected leaves nothing and is dropped at the agent, again when the line was down", async () => {
    const bed = new Bed();
    await bed.opened();
    bed.dropFails = problem(0, "unreachable");
    expect(bed.desk.escape()).toBe(true);
    expect([bed.phase, bed.labels.voxelsOf(1)]).toEqual(["idle", 0]);
    await settle();
    bed.dropFails = undefined;
    await bed.time.pass(2_000);
    expect(bed.drops).toEqual(["p1 rejected", "p1 rejected"]);
    await bed.time.pass(60_000);
    expect(bed.drops).toHaveLength(2);
    expect(bed.desk.escape()).toBe(false);
  });
});

describe("a cancelled operation", () => {
  it("takes no late answer", async () => {
    const bed = new Bed();
    await bed.running();
    bed.desk.cancel();
    expect([bed.phase, bed.looks[0]?.signal.aborted]).toEqual(["idle", true]);
    expect(bed.said).toBe("Fill between slices was cancelled. Nothing was changed.");
    await bed.answer(DONE);
    expect([bed.phase, bed.drops]).toEqual(["idle", ["p1 ended"]]);
  });

  it("is dropped as soon as its id arrives late", async () => {
    const bed = new Bed();
    void bed.desk.start(FILL, "Fill between slices");
    await settle();
    bed.desk.cancel();
    await settle();
    expect(bed.drops).toEqual([]);
    bed.starts[0]?.answer.give("late");
    await settle();
    expect([bed.drops, bed.looks.length, bed.phase]).toEqual([["late ended"], 0, "idle"]);
  });

  it("makes room for another one, whose answer alone counts", async () => {
    const bed = new Bed();
    await bed.running("first");
    await bed.running("second");
    expect(bed.drops).toEqual(["first ended"]);
    bed.looks[0]?.answer.give({ ...DONE, source: { ...DONE.source, name: "the first" } });
    await settle();
    expect(bed.phase).toBe("running");
    await bed.answer(DONE);
    expect(bed.desk.state.value.phase).toMatchObject({ kind: "open", preview: { id: "second" } });
  });

  it("of a run again shows the old answer until the new one is there, accepts it no more, and has rejected nothing", async () => {
    const bed = new Bed();
    await bed.opened("old");
    await bed.running("new");
    expect(bed.drops).toEqual(["old ended"]);
    expect(bed.desk.state.value.phase).toMatchObject({ kind: "running", stale: { added: 3 } });
    expect(bed.desk.accept()).toBe(false);
  });
});

describe("a line that is down", () => {
  it("during a run is waited out, longer and longer", async () => {
    const bed = new Bed();
    await bed.running();
    for (const [turn, waitMs] of [500, 1_000, 2_000].entries()) {
      expect(bed.looks).toHaveLength(turn + 1);
      bed.looks[turn]?.answer.fail(new TypeError("failed"));
      await settle();
      expect(bed.desk.state.value.phase).toMatchObject({ kind: "running", lineDown: true });
      await bed.time.pass(waitMs);
    }
    await bed.answer({ state: "running", progress: 0.5, doing: "growing" });
    expect(bed.desk.state.value.phase).toMatchObject({ lineDown: false });
    await bed.time.pass(100);
    await bed.answer(DONE);
    expect(bed.phase).toBe("open");
  });

  it("can be cancelled while it is waited out", async () => {
    const bed = new Bed();
    await bed.running();
    bed.looks[0]?.answer.fail(new TypeError("failed"));
    await settle();
    bed.desk.cancel();
    await bed.time.pass(10_000);
    expect([bed.phase, bed.looks.length]).toEqual(["idle", 1]);
  });

  it("before the start ends it, since nothing is under way", async () => {
    const bed = new Bed();
    void bed.desk.start(FILL, "Fill between slices");
    await settle();
    bed.starts[0]?.answer.fail(problem(0, "unreachable"));
    await settle();
    expect([bed.phase, bed.said]).toEqual(["idle", "Fill between slices did not start: the agent does not answer. Nothing was changed; start it again when the line is back."]);
  });
});

describe("a refusal", () => {
  it("for another revision is asked again when an answer was saved meanwhile, and else told", async () => {
    const bed = new Bed();
    void bed.desk.start(FILL, "Fill between slices");
    await settle();
    bed.queue.add({ id: "a", kind: "answer", question_id: 1, answer: null });
    bed.saves[0]?.give({ kind: "saved", revision: 6 });
    bed.starts[0]?.answer.fail(problem(409, "revision-conflict"));
    await settle();
    expect(bed.starts.map((start) => start.revision)).toEqual([5, 6]);
    bed.starts[1]?.answer.fail(problem(409, "revision-conflict"));
    await settle();
    expect([bed.phase, bed.said]).toEqual(["idle", "Fill between slices ended. This task was changed in another window. Load the saved state, then start it again."]);
  });

  it("of a run that the agent has lost ends it", async () => {
    const bed = new Bed();
    await bed.running();
    bed.looks[0]?.answer.fail(problem(404, "not-found"));
    await settle();
    expect([bed.phase, bed.said]).toEqual(["idle", "Fill between slices ended. The agent no longer has it, as after a restart. Start it again."]);
  });

  it("by a model says what to do", async () => {
    const bed = new Bed();
    await bed.running();
    await bed.answer({ state: "failed", code: "resting", title: "the model server failed several times and is given 30 s of rest" });
    expect([bed.phase, bed.said]).toEqual(["idle", "Fill between slices failed. The model server failed several times and is given 30 s of rest. Until then choose another model, or go on by hand."]);
  });
});

describe("an answer", () => {
  it("that changes nothing is told and dropped", async () => {
    const bed = new Bed();
    await bed.running();
    await bed.answer({ ...DONE, slices: [], voxels: 0 });
    expect([bed.phase, bed.said, bed.drops]).toEqual(["idle", "Fill between slices would change nothing.", ["p1 ended"]]);
  });

  it("that changes nothing where a person has said what may change is told as that", async () => {
    const bed = new Bed();
    const masking = { area: "inside_all", area_labels: [], values: null, overwrite: "nothing", overwrite_labels: [] } as const;
    void bed.desk.start(FILL, "Fill between slices", { masking, limited: true });
    await settle();
    expect(bed.starts.at(-1)?.masking).toEqual(masking);
    bed.starts.at(-1)?.answer.give("p1");
    await settle();
    await bed.answer({ ...DONE, slices: [], voxels: 0 });
    expect(bed.said).toBe("Fill between slices would change nothing. What may change is limited, as is said below the tools.");
  });

  it.each([
    ["margin", { kind: "margin", label: 1, by_mm: 2 }], ["margin", { kind: "shell", label: 1, side: "inward", thickness_mm: 2 }],
    ["combine", { kind: "logic", label: 1, how: "clear", operand: [] }], ["combine", { kind: "fill_holes", label: 1, axis: null }],
    ["region", { kind: "threshold", label: 1, values: [0, 1], box: null }], ["region", { kind: "level_trace", label: 1, at: [0, 0, 0], axis: 2, bright: true }],
    ["region", { kind: "region_grow", label: 1, seeds: [], values: null, deviations: 2, gate_mm: 0, compactness: 0, box: null }],
  ] as const)("is saved as the work of the tool: %s", async (tool, operation) => {
    const bed = new Bed();
    void bed.desk.start(operation, "It");
    await settle();
    bed.starts.at(-1)?.answer.give("p1");
    await settle();
    await bed.answer(DONE);
    expect(bed.desk.accept()).toBe(true);
    expect(bed.accepted.map((accepted) => accepted.tool)).toEqual([tool]);
  });

  it("that does not lie on these images is refused", async () => {
    const bed = new Bed();
    await bed.running();
    await bed.answer({ ...DONE, slices: [{ k: 9, runs: [[0, 1, 0, 1]] }] });
    expect([bed.phase, bed.said, bed.drops]).toEqual(["idle", "Fill between slices: the answer does not fit these images. Nothing was changed.", ["p1 ended"]]);
  });

  it("to other labels is dropped", async () => {
    const bed = new Bed();
    await bed.running();
    bed.labels.set(35, 2);
    await bed.answer(DONE);
    expect([bed.phase, bed.said]).toEqual(["idle", "Fill between slices was dropped: the work was changed. The drawing is as it was saved."]);
  });
});

describe("an open preview", () => {
  it("is dropped when the work is changed, or the lease is lost", async () => {
    const changed = new Bed();
    await changed.opened();
    changed.desk.workChanged();
    expect([changed.phase, changed.drops]).toEqual(["idle", ["p1 ended"]]);
    const lost = new Bed();
    await lost.opened();
    lost.queue.add({ id: "a", kind: "answer", question_id: 1, answer: null });
    lost.saves[0]?.give({ kind: "refused", code: "stale-lease" });
    await settle();
    expect([lost.phase, lost.said]).toEqual(["idle", "Fill between slices was dropped: the time for this task ran out. The drawing is as it was saved."]);
  });

  it("stays when it cannot be accepted now", async () => {
    const bed = new Bed();
    await bed.opened();
    bed.mayEdit = false;
    bed.desk.accept();
    expect([bed.phase, bed.accepted.length]).toEqual(["open", 0]);
    bed.mayEdit = true;
    bed.desk.accept();
    expect(bed.accepted).toHaveLength(1);
  });

  it("is not rejected by leaving the page, but a run is ended", async () => {
    const open = new Bed();
    await open.opened();
    open.desk.close();
    expect(open.drops).toEqual([]);
    const running = new Bed();
    await running.running();
    running.desk.close();
    await running.answer(DONE);
    expect([running.phase, running.drops]).toEqual(["idle", ["p1 ended"]]);
  });

  it("is still watched over, once, when the page was opened again", async () => {
    const bed = new Bed();
    bed.desk.close();
    bed.desk.open();
    bed.desk.open();
    await bed.opened();
    let told = 0;
    bed.desk.state.subscribe(() => (told += 1));
    bed.queue.add({ id: "a", kind: "answer", question_id: 1, answer: null });
    bed.saves[0]?.give({ kind: "refused", code: "stale-lease" });
    await settle();
    expect([bed.phase, told, bed.drops]).toEqual(["idle", 1, ["p1 ended"]]);
  });
});

describe("a proposal", () => {
  const PROPOSAL: Proposal = { id: "job", source: { kind: "assist", model_id: "m", name: "MONAI Label · spleen" }, slices: SLICES };

  it("is shown where nothing is drawn, and accepted as the answer of a model", async () => {
    const bed = new Bed();
    bed.proposal = PROPOSAL;
    bed.labels.set(0, 1);
    bed.desk.open();
    await settle();
    expect(bed.phase).toBe("idle");
    bed.labels.set(0, 0);
    bed.desk.open();
    await settle();
    expect(bed.desk.state.value.phase).toMatchObject({ kind: "open", preview: { id: "job", name: "MONAI Label · spleen" } });
    bed.desk.accept();
    expect(bed.accepted).toEqual([{ tool: "assist", slices: SLICES, id: "job" }]);
  });

  it.each([
    ["a stroke was faster", (bed: Bed) => bed.labels.set(0, 1)],
    ["a hand is at work, though nothing is drawn yet", (bed: Bed) => (bed.busy = true)],
  ])("does not come between when %s", async (_, begin) => {
    const bed = new Bed();
    bed.proposal = PROPOSAL;
    bed.desk.open();
    begin(bed);
    await settle();
    expect([bed.phase, bed.drops]).toEqual(["idle", []]);
  });
});
