// Facts about choosing assets, the steps of a project, and the rows of the result tables.

import { describe, expect, it } from "vitest";

import type { AssetCard, Project, Results, Summary, TaskRow } from "../../api/types";
import { assetOfField, chooseAll, filterAssets, NO_FILTER, NOTHING, readOverlap, siteOptions, toggleAsset, toggleGold } from "./choice";
import { annotatorRows, csvValue, emptyReason, MEASURES, measureText, submissionRows, summaryNote } from "./measures";
import { answerRows } from "./result-columns";
import { disputesOf, finished, ordinary, slotsOf, stepsOf, tasksByState } from "./steps";

function asset(id: string, gold = false, siteName = "North"): AssetCard {
  return {
    id, site_id: siteName, site_name: siteName, modality: "CT", region: "abdomen", plane: "axial", dimensionality: "volume",
    contrast: "with", slices: "65–128", size: "≤ 512", spacing_mm: 0.7, thickness_mm: 1, gold, received_at: "2026-11-23T12:00:00Z",
  };
}

function task(id: string, change: Partial<TaskRow> = {}): TaskRow {
  return {
    id, asset_id: `a-${id}`, state: "open", overlap: 2, submitted: 0, gold: false, leases: [], arbiter: null,
    instruction_version: 1, ...change,
  };
}

