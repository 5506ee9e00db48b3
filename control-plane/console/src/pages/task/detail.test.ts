// Facts about the rows of a task's page.

import { describe, expect, it } from "vitest";

import type { SubmissionResult, TaskAgreement, TaskDetail, TaskPair, TaskRow } from "../../api/types";
import { heatFrom, heatRows, inOrder, objectNames, objectRows, overrideRows, pairValue, pathOf, reasonSubject, slotRows, submitters, verdictRows } from "./detail";

const names = new Map([["p1", "Keller"], ["p2", "Okafor"], ["p5", "Vasquez"]]);

function submission(id: string, person: string, change: Partial<SubmissionResult> = {}): SubmissionResult {
  return {
    id, task_id: "t", asset_id: "a", person_id: person, submitted_at: `2026-11-23T1${id.length}:00:00Z`, duration_s: 60, scores: [], answers: [],
    role: "annotator", surplus: false, instruction_version: 1, time: { active_seconds: 1, reading_seconds: 1, idle_seconds: 1 },
    objects: [{ object_id: 2, presence: "present", count: 1 }, { object_id: 1, presence: "absent", count: 0 }],
    shapes: [], overrides: [], verdicts: [], ...change,
  };
}

const task: TaskRow = {
  id: "t", asset_id: "a", state: "collecting", overlap: 3, submitted: 1, gold: false, instruction_version: 1, arbiter: null,
  leases: [{ person_id: "p2", slot: 2, state: "leased" }, { person_id: "p1", slot: 0, state: "submitted" }],
};

const asset: TaskDetail["asset"] = {
  id: "a", site_id: "s", site_name: "North", modality: "CT", region: "chest", plane: "axial", dimensionality: "volume", contrast: "none",
  slices: "1", size: "1", spacing_mm: 1, thickness_mm: null, gold: false, received_at: "",
};

function detailOf(change: Partial<TaskDetail> = {}): TaskDetail {
  return { task, project_id: "p", project_title: "Liver", asset, submissions: [], agreement: [], judgement: null, consensus: [], ...change };
}

const pair = (change: Partial<TaskPair>): TaskPair => ({ a: "s", b: "ss", dice: null, matched: null, counts: null, ...change });

describe("slots", () => {
  it("stand in their places, free ones too", () => {
    const rows = slotRows(detailOf({ submissions: [submission("s", "p1")] }), names);
    expect(rows.map(({ place, state, person, submission: work }) => [place, state, person, work?.id])).toEqual([
      ["Slot 1", "submitted", "Keller", "s"],
      ["Slot 2", "free", undefined, undefined],
      ["Slot 3", "leased", "Okafor", undefined],
    ]);
  });

  it("have an arbiter's place where one is asked for, and surplus work is told apart", () => {
    const waiting = slotRows(detailOf({ task: { ...task, state: "arbitration" } }), names);
    expect(waiting.at(-1)).toMatchObject({ place: "Arbiter", state: "waiting", person: undefined });
    const taken = detailOf({
      task: { ...task, state: "arbitration", arbiter: { person_id: "p5", submitted: false } },
      submissions: [submission("late", "p1", { surplus: true })],
    });
    expect(slotRows(taken, names).slice(-2)).toMatchObject([{ place: "Surplus", person: "Keller" }, { place: "Arbiter", state: "leased", person: "Vasquez" }]);
  });
});

describe("submissions", () => {
  const arbiter = submission("x", "p5", {
    role: "arbiter",
    verdicts: [{ submission_id: "s", object_id: 2, verdict: "wrong" }, { submission_id: "s", object_id: 0, verdict: "right" }],
  });
  const both = [arbiter, submission("ss", "p2"), submission("s", "p1", { overrides: [{ subject: { type: "rule", id: 4 }, check: "rule_broken", reason: "other" }] })];
  const objects = new Map([[2, "Lesion"]]);

  it("stand in the order of handing in, the arbiter last", () => {
    expect(inOrder(both).map(({ id }) => id)).toEqual(["s", "ss", "x"]);
  });

  it("give one row for each object, objects together", () => {
    expect(objectRows(detailOf({ submissions: both }), names, objects).map(({ object, person }) => `${object} ${person}`)).toEqual([
      "object 1 Keller", "object 1 Okafor", "object 1 Vasquez", "Lesion Keller", "Lesion Okafor", "Lesion Vasquez",
    ]);
  });

  it("are judged by the arbiter by object and answers", () => {
    const rows = verdictRows(detailOf({ submissions: both }), names);
    expect(rows.map(({ person, verdicts }) => [person, verdicts.get(2), verdicts.get(0)])).toEqual([["Keller", "wrong", "right"], ["Okafor", undefined, undefined]]);
    expect(verdictRows(detailOf({ submissions: both.slice(1) }), names)).toEqual([]);
  });

  it("name the rule of an override, or its number where it is not known", () => {
    expect(overrideRows(detailOf({ submissions: both }), names, objects, null).map(({ subject }) => subject)).toEqual(["rule 4"]);
  });
});

describe("agreement", () => {
  it("is Dice, or the share of matched shapes, and nothing where nobody marked anything", () => {
    expect(pairValue(pair({ dice: { value: 0.8 } }))).toBe(0.8);
    expect(pairValue(pair({ dice: { undefined: "both_empty" } }))).toBeUndefined();
    expect(pairValue(pair({ matched: 3, counts: [4, 5] }))).toBeCloseTo(6 / 9);
    expect(pairValue(pair({ matched: 0, counts: [0, 0] }))).toBeUndefined();
  });

  it("is a map that is the same both ways, coloured from one half or lower", () => {
    const agreement: TaskAgreement = { object_id: 1, name: "Liver", colour: "#56b4e9", staple: null, pairs: [pair({ dice: { value: 0.75 } })] };
    const people = submitters(detailOf({ submissions: [submission("s", "p1"), submission("ss", "p2")] }), names);
    const rows = heatRows(agreement, people);
    expect(rows.map(({ name, cells }) => [name, cells.map(({ text }) => text)])).toEqual([["Keller", [undefined, "0.75"]], ["Okafor", ["0.75", undefined]]]);
    expect(rows[0]?.cells[1]?.strength).toBe(0.5);
    expect(heatFrom(agreement)).toBe("0.50");
    expect(heatFrom({ ...agreement, pairs: [pair({ dice: { value: 0.2 } })] })).toBe("0.20");
    expect(heatFrom({ ...agreement, pairs: [pair({})] })).toBeUndefined();
  });
});

describe("the judgement", () => {
  it("names what differs, by number where the instruction does not know it", () => {
    const names1 = objectNames(detailOf({ consensus: [{ object_id: 1, name: "Liver", rule: "majority", voxels: 1, painted_at: null }] }), null);
    const reason = (type: "object" | "question", id: number) => ({ subject: { type, id }, measure: 0.1, target: 0.7 });
    expect([reason("object", 1), reason("object", 9), reason("question", 3)].map((one) => reasonSubject(one, names1, null))).toEqual(["Liver", "object 9", "question 3"]);
  });

  it("is on the path of every state", () => {
    for (const state of ["open", "collecting", "evaluated", "disputed", "arbitration", "accepted", "resolved", "withdrawn"] as const) {
      for (const gold of [false, true]) expect(pathOf({ state, gold }).flat()).toContain(state);
    }
    expect(pathOf({ state: "evaluated", gold: true }).at(-1)).toEqual(["evaluated"]);
  });
});
