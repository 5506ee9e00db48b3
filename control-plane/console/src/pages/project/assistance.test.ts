import { modelName } from "@ringfence/web/model-name";
import { describe, expect, test } from "vitest";

import type { Assistance, AssistTally, Model, Person, Project, Run, SitePreannotation } from "../../api/types";
import { annotatorAssists, modelAssists, PROPOSALS, undecidedReason, unmeasuredReason } from "./assistance-facts";
import { shareNote, tooFew } from "./measures";
import { failedText, modelOption, progressText, runWords, underWay, usualModel, whyNot } from "./run-facts";

const model = (digits: string, provider: Model["provider"], available = true): Model => ({
  id: `${digits}00-5a1e-4b0c-9d2f-000000000001`,
  provider,
  available,
  heard_at: "2026-11-23T12:00:00Z",
});
const builtIn = model("3f2a91", "built_in");
const monai = model("9ac4e0", "monai_label");
const away = model("0b77d5", "kserve_v2", false);

const person = (id: string): Person => ({ id, user_name: id, display_name: id.toUpperCase(), state: "active" });

function tally(accepted: number, rejected: number, edits: number | null, unused = 0): AssistTally {
  const n = accepted + rejected;
  const share = (count: number) => ({ count, n, low: n === 0 ? null : 0.1, high: n === 0 ? null : 0.9 });
  return {
    unedited: share(accepted),
    rejected: share(rejected),
    unused,
    edit_share_median: edits,
    edit_share_n: edits === null ? 0 : accepted,
  };
}

describe("a model", () => {
  test("is written as its interface and six digits, as the hospital writes it", () => {
    expect([builtIn, monai, away].map(modelName)).toEqual(["Built-in · 3f2a91", "MONAI Label · 9ac4e0", "KServe v2 · 0b77d5"]);
    expect(modelOption(away)).toEqual({ value: away.id, label: "KServe v2 · 0b77d5, cannot be asked now", disabled: true });
  });
});

describe("proposals", () => {
  const [ada, bob] = [person("ada"), person("bob")];
  const assistance: Assistance = {
    as_of: "2026-11-23T12:00:00Z",
    submissions: 9,
    assisted: 4,
    models: [
      {
        model: builtIn,
        site_id: "s",
        site_name: "North",
        tally: tally(3, 1, 0.5),
        annotators: [
          { person: ada, tally: tally(1, 0, 0.5) },
          { person: bob, tally: tally(2, 1, 0.25) },
        ],
      },
      { model: monai, site_id: "s", site_name: "North", tally: tally(0, 2, null), annotators: [{ person: ada, tally: tally(0, 2, null) }] },
    ],
    annotators: [
      { person: ada, tally: tally(1, 2, 0.5) },
      { person: bob, tally: tally(2, 1, 0.25) },
    ],
  };

  test("stand by annotator, and by model where somebody had several", () => {
    const rows = annotatorAssists(assistance).map((row) => [row.person, row.model, row.tally.unedited.n]);
    expect(rows).toEqual([
      ["ADA", "all models", 3],
      ["ADA", "Built-in · 3f2a91", 1],
      ["ADA", "MONAI Label · 9ac4e0", 2],
      ["BOB", "Built-in · 3f2a91", 3],
    ]);
    const keys = annotatorAssists(assistance).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(modelAssists(assistance).map((row) => [row.model, row.site])).toEqual([
      ["Built-in · 3f2a91", "North"],
      ["MONAI Label · 9ac4e0", "North"],
    ]);
  });

  test("without a number have a reason", () => {
    expect(undecidedReason(tally(0, 0, null))).toBe("no proposals");
    expect(undecidedReason(tally(0, 0, null, 4))).toBe("none decided on");
    expect(unmeasuredReason(tally(0, 0, null, 4))).toBe("none decided on");
    expect(unmeasuredReason(tally(0, 3, null))).toBe("none accepted");
    expect(unmeasuredReason(tally(2, 1, null))).toBe("the accepted ones were empty");
  });

  test("that are few are called few, and a share says what is behind it", () => {
    expect(tooFew(tally(9, 0, 0).unedited, PROPOSALS.unedited)).toBe("few proposals (9 of 10)");
    expect(tooFew(tally(9, 1, 0).unedited, PROPOSALS.unedited)).toBeUndefined();
    expect(shareNote(tally(1, 0, 0).unedited, PROPOSALS.rejected)).toBe("1 of 1 proposal rejected; 95 % interval 0.10 to 0.90");
  });
});

describe("a run", () => {
  const run = (state: Run["state"], counts?: readonly [number, number, number]): Run => ({
    model_id: builtIn.id,
    run: 2,
    state,
    progress:
      counts === undefined
        ? null
        : { done: counts[0], failed: counts[1], waiting: counts[2], heard_at: "2026-11-23T12:00:00Z" },
  });
  const site = (part: Partial<SitePreannotation>): SitePreannotation => ({
    site_id: "s",
    site_name: "North",
    connected: true,
    tasks: 4,
    models: [monai, builtIn, away],
    run: null,
    ...part,
  });

  test("says how it stands, and what a silent site means for it", () => {
    expect(runWords(run("ordered"), true)[1]).toBe("Run 2 ordered; the site has not begun yet");
    expect(runWords(run("ordered"), false)).toEqual(["needs", "Run 2 ordered; it begins when the site is back"]);
    expect(runWords(run("running"), false)).toEqual(["needs", "Run 2 went on when the site was last heard"]);
    expect([run("ordered"), run("running"), run("finished"), run("stopped"), null].map(underWay)).toEqual([true, true, false, false, false]);
  });

  test("counts its tasks and says what to do about those that failed", () => {
    const told = run("running", [2, 1, 1]);
    expect(told.progress === null ? "" : progressText(told.progress)).toBe("2 of 4 tasks have a proposal");
    expect(failedText(told)).toMatch(/^1 task has no proposal/);
    expect(failedText(run("ordered"))).toBeUndefined();
  });

  test("is started with the last model while it can be asked, else with one that can", () => {
    expect(usualModel(site({ run: run("finished") }))).toBe(builtIn);
    expect(usualModel(site({ run: { ...run("finished"), model_id: away.id } }))).toBe(monai);
    expect(usualModel(site({ models: [away] }))).toBeUndefined();
  });

  test("that cannot be started says why", () => {
    const project = { state: "running", published_version: 1 } as Project;
    const why = (part: Partial<SitePreannotation>, of: Partial<Project> = {}) => whyNot({ ...project, ...of }, site(part));
    expect(why({})).toBeUndefined();
    expect(why({ models: [] })).toMatch(/no model yet/);
    expect(why({ models: [away] })).toMatch(/can be asked now/);
    expect(why({ tasks: 0 })).toMatch(/no task here/);
    expect(why({}, { published_version: null })).toMatch(/Publish/);
    expect(why({}, { state: "closed" })).toMatch(/closed/);
  });
});