describe("choosing", () => {
  const [plain, golden] = [asset("p"), asset("g", true)];

  it("takes a gold pick along with its asset, both ways", () => {
    const picked = toggleGold(NOTHING, golden);
    expect([...picked.assets]).toEqual(["g"]);
    expect([...picked.gold]).toEqual(["g"]);
    expect([...toggleAsset(picked, "g").gold]).toEqual([]);
  });

  it("never picks an asset without gold as gold", () => {
    expect(toggleGold(NOTHING, plain)).toBe(NOTHING);
  });

  it("takes all shown assets, or lets all of them go, and leaves the others alone", () => {
    const hidden = toggleAsset(NOTHING, "x");
    const all = chooseAll(hidden, [plain, golden]);
    expect([...all.assets]).toEqual(["x", "p", "g"]);
    expect([...chooseAll(all, [plain, golden]).assets]).toEqual(["x"]);
  });

  it("filters by site, modality, gold and tasks", () => {
    const assets = [plain, golden, asset("e", false, "East")];
    const ids = (filter: Partial<typeof NO_FILTER>): string[] =>
      filterAssets(assets, { ...NO_FILTER, ...filter }, new Set(["p"])).map(({ id }) => id);
    expect(ids({})).toEqual(["p", "g", "e"]);
    expect(ids({ siteId: "East" })).toEqual(["e"]);
    expect(ids({ modality: "MR" })).toEqual([]);
    expect(ids({ goldOnly: true })).toEqual(["g"]);
    expect(ids({ withoutTask: true })).toEqual(["g", "e"]);
    expect(siteOptions(assets).map(({ label }) => label)).toEqual(["East", "North"]);
  });

  it("knows which asset a field of the request stands for", () => {
    const picked = toggleGold(toggleAsset(NOTHING, "0123456789"), asset("abcdefghij", true));
    expect(assetOfField(picked, "asset_ids[0]")).toBe("asset 01234567");
    expect(assetOfField(picked, "gold_asset_ids[0]")).toBe("asset abcdefgh");
    for (const field of ["asset_ids[2]", "asset_ids", "overlap"]) expect(assetOfField(picked, field)).toBeUndefined();
  });

  it("takes an overlap from 1 to 16", () => {
    expect(["1", "16"].map(readOverlap)).toEqual([1, 16]);
    expect(["0", "17", "2.5", "", "x"].map(readOverlap)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});

describe("a project", () => {
  const project: Project = {
    id: "1", title: "Liver", state: "draft", published_version: null,
    draft: { title: "", body_markdown: "", objects: [], questions: [], rules: [] },
    published: null, annotators: [], overlap: 1, asset_ids: [], arbiter_ids: [],
    policy: { overlap: 1, gold_percent: 0, gold_seed: "00", consensus: "majority", minimum_agreement: 0.7, arbitration: false },
  };

  it("needs an instruction, people and tasks, in this order", () => {
    expect(stepsOf(project, []).map(({ done }) => done)).toEqual([false, false, false]);
    const begun = stepsOf({ ...project, published_version: 1 }, [task("1", { gold: true })]);
    expect(begun.map(({ done }) => done)).toEqual([true, false, true]);
    expect(begun[2]?.text).toBe("1 task, 1 of them gold.");
  });

  it("counts the slots of tasks that still count, and no surplus", () => {
    const tasks = [
      task("1", { submitted: 3, state: "evaluated" }),
      task("2", { leases: [{ person_id: "p", slot: 0, state: "leased" }], state: "collecting" }),
      task("3", { state: "withdrawn", submitted: 1 }),
    ];
    expect(slotsOf(tasks)).toEqual({ submitted: 2, leased: 1, total: 4 });
    expect(tasksByState(tasks)).toEqual([["collecting", 1], ["evaluated", 1], ["withdrawn", 1]]);
  });

  it("tells disputes that nobody decides from those that wait and those under way", () => {
    const tasks = [
      task("1", { state: "disputed" }),
      task("2", { state: "arbitration" }),
      task("3", { state: "arbitration", arbiter: { person_id: "p", submitted: false } }),
      task("4", { state: "resolved", arbiter: { person_id: "p", submitted: true } }),
      task("5", { state: "accepted" }),
    ];
    expect(disputesOf(tasks)).toEqual({ disputed: 1, waiting: 1, underWay: 1 });
    expect(finished(tasks)).toBe(2);
  });

  it("leaves gold tests and withdrawn tasks out of what comes to an end", () => {
    const tasks = [task("1", { gold: true }), task("2", { state: "withdrawn" }), task("3", { state: "accepted" })];
    expect(ordinary(tasks).map(({ id }) => id)).toEqual([tasks[2]?.id]);
  });
});

describe("a measure", () => {
  const [dice, , hd95] = MEASURES;
  const unmeasured: Summary = {
    n: 0, mean: null, median: null, minimum: null, maximum: null, n_both_empty: 0, n_one_empty: 0,
  };
  const nothing: Summary = { ...unmeasured, n_both_empty: 2, n_one_empty: 1 };

  it("has its decimals and its unit", () => {
    if (dice === undefined || hd95 === undefined) throw new Error("the measures are missing");
    expect(measureText(dice, 0.906)).toBe("0.91");
    expect(measureText(hd95, 12.44)).toBe("12.4 mm");
    const summary = { n: 44, mean: 0.9, median: 0.91, minimum: 0.5, maximum: 1, n_both_empty: 2, n_one_empty: 0 };
    expect(summaryNote(dice, summary)).toBe("n = 44; mean 0.90; from 0.50 to 1.00; both masks empty in 2 more");
  });

  it("is a reason where it is undefined, never a zero", () => {
    expect(emptyReason(nothing)).toBe("both masks empty in 2, one mask empty in 1");
    expect(emptyReason(unmeasured)).toBe("nothing measured yet");
    expect(csvValue({ undefined: "one_empty" })).toBe("one_empty");
    expect(csvValue({ value: 0 })).toBe(0);
  });
});

describe("results", () => {
  const person = { id: "p1", user_name: "keller", display_name: "M. Keller", state: "active" } as const;
  const summary: Summary = { n: 1, mean: 0.9, median: 0.9, minimum: 0.9, maximum: 0.9, n_both_empty: 0, n_one_empty: 0 };
  const measures = { object_id: 1, n: 1, dice: summary, nsd: summary, hd95_mm: summary };
  const value = { value: 0.9 };
  const nothing: Summary = { n: 0, mean: null, median: null, minimum: null, maximum: null, n_both_empty: 0, n_one_empty: 0 };
  const gold = { passes: 1, n: 1, low: 0.2, high: 1 };
  const noTime = { active_median_seconds: null, reading_median_seconds: null, idle_median_seconds: null };
  const unjudged = { time: noTime, verdicts: { right: 0, acceptable: 0, wrong: 0, not_decidable: 0 }, overrides: 0 };
  const facts = {
    role: "annotator", surplus: false, instruction_version: 1, objects: [], shapes: [], overrides: [], verdicts: [],
    time: { active_seconds: 40, reading_seconds: 15, idle_seconds: 5 },
  } as const;
  const results: Results = {
    as_of: "2026-11-23T12:00:00Z",
    labels: [{ ...measures, name: "Liver" }],
    annotators: [
      { person, submissions: 2, gold_n: 1, gold_pass: gold, leave_one_out: summary, labels: [measures], ...unjudged },
      {
        person: { ...person, id: "p2" }, submissions: 0, gold_n: 0, labels: [], leave_one_out: nothing, ...unjudged,
        gold_pass: { passes: 0, n: 0, low: null, high: null },
      },
    ],
    submissions: [
      {
        id: "s1", task_id: "t1", asset_id: "a1", person_id: "p1", submitted_at: "2026-11-23T11:00:00Z", duration_s: 60,
        scores: [
          { object_id: 1, dice: value, nsd: value, hd95_mm: value, reference_voxels: 9, candidate_voxels: 9 },
        ],
        answers: [{ question_id: 1, option_id: 2 }, { question_id: 9, number: 12.5 }], ...facts,
      },
      {
        id: "s2", task_id: "t2", asset_id: "a2", person_id: "p9aaaaaaaaaa", submitted_at: "2026-11-23T11:30:00Z", duration_s: 30,
        scores: [], answers: [], ...facts,
      },
    ],
    agreement: [],
  };

  it("keep people and submissions without scores as rows", () => {
    expect(annotatorRows(results).map(({ object, measures: row }) => [object, row?.n])).toEqual([
      ["Liver", 1],
      ["–", undefined],
    ]);
    expect(submissionRows(results).map(({ object, person: name }) => [object, name])).toEqual([
      ["Liver", "M. Keller"],
      ["–", "p9aaaaaa"],
    ]);
  });

  it("tell answers in the words of the instruction, and by number where it has none", () => {
    const instruction = {
      title: "", body: [], objects: [], rules: [],
      questions: [
        {
          id: 1, prompt: "Margin?", help: "", required: true, parent: null, visible_when: null,
          kind: { type: "choice" as const, options: [{ id: 2, text: "Sharp" }] },
        },
      ],
    };
    expect(answerRows(results, instruction).map(({ question, answer }) => [question, answer])).toEqual([
      ["Margin?", "Sharp"],
      ["question 9", "12.5"],
    ]);
    expect(answerRows(results, null)[0]?.answer).toBe("option 2");
  });
});
